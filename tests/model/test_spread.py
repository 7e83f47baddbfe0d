"""Limits of adoption in which the answer is known: cells that mix well, and partners on graphs."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from tests.support.scalar_relocate import launches_of
from tests.support.small import scenario
from ydsim.agents.generations import OUTSIDE
from ydsim.measures.diffusion import bass
from ydsim.model import Model
from ydsim.noise import identity
from ydsim.processes import adopt
from ydsim.world.synthetic import synthetic_world

UNIFORM = {
    "adopt.own_city": 0.25,  # four equal cities, so that all firms weigh alike
    "adopt.outside": 0.0,
    "border.exposure": 1.0,
    "adopt.decay_h": 100.0,
    "adopt.appeal_sd": 0.0,
    "adopt.partner": 0.0,
    "population.absorptive_sd": 0.0,
    "generations.foundings": 0.0,
    "generations.outside_foundings": 0.0,
    "actors.media": False,
}
FOR_EVER = 10_000


def still(firms, number, **changed):
    """A model without a past, with ``number`` generations that nobody has adopted."""
    place = synthetic_world(
        2, 2, industries=1, fields=1, firms=firms // 2, inside_km=1.0, across_km=1.0
    )
    rules = {**UNIFORM, **{f"adopt.{k}": v for k, v in changed.items()}}
    off = {"border_friction": {"strength": 0.0}}
    m = Model(scenario(years=1, scale=1.0, burn_in=0, parameters=rules, policies=off), world=place)
    state = m.state
    key = identity("generation", np.arange(number))
    new = state.generations.append(number, key=key, industry=0, field=0, origin=OUTSIDE)
    return m, new


def lives(m):
    """Let a quarter pass for adoption alone."""
    state, keys = m.state, m.parameters.adopt
    unaware = np.ones((m.world.n_cities, 1))
    adopt.adopt(state, m.environment, m.noise.phase("adopt", 0), keys, FOR_EVER, unaware)
    shares = state.generations.adopters.sum(axis=1) / len(state.firms)
    state.begin(state.quarter + 1)
    return shares


def diffusion(firms, quarters, number=1, **changed):
    """Share of adopters of ``number`` generations among ``firms`` firms, by quarter."""
    m, new = still(firms, number, **changed)
    adopt.open_generations(m.state, new, m.noise.phase("adopt", 0), m.parameters.adopt)
    assert (m.state.generations.gain == 1.0).all()
    return np.array([lives(m) for _ in range(quarters)]), m


def reached_by_map(quarters, p, q):
    share, path = np.zeros(1), []
    for _ in range(quarters):
        share = adopt.adoption_map(share, np.ones(1), share, p, q)
        path.append(share[0])
    return np.array(path)


# -- cells -----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_agents_reach_the_adoption_map():
    """One generation scatters by .0032 where the curve is steep: chance among the first adopters.

    The mean of sixteen scatters by .0008.
    """
    shares, m = diffusion(150_000, 60, number=16)
    assert len(m.state.firms) == 150_000
    want = reached_by_map(60, 0.03, 0.6)
    assert np.abs(shares.mean(axis=1) - want).max() < 0.004
    assert np.abs(shares - want[:, None]).max() < 0.015
    assert np.abs(reached_by_map(60, 0.03, 0.59) - want).max() > 0.005  # q .59 would be noticed


def test_without_imitation_adoption_is_exponential():
    shares, _ = diffusion(40_000, 40, internal=0.0, external=0.3)
    time = np.arange(1, 41) / 4.0
    assert np.abs(shares[:, 0] - (1.0 - np.exp(-0.3 * time))).max() < 0.008


def test_the_quarterly_map_is_near_the_bass_curve():
    time = np.arange(1, 61) / 4.0
    assert np.abs(reached_by_map(60, 0.03, 0.38) - bass(time, 1.0, 0.03, 0.38)).max() < 0.03


def test_nobody_adopts_without_influence():
    shares, _ = diffusion(4_000, 8, external=0.0, internal=5.0, partner=5.0)
    assert shares.max() == 0.0


# -- partners --------------------------------------------------------------------------------------

ALONE = {"external": 0.0, "internal": 0.0}
STRENGTH = 0.5
"""Weight w = strength / (1 + strength) of a tie of one joint project."""


def tied(m, graph):
    """Give the firms of a model the edges of a graph as ties."""
    a, b = (m.state.firms[np.array(end)] for end in zip(*graph.edges, strict=True))
    m.state.ties.strengthen(a, b, m.state.quarter)


def spread(graph, quarters, number, rate, enough=2.0):
    """Shares by quarter and generation; each has one founder, who passes it to partners alone.

    ``rate`` a year is the sum over the partners of a firm of mean degree. It ends after some
    quarters, or when all generations have had ``enough``.
    """
    degree = 2 * graph.number_of_edges() / len(graph)
    m, new = still(len(graph), number, partner=rate / degree / STRENGTH, **ALONE)
    tied(m, graph)
    founders = np.arange(number) * (len(graph) // number)
    m.state.generations.founder[new] = m.state.firms[founders]
    m.state.launches = launches_of(m.state, new)
    adopt.open_generations(m.state, new, m.noise.phase("adopt", 0), m.parameters.adopt)
    shares = []
    while len(shares) < quarters and (not shares or shares[-1].min() < enough):
        shares.append(lives(m))
    return np.array(shares), m, founders


def test_cascades_stay_in_their_component():
    """All who can be reached over ties are reached, and nobody else."""
    graph = nx.disjoint_union_all([nx.path_graph(40), nx.cycle_graph(30), nx.empty_graph(10)])
    shares, m, founders = spread(graph, 240, 8, rate=8.0)
    for i, founder in enumerate(founders.tolist()):
        inside = np.array(sorted(nx.node_connected_component(graph, founder)))
        slot = m.state.generations.slot[i]
        has = np.flatnonzero(m.state.slots.adopted[m.state.firms, slot])
        assert has.tolist() == inside.tolist()
    assert len(set(np.round(shares[-1] * len(graph)).tolist())) == 3


def test_no_one_is_reached_before_the_quarters_that_the_way_takes():
    """A promise is kept in the next quarter at the earliest: one step along a path a quarter."""
    n = 60
    shares, _, founders = spread(nx.path_graph(n), 12, 6, rate=9.0)
    for quarter in range(12):
        near = [(np.abs(np.arange(n) - founder) <= quarter).sum() for founder in founders]
        assert (np.round(shares[quarter] * n) <= near).all()
    assert (np.round(shares[1] * n) > 1).any()
    assert (shares[0] * n).tolist() == pytest.approx([1.0] * 6)


@pytest.fixture(scope="module")
def half_times():
    """Quarters until half have adopted, by kind of graph and generation; degrees are equal."""
    n, k, number = 400, 6, 24
    kinds = {
        "ring": nx.watts_strogatz_graph(n, k, 0.0, seed=1),
        "small world": nx.watts_strogatz_graph(n, k, 0.1, seed=1),
        "random": nx.random_regular_graph(k, n, seed=1),
        "complete": nx.complete_graph(n),
    }
    found = {}
    for name, graph in kinds.items():
        shares, _, _ = spread(graph, 400, number, rate=3.0, enough=0.5)
        assert (shares[-1] >= 0.5).all(), name
        found[name] = (shares < 0.5).sum(axis=0).astype(float)
    return found


@pytest.mark.slow
def test_short_ways_speed_up_the_spread(half_times):
    """Ring, small world, random, complete: each clearly faster than the one before."""
    for slow, fast in pairwise(half_times):
        a, b = half_times[slow], half_times[fast]
        error = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))
        assert a.mean() - b.mean() > 3.0 * error, (slow, fast)
    # on a ring the front moves at one speed, so that time is in proportion to the way
    assert half_times["ring"].mean() > 3.0 * half_times["small world"].mean()
