"""Capability of organisations and consortia: a scalar loop, limits, and what must never happen."""

import numpy as np
import pytest

from tests.support import scalar_chain as scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar_society import stub
from ydsim.agents.capability import (
    best_capability,
    capability,
    member_capability,
    note_outsiders,
    note_who_lacks,
    of_size,
)
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.agents.projects import (
    INDUSTRIALISATION,
    NOBODY,
    OUTSIDER,
    PARTNERS,
    PILOT,
    STAGES,
    Projects,
)
from ydsim.scenario.schema.parameters import ChainParameters
from ydsim.world.synthetic import synthetic_world

P = ChainParameters()
LATE = (PILOT, INDUSTRIALISATION)


def chain(**changes):
    return P.model_copy(update=changes)


def state_with(n=40, seed=0):
    draw = rng(seed)
    world = synthetic_world(2, 3)
    state = stub(world, projects=Projects())
    state.organisations.append(
        n,
        kind=draw.choice(3, n, p=[0.7, 0.15, 0.15]),
        researchers=draw.exponential(8.0, n) * (draw.random(n) > 0.1),
        knowledge=draw.normal(0.0, 0.6, (n, len(world.fields))),
    )
    return state


def fill(state, n=200, seed=0):
    draw, size = rng(seed), len(state.organisations)
    members, outside = np.full((n, PARTNERS), NOBODY), np.full(n, -1)
    for i in range(n):
        number = int(draw.integers(0, PARTNERS + 1))
        members[i, :number] = draw.integers(0, size, number)
        if number and draw.random() < 0.4:
            members[i, draw.integers(0, number)], outside[i] = OUTSIDER, draw.integers(0, 3)
    state.projects.append(
        n,
        owner=draw.integers(0, size, n),
        stage=draw.integers(0, 5, n),
        field=draw.integers(0, len(state.world.fields), n),
        members=members,
        outside_kind=outside,
        outside_size=draw.exponential(8.0, n),
    )
    return state


def rows_of(state):
    """Projects and organisations as rows of the loop."""
    names = ("owner", "stage", "field", "members", "outside_kind", "outside_size")
    columns = [getattr(state.projects, name).tolist() for name in names]
    projects = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    names = ("kind", "researchers", "knowledge")
    columns = [getattr(state.organisations, name).tolist() for name in names]
    return projects, [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", [0.0, 0.4, 1.9, 30.0])
def test_the_best_capability_equals_a_loop_over_members(seed, size):
    state, p = fill(state_with(seed=seed), seed=seed), chain(capability_size=size)
    projects, organisations = rows_of(state)
    want = [scalar.capability(q, organisations, q["stage"], p) for q in projects]
    close(best_capability(state.projects, state.organisations, p), want)
    some = np.arange(len(projects))[3::7]
    close(best_capability(state.projects, state.organisations, p, some), np.array(want)[some])
    if size:
        flat = best_capability(state.projects, state.organisations, chain(capability_size=0.0))
        assert (np.array(want) < flat).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_capability_of_each_partner_equals_the_loop(seed):
    state = fill(state_with(seed=seed), seed=seed)
    projects, organisations = rows_of(state)
    every = np.arange(len(projects))
    for slot in range(PARTNERS):
        want = [
            0.0
            if q["members"][slot] == NOBODY
            else scalar.skill_of(q, q["members"][slot], organisations, q["stage"], P)
            for q in projects
        ]
        close(member_capability(state.projects, state.organisations, every, slot, P), want)


def one(kind, researchers, stage, p, knowledge=0.0):
    """Capability of organisations of one kind and knowledge by their researchers."""
    n = len(researchers)
    state = stub(synthetic_world(2, 3), projects=Projects())
    state.organisations.append(n, kind=kind, researchers=researchers, knowledge=knowledge)
    zero = np.zeros(n, dtype=np.int64)
    return capability(state.organisations, np.arange(n), zero + stage, zero, p)


SIZES = np.array([0.0, 1e-9, 0.3, 1.0, 4.0, 20.0, 500.0, 1e12])


@pytest.mark.parametrize("stage", range(len(STAGES)))
@pytest.mark.parametrize("kind", [FIRM, UNIVERSITY, INSTITUTE])
def test_capability_at_its_limits(kind, stage):
    full = P.by_kind[kind, stage]
    # size off: kind and stage alone, to the last bit, for those without researchers too
    assert (one(kind, SIZES, stage, chain(capability_size=0.0)) == full).all()
    found = one(kind, SIZES, stage, P)
    if kind == FIRM and stage in LATE:
        assert found[0] == 0.0
        assert (np.diff(found) > 0.0).all()
        assert found[-1] == pytest.approx(full, rel=1e-9)
    else:
        assert (found == full).all()


@pytest.mark.parametrize("stage", LATE)
def test_half_of_the_capability_is_where_the_parameter_says(stage):
    team = P.effort[stage] / P.duration[stage]
    half = np.array([P.capability_size * team])
    close(one(FIRM, half, stage, P), [P.by_kind[FIRM, stage] / 2.0])
    # knowledge k counts as exp(k) times the researchers
    close(one(FIRM, half / np.e, stage, P, 1.0), [P.by_kind[FIRM, stage] / 2.0])


def test_the_largest_small_firm_is_just_able():
    """The default is where the prior puts it: 5.9 researchers, the mean of 3.4 and 8.3."""
    for stage in LATE:
        able = one(FIRM, np.array([3.4, 5.0, 6.5, 8.3]), stage, P)
        assert (able < P.capability_needed).tolist() == [True, True, False, False]


def test_the_share_of_nobody_is_one_without_size():
    assert of_size(np.zeros(2), np.zeros(2)).tolist() == [1.0, 1.0]
    assert of_size(np.zeros(1), np.ones(1)).tolist() == [0.0]


def test_a_partner_from_outside_leaves_the_abler_one_before_it():
    """One note a project stands for all its partners from outside: the ablest of them."""
    state, p = state_with(), chain()
    table, projects = state.organisations, state.projects
    table.kind[:3] = FIRM, UNIVERSITY, FIRM
    table.researchers[:3] = 1e6, 1e6, 1e-6
    table.knowledge[:3] = 0.0
    projects.append(1, owner=2, stage=INDUSTRIALISATION, field=0)
    where, alone = np.array([0]), best_capability(projects, table, p)[0]
    for who, slot in ((0, 0), (1, 1), (2, 2)):
        note_outsiders(projects, table, where, np.array([who]), p)
        projects.members[0, slot] = OUTSIDER
        assert projects.outside_kind[0] == FIRM
        assert best_capability(projects, table, p)[0] == pytest.approx(
            p.by_kind[FIRM, INDUSTRIALISATION], rel=1e-4
        )
    assert alone < 1e-3


def test_who_lacks_is_seen_with_the_people_of_today():
    state, p = state_with(), chain()
    table, projects = state.organisations, state.projects
    table.kind[0], table.knowledge[0] = FIRM, 0.0
    projects.append(1, owner=0, stage=PILOT, field=0)
    for researchers, lacks in ((1e6, False), (1e-6, True), (1e6, False)):
        table.researchers[0] = researchers
        note_who_lacks(projects, table, p)
        assert projects.waits.tolist() == [lacks]
