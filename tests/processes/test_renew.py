from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar_population as scalar
from tests.support import scalar_relocate as made
from tests.support.numbers import SEEDS, close, rng, seeded
from tests.support.small import after_burn_in
from ydsim.agents.organisations import NO_CERTIFICATE
from ydsim.agents.projects import NOBODY, OUTSIDER
from ydsim.noise import NoiseSource
from ydsim.processes.renew import due_by_cell, due_entrants, enter, leave
from ydsim.scenario.schema.parameters import Parameters

P = Parameters()
LASTING = NoiseSource(1, 0).phase("enter", 0)


@pytest.mark.parametrize("mean", [0.08, 0.7])
@pytest.mark.parametrize("seed", seeded(4))
def test_exits_equal_a_loop_over_firms(seed, mean):
    m = after_burn_in(years=1, burn_in=4, scale=0.003 if mean == 0.7 else 0.02)
    state = m.state
    table, firms = state.organisations, state.firms
    p = m.parameters.population.model_copy(update={"exit": mean})
    noise = NoiseSource(seed, 0).phase("leave", 0)
    table.productivity_effect[firms] += 1.0  # of no consequence for exits
    rows = [
        {
            "group": int(table.industry[i] * 4 + table.province[i]),
            "log_a": float(table.log_productivity[i]),
            "age": (state.quarter - int(table.born[i])) / 4.0,
            "share": float(table.share[i]),
        }
        for i in firms
    ]
    want = scalar.leavers(rows, noise.uniform(table.key[firms], 0).tolist(), mean, p.exit_size)
    before = state.ledger.entries[:]
    dead = leave(state, noise, p)
    assert dead.tolist() == firms[want].tolist()
    assert not table.alive[dead].any()
    assert state.ledger.entries == before
    for name in (
        "share", "value_added", "sales", "rd", "researchers", "grants", "contract_net",
        "reported_rd",
    ):  # fmt: skip
        assert (getattr(table, name)[dead] == 0.0).all(), name
    assert (table.certified_until[dead] == NO_CERTIFICATE).all()


def entered(m, number, quarter=0, seed=1, population=None):
    """Rows of firms that enter where so many have left."""
    p, noise = m.parameters, NoiseSource(seed, 0).phase("enter", quarter)
    keys = p.model_copy(update={"population": population or p.population})
    return enter(m.state, noise, LASTING, number, keys)


def test_the_burn_in_has_no_growth():
    m = after_burn_in(years=1, burn_in=4)
    m.state.quarter = -1
    p = m.parameters.population.model_copy(update={"growth": 0.2})
    assert len(entered(m, 7, quarter=-1, population=p)) == 7


def test_firms_enter_where_firms_and_launches_are():
    """In proportion to the firms of a city and industry and what they launched in a year."""
    m = after_burn_in(years=1, scale=0.05)
    state = m.state
    table, firms = state.organisations, state.firms
    cell = table.city * 10 + table.industry
    lucky = firms[cell[firms] == cell[firms[0]]]
    table.launches[:] = 0.0
    table.launches[lucky[0], 2] = 50.0
    want = np.bincount(cell[firms], minlength=120).astype(float)
    want[cell[lucky[0]]] += 50.0
    want *= 300.0 / want.sum()
    total = np.zeros(120)
    for u in range(15):
        rows = entered(m, 300, seed=u)
        counts = np.bincount(table.city[rows] * 10 + table.industry[rows], minlength=120)
        assert counts.sum() == 300
        total += counts
        table.keep(np.arange(len(table)) < rows[0])
        # what a cell is owed is carried on: it never is far behind or ahead
        assert np.abs(total - (u + 1) * want).max() < 2.0


@pytest.mark.parametrize("low", [0.0, -2.5, -5.0])
@pytest.mark.parametrize("number", [0, 3, 40])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_due_equals_the_scalar_rule(seed, number, low):
    draw = rng(seed)
    province_of = np.array([0, 0, 1, 2, 2, 2])
    weight = draw.random((6, 4)) * (draw.random((6, 4)) > 0.3)
    weight[2] *= seed % 2  # a province without firms
    grown = draw.uniform(low, low + 5.0, 3)
    due = due_by_cell(weight, number, grown, province_of)
    want = scalar.due_by_cell(weight.tolist(), number, grown.tolist(), province_of.tolist())
    close(due, want)
    assert due.sum() == pytest.approx(number)


