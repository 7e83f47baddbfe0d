import numpy as np
import pytest

from tests.processes import scalar
from tests.processes.small import SEEDS, close, rng
from ydsim.processes.fund import grants, shared
from ydsim.processes.invest import adjusted, desired_log_intensity, innovative_share
from ydsim.scenario.parameters import FundParameters, InvestParameters


@pytest.mark.parametrize("seed", SEEDS)
def test_shared_and_grants_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n, n_p, n_c = int(draw.integers(1, 30)), 4, 6  # some groups stay without members
    total = draw.random(n_p) * (draw.random(n_p) > 0.2)
    rd = draw.random(n) * (draw.random(n) > 0.2)
    province, city = draw.integers(0, n_p, n), draw.integers(0, n_c, n)
    rate = draw.random(n_c)
    close(shared(total, rd, province), scalar.shared(total, rd, province.tolist()))
    got = grants(total, rd, province, city, rate)
    want = scalar.grants(total.tolist(), rd.tolist(), province.tolist(), city.tolist(), rate)
    close(got[0], want[0])
    close(got[1], want[1])


def test_shared_hands_out_all_that_can_be_handed_out():
    total = np.array([3.0, 5.0, 7.0])
    parts = shared(total, np.array([1.0, 2.0, 0.0]), np.array([0, 0, 1]))
    assert parts.tolist() == [1.0, 2.0, 0.0]
    assert shared(total, np.empty(0), np.empty(0, dtype=np.int64)).tolist() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_intensity_equals_the_scalar_rule(seed):
    draw = rng(seed)
    p = InvestParameters(
        feedback=float(draw.random()),
        additionality=float(draw.uniform(-0.5, 4.5)),
        tax_elasticity=float(draw.uniform(0.0, 2.0)),
    )
    n = 40
    gains = draw.exponential(30.0, n) * (draw.random(n) > 0.2)
    effect, cost = draw.normal(size=n), draw.uniform(0.5, 1.5, n)
    support = draw.exponential(1.0, n)
    x = innovative_share(gains, p.innovative_scale)
    close(x, [scalar.innovative_share(g, p.innovative_scale) for g in gains], rtol=1e-11)
    wanted = desired_log_intensity(effect, x, 0.3, cost, support, p)
    columns = list(zip(effect, x, cost, support, strict=True))
    close(wanted, [scalar.desired_log_intensity(e, y, 0.3, c, s, p) for e, y, c, s in columns])
    log_r = draw.normal(-4.0, 3.0, n)
    moved = adjusted(log_r, wanted, p.adjustment)
    close(moved, [scalar.adjusted(r, w, p.adjustment) for r, w in zip(log_r, wanted, strict=True)])


def test_intensity_at_its_edges():
    p = InvestParameters()
    none = np.empty(0)
    assert desired_log_intensity(none, none, 0.1, none, none, p).shape == (0,)
    one = np.ones(1)
    base = desired_log_intensity(0 * one, 0.2 * one, 0.2, one, 0 * one, p)
    assert base[0] == pytest.approx(np.log(p.intensity), rel=1e-14)
    crowd_out = InvestParameters(additionality=-0.5)
    floor = desired_log_intensity(0 * one, 0.2 * one, 0.2, one, 100 * one, crowd_out)
    assert floor[0] == pytest.approx(np.log(0.1 * p.intensity), rel=1e-14)
    assert adjusted(np.array([-50.0, 50.0]), np.zeros(2), 0.12).tolist() == [
        np.log(1e-4),
        np.log(0.5),
    ]
    assert adjusted(np.array([-3.0]), np.array([-2.0]), 0.0)[0] == -3.0


def test_signs_of_what_firms_want():
    p, one = InvestParameters(), np.ones(1)

    def wanted(x=0.2, cost=1.0, support=0.0):
        return desired_log_intensity(0 * one, x * one, 0.2, cost * one, support * one, p)[0]

    assert wanted(x=0.5) > wanted() > wanted(x=0.0)
    assert wanted(cost=0.8) > wanted() > wanted(cost=1.2)
    assert wanted(support=1.0) > wanted()


@pytest.mark.parametrize("tight", [False, True])
def test_own_rd_is_capped_by_cash_and_profit(state_of_invest, tight):
    state, before, after = state_of_invest(tight)
    margin = FundParameters().profit_margin
    for i, row in enumerate(before["firms"]):
        want = scalar.own_rd(
            after["log_intensity"][i],
            before["sales"][i],
            before["value_added"][i],
            before["cash"][i],
            before["grants"][i],
            margin,
        )
        assert after["rd"][i] == pytest.approx(want, rel=1e-12), row
        profit = margin * before["value_added"][i]
        net = profit - want
        assert after["profit"][i] == pytest.approx(net, rel=1e-9, abs=1e-15)
        assert after["cash"][i] <= 4.0 * profit * (1 + 1e-12)
        wage = state.inputs.wage[state.organisations.province[row], state.now] / 4.0
        spent = want + before["grants_spent"][i]
        assert after["researchers"][i] == pytest.approx(spent / wage, rel=1e-12)
    capped = after["rd"] < np.exp(after["log_intensity"]) * before["sales"] * (1 - 1e-9)
    # a few firms want more than cash and profit at any time
    assert capped.mean() > 0.1 if tight else capped.mean() < 0.02


@pytest.fixture
def state_of_invest():
    from tests.model.small import model

    def live(tight):
        from ydsim.processes.invest import invest

        m = model(years=1)
        table, firms = m.state.organisations, m.state.firms
        if tight:
            table.log_intensity[firms] = np.log(0.4)
        names = ("sales", "value_added", "cash", "grants", "grants_spent", "rd")
        before = {name: getattr(table, name)[firms].copy() for name in names}
        before["firms"] = firms.tolist()
        invest(m.state, m.environment, m.parameters.invest, m.parameters.fund, 0.3)
        names = ("rd", "cash", "profit", "researchers", "log_intensity")
        return m.state, before, {name: getattr(table, name)[firms].copy() for name in names}

    return live
