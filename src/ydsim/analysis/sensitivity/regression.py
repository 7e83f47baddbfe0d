"""Linear drivers of an outcome over a space filling design: regression and rank correlation.

    y = b_0 + sum_j b_j x_j + error,    all variables standardised
    size_j = sqrt(R^2 - R^2 without j)                        semi-partial correlation

the part of the standard deviation of y that goes with x_j and with nothing else; |b_j| where
factors are uncorrelated. Factors without order have an indicator for each value but one, and are
given no sign. Intervals: percentiles of 1,000 resamples of points. Spearman's rank correlation
is beside it: a factor that matters along a curve has it larger than b_j.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.analysis.sensitivity.drivers import UNORDERED, Driver, direction_of, ranked
from ydsim.analysis.sensitivity.finding import RESAMPLES, SEED
from ydsim.analysis.sensitivity.sample import Sample
from ydsim.analysis.sensitivity.shares import has_order, places, share_of_range
from ydsim.errors import ResultsError
from ydsim.typing import Floats, Ints


@dataclass(frozen=True)
class Linear:
    """The regression of an outcome on all factors.

    Attributes
    ----------
    names
        Labels of factors.
    coefficients
        (d,) standardised; NaN for factors without order.
    sizes
        (d,) semi-partial correlations with the sign of the coefficient.
    low, high
        (d,) intervals of ``sizes``.
    ranks
        (d,) Spearman's correlations; NaN for factors without order.
    explained
        R^2.
    """

    names: tuple[str, ...]
    coefficients: Floats
    sizes: Floats
    low: Floats
    high: Floats
    ranks: Floats
    explained: float


def regress(sample: Sample) -> Linear:
    """Return the regression of an outcome on the factors of a sweep.

    Raises
    ------
    ResultsError
        When the outcome is the same at all points, or there are too few of them.
    """
    from scipy.stats import spearmanr

    y = sample.means
    blocks = [_block(sample, j) for j in range(len(sample.factors))]
    need = sum(block.shape[1] for block in blocks) + 3
    if len(y) < need:
        raise ResultsError(f"{len(y)} points are too few for {len(blocks)} factors: take {need}")
    if float(np.ptp(y)) == 0.0:
        raise ResultsError(f"{sample.outcome} is the same at all points: nothing to explain")
    ordered = [has_order(factor) for factor in sample.factors]
    sizes, coefficients, explained = _sizes(y, blocks, ordered)
    rng = np.random.Generator(np.random.Philox(key=SEED))
    drawn = np.array(
        [_sizes(y, blocks, ordered, rng.integers(len(y), size=len(y)))[0] for _ in range(RESAMPLES)]
    )
    low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    ranks = [
        float(spearmanr(block[:, 0], y).statistic) if one else float("nan")
        for block, one in zip(blocks, ordered, strict=True)
    ]
    names = tuple(sample.labels)
    return Linear(names, coefficients, sizes, low, high, np.array(ranks), explained)


def drivers_of(found: Linear) -> tuple[Driver, ...]:
    """Return the factors in the order of their semi-partial correlations."""
    drivers = []
    for j, name in enumerate(found.names):
        size, low, high = (float(v[j]) for v in (found.sizes, found.low, found.high))
        if np.isnan(found.coefficients[j]):
            drivers.append(Driver(name, size, low, high, UNORDERED, low <= 0.0))
            continue
        direction = direction_of(size, low, high)
        null = low <= 0.0 <= high
        near, far = sorted((abs(low), abs(high)))
        drivers.append(Driver(name, abs(size), 0.0 if null else near, far, direction, null))
    return ranked(drivers)


def _block(sample: Sample, j: int) -> Floats:
    """Return the columns of a factor in the regression, (P, k)."""
    factor = sample.factors[j]
    values = sample.columns[str(factor["label"])]
    if has_order(factor):
        return share_of_range(factor, values)[:, None]
    place = places(factor, values)
    found: Floats = (place[:, None] == np.arange(1, len(factor["levels"]))).astype(np.float64)
    return found


def _sizes(
    y: Floats, blocks: list[Floats], ordered: list[bool], rows: Ints | None = None
) -> tuple[Floats, Floats, float]:
    """Return signed semi-partial correlations, standardised coefficients and R^2 of some rows."""
    x = np.hstack(blocks)
    if rows is not None:
        x, y = x[rows], y[rows]
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    scale = float(y.std())
    d = len(blocks)
    if scale == 0.0:
        return np.full(d, np.nan), np.full(d, np.nan), float("nan")
    y = (y - y.mean()) / scale
    b, left = _fit(x, y)
    edges = np.cumsum([0, *(block.shape[1] for block in blocks)])
    sizes, coefficients = np.empty(d), np.full(d, np.nan)
    free = len(y) - x.shape[1] - 1
    for j in range(d):
        own = np.arange(edges[j], edges[j + 1])
        _, without = _fit(np.delete(x, own, axis=1), y)
        gain = max(without - left, 0.0)
        if ordered[j]:
            coefficients[j] = b[own[0]]
            sizes[j] = np.sqrt(gain) * (1.0 if b[own[0]] >= 0.0 else -1.0)
            continue
        # what as many columns without any effect would gain is no size
        chance = len(own) * left / max(free, 1)
        sizes[j] = np.sign(gain - chance) * np.sqrt(abs(gain - chance))
    return sizes, coefficients, 1.0 - left


def _fit(x: Floats, y: Floats) -> tuple[Floats, float]:
    """Return coefficients and the mean squared residual of standardised variables."""
    if x.shape[1] == 0:
        return np.empty(0), float((y**2).mean())
    b: Floats = np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64)
    return b, float(((y - x @ b) ** 2).mean())
