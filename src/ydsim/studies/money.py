"""What policies cost in public, what is got for it, and what becomes of budgets and claims.

Money is what governments pay under the names of policies (table ``policy_costs``), yearly means in
100 million yuan at scale 1. Effect for public money is the difference in an outcome over the
difference in money, with Fieller's interval. Budget used and claims met are those of
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
    MIN_REPLICATES,
    NO_INTERVAL,
    Interval,
    effect,
    fieller,
    without_rounding,
)
from ydsim.record.indicators import name_in_words, unit_in_brief
from ydsim.results.compare import Alternative, Compared, Pair
from ydsim.results.summary import MONEY_WORDS, policy_money
from ydsim.studies.study import Section
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats, Ints

COSTS: Final = "policy_costs"
ALL: Final = "all policies"
ON_DEMAND: Final = mark("no budget: paid as it falls due")
NO_COST: Final = mark("no cost counted")

_PAID = ("point", "year", "replicate", "instrument", "region", "amount", "leaked", "asked",
         "left_over")  # fmt: skip
_INTERVAL = ("estimate", "low", "high")
_COST = ("alternative", "instrument", "place", "base_mean", "mean", *_INTERVAL, "leaked_share")
_PER_MONEY = ("alternative", "outcome", "unit", "effect", "effect_low", "effect_high", "money",
              "money_low", "money_high", *_INTERVAL, "why_not", "uncounted")  # fmt: skip
_TAKE_UP = ("alternative", "instrument", "first", "last", "claimed", "spent", "offered",
            *_INTERVAL, "why_not", "claims_met", "claims_met_low", "claims_met_high")  # fmt: skip


@dataclass(frozen=True)
class Money:
    """Public money of alternatives beside the base; without rows where it was not recorded."""

    cost: pd.DataFrame
    """A year, of all policies for the region and each province, then of each policy: ``alternative,
    instrument, place, base_mean, mean, estimate, low, high, leaked_share``. The last is the share
    of money that is not spent on what it is paid for."""
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
    uncounted, cost, per_money, take_up = {}, [], [], []
    *provinces, whole = map(str, found.base.run.manifest["regions"])
    for pair in found.pairs:
        other, both = pair.alternative, (found.base, pair.alternative)
        if any(COSTS not in one.run.manifest["tables"] for one in both):
            continue
        paid = [_Paid(one, found.years, pair.replicates) for one in both]
        policies = list(found.base.policies | other.policies)
        changed = dict.fromkeys(change.name for change in pair.changes)
        without = tuple(name for name in changed if not any(one.has(name) for one in paid))
        uncounted[other.name] = without
        free = bool(changed) and len(without) == len(changed)
        totals = [each.sum("amount", policies, provinces) / each.years for each in paid]
        prices = _per_money(found, other.name, totals, free=free)
        own = {"alternative": other.name}
        cost += [own | row for row in _costs(paid, policies, provinces, whole)]
        per_money += [own | row | {"uncounted": ", ".join(without)} for row in prices]
        take_up += [own | row for row in _take_up(found, pair, paid[1], provinces)]
    return Money(
        cost=pd.DataFrame(cost, columns=[*_COST]),
        per_money=_ranked(pd.DataFrame(per_money, columns=[*_PER_MONEY]), found),
        take_up=pd.DataFrame(take_up, columns=[*_TAKE_UP]),
        uncounted=uncounted,
    )


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


def _per_money(
    found: Compared, name: str, money: Sequence[Floats], *, free: bool
) -> Iterator[dict[str, Any]]:
    """Yield effects of an alternative on the region for each 100 million yuan.

    ``free``: the model counts no cost of what is changed.
    """
    extra = effect(money[0], without_rounding(money[0], money[1]))
    paid, why = extra.difference, ""
    if free:
        why = NO_COST
    elif paid.estimate == 0.0:
        why = mark("public money is the same")
    elif extra.n < MIN_REPLICATES:
        why = mark("fewer than three replicates")
    elif paid.high < 0.0:
        why = mark("less public money is paid")
    elif paid.low <= 0.0:
        why = mark("public money may be the same")
    for row in found.rows:
        if (row.alternative, row.level) == (name, "region"):
            plain, changed = row.values
            price = NO_INTERVAL if why else fieller(changed - plain, money[1] - money[0])
            yield {
                "outcome": row.outcome.name,
                "unit": row.outcome.shown_unit,
                **_called("effect", row.effect.difference),
                **_called("money", paid),
                **asdict(price),
                "why_not": why,
            }


def _called(name: str, found: Interval) -> dict[str, float]:
    return {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}


def _take_up(
    found: Compared, pair: Pair, paid: _Paid, provinces: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yield money, budget used and claims met of each policy of an alternative that has any."""
    other = pair.alternative
    money = policy_money(other.run, other.point, years=found.years, replicates=pair.replicates)
    money = money[money[["asked", "taken", "left"]].any(axis=1)].set_index("policy")
    every: Any = money.loc[[name for name in other.policies if name in money.index]]
    for one in every.itertuples():
        claims, spent, left = (
            paid.sum(what, [one.Index], provinces) for what in ("asked", "amount", "left_over")
        )
        free = math.isnan(one.budget_used)
        used = NO_INTERVAL if free else _share(spent, spent + left)
        yield {
            "instrument": one.Index,
            "first": one.first,
            "last": one.last,
            "claimed": one.asked,
            "spent": one.taken,
            "offered": one.taken / used.estimate if one.taken else one.left,
            **asdict(used),
            "why_not": ON_DEMAND if free and one.taken else "",
            **_called("claims_met", _share(spent, claims) if claims.any() else NO_INTERVAL),
        }


