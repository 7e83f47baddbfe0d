from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support import scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in
from ydsim.processes.fund import shared
from ydsim.processes.invest import (
    adjusted,
    desired_log_intensity,
    innovative_share,
    invest,
    normalise_effects,
    pin_intensity,
    rest,
)
from ydsim.scenario.schema.parameters import InvestParameters


def test_shared_hands_out_all_that_can_be_handed_out():
    total = np.array([3.0, 5.0, 7.0])
    parts = shared(total, np.array([1.0, 2.0, 0.0]), np.array([0, 0, 1]))
    assert parts.tolist() == [1.0, 2.0, 0.0]
    assert shared(total, np.empty(0), np.empty(0, dtype=np.int64)).tolist() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_intensity_equals_the_scalar_rule(seed):
    draw = rng(seed)
    p = InvestParameters(
        expected_return=float(draw.random() / 2.0),
        additionality=float(draw.uniform(-0.5, 4.5)),
        tax_elasticity=float(draw.uniform(0.0, 2.0)),
    )
    n = 40
    gains = draw.exponential(30.0, n) * (draw.random(n) > 0.2)
    effect, cost = draw.normal(size=n), draw.uniform(0.5, 1.5, n)
    support = draw.exponential(1.0, n)
    x = innovative_share(gains, p.innovative_scale)
    close(x, [scalar.innovative_share(g, p.innovative_scale) for g in gains], rtol=1e-11)
    returned = draw.normal(size=n)
    wanted = desired_log_intensity(effect, returned, cost, support, p)
    columns = list(zip(effect, returned, cost, support, strict=True))
    close(wanted, [scalar.desired_log_intensity(*row, p) for row in columns])
    log_r = draw.normal(-4.0, 3.0, n)
    moved = adjusted(log_r, wanted, p.adjustment)
    close(moved, [scalar.adjusted(r, w, p.adjustment) for r, w in zip(log_r, wanted, strict=True)])


def test_intensity_at_its_edges():
    p = InvestParameters()
    none = np.empty(0)
    assert desired_log_intensity(none, none, none, none, p).shape == (0,)
    one = np.ones(1)
    base = desired_log_intensity(0 * one, 0 * one, one, 0 * one, p)
    assert base[0] == pytest.approx(np.log(p.intensity), rel=1e-14)
    crowd_out = InvestParameters(additionality=-0.5)
    floor = desired_log_intensity(0 * one, 0 * one, one, 100 * one, crowd_out)
    assert floor[0] == pytest.approx(np.log(0.1 * p.intensity), rel=1e-14)
    assert adjusted(np.array([-50.0, 50.0]), np.zeros(2), 0.12).tolist() == [
        np.log(1e-4),
        np.log(0.5),
    ]
    assert adjusted(np.array([-3.0]), np.array([-2.0]), 0.0)[0] == -3.0


def lived(*, wage=None):
    """State, and columns of its firms before and after they invest."""
    m = after_burn_in(years=1, burn_in=8)
    table, firms = m.state.organisations, m.state.firms
    if wage is not None:
        m.state.talent.wage[:] = wage
    names = ("sales", "value_added", "grants_spent", "rd", "log_intensity", "log_effect")
    before = {name: getattr(table, name)[firms].copy() for name in names}
    before |= {"firms": firms.tolist()}
    m.state.ledger.entries.clear()
    m.state.returned = rng(2).normal(0.0, 0.5, m.state.returned.shape)
    m.state.rd_level = rng(3).normal(0.0, 0.3, m.state.rd_level.shape)
    chi = rng(4).normal(0.0, 0.3, m.state.inputs.rd_shift.shape)
    m.state.inputs = replace(m.state.inputs, rd_shift=chi)
    invest(m.state, m.environment, m.parameters)
    names = ("rd", "profit", "researchers", "log_intensity")
    return m, before, {name: getattr(table, name)[firms].copy() for name in names}


