"""What the figures show: values by replicate and time, with their mean and spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.errors import NothingToDrawError as NothingToDrawError
from ydsim.measures.effects import CONFIDENCE
from ydsim.plots.messages import say
from ydsim.results.cube import outcomes_at
from ydsim.results.results import PROVINCE_YEAR, SERIES, Results
from ydsim.store.layout import OFFICIAL
from ydsim.typing import Columns, Floats, Ints

MANY = 20
"""Replicates from which on the tails are left out of a spread."""


@dataclass(frozen=True)
class Band:
    """Mean and spread over replicates.

    Attributes
    ----------
    mean, low, high
        Shape (T,), NaN where there is no value; ``low`` and ``high`` are NaN for one replicate.
    """

    mean: Floats
    low: Floats
    high: Floats

    @property
    def lines(self) -> tuple[Floats, Floats, Floats]:
        """Mean, low and high."""
        return self.mean, self.low, self.high

    @property
    def has_spread(self) -> bool:
        """Whether any time has a spread."""
        return bool(np.isfinite(self.low).any())

    def without_spread(self) -> Band:
        """Return the mean alone."""
        nothing = np.full_like(self.mean, np.nan)
        return Band(self.mean, nothing, nothing)


def band(values: Floats) -> Band:
    """Return mean and spread of ``values``, shape (replicates, T), where NaN means no value.

    The spread tells where a single run may lie: the range of the replicates, or the central 95 %
    of them from `MANY` replicates on.
    """
    mean, low, high = np.full((3, values.shape[1]), np.nan)
    tail = (1.0 - CONFIDENCE) / 2.0 if len(values) >= MANY else 0.0
    for t in range(values.shape[1]):
        column = values[np.isfinite(values[:, t]), t]
        if len(column):
            mean[t] = column.sum() / len(column)
        if len(column) > 1:
            low[t], high[t] = np.quantile(column, [tail, 1.0 - tail])
    return Band(mean, low, high)


def in_words(n: int) -> str:
    """Say what the lines and bands of ``n`` replicates are."""
    if n == 1:
        return say("ensemble.one_replicate")
    if n < MANY:
        return say("ensemble.range", n=n)
    return say("ensemble.central", n=n, percent=f"{100 * CONFIDENCE:.0f}")


def first_point(columns: Columns) -> Columns:
    """Return the rows of the first point of the experiment."""
    if not columns or len(columns["point"]) == 0:
        return {}
    mine = columns["point"] == columns["point"].min()
    return {name: column[mine] for name, column in columns.items()}


class Yearly:
    """Yearly values of provinces and of the whole region.

    Attributes
    ----------
    years
        The years that were run, all of them.
    provinces, whole
        Names in the world's order, and the name of the region.
    replicates, n
        Numbers of the replicates, and how many they are.
    """

    def __init__(self, results: Results) -> None:
        if PROVINCE_YEAR not in results.tables or not results.done:
            raise NothingToDrawError(say("ensemble.no_series"))
        names = list(outcomes_at("province", results.manifest["indicators"]))
        first = results.cube(names[:1]).index.get_level_values("point").min()
        self._values = results.cube(names, points=[int(first)]).droplevel("point")
        if not self._values.notna().any(axis=None):
            raise NothingToDrawError(say("ensemble.no_series"))
        replicates, years = (
            np.unique(self._values.index.get_level_values(name)) for name in ("replicate", "year")
        )
        self.years: Ints = years
        *provinces, whole = results.manifest["regions"]
        self.provinces = tuple(str(name) for name in provinces)
        self.whole = str(whole)
        self.replicates = tuple(int(each) for each in replicates)
        self.n = len(self.replicates)
        official = results.raw(OFFICIAL)
        cells = [official.get(k, ()) for k in ("indicator", "region", "year", "value")]
        self._official = {tuple(key): value for *key, value in zip(*cells, strict=True)}

    def values(self, indicator: str, region: str) -> Floats:
        """Return the values of an indicator, shape (replicates, years), NaN where there is none."""
        if indicator not in self._values:
            return np.full((self.n, len(self.years)), np.nan)
        mine = self._values[indicator].xs(region, level="place").unstack("year")
        return mine.reindex(self.replicates, columns=self.years).to_numpy()

    def official(self, indicator: str, region: str) -> Floats:
        """Return the official figures of the years run, shape (years,), NaN where there is none."""
        found = [self._official.get((indicator, region, year), np.nan) for year in self.years]
        return np.array(found, dtype=np.float64)

    def last_official(self, indicator: str) -> int | None:
        """Return the last year run with an official figure of some province, None without any."""
        known = [np.isfinite(self.official(indicator, name)) for name in self.provinces]
        years = self.years[np.any(known, axis=0)] if known else self.years[:0]
        return int(years[-1]) if len(years) else None

    def require(self, indicators: Sequence[str]) -> None:
        """Raise `NothingToDrawError` unless one of ``indicators`` was recorded."""
        there = self._values.columns[self._values.notna().any()]
        if not there.isin(indicators).any():
            raise NothingToDrawError(say("ensemble.not_recorded", names=" and ".join(indicators)))


def regional_quarters(results: Results, indicators: Sequence[str]) -> tuple[Floats, list[Floats]]:
    """Return decimal years at the end of each quarter, shape (T,), and values by indicator.

    Each item of the values has shape (replicates, T).
    """
    rows = first_point(results.raw(SERIES)) if _has(results, SERIES) else {}
    if not rows or not any(name in rows for name in indicators):
        raise NothingToDrawError(say("ensemble.not_recorded", names=" and ".join(indicators)))
    whole = rows["region"] == results.manifest["regions"][-1]
    time = rows["year"][whole].astype(np.int64) * 4 + rows["quarter"][whole].astype(np.int64)
    times, t = np.unique(time, return_inverse=True)
    replicates, r = np.unique(rows["replicate"][whole], return_inverse=True)
    found = []
    for name in indicators:
        values = np.full((len(replicates), len(times)), np.nan)
        if name in rows:
            values[r, t] = rows[name][whole]
        found.append(values)
    ends: Floats = times.astype(np.float64) / 4.0
    return ends, found


def _has(results: Results, table: str) -> bool:
    return table in results.tables
