"""Candidacy: which candidates may join a project or take it over.

    free_ij   = 1 if j lives, has room, is not the owner i and no member, and i has room or the
                project members already; room of i is not asked in a hand-over
    able_jS   = 1 if C_jS >= d chain.capability_needed, and j is a firm in a hand-over
    valid_ij  = free_ij able_jS     of a project that lacks a capability
              = free_ij             else

C_jS is the capability of j for the stage S of the project, d its difficulty
(`ydsim.agents.capability`); an
organisation of the rest of the nation is as able and as free as its stand-in, which may be a member
but not the owner.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.capability import CapabilityKeys, capability, capability_needed
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import NOBODY
from ydsim.agents.search import Candidates, Seekers
from ydsim.agents.state import State
from ydsim.measures.groups import cells
from ydsim.typing import Bools, Ints


def valid_pairs(
    state: State, seekers: Seekers, seen: Candidates, room: Ints, keys: CapabilityKeys
) -> Bools:
    """Return which candidates are there, able, free, and not in the consortium, (N, K).

    ``room`` is the number of consortia that every organisation can still join.
    """
    table, row = state.organisations, seen.row
    abroad = seen.place == state.world.n_cities
    members = state.projects.members[seekers.project]
    shared = members[:, 0] != NOBODY
    free = (room[seekers.row] > 0) | shared | seekers.hand_over
    valid: Bools = (row >= 0) & (row != seekers.row[:, None]) & (room[row] > 0) & free[:, None]
    joined = np.flatnonzero(shared)
    known = (members[joined][:, None, :] == row[joined][:, :, None]).any(axis=2)
    valid[joined] &= ~known | abroad[joined]
    valid[seekers.hand_over] &= table.kind[row[seekers.hand_over]] == FIRM
    i, slot = cells(valid & seekers.waits[:, None])
    able = capability(table, row[i, slot], seekers.stage[i], seekers.field[i], keys)
    valid[i, slot] = able >= capability_needed(state.projects, keys, seekers.project[i])
    return valid