def test_the_phase_equals_a_loop_over_firms():
    """Intensity, R&D, profit, researchers."""
    city_wage = rng(1).uniform(0.5, 2.0, 12)
    m, before, after = lived(wage=city_wage)
    state, p, books = m.state, m.parameters.invest, m.parameters.fund
    table = state.organisations
    for i, row in enumerate(before["firms"]):
        old = float(before["rd"][i])
        support = float(before["grants_spent"][i]) / old if old > 0.0 else 0.0
        home = table.province[row]
        effect = float(before["log_effect"][i] + state.rd_level[home])
        back = float(state.returned[table.industry[row], table.province[row]])
        wanted = scalar.desired_log_intensity(effect, back, 1.0, support, p)
        log_r = scalar.adjusted(float(before["log_intensity"][i]), wanted, p.adjustment)
        assert after["log_intensity"][i] == pytest.approx(log_r, rel=1e-10), row
        spends = log_r + float(state.inputs.rd_shift[home, state.input_column])
        money = scalar.books_of_firm(
            spends, float(before["sales"][i]), float(before["value_added"][i]), books
        )
        for name in ("rd", "profit"):
            assert after[name][i] == pytest.approx(money[name], rel=1e-9, abs=1e-13), (name, row)
        wage = state.inputs.wage[table.province[row], state.input_column] / 4.0
        wage *= city_wage[table.city[row]]
        spent = money["rd"] + before["grants_spent"][i]
        assert after["researchers"][i] == pytest.approx(spent / wage, rel=1e-10)
    entries = {e.flow: e.amount.sum() for e in state.ledger.entries}
    assert entries["research wages"] == pytest.approx((after["rd"] + before["grants_spent"]).sum())
    profit = books.profit_margin * before["value_added"].sum()
    assert entries["profit before research"] == pytest.approx(profit)


@pytest.mark.parametrize("factor", [1.0, 1.5])
def test_at_rest_firms_do_what_they_want_at_the_default(factor):
    """Official R&D is spent; who wants more than the default asks begins below what it wants."""
    m = after_burn_in(years=1, burn_in=4)
    state, table, firms = m.state, m.state.organisations, m.state.firms
    keys = InvestParameters(intensity=factor * InvestParameters().intensity)
    state.returned = rng(2).normal(0.0, 0.5, state.returned.shape)
    target = rng(5).uniform(0.5, 2.0, 4)
    rest(state, target, m.environment, keys)
    spent = state.by_province(firms, np.exp(table.log_intensity[firms]) * table.sales[firms])
    close(spent, target, rtol=1e-9)
    before = table.log_intensity[firms].copy()
    invest(state, m.environment, m.parameters.model_copy(update={"invest": keys}))
    moved = table.log_intensity[firms] - before
    eta = -np.expm1(-keys.adjustment / 4.0)
    close(moved, np.full(len(firms), eta * np.log(factor)), atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_pinned_intensities_spend_their_target(seed):
    m = after_burn_in(years=1, burn_in=4)
    table, firms = m.state.organisations, m.state.firms
    target = rng(seed).uniform(0.5, 2.0, 4)
    before = table.log_intensity[firms].copy()
    pin_intensity(m.state, target)
    spent = m.state.by_province(firms, np.exp(table.log_intensity[firms]) * table.sales[firms])
    close(spent, target, rtol=1e-9)
    change = table.log_intensity[firms] - before
    for p in range(4):
        mine = change[table.province[firms] == p]
        close(mine, np.full(len(mine), mine[0]), atol=1e-12)
    pin_intensity(m.state, np.zeros(4))  # a target of nothing is no target
    close(table.log_intensity[firms], before + change)


def test_effects_are_one_in_the_mean_of_the_region():
    """Weighted by value added, by industry and province: its R&D weight over the mean of them."""
    m = after_burn_in(years=1, burn_in=4)
    state = m.state
    table, firms = state.organisations, state.firms
    draw = rng(0)
    table.log_effect[firms] = draw.normal(0.5, 1.0, len(firms))
    weight = draw.uniform(0.2, 3.0, len(state.world.industries))
    state.world = SimpleNamespace(
        **vars(state.world) | {"industry_rd_weight": weight, "n_provinces": 4}
    )
    before = table.log_effect[firms].copy()
    normalise_effects(state)
    output = state.province_output()[:, :-1]
    level = weight * output.sum() / (weight[:, None] * output).sum()
    for j in range(len(weight)):
        for p in range(4):
            at = (table.industry[firms] == j) & (table.province[firms] == p)
            if at.any():
                share = table.value_added[firms][at] / table.value_added[firms][at].sum()
                mean = (share * np.exp(table.log_effect[firms][at])).sum()
                assert mean == pytest.approx(level[j], rel=1e-9)
                change = (table.log_effect[firms] - before)[at]
                close(change, np.full(at.sum(), change[0]), atol=1e-12)
