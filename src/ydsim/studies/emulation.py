r"""Emulators of targets, the space that they do not rule out, and what targets tell of parameters.

Points lie in the unit cube, a coordinate a parameter: its share of a range, or of the logarithm of
a range. An emulator says what runs at any point give for a target t, from those at some points:

    y_t(u) = m + s g(u) + e,   g a Gaussian process with Matern's kernel 5/2, e ~ N(0, n_t)
    y_-i = y_i - [K^-1 y]_i / [K^-1]_ii                   a run said by all others
    R2_t = 1 - sum_i (y_i - y_-i)^2 / sum_i (y_i - m)^2

with m and s mean and standard deviation of the runs, K the covariance of their values, n_t the
variance of a run about its point. Lengths, height and n_t are those of the largest likelihood.

    I_t(u) = gap_t(mean_t(u)) / sqrt(V_t(u) + n_t + tolerance_t^2)        implausibility
    ruled out: I_t(u) > c for some t
    misfit(u) = sum_t w_t I_t(u)^2          w_t: weight of a family over the number of its targets
    weight(u) ~ exp(-misfit(u) / 2), zero where ruled out

V_t is the emulator's own variance; gap_t is the distance from the target, a number or a range, zero
inside of it. Draws of the prior, uniform in the cube, with these weights are the posterior. What is
known of parameters, z = (u - 1/2) sqrt(12), whose prior variance is one:

    ratio_j = var z_j                                     posterior over prior variance
    cov z = sum_k r_k d_k d_k',   r_1 <= r_2 <= ...       directions and their ratios
    seen_j = sum over known k of d_kj^2

A direction is known whose r_k is below `KNOWN`; its loading of the largest size is positive. A
known direction is a ridge when two parameters or more with loadings of at least `LARGE` are partly
seen, seen_j from `PARTLY` to 1 - `PARTLY`: their combination is known, they are not.

Sources: Vernon, Goldstein and Bower (2010, Bayesian Analysis 5: 619) for implausibility and waves,
c = 3 by Pukelsheim (1994, American Statistician 48: 88); Rasmussen and Williams (2006, Gaussian
Processes for Machine Learning, section 5.4.2) for y_-i. `KNOWN`, `LARGE`, `PARTLY` are assumed.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ydsim.typing import Floats, Ints

CUTOFF: Final = 3.0
"""Implausibility above which a point is ruled out."""
LEAST_R2: Final = 0.5
"""R2 that an emulator needs to be used."""
KNOWN: Final = 0.5
LARGE, PARTLY = 0.3, 0.2

_TRIES = 20  # hypercubes of which the most spread one is taken
_CHUNK = 20_000  # draws at once
_FEW = 200  # runs up to which lengths are searched from a second start, which is drawn


# -- where runs are made ---------------------------------------------------------------------------


def hypercube(n: int, d: int, seed: int) -> Floats:
    """Return a Latin hypercube (n, d), of twenty the one with the largest least distance."""
    from scipy.spatial.distance import pdist
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    drawn: list[Floats] = [
        np.asarray(qmc.LatinHypercube(d=d, seed=rng).random(n)) for _ in range(_TRIES)
    ]
    nearest = [float(pdist(points).min(initial=np.inf)) for points in drawn]
    return drawn[int(np.argmax(nearest))]


def spread_out(points: Floats, n: int) -> Ints:
    """Return n of some points, each in turn the one that is farthest from those before.

    The first is the one nearest to the mean of all.
    """
    away = np.full(len(points), np.inf)
    found = [int(np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1)))]
    while len(found) < min(n, len(points)):
        away = np.minimum(away, ((points - points[found[-1]]) ** 2).sum(axis=1))
        away[found] = -1.0
        found.append(int(np.argmax(away)))
    return np.array(found, dtype=np.int64)


# -- emulators -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Emulator:
    """What runs at any point give for a target."""

    r2: float
    """Of runs that are left out, each said by all others; NaN where all runs give the same, or
    fewer than half of them give a number."""
    noise: float  # variance of a run about its point, in the unit of the target, squared
    process: Any = None  # of scikit-learn

    @property
    def used(self) -> bool:
        """Whether it is good enough."""
        return self.r2 >= LEAST_R2

    def at(self, points: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance (n,) of a run at each of some points, noise included."""
        with _one_thread():
            mean, sd = self.process.predict(points, return_std=True)
        return np.asarray(mean), np.asarray(sd) ** 2


