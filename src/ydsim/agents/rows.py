"""Rows of organisations: what refers to them follows where they move.

A firm that moves to another city opens a new row. The dead keep theirs while something refers to
them, for some quarters; at the beginning of a year the other rows of the dead are cleared, and
those behind them move up in their order. At the region's real size the dead of a run would soon
outnumber the living. No rule reads the number of a row: which rows are cleared, and when, changes
nothing but time and memory.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.state import State
from ydsim.agents.ties import pair_key
from ydsim.measures.order import rows_of
from ydsim.typing import Bools, Ints

CLEARED: Final = -1
"""Where a row that is cleared moves to."""


def follow(state: State, row: Ints) -> None:
    """Let projects, ties and consortia follow to the new ``row`` of each row, (n,)."""
    projects, ties, consortia = state.projects, state.ties, state.consortia
    projects.owner[:] = row[projects.owner]
    for members in (projects.members, consortia.members):
        inside = members >= 0
        members[inside] = row[members[inside]]
    key = pair_key(row[ties.a], row[ties.b])
    order = np.argsort(key, kind="stable")
    ties.key, ties.strength = key[order], ties.strength[order]
    ties.born, ties.active = ties.born[order], ties.active[order]
    ties.barred = np.unique(pair_key(row[ties.barred >> 32], row[ties.barred & 0xFFFFFFFF]))


def clear_dead(state: State) -> Ints:
    """Clear the rows of the dead to which nothing refers; return the new row of each, (n,).

    To be called at the beginning of a quarter, when nothing has been launched or adopted in it.
    """
    table, generations, ties = state.organisations, state.generations, state.ties
    kept = table.alive | _referred_to(state)
    row = np.where(kept, np.cumsum(kept) - 1, CLEARED)
    if kept.all():
        return row
    ties.barred = ties.barred[kept[ties.barred >> 32] & kept[ties.barred & 0xFFFFFFFF]]
    follow(state, row)
    state.arena.follow(row, generations, kept)
    state.waiting.follow(row)
    founder = generations.founder
    founder[founder >= 0] = row[founder[founder >= 0]]
    state.active = row[state.active]
    state.position = state.position[kept[: len(state.position)]]
    rows = np.flatnonzero(kept)
    state.slots.move_up(rows)
    table.move_up(rows)
    state.regroup()
    return row


def rows_now(state: State) -> Ints:
    """Return the row in which the organisation of each row is at the end of the quarter, (n,).

    It differs for firms that have moved since organisations explored.
    """
    table = state.organisations
    here = np.arange(len(table), dtype=np.int64)
    gone = np.flatnonzero(table.died == state.quarter)
    new = here[len(state.position) :]
    lives = new[table.alive[new]]
    at = rows_of(table.key[gone], table.key[lives])  # they have kept their identity
    here[gone[at >= 0]] = lives[at[at >= 0]]
    return here


def _referred_to(state: State) -> Bools:
    """Return the rows to which something refers that a rule or the record may yet read."""
    refers = np.zeros(len(state.organisations), dtype=np.bool_)
    refers[state.active] = refers[state.projects.owner] = True
    refers[state.ties.a] = refers[state.ties.b] = True
    for members in (state.projects.members, state.consortia.members):
        refers[members[members >= 0]] = True
    return refers
