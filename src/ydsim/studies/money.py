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
from ydsim.measures.effects import (
    LEAST,
    NO_INTERVAL,
    Effect,
    Interval,
    effect,
    fieller,
    without_rounding,
)
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
NO_COST: Final = mark("no cost counted")
NOT_SAID: Final = mark("these tables do not say what was offered")

_EACH = "100m_rmb for each of "
_PAID = ("point", "year", "replicate", "instrument", "region", "amount", "leaked", "asked",
         "left_over")  # fmt: skip
_INTERVAL = ("estimate", "low", "high")
_COST = ("alternative", "instrument", "place", "base_mean", "mean", *_INTERVAL, "leaked_share")
_PER_RESULT = ("alternative", "outcome", "unit", *_INTERVAL, "why_not")
_PER_MONEY = ("alternative", "outcome", "unit", "effect", "effect_low", "effect_high", "money",
              "money_low", "money_high", *_INTERVAL, "why_not", "uncounted")  # fmt: skip
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
    per_money: pd.DataFrame
    """For each 100 million yuan: ``alternative, outcome, unit, effect, effect_low, effect_high,
    money, money_low, money_high, estimate, low, high, why_not, uncounted``, of each outcome of the
    region the largest estimate first and those without one last. ``effect`` and ``money`` are
    differences a year; ``uncounted`` names what is changed without a public cost that the model
    counts."""
    take_up: pd.DataFrame
    """Of each policy with claims or a budget, a year from the ``first`` to the ``last`` of the
    compared years in which it has any: ``alternative, instrument, first, last, claimed, spent,
    offered, estimate, low, high, why_not, claims_met, claims_met_low, claims_met_high``. The
    estimate is the budget used; intervals of both shares end at 0 and 1."""
    uncounted: dict[str, tuple[str, ...]]
    """Names of what each alternative changes without any public cost that the model counts."""


def money_of(found: Compared) -> Money:
    """Return public money of the alternatives of a comparison."""
    columns = {
        "cost": _COST,
        "per_result": _PER_RESULT,
        "per_money": _PER_MONEY,
        "take_up": _TAKE_UP,
    }
    uncounted = {}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in columns}
    *provinces, whole = map(str, found.base.run.manifest["regions"])
    for pair in found.pairs:
        other, both = pair.alternative, (found.base, pair.alternative)
        if any(COSTS not in one.run.manifest["tables"] for one in both):
            continue
        paid = [_Paid(one, found.years, pair.replicates) for one in both]
        policies = list(found.base.policies | other.policies)
        totals = [each.sum("amount", policies, provinces) / each.years for each in paid]
        region = [r for r in found.rows if (r.alternative, r.level) == (other.name, "region")]
        changed = dict.fromkeys(change.name for change in pair.changes)
        without = [name for name in changed if not any(one.has(name) for one in paid)]
        free = bool(changed) and len(without) == len(changed)
        uncounted[other.name] = tuple(without)
        own = {
            "cost": _costs(paid, policies, provinces, whole),
            "per_result": _per_result(totals, region, free=free),
            "per_money": _per_money(totals, region, ", ".join(without), free=free),
            "take_up": _take_up(found, pair, paid[1], provinces),
        }
        for name, found_rows in own.items():
            rows[name] += [{"alternative": other.name, **row} for row in found_rows]
    tables = {k: pd.DataFrame(rows[k], columns=list(of)) for k, of in columns.items()}
    tables["per_money"] = _ranked(tables["per_money"], found)
    return Money(**tables, uncounted=uncounted)


def _ranked(table: pd.DataFrame, found: Compared) -> pd.DataFrame:
    """Return rows by outcome, the largest estimate first."""
    order = {outcome.name: at for at, outcome in enumerate(found.outcomes)}
    table = table.sort_values("estimate", ascending=False, kind="stable", na_position="last")
    table = table.sort_values("outcome", key=lambda names: names.map(order), kind="stable")
    return table.reset_index(drop=True)


