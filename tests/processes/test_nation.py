"""The rest of the nation: a loop over its generations, its limits, and what reaches it."""

import math

import numpy as np
import pytest

from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, live
from ydsim.processes.invest import (
    DECAY,
    PRICES,
    follow_nation,
    quality_in_use,
    research_intensity,
)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 30])
def test_quality_in_use_equals_a_loop_over_generations(seed, n):
    draw = rng(seed)
    share, log_q, industry = draw.random(n), draw.normal(size=n), draw.integers(0, 4, n)
    unknown = draw.normal(size=5)
    want = []
    for j in range(5):
        mine = [
            (float(q), float(f)) for q, f, of in zip(log_q, share, industry, strict=True) if of == j
        ]
        weight = [f * math.prod(1.0 - other for best, other in mine if best > q) for q, f in mine]
        whole = sum(weight)
        used = sum(w * q for w, (q, _) in zip(weight, mine, strict=True))
        want.append(used / whole if whole > 0.0 else float(unknown[j]))
    close(quality_in_use(share, log_q, industry, unknown), want)


def test_what_all_use_is_the_best_and_what_nobody_uses_is_unknown():
    log_q, industry = np.array([0.2, 0.5, 0.9]), np.zeros(3, dtype=np.int64)
    for share, want in (([1.0, 1.0, 1.0], 0.9), ([1.0, 1.0, 0.0], 0.5), ([0.0, 0.0, 0.0], 7.0)):
        close(quality_in_use(np.array(share), log_q, industry, np.array([7.0])), [want])


@pytest.mark.slow
def test_the_nation_follows_the_equation():
    m = live(after_burn_in(years=1, scale=0.02), until="_adopt")
    state, keys = m.state, m.parameters.compete
    nation, table, now = state.nation, state.generations, state.input_column
    a, capital = nation.log_productivity.copy(), nation.rd_capital
    before = nation.rd_capital, nation.frontier
    produced = float(state.inputs.gdp[-1, now])
    capital = capital * math.exp((PRICES - DECAY) / 4.0) + float(nation.intensity[now]) * produced
    usual = m.constants.outside_research
    rho = keys.research_return * (math.log(capital / (4.0 * produced)) - usual)
    live_rows = table.living()
    of = (table.outside_share, table.log_quality, table.industry)
    used = quality_in_use(*(each[live_rows] for each in of), a - rho)
    follow_nation(state, keys, m.constants)
    close(nation.rd_capital, capital)
    close(nation.frontier, before[1] * capital * math.exp(-PRICES / 4.0) / before[0])
    want = a + keys.catch_up * np.maximum(0.0, used + rho - a) - keys.depreciation
    close(nation.log_productivity, want)


def test_research_outside_is_official_and_held_after_the_last_figure():
    state = after_burn_in(years=15, scale=0.02, burn_in=0).state
    world, inputs = state.world, state.inputs
    rate = research_intensity(world, inputs)
    assert rate.shape == (4 * len(inputs.years),)
    series = world.series.get("rd_funds_enterprise")
    if series is None:
        assert (rate == 1.0).all()
        return
    official = series.at(2011)
    close(rate[0], (official[-1] - official[:-1].sum()) / inputs.gdp[-1, :4].sum())
    assert (rate[40:] == rate[39]).all()
