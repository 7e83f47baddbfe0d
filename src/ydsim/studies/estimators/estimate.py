"""Estimates with robust errors and 95 per cent intervals, and what can be made of several.

    V    = c B (sum_g s_g s_g') B,   s_g = sum_(n in g) x_n e_n,   B = (sum_n w_n x_n x_n')^-1
    c    = G / (G - 1)  (N - 1) / (N - K)   with G clusters,   N / (N - K)   without
    interval of h(b) = h(b) -+ t sqrt(h' V h),   h' the gradient of h at b

Symbols: x_n regressors less what the fixed effects take from them; e_n residual; w_n weight (one,
or the fitted mean of a Poisson); N rows; K coefficients, those of fixed effects too, but for
effects whose groups lie inside clusters, which the clusters allow for (Cameron and Miller 2015, doi
10.3368/jhr.50.2.317); t the .975 quantile of Student's distribution with G - 1 degrees of freedom,
N - K without clusters. Of r sets of effects, sum_r (groups - 1) + 1 coefficients are counted, which
is exact for one set and for two that are connected.

Several coefficients b_q are jointly zero with p = P(F(q, free) > b_q' V_q^-1 b_q / q).

A product or ratio has the interval of its linear part (delta method): for the ratio R of two
combinations a'b and d'b, h' = (a - R d) / (d'b).

Of several replicates of a run, b_r in replicate r, a_r under a second setting with the same draws:

    mean = 1/R sum_r b_r,   interval = mean -+ t sd(b_r) / sqrt(R)
    paired difference = mean of b_r - a_r, with the interval of these

t with R - 1 degrees of freedom. The interval is over replicates: it holds what an estimate means in
the model, and the errors inside a replicate are part of the spread already. Replicates in which
there is no estimate (NaN) are left out, which is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ydsim.fmt import counted
from ydsim.measures.effects import quantile, standard_error
from ydsim.measures.gravity import swept
from ydsim.studies.estimators.columns import Sample, compact
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import suggestion

_NONE = float("nan")


@dataclass(frozen=True)
class Estimate:
    """One estimate.

    Attributes
    ----------
    estimate, se
        Value and standard error; NaN where there is none.
    low, high
        Ends of the 95 per cent interval.
    n
        Rows, units or replicates that it rests on.
    clusters
        Clusters that errors are robust to; ``n`` where each row is its own.
    dropped
        What was left out, in words.
    """

    estimate: float
    se: float
    low: float
    high: float
    n: int
    clusters: int
    dropped: tuple[str, ...] = ()

    def holds(self, value: float) -> bool:
        """Whether the interval holds a value."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Fit:
    """Coefficients of one fit.

    Attributes
    ----------
    names
        Of the p coefficients.
    coefficient
        (p,); NaN where the data tell nothing of one, which ``dropped`` says.
    covariance
        (p, p) robust.
    n, clusters
        As in `Estimate`.
    free
        Degrees of freedom of the interval.
    dropped
        What was left out, in words.
    strength
        F of the instruments for each instrumented regressor, by name.
    """

    names: tuple[str, ...]
    coefficient: Floats
    covariance: Floats
    n: int
    clusters: int
    free: int
    dropped: tuple[str, ...] = ()
    strength: Mapping[str, float] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Estimate:
        """Return the estimate of one coefficient."""
        return self.sum_of({name: 1.0})

    def sum_of(self, weights: Mapping[str, float]) -> Estimate:
        """Return the weighted sum of coefficients, by name.

        Raises
        ------
        ValueError
            When a name is none of the fit's; names the nearest.
        """
        h = self._vector(weights)
        return self._estimate(self._summed(h), h)

    def ratio(
        self, above: Mapping[str, float], below: Mapping[str, float], plus: float = 0.0
    ) -> Estimate:
        """Return the ratio of two weighted sums of coefficients, delta method.

        Where the sum below is within two errors of zero the interval is no guide (see Fieller's
        in `ydsim.measures.effects`); where it is zero all is NaN.

        Parameters
        ----------
        plus
            Known number that is added below.

        Raises
        ------
        ValueError
            When a name is none of the fit's.
        """
        a, d = self._vector(above), self._vector(below)
        bottom = self._summed(d) + plus
        if bottom == 0.0:
            return self._estimate(_NONE, np.full(len(a), _NONE))
        value = self._summed(a) / bottom
        return self._estimate(value, (a - value * d) / bottom)

    def jointly_zero(self, names: Sequence[str]) -> float:
        """Return p of all these coefficients being zero, by F; NaN where errors are missing.

        Raises
        ------
        ValueError
            When a name is none of the fit's, or none is given.
        """
        from scipy.special import fdtrc

        if not names:
            raise ValueError("no coefficient is named")
        at = np.array([int(self._vector({name: 1.0}).argmax()) for name in names])
        f = f_statistic(self.coefficient[at], self.covariance[np.ix_(at, at)])
        return float(fdtrc(len(at), self.free, f))

    def _vector(self, weights: Mapping[str, float]) -> Floats:
        vector = np.zeros(len(self.names))
        for name, weight in weights.items():
            if name not in self.names:
                raise ValueError(
                    f"no coefficient {name!r}{suggestion(name, self.names, 'there are')}"
                )
            vector[self.names.index(name)] = weight
        return vector

    def _summed(self, weights: Floats) -> float:
        """Return a weighted sum; one that is not there matters only where it is asked for."""
        at = weights != 0.0
        return float((weights[at] * self.coefficient[at]).sum())

    def _estimate(self, value: float, gradient: Floats) -> Estimate:
        at = gradient != 0.0
        part = self.covariance[np.ix_(at, at)]
        variance = float(np.einsum("i,ij,j->", gradient[at], part, gradient[at]))
        return around(value, variance, self.n, self.clusters, self.free, self.dropped)


