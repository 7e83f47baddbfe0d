r"""The posterior: what published figures leave of the prior of parameters, and whether that is so.

A figure of target t is seen as a run at the true point with an error of figure and model together,

    y_t ~ N(m_t(u), S_t(u)),     S_t = V_t(u) + n_t + tolerance_t^2 / w_t

with m_t and V_t what its emulator says of a run at point u and how sure it is, n_t the variance of
a run about its point, and w_t the weight of its family over the number of its targets: all targets
of a family together tell as much of a common shift as one target would. Where a range is
published, what is known is that y_t lies in it:

    ln L_t = -(y_t - m_t)^2 / (2 S_t) - ln S_t / 2        a number
    ln L_t = ln (Phi((high - m_t) / sqrt S_t) - Phi((low - m_t) / sqrt S_t))         a range

The term in ln S_t keeps points of which emulators know little apart from points that agree. The
prior is uniform in the unit cube. Draws come half from it and half from a normal distribution
fitted to what the wave before left, g, cut at the cube; their weights make up for that (importance
sampling):

    weight_i ~ prod_t L_t(u_i) / q(u_i),    q = 1/2 + g(u) / (2 Pr(g in the cube))

What is known of parameters, z = (u - 1/2) sqrt(12), whose prior variance is one:

    ratio_j = var z_j                                     posterior over prior variance
    cov z = sum_k r_k d_k d_k',   r_1 <= r_2 <= ...       directions and their ratios
    seen_j = sum over known k of d_kj^2

A direction is known whose r_k is below `KNOWN`; its loading of the largest size is positive. A
known direction is a ridge when two parameters or more with loadings of at least `LARGE` are partly
seen, seen_j from `PARTLY` to 1 - `PARTLY`: their combination is known, they are not.

Whether intervals hold what they should is asked with known truths (simulation-based calibration): a
truth is one of the draws, its figures are those of a run there with the error that the likelihood
assumes, and the rank of each of its parameters in the posterior from these figures is uniform where
all is well. The largest distance of the ranks' distribution from the uniform one (Kolmogorov and
Smirnov) stays, for all d parameters at once, below the `BAND` quantile of one to the power 1/d.

Sources: Kennedy and O'Hagan (2001, Journal of the Royal Statistical Society B 63: 425) for the
error of the model; Talts and others (2018, arXiv 1804.06788) for ranks. `KNOWN`, `LARGE`, `PARTLY`
are assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

import numpy as np

from ydsim.errors import ResultsError
from ydsim.studies.emulation import Predictions
from ydsim.typing import Floats, Ints
from ydsim.untrusted_input import one_line

KNOWN: Final = 0.5
LARGE, PARTLY = 0.3, 0.2
BAND: Final = 0.95
"""Probability with which ranks of all parameters stay below the limit where all is well."""
INTERVAL: Final = 0.9
"""Probability of the intervals of which it is counted how often they hold the truth."""
_NUMBERS: Final = ("points", "log_density", "r2", "noise", "mean", "variance", "default")
_TEXTS: Final = ("space", "readings", "tried", "shown")
_LARGEST: Final = 2**32  # bytes of a file of draws
_HALVINGS = 30  # of the range of a power
_WIDER = 1.5  # variance of draws over that of what the wave before left


# -- likelihood ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figures:
    """Published figures of some targets."""

    low: Floats
    high: Floats
    """(t,) the range, twice the number where there is one."""
    error: Floats
    """(t,) standard deviation of figure and model together, sqrt(tolerance^2 / w)."""

    def log_likelihood(self, mean: Floats, variance: Floats) -> Floats:
        """Return ln L (n, t) at points where runs have such a mean and variance (n, t)."""
        from scipy.special import log_ndtr

        spread = np.sqrt(variance + self.error**2)
        low, high = (self.low - mean) / spread, (self.high - mean) / spread
        ranged = np.broadcast_to(self.high > self.low, mean.shape)
        logs = -0.5 * low**2 - np.log(spread)
        a, b = np.where(low > 0.0, (-high, -low), (low, high))  # the tail that has digits
        large, small = log_ndtr(b[ranged]), log_ndtr(a[ranged])
        logs[ranged] = large + np.log1p(-np.exp(small - large))
        return logs

    def seen_in(self, values: Floats) -> Figures:
        """Return the figures that would be published of values (t,).

        A range is one of a row of such ranges side by side, the one that holds the value.
        """
        low, high = values.copy(), values.copy()
        for t, (a, b) in enumerate(zip(self.low, self.high, strict=True)):
            if np.isinf(a) or np.isinf(b):
                end = b if np.isinf(a) else a
                low[t], high[t] = (end, np.inf) if values[t] >= end else (-np.inf, end)
            elif b > a:
                low[t] = a + np.floor((values[t] - a) / (b - a)) * (b - a)
                high[t] = low[t] + (b - a)
        return Figures(low, high, self.error)


def family_weights(families: Sequence[str], weights: Sequence[float]) -> Floats:
    """Return weights (t,) of targets: that of its family, which all in it share."""
    _, family, number = np.unique(families, return_inverse=True, return_counts=True)
    return np.asarray(weights / number[family])


# -- draws -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draws:
    """Points of the unit cube, of which some are likelier to be drawn than others."""

    points: Floats  # (n, d)
    log_density: Floats
    """(n,) ln q, of the distribution that they are drawn from."""


def prior_draws(n: int, d: int, seed: int) -> Draws:
    """Return draws of the prior."""
    return Draws(np.random.default_rng(seed).random((n, d)), np.zeros(n))


def draws_near(points: Floats, weights: Floats, n: int, seed: int) -> Draws:
    """Return draws, half of the prior and half near to weighted points (m, d)."""
    rng, d = np.random.default_rng(seed), points.shape[1]
    mean = np.average(points, axis=0, weights=weights)
    gap = points - mean
    covariance = _WIDER * (gap * weights[:, None] / weights.sum()).T @ gap
    root = np.linalg.cholesky(covariance + 1e-10 * np.eye(d))
    kept, tried = [rng.random((n - n // 2, d))], 0
    while sum(map(len, kept)) < n:
        drawn = mean + rng.standard_normal((n, d)) @ root.T
        tried += n
        kept.append(drawn[((drawn > 0.0) & (drawn < 1.0)).all(axis=1)])
    inside = sum(map(len, kept[1:])) / tried
    near = np.concatenate(kept)[:n]
    z = np.linalg.solve(root, (near - mean).T)
    log_normal = -0.5 * (z**2).sum(axis=0) - np.log(np.diag(root)).sum()
    log_normal -= 0.5 * d * np.log(2.0 * np.pi) + np.log(inside)
    return Draws(near, np.logaddexp(0.0, log_normal) - np.log(2.0))


def weighted(logs: Floats) -> Floats:
    """Return the weights (n,) of their logarithms, their sum one."""
    raw = np.exp(logs - logs.max(initial=-np.inf))
    return np.asarray(raw / raw.sum())


def effective(weights: Floats) -> float:
    """Return to how many equal ones weights are worth (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum()) if len(weights) else 0.0


