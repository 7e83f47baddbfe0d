import numpy as np
import pytest

from tests.model.small import model
from tests.processes import scalar_population as scalar
from tests.processes.small import SEEDS, close, rng
from ydsim.noise import NoiseSource
from ydsim.processes.renew import enter, exit_hazard, leave


@pytest.mark.parametrize("seed", SEEDS)
def test_exit_hazard_equals_the_scalar_rule(seed):
    draw = rng(seed)
    age, lead = draw.exponential(8.0, 30), draw.normal(size=30)
    want = [scalar.exit_hazard(t, g, 0.06, 0.10) for t, g in zip(age, lead, strict=True)]
    close(exit_hazard(age, lead, 0.06, 0.10), want)


def test_exit_hazard_lies_between_its_bounds_and_falls():
    age, lead = np.linspace(0.0, 60.0, 50), np.linspace(-3.0, 3.0, 50)
    hazard = exit_hazard(age, lead, 0.06, 0.10)
    assert (np.diff(hazard) < 0).all()
    assert hazard[0] < 0.10
    assert hazard[-1] > 0.06


@pytest.mark.parametrize("high", [0.1, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_exits_equal_a_loop_over_firms(seed, high):
    m = model(years=1, scale=0.003 if high == 1.0 else 0.02)
    state = m.state
    table, firms = state.organisations, state.firms
    p = m.parameters.population.model_copy(update={"exit_high": high, "exit_low": high / 2})
    noise = NoiseSource(seed, 0).phase("leave", 0)
    table.productivity_effect[firms] += 1.0  # of no consequence for exits
    rows = [
        {
            "group": int(table.industry[i] * 4 + table.province[i]),
            "log_a": float(table.log_productivity[i]),
            "age": (state.quarter - int(table.born[i])) / 4.0,
        }
        for i in firms
    ]
    want = scalar.leavers(rows, noise.uniform(table.key[firms], 0).tolist(), p.exit_low, high)
    cash = float(table.cash[firms[want]].sum())
    before = state.ledger.balance["firms"]
    dead = leave(state, noise, p)
    assert dead.tolist() == firms[want].tolist()
    assert not table.alive[dead].any()
    assert state.ledger.balance["firms"] == pytest.approx(before - cash, abs=1e-9)
    for name in ("cash", "share", "value_added", "sales", "rd", "researchers", "grants"):
        assert (getattr(table, name)[dead] == 0.0).all(), name


def test_an_industry_keeps_its_last_firm():
    m = model(years=1, scale=0.003)
    state = m.state
    p = m.parameters.population.model_copy(update={"exit_low": 1.0, "exit_high": 1.0})
    groups = set((state.organisations.industry * 4 + state.organisations.province)[state.firms])
    for quarter in range(40):
        leave(state, NoiseSource(1, 0).phase("leave", quarter), p)
        state.regroup()
    table = state.organisations
    assert set((table.industry * 4 + table.province)[state.firms]) == groups
    assert len(state.firms) < 2 * len(groups)


@pytest.mark.parametrize("growth", [-0.2, 0.0, 0.2])
def test_entry_replaces_exits_and_grows(growth):
    m = model(years=1, scale=0.05)
    state = m.state
    table, n = state.organisations, len(state.firms)
    p = m.parameters.population.model_copy(update={"growth": growth})
    born = []
    for u in range(200):
        rows = enter(
            state, NoiseSource(u, 0).phase("enter", 0), 30, p, m.parameters.invest,
            m.parameters.compete,
        )  # fmt: skip
        born.append(len(rows))
        table.keep(np.arange(len(table)) < rows[0] if len(rows) else np.ones(len(table), bool))
    expected = max(0.0, 30 + (n + 30) * np.expm1(growth / 4.0))
    assert np.mean(born) == pytest.approx(expected, abs=0.15)
    assert max(born) - min(born) <= 1


def test_entrants_start_below_their_industry():
    m = model(years=1, scale=0.05)
    state = m.state
    table, firms = state.organisations, state.firms
    group = table.industry * 4 + table.province
    mean = {g: table.log_productivity[firms][group[firms] == g].mean() for g in set(group[firms])}
    shares = table.share[firms].copy()
    assert shares.sum() == pytest.approx(40.0)
    rows = enter(
        state, NoiseSource(3, 0).phase("enter", 0), 200, m.parameters.population,
        m.parameters.invest, m.parameters.compete,
    )  # fmt: skip
    group = table.industry * 4 + table.province
    gap = [table.log_productivity[i] - mean[group[i]] for i in rows]
    close(gap, np.full(len(rows), -0.1), rtol=1e-9)
    assert (table.born[rows] == state.quarter).all()
    alive = np.flatnonzero(table.alive & (table.kind == 0))
    close(np.bincount(group[alive], weights=table.share[alive]), np.ones(40))


def test_firms_enter_where_firms_and_launches_are():
    """In proportion to the firms of a city and industry and what they launched in a year."""
    m = model(years=1, scale=0.05)
    state = m.state
    table, firms = state.organisations, state.firms
    cell = table.city * 10 + table.industry
    lucky = firms[cell[firms] == cell[firms[0]]]
    table.launches[:] = 0.0
    table.launches[lucky[0], 2] = 50.0
    want = np.bincount(cell[firms], minlength=120).astype(float)
    want[cell[lucky[0]]] += 50.0
    want *= 300.0 / want.sum()
    mean = np.zeros(120)
    for u in range(60):
        rows = enter(
            state, NoiseSource(u, 0).phase("enter", 0), 300, m.parameters.population,
            m.parameters.invest, m.parameters.compete,
        )  # fmt: skip
        counts = np.bincount(table.city[rows] * 10 + table.industry[rows], minlength=120)
        assert (np.abs(counts - want) < 1.0).all()
        mean += counts / 60
        table.keep(np.arange(len(table)) < rows[0])
    assert np.abs(mean - want).max() < 0.3


def test_what_entrants_are_given():
    m = model(years=1, scale=0.05)
    state, p = m.state, m.parameters
    table, firms = state.organisations, state.firms
    rows = enter(
        state, NoiseSource(3, 0).phase("enter", 0), 4000, p.population, p.invest, p.compete
    )
    effect = table.productivity_effect[rows]
    assert effect.mean() == pytest.approx(0.0, abs=0.03)
    assert effect.std() == pytest.approx(p.compete.effect_sd, rel=0.05)
    assert table.absorptive[rows].mean() == pytest.approx(1.0, abs=0.03)
    for j in range(10):
        old, new = (r[table.industry[r] == j] for r in (firms, rows))
        gap = table.knowledge[new].mean(axis=0) - table.knowledge[old].mean(axis=0)
        assert np.abs(gap).max() < 4.5 * p.population.knowledge_sd / np.sqrt(len(new))
    gap = table.log_intensity[rows] - np.log(p.invest.intensity) - table.log_effect[rows]
    close(gap, state.intensity_gap[table.province[rows]], rtol=1e-9)
    assert (table.technology[rows] == -1).all()
    assert not table.cash[rows].any()
    assert len(np.unique(table.key)) == len(table)
