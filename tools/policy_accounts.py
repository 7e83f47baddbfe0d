"""Accounts of one policy: what it costs, who pays, what it brings, and where.

    python -m tools.policy_accounts --scenario baseline --policy rd_grants --replicates 10

Runs the scenario with the policy and with its strength at zero, over the same replicates, and
prints tables in markdown. A policy that the scenario does not list is added with its defaults.
Results per yuan are ratios of means over replicates, the change that the policy makes over the
public money entered under its name, each with its paired interval.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import numpy as np

from tools import page, pairs
from ydsim.fmt import markdown_table
from ydsim.measures.effects import Interval, around, difference, ratio, relative
from ydsim.policies.library import policies
from ydsim.record.public_finance import PAYERS
from ydsim.scenario.load import load_scenario
from ydsim.typing import Floats

WITH, WITHOUT = "with", "without"
LEAKED: Final = "leaked"
TABLES: Final = ("policy_costs",)

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


def measure(runs: pairs.Runs, policy: str) -> pairs.Values:
    """Return money by payer, leaks and outcomes, each by province, as ``name/province``."""
    money = runs.sums("policy_costs", ["instrument", "payer", "region"], ["amount", "leaked"])
    money = money[money["instrument"] == policy]
    series = runs.series(list(OUTCOMES.values()), "province")
    found = {}
    for province in runs.results.manifest["regions"][:-1]:
        here, made = (of[of["region"] == province] for of in (money, series))
        for payer in PAYERS:
            paid = here[here["payer"] == payer]
            found[f"{payer}/{province}"] = paid.groupby("run")["amount"].sum()
        found[f"{LEAKED}/{province}"] = here.groupby("run")["leaked"].sum()
        for name, indicator in OUTCOMES.items():
            found[f"{name}/{province}"] = made.groupby("run")[indicator].sum()
    return runs.by_setting(found)


def settings(scenario: str, policy: str) -> dict[str, dict[str, object]]:
    """Return what is laid over the scenario with the policy, which must exist, and without it."""
    listed = load_scenario(scenario).policies
    if policy not in listed and policy not in policies():
        known = ", ".join(sorted({*listed, *policies()}))
        raise SystemExit(f"there is no policy {policy}; known: {known}")
    if policy in listed:
        return {WITH: {}, WITHOUT: {f"policies.{policy}.strength": 0.0}}
    return {WITH: {f"policies.{policy}": {}}, WITHOUT: {f"policies.{policy}": {"strength": 0.0}}}


def total(values: pairs.Values, setting: str, names: Sequence[str], province: str = "") -> Floats:
    """Return the sum of variables of a province, or of the whole region, by replicate."""
    parts = [
        of
        for key, of in values[setting].items()
        if key.split("/")[0] in names and (not province or key.split("/")[1] == province)
    ]
    whole: Floats = np.sum(parts, axis=0)
    return whole


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


def as_markdown(values: pairs.Values, policy: str, head: Sequence[str]) -> str:
    """Return the accounts as a page, of which ``head`` says how it was made."""
    cost, leaked = (total(values, WITH, names) for names in (PAYERS, [LEAKED]))
    change = {n: total(values, WITH, [n]) - total(values, WITHOUT, [n]) for n in OUTCOMES}
    per = {name: per_money(cost, gained) for name, gained in change.items()}
    rows = [
        ("public money", pairs.figure(cost)),
        ("of this leaked", pairs.figure(leaked)),
        *((f"{name}, change per yuan", _text(per[name])) for name in PER_YUAN),
        ("private R&D is", verdict(per["private R&D"])),
        *((f"{name} gained per 100 million yuan", _text(per[name])) for name in PER_100M),
    ]
    table = []
    for province in (*dict.fromkeys(key.split("/")[1] for key in values[WITH]), ""):
        paid = [pairs.figure(total(values, WITH, [name], province)) for name in (*PAYERS, LEAKED)]
        both = [
            [total(values, setting, [name], province) for setting in (WITHOUT, WITH)]
            for name in OUTCOMES
        ]
        changes = [*(difference(*pair) for pair in both), relative(*both[-1]).times(100.0)]
        table.append([province or "*region*", *paid, *map(_text, changes)])
    columns = ["province", *PAYERS, LEAKED, *OUTCOMES, "value added, per cent"]
    return page(
        f"# Accounts of {policy}",
        *head,
        "Sums over all years at scale 1, money in 100 million yuan. Changes are with the policy "
        "less without, at strength zero. Public money is what the books enter under the name of "
        "the policy; taxes that come back are not set against it. Leaked is what is not spent on "
        "what it is paid for, relief on relabelled spending included.",
        pairs.INTERVALS,
        markdown_table(["account", "value"], rows),
        "## Who pays, who gains",
        markdown_table(columns, table),
    )


def _text(gap: Interval) -> str:
    return pairs.marked(gap, digits=4)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario="baseline", scale=0.05, end=2020, replicates=10)
    parser.add_argument("--policy", required=True)
    options = parser.parse_args(arguments)
    of = settings(options.scenario, options.policy)
    runs = pairs.run(f"accounts-{options.policy}", options, of, tables=TABLES)
    head = runs.head(pairs.command_of("policy_accounts", options))
    sys.stdout.write(as_markdown(measure(runs, options.policy), options.policy, head))


if __name__ == "__main__":
    main()