def tempered(draws: Draws, log_likelihood: Floats, worth: float) -> tuple[Floats, float]:
    """Return weights (n,) worth so many equal ones at least, and the power of the likelihood.

    The power is one where the likelihood as it is leaves enough, else the largest that does.
    """

    def at(power: float) -> Floats:
        return weighted(power * log_likelihood - draws.log_density)

    if effective(at(1.0)) >= worth:
        return at(1.0), 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        power = 0.5 * (low + high)
        low, high = (power, high) if effective(at(power)) >= worth else (low, power)
    return at(low), low


def drawn_from(weights: Floats, n: int, seed: int) -> Ints:
    """Return n equal draws of weighted ones: every 1/n of their sum, from a drawn start."""
    start = np.random.default_rng(seed).random()
    at = np.searchsorted(np.cumsum(weights), (start + np.arange(n)) / n * weights.sum())
    return np.minimum(at, len(weights) - 1).astype(np.int64)


@dataclass(frozen=True)
class Kept:
    """What a calibration leaves for other figures: its last draws and what runs say of them."""

    space: str
    """What the parameters and their scenario are; equal where they are the same."""
    draws: Draws
    predictions: Predictions
    """By what a target reads of a run."""
    default: dict[str, float]
    """What the scenario as it is shows, by the same."""

    def write(self, path: Path) -> None:
        """Write it to a file."""
        from ydsim.store.files import write_atomic

        of, file = self.predictions, BytesIO()
        np.savez(
            file,
            space=np.array(self.space),
            points=self.draws.points,
            log_density=self.draws.log_density,
            readings=np.array(of.names, dtype=np.str_),
            tried=np.array([*of.r2], dtype=np.str_),
            r2=np.array([*of.r2.values()]),
            noise=np.array([*of.noise.values()]),
            mean=of.mean,
            variance=of.variance,
            shown=np.array([*self.default], dtype=np.str_),
            default=np.array([*self.default.values()]),
        )
        write_atomic(path, file.getvalue())

    @classmethod
    def read(cls, path: Path) -> Kept:
        """Return what is in a file; ResultsError where there is none, or it is not whole."""
        try:
            with ZipFile(path) as archive:
                if sum(part.file_size for part in archive.infolist()) > _LARGEST:
                    raise ValueError("larger than any that is written")
            with np.load(path, allow_pickle=False) as file:
                of = {name: file[name].astype(np.float64) for name in _NUMBERS}
                space, names, tried, shown = (file[name].tolist() for name in _TEXTS)
            r2, noise = (dict(zip(tried, of[key].tolist(), strict=True)) for key in ("r2", "noise"))
            predictions = Predictions(r2, noise, tuple(names), of["mean"], of["variance"])
            default = dict(zip(shown, of["default"].tolist(), strict=True))
            n, wanted = len(of["points"]), (len(of["points"]), len(names))
            if (
                not of["mean"].shape == of["variance"].shape == wanted
                or len(of["log_density"]) != n
            ):
                raise ValueError("draws and what is said of them differ in number")
        except FileNotFoundError:
            raise ResultsError(f"{path}: not there; finish that calibration first") from None
        except (
            OSError,
            ValueError,
            TypeError,
            LookupError,
            EOFError,
            MemoryError,
            BadZipFile,
        ) as e:
            reason = one_line(str(e))
            raise ResultsError(f"{path}: cannot be read as draws of a posterior: {reason}") from e
        return cls(str(space), Draws(of["points"], of["log_density"]), predictions, default)


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


