"""Adoption curves of single generations, aligned at their founding.

    share_gp(age) = 100 adopters_gp / eligible_gp

in per cent: of the living firms of the industry that can use generation g, in place p, those that
have adopted it, by the quarters since it was founded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.measures.diffusion import time_to
from ydsim.measures.order import positions_of
from ydsim.plots.counts import read_rows
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.messages import say
from ydsim.results.results import Results
from ydsim.typing import Bools, Columns, Floats, Ints

LONGEST = 40
"""Quarters from the founding on that are shown at most, and quarters of founding taken in."""

HALF = 50.0
"""Per cent of the firms at which t50 is taken."""


@dataclass(frozen=True)
class Curves:
    """Adopters of the generations founded early in a run, each followed equally long.

    Attributes
    ----------
    places
        Names: the provinces, and the whole region last.
    share
        Shape (generations, places, ages): adopters in per cent of the firms that can use the
        generation, by quarters since the founding; NaN once it is retired, or without such firms.
    home
        Shape (generations,): founded in the region.
    replicate
        Shape (generations,).
    first, last
        First and last year of founding taken in.
    """

    places: tuple[str, ...]
    share: Floats
    home: Bools
    replicate: Ints
    first: int
    last: int

    @property
    def ages(self) -> Floats:
        """Years since the founding."""
        return np.arange(self.share.shape[2]) / 4.0

    def quartiles(self, home: bool, place: int) -> Floats:
        """Return lower quartile, median and upper quartile by age, shape (3, ages).

        A retired generation, which nearly all firms have adopted, keeps its last value: the
        fastest do not drop out.
        """
        return _quantiles(carried(self.share[self.home == home, place]), [0.25, 0.5, 0.75])

    def half_time(self, home: bool, place: int) -> float:
        """Return the years after which the median reaches half of the firms; NaN if it does not."""
        median = self.quartiles(home, place)[1]
        known = np.isfinite(median)
        return time_to(self.ages[known], median[known], HALF) if known.any() else float("nan")

    def reach_half(self, home: bool, place: int) -> float:
        """Return the share of generations that reach half of the firms; NaN without any."""
        values = carried(self.share[self.home == home, place])
        known = values[np.isfinite(values).any(axis=1)]
        return float((np.nanmax(known, axis=1) >= HALF).mean()) if len(known) else float("nan")

    def final_medians(self, home: bool, place: int) -> dict[int, float]:
        """Return the median at the last age of every replicate, by its number."""
        values = carried(self.share[:, place])[:, -1]
        found = {}
        for replicate in np.unique(self.replicate).tolist():
            mine = values[(self.replicate == replicate) & (self.home == home)]
            mine = mine[np.isfinite(mine)]
            if len(mine):
                found[int(replicate)] = float(np.median(mine))
        return found


def read_curves(results: Results, years: Ints | None = None) -> Curves:
    """Return the curves of generations founded early enough to be followed equally long.

    Taken in are foundings of the first half of the period, of at most ten years, each followed for
    half the period, at most ten years.

    Parameters
    ----------
    years
        The period; all years recorded unless given.

    Raises
    ------
    NothingToDrawError
        When adoption curves were not recorded, or no generation was founded in time.
    """
    for table in ("adoption_curves", "generations"):
        if table not in results.tables:
            raise NothingToDrawError(say("ensemble.table_not_recorded", table=table))
    *provinces, whole = (str(name) for name in results.manifest["regions"])
    adopters = ["adopters", *(f"adopters_{name}" for name in provinces)]
    eligible = ["eligible", *(f"eligible_{name}" for name in provinces)]
    wanted = ("generation", "year", "quarter", *adopters, *eligible)
    curves = read_rows(results, "adoption_curves", wanted)
    founding = ("generation", "origin", "founded_year", "founded_quarter")
    generations = read_rows(results, "generations", founding)
    when = _quarters(curves, "year", "quarter")
    if not len(when):
        raise NothingToDrawError(say("curves.none"))
    start = int(when.min()) // 4 * 4 if years is None else 4 * int(years[0])
    end = int(when.max()) + 1 if years is None else 4 * (int(years[-1]) + 1)
    follow = min(LONGEST, (end - start) // 2)
    latest = start + min(LONGEST, end - start - follow) - 1

    founded = _quarters(generations, "founded_year", "founded_quarter")
    taken = (founded >= start) & (founded <= latest)
    if not taken.any():
        raise NothingToDrawError(say("curves.none"))
    keys = _identity(generations)[taken]
    order = np.argsort(keys, kind="stable")
    keys, founded = keys[order], founded[taken][order]
    rows = _identity(curves)
    place = positions_of(rows, keys)
    mine = place >= 0
    place = place[mine]
    age = when[mine] - founded[place]
    near = (age >= 0) & (age < follow)
    place, age = place[near], age[near]
    share = np.full((len(keys), len(provinces) + 1, follow), np.nan)
    for p, (above, below) in enumerate(
        zip(_last_first(adopters), _last_first(eligible), strict=True)
    ):
        some = curves[above][mine][near].astype(np.float64)
        able = curves[below][mine][near].astype(np.float64)
        safe = np.where(able > 0.0, able, 1.0)
        share[place, p, age] = np.where(able > 0.0, 100.0 * some / safe, np.nan)
    origin = generations["origin"][taken][order].astype(str)
    replicate = generations["replicate"][taken][order].astype(np.int64)
    places = (*provinces, whole)
    return Curves(places, share, origin == "region", replicate, start // 4, latest // 4)


def _last_first(columns: Sequence[str]) -> list[str]:
    """Return the columns of the provinces, then that of the region, which comes first."""
    return [*columns[1:], columns[0]]


def _quarters(columns: Columns, year: str, quarter: str) -> Ints:
    """Return quarters counted from the year zero."""
    when: Ints = columns[year].astype(np.int64) * 4 + columns[quarter].astype(np.int64) - 1
    return when


def _identity(columns: Columns) -> Ints:
    key: Ints = columns["replicate"].astype(np.int64) * 2**32 + columns["generation"].astype(
        np.int64
    )
    return key


def _quantiles(values: Floats, levels: Sequence[float]) -> Floats:
    """Return quantiles of the finite values of every column, NaN without any."""
    found = np.full((len(levels), values.shape[1]), np.nan)
    for age in range(values.shape[1]):
        column = values[np.isfinite(values[:, age]), age]
        if len(column):
            found[:, age] = np.quantile(column, levels)
    return found


def carried(values: Floats) -> Floats:
    """Return values, shape (n, ages), with gaps filled by the last value before them."""
    there = np.where(np.isfinite(values), np.arange(values.shape[1]), 0)
    last = np.maximum.accumulate(there, axis=1)
    return np.take_along_axis(values, last, axis=1)
