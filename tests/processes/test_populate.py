import math

import numpy as np
import pytest

from tests.support import scalar_population as scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import model
from ydsim.agents.organisations import INSTITUTE, UNIVERSITY
from ydsim.agents.tables import make_brokers
from ydsim.noise import NoiseSource, identity
from ydsim.processes.compete import arrival, ces_shares
from ydsim.processes.populate import calibrate_weights, firm_shares, log_effects, truncated_pareto
from ydsim.scenario.schema.parameters import (
    CompeteParameters,
    InvestParameters,
    PopulationParameters,
)
from ydsim.world.base_run import BaseRun, shift_path
from ydsim.world.inputs import carried_on, interpolate, market_shifts, spread
from ydsim.world.loader import synthetic_world


@pytest.mark.parametrize("seed", SEEDS)
def test_sizes_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n = int(draw.integers(1, 40))
    group = draw.integers(0, 4, n)
    key = identity("firm", np.arange(n))
    noise = NoiseSource(seed, 0).phase("populate", 0)
    p = PopulationParameters()
    close(
        truncated_pareto(noise.uniform(key), 1.06, 1000.0),
        [scalar.truncated_pareto(u, 1.06, 1000.0) for u in noise.uniform(key)],
    )
    u = [noise.uniform(key, k).tolist() for k in (7, 8)]
    want = scalar.firm_shares(group.tolist(), key.tolist(), *u, p.size_exponent, p.size_range)
    share = firm_shares(group, key, p, noise)
    close(share, want)
    effect = log_effects(share, group, key, InvestParameters(effect_sd=0.0), noise)
    size = np.bincount(group)[group]
    close(effect, (0.6 - 1.0) * np.log(share * size), atol=1e-13)


@pytest.mark.parametrize("seed", SEEDS)
def test_fitted_markets_make_their_target(seed):
    draw = rng(seed)
    n_j, n_o = 3, 5
    p = CompeteParameters()
    tau = arrival(draw.random(4) * 0.5, draw.random((4, 4)) * (1 - np.eye(4)), p)
    a = np.exp(0.3 * draw.normal(size=(n_j, n_o)))
    spending = draw.uniform(1.0, 2.0, (n_j, n_o))
    true = draw.uniform(0.5, 2.0, (n_j, n_o))
    target = (ces_shares(true, a, tau, p.sigma) * spending[:, None, :]).sum(axis=2)
    weight, share = calibrate_weights(target, a, tau, spending, p)
    close((share * spending[:, None, :]).sum(axis=2), target, rtol=1e-9)
    close(ces_shares(weight, a, tau, p.sigma), share, rtol=1e-9)
    for j in range(n_j):
        want = scalar.calibrate_weights(
            target[j].tolist(), a[j].tolist(), tau.tolist(), spending[j].tolist(), p.sigma
        )
        close(weight[j], want, rtol=1e-7)
        close(weight[j], true[j] / true[j].sum(), rtol=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("years", [1, 2, 7])
def test_quarters_equal_the_scalar_rule(seed, years):
    draw = rng(seed)
    yearly = np.exp(draw.normal(size=(3, years)))
    close(interpolate(yearly), [scalar.interpolate(row.tolist()) for row in yearly])
    close(shift_path(yearly), np.transpose([scalar.shift_path(row.tolist()) for row in yearly]))
    yearly[0, 0] = 0.0
    quarterly = spread(yearly)
    close(quarterly, [scalar.spread(row.tolist()) for row in yearly])
    close(quarterly.reshape(3, years, 4).sum(axis=2), yearly)


def test_shifts_begin_at_zero_in_any_year_and_none_are_zero():
    place = synthetic_world(2, 3)
    knots = np.linspace(-0.3, 0.3, 3 * place.n_cities).reshape(-1, 3)
    base = BaseRun(market_shift=knots)
    whole, later = (market_shifts(base, y, 2013, place) for y in (2011, 2012))
    assert not whole[0].any()
    close(later, whole[4:] - whole[4])
    assert not market_shifts(BaseRun(), 2011, 2013, place).any()


@pytest.mark.parametrize("end", [2013, 2014, 2016])
def test_shifts_go_on_by_the_drift_of_the_region_and_no_year_depends_on_the_end(end):
    place = synthetic_world(2, 3)
    knots = rng(5).normal(size=(place.n_cities, 3))
    base = BaseRun(market_shift=knots)
    long = market_shifts(base, 2011, 2020, place)
    np.testing.assert_array_equal(
        market_shifts(base, 2011, end, place), long[: 4 * (end - 2010) + 1]
    )
    step = np.diff(knots.mean(axis=0)).mean()  # cities of this world make the same
    close(np.diff(long[4 * 2 + 3 :], axis=0), np.full((4 * 8 - 3, place.n_cities), step / 4.0))


def test_the_drift_is_of_five_years_and_weighs_cities_by_what_they_make():
    shift = np.vstack([np.arange(8.0) ** 2, np.zeros(8)])
    more = carried_on(shift, np.array([0.25, 0.75]), 2)
    close(more[:, -2:] - shift[:, -1:], np.array([[1.0, 2.0]] * 2) * 0.25 * (49.0 - 4.0) / 5.0)
    assert (carried_on(shift[:, :1], np.array([0.25, 0.75]), 2) == shift[:, :1]).all()


def population(**parameters):
    """The state after the first quarter's draws, without a burn-in."""
    named = {path.replace("__", "."): value for path, value in parameters.items()}
    return model(years=1, scale=0.02, burn_in=0, parameters=named).state


def test_firms_are_twelve_years_old_and_knowledge_is_zero_on_average():
    """Whole organisations stand for as many as the sample."""
    state = population()
    table, firms = state.organisations, state.firms
    age = state.quarter - table.born[firms]
    assert age.mean() == pytest.approx(47.5, abs=4.0 * 48.0 / np.sqrt(len(firms)))
    assert np.abs((state.sample_exposure[:, None] * table.knowledge).sum(axis=0)).max() < 1e-9


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("name", "kind", "other"),
    [("universities", UNIVERSITY, INSTITUTE), ("institutes", INSTITUTE, UNIVERSITY)],
)
def test_science_can_be_switched_off_and_firms_stay_as_they_are(name, kind, other):
    full, without = population(), population(**{f"actors__{name}": False})
    assert (full.organisations.kind == kind).any()
    assert not (without.organisations.kind == kind).any()
    kinds = [(s.organisations.kind == other).sum() for s in (full, without)]
    assert kinds[0] == kinds[1] > 0
    for column in ("key", "city", "industry", "share", "log_effect", "absorptive"):
        a, b = (getattr(s.organisations, column)[s.firms] for s in (full, without))
        assert (a == b).all(), column


