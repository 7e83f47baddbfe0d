"""Alternatives compared in pairs of the same draws: effects by place with intervals, and tests.

Replicate r of every alternative has the same draws as replicate r of the base, so that what differs
is what the alternative changes. Of an outcome at a place, with x_r of the base and y_r of the
alternative, the effect is the mean of y_r - x_r with its interval (`ydsim.measures.effects`). Holm
and the false discovery rate correct over all rows of the table: every outcome, place and
alternative. Interval, mark and p of a row come from one statistic: of the ratio of means where the
change is said in per cent and all values are above zero, else of the difference.

Effects are in the order of what they say (`ordered`): the places at which a change aims first, else
the whole region, then other places, those whose interval excludes zero first and each by the size
of its change; of outcomes that with the largest change over its own yearly spread (`spreads`),
those that the change sets directly (`OWN`) after all others, and last what shows no change.

Values are those of `ydsim.results.cube.cube` over the years, reduced by ``"period"``: a flow or a
mean is the mean of the years, a stock that of the last year, a ratio that of sums; shares are in
per cent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.errors import ResultsError, UsageError, YdsimError
from ydsim.measures.effects import (
    ENOUGH_REPLICATES,
    MIN_REPLICATES,
    NO_INTERVAL,
    Effect,
    Interval,
    effect,
    false_discovery,
    holm,
    without_rounding,
)
from ydsim.measures.forecasts import variance_between
from ydsim.policies.base import CORRIDORS
from ydsim.record.indicators import ROWS
from ydsim.results.cube import By, Outcome, outcomes_at, require_outcomes
from ydsim.results.results import Results
from ydsim.scenario.changes import Change
from ydsim.scenario.schema.ensemble import groups_in
from ydsim.translation import gettext as _t
from ydsim.translation import mark, pgettext
from ydsim.typing import Floats, Ints
from ydsim.wording import shorten
from ydsim.world.loader import load_world

AS_ASKED: Final = mark("as asked")
"""Why the years of a comparison are these, where they were named."""

SIGNIFICANCE: Final = 0.05
"""Level of the tests, after correction by Holm."""

MATERIAL: Final = 0.1
"""Change in per cent, of shares in points, below which an effect is not spoken of; assumed."""

_CROSSING: Final = (
    "contract_value_cross_province",
    "contract_cross_province_share",
    "contract_value_handed_over",
    "coinventions_interprovince",
    "ties_cross_province",
    "talent_cross_province",
)
_JOINT: Final = ("coinventions_interprovince", "launches_joint")
OWN: Final[Mapping[str, tuple[str, ...]]] = {
    "border": _CROSSING,
    "border_friction": _CROSSING,
    "closure": _CROSSING,
    "membership": _CROSSING,
    "mutual_recognition": _CROSSING,
    "corridor": ("coinventions_intercity",),
    "travel_time": ("coinventions_intercity",),
    "intermediaries": ("introductions", "brokered_deals"),
    "media_coverage": ("stories", "awareness"),
    "talent_mobility": ("talent_in", "talent_out", "talent_cross_province"),
    "industrial_transfer": ("relocations_in", "relocations_out"),
    "rd_grants": ("rd_grants", "rd_grants_programme"),
    "joint_rd_fund": _JOINT,
    "open_bids": _JOINT,
    "consortia": _JOINT,
    "cost_sharing": _JOINT,
}
"""By policy, or section of parameters: outcomes that it sets directly; assumed."""

TOLD: Final = 4
"""Effects of more than 100 per cent that are told one by one."""

FEW_THINGS: Final = 10
"""Things that a run simulates below which their number may double by chance."""

FEW_MEMBERS: Final = 10
"""Members of an ensemble below which their spread is not said."""

NO_MEMBER: Final[Ints] = np.empty(0, dtype=np.int64)

_USUAL: Final = (
    "rd_expenditure",
    "launches",
    "contract_value_cross_province",
    "value_added_secondary",
    "inventions",
    "coinventions_interprovince",
    "adoptions",
    "productivity_log",
    "hitech_enterprises_valid_stock_derived",
)
DEFAULTS: Final[dict[By, tuple[str, ...]]] = {
    "province": _USUAL,
    "city": tuple(name for name in _USUAL if "C" in ROWS[name]["levels"]),
    "kind": ("inventions", "launches", "projects_live", "researchers", "applied_research"),
    "field": ("effort", "knowledge", "generations_founded"),
}
"""What is compared unless the user says otherwise; figures show the first ones."""


@dataclass(frozen=True)
class Alternative:
    """One of the settings that are compared: the base or another one."""

    name: str
    """Short name, as tables have it; no other one of the comparison has the same."""
    label: str
    """What people read: a name that was given, or the name or the changes in words."""
    title: str
    """What it is, in words."""
    asked: str
    """As the user named it."""
    scenario: dict[str, Any]
    """Resolved, as plain data."""
    world: str
    version: str
    """Digest of the content of its world, and version of ydsim."""
    code: Mapping[str, str]
    """Digest of each module with policies of the user's own."""
    results: Results | None = None
    point: int = 0
    """Where its values are; None while it is to be run."""
    is_scenario: bool = False
    """It is named by a scenario, not by a folder."""
    changed: Mapping[str, object] = field(default_factory=dict)
    """Values by dotted key that it has instead of those of the scenario that was asked for."""
    given: bool = False
    """Its name was given to these values, and stays with the point that has them."""

    @property
    def members(self) -> int:
        """Different members that its replicates have parameters of, 0 without an ensemble."""
        return len({*groups_in(self.scenario.get("ensemble") or {})})

    @property
    def run(self) -> Results:
        """Its results, which are there."""
        assert self.results is not None
        return self.results

    @property
    def policies(self) -> dict[str, Any]:
        """Its policies as plain data, by name."""
        return dict(self.scenario.get("policies", {}))

    @property
    def to_run(self) -> dict[str, object]:
        """The point of a sweep that runs it."""
        return {"scenario": self.asked, **self.changed}


