"""Effort: what work projects can use in a quarter, and what their members can give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.projects import NOBODY, OUTSIDER, PARTNERS
from ydsim.agents.state import State
from ydsim.typing import Bools, Floats, Ints


@dataclass
class Work:
    """The work of a quarter before it is done, in researcher-quarters of the sample.

    Attributes
    ----------
    lacking
        (n,) projects whose consortium lacks the capability for the stage.
    waiting
        (n,) those of them that no shared facility helps.
    needed
        (n,) effort of the present stage.
    pace
        (n,) most that a project can use, zero while it waits.
    aside
        (n,) time that working with others, or looking for them, takes from each member.
    directed
        (n,) part of the pace that programmes pay for; the rest is left to the members' own time.
    time
        By organisation, what it has for projects, without what programmes pay for.
    public
        By organisation, share of its own research that governments pay.
    additional
        Share of the time for projects of others that is not taken from the organisation's own.
    """

    lacking: Bools
    waiting: Bools
    needed: Floats
    pace: Floats
    aside: Floats
    directed: Floats
    time: Floats
    public: Floats
    additional: float = 0.0

    def available(self, state: State, pace: Floats) -> Floats:
        """Return what the members of each project can give it of ``pace``."""
        projects = state.projects
        where = projects.owner, projects.members
        return time_available(self.time, *where, pace, self.additional, self.aside)


def time_available(
    time: Floats,
    owner: Ints,
    members: NDArray[np.int32],
    pace: Floats,
    additional: float = 0.0,
    aside: Floats | float = 0.0,
) -> Floats:
    """Return researcher-quarters that the members of each project can give it.

    Parameters
    ----------
    time
        Researcher-quarters that every organisation has for projects.
    owner, members
        (n,) and (n, PARTNERS) rows of the members.
    pace
        Researcher-quarters that each project can use, zero while it waits; every organisation
        divides its time between its projects in proportion.
    additional
        Share of the time for projects of others that is not taken from the organisation's own.
    aside
        (n,) researcher-quarters that each project takes from each member beside its pace.
    """
    taken = pace + aside
    own = np.bincount(owner, weights=taken, minlength=len(time))
    others = np.zeros(len(time))
    shared = np.flatnonzero(members[:, 0] != NOBODY)
    for slot in range(PARTNERS):
        member = members[shared, slot]
        theirs = taken[shared[member >= 0]]
        others += np.bincount(member[member >= 0], weights=theirs, minlength=len(time))
    load = own + (1.0 - additional) * others
    each = np.divide(time, load, out=np.zeros(len(time)), where=load > 0.0)
    most = np.maximum(load, others)  # nobody gives others more time than there is
    each_other = np.divide(time, most, out=np.zeros(len(time)), where=most > 0.0)
    given: Floats = each[owner]
    for slot in range(PARTNERS):
        member = members[shared, slot]
        share = np.where(member >= 0, each_other[np.maximum(member, 0)], 0.0)
        share = np.where(member == OUTSIDER, each[owner[shared]], share)
        given[shared] += share
    available: Floats = given * pace
    return available
