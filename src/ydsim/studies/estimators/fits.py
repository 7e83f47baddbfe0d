"""Panels with any number of sets of fixed effects: least squares, instruments, Poisson.

Linear, with Z = X, or with instruments (two-stage least squares; H = instruments and others):

    y_n = x_n b + sum_r a_r,g(r,n) + e_n
    b   = (Z' X)^-1 Z' y,   Z = H (H'H)^-1 H'X
    F   = p' V_p^-1 p / q  of the q instruments in the fit of an instrumented regressor on H

Symbols: y outcome; x regressors; a effects, g(r, n) the group of row n in set r; all less their
fixed effects. F is robust like all errors; below about 10 the instruments are weak and the interval
no guide (Stock and Yogo 2005; with clusters Andrews, Stock and Sun 2019, doi
10.1146/annurev-economics-080218-025643). F is by regressor; with several instrumented ones each may
be strong alone and weak together.

Poisson pseudo-maximum likelihood, by Newton's steps:

    E[y_n] = mu_n = exp(eta_n),   eta_n = x_n b + sum_r a_r,g(r,n)
    r_n  = (y_n - mu_n) / mu_n = r^_n + r~_n,   x_n = x^_n + x~_n,   M = diag(mu)
    db   = (X~' M X~)^-1 X~' (y - mu),          deta = r^ + X~ db

A hat is what fixed effects explain of a column under the weights mu, a tilde what they leave. A
step that raises the loss is halved until it does not, as in `ydsim.measures.gravity`, of which this
is the form with many effects (Correia, Guimaraes and Zylkin 2020, doi 10.1177/1536867X20909691). A
group of an effect whose outcomes are all zero has no finite effect: its rows are left out, which is
said. Where a combination of regressors varies over zeros alone and never changes its sign there,
these zeros are separated and are left out too (`ydsim.measures.gravity.separated`); a regressor
that has nothing left is NaN.

Fixed effects are taken out of a column v, any number of sets, by conjugate gradients:

    e = v - D a,   a = argmin sum_n w_n (v_n - sum_r a_r,g(r,n))^2,   D' W D a = D' W v

D has one column of ones and zeros for each group, w are weights. By Frisch, Waugh and Lovell a
weighted least-squares fit of e_y on e_x has the coefficients, residuals and robust errors of the
fit with all dummies. Steps are scaled by the weights of groups; one set is exact in one step.
Without effects a constant is taken out.

Robust errors and 95 per cent intervals, and those of combinations of coefficients:

    V    = c B (sum_g s_g s_g') B,   s_g = sum_(n in g) z_n e_n,   B = (sum_n w_n z_n z_n')^-1
    c    = G / (G - 1)  (N - 1) / (N - K)   with G clusters,   N / (N - K)   without
    interval of h'b = h'b -+ t sqrt(h' V h)

Symbols: z_n regressors, or Z with instruments, less what the fixed effects take from them; e_n
residual with x itself, y - mu of a Poisson; w_n weight, one, or mu of a Poisson; N rows; K
coefficients, those of fixed effects too, but for effects whose groups lie inside clusters, which
the clusters allow for (Cameron and Miller 2015, doi 10.3368/jhr.50.2.317); t the .975 quantile of
Student's distribution with G - 1 degrees of freedom, N - K without clusters. Of r sets of effects,
sum_r (groups - 1) + 1 coefficients are counted, which is exact for one set and for two that are
connected.

Coefficients and clustered errors of all three are those of pyfixest 0.60 (`feols`, `fepois`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ydsim.measures.effects import quantile
from ydsim.measures.gravity import (
    ALIASED,
    CONVERGED,
    ITERATIONS,
    LARGEST_LOG,
    separated,
    swept,
)
from ydsim.studies.estimators.columns import Data, Key, Sample, sample_of
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import suggestion

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SETTLED = 1e-12
"""Means of groups that are left, as part of the mean size in them, at which the steps end."""

ROUNDING = 1e-15
"""The same as part of what was in it before the column's mean was taken out."""

STEPS = 2_000

SHORTEST = 1e-12
"""Part of a step of the Poisson fit below which it is not halved."""

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
        Rows or units that it rests on.
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
        for name in weights:
            if name not in self.names:
                hint = suggestion(name, self.names, "there are")
                raise ValueError(f"no coefficient {name!r}{hint}")
        at, h = [self.names.index(name) for name in weights], np.array([*weights.values()])
        value = float(h @ self.coefficient[at])
        variance = float(h @ self.covariance[np.ix_(at, at)] @ h)
        se = float(np.sqrt(max(variance, 0.0))) if self.free > 0 else _NONE
        half = quantile(self.free + 1) * se if self.free > 0 else _NONE
        ends = value - half, value + half
        return Estimate(value, se, *ends, self.n, self.clusters, self.dropped)


