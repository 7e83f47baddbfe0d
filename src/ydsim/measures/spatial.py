"""Spatial autocorrelation: Moran's I, with its moments under randomisation.

    I      = (n / S0) sum_i sum_j w_ij z_i z_j / sum_i z_i^2,   z_i = y_i - mean y
    E[I]   = -1 / (n - 1)
    Var[I] = (n ((n^2 - 3n + 3) S1 - n S2 + 3 S0^2) - k ((n^2 - n) S1 - 2n S2 + 6 S0^2))
             / ((n - 1) (n - 2) (n - 3) S0^2) - E[I]^2
    S0 = sum_ij w_ij,   S1 = sum_ij (w_ij + w_ji)^2 / 2,   S2 = sum_i (w_i. + w_.i)^2
    k  = n sum_i z_i^4 / (sum_i z_i^2)^2

Symbols: y_i value of place i, in any unit; w_ij weight of place j for place i, without unit or in
one that cancels, zero for i = j; n places. The moments are those over all orders of the values.

Source: Cliff and Ord (1981, Spatial Processes: Models and Applications).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import numbers
from ydsim.typing import Floats


@dataclass(frozen=True)
class Moran:
    """Moran's I.

    Attributes
    ----------
    value, expected, variance
        I, and its mean and variance over all orders of the values.
    z, p
        (I - E[I]) / sqrt(Var[I]) and the two-sided probability of it under a normal distribution.
    """

    value: float
    expected: float
    variance: float
    z: float
    p: float


def inverse_distance(distance: ArrayLike) -> Floats:
    """Return weights 1 / distance (n, n) of each row with a sum of one, zero on the diagonal.

    Parameters
    ----------
    distance
        (n, n) distances, such as in km; positive off the diagonal.
    """
    km = numbers("distance", distance, ndim=2, low=0.0).copy()
    if km.shape[0] != km.shape[1] or len(km) < 2:
        raise ValueError("distance must be a square of at least two places")
    np.fill_diagonal(km, np.inf)
    if not km.all():
        raise ValueError("distance must be positive off the diagonal")
    weights: Floats = (1.0 / km) / (1.0 / km).sum(axis=1, keepdims=True)
    return weights


def moran(values: ArrayLike, weights: ArrayLike) -> Moran:
    """Return Moran's I of places.

    Parameters
    ----------
    values
        (n,) values of at least four places.
    weights
        (n, n) weights, not negative, zero on the diagonal, at least one of them positive.

    Returns
    -------
    Moran
        All but the expectation NaN where all values are equal.
    """
    y = numbers("values", values)
    w = numbers("weights", weights, ndim=2, low=0.0)
    n = len(y)
    if n < 4:
        raise ValueError("Moran's I needs four places")
    if w.shape != (n, n) or np.diag(w).any() or not w.any():
        raise ValueError(f"weights must be {n} x {n}, zero on the diagonal and some positive")
    expected = -1.0 / (n - 1)
    nothing = float("nan")
    if (y == y[0]).all():
        return Moran(nothing, expected, nothing, nothing, nothing)
    z = y - y.mean()
    z = z / np.abs(z).max()
    w = w / w.sum()
    squares = float((z**2).sum())
    value = n * float((w * z[:, None] * z[None, :]).sum()) / squares
    s1 = float(((w + w.T) ** 2).sum()) / 2.0
    s2 = float(((w.sum(axis=1) + w.sum(axis=0)) ** 2).sum())
    k = n * float((z**4).sum()) / squares**2
    first = n * ((n * n - 3 * n + 3) * s1 - n * s2 + 3.0)
    second = k * ((n * n - n) * s1 - 2 * n * s2 + 6.0)
    variance = (first - second) / ((n - 1) * (n - 2) * (n - 3)) - expected**2
    if variance <= 1e-12 * expected**2:
        # the value does not depend on the order, as where all weights are equal
        return Moran(value, expected, 0.0, nothing, nothing)
    score = (value - expected) / math.sqrt(variance)
    return Moran(value, expected, variance, score, math.erfc(abs(score) / math.sqrt(2.0)))
