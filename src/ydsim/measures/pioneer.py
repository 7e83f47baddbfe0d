"""Who comes first: lead time.

    l_x = t_x(rest) - t_x(own)

Symbols: l_x lead time in the unit of time; t_x time at which a share x of those who can has
adopted.

Source: assumed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.diffusion import time_to


def lead_time(time: ArrayLike, own: ArrayLike, rest: ArrayLike, share: float) -> float:
    """Return how much earlier a place reaches a share of adopters than the rest.

    Parameters
    ----------
    time
        (T,) times, increasing.
    own, rest
        (T,) shares of adopters among those who can adopt, of the place and of all others.
    share
        The share x, above 0 and up to 1.

    Returns
    -------
    float
        Positive where the place leads; infinite where only it reaches the share, minus infinite
        where only the rest does, NaN where neither does.
    """
    mine, theirs = time_to(time, own, share), time_to(time, rest, share)
    if np.isnan(mine):
        return float("nan") if np.isnan(theirs) else -float("inf")
    return float("inf") if np.isnan(theirs) else theirs - mine
