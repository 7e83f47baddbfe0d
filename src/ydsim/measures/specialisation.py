"""Specialisation of places: location quotients and differences of structure.

    LQ_ij = (x_ij / x_i.) / (x_.j / x_..)
    K_i   = sum_j |x_ij / x_i. - sum_{h != i} x_hj / sum_{h != i} x_h.|
    K_ih  = sum_j |x_ij / x_i. - x_hj / x_h.|

Symbols: x_ij size of industry or field j in place i, in any unit, not negative; a dot is a sum.
LQ is above one where a place has more of an industry than all places together. K, from 0 (one
structure) to 2 (nothing in common), compares a place with all others together, or two places.

Sources: Krugman (1991, Geography and Trade), who compares places two by two; against all others as
in Midelfart-Knarvik et al. (2000, The Location of European Industry).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import numbers, quotient
from ydsim.typing import Floats


def location_quotients(sizes: ArrayLike) -> Floats:
    """Return quotients LQ (n, k) of sizes (n, k); NaN for a place or an industry without size."""
    x = numbers("sizes", sizes, ndim=2, low=0.0)
    return quotient(_shares(x), _shares(x.sum(axis=0, keepdims=True)))


def krugman(sizes: ArrayLike) -> Floats:
    """Return K (n,) of each place against all others; NaN where either side has no size."""
    x = numbers("sizes", sizes, ndim=2, low=0.0)
    others = np.array([np.delete(x, i, axis=0).sum(axis=0) for i in range(len(x))])
    gap: Floats = np.abs(_shares(x) - _shares(others.reshape(x.shape))).sum(axis=1)
    return gap


def _shares(x: Floats) -> Floats:
    return quotient(x, x.sum(axis=1, keepdims=True))
