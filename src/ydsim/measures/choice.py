"""Choice among candidates with Gumbel distributed taste.

    U_k   = V_k + G_k,   G_k = -ln(-ln u_k)
    P(k)  = exp(V_k) / sum exp(V) (1 - exp(-sum exp(V - u_0)))                      k is proposed to
    P(a)  = 1 - exp(-exp(V' - u_0))                                                 and accepts

Symbols: V utility of a candidate before taste, V' that of the proposer for the candidate, u_0
reserve of both, u uniform. Utility is in units of the scale of taste, the normalisation of a logit:
one unit is a factor e on odds. The largest of Gumbel variables and which of them is largest are
independent (McFadden 1974), so that both factors of P(k) hold together.
"""

from __future__ import annotations

import numpy as np

from ydsim.measures.groups import quotient, rank_within
from ydsim.typing import Bools, Floats, Ints, Keys


def expected(proposed: Floats, v_other: Floats, reserve: float) -> Floats:
    """Return the probability that candidates are proposed to and accept, from that of the first."""
    accepted: Floats = -np.expm1(-np.exp(v_other - reserve))
    return proposed * accepted


def proposal_probability(
    v: Floats, valid: Bools, reserve: float, one: Ints | None = None
) -> Floats:
    """Return the probability that each candidate is the best and above the reserve, (N, K).

    Rows of the same number in ``one`` (N,) make one proposal together; each its own without it.
    """
    odds = np.where(valid, np.exp(np.where(valid, v, 0.0) - reserve), 0.0)
    total = odds.sum(axis=1, keepdims=True)
    if one is not None and len(one):
        total = np.bincount(one, weights=total[:, 0])[one][:, None]
    share = quotient(odds, total)
    return share * -np.expm1(-total)


def gumbel(u: Floats) -> Floats:
    """Return standard Gumbel draws from uniforms."""
    return -np.log(-np.log(u))


def chosen(u_seeker: Floats, valid: Bools, reserve: float) -> Ints:
    """Return the column of the best valid candidate above the reserve, -1 for none."""
    if u_seeker.size == 0:
        return np.full(len(u_seeker), -1, dtype=np.int64)
    utility = np.where(valid, u_seeker, -np.inf)
    best = utility.argmax(axis=1)
    above = utility[np.arange(len(best)), best] > reserve
    return np.where(above, best, -1)


def drawn_along(weight: Floats, order: Ints, u: Floats) -> Ints:
    """Return a column of each row drawn by weight along ``order``; -1 where all weigh nothing."""
    edges = np.cumsum(weight[:, order], axis=1)
    total = edges[:, -1]
    column = (edges[:, :-1] <= (u * total)[:, None]).sum(axis=1)
    return np.where(total > 0.0, order[column], -1)


def agreed(joint: Floats, one: Ints, room: Ints, key: Keys) -> Bools:
    """Return which proposals to ``one`` fit into its room, those of larger joint utility first."""
    fits: Bools = np.bincount(one, minlength=len(room))[one] <= room[one]
    contested = np.flatnonzero(~fits)
    order = contested[np.lexsort((key[contested], -joint[contested], one[contested]))]
    fits[order] = rank_within(one[order]) < room[one[order]]
    return fits
