"""Games of opening and closing: every player has two actions, every cell is a set of the closed.

    cell            c = sum over the closed p of 2^p, so that 0 is all open; N = 2^P cells
    deviation       c xor 2^p, the cell in which p alone acts otherwise
    gain            g_cp = payoff_p(c xor 2^p) - payoff_p(c)
    equilibrium     g_cp <= 0 for all p (pure, weak)
    price           max_c sum_p payoff_p(c) / min over equilibria of the same

Payoffs are arrays of shape (N, P).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ydsim.typing import Bools, Floats, Ints

MAX_PROVINCES = 6
"""Players beyond which nobody would read, and few could compute, all cells."""


def closed_in(n: int) -> Bools:
    """Return who is closed in each cell of ``n`` players, shape (2^n, n)."""
    if not 1 <= n <= MAX_PROVINCES:
        raise ValueError(f"a game of {n} provinces: from 1 to {MAX_PROVINCES} are possible")
    return (np.arange(2**n)[:, None] >> np.arange(n)[None, :]) & 1 == 1


def cell_of(closed: Bools) -> int:
    """Return the cell in which those with True are closed."""
    return int((closed.astype(np.int64) << np.arange(len(closed))).sum())


def deviations(n: int) -> Ints:
    """Return the cell to which each player can turn each cell alone, shape (2^n, n)."""
    return np.arange(2**n)[:, None] ^ (1 << np.arange(n))[None, :]


def gains(payoff: Floats) -> Floats:
    """Return what each player gains by acting otherwise alone, shape (N, P)."""
    n = payoff.shape[1]
    return payoff[deviations(n), np.arange(n)] - payoff


def equilibria(payoff: Floats) -> list[int]:
    """Return the cells in which nobody gains by acting otherwise alone, ascending."""
    return np.flatnonzero((gains(payoff) <= 0.0).all(axis=1)).tolist()


Action = Literal["open", "closed"]


def dominant(payoff: Floats) -> list[Action | None]:
    """Return for each player the action that is strictly better whatever the others do."""
    n = payoff.shape[1]
    closed = closed_in(n)
    cells: list[Action | None] = []
    for p, gain in enumerate(gains(payoff).T):
        closing = np.where(closed[:, p], -gain, gain)
        cells.append("closed" if closing.min() > 0.0 else "open" if closing.max() < 0.0 else None)
    return cells


def best_cell(payoff: Floats) -> int:
    """Return the cell with the largest total; of equal ones that with the fewest closed."""
    total = payoff.sum(axis=1)
    best = np.flatnonzero(total == total.max())
    return int(best[np.argmin(closed_in(payoff.shape[1])[best].sum(axis=1))])


def worst_equilibrium(payoff: Floats) -> int | None:
    """Return the equilibrium with the smallest total; None where there is none."""
    cells = equilibria(payoff)
    return min(cells, key=lambda cell: float(payoff[cell].sum())) if cells else None


def replies(payoff: Floats, cell: int, hurdle: float = 0.0) -> int:
    """Return the next cell when all who gain more than ``hurdle`` act otherwise at once."""
    n = payoff.shape[1]
    turns = gains(payoff)[cell] > hurdle
    return cell_of(closed_in(n)[cell] ^ turns)


def settled(payoff: Floats, cell: int, hurdle: float = 0.0) -> list[int]:
    """Return the cells among which replies go round in the end; one where they come to rest."""
    trail = [cell]
    while (following := replies(payoff, trail[-1], hurdle)) not in trail:
        trail.append(following)
    return trail[trail.index(following) :]


@dataclass(frozen=True)
class Agreement:
    """What a body that maximises the total brings about."""

    cell: int  # the cell that is chosen
    transfers: Floats  # (P,) what each player receives, negative where it pays; the sum is zero
    # Whether the total was too small for everybody to gain, so that the players act alone.
    fell_back: bool


def agreement(payoff: Floats, cell: int, hurdle: float = 0.0) -> Agreement:
    """Return the best cell and transfers after which nobody has less than without a body.

        V_p(c) = payoff_p(c) - hurdle [p acts otherwise in c than in the present cell]
        W_p    = mean of V_p over the cells where replies from the present cell settle
        t_p    = max(0, W_p - V_p) - max(0, V_p - W_p) L / G

    L is the sum of what some lose and G of what the others gain; without L <= G players act alone.
    """
    n = payoff.shape[1]
    closed = closed_in(n)
    value = payoff - hurdle * (closed ^ closed[cell])
    alone = value[settled(payoff, cell, hurdle)].mean(axis=0)
    best = best_cell(payoff)
    if payoff[cell].sum() == payoff[best].sum():
        best = cell
    gain = value[best] - alone
    lost, won = np.maximum(-gain, 0.0), np.maximum(gain, 0.0)
    if lost.sum() > won.sum():
        return Agreement(replies(payoff, cell, hurdle), np.zeros(n), True)
    if lost.sum() == 0.0:
        return Agreement(best, np.zeros(n), False)
    return Agreement(best, lost - won * (lost.sum() / won.sum()), False)
