"""Live projects, those that ended in the quarter, and what was agreed in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.columns import Entries, Table
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

OUTCOMES: Final = (
    "launched",
    "failed",
    "waiting death",
    "shelved",
    "owner left",
    "sold outside",
    "shock",
)
"""How a project ends: the causes of the funnel, and a shock of the experiment."""

LAUNCHED, FAILED, DIED_WAITING, SHELVED, OWNER_LEFT, SOLD = range(6)
LIVES: Final = -1

Outcomes = NDArray[np.int8]

PASSPORT_WIDTH: Final = dict.fromkeys(("stage_city", "stage_kind", "stage_end"), len(STAGES))
NO_PASSPORT: Final = {"stage_city": -1, "stage_kind": -1, "stage_end": NOT_YET}
"""Width of the columns of a passport, and what they hold of a stage that is to come."""


class Projects(Table):
    """One row per live project, ordered by birth.

    The passport says for each completed stage in which city, by which kind of owner and in which
    quarter it was completed; -1 and `NOT_YET` where it was not.
    """

    key: Keys
    """64-bit integer; -; static. Identity for draws."""
    owner: Ints
    """integer; -; dynamic. Row of the organisation that leads it."""
    field: Ints
    """integer; -; static. Technology field."""
    quality: Floats
    """real; 1; dynamic. Quality q, which joint work raises."""
    difficulty: Floats
    """real; 1; static. Capability that its stages need, over half of ``chain.capability_part``."""
    stage: Ints
    """integer; -; dynamic. Applied research 0, invention 1, pilot 2, industrialisation 3, launch
    4."""
    done: Floats
    """real; researcher-quarters; dynamic. Spent in the present stage."""
    born: Ints
    """integer; quarter; static. Quarter of birth."""
    members: NDArray[np.int32]
    """integer, 4; -; dynamic. Rows of partners; -1 nobody, -2 an organisation of the rest of the
    nation."""
    outside_kind: NDArray[np.int8]
    """integer; -; dynamic. Kind of the partner from the rest of the nation, -1 for none; of several
    the ablest for the stage in which the last joined."""
    outside_size: Floats
    """real; researchers; dynamic. Size in the field of that partner when it joined, see
    `ydsim.agents.capability`."""
    covers: NDArray[np.float32]
    """real, 4; 1; dynamic. Share of the project's field and the owner's second field in which each
    partner led when it joined."""
    bond: NDArray[np.float32]
    """real, 4; 1; dynamic. Distance and experience of owner and partner when it joined."""
    origin: NDArray[np.int8]
    """integer; -; static. Kind of the first owner."""
    origin_city: NDArray[np.int16]
    """integer; -; static. City of the first owner."""
    waited: NDArray[np.int16]
    """integer; quarters; dynamic. Quarters of waiting in the present stage."""
    waits: Bools
    """boolean; -; dynamic. Its consortium lacks the capability for the present stage."""
    handed_over: Bools
    """boolean; -; dynamic. Has changed its owner."""
    sold: Bools
    """boolean; -; dynamic. Was handed over to the rest of the nation in this quarter."""
    helped: Bools
    """boolean; -; dynamic. Uses a shared facility in this quarter."""
    effort: Floats
    """real; researcher-quarters; dynamic. Spent in all stages."""
    public: Floats
    """real; researcher-quarters; dynamic. Of the effort, what governments paid."""
    paid_quarters: NDArray[np.int16]
    """integer; quarters; dynamic. Quarters in which a joint fund has paid for it."""
    paid_by: NDArray[np.uint32]
    """integer; -; dynamic. One bit for each policy in `returns` that has paid for it."""
    stage_city: NDArray[np.int16]
    """integer, 5; -; dynamic. Passport: city of the owner where each stage was completed."""
    stage_kind: NDArray[np.int8]
    """integer, 5; -; dynamic. Passport: kind of the owner with which it was completed."""
    stage_end: NDArray[np.int16]
    """integer, 5; quarter; dynamic. Passport: quarter in which it was completed."""

    def __init__(self) -> None:
        super().__init__(
            width=dict.fromkeys(("members", "covers", "bond"), PARTNERS) | PASSPORT_WIDTH,
            default={"quality": 1.0, "difficulty": 1.0, "members": NOBODY, "outside_kind": -1}
            | NO_PASSPORT,
        )

    @property
    def shared(self) -> Bools:
        """Whether each project has partners: they fill the first columns of ``members``."""
        return self.members[:, 0] != NOBODY

    def partners(self, rows: NDArray[np.bool_] | Ints) -> Ints:
        """Return the number of partners of the projects ``rows``."""
        return (self.members[rows] != NOBODY).sum(axis=1)

    def close_up(self, rows: Ints, gone: Bools) -> None:
        """Let the partners ``gone`` (n, PARTNERS) leave ``rows``; those who are left move up."""
        left = np.where(gone, NOBODY, self.members[rows])
        order = np.argsort(left == NOBODY, axis=1, kind="stable")
        self.members[rows] = np.take_along_axis(left, order, axis=1)
        for values in (self.covers, self.bond):
            kept = np.where(gone, 0.0, values[rows])
            values[rows] = np.take_along_axis(kept, order, axis=1)

    def full(self, most: int) -> Bools:
        """Return which consortia have ``most`` members, the owner included."""
        if most <= 1:
            return np.ones(len(self), dtype=np.bool_)
        return self.members[:, most - 2] != NOBODY


class Ended:
    """What the recorder reads of projects that are gone.

    Attributes
    ----------
    blocks : list; as projects; dynamic
        By occasion: outcome, one of `OUTCOMES`, and all columns of the projects that ended.
    """

    def __init__(self) -> None:
        self.blocks: list[dict[str, NDArray[Any]]] = []

    def add(self, projects: Projects, outcome: Outcomes) -> None:
        """Note the projects whose ``outcome`` (n,) is not `LIVES`; they are still in the table."""
        rows = np.flatnonzero(outcome != LIVES)
        columns = {name: getattr(projects, name)[rows] for name in projects.names}
        self.blocks.append({"outcome": outcome[rows], **columns})


@dataclass
class Deals(Entries):
    """One entry for each agreement that is paid for."""

    project: Keys
    """64-bit integer; -; dynamic. Key of the project."""
    seller: Ints
    """integer; -; dynamic. Row of the organisation that sells, `OUTSIDER` in the rest of the
    nation."""
    buyer: Ints
    """integer; -; dynamic. Row of the organisation that buys, `OUTSIDER` in the rest of the
    nation."""
    field: Ints
    """integer; -; dynamic. Technology field."""
    effort: Floats
    """real; researcher-quarters; dynamic. Remaining effort to launch."""
    invented: Ints
    """integer; quarter; dynamic. Quarter of the invention, `NOT_YET` before it."""
    hand_over: Bools
    """boolean; -; dynamic. The project changes its owner; else the seller works for it."""
    broker: Ints
    """integer; -; dynamic. Broker who brought the two together, -1 without one."""

    @staticmethod
    def none() -> Deals:
        """Return no deals."""
        none = np.empty(0, dtype=np.int64)
        return Deals(
            none.astype(np.uint64), *(none,) * 3, np.empty(0), none, none.astype(np.bool_), none
        )
