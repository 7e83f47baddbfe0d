"""What all measures ask of their arrays.

A measure refuses arrays that it cannot mean (``ValueError`` that names the array), and is NaN
where the arrays are good but the measure has no value, such as a share of a total of zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ydsim.typing import Floats, Ints


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
