r"""What differences between points of a design can show: noise of replicates, signs and ranks.

Replicates are averaged at each point. What is left of their noise in the means,

    share of noise = s^2 / R / var_p(mean_r y_pr)
    s^2 = sum_pr (y_pr - y_p. - y_.r + y_..)^2 / ((P - 1)(R - 1))     common draws, equal numbers
    s^2 = sum_pr (y_pr - y_p.)^2 / (N - P)                            otherwise

of P points with R replicates each, N runs: a dot is a mean. With common draws what a replicate
shares with itself at all points moves no comparison of points, and is no noise. R is the harmonic
mean where points differ in it.

The rank of a size lies between 1 + the number of sizes whose interval lies wholly above its own,
and the number of all less those whose interval lies wholly below.

How surely one quantity rises with another, whatever the curve:

    rho = correlation of the ranks of x and y, those of equal values their mean
    interval = tanh(atanh rho -+ 1.96 se),   se = sqrt((1 + rho^2 / 2) / (n - 3))

Symbols: rho Spearman's rank correlation, from -1 to 1; n pairs, at least four. Sources: Spearman
(1904, American J. Psychology 15: 72); Bonett and Wright (2000, Psychometrika 65: 23) for se.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.groups import numbers
from ydsim.typing import Floats, Ints


def means_of(values: Floats) -> Floats:
    """Return the means (P,) of (P, R) replicates; NaN is a replicate that is not there."""
    there = ~np.isnan(values)
    return np.where(there, values, 0.0).sum(axis=1) / there.sum(axis=1)


def noise_variance(values: Floats, *, paired: bool) -> float:
    """Return the variance s^2 of a run about its point; NaN for one replicate.

    ``values`` (P, R) are by point and replicate, NaN where a point has fewer replicates than
    others; ``paired`` says that replicates of all points have the same draws.
    """
    points, most = values.shape
    there = ~np.isnan(values)
    if most < 2 or points < 2 or there.sum() <= points:
        return math.nan
    rest = values - means_of(values)[:, None]
    if paired and there.all():
        rest = rest - rest.mean(axis=0)
        return float((rest**2).sum() / ((points - 1) * (most - 1)))
    return float((rest[there] ** 2).sum() / (there.sum() - points))


def noise_of_means(values: Floats, *, paired: bool) -> float:
    """Return the variance that noise leaves in the mean of a point; NaN for one replicate."""
    number = (~np.isnan(values)).sum(axis=1)
    return noise_variance(values, paired=paired) * float((1.0 / number).mean())


def noise_share(values: Floats, *, paired: bool) -> float:
    """Return the share of noise in the variance between points, at most 1; NaN where unknown."""
    between = float(means_of(values).var(ddof=1)) if len(values) > 1 else 0.0
    return min(noise_of_means(values, paired=paired) / between, 1.0) if between > 0.0 else math.nan


def signs(low: Floats, high: Floats) -> Ints:
    """Return 1 and -1 where an interval lacks zero, else 0, as where its ends are NaN."""
    return (low > 0.0).astype(np.int64) - (high < 0.0).astype(np.int64)


def sizes(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Return the intervals of the sizes of signed effects: from 0 where theirs holds zero."""
    near, far = np.minimum(abs(low), abs(high)), np.maximum(abs(low), abs(high))
    return np.where((low <= 0.0) & (high >= 0.0), 0.0, near), far


def ranks(low: Floats, high: Floats) -> tuple[Ints, Ints]:
    """Return the best and the worst rank that intervals allow; any without intervals."""
    above = (low[None, :] > high[:, None]).sum(axis=1)
    below = (high[None, :] < low[:, None]).sum(axis=1)
    return 1 + above, len(low) - below


MIN_PAIRS = 4
"""Pairs below which there is no interval."""


@dataclass(frozen=True)
class RankCorrelation:
    """A rank correlation, its 95 % interval, and the probability of such a one by chance."""

    value: float
    low: float
    high: float
    p: float


NONE = RankCorrelation(*[float("nan")] * 4)
"""Of a quantity that does not vary."""


def rank_correlation(x: ArrayLike, y: ArrayLike) -> RankCorrelation:
    """Return Spearman's correlation of two quantities, (n,) each; NaN where one does not vary."""
    from scipy.special import ndtr
    from scipy.stats import spearmanr

    one, other = numbers("x", x), numbers("y", y)
    if one.shape != other.shape:
        raise ValueError(f"y must have {len(one)} entries, not {len(other)}")
    n = len(one)
    if n < 2 or one.min() == one.max() or other.min() == other.max():
        return NONE
    rho = float(np.clip(spearmanr(one, other).statistic, -1.0, 1.0))
    if n < MIN_PAIRS:
        return RankCorrelation(rho, float("nan"), float("nan"), float("nan"))
    if abs(rho) == 1.0:
        return RankCorrelation(rho, rho, rho, 0.0)
    z, error = float(np.arctanh(rho)), float(np.sqrt((1.0 + rho**2 / 2.0) / (n - 3.0)))
    low, high = np.tanh(z + 1.959964 * error * np.array([-1.0, 1.0]))
    return RankCorrelation(rho, float(low), float(high), 2.0 * float(ndtr(-abs(z) / error)))
