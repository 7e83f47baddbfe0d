"""How far effects reach, and what research gives to others: rings and pools.

Rings, how far from a treated place its effect reaches:

    near_pt = min over treated q != p with T_q <= t of d_pq,   D_r,pt = 1[e_r <= near_pt < e_(r+1)]
    G_r,pt  = sum_(q != p) 1[e_r <= d_pq < e_(r+1)] g_qt
    total / own = sum_r b_r M_r / (b_0 M_0),   M_r = sum_n y_n G_r,n

Symbols: d distance, km, or any other, such as that of fields; T date of treatment; e edges of
rings; g treatment of a place, such as grants in a year; b coefficients of a Poisson fit of y on
G_0, the place's own treatment, and on G_r, that of rings. b_r M_r is what treatments in ring r add
to all outcomes at the margin: the sum of fitted outcomes times G_r, which by the first-order
conditions of the fit is that of outcomes themselves. The interval takes M as given (delta method).
Reading of Myers and Lanahan 2022 (patents of others for each patent of a grantee) and of rings
around lines (Zhao and Li 2023).

Pools of what others know, and social over private returns:

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

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from ydsim.studies.estimators.columns import Data, numbers
from ydsim.studies.estimators.estimate import Estimate, Fit
from ydsim.typing import Bools, Floats

DEPRECIATION = 0.15
"""Of knowledge, a year: Bloom, Schankerman and Van Reenen 2013."""

GROWTH = 0.05
"""Of research before the first year, a year: assumed."""


def ring_names(edges: Sequence[float]) -> tuple[str, ...]:
    """Return the names of rings between edges, km, such as "ring_0_100".

    Raises
    ------
    ValueError
        When edges do not rise.
    """
    if len(edges) < 2 or any(b <= a for a, b in pairwise(edges)):
        raise ValueError(f"edges of rings must rise, and be two at least: {list(edges)}")
    return tuple(f"ring_{a:g}_{b:g}" for a, b in pairwise(edges))


def nearest_treated(distance: Floats, date: Floats, times: Floats) -> Floats:
    """Return the distance (P, T) to the nearest other treated place, infinite where there is none.

    Parameters
    ----------
    distance
        (P, P), km.
    date
        (P,) date from which a place is treated, NaN or infinite for never.
    times
        (T,) dates.
    """
    _require_square(distance, len(date), "distance", f"date has {len(date)} places")
    apart = np.where(np.eye(len(date), dtype=np.bool_), np.inf, distance)
    near = [np.where(date <= t, apart, np.inf).min(axis=1) for t in times.tolist()]
    return np.stack(near, axis=1)


def ring_dummies(
    distance: Floats, date: Floats, times: Floats, edges: Sequence[float]
) -> dict[str, Floats]:
    """Return dummies (P, T) of the ring in which the nearest other treated place is, by name.

    Parameters
    ----------
    distance, date, times
        As in `nearest_treated`.
    edges
        Of rings, km, rising; a ring holds its lower edge.

    Raises
    ------
    ValueError
        When edges do not rise or shapes differ.
    """
    names = ring_names(edges)
    near = nearest_treated(distance, date, times)
    return {
        name: ((near >= a) & (near < b)).astype(np.float64)
        for name, (a, b) in zip(names, pairwise(edges), strict=True)
    }


def ring_sums(distance: Floats, treatment: Floats, edges: Sequence[float]) -> dict[str, Floats]:
    """Return sums (P, T) of treatments of other places in each ring, by name.

    Parameters
    ----------
    distance
        (P, P), km.
    treatment
        (P, T), in any unit.
    edges
        As in `ring_dummies`.

    Raises
    ------
    ValueError
        When edges do not rise or shapes differ.
    """
    names = ring_names(edges)
    places = len(treatment)
    _require_square(distance, places, "distance", f"treatment has {places} places")
    return {
        name: pool((distance >= a) & (distance < b), treatment)
        for name, (a, b) in zip(names, pairwise(edges), strict=True)
    }


def reach(
    fit: Fit, table: Data, outcome: str, above: Sequence[str], below: Sequence[str]
) -> Estimate:
    """Return what treatments of some columns add to all outcomes, over what others add.

    Parameters
    ----------
    fit
        A Poisson fit of ``outcome`` on these columns at least.
    table
        What was fitted.
    above, below
        Columns G. The own and all rings over the own one is the total for one of a place's own;
        rings outside a region over all columns are the share that leaves it.

    Raises
    ------
    ValueError
        When a column is unknown.
    """
    names = list(dict.fromkeys([*above, *below]))
    columns = np.stack([numbers(table, name) for name in (outcome, *names)])
    whole = columns[:, ~np.isnan(columns).any(axis=0)]
    mass = {name: float((whole[0] * g).sum()) for name, g in zip(names, whole[1:], strict=True)}
    return fit.ratio({name: mass[name] for name in above}, {name: mass[name] for name in below})


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
    found = research.astype(np.float64)
    found[:, 0] /= depreciation + growth
    for t in range(1, found.shape[1]):
        found[:, t] += (1.0 - depreciation) * found[:, t - 1]
    return found


def closeness(shares: Floats) -> Floats:
    """Return the cosine (N, N) of rows of shares (N, F); zero for a row of zeros and for itself.

    Raises
    ------
    ValueError
        When a share is negative or not finite.
    """
    unit = _directions(shares)
    cosine: Floats = np.einsum("if,jf->ij", unit, unit)
    np.fill_diagonal(cosine, 0.0)
    return cosine


def _directions(shares: Floats) -> Floats:
    """Return rows of length one, or zero."""
    if not np.isfinite(shares).all() or (shares < 0.0).any():
        raise ValueError("shares of fields must be finite and not negative")
    size = np.sqrt((shares**2).sum(axis=1))
    unit: Floats = shares / np.where(size > 0.0, size, 1.0)[:, None]
    return unit


def nearness(distance: Floats, reach: float) -> Floats:
    """Return exp(-distance / reach) (N, N), zero for itself; distance (N, N) and reach in km.

    Raises
    ------
    ValueError
        When reach is not above zero.
    """
    if reach <= 0.0:
        raise ValueError(f"reach must be above zero: {reach}")
    near: Floats = np.exp(-distance / reach)
    np.fill_diagonal(near, 0.0)
    return near


def pool(weights: Floats | Bools, stocks: Floats) -> Floats:
    """Return pools (N, T) of others' stocks (N, T) by weights (N, N), whose diagonal is not read.

    Raises
    ------
    ValueError
        When shapes differ.
    """
    _require_square(weights, len(stocks), "weights", f"stocks {len(stocks)} rows")
    others = weights.astype(np.float64)
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
    unit = _directions(shares)
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

    _require_square(ties, len(ties), "ties", "a square one is needed")
    steps = shortest_path(csr_array(ties.astype(np.float64)), directed=False, unweighted=True)
    last = len(ties) if farthest is None else farthest
    far: Bools = np.isfinite(steps) & (steps >= nearest) & (steps <= last)
    return far


def margin_weight(output: Floats, stocks: Floats, pools: Floats, received: Floats) -> float:
    """Return the w of a pool in one year.

    Parameters
    ----------
    output, stocks, pools, received
        (N,) Y, S, the pool, and the sum over j of its weights W_ij. Firms without a pool or a stock
        do not count in the sum that needs it.

    Raises
    ------
    ValueError
        When no firm has both output and a stock.
    """
    above = np.divide(output * received, pools, out=np.zeros(len(output)), where=pools > 0.0)
    below = np.divide(output, stocks, out=np.zeros(len(output)), where=stocks > 0.0).sum()
    if below == 0.0:
        raise ValueError("no firm has both output and a stock")
    return float(above.sum() / below)


def social_over_private(
    fit: Fit, own: str, pools: Mapping[str, float], *, stolen: float = 0.0
) -> Estimate:
    """Return the social over the private return, delta method.

    Parameters
    ----------
    fit, own
        With the elasticities of pools and of the own stock, whose name is ``own``.
    pools
        The coefficients of pools and their w, one where firms are alike.
    stolen
        Elasticity by which the firm gains from rivals, taken as given.

    Raises
    ------
    ValueError
        When a coefficient is unknown.
    """
    return fit.ratio({own: 1.0, **pools}, {own: 1.0}, stolen)


def _require_square(matrix: Floats | Bools, n: int, what: str, other: str) -> None:
    if matrix.shape != (n, n):
        verb = "have" if what.endswith("s") else "has"
        raise ValueError(f"{what} {verb} the shape {matrix.shape}, {other}")
