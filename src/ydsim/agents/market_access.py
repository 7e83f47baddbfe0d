"""Market access: what firms of a place can sell to.

    M_jc    = exp(v_jc) * sum over q of D_q tau_pq^(sigma - 1)             p the province of c
    acc_jc  = log(M_jc / M0_jc)

Symbols: D_q demand of a destination, tau part of value that arrives, sigma elasticity of
substitution, v shift of the log weight of goods (all of `ydsim.processes.compete`). M0 is that of
the same quarter and demand under borders and protection without policies and v without shocks: so
acc is exactly zero where no policy and no shock touches markets.

M is what firms of a place can reach, whoever else sells there; their sales have both
(`ydsim.processes.compete`). Productivity that firms catch up with answers access, through scale, by
`compete.market_access` (`ydsim.processes.compete`).

Source: productivity falls with segmentation, through scale, R&D, state shares and rent-seeking
(evidence m2). The form is assumed.
"""

from __future__ import annotations

import numpy as np

from ydsim.typing import Floats


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
