"""Rank correlation: how surely one quantity rises with another, whatever the curve.

    rho = correlation of the ranks of x and y, those of equal values their mean
    interval = tanh(atanh rho -+ 1.96 se),   se = sqrt((1 + rho^2 / 2) / (n - 3))

Symbols: rho Spearman's rank correlation, from -1 to 1; n pairs, at least four. Sources: Spearman
(1904, American J. Psychology 15: 72); Bonett and Wright (2000, Psychometrika 65: 23) for se.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import numbers

LEAST = 4
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
    from scipy.stats import spearmanr

    one, other = numbers("x", x), numbers("y", y)
    if one.shape != other.shape:
        raise ValueError(f"y must have {len(one)} entries, not {len(other)}")
    n = len(one)
    if n < 2 or one.min() == one.max() or other.min() == other.max():
        return NONE
    found = spearmanr(one, other)
    rho = float(np.clip(found.statistic, -1.0, 1.0))
    if n < LEAST:
        return RankCorrelation(rho, float("nan"), float("nan"), float("nan"))
    if abs(rho) == 1.0:
        return RankCorrelation(rho, rho, rho, float(found.pvalue))
    reach = 1.959964 * float(np.sqrt((1.0 + rho**2 / 2.0) / (n - 3.0)))
    low, high = np.tanh(np.arctanh(rho) + np.array([-reach, reach]))
    return RankCorrelation(rho, float(low), float(high), float(found.pvalue))
