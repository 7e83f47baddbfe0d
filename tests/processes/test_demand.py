"""Demand answers to prices: the index, its limits, the path that it is compared with."""

import numpy as np
import pytest

from tests.support.small import after_burn_in, model
from ydsim.processes.compete import compete, log_prices
from ydsim.world.base_run import BaseRun, price_path

OPEN = {"border_friction": {"passes": 1.0, "channels": ["goods"]}}


def test_prices_have_a_limit_where_sigma_is_one():
    weight, a = np.array([[0.3, 0.7]]), np.array([[2.0, 0.5]])
    found = log_prices(weight, a, np.ones((2, 2)), 1.0, np.ones(1))
    want = -(0.3 * np.log(2.0) + 0.7 * np.log(0.5))
    np.testing.assert_allclose(found, [want, want], atol=1e-5)


def live(m, quarters, reference, **changes):
    """Compete for some quarters with productivity as it is."""
    keys = m.parameters.compete.model_copy(
        update={"catch_up": 0.0, "depreciation": 0.0, "selection": 0.0} | changes
    )
    outside, shift = m.state.nation.relative, np.zeros(m.world.n_cities)
    for _ in range(quarters):
        compete(m.state, m.baseline, keys, outside, shift, m.baseline, shift, reference)


@pytest.mark.slow
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
