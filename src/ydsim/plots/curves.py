"""Adoption curves of single generations, aligned at their founding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ydsim.plots.counts import read_rows
from ydsim.plots.ensemble import NothingToDrawError, first_point
from ydsim.results.results import SERIES, Results
from ydsim.typing import Bools, Columns, Floats, Ints

LONGEST = 40
"""Quarters after the founding that are shown at most, and quarters of founding taken in."""


@dataclass(frozen=True)
class Curves:
    """Adopters of the generations founded early in a run, each followed equally long.

    Attributes
    ----------
    provinces
        Names.
    per_thousand
        Shape (generations, provinces, ages): living adopters per 1,000 firms of the province, by
        quarters since the founding; NaN once the generation is retired.
    home
        Shape (generations,): founded in the region.
    replicate
        Shape (generations,).
    first, last
        First and last year of founding taken in.
    """

    provinces: tuple[str, ...]
    per_thousand: Floats
    home: Bools
    replicate: Ints
    first: int
    last: int

    @property
    def ages(self) -> Floats:
        """Years since the founding."""
        return np.arange(self.per_thousand.shape[2]) / 4.0

    def quartiles(self, home: bool, province: int) -> Floats:
        """Return lower quartile, median and upper quartile by age, shape (3, ages).

        A retired generation, which nearly all firms have adopted, keeps its last value: the
        fastest do not drop out.
        """
        values = _carried(self.per_thousand[self.home == home, province])
        if len(values) == 0:
            return np.full((3, values.shape[1]), np.nan)
        quartiles: Floats = np.quantile(values, [0.25, 0.5, 0.75], axis=0)
        return quartiles


def read_curves(results: Results) -> Curves:
    """Return the curves of generations founded early enough to be followed equally long.

    Taken in are foundings of the first half of a run, of at most ten years, each followed for
    half the run, at most ten years.

    Raises
    ------
    NothingToDrawError
        When adoption curves were not recorded.
    """
    for table in ("adoption_curves", "generations", SERIES):
        if table not in results.tables:
            raise NothingToDrawError(f"the table {table} was not recorded")
    provinces = tuple(str(name) for name in results.manifest["regions"][:-1])
    columns = [f"adopters_{name}" for name in provinces]
    curves = read_rows(results, "adoption_curves", ("generation", "year", "quarter", *columns))
    founding = ("generation", "origin", "founded_year", "founded_quarter")
    generations = read_rows(results, "generations", founding)
    when = _quarters(curves, "year", "quarter")
    start = int(when.min()) // 4 * 4
    length = int(when.max()) - start + 1
    follow = min(LONGEST, length // 2)
    latest = start + min(LONGEST, length - follow) - 1

    founded = _quarters(generations, "founded_year", "founded_quarter")
    taken = (founded >= start) & (founded <= latest)
    keys = _identity(generations)[taken]
    order = np.argsort(keys, kind="stable")
    keys, founded = keys[order], founded[taken][order]
    rows = _identity(curves)
    place = np.minimum(np.searchsorted(keys, rows), max(len(keys) - 1, 0))
    mine = keys[place] == rows if len(keys) else np.zeros(len(rows), dtype=np.bool_)
    place = place[mine]
    age = when[mine] - founded[place]
    near = (age >= 0) & (age < follow)
    place, age = place[near], age[near]
    per_thousand = np.full((len(keys), len(provinces), follow), np.nan)
    firms = _firms(results, provinces)
    for p in range(len(provinces)):
        adopters = curves[columns[p]][mine][near].astype(np.float64)
        number = firms(curves["replicate"][mine][near], when[mine][near], p)
        safe = np.where(number > 0.0, number, 1.0)
        per_thousand[place, p, age] = np.where(number > 0.0, 1000.0 * adopters / safe, np.nan)
    origin = generations["origin"][taken][order].astype(str)
    replicate = generations["replicate"][taken][order].astype(np.int64)
    return Curves(provinces, per_thousand, origin == "region", replicate, start // 4, latest // 4)


def _quarters(columns: Columns, year: str, quarter: str) -> Ints:
    """Return quarters counted from the year zero."""
    when: Ints = columns[year].astype(np.int64) * 4 + columns[quarter].astype(np.int64) - 1
    return when


def _identity(columns: Columns) -> Ints:
    key: Ints = columns["replicate"].astype(np.int64) * 2**32 + columns["generation"].astype(
        np.int64
    )
    return key


def _firms(results: Results, provinces: tuple[str, ...]) -> Callable[[Ints, Ints, int], Floats]:
    """Return a function from replicate, quarter and province to the number of firms, 0 if none."""
    rows = first_point(results.raw(SERIES))
    if "firms" not in rows:
        raise NothingToDrawError("the number of firms was not recorded")
    when = _quarters(rows, "year", "quarter")
    begin, replicate = int(when.min()), rows["replicate"].astype(np.int64)
    table = np.zeros((int(replicate.max()) + 1, int(when.max()) - begin + 1, len(provinces)))
    for p, name in enumerate(provinces):
        mine = rows["region"] == name
        table[replicate[mine], when[mine] - begin, p] = np.nan_to_num(
            rows["firms"][mine].astype(np.float64)
        )

    def firms(replicate: Ints, when: Ints, province: int) -> Floats:
        number: Floats = table[replicate, when - begin, province]
        return number

    return firms


def _carried(values: Floats) -> Floats:
    """Return values, shape (n, ages), with gaps filled by the last value before them."""
    there = np.where(np.isfinite(values), np.arange(values.shape[1]), 0)
    last = np.maximum.accumulate(there, axis=1)
    return np.take_along_axis(values, last, axis=1)
