"""Panels with any number of sets of fixed effects: least squares, instruments, Poisson.

Linear, with Z = X, or with instruments (two-stage least squares; H = instruments and others):

    y_n = x_n b + sum_r a_r,g(r,n) + e_n
    b   = (Z' X)^-1 Z' y,   Z = H (H'H)^-1 H'X
    F   = p' V_p^-1 p / q  of the q instruments in the fit of an instrumented regressor on H

Symbols: y outcome; x regressors; a effects, g(r, n) the group of row n in set r; all less their
fixed effects. Residuals are with x itself; V as in `estimate`, with x of Z. F is robust like all
errors; below about 10 the instruments are weak and the interval no guide (Stock and Yogo 2005; with
clusters Andrews, Stock and Sun 2019, doi 10.1146/annurev-economics-080218-025643). F is by
regressor; with several instrumented ones each may be strong alone and weak together.

Poisson pseudo-maximum likelihood, by Newton's steps:

    E[y_n] = mu_n = exp(eta_n),   eta_n = x_n b + sum_r a_r,g(r,n)
    r_n  = (y_n - mu_n) / mu_n = r^_n + r~_n,   x_n = x^_n + x~_n,   M = diag(mu)
    db   = (X~' M X~)^-1 X~' (y - mu),          deta = r^ + X~ db

A hat is what fixed effects explain of a column under the weights mu, a tilde what they leave. A
step that raises the loss is halved until it does not, as in `ydsim.measures.gravity`, of which this
is the form with many effects (Correia, Guimaraes and Zylkin 2020, doi 10.1177/1536867X20909691). V
with w = mu and e = y - mu. A group of an effect whose outcomes are all zero has no finite effect:
its rows are left out, which is said. Where a combination of regressors varies over zeros alone and
never changes its sign there, these zeros are separated and are left out too
(`ydsim.measures.gravity.separated`); a regressor that has nothing left is NaN.

Fixed effects are taken out of a column v, any number of sets, by conjugate gradients:

    e = v - D a,   a = argmin sum_n w_n (v_n - sum_r a_r,g(r,n))^2,   D' W D a = D' W v

D has one column of ones and zeros for each group, w are weights. By Frisch, Waugh and Lovell a
weighted least-squares fit of e_y on e_x has the coefficients, residuals and robust errors of the
fit with all dummies. Steps are scaled by the weights of groups; each costs two sums over rows. One
set is exact in one step. Without effects a constant is taken out.

Coefficients and clustered errors of all three are those of pyfixest 0.60 (`feols`, `fepois`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ydsim.measures.gravity import (
    ALIASED,
    CONVERGED,
    ITERATIONS,
    LARGEST_LOG,
    separated,
    swept,
)
from ydsim.studies.estimators.columns import Data, Key, Sample, compact, sample_of
from ydsim.studies.estimators.estimate import Fit, f_statistic, robust_fit, sandwich
from ydsim.typing import Bools, Floats, Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_array

SETTLED = 1e-12
"""Means of groups that are left, as part of the mean size in them, at which the steps end."""

ROUNDING = 1e-15
"""The same as part of what was in it before the column's mean was taken out."""

STEPS = 2_000

SHORTEST = 1e-12
"""Part of a step of the Poisson fit below which it is not halved."""


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
    sample = _sample(table, outcome, regressors, effects, cluster).without_lone_rows()
    raw = sample.matrix
    left = residuals(raw, sample.codes)
    own = own_part(raw[:, 1:], left[:, 1:])
    _refuse(sample, [] if own.any() else regressors)
    y, x = left[:, 0], left[:, 1:][:, own]
    bread, _ = swept(_product(x, x))
    b = np.einsum("ij,nj,n->i", bread, x, y)
    return robust_fit(sample, regressors, own, b, bread, _scores(x, y - _combined(x, b)))


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
    every = [*names, *instruments]
    sample = _sample(table, outcome, every, effects, cluster).without_lone_rows()
    raw, left = sample.matrix[:, 1:], residuals(sample.matrix, sample.codes)
    y, x, h = left[:, 0], left[:, 1 : 1 + len(names)], left[:, 1 + len(instrumented) :]
    first_names = every[len(instrumented) :]
    own = own_part(raw[:, : len(names)], x)
    _refuse(sample, _lost(names, own))
    _refuse(sample, _lost(first_names, own_part(raw[:, len(instrumented) :], h)))
    inverse, _ = swept(_product(h, h))
    first = np.einsum("ij,nj,nk->ik", inverse, h, x)
    moved = np.einsum("nj,jk->nk", h, first)
    for name in _lost(names, own_part(x, moved)):
        raise ValueError(
            f"column {name!r}: the instruments {', '.join(instruments)} do not move it"
        )
    strength = {}
    at = slice(len(regressors), None)
    for j, name in enumerate(instrumented):
        covariance, _, _ = sandwich(sample, inverse, _scores(h, x[:, j] - moved[:, j]))
        strength[name] = f_statistic(first[at, j], covariance[at, at])
    bread, _ = swept(_product(moved, moved))
    b = np.einsum("ij,nj,n->i", bread, moved, y)
    scores = _scores(moved, y - _combined(x, b))
    return replace(robust_fit(sample, names, own, b, bread, scores), strength=strength)


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
    sample = _without_zeros(sample, outcome)
    apart = _separated(sample)
    if apart.any():
        sample = sample.keep(~apart, f"separated: a regressor varies over zeros of {outcome} alone")
        sample = _without_zeros(sample, outcome)
    y, x = sample.matrix[:, 0], sample.matrix[:, 1:]
    own = own_part(x, residuals(x, sample.codes))
    _refuse(sample, [] if own.any() else regressors)
    b, mu, absorbed, bread = _iterate(y, x[:, own], sample.codes)
    return robust_fit(sample, regressors, own, b, bread, _scores(absorbed, y - mu))


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


