"""Linear panels with any number of sets of fixed effects, and instruments for regressors.

    y_n = x_n b + sum_r a_r,g(r,n) + e_n
    b   = (Z' X)^-1 Z' y   with   Z = X,   or   Z = H (H'H)^-1 H'X   and   H = (instruments, others)
    F   = p' V_p^-1 p / q  of the q instruments in the fit of an instrumented regressor on H

Symbols: y outcome; x regressors; a effects; all less their fixed effects (`absorb`). With
instruments: two-stage least squares, residuals with x itself. V as in `estimate`, with x of Z.
F is robust like all errors; below about 10 the instruments are weak and the interval no guide
(Stock and Yogo 2005; with clusters Andrews, Stock and Sun 2019, doi
10.1146/annurev-economics-080218-025643). F is by regressor; with several instrumented ones each
may be strong alone and weak together.

Uses: productivity on integration, patents on membership, papers on money, spillovers of technology
and of ties, quality on joint work with and without effects of owners.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.analysis.estimators.absorb import own_part, residuals
from ydsim.analysis.estimators.estimate import (
    Fit,
    clusters_of,
    counted_coefficients,
    f_statistic,
    sandwich,
)
from ydsim.analysis.estimators.table import (
    Data,
    Key,
    Sample,
    name_of,
    sample_of,
    without_lone_rows,
)
from ydsim.measures.gravity import swept
from ydsim.typing import Bools, Floats


@dataclass(frozen=True)
class InstrumentedFit:
    """Two-stage least squares.

    Attributes
    ----------
    fit
        Coefficients of instrumented regressors, then of the others.
    strength
        F of the instruments for each instrumented regressor, by name.
    """

    fit: Fit
    strength: dict[str, float]


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
    sample = _sample(table, outcome, regressors, effects, cluster)
    y, x, own = _absorbed(sample, regressors, effects)
    bread, _ = swept(np.einsum("ni,nj->ij", x, x))
    b = np.einsum("ij,nj,n->i", bread, x, y)
    return fitted(sample, regressors, own, b, bread, x, y - np.einsum("np,p->n", x, b), cluster)


def fit_instrumented(
    table: Data,
    outcome: str,
    instrumented: Sequence[str],
    instruments: Sequence[str],
    regressors: Sequence[str] = (),
    *,
    effects: Sequence[Key] = (),
    cluster: Key | None = None,
) -> InstrumentedFit:
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
    sample = _sample(table, outcome, every, effects, cluster)
    raw = sample.values[:, 1:]
    v = residuals(sample.values, sample.effects)
    y, x, z = v[:, 0], v[:, 1 : 1 + len(names)], v[:, 1 + len(names) :]
    own = own_part(raw[:, : len(names)], x)
    _all_own(own, names, effects)
    others = x[:, len(instrumented) :]
    h = np.hstack([others, z])
    own_h = own_part(np.hstack([raw[:, len(instrumented) : len(names)], raw[:, len(names) :]]), h)
    _all_own(own_h, [*regressors, *instruments], effects)
    inverse, _ = swept(np.einsum("ni,nj->ij", h, h))
    first = np.einsum("ij,nj,nk->ik", inverse, h, x)
    fitted_x = np.einsum("nj,jk->nk", h, first)
    moved = own_part(x, fitted_x)
    if not moved.all():
        lost = names[int(np.flatnonzero(~moved)[0])]
        raise ValueError(
            f"column {lost!r}: the instruments {', '.join(instruments)} do not move it"
        )
    strength = {}
    at = slice(len(regressors), None)
    k = counted_coefficients(sample.effects, sample.cluster, h.shape[1])
    for j, name in enumerate(instrumented):
        off = x[:, j] - fitted_x[:, j]
        covariance = sandwich(inverse, h, off, sample.cluster, k)
        strength[name] = f_statistic(first[at, j], covariance[at, at])
    bread, _ = swept(np.einsum("ni,nj->ij", fitted_x, fitted_x))
    b = np.einsum("ij,nj,n->i", bread, fitted_x, y)
    residual = y - np.einsum("np,p->n", x, b)
    fit = fitted(sample, names, own, b, bread, fitted_x, residual, cluster)
    return InstrumentedFit(fit, strength)


def _sample(
    table: Data,
    outcome: str,
    regressors: Sequence[str],
    effects: Sequence[Key],
    cluster: Key | None,
) -> Sample:
    if not regressors:
        raise ValueError("there is no regressor")
    sample = sample_of(table, [outcome, *regressors], effects, cluster)
    return without_lone_rows(sample, effects)


def _absorbed(
    sample: Sample, regressors: Sequence[str], effects: Sequence[Key]
) -> tuple[Floats, Floats, Bools]:
    """Return outcome (n,), the regressors of their own (n, p), and which these are."""
    v = residuals(sample.values, sample.effects)
    own = own_part(sample.values[:, 1:], v[:, 1:])
    some_own(own, regressors, effects)
    return v[:, 0], v[:, 1:][:, own], own


def some_own(own: Bools, names: Sequence[str], effects: Sequence[Key]) -> None:
    """Raise ValueError where no regressor has anything of its own."""
    if not own.any():
        raise ValueError(_determined(names[0], effects))


def _all_own(own: Bools, names: Sequence[str], effects: Sequence[Key]) -> None:
    if not own.all():
        raise ValueError(_determined(names[int(np.flatnonzero(~own)[0])], effects))


def _determined(name: str, effects: Sequence[Key]) -> str:
    among = ", ".join(name_of(key) for key in effects) or "the constant"
    return f"column {name!r}: {among} and the columns before it determine it"


def fitted(
    sample: Sample,
    names: Sequence[str],
    own: Bools,
    b: Floats,
    bread: Floats,
    x: Floats,
    residual: Floats,
    cluster: Key | None,
) -> Fit:
    """Return a fit with robust errors.

    Parameters
    ----------
    sample, names
        Rows and the (p,) names of all regressors.
    own
        (p,) which have a coefficient.
    b, bread, x, residual
        Coefficients (q,), inverse squares (q, q), regressors (n, q) and residuals (n,) of these.
    cluster
        The column of clusters, for a message.
    """
    n = len(x)
    clusters = clusters_of(sample.cluster, n, "" if cluster is None else name_of(cluster))
    k = counted_coefficients(sample.effects, sample.cluster, x.shape[1])
    coefficient = np.full(len(own), np.nan)
    covariance = np.full((len(own), len(own)), np.nan)
    coefficient[own] = b
    covariance[np.ix_(own, own)] = sandwich(bread, x, residual, sample.cluster, k)
    lost = tuple(
        f"{name}: determined by the effects and the columns before it"
        for name, there in zip(names, own, strict=True)
        if not there
    )
    free = n - k if sample.cluster is None else clusters - 1
    dropped = sample.dropped + lost
    return Fit(tuple(names), coefficient, covariance, n, clusters, free, dropped)
