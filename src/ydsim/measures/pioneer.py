"""Who comes first: shares of first adoptions, and lead time.

    f_g = sum_k n_kg / n_k / K
    l_x = t_x(rest) - t_x(own)

Symbols: f_g share of group g in first adoptions, without unit; n_k adopters of technology k in
the quarter in which it is first adopted, n_kg of them in group g; K technologies that anyone
adopts; l_x lead time in the unit of time; t_x time at which a share x of those who can has
adopted.

Source: assumed; first adopters as the innovators of Rogers (2003, Diffusion of Innovations).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import labels, numbers
from ydsim.measures.diffusion import time_to
from ydsim.measures.groups import sums
from ydsim.typing import Floats


def first_adoption_shares(
    technology: ArrayLike, group: ArrayLike, time: ArrayLike, n_groups: int
) -> Floats:
    """Return the share f (n_groups,) of each group in first adoptions; NaN without adoptions.

    Parameters
    ----------
    technology
        (A,) identity of the technology of each adoption.
    group
        (A,) group of its adopter, such as a province, from 0.
    time
        (A,) time of it, such as a quarter. Adopters of one time share the first place.
    n_groups
        The number of groups.
    """
    when = numbers("time", time)
    if np.shape(technology) != when.shape:
        raise ValueError(f"technology must have {len(when)} entries")
    g = labels("group", group, len(when), n_groups)
    if len(when) == 0:
        return np.full(n_groups, np.nan)
    known, which = np.unique(technology, return_inverse=True)
    number = len(known)
    earliest = np.full(number, np.inf)
    np.minimum.at(earliest, which, when)
    first = when == earliest[which]
    together = np.bincount(which[first], minlength=number)
    share = sums(g[first], 1.0 / together[which[first]], n_groups)
    parts: Floats = share / share.sum()
    return parts


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