def fit_linear(
    table: Data,
    outcome: str,
    regressors: Sequence[str],
    *,
    effects: Sequence[Key] = (),
    cluster: Key | None = None,
) -> Fit:
    """Fit an outcome by least squares with fixed effects.

    Parameters
    ----------
    table
        Columns by name.
    outcome, regressors
        Columns of numbers.
    effects
        Sets of fixed effects, each a column or several whose combinations count, such as
        ``["firm", ("field", "year")]``; a constant where there are none.
    cluster
        Errors are robust to dependence inside its groups; to unequal variance alone by default.

    Returns
    -------
    Fit
        A regressor that effects and those before it determine is NaN, which is said.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, no regressor varies within the effects, or there is
        one cluster.
    """
    sample = _sample(table, outcome, regressors, effects, cluster).telling()
    raw = sample.matrix
    left = residuals(raw, sample.codes)
    own = own_part(raw[:, 1:], left[:, 1:])
    _refuse(sample, [] if own.any() else regressors)
    x = left[:, 1:][:, own]
    return _least_squares(sample, regressors, own, left[:, 0], x, x)


def fit_instrumented(
    table: Data,
    outcome: str,
    instrumented: Sequence[str],
    instruments: Sequence[str],
    regressors: Sequence[str] = (),
    *,
    effects: Sequence[Key] = (),
    cluster: Key | None = None,
) -> Fit:
    """Fit an outcome by two-stage least squares with fixed effects.

    Parameters
    ----------
    instrumented
        Regressors that may depend on what else moves the outcome.
    instruments
        Columns that move them and nothing else.
    regressors
        The other regressors.
    table, outcome, effects, cluster
        As in `fit_linear`.

    Returns
    -------
    Fit
        Of the instrumented regressors, then of the others, with ``strength``.

    Raises
    ------
    ValueError
        As in `fit_linear`, and when there are fewer instruments than instrumented regressors, or
        one that is not moved by any.
    """
    names = [*instrumented, *regressors]
    if not instrumented or len(instruments) < len(instrumented):
        raise ValueError(
            f"{len(instruments)} instruments for {len(instrumented)} regressors"
            f" ({', '.join(instrumented)}): as many are needed, and one at least"
        )
    every, q = [*names, *instruments], len(instrumented)
    sample = _sample(table, outcome, every, effects, cluster).telling()
    raw, left = sample.matrix[:, 1:], residuals(sample.matrix, sample.codes)
    y, x, h = left[:, 0], left[:, 1 : 1 + len(names)], left[:, 1 + q :]
    own = own_part(raw[:, : len(names)], x)
    _refuse(sample, _lost(names, own))
    of_first = own_part(raw[:, q:], h)
    _refuse(sample, _lost(every[q:], of_first))
    stages = [_least_squares(sample, every[q:], of_first, x[:, j], h, h) for j in range(q)]
    moved = np.column_stack([*(h @ stage.coefficient for stage in stages), x[:, q:]])
    for name in _lost(names, own_part(x, moved)):
        raise ValueError(
            f"column {name!r}: the instruments {', '.join(instruments)} do not move it"
        )
    strength = {}
    at = slice(len(regressors), None)
    for name, stage in zip(instrumented, stages, strict=True):
        b, (inverse, kept) = stage.coefficient[at], swept(stage.covariance[at, at])
        strength[name] = float(b @ inverse @ b) / len(b) if kept.all() else _NONE
    return replace(_least_squares(sample, names, own, y, x, moved), strength=strength)


