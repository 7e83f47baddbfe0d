"""The column table of live projects; finished ones are compacted away."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.table import Table
from ydsim.typing import Bools, Floats, Ints, Keys

STAGES: Final = ("applied research", "invention", "pilot", "industrialisation", "launch")
APPLIED, INVENTION, PILOT, INDUSTRIALISATION, LAUNCH = range(5)

PARTNERS: Final = 4
"""Most members of a consortium beside the owner."""

NOBODY: Final = -1
OUTSIDER: Final = -2
"""Member that belongs to the rest of the nation."""

NOT_YET: Final = -(2**15)
"""Quarter of what has not happened."""


class Projects(Table):
    """One row per live project, ordered by birth.

    The passport says for each completed stage in which city, by which kind of owner and in which
    quarter it was completed; -1 and `NOT_YET` where it was not.
    """

    key: Keys
    owner: Ints  # row of the organisation that leads it
    field: Ints
    quality: Floats  # relative to 1
    radical: NDArray[np.bool_]
    stage: Ints
    done: Floats  # researcher-quarters spent in the present stage
    born: Ints  # quarter
    members: NDArray[np.int32]  # (n, PARTNERS) rows of partners, NOBODY or OUTSIDER
    outside_kind: NDArray[np.int8]  # kind of the partner from the rest of the nation, -1 for none
    origin: NDArray[np.int8]  # kind of the first owner
    origin_city: NDArray[np.int16]  # city of the first owner
    waited: NDArray[np.int16]  # quarters of waiting for a capability
    waits: Bools  # waited in the last quarter
    handed_over: Bools  # owner has changed
    sold: Bools  # to the rest of the nation, in this quarter
    helped: Bools  # uses a shared facility this quarter
    effort: Floats  # researcher-quarters spent in all stages
    public: Floats  # of these, paid by governments
    paid_quarters: NDArray[np.int16]  # quarters in which a joint fund has paid for it
    paid_by: NDArray[np.uint32]  # one bit for each policy in `State.returns` that has paid
    stage_city: NDArray[np.int16]  # (n, 5) passport
    stage_kind: NDArray[np.int8]  # (n, 5)
    stage_end: NDArray[np.int16]  # (n, 5)

    def __init__(self) -> None:
        stages = (len(STAGES),)
        super().__init__(
            {
                "key": (np.uint64, (), 0),
                "owner": (np.int64, (), 0),
                "field": (np.int64, (), 0),
                "quality": (np.float64, (), 1.0),
                "radical": (np.bool_, (), False),
                "stage": (np.int64, (), 0),
                "done": (np.float64, (), 0.0),
                "born": (np.int64, (), 0),
                "members": (np.int32, (PARTNERS,), NOBODY),
                "outside_kind": (np.int8, (), -1),
                "origin": (np.int8, (), 0),
                "origin_city": (np.int16, (), 0),
                "waited": (np.int16, (), 0),
                "waits": (np.bool_, (), False),
                "handed_over": (np.bool_, (), False),
                "sold": (np.bool_, (), False),
                "helped": (np.bool_, (), False),
                "effort": (np.float64, (), 0.0),
                "public": (np.float64, (), 0.0),
                "paid_quarters": (np.int16, (), 0),
                "paid_by": (np.uint32, (), 0),
                "stage_city": (np.int16, stages, -1),
                "stage_kind": (np.int8, stages, -1),
                "stage_end": (np.int16, stages, NOT_YET),
            }
        )

    @property
    def shared(self) -> Bools:
        """Whether each project has partners: they fill the first columns of ``members``."""
        has: Bools = self.members[:, 0] != NOBODY
        return has

    def partners(self, rows: NDArray[np.bool_] | Ints) -> Ints:
        """Return the number of partners of the projects ``rows``."""
        number: Ints = (self.members[rows] != NOBODY).sum(axis=1)
        return number

    def full(self, most: int) -> Bools:
        """Return which consortia have ``most`` members, the owner included."""
        if most <= 1:
            return np.ones(len(self), dtype=np.bool_)
        taken: Bools = self.members[:, most - 2] != NOBODY
        return taken


def best_capability(
    projects: Projects,
    kind: NDArray[np.int8],
    capability: Floats,
    rows: Ints | slice = slice(None),
) -> Floats:
    """Return the capability of the best member of each consortium for its present stage.

    Parameters
    ----------
    projects
        The table.
    kind
        Kind of every organisation.
    capability
        (3, 5) by kind and stage.
    rows
        Projects asked for; all by default.
    """
    stage, members = projects.stage[rows], projects.members[rows]
    outside_kind = projects.outside_kind[rows]
    best: Floats = capability[kind[projects.owner[rows]], stage]
    shared = np.flatnonzero(members[:, 0] != NOBODY)
    for slot in range(PARTNERS):
        member = members[shared, slot]
        theirs = np.where(member == OUTSIDER, outside_kind[shared], kind[np.maximum(member, 0)])
        added = np.where(member == NOBODY, 0.0, capability[theirs, stage[shared]])
        best[shared] = np.maximum(best[shared], added)
    return best
