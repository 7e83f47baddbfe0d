"""Capability: how well organisations and consortia can do the stages of the chain.

    C_iS   = C_kS z_if / (z_if + m_S)    of firms in pilot and industrialisation
           = C_kS                        else
    z_if   = researchers_i exp(k_if)
    m_S    = chain.capability_size effort_S / duration_S
    C_S    = largest C_jS among the members j of the consortium
    lacks  : C_S < d chain.capability_needed

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
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.organisations import FIRM, Organisations
from ydsim.agents.projects import (
    INDUSTRIALISATION,
    NOBODY,
    OUTSIDER,
    PARTNERS,
    PILOT,
    Projects,
)
from ydsim.typing import Bools, Floats, Ints


class CapabilityKeys(Protocol):
    """Parameters of capability."""

    @property
    def by_kind(self) -> Floats:
        """Capability by kind and stage, (3, 5)."""
        ...

    @property
    def capability_needed(self) -> float:
        """Capability below which a project waits."""
        ...

    @property
    def half_size(self) -> Floats:
        """Size at which a firm has half of its capability, by stage, (5,), researchers."""
        ...


def size_in_field(table: Organisations, row: Ints, field: Ints) -> Floats:
    """Return the size of organisations in a field, researchers times exp(knowledge)."""
    size: Floats = table.researchers[row] * np.exp(table.knowledge[row, field])
    return size


def of_size(size: Floats, half: Floats) -> Floats:
    """Return the share of its capability that a firm of a size has, 1 where ``half`` is 0."""
    share = np.ones_like(size)
    np.divide(size, size + half, out=share, where=half > 0.0)
    return share


def depends_on_size(kind: NDArray[np.int8], stage: Ints) -> Bools:
    """Return where capability depends on size: in firms, in pilot and industrialisation."""
    depends: Bools = (kind == FIRM) & ((stage == PILOT) | (stage == INDUSTRIALISATION))
    return depends


def capability(
    table: Organisations, row: Ints, stage: Ints, field: Ints, keys: CapabilityKeys
) -> Floats:
    """Return the capability of organisations in stages of projects.

    Parameters
    ----------
    table
        Organisations.
    row, stage, field
        Rows of organisations, and stage and field of the projects, of one shape.
    keys
        Parameters.
    """
    kind = table.kind[row]
    found: Floats = keys.by_kind.ravel()[kind * np.int64(keys.by_kind.shape[1]) + stage]
    late = np.nonzero(depends_on_size(kind, stage))
    size = size_in_field(table, row[late], field[late])
    found[late] *= of_size(size, keys.half_size[stage[late]])
    return found


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

    Parameters
    ----------
    projects, table
        Projects and organisations.
    keys
        Parameters.
    rows
        Projects asked for; all by default.
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
    least: Floats = difficulty * keys.capability_needed
    return least


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
