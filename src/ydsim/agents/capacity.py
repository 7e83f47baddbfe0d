"""Capacity: how many joint projects an organisation can hold, and room, how many more it can join.

    room_j   = floor(s_j capacity_j + 1 - s_j + u) - consortia of j, u drawn again every two years
    capacity = 1 + ln(1 + researchers / 5) for firms, 1 + researchers / 5 for science

s_j is 1 for firms and the scale for the others. Consortia of j are its own projects that have
partners or were handed over, and those of others in which it is a partner. A university faces a
sample of the firms, so that its capacity is scaled like they are, but at least one whole project
always fits.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import State
from ydsim.noise import Noise, identity
from ydsim.typing import Bools, Floats, Ints

CAPACITY_YEARS: Final = 2
"""Years after which the broken part of a capacity is rounded again."""


def capacity(researchers: Floats, firm: Bools) -> Floats:
    """Return the number of joint projects that an organisation can hold."""
    most: Floats = np.where(firm, 1.0 + np.log1p(researchers / 5.0), 1.0 + researchers / 5.0)
    return most


def room_left(state: State, lasting: Noise) -> Ints:
    """Return how many more joint projects each organisation can take part in, (n,).

    ``lasting`` are draws that do not depend on the quarter.
    """
    table, projects = state.organisations, state.projects
    rows = np.flatnonzero(table.alive)
    period = identity("capacity", table.key[rows], state.quarter // (4 * CAPACITY_YEARS))
    part = state.sample_exposure[rows]
    most = part * capacity(table.researchers[rows], table.kind[rows] == FIRM) + (1.0 - part)
    members = projects.members[projects.members >= 0]
    shared = projects.shared | projects.handed_over
    busy = np.bincount(members, minlength=len(table))
    busy += np.bincount(projects.owner[shared], minlength=len(table))
    room = np.zeros(len(table), dtype=np.int64)
    room[rows] = np.floor(most + lasting.uniform(period, 0)).astype(np.int64) - busy[rows]
    return room
