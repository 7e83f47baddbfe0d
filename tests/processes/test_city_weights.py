"""Cities as origins: their parts in what a province sells, and the weights that fit them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, model, world
from ydsim.measures.groups import over_provinces, parts_within
from ydsim.processes.compete import (
    city_shares,
    compete,
    province_shift,
    pull_at_rest,
    shifted,
    supply,
)
from ydsim.processes.populate import LIMIT, fit_city_weights
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.world.priors import city_parts

HOME = np.array([0, 0, 1])
AT_ONCE = {"compete.share_adjustment": 1.0, "compete.selection": 0.0}


def composition(h, m, a, sigma, home=HOME):
    """c at rest."""
    where = (home, int(home.max()) + 1)
    kappa = parts_within(h * m, *where)
    return parts_within(kappa * pull_at_rest(kappa, a, *where, sigma), *where)


def test_two_cities_by_hand():
    """kappa = (1.5, .5) / 2; A^3 = (1, 8): parts .75 and .25 x 8 = 2, so 3/11 and 8/11."""
    h, m = np.array([[2.0, 2.0, 5.0]]), np.array([[0.75, 0.25, 1.0]])
    c = composition(h, m, np.array([[1.0, 2.0, 7.0]]), 4.0)
    close(c, [[3 / 11, 8 / 11, 1.0]])
    v = np.array([np.log(2.0), 0.0, 0.0])
    lagged = np.array([[[0.5, 0.2, 0.1], [0.25, 0.7, 0.1], [0.25, 0.1, 0.8]]])
    share = city_shares(lagged, c, v, HOME, 2)
    # at home: .5 (6/11), .5 (8/11), .25, .25 over their sum of 25/22
    close(share[0, :, 0], np.array([6 / 22, 8 / 22, 0.25, 0.25]) / (25 / 22))
    close(share.sum(axis=1), np.ones((1, 3)))


@pytest.mark.parametrize("seed", SEEDS)
def test_cities_share_what_their_province_sells(seed):
    """Sums over cities are the rule of provinces, with v of a province the mean over its cities."""
    draw, home = rng(seed), np.array([0, 1, 1, 2, 2, 2])
    c = parts_within(draw.exponential(size=(3, 6)), home, 3)
    lagged = draw.random((3, 4, 4))
    lagged /= lagged.sum(axis=1, keepdims=True)
    v = draw.normal(size=6)
    share = city_shares(lagged, c, v, home, 3)
    whole = shifted(lagged, province_shift(c, v, home, 3))
    for j in range(3):
        for q in range(4):
            close(over_provinces(share[j, :-1, q][None, :], home, 3)[0], whole[j, :-1, q])
    close(share[:, -1], whole[:, -1])
    still = city_shares(lagged, c, np.full(6, 0.0), home, 3)
    close(still[:, -1], lagged[:, -1])


@pytest.mark.parametrize("seed", SEEDS)
def test_with_one_city_in_each_province_origins_are_provinces(seed):
    place = world(4, 1)
    m = model(place=place, seed=seed + 1, burn_in=4, scale=0.02)
    state, keys, draw = m.state, m.parameters.compete, rng(seed)
    outside, v = draw.normal(0.0, 0.2, len(place.industries)), draw.normal(0.0, 0.2, 4)
    before = state.market.lagged.copy()
    compete(state, m.environment, keys, outside, v)
    a = supply(state, outside).by_place
    tau = scalar.arrival(m.environment.protection.tolist(), m.environment.goods.tolist(), keys)
    closes = 1.0 - (1.0 - keys.share_adjustment) ** 0.25
    for j in range(len(place.industries)):
        rest = scalar.ces_shares(state.market.weight[j].tolist(), a[j].tolist(), tau, keys.sigma)
        lagged = before[j] + closes * (np.array(rest) - before[j])
        close(state.market.share[j], scalar.shifted(lagged.tolist(), v.tolist()), rtol=1e-13)
    made = state.market.output[:, state.world.city_province]
    table, firms = state.organisations, state.firms
    want = state.scale * table.share[firms] * made[table.industry[firms], table.province[firms]]
    close(table.value_added[firms], want, rtol=1e-12)


@pytest.mark.parametrize("sigma", [2.0, 4.0])
def test_a_small_city_responds_with_sigma_minus_one(sigma):
    h, m = np.ones((1, 3)), np.array([[1e-6, 1.0 - 1e-6, 1.0]])
    a = np.ones((1, 3))
    before = composition(h, m, a, sigma)[0, 0]
    a[0, 0] = 2.0
    after = composition(h, m, a, sigma)[0, 0]
    assert np.log(after / before) / np.log(2.0) == pytest.approx(sigma - 1.0, abs=1e-4)


def test_a_province_responds_with_sigma_minus_one_where_it_is_small():
    """All firms of one province twice as productive: its odds in a place rise by 2^(sigma - 1)."""
    odds = []
    for factor in (1.0, 2.0):
        m = after_burn_in(years=1, burn_in=4, scale=0.02, parameters=AT_ONCE)
        table, rows = m.state.organisations, m.state.firms
        table.log_productivity[rows] += np.log(factor) * (table.province[rows] == 1)
        keys = m.parameters.compete
        still = keys.model_copy(update={"catch_up": 0.0, "depreciation": 0.0})
        compete(m.state, m.environment, still, np.zeros(10), np.zeros(12))
        share = m.state.market.share
        inside = over_provinces(share[:, :-1, 2], m.world.city_province, 4)[:, 1]
        odds.append(inside / share[:, -1, 2])
    close(odds[1] / odds[0], np.full(10, 2.0 ** (keys.sigma - 1.0)), rtol=1e-9)


def test_an_industry_without_a_firm_in_a_city_makes_nothing_and_its_province_keeps_its_part():
    found = []
    for emptied in (False, True):
        m = after_burn_in(years=1, burn_in=4, scale=0.05)
        state = m.state
        table, firms = state.organisations, state.firms
        table.log_productivity[firms] = 0.0
        if emptied:
            mine = firms[(table.industry[firms] == 3) & (table.city[firms] == 4)]
            assert len(mine) > 0
            table.city[mine] = 5
        still = m.parameters.compete.model_copy(update={"catch_up": 0.0, "depreciation": 0.0})
        compete(state, m.environment, still, np.zeros(10), np.zeros(12))
        assert (table.value_added[firms] > 0.0).all()
        earned = state.by_city(firms, table.value_added[firms]) / state.scale
        close(earned, state.market.output[:, :-1].sum(axis=0), rtol=1e-12)
        found.append(state)
    before, after = (s.market.output for s in found)
    assert after[3, 4] == 0.0 < before[3, 4]
    close(found[1].province_output(), found[0].province_output(), rtol=1e-12)
    assert found[1].market.city_pull[3, 4] > 0.0
    # and the day a firm comes back it has its part again
    table = found[1].organisations
    back = found[1].firms[(table.industry == 3)[found[1].firms] & (table.city == 5)[found[1].firms]]
    table.city[back[:1]] = 4
    compete(found[1], m.environment, still, np.zeros(10), np.zeros(12))
    assert found[1].market.output[3, 4] > 0.0


def test_an_industry_that_leaves_a_province_makes_what_nobody_earns():
    m = after_burn_in(years=1, burn_in=4, scale=0.02)
    state = m.state
    table = state.organisations
    gone = state.firms[(table.industry[state.firms] == 0) & (table.province[state.firms] == 2)]
    table.alive[gone] = False
    state.regroup()
    offered = supply(state, np.full(10, 0.3))
    close(offered.mass[0, 6:9], np.full(3, 1 / 3))
    close(offered.by_city[0, 6:9], np.full(3, np.exp(0.3)))
    compete(state, m.environment, m.parameters.compete, np.zeros(10), np.zeros(12))
    assert (state.market.output[0, 6:9] > 0.0).all()
    close(state.market.output.sum(axis=1), state.province_output().sum(axis=1))


# -- weights ---------------------------------------------------------------------------------------


def case(seed, n_j=4):
    draw, home = rng(seed), np.array([0, 0, 0, 1, 1])
    target = draw.uniform(1.0, 3.0, (n_j, 5))
    mass = draw.exponential(size=(n_j, 5))
    mass /= over_provinces(mass, home, 2)[:, home]
    return target, mass, np.exp(0.3 * draw.normal(size=(n_j, 5))), home


def made(target, h, mass, a, home, sigma):
    whole = over_provinces(target, home, 2)[:, home]
    return whole * composition(h, mass, a, sigma, home)


@pytest.mark.parametrize("seed", SEEDS)
def test_fitted_weights_make_official_output_of_cities_and_keep_that_of_industries(seed):
    target, mass, a, home = case(seed)
    h = fit_city_weights(target, mass, a, home, 2, 4.0)
    output = made(target, h, mass, a, home, 4.0)
    close(output.sum(axis=0), target.sum(axis=0), rtol=1e-10)
    close(over_provinces(output, home, 2), over_provinces(target, home, 2), rtol=1e-12)
    # one factor by city: firms of two industries of a city are scaled alike
    factor = output / (mass * over_provinces(target, home, 2)[:, home])
    odds = factor[:, 0] / factor[:, 1]
    close(odds, np.full(4, odds[0]), rtol=1e-9)


def test_weights_are_one_where_firms_stand_as_official_output_says():
    target, mass, a, home = case(0)
    target = mass * np.array([2.0, 2.0, 2.0, 3.0, 3.0])
    h = fit_city_weights(target, mass, a, home, 2, 4.0)
    close(h * a**3, np.ones(h.shape), rtol=1e-9)


def test_a_city_without_a_firm_makes_nothing_and_its_part_goes_to_its_province():
    target, mass, a, home = case(1)
    mass[:, 1] = 0.0
    h = fit_city_weights(target, mass, a, home, 2, 4.0)
    output = made(target, h, mass, a, home, 4.0).sum(axis=0)
    wanted = target.sum(axis=0)
    assert output[1] == 0.0
    raised = wanted[:3].sum() / wanted[[0, 2]].sum()
    close(output[[0, 2, 3, 4]], wanted[[0, 2, 3, 4]] * np.array([raised, raised, 1.0, 1.0]))


def test_what_firms_cannot_make_is_met_as_nearly_as_they_can():
    """The only firm of a large industry stands in a city that should make next to nothing."""
    target = np.array([[0.5, 8.5, 3.0, 3.0, 3.0], [0.5, 0.5, 3.0, 3.0, 3.0]])
    mass = np.array([[1.0, 0.0, 0.0, 0.5, 0.5], [0.2, 0.4, 0.4, 0.5, 0.5]])
    home = np.array([0, 0, 0, 1, 1])
    h = fit_city_weights(target, mass, np.ones((2, 5)), home, 2, 4.0)
    assert ((h >= 1.0 / LIMIT) & (h <= LIMIT)).all()
    output = made(target, h, mass, np.ones((2, 5)), home, 4.0)
    close(over_provinces(output, home, 2), over_provinces(target, home, 2))
    assert output[0, 0] == pytest.approx(12.0)


@pytest.mark.slow
def test_cities_of_a_run_begin_with_their_official_output():
    """In every replicate, so that replicates do not differ there."""
    official = np.linspace(1.0, 3.0, 12)
    place = replace(world(), city_secondary=world().city_secondary * official[:, None])
    for replicate in range(2):
        m = after_burn_in(place=place, years=1, scale=0.02, replicate=replicate)
        output = m.state.market.output[:, :-1].sum(axis=0)
        province = m.state.inputs.secondary[place.city_province, 0]
        close(output, city_parts(place, 2011) * province, rtol=1e-10)
        assert output[2] / output[0] == pytest.approx(official[2] / official[0])


@pytest.mark.slow
def test_research_follows_its_prior_where_value_added_does_not():
    """Twice the value added in a city raises its R&D by less: R&D rests on the prior of R&D."""
    place = world()
    doubled = place.city_secondary.copy()
    doubled[0] *= 2.0
    other = replace(place, city_secondary=doubled)
    found = []
    for one in (place, other):
        m = after_burn_in(place=one, years=1, scale=0.1)
        table, firms = m.state.organisations, m.state.firms
        rd = np.exp(table.log_effect[firms]) * table.sales[firms]
        by_city = m.state.by_city(firms, rd)[:3]
        found.append(by_city[0] / by_city.sum())
    # the prior moves with .72 ln V + .16 ln(G / N)
    assert found[1] / found[0] == pytest.approx(2**0.72 * 3 / (2 + 2**0.72), rel=0.1)
    assert found[1] / found[0] < 1.35  # official parts rise by 1.5


def test_sigma_of_one_leaves_parts_to_firms_and_weights():
    c = composition(np.ones((1, 3)), np.array([[0.3, 0.7, 1.0]]), np.array([[5.0, 1.0, 2.0]]), 1.0)
    close(c, [[0.3, 0.7, 1.0]])
    assert CompeteParameters(sigma=1.0).sigma == 1.0
