"""Bottlenecks: what holds the chain back most.

    e   = ln(E[Y_1] / E[Y_0]) / ln(a_1 / a_0),   SE = sd_n(Y_1n / E[Y_1] - Y_0n / E[Y_0])
                                                      / (sqrt(R) |ln(a_1 / a_0)|)

Symbols: e elasticity of an outcome, without unit: per cent for a per cent of a capacity or a
friction a, from R pairs n of runs of the same draws, with a_0 and with a_1, E mean over them. The
error of e is that of the delta method; `shared_error` pools it over pairs that are alike.

Sources: e and its error: ratio of means, Cochran (1977, Sampling Techniques, chapter 6); the pooled
error assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import labels, numbers
from ydsim.measures.effects import LEAST


@dataclass(frozen=True)
class SharedError:
    """The error of a relative difference that many pairs of points share."""

    sd: float
    """Standard deviation over replicates of Y_1n / E[Y_1] - Y_0n / E[Y_0]; NaN below three
    replicates."""
    df: int
    """Its degrees of freedom."""

    def reach(self, terms: float, level: float = 0.95) -> float:
        """Return half of the interval of a sum of differences, squared weights over R summed."""
        from scipy.special import stdtrit

        return float(stdtrit(self.df, (1.0 + level) / 2.0)) * self.sd * math.sqrt(terms)


def shared_error(base: ArrayLike, moved: ArrayLike, group: ArrayLike) -> SharedError:
    """Return the error of J pairs of points, pooled over the pairs of each group.

    A pair of R replicates alone has R - 1 degrees of freedom, too few where R is 3 or 4. Pooled
    over J pairs that are alike they are J (R - 1). What does nothing leaves its pairs alike and
    makes little noise, so that groups are pooled apart, and the largest error holds for all.

    Parameters
    ----------
    base, moved
        (J, R) outcomes of the same draws, of positive mean in each row.
    group
        (J,) group of each pair, from 0.

    Raises
    ------
    ValueError
        When the mean of a row is not positive.
    """
    y0, y1 = numbers("base", base, ndim=2), numbers("moved", moved, ndim=2)
    if y0.shape != y1.shape or y0.shape[0] == 0:
        raise ValueError("base and moved must have the same pairs and replicates, at least one")
    j, r = y0.shape
    of = np.asarray(group)
    of = labels("group", of, j, int(of.max(initial=0)) + 1)
    if r < LEAST:
        return SharedError(float("nan"), 0)
    means = [y.mean(axis=1, keepdims=True) for y in (y0, y1)]
    if min(float(mean.min()) for mean in means) <= 0.0:
        raise ValueError("outcomes must have a positive mean in each row")
    variance = (y1 / means[1] - y0 / means[0]).var(axis=1, ddof=1)
    found = []
    for g in np.unique(of):
        own = variance[of == g]
        found.append((math.sqrt(float(own.mean())), len(own) * (r - 1)))
    return SharedError(*max(found))
