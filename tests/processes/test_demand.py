"""Demand answers to prices: the index, its limits, the path that it is compared with."""

import numpy as np
import pytest

from tests.support import scalar_compete
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, model
from ydsim.processes.compete import arrival, compete, demand, demand_factor, log_prices
from ydsim.record.yearly import supply
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.world.base_run import BaseRun, price_path

P = CompeteParameters()
OPEN = {"border_friction": {"passes": 1.0, "channels": ["goods"]}}


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n_j, n_p = 3, 4
    weight = draw.dirichlet(np.ones(n_p + 1), n_j)
    a, mix = draw.lognormal(size=(n_j, n_p + 1)), draw.dirichlet(np.ones(n_j))
    tau = arrival(draw.random(n_p) * 0.4, draw.random((n_p, n_p)), P)
    found = log_prices(weight, a, tau, P.sigma, mix)
    rest = weight.tolist(), a.tolist(), tau.tolist(), mix.tolist(), P.sigma
    close(found, [scalar_compete.log_price(*rest, q) for q in range(n_p + 1)])
    close(log_prices(weight, 1.1 * a, tau, P.sigma, mix), found - np.log(1.1))
    better = a.copy()
    better[1, 2] *= 1.2
    assert (log_prices(weight, better, tau, P.sigma, mix) < found).all()
    assert (log_prices(weight, a, np.minimum(tau, 0.5), P.sigma, mix) > found).all()


def test_prices_of_one_origin_are_what_its_goods_cost():
    tau = np.array([[1.0, 0.5], [0.5, 1.0]])
    found = log_prices(np.array([[1.0, 0.0]]), np.array([[2.0, 9.0]]), tau, 4.0, np.ones(1))
    close(found, -np.log([2.0, 1.0]))


def test_prices_have_a_limit_where_sigma_is_one():
    weight, a = np.array([[0.3, 0.7]]), np.array([[2.0, 0.5]])
    found = log_prices(weight, a, np.ones((2, 2)), 1.0, np.ones(1))
    want = -(0.3 * np.log(2.0) + 0.7 * np.log(0.5))
    np.testing.assert_allclose(found, [want, want], atol=1e-5)


def test_a_gain_of_all_raises_nominal_demand_by_e_and_real_demand_by_one_and_e():
    g = 0.2
    for e in (0.0, 0.5, 1.0):
        factor = demand_factor(np.full(2, -g), np.zeros(2), e)
        close(np.log(factor), [e * g] * 2)
        close(np.log(factor / np.exp(-g)), [(1.0 + e) * g] * 2)
    assert demand_factor(np.array([-0.3]), np.array([0.1]), 0.0).tolist() == [1.0]


def live(m, quarters, reference, **changes):
    """Compete for some quarters with productivity as it is."""
    keys = m.parameters.compete.model_copy(
        update={"catch_up": 0.0, "depreciation": 0.0, "selection": 0.0} | changes
    )
    outside, shift = m.state.nation.relative, np.zeros(m.world.n_cities)
    for _ in range(quarters):
        compete(m.state, m.baseline, keys, outside, shift, m.baseline, None, reference)


def test_equal_gains_everywhere_move_prices_and_demand_and_no_share():
    m = after_burn_in(burn_in=8)
    state, g, none = m.state, 0.1, np.zeros(m.world.n_provinces + 1)
    live(m, 400, none, demand_elasticity=1.0)
    before, share = state.market.log_price.copy(), state.market.share.copy()
    state.organisations.log_productivity[state.firms] += g
    state.nation.log_productivity += g
    live(m, 400, none, demand_elasticity=1.0)
    np.testing.assert_allclose(state.market.log_price, before - g, atol=1e-9)
    np.testing.assert_allclose(state.market.share, share, atol=1e-9)
    np.testing.assert_allclose(state.market.demand_factor, np.exp(g - before), rtol=1e-9)


