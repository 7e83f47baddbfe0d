r"""Points of a design: groups of policies together and alone; noise of replicates, signs, ranks.

**Resonance** is what groups of policies do together beyond what each does alone.

    S     = (E[Y_all - Y_0] - sum_k E[Y_k - Y_0]) / sum_k E[Y_k - Y_0]
    phi_k = sum_{A without k} |A|! (K - |A| - 1)! / K! (Y_{A + k} - Y_A)
    effect of k         = 2 / n sum_c x_ck y_c                  on less off, mean over the others
    interaction of k, l = 2 / n sum_c x_ck x_cl y_c

Symbols: Y outcome of a run, in any unit, or its logarithm, which makes S one of factors; Y_0 with
none of K groups of policies at work, Y_k with group k alone, Y_all with all, Y_A with those of set
A; E mean over replicates, each of the same draws in all runs; S interaction, without unit: zero
where effects add up; phi_k part of group k in the effect of all, in the unit of Y; y_c mean outcome
of cell c of n, x_ck = +1 where group k is on in it, -1 where it is off. S is undefined where
sum_k E[Y_k - Y_0] is within two standard errors of zero; its numerator is defined always.

All of this is weighted sums of cells, which have the same replicates, so that they have one error:

    y_cr = m_c + (block r) + m_c e_cr,     SE(sum_c w_c mean_r y_cr) = s sqrt(sum_c (w_c m_c)^2 / R)

Symbols: y_cr outcome of cell c in replicate r of R, m_c its mean over replicates, in the unit of y
(1 for outcomes that are not positive); w_c weights, without unit; e_cr what cells and replicates do
not account for, relative to m_c; s its standard deviation, pooled over all cells with
(n - 1) (R - 1) degrees of freedom.

Few replicates are sometimes alike by chance: their own Student's t then gives an interval that is
far too narrow, and in a table of many some such are sure to be there. The interval here is the
wider one of two: of Student's t over the replicates of this quantity, which also sees that a group
does more in some replicates than in others, and of the pooled error, which no chance likeness makes
small. The bootstrap of a ratio is likewise the wider of percentiles over replicates drawn again and
over pooled residuals drawn again.

Sources: Shapley (1953, Contributions to the Theory of Games II: 307-317); contrasts and randomised
blocks: Box, Hunter and Hunter (2005, Statistics for Experimenters, chapters 4 to 6); bootstraps:
Efron and Tibshirani (1993, An Introduction to the Bootstrap, chapter 9). S, its two standard errors
and that the wider interval is taken are assumed.

**What differences between points can show.** Replicates are averaged at each point. What is left
of their noise in the means,

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

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.effects import MIN_REPLICATES, NO_INTERVAL, Interval, mean_of, standard_error
from ydsim.measures.groups import numbers
from ydsim.typing import Bools, Floats, Ints

ENDS = 0.025, 0.975
TOO_NEAR = 2.0
"""Standard errors from zero within which S is undefined."""


def shapley(table: ArrayLike) -> Floats:
    """Return the exact parts phi (K, ...) of K groups; their sum is the effect of all.

    ``table`` (2^K, ...) has the outcomes of all sets of groups, such as 64 for six: in row sum_k
    2^k over the groups k, from 0, that are in the set. Further axes, such as replicates, are kept.
    """
    y = numbers("table", table, ndim=None)
    size = len(y) if y.ndim else 0
    k = size.bit_length() - 1
    if k < 1 or size != 2**k:
        raise ValueError(f"table must have a power of two of rows, from 2, not {size}")
    sets = np.arange(size, dtype=np.int64)
    members = ((sets[:, None] >> np.arange(k)) & 1).sum(axis=1)
    weight = np.array([1.0 / (k * math.comb(k - 1, m)) for m in range(k)])
    parts = []
    for group in range(k):
        without = sets[(sets >> group) & 1 == 0]
        gain = y[without | (1 << group)] - y[without]
        parts.append((weight[members[without]] * gain.T).T.sum(axis=0))
    return np.array(parts)


def effect_weights(design: Bools) -> dict[tuple[int, ...], Floats]:
    """Return weights (n,) of each effect of a group, then of each interaction of two.

    ``design`` (n, K) says which groups are on in each cell.
    """
    signs, groups = np.where(design, 1.0, -1.0), range(design.shape[1])
    terms = [(k,) for k in groups] + list(itertools.combinations(groups, 2))
    return {term: 2.0 / len(design) * signs[:, list(term)].prod(axis=1) for term in terms}


def own_weights(design: Bools) -> Floats:
    """Return weights (2^K, n) of the cell of each set of groups, in row sum_k 2^k of its groups."""
    rows: Ints = (design * (1 << np.arange(design.shape[1]))).sum(axis=1)
    table = np.full((1 << design.shape[1], len(design)), np.nan)
    table[rows] = np.eye(len(design))
    return table


@dataclass(frozen=True)
class CellError:
    """Outcomes of cells, and the error that they share."""

    y: Floats  # (n, R) outcomes
    size: Floats  # (n,) m_c
    left: Floats  # (n, R) e_cr; all zero for one replicate
    sd: float  # s; NaN for one replicate

    @staticmethod
    def of(y: Floats) -> CellError:
        """Return the error of outcomes (n, R)."""
        n, r = y.shape
        mean = y.mean(axis=1, keepdims=True)
        size = np.ones(n) if (mean <= 0.0).any() else mean[:, 0]
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
        """Return a weighted sum of cell means with its interval; no ends below three replicates."""
        found = self._summed(weights)
        return self._wider(float(found.mean()), found, self.pooled(weights))

    def of_ratio(self, above: Floats, below: Floats) -> Interval:
        """Return the ratio of two weighted sums, its interval by the linear part of the ratio.

        NaN where the sum below is within two standard errors of zero.
        """
        if self.near_zero(below):
            return NO_INTERVAL
        over, under = self._summed(above), self._summed(below)
        mean = float(under.mean())
        ratio = float(over.mean()) / mean
        linear = (over - ratio * under) / mean
        return self._wider(ratio, linear, self.pooled((above - ratio * below) / mean))

    def bootstrap_ratio(self, above: Floats, below: Floats, draws: Floats, picks: Ints) -> Interval:
        """Return the ratio of two weighted sums with an interval of percentiles.

        NaN where the sum below is within two standard errors of zero. ``draws`` (B, R) are even
        ones from 0 to below 1, each row of which draws replicates again, ``picks`` (B, n, R)
        numbers from 0 to below n R: the residuals that are drawn again.
        """
        if self.near_zero(below):
            return NO_INTERVAL
        over, under = self._summed(above), self._summed(below)
        ratio = float(over.mean()) / float(under.mean())
        spread = math.sqrt(float((self.left**2).mean()))  # residuals grow to the size of errors
        grown = (self.left * (self.sd / spread if spread > 0.0 else 0.0)).ravel()
        again = np.einsum("bcr->bc", grown[picks]) / self.y.shape[1] * self.size
        tops = float(over.mean()) + np.einsum("bc,c->b", again, above)
        bottoms = float(under.mean()) + np.einsum("bc,c->b", again, below)
        if (bottoms == 0.0).any():
            return NO_INTERVAL
        low, high = np.quantile(tops / bottoms, ENDS).tolist()
        picked = np.minimum((draws * len(over)).astype(np.int64), len(over) - 1)
        tops, bottoms = over[picked].mean(axis=1), under[picked].mean(axis=1)
        if (bottoms == 0.0).any():
            return Interval(ratio, low, high)
        least, most = np.quantile(tops / bottoms, ENDS).tolist()
        return Interval(ratio, min(low, least), max(high, most))

    def near_zero(self, weights: Floats) -> bool:
        """Tell whether a weighted sum is within two standard errors of zero, or has no error."""
        found = self._summed(weights)
        if len(found) < MIN_REPLICATES:
            return True
        error = max(standard_error(found), self.pooled(weights))
        return not abs(float(found.mean())) > TOO_NEAR * error

    def _summed(self, weights: Floats) -> Floats:
        return np.einsum("c,cr->r", weights, self.y)

    def _wider(self, value: float, found: Floats, pooled: float) -> Interval:
        from scipy.special import stdtrit

        own = mean_of(found)
        n, r = self.y.shape
        t = float(stdtrit((n - 1) * (r - 1), 0.975)) if r > 1 else math.nan
        half = max(own.high - own.estimate, t * pooled)
        return Interval(value, value - half, value + half)


# -- noise of replicates, signs and ranks ----------------------------------------------------------


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