def around(
    value: float, variance: float, n: int, clusters: int, free: int, dropped: tuple[str, ...] = ()
) -> Estimate:
    """Return an estimate with its interval from its variance and degrees of freedom."""
    se = float(np.sqrt(max(variance, 0.0))) if free > 0 else _NONE
    half = quantile(free + 1) * se if free > 0 else _NONE
    return Estimate(value, se, value - half, value + half, n, clusters, dropped)


def robust_fit(
    sample: Sample, names: Sequence[str], own: Bools, b: Floats, bread: Floats, scores: Floats
) -> Fit:
    """Return a fit with robust errors.

    Of the (p,) regressors ``names`` those of their ``own`` have the coefficients b (q,), inverse
    squares (q, q) and scores, which are products x e (n, q).
    """
    coefficient = np.full(len(own), _NONE)
    covariance = np.full((len(own), len(own)), _NONE)
    coefficient[own] = b
    covariance[np.ix_(own, own)], clusters, free = sandwich(sample, bread, scores)
    lost = tuple(
        f"{name}: determined by the effects and the columns before it"
        for name, there in zip(names, own, strict=True)
        if not there
    )
    dropped = sample.dropped + lost
    return Fit(tuple(names), coefficient, covariance, len(scores), clusters, free, dropped)


def sandwich(sample: Sample, bread: Floats, scores: Floats) -> tuple[Floats, int, int]:
    """Return the covariance (p, p) of coefficients, clusters, and degrees of freedom.

    Arguments as in `robust_fit`.
    """
    n, k = len(scores), _coefficients(sample, scores.shape[1])
    clusters, free, factor = n, n - k, n / max(n - k, 1)
    if sample.cluster is not None:
        scores = summed(scores, sample.groups[sample.cluster].to_numpy())
        clusters, free = len(scores), len(scores) - 1
        factor = clusters / max(free, 1) * (n - 1) / max(n - k, 1)
        if free == 0:
            raise ValueError(f"column {sample.cluster!r} has one cluster: errors need two or more")
    if n <= k:
        raise ValueError(f"{n} rows cannot tell {k} coefficients and their errors")
    influence = np.einsum("gp,pq->gq", scores, bread)
    return factor * np.einsum("gp,gq->pq", influence, influence), clusters, free


def _coefficients(sample: Sample, regressors: int) -> int:
    """Return K: regressors, a constant, and effects whose groups do not lie inside clusters."""
    total = regressors + 1
    for codes in sample.codes:
        groups = len(np.unique(codes))
        if sample.cluster is not None:
            cluster = sample.groups[sample.cluster].to_numpy()
            if len(np.unique(codes * (int(cluster.max()) + 1) + cluster)) == groups:
                continue
        total += groups - 1
    return total


def summed(rows: Floats, cluster: Ints) -> Floats:
    """Return (G, p) sums of rows (n, p) over the clusters that are there."""
    codes = compact(cluster)
    sums = np.zeros((int(codes.max()) + 1, rows.shape[1]))
    np.add.at(sums, codes, rows)
    return sums


def f_statistic(coefficient: Floats, covariance: Floats) -> float:
    """Return Wald's statistic of all coefficients being zero over their number; NaN if singular."""
    inverse, kept = swept(covariance)
    if not kept.all():
        return _NONE
    return float(np.einsum("i,ij,j->", coefficient, inverse, coefficient)) / len(coefficient)


def combine(estimates: Sequence[Estimate]) -> Estimate:
    """Return the mean over replicates; one replicate alone has no interval.

    Raises
    ------
    ValueError
        When no replicate has an estimate.
    """
    return mean_of([one.estimate for one in estimates])


def paired(plain: Sequence[Estimate], changed: Sequence[Estimate]) -> Estimate:
    """Return the mean paired difference, changed less plain, of replicates at the same places.

    Raises
    ------
    ValueError
        When the two differ in length, or no pair has both estimates.
    """
    if len(plain) != len(changed):
        raise ValueError(f"{len(plain)} plain replicates and {len(changed)} changed ones")
    return mean_of([b.estimate - a.estimate for a, b in zip(plain, changed, strict=True)])


def mean_of(values: Sequence[float]) -> Estimate:
    """Return the mean of what replicates gave, NaN where one gave nothing.

    Raises
    ------
    ValueError
        When none gave anything.
    """
    every = np.array(values, dtype=np.float64)
    there = every[~np.isnan(every)]
    n, lost = len(there), len(every) - len(there)
    if n == 0:
        raise ValueError("no replicate has an estimate")
    dropped = (f"{counted(lost, 'replicate')} without an estimate",) if lost else ()
    variance = standard_error(there) ** 2 if n > 1 else _NONE
    return around(float(there.mean()), variance, n, n, n - 1, dropped)
