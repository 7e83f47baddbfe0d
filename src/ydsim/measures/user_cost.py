"""User cost of R&D: what a deduction is worth, and how much of the response is on paper.

    B(d)           = (1 - tau (1 + d)) / (1 - tau)
    real           : R ~ cost^(-(1 - rho) e)
    reported over real = cost^(-rho e)                 so that reported R&D ~ cost^(-e)

Symbols: B the B-index of Warda, after-tax cost of one yuan of R&D over the after-tax yuan; tau
profit tax; d deduction beyond cost; cost user cost relative to 2011; e elasticity; rho relabelled
part of the response. Only what is cheaper than in 2011 is relabelled for: where R&D is dearer the
whole response is real, and what is reported is real.
"""

from __future__ import annotations

import numpy as np

from ydsim.typing import Floats


def b_index(tax: float, deduction: float) -> float:
    """Return B, the user cost of R&D before its other components."""
    return (1.0 - tax * (1.0 + deduction)) / (1.0 - tax)


def relabelled_part(cost: Floats, relabelled: Floats) -> Floats:
    """Return rho: the part of the response that is on paper, none where R&D is not cheaper."""
    return np.where(cost < 1.0, relabelled, 0.0)


def reported_over_real(cost: Floats, relabelled: Floats, elasticity: float) -> Floats:
    """Return reported over real R&D, at least 1; exactly 1 without a cut in cost."""
    return np.exp(-elasticity * relabelled_part(cost, relabelled) * np.log(cost))
