"""An outcome at every point of a sweep, with intervals, and against another point.

Values are those of one year; the interval is that of the mean over replicates, by Student's t. A
change between two points is taken pair by pair of equal replicates (`ydsim.measures.effects`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.errors import NothingToDrawError
from ydsim.fmt import number
from ydsim.measures.effects import NO_INTERVAL, Effect, Interval, effect, holm, interval
from ydsim.plots.factors import Design, design_of
from ydsim.plots.messages import indicator_in_words, say, unit_beside, unit_in_words
from ydsim.plots.style import shown
from ydsim.results.cube import dense
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import capital

USUAL = ("launches", "rd_expenditure")
"""Outcomes that are shown where none is named: the first of them that was recorded."""

LEVEL = 0.05
"""A change is beyond chance when its p is below this."""

DIFFERENCES = ("log", "index", "1", "share", "pct")
"""Units of which a change is a difference and no ratio."""


@dataclass(frozen=True)
class SweepOutcome:
    """One indicator at every point.

    Attributes
    ----------
    indicator, unit
        As tables have them.
    region
        A province, or the whole region.
    year
        None where points end in different years: each has its last.
    values
        (points, replicates) NaN where no run is finished.
    planned, failed
        (points,) runs in all, and those that failed.
    design
        Factors and base point.
    whole
        Whether ``region`` is the whole region.
    kind
        ``flow``, ``stock``, ``mean`` or ``ratio``.
    """

    indicator: str
    unit: str
    kind: str
    region: str
    whole: bool
    year: int | None
    values: Floats
    planned: Ints
    failed: Ints
    design: Design

    @property
    def words(self) -> str:
        """The indicator in words."""
        return indicator_in_words(self.indicator)

    @property
    def subject(self) -> str:
        """The indicator, and of which province where it is not the whole region."""
        if self.whole:
            return self.words
        return say("sweeps.of_region", outcome=self.words, region=shown(self.region))

    @property
    def label(self) -> str:
        """The indicator with its unit, for an axis."""
        unit = unit_beside(self.words, self.unit, self.kind)
        return say("sweeps.label", outcome=capital(self.words), unit=unit)

    @property
    def as_difference(self) -> bool:
        """Whether a change is a difference in the unit itself."""
        base = self.values[self.design.base]
        known = base[np.isfinite(base)]
        return self.unit in DIFFERENCES or not len(known) or float(known.mean()) == 0.0

    @property
    def change_unit(self) -> str:
        """Unit of a change, for an axis."""
        if not self.as_difference:
            return say("sweeps.per_cent")
        return say("sweeps.points") if self.unit in ("share", "pct") else unit_in_words(self.unit)

    def known(self) -> Bools:
        """Return which points have a value, shape (points,)."""
        there: Bools = np.asarray(np.isfinite(self.values).any(axis=1))
        return there

    def counts(self, points: Ints) -> Ints:
        """Return the replicates with a value at each of ``points``."""
        number: Ints = np.isfinite(self.values[points]).sum(axis=1)
        return number

    def mean(self, point: int) -> Interval:
        """Return the mean over replicates with its interval; NaN where there is none."""
        values = self.values[point]
        there = values[np.isfinite(values)]
        if not len(there):
            return NO_INTERVAL
        _, mean, low, high = interval(there)
        return Interval(mean, np.nan if low is None else low, np.nan if high is None else high)

    def change(self, here: Floats, there: Floats) -> Interval:
        """Return the change between two rows of replicates: in per cent, points, or the unit."""
        found = _effect(here, there)
        if found is None:
            return NO_INTERVAL
        if self.as_difference:
            return found.difference.times(100.0 if self.unit == "share" else 1.0)
        return found.ratio.times(100.0)

    def size(self, change: float) -> str:
        """Say how large a change is, without its sign."""
        if not self.as_difference:
            return say("sweeps.size_per_cent", value=number(abs(change), 2))
        if self.unit in ("share", "pct"):
            return say("sweeps.size_points", value=number(abs(change), 2))
        unit = unit_in_words(self.unit)
        return say("sweeps.size_unit", value=number(abs(change), 3), unit=unit)


def beyond_chance(rows: Floats, base: Floats) -> Bools:
    """Return which rows of replicates differ from ``base`` beyond chance when all are counted.

    By Holm's rule at 5 per cent; never with one replicate.
    """
    p = [np.nan if (found := _effect(row, base)) is None else found.p for row in rows]
    sure: Bools = np.nan_to_num(holm(p), nan=1.0) < LEVEL
    return sure


def _effect(here: Floats, there: Floats) -> Effect | None:
    """Return the effect over the replicates that both rows have; None where there are none."""
    both = np.isfinite(here) & np.isfinite(there)
    return effect(there[both], here[both]) if both.any() else None


def read_outcome(
    results: Results,
    indicator: str | None = None,
    region: str | None = None,
    year: int | None = None,
) -> SweepOutcome:
    """Return an outcome of every point of a sweep.

    Parameters
    ----------
    indicator
        By default the outcome of the rule for replicates, else the first of `USUAL`.
    region
        A province; by default the whole region.
    year
        By default the last one.

    Raises
    ------
    NothingToDrawError
        When no run is finished, the outcome was not recorded, or there is no such year.
    """
    design = design_of(results)
    if not design.factors:
        raise NothingToDrawError(say("sweeps.no_factor"))
    if not results.done:
        raise NothingToDrawError(say("sweeps.no_run"))
    whole = str(results.manifest["regions"][-1])
    known = results.manifest["indicators"]
    name = indicator or _usual(results)
    last = _last_years(results)
    if year is None and region in (None, whole):
        shown = last[0] if len(last) == 1 else None
        runs = results.runs.set_index(["point", "replicate"])
        if name not in runs or not np.isfinite(runs[name]).any():
            raise NothingToDrawError(say("sweeps.not_recorded", name=name, place=whole))
        points = range(len(results.contents.points))
        values = runs[name].unstack("replicate").reindex(points).to_numpy(np.float64)
    else:
        shown = last[-1] if year is None else year
        _, paths = read_paths(results, name, region, (shown, shown))
        values = paths[:, :, 0]
    planned, failed = _counts(results)
    return SweepOutcome(
        name, str(known[name]["unit"]), str(known[name]["kind"]), region or whole,
        region in (None, whole), shown, values, planned, failed, design,
    )  # fmt: skip


def _usual(results: Results) -> str:
    rule = results.manifest["replicates"]
    if isinstance(rule, dict) and "outcome" in rule:
        return str(rule["outcome"])
    known = [n for n, card in results.manifest["indicators"].items() if "region" in card["levels"]]
    return next((name for name in USUAL if name in known), known[0])


def read_paths(
    results: Results,
    indicator: str | None = None,
    region: str | None = None,
    years: tuple[int, int] | None = None,
) -> tuple[int, Floats]:
    """Return the first year, and an indicator at every point, (points, replicates, years).

    Raises
    ------
    NothingToDrawError
        When the yearly series were not kept, or none of the years is there.
    """
    place = region or str(results.manifest["regions"][-1])
    name = indicator or _usual(results)
    if PROVINCE_YEAR not in results.tables:
        raise NothingToDrawError(say("sweeps.no_years"))
    every = results.cube([name], places=[place])
    if not len(every):
        raise NothingToDrawError(say("sweeps.no_run"))
    when = every.index.get_level_values("year")
    first, last = years or (when.min(), when.max())
    found = every[(when >= first) & (when <= last)]
    if not len(found):
        facts = {"year": first, "first": when.min(), "last": when.max()}
        raise NothingToDrawError(say("sweeps.no_year", **facts))
    known = found.dropna().index.get_level_values("year")
    if not len(known):
        raise NothingToDrawError(say("sweeps.not_recorded", name=name, place=place))
    replicates = np.unique(found.index.get_level_values("replicate"))
    paths = dense(found, name, len(results.contents.points), replicates, [place])[:, :, 0]
    begin = int(known.min()) - int(found.index.get_level_values("year").min())
    return int(known.min()), paths[:, :, begin : begin + int(known.max() - known.min()) + 1]


def _counts(results: Results) -> tuple[Ints, Ints]:
    points, plan = results.contents.points, results.contents.plan
    planned = np.zeros(len(points), dtype=np.int64)
    for of in plan.hashes:
        planned[points.rows[of]] += 1
    failed = np.zeros(len(points), dtype=np.int64)
    for failure in results.failures:
        failed[list(failure["points"])] += 1
    return planned, failed


def _last_years(results: Results) -> list[int]:
    """Return the last years that points have, in order."""
    points = results.contents.points
    ends = set()
    for of, (row, *_) in points.rows.items():
        changed = '"end"' in points.columns["changes"][row]
        ends.add(int((points.scenario(of) if changed else points.base)["end"]))
    return sorted(ends)
