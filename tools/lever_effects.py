"""What each lever does: off against the upper end of its range, in pairs.

    python -m tools.lever_effects > docs/lever-effects.md

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
import pandas as pd

from tools import page, pairs
from tools.sense import ENOUGH
from ydsim.fmt import markdown_table
from ydsim.measures.effects import Interval, difference, effect, fieller
from ydsim.policies.base import CORRIDORS
from ydsim.policies.money import b_index
from ydsim.typing import Floats
from ydsim.world.loader import load_world

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
    """A policy at the strong end of its range, and the measure that it moves itself.

    ``needs`` is another lever that is in force with it and without it: the one it works on.
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
    Lever("border_friction", "links between provinces, expected", {"passes": "x4"}),
    Lever("membership", "links between provinces, expected", {"passes": 4.0}),
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


FOR_MONEY: Final = ("launches", "inventions", "R&D of firms", "contract value")
"""Outcomes that are also shown for each 100 million yuan."""


READINGS: Final = (
    ("travel_time", "joint patents up; firms at the fringe lose", ANHUI,
     "a little of it: cores gain more from what comes within reach; the siphon of the lever is 0 "
     "here"),
    ("science_centres", "little effect on transfer", "contract value",
     "results that science cannot carry on are all offered, and firms take them"),
    ("talent_mobility", "inventions at home up, neighbours held back", "inventions",
     "of the whole region, where it cancels: who gains is in docs/signs.md"),
    ("media_coverage", "sign contested", "R&D of firms",
     "through innovative sales alone"),
    ("media_coverage", "sign contested", "adoption half-time",
     "it is taken to half of those who adopt, and coverage makes firms adopt that adopt late"),
    ("industrial_transfer", "regions that receive grow faster", ANHUI,
     "firms that move bring what they sell"),
    ("border_friction", "ties across borders up", "contract value",
     "partners inside the region take the place of those in the rest of the nation, who answer in "
     "kind"),
    ("membership", "contested: up and down", "inventions",
     "what members know passes their borders, beside partners; no rule turns the sign"),
    ("corridor", "patent trade inside up", "co-inventions between provinces",
     "pulls between members"),
)  # fmt: skip
"""Levers of which effects or signs are published: what is, the outcome beside it, and the cause."""


TOTALS: Final = {
    "co-inventions": "coinventions",
    "value from science": "contract_value_from_science",
    "moves of researchers": "talent_in",
    "moves of researchers across provinces": "talent_cross_province",
    "introductions by brokers": "introductions",
    "relocations": "relocations_out",
    "inventions begun by universities": "university_inventions",
    "R&D of firms": "rd_funds_enterprise",
    "inventions": "inventions",
    "launches": "launches",
    "co-inventions between provinces": "coinventions_interprovince",
}
"""Variables that are sums of an indicator of the region."""

TABLES: Final = ("contracts", "adoption_curves", "generations", "policy_costs")
MADE: Final = "value_added_secondary"


def measure(runs: pairs.Runs, scale: float) -> pairs.Values:
    """Return proximate variables and outcomes from the start of levers on."""
    series = runs.series([*TOTALS.values(), "relabelled_rd", "productivity_log", MADE], first=START)
    total = series.groupby("run")
    last = series[series["year"] == series["year"].max()].groupby("run")
    made = runs.series([MADE], "province", first=int(series["year"].max()))
    anhui = made[made["region"] == "Anhui"].groupby("run")[MADE].sum()
    sold, across = runs.contracts(["number", "value"], first=START)
    return runs.by_setting(
        {name: total[of].sum() for name, of in TOTALS.items()}
        | links(runs)
        | {
            "adoptions through cells": runs.number("adoption", "channel", "cell", START) / scale,
            PUBLIC_COST: public_cost(runs, "tried_"),
            FUND_COST: public_cost(runs, f"tried_{FUND}"),
            REPORTED: last["rd_funds_enterprise"].sum() + last["relabelled_rd"].sum(),
            "contract value": sold["value"],
            BORDER_SHARE: across["value"] / sold["value"],
            "adoption half-time": runs.half_times(ENOUGH / scale),
            LOG_PRODUCTIVITY: last["productivity_log"].mean(),
            "secondary value added, last year": last[MADE].sum(),
            ANHUI: anhui / last[MADE].sum(),
        }
    )


def links(runs: pairs.Runs) -> dict[str, pd.Series[float]]:
    """Return links between cities of the region from the start of levers on, by run."""
    ties = runs.sums(
        "ties", ["channel", "from_city", "to_city"], ["realised", "expected"], f"year >= {START}"
    ).query("from_city != to_city and from_city != 'outside' and to_city != 'outside'")
    world = load_world(runs.results.scenario.world)
    province = dict(zip(world.city_names, world.city_province.tolist(), strict=True))
    across = ties["from_city"].map(province) != ties["to_city"].map(province)
    inside = ties["from_city"].isin(CORRIDORS["g60"]) & ties["to_city"].isin(CORRIDORS["g60"])
    chosen = ties["channel"].isin(("co-invention", "contract"))

    def total(of: pd.Series[bool], column: str = "expected") -> pd.Series[float]:
        return ties[of].groupby("run")[column].sum()

    return {
        "links between provinces, expected": total(chosen & across),
        "links inside the G60 corridor, expected": total(chosen & inside),
        "links between cities, expected": total(chosen),
        "facilities used across provinces": total(
            (ties["channel"] == "shared facility") & across, "realised"
        ),
    }


