"""What policies cost in public, what one more result costs, and how much of an offer is taken up.

Money is what governments pay under the names of policies (table ``policy_costs``), yearly means in
100 million yuan at scale 1. Cost for each result is the difference in money over the difference
in results, with Fieller's interval. What a policy offers is what it pays and what it has left; one
that has nothing left and pays all that it is asked for pays on demand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ydsim.measures.effects import NO_INTERVAL, Effect, Interval, effect, fieller, without_rounding
from ydsim.results.compare import Alternative, Compared, Pair, interval_columns, period_values
from ydsim.results.cube import Outcome
from ydsim.typing import Columns, Floats, Ints

COSTS: Final = "policy_costs"
ALL: Final = "all policies"
LEFT: Final = "left_over"
ON_DEMAND: Final = "paid on demand: all that was asked for was paid"
NOT_SAID: Final = "paid on demand: the tables do not say what is offered"


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


@dataclass(frozen=True)
class Money:
    """Public money of one alternative beside the base; empty where it was not recorded.

    Attributes
    ----------
    costs
        Of all policies, for the region and each province, then of each policy.
    per_result
        Cost of one more of each flow.
    take_up
        Of each policy that pays, or has money left.
    """

    alternative: str
    costs: tuple[Cost, ...] = ()
    per_result: tuple[PerResult, ...] = ()
    take_up: tuple[TakeUp, ...] = ()

    @property
    def cost_rows(self) -> list[dict[str, Any]]:
        """Rows of the table of costs."""
        return [
            {
                "alternative": self.alternative,
                "instrument": one.instrument,
                "place": one.place,
                "base_mean": one.effect.plain,
                "mean": one.effect.changed,
                **interval_columns("", one.effect.difference),
                "leaked_share": one.leaked,
            }
            for one in self.costs
        ]

    @property
    def per_result_rows(self) -> list[dict[str, Any]]:
        """Rows of the table of costs of one more result."""
        return [
            {
                "alternative": self.alternative,
                "outcome": one.outcome.name,
                "unit": f"100m_rmb for each of {one.outcome.unit}",
                **interval_columns("", one.cost),
                "why_not": one.why,
            }
            for one in self.per_result
        ]

    @property
    def take_up_rows(self) -> list[dict[str, Any]]:
        """Rows of the table of take-up."""
        return [
            {
                "alternative": self.alternative,
                "instrument": one.instrument,
                "spent": one.spent,
                "offered": one.offered,
                **interval_columns("", one.share),
                "why_not": one.why,
            }
            for one in self.take_up
        ]


def money_of(found: Compared) -> tuple[Money, ...]:
    """Return public money of each pair of a comparison, in its order."""
    return tuple(_money(found, pair) for pair in found.pairs)


def _money(found: Compared, pair: Pair) -> Money:
    base, other = found.base, pair.alternative
    if any(COSTS not in one.run.manifest["tables"] for one in (base, other)):
        return Money(other.name)
    paid = [_Paid(one, found.years, pair.replicates) for one in (base, other)]
    names = list(dict.fromkeys([*base.scenario["policies"], *other.scenario["policies"]]))
    flows = [one for one in found.outcomes if one.kind == "flow"]
    sure = {
        row.outcome: row.significant
        for row in found.rows
        if row.alternative == other.name and row.level == "region" and row.outcome in flows
    }
    results = _region(found, pair, list(sure))
    return Money(
        other.name,
        tuple(_costs(paid, names)),
        tuple(_per_result([each.total(names) for each in paid], results, sure)),
        tuple(_take_up(paid[1], other)),
    )


class _Paid:
    """Rows of ``policy_costs`` of one alternative, years and replicates."""

    def __init__(self, alternative: Alternative, years: tuple[int, int], replicates: Ints) -> None:
        table = alternative.run.columns(COSTS)
        self.span = years[1] - years[0] + 1
        self.replicates = replicates
        *self.provinces, self.whole = map(str, alternative.run.manifest["regions"])
        self.table: Columns = {}
        if table:
            year = table["year"].astype(np.int64)
            mine = (table["point"] == alternative.point) & (year >= years[0]) & (year <= years[1])
            mine &= np.isin(table["replicate"], replicates)
            self.table = {name: column[mine] for name, column in table.items()}

    def sum(self, instruments: Sequence[str], places: Sequence[str], what: str) -> Floats:
        """Return a column added up over the years, by replicate."""
        if not self.table:
            return np.zeros(len(self.replicates))
        mine = np.isin(self.table["instrument"].astype(str), list(instruments))
        mine &= np.isin(self.table["region"].astype(str), list(places))
        at = np.searchsorted(self.replicates, self.table["replicate"][mine])
        values = self.table[what][mine].astype(np.float64)
        return np.bincount(at, values, minlength=len(self.replicates)).astype(np.float64)

    def total(self, instruments: Sequence[str], what: str = "amount") -> Floats:
        """Return money of instruments of the whole region a year, by replicate."""
        return self.sum(instruments, self.provinces, what) / self.span


def _costs(paid: Sequence[_Paid], names: Sequence[str]) -> list[Cost]:
    """Return money of all policies, for the region and each province, then of each policy."""
    plain, changed = paid

    def cost(instruments: Sequence[str], label: str, where: Sequence[str], place: str) -> Cost:
        x, y = (each.sum(instruments, where, "amount") for each in paid)
        lost, total = changed.sum(instruments, where, "leaked"), float(y.sum())
        found = effect(x / plain.span, without_rounding(x, y) / plain.span)
        return Cost(label, place, found, float(lost.sum()) / total if total > 0.0 else np.nan)

    places, whole = changed.provinces, changed.whole
    found = [cost(names, ALL, places, whole)]
    found += [cost(names, ALL, [place], place) for place in places]
    each = [cost([name], name, places, whole) for name in names]
    return found + [one for one in each if one.effect.plain or one.effect.changed]


def _region(
    found: Compared, pair: Pair, outcomes: Sequence[Outcome]
) -> dict[Outcome, tuple[Floats, Floats]]:
    """Return values of the whole region of both sides, by replicate."""
    if not outcomes:
        return {}
    both = (found.base, pair.alternative)
    region = str(found.base.run.manifest["regions"][-1])
    tables = [
        table.xs(region, level="place").reindex(pair.replicates)
        for table in period_values(both, "province", outcomes, found.years)
    ]
    return {
        one: (tables[0][one.name].to_numpy(), tables[1][one.name].to_numpy()) for one in outcomes
    }


def _per_result(
    money: Sequence[Floats],
    results: Mapping[Outcome, tuple[Floats, Floats]],
    sure: Mapping[Outcome, bool],
) -> list[PerResult]:
    """Return public money for one more of each result.

    ``sure`` says whether the change of a result is beyond zero when all tests are counted.
    """
    paid = effect(money[0], without_rounding(money[0], money[1]))
    found = []
    for outcome, (plain, changed) in results.items():
        why = _why_not(paid, effect(plain, changed), sure=sure[outcome])
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


def _take_up(paid: _Paid, alternative: Alternative) -> list[TakeUp]:
    """Return spent and offered money of each policy that pays any, or has any left."""
    found = []
    for name in alternative.scenario["policies"]:
        spent = paid.total([name])
        if LEFT not in paid.table:  # no rows, or written before the table said what is left
            if spent.any():
                found.append(TakeUp(name, float(spent.mean()), np.nan, NO_INTERVAL, NOT_SAID))
            continue
        asked, left = (paid.total([name], what) for what in ("asked", LEFT))
        if not spent.any() and not left.any():
            continue
        if not left.any() and np.allclose(asked, spent, rtol=1e-9, atol=0.0):
            found.append(TakeUp(name, float(spent.mean()), np.nan, NO_INTERVAL, ON_DEMAND))
        else:
            found.append(_share(name, spent, spent + left))
    return found


def _share(name: str, spent: Floats, offered: Floats) -> TakeUp:
    """Return the share taken up; an interval reaches no further than from nothing to all."""
    found = effect(offered, spent)
    share, low, high = (
        1.0 + end for end in (found.ratio.estimate, found.ratio.low, found.ratio.high)
    )
    ends = Interval(share, float(np.maximum(low, 0.0)), float(np.minimum(high, max(share, 1.0))))
    return TakeUp(name, float(spent.mean()), found.plain, ends)