def test_what_is_sold_is_what_is_asked_for():
    m = after_burn_in(burn_in=8)
    live(m, 3, np.linspace(-0.2, 0.3, m.world.n_provinces + 1), demand_elasticity=0.7)
    state = m.state
    assert not np.allclose(state.market.demand_factor, 1.0)
    wanted = state.inputs.secondary[:, state.input_column] * state.market.demand_factor
    close(demand(state).sum(axis=0), wanted)
    close(state.market.output.sum(axis=1), demand(state).sum(axis=1))
    made = state.tally.city.value_added_secondary
    close(made, state.market.output[:, :-1].sum(axis=0))
    sold = supply(state)
    close(sold[:, :-1].sum(), (state.market.share * demand(state)[:, None, :])[..., :-1].sum())
    table, services = state.organisations, state.inputs.gdp[:-1] / state.inputs.secondary[:-1]
    ratio = services[table.province[state.firms], state.input_column]
    close(table.sales[state.firms], table.value_added[state.firms] * ratio)


def base(m, path):
    return BaseRun(market_shift=np.zeros((m.world.n_cities, 1)), log_price=path)


def small(years=2, path=None, **options):
    """A run under a price path, and the model."""
    m = model(years=years, burn_in=8, **options)
    if path is not None:
        m.prices = price_path(base(m, path), 2011, m.world)
    return m.run()


def rows(m):
    return [m.recorder.series(n).tobytes() for n in ("value_added_secondary", "launches", "ideas")]


@pytest.mark.slow
def test_without_an_elasticity_or_a_path_demand_is_official_to_the_byte():
    off = {"compete.demand_elasticity": 0.0}
    path = np.full((5, 8), 0.4)
    runs = [small(), small(parameters=off, path=path), small(policies=OPEN)]
    assert rows(runs[0]) == rows(runs[1])
    for m in runs:
        assert m.state.market.demand_factor.tolist() == [1.0] * 5
    assert runs[2].state.market.log_price[0] < runs[0].state.market.log_price[0]


@pytest.mark.slow
def test_lower_borders_lower_prices_and_raise_demand_until_the_path_ends():
    plain = small(years=3)
    path = np.tile(plain.state.market.log_price[:, None], 8)
    shut, wide = (small(years=3, path=path, policies=p) for p in ({}, OPEN))
    here = slice(plain.world.n_provinces)
    assert (wide.state.market.demand_factor > shut.state.market.demand_factor)[here].all()
    real, nominal = (
        np.log(wide.recorder.series(n)[-4:].sum() / shut.recorder.series(n)[-4:].sum())
        for n in ("value_added_secondary_real", "value_added_secondary")
    )
    assert real > nominal > 0.0
    wide.prices = np.zeros((0, 5))
    before = wide.state.market.demand_factor.copy()
    live(wide, 2, None)
    assert wide.state.market.demand_factor.tolist() == before.tolist()


def test_a_path_counts_from_the_start_of_the_run():
    m = after_burn_in(burn_in=4)
    path = np.tile(np.arange(1.0, 13.0), (m.world.n_provinces + 1, 1))
    found = base(m, path)
    assert price_path(found, 2011, m.world)[:, 0].tolist() == path[0].tolist()
    assert price_path(found, 2012, m.world)[:, 1].tolist() == list(range(1, 9))
    assert price_path(found, 2014, m.world).shape == (0, m.world.n_provinces + 1)
    assert price_path(BaseRun(), 2011, m.world).shape == (0, m.world.n_provinces + 1)


@pytest.mark.slow
def test_demand_does_not_run_away_where_it_answers_most():
    """To 2050, against the path of other draws; what other draws do alone is as much."""
    other = model(years=40, burn_in=8, seed=2)
    path = []
    while other.running:
        other.step()
        path.append(other.state.market.log_price.copy())
    shut, open_ = (
        small(years=40, path=np.array(path).T, parameters={"compete.demand_elasticity": e})
        for e in (0.0, 1.0)
    )
    log_a = [m.recorder.series("productivity_log") for m in (other, shut, open_)]
    assert np.isfinite(log_a).all()
    assert np.abs(log_a[2] - log_a[1]).max() < 0.25
