"""Pools of what others know, and social over private returns.

    S_it     = (1 - d) S_i,t-1 + R_it,   S_i0 = R_i0 / (d + growth)
    TEC_ij   = s_i . s_j / (|s_i| |s_j|)                        cosine of shares of fields
    SPACE_ij = exp(-km_ij / reach)                              space
    pool_it  = sum_(j != i) W_ij S_jt,   W = TEC, SPACE, or ties
    social / private = (b_own + sum_k w_k b_k) / (b_own + stolen)
    w_k      = sum_j sum_i Y_i W_ij / pool_i  /  sum_j Y_j / S_j

Symbols: R research, 1 million yuan a year; S stock, 1 million yuan; d depreciation, .15 a year;
growth of research before the first year, assumed; s shares of technology fields; b elasticities of
output Y with respect to the own stock and to pools; stolen what the firm takes from rivals, an
elasticity, zero where rivalry is not estimated.

Jaffe 1986; Bloom, Schankerman and Van Reenen 2013 (doi 10.3982/ECTA9466), whose SPILLTEC is the
pool of TEC and SPILLSIC that of shares of sales by industry; Zacchia 2019 for ties. The margin of a
yuan of j is b_own Y_j / S_j for j itself and sum_i b_k Y_i W_ij / pool_i for the others; w_k is the
ratio of the two sums, one where firms are alike, which is the default.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ydsim.analysis.estimators.estimate import Estimate, Fit, around
from ydsim.typing import Bools, Floats

DEPRECIATION = 0.15
"""Of knowledge, a year: Bloom, Schankerman and Van Reenen 2013."""

GROWTH = 0.05
"""Of research before the first year, a year: assumed."""


def stock(research: Floats, depreciation: float = DEPRECIATION, growth: float = GROWTH) -> Floats:
    """Return stocks (N, T) of research (N, T) by perpetual inventory.

    Raises
    ------
    ValueError
        When depreciation is not in (0, 1] or growth makes the first stock infinite.
    """
    if not 0.0 < depreciation <= 1.0 or depreciation + growth <= 0.0:
        raise ValueError(
            f"depreciation must be above 0 and at most 1, and above -growth: {depreciation}"
        )
    found = np.empty(research.shape, dtype=np.float64)
    held = research[:, 0] / (depreciation + growth)
    for t in range(research.shape[1]):
        held = held if t == 0 else (1.0 - depreciation) * held + research[:, t]
        found[:, t] = held
    return found


def closeness(shares: Floats) -> Floats:
    """Return the cosine (N, N) of rows of shares (N, F); zero for a row of zeros and for itself.

    Raises
    ------
    ValueError
        When a share is negative or not finite.
    """
    if not np.isfinite(shares).all() or (shares < 0.0).any():
        raise ValueError("shares of fields must be finite and not negative")
    size = np.sqrt((shares**2).sum(axis=1))
    unit = shares / np.where(size > 0.0, size, 1.0)[:, None]
    cosine: Floats = np.einsum("if,jf->ij", unit, unit)
    np.fill_diagonal(cosine, 0.0)
    return cosine


def nearness(distance: Floats, reach: float) -> Floats:
    """Return exp(-distance / reach) (N, N), zero for itself; distance (N, N) and reach in km."""
    if reach <= 0.0:
        raise ValueError(f"reach must be above zero: {reach}")
    near: Floats = np.exp(-distance / reach)
    np.fill_diagonal(near, 0.0)
    return near


def pool(weights: Floats, stocks: Floats) -> Floats:
    """Return pools (N, T) of others' stocks (N, T) by weights (N, N), whose diagonal is not read.

    Raises
    ------
    ValueError
        When shapes differ.
    """
    if weights.shape != (len(stocks), len(stocks)):
        raise ValueError(f"weights have the shape {weights.shape}, stocks {len(stocks)} rows")
    others = weights.astype(np.float64, copy=True)
    np.fill_diagonal(others, 0.0)
    found: Floats = np.einsum("ij,jt->it", others, stocks)
    return found


def pool_of_shares(shares: Floats, stocks: Floats) -> Floats:
    """Return pools (N, T) of others' stocks (N, T) by the cosine of shares (N, F).

    The same as ``pool(closeness(shares), stocks)``, without the N x N weights.

    Raises
    ------
    ValueError
        When shapes differ, or a share is negative or not finite.
    """
    if len(shares) != len(stocks):
        raise ValueError(f"shares have {len(shares)} rows, stocks {len(stocks)}")
    if not np.isfinite(shares).all() or (shares < 0.0).any():
        raise ValueError("shares of fields must be finite and not negative")
    size = np.sqrt((shares**2).sum(axis=1))
    unit = shares / np.where(size > 0.0, size, 1.0)[:, None]
    by_field = np.einsum("if,it->ft", unit, stocks)
    own = (unit**2).sum(axis=1)[:, None] * stocks
    found: Floats = np.maximum(np.einsum("if,ft->it", unit, by_field) - own, 0.0)
    return found


def far_in_network(ties: Bools, nearest: int = 3, farthest: int | None = None) -> Bools:
    """Return which pairs (N, N) are from ``nearest`` to ``farthest`` steps apart, and connected.

    The pool of their research is an instrument for the pool of ties (Zacchia 2019): it moves the
    partners' partners and not the firm itself.

    Parameters
    ----------
    ties
        (N, N), read in both directions.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import shortest_path

    if ties.shape != (len(ties), len(ties)):
        raise ValueError(f"ties have the shape {ties.shape}: a square one is needed")
    steps = shortest_path(csr_array(ties.astype(np.float64)), directed=False, unweighted=True)
    last = len(ties) if farthest is None else farthest
    far: Bools = np.isfinite(steps) & (steps >= nearest) & (steps <= last)
    return far


def margin_weight(output: Floats, stocks: Floats, weights: Floats) -> float:
    """Return the w of the module's docstring for one year.

    Parameters
    ----------
    output, stocks
        (N,) Y and S.
    weights
        (N, N) W, whose diagonal is not read. Firms without a pool or a stock do not count in the
        sum that needs it.
    """
    others = pool(weights, stocks[:, None])[:, 0]
    w = weights.astype(np.float64, copy=True)
    np.fill_diagonal(w, 0.0)
    received = np.where(others > 0.0, output / np.where(others > 0.0, others, 1.0), 0.0)
    own = np.where(stocks > 0.0, output / np.where(stocks > 0.0, stocks, 1.0), 0.0)
    below = float(own.sum())
    if below == 0.0:
        raise ValueError("no firm has both output and a stock")
    return float(np.einsum("i,ij->", received, w)) / below


def social_over_private(
    fit: Fit, own: str, pools: Mapping[str, float], *, stolen: float = 0.0
) -> Estimate:
    """Return the social over the private return, delta method.

    Parameters
    ----------
    fit
        With the elasticities of the own stock and of pools.
    own
        Its coefficient.
    pools
        The coefficients of pools and their w, one where firms are alike.
    stolen
        Elasticity by which the firm gains from rivals, taken as given.

    Raises
    ------
    ValueError
        When a coefficient is unknown.
    """
    if stolen == 0.0:
        return fit.ratio({own: 1.0, **pools}, {own: 1.0})
    private = fit[own].estimate + stolen
    value = fit.sum_of({own: 1.0, **pools}).estimate / private
    linear = fit.sum_of(
        {own: (1.0 - value) / private, **{k: w / private for k, w in pools.items()}}
    )
    return around(value, linear.se**2, fit.n, fit.clusters, fit.free, fit.dropped)