@dataclass(frozen=True)
class Row:
    """One effect: of an alternative, or a part of a policy, against the base, in an outcome.

    ``level`` of the place is ``region``, ``province``, ``city``, ``kind`` or ``field``; the effect
    is in the unit of tables; ``p_holm`` and ``q`` are the p of no difference by Holm, and by
    Benjamini and Hochberg, NaN without a test; ``values`` those of the base and of the alternative,
    by replicate; ``named`` what people read for the alternative; ``spread`` the yearly spread of
    the base (`spreads`), in the unit of `change`; ``own`` whether the alternative sets the outcome
    directly (`OWN`); ``aimed`` whether it aims at the place; ``member`` the number of the member of
    an ensemble whose parameters each replicate has, empty without one.
    """

    alternative: str
    outcome: Outcome
    place: str
    level: str
    effect: Effect
    p_holm: float = float("nan")
    q: float = float("nan")
    values: tuple[Floats, ...] = field(default=(), compare=False, repr=False)
    named: str = field(default="", compare=False)
    spread: float = float("nan")
    own: bool = False
    aimed: bool = False
    member: Ints = field(default_factory=lambda: NO_MEMBER, compare=False, repr=False)

    @property
    def per_cent(self) -> Interval:
        """The change in per cent of the base; NaN of shares, and where the base is not positive."""
        if self.outcome.change_in == "log":
            return self.effect.difference.in_per_cent
        if self.outcome.change_in == "points" or not self.effect.plain > 0.0:
            return NO_INTERVAL
        return self.effect.ratio.times(100.0)

    @cached_property
    def over_members(self) -> Interval:
        """Median of members and the ends between which 80 per cent of them lie, as `change`.

        A member is the mean d_m of its replicates, drawn to the mean of all by what chance adds,

            mean + sqrt(V / var d_m) (d_m - mean),     V of `variance_between`

        and as it is where none has two replicates, so that chance is in the interval too. It is NaN
        of fewer than `FEW_MEMBERS` members, and where a base is not positive.
        """
        x, y = self.values or (np.empty(0), np.empty(0))
        apart, message = y - x, self.outcome.change_in
        groups, at = np.unique(self.member, return_inverse=True)
        if len(groups) < FEW_MEMBERS or (message == "per cent" and not (x > 0.0).all()):
            return NO_INTERVAL
        if message != "points":
            apart = 100.0 * (np.expm1(apart) if message == "log" else apart / x)
        means = np.bincount(at, weights=apart) / np.bincount(at)
        between = float(variance_between(apart[:, None], at)[0])
        each = means[at]
        if between < (spread := float(means.var(ddof=1))):  # NaN is not
            each = each.mean() + math.sqrt(between / spread) * (each - each.mean())
        return Interval(*(float(end) for end in np.quantile(each, [0.5, 0.1, 0.9])))

    @property
    def change(self) -> Interval:
        """The change as it is said: points of shares, per cent of all else."""
        return self.effect.difference if self.outcome.change_in == "points" else self.per_cent

    @property
    def shown(self) -> tuple[Interval, str]:
        """The change as it is said, with ``%`` or ``points``; else the difference and its unit."""
        if math.isnan(self.change.estimate):
            return self.effect.difference, self.outcome.unit
        return self.change, "points" if self.outcome.change_in == "points" else "%"

    @property
    def excludes_zero(self) -> bool:
        """The interval that is shown excludes zero."""
        return self.shown[0].excludes_zero

    @property
    def significant(self) -> bool:
        """Its interval excludes zero, and it is significant when all tests are counted (Holm)."""
        return self.excludes_zero and self.p_holm < SIGNIFICANCE

    @property
    def mark(self) -> str:
        """What tables have behind a change: ``*``, ``(*)`` or nothing."""
        return "*" if self.significant else "(*)" if self.excludes_zero else ""

    @property
    def size(self) -> float:
        """Change over the yearly spread, or over `MATERIAL` where that is less or not known."""
        return abs(self.change.estimate) / float(np.fmax(self.spread, MATERIAL))

    @property
    def seen(self) -> bool:
        """It is significant and at least `MATERIAL`."""
        return self.significant and abs(self.change.estimate) >= MATERIAL

    @property
    def unseen(self) -> bool:
        """No change can be seen: it may be zero, or is less than `MATERIAL`."""
        return not (self.excludes_zero and abs(self.change.estimate) >= MATERIAL)

    @property
    def rises(self) -> bool:
        """The alternative has more than the base."""
        return self.effect.difference.estimate > 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the row of a table; first columns are those of every study."""
        found, per_cent = self.effect, self.per_cent
        return {
            "outcome": self.outcome.name,
            "place": self.place,
            **found.row,
            "alternative": self.alternative,
            "alternative_label": self.named,
            "label": self.outcome.label,
            "kind": self.outcome.kind,
            "unit": self.outcome.shown_unit,
            "level": self.level,
            "prior": self.outcome.prior,
            "base_mean": found.plain,
            "mean": found.changed,
            "per_cent": per_cent.estimate,
            "per_cent_low": per_cent.low,
            "per_cent_high": per_cent.high,
            "p_holm": self.p_holm,
            "q_fdr": self.q,
            "significant": self.significant,
            "variance_removed": found.removed,
            "members_low": self.over_members.low,
            "members_high": self.over_members.high,
            "yearly_spread": self.spread,
            "set_directly": self.own,
            "aimed_at": self.aimed,
        }


@dataclass(frozen=True)
class Pair:
    """An alternative beside the base, the replicates that both have, and what it differs in."""

    alternative: Alternative
    replicates: Ints
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Compared:
    """What a comparison found.

    The base, and the others in their order; level and outcomes of the table; first and last year
    that count, and why these; all effects; what the reader must know, one line each.
    """

    base: Alternative
    pairs: tuple[Pair, ...]
    by: By
    outcomes: tuple[Outcome, ...]
    years: tuple[int, int]
    why_years: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    @property
    def others(self) -> list[Alternative]:
        """The alternatives that are compared with the base."""
        return [pair.alternative for pair in self.pairs]

    @property
    def tests(self) -> int:
        """Number of tests over which Holm and false discovery correct."""
        return sum(not np.isnan(row.effect.p) for row in self.rows)

    @property
    def replicates(self) -> int:
        """Fewest pairs of any alternative."""
        return min(len(pair.replicates) for pair in self.pairs)

    @property
    def most_replicates(self) -> int:
        """Replicates of the alternative that has most; of fewer than three none has an interval."""
        return max(len(pair.replicates) for pair in self.pairs)

    @property
    def made(self) -> dict[str, Any]:
        """What made it: seed, scale, first and last year, world, its digest, version, hash."""
        plain = self.base.scenario
        results = [side.results for side in (self.base, *self.others)]
        hashes = dict.fromkeys(str(one.manifest["hash"])[:10] for one in results if one is not None)
        return {
            **{key: plain[key] for key in ("seed", "scale", "start", "end", "world")},
            "digest": self.base.world[:12],
            "version": self.base.version,
            "hash": ", ".join(hashes),
        }

    @property
    def main_rows(self) -> tuple[Row, ...]:
        """Effects in the whole region and at the places that are aimed at; all without a region."""
        main = tuple(row for row in self.rows if row.level == "region" or row.aimed)
        return main if any(row.level == "region" for row in main) else self.rows

    @property
    def first(self) -> Row:
        """The effect that figures show: that of the first finding, else the first of the table."""
        found = [row for row in map(leading, map(self.rows_of, self.pairs)) if row is not None]
        whole = [row for row in self.rows if row.outcome == found[0].outcome] if found else []
        if len({row.place for row in found}) > 1:  # alternatives that aim at different places
            found = [row for row in whole if row.level == "region"] or found
        return found[0] if found else self.rows[0]

    def rows_of(self, pair: Pair) -> list[Row]:
        """Return the effects of an alternative."""
        return [row for row in self.rows if row.alternative == pair.alternative.name]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row an effect; columns are those of ``effects.csv`` (docs/compare.md)."""
        return pd.DataFrame([{**row.as_dict(), "base": self.base.name} for row in self.rows])


