"""Poisson pseudo-maximum likelihood with any number of sets of fixed effects.

    E[y_n] = mu_n = exp(eta_n),   eta_n = x_n b + sum_r a_r,g(r,n)
    r_n  = (y_n - mu_n) / mu_n = r^_n + r~_n,   x_n = x^_n + x~_n,   M = diag(mu)
    db   = (X~' M X~)^-1 X~' (y - mu),          deta = r^ + X~ db

Symbols: y counts or amounts, not negative; x regressors; a effects; a hat is what fixed effects
explain of a column under the weights mu, a tilde what they leave (`absorb`). Each step is one of
Newton's; one that raises the loss is halved until it does not, as in `ydsim.measures.gravity`, of
which this is the form with many effects (Correia, Guimaraes and Zylkin 2020, doi
10.1177/1536867X20909691). V as in `estimate`, with w = mu and e = y - mu.

A group of an effect whose outcomes are all zero has no finite effect: its rows are left out, which
is said. Where a combination of regressors varies over zeros alone and never changes its sign there,
these zeros are separated and are left out too (`ydsim.measures.gravity.separated`); a regressor
that has nothing left is NaN.

Uses: inventions by years since a partner was lost, patents by rings, citations and joint work
between cities by travel time.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ydsim.analysis.estimators.absorb import own_part, residuals, split
from ydsim.analysis.estimators.estimate import Fit
from ydsim.analysis.estimators.linear import fitted, some_own
from ydsim.analysis.estimators.table import (
    Data,
    Key,
    Sample,
    compact,
    name_of,
    sample_of,
    without_lone_rows,
)
from ydsim.measures.gravity import CONVERGED, ITERATIONS, LARGEST_LOG, separated, swept
from ydsim.typing import Bools, Floats, Ints

SHORTEST = 1e-12
"""Part of a step below which it is not halved."""


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
        As in `ydsim.analysis.estimators.linear.fit_linear`.

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
    if not regressors:
        raise ValueError("there is no regressor")
    sample = sample_of(table, [outcome, *regressors], effects, cluster)
    if (sample.values[:, 0] < 0.0).any():
        at = int(sample.rows[sample.values[:, 0] < 0.0][0])
        raise ValueError(f"column {outcome!r} is negative in row {at}")
    if not (sample.values[:, 0] > 0.0).any():
        raise ValueError(f"column {outcome!r} is zero everywhere")
    sample = _without_zeros(sample, effects, outcome)
    apart = _separated(sample)
    if apart.any():
        sample = sample.keep(~apart, f"separated: a regressor varies over zeros of {outcome} alone")
        sample = _without_zeros(sample, effects, outcome)
    y, x = sample.values[:, 0], sample.values[:, 1:]
    own = own_part(x, residuals(x, sample.effects))
    some_own(own, regressors, effects)
    b, mu, absorbed, bread = _iterate(y, x[:, own], sample.effects)
    return fitted(sample, regressors, own, b, bread, absorbed, y - mu, cluster)


def _without_zeros(sample: Sample, effects: Sequence[Key], outcome: str) -> Sample:
    """Return the rows outside groups with zeros alone and not alone in a group."""
    while True:
        before = len(sample.rows)
        for at, key in enumerate(effects):
            codes = sample.effects[at]
            kept = np.bincount(codes, weights=sample.values[:, 0])[codes] > 0.0
            groups = len(np.unique(codes[~kept]))
            why = f"in {groups} of {name_of(key)} where all of {outcome} is zero"
            sample = sample.keep(kept, why)
        sample = without_lone_rows(sample, effects)
        if len(sample.rows) == before:
            return sample


def _separated(sample: Sample) -> Bools:
    """Return the zeros (n,) at which a combination of regressors has no finite coefficient."""
    y, x = sample.values[:, 0], sample.values[:, 1:]
    positive = y > 0.0
    there = own_part(x, residuals(x, sample.effects))
    kept = tuple(compact(codes[positive]) for codes in sample.effects)
    own = own_part(x[positive], residuals(x[positive], kept))
    if own.sum() >= there.sum():
        return np.zeros(len(y), dtype=np.bool_)
    dummies = [codes[:, None] == np.unique(codes) for codes in sample.effects]
    columns = [np.ones((len(y), 1)), *(d.astype(np.float64) for d in dummies), x[:, there]]
    return separated(y, np.hstack(columns))


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
        bread, _ = swept(np.einsum("ni,nj->ij", absorbed, absorbed * mu[:, None]))
        move = np.einsum("ij,nj,n->i", bread, absorbed, mu * gap)
        change = explained[:, 0] + np.einsum("np,p->n", absorbed, move)
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
            bread, _ = swept(np.einsum("ni,nj->ij", absorbed, absorbed * mu[:, None]))
            return b, mu, absorbed, bread
    raise ArithmeticError(f"the Poisson fit did not settle in {ITERATIONS} steps")


def _loss(y: Floats, eta: Floats) -> float:
    """Return minus the log likelihood, up to a constant; infinite where it overflows."""
    if eta.max() > LARGEST_LOG:
        return float("inf")
    return float((np.exp(eta) - y * eta).sum())