def _share(spent: Floats, of: Floats) -> Interval:
    """Return a share of money; an interval reaches no further than from nothing to all."""
    share, low, high = (1.0 + end for end in astuple(effect(of, spent, amount=True).ratio))
    return Interval(share, float(np.maximum(low, 0.0)), float(np.minimum(high, max(share, 1.0))))


def budgets(found: Compared, money: Money, *, brief: bool = False) -> Section:
    """Return budget used and claims met of policies as a part of a page.

    In brief only of those that an alternative changes.
    """
    labels = {each.name: each.label for each in found.others}
    changed = {(p.alternative.name, change.name) for p in found.pairs for change in p.changes}
    every: Any = money.take_up.itertuples(index=False)
    rows = [one for one in every if not brief or (one.alternative, one.instrument) in changed]
    columns = {
        _t("alternative"): [labels[x.alternative] for x in rows] if len(found.pairs) > 1 else [],
        _t("policy"): [x.instrument for x in rows],
        _t("years"): [f"{x.first:.0f}-{x.last:.0f}" for x in rows],
        _t("claimed"): [fmt.number(x.claimed) for x in rows],
        _t("paid"): [fmt.number(x.spent) for x in rows],
        _t("budget used"): [_t("no budget") if x.why_not else _told(x, share=True) for x in rows],
        _t("claims met"): [_told(x, "claims_met", share=True) for x in rows],
    }
    title = _t("Budgets and claims of policies (100 million RMB a year)")
    return Section.of_columns(
        title, columns, numbers=[*columns][2:], note=_t(MONEY_WORDS) if rows else ""
    )


def money_lines(found: Compared, money: Money, *, brief: bool = False) -> Iterator[str]:
    """Yield what policies cost more than in the base, in all and each, one line each.

    In brief of several alternatives only in all.
    """
    several = len(found.pairs) > 1
    for pair in found.pairs:
        first, *rest = _lines(pair, money)
        for line in (first, *([] if brief and several else rest)):
            text = _t("{what}: {said}").format(what=pair.alternative.label, said=line)
            yield f"- {text if several else line}"


def _lines(pair: Pair, money: Money) -> Iterator[str]:
    mine = money.cost[money.cost["alternative"] == pair.alternative.name]
    cost: list[Any] = [*mine.itertuples(index=False)]
    if not cost:
        yield _t("not recorded in these results (table {table})").format(table=COSTS)
        return
    whole, *rest = cost
    names = set(money.uncounted.get(pair.alternative.name, ()))
    titles = fmt.listed(dict.fromkeys(_t(one.title) for one in pair.changes if one.name in names))
    uncounted = _t("no public cost is counted for {what}").format(what=titles)
    if whole.estimate != 0.0:
        text = _t(
            "policies cost {amount} a year instead of {base}, {gap} (100 million RMB)"
        ).format(amount=fmt.number(whole.mean), base=fmt.number(whole.base_mean), gap=_told(whole))
        if names:
            text = _t("; ").join([text, uncounted])
        yield text
        for one in rest:
            if one.place == whole.place and one.estimate != 0.0:
                yield _t("{policy}: {gap} a year").format(policy=one.instrument, gap=_told(one))
    elif names:
        yield uncounted
    else:
        text = _t("no difference in public money: {amount} a year")
        yield text.format(amount=fmt.number(whole.base_mean))


def ranking(found: Compared, money: Money, outcome: str = "") -> Section:
    """Return effects for each 100 million RMB as a part of a page, the largest first.

    Of one ``outcome`` of the region, or of all; alternatives without a price come last. Empty where
    no cost of any is counted.
    """
    labels = {each.name: each.label for each in found.others}
    every: Any = money.per_money.itertuples(index=False)
    rows = [one for one in every if outcome in ("", one.outcome)]
    if all(one.why_not == NO_COST for one in rows):
        return Section("")
    names = [f"{name_in_words(one.outcome)} [{unit_in_brief(one.unit)}]" for one in rows]
    columns = {
        _t("outcome"): [] if outcome else names,
        _t("alternative"): [labels[x.alternative] for x in rows] if len(found.pairs) > 1 else [],
        _t("effect a year"): [_told(one, "effect") for one in rows],
        _t("public money"): [fmt.number(one.money, sign=True) for one in rows],
        _t("effect per 100 million RMB"): [
            _t(one.why_not) if one.why_not else _told(one) + " *" * bool(one.uncounted)
            for one in rows
        ],
    }
    title = _t("Effect for public money, of the whole region")
    if outcome:
        title = _t("Effect for public money: {outcome}, of the whole region")
    note = _t(
        "Differences to the base, means of {first}-{last} [95 % interval]; public money in 100 "
        "million RMB a year."
    ).format(first=found.years[0], last=found.years[1])
    if any(one.uncounted and not one.why_not for one in rows):
        note += " " + _t("* The cost of only some of the changes is counted.")
    title = title.format(outcome=names[0])
    return Section.of_columns(title, columns, numbers=[*columns][2:], note=note)


def _told(row: Any, name: str = "", *, share: bool = False) -> str:
    """Return an estimate with its interval, alone where that has no width; a share in per cent."""
    ends = (name, f"{name}_low", f"{name}_high") if name else _INTERVAL
    estimate, low, high = ((100.0 if share else 1.0) * getattr(row, end) for end in ends)
    if high - low <= 1e-9 * abs(estimate):
        low = high = math.nan
    return fmt.interval(estimate, low, high, "%" if share else "", sign=not share)
