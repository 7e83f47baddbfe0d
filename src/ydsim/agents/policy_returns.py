"""Returns of policies with a budget: money that they have paid, launches of what they paid for."""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.state import State
from ydsim.typing import Bools, Ints

MOST: Final = 32
"""Most policies with returns: a project remembers each as one bit."""


def credit(state: State, policy: str, money: float, paid_for: Ints) -> None:
    """Add sampled money to the returns of a policy and mark the projects ``paid_for`` with it.

    A policy has the bit of its place in `State.returns`, where it is from its first payment on.
    """
    returns = state.returns
    if policy not in returns:
        if len(returns) == MOST:
            raise ValueError(f"policies.{policy}: more than {MOST} policies with a budget")
        returns[policy] = np.zeros(2)
    returns[policy][0] += money / state.scale
    state.projects.paid_by[paid_for] |= np.uint32(1 << list(returns).index(policy))


def count_launches(state: State, launched: Bools) -> None:
    """Add launches, at scale 1, to the returns of the policies that have paid for them."""
    if not state.returns:
        return
    paid_by = state.projects.paid_by[launched]
    for bit, returns in enumerate(state.returns.values()):
        returns[1] += float((paid_by >> np.uint32(bit) & np.uint32(1)).sum()) / state.scale
