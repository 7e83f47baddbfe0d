"""Complementarity: what partners bring to a project that its owner lacks.

    covers_j = ([k_jf >= k_if + match.lead] + [k_jg >= k_ig + match.lead]) / 2      when j joins
    bond_j   = 4 D (1 - D) (1 - exp(-(1 + e) / 2))                                  when j joins
    c_jS     = ([C_jS >= C_iS + match.lead] + 2 covers_j) / 3
    c        = largest c_jS over the partners j
    gain     = largest c_jS bond_j over the partners j

Symbols: i owner and f field of the project; g the field besides f to which i gives most of its
effort; k knowledge; D cognitive distance; e earlier joint projects of the pair, faded (the strength
of their tie); C_iS capability of i in stage S (`ydsim.agents.capability`). c is the share of what
the stage needs (capability, the field, the nearest second field) that the best partner has and the
owner has not: not a gap in levels, and fields count as they were when the partner joined, so that
what partners teach one another takes nothing away from their project. An anonymous partner from the
rest of the nation is measured by its stand-in. After a hand-over the values stay (assumed).

Repeated partners gain more (Jaravel, Petkova and Bell 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.agents.capability import CapabilityKeys, capability, member_capability
from ydsim.agents.projects import NOBODY, PARTNERS
from ydsim.agents.state import State
from ydsim.typing import Bools, Floats, Ints


@dataclass(frozen=True)
class Complement:
    """What the partners of live projects add, (n,) each; zero for a project without partners.

    Attributes
    ----------
    needs
        c.
    gain
        Largest product of c_jS and bond_j.
    """

    needs: Floats
    gain: Floats


def bond(distance: Floats, earlier: Floats) -> Floats:
    """Return 4 D (1 - D) x(e) of pairs."""
    experience = -np.expm1(-(1.0 + earlier) / 2.0)
    tied: Floats = 4.0 * distance * (1.0 - distance) * experience
    return tied


def second_field(shares: Floats, field: Ints) -> Ints:
    """Return the field besides ``field`` with the largest share of effort; shares are (F, n)."""
    others = shares.copy()
    others[field, np.arange(len(field))] = -1.0
    second: Ints = np.argmax(others, axis=0)
    return second


def covered(state: State, owner: Ints, partner: Ints, field: Ints, lead: float) -> Floats:
    """Return covers_j of partners that join projects, (n,): 0, 1/2 or 1."""
    knowledge = state.organisations.knowledge
    second = second_field(state.field_share[:, state.position[owner]], field)
    first, other = (knowledge[partner, f] >= knowledge[owner, f] + lead for f in (field, second))
    part: Floats = (first.astype(np.float64) + other) / 2.0
    return part


def keep_complement(
    state: State, project: Ints, slot: Ints, partner: Ints, abroad: Bools, lead: float
) -> None:
    """Keep what partners bring to the projects that they join, before their ties are strengthened.

    Parameters
    ----------
    project, slot
        Position of each project, and the place of the partner among its members.
    partner, abroad
        Row of the partner, or of its stand-in where it is of the rest of the nation.
    lead
        ``match.lead``.
    """
    projects, owner = state.projects, state.projects.owner[project]
    strength = state.ties.between(owner, partner, len(state.organisations))
    earlier = np.where(abroad, 0.0, strength)
    distance = 1.0 - state.effort_cosine(owner, partner)
    field = projects.field[project]
    projects.covers[project, slot] = covered(state, owner, partner, field, lead)
    projects.bond[project, slot] = bond(distance, earlier)


def complement(state: State, keys: CapabilityKeys, lead: float) -> Complement:
    """Return what partners add to every live project in its present stage.

    Parameters
    ----------
    keys
        Parameters of capability.
    lead
        Capability by which a partner must exceed the owner, ``match.lead``.
    """
    projects, table = state.projects, state.organisations
    needs, gain = np.zeros(len(projects)), np.zeros(len(projects))
    shared = np.flatnonzero(projects.shared)
    stage, field = projects.stage[shared], projects.field[shared]
    own = capability(table, projects.owner[shared], stage, field, keys)
    covers, bonds = (v[shared].astype(np.float64) for v in (projects.covers, projects.bond))
    for slot in range(PARTNERS):
        able = member_capability(projects, table, shared, slot, keys) >= own + lead
        c = (able + 2.0 * covers[:, slot]) / 3.0
        c = np.where(projects.members[shared, slot] == NOBODY, 0.0, c)
        needs[shared] = np.maximum(needs[shared], c)
        gain[shared] = np.maximum(gain[shared], c * bonds[:, slot])
    return Complement(needs, gain)
