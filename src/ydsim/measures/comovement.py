"""Co-movement of places: correlation of their changes, and order of their phases.

    r    = mean_{g<h} corr_t(y_g,t+1 - y_g,t, y_h,t+1 - y_h,t)
    R_t  = |mean_g exp(i theta_g,t)|,   theta_g,t = angle of x_g,t + i H[x_g]_t
    x_g  = changes of y_g less their straight line in t

Symbols: y_g,t value of place g in year t, in any unit, or its logarithm; r co-movement, from
-1 / (G - 1) to 1; R_t order, from 0 (phases cancel) to 1 (all in step); H Hilbert transform in t,
which takes a series as if it began again at its end, so that R_t is least certain in the first and
last years. G places that do not change by the same amount (or the same line) in all years.

Sources: r assumed; Kuramoto (1984, Chemical Oscillations, Waves, and Turbulence) for R; Gabor
(1946, J. IEE 93: 429) for the angle. That R suits growth of places is assumed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import numbers
from ydsim.typing import Floats

STILL = 1e-10
"""Part of the largest value below which a variation is one of rounding."""


def co_movement(values: ArrayLike) -> float:
    """Return the mean correlation r of changes of pairs of places.

    Parameters
    ----------
    values
        (G, T) values, or their logarithms for rates of growth.

    Returns
    -------
    float
        NaN with fewer than two places that vary, or fewer than three years.
    """
    y = numbers("values", values, ndim=2)
    change = np.diff(y, axis=1)
    if change.shape[1] < 2:
        return float("nan")
    moved = _varying(change - change.mean(axis=1, keepdims=True), y)
    g = len(moved)
    if g < 2:
        return float("nan")
    unit = moved / np.sqrt((moved**2).sum(axis=1, keepdims=True))
    # the square of the sum holds each pair twice and each place once
    return (float((unit.sum(axis=0) ** 2).sum()) - g) / (g * (g - 1))


def phase_order(values: ArrayLike) -> Floats:
    """Return the order R (T - 1,) of the phases of changes.

    Parameters
    ----------
    values
        (G, T) values, or their logarithms for rates of growth.

    Returns
    -------
    Floats
        NaN with fewer than two places that vary about a line, or fewer than four years.
    """
    y = numbers("values", values, ndim=2)
    change = np.diff(y, axis=1)
    n = change.shape[1]
    if n < 3:
        return np.full(n, np.nan)
    time = np.arange(n) - (n - 1) / 2.0
    centred = change - change.mean(axis=1, keepdims=True)
    slope = (centred * time).sum(axis=1, keepdims=True) / (time**2).sum()
    moved = _varying(centred - slope * time, y)
    if len(moved) < 2:
        return np.full(n, np.nan)
    wave = _analytic(moved / np.abs(moved).max(axis=1, keepdims=True))
    length = np.abs(wave)
    phase = np.divide(wave, length, out=np.zeros_like(wave), where=length > STILL)
    order: Floats = np.minimum(np.abs(phase.mean(axis=0)), 1.0)
    return order


def _varying(centred: Floats, values: Floats) -> Floats:
    """Return the rows that differ from zero by more than the rounding of their values."""
    size = np.abs(values).max(axis=1)
    varies: Floats = centred[np.abs(centred).max(axis=1) > STILL * size]
    return varies


def _analytic(rows: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.complex128]]:
    """Return rows plus i times their Hilbert transform: no negative frequencies."""
    n = rows.shape[1]
    keep = np.zeros(n)
    keep[0] = 1.0
    keep[1 : (n + 1) // 2] = 2.0
    if n % 2 == 0:
        keep[n // 2] = 1.0
    return np.asarray(np.fft.ifft(np.fft.fft(rows, axis=1) * keep, axis=1), dtype=np.complex128)