def ratios_of(points: Floats, weights: Floats) -> Floats:
    """Return the posterior over the prior variance (d,)."""
    mean = np.average(points, axis=0, weights=weights)
    return np.asarray(12.0 * np.average((points - mean) ** 2, axis=0, weights=weights))


def quantiles(points: Floats, weights: Floats, shares: Sequence[float]) -> Floats:
    """Return quantiles (shares, d) of weighted draws (n, d)."""
    wide = np.broadcast_to(weights[:, None], points.shape)
    return np.asarray(np.quantile(points, shares, axis=0, weights=wide, method="inverted_cdf"))


def central(points: Floats) -> int:
    """Return which of some points has the least mean distance to all."""
    from scipy.spatial.distance import cdist

    return int(np.argmin(np.round(cdist(points, points).mean(axis=1), 12)))


# -- known truths ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Coverage:
    """Where known truths lie in the posteriors of their own figures."""

    ranks: Floats
    """(k, d + 1) share of the posterior below each truth, by parameter, last of the likelihood.

    What else was asked for stands between them, here and below."""
    narrowed: Floats
    """(d,) standard deviation of the posterior over that of the draws, the mean over truths."""
    worth: Floats
    """(k,) equal draws to which each posterior is worth."""

    @property
    def distance(self) -> Floats:
        """(d + 1,) largest distance of the ranks' distribution from the uniform one."""
        ranks, k = np.sort(self.ranks, axis=0), len(self.ranks)
        steps = np.arange(k + 1)[:, None] / k
        return np.maximum(ranks - steps[:-1], steps[1:] - ranks).max(axis=0)

    @property
    def limit(self) -> float:
        """The distance below which those of all stay with probability `BAND`."""
        from scipy.stats import kstwo

        k, d = self.ranks.shape
        return float(kstwo.ppf(BAND ** (1.0 / d), k))

    @property
    def held(self) -> Floats:
        """(d,) share of truths that lie in the middle `INTERVAL` of their posteriors."""
        apart = np.abs(self.ranks[:, :-1] - 0.5)
        return np.asarray((apart <= INTERVAL / 2.0).mean(axis=0))


def coverage(
    draws: Draws,
    predictions: Predictions,
    figures: Figures,
    truths: Ints,
    seed: int,
    *,
    runs: Floats | None = None,
    also: Floats | None = None,
) -> Coverage:
    """Return where truths, some of the draws, lie in the posteriors of their own figures.

    ``runs`` (k, t): what real runs at the truths gave; without it emulators say what they give.
    ``also`` (n, e): what hangs on the parameters of each draw and is asked about like them. The
    prior of truths, and of their posteriors, is the distribution that draws are from.
    """
    rng, points = np.random.default_rng(seed), draws.points
    points = points if also is None else np.column_stack([points, also])
    equal = np.full(len(points), 1.0 / len(points))
    widest = np.sqrt(ratios_of(points, equal))
    ranks, narrowed, worth = [], [], []
    for k, truth in enumerate(truths):
        chance = rng.standard_normal((2, len(figures.error)))
        run = predictions.mean[truth] + np.sqrt(predictions.variance[truth]) * chance[0]
        run = run if runs is None else runs[k]
        own = figures.seen_in(run + figures.error * chance[1])
        logs = own.log_likelihood(predictions.mean, predictions.variance).sum(axis=1)
        others = logs.copy()
        others[truth] = -np.inf
        weights = weighted(others)
        below = np.column_stack([points < points[truth], logs < logs[truth]])
        ranks.append(weights @ below)
        narrowed.append(np.sqrt(ratios_of(points, weights)) / widest)
        worth.append(effective(weights))
    return Coverage(np.array(ranks), np.mean(narrowed, axis=0), np.array(worth))
