"""Arrays: groups and segments, what measures refuse, orders of integers and searches along them.

A measure refuses arrays that it cannot mean (``ValueError`` that names the array), and is NaN
where the arrays are good but the measure has no value, such as a share of a total of zero.

Orders are made by sorts of integers, which have one answer: equal integers are one as good as the
other, so a sort of them need not be stable, and the one of numpy that is not runs ten times as
fast. An order says more, where each came from; it has one answer where all keys differ, which the
positions in their lowest bits see to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ydsim.typing import Bools, Floats, Ints, Keys

# -- groups and segments ---------------------------------------------------------------------------


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


def drawn_along(weight: Floats, order: Ints, u: Floats) -> Ints:
    """Return a column of each row drawn by weight along ``order``; -1 where all weigh nothing."""
    edges = np.cumsum(weight[:, order], axis=1)
    total = edges[:, -1]
    column = (edges[:, :-1] <= (u * total)[:, None]).sum(axis=1)
    return np.where(total > 0.0, order[column], -1)


# -- what measures ask of their arrays -------------------------------------------------------------


def numbers(name: str, values: ArrayLike, *, ndim: int | None = 1, low: float = -np.inf) -> Floats:
    """Return an array of finite numbers from ``low`` on, with ``ndim`` axes (None for any).

    ValueError, which calls the array by its name, when one is not finite or too low.
    """
    array = np.asarray(values, dtype=np.float64)
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axes, not {array.ndim}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite")
    if array.size and array.min() < low:
        raise ValueError(f"{name} must be at least {low:g}")
    return array


def labels(name: str, values: ArrayLike, length: int, n_groups: int) -> Ints:
    """Return ``length`` numbers of groups, each from 0 to ``n_groups - 1``.

    ValueError when there are more or fewer, or one is not such a number.
    """
    array = np.asarray(values)
    if array.shape != (length,):
        raise ValueError(f"{name} must have {length} entries, not shape {array.shape}")
    if length and n_groups < 1:
        raise ValueError(f"{name} needs at least one group")
    if not np.issubdtype(array.dtype, np.integer) and length:
        raise ValueError(f"{name} must be whole numbers")
    if length and (array.min() < 0 or array.max() >= n_groups):
        raise ValueError(f"{name} must be between 0 and {n_groups - 1}")
    return array.astype(np.int64)


def ties(name: str, weights: ArrayLike) -> Floats:
    """Return a symmetric matrix of weights that are not negative, its diagonal set to zero.

    ValueError when the matrix is not square or not symmetric, or a weight is negative or not
    finite.
    """
    matrix = numbers(name, weights, ndim=2, low=0.0).copy()
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"{name} must be square, not {matrix.shape[0]} x {matrix.shape[1]}")
    if not np.allclose(matrix, matrix.T, rtol=1e-9, atol=0.0):
        raise ValueError(f"{name} must be symmetric")
    np.fill_diagonal(matrix, 0.0)
    return matrix


# -- orders of integers ----------------------------------------------------------------------------


def sort_integers(values: Ints | Keys) -> None:
    """Sort integers in place."""
    if values.dtype.kind not in "iu":
        raise TypeError(f"sorts of {values.dtype} may have several answers")
    values.sort()


def order_in_groups(group: Ints, key: Keys) -> Ints:
    """Return the order by group, then key: ``np.lexsort((key, group))``.

    Groups are not negative. As many bits of the keys as there is room for decide; the few rows
    whose bits are equal are ordered by their whole keys.
    """
    bits = len(group).bit_length()
    room = 64 - bits - int(group.max(initial=0)).bit_length()
    if room > 0:
        packed = group.astype(np.uint64) << np.uint64(room)
        packed |= key >> np.uint64(64 - room)
        order = _order(packed << np.uint64(bits), bits)
        packed = packed[order]
        first = np.concatenate([[True], packed[1:] != packed[:-1]])[: len(packed)]
        tied = np.flatnonzero(~(first & np.append(first[1:], True)))
        rows = order[tied]
        order[tied] = rows[np.lexsort((key[rows], packed[tied]))]
        return order
    return np.lexsort((key, group))


def positions_after(edges: Floats, targets: Floats) -> Ints:
    """Return the number of ascending ``edges`` up to each target: `np.searchsorted`, side right.

    Targets are looked up one after another in their order, in which neighbours take nearly the
    same way through memory. It is that of their bits, but for the lowest and negative ones: what
    is looked up out of its turn takes longer.
    """
    bits = len(targets).bit_length()
    order = _order(targets.view(np.uint64) & ~np.uint64((1 << bits) - 1), bits)
    positions = np.empty(len(targets), dtype=np.int64)
    positions[order] = np.searchsorted(edges, targets[order], side="right")
    return positions


def positions_of(keys: Ints | Keys, ascending: Ints | Keys) -> Ints:
    """Return the position of each key in an ascending list, -1 for those that are not in it."""
    if not len(ascending):
        return np.full(keys.shape, -1, dtype=np.int64)
    at = np.searchsorted(ascending, keys)
    np.minimum(at, len(ascending) - 1, out=at)
    at[ascending[at] != keys] = -1
    return at


def rows_of(keys: Ints | Keys, of_rows: Ints | Keys) -> Ints:
    """Return the row that has each key, the first of equal ones, -1 for keys of no row."""
    order = np.argsort(of_rows, kind="stable")
    return np.append(order, -1)[positions_of(keys, of_rows[order])]  # -1 is the last


def _order(key: Keys, bits: int) -> Ints:
    """Return the order by keys whose lowest ``bits`` are free, and write positions into these."""
    key |= np.arange(len(key), dtype=np.uint64)
    sort_integers(key)
    return (key & np.uint64((1 << bits) - 1)).view(np.int64)
