"""Knowledge within reach: a loop over organisations and cities, its limits, and what it is for."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.places import environment
from tests.support.small import after_burn_in, live
from ydsim.agents.tables import Means
from ydsim.policies.environment import passing
from ydsim.processes.explore import (
    credited,
    learn_what_is_near,
    of_firms_and_science,
    places_of_research,
    reach,
    within_reach,
)
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
    usual.access, usual.effort = draw.exponential(50.0, (2, len(stock[0])))
    frontier, official = 1.4, float(state.nation.official[state.input_column])
    state.nation.frontier = frontier
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
    region = (1.0 - P.nation) * np.array(reached) / usual.access
    close(state.known, (region + P.nation * frontier) / official)
    effort = table.researchers[rows]
    want = [
        scalar.known_by(float(effort[n]), weights[:, n], state.known[c], usual.effort, P)
        for n, c in enumerate(city)
    ]
    close(table.known[rows], want)


def test_who_does_no_research_takes_up_nothing_of_others():
    m = live(after_burn_in(years=1, scale=0.02, burn_in=4), until="_invest")
    table, rows = m.state.organisations, np.flatnonzero(m.state.organisations.alive)
    weights = np.full((len(m.state.world.fields), len(rows)), 1.0 / len(m.state.world.fields))

    stock = m.state.knowledge_stock.copy()

    def known(absorption):
        m.state.knowledge_stock = stock.copy()
        p = P.model_copy(update={"absorption": absorption})
        learn_what_is_near(m.state, m.environment, rows, weights, p, m.constants)
        return table.known[rows].copy()

    table.researchers[rows[::2]] = 0.0
    everything = known(0.0)
    close(everything, 0.001 + m.state.known[table.city[rows]].mean(axis=1))
    half, little = known(0.25), known(10.0)
    close(half[::2], np.full(len(half[::2]), 0.001))
    some = table.researchers[rows] > 0.0
    assert ((half < everything) & (little < half))[some].all()
    table.researchers[:] = 1e9
    close(known(0.25), everything, rtol=1e-4)


def test_firms_reach_what_is_within_reach_where_they_do_research():
    enclave = np.array([[0.0, 0.0, 0.0], [0.25, 0.0, 0.5], [1.5, 0.5, 0.0]])
    desks = places_of_research(enclave)
    close(desks, [[1.0, 0.0, 0.0], [0.25, 0.25, 0.5], [0.75, 0.25, 0.0]])
    of_city = np.array([[8.0, 1.0], [4.0, 2.0], [0.0, 4.0]])
    other = replace(environment(), enclave=enclave)
    firms, science = np.split(of_firms_and_science(other, of_city), 2)
    close(firms, [[8.0, 1.0], [3.0, 2.75], [7.0, 1.25]])
    assert (science == of_city).all()
    other = replace(other, enclave=np.zeros((3, 3)))
    assert (of_firms_and_science(other, of_city) == np.concatenate([of_city, of_city])).all()


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
    usual, (frontier, official) = draw.exponential(5.0, n_fields), draw.uniform(0.5, 2.0, 2)
    kernel = reach(hours, passes, P.near_h, P.far, P.reach_h)
    outside = P.nation * frontier / official
    known = (1.0 - P.nation) * within_reach(stock, kernel) / usual / official + outside
    links = credited(ideas, stock, kernel, known, outside)
    arrays = (each.tolist() for each in (ideas, hours, passes, stock))
    close(links, scalar.credited(*arrays, P, usual.tolist(), frontier, official))
    close(links.sum(axis=1), ideas.sum(axis=1))
    alone = credited(ideas, stock, np.eye(5), stock, 0.0)
    close(np.diag(alone), ideas.sum(axis=1))
    assert not alone[:, -1].any()
    nowhere = credited(ideas, np.zeros_like(stock), kernel, np.full_like(stock, outside), outside)
    assert not nowhere[:, :-1].any()
    close(nowhere[:, -1], ideas.sum(axis=1))


def test_all_ideas_of_a_quarter_are_credited():
    state = live(after_burn_in(years=1, scale=0.02, burn_in=4), until="_explore").state
    for links in state.tally.links.knowledge:
        assert not links[-1].any()
        assert (links[:-1] > 0.0).any(axis=0).all()
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


def known_of(m, p):
    """Knowledge within reach of cities and fields after a quarter with parameters ``p``."""
    table = m.state.organisations
    rows, fields = np.flatnonzero(table.alive), len(m.state.world.fields)
    weights = np.full((fields, len(rows)), 1.0 / fields)
    m.state.knowledge_stock = np.ones((m.state.world.n_cities, fields))
    learn_what_is_near(m.state, m.environment, rows, weights, p, m.constants)
    return m.state.known


def test_the_nation_adds_what_it_learns_beyond_official_figures():
    """And a region of which nothing passes any border has the nation and itself."""
    m = live(after_burn_in(years=1, scale=0.02, burn_in=4), until="_invest")
    nation = m.state.nation
    close(nation.official[m.state.input_column], nation.frontier)
    before = known_of(m, P)
    nation.frontier *= 1.5
    close(known_of(m, P), before + 0.5 * P.nation)
    nothing = P.model_copy(update={"nation": 0.0})
    assert (known_of(m, nothing) != before).all()
    nation.frontier *= 2.0
    close(known_of(m, nothing), known_of(m, nothing))
    everything = P.model_copy(update={"nation": 0.95})
    spread = [np.log(known_of(m, p)).std() for p in (nothing, P, everything)]
    assert spread[0] > spread[1] > spread[2] > 0.0
