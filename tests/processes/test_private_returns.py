"""Returns to own R&D and launches: a loop over firms, bounds, and their zero switches."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar_society import stub
from ydsim.agents.projects import NOBODY, OUTSIDER
from ydsim.agents.state import Launches
from ydsim.agents.tables import Means
from ydsim.processes.invest import (
    DECAY,
    LEAST,
    OFFSET,
    PRICES,
    collect_returns,
    faded,
    log_ratio,
    private_return,
    research_capital,
)
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.world.loader import synthetic_world

P = CompeteParameters()


def state_with(n=40, launches=60, seed=0):
    draw = rng(seed)
    world = synthetic_world(2, 3)
    state = stub(
        world,
        scale=0.05,
        means=Means.none(len(world.fields), len(world.industries), world.n_provinces),
    )
    state.returned = np.zeros((len(world.industries), world.n_provinces))
    state.organisations.append(
        n,
        kind=(np.arange(n) % 7 == 0).astype(np.int8),
        industry=draw.integers(0, len(world.industries), n),
        province=draw.integers(0, world.n_provinces, n),
        value_added=draw.exponential(2.0, n),
        rd=draw.exponential(0.05, n) * (draw.random(n) > 0.1),
        grants_spent=draw.exponential(0.01, n) * (draw.random(n) > 0.5),
        known=draw.uniform(0.5, 2.0, n),
        rd_capital=draw.exponential(0.5, n) * (draw.random(n) > 0.2),
        earning=draw.exponential(0.5, n) * (draw.random(n) > 0.5),
    )
    state.firms = state.organisations.firms()
    owner = draw.integers(0, n, launches)
    key = np.arange(launches, dtype=np.uint64)
    zeros = np.zeros(launches, dtype=np.int64)
    state.launches = Launches.plain(owner, zeros, zeros, draw.exponential(1.0, launches), key)
    for i, number in enumerate(draw.integers(0, 5, launches)):
        state.launches.members[i, :number] = draw.integers(0, n, number)
        if number and draw.random() < 0.3:
            state.launches.members[i, 0] = OUTSIDER
    return state


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("own", [True, False])
def test_returns_equal_a_loop_over_firms(seed, own):
    state = state_with(seed=seed)
    table, out = state.organisations, state.launches
    firms = state.firms.tolist()
    launched = [value * math.exp(-P.return_decay / 4.0) for value in table.earning.tolist()]
    for q, owner, members in zip(out.quality, out.owner, out.members.tolist(), strict=True):
        there = [m for m in members if m != NOBODY]
        for m in [int(owner), *there]:
            if m >= 0 and table.kind[m] == 0:
                launched[m] += math.sqrt(q) / (1 + len(there))
    keep = math.exp((PRICES - DECAY) / 4.0)
    capital, log = {}, {}
    for i in firms:
        spent = float(table.rd[i] + table.grants_spent[i])
        before = float(table.rd_capital[i])
        capital[i] = before * keep + spent if before > 0.0 else spent / (1.0 - keep)
        log[i] = math.log(max(capital[i] / (4.0 * float(table.value_added[i])), LEAST))
    groups: dict[int, list[int]] = {}
    for i in firms:
        groups.setdefault(int(table.industry[i]), []).append(i)
    size, usual = {}, {}
    for j, some in groups.items():
        added = [float(table.value_added[i]) for i in some]
        usual[j] = sum(y * log[i] for y, i in zip(added, some, strict=True)) / sum(added)
        size |= {
            i: (y / (sum(added) / len(added))) ** 0.4 for y, i in zip(added, some, strict=True)
        }
    mean = sum(launched[i] for i in size) / sum(size.values())
    constants = None
    if not own:
        constants = replace(state.means, returns=0.7 * mean, research=state.means.research - 2.0)
        usual, mean = dict.fromkeys(usual, -2.0), 0.7 * mean
    before = table.earning[table.kind != 0].copy()
    collect_returns(state, P, 0.4, constants)
    close(table.earning[state.firms], [launched[i] for i in firms])
    close(table.earning[table.kind != 0], before * math.exp(-P.return_decay / 4.0))
    close(table.rd_capital[state.firms], [capital[i] for i in firms])
    want = [
        P.private_return * (1.0 - math.exp(-launched[i] / (mean * size[i])))
        + P.research_return * (log[i] - usual[int(table.industry[i])])
        + P.access * math.log(float(table.known[i]))
        for i in firms
    ]
    close(table.gained[state.firms], want)
    for j, p in np.ndindex(*state.returned.shape):
        some = [i for i in firms if table.industry[i] == j and table.province[i] == p]
        expected = mean * sum(size[i] for i in some)
        brought = sum(launched[i] for i in some) / expected if some else 1.0
        usual_here = brought if own else float(constants.returned[j, p])
        assert state.means.returned[j, p] == pytest.approx(brought, rel=1e-12)
        back = math.log((OFFSET + brought) / (OFFSET + usual_here))
        assert state.returned[j, p] == pytest.approx(back, rel=1e-12, abs=1e-14)


def test_the_return_is_bounded_and_what_is_expected_earns_63_per_cent():
    omega = private_return(np.array([0.0, 1.0, 1e9, 0.0, 2.0]), np.array([1.0, 1, 1, 0, 0]), 0.1)
    close(omega, [0.0, 0.1 * (1.0 - math.exp(-1.0)), 0.1, 0.0, 0.1])
    assert faded(np.ones(1), np.zeros(1), 0.0).tolist() == [1.0]


def test_capital_at_rest_stays_and_gives_the_elasticity():
    """R&D 15 per cent higher for ever makes capital 15 per cent higher."""
    capital = research_capital(np.zeros(1), np.array([2.0]))
    close(research_capital(capital, np.array([2.0])), capital)
    more = capital.copy()
    for _ in range(1200):
        more = research_capital(more, np.array([2.3]))
    gained = log_ratio(more, np.ones(1)) - log_ratio(capital, np.ones(1))
    close(gained, [math.log(1.15)])


def test_a_firm_without_value_added_or_capital_has_the_least_ratio():
    found = log_ratio(np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    close(found, [math.log(LEAST)] * 2)