class _Paid:
    """Rows of ``policy_costs`` of one alternative, years and replicates."""

    def __init__(self, alternative: Alternative, years: tuple[int, int], replicates: Ints) -> None:
        every = pd.DataFrame(alternative.run.columns(COSTS), columns=list(_PAID))
        every = every.astype({"asked": float, "left_over": float})  # not in old tables
        mine = (every["point"] == alternative.point) & every["year"].between(*years)
        self.table = every[mine & every["replicate"].isin(replicates)]
        self.years = years[1] - years[0] + 1
        self.replicates = replicates

    def has(self, name: str) -> bool:
        """Tell whether anything is paid, claimed or unspent under a name."""
        mine = self.table[self.table["instrument"] == name]
        return bool((mine[["amount", "asked", "left_over"]].fillna(0.0) != 0.0).any(axis=None))

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


def _per_result(
    money: Sequence[Floats], region: Sequence[Row], *, free: bool
) -> Iterator[dict[str, Any]]:
    """Yield public money for one more of each flow of the region."""
    none = _no_price(money, free=free)
    for row in region:
        if row.outcome.kind != "flow":
            continue
        unsure = "" if row.significant else "may not have changed"
        why = none or unsure or ("" if row.rises else "falls")
        plain, changed = row.values
        cost = NO_INTERVAL if why else fieller(money[1] - money[0], changed - plain)
        unit = _EACH + row.outcome.unit
        yield {"outcome": row.outcome.name, "unit": unit, **asdict(cost), "why_not": why}


def _per_money(
    money: Sequence[Floats], region: Sequence[Row], uncounted: str, *, free: bool
) -> Iterator[dict[str, Any]]:
    """Yield effects on the region for each 100 million yuan."""
    paid, why = _extra(money).difference, _no_price(money, free=free)
    for row in region:
        plain, changed = row.values
        price = NO_INTERVAL if why else fieller(changed - plain, money[1] - money[0])
        gained = row.effect.difference
        yield {
            "outcome": row.outcome.name,
            "unit": row.outcome.shown_unit,
            **dict(zip(("effect", "effect_low", "effect_high"), astuple(gained), strict=True)),
            **dict(zip(("money", "money_low", "money_high"), astuple(paid), strict=True)),
            **asdict(price),
            "why_not": why,
            "uncounted": uncounted,
        }


def _extra(money: Sequence[Floats]) -> Effect:
    return effect(money[0], without_rounding(money[0], money[1]))


def _no_price(money: Sequence[Floats], *, free: bool) -> str:
    """Return why results have no price; empty where they have one.

    ``free``: the model counts no cost of what is changed.
    """
    paid = _extra(money)
    if free:
        return NO_COST
    if paid.difference.estimate == 0.0:
        return mark("public money is the same")
    if paid.n < LEAST:
        return mark("fewer than three replicates have no interval")
    if paid.difference.low > 0.0:
        return ""
    less, same = mark("less public money is paid"), mark("public money may be the same")
    return less if paid.difference.high < 0.0 else same


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


def budgets(found: Compared, money: Money, *, brief: bool = False) -> Section:
    """Return budget used and claims met of policies as a part of a page.

    In brief only of those that an alternative changes.
    """
    first = [_t("alternative")] if len(found.pairs) > 1 else []
    head = [*first, _t("policy"), _t("years"), _t("claimed"), _t("paid")]
    labels = {each.name: each.label for each in found.others}
    changed = {(p.alternative.name, change.name) for p in found.pairs for change in p.changes}
    every: Any = money.take_up.itertuples(index=False)
    rows = [
        [
            *([labels[one.alternative]] if first else []),
            one.instrument,
            f"{one.first:.0f}-{one.last:.0f}",
            fmt.number(one.claimed),
            fmt.number(one.spent),
            _t("no budget") if one.why_not == ON_DEMAND else _in_per_cent(*_ends(one, _INTERVAL)),
            _in_per_cent(*_ends(one, _MET)),
        ]
        for one in every
        if not brief or (one.alternative, one.instrument) in changed
    ]
    title = _t("Budgets and claims of policies (100 million RMB a year)")
    head += [_t("budget used"), _t("claims met")]
    right = range(len(first) + 1, len(head))
    return Section(title, head, rows, right, _t(MONEY_WORDS) if rows else "")


def _ends(row: Any, names: Sequence[str]) -> Iterator[float]:
    return (100.0 * getattr(row, name) for name in names)


