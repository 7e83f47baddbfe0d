"""Coupling coordination of n systems, such as technology and industry innovation.

    x_ij = (v_ij - a_j) / (b_j - a_j)                                fixed bounds, 0 <= x <= 1.5
    U_k  = sum_j w_j x_j                                             over the indicators of system k
    C    = n (U_1 ... U_n)^(1/n) / (U_1 + ... + U_n)                 standard
    C    = sqrt((1 - mean_{i<j} |U_i - U_j|) (prod_i U_i / U_max)^(1/(n-1)))    modified
    T    = sum_k alpha_k U_k,   D = sqrt(C T)

Symbols, all without unit: v_ij value of indicator j in observation i, in the unit of the indicator;
a_j and b_j its bounds, in the same unit; w_j weight of an indicator, a sum of one in each system;
U_k score of a system; C coupling; T development; alpha_k = 1 / n weight of a system; D
coordination. For two systems the modified C is sqrt((1 - |U_1 - U_2|) U_min / U_max).

Sources: Wang Shujia et al. (2021, Journal of Natural Resources 36(3): 793-810) for both forms, of
which the standard one crowds near C = 1. Bounds are fixed, not taken from a run, so that scenarios
can be compared. Assumed: the top of 1.5 of scaled values, and the factor of zero where scores above
one differ by more than one.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import numbers
from ydsim.typing import Floats

TOP = 1.5
"""Largest scaled value."""


def scale(values: ArrayLike, worst: ArrayLike, best: ArrayLike) -> Floats:
    """Return indicators (..., k) scaled by fixed bounds: ``worst`` is 0, ``best`` 1, the top `TOP`.

    Bounds (k,) are in the units of the indicators; where less is better ``worst`` is the larger
    one. ValueError when those of an indicator are equal, or something is not finite.
    """
    v = numbers("values", values, ndim=None)
    a, b = numbers("worst", worst), numbers("best", best)
    if not a.shape == b.shape == v.shape[-1:]:
        raise ValueError("values, worst and best must have the same indicators")
    if (a == b).any():
        raise ValueError(f"the bounds of indicator {int(np.argmax(a == b))} are equal")
    with np.errstate(over="ignore"):
        x = (v - a) / (b - a)
    return np.asarray(np.clip(x, 0.0, TOP))


def score(x: ArrayLike, weights: ArrayLike) -> Floats:
    """Return the score U (...,) of a system from scaled indicators (..., k) and weights (k,)."""
    scaled = numbers("scaled indicators", x, ndim=None, low=0.0)
    total: Floats = (scaled * _shares("weights", weights, scaled.shape[-1])).sum(axis=-1)
    return total


def coupling(scores: ArrayLike, *, modified: bool = False) -> Floats:
    """Return C (...,) of scores (..., n): 1 where all are equal, 0 where only some are zero.

    Scores U of two or more systems are not negative; NaN where all are zero. ``modified`` takes the
    modified form.
    """
    u = _scores(scores)
    n = u.shape[-1]
    largest = u.max(axis=-1)
    some = largest > 0.0
    share = u / np.where(some, largest, 1.0)[..., None]
    if modified:
        pairs = combinations(range(n), 2)
        gap = np.mean([np.abs(u[..., i] - u[..., j]) for i, j in pairs], axis=0)
        c = np.sqrt(np.maximum(1.0 - gap, 0.0) * share.prod(axis=-1) ** (1.0 / (n - 1)))
    else:
        c = share.prod(axis=-1) ** (1.0 / n) / np.where(some, share.mean(axis=-1), 1.0)
    return np.where(some, np.minimum(c, 1.0), np.nan)


def development(scores: ArrayLike) -> Floats:
    """Return T (...,) of scores (..., n)."""
    u = _scores(scores)
    total: Floats = (u * np.full(u.shape[-1], 1.0 / u.shape[-1])).sum(axis=-1)
    return total


def coordination(scores: ArrayLike, *, modified: bool = False) -> Floats:
    """Return D (...,) of scores as `coupling` takes them, zero where all scores are zero."""
    t = development(scores)
    return np.where(t > 0.0, np.sqrt(np.nan_to_num(coupling(scores, modified=modified)) * t), 0.0)


def _scores(scores: ArrayLike) -> Floats:
    u = numbers("scores", scores, ndim=None, low=0.0)
    if u.ndim == 0 or u.shape[-1] < 2:
        raise ValueError("coupling needs two systems")
    return u


def _shares(name: str, weights: ArrayLike, length: int) -> Floats:
    w = numbers(name, weights, low=0.0)
    if w.shape != (length,) or abs(float(w.sum()) - 1.0) > 1e-9:
        raise ValueError(f"{name} must be {length} numbers with a sum of one")
    return w
