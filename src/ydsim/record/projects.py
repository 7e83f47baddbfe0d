"""Projects: what is known of each that ended, from its birth on.

Of the owner i and the first partner j, when the partner joins (`ydsim.processes.match`):

    distance   = 1 - cosine of phi_i and phi_j
    complement = c_ij, 1 or 0: j has the capability that the stage needs and i lacks, or leads in
                 capability or knowledge by ``match.lead``, or is a firm where i is none
    tie        = strength of the tie of the pair before the quarter

Who j is and its kind are noted as well. All three are NaN for projects that never had a partner.
Where the first partner is of the rest of the nation, which is anonymous, so are distance and
complement, and there is no tie.

The log reads the state after the phases that change projects and never changes it. Beside every
live project it keeps one row of what the table of projects forgets; what ended is kept by quarter
on a shelf, and the table is made of it block by block.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.capability import capability, capability_needed
from ydsim.agents.columns import Table
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INVENTION, LAUNCH, OUTCOMES, OUTSIDER, STAGES
from ydsim.agents.state import State
from ydsim.agents.ties import pair_key
from ydsim.measures.groups import positions_of, rows_of
from ydsim.record.long_table import Block, LongTable, SpillBuffer
from ydsim.record.yearly import KIND_NAMES, words
from ydsim.scenario.schema.parameters import Parameters
from ydsim.typing import Columns, Floats, Ints, Keys
from ydsim.world.world import World

REACHES = ("city", "province", "region", "outside")
"""Where a partner works, seen from the owner: its city, another city of its province, another
province, the rest of the nation."""

_NOWHERE = -1
_KINDS = (*KIND_NAMES, "")


class Notes(Table):
    """Beside each live project, in the order of the table of projects.

    The holder of the invention and its partners are as of the end of that stage.
    """

    key: Keys
    owner: Keys
    quality: Floats
    inventor: Keys
    inventor_kind: NDArray[np.int8]
    inventor_city: NDArray[np.int16]
    inventor_partners: NDArray[np.int8]
    partner: Keys
    partner_kind: NDArray[np.int8]
    distance: Floats
    complement: Floats
    tie: Floats

    def __init__(self) -> None:
        super().__init__(
            width={"inventor_partners": len(REACHES)},
            default={"quality": 1.0, "inventor_kind": -1, "inventor_city": _NOWHERE}
            | {"partner_kind": -1}
            | dict.fromkeys(("distance", "complement", "tie"), np.nan),
        )


def partners_by_reach(state: State, owner: Ints, members: NDArray[np.int32]) -> NDArray[np.int8]:
    """Return the number of partners at each of `REACHES`, (n, 4)."""
    table = state.organisations
    row = np.maximum(members, 0)
    there = members >= 0
    city = there & (table.city[row] == table.city[owner][:, None])
    province = there & (table.province[row] == table.province[owner][:, None])
    masks = (city, province & ~city, there & ~province, members == OUTSIDER)
    return np.stack([mask.sum(axis=1) for mask in masks], axis=1).astype(np.int8)


class ProjectLog:
    """The record of projects of one run.

    ``keeps``: whether anything is kept at all; without it every method returns at once.
    """

    def __init__(self, *, keeps: bool) -> None:
        self.keeps = keeps
        self._notes = Notes()
        notes = {name: getattr(self._notes, name) for name in self._notes.names}
        noted = {f"first_{name}": (c.dtype, c.shape[1:]) for name, c in notes.items()}
        self._shelf = SpillBuffer(noted | _TAKEN | _AT_END)
        self._read = (0, 0)  # quarter, and how many of its blocks are read
        self._alone: Keys = np.empty(0, dtype=np.uint64)
        self._ties: tuple[Ints, Floats] = (np.empty(0, dtype=np.int64), np.empty(0))

    def born(self, state: State) -> None:
        """Note the projects that exploration has begun."""
        if not self.keeps:
            return
        self._close(state)
        projects, first = state.projects, len(self._notes)
        self._notes.append(
            len(projects) - first,
            key=projects.key[first:],
            owner=state.organisations.key[projects.owner[first:]],
            quality=projects.quality[first:],
        )

    def before_match(self, state: State) -> None:
        """Remember who is alone, and the ties, before partners are found."""
        if self.keeps:
            self._alone = state.projects.key[~state.projects.shared]
            self._ties = state.ties.key.copy(), state.ties.strength.copy()

    def joined(self, state: State, parameters: Parameters) -> None:
        """Note what first partners are to the owners of their projects."""
        if not self.keeps:
            return
        table, projects, notes = state.organisations, state.projects, self._notes
        keys, chain = parameters.match, parameters.chain
        joined = projects.shared & np.isin(projects.key, self._alone)
        new = np.flatnonzero(joined & np.isnan(notes.tie))  # one who was parted has had a first
        notes.tie[new] = 0.0
        notes.partner_kind[new] = projects.outside_kind[new]
        new = new[projects.members[new, 0] >= 0]
        owner, partner = projects.owner[new], projects.members[new, 0].astype(np.int64)
        stage, field = projects.stage[new], projects.field[new]
        notes.partner[new], notes.partner_kind[new] = table.key[partner], table.kind[partner]
        notes.distance[new] = 1.0 - state.effort_cosine(owner, partner)
        theirs, ours = (capability(table, row, stage, field, chain) for row in (partner, owner))
        needed, firm = capability_needed(projects, chain, new), table.kind == FIRM
        leads = table.knowledge[partner, field] - table.knowledge[owner, field] >= keys.lead
        able = ((ours < needed) & (theirs >= needed)) | (theirs >= ours + keys.lead)
        notes.complement[new] = able | leads | (firm[partner] & ~firm[owner])
        key, strength = self._ties
        notes.tie[new] = np.append(strength, 0.0)[positions_of(pair_key(owner, partner), key)]

    def ended(self, state: State) -> None:
        """Note inventions of the quarter, and take the projects that ended off the notes."""
        if not self.keeps:
            return
        self._close(state)
        projects, notes = state.projects, self._notes
        rows = np.flatnonzero(projects.stage_end[:, INVENTION] == state.quarter)
        owner = projects.owner[rows]
        notes.inventor[rows] = state.organisations.key[owner]
        notes.inventor_kind[rows] = state.organisations.kind[owner]
        notes.inventor_city[rows] = state.organisations.city[owner]
        notes.inventor_partners[rows] = partners_by_reach(state, owner, projects.members[rows])

    def _close(self, state: State) -> None:
        """Move what ended since the last look from the notes to the record."""
        quarter, number = self._read
        number = number if quarter == state.quarter else 0
        for block in state.ended.blocks[number:]:
            self._move(state, block)
        self._read = state.quarter, len(state.ended.blocks)

    def _move(self, state: State, block: Block) -> None:
        table, notes = state.organisations, self._notes
        rows = rows_of(block["key"], notes.key)
        if state.quarter >= 0:
            owner = block["owner"]
            noted = {f"first_{name}": getattr(notes, name)[rows] for name in notes.names}
            reach = partners_by_reach(state, owner, block["members"])
            now = block["stage_end"][:, INVENTION] == state.quarter
            for name, values in (
                ("", table.key[owner]),
                ("_kind", table.kind[owner]),
                ("_city", table.city[owner]),
            ):
                noted[f"first_inventor{name}"][now] = values[now]
            noted["first_inventor_partners"][now] = reach[now]
            self._shelf.append(
                {
                    **noted,
                    **{name: block[name] for name in _TAKEN},
                    "ended": np.full(len(owner), state.quarter),
                    "holder": table.key[owner],
                    "holder_kind": table.kind[owner],
                    "holder_city": table.city[owner],
                    "industry": table.industry[owner],
                    "partners": reach,
                    "invented": block["stage_end"][:, INVENTION] > _NEVER,
                    "launched": block["stage_end"][:, LAUNCH] > _NEVER,
                }
            )
        kept = np.ones(len(notes), dtype=np.bool_)
        kept[rows] = False
        notes.keep(kept)

    def table(self, state: State, start: int) -> LongTable:
        """Return one row for each project that ended in a recorded quarter, by quarter."""
        world = state.world  # and nothing else of the state, which may go before the table
        return self._shelf.table(lambda found: _columns(world, found, start))


_NEVER = -(2**14)
"""Before any quarter that a run can have."""

_TAKEN = {
    "key": np.uint64, "outcome": np.int8, "born": np.int64, "field": np.int64, "origin": np.int8,
    "origin_city": np.int16, "stage": np.int64, "quality": np.float64, "effort": np.float64,
    "handed_over": np.bool_,
}  # fmt: skip
"""Columns of projects that are recorded as they are."""

_AT_END = {
    "ended": np.int16, "holder": np.uint64, "holder_kind": np.int8, "holder_city": np.int16,
    "industry": np.int16, "invented": np.bool_, "launched": np.bool_,
    "partners": (np.int8, len(REACHES)),
}  # fmt: skip
"""What is recorded of the end of a project."""


def _columns(world: World, found: Block, start: int) -> Columns:
    """Return the columns of the table from those of blocks."""
    cities, industries = (*world.city_names, ""), (*world.industries, "")
    born, ended = found["born"], found["ended"]
    invented, launched = found["invented"], found["launched"]

    def partners(stem: str, counts: NDArray[np.int8]) -> Columns:
        return {f"{stem}_{name}": counts[:, k] for k, name in enumerate(REACHES)}

    return {
        "project": found["key"],
        "born_year": start + born // 4,
        "born_quarter": 1 + born % 4,
        "year": start + ended // 4,
        "quarter": 1 + ended % 4,
        "owner": found["first_owner"],
        "lead": words(_KINDS, found["origin"]),
        "city": words(cities, found["origin_city"]),
        "field": words(world.fields, found["field"]),
        "industry": words(industries, found["industry"]),
        "stage": words(STAGES, found["stage"]),
        "outcome": words(OUTCOMES, found["outcome"]),
        "handed_over": found["handed_over"],
        "invention_holder": np.where(invented, found["first_inventor"], np.uint64(0)),
        "invention_kind": words(_KINDS, np.where(invented, found["first_inventor_kind"], -1)),
        "invention_city": words(cities, np.where(invented, found["first_inventor_city"], -1)),
        **partners("invention_partners", found["first_inventor_partners"]),
        "launch_holder": np.where(launched, found["holder"], np.uint64(0)),
        "launch_kind": words(_KINDS, np.where(launched, found["holder_kind"], -1)),
        "launch_city": words(cities, np.where(launched, found["holder_city"], -1)),
        **partners("partners", found["partners"]),
        "partner": found["first_partner"],
        "partner_kind": words(_KINDS, found["first_partner_kind"]),
        "distance": found["first_distance"],
        "complement": found["first_complement"],
        "tie": found["first_tie"],
        "quality_born": found["first_quality"],
        "quality": found["quality"],
        "effort": found["effort"],
    }