def public_cost(runs: pairs.Runs, begins: str) -> pd.Series[float]:
    """Return what governments paid under policies whose name begins so, 100m_rmb, by run."""
    paid = runs.sums("policy_costs", ["instrument"], ["amount"])
    return paid[paid["instrument"].str.startswith(begins)].groupby("run")["amount"].sum()


def settings() -> dict[str, dict[str, object]]:
    """Return what is laid over the scenario in each setting."""
    of = {lever.policy: lever for lever in LEVERS}
    found: dict[str, dict[str, object]] = {OFF: {}}
    for lever in LEVERS:
        base = {} if lever.needs == OFF else dict(of[lever.needs].changes)
        found[lever.policy] = {**base, **dict(lever.changes)}
    return found


def change(plain: Mapping[str, Floats], changed: Mapping[str, Floats], name: str) -> Interval:
    """Return what changes in a variable, in per cent of its plain mean; money as it is.

    Logs change in hundredths and shares in hundredths of their unit.
    """
    if name in (PUBLIC_COST, FUND_COST):
        return difference(plain[name], changed[name])
    absolute = (LOG_PRODUCTIVITY, BORDER_SHARE, ANHUI)
    found = effect(plain[name], changed[name], amount=name not in absolute)
    return (found.difference if name in absolute else found.ratio).times(100.0)


def as_markdown(values: pairs.Values, head: Sequence[str]) -> str:
    """Return the page ``docs/lever-effects.md``, of which ``head`` says how it was made."""
    off = values[OFF]
    changes = {
        one.policy: {n: change(values[one.needs], values[one.policy], n) for n in OUTCOMES}
        for one in LEVERS
    }
    return page(
        "# What each lever does",
        "Each lever at the strong end of its range, against the same without it. Made by",
        *head,
        f"Levers are in force from {START} on. Figures are sums from {START} on for the whole "
        "region, at scale 1, unless a year is named; money in 100 million yuan. A half-time is the "
        "time to half of those who have adopted by the end, in years.",
        "Changes are in per cent of the mean without the lever; of log productivity and of the two "
        "shares in hundredths (points); of public cost in 100 million yuan.",
        pairs.INTERVALS,
        "## What each moves itself",
        markdown_table(
            ["lever", "settings", "variable", "without", "change", "public cost"],
            [_proximate(lever, values) for lever in LEVERS],
        ),
        "## What becomes of the region",
        *pairs.outcomes_of(off, changes, "lever"),
        *_for_money(values),
        *_envelope(values),
    )


def for_money(plain: Mapping[str, Floats], changed: Mapping[str, Floats], name: str) -> str:
    """Return what changes for each 100 million yuan, with Fieller's interval, or why not."""
    paid = changed[PUBLIC_COST] - plain[PUBLIC_COST]
    if not paid.any():
        return "no cost counted"
    gap = difference(plain[PUBLIC_COST], changed[PUBLIC_COST])
    if not gap.low > 0.0:
        return "less is paid" if gap.high < 0.0 else "cost may be the same"
    return pairs.marked(fieller(changed[name] - plain[name], paid))


def _for_money(values: pairs.Values) -> list[str]:
    """Return the section that ranks levers by launches for each 100 million yuan."""
    rows = []
    for lever in LEVERS:
        plain, changed = values[lever.needs], values[lever.policy]
        paid = changed[PUBLIC_COST] - plain[PUBLIC_COST]
        gained = float((changed["launches"] - plain["launches"]).mean())
        cells = [for_money(plain, changed, name) for name in FOR_MONEY]
        rank = gained / paid.mean() if cells[0].endswith(("]", "**null**")) else -np.inf
        rows.append((float(rank), [lever.policy, pairs.figure(paid), *cells]))
    rows.sort(key=lambda row: -row[0])
    return [
        "## What each brings for public money",
        "For each 100 million yuan, with Fieller's interval; ranked by launches. *No cost "
        "counted*: the model counts no public cost for the lever, which does not make it free.",
        "\n".join(
            markdown_table(["lever", "public cost", *FOR_MONEY], [cells for _, cells in rows])
        ),
    ]


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


def _envelope(values: pairs.Values) -> list[str]:
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
        "Of the other levers no effect size is published.",
        "\n".join(
            markdown_table(
                ["lever", "published", "here", "change", "why"],
                [[*names, pairs.marked(gap), why] for *names, gap, why in rows],
            )
        ),
    ]


def _proximate(lever: Lever, values: pairs.Values) -> list[str]:
    plain, changed = values[lever.needs], values[lever.policy]
    settings = ", ".join(f"{key} {value}" for key, value in lever.settings.items())
    if lever.needs != OFF:
        settings += f", beside {lever.needs}"
    gap = pairs.marked(change(plain, changed, lever.proximate))
    cost = pairs.figure(changed[PUBLIC_COST] - plain[PUBLIC_COST])
    return [
        lever.policy,
        settings,
        lever.proximate,
        pairs.figure(plain[lever.proximate]),
        gap,
        cost,
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run everything and print the page."""
    parser = pairs.parser_of(__doc__, scenario=BASELINE, scale=0.05, end=2030, replicates=10)
    options = parser.parse_args(arguments)
    runs = pairs.run("lever-effects", options, settings(), ties=True, adoption=True, tables=TABLES)
    head = runs.head(pairs.command_of("lever_effects", options))
    sys.stdout.write(as_markdown(measure(runs, options.scale), head))


if __name__ == "__main__":
    main()
