"""Delete ties: pairs of organisations part and do not work together again.

    lost_i   = the partner j of i with the smallest h_ij
    apart_ij = treated_i and j = lost_i       of organisations
             = treated_ij                     of pairs

h_ij is one draw for i and j. Units are living targeted organisations that have a tie to a living
one, or the ties between two of them. The tie is deleted and does not come back, neither by joint
work nor by a consortium; in a live project of both the one that does not own it leaves, and of two
partners the later one. From then on neither sees the other as a candidate, nor a project in which
the other takes part. That of one organisation is the loss of its partner too, so that a unit that
is not treated can lose a tie; the record names both ends.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.projects import PARTNERS
from ydsim.agents.search import Search
from ydsim.agents.state import State
from ydsim.agents.ties import pair_key
from ydsim.noise import identity
from ydsim.scenario.schema.sections.shocks import DeleteTies
from ydsim.shocks.assignments import Assignment, assignment, named
from ydsim.shocks.lottery import Lottery, pair_of
from ydsim.shocks.units import Scene
from ydsim.typing import Bools, Ints


def delete_ties(scene: Scene, shock: DeleteTies, lottery: Lottery) -> Assignment:
    """Part the treated organisations from a partner each, or the treated pairs."""
    state = scene.state
    keys, city = state.organisations.key, state.organisations.city
    fits = scene.organisations(shock.target)
    if shock.unit == "pair":
        one, other = _ties_of(state, fits)
        treated = lottery.treated(pair_of(keys[one], keys[other]))
    else:
        one, other = _lost(state, fits, lottery)
        treated = lottery.treated(keys[one])
    separate(state, one[treated], other[treated])
    names = state.world.city_names
    return assignment(
        shock,
        state.quarter,
        treated,
        key=keys[one],
        other=keys[other],
        place=named(names, city[one]),
        other_place=named(names, city[other]),
    )


def _ties_of(state: State, fits: Bools) -> tuple[Ints, Ints]:
    """Return the ends of the ties between organisations that fit."""
    a, b = state.ties.a, state.ties.b
    both = fits[a] & fits[b]
    return a[both], b[both]


def _lost(state: State, fits: Bools, lottery: Lottery) -> tuple[Ints, Ints]:
    """Return the rows that fit and have a living partner, and which partner each would lose."""
    keys, alive, noise = state.organisations.key, state.organisations.alive, lottery.noise
    a, b = state.ties.a, state.ties.b
    one, other = np.concatenate([a, b]), np.concatenate([b, a])
    some = fits[one] & alive[other]
    one, other = one[some], other[some]
    h = noise.uniform(identity(lottery.ids(keys[one]), keys[other]), 1)
    order = np.lexsort((keys[other], h, one))
    rows, first = np.unique(one[order], return_index=True)
    return rows, other[order][first]


def separate(state: State, one: Ints, other: Ints) -> None:
    """Delete the ties of pairs, bar them for ever, and let partners leave live projects."""
    if len(one) == 0:
        return
    ties, projects = state.ties, state.projects
    ties.bar(pair_key(one, other))
    shared = np.flatnonzero(projects.shared)
    group = np.hstack([projects.owner[shared, None], projects.members[shared]])
    stays = group >= 0
    for later in range(1, PARTNERS + 1):
        for earlier in range(later):
            both = np.flatnonzero(stays[:, later] & stays[:, earlier])
            apart = ties.apart(group[both, later], group[both, earlier])
            stays[both[apart], later] = False
    left = (group[:, 1:] >= 0) & ~stays[:, 1:]
    some = np.flatnonzero(left.any(axis=1))
    projects.close_up(shared[some], left[some])


def hide_barred(state: State, search: Search) -> None:
    """Take off the lists of seekers whom a member of their project may not work with."""
    ties, seekers, seen = state.ties, search.seekers, search.seen
    if len(ties.barred) == 0:
        return
    i, slot = np.nonzero((seen.row >= 0) & (seen.place < state.world.n_cities))
    row = seen.row[i, slot]
    hidden = ties.apart(seekers.row[i], row)
    members = state.projects.members[seekers.project]
    for place in range(PARTNERS):
        member = members[i, place].astype(np.int64)
        there = np.flatnonzero(member >= 0)
        hidden[there] |= ties.apart(member[there], row[there])
    seen.row[i[hidden], slot[hidden]] = -1
