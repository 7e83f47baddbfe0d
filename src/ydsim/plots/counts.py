"""Yearly tables as arrays: sums by replicate, year and the labels of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ydsim.plots.ensemble import NothingToDrawError, first_point
from ydsim.plots.messages import say
from ydsim.results.results import Results
from ydsim.typing import Columns, Floats, Ints

NATION = "outside"
"""Name of the rest of the nation in every table."""


def read_rows(results: Results, table: str, columns: Sequence[str]) -> Columns:
    """Return the rows of a recorded table.

    Raises
    ------
    NothingToDrawError
        When it was not recorded, is empty, or lacks one of ``columns``.
    """
    if table not in results.tables:
        raise NothingToDrawError(say("ensemble.table_not_recorded", table=table))
    rows = first_point(results.raw(table))
    if not rows:
        raise NothingToDrawError(say("ensemble.table_empty", table=table))
    lacking = [name for name in columns if name not in rows]
    if lacking:
        names = " and ".join(lacking)
        raise NothingToDrawError(say("ensemble.table_lacks", table=table, names=names))
    return rows


def years_of(results: Results) -> Ints:
    """Return the years that were run, (T,)."""
    scenario = results.manifest["scenario"]
    return np.arange(int(scenario["start"]), int(scenario["end"]) + 1)


def provinces_of(results: Results) -> tuple[str, ...]:
    """Return the names of the provinces in the world's order."""
    return tuple(str(name) for name in results.manifest["regions"][:-1])


def cube(
    rows: Columns, amount: str, results: Results, labels: Mapping[str, Sequence[object]]
) -> Floats:
    """Return sums of a column by replicate and labels; zero where there is no row.

    Parameters
    ----------
    amount
        Column that is summed.
    labels
        By column, the labels that are kept apart, in order; rows with any other are left out.

    Returns
    -------
    Floats
        Shape (replicates, labels of the first column, of the second, ...).
    """
    axes = {"replicate": results.replicates, **labels}
    shape = tuple(len(each) for each in axes.values())
    cell = np.zeros(len(rows[amount]), dtype=np.int64)
    known = np.ones(len(cell), dtype=np.bool_)
    for column, names in axes.items():
        at = positions(rows[column].tolist(), names)
        known &= at >= 0
        cell = cell * len(names) + at
    weights = rows[amount][known].astype(np.float64)
    total = np.bincount(cell[known], weights=weights, minlength=int(np.prod(shape)))
    found: Floats = total.astype(np.float64).reshape(shape)
    return found


def select(rows: Columns, column: str, labels: Sequence[object]) -> Columns:
    """Return the rows whose label in a column is one of ``labels``."""
    mine = positions(rows[column].tolist(), labels) >= 0
    return {name: values[mine] for name, values in rows.items()}


def positions(values: Sequence[object], names: Sequence[object]) -> Ints:
    """Return the position of each value in ``names``, -1 where it is none of them."""
    number = {name: i for i, name in enumerate(names)}
    return np.array([number.get(value, -1) for value in values], dtype=np.int64)


def ratio(part: Floats, whole: Floats) -> Floats:
    """Return part over whole, NaN where there is no whole."""
    share: Floats = np.full(np.shape(part), np.nan)
    np.divide(part, whole, out=share, where=whole > 0.0)
    return share


def span(years: Ints | Sequence[int]) -> str:
    """Return a period in words: 2011-2020, or one year."""
    first, last = int(years[0]), int(years[-1])
    return str(first) if first == last else f"{first}\u2013{last}"
