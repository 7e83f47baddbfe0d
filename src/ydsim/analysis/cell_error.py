"""The error of what is computed of many cells under the same draws.

    y_cr = m_c + (block r) + m_c e_cr,     SE(sum_c w_c mean_r y_cr) = s sqrt(sum_c (w_c m_c)^2 / R)

Symbols: y_cr outcome of cell c of n in replicate r of R, m_c its mean over replicates, in the unit
of y (1 for logarithms, and for outcomes that are not positive); w_c weights, without unit; e_cr
what cells and replicates do not account for, relative to m_c; s its standard deviation, pooled over
all cells with (n - 1) (R - 1) degrees of freedom.

Few replicates are sometimes alike by chance: their own Student's t then gives an interval that is
far too narrow, and in a table of many some such are sure to be there. The interval here is the
wider one of two: of Student's t over the replicates of this quantity, which also sees that a group
does more in some replicates than in others, and of the pooled error, which no chance likeness makes
small. The bootstrap of a ratio is likewise the wider of percentiles over replicates drawn again and
over pooled residuals drawn again.

Sources: randomised blocks: Box, Hunter and Hunter (2005, Statistics for Experimenters, chapter 4);
bootstrap of residuals: Efron and Tibshirani (1993, An Introduction to the Bootstrap, chapter 9).
That the wider is taken is assumed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ydsim.measures.effects import Interval, interval
from ydsim.measures.resonance import TOO_NEAR, ratio_of_means, standard_error
from ydsim.typing import Floats, Ints

RESAMPLES = 4000
KEY = 20_11
"""Key of the generator of the bootstrap, the same at each call."""

_NOTHING = Interval(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class CellError:
    """Outcomes of cells, and the error that they share.

    Attributes
    ----------
    y
        (n, R) outcomes, or their logarithms.
    size
        (n,) m_c.
    left
        (n, R) e_cr; all zero for one replicate.
    sd
        s; NaN for one replicate.
    """

    y: Floats
    size: Floats
    left: Floats
    sd: float

    @staticmethod
    def of(y: Floats, *, logarithms: bool = False) -> CellError:
        """Return the error of outcomes (n, R), or of logarithms."""
        n, r = y.shape
        mean = y.mean(axis=1, keepdims=True)
        size = np.ones(n) if logarithms or (mean <= 0.0).any() else mean[:, 0]
        z = (y - mean) / size[:, None]
        left = z - z.mean(axis=0)
        df = (n - 1) * (r - 1)
        sd = math.sqrt(float((left**2).sum()) / df) if df else math.nan
        return CellError(y, size, left, sd)

    def pooled(self, weights: Floats) -> float:
        """Return the pooled standard error of a weighted sum of cell means, weights (n,)."""
        r = self.y.shape[1]
        return self.sd * math.sqrt(float(((weights * self.size) ** 2).sum()) / r)

    def of_sum(self, weights: Floats) -> Interval:
        """Return a weighted sum of cell means with its interval; NaN bounds for one replicate."""
        found = np.einsum("c,cr->r", weights, self.y)
        return self._wider(float(found.mean()), found, self.pooled(weights))

    def of_ratio(self, above: Floats, below: Floats) -> Interval:
        """Return the ratio of two weighted sums, its interval by the linear part of the ratio.

        NaN where the sum below is within two standard errors of zero.
        """
        over, under = (np.einsum("c,cr->r", w, self.y) for w in (above, below))
        if self.near_zero(below):
            return _NOTHING
        mean = float(under.mean())
        ratio = float(over.mean()) / mean
        linear = (over - ratio * under) / mean
        return self._wider(ratio, linear, self.pooled((above - ratio * below) / mean))

    def bootstrap_ratio(self, above: Floats, below: Floats) -> Interval:
        """Return the ratio of two weighted sums with an interval of percentiles.

        NaN where the sum below is within two standard errors of zero.
        """
        n, r = self.y.shape
        if self.near_zero(below):
            return _NOTHING
        over, under = (np.einsum("c,cr->r", w, self.y) for w in (above, below))
        value, low, high = ratio_of_means(over, under, _draws(r))
        again = np.einsum("bcr->bc", self._grown()[_picks(n, r)]) / r * self.size
        tops, bottoms = (
            float(found.mean()) + np.einsum("bc,c->b", again, w)
            for found, w in ((over, above), (under, below))
        )
        if (bottoms == 0.0).any():
            return _NOTHING
        ends = np.quantile(tops / bottoms, [0.025, 0.975])
        ratio = float(over.mean()) / float(under.mean())
        if math.isnan(value):  # a mean of replicates drawn again was zero
            return Interval(ratio, float(ends[0]), float(ends[1]))
        return Interval(ratio, min(low, float(ends[0])), max(high, float(ends[1])))

    def near_zero(self, weights: Floats) -> bool:
        """Tell whether a weighted sum is within two standard errors of zero, or has no error."""
        found = np.einsum("c,cr->r", weights, self.y)
        if len(found) < 2:
            return True
        error = max(standard_error(found), self.pooled(weights))
        return not abs(float(found.mean())) > TOO_NEAR * error

    def _grown(self) -> Floats:
        """Return residuals as one column, made as large as errors are."""
        size = math.sqrt(float((self.left**2).mean()))
        grown: Floats = (self.left * (self.sd / size if size > 0.0 else 0.0)).ravel()
        return grown

    def _wider(self, value: float, found: Floats, pooled: float) -> Interval:
        from scipy.special import stdtrit

        if len(found) < 2:
            return Interval(value, math.nan, math.nan)
        n, r = self.y.shape
        _, mean, low, _ = interval(found)
        own = mean - (mean if low is None else low)
        half = max(own, float(stdtrit((n - 1) * (r - 1), 0.975)) * pooled)
        return Interval(value, value - half, value + half)


@lru_cache(maxsize=8)
def _draws(replicates: int) -> Floats:
    """Return even draws (B, R), the same ones at each call."""
    drawn: Floats = np.random.Generator(np.random.Philox(key=KEY)).random((RESAMPLES, replicates))
    return drawn


@lru_cache(maxsize=2)
def _picks(cells: int, replicates: int) -> Ints:
    """Return which residuals are drawn again, (B, n, R), the same ones at each call."""
    generator = np.random.Generator(np.random.Philox(key=KEY + 1))
    u = generator.random((RESAMPLES, cells, replicates), dtype=np.float32)
    count = cells * replicates
    picked: Ints = np.minimum((u * count).astype(np.int64), count - 1)
    return picked
