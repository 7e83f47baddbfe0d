"""Market access: what firms of a place can sell to.

    M_jc    = exp(v_jc) * sum over q of D_q tau_pq^(sigma - 1)             p the province of c
    acc_jc  = log(M_jc / M0_jc)
    lag_jc  = mean of acc_jc over the 12 quarters that lie 8 to 19 quarters back
    upper_i = log A_i >= the upper median of log A of the firms of its industry

Symbols: D_q demand of a destination, tau part of value that arrives, sigma elasticity of
substitution, v shift of the log weight of goods (all of `ydsim.processes.compete`). M0 is that of
the same quarter and demand under borders and protection without policies and v without shocks: so
acc is exactly zero where no policy and no shock touches markets.

M is what firms of a place can reach, whoever else sells there; their sales have both
(`ydsim.processes.compete`). Two rules read it:

* R&D answers access after two to five years, in firms of the upper half of productivity, by
  `invest.market_access` (`ydsim.processes.invest`);
* productivity that firms catch up with answers access by `compete.market_access`, through scale
  (`ydsim.processes.compete`).

Sources: after a demand shock sales answer at once and patents after two to five years, only in
firms that were productive (Aghion et al. 2024, evidence m6); productivity falls with segmentation,
through scale, R&D, state shares and rent-seeking (evidence m2). The forms are assumed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.state import State
from ydsim.typing import Bools, Floats, Ints

FIRST: Final = 8
"""Quarters after which R&D begins to answer market access."""


def market_access(tau: Floats, demand: Floats, sigma: float) -> Floats:
    """Return sum over destinations of D_q tau_pq^(sigma - 1) by province, shape (P,).

    ``tau`` (P + 1, P + 1) by origin and destination, ``demand`` (P + 1,).
    """
    reached: Floats = np.einsum("oq,q->o", tau ** (sigma - 1.0), demand)
    return reached[:-1]


def log_ratio(now: Floats, plain: Floats) -> Floats:
    """Return the log of ``now`` over ``plain``, zero where one of the two is nothing."""
    known = (now > 0.0) & (plain > 0.0)
    ratio = np.divide(now, plain, out=np.ones_like(now), where=known)
    logs: Floats = np.log(np.where(known, ratio, 1.0))
    return logs


def see_markets(state: State, access: Floats) -> None:
    """Note market access of the quarter, log (J, C)."""
    market = state.market
    market.access[state.quarter % len(market.access)] = access


def access_before(state: State) -> Floats:
    """Return acc of the quarter before, (J, C)."""
    ring = state.market.access
    before: Floats = ring[(state.quarter - 1) % len(ring)]
    return before


def lagged_access(state: State) -> Floats:
    """Return the mean of acc over the quarters to which R&D answers now, (J, C)."""
    ring = state.market.access
    quarters = (state.quarter - np.arange(FIRST, len(ring))) % len(ring)
    mean: Floats = ring[quarters].mean(axis=0)
    return mean


def upper_half(value: Floats, group: Ints) -> Bools:
    """Return who has at least the upper median of ``value`` in its group."""
    order = np.lexsort((value, group))
    size = np.bincount(group)
    middle = np.cumsum(size) - size + size // 2
    bound = value[order[np.minimum(middle, len(value) - 1)]]
    upper: Bools = value >= bound[group]
    return upper