def _one_thread() -> AbstractContextManager[object]:
    """Keep products of matrices to one thread: small ones are faster, and always the same."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def emulate(points: Floats, values: Floats, seed: int = 0) -> Emulator:
    """Return the emulator of a target from its values (n,) at points (n, d); NaN: no value."""
    from scipy.linalg import cho_solve
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    there = np.isfinite(values)
    x, y = points[there], values[there]
    if len(y) < max(4, 0.5 * len(values)) or np.ptp(y) <= 1e-12 * np.abs(y).max():
        return Emulator(np.nan, np.nan)
    lengths = Matern(np.ones(x.shape[1]), (0.2, 50.0), nu=2.5)
    kernel = ConstantKernel(1.0, (1e-2, 1e3)) * lengths + WhiteKernel(0.1, (1e-4, 2.0))
    starts = int(len(y) <= _FEW)
    process = GaussianProcessRegressor(
        kernel, normalize_y=True, n_restarts_optimizer=starts, random_state=seed
    )
    with warnings.catch_warnings(action="ignore"), _one_thread():
        process.fit(x, y)  # it warns of lengths at a bound, which are those of no effect
    inverse = cho_solve((process.L_, True), np.eye(len(y)))
    scale = float(y.std())
    left_out = scale * process.alpha_ / np.diag(inverse)
    r2 = 1.0 - float((left_out**2).sum() / ((y - y.mean()) ** 2).sum())
    return Emulator(r2, float(process.kernel_.k2.noise_level) * scale**2, process)


# -- the space that is not ruled out ---------------------------------------------------------------


def family_weights(families: Sequence[str], weights: Sequence[float]) -> Floats:
    """Return weights (t,) of targets: that of its family, which all in it share."""
    _, family, number = np.unique(families, return_inverse=True, return_counts=True)
    return np.asarray(weights / number[family])


def implausible(
    mean: Floats, variance: Floats, ends: tuple[float, float], tolerance: float
) -> Floats:
    """Return by how many standard deviations means (n,) of runs miss a range, or a number twice."""
    gap = np.maximum(np.maximum(ends[0] - mean, mean - ends[1]), 0.0)
    return np.asarray(gap / np.sqrt(variance + tolerance**2))


@dataclass(frozen=True)
class Plausible:
    """Draws that are not ruled out."""

    points: Floats  # (n, d)
    misfit: Floats  # (n,)
    share: float  # of the whole space

    @property
    def weights(self) -> Floats:
        """Weights (n,), their sum one."""
        return weighted(self.misfit)


def weighted(misfit: Floats) -> Floats:
    """Return the weights of misfits, their sum one."""
    raw = np.exp(-0.5 * (misfit - misfit.min(initial=np.inf)))
    return np.asarray(raw / raw.sum())


def effective(weights: Floats) -> float:
    """Return to how many equal ones weights are worth (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0


def plausible(
    emulators: Sequence[Emulator],
    ends: Sequence[tuple[float, float]],
    tolerances: Sequence[float],
    weights: Floats,
    *,
    d: int,
    draws: int,
    seed: int,
    cutoff: float = CUTOFF,
    beside: Sequence[float] = (),
) -> Plausible:
    """Return which of so many draws of the unit cube of ``d`` coordinates are not ruled out.

    ``ends``, ``tolerances`` and ``weights`` (t,): of the targets of the emulators. ``beside``:
    coordinates that emulators have behind the d ones, the same for all draws.
    """
    rng, points, misfits = np.random.default_rng(seed), list[Floats](), list[Floats]()
    for first in range(0, draws, _CHUNK):
        drawn = rng.random((min(_CHUNK, draws - first), d))
        misfit = np.zeros(len(drawn))
        for one, end, tolerance, weight in zip(emulators, ends, tolerances, weights, strict=True):
            full = np.hstack([drawn, np.tile(beside, (len(drawn), 1))])
            away = implausible(*one.at(full), end, tolerance) if len(drawn) else misfit
            misfit = misfit + weight * away**2
            drawn, misfit = drawn[away <= cutoff], misfit[away <= cutoff]
        points.append(drawn)
        misfits.append(misfit)
    found = np.concatenate(points)
    return Plausible(found, np.concatenate(misfits), len(found) / draws)


# -- what is known of parameters -------------------------------------------------------------------


@dataclass(frozen=True)
class Identified:
    """How much narrower the posterior is than the prior."""

    ratio: Floats  # (d,) of variances by parameter
    ratios: Floats  # (d,) of variances by direction, ascending
    directions: Floats  # (d, d), a row a direction
    seen: Floats  # (d,) share of each parameter that lies in known directions
    ridges: tuple[tuple[int, ...], ...]
    """The parameters of each ridge, in the order of the directions."""


def identified(points: Floats, weights: Floats) -> Identified:
    """Return what weighted draws (n, d) of the unit cube tell of its coordinates."""
    z = (points - 0.5) * np.sqrt(12.0)
    gap = z - np.average(z, axis=0, weights=weights)
    covariance = (gap * weights[:, None] / weights.sum()).T @ gap
    ratios, columns = np.linalg.eigh(covariance)
    largest = np.argmax(np.round(np.abs(columns), 9), axis=0)
    rows = (columns * np.sign(columns[largest, np.arange(len(ratios))])).T
    known = rows[ratios < KNOWN]
    seen = (known**2).sum(axis=0)
    part = (seen > PARTLY) & (seen < 1.0 - PARTLY)
    of = [np.flatnonzero((np.abs(row) >= LARGE) & part) for row in known]
    ridges = tuple(tuple(map(int, each)) for each in of if len(each) > 1)
    return Identified(np.diag(covariance).copy(), ratios, rows, seen, ridges)


def quantiles(points: Floats, weights: Floats, shares: Sequence[float]) -> Floats:
    """Return quantiles (shares, d) of weighted draws (n, d)."""
    wide = np.broadcast_to(weights[:, None], points.shape)
    return np.asarray(np.quantile(points, shares, axis=0, weights=wide, method="inverted_cdf"))


def central(points: Floats, weights: Floats) -> int:
    """Return which of weighted points has the least mean distance to all."""
    from scipy.spatial.distance import cdist

    return int(np.argmin(np.round(cdist(points, points) @ weights, 12)))
