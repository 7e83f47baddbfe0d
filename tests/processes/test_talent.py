import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import scalar_talent as scalar
from tests.support.labour import (
    LIVELY,
    PROVINCES,
    SCARCE,
    arguments_of,
    draws,
    environment,
    state_of,
    surroundings,
)
from tests.support.numbers import DECAY_H, SEEDS, close, rng
from ydsim.noise import identity
from ydsim.processes.talent import (
    apportion,
    city_demand,
    follow_demand,
    graduates,
    move_talent,
    place_keys,
    vacancies,
    wage_factor,
)
from ydsim.scenario.schema.parameters import TalentParameters

P = TalentParameters(scarce_supply=False)
LOOKING = SCARCE.model_copy(
    update={"graduates_look": 0.6, "entry_elasticity": 1.3, "pay_speed": 2.0}
)


def crossings(state):
    return state.tally.region.talent_cross_province


WEIGHTS = st.lists(st.floats(0.0, 1e6) | st.just(1.0), min_size=1, max_size=30).filter(
    lambda w: max(w) > 1e-6
)


@pytest.mark.slow
@given(total=st.integers(0, 10**9), weight=WEIGHTS, seed=st.integers(0, 99))
@settings(max_examples=200, deadline=None)
def test_apportioning_keeps_the_total_and_is_fair_and_order_free(total, weight, seed):
    draw = rng(seed)
    weight, keys = np.array(weight), identity("place", np.arange(len(weight)))
    share = apportion(total, weight, keys)
    assert share.sum() == total
    exact = total * weight / weight.sum()
    assert (np.abs(share - exact) < 1.0 + 1e-6).all()
    assert (share[weight == 0.0] == 0).all()
    order = draw.permutation(len(weight))
    moved = apportion(total, weight[order], keys[order])
    assert moved.tolist() == share[order].tolist()
    want = scalar.apportion(total, weight.tolist(), keys.tolist())
    assert share.tolist() == want


def test_largest_remainders_get_the_rest_and_ties_go_by_key():
    keys = np.array([5, 3, 9, 1], dtype=np.uint64)
    assert apportion(10, np.array([3.4, 2.3, 2.2, 2.1]), keys).tolist() == [4, 2, 2, 2]
    assert apportion(2, np.ones(4), keys).tolist() == [0, 1, 0, 1]
    assert apportion(0, np.zeros(4), keys).tolist() == [0, 0, 0, 0]
    assert apportion(-3, np.ones(4), keys).tolist() == [0, 0, 0, 0]
    with pytest.raises(ValueError, match="apportion 1"):
        apportion(1, np.zeros(4), keys)


def test_graduates_fill_what_all_places_lack():
    keys = identity("place", np.arange(3))
    demand, stock = np.array([120.0, 100.5, 400.0]), np.array([100, 100, 350])
    free = vacancies(demand, stock)
    assert free.tolist() == [20.0, 0.5, 50.0]
    assert graduates(demand, stock, free, keys).tolist() == [20, 0, 50]
    surplus = np.array([160, 100, 350])
    free = vacancies(demand, surplus)
    # ten are wanted in all, fifty at one place: the surplus elsewhere is not taken over
    assert graduates(demand, surplus, free, keys).tolist() == [0, 0, 10]
    assert graduates(demand, surplus + 30, vacancies(demand, surplus + 30), keys).sum() == 0


def test_wages_follow_scarcity_within_bounds():
    demand = np.array([100.0, 400.0, 100.0, 1e6, 1.0, 5.0, 0.0, 0.0])
    stock = np.array([100, 100, 400, 100, 1000, 0, 0, 10])
    theta = wage_factor(demand, stock, 0.5)
    close(theta, [1.0, 2.0, 0.5, 4.0, 0.25, 4.0, 1.0, 0.25])
    pairs = list(zip(demand.tolist(), stock.tolist(), strict=True))
    for scarcity in (0.0, 0.3, 2.0):
        want = [scalar.wage_factor(d, s, scarcity) for d, s in pairs]
        close(wage_factor(demand, stock, scarcity), want)
    assert (wage_factor(demand, stock, 0.0) == 1.0).all()


def scarcity_of(state, noise):
    """What a quarter of a scarce supply reads besides."""
    keys, total = place_keys(state.world), state.inputs.personnel.sum(axis=0)
    return scalar.Scarce(
        (total[0], total[2]),
        state.talent.start,
        state.inputs.students[:, 2].tolist(),
        float(noise.uniform(keys[-1:], 3)[0]),
        *(noise.uniform(keys[:-1], k).tolist() for k in (3, 4)),
    )


CASES = [(P, False), (LIVELY, True), (LOOKING, False), (LOOKING, True)]


@pytest.mark.quick(2)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("parameters", "policies"), CASES)
def test_a_quarter_equals_the_scalar_rule(seed, parameters, policies):
    state = state_of(seed, gap=0.02 * (1 + seed))
    world, where = state.world, surroundings(seed, parameters, policies)
    before, noise = state.talent, draws()
    scarce = scarcity_of(state, noise) if parameters.scarce_supply else None
    given, named = arguments_of(state, where, noise)
    want = scalar.quarter(*given, parameters, scarce=scarce, **named)
    move_talent(state, where, noise, parameters, DECAY_H)
    talent, tally = state.talent, state.tally
    assert talent.moves.tolist() == want.moves
    assert talent.stock.tolist() == want.stock
    close(talent.demand, want.demand)
    close(talent.wage, want.wage)
    assert sum(want.stock) == before.stock.sum() - sum(want.retired) + sum(want.new)
    cities = range(world.n_cities)
    assert tally.city.researchers_stock.tolist() == want.stock[:-1]
    close(tally.city.vacancies, want.vacancy[:-1], atol=1e-9)
    assert tally.city.talent_out.tolist() == [sum(want.moves[c]) for c in cities]
    assert tally.city.talent_in.tolist() == [sum(row[c] for row in want.moves) for c in cities]
    across = sum(want.moves[c][d] for c in cities for d in cities if PROVINCES[c] != PROVINCES[d])
    assert crossings(state) == across
    net = sum(want.moves[-1]) - sum(row[-1] for row in want.moves)
    assert tally.region.talent_net_outside == net


def test_the_burn_in_follows_demand():
    state = state_of(5)
    state.quarter = -9
    follow_demand(state)
    talent, demand = state.talent, city_demand(state)
    assert talent.stock[:-1].tolist() == np.rint(demand).tolist()
    assert talent.stock[-1] == np.rint(2.0 * demand.sum())
    assert talent.demand[-1] == pytest.approx(2.0 * demand.sum())
    assert talent.wage.tolist() == [1.0] * 10
    assert talent.moves.shape == (11, 11)
    assert talent.moves.sum() == 0
    assert not any(values.any() for _, values in state.tally.city.items())


def test_a_region_without_research_stands_still():
    state = state_of(7)
    table = state.organisations
    for column in (table.rd, table.grants_spent, table.researchers):
        column[:] = 0.0
    move_talent(state, environment(7, 10, 4), draws(), LIVELY, DECAY_H)
    assert state.talent.moves.sum() == 0
    assert (state.talent.wage[state.talent.stock[:-1] > 0] == 0.25).all()
    follow_demand(state)
    move_talent(state, environment(7, 10, 4), draws(), LIVELY, DECAY_H)
    assert state.talent.stock.sum() == 0
    assert state.talent.wage.tolist() == [1.0] * 10
