"""Gravity of flows between places by Poisson pseudo-maximum likelihood.

    E[y_n] = mu_n = exp(sum_k x_nk b_k)
    b'  = (X' M X)^-1 X' M z,   z_n = x_n b + (y_n - mu_n) / mu_n,   M = diag(mu)
    V   = n / (n - k) A^-1 (sum_n (y_n - mu_n)^2 x_n x_n') A^-1,   A = X' M X

Symbols: y_n flow of a pair of places, not negative, whole or not, zeros included; x_n regressors,
such as a one, log masses, log distance, a border; b elasticities or logs of factors; V robust
variance of b; k coefficients. Santos Silva and Tenreyro (2006, doi 10.1162/rest.88.4.641): b is
consistent whatever the variance of y, where log-linear least squares is not. The errors take
pairs as independent, which pairs that share a place need not be.

Where a combination of regressors is zero at all positive flows, and does not change its sign over
the zeros, the likelihood has no maximum: the zeros at which the combination differs from zero are
separated, and are left out with a fitted flow of zero (Correia, Guimaraes and Zylkin 2019, arXiv
1903.01633). A linear programme finds all of them at once. A column that those before it determine,
in what is left, has no coefficient (NaN).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ydsim.typing import Bools, Floats, Ints

ALIASED = 1e-10
"""Part of a column's squares below which nothing of it is its own."""

CONVERGED = 1e-12
ITERATIONS = 200
LARGEST_LOG = 600.0

SHORTEST = 1e-12
"""Part of a step below which it is not halved."""


@dataclass(frozen=True)
class PoissonFit:
    """A fit.

    Attributes
    ----------
    coefficient, error
        (p,) coefficients b and robust standard errors, NaN where a column has none. An error is
        infinite where the fitted flows are too unequal to tell the column from those before it.
    fitted
        (n,) mu, zero where separated.
    separated
        (n,) observations that were left out.
    """

    coefficient: Floats
    error: Floats
    fitted: Floats
    separated: Bools


def fit_gravity(
    flow: Floats,
    regressors: Floats,
    ends: tuple[Ints, Ints] | None = None,
    *,
    undirected: bool = False,
) -> PoissonFit:
    """Fit flows by a constant, regressors (n, p) and, where ``ends`` are given, fixed effects.

    Parameters
    ----------
    flow
        (n,) one entry for each pair of places.
    regressors
        (n, p) of which coefficients and errors are returned; NaN for one that the constant or the
        fixed effects determine.
    ends
        Origin and destination of each pair: each origin and each destination has an effect.
    undirected
        Each place has one effect, at whichever end it is.
    """
    effects = [np.ones((len(flow), 1))]
    if ends is not None:
        places = np.arange(max(int(end.max()) for end in ends) + 1)
        origin, destination = ((end[:, None] == places).astype(np.float64) for end in ends)
        effects += [origin + destination] if undirected else [origin, destination]
    # effects first: what they determine has no coefficient of its own
    fit = fit_poisson(flow, np.hstack([*effects, regressors]))
    last = slice(-regressors.shape[1], None)
    return replace(fit, coefficient=fit.coefficient[last], error=fit.error[last])


def fit_poisson(flow: Floats, columns: Floats) -> PoissonFit:
    """Fit flows (n,) by the exponential of combinations of ``columns`` (n, p).

    Raises
    ------
    ValueError
        When a flow is negative, something is not finite, or there is no flow at all.
    ArithmeticError
        When the iteration does not settle.
    """
    if not (np.isfinite(flow).all() and np.isfinite(columns).all()):
        raise ValueError("flows and regressors must be finite")
    if (flow < 0.0).any() or not (flow > 0.0).any():
        raise ValueError("flows must not be negative, and some must be positive")
    apart = separated(flow, columns)
    y, x = flow[~apart], columns[~apart]
    b, mu = _iterate(y, x)
    fitted = np.zeros(len(flow))
    fitted[~apart] = mu
    return PoissonFit(b, _robust_errors(y, x, mu, np.isfinite(b)), fitted, apart)


def swept(matrix: Floats) -> tuple[Floats, Bools]:
    """Return a symmetric matrix swept on all columns that are not aliased, and which they are.

    The inverse is inside the columns swept; above and below an aliased one its coefficients
    on them.
    """
    a, size = matrix.copy(), np.diag(matrix).copy()
    kept = np.zeros(len(a), dtype=np.bool_)
    for k in range(len(a)):
        pivot = float(a[k, k])
        if pivot <= ALIASED * size[k]:
            continue
        kept[k] = True
        row, column = a[k] / pivot, a[:, k].copy()
        a -= column[:, None] * row
        a[k], a[:, k] = row, -column / pivot
        a[k, k] = 1.0 / pivot
    return a, kept


def _products(x: Floats, weight: Floats) -> Floats:
    """Return X' diag(weight) X."""
    solution: Floats = np.einsum("ni,nj->ij", x * weight[:, None], x)
    return solution


