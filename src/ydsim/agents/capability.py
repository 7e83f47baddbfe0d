"""Capability of consortia: what members can do, what they add, what time they give.

    C_iS   = C_kS z_if / (z_if + m_S)    of firms in pilot and industrialisation
           = C_kS                        else
    z_if   = researchers_i exp(k_if)
    m_S    = chain.capability_size effort_S / duration_S
    C_S    = largest C_jS among the members j of the consortium
    lacks  : C_S < d chain.capability_part / 2

Symbols: k kind of i, C_kS its capability in stage S: 1 of universities and institutes in applied
research and invention and of firms in industrialisation and launch, ``chain.capability_part`` of
firms before and of institutes in the pilot, else 0; f field of the project, k_if knowledge, z size
in the field in researchers; effort_S / duration_S researchers that the stage takes at its shortest
duration. The factor is a logistic in ln researchers + k, one half where z is m_S. d is the
difficulty of the project (`ydsim.processes.explore`), so that more consortia lack the capability,
the less of it they have. ``chain.capability_size`` 0 leaves capability to kind and stage. A partner
from the rest of the nation has the size that its stand-in had when it joined.

Late stages need equipment and hands that cannot be divided, and alliances succeed more in them,
most with a large partner (Danzon et al. 2005). The form is assumed.

What partners bring to a project that its owner lacks:

    covers_j = ([k_jf > k_if] + [k_jg > k_ig]) / 2                                  when j joins
    bond_j   = 4 D (1 - D) (1 - exp(-(1 + e) / 2))                                  when j joins
    c_jS     = ([C_jS > C_iS] + 2 covers_j) / 3
    gain     = largest c_jS bond_j over the partners j

i owner and f field of the project; g the field besides f to which i gives most of its effort; D
cognitive distance; e earlier joint projects of the pair, faded (tie_ij of `ydsim.processes.match`).
c is the share of what the stage needs (capability, the field, the nearest second field) that the
partner has and the owner has not. Fields count as they were when the partner joined, so that
what partners teach one another takes nothing away from their project. An anonymous partner from the
rest of the nation is measured by its stand-in. After a hand-over the values stay (assumed).

Repeated partners gain more (Jaravel, Petkova and Bell 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.organisations import FIRM, Organisations
from ydsim.agents.projects import INDUSTRIALISATION, NOBODY, OUTSIDER, PARTNERS, PILOT, Projects
from ydsim.agents.state import State
from ydsim.measures.groups import quotient, sums
from ydsim.typing import Bools, Floats, Ints


class CapabilityKeys(Protocol):
    """Parameters of capability."""

    @property
    def by_kind(self) -> Floats:
        """Capability by kind and stage, (3, 5)."""

    @property
    def capability_needed(self) -> float:
        """Capability below which a project waits."""

    @property
    def half_size(self) -> Floats:
        """Size at which a firm has half of its capability, by stage, (5,), researchers."""


def size_in_field(table: Organisations, row: Ints, field: Ints) -> Floats:
    """Return the size of organisations in a field, researchers times exp(knowledge)."""
    return table.researchers[row] * np.exp(table.knowledge[row, field])


def of_size(size: Floats, half: Floats) -> Floats:
    """Return the share of its capability that a firm of a size has, 1 where ``half`` is 0."""
    return np.where(half > 0.0, quotient(size, size + half), 1.0)


def depends_on_size(kind: NDArray[np.int8], stage: Ints) -> Bools:
    """Return where capability depends on size: in firms, in pilot and industrialisation."""
    return (kind == FIRM) & ((stage == PILOT) | (stage == INDUSTRIALISATION))


def capability(
    table: Organisations, row: Ints, stage: Ints, field: Ints, keys: CapabilityKeys
) -> Floats:
    """Return the capability of organisations in stages of projects.

    ``table``: organisations. ``row``, ``stage`` and ``field``: rows of organisations, and stage and
    field of the projects, of one shape.
    """
    kind = table.kind[row]
    level: Floats = keys.by_kind.ravel()[kind * np.int64(keys.by_kind.shape[1]) + stage]
    late = np.nonzero(depends_on_size(kind, stage))
    size = size_in_field(table, row[late], field[late])
    level[late] *= of_size(size, keys.half_size[stage[late]])
    return level


def member_capability(
    projects: Projects, table: Organisations, rows: Ints, slot: int, keys: CapabilityKeys
) -> Floats:
    """Return the capability of the partner in one place of projects; zero where there is nobody."""
    member, able = projects.members[rows, slot], np.zeros(len(rows))
    inside, abroad = (np.flatnonzero(where) for where in (member >= 0, member == OUTSIDER))
    row, here, away = member[inside].astype(np.int64), rows[inside], rows[abroad]
    able[inside] = capability(table, row, projects.stage[here], projects.field[here], keys)
    kind, stage = projects.outside_kind[away], projects.stage[away]
    part = of_size(projects.outside_size[away], keys.half_size[stage])
    able[abroad] = keys.by_kind[kind, stage] * np.where(depends_on_size(kind, stage), part, 1.0)
    return able


def best_capability(
    projects: Projects, table: Organisations, keys: CapabilityKeys, rows: Ints | None = None
) -> Floats:
    """Return the capability of the best member of each consortium for its present stage.

    ``projects`` and ``table``: projects and organisations. ``rows``: projects asked for; all by
    default.
    """
    rows = np.arange(len(projects)) if rows is None else rows
    best = capability(table, projects.owner[rows], projects.stage[rows], projects.field[rows], keys)
    shared = np.flatnonzero(projects.members[rows, 0] != NOBODY)
    for slot in range(PARTNERS):
        added = member_capability(projects, table, rows[shared], slot, keys)
        best[shared] = np.maximum(best[shared], added)
    return best


def capability_needed(projects: Projects, keys: CapabilityKeys, rows: Ints | None = None) -> Floats:
    """Return the capability that each project needs; of all projects by default."""
    difficulty = projects.difficulty if rows is None else projects.difficulty[rows]
    return difficulty * keys.capability_needed


def note_who_lacks(projects: Projects, table: Organisations, keys: CapabilityKeys) -> None:
    """Mark the projects that lack the capability for their stage with the people of today."""
    projects.waits[:] = best_capability(projects, table, keys) < capability_needed(projects, keys)


def note_outsiders(
    projects: Projects, table: Organisations, where: Ints, who: Ints, keys: CapabilityKeys
) -> None:
    """Note kind and size of partners from outside who join, before they do.

    Of several those of the ablest for the stage are kept. ``who`` are their stand-ins, one for each
    project in ``where``.
    """
    stage, field = projects.stage[where], projects.field[where]
    before = np.zeros(len(where))
    for slot in range(PARTNERS):
        known = np.flatnonzero(projects.members[where, slot] == OUTSIDER)
        able = member_capability(projects, table, where[known], slot, keys)
        before[known] = np.maximum(before[known], able)
    better = capability(table, who, stage, field, keys) >= before
    where, who = where[better], who[better]
    projects.outside_kind[where] = table.kind[who]
    projects.outside_size[where] = size_in_field(table, who, projects.field[where])


def bond(distance: Floats, earlier: Floats) -> Floats:
    """Return 4 D (1 - D) x(e) of pairs."""
    experience = -np.expm1(-(1.0 + earlier) / 2.0)
    return 4.0 * distance * (1.0 - distance) * experience


def second_field(shares: Floats, field: Ints) -> Ints:
    """Return the field besides ``field`` with the largest share of effort; shares are (F, n)."""
    others = shares.copy()
    others[field, np.arange(len(field))] = -1.0
    return np.argmax(others, axis=0)


def covered(state: State, owner: Ints, partner: Ints, field: Ints) -> Floats:
    """Return covers_j of partners that join projects, (n,): 0, 1/2 or 1."""
    knowledge = state.organisations.knowledge
    second = second_field(state.field_share[:, state.position[owner]], field)
    first, other = (knowledge[partner, f] > knowledge[owner, f] for f in (field, second))
    return (first.astype(np.float64) + other) / 2.0


def keep_complement(state: State, project: Ints, slot: Ints, partner: Ints, abroad: Bools) -> None:
    """Keep what partners bring to the projects that they join, before their ties are strengthened.

    ``project`` and ``slot``: position of each project, and the place of the partner among its
    members. ``partner`` and ``abroad``: row of the partner, or of its stand-in where it is of the
    rest of the nation.
    """
    projects, owner = state.projects, state.projects.owner[project]
    earlier = np.where(abroad, 0.0, state.tie_strength(owner, partner))
    distance = 1.0 - state.effort_cosine(owner, partner)
    field = projects.field[project]
    projects.covers[project, slot] = covered(state, owner, partner, field)
    projects.bond[project, slot] = bond(distance, earlier)


def complement(state: State, keys: CapabilityKeys) -> Floats:
    """Return the gain by partners of every live project in its present stage, (n,).

    Zero for a project without partners. ``keys``: parameters of capability.
    """
    projects, table = state.projects, state.organisations
    gain = np.zeros(len(projects))
    shared = np.flatnonzero(projects.shared)
    stage, field = projects.stage[shared], projects.field[shared]
    own = capability(table, projects.owner[shared], stage, field, keys)
    covers, bonds = (v[shared].astype(np.float64) for v in (projects.covers, projects.bond))
    for slot in range(PARTNERS):
        able = member_capability(projects, table, shared, slot, keys) > own
        c = (able + 2.0 * covers[:, slot]) / 3.0
        c = np.where(projects.members[shared, slot] == NOBODY, 0.0, c)
        gain[shared] = np.maximum(gain[shared], c * bonds[:, slot])
    return gain


@dataclass
class Work:
    """The work of a quarter before it is done, in researcher-quarters of the sample."""

    lacking: Bools
    """(n,) projects whose consortium lacks the capability for the stage."""
    waiting: Bools
    """(n,) those of them that no shared facility helps."""
    needed: Floats
    """(n,) effort of the present stage."""
    pace: Floats
    """(n,) most that a project can use, zero while it waits."""
    aside: Floats
    """(n,) time that working with others, or looking for them, takes from each member."""
    directed: Floats
    """(n,) part of the pace that programmes pay for; the rest is left to the members' own time."""
    time: Floats
    """By organisation, what it has for projects, without what programmes pay for."""
    public: Floats
    """By organisation, share of its own research that governments pay."""

    def available(self, state: State, pace: Floats) -> Floats:
        """Return what the members of each project can give it of ``pace``."""
        projects = state.projects
        where = projects.owner, projects.members
        return time_available(self.time, *where, pace, self.aside)


def time_available(
    time: Floats,
    owner: Ints,
    members: NDArray[np.int32],
    pace: Floats,
    aside: Floats | float = 0.0,
) -> Floats:
    """Return researcher-quarters that the members of each project can give it.

    ``time``: researcher-quarters that every organisation has for projects. ``owner`` and
    ``members``: (n,) and (n, PARTNERS) rows of the members. ``pace``: researcher-quarters that each
    project can use, zero while it waits; every organisation divides its time between its own
    projects and those of others in proportion. ``aside``: (n,) researcher-quarters that each
    project takes from each member beside its pace.
    """
    taken = pace + aside
    load = sums(owner, taken, len(time))
    shared = np.flatnonzero(members[:, 0] != NOBODY)
    for slot in range(PARTNERS):
        member = members[shared, slot]
        theirs = taken[shared[member >= 0]]
        load += sums(member[member >= 0], theirs, len(time))
    each = quotient(time, load)
    given: Floats = each[owner]
    for slot in range(PARTNERS):
        member = members[shared, slot]
        share = np.where(member >= 0, each[np.maximum(member, 0)], 0.0)
        share = np.where(member == OUTSIDER, each[owner[shared]], share)
        given[shared] += share
    return given * pace
