"""Supply of researchers: who begins, who comes for pay, and what scarcity does to pay.

    N       = max(0, S_0 (F_t - F_{t-1} exp(-retirement / 4)) / F_0)
    come_c  = n S'_c (theta_c^elasticity - 1),     n = N / sum S',  -new_c <= come_c <= lack_c
    theta'  = theta^(1 - a) r^a,                   a = 1 - exp(-speed / 4)
    r       = D / S, between 1/4 and 4; 1 where D is 0, else 4 where S is 0

Symbols: N those who begin in the region in a quarter, FTE; F official FTE of R&D personnel of the
region; S_0 researchers of its cities when the run began; S' those of a city after retirement; theta
pay over that of the province; D researchers asked for at the pay of the province, S those there
are; lack what D leaves open, new those who begin there anyway; ``elasticity`` of numbers that begin
to pay.
"""

from __future__ import annotations

import math

import numpy as np

from ydsim.typing import Floats, Ints

LEAST_PAY, MOST_PAY = 0.25, 4.0


def beginners(start: float, index: float, before: float, retirement: float) -> float:
    """Return N, FTE; ``index`` is F over F_0 and ``before`` that of the quarter before."""
    return max(start * (index - before * math.exp(-retirement / 4.0)), 0.0)


def drawn_by_pay(stock: Ints, rate: float, pay: Floats, elasticity: float) -> Floats:
    """Return n S' (theta^elasticity - 1), FTE a quarter, below zero where pay is below one."""
    with np.errstate(over="ignore"):
        factor = np.minimum(pay**elasticity, 1e9)
    drawn: Floats = rate * stock * (factor - 1.0)
    return drawn


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
