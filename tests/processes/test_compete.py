"""Productivity, markets, their access, and exact zeros without policies."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar_compete
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, columns_of, model, same
from ydsim.processes.compete import arrival, compete, quarterly_part
from ydsim.scenario.schema.parameters import CompeteParameters


def test_arrival_keeps_its_floor_and_its_home():
    tau = arrival(np.ones(2), np.eye(2), CompeteParameters())
    assert tau.tolist() == [[1.0, 0.05, 0.6], [0.05, 1.0, 0.6], [0.6, 0.6, 1.0]]


def test_quarters_close_the_part_of_a_year():
    for yearly in (0.0, 0.25, 1.0):
        left = (1.0 - quarterly_part(yearly)) ** 4
        assert 1.0 - left == pytest.approx(yearly, abs=1e-14)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_phase_equals_a_loop_over_firms_and_markets(seed):
    """With market access of the quarter before, and that which it writes."""
    found = after_burn_in(seed=seed + 1, burn_in=4)
    found.step()
    state, keys = found.state, found.parameters.compete
    table, firms, draw = state.organisations, state.firms, rng(seed)
    now, n_p = state.input_column, state.world.n_provinces
    table.technology[firms[:5]] = -1
    protection = draw.random(n_p) * 0.4
    environment = replace(found.environment, protection=protection)
    outside = draw.normal(0.0, 0.2, len(state.world.industries))
    shift = draw.normal(0.0, 0.1, state.world.n_cities)
    state.market.access = last = draw.normal(0.0, 0.2, state.market.access.shape)
    shock = draw.normal(0.0, 0.1, (len(outside), state.world.n_cities)) * (seed % 2)
    empty = (table.industry[firms] == 2) & (table.city[firms] == 1)
    table.city[firms[empty]] = 2  # of the same province
    cells = table.industry[firms] * state.world.n_cities + table.city[firms]
    assert len(np.unique(cells)) < state.market.city_weight.size  # some have no firm
    state.market.city_weight = draw.uniform(0.5, 2.0, state.market.city_weight.shape)
    used = table.technology[firms]
    before = [
        {
            "industry": int(table.industry[i]),
            "city": int(table.city[i]),
            "province": int(table.province[i]),
            "log_productivity": float(table.log_productivity[i]),
            "effect": float(table.productivity_effect[i] + table.gained[i]),
            "quality": None if g < 0 else float(state.generations.log_quality[g]),
            "share": float(table.share[i]),
            "access": float(last[table.industry[i], table.city[i]]),
        }
        for i, g in zip(firms.tolist(), used.tolist(), strict=True)
    ]
    secondary = state.inputs.secondary[:, now].tolist()
    reference = draw.normal(0.0, 0.2, n_p + 1)
    state.market.log_price = draw.normal(0.0, 0.2, n_p + 1)
    want = scalar_compete.quarter(
        before,
        {
            name: getattr(state.market, name).tolist()
            for name in (
                "weight",
                "city_weight",
                "lagged",
                "city_pull",
                "price_at_start",
                "log_price",
            )
        }
        | {
            "home": state.world.city_province.tolist(),
            "mix": state.world.industry_share.tolist(),
            "reference": reference.tolist(),
        },
        secondary,
        outside.tolist(),
        (protection.tolist(), environment.goods.tolist()),
        shift.tolist(),
        (state.inputs.gdp[:-1, now] / state.inputs.secondary[:-1, now]).tolist(),
        state.scale,
        keys,
    )
    compete(state, environment, keys, outside, shift, found.baseline, shift - shock[0], reference)
    tau = scalar_compete.arriving(protection.tolist(), environment.goods.tolist(), keys)
    same = found.baseline.protection.tolist(), found.baseline.goods.tolist()
    plain = scalar_compete.arriving(*same, keys)
    spending = [v * f for v, f in zip(secondary, want["demand_factor"], strict=True)]
    for j in range(len(outside)):
        for c, p in enumerate(state.world.city_province.tolist()):
            reached = scalar_compete.access(spending, tau, plain, float(shock[0][c]), p, keys)
            close(state.market.access[j, c], reached)
    for name in ("log_productivity", "share", "value_added", "sales"):
        close(getattr(table, name)[firms], want[name])
    close(state.market.lagged, want["lagged"])
    close(state.market.city_pull, want["city_pull"])
    close(state.market.log_price, want["log_price"])
    close(state.market.demand_factor, want["demand_factor"])
    close(state.market.output.sum(), np.array(spending).sum())
    close(state.market.share, want["market_share"])
    close(state.market.output, want["output"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "policies", [None, {"tax": {"policy": "super_deduction", "start": 2011}}], ids=["none", "tax"]
)
def test_without_a_policy_on_goods_the_rule_changes_no_byte(policies):
    """Whatever its strength: access is then exactly that of no policies."""
    runs = [
        model(
            years=3,
            burn_in=8,
            parameters={"compete.market_access": strength},
            policies=policies or {},
        ).run()
        for strength in (0.0, 0.4)
    ]
    assert not runs[1].state.market.access.any()
    one, other = (columns_of(m.state) for m in runs)
    assert [name for name in one if not same(one[name], other[name])] == []


@pytest.mark.slow
def test_a_demand_shock_is_access_of_those_it_strikes():
    shock = {"name": "wanted", "kind": "demand", "share": 0.5, "years": 1, "rise": 0.3,
             "year": 2012.0}  # fmt: skip
    m = after_burn_in(years=3, burn_in=8, shocks=[shock])
    seen = []
    for _ in range(9):
        m.step()
        seen.append(m.state.market.access.copy())
    struck = set(np.round(seen[4:8], 12).ravel().tolist())
    assert struck == {0.0, round(math.log(1.3), 12)}
    assert not np.any(seen[:4])
    assert not seen[8].any()
