"""Convergence of places: sigma (they become more alike) and beta (the poor grow faster).

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

from ydsim.measures.checks import labels, numbers
from ydsim.measures.groups import sums
from ydsim.typing import Floats, Ints


@dataclass(frozen=True)
class Beta:
    """A regression of growth on the beginning."""

    # b and its standard error, a year; NaN without differences or without residuals to spare.
    slope: float
    error: float
    speed: float  # lambda, a year; NaN where 1 + b T is not positive


def sigma(values: ArrayLike, group: ArrayLike | None = None, n_groups: int = 1) -> Floats:
    """Return the standard deviation of logs (T,) over places, or about the means of their groups.

    ``values`` (T, n) of n places at T times are positive; ``group`` (n,) is that of each place,
    from 0, one for all unless given.
    """
    y = _positive("values", values, 2)
    g = np.zeros(y.shape[1], dtype=np.int64) if group is None else group
    if y.shape[1] == 0:
        return np.full(len(y), np.nan)
    centred = _centred(np.log(y), labels("group", g, y.shape[1], n_groups), n_groups)
    spread: Floats = np.sqrt((centred**2).mean(axis=1))
    return spread


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
    y0, y1 = _positive("first", first, 1), _positive("last", last, 1)
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


def _positive(name: str, values: ArrayLike, ndim: int) -> Floats:
    y = numbers(name, values, ndim=ndim)
    if (y <= 0.0).any():
        raise ValueError(f"{name} must be positive")
    return y


def _centred(rows: Floats, group: Ints, n_groups: int) -> Floats:
    """Return rows (r, n) less the means of the groups of their columns."""
    number = np.maximum(np.bincount(group, minlength=n_groups), 1)
    means = [sums(group, row, n_groups) / number for row in rows]
    centred: Floats = rows - np.array(means).reshape(len(rows), n_groups)[:, group]
    return centred
