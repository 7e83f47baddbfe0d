"""Knowledge within reach: a loop over organisations and cities, its limits, and what it is for."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import after_burn_in, live
from ydsim.agents.tables import Means
from ydsim.policies.environment import passing
from ydsim.processes.explore import credited, learn_what_is_near, reach, within_reach
from ydsim.processes.invest import PRICES
from ydsim.scenario.schema.parameters import ExploreParameters

P = ExploreParameters()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_within_reach_equals_a_loop(seed):
    m = live(after_burn_in(years=2, scale=0.02, burn_in=12, seed=seed), until="_invest")
    state, table, draw = m.state, m.state.organisations, rng(seed)
    state.quarter = 6
    rows = np.flatnonzero(table.alive)
    weights = draw.dirichlet(np.ones(len(state.world.fields)), len(rows)).T
    stock = draw.exponential(5.0, state.knowledge_stock.shape)
    state.knowledge_stock = stock.copy()
    usual = Means.none(len(stock[0]), 1, 1)
    usual.access = draw.exponential(50.0, len(stock[0]))
    learn_what_is_near(state, m.environment, rows, weights, P, usual)

    price = np.exp(PRICES * 6 / 4.0)
    full = np.where(table.kind[rows] == 0, 1.0, state.scale) / state.scale
    money = full * (table.rd[rows] + table.grants_spent[rows])
    city = table.city[rows].tolist()
    after = scalar.research_stock(
        stock.tolist(), city, (money / price).tolist(), weights.T.tolist()
    )
    close(state.knowledge_stock, after)
    passes = passing(m.environment, "knowledge", state.world.city_province)
    reached = scalar.within_reach(after, m.environment.travel_hours.tolist(), passes.tolist(), P)
    spent = [sum(x for c, x in zip(city, money, strict=True) if c == d) for d in range(len(after))]
    mean = [sum(w * row[f] for w, row in zip(spent, reached, strict=True)) / sum(spent)
            for f in range(len(after[0]))]  # fmt: skip
    close(state.means.access, mean)
    close(state.known, np.array(reached) / usual.access)
    want = [
        sum(phi * k for phi, k in zip(weights[:, n], state.known[c], strict=True))
        for n, c in enumerate(city)
    ]
    close(table.known[rows], want)


def test_knowledge_within_reach_at_its_limits():
    stock, hours = np.array([[1.0], [2.0], [4.0]]), np.array([[0.0, 3, 9], [3, 0, 9], [9, 9, 0.0]])
    everywhere = np.ones((3, 3))
    close(within_reach(stock, reach(hours, everywhere, np.inf, 0.0, 1.0)), np.full((3, 1), 7.0))
    close(within_reach(stock, reach(hours, np.eye(3), 1.0, 0.5, 10.0)), 1.5 * stock)
    kernel = reach(hours, everywhere, 1.0, 0.1, 10.0)
    near = within_reach(stock, kernel)
    assert (within_reach(stock, reach(hours / 2.0, everywhere, 1.0, 0.1, 10.0)) > near).all()
    assert (within_reach(2.0 * stock, kernel) == 2.0 * near).all()
    assert (near > within_reach(stock, reach(hours, everywhere, 1.0, 0.0, 10.0))).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_ideas_are_credited_to_where_their_knowledge_is(seed):
    draw, n_cities, n_fields = rng(seed), 5, 3
    hours, passes = draw.exponential(3.0, (5, 5)), draw.uniform(0.0, 1.0, (5, 5))
    stock, ideas = draw.exponential(5.0, (n_cities, n_fields)), draw.poisson(4.0, (5, 3)) * 1.0
    kernel = reach(hours, passes, P.near_h, P.far, P.reach_h)
    links = credited(ideas, stock, kernel)
    close(
        links, scalar.credited(ideas.tolist(), hours.tolist(), passes.tolist(), stock.tolist(), P)
    )
    close(links.sum(axis=1), ideas.sum(axis=1))
    assert not credited(ideas, np.zeros_like(stock), kernel).any()
    assert (np.diag(credited(ideas, stock, np.eye(5))) == ideas.sum(axis=1)).all()


def test_all_ideas_of_a_quarter_are_credited():
    state = live(after_burn_in(years=1, scale=0.02, burn_in=4), until="_explore").state
    for links in state.tally.links.knowledge:
        assert not links[-1].any()
        assert not links[:, -1].any()
    close(state.tally.links.knowledge[0].sum(axis=1)[:-1], state.tally.city.ideas)


def test_money_of_nobody_makes_no_knowledge():
    m = live(after_burn_in(years=1, scale=0.02, burn_in=0), until="_invest")
    table = m.state.organisations
    table.rd[:] = table.grants_spent[:] = 0.0
    rows = np.flatnonzero(table.alive)
    weights = np.full((len(m.state.world.fields), len(rows)), 1.0 / len(m.state.world.fields))
    learn_what_is_near(m.state, m.environment, rows, weights, P, replace(m.state.means))
    assert not m.state.knowledge_stock.any()
    assert (m.state.known > 0.0).all()
