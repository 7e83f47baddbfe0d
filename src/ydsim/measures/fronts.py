"""Sets of points of which none is better than another in everything.

A point dominates another when it is at least as good in each objective and better in one. All
objectives are maximised here. The knee is the point of a front that lies nearest to the best of
each objective, all of them scaled to run from 0 to 1 on the front.
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


def knee(values: Floats) -> int:
    """Return the row of a front (n, m) that is nearest to the best of each objective."""
    low, high = values.min(axis=0), values.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    away = (((high - values) / span) ** 2).sum(axis=1)
    return int(np.argmin(np.round(away, 12)))
