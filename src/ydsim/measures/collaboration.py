"""Collaboration index of a region: four components of flows across borders, 2011 = 100.

    K_c = (100 / n_c) sum_{k in c} y_k / b_k,      I = sum_c w_c K_c

Symbols: y_k flow k of a year, each in its unit, not negative; b_k the same flow of the base year,
fixed, not of the run that is measured; n_c number of flows in component c; w_c fixed weight of a
component, a sum of one; K_c and I index points.

The form follows the collaborative innovation index of the Yangtze River Delta, which has the
components resource sharing, innovation cooperation, results sharing and industry linkage. Neither
its flows nor its weights are printed: equal weights are assumed (they give 168.2 for 2018 from the
printed components, the printed total is 171.9).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import labels, numbers, quotient
from ydsim.typing import Floats

COMPONENTS = ("resources", "cooperation", "results", "industry")
WEIGHTS = (0.25, 0.25, 0.25, 0.25)


@dataclass(frozen=True)
class Collaboration:
    """A collaboration index."""

    total: Floats  # (...,) the index I
    components: Floats  # (..., c) the components K


def collaboration_index(
    flows: ArrayLike,
    base: ArrayLike,
    component: ArrayLike,
) -> Collaboration:
    """Return the index of ``flows`` (..., k) of a year against ``base``, (k,) or (..., k).

    Flows are not negative, in the units of the base year; ``component`` (k,) is that of each, from
    0. NaN for a component without a flow or with a flow that was zero in the base year, and for the
    total with such a component.
    """
    y = numbers("flows", flows, ndim=None, low=0.0)
    b = numbers("base", base, ndim=None, low=0.0)
    w = np.array(WEIGHTS)
    if y.ndim == 0 or b.shape not in (y.shape, y.shape[-1:]):
        raise ValueError("base must have the flows of flows")
    of = labels("component", component, y.shape[-1], len(w))
    points = 100.0 * quotient(y, np.broadcast_to(b, y.shape))
    parts = np.full((*y.shape[:-1], len(w)), np.nan)
    for c in range(len(w)):
        if (of == c).any():
            parts[..., c] = points[..., of == c].mean(axis=-1)
    return Collaboration((parts * w).sum(axis=-1), parts)
