"""Settings compared in pairs of the same draws: effects by place, winners and losers, money.

The family of tests, over which Holm and false discovery correct, are all rows of the table:
every outcome, place and setting that is compared with the base.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.analysis import public_money
from ydsim.analysis.alternatives import Side, hint_of, require_alike
from ydsim.analysis.outcomes import By, Outcome, chosen
from ydsim.analysis.place_values import Reader, Values
from ydsim.analysis.policy_changes import Change, changes, first_year
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import Effect, Interval, effect, false_discovery, holm, without_rounding
from ydsim.store.manifest import REGION
from ydsim.typing import Ints

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.05
LAST_YEARS = 5
"""Years that are looked at where nothing says from when on settings differ."""


@dataclass(frozen=True)
class Row:
    """One effect.

    Attributes
    ----------
    other
        Name of the setting that is compared with the base.
    outcome
        In what.
    place, level
        Where; ``region``, ``province``, ``city``, ``kind`` or ``field``.
    effect
        In the unit of tables.
    p_holm, q
        The p of no difference by Holm, and by Benjamini and Hochberg; NaN without a test.
    """

    other: str
    outcome: Outcome
    place: str
    level: str
    effect: Effect
    p_holm: float = float("nan")
    q: float = float("nan")

    @property
    def per_cent(self) -> Interval:
        """The change in per cent of the base; NaN of shares, and where the base is not positive."""
        if self.outcome.said == "log":
            return self.effect.difference.in_per_cent
        if self.outcome.said == "points" or not self.effect.plain > 0.0:
            return Interval(float("nan"), float("nan"), float("nan"))
        return self.effect.ratio.times(100.0)

    @property
    def change(self) -> Interval:
        """The change as it is said: points of shares, per cent of all else."""
        return self.effect.difference if self.outcome.said == "points" else self.per_cent

    @property
    def significant(self) -> bool:
        """The effect is beyond zero when all tests are counted."""
        return bool(self.p_holm < LEVEL)

    @property
    def rises(self) -> bool:
        """The setting has more than the base."""
        return self.effect.difference.gap > 0.0


@dataclass(frozen=True)
class Pair:
    """One setting beside the base.

    Attributes
    ----------
    other
        The setting.
    replicates
        That both have finished.
    changes
        What it differs in.
    costs, per_result, take_up
        Public money; empty where it was not recorded.
    """

    other: Side
    replicates: Ints
    changes: list[Change]
    costs: list[public_money.Cost]
    per_result: list[public_money.PerResult]
    take_up: list[public_money.TakeUp]


class Compared:
    """What a comparison found.

    Attributes
    ----------
    base
        The setting that others are held against.
    pairs
        The others, in their order.
    by, outcomes
        Level and outcomes of the table.
    years, why_years
        First and last year that are looked at, and why these.
    rows
        All effects.
    notes
        What the reader must know, one line each.
    """

    def __init__(
        self,
        base: Side,
        pairs: list[Pair],
        by: By,
        outcomes: tuple[Outcome, ...],
        years: tuple[int, int],
        why_years: str,
        rows: list[Row],
        notes: list[str],
    ) -> None:
        self.base = base
        self.pairs = pairs
        self.by = by
        self.outcomes = outcomes
        self.years = years
        self.why_years = why_years
        self.rows = rows
        self.notes = notes

    @property
    def others(self) -> list[Side]:
        """The settings that are compared with the base."""
        return [pair.other for pair in self.pairs]

    @property
    def tests(self) -> int:
        """Number of tests over which Holm and false discovery correct."""
        return sum(not np.isnan(row.effect.p) for row in self.rows)

    @property
    def replicates(self) -> int:
        """Fewest pairs of any setting."""
        return min(len(pair.replicates) for pair in self.pairs)

    @property
    def facts(self) -> dict[str, Any]:
        """What made it: seed, scale, first and last year, world, its digest, version, hash."""
        plain, results = self.base.scenario, [side.results for side in (self.base, *self.others)]
        hashes = dict.fromkeys(str(one.manifest["hash"])[:10] for one in results if one is not None)
        return {
            "seed": plain["seed"],
            "scale": plain["scale"],
            "start": plain["start"],
            "end": plain["end"],
            "world": plain["world"],
            "digest": self.base.world[:12],
            "version": self.base.version,
            "hash": ", ".join(hashes),
        }

    @property
    def nothing_differs(self) -> bool:
        """Every value of every setting equals that of the base."""
        return all(row.effect.difference.gap == 0.0 for row in self.rows)

    def of(self, other: str, outcome: str) -> list[Row]:
        """Return the rows of a setting and an outcome."""
        return [row for row in self.rows if row.other == other and row.outcome.name == outcome]

    @cached_property
    def effects(self) -> pd.DataFrame:
        """One row an effect; columns are those of ``effects.csv`` (docs/compare.md)."""
        import pandas as pd

        return pd.DataFrame([_plain(self.base.name, row) for row in self.rows])

    @property
    def winners(self) -> pd.DataFrame:
        """Rows of places that gain beyond zero by Holm."""
        return self.effects[self.effects["significant"] & (self.effects["effect"] > 0.0)]

    @property
    def losers(self) -> pd.DataFrame:
        """Rows of places that lose beyond zero by Holm."""
        return self.effects[self.effects["significant"] & (self.effects["effect"] < 0.0)]

    @cached_property
    def cost(self) -> pd.DataFrame:
        """Public money a year by setting, policy and place, 100 million yuan."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "policy": pair.other.name,
                    "instrument": one.instrument,
                    "place": one.place,
                    "base_mean": one.effect.plain,
                    "policy_mean": one.effect.changed,
                    **_ends("effect", one.effect.difference),
                    "leaked_share": one.leaked,
                }
                for pair in self.pairs
                for one in pair.costs
            ]
        )

    @cached_property
    def cost_per_result(self) -> pd.DataFrame:
        """Public money for one more result in the region, 100 million yuan."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "policy": pair.other.name,
                    "outcome": one.outcome.name,
                    "unit": f"100m_rmb for each of {one.outcome.unit}",
                    **_ends("cost", one.cost),
                    "why_not": one.why,
                }
                for pair in self.pairs
                for one in pair.per_result
            ]
        )

    @cached_property
    def take_up(self) -> pd.DataFrame:
        """Money spent and offered a year by setting and policy, 100 million yuan."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "policy": pair.other.name,
                    "instrument": one.instrument,
                    "spent": one.spent,
                    "offered": one.offered,
                    **_ends("share", one.share),
                    "why_not": one.why,
                }
                for pair in self.pairs
                for one in pair.take_up
            ]
        )