def _product(a: Floats, b: Floats) -> Floats:
    found: Floats = np.einsum("ni,nj->ij", a, b)
    return found


def _combined(x: Floats, b: Floats) -> Floats:
    found: Floats = np.einsum("np,p->n", x, b)
    return found


def _scores(x: Floats, residual: Floats) -> Floats:
    return x * residual[:, None]


def _without_zeros(sample: Sample, outcome: str) -> Sample:
    """Return the rows outside groups with zeros alone and not alone in a group."""
    before = -1
    while before != len(sample.values):
        before = len(sample.values)
        for name in sample.effects:
            codes = sample.groups[name]
            kept = sample.values[outcome].groupby(codes).transform("sum") > 0.0
            why = f"in {codes[~kept].nunique()} of {name} where all of {outcome} is zero"
            sample = sample.keep(kept.to_numpy(), why)
        sample = sample.without_lone_rows()
    return sample


def _separated(sample: Sample) -> Bools:
    """Return the zeros (n,) at which a combination of regressors has no finite coefficient."""
    y, x = sample.matrix[:, 0], sample.matrix[:, 1:]
    positive = y > 0.0
    there = own_part(x, residuals(x, sample.codes))
    kept = [compact(codes[positive]) for codes in sample.codes]
    own = own_part(x[positive], residuals(x[positive], kept))
    if own.sum() >= there.sum():
        return np.zeros(len(y), dtype=np.bool_)
    dummies = _dummies([np.zeros(len(y), dtype=np.int64), *map(compact, sample.codes)])
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
        bread, _ = swept(_product(absorbed, absorbed * mu[:, None]))
        move = np.einsum("ij,nj,n->i", bread, absorbed, mu * gap)
        change = explained[:, 0] + _combined(absorbed, move)
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
            bread, _ = swept(_product(absorbed, absorbed * mu[:, None]))
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
    n = len(values)
    w = np.ones(n) if weight is None else weight
    dummies = _dummies(list(effects) or [np.zeros(n, dtype=np.int64)])
    total = dummies.T @ w
    scale = np.divide(1.0, total, out=np.zeros(len(total)), where=total > 0.0)
    left, explained = np.empty((2, *values.shape))
    for k, v in enumerate(values.T):
        left[:, k], explained[:, k] = _solved(v, dummies, w, scale)
    return left, explained


def _dummies(sets: Sequence[Ints]) -> csr_array:
    """Return D (n, groups of all sets)."""
    from scipy.sparse import csr_array, hstack

    n = len(sets[0])
    parts = [
        csr_array((np.ones(n), codes, np.arange(n + 1)), shape=(n, int(codes.max(initial=-1)) + 1))
        for codes in sets
    ]
    return hstack(parts, format="csr")


def _solved(v: Floats, dummies: csr_array, w: Floats, scale: Floats) -> tuple[Floats, Floats]:
    sums = dummies.T

    def size_in_groups(e: Floats) -> float:
        return float(((sums @ np.abs(w * e)) ** 2 * scale).sum())

    mean = float((w * v).sum() / w.sum())
    e, explained = v - mean, np.full(len(v), mean)
    enough = SETTLED**2 * size_in_groups(e) + ROUNDING**2 * size_in_groups(v)
    left = sums @ (w * e)
    move = scale * left
    size = float((left * move).sum())
    for _ in range(STEPS):
        if size <= enough:
            return e, explained
        change = dummies @ move
        step = size / float((w * change * change).sum())
        e, explained = e - step * change, explained + step * change
        left = sums @ (w * e)
        scaled = scale * left
        now = float((left * scaled).sum())
        move = scaled + now / size * move
        size = now
    raise ArithmeticError(f"fixed effects did not settle in {STEPS} steps")


def own_part(raw: Floats, absorbed: Floats) -> Bools:
    """Return which columns (p,) the effects and the columns before them do not determine.

    They are given before and after the effects were taken out, (n, p).
    """
    centred = raw - raw.mean(axis=0)
    size = (centred**2).sum(axis=0)
    there = (absorbed**2).sum(axis=0) > ALIASED * size
    there &= size > ALIASED**2 * (raw**2).sum(axis=0)
    _, kept = swept(_product(absorbed[:, there], absorbed[:, there]))
    own = np.zeros(raw.shape[1], dtype=np.bool_)
    own[np.flatnonzero(there)[kept]] = True
    return own