def _iterate(y: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return coefficients and fitted flows.

    Which columns are aliased is settled before the first step: under weights that shrink they may
    come and go, and a step to other columns leads nowhere when halved.
    """
    _, own = swept(_products(x, np.ones(len(y))))
    x_own = x[:, own]

    def step(gap: Floats, weight: Floats) -> tuple[Floats, Floats]:
        move = _solved(x_own, weight, weight * gap)
        return move, _combined(x_own, move)

    coefficient = np.full(len(own), np.nan)
    coefficient[own], mu = climb(y, np.zeros(len(y)), step)
    return coefficient, mu


def climb(
    y: Floats, eta: Floats, step: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> tuple[Floats, Floats]:
    """Return coefficients and fitted means of a Poisson fit, by reweighted least squares.

    Parameters
    ----------
    y
        (n,) outcomes.
    eta
        (n,) logs of the means from which it starts, where all coefficients are zero.
    step
        Fits gaps (n,) under weights (n,): the coefficients, and what they add to the logs.

    The first weights are halfway between outcomes and their mean. A step that raises the loss is
    halved until it does not; the last one is whole and changes the loss by rounding alone.

    Raises
    ------
    ArithmeticError
        When the iteration does not settle.
    """
    mu, loss, b = (y + y.mean()) / 2.0, _loss(y, eta), np.zeros(1)
    gap = np.log(mu) - eta + (y - mu) / mu
    for _ in range(ITERATIONS):
        move, change = step(gap, mu)
        part, slack, now = 1.0, CONVERGED * (1.0 + abs(loss)), _loss(y, eta + change)
        while now > loss + slack and part > SHORTEST:
            part /= 2.0
            now = _loss(y, eta + part * change)
        settled = part == 1.0 and loss - now <= slack
        eta, b, loss = eta + part * change, b + part * move, now
        mu = np.exp(np.maximum(eta, -LARGEST_LOG))
        if settled:
            return b, mu
        gap = (y - mu) / mu
    raise ArithmeticError(f"the Poisson fit did not settle in {ITERATIONS} steps")


def _combined(x: Floats, b: Floats) -> Floats:
    eta: Floats = np.einsum("np,p->n", x, b)
    return eta


def _loss(y: Floats, eta: Floats) -> float:
    """Return minus the log likelihood, up to a constant; infinite where it overflows."""
    if eta.max() > LARGEST_LOG:
        return float("inf")
    return float((np.exp(eta) - y * eta).sum())


def _solved(x: Floats, weight: Floats, residual: Floats) -> Floats:
    """Return (X' diag(weight) X)^-1 X' residual, zero for columns aliased under these weights."""
    inverse, kept = swept(_products(x, weight))
    moments = np.einsum("np,n->p", x, residual)
    b = np.zeros(x.shape[1])
    b[kept] = np.einsum("ij,j->i", inverse[np.ix_(kept, kept)], moments[kept])
    return b


def _robust_errors(y: Floats, x: Floats, mu: Floats, own: Bools) -> Floats:
    """Return errors (p,): NaN where not ``own``, infinite where aliased under the weights mu."""
    inverse, kept = swept(_products(x[:, own], mu))
    scores = x[:, own][:, kept] * (y - mu)[:, None]
    influence = np.einsum("np,pq->nq", scores, inverse[np.ix_(kept, kept)])
    free = max(len(y) - int(kept.sum()), 1)
    own_error = np.full(int(own.sum()), np.inf)
    own_error[kept] = np.sqrt((influence**2).sum(axis=0) * len(y) / free)
    error = np.full(x.shape[1], np.nan)
    error[own] = own_error
    return error


def separated(flow: Floats, columns: Floats) -> Bools:
    """Return which zeros are separated, see the module docstring."""
    positive = flow > 0.0
    apart = np.zeros(len(flow), dtype=np.bool_)
    table, kept = swept(_products(columns[positive], np.ones(int(positive.sum()))))
    if kept.all() or positive.all():
        return apart
    null = np.eye(len(kept))[:, ~kept]
    null[kept] = -table[np.ix_(kept, ~kept)]
    zeros = columns[~positive]
    at_zeros = np.einsum("np,pk->nk", zeros, null)
    # columns that are aliased at all flows leave rounding errors
    size = np.einsum("np,pk->nk", np.abs(zeros), np.abs(null))
    at_zeros[np.abs(at_zeros) <= ALIASED * size] = 0.0
    apart[~positive] = _one_signed(at_zeros)
    return apart


def _one_signed(z: Floats) -> Bools:
    """Return the rows that some combination of columns makes positive and none of them negative.

    max sum_n w_n  subject to  z g >= w,  0 <= w <= 1: w is one in these rows and zero elsewhere.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    size = np.abs(z).max(axis=0)
    z = z[:, size > 0.0] / size[size > 0.0]
    n, k = z.shape
    if k == 0:
        return np.zeros(n, dtype=np.bool_)
    solution = linprog(
        np.repeat([0.0, -1.0], [k, n]),
        A_ub=hstack([csr_array(-z), eye_array(n)], format="csc"),
        b_ub=np.zeros(n),
        bounds=[(None, None)] * k + [(0.0, 1.0)] * n,
    )
    if solution.x is None or solution.status != 0:
        raise ArithmeticError(f"separation was not decided: {solution.message}")
    rows: Bools = solution.x[k:] > 0.5
    return rows
