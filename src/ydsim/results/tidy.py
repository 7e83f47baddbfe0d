"""Tidy tables: one row for each value, from the wide quarterly tables that a run records.

A flow of a year is the sum of its four quarters, a stock its value in the last quarter. A ratio is
not recorded but formed here out of two flows of the same year or quarter, so that it is a ratio of
sums. Rows come by point, replicate, indicator (in the order of the recorded columns, then ratios),
place, year and quarter; values that a level does not have are left out, and so is a ratio to zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ydsim.store.tables import round_significant
from ydsim.typing import Columns, Floats, Ints

Indicators = Mapping[str, Mapping[str, Any]]
"""Indicators as in the manifest: ``unit``, ``kind``, ``prior``, ``of`` and more by name."""


def quarterly(
    columns: Columns, places: Sequence[str], place: str, indicators: Indicators
) -> Columns:
    """Return a wide quarterly table as ``point, replicate, <place>, year, quarter, ...`` rows."""
    ordered, _ = _ordered(columns, places, place)
    keys = ("point", "replicate", place, "year", "quarter")
    values = _with_ratios(_values(ordered, indicators), indicators)
    return _lengthen(ordered, keys, values, indicators)


def yearly(columns: Columns, places: Sequence[str], place: str, indicators: Indicators) -> Columns:
    """Return a wide quarterly table as ``point, replicate, <place>, year, ...`` rows.

    Raises
    ------
    ValueError
        When a place and year lacks one of its four quarters.
    """
    ordered, rank = _ordered(columns, places, place)
    _require_whole_years(ordered, rank)
    last = {name: column[3::4] for name, column in ordered.items()}
    values = {}
    for name, column in _values(ordered, indicators).items():
        kind = indicators[name]["kind"]
        if kind in ("flow", "mean"):
            q = column.reshape(-1, 4)
            total = q[:, 0] + q[:, 1] + q[:, 2] + q[:, 3]
            values[name] = total if kind == "flow" else total / 4.0
        else:
            values[name] = column[3::4]
    values = _rounded(values)
    values = _with_ratios(values, indicators)
    return _lengthen(last, ("point", "replicate", place, "year"), values, indicators)


def _rounded(values: dict[str, Floats]) -> dict[str, Floats]:
    """Return all columns rounded, in one call; what is rounded already stays as it is."""
    if not values:
        return {}
    table = round_significant(np.stack(list(values.values())))
    return dict(zip(values, table, strict=True))


def _ordered(columns: Columns, places: Sequence[str], place: str) -> tuple[Columns, Ints]:
    """Return rows by point, replicate, place, year and quarter, and the rank of each place.

    Places come as listed in ``places``, others behind them in order of first appearance.
    """
    ranks = {name: rank for rank, name in enumerate(places)}
    labels = columns[place].tolist()
    for name in labels:
        ranks.setdefault(name, len(ranks))
    rank = np.array([ranks[name] for name in labels], dtype=np.int64)
    keys = (columns["quarter"], columns["year"], rank, columns["replicate"], columns["point"])
    order = np.lexsort(keys)
    return {name: column[order] for name, column in columns.items()}, rank[order]


def _values(columns: Columns, indicators: Indicators) -> dict[str, Floats]:
    """Return the columns that are indicators, in the order in which they were recorded."""
    return {
        name: column.astype(np.float64, copy=False)
        for name, column in columns.items()
        if name in indicators and indicators[name]["kind"] != "ratio"
    }


def _with_ratios(values: dict[str, Floats], indicators: Indicators) -> dict[str, Floats]:
    """Return values and, behind them by name, the ratios of which both parts are there."""
    found = dict(values)
    for name in sorted(name for name in indicators if indicators[name]["kind"] == "ratio"):
        above, below = (values.get(part) for part in indicators[name]["of"])
        if above is not None and below is not None:
            ratio = np.full(len(below), np.nan)
            np.divide(above, below, out=ratio, where=below > 0.0)
            found[name] = round_significant(ratio)
    return found


def _require_whole_years(columns: Columns, rank: Ints) -> None:
    rows = len(rank)
    whole = rows % 4 == 0 and bool(
        (columns["quarter"].reshape(-1, 4) == np.array([1, 2, 3, 4])).all()
        and all(
            (key.reshape(-1, 4) == key[::4, None]).all()
            for key in (columns["point"], columns["replicate"], rank, columns["year"])
        )
    )
    if not whole:
        raise ValueError("a year in a recorded series lacks a quarter or has one twice")


def _lengthen(
    columns: Columns, keys: Sequence[str], values: Mapping[str, Floats], indicators: Indicators
) -> Columns:
    """Return one row for each value that is not NaN, replicates outermost, then indicators."""
    pieces: dict[str, list[NDArray[np.generic]]] = {key: [] for key in keys}
    numbers, labels = [], []
    for number, value in enumerate(values.values()):
        there = ~np.isnan(value)
        for key in keys:
            pieces[key].append(columns[key][there])
        numbers.append(value[there])
        labels.append(np.full(int(there.sum()), number, dtype=np.int64))
    if not numbers:
        return {}
    long: Columns = {key: np.concatenate(piece) for key, piece in pieces.items()}
    label = np.concatenate(labels)
    order = np.lexsort((label, long["replicate"], long["point"]))
    long = {key: column[order] for key, column in long.items()}
    label = label[order]
    return {
        **long,
        "indicator": _take(list(values), label),
        "value": np.concatenate(numbers)[order],
        "unit": _take([indicators[name]["unit"] for name in values], label),
    }


def _take(words: Sequence[str], index: Ints) -> NDArray[np.generic]:
    texts = np.empty(len(words), dtype=object)
    texts[:] = list(words)
    taken: NDArray[np.generic] = texts[index]
    return taken
