"""Coupling coordination of n systems, such as technology and industry innovation.

    x_ij = (v_ij - a_j) / (b_j - a_j)                                fixed bounds, 0 <= x <= 1.5
    p_ij = x_ij / sum_i x_ij,   e_j = -(1 / ln m) sum_i p_ij ln p_ij,   0 ln 0 = 0
    w_j  = (1 - e_j) / sum_j (1 - e_j)                               entropy weights
    U_k  = sum_j w_j x_j                                             over the indicators of system k
    C    = n (U_1 ... U_n)^(1/n) / (U_1 + ... + U_n)                 standard
    C    = sqrt((1 - mean_{i<j} |U_i - U_j|) (prod_i U_i / U_max)^(1/(n-1)))    modified
    T    = sum_k alpha_k U_k,   D = sqrt(C T)

Symbols, all without unit: v_ij value of indicator j in observation i, of m, in the unit of the
indicator; a_j and b_j its bounds, in the same unit; w_j weight of an indicator, a sum of one in
each system; U_k score of a system; C coupling; T development; alpha_k weight of a system, equal
unless given; D coordination. For two systems the modified C is
sqrt((1 - |U_1 - U_2|) U_min / U_max).

Sources: Wang Shujia et al. (2021, Journal of Natural Resources 36(3): 793-810) for both forms, of
which the standard one crowds near C = 1. Classes of D and stages of C: Acta Geographica Sinica
76(4): 781 (2021), table 1. Bounds are fixed, not taken from a run, so that scenarios can be
compared. Assumed: the top of 1.5 of scaled values, and the factor of zero where scores above one
differ by more than one. Entropy is that of Shannon (1948).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ydsim.measures.checks import numbers
from ydsim.typing import Bools, Floats

TOP = 1.5
"""Largest scaled value."""

NO_INFORMATION = 1e-12
"""Divergence 1 - e below which an indicator is the same everywhere."""

CLASSES = (
    "extreme disorder",
    "serious disorder",
    "moderate disorder",
    "mild disorder",
    "verge of disorder",
    "barely coordinated",
    "primary coordination",
    "intermediate coordination",
    "good coordination",
    "high-quality coordination",
)
CLASS_EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
STAGES = ("low", "antagonism", "running-in", "high")
STAGE_EDGES = (0.3, 0.5, 0.8)
UNDEFINED = "undefined"
BALANCED = "none"


@dataclass(frozen=True)
class Scaled:
    """Indicators scaled by fixed bounds.

    Attributes
    ----------
    x
        (..., k) values from 0 to ``TOP``.
    clipped
        (..., k) which values were beyond and are set to 0 or ``TOP``.
    """

    x: Floats
    clipped: Bools


def scale(values: ArrayLike, worst: ArrayLike, best: ArrayLike) -> Scaled:
    """Scale indicators by fixed bounds: ``worst`` becomes 0 and ``best`` becomes 1.

    Parameters
    ----------
    values
        (..., k) indicators, each in its unit.
    worst, best
        (k,) bounds in the same units. For an indicator of which less is better, ``worst`` is the
        larger one.

    Raises
    ------
    ValueError
        When the bounds of an indicator are equal, or something is not finite.
    """
    v = numbers("values", values, ndim=None)
    a, b = numbers("worst", worst), numbers("best", best)
    if not a.shape == b.shape == v.shape[-1:]:
        raise ValueError("values, worst and best must have the same indicators")
    if (a == b).any():
        raise ValueError(f"the bounds of indicator {int(np.argmax(a == b))} are equal")
    with np.errstate(over="ignore"):
        x = (v - a) / (b - a)
    return Scaled(np.clip(x, 0.0, TOP), (x < 0.0) | (x > TOP))


def entropy_weights(x: ArrayLike) -> Floats:
    """Return entropy weights (k,) of the indicators of one system; their sum is one.

    Parameters
    ----------
    x
        (m, k) scaled indicators in m observations, not negative. An indicator that is the same in
        all observations has no weight.

    Raises
    ------
    ValueError
        When there are fewer than two observations, or no indicator differs between them.
    """
    scaled = numbers("scaled indicators", x, ndim=2, low=0.0)
    m = len(scaled)
    if m < 2:
        raise ValueError("entropy weights need two observations")
    total = scaled.sum(axis=0)
    p = scaled / np.where(total > 0.0, total, 1.0)
    entropy = -(p * np.log(np.where(p > 0.0, p, 1.0))).sum(axis=0) / np.log(m)
    information = np.where(total > 0.0, 1.0 - entropy, 0.0)
    information[information < NO_INFORMATION] = 0.0
    if not information.any():
        raise ValueError("entropy weights need an indicator that differs between observations")
    weights: Floats = information / information.sum()
    return weights


def score(x: ArrayLike, weights: ArrayLike) -> Floats:
    """Return the score U (...,) of a system from scaled indicators (..., k) and weights (k,)."""
    scaled = numbers("scaled indicators", x, ndim=None, low=0.0)
    total: Floats = (scaled * _shares("weights", weights, scaled.shape[-1])).sum(axis=-1)
    return total


def coupling(scores: ArrayLike, *, modified: bool = False) -> Floats:
    """Return C (...,) of scores (..., n): 1 where all are equal, 0 where only some are zero.

    Parameters
    ----------
    scores
        (..., n) scores U of two or more systems, not negative.
    modified
        Take the modified form.

    Returns
    -------
    Floats
        (...,) from 0 to 1; NaN where all scores are zero.
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


