"""The rest of the nation: a loop over its generations, its limits, and what reaches it."""

import math

import numpy as np
import pytest

from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, copied, live
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
    part, official = m.parameters.explore.region, float(nation.official[now])
    heard = float(np.mean(state.means.access / m.constants.access))
    near = keys.access * math.log(((1.0 - part) * nation.frontier + part * heard) / official)
    rho = keys.research_return * (math.log(capital / (4.0 * produced)) - usual) + near
    live_rows = table.living()
    of = (table.outside_share, table.log_quality, table.industry)
    used = quality_in_use(*(each[live_rows] for each in of), a - rho)
    follow_nation(state, m.parameters, m.constants)
    close(nation.rd_capital, capital)
    close(nation.frontier, before[1] * capital * math.exp(-PRICES / 4.0) / before[0])
    want = a + keys.catch_up * np.maximum(0.0, used + rho - a) - keys.depreciation
    close(nation.log_productivity, want)


def test_the_nation_hears_more_when_the_region_knows_more():
    """And nothing of it where the region is no part of what it reads."""
    base = live(after_burn_in(years=1, scale=0.02, burn_in=4), until="_adopt")

    def after(part, more):
        m = copied(base)
        keys = m.parameters.explore.model_copy(update={"region": part})
        m.state.means.access = more * m.constants.access
        m.state.nation.log_productivity[:] = -1.0  # that there is something to catch up with
        follow_nation(m.state, m.parameters.model_copy(update={"explore": keys}), m.constants)
        return m.state.nation.log_productivity

    p = base.parameters.compete
    official = float(base.state.nation.official[base.state.input_column])
    frontier = base.state.nation.frontier
    gain = math.log((0.7 * frontier + 0.6) / (0.7 * frontier + 0.3))
    assert official > 0.0
    close(after(0.3, 2.0) - after(0.3, 1.0), p.catch_up * p.access * gain)
    close(after(0.0, 2.0), after(0.0, 1.0))


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
