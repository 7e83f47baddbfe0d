"""What policies cost in public, what one more result costs, and what becomes of budgets and claims.

Money is what governments pay under the names of policies (table ``policy_costs``), yearly means in
100 million yuan at scale 1. Cost for each result is the difference in money over the difference
in results, with Fieller's interval. Budget used and claims met are those of
`ydsim.results.summary.policy_money`, here of the years and replicates of the comparison.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.measures.effects import LEAST, NO_INTERVAL, Interval, effect, fieller, without_rounding
from ydsim.record.indicators import name_in_words, unit_in_brief
from ydsim.results.compare import Alternative, Compared, Pair, Row
from ydsim.results.summary import MONEY_WORDS, policy_money
from ydsim.studies.study import Section
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats, Ints

COSTS: Final = "policy_costs"
ALL: Final = "all policies"
ON_DEMAND: Final = mark("no budget: paid as it falls due")
NOT_SAID: Final = mark("these tables do not say what was offered")

_REASONS = {"may not have changed": mark("they may not have changed"), "falls": mark("they fall")}
"""Reasons of ``why_not`` that read otherwise in a sentence."""

_EACH = "100m_rmb for each of "
_PAID = ("point", "year", "replicate", "instrument", "region", "amount", "leaked", "asked",
         "left_over")  # fmt: skip
_INTERVAL = ("estimate", "low", "high")
_COST = ("alternative", "instrument", "place", "base_mean", "mean", *_INTERVAL, "leaked_share")
_PER_RESULT = ("alternative", "outcome", "unit", *_INTERVAL, "why_not")
_MET = ("claims_met", "claims_met_low", "claims_met_high")
_TAKE_UP = ("alternative", "instrument", "first", "last", "claimed", "spent", "offered",
            *_INTERVAL, "why_not", *_MET)  # fmt: skip


@dataclass(frozen=True)
class Money:
    """Public money of alternatives beside the base; without rows where it was not recorded."""

    cost: pd.DataFrame
    """A year, of all policies for the region and each province, then of each policy: ``alternative,
    instrument, place, base_mean, mean, estimate, low, high, leaked_share``. The last is the share
    of money that is not spent on what it is paid for."""
    per_result: pd.DataFrame
    """For one more of each flow: ``alternative, outcome, unit, estimate, low, high, why_not``."""
    take_up: pd.DataFrame
    """Of each policy with claims or a budget, a year from the ``first`` to the ``last`` of the
    compared years in which it has any: ``alternative, instrument, first, last, claimed, spent,
    offered, estimate, low, high, why_not, claims_met, claims_met_low, claims_met_high``. The
    estimate is the budget used; intervals of both shares end at 0 and 1."""


def money_of(found: Compared) -> Money:
    """Return public money of the alternatives of a comparison."""
    columns = {"cost": _COST, "per_result": _PER_RESULT, "take_up": _TAKE_UP}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in columns}
    *provinces, whole = map(str, found.base.run.manifest["regions"])
    for pair in found.pairs:
        other, both = pair.alternative, (found.base, pair.alternative)
        if any(COSTS not in one.run.manifest["tables"] for one in both):
            continue
        paid = [_Paid(one, found.years, pair.replicates) for one in both]
        policies = list(found.base.policies | other.policies)
        totals = [each.sum("amount", policies, provinces) / each.years for each in paid]
        flow = (other.name, "region", "flow")
        flows = [r for r in found.rows if (r.alternative, r.level, r.outcome.kind) == flow]
        own = {
            "cost": _costs(paid, policies, provinces, whole),
            "per_result": _per_result(totals, flows),
            "take_up": _take_up(found, pair, paid[1], provinces),
        }
        for name, found_rows in own.items():
            rows[name] += [{"alternative": other.name, **row} for row in found_rows]
    return Money(**{k: pd.DataFrame(rows[k], columns=list(of)) for k, of in columns.items()})


class _Paid:
    """Rows of ``policy_costs`` of one alternative, years and replicates."""

    def __init__(self, alternative: Alternative, years: tuple[int, int], replicates: Ints) -> None:
        every = pd.DataFrame(alternative.run.columns(COSTS), columns=list(_PAID))
        every = every.astype({"asked": float, "left_over": float})  # not in old tables
        mine = (every["point"] == alternative.point) & every["year"].between(*years)
        self.table = every[mine & every["replicate"].isin(replicates)]
        self.years = years[1] - years[0] + 1
        self.replicates = replicates

    def sum(self, what: str, policies: Sequence[str], places: Sequence[str]) -> Floats:
        """Return a column added up over policies, places and years, by replicate."""
        rows = self.table
        mine = rows[rows["instrument"].isin(policies) & rows["region"].isin(places)]
        sums = mine.groupby("replicate")[what].sum().reindex(self.replicates, fill_value=0.0)
        return sums.to_numpy(np.float64)


def _costs(
    paid: Sequence[_Paid], policies: Sequence[str], provinces: Sequence[str], whole: str
) -> Iterator[dict[str, Any]]:
    groups = [(ALL, policies, whole, provinces)]
    groups += [(ALL, policies, place, [place]) for place in provinces]
    groups += [(name, [name], whole, provinces) for name in policies]
    for label, names, place, places in groups:
        x, y = (each.sum("amount", names, places) for each in paid)
        years, leaked, total = paid[1].years, paid[1].sum("leaked", names, places), y.sum()
        found = effect(x / years, without_rounding(x, y) / years)
        if label == ALL or found.plain or found.changed:
            yield {
                "instrument": label,
                "place": place,
                "base_mean": found.plain,
                "mean": found.changed,
                **asdict(found.difference),
                "leaked_share": leaked.sum() / total if total > 0.0 else np.nan,
            }


def _per_result(money: Sequence[Floats], flows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield public money for one more of each flow of the region."""
    paid = effect(money[0], without_rounding(money[0], money[1]))
    for row in flows:
        why = _why_not(paid.difference, paid.n, row)
        plain, changed = row.values
        cost = NO_INTERVAL if why else fieller(money[1] - money[0], changed - plain)
        unit = _EACH + row.outcome.unit
        yield {"outcome": row.outcome.name, "unit": unit, **asdict(cost), "why_not": why}


