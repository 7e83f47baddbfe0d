"""Array idioms of groups and segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ydsim.typing import Bools, Floats, Ints


def ranges(starts: Ints, lengths: Ints) -> Ints:
    """Return the concatenation of ``arange(start, start + length)``."""
    total = int(lengths.sum())
    ends = np.cumsum(lengths)
    out = np.arange(total, dtype=np.int64)
    out += np.repeat(starts - (ends - lengths), lengths)
    return out


def blocks(n: int, most: int = 8_192) -> Iterator[slice]:
    """Yield slices of at most ``most`` that cover ``n``; what is made of one fits the caches."""
    for start in range(0, n, most):
        yield slice(start, min(start + most, n))


def sums(group: Ints, values: Floats, n_groups: int) -> Floats:
    """Return the sum of ``values`` of each group, shape (n_groups,)."""
    return np.asarray(np.bincount(group, weights=values, minlength=n_groups), dtype=np.float64)


def cross_sums(row: Ints, column: Ints, values: Floats | float, shape: tuple[int, ...]) -> Floats:
    """Return the sums of ``values``, or of one value each, by row and column of a table."""
    each = np.broadcast_to(values, row.shape)
    return sums(row * shape[1] + column, each, shape[0] * shape[1]).reshape(shape)


def quotient(top: Floats, bottom: Floats, otherwise: Floats | float = 0.0) -> Floats:
    """Return ``top`` over ``bottom`` where this is above zero, else ``otherwise``."""
    top, bottom = np.broadcast_arrays(top, bottom)
    found = np.empty(bottom.shape)
    found[...] = otherwise
    return np.divide(top, bottom, out=found, where=bottom > 0.0)


def over_provinces(values: Floats, province_of: Ints, n_provinces: int) -> Floats:
    """Return sums over the cities of each province, (J, P), of values by city, (J, C)."""
    n_rows = len(values)
    group = np.arange(n_rows)[:, None] * n_provinces + province_of[None, :]
    total = sums(group.ravel(), values.ravel(), n_rows * n_provinces)
    return total.reshape(n_rows, n_provinces)


def parts_within(values: Floats, province_of: Ints, n_provinces: int) -> Floats:
    """Return values by city, (J, C), over their sum in the province: each row sums to one there."""
    return values / over_provinces(values, province_of, n_provinces)[:, province_of]


def parts_or_even(values: Floats, province_of: Ints, n_provinces: int) -> Floats:
    """Return values by city, (C,), over their sum in the province; even parts where it is zero."""
    even = 1.0 / np.bincount(province_of, minlength=n_provinces)[province_of]
    return quotient(values, sums(province_of, values, n_provinces)[province_of], even)


def by_part(wide: NDArray[Any], rows: Ints) -> NDArray[Any]:
    """Return the K parts of ``rows`` of a wide column (N, K), shape (K, n), each contiguous."""
    parts = np.empty((wide.shape[1], len(rows)), dtype=wide.dtype)
    for column, part in zip(parts, wide.T, strict=True):
        column[:] = part[rows]
    return parts


def of_group(values: Floats, group: Ints) -> Floats:
    """Return the values (K, G) of the group of each, shape (K, n), each part contiguous."""
    return np.take(values, group, axis=1, mode="clip")  # not buffered; all are in range


def run_of(rows: Ints) -> Ints | slice:
    """Return the slice of ascending ``rows`` without a gap, which is read without a copy."""
    if len(rows) and 0 <= rows[0] == rows[-1] + 1 - len(rows):
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def row_sums(wide: NDArray[Any], rows: Ints) -> Floats:
    """Return the sums over the parts of ``rows`` of a wide column (N, K), shape (n,)."""
    total = np.zeros(len(rows))
    for part in wide.T:
        total += part[rows]
    return total


def cells(mask: Bools) -> tuple[Ints, Ints]:
    """Return rows and columns of what a mask (N, K) holds: its `np.nonzero`, sooner."""
    rows, columns = np.divmod(np.flatnonzero(mask), mask.shape[1])
    return rows, columns


def rank_within(group: Ints) -> Ints:
    """Return the position of each element among the earlier elements of its group."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    lengths = np.diff(np.concatenate([starts, [len(group)]]))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - np.repeat(starts, lengths)
    return rank


def systematic(weight: Floats, number: int, u: float) -> Ints:
    """Return counts that sum to ``number`` with expectation proportional to ``weight``."""
    return systematic_rows(weight[None, :], np.array([number]), np.array([u]))[0]


def systematic_rows(weight: Floats, numbers: Ints, u: Floats) -> Ints:
    """Return the same for each row of ``weight`` (n, m), with ``numbers`` and uniforms (n,)."""
    counts = np.zeros(weight.shape, dtype=np.int64)
    total = weight.sum(axis=1)
    some = np.flatnonzero((numbers > 0) & (total > 0.0))
    edges = np.zeros((len(some), weight.shape[1] + 1))
    edges[:, 1:] = np.cumsum(weight[some], axis=1) / total[some, None] * numbers[some, None]
    edges[:, -1] = numbers[some]
    counts[some] = np.diff(np.ceil(edges - u[some, None]).astype(np.int64), axis=1)
    return counts