def _in_per_cent(share: float, low: float, high: float) -> str:
    return _shown(share, low, high, "%")


def money_lines(found: Compared, money: Money, *, brief: bool = False) -> Iterator[str]:
    """Yield what policies cost more than in the base, in all and each, one line each.

    In brief of several alternatives only in all.
    """
    several = len(found.pairs) > 1
    for pair in found.pairs:
        lead = f"- {pair.alternative.label}: " if several else "- "
        first, *rest = _lines(pair, money)
        yield from (lead + line for line in (first, *([] if brief and several else rest)))


def _lines(pair: Pair, money: Money) -> Iterator[str]:
    mine = money.cost[money.cost["alternative"] == pair.alternative.name]
    cost: list[Any] = [*mine.itertuples(index=False)]
    if not cost:
        yield _t("not recorded in these results (table {table})").format(table=COSTS)
        return
    whole, *rest = cost
    names = set(money.uncounted.get(pair.alternative.name, ()))
    titles = fmt.listed(_t(one.title) for one in pair.changes if one.name in names)
    uncounted = _t("no cost counted: the model counts no public cost for this change ({what})")
    if whole.estimate != 0.0:
        text = _t(
            "policies cost {amount} a year instead of {base}, {gap} (100 million RMB)"
        ).format(amount=fmt.number(whole.mean), base=fmt.number(whole.base_mean), gap=_gap(whole))
        if names:
            text = _t("; ").join([text, uncounted.format(what=titles)])
        yield text
        for one in rest:
            if one.place == whole.place and one.estimate != 0.0:
                yield _t("{policy}: {gap} a year").format(policy=one.instrument, gap=_gap(one))
    elif names:
        yield uncounted.format(what=titles)
    else:
        text = _t("no difference in public money: {amount} a year")
        yield text.format(amount=fmt.number(whole.base_mean))


def ranking(found: Compared, money: Money, outcome: str = "") -> Section:
    """Return effects for each 100 million RMB as a part of a page, the largest first.

    Of one ``outcome`` of the region, or of all; alternatives without a price come last.
    """
    table = money.per_money
    table = table[table["outcome"] == outcome] if outcome else table
    labels = {each.name: each.label for each in found.others}
    several, names = len(found.pairs) > 1, [] if outcome else [_t("outcome")]
    head = [*names, *([_t("alternative")] if several else []), _t("effect a year")]
    head += [_t("public money a year"), _t("effect for each 100 million RMB")]
    every: Any = table.itertuples(index=False)
    rows = [
        [
            *([_outcome_of(one)] if names else []),
            *([labels[one.alternative]] if several else []),
            _change(one.effect, one.effect_low, one.effect_high),
            _change(one.money, one.money_low, one.money_high),
            _price(one),
        ]
        for one in every
    ]
    title = _t("Effect for public money, of the whole region")
    if outcome and len(table):
        title = _t("Effect for public money: {outcome}, of the whole region").format(
            outcome=_outcome_of(next(table.itertuples(index=False)))
        )
    note = _t(
        "Effect and public money are differences to the base, means of {first}-{last} with 95 % "
        "intervals; rows are ranked by effect for each 100 million RMB."
    ).format(first=found.years[0], last=found.years[1])
    return Section(title, head, rows, range(len(head) - 3, len(head)), note if rows else "")


def _outcome_of(row: Any) -> str:
    return f"{name_in_words(row.outcome)} [{unit_in_brief(row.unit)}]"


def _price(row: Any) -> str:
    if row.why_not:
        return _t(row.why_not)
    return (
        _t("{price} (cost counted in part)").format(price=_gap(row)) if row.uncounted else _gap(row)
    )


def _gap(row: Any) -> str:
    return _change(row.estimate, row.low, row.high)


def _change(estimate: float, low: float, high: float) -> str:
    return _shown(estimate, low, high, sign=True)


def _shown(estimate: float, low: float, high: float, unit: str = "", *, sign: bool = False) -> str:
    """Return an estimate with its interval, alone where that has no width."""
    exact = high - low <= 1e-9 * abs(estimate)
    return fmt.interval(estimate, *((math.nan,) * 2 if exact else (low, high)), unit, sign=sign)
