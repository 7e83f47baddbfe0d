"""Cities as origins: their parts in what a province sells, and the weights that fit them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, world
from ydsim.measures.groups import over_provinces, parts_within
from ydsim.processes.compete import compete, pull_at_rest, supply
from ydsim.processes.populate import LIMIT, fit_city_weights
from ydsim.world.priors import city_parts

HOME = np.array([0, 0, 1])


def composition(h, m, a, sigma, home=HOME):
    """c at rest."""
    where = (home, int(home.max()) + 1)
    kappa = parts_within(h * m, *where)
    return parts_within(kappa * pull_at_rest(kappa, a, *where, sigma), *where)


def test_an_industry_that_leaves_a_province_makes_what_nobody_earns():
    m = after_burn_in(years=1, burn_in=4, scale=0.02)
    state = m.state
    table = state.organisations
    gone = state.firms[(table.industry[state.firms] == 0) & (table.province[state.firms] == 2)]
    table.died[gone] = 0
    state.regroup()
    offered = supply(state, np.full(10, 0.3))
    close(offered.mass[0, 6:9], np.full(3, 1 / 3))
    close(offered.by_city[0, 6:9], np.full(3, np.exp(0.3)))
    none = np.zeros(12)
    compete(state, m.environment, m.parameters.compete, np.zeros(10), none, m.baseline, none)
    assert (state.market.output[0, 6:9] > 0.0).all()
    close(state.market.output.sum(axis=1), state.province_output().sum(axis=1))


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
