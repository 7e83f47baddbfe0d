r"""Where runs are made, and emulators: what runs at any point give, from those at some points.

Points lie in the unit cube, a coordinate a parameter: its share of a range, or of the logarithm of
a range. For a target t

    y_t(u) = m + s g(u) + e,   g a Gaussian process with Matern's kernel 5/2, e ~ N(0, n_t)
    y_-i = y_i - [K^-1 y]_i / [K^-1]_ii                   a run predicted by all others
    R2_t = 1 - sum_i (y_i - y_-i)^2 / sum_i (y_i - m)^2

with m and s mean and standard deviation of the runs, K the covariance of their values, n_t the
variance of a run about its point. Lengths, height and n_t are those of the largest likelihood of
`LENGTHS` of the runs, drawn; all runs then predict y_t.

Source: Rasmussen and Williams (2006, Gaussian Processes for Machine Learning, section 5.4.2).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from ydsim.engines import all_of
from ydsim.typing import Floats, Ints

LENGTHS: Final = 300
"""Runs from which lengths are searched: time grows with the third power of their number."""

_TRIES = 20  # hypercubes of which the most spread one is taken
_CHUNK = 20_000  # points at once
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
    """Of runs that are left out, each predicted by all others; NaN where all runs give the same, or
    fewer than half of them give a number."""
    noise: float  # variance of a run about its point, in the unit of the target, squared
    process: Any = None  # of scikit-learn

    def at(self, points: Floats) -> tuple[Floats, Floats]:
        """Return mean and variance (n,) of a run at each of some points, noise included."""
        parts = [points[i : i + _CHUNK] for i in range(0, len(points), _CHUNK)]
        with _one_thread():
            predicted = [self.process.predict(part, return_std=True) for part in parts]
        mean, sd = (np.concatenate(each) for each in zip(*predicted, strict=True))
        return mean, sd**2


def _one_thread() -> AbstractContextManager[object]:
    """Keep products of matrices to one thread: small ones are faster, and always the same."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1)


def emulate(points: Floats, values: Floats, seed: int = 0) -> Emulator:
    """Return the emulator of a target from its values (n,) at points (n, d); NaN: no value."""
    from scipy.linalg import cho_solve
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

    there = np.isfinite(values)
    x, y = points[there], values[there]
    if len(y) < max(4, 0.5 * len(values)) or np.ptp(y) <= 1e-12 * np.abs(y).max():
        return Emulator(np.nan, np.nan)
    lengths = Matern(np.ones(x.shape[1]), (0.2, 50.0), nu=2.5)
    kernel = ConstantKernel(1.0, (1e-2, 1e3)) * lengths + WhiteKernel(0.1, (1e-4, 2.0))
    some = np.sort(np.random.default_rng(seed).permutation(len(y))[:LENGTHS])
    starts = int(len(y) <= _FEW)
    process = _fitted(kernel, x[some], y[some], n_restarts_optimizer=starts, random_state=seed)
    if len(some) < len(y):
        process = _fitted(process.kernel_, x, y, optimizer=None)
    inverse = cho_solve((process.L_, True), np.eye(len(y)))
    scale = float(y.std())
    left_out = scale * process.alpha_ / np.diag(inverse)
    r2 = 1.0 - float((left_out**2).sum() / ((y - y.mean()) ** 2).sum())
    return Emulator(r2, float(process.kernel_.k2.noise_level) * scale**2, process)


def _fitted(kernel: Any, x: Floats, y: Floats, **how: Any) -> Any:
    from sklearn.gaussian_process import GaussianProcessRegressor

    with warnings.catch_warnings(action="ignore"), _one_thread():
        # it warns of lengths at a bound, which are those of no effect
        return GaussianProcessRegressor(kernel, normalize_y=True, **how).fit(x, y)


@dataclass(frozen=True)
class Predictions:
    """What emulators say of runs at some points."""

    r2: dict[str, float]
    """By target; see `Emulator`."""
    noise: dict[str, float]
    names: tuple[str, ...]
    """Targets that have an emulator."""
    mean: Floats
    """(n, t) of a run at each point, for these."""
    variance: Floats
    """(n, t) of a run: of the emulator and of chance."""

    def by(self, names: Mapping[str, str]) -> Predictions:
        """Return those of some targets under other names, by these; without those it lacks."""
        r2, noise = (
            {new: of[old] for new, old in names.items() if old in of}
            for of in (self.r2, self.noise)
        )
        there = tuple(new for new, old in names.items() if old in self.names)
        at = [self.names.index(names[new]) for new in there]
        return Predictions(r2, noise, there, self.mean[:, at], self.variance[:, at])

    def joined(self, other: Predictions) -> Predictions:
        """Return these and those of other targets at the same points."""
        return Predictions(
            self.r2 | other.r2,
            self.noise | other.noise,
            self.names + other.names,
            np.hstack([self.mean, other.mean]),
            np.hstack([self.variance, other.variance]),
        )


def predictions_of(
    points: Floats, values: Mapping[str, Floats], at: Floats, *, seed: int = 0, jobs: int = 1
) -> Predictions:
    """Return what runs at ``points`` (n, d) say of runs ``at`` others (m, d).

    ``values``: (n,) of the runs, by target; NaN: no value. ``jobs``: processes, each of which
    emulates some of the targets.
    """
    answers = all_of(partial(_prediction, points, at, seed), list(values.values()), jobs)
    r2, noise, means, variances = (
        dict(zip(values, column, strict=True)) for column in zip(*answers, strict=True)
    )
    names = tuple(name for name in values if not np.isnan(r2[name]))
    nothing = np.empty((len(at), 0))
    mean, variance = (
        np.column_stack([nothing, *(of[name] for name in names)]) for of in (means, variances)
    )
    return Predictions(r2, noise, names, mean, variance)


def _prediction(
    points: Floats, at: Floats, seed: int, values: Floats
) -> tuple[float, float, Floats, Floats]:
    one, nothing = emulate(points, values, seed), np.empty(0)
    return one.r2, one.noise, *((nothing, nothing) if np.isnan(one.r2) else one.at(at))