def _ends(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.gap, f"{name}_low": interval.low, f"{name}_high": interval.high}


def _plain(base: str, row: Row) -> dict[str, Any]:
    found = row.effect
    return {
        "base": base,
        "policy": row.other,
        "outcome": row.outcome.name,
        "label": row.outcome.label,
        "kind": row.outcome.kind,
        "unit": row.outcome.shown_unit,
        "level": row.level,
        "place": row.place,
        "prior": row.outcome.prior,
        "n": found.n,
        "base_mean": found.plain,
        "policy_mean": found.changed,
        **_ends("effect", found.difference),
        **_ends("per_cent", row.per_cent),
        "p": found.p,
        "p_holm": row.p_holm,
        "q_fdr": row.q,
        "significant": row.significant,
        "variance_removed": found.removed,
    }


def compared(
    sides: Sequence[Side],
    *,
    by: By = "province",
    outcomes: Sequence[str] = (),
    years: tuple[int, int] | None = None,
) -> Compared:
    """Return how settings differ from the first of them; all have results.

    Parameters
    ----------
    sides
        The base, and one or more others, with their results.
    by
        Level of the places.
    outcomes
        Names; by default the usual ones of the level.
    years
        First and last; by default from the first year in which the policies differ.

    Raises
    ------
    UsageError
        When the sides are not of one model and draws, or an outcome or year is not there.
    ResultsError
        When no run of a side is finished, or no replicate is common.
    """
    base, *others = sides
    require_alike(sides)
    assert base.results is not None
    wanted = chosen(by, outcomes, base.results.manifest["indicators"])
    reader = Reader()
    values = []
    for side in sides:
        assert side.results is not None
        values.append(reader.values(side.results, side.point, by, wanted))
    differing = [changes(base.scenario, side.scenario) for side in others]
    window, why = _window(years, sides, differing)
    notes: list[str] = []
    rows: list[Row] = []
    shared = []
    for side, theirs in zip(others, values[1:], strict=True):
        shared.append(_common(base, side, values[0], theirs, notes))
        rows += _rows(side, wanted, values[0], theirs, window, shared[-1])
    rows = _tested(rows)
    pairs = [
        _pair(reader, base, side, common, what, window, _sure(rows, side), values[0], theirs)
        for side, common, what, theirs in zip(others, shared, differing, values[1:], strict=True)
    ]
    notes += [hint for side in others if (hint := hint_of(base, side))]
    if not rows:
        names = ", ".join(one.name for one in wanted)
        raise UsageError(f"{names}: no values by {by} in {window[0]}-{window[1]}")
    notes += _missing(wanted, rows)
    return Compared(base, pairs, by, wanted, window, why, rows, notes)