def fit_poisson(
    table: Data,
    outcome: str,
    regressors: Sequence[str],
    *,
    effects: Sequence[Key] = (),
    cluster: Key | None = None,
) -> Fit:
    """Fit an outcome that is not negative by the exponential of regressors and fixed effects.

    Parameters
    ----------
    table, outcome, regressors, effects, cluster
        As in `fit_linear`.

    Returns
    -------
    Fit
        Coefficients are semi-elasticities of columns, elasticities of logs.

    Raises
    ------
    ValueError
        As in `fit_linear`, and when the outcome is negative somewhere or zero everywhere.
    ArithmeticError
        When the iteration does not settle.
    """
    sample = _sample(table, outcome, regressors, effects, cluster)
    counts = sample.values[outcome]
    if (counts < 0.0).any():
        raise ValueError(f"column {outcome!r} is negative in row {counts.index[counts < 0.0][0]}")
    if not (counts > 0.0).any():
        raise ValueError(f"column {outcome!r} is zero everywhere")
    sample = sample.telling(outcome)
    apart = _separated(sample)
    if apart.any():
        why = f"separated: a regressor varies over zeros of {outcome} alone"
        sample = sample.keep(pd.Series(~apart, sample.values.index), why).telling(outcome)
    y, x = sample.matrix[:, 0], sample.matrix[:, 1:]
    own = own_part(x, residuals(x, sample.codes))
    _refuse(sample, [] if own.any() else regressors)
    b, mu, absorbed, bread = _iterate(y, x[:, own], sample.codes)
    return _fit(sample, regressors, own, b, bread, absorbed * (y - mu)[:, None])


def _sample(
    table: Data,
    outcome: str,
    regressors: Sequence[str],
    effects: Sequence[Key],
    cluster: Key | None,
) -> Sample:
    if not regressors:
        raise ValueError("there is no regressor")
    return sample_of(table, [outcome, *regressors], effects, cluster)


def _lost(names: Sequence[str], own: Bools) -> list[str]:
    return [name for name, there in zip(names, own, strict=True) if not there]


def _refuse(sample: Sample, determined: Sequence[str]) -> None:
    """Raise ValueError where a column has nothing of its own."""
    for name in determined:
        among = ", ".join(sample.effects) or "the constant"
        raise ValueError(f"column {name!r}: {among} and the columns before it determine it")


def _least_squares(
    sample: Sample, names: Sequence[str], own: Bools, y: Floats, x: Floats, z: Floats
) -> Fit:
    """Return the fit of y (n,) on x (n, q) by z (n, q), all less their fixed effects."""
    bread, _ = swept(z.T @ z)
    b = bread @ (z.T @ y)
    return _fit(sample, names, own, b, bread, z * (y - x @ b)[:, None])


def _fit(
    sample: Sample, names: Sequence[str], own: Bools, b: Floats, bread: Floats, scores: Floats
) -> Fit:
    """Return a fit with robust errors.

    Of the (p,) regressors ``names`` those of their ``own`` have the coefficients b (q,), the bread
    (q, q) and the scores z e (n, q).
    """
    n, k = len(scores), _coefficients(sample, len(b))
    clusters, free, factor = n, n - k, n / max(n - k, 1)
    if sample.cluster is not None:
        of_cluster = sample.groups[sample.cluster].to_numpy()
        scores = pd.DataFrame(scores).groupby(of_cluster).sum().to_numpy()
        clusters, free = len(scores), len(scores) - 1
        factor = clusters / max(free, 1) * (n - 1) / max(n - k, 1)
        if free == 0:
            raise ValueError(f"column {sample.cluster!r} has one cluster: errors need two or more")
    if n <= k:
        raise ValueError(f"{n} rows cannot tell {k} coefficients and their errors")
    coefficient, covariance = np.full(len(own), _NONE), np.full((len(own), len(own)), _NONE)
    influence = scores @ bread
    coefficient[own], covariance[np.ix_(own, own)] = b, factor * influence.T @ influence
    lost = (f"{name}: determined by the effects and the columns before it"
            for name in _lost(names, own))  # fmt: skip
    dropped = (*sample.dropped, *lost)
    return Fit(tuple(names), coefficient, covariance, n, clusters, free, dropped)


def _coefficients(sample: Sample, regressors: int) -> int:
    """Return K: regressors, a constant, and effects whose groups do not lie inside clusters."""
    total = regressors + 1
    for name in sample.effects:
        groups = sample.groups.groupby(name)
        if sample.cluster is None or (groups[sample.cluster].nunique() > 1).any():
            total += groups.ngroups - 1
    return total


def _separated(sample: Sample) -> Bools:
    """Return the zeros (n,) at which a combination of regressors has no finite coefficient."""
    y, x = sample.matrix[:, 0], sample.matrix[:, 1:]
    positive = y > 0.0
    there = own_part(x, residuals(x, sample.codes))
    own = own_part(x[positive], residuals(x[positive], [each[positive] for each in sample.codes]))
    if own.sum() >= there.sum():
        return np.zeros(len(y), dtype=np.bool_)
    compact = [np.unique(codes, return_inverse=True)[1] for codes in sample.codes]
    dummies = _dummies([np.zeros(len(y), dtype=np.int64), *compact])
    return separated(y, np.hstack([dummies.toarray(), x[:, there]]))


