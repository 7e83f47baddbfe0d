"""Sizes of firms by reported sales: small, medium and large.

    y_i = 4 b S_i     reported sales a year, 100m_rmb; S sales of the quarter on a value-added basis
    small y <= y_1, medium y_1 < y <= y_2, large y > y_2

Classes and bounds are those of the certificate of high-technology enterprises (2016 measures).
"""

from __future__ import annotations

import numpy as np

from ydsim.typing import Floats, Ints


def reported_sales(sales: Floats, basis: float) -> Floats:
    """Return reported sales a year from sales of a quarter."""
    yearly: Floats = 4.0 * basis * sales
    return yearly


def size_class(reported: Floats, small: float, large: float) -> Ints:
    """Return 0, 1 or 2 for small, medium and large firms."""
    size: Ints = (reported > small).astype(np.int64) + (reported > large)
    return size