def _why_not(paid: Interval, n: int, row: Row) -> str:
    """Return why there is no cost of a result; empty where there is one."""
    if paid.estimate == 0.0:
        return mark("public money is the same")
    if n < LEAST:
        return mark("fewer than three replicates have no interval")
    if not paid.low > 0.0:
        less, same = mark("less public money is paid"), mark("public money may be the same")
        return less if paid.high < 0.0 else same
    if not row.significant:
        return "may not have changed"
    return "" if row.rises else "falls"


def _take_up(
    found: Compared, pair: Pair, paid: _Paid, provinces: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield money, budget used and claims met of each policy of an alternative that has any."""
    other = pair.alternative
    money = policy_money(other.run, other.point, years=found.years, replicates=pair.replicates)
    money = money.set_index("policy")
    for name in other.policies:
        if name not in money.index:
            spent = paid.sum("amount", [name], provinces).mean() / paid.years
            if spent and money.empty:
                row = {"instrument": name, "first": found.years[0], "last": found.years[1]}
                yield {**row, "spent": spent, "why_not": NOT_SAID}
            continue
        mine: Any = money.loc[name]
        claims, spent, left = (
            paid.sum(what, [name], provinces) for what in ("asked", "amount", "left_over")
        )
        if not any(each.any() for each in (claims, spent, left)):
            continue
        used = NO_INTERVAL if math.isnan(mine["budget_used"]) else _share(spent, spent + left)
        met = _share(spent, claims) if claims.any() else NO_INTERVAL
        yield {
            "instrument": name,
            "first": mine["first"],
            "last": mine["last"],
            "claimed": mine["asked"],
            "spent": mine["taken"],
            "offered": mine["taken"] / used.estimate if mine["taken"] else mine["left"],
            **asdict(used),
            "why_not": ON_DEMAND if math.isnan(used.estimate) and mine["taken"] else "",
            **dict(zip(_MET, astuple(met), strict=True)),
        }


def _share(spent: Floats, of: Floats) -> Interval:
    """Return a share of money; an interval reaches no further than from nothing to all."""
    share, low, high = (1.0 + end for end in astuple(effect(of, spent, amount=True).ratio))
    return Interval(share, float(np.maximum(low, 0.0)), float(np.minimum(high, max(share, 1.0))))


def budgets(found: Compared, money: Money) -> Section:
    """Return budget used and claims met of the policies of each alternative as a part of a page."""
    first = [_t("alternative")] if len(found.pairs) > 1 else []
    head = [*first, _t("policy"), _t("years"), _t("claimed"), _t("paid")]
    every: Any = money.take_up.itertuples(index=False)
    rows = [
        [
            *([one.alternative] if first else []),
            one.instrument,
            f"{one.first:.0f}-{one.last:.0f}",
            fmt.number(one.claimed),
            fmt.number(one.spent),
            _t("no budget") if one.why_not == ON_DEMAND else _in_per_cent(*_ends(one, _INTERVAL)),
            _in_per_cent(*_ends(one, _MET)),
        ]
        for one in every
    ]
    title = _t("Budgets and claims of policies (100 million RMB a year)")
    head += [_t("budget used"), _t("claims met")]
    right = range(len(first) + 1, len(head))
    return Section(title, head, rows, right, _t(MONEY_WORDS) if rows else "")


def _ends(row: Any, names: Sequence[str]) -> Iterator[float]:
    return (100.0 * getattr(row, name) for name in names)


def _in_per_cent(share: float, low: float, high: float) -> str:
    ends = (math.nan, math.nan) if low == high else (low, high)
    return fmt.interval(share, *ends, "%")


def money_lines(found: Compared, money: Money) -> Iterator[str]:
    """Yield what policies cost and what one more result costs, one line each."""
    tables = money.cost, money.per_result
    for one in found.others:
        lead = f"- {one.name}: " if len(found.pairs) > 1 else "- "
        rows = ([*of[of["alternative"] == one.name].itertuples(index=False)] for of in tables)
        for line in _lines(*rows):
            yield lead + line


def _lines(cost: list[Any], per_result: list[Any]) -> Iterator[str]:
    if not cost:
        yield _t("not recorded in these results (table {table})").format(table=COSTS)
        return
    whole, *rest = cost
    if whole.estimate == 0.0:
        said = _t("no difference in public money: {amount} a year")
        yield said.format(amount=fmt.number(whole.base_mean))
        return
    yield _t("policies cost {amount} a year instead of {base}, {gap} (100 million yuan)").format(
        amount=fmt.number(whole.mean), base=fmt.number(whole.base_mean), gap=_gap(whole)
    )
    for one in rest:
        if one.place == whole.place and one.estimate != 0.0:
            yield _t("{policy}: {gap} a year").format(policy=one.instrument, gap=_gap(one))
    for one in per_result:
        if not one.why_not:
            paid = fmt.interval(one.estimate, one.low, one.high)
            what = f"{name_in_words(one.outcome)} [{unit_in_brief(one.unit.removeprefix(_EACH))}]"
            said = _t("public money for one more of {what}: {paid} (100 million yuan)")
            yield said.format(what=what, paid=paid)
    for why, rows in _by_reason(per_result):
        names = _t(", ").join(name_in_words(one.outcome) for one in rows)
        said = _t("cost of one more: not given for {names}, because {reason}")
        yield said.format(names=names, reason=_t(_REASONS.get(why, why)))


def _by_reason(rows: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield why rows have no estimate, each reason once, and those rows."""
    for why in dict.fromkeys(one.why_not for one in rows if one.why_not):
        yield why, [one for one in rows if one.why_not == why]


def _gap(row: Any) -> str:
    return fmt.interval(row.estimate, row.low, row.high, sign=True)