def chosen(by: By, names: Sequence[str], indicators: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """Return the outcomes that are asked for, or those of `DEFAULTS` that there are.

    UsageError when an outcome has no such name at this level.
    """
    if names:
        return require_outcomes(names, by, indicators)
    there = outcomes_at(by, indicators)
    usual = tuple(there[name] for name in DEFAULTS[by] if name in there)
    return usual or tuple(there.values())[:4]


def compared(
    base: Alternative,
    others: Sequence[Alternative],
    *,
    by: By = "province",
    outcomes: Sequence[str] = (),
    years: tuple[int, int],
    why_years: str = AS_ASKED,
    changes: Sequence[Sequence[Change]] = (),
) -> Compared:
    """Return how alternatives differ from the base; all have results.

    ``base`` and ``others``: with their results. ``by``: level of the places. ``outcomes``: names;
    by default the usual ones of the level. ``years`` and ``why_years``: first and last, and why
    these. ``changes``: what each of the others differs in. UsageError when an outcome or year is
    not there. ResultsError when no run of an alternative is finished, or no replicate is common.
    """
    wanted = chosen(by, outcomes, base.run.manifest["indicators"])
    notes: list[str] = []
    rows, replicates = _effects(base, others, by, wanted, years, notes)
    if not rows:
        names, (a, b) = ", ".join(one.name for one in wanted), years
        message = _t("{names}: no values by {by} in {first}-{last}")
        raise UsageError(message.format(names=names, by=by, first=a, last=b))
    there = {row.outcome.name for row in rows}
    if lost := [one.name for one in wanted if one.name not in there]:
        notes.append(_t("not in these results or years: {names}").format(names=", ".join(lost)))
    notes += _other_arithmetic(base, others)
    notes += _doubled(rows, float(base.scenario["scale"]))
    first, last = years
    third = (last - first + 1) // 3
    if third and max(map(len, replicates)) >= MIN_REPLICATES:
        thirds = (first, first + third - 1), (last - third + 1, last)
        early, late = (_effects(base, others, by, wanted, each, [])[0] for each in thirds)
        notes += _turned(early, late, third)
    aims, pairs = {}, []
    every = list(changes) or [()] * len(others)
    for other, common, differs in zip(others, replicates, every, strict=True):
        own = own_outcomes(base, other, differs)
        aims[other.name] = own, aimed_at(base, other, differs, by)
        pairs.append(Pair(other, common, tuple(differs)))
    rows = ordered(rows, spreads(base, by, wanted), aims)
    return Compared(base, tuple(pairs), by, wanted, years, why_years, tuple(rows), tuple(notes))


def _effects(
    base: Alternative,
    others: Sequence[Alternative],
    by: By,
    outcomes: Sequence[Outcome],
    years: tuple[int, int],
    notes: list[str],
) -> tuple[list[Row], list[Ints]]:
    """Return all effects over some years, and the replicates of each pair."""
    ours, *values = period_values([base, *others], by, outcomes, years)
    region = str(base.run.manifest["regions"][-1])
    groups = np.array(groups_in(base.scenario.get("ensemble") or {}), dtype=np.int64)
    rows: list[Row] = []
    replicates = []
    for other, theirs in zip(others, values, strict=True):
        have = [np.unique(each.index.get_level_values("replicate")) for each in (ours, theirs)]
        shared: Ints = np.intersect1d(have[0], have[1])
        if not len(shared):
            message = _t("{name} and {base} have no finished replicate in common")
            raise ResultsError(message.format(name=other.asked, base=base.asked))
        if max(map(len, have)) > len(shared):
            message = _t(
                "{base} has {a} replicates and {name} {b}: the {n} that both have are used"
            )
            a, b = map(len, have)
            notes.append(message.format(base=base.name, a=a, name=other.name, b=b, n=len(shared)))
        for outcome in outcomes:
            plain, changed = (
                each[outcome.name].unstack("place", sort=False).reindex(shared)
                for each in (ours, theirs)
            )
            for place in plain.columns.intersection(changed.columns, sort=False):
                x, y = (each[place].to_numpy(dtype=np.float64) for each in (plain, changed))
                if np.isfinite([x, y]).all():
                    found = effect_on(outcome, x, y)
                    level = "region" if by == "province" and place == region else by
                    member = groups[shared % len(groups)] if len(groups) else NO_MEMBER
                    more: Any = {"values": (x, y), "named": other.label, "member": member}
                    rows.append(Row(other.name, outcome, str(place), level, found, **more))
        replicates.append(shared)
    return corrected(rows), replicates


def _other_arithmetic(base: Alternative, others: Sequence[Alternative]) -> Iterator[str]:
    """Say which alternatives a machine of other arithmetic computed."""
    ours = base.run.manifest["canary"]
    if apart := [one.name for one in others if one.run.manifest["canary"] != ours]:
        yield _t(
            "{base} and {others} come from machines whose numbers differ in the last digits: part "
            "of each difference may come from that"
        ).format(base=base.name, others=", ".join(apart))


def _doubled(rows: Sequence[Row], scale: float) -> Iterator[str]:
    """Say which changes are over 100 per cent, and which of them start from a few things."""
    large = [row for row in rows if row.per_cent.estimate > 100.0]
    few = [row for row in large if row.outcome.counted and row.effect.plain * scale < FEW_THINGS]
    large, told = sorted(large, key=lambda row: row not in few), []
    for at, row in enumerate(large[:TOLD]):
        each = _t("{what}: from {base} to {value}")
        if at < len(few):
            each = _t("{what}: from {base} to {value} (the base simulates fewer than {few} a run)")
        base, value = fmt.number(row.effect.plain), fmt.number(row.effect.changed)
        told.append(each.format(what=_named(row, rows), base=base, value=value, few=FEW_THINGS))
    told += [_t("and {n} more").format(n=len(large) - TOLD)] if len(large) > TOLD else []
    if told:
        yield _t("changes of more than 100 %: {what}").format(what=_t("; ").join(told))


def _turned(early: Sequence[Row], late: Sequence[Row], length: int) -> Iterator[str]:
    """Yield which effects are significant in the first and the last years, with another sign."""
    sure = {(row.alternative, row.outcome.name, row.place): row for row in early if row.significant}
    for row in late:
        before = sure.get((row.alternative, row.outcome.name, row.place))
        if before is not None and row.significant and before.rises != row.rises:
            sizes = [
                fmt.with_unit(fmt.number(change.estimate, 3, sign=True), pgettext("unit", unit))
                for change, unit in (before.shown, row.shown)
            ]
            yield _t(
                "the sign depends on the horizon: {what}: {early} in the first {n} years, {late} "
                "in the last"
            ).format(what=_named(row, late), early=sizes[0], late=sizes[1], n=length)


def _named(row: Row, rows: Sequence[Row]) -> str:
    """Return outcome and place of one of some effects, of several alternatives its name too."""
    lead = [row.named] if len({each.alternative for each in rows}) > 1 else []
    place = _t("region") if row.level == "region" else place_in_words(row)
    return _t(", ").join([*lead, row.outcome.label, place])


def period_values(
    alternatives: Sequence[Alternative],
    by: By,
    outcomes: Sequence[Outcome],
    years: tuple[int, int],
) -> list[pd.DataFrame]:
    """Return values over the years of each alternative, indexed by replicate and place.

    Results that several alternatives share are read once.

    ResultsError when no run of an alternative is finished.
    """
    cubes: dict[int, pd.DataFrame] = {}
    names, factors = zip(*((one.name, one.factor) for one in outcomes), strict=True)
    found = []
    for one in alternatives:
        if (key := id(one.run)) not in cubes:
            points = sorted({each.point for each in alternatives if each.results is one.results})
            cube = one.run.cube(names, by, points=points, years=years, reduce="period")
            cubes[key] = cube * list(factors)
        mine = cubes[key].query("point == @one.point").droplevel("point")
        if not len(mine):
            where = f"{one.run.path or one.run.name}: point {one.point}"
            message = _t("{where}: no run is finished; go on with ydsim resume")
            raise ResultsError(message.format(where=where))
        found.append(mine)
    return found


def effect_on(outcome: Outcome, plain: Floats, changed: Floats) -> Effect:
    """Return the effect on an outcome of values by replicate, (n,) each, as its change is said."""
    changed = without_rounding(plain, changed)
    amount = outcome.change_in == "per cent"
    return effect(plain, changed, counted=outcome.counted, amount=amount)


def corrected(rows: Sequence[Row], *, apart: str = "") -> list[Row]:
    """Return rows corrected for the number of tests.

    ``apart``: name of an alternative whose rows are no tests of their own.
    """
    p: Floats = np.array([math.nan if r.alternative == apart else r.effect.p for r in rows])
    each = zip(rows, holm(p).tolist(), false_discovery(p).tolist(), strict=True)
    return [replace(row, p_holm=p_holm, q=q) for row, p_holm, q in each]


# -- what an effect is measured against, and the order of effects ----------------------------------


def spreads(base: Alternative, by: By, outcomes: Sequence[Outcome]) -> dict[tuple[str, str], float]:
    """Return the yearly spread of the base by outcome and place, in the unit of `Row.change`.

    Of each replicate it is the standard deviation of the years of the run about their straight
    line, with two degrees of freedom less, of the logarithms in per cent, of shares in points, of
    what has values that are not positive in per cent of the mean; over replicates the root of the
    mean square, which does not depend on how many there are. NaN of fewer than three years.
    """
    cube = base.run.cube([one.name for one in outcomes], by, points=[base.point])
    found = {}
    for outcome in outcomes:
        yearly = (cube[outcome.name] * outcome.factor).droplevel("point").unstack("year")
        yearly = yearly.dropna(axis=1, how="all").dropna()
        for place, own in yearly.groupby(level="place", sort=False):
            found[outcome.name, str(place)] = _spread(own.to_numpy(np.float64), outcome.change_in)
    return found


def _spread(values: Floats, message: str) -> float:
    """Return the spread of values by replicate and year, (n, T), about a line each."""
    years = np.arange(values.shape[1]) - (values.shape[1] - 1) / 2.0
    if len(years) < MIN_REPLICATES or not len(values):
        return math.nan
    if message == "per cent":
        positive, mean = bool((values > 0.0).all()), float(values.mean())
        if not positive and mean <= 0.0:
            return math.nan
        values = np.log(values) if positive else values / mean
    values = values - values.mean(axis=1, keepdims=True)
    rest = values - np.outer(values @ years / (years @ years), years)
    spread = math.sqrt(float((rest**2).sum() / (len(values) * (len(years) - 2))))
    return spread if message == "points" else 100.0 * spread


def own_outcomes(base: Alternative, other: Alternative, changes: Sequence[Change]) -> set[str]:
    """Return the outcomes that changes set directly, as `OWN` says of policies and parameters."""
    kinds = {str(_policy(base, other, one.name).get("policy") or one.name) for one in changes}
    keys = [key.split(".") for change in changes for key in change.values]
    kinds |= {key[1] for key in keys if key[0] == "parameters"}
    return {name for kind in kinds for name in OWN.get(kind, ())}


def _policy(base: Alternative, other: Alternative, name: str) -> Mapping[str, Any]:
    """Return a policy that differs as plain data; empty of what is no policy."""
    found = other.policies.get(name) or base.policies.get(name)
    return found if isinstance(found, Mapping) else {}


def aimed_at(
    base: Alternative, other: Alternative, changes: Sequence[Change], by: By
) -> frozenset[str]:
    """Return the places of a level that targets of changed policies name; empty for all places."""
    named: dict[str, set[str]] = {}
    for change in changes:
        for key, names in (_policy(base, other, change.name).get("target") or {}).items():
            flat = pd.Series([names], dtype=object).explode().explode().dropna()  # of pairs too
            named.setdefault(key, set()).update(map(str, flat))
    if by in ("kind", "field"):
        return frozenset(named.get(f"{by}s", ()))
    provinces = named.get("provinces", set()) | named.get("pairs", set())
    corridors = (CORRIDORS.get(name, ()) for name in named.get("corridor", ()))
    cities = named.get("cities", set()).union(*corridors)
    known = set(map(str, base.run.manifest["regions"][:-1]))
    if by == "city" or cities:
        with suppress(YdsimError, ValueError):  # the world of a stranger is not here
            world = load_world(base.scenario["world"])
            homes = zip(world.city_names, world.city_province.tolist(), strict=True)
            home = {city: world.provinces[p] for city, p in homes}
            if by == "city":
                known, provinces = set(home), cities | {c for c in home if home[c] in provinces}
            else:
                provinces |= {home[city] for city in cities if city in home}
    return frozenset(provinces) if provinces & known < known else frozenset()


def ordered(
    rows: Sequence[Row],
    spread: Mapping[tuple[str, str], float],
    aims: Mapping[str, tuple[set[str], frozenset[str]]],
) -> list[Row]:
    """Return effects by alternative, outcome and place, those first that say most.

    ``spread``: by outcome and place. ``aims``: of each alternative, the outcomes that it sets
    directly and the places at which it aims. The order of outcomes is the same for all
    alternatives: that of the largest `Row.size` at places that are aimed at, else in the region.
    """
    full = [
        replace(
            row,
            spread=spread.get((row.outcome.name, row.place), math.nan),
            own=row.outcome.name in aims[row.alternative][0],
            aimed=row.place in aims[row.alternative][1],
        )
        for row in rows
    ]
    ranks: dict[str, tuple[bool, bool, float]] = {}
    for of in aims:
        own = [row for row in full if row.alternative == of]
        aimed = [row for row in own if row.aimed]
        for row in aimed or [row for row in own if row.level == "region"] or own:
            key = not row.seen, row.own, -float(np.nan_to_num(row.size))
            ranks[row.outcome.name] = min(key, ranks.get(row.outcome.name, key))
    return sorted(
        full,
        key=lambda row: (
            list(aims).index(row.alternative),
            ranks.get(row.outcome.name, (True, True, 0.0)),
            row.outcome.name,
            not row.aimed,
            row.level != "region",
            not row.excludes_zero,
            -abs(float(np.nan_to_num(row.change.estimate))),
        ),
    )


# -- the findings, a sentence each -----------------------------------------------------------------


def findings(found: Compared) -> list[str]:
    """Return what a comparison found of each alternative in a sentence, of equal ones the first."""
    return list(dict.fromkeys(_finding(found, pair) for pair in found.pairs))


def _finding(found: Compared, pair: Pair) -> str:
    base, name = _quoted(found.base.label), _quoted(pair.alternative.label)
    rows = found.rows_of(pair)
    row = leading(rows)
    if row is None:
        n = len(pair.replicates)
        text = _t("With {replicates} chance cannot be separated from an effect")
        if not any(row.effect.difference.estimate for row in rows):
            text = _t("{policy} and {base} give the same figures: nothing differs")
        elif n >= MIN_REPLICATES:
            text = _t(
                "No effect of {policy} against {base} can be distinguished from chance "
                "({n} pairs, {tests} tests)"
            )
        replicates = fmt.counted(n, "replicate")
        return text.format(policy=name, base=base, n=n, tests=found.tests, replicates=replicates)
    change, unit = row.shown
    # the one change of an alternative says what its name does not
    says_more = len(pair.changes) == 1 and (pair.alternative.given or not pair.alternative.changed)
    text = _t("{policy} raises {outcome} by {size} in {place}, against {base}")
    if not row.rises:
        text = _t("{policy} lowers {outcome} by {size} in {place}, against {base}")
        change = Interval(-change.estimate, -change.high, -change.low)
    ends = change.estimate, change.low, change.high
    text = text.format(
        policy=_t("{what} ({change})").format(what=name, change=pair.changes[0].subject)
        if says_more
        else name,
        outcome=row.outcome.label,
        size=fmt.interval(*ends, pgettext("unit", unit)),
        place=_t("the region") if row.level == "region" else place_in_words(row),
        base=base,
    )
    whole = [r for r in rows if r.level == "region" and r.outcome == row.outcome]
    if row.level == "region":
        return text
    if row.aimed and whole:
        return _t("{text}; in the region {change}").format(text=text, change=change_of(whole[0]))
    return _t("{said}: the largest of {n} significant changes in {tests} tests (Holm)").format(
        said=text, n=sum(each.significant for each in rows), tests=found.tests
    )


def change_of(row: Row) -> str:
    """Return a change with its interval as text, and a mark where it excludes zero."""
    change, unit = row.shown
    unit = pgettext("unit", unit)
    if change.estimate == 0.0 and not change.low < 0.0:
        return fmt.with_unit("0", unit)
    text = fmt.interval(change.estimate, change.low, change.high, unit, sign=True)
    return f"{text} {row.mark}".rstrip()


def by_members(row: Row) -> str:
    """Return the ends between which 80 per cent of members lie as text, empty without them."""
    found, unit = row.over_members, pgettext("unit", row.shown[1])
    if math.isnan(found.low):
        return ""
    if found.low == found.high:
        return _t("no spread seen")
    low, high = (fmt.number(end, 2, sign=True) for end in (found.low, found.high))
    return fmt.with_unit(_t("{low} to {high}").format(low=low, high=high), unit)


def place_in_words(row: Row) -> str:
    """Return the place of an effect; of a kind of organisation the plural, as in "firms"."""
    if row.level != "kind":
        return _t(row.place)
    plural = {"firm": _t("firms"), "university": _t("universities"), "institute": _t("institutes")}
    return plural.get(row.place, row.place)


def few_in_words(n: int) -> str:
    """Say that n replicates have no interval, or a wide one; empty from five on."""
    if n < MIN_REPLICATES:
        return _t("Fewer than three replicates: no interval, so that any change may be chance.")
    return _t("Fewer than five replicates: the interval is wide.") if n < ENOUGH_REPLICATES else ""


def leading(rows: Sequence[Row]) -> Row | None:
    """Return the effect of an alternative that its finding is about; None where none is seen.

    ``rows``: its effects, `ordered`. It is of the places that are aimed at where one is seen there,
    else of the region, else of any place; of the first outcome that is not set directly, if there
    is one; and of several places where the change is largest over its spread.
    """
    groups = [r for r in rows if r.aimed], [r for r in rows if r.level == "region"], rows
    for group in groups:
        if seen := [row for row in group if row.seen]:
            first = next((row for row in seen if not row.own), seen[0])
            return max((r for r in seen if r.outcome == first.outcome), key=lambda r: r.size)
    return None


def _quoted(label: str) -> str:
    return _t("\u2018{name}\u2019").format(name=shorten(label, 60))
