"""Which projects programmes pay for, and what that is worth to who seeks a partner.

A project is eligible if it is in a field that is paid for, before launch, has not been paid for
too long, and its living members inside the region come from enough provinces that take part,
a firm and a university or institute among them where the programme asks for both.

Who seeks foresees premiums, so that search answers to partners who make it eligible:

    Acc_i / Acc_c = 1 + sum over joint funds that are open to project i of
                    (exp(strength premium) - 1) * share of Acc_c in places d that count

d counts if its province and that of c are not the same and both take part; if a fund asks for a
firm and science, of organisations of the other kind than the owner. Only funds that two provinces
are enough for have such partners. In a choice by odds a premium makes each place exp(premium)
places.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import LAUNCH, NOBODY
from ydsim.agents.search import Seekers
from ydsim.agents.state import State
from ydsim.measures.groups import quotient, sums
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.schemes import JointFund, JointWork
from ydsim.typing import Bools, Floats, Ints


def counted(state: State, scheme: JointWork, rows: Ints) -> Ints:
    """Return ``rows`` with NOBODY instead of the dead, outsiders, and who takes no part."""
    table = state.organisations
    takes = np.broadcast_to(scheme.provinces, state.world.n_provinces) > 0.0
    safe_rows = np.maximum(rows, 0)
    return np.where(
        (rows >= 0) & table.alive[safe_rows] & takes[table.province[safe_rows]], rows, NOBODY
    )


def joint(state: State, scheme: JointWork, rows: Ints) -> Bools:
    """Return which groups of members, (n, k) from `counted`, are those that are asked for."""
    table, (which, slot) = state.organisations, np.nonzero(rows >= 0)
    row = rows[which, slot]
    seen = np.zeros((len(rows), state.world.n_provinces), dtype=np.bool_)
    seen[which, table.province[row]] = True
    enough: Bools = seen.sum(axis=1) >= scheme.least
    if scheme.mixed:
        firm, science = np.zeros((2, len(rows)), dtype=np.bool_)
        firm[which[table.kind[row] == FIRM]] = True
        science[which[table.kind[row] != FIRM]] = True
        enough &= firm & science
    return enough


def open_to(state: State, scheme: JointWork, project: Ints) -> Bools:
    """Return which of the projects ``project`` may be paid for if their members are right."""
    projects = state.projects
    fields = np.broadcast_to(scheme.fields, len(state.world.fields)) > 0.0
    may: Bools = (
        fields[projects.field[project]]
        & (projects.stage[project] < LAUNCH)
        & (projects.paid_quarters[project] < scheme.quarters)
        & ~projects.sold[project]
    )
    return may


def eligible(state: State, scheme: JointWork) -> tuple[Ints, Ints]:
    """Return positions (k,) of eligible projects and their members that count, (k, PARTNERS + 1).

    The owner is in the first column; the projects of a dead owner are over.
    """
    projects = state.projects
    project = np.flatnonzero(projects.shared)
    project = project[
        open_to(state, scheme, project) & state.organisations.alive[projects.owner[project]]
    ]
    rows = np.column_stack([projects.owner[project], projects.members[project].astype(np.int64)])
    rows = counted(state, scheme, rows)
    right = joint(state, scheme, rows)
    return project[right], rows[right]


def fund_premium(
    state: State,
    environment: PolicyEnvironment,
    seekers: Seekers,
    which: Ints,
    row: Ints,
    abroad: Bools,
) -> Floats:
    """Return what joint funds add to the owner's utility of pairs, (M,).

    A fund adds its premium where the project would be eligible with the candidate: as one more
    member of a joint project, or as the owner of a project that is handed over.

    Parameters
    ----------
    seekers
        Projects that seek a partner.
    which, row, abroad
        (M,) seeker and candidate of each pair, and whether it is of the rest of the nation.
    """
    added = np.zeros(len(which))
    for fund in environment.of(JointFund):
        may = np.flatnonzero(open_to(state, fund, seekers.project)[which])
        seeker, candidate = which[may], np.where(abroad[may], NOBODY, row[may])
        owner = np.where(seekers.hand_over[seeker], NOBODY, seekers.row[seeker])
        partners = state.projects.members[seekers.project[seeker]].astype(np.int64)
        rows = counted(state, fund, np.column_stack([owner, candidate, partners]))
        added[may] += fund.strength * fund.premium * joint(state, fund, rows)
    return added


def foreseen(state: State, environment: PolicyEnvironment, pull: Floats) -> Floats:
    """Return what premiums add to whom owners can reach, over the same without, by project.

    Parameters
    ----------
    pull
        (C, C + 1) kernel times pass and factor of joint projects, the rest of the nation last.
    """
    table, projects, world = state.organisations, state.projects, state.world
    added = np.zeros(len(projects))
    funds = [fund for fund in environment.of(JointFund) if fund.least == 2]
    if not funds:
        return added
    rows, province = state.active, world.city_province
    science = (table.kind != FIRM).astype(np.int64)
    effort = (table.researchers * state.sample_exposure)[rows] * state.field_share.sum(axis=0)
    cell = science[rows] * world.n_cities + table.city[rows]
    mass = sums(cell, effort, 2 * world.n_cities).reshape(2, -1)
    abroad = state.national.outside_mass[state.input_column] * mass.sum()
    total = np.einsum("cd,d->c", pull, np.append(mass.sum(axis=0), abroad))
    owner = projects.owner
    for fund in funds:
        gain = np.expm1(fund.strength * fund.premium)
        takes = (np.broadcast_to(fund.provinces, world.n_provinces) > 0.0)[province]
        counts = takes[:, None] & takes[None, :] & (province[:, None] != province[None, :])
        may = np.flatnonzero(open_to(state, fund, np.arange(len(projects))))
        for kind in (0, 1):
            other = mass[1 - kind] if fund.mixed else mass.sum(axis=0)
            near = np.einsum("cd,d->c", counts * pull[:, :-1], other)
            share = quotient(near, total)
            mine = may[science[owner[may]] == kind]
            added[mine] += gain * share[table.city[owner[mine]]]
    return added