def development(scores: ArrayLike, weights: ArrayLike | None = None) -> Floats:
    """Return T (...,) of scores (..., n), with weights (n,) that are equal unless given."""
    u = _scores(scores)
    n = u.shape[-1]
    alpha = np.full(n, 1.0 / n) if weights is None else _shares("weights", weights, n)
    total: Floats = (u * alpha).sum(axis=-1)
    return total


def coordination(
    scores: ArrayLike, weights: ArrayLike | None = None, *, modified: bool = False
) -> Floats:
    """Return D (...,) of scores (..., n), zero where all scores are zero.

    Parameters
    ----------
    scores
        (..., n) scores U of two or more systems, not negative.
    weights
        (n,) weights of the systems in T, equal unless given.
    modified
        Take the modified form of C.
    """
    t = development(scores, weights)
    return np.where(t > 0.0, np.sqrt(np.nan_to_num(coupling(scores, modified=modified)) * t), 0.0)


def class_of(d: ArrayLike) -> NDArray[np.str_]:
    """Return the class of each D in words; a lower edge belongs to the class above it."""
    return _words(d, CLASS_EDGES, CLASSES, "right")


def stage_of(c: ArrayLike) -> NDArray[np.str_]:
    """Return the stage of each C in words; an upper edge belongs to the stage below it."""
    return _words(c, STAGE_EDGES, STAGES, "left")


def lagging_side(
    scores: ArrayLike, names: Sequence[str], *, tolerance: float = 0.0
) -> NDArray[np.str_]:
    """Return the name of the system with the lowest score.

    Parameters
    ----------
    scores
        (..., n) scores U.
    names
        The n systems, such as "technology" and "industry".
    tolerance
        Where the scores differ by no more than this, no side lags and the word is "none".
    """
    u = _scores(scores)
    if len(names) != u.shape[-1]:
        raise ValueError(f"there are {u.shape[-1]} systems and {len(names)} names")
    words = np.array([*names, BALANCED])
    apart = u.max(axis=-1) - u.min(axis=-1) > tolerance
    return np.asarray(words[np.where(apart, u.argmin(axis=-1), len(names))])


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


def _words(
    values: ArrayLike, edges: tuple[float, ...], words: tuple[str, ...], side: str
) -> NDArray[np.str_]:
    x = np.asarray(values, dtype=np.float64)
    if (x < 0.0).any() or np.isinf(x).any():
        raise ValueError("degrees must be finite and not negative")
    number = np.digitize(x, edges, right=side == "left")
    return np.asarray(np.array([*words, UNDEFINED])[np.where(np.isnan(x), len(words), number)])
