"""Accounts of one policy: what it costs, who pays, what it brings, and where.

    python -m tools.policy_accounts SCENARIO --policy NAME --replicates 10 --workers 2

Runs the scenario with the policy and with its strength at zero, over the same replicates, and
prints tables in markdown. A policy that the scenario does not list is added with its defaults.
Results per yuan are ratios of means over replicates, the change that the policy makes over the
public money entered under its name, each with its paired interval.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from ydsim.analysis.paired import (
    Found,
    Job,
    Sums,
    by_setting,
    figure,
    options_of,
    run_jobs,
    version_line,
)
from ydsim.errors import UsageError
from ydsim.fmt import markdown_table
from ydsim.measures.effects import Interval, around, difference, ratio, relative
from ydsim.model import Model
from ydsim.policies.library import policies
from ydsim.record.public_finance import PAYERS, public_costs
from ydsim.scenario.load import load_scenario
from ydsim.typing import Floats

WITH, WITHOUT = "with", "without"

OUTCOMES: Final = {
    "private R&D": "rd_funds_enterprise",
    "relabelled R&D": "relabelled_rd",
    "inventions": "inventions",
    "launches": "launches",
    "value added": "value_added_secondary",
}
"""What is compared, with the indicator behind it."""

PER_YUAN: Final = ("private R&D", "relabelled R&D")
PER_100M: Final = ("inventions", "launches")

Values = Mapping[str, Mapping[str, Floats]]


def measure(model: Model, sums: Sums) -> Found:
    """Return public money and leaks by policy, payer and province, and outcomes by province."""
    provinces = model.world.provinces
    found = {
        f"{what}/{name}/{payer}/{province}": 0.0
        for what in ("paid", "leaked")
        for name in model.settings.policies
        for payer in PAYERS
        for province in provinces
    }
    for (_, name, payer), (paid, leaked) in public_costs(model.state).items():
        for at, province in enumerate(provinces):
            if f"paid/{name}/{payer}/{province}" in found:
                found[f"paid/{name}/{payer}/{province}"] += float(paid[at])
                found[f"leaked/{name}/{payer}/{province}"] += float(leaked[at])
    for outcome, indicator in OUTCOMES.items():
        total = model.recorder.series(indicator, "province").sum(axis=0)
        found |= {f"{outcome}/{p}": float(total[at]) for at, p in enumerate(provinces)}
    return found


def jobs(scenario: str, policy: str, changes: Mapping[str, object], replicates: int) -> list[Job]:
    """Return the runs, replicate after replicate, first with the policy and then without.

    Raises
    ------
    UsageError
        When the scenario has no such policy and none of that kind exists.
    """
    listed = load_scenario(scenario, changes).policies
    settled = dict(changes)
    if policy not in listed:
        if policy not in policies():
            known = ", ".join(sorted({*listed, *policies()}))
            raise UsageError(f"there is no policy {policy}; known: {known}")
        settled[f"policies.{policy}"] = {}
    same = tuple(settled.items())
    off = (*same, (f"policies.{policy}.strength", 0.0))
    return [
        Job(setting, scenario, changed, replicate)
        for replicate in range(replicates)
        for setting, changed in ((WITH, same), (WITHOUT, off))
    ]


def money(values: Values, policy: str, what: str, payer: str = "", province: str = "") -> Floats:
    """Return public money entered under the policy, or what leaked of it, by replicate."""
    parts = [
        column
        for name, column in values[WITH].items()
        if name.startswith(f"{what}/{policy}/")
        and name.split("/")[2] in ((payer,) if payer else PAYERS)
        and (not province or name.split("/")[3] == province)
    ]
    total: Floats = np.sum(parts, axis=0)
    return total


def outcome(values: Values, setting: str, name: str, province: str = "") -> Floats:
    """Return an outcome of a province, or of the whole region, by replicate."""
    total: Floats = np.sum(
        [
            column
            for key, column in values[setting].items()
            if key.split("/")[0] == name and (not province or key == f"{name}/{province}")
        ],
        axis=0,
    )
    return total


def per_money(cost: Floats, gained: Floats) -> Interval:
    """Return what is gained per unit of money, a ratio of means with its 95 per cent interval."""
    return around(*ratio(cost, gained), len(cost))


def verdict(gap: Interval) -> str:
    """Return in words whether private R&D was crowded in or out."""
    if np.isnan(gap.estimate):
        return "no public money under its name"
    if gap.includes_zero:
        return "neither in nor out: the interval holds zero"
    return "crowded in" if gap.estimate > 0.0 else "crowded out"


def _text(gap: Interval) -> str:
    if np.isnan(gap.estimate):
        return "-"
    found = f"{gap.estimate:+,.4g} [{gap.low:+,.4g}, {gap.high:+,.4g}]"
    return f"{found} **null**" if gap.includes_zero else found


def provinces_of(values: Values) -> list[str]:
    """Return the provinces in the order of the world."""
    first = next(iter(OUTCOMES))
    return [key.split("/")[1] for key in values[WITH] if key.split("/")[0] == first]


def as_markdown(
    values: Values, scenario: str, policy: str, changes: Mapping[str, object], command: str
) -> str:
    """Return the accounts as a page."""
    provinces = provinces_of(values)
    cost = money(values, policy, "paid")
    leaked = money(values, policy, "leaked")
    change = {
        name: outcome(values, WITH, name) - outcome(values, WITHOUT, name) for name in OUTCOMES
    }
    crowd = per_money(cost, change["private R&D"])
    rows = [
        ("public money", figure(cost.mean())),
        ("of this leaked", figure(leaked.mean())),
        *((f"{name}, change per yuan", _text(per_money(cost, change[name]))) for name in PER_YUAN),
        ("private R&D is", verdict(crowd)),
        *(
            (f"{name} gained per 100 million yuan", _text(per_money(cost, change[name])))
            for name in PER_100M
        ),
    ]
    lines = [
        f"# Accounts of {policy}",
        "",
        f"    {command}",
        "",
        f"Scenario `{scenario}`, {len(cost)} replicates with the policy and at strength zero,",
        "paired: the same seed and replicate.",
        version_line(scenario, changes),
        "",
        "Sums over all years at scale 1, money in 100 million yuan. Changes are with the policy",
        "less without; in brackets the 95 per cent interval (t distribution, paired by replicate);",
        "**null** where it holds zero. Public money is what the books enter under the name of",
        "the policy; taxes that come back are not set against it. Leaked is what is not spent on",
        "what it is paid for, relief on relabelled spending included.",
        "",
        *markdown_table(["account", "value"], rows),
        "",
        "## Who pays, who gains",
        "",
    ]
    table = []
    for province in (*provinces, ""):
        paid = [figure(money(values, policy, "paid", payer, province).mean()) for payer in PAYERS]
        lost = figure(money(values, policy, "leaked", "", province).mean())
        pairs = [
            [outcome(values, setting, name, province) for setting in (WITHOUT, WITH)]
            for name in OUTCOMES
        ]
        share = relative(*pairs[-1]).times(100.0)
        cells = [*paid, lost, *(_text(difference(*pair)) for pair in pairs), _text(share)]
        table.append([province or "*region*", *cells])
    head = ["province", *PAYERS, "leaked", *OUTCOMES, "value added, per cent"]
    lines += markdown_table(head, table)
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = options_of(__doc__, scale=0.05, end=2020, replicates=10)
    parser.add_argument("scenario", nargs="?", default="baseline")
    parser.add_argument("--policy", required=True)
    options = parser.parse_args(arguments)
    changes = {"scale": options.scale, "end": options.end}
    try:
        todo = jobs(options.scenario, options.policy, changes, options.replicates)
    except UsageError as error:
        parser.error(str(error))
    found = run_jobs(measure, todo, workers=options.workers, keep=options.keep)
    command = (
        f"python -m tools.policy_accounts {options.scenario} --policy {options.policy} "
        f"--scale {options.scale:g} --end {options.end} --replicates {options.replicates}"
    )
    values = by_setting(todo, found)
    laid = dict(todo[0].changes)
    page = as_markdown(values, options.scenario, options.policy, laid, command)
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
