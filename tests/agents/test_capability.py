"""What members can do: scalar loops, limits, what must never happen."""

import numpy as np
import pytest

from tests.support import scalar_chain as scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar_society import stub
from ydsim.agents.capability import best_capability, capability, note_who_lacks, of_size
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import INDUSTRIALISATION, NOBODY, OUTSIDER, PARTNERS, PILOT, Projects
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
    state.position = np.arange(n)
    state.field_share = draw.dirichlet(np.ones(len(world.fields)), n).T
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
        covers=draw.integers(0, 3, (n, PARTNERS)) / 2.0,
        bond=draw.random((n, PARTNERS)),
    )
    return state


def rows_of(state):
    """Projects and organisations as rows of the loop."""
    names = ("owner", "stage", "field", "members", "outside_kind", "outside_size", "covers", "bond")
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


def one(kind, researchers, stage, p, knowledge=0.0):
    """Capability of organisations of one kind and knowledge by their researchers."""
    n = len(researchers)
    state = stub(synthetic_world(2, 3), projects=Projects())
    state.organisations.append(n, kind=kind, researchers=researchers, knowledge=knowledge)
    zero = np.zeros(n, dtype=np.int64)
    return capability(state.organisations, np.arange(n), zero + stage, zero, p)


def test_the_largest_small_firm_is_just_able():
    """The default is where the prior puts it: 5.9 researchers, the mean of 3.4 and 8.3."""
    for stage in LATE:
        able = one(FIRM, np.array([3.4, 5.0, 7.0, 8.3]), stage, P)
        assert (able < P.capability_needed).tolist() == [True, True, False, False]


def test_the_share_of_nobody_is_one_without_size():
    assert of_size(np.zeros(2), np.zeros(2)).tolist() == [1.0, 1.0]
    assert of_size(np.zeros(1), np.ones(1)).tolist() == [0.0]


def test_who_lacks_is_seen_with_the_people_of_today():
    state, p = state_with(), chain()
    table, projects = state.organisations, state.projects
    table.kind[0], table.knowledge[0] = FIRM, 0.0
    projects.append(1, owner=0, stage=PILOT, field=0)
    for researchers, lacks in ((1e6, False), (1e-6, True), (1e6, False)):
        table.researchers[0] = researchers
        note_who_lacks(projects, table, p)
        assert projects.waits.tolist() == [lacks]
