"""Supply of researchers: who begins, and what scarcity does to pay.

    N       = max(0, n + min(s (m - 1), max(0, sum D - sum S' - n)))
    s       = S_0 F_t / F_0,     n = s - sum S',     m = sum S' theta^elasticity / sum S'
    theta'  = theta^(1 - a) r^a,                   a = 1 - exp(-speed / 4)
    r       = D / S, between 1/4 and 4; 1 where D is 0, else 4 where S is 0

Symbols: N those who begin in the region in a quarter, FTE; s their supply at official pay, F
official FTE of R&D personnel of the region, S_0 researchers of its cities when the run began; S'
those of a city after retirement; theta pay over that of the province, which is official; m what pay
makes of the supply, ``elasticity`` that of the stock of researchers to pay; D researchers asked for
at the pay of the province, S those there are. Pay draws no more than there are posts.

So official personnel is the supply at official pay, and money that raises pay brings more people in
time: of one per cent more money 1 / (1 + elasticity) per cent remains pay.
"""

from __future__ import annotations

import math

import numpy as np

from ydsim.typing import Floats, Ints

LEAST_PAY, MOST_PAY = 0.25, 4.0


def answer_to_pay(pay: Floats, elasticity: float) -> Floats:
    """Return theta^elasticity, at most 1e9."""
    with np.errstate(over="ignore"):
        factor: Floats = np.minimum(pay**elasticity, 1e9)
    return factor


def beginners(official: float, stock: float, demand: float, answer: float) -> float:
    """Return N of s, the sum of S' and the sum of D, all in FTE, and m."""
    begin = official - stock
    room = max(0.0, demand - stock - begin)
    return max(0.0, begin + min(official * (answer - 1.0), room))


def pay_after(pay: Floats, demand: Floats, stock: Ints, speed: float) -> Floats:
    """Return theta', which clears the market in the end.

    Where nobody is asked for pay goes back to one; where somebody is and nobody is there it goes
    towards the most.
    """
    empty = np.where(demand > 0.0, MOST_PAY, 1.0)
    clearing = np.divide(demand, stock, out=empty, where=(stock > 0) & (demand > 0.0))
    part = -math.expm1(-speed / 4.0)
    log = (1.0 - part) * np.log(pay) + part * np.log(np.clip(clearing, LEAST_PAY, MOST_PAY))
    moved: Floats = np.clip(np.exp(log), LEAST_PAY, MOST_PAY)
    return moved
