"""Settings compared in pairs of the same draws: effects by place, winners and losers, money.

The family of tests, over which Holm and false discovery correct, are all rows of the table:
every outcome, place and setting that is compared with the base.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ydsim.analysis import public_money
from ydsim.analysis.alternatives import Side, hint_of, require_alike
from ydsim.analysis.comparison_result import Compared, Pair, Row
from ydsim.analysis.outcomes import By, Outcome, chosen
from ydsim.analysis.place_values import Reader, Values
from ydsim.analysis.policy_changes import Change, changes, first_year
from ydsim.errors import ResultsError, UsageError
from ydsim.measures.effects import effect, false_discovery, holm, without_rounding
from ydsim.typing import Ints

LAST_YEARS = 5
"""Years that are looked at where nothing says from when on settings differ."""


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
    window, why = window_of(years, sides, differing)
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


def window_of(
    years: tuple[int, int] | None, sides: Sequence[Side], differing: Sequence[list[Change]]
) -> tuple[tuple[int, int], str]:
    """Return the years that are looked at, and why these.

    Parameters
    ----------
    years
        First and last as they are asked for; None for those that suit.
    sides
        All settings.
    differing
        Of each setting beside the base, what it differs in.

    Raises
    ------
    UsageError
        When there are no such years.
    """
    first, last = years_of(side.scenario for side in sides)
    if years is not None:
        require_window(years, first, last)
        return years, "as asked"
    begins = [first_year(found) for found in differing if found]
    known = [year for year in begins if year is not None and first <= year <= last]
    if known and len(known) == len(begins):
        return (min(known), last), "from the first year in which the policies differ"
    return (max(first, last - LAST_YEARS + 1), last), "the last years of the runs"


def years_of(scenarios: Iterable[Mapping[str, Any]]) -> tuple[int, int]:
    """Return the first and last year that scenarios, as plain data, have in common."""
    spans = [(int(each["start"]), int(each["end"])) for each in scenarios]
    return max(start for start, _ in spans), min(end for _, end in spans)


def require_window(years: tuple[int, int], first: int, last: int) -> None:
    """Refuse years, first and last, that do not lie in those of the runs.

    Raises
    ------
    UsageError
        With the years that runs have.
    """
    if not first <= years[0] <= years[1] <= last:
        raise UsageError(f"years {years[0]}-{years[1]}: the runs have {first}-{last}")


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
        at = ours.levels.index("region")
        results[one] = (plain[:, at], changed[:, at])
    return Pair(
        side,
        replicates,
        what,
        costs,
        public_money.per_result(money, results, sure),
        public_money.take_up(reader, side, years, replicates),
    )