def test_brokers_stand_where_firms_are_whatever_the_scale():
    """Their number is that of the region, their capacity that of the sample."""
    for scale in (0.02, 0.2):
        m = model(years=1, scale=scale, burn_in=0, parameters={"brokers.per_1000_firms": 5.0})
        state, keys = m.state, m.parameters.brokers
        firms = np.bincount(state.organisations.city[state.firms], minlength=12) / scale
        number = np.bincount(state.brokers.city, minlength=12)
        assert number.tolist() == [math.floor(f * 5.0 / 1000.0 + 0.5) for f in firms]
        assert (state.brokers.capacity == keys.capacity * scale).all()
        assert (state.brokers.reach_km == keys.reach_km).all()


def test_brokers_by_firms_of_cities():
    firms = np.array([4.9, 900.0, 3000.0, 95.0])  # halves are rounded up
    keys = identity("city", np.arange(4))
    brokers = make_brokers(firms, keys, 100.0, 10.0, 150.0)
    assert np.bincount(brokers.city, minlength=4).tolist() == [0, 90, 300, 10]
    assert len(np.unique(brokers.key)) == 400
    # who a broker is does not depend on how many others there are, or on the order of cities
    fewer = make_brokers(firms[[3, 1]], keys[[3, 1]], 50.0, 10.0, 150.0)
    assert np.isin(fewer.key, brokers.key).all()


def test_absorptive_capacity_is_one_on_average():
    state = model(years=1, scale=1.0, burn_in=0).state
    values = state.organisations.absorptive[state.firms]
    assert abs(values.mean() - 1.0) < 4.0 * 0.31 / np.sqrt(len(values))
    assert values.std() == pytest.approx(np.sqrt(np.exp(0.3**2) - 1.0), rel=0.05)
