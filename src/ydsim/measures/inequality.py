"""Inequality between places, its parts within and between groups of places, and convergence.

    CV   = sqrt(mean_i (y_i - mean y)^2) / mean y
    T    = sum_i s_i ln(s_i / f_i) = sum_g S_g ln(S_g / F_g) + sum_g S_g T_g       Theil
    G    = sum_i sum_r |y_i - y_r| / (2 n^2 mean y)                                Gini
    G_jh = sum_{i in j} sum_{r in h} |y_i - y_r| / (n_j n_h (m_j + m_h))
    D_jh = |m_j - m_h| / (mean_{i in j, r in h} |y_i - y_r|)
    G    = sum_j G_jj p_j q_j                                                      within
         + sum_{j<h} G_jh (p_j q_h + p_h q_j) D_jh                                 between
         + sum_{j<h} G_jh (p_j q_h + p_h q_j) (1 - D_jh)                           overlap

Symbols: y_i value of place i, in any unit, not negative; f_i share of place i in the weights,
such as population, 1 / n unless given; s_i share of place i in the weighted total of y; S_g and
F_g sums over group g of these shares, T_g index inside the group; n places, n_j of them in group
j, with mean m_j, share of places p_j = n_j / n and share of the total q_j. All indices are without
unit: CV from 0 to sqrt(n - 1), T from 0 to ln(1 / min f), G from 0 to 1 - 1 / n.

Sources: Theil (1967, Economics and Information Theory); Dagum (1997, Empirical Economics 22:
515-531, doi 10.1007/BF01205777), who calls the overlap transvariation.

Places converge where they become more alike (sigma), and where the poor grow faster (beta):

    sigma_t = sqrt(mean_i (ln y_it - m_t)^2)
    (1 / T) ln(y_iT / y_i0) = a + b ln y_i0 + e_i,   lambda = -ln(1 + b T) / T

Symbols: y_it value of place i at time t, in any unit, positive; m_t mean of the logs, or of those
of its group where groups are given; T years between the ends; b slope a year, by least squares,
with one constant a for each group where groups are given; e_i residual; lambda speed of
convergence a year. b < 0 is convergence. The error of b is that of least squares.

Source: Barro and Sala-i-Martin (1992, Journal of Political Economy 100(2): 223-251).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.groups import labels, numbers, sums
from ydsim.typing import Floats, Ints


@dataclass(frozen=True)
class Theil:
    """Theil's index and its parts."""

    # T and its two parts, a sum of which it is.
    total: float
    within: float
    between: float


@dataclass(frozen=True)
class Dagum:
    """The Gini coefficient and its parts."""

    # G and its three parts, a sum of which it is.
    total: float
    within: float
    between: float
    overlap: float


def coefficient_of_variation(values: ArrayLike) -> float:
    """Return the standard deviation over all places by their mean; NaN where the mean is zero."""
    y = _relative(values)
    return float(y.std() / y.mean()) if y.any() else float("nan")


def theil(
    values: ArrayLike, group: ArrayLike, n_groups: int, weights: ArrayLike | None = None
) -> Theil:
    """Return Theil's index of places and its parts within and between groups.

    ``values`` (n,), such as output per head, are not negative; ``group`` (n,) is that of each
    place, from 0; ``weights`` (n,), such as heads, are positive, equal unless given. NaN throughout
    where all values are zero.
    """
    y = _relative(values)
    g = labels("group", group, len(y), n_groups)
    f = np.ones(len(y)) if weights is None else numbers("weights", weights, low=0.0)
    if f.shape != y.shape or (f <= 0.0).any():
        raise ValueError(f"weights must be {len(y)} positive numbers")
    if not y.any():
        nothing = float("nan")
        return Theil(nothing, nothing, nothing)
    f = f / f.sum()
    s = f * y / (f * y).sum()
    group_s = sums(g, s, n_groups)
    apart = _entropy(group_s, sums(g, f, n_groups))
    between = float(apart.sum())
    inside = sums(g, _entropy(s, f), n_groups) - apart
    within = float(inside.sum())
    return Theil(within + between, within, between)


