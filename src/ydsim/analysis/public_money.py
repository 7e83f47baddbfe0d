"""What policies cost in public, what one more result costs, and how much of an offer is taken up.

Money is what governments pay under the names of policies (table ``policy_costs``), yearly means in
100 million yuan at scale 1. Cost for each result is the difference in money over the difference
in results, with Fieller's interval. What a policy offers is what it pays and what it has left; one
that has nothing left and pays all that it is asked for pays on demand. Tables of older versions do
not say what is left; there only a joint R&D fund states what it offers:

    offered = strength(t) rate ((1 - residual) enterprise R&D + government R&D)     of the quarter

with the residual share of enterprise R&D outside the firms of the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ydsim.analysis.alternatives import Side
from ydsim.analysis.outcomes import Outcome
from ydsim.analysis.place_values import Reader
from ydsim.measures.effects import NO_INTERVAL, Effect, Interval, effect, fieller, without_rounding
from ydsim.policies.joint_fund import JointRdFund
from ydsim.policies.plain import policy_of
from ydsim.results.results import SERIES
from ydsim.typing import Bools, Columns, Floats, Ints

COSTS: Final = "policy_costs"
ALL: Final = "all policies"
JOINT_FUND: Final = "joint_rd_fund"
LEFT: Final = "left_over"
ON_DEMAND: Final = "paid on demand: all that was asked for was paid"


@dataclass(frozen=True)
class Cost:
    """What an instrument costs a year, 100 million yuan.

    Attributes
    ----------
    instrument
        Name of the policy in the scenario, or `ALL`.
    place
        Province that pays, or the whole region.
    effect
        Money of the base, of the other, and their difference.
    leaked
        Share of the other's money that is not spent on what it is paid for; NaN without any.
    """

    instrument: str
    place: str
    effect: Effect
    leaked: float


@dataclass(frozen=True)
class TakeUp:
    """How much of the money that a policy offers is taken.

    Attributes
    ----------
    instrument
        Name of the policy in the scenario.
    spent, offered
        100 million yuan a year; NaN where the tables do not say what is offered.
    share
        Spent over offered with its interval, which ends at 0 and at 1.
    why
        What is known, where there is no share.
    """

    instrument: str
    spent: float
    offered: float
    share: Interval
    why: str = ""


@dataclass(frozen=True)
class PerResult:
    """Public money for one more result, 100 million yuan; ``why`` says why there is none."""

    outcome: Outcome
    cost: Interval
    why: str = ""


def recorded(side: Side) -> bool:
    """Tell whether a side has a table of public money."""
    return side.results is not None and COSTS in side.results.manifest["tables"]


def costs(
    reader: Reader, base: Side, other: Side, years: tuple[int, int], replicates: Ints
) -> list[Cost]:
    """Return money by policy for the region, and of all policies for each province."""
    assert other.results is not None
    *places, whole = [str(place) for place in other.results.manifest["regions"]]
    names = list(dict.fromkeys([*base.scenario["policies"], *other.scenario["policies"]]))
    tables = [_paid(reader, side, years, replicates) for side in (base, other)]

    def cost(instruments: Sequence[str], label: str, where: Sequence[str], place: str) -> Cost:
        paid = [_sum(table, instruments, where, replicates, "amount") for table in tables]
        lost = _sum(tables[1], instruments, where, replicates, "leaked")
        span = years[1] - years[0] + 1
        total = float(paid[1].sum())
        return Cost(
            label, place, effect(paid[0] / span, without_rounding(paid[0], paid[1]) / span),
            float(lost.sum()) / total if total > 0.0 else float("nan"),
        )  # fmt: skip

    found = [cost(names, ALL, places, whole)]
    found += [cost(names, ALL, [place], place) for place in places]
    each = [cost([name], name, places, whole) for name in names]
    return found + [one for one in each if one.effect.plain or one.effect.changed]


def totals(
    reader: Reader, base: Side, other: Side, years: tuple[int, int], replicates: Ints
) -> tuple[Floats, Floats]:
    """Return the money of all policies a year by replicate, of the base and of the other."""
    names = list(dict.fromkeys([*base.scenario["policies"], *other.scenario["policies"]]))
    span = years[1] - years[0] + 1
    found = []
    for side in (base, other):
        assert side.results is not None
        places = [str(place) for place in side.results.manifest["regions"][:-1]]
        table = _paid(reader, side, years, replicates)
        found.append(_sum(table, names, places, replicates, "amount") / span)
    return found[0], found[1]


def _paid(reader: Reader, side: Side, years: tuple[int, int], replicates: Ints) -> Columns:
    assert side.results is not None
    table = reader.table(side.results, side.point, COSTS)
    if not table:
        return {}
    mine = _within(table, years) & np.isin(table["replicate"], replicates)
    return {name: column[mine] for name, column in table.items()}


def _within(table: Columns, years: tuple[int, int]) -> Bools:
    year = table["year"].astype(np.int64)
    found: Bools = (year >= years[0]) & (year <= years[1])
    return found


def _sum(
    table: Columns, instruments: Sequence[str], where: Sequence[str], replicates: Ints, what: str
) -> Floats:
    """Return a column added up by replicate."""
    total = np.zeros(len(replicates))
    if table:
        mine = np.isin(table["instrument"].astype(str), list(instruments))
        mine &= np.isin(table["region"].astype(str), list(where))
        at = np.searchsorted(replicates, table["replicate"][mine])
        np.add.at(total, at, table[what][mine].astype(np.float64))
    return total


def per_result(
    money: Sequence[Floats],
    results: Mapping[Outcome, tuple[Floats, Floats]],
    sure: Mapping[Outcome, bool],
) -> list[PerResult]:
    """Return public money for one more of each result.

    Parameters
    ----------
    money
        Of the base and of the other by replicate, 100 million yuan a year.
    results
        The same of each flow, for the whole region.
    sure
        Whether the change of a result is beyond zero when all tests are counted.
    """
    paid = effect(money[0], without_rounding(*money))
    found = []
    for outcome, (plain, changed) in results.items():
        gained = effect(plain, changed)
        why = _why_not(paid, gained, sure=sure[outcome])
        cost = NO_INTERVAL if why else fieller(money[1] - money[0], changed - plain)
        found.append(PerResult(outcome, cost, why))
    return found


def _why_not(paid: Effect, gained: Effect, *, sure: bool) -> str:
    """Return why there is no cost of a result; empty where there is one."""
    gap = paid.difference
    if gap.estimate == 0.0:
        return "public money is the same"
    if paid.n < 2:
        return "one replicate has no interval"
    if not gap.low > 0.0:
        return "less public money is paid" if gap.high < 0.0 else "public money may be the same"
    if not sure:
        return "may not have changed"
    return "" if gained.difference.low > 0.0 else "falls"


def take_up(reader: Reader, side: Side, years: tuple[int, int], replicates: Ints) -> list[TakeUp]:
    """Return spent and offered money of each policy of a side that pays any, or has any left."""
    table = _paid(reader, side, years, replicates)
    span = years[1] - years[0] + 1
    found = []
    assert side.results is not None
    places = [str(place) for place in side.results.manifest["regions"][:-1]]
    for name, settings in side.scenario["policies"].items():
        spent = _sum(table, [name], places, replicates, "amount") / span
        left = _sum(table, [name], places, replicates, LEFT) if LEFT in table else np.zeros(1)
        if not spent.any() and not left.any():
            continue
        if LEFT in table:
            found.append(_taken(table, name, places, replicates, span))
            continue
        nothing = TakeUp(name, float(spent.mean()), float("nan"), NO_INTERVAL,
                         "paid on demand: the tables do not say what is offered")  # fmt: skip
        if str(settings.get("policy") or name) != JOINT_FUND:
            found.append(nothing)
            continue
        offered = _offered(reader, side, settings, years, replicates)
        if offered is None:
            found.append(nothing)
            continue
        found.append(_share(name, spent, offered / span))
    return found


def _share(name: str, spent: Floats, offered: Floats) -> TakeUp:
    """Return the share taken up; an interval reaches no further than from nothing to all."""
    found = effect(offered, spent)
    share, low, high = (
        1.0 + end for end in (found.ratio.estimate, found.ratio.low, found.ratio.high)
    )
    ends = Interval(share, float(np.maximum(low, 0.0)), float(np.minimum(high, max(share, 1.0))))
    return TakeUp(name, float(spent.mean()), found.plain, ends)


def _taken(table: Columns, name: str, places: Sequence[str], replicates: Ints, span: int) -> TakeUp:
    """Return the take-up of a policy from tables that say what it was asked for and has left."""
    spent, asked, left = (
        _sum(table, [name], places, replicates, what) / span for what in ("amount", "asked", LEFT)
    )
    if not left.any() and np.allclose(asked, spent, rtol=1e-9, atol=0.0):
        return TakeUp(name, float(spent.mean()), float("nan"), NO_INTERVAL, ON_DEMAND)
    return _share(name, spent, spent + left)


def _offered(
    reader: Reader,
    side: Side,
    settings: Mapping[str, Any],
    years: tuple[int, int],
    replicates: Ints,
) -> Floats | None:
    """Return what a joint fund holds in the years, by replicate; None where it is not known."""
    assert side.results is not None
    if SERIES not in side.results.tables:
        return None
    try:
        fund = policy_of(JOINT_FUND, {**settings, "policy": JOINT_FUND})
        residual = float(side.scenario["parameters"]["invest"]["residual_share"])
    except (KeyError, TypeError, ValueError):  # of another version of ydsim
        return None
    assert isinstance(fund, JointRdFund)
    if fund.amount is not None:
        quarters = [year + q / 4.0 for year in range(years[0], years[1] + 1) for q in range(4)]
        held = sum(fund.amount / 4.0 * fund.strength_at(quarter) for quarter in quarters)
        return np.full(len(replicates), held)
    rate = fund.rate or 0.0
    table = reader.table(side.results, side.point, SERIES)
    mine = (table["region"] == side.results.manifest["regions"][-1]) & np.isin(
        table["replicate"], replicates
    )
    mine &= _within(table, years)
    time = table["year"].astype(np.float64) + (table["quarter"].astype(np.float64) - 1.0) / 4.0
    share = {"rd_funds_enterprise": 1.0 - residual, "rd_funds_government": 1.0}
    total = np.zeros(len(replicates))
    for name, factor in share.items():
        rows = np.flatnonzero(mine & (table["indicator"] == name))
        strength = np.array([fund.strength_at(float(t)) for t in time[rows].tolist()])
        at = np.searchsorted(replicates, table["replicate"][rows])
        np.add.at(total, at, rate * strength * factor * table["value"][rows].astype(np.float64))
    return total
