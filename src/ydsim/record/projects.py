"""Projects: what is known of each that ended, from its birth on, and who holds inventions.

Of the owner i and the first partner j, when the partner joins (`ydsim.processes.match`):

    distance   = 1 - cosine of phi_i and phi_j
    complement = c_ij, 1 or 0: j has the capability that the stage needs and i lacks, or leads in
                 capability or knowledge, or is a firm where i is none
    tie        = strength of the tie of the pair before the quarter

Who j is and its kind are noted as well. All three are NaN for projects that never had a partner.
Where the first partner is of the rest of the nation, which is anonymous, so are distance and
complement, and there is no tie.

The log reads the state after the phases that change projects and never changes it. Beside every
live project it keeps one row of what the table of projects forgets; what ended is kept by quarter
on a shelf, and the table is made of it block by block.

Holders of inventions are recorded by kind and size: what they made and hold, and what is in use.

    made_h  = number of inventions of the year that h owned when they were made / s
    force_h = sum over inventions k that h holds of exp(-contracts.lapse a_k / 4) / s
    use_h   = the same over those k of which a launch came

h is a class of holders in a province: small, medium and large firms, universities, institutes;
a_k the age of k in quarters, s the scale; all in items. An invention belongs to the owner of its
project, and to the last one when the project has ended: it goes along where a project is handed
over or moves into a new firm, out of the record where it is sold to the rest of the nation, and
lapses with an owner that leaves. It is in use once a launch has come of it, and stays so (assumed).
Partners do not hold. The lapse is that of patents (`ydsim.processes.advance`), by its expectation.

Size is that of certificates (`ydsim.agents.organisations`), by sales of the quarter before when an
invention is made and of the last quarter at the end of the year. Inventions of the burn-in count.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.capability import capability, capability_needed
from ydsim.agents.columns import Table
from ydsim.agents.organisations import FIRM, reported_sales, size_class
from ydsim.agents.projects import INVENTION, LAUNCH, NOT_YET, OUTCOMES, OUTSIDER, STAGES
from ydsim.agents.state import State
from ydsim.agents.ties import pair_key
from ydsim.measures.groups import positions_of, rows_of, sums
from ydsim.policies.base import SIZES
from ydsim.record.long_table import Block, LongTable, SpillBuffer
from ydsim.record.yearly import DIGITS, KIND_NAMES, by_year, words
from ydsim.scenario.schema.parameters import Parameters
from ydsim.typing import Bools, Columns, Floats, Ints, Keys
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
        chain = parameters.chain
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
        leads = table.knowledge[partner, field] > table.knowledge[owner, field]
        able = ((ours < needed) & (theirs >= needed)) | (theirs > ours)
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


# -- holders of inventions -------------------------------------------------------------------------

HOLDERS: Final = (
    *((KIND_NAMES[FIRM], size) for size in SIZES),
    *((kind, "") for kind in KIND_NAMES[1:]),
)
"""Classes of holders: kind and size; science has no size."""

VALUES: Final = ("inventions", "in_force", "in_use")
"""Columns of the table: made in the year, held and in use at its end, items."""

_LAUNCHED, _SOLD = OUTCOMES.index("launched"), OUTCOMES.index("sold outside")


class HolderLog:
    """The record of holders of one run, its burn-in included.

    ``parameters`` of the run: bounds of sizes and the lapse of patents.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._certify, self._lapse = parameters.certify, parameters.contracts.lapse
        self._made: dict[int, Floats] = {}  # by year, (P, H)
        # key of the holder, quarter of the invention, in use
        self._ended: list[tuple[Keys, NDArray[np.int16], Bools]] = []

    def note(self, state: State) -> None:
        """Note the inventions of a quarter and the projects that ended in it, after they have."""
        projects, now = state.projects, state.quarter
        rows = [projects.owner[projects.stage_end[:, INVENTION] == now]]
        for block in state.ended.blocks:
            when, outcome = block["stage_end"][:, INVENTION], block["outcome"]
            rows.append(block["owner"][when == now])
            kept = (when != NOT_YET) & (outcome != _SOLD)
            holder = state.organisations.key[block["owner"][kept]]
            self._ended.append((holder, when[kept], outcome[kept] == _LAUNCHED))
        if now >= 0:
            cell = self._cell(state, np.concatenate(rows).astype(np.int64))
            made = self._counted(state, cell, np.ones(len(cell)))
            self._made[now // 4] = self._made.get(now // 4, 0.0) + made

    def of_year(self, state: State) -> Floats:
        """Return `VALUES` of the year that ends, by province and class, (P, H, 3) at scale 1."""
        projects, table = state.projects, state.organisations
        rows = np.flatnonzero(projects.stage_end[:, INVENTION] != NOT_YET)
        live = (
            table.key[projects.owner[rows]],
            projects.stage_end[rows, INVENTION],
            np.zeros(len(rows), dtype=np.bool_),
        )
        holder, when, used = map(np.concatenate, zip(*self._ended, live, strict=True))
        self._ended.clear()  # a run at full scale has millions of them
        lives = np.flatnonzero(table.alive)
        cell = np.append(self._cell(state, lives), -1)[rows_of(holder, table.key[lives])]
        # holders that have left never come back: what they held is forgotten
        there = cell >= 0
        holder = holder[there]
        when = when[there]
        used = used[there]
        cell = cell[there]
        ended = int(there[: len(there) - len(rows)].sum())
        self._ended.append((holder[:ended], when[:ended], used[:ended]))
        weight = np.exp(-self._lapse * (state.quarter - when.astype(np.int64)) / 4.0)
        held, in_use = (self._counted(state, cell, w) for w in (weight, weight * used))
        made = self._made.get(state.quarter // 4, np.zeros_like(held))
        return np.stack([made, held, in_use], axis=-1)

    def _cell(self, state: State, rows: Ints) -> Ints:
        """Return province and class of organisations ``rows`` as one number, (n,)."""
        table, keys = state.organisations, self._certify
        reported = reported_sales(table.sales[rows], keys.sales_basis)
        size = size_class(reported, keys.small_sales, keys.large_sales)
        kind = table.kind[rows].astype(np.int64)
        of = np.where(kind == FIRM, size, len(SIZES) - 1 + kind)
        return table.province[rows] * len(HOLDERS) + of

    def _counted(self, state: State, cell: Ints, weight: Floats) -> Floats:
        """Return the sums of ``weight`` (n,) by province and class, (P, H), at scale 1."""
        shape = state.world.n_provinces, len(HOLDERS)
        return sums(cell, weight, shape[0] * shape[1]).reshape(shape) / state.scale


def holder_table(years: list[Floats], start: int, provinces: tuple[str, ...]) -> Columns:
    """Return one row for each year, province and class of holders."""
    values = np.round(np.array(years).reshape(-1, len(VALUES)), DIGITS)
    kinds, sizes = zip(*HOLDERS, strict=True)
    return {
        **by_year(len(years), start, province=provinces, kind=kinds),
        **by_year(len(years), start, province=provinces, size=sizes),
        **{name: values[:, k] for k, name in enumerate(VALUES)},
    }
