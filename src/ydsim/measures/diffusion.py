"""Bass curves of adoption: fit, fit quality and half-times.

    F(t) = m (1 - exp(-(p + q) t)) / (1 + (q / p) exp(-(p + q) t))

Symbols: m final adopters, p external and q internal influence a year (Bass 1969).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.typing import Floats


@dataclass(frozen=True)
class BassFit:
    """A least-squares Bass curve: m, p, q and the coefficient of determination."""

    m: float
    p: float
    q: float
    r2: float


def bass(t: Floats, m: float, p: float, q: float) -> Floats:
    """Return cumulative adopters at times ``t`` in years."""
    decay = np.exp(-(p + q) * t)
    curve: Floats = m * (1.0 - decay) / (1.0 + (q / p) * decay)
    return curve


def fit_bass(t: Floats, adopters: Floats) -> BassFit:
    """Fit a Bass curve by least squares; ``t`` in years from the founding, increasing.

    Raises
    ------
    ValueError
        When fewer than four points or no adopters are given.
    """
    from scipy.optimize import least_squares

    if len(t) < 4 or adopters.max() <= 0.0:
        raise ValueError("a Bass curve needs four points and some adopters")
    top = float(adopters.max())

    def miss(theta: Floats) -> Floats:
        m, p, q = np.exp(theta)
        return bass(t, m, p, q) - adopters / top

    best = None
    for start in ((1.2, 0.03, 0.4), (1.2, 0.1, 0.05), (2.0, 0.01, 0.2)):
        fit = least_squares(
            miss, np.log(start), bounds=(np.log([0.5, 1e-6, 1e-6]), np.log([20.0, 5.0, 5.0]))
        )
        if best is None or fit.cost < best.cost:
            best = fit
    assert best is not None
    m, p, q = np.exp(best.x)
    spread = float(((adopters / top - (adopters / top).mean()) ** 2).sum())
    r2 = 1.0 - 2.0 * float(best.cost) / spread if spread > 0.0 else 0.0
    return BassFit(float(m) * top, float(p), float(q), r2)


def half_time(t: Floats, adopters: Floats) -> float:
    """Return the time at which half of the final adopters had adopted, interpolated."""
    half = float(adopters[-1]) / 2.0
    above = np.flatnonzero(adopters >= half)
    if len(above) == 0 or half <= 0.0:
        return float("nan")
    i = int(above[0])
    if i == 0:
        return float(t[0])
    rise = float(adopters[i] - adopters[i - 1])
    part = (half - float(adopters[i - 1])) / rise if rise > 0.0 else 1.0
    return float(t[i - 1] + part * (t[i] - t[i - 1]))