def _window(
    years: tuple[int, int] | None, sides: Sequence[Side], differing: Sequence[list[Change]]
) -> tuple[tuple[int, int], str]:
    """Return the years that are looked at, and why these."""
    first = max(int(side.scenario["start"]) for side in sides)
    last = min(int(side.scenario["end"]) for side in sides)
    if years is not None:
        if not first <= years[0] <= years[1] <= last:
            raise UsageError(f"years {years[0]}-{years[1]}: the runs have {first}-{last}")
        return years, "as asked"
    begins = [first_year(found) for found in differing if found]
    known = [year for year in begins if year is not None and first <= year <= last]
    if known and len(known) == len(begins):
        return (min(known), last), "from the first year in which the policies differ"
    return (max(first, last - LAST_YEARS + 1), last), "the last years of the runs"


def _common(base: Side, side: Side, ours: Values, theirs: Values, notes: list[str]) -> Ints:
    common: Ints = np.intersect1d(ours.replicates, theirs.replicates)
    if not len(common):
        raise ResultsError(f"{side.asked} and {base.asked} have no finished replicate in common")
    counts = len(ours.replicates), len(theirs.replicates)
    if max(counts) > len(common):
        notes.append(
            f"{base.name} has {counts[0]} replicates and {side.name} {counts[1]}: the "
            f"{len(common)} that both have are used"
        )
    return common


def _rows(
    side: Side,
    outcomes: Sequence[Outcome],
    ours: Values,
    theirs: Values,
    years: tuple[int, int],
    replicates: Ints,
) -> Iterator[Row]:
    places = {place: at for at, place in enumerate(theirs.places)}
    for outcome in outcomes:
        plain = ours.over(outcome, *years, replicates)
        changed = theirs.over(outcome, *years, replicates)
        for at, place in enumerate(ours.places):
            if place not in places:
                continue
            x, y = plain[:, at], changed[:, places[place]]
            if np.isfinite(x).all() and np.isfinite(y).all():
                found = effect(x, without_rounding(x, y), counted=outcome.counted)
                yield Row(side.name, outcome, place, ours.levels[at], found)


def _tested(rows: Sequence[Row]) -> list[Row]:
    """Return rows corrected for the number of tests."""
    p = [row.effect.p for row in rows]
    corrected = zip(rows, holm(p).tolist(), false_discovery(p).tolist(), strict=True)
    return [
        Row(row.other, row.outcome, row.place, row.level, row.effect, p_holm, q)
        for row, p_holm, q in corrected
    ]


def _sure(rows: Sequence[Row], side: Side) -> dict[Outcome, bool]:
    """Return by flow whether a side changes it in the whole region beyond zero."""
    return {
        row.outcome: row.significant
        for row in rows
        if row.other == side.name and row.level == "region" and row.outcome.kind == "flow"
    }


def _missing(outcomes: Sequence[Outcome], rows: Sequence[Row]) -> list[str]:
    there = {row.outcome.name for row in rows}
    lost = [one.name for one in outcomes if one.name not in there]
    return [f"not in these results or years: {', '.join(lost)}"] if lost else []


def _pair(
    reader: Reader,
    base: Side,
    side: Side,
    replicates: Ints,
    what: list[Change],
    years: tuple[int, int],
    sure: dict[Outcome, bool],
    ours: Values,
    theirs: Values,
) -> Pair:
    if not (public_money.recorded(base) and public_money.recorded(side)):
        return Pair(side, replicates, what, [], [], [])
    costs = public_money.costs(reader, base, side, years, replicates)
    money = public_money.totals(reader, base, side, years, replicates)
    results = {}
    for one in sure:
        plain, changed = (of.over(one, *years, replicates) for of in (ours, theirs))
        at = ours.places.index(REGION)
        results[one] = (plain[:, at], changed[:, at])
    return Pair(
        side,
        replicates,
        what,
        costs,
        public_money.per_result(money, results, sure),
        public_money.take_up(reader, side, years, replicates),
    )