def _iterate(
    y: Floats, x: Floats, effects: Sequence[Ints]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return coefficients, fitted means, absorbed regressors and the inverse of their squares.

    The first step is from the mean to the fit of logs, under weights halfway between outcomes and
    their mean. The iteration ends with a whole step that changes the loss by rounding alone.
    """
    eta, b = np.full(len(y), np.log(y.mean())), np.zeros(x.shape[1])
    mu, loss = (y + y.mean()) / 2.0, _loss(y, eta)
    gap = np.log(mu) - eta + (y - mu) / mu
    for _ in range(ITERATIONS):
        left, explained = split(np.column_stack([gap, x]), effects, mu)
        absorbed = left[:, 1:]
        bread, _ = swept(absorbed.T @ (absorbed * mu[:, None]))
        move = bread @ (absorbed.T @ (mu * gap))
        change = explained[:, 0] + absorbed @ move
        part, slack, now = 1.0, CONVERGED * (1.0 + abs(loss)), _loss(y, eta + change)
        while now > loss + slack and part > SHORTEST:
            part /= 2.0
            now = _loss(y, eta + part * change)
        settled = part == 1.0 and loss - now <= slack
        eta, b, loss = eta + part * change, b + part * move, now
        mu = np.exp(np.maximum(eta, -LARGEST_LOG))
        gap = (y - mu) / mu
        if settled:
            absorbed = residuals(x, effects, mu)
            bread, _ = swept(absorbed.T @ (absorbed * mu[:, None]))
            return b, mu, absorbed, bread
    raise ArithmeticError(f"the Poisson fit did not settle in {ITERATIONS} steps")


def _loss(y: Floats, eta: Floats) -> float:
    """Return minus the log likelihood, up to a constant; infinite where it overflows."""
    if eta.max() > LARGEST_LOG:
        return float("inf")
    return float((np.exp(eta) - y * eta).sum())


def residuals(values: Floats, effects: Sequence[Ints], weight: Floats | None = None) -> Floats:
    """Return columns (n, k) less what fixed effects explain of them; see `split`."""
    return split(values, effects, weight)[0]


def split(
    values: Floats, effects: Sequence[Ints], weight: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return what is left of columns (n, k), and what fixed effects explain of them.

    Each set of effects is (n,) codes of groups from 0 on; weights are positive, ones by default.
    """
    from scipy.sparse.linalg import cg

    n = len(values)
    w = np.ones(n) if weight is None else weight
    dummies = _dummies(list(effects) or [np.zeros(n, dtype=np.int64)])
    total = dummies.T @ w
    dummies = dummies * np.divide(1.0, np.sqrt(total), out=np.zeros(len(total)), where=total > 0.0)
    gram = dummies.T @ (dummies * w[:, None])
    explained = np.empty(values.shape)
    for k, v in enumerate(values.T):
        mean = float((w * v).sum() / w.sum())
        e = v - mean
        size, whole = (np.linalg.norm(dummies.T @ (w * np.abs(each))) for each in (e, v))
        a, failed = cg(gram, dummies.T @ (w * e), rtol=0.0, atol=SETTLED * size + ROUNDING * whole,
                       maxiter=STEPS)  # fmt: skip
        if failed:
            raise ArithmeticError(f"fixed effects did not settle in {STEPS} steps")
        explained[:, k] = mean + dummies @ a
    return values - explained, explained


def _dummies(sets: Sequence[Ints]) -> csr_array:
    """Return D (n, groups of all sets)."""
    from scipy.sparse import csr_array, hstack

    n = len(sets[0])
    parts = [
        csr_array((np.ones(n), codes, np.arange(n + 1)), shape=(n, int(codes.max(initial=-1)) + 1))
        for codes in sets
    ]
    return hstack(parts, format="csr")


def own_part(raw: Floats, absorbed: Floats) -> Bools:
    """Return which columns (p,) the effects and the columns before them do not determine.

    They are given before and after the effects were taken out, (n, p).
    """
    centred = raw - raw.mean(axis=0)
    size = (centred**2).sum(axis=0)
    there = (absorbed**2).sum(axis=0) > ALIASED * size
    there &= size > ALIASED**2 * (raw**2).sum(axis=0)
    _, kept = swept(absorbed[:, there].T @ absorbed[:, there])
    own = np.zeros(raw.shape[1], dtype=np.bool_)
    own[np.flatnonzero(there)[kept]] = True
    return own
