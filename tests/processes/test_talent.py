import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import scalar_talent as scalar
from tests.support.labour import (
    LIVELY,
    PROVINCES,
    arguments_of,
    draws,
    environment,
    state_of,
    surroundings,
)
from tests.support.numbers import DECAY_H, SEEDS, close, rng
from ydsim.agents.organisations import FIRM, UNIVERSITY, Organisations
from ydsim.noise import identity
from ydsim.processes.talent import (
    apportion,
    city_demand,
    follow_demand,
    graduates,
    leavers,
    move_talent,
    moves,
    passage,
    place_keys,
    pull,
    vacancies,
    wage_factor,
    welcome,
)
from ydsim.scenario.schema.sections.economy import TalentParameters

P = TalentParameters(scarce_supply=False)


def lived(seed, parameters=LIVELY, *, passes=0.6, recognition=0.6, **given):
    state = state_of(seed, **given)
    n, provinces = state.world.n_cities, state.world.n_provinces
    move_talent(
        state,
        environment(seed, n, provinces, passes=passes, recognition=recognition),
        draws(),
        parameters,
        DECAY_H,
    )
    return state


def crossings(state):
    return state.tally.region.talent_cross_province


# -- apportioning ----------------------------------------------------------------------------------

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


# -- the rules -------------------------------------------------------------------------------------


@given(
    stock=st.integers(0, 10**7),
    rate=st.floats(0.0, 1.0),
    u=st.floats(0.0, 1.0, exclude_min=True, exclude_max=True),
)
@settings(max_examples=200, deadline=None)
def test_leavers_are_whole_and_no_more_than_there_are(stock, rate, u):
    number = int(leavers(np.array([stock]), rate, np.array([u]))[0])
    assert 0 <= number <= stock
    assert abs(number - stock * (1.0 - np.exp(-rate / 4.0))) < 1.0 + 1e-6
    if rate == 0.0:
        assert number == 0


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


def test_offers_fall_with_distance_and_stop_at_borders():
    where = environment(1, 10, 4, passes=0.75, recognition=0.5)
    part = passage(PROVINCES, where, 0.3, 2.0)
    hours = where.travel_hours
    assert part[0, 1] == pytest.approx(np.exp(-hours[0, 1] / 2.0))
    assert part[0, 3] == pytest.approx(0.75 * 0.5 * np.exp(-hours[0, 3] / 2.0))
    assert part[4, 10] == pytest.approx(0.3 * np.exp(-where.outside_hours[4] / 2.0))
    assert part[10, 4] == part[4, 10]
    assert (np.diag(part) == 1.0).all()


def test_jobs_elsewhere_are_vacancies_and_at_home_those_that_change_hands_too():
    vacancy, stock, appeal = np.array([10.0, 0.0]), np.array([100, 50]), np.array([1.0, 2.0])
    weight = pull(vacancy, stock, appeal, np.ones(2), np.ones((2, 2)))
    assert weight.tolist() == [[12.0, 0.0], [10.0, 2.0]]
    # what a city has for those from elsewhere its own do not get
    weight = pull(vacancy, stock, appeal, np.array([1.5, 3.0]), np.ones((2, 2)))
    assert weight.tolist() == [[12.0, 0.0], [15.0, 2.0]]


def test_large_cities_and_those_that_offer_more_welcome_others():
    stock, offer = np.array([100, 300, 0, 400, 9999]), np.array([1.0, 1.2, 1.0, 0.5])
    assert welcome(offer, stock, 0.0).tolist() == [1.0, 1.2, 1.0, 0.5, 1.0]
    close(welcome(offer, stock, 1.0), [0.5, 1.2 * 1.5, 0.0, 0.5 * 2.0, 1.0])
    close(welcome(offer, stock, 0.5), [0.5**0.5, 1.2 * 1.5**0.5, 0.0, 0.5 * 2.0**0.5, 1.0])
    assert welcome(offer, 0 * stock, 1.0).tolist() == [1.0, 1.2, 1.0, 0.5, 1.0]


def test_borders_and_recognition_may_differ_by_direction():
    where = environment(2, 4, 2)
    where.talent[0, 1], where.talent[1, 0] = 1.0, 0.0
    where.recognition[0, 1] = 0.2
    part = passage(np.array([0, 0, 1, 1]), where, 0.5, 1.5)
    assert (part[2:4, :2] == 0.0).all()
    close(part[:2, 2:4], 0.2 * np.exp(-where.travel_hours[:2, 2:] / 1.5))


# -- a quarter -------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("parameters", [P, LIVELY])
@pytest.mark.parametrize("policies", [False, True])
def test_a_quarter_equals_the_scalar_rule(seed, parameters, policies):
    state = state_of(seed, gap=0.02 * (1 + seed))
    world, where = state.world, surroundings(seed, parameters, policies)
    before, noise = state.talent, draws()
    given, named = arguments_of(state, where, noise)
    want = scalar.quarter(*given, parameters, **named)
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