def test_provinces_grow_by_their_counts():
    """With as many exits everywhere, each province has more firms by its own rate."""
    m = after_burn_in(years=1, scale=0.05)
    state = m.state
    table, world = state.organisations, state.world
    table.launches[:] = 0.0
    rates = np.array([0.0, 0.05, 0.1, 0.2])
    state.inputs = replace(
        state.inputs, firm_growth=np.repeat(rates[:, None], 4 * len(state.inputs.years), axis=1)
    )
    before = np.bincount(table.province[state.firms], minlength=world.n_provinces)
    for quarter in range(8):
        state.quarter = quarter
        entered(m, 0, quarter)
        state.regroup()
    after = np.bincount(table.province[state.firms], minlength=world.n_provinces)
    assert np.abs(after - before * np.exp(2.0 * rates)).max() < 12.0
    # those that exit are replaced, and counted among the firms that grow
    there = np.bincount(table.province[state.firms], minlength=world.n_provinces)
    rows = entered(m, 200, 8)
    grown = (there * np.expm1(rates / 4.0)).sum() * (1.0 + 200 / there.sum())
    assert abs(len(rows) - 200 - grown) < 1.0
    state.regroup()
    state.quarter = -1
    assert len(entered(m, 0, 9)) == 0


@pytest.mark.parametrize("seed", range(30))
def test_entrants_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n = int(draw.integers(1, 12))
    account = draw.uniform(-1.5, 3.0, n)
    weight = draw.random(n) * (draw.random(n) > 0.3)
    number = int(draw.integers(0, 20))
    counts = due_entrants(account, weight, number)
    assert counts.tolist() == scalar.due_entrants(account.tolist(), weight.tolist(), number)
    assert counts.sum() == (number if weight.any() else 0)
    assert not counts[weight == 0.0].any()


@pytest.mark.slow
def test_one_launch_more_leaves_nearly_all_entrants_as_they_are():
    """The n-th entrant of a cell is the same firm whenever it enters."""
    keys = []
    for more in (0.0, 5.0):
        m = after_burn_in(years=1, scale=0.05)
        state, born = m.state, []
        state.organisations.launches[state.firms[0], 0] += more
        for quarter in range(20):
            rows = entered(m, 30, quarter)
            born.append(state.organisations.key[rows])
        keys.append(set(np.concatenate(born).tolist()))
    assert len(keys[0] - keys[1]) < 0.02 * len(keys[0])
    assert len(keys[0]) > 500


def test_what_entrants_are_given():
    m = after_burn_in(years=1, scale=0.05)
    state, p = m.state, m.parameters
    table, firms = state.organisations, state.firms
    rows = entered(m, 4000, seed=3)
    effect = table.productivity_effect[rows]
    assert effect.mean() == pytest.approx(0.0, abs=0.03)
    assert effect.std() == pytest.approx(p.compete.effect_sd, rel=0.05)
    assert table.absorptive[rows].mean() == pytest.approx(1.0, abs=0.03)
    for j in range(10):
        old, new = (r[table.industry[r] == j] for r in (firms, rows))
        gap = table.knowledge[new].mean(axis=0) - table.knowledge[old].mean(axis=0)
        assert np.abs(gap).max() < 4.5 * p.population.spread / np.sqrt(len(new))
    gap = table.log_intensity[rows] - np.log(p.invest.intensity) - table.log_effect[rows]
    home = table.province[rows]
    close(gap, state.rd_level[home] + state.intensity_gap[home], rtol=1e-9)
    assert (table.technology[rows] == -1).all()
    assert len(np.unique(table.key)) == len(table)


def test_the_dead_leave_their_consortia_and_the_others_move_up():
    state = made.state_of(*made.random_firms(made.uneven(), 200, 1))
    table, projects = state.organisations, state.projects
    table.certified_until[state.firms] = 7
    table.died[-1] = 0
    state.regroup()
    draw = rng(3)
    members = draw.choice(np.flatnonzero(table.alive), (150, 4)).astype(np.int32)
    members[::3, 1] = OUTSIDER
    for row, size in zip(members, draw.integers(0, 5, 150), strict=True):
        row[size:] = NOBODY
    covers = draw.random((150, 4)).astype(np.float32)
    projects.append(
        150, key=np.arange(150, dtype=np.uint64), owner=0, members=members, covers=covers,
        bond=2.0 * covers,
    )  # fmt: skip
    p = P.population.model_copy(update={"exit": 0.7})
    dead = leave(state, made.draws("leave"), p)
    assert len(dead) > 20
    assert not table.reported_rd[dead].any()
    assert not table.contract_net[dead].any()
    assert (table.certified_until[dead] == NO_CERTIFICATE).all()
    gone, changed = set(dead.tolist()), 0
    for before, after in zip(members.tolist(), projects.members.tolist(), strict=True):
        kept = [m for m in before if m != NOBODY and m not in gone]
        assert after == kept + [NOBODY] * (4 - len(kept))
        changed += before != after
    assert changed > 20
    for before, rows, after in zip(members.tolist(), covers.tolist(), projects.covers, strict=True):
        kept = [
            c for m, c in zip(before, rows, strict=True) if m not in gone and m != NOBODY
        ]  # fmt: skip
        assert after[: len(kept)].tolist() == kept
    assert (projects.bond == 2.0 * projects.covers)[projects.members != NOBODY].all()
    stays = np.setdiff1d(state.firms, dead)
    assert (table.certified_until[stays] == 7).all()