def dagum(values: ArrayLike, group: ArrayLike, n_groups: int) -> Dagum:
    """Return the Gini coefficient of places and its parts within and between groups, and overlap.

    ``values`` (n,) are not negative, ``group`` (n,) is that of each place, from 0. NaN throughout
    where all values are zero.
    """
    y = _relative(values)
    g = labels("group", group, len(y), n_groups)
    if not y.any():
        nothing = float("nan")
        return Dagum(nothing, nothing, nothing, nothing)
    parts = [y[g == j] for j in range(n_groups)]
    within = between = overlap = 0.0
    for j, own in enumerate(parts):
        for h, other in enumerate(parts[: j + 1]):
            if not (own.any() or other.any()) or not (len(own) and len(other)):
                continue
            gap = _mean_gap(own, other)
            # G_jh (p_j q_h + p_h q_j), in which the sum of the means cancels
            part = gap * len(own) * len(other) / (len(y) * float(y.sum()))
            if j == h:
                within += part / 2.0
                continue
            apart = abs(float(own.mean() - other.mean()))
            distance = min(apart / gap, 1.0) if gap > 0.0 else 0.0
            between += part * distance
            overlap += part * (1.0 - distance)
    return Dagum(within + between + overlap, within, between, overlap)


def _relative(values: ArrayLike) -> Floats:
    """Return values by the power of two above the largest: exact, and no sum is out of range."""
    y = numbers("values", values, low=0.0)
    return np.ldexp(y, -np.frexp(y.max(initial=0.0))[1])


def _entropy(s: Floats, f: Floats) -> Floats:
    """Return s ln(s / f), 0 where s is."""
    some = s > 0.0
    return np.where(some, s * np.log(np.where(some, s, 1.0) / np.where(some, f, 1.0)), 0.0)


def _mean_gap(a: Floats, b: Floats) -> float:
    """Return the mean absolute difference between entries of two arrays, at the cost of a sort."""
    origin = a[0]
    a, b = a - origin, np.sort(b - origin, kind="stable")
    below = np.searchsorted(b, a)
    total = np.concatenate([[0.0], np.cumsum(b)])
    gaps = a * (2 * below - len(b)) + total[-1] - 2.0 * total[below]
    return max(float(gaps.mean()), 0.0) / len(b)


# -- convergence -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Beta:
    """A regression of growth on the beginning."""

    # b and its standard error, a year; NaN without differences or without residuals to spare.
    slope: float
    error: float
    speed: float  # lambda, a year; NaN where 1 + b T is not positive


def sigma(values: ArrayLike, group: ArrayLike | None = None, n_groups: int = 1) -> float:
    """Return the standard deviation of logs over places, or about the means of their groups.

    ``values`` (n,) are positive; ``group`` (n,) is that of each place, from 0, one for all unless
    given. NaN without places.
    """
    y = _positive("values", values)
    g = np.zeros(len(y), dtype=np.int64) if group is None else group
    centred = _centred(np.log(y)[None, :], labels("group", g, len(y), n_groups), n_groups)
    return float(np.sqrt((centred**2).mean())) if len(y) else float("nan")


def beta(
    first: ArrayLike,
    last: ArrayLike,
    years: float,
    group: ArrayLike | None = None,
    n_groups: int = 1,
) -> Beta:
    """Return the regression of yearly growth on the logs of the beginning.

    ``first`` and ``last`` (n,) are values of places at both ends, positive, ``years`` apart;
    ``group`` (n,) is that of each place, from 0, with its own constant, one for all unless given.
    """
    y0, y1 = _positive("first", first), _positive("last", last)
    if y0.shape != y1.shape or not (math.isfinite(years) and years > 0.0):
        raise ValueError("first and last need the same places, and years must be positive")
    g = np.zeros(len(y0), dtype=np.int64) if group is None else group
    g = labels("group", g, len(y0), n_groups)
    logs = np.log(y0)
    x, growth = _centred(np.stack([logs, (np.log(y1) - logs) / years]), g, n_groups)
    squares, nothing = float((x**2).sum()), float("nan")
    if squares <= 1e-24 * float((1.0 + logs**2).sum()):
        return Beta(nothing, nothing, nothing)
    slope = float((x * growth).sum()) / squares
    spare = len(y0) - len(np.unique(g)) - 1
    residual = float(((growth - slope * x) ** 2).sum())
    error = math.sqrt(residual / spare / squares) if spare > 0 else nothing
    left = 1.0 + slope * years
    return Beta(slope, error, -math.log(left) / years if left > 0.0 else nothing)


def _positive(name: str, values: ArrayLike) -> Floats:
    y = numbers(name, values)
    if (y <= 0.0).any():
        raise ValueError(f"{name} must be positive")
    return y


def _centred(rows: Floats, group: Ints, n_groups: int) -> Floats:
    """Return rows (r, n) less the means of the groups of their columns."""
    number = np.maximum(np.bincount(group, minlength=n_groups), 1)
    means = [sums(group, row, n_groups) / number for row in rows]
    return rows - np.array(means).reshape(len(rows), n_groups)[:, group]
