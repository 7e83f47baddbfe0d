"""What each lever does: off against the upper end of its range, in pairs.

    python -m tools.lever_effects --workers 2 > docs/lever-effects.md

Runs ``baseline_2018``, in which nothing changes after 2018, and the same once more with each lever
at the strong end of what is discussed, from 2019 on, over the same replicates; prints what the
lever moves itself (its proximate variable) and what becomes of the region.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tools.actors import marked
from tools.sense import observed_curves
from ydsim.agents.state import BY_CELL
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
from ydsim.fmt import markdown_table
from ydsim.measures.diffusion import half_time
from ydsim.measures.effects import Interval, difference, relative
from ydsim.measures.user_cost import b_index
from ydsim.model import Model
from ydsim.policies.base import CORRIDORS
from ydsim.scenario.load import load_scenario
from ydsim.typing import Floats

BASELINE: Final = "baseline_2018"
START: Final = 2019
OFF: Final = "off"

FUND: Final = "joint_rd_fund"
PUBLIC_COST: Final = "public cost of the lever"
FUND_COST: Final = "public cost of joint funds"
REPORTED: Final = "reported R&D of firms, last year"
ANHUI: Final = "Anhui's share of value added, last year"
LOG_PRODUCTIVITY: Final = "log productivity, last year"
BORDER_SHARE: Final = "cross-province share of contracts"


@dataclass(frozen=True)
class Lever:
    """One lever at the strong end of its range.

    Attributes
    ----------
    policy
        Name of the policy.
    proximate
        Name of the measure that it moves itself.
    settings
        Parameters of the policy.
    needs
        Another lever that is in force with it and without it: the one it works on.
    """

    policy: str
    proximate: str
    settings: dict[str, object] = field(default_factory=dict)
    needs: str = OFF

    @property
    def changes(self) -> tuple[tuple[str, object], ...]:
        """What is laid over the scenario, by dotted key."""
        path = f"policies.{self.name}"
        given = {"policy": self.policy, "strength": 1.0, "start": float(START), **self.settings}
        return tuple((f"{path}.{key}", value) for key, value in given.items())

    @property
    def name(self) -> str:
        """Name in the scenario, apart from policies that it has already."""
        return f"tried_{self.policy}"


TAX: Final = 0.25
"""Profit tax in the user cost, as the lever has it."""

DEDUCTION: Final = (0.75, 1.0)
"""Deduction of the scenario and the one that is tried."""

LEVERS: Final = (
    Lever("border_friction", "links between provinces, expected", {"level": 0.3}),
    Lever("membership", "links between provinces, expected", {"relief": 0.6}),
    Lever("corridor", "links inside the G60 corridor, expected", {"tie_factor": 2.5}),
    Lever("joint_rd_fund", PUBLIC_COST, {"rate": 0.005}),
    Lever("open_bids", FUND_COST, {"share": 1.0}, needs=FUND),
    Lever("consortia", "co-inventions", {"number": 60, "size": 20}),
    Lever("instrument_sharing", "facilities used across provinces", {"open": 1.0}),
    Lever("innovation_voucher", "value from science", {"take_up": 1.0}),
    Lever("rd_grants", "R&D of firms", {"rate": 0.3}),
    Lever(
        "super_deduction",
        "R&D of firms",
        dict(zip(("before", "deduction"), DEDUCTION, strict=True)),
    ),
    Lever("travel_time", "links between cities, expected", {"scale": 0.5}),
    Lever("talent_mobility", "moves of researchers", {"mobility": 0.05}),
    Lever("intermediaries", "introductions by brokers", {"per_1000_firms": 10.0}),
    Lever("industrial_transfer", "relocations", {"hazard": 0.03}),
    Lever("media_coverage", "adoptions through cells", {"broadcast": 0.3}),
    Lever("science_centres", "inventions begun by universities", {"productivity": 1.5}),
    Lever("mutual_recognition", "moves of researchers across provinces", {"share": 1.0}),
    Lever("cost_sharing", PUBLIC_COST, {"cost_share": 0.5}),
)
"""All levers, in the order of the list of levers."""

OUTCOMES: Final = (
    "R&D of firms",
    "inventions",
    "launches",
    "contract value",
    BORDER_SHARE,
    "co-inventions between provinces",
    "adoption half-time",
    LOG_PRODUCTIVITY,
    "secondary value added, last year",
    ANHUI,
)


READINGS: Final = (
    ("travel_time", "joint patents up; firms at the fringe lose", ANHUI,
     "no siphon in this setting; the lever has one"),
    ("science_centres", "little effect on transfer", "contract value",
     "results that science cannot carry on are all offered, and firms take them"),
    ("talent_mobility", "inventions at home up, neighbours held back", "inventions",
     "of the whole region: who gains is in docs/signs.md; why the total falls was not "
     "investigated"),
    ("media_coverage", "sign contested", "R&D of firms",
     "through innovative sales; a slant of either sign is a setting, here 0"),
    ("media_coverage", "sign contested", "adoption half-time",
     "it is taken to half of those who adopt, and coverage makes more firms adopt late"),
    ("industrial_transfer", "regions that receive grow faster", ANHUI,
     "firms that arrive take sales from those that are there"),
    ("border_friction", "ties across borders up", "contract value",
     "partners inside the region take the place of those in the rest of the nation, who answer in "
     "kind"),
    ("membership", "contested: up and down", "inventions",
     "ties bring partners, not researchers; rivalry, which turns the sign, is 0 here"),
    ("corridor", "patent trade inside up", "co-inventions between provinces",
     "pulls between members"),
)  # fmt: skip
"""Levers of which effects or signs are published: what is, the outcome beside it, and the cause."""


class Years:
    """Series from the start of the levers on."""

    def __init__(self, model: Model) -> None:
        self._series = model.recorder.series
        self._first = max(0, 4 * (START - model.settings.start))

    def total(self, name: str) -> float:
        """Return the sum over region and quarters."""
        return float(self._series(name)[self._first :].sum())

    def last(self, name: str) -> float:
        """Return the sum over the region and the last year."""
        return float(self._series(name)[-4:].sum())


def measure(model: Model, sums: Sums) -> Found:
    """Return proximate variables and outcomes of a finished run from the start of levers on."""
    years, world = Years(model), model.world
    n, of = world.n_provinces, world.city_province
    value = sums.contracts["value"]
    inside = value[:n, :n]
    halves = [half_time(time, adopters) for time, adopters in observed_curves(model)]
    links = sums.links["co_invention"] + sums.links["contract"]
    expected = links[1, :-1, :-1]
    facility = sums.links["shared_facility"][0, :-1, :-1]
    across = of[:, None] != of[None, :]
    apart = ~np.eye(len(of), dtype=np.bool_)
    member = np.isin(world.city_names, CORRIDORS["g60"])
    corridor = member[:, None] & member[None, :] & apart
    added = model.recorder.series("value_added_secondary", "province")[-4:].sum(axis=0)
    anhui = world.provinces.index("Anhui")
    return {
        "links between provinces, expected": float(expected[across].sum()),
        "links inside the G60 corridor, expected": float(expected[corridor].sum()),
        "links between cities, expected": float(expected[apart].sum()),
        "facilities used across provinces": float(facility[across].sum()),
        "co-inventions": years.total("coinventions"),
        "value from science": years.total("contract_value_from_science"),
        "moves of researchers": years.total("talent_in"),
        "moves of researchers across provinces": years.total("talent_cross_province"),
        "introductions by brokers": years.total("introductions"),
        "relocations": years.total("relocations_out"),
        "adoptions through cells": float(sums.adoptions[BY_CELL]),
        "inventions begun by universities": years.total("university_inventions"),
        PUBLIC_COST: public_cost(model, "tried_"),
        FUND_COST: public_cost(model, f"tried_{FUND}"),
        "R&D of firms": years.total("rd_funds_enterprise"),
        REPORTED: float(years.last("rd_funds_enterprise") + years.last("relabelled_rd")),
        "inventions": years.total("inventions"),
        "launches": years.total("launches"),
        "contract value": float(value[:n].sum()),
        BORDER_SHARE: float((inside.sum() - np.trace(inside)) / value[:n].sum()),
        "co-inventions between provinces": years.total("coinventions_interprovince"),
        "adoption half-time": float(np.median(halves)) if halves else float("nan"),
        LOG_PRODUCTIVITY: float(model.recorder.series("productivity_log")[-4:].mean()),
        "secondary value added, last year": float(added.sum()),
        ANHUI: float(added[anhui] / added.sum()),
    }


def public_cost(model: Model, begins: str) -> float:
    """Return what governments paid under flows whose name begins so, 100m_rmb at scale 1."""
    paid = (
        float(entry.amount.sum())
        for entry in model.state.ledger.entries
        if entry.flow.startswith(begins) and entry.payer in ("central", "provinces", "cities")
        if entry.receiver not in ("central", "provinces", "cities")
    )
    return sum(paid) / model.settings.scale


def jobs(scenario: str, changes: Mapping[str, object], replicates: int, start: int) -> list[Job]:
    """Return the runs, replicate after replicate, the one without any lever first."""
    same = tuple(changes.items())
    of = {lever.policy: lever for lever in LEVERS}
    settings = {OFF: same}
    for lever in LEVERS:
        base = () if lever.needs == OFF else of[lever.needs].changes
        settings[lever.policy] = (*same, *base, *lever.changes)
    return [
        Job(setting, scenario, changed, replicate, since=4 * (START - start))
        for replicate in range(replicates)
        for setting, changed in settings.items()
    ]


def change(plain: Mapping[str, Floats], changed: Mapping[str, Floats], name: str) -> Interval:
    """Return what changes in a variable, in per cent of its plain mean; money as it is.

    Logs change in hundredths and shares in hundredths of their unit.
    """
    if name in (PUBLIC_COST, FUND_COST):
        return difference(plain[name], changed[name])
    absolute = (LOG_PRODUCTIVITY, BORDER_SHARE, ANHUI)
    compare = difference if name in absolute else relative
    return compare(plain[name], changed[name]).times(100.0)


def as_markdown(
    values: Mapping[str, Mapping[str, Floats]],
    scenario: str,
    changes: Mapping[str, object],
    command: str,
) -> str:
    """Return the page ``docs/lever-effects.md``."""
    off = values[OFF]
    replicates = len(off[OUTCOMES[0]])
    rows = [
        [change(values[lever.needs], values[lever.policy], name) for name in OUTCOMES]
        for lever in LEVERS
    ]
    known = [gap for row in rows for gap in row if not np.isnan(gap.estimate)]
    idle = [
        lever.policy
        for lever, row in zip(LEVERS, rows, strict=True)
        if all(gap.includes_zero for gap in row if not np.isnan(gap.estimate))
    ]
    cells = [["*off*", *(figure(float(off[name].mean())) for name in OUTCOMES)]]
    cells += [[one.policy, *map(marked, row)] for one, row in zip(LEVERS, rows, strict=True)]
    lines = [
        "# What each lever does",
        "",
        "Each lever at the strong end of its range, against the same without it. Made by",
        "",
        f"    {command}",
        "",
        f"Scenario `{scenario}`, {replicates} replicates of each setting, paired: the same seed",
        f"and replicate with the lever, from {START} on, and without it. Figures are sums from",
        f"{START} on for the whole region, at scale 1, unless a year is named; money in 100",
        "million yuan. A half-time is the time to half of those who have adopted by the end, in",
        "years.",
        version_line(scenario, changes),
        "",
        "Changes are in per cent of the mean without the lever; of log productivity and of the two",
        "shares in hundredths (points); of public cost in 100 million yuan. In brackets the 95 per",
        "cent interval (t distribution, paired by replicate); **null** where it holds zero: these",
        "replicates show no effect. Intervals are taken one by one: of twenty without any effect",
        "one misses zero by chance.",
        "",
        "## What each moves itself",
        "",
        *markdown_table(
            ["lever", "settings", "variable", "without", "change", "public cost"],
            [_proximate(lever, values) for lever in LEVERS],
        ),
        "",
        "## What becomes of the region",
        "",
        *markdown_table(["lever", *OUTCOMES], cells),
        "",
        f"{sum(gap.includes_zero for gap in known)} of {len(known)} intervals hold zero. Levers "
        f"of which no outcome differs: {', '.join(idle) if idle else 'none'}.",
        "",
        *_envelope(values),
    ]
    return "\n".join(lines) + "\n"


def additionality(plain: Mapping[str, Floats], changed: Mapping[str, Floats]) -> Interval:
    """Return own R&D of firms gained for each yuan of public money."""
    gained = changed["R&D of firms"] - plain["R&D of firms"]
    paid = changed[PUBLIC_COST] - plain[PUBLIC_COST]
    return difference(np.zeros(len(paid)), gained / paid)


def elasticity(plain: Mapping[str, Floats], changed: Mapping[str, Floats]) -> Interval:
    """Return minus the elasticity of reported R&D of the last year to the user cost."""
    cost = b_index(TAX, DEDUCTION[1]) / b_index(TAX, DEDUCTION[0])
    rise = np.log(changed[REPORTED] / plain[REPORTED])
    return difference(np.zeros(len(rise)), rise / -np.log(cost))


def _envelope(values: Mapping[str, Mapping[str, Floats]]) -> list[str]:
    """Return the section that holds effects beside published ones."""
    off = values[OFF]
    rows = [
        ("rd_grants", "-.5 to +4.5 yuan of own R&D for each public yuan", "own R&D for each yuan",
         additionality(off, values["rd_grants"]),
         "a prior of .3 on what does not leak, reached slowly"),
        ("super_deduction", "elasticity of reported R&D of .34 to 2.05",
         "elasticity of the last year",
         elasticity(off, values["super_deduction"]),
         "the long run is the prior; real R&D closes 12 per cent of its gap a year"),
        *((policy, published, name, change(off, values[policy], name), why)
          for policy, published, name, why in READINGS),
    ]  # fmt: skip
    return [
        "## Beside what is published",
        "",
        "Of the other levers no effect size is published.",
        "",
        *markdown_table(
            ["lever", "published", "here", "change", "why"],
            [[*names, marked(gap), why] for *names, gap, why in rows],
        ),
    ]


def _proximate(lever: Lever, values: Mapping[str, Mapping[str, Floats]]) -> list[str]:
    plain, changed = values[lever.needs], values[lever.policy]
    settings = ", ".join(f"{key} {value}" for key, value in lever.settings.items())
    if lever.needs != OFF:
        settings += f", beside {lever.needs}"
    gap = marked(change(plain, changed, lever.proximate))
    cost = float((changed[PUBLIC_COST] - plain[PUBLIC_COST]).mean())
    level = figure(float(plain[lever.proximate].mean()))
    return [lever.policy, settings, lever.proximate, level, gap, figure(cost)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = options_of(__doc__, scale=0.05, end=2030, replicates=10)
    parser.add_argument("--scenario", default=BASELINE)
    options = parser.parse_args(arguments)
    changes = {"scale": options.scale, "end": options.end}
    start = load_scenario(options.scenario, changes).start
    todo = jobs(options.scenario, changes, options.replicates, start)
    found = run_jobs(measure, todo, workers=options.workers, keep=options.keep)
    command = (
        f"python -m tools.lever_effects --scenario {options.scenario} "
        f"--scale {options.scale:g} --end {options.end} --replicates {options.replicates}"
    )
    page = as_markdown(by_setting(todo, found), options.scenario, changes, command)
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
