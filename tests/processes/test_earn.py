"""The private return to launches: a loop over firms, bounds, and its zero switch."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar_society import stub
from tests.support.small import after_burn_in
from ydsim.agents.means import Means
from ydsim.agents.projects import NOBODY, OUTSIDER
from ydsim.agents.state import Launches
from ydsim.processes.compete import update_productivity
from ydsim.processes.earn import earn, faded, private_return
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.world.synthetic import synthetic_world

P = CompeteParameters()


def state_with(n=40, launches=60, seed=0):
    draw = rng(seed)
    world = synthetic_world(2, 3)
    state = stub(world, scale=0.05, means=Means.none(world.n_cities, len(world.fields)))
    state.organisations.append(
        n,
        kind=(np.arange(n) % 7 == 0).astype(np.int8),
        researchers=draw.exponential(20.0, n) * (draw.random(n) > 0.1),
        earning=draw.exponential(0.5, n) * (draw.random(n) > 0.5),
    )
    state.firms = state.organisations.firms()
    owner = draw.integers(0, n, launches)
    key = np.arange(launches, dtype=np.uint64)
    zeros = np.zeros(launches, dtype=np.int64)
    state.launches = Launches.plain(owner, zeros, zeros, draw.exponential(1.0, launches), key)
    for i, number in enumerate(draw.integers(0, 5, launches)):
        state.launches.members[i, :number] = draw.integers(0, n, number)
        if number and draw.random() < 0.3:
            state.launches.members[i, 0] = OUTSIDER
        state.launches.partners[i] = number
    return state


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("own", [True, False])
def test_returns_equal_a_loop_over_launches(seed, own):
    state = state_with(seed=seed)
    table, out = state.organisations, state.launches
    after = [value * math.exp(-P.return_decay / 4.0) for value in table.earning.tolist()]
    for q, owner, members in zip(out.quality, out.owner, out.members.tolist(), strict=True):
        there = [m for m in members if m != NOBODY]
        for m in [int(owner), *there]:
            if m >= 0 and table.kind[m] == 0:
                after[m] += math.sqrt(q) / (1 + len(there))
    size = {i: max(float(table.researchers[i]), 1.0) ** 0.4 for i in state.firms.tolist()}
    mean = sum(after[i] for i in size) / sum(size.values())
    zero = None if own else replace(state.means, returns=0.7 * mean)
    before = table.earning[table.kind != 0].copy()
    earn(state, P, 0.4, zero)
    close(table.earning[state.firms], [after[i] for i in size])
    close(table.earning[table.kind != 0], before * math.exp(-P.return_decay / 4.0))
    close(state.means.returns, mean)
    expected = mean if own else 0.7 * mean
    want = [
        P.private_return * (1.0 - math.exp(-after[i] / (expected * n))) for i, n in size.items()
    ]
    close(table.advantage[state.firms], want)


def test_the_return_is_bounded_and_what_is_expected_earns_63_per_cent():
    omega = private_return(np.array([0.0, 1.0, 1e9, 0.0, 2.0]), np.array([1.0, 1, 1, 0, 0]), 0.1)
    close(omega, [0.0, 0.1 * (1.0 - math.exp(-1.0)), 0.1, 0.0, 0.1])
    assert faded(np.ones(1), np.zeros(1), 0.0).tolist() == [1.0]


@pytest.mark.slow
def test_without_a_private_return_productivity_moves_as_without_launches():
    moved = []
    for launched in (0.0, 50.0):
        state = after_burn_in(years=1, scale=0.02).state
        state.organisations.earning[state.firms] = launched
        p = P.model_copy(update={"private_return": 0.0})
        earn(state, p, 0.4)
        update_productivity(state, p)
        moved.append(state.organisations.log_productivity[state.firms].copy())
    assert (moved[0] == moved[1]).all()


def test_more_launches_than_the_zero_raise_the_whole_region():
    """Where all launch twice as much as in the zero, all gain: nothing is relative to the run."""
    state = state_with()
    earn(state, P, 0.4)
    before, zero = state.organisations.advantage.copy(), replace(state.means)
    state.organisations.earning *= 2.0
    state.launches = Launches.none()
    earn(state, P.model_copy(update={"return_decay": 0.0}), 0.4, zero)
    some = state.organisations.advantage > 0.0
    assert some.any()
    assert (state.organisations.advantage[some] > before[some]).all()
