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
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.measures.effects import quantile
from ydsim.measures.gravity import swept
from ydsim.typing import Floats, Ints
from ydsim.wording import suggestion


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
    """

    names: tuple[str, ...]
    coefficient: Floats
    covariance: Floats
    n: int
    clusters: int
    free: int
    dropped: tuple[str, ...] = ()

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
        return self._estimate(_product(h, self.coefficient), h)

    def ratio(self, above: Mapping[str, float], below: Mapping[str, float]) -> Estimate:
        """Return the ratio of two weighted sums of coefficients, delta method.

        Where the sum below is within two errors of zero the interval is no guide (see Fieller's
        in `ydsim.measures.effects`); where it is zero all is NaN.

        Raises
        ------
        ValueError
            When a name is none of the fit's.
        """
        a, d = self._vector(above), self._vector(below)
        bottom = _product(d, self.coefficient)
        if bottom == 0.0:
            return self._estimate(float("nan"), np.full(len(a), np.nan))
        value = _product(a, self.coefficient) / bottom
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

    def _estimate(self, value: float, gradient: Floats) -> Estimate:
        at = gradient != 0.0
        part = self.covariance[np.ix_(at, at)]
        variance = float(np.einsum("i,ij,j->", gradient[at], part, gradient[at]))
        return around(value, variance, self.n, self.clusters, self.free, self.dropped)


def around(
    value: float, variance: float, n: int, clusters: int, free: int, dropped: tuple[str, ...] = ()
) -> Estimate:
    """Return an estimate with its interval from its variance and degrees of freedom."""
    se = float(np.sqrt(max(variance, 0.0))) if free > 0 else float("nan")
    half = quantile(free + 1) * se if free > 0 else float("nan")
    return Estimate(value, se, value - half, value + half, n, clusters, dropped)


def _product(weights: Floats, coefficients: Floats) -> float:
    """Return a weighted sum; a coefficient that is not there matters only where it is asked for."""
    at = weights != 0.0
    return float((weights[at] * coefficients[at]).sum())


def clusters_of(cluster: Ints | None, n: int, name: str) -> int:
    """Return the number of clusters.

    Raises
    ------
    ValueError
        When there is one.
    """
    number = n if cluster is None else len(np.unique(cluster))
    if number < 2:
        raise ValueError(f"column {name!r} has one cluster: errors need two or more")
    return number


def counted_coefficients(effects: Sequence[Ints], cluster: Ints | None, regressors: int) -> int:
    """Return the K of the module's docstring."""
    total = regressors + 1
    for codes in effects:
        groups = len(np.unique(codes))
        if cluster is None or len(_pairs(codes, cluster)) > groups:
            total += groups - 1
    return total


def _pairs(a: Ints, b: Ints) -> Ints:
    pairs: Ints = np.unique(a * (int(b.max()) + 1) + b)
    return pairs


def sandwich(
    bread: Floats, x: Floats, residual: Floats, cluster: Ints | None, coefficients: int
) -> Floats:
    """Return the covariance (p, p) of coefficients.

    Parameters
    ----------
    bread
        (p, p) inverse of the weighted squares.
    x
        (n, p) regressors less their fixed effects.
    residual
        (n,) outcome less its fitted mean.
    cluster
        (n,) codes, or None.
    coefficients
        K.

    Raises
    ------
    ValueError
        When there are no more rows than coefficients.
    """
    n = len(x)
    if n <= coefficients:
        raise ValueError(f"{n} rows cannot tell {coefficients} coefficients and their errors")
    scores = x * residual[:, None]
    if cluster is None:
        factor = n / (n - coefficients)
    else:
        scores = summed(scores, cluster)
        factor = len(scores) / (len(scores) - 1) * (n - 1) / (n - coefficients)
    influence = np.einsum("gp,pq->gq", scores, bread)
    covariance: Floats = factor * np.einsum("gp,gq->pq", influence, influence)
    return covariance


def summed(rows: Floats, cluster: Ints) -> Floats:
    """Return (G, p) sums of rows (n, p) over the clusters that are there."""
    at = np.unique(cluster, return_inverse=True)[1].reshape(-1)
    sums: Floats = np.stack([np.bincount(at, weights=one) for one in rows.T], axis=1)
    return sums


def f_statistic(coefficient: Floats, covariance: Floats) -> float:
    """Return Wald's statistic of all coefficients being zero over their number; NaN if singular."""
    inverse, kept = swept(covariance)
    if not kept.all():
        return float("nan")
    return float(np.einsum("i,ij,j->", coefficient, inverse, coefficient)) / len(coefficient)