@given(
    seed=st.integers(0, 10_000),
    mobility=st.floats(0.0, 1.0),
    retirement=st.floats(0.0, 1.0),
    gap=st.floats(0.0, 1.0),
    passes=st.floats(0.0, 1.0),
    pulls=st.floats(0.0, 1.0),
    organisations=st.integers(1, 60),
)
@settings(max_examples=20, deadline=None)
def test_full_time_equivalents_are_conserved_to_the_unit(
    seed, mobility, retirement, gap, passes, pulls, organisations
):
    state = state_of(seed, gap=gap, organisations=organisations)
    before, keys, noise = state.talent.stock.copy(), place_keys(state.world), draws()
    parameters = TalentParameters(mobility=mobility, retirement=retirement, scarce_supply=False)
    moved = {
        "mobility": rng(seed).uniform(0.0, mobility, 10),
        "offer": rng(seed).uniform(0.0, 2.0, 10),
        "core_pull": np.array(pulls),
    }
    move_talent(state, environment(seed, 10, 4, passes=passes, **moved), noise, parameters, DECAY_H)
    talent, tally = state.talent, state.tally
    retired = int(leavers(before, retirement, noise.uniform(keys, 0)).sum())
    new = max(0, int(np.floor(talent.demand.sum() + 1e-9)) - (int(before.sum()) - retired))
    assert talent.stock.sum() == before.sum() - retired + new
    assert talent.stock.dtype == talent.moves.dtype == np.int64
    assert (talent.stock >= 0).all()
    assert (talent.moves >= 0).all()
    assert (np.diag(talent.moves) == 0).all()
    balance = tally.city.talent_in.sum() - tally.city.talent_out.sum()
    assert balance == tally.region.talent_net_outside


def test_without_mobility_nobody_moves_and_without_retirement_nobody_leaves():
    state = state_of(0)
    before = state.talent.stock.copy()
    parameters = TalentParameters(mobility=0.0, retirement=0.0, scarce_supply=False)
    move_talent(state, environment(0, 10, 4, mobility=0.0), draws(), parameters, DECAY_H)
    assert state.talent.moves.sum() == 0
    assert (state.talent.stock >= before).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_higher_borders_and_less_recognition_keep_researchers_in_their_province(seed):
    by_share = [crossings(lived(seed, passes=x)) for x in (1.0, 0.7, 0.4, 0.1, 0.0)]
    assert by_share == sorted(by_share, reverse=True)
    assert by_share[0] > 2 * by_share[3] > by_share[4] == 0
    by_recognition = [crossings(lived(seed, recognition=x)) for x in (1.0, 0.5, 0.0)]
    assert by_recognition[0] > by_recognition[1] > by_recognition[2] == 0


def test_what_passes_borders_is_no_matter_to_the_outside_and_recognition_is():
    closed = lived(3, passes=0.0).talent.moves
    assert closed[-1].sum() > 0
    assert closed[:, -1].sum() > 0
    none = LIVELY.model_copy(update={"recognition": 0.0})
    apart = lived(3, none).talent.moves
    assert apart[-1].sum() == apart[:, -1].sum() == 0
    assert apart.sum() > 0


def test_pay_attracts():
    def moved_to_first(state):
        move_talent(state, environment(4, 10, 4), draws(), LIVELY, DECAY_H)
        return int(state.talent.moves[:, 0].sum()), int(state.talent.moves[0].sum())

    plain, better = state_of(4, gap=0.0), state_of(4, gap=0.0)
    better.talent.wage[0] *= 2.0
    (came, went), (more, fewer) = moved_to_first(plain), moved_to_first(better)
    assert more > 1.3 * came
    assert fewer < went


# -- what it reads ---------------------------------------------------------------------------------


def test_firms_count_by_the_sample_and_science_is_whole():
    table = Organisations(3)
    table.append(
        4,
        kind=np.array([FIRM, UNIVERSITY, FIRM, FIRM]),
        city=np.array([0, 0, 1, 1]),
        province=np.array([0, 0, 1, 1]),
        alive=np.array([True, True, True, False]),
        rd=np.array([0.3, 0.0, 0.1, 9.0]),
        grants_spent=np.array([0.1, 0.5, 0.0, 9.0]),
        researchers=np.array([10.0, 100.0, 0.0, 70.0]),
    )
    state = state_of(0, province=np.array([0, 1, 1]))
    state.organisations, state.scale = table, 0.1
    state.inputs.wage = np.array([[1.0, 1.0, 0.002, 1.0], [1.0, 1.0, 0.004, 1.0]])
    close(city_demand(state), [4 * (4.0 + 0.5) / 0.002, 4 * 1.0 / 0.004, 0.0])


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


def test_stocks_keep_up_with_growing_demand():
    state = state_of(6, gap=0.3)
    where = environment(6, 10, 4, mobility=P.mobility)
    for quarter in range(60):
        state.quarter = quarter
        state.organisations.grants_spent[:] *= 1.01
        state.organisations.rd[:] *= 1.01
        move_talent(state, where, draws(quarter), P, DECAY_H)
    talent = state.talent
    assert talent.stock.sum() == np.floor(talent.demand.sum())
    close(talent.wage, np.ones(10), rtol=0.02)


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


def test_moves_of_a_place_without_weights_are_none():
    keys = identity("place", np.arange(2))
    nobody = moves(np.zeros(2, dtype=np.int64), np.zeros((2, 2)), keys, np.full(2, 0.5))
    assert nobody.sum() == 0
