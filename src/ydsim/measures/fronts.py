"""Sets of points of which none is better than another in everything.

A point dominates another when it is at least as good in each objective and better in one. All
objectives are maximised here. The hypervolume of a front is the volume that its points dominate
above a reference point, by slices:

    V(points) = sum_i (x_i - x_{i+1}) V'(points 1..i without the first coordinate)

of points by falling first coordinate x_i, the reference last; V' is the volume in one dimension
less. The knee is the point of a front that lies nearest to the best of each objective, all of them
scaled to run from 0 to 1 on the front.

Source: While et al. (2006, doi 10.1109/TEVC.2005.851275), hypervolume by slicing objectives.
"""

from __future__ import annotations

import numpy as np

from ydsim.typing import Bools, Floats


def non_dominated(values: Floats) -> Bools:
    """Return which rows of (n, m) no other row dominates; equal rows are all kept."""
    found = np.ones(len(values), dtype=np.bool_)
    for at, one in enumerate(values):
        better = (values >= one).all(axis=1) & (values > one).any(axis=1)
        found[at] = not better.any()
    return found


def hypervolume(values: Floats, reference: Floats) -> float:
    """Return the volume that rows of (n, m) dominate above a reference point (m,)."""
    above = values[(values > reference).all(axis=1)]
    if not len(above):
        return 0.0
    if values.shape[1] == 1:
        return float(above.max() - reference[0])
    points = above[non_dominated(above)]
    points = points[np.argsort(-points[:, 0], kind="stable")]
    edges = np.append(points[:, 0], reference[0])
    if values.shape[1] == 2:  # second coordinates rise along the front
        return float(((edges[:-1] - edges[1:]) * (points[:, 1] - reference[1])).sum())
    total = 0.0
    for i in range(len(points)):
        width = float(edges[i] - edges[i + 1])
        if width > 0.0:
            total += width * hypervolume(points[: i + 1, 1:], reference[1:])
    return total


def knee(values: Floats) -> int:
    """Return the row of a front (n, m) that is nearest to the best of each objective."""
    low, high = values.min(axis=0), values.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    away = (((high - values) / span) ** 2).sum(axis=1)
    return int(np.argmin(np.round(away, 12)))


def growth(values: Floats) -> Floats:
    """Return the hypervolume of the first 1, 2, ... n rows as a share of that of an ideal point.

    The reference is the worst of each objective in all rows and the ideal the best, so that a share
    says how much of the box that was seen is dominated. Objectives that never differ are left out.
    """
    low, high = values.min(axis=0), values.max(axis=0)
    differing = high > low
    if not differing.any():
        return np.ones(len(values))
    scaled = ((values - low) / np.where(differing, high - low, 1.0))[:, differing]
    zero = np.zeros(scaled.shape[1])
    shares = np.empty(len(values))
    for t in range(len(values)):
        before = scaled[:t]
        if t and (before >= scaled[t]).all(axis=1).any():
            shares[t] = shares[t - 1]
            continue
        shares[t] = hypervolume(scaled[: t + 1], zero)
    return shares
