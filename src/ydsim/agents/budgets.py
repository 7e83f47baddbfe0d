"""Budgets: what policies offer, are asked for, pay and have left, by province.

    budget  = strength * s * amount / 4                of a quarter; amount in 100m_rmb a year
    left_p  = (budget - taken) w_p / sum of w          w own R&D of firms where they take part

Asked for and taken up are known by province, a budget is one for all. What is left of it stays with
the payers; it is noted by provinces as their firms do R&D (assumed; evenly where they do none), so
that taken and left over sum to the budget. Less than 1e-9 of a budget is rounding: nothing is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ydsim.agents.ledger import Government
from ydsim.agents.state import State
from ydsim.measures.groups import sums
from ydsim.typing import Floats

LEAST_LEFT: Final = 1e-9
"""Part of a budget below which what is left of it is rounding."""


def of_quarter(amount: float, strength: float, scale: float) -> float:
    """Return the budget of a quarter, 100m_rmb sampled, of ``amount`` a year at scale 1."""
    return strength * scale * amount / 4.0


def takes_part(state: State, cities: Floats | float) -> Floats:
    """Return (P,) 1 for provinces with cities that a policy is for; ``cities`` (C,) is 0-1."""
    world = state.world
    weight = sums(world.city_province, np.zeros(world.n_cities) + cities, world.n_provinces)
    return (weight > 0.0).astype(np.float64)


def note_budget(
    state: State,
    policy: str,
    payers: Mapping[Government, float],
    budget: float,
    asked: Floats,
    taken: Floats,
    where: Floats | float = 1.0,
) -> None:
    """Note what a budget was asked for and has paid, (P,), and what is left of it.

    ``where`` (P,) says which provinces it is for; all in 100m_rmb sampled.
    """
    if budget <= 0.0 and not asked.any() and not taken.any():
        return
    firms, takes = state.firms, np.zeros(state.world.n_provinces) + where
    weight = takes * state.by_province(firms, state.organisations.rd[firms])
    if not weight.any():
        weight = takes if takes.any() else np.ones(len(takes))
    rest = budget - float(taken.sum())
    left = (rest if rest > LEAST_LEFT * budget else 0.0) * weight / weight.sum()
    state.ledger.offer(policy, payers, asked, taken, left)
