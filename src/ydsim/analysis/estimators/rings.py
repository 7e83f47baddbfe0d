"""Rings: how far from a treated place its effect reaches.

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
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ydsim.analysis.estimators.estimate import Estimate, Fit
from ydsim.analysis.estimators.table import Data, numbers
from ydsim.typing import Bools, Floats


def ring_names(edges: Sequence[float]) -> tuple[str, ...]:
    """Return the names of rings between edges, km, such as "ring_0_100"."""
    _check_edges(edges)
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
    _check_distance(distance, len(date), "date")
    never = np.where(np.isnan(date), np.inf, date)
    apart = distance.astype(np.float64, copy=True)
    np.fill_diagonal(apart, np.inf)
    near = [np.where(never <= t, apart, np.inf).min(axis=1) for t in times.tolist()]
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
    _check_distance(distance, len(treatment), "treatment")
    others = ~np.eye(len(distance), dtype=np.bool_)
    found = {}
    for name, (a, b) in zip(names, pairwise(edges), strict=True):
        inside: Bools = (distance >= a) & (distance < b) & others
        found[name] = np.einsum("pq,qt->pt", inside.astype(np.float64), treatment)
    return found


def reach(
    fit: Fit, table: Data, outcome: str, own: str, others: Sequence[str], *, part: bool = False
) -> Estimate:
    """Return the total effect over the own one, from a Poisson fit on own and rings' treatments.

    Parameters
    ----------
    fit
        Of ``outcome`` on the columns ``own`` and ``others`` at least.
    table
        What was fitted.
    own, others
        Columns G_0 and G_r. For a share outside a region let some be rings inside it, and others
        outside.
    part
        Return the part of ``others`` over the own effect alone, without the own effect's one.

    Raises
    ------
    ValueError
        When a column is unknown.
    """
    mass = _masses(table, outcome, (own, *others))
    below = {own: mass[own]}
    above = {name: mass[name] for name in others}
    return fit.ratio(above if part else {**below, **above}, below)


def share_of(
    fit: Fit, table: Data, outcome: str, chosen: Sequence[str], every: Sequence[str]
) -> Estimate:
    """Return the share of chosen columns in the total effect of every column, as in `reach`.

    Raises
    ------
    ValueError
        When a column is unknown, or a chosen one is not among all.
    """
    mass = _masses(table, outcome, every)
    lost = [name for name in chosen if name not in mass]
    if lost:
        raise ValueError(f"column {lost[0]!r} is not among {', '.join(every)}")
    return fit.ratio({name: mass[name] for name in chosen}, mass)


def _masses(table: Data, outcome: str, names: Sequence[str]) -> dict[str, float]:
    """Return M of the columns by name, over the rows that have all of them."""
    columns = np.stack([numbers(table, name) for name in (outcome, *names)])
    whole = columns[:, ~np.isnan(columns).any(axis=0)]
    return {name: float((whole[0] * g).sum()) for name, g in zip(names, whole[1:], strict=True)}


def _check_edges(edges: Sequence[float]) -> None:
    if len(edges) < 2 or any(b <= a for a, b in pairwise(edges)):
        raise ValueError(f"edges of rings must rise, and be two at least: {list(edges)}")


def _check_distance(distance: Floats, places: int, what: str) -> None:
    if distance.shape != (places, places):
        raise ValueError(f"distance has the shape {distance.shape}, {what} has {places} places")
