"""Bass curves of adoption: fit, intervals, and times to shares of adopters.

    F(t) = m (1 - exp(-(p + q) t)) / (1 + (q / p) exp(-(p + q) t))
    V = (J'J)^-1 (n / (n - 1) sum_g u_g u_g') (J'J)^-1 / n^2,   u_g = J' (y_g - F)
    interval of p = p exp(-+ z se(log p)),   z the .975 quantile of Student's t, n - 1 degrees
    t_x = first t with F(t) >= x M, between two times on a straight line

Symbols: F cumulative adopters at time t in years, m final ones, p external and q internal
influence a year (Bass 1969, Management Science 15(5): 215-227); V covariance of log m, log p and
log q of the curve fitted to the mean of n curves y_g of technologies, J derivatives of F at the
times of the curve. Points of a curve depend on each other and curves are drawn independently, so
that curves are the clusters (Liang and Zeger 1986, Biometrika 73: 13-22). t_x is the time at which
a share x of M has adopted, M the adopters at the end or those who can adopt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.groups import numbers
from ydsim.typing import Floats

SHARES = (0.1, 0.5, 0.9)
"""Of t10, t50 and t90."""

_LEAST, _MOST = (0.5, 1e-6, 1e-6), (20.0, 5.0, 5.0)
"""Range of m over the adopters at the end, p and q in which a curve is sought."""

_EDGE, _SINGULAR = 1e-3, 1e-12
"""How near to an end of the range a logarithm is at it, and up to which determinant J'J, scaled to
a diagonal of ones, has no inverse."""


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
    return m * (1.0 - decay) / (1.0 + (q / p) * decay)


def fit_bass(t: Floats, adopters: Floats) -> BassFit:
    """Fit a Bass curve by least squares; ``t`` in years from the founding, increasing.

    ValueError when fewer than four points or no adopters are given.
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
        fit = least_squares(miss, np.log(start), bounds=(np.log(_LEAST), np.log(_MOST)))
        if best is None or fit.cost < best.cost:
            best = fit
    assert best is not None
    m, p, q = np.exp(best.x)
    spread = float(((adopters / top - (adopters / top).mean()) ** 2).sum())
    r2 = 1.0 - 2.0 * float(best.cost) / spread if spread > 0.0 else 0.0
    return BassFit(float(m) * top, float(p), float(q), r2)


@dataclass(frozen=True)
class BassInterval:
    """95 % intervals (low, high) of m, p and q; NaN where the curves do not tell.

    They are about the luck of which technologies were drawn.
    """

    m: tuple[float, float]
    p: tuple[float, float]
    q: tuple[float, float]


UNKNOWN = BassInterval(*[(float("nan"), float("nan"))] * 3)
"""No intervals: of one curve, or of parameters at the end of their range."""


def bass_interval(t: Floats, curves: Floats, fit: BassFit) -> BassInterval:
    """Return intervals of the curve that `fit_bass` has fitted to the mean of several ``curves``.

    These are (n, T): cumulative adopters of each technology, or their shares, at increasing times
    ``t`` (T,) in years from the founding.
    """
    from scipy.stats import t as student

    n, top = len(curves), float(curves.mean(axis=0).max())
    theta = np.log([fit.m / top, fit.p, fit.q]) if n > 1 and top > 0.0 else np.zeros(3)
    low, high = np.log(_LEAST), np.log(_MOST)
    if n < 2 or (theta < low + _EDGE).any() or (theta > high - _EDGE).any():
        return UNKNOWN
    step = 1e-5 * np.eye(3)
    slopes = np.stack(
        [(bass(t, *np.exp(theta + h)) - bass(t, *np.exp(theta - h))) / 2e-5 for h in step]
    )
    # sums by einsum keep their order on every machine
    square = np.einsum("it,jt->ij", slopes, slopes)
    length = np.sqrt(np.diag(square))
    size = length[:, None] * length[None, :]
    inverse, determinant = _inverse(square / np.where(size > 0.0, size, 1.0))
    if not determinant > _SINGULAR:
        return UNKNOWN
    miss = curves / top - bass(t, *np.exp(theta))
    u = np.einsum("ij,jg->ig", inverse / size, np.einsum("it,gt->ig", slopes, miss))
    error = np.sqrt(n / (n - 1.0) * (u**2).sum(axis=1)) / n
    reach = float(student.ppf(0.975, n - 1)) * error
    with np.errstate(over="ignore"):
        ends = np.exp(np.stack([theta - reach, theta + reach]))
    ends[:, 0] *= top
    return BassInterval(*((float(a), float(b)) for a, b in ends.T))


def _inverse(square: Floats) -> tuple[Floats, float]:
    """Return the inverse of a symmetric (3, 3) matrix by its cofactors, and the determinant."""
    a, b, c = square
    cofactors = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)])
    determinant = float((a * cofactors[0]).sum())
    return cofactors / (determinant or np.nan), determinant


def time_to(t: ArrayLike, adopters: ArrayLike, level: float) -> float:
    """Return the first time at which a curve reaches a level, interpolated; NaN if it never does.

    ``adopters`` (T,) are cumulative, at increasing times ``t`` (T,) in years; ``level`` is above
    zero, in their unit.
    """
    time, curve = numbers("t", t), numbers("adopters", adopters)
    if time.shape != curve.shape:
        raise ValueError(f"adopters must have {len(time)} entries, not {len(curve)}")
    if (np.diff(time) <= 0.0).any():
        raise ValueError("t must increase")
    if not level > 0.0:
        raise ValueError("a level must be above zero")
    above = np.flatnonzero(curve >= level)
    if len(above) == 0:
        return float("nan")
    i = int(above[0])
    if i == 0:
        return float(time[0])
    part = (level - float(curve[i - 1])) / float(curve[i] - curve[i - 1])
    return float(time[i - 1] + part * (time[i] - time[i - 1]))


def half_time(t: Floats, adopters: Floats) -> float:
    """Return the time at which half of the final adopters had adopted; NaN without any."""
    return time_to(t, adopters, 0.5 * float(adopters[-1])) if adopters[-1] > 0.0 else float("nan")


def lead_time(time: ArrayLike, own: ArrayLike, rest: ArrayLike, share: float) -> float:
    """Return how much earlier a place reaches a share of adopters than the rest, t_x(rest) - t_x.

    ``own`` and ``rest`` (T,) are shares of adopters among those who can adopt, of the place and of
    all others, ``share`` is x, above 0 and up to 1. Positive where the place leads; infinite where
    only it reaches the share, minus infinite where only the rest does, NaN where neither does.
    """
    mine, theirs = time_to(time, own, share), time_to(time, rest, share)
    if np.isnan(mine):
        return float("nan") if np.isnan(theirs) else -float("inf")
    return float("inf") if np.isnan(theirs) else theirs - mine
