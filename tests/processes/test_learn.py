from dataclasses import dataclass

import numpy as np
import pytest

from tests.support import scalar_learn as scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar import cosine as plain_cosine
from tests.support.scalar_match import capacity, scene
from tests.support.small import model
from ydsim.agents.organisations import FIRM, UNIVERSITY
from ydsim.noise import NoiseSource, identity
from ydsim.processes import learn as learning
from ydsim.processes.learn import (
    barter,
    broadcast,
    cosine,
    distance_factor,
    enclaves,
    group_means,
    leads,
    spillover,
)
from ydsim.scenario.schema.parameters import LearnParameters

NOISE = NoiseSource(3, 0).phase("learn", 0)


@dataclass(frozen=True)
class Net:
    """What `broadcast` takes up to ``rate`` and what `barter` takes up to ``tolerance``."""

    knowledge: np.ndarray
    a: np.ndarray
    b: np.ndarray
    factor: np.ndarray
    absorb: np.ndarray
    rate: float
    bits: np.ndarray

    def parts(self):
        return self.knowledge, self.a, self.b, self.factor, self.absorb, self.rate, self.bits

    def ties(self):
        return list(zip(self.a.tolist(), self.b.tolist(), self.factor.tolist(), strict=True))

    def broadcast(self):
        return broadcast(*self.parts()[:-1])

    def barter(self, tolerance=0.1, relative=False):
        return barter(*self.parts(), tolerance, relative=relative)


def net(seed, n=9, m=25, fields=5):
    """A dense net: some ties double, some without any factor, one organisation deaf."""
    draw = rng(seed)
    a = draw.integers(0, n, m)
    b = (a + draw.integers(1, n, m)) % n
    factor, absorb = draw.random(m) * (draw.random(m) > 0.2), draw.random(n)
    absorb[0] = 0.0
    bits = np.stack([NOISE.bits(identity("tie", seed, np.arange(m)), f) for f in range(fields)])
    return Net(draw.random((fields, n)) * 5.0, a, b, factor, absorb, 0.6, bits)


def pair(one, other, number=1):
    """Many equal pairs of two organisations."""
    fields = len(one)
    knowledge = np.column_stack([np.tile(one, (number, 1)).T, np.tile(other, (number, 1)).T])
    a = np.arange(number)
    bits = np.stack([NOISE.bits(identity("pair", a), f) for f in range(fields)])
    knowledge = knowledge.astype(float)
    return Net(knowledge, a, a + number, np.ones(number), np.ones(2 * number), 0.5, bits)


def test_distance_at_its_ends():
    x = np.array([[1.0, 3.0, 0.0, 0.0, 1.0], [0.0, 0.0, 2.0, 0.0, np.sqrt(3.0)]])
    zero = np.zeros(5, dtype=np.int64)
    close(cosine(x, x, zero, np.arange(5)), [1.0, 1.0, 0.0, 0.0, 0.5])
    close(distance_factor(np.array([0.0, 0.25, 0.5, 1.0])), [0.0, 0.75, 1.0, 0.0])


def test_a_vector_is_never_beyond_itself():
    x = rng(1).random((7, 2000)) ** 8
    each = np.arange(2000)
    distance = 1.0 - cosine(x, x, each, each)
    assert (distance >= 0.0).all()
    close(distance, np.zeros(2000))


def test_means_of_groups():
    values = np.array([[1.0, 3.0, 9.0], [2.0, 2.0, 4.0]])
    weight = np.array([3.0, 1.0, 0.0])
    means = group_means(values, np.array([0, 0, 2]), weight, 3, empty=-7.0)
    close(means, [[1.5, -7.0, -7.0], [2.0, -7.0, -7.0]])


SIZES = [(2, 1, 1), (5, 40, 3), (9, 25, 5), (30, 60, 10), (4, 0, 3)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", SIZES)
def test_broadcast_equals_a_loop_over_learners(seed, size):
    x = net(seed, *size)
    want = scalar.broadcast(x.knowledge.tolist(), x.ties(), x.absorb.tolist(), x.rate)
    close(x.broadcast(), want)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("relative", [False, True])
def test_barter_equals_a_loop_over_ties(seed, size, relative):
    x = net(seed, *size)
    orders = x.bits.T.tolist()
    want = scalar.barter(
        x.knowledge.tolist(), x.ties(), x.absorb.tolist(), x.rate, orders, 0.1, relative
    )
    close(x.barter(0.1, relative), want)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("apart", [False, True])
def test_spillover_equals_a_loop_over_members(seed, apart):
    draw = rng(seed)
    n, fields, cities = 25, 4, 5
    knowledge, shares = draw.normal(size=(fields, n)), draw.random((fields, n)) ** 3
    city, absorb = draw.integers(0, cities, n), draw.random(n)
    standing = draw.random(n) * (city != 2)
    e = draw.dirichlet(np.ones(cities + 1), n)[:, 1:] * (draw.random((n, cities)) < 0.5)
    e = e if apart else None
    found = spillover(knowledge, shares, city, cities, standing, absorb, 0.3, e)
    want = scalar.spillover(
        knowledge.tolist(), shares.tolist(), city.tolist(), standing.tolist(), absorb.tolist(),
        0.3, None if e is None else e.tolist(),
    )  # fmt: skip
    close(found, want)
    assert apart or (found[:, city == 2] == 0.0).all()
    assert (found > 0.0).any()


def test_shares_of_enclaves_are_cut_at_one_and_none_where_there_are_none():
    city, kind = np.array([0, 1, 1]), np.array([FIRM, FIRM, UNIVERSITY])
    assert enclaves(np.zeros((2, 2)), city, kind) is None
    share = enclaves(np.array([[0.0, 0.3], [1.5, 0.5]]), city, kind)
    close(share, [[0.0, 0.3], [0.75, 0.25], [0.0, 0.0]])


def test_leads_at_the_tolerance():
    zero, one = np.zeros(1, dtype=np.int64), np.ones(1, dtype=np.int64)
    knowledge = np.array([[5.0, 4.0], [5.1, 4.0], [4.2, 4.0], [4.0, 5.1], [4.0, 5.0]])
    assert leads(knowledge, zero, one, 0.25, True)[:, 0].tolist() == [0, 1, 0, -1, 0]
    assert leads(knowledge, zero, one, 0.25, False)[:, 0].tolist() == [1, 1, 0, -1, -1]
    assert leads(knowledge, zero, one, 1.0, False)[:, 0].tolist() == [0, 1, 0, -1, 0]


@pytest.mark.slow
@pytest.mark.parametrize("gain", [0.01, 5.0])
def test_all_sources_together_lead_no_further_than_the_best_of_the_field(gain, monkeypatch):
    found = model(burn_in=8)
    found.step()
    state = found.state
    rows = state.active
    before = state.organisations.knowledge[rows].T.copy()
    for source in ("broadcast", "spillover"):
        monkeypatch.setattr(learning, source, lambda k, *_: np.full(before.shape, gain))
    learning.learn(state, found.environment, found.noise.phase("learn", 0), LearnParameters())
    want = [
        [scalar.together(k, [gain] * 2, max(field)) for k in field] for field in before.tolist()
    ]
    close(state.organisations.knowledge[rows].T, want)


@pytest.mark.slow
def test_what_partners_teach_reaches_one_of_the_groups_of_an_organisation_of_science():
    here = scene(3, scale=0.02).with_match(reserve=-1.0, gap_search=0.5)
    here.match()
    state, table, rows = here.state, here.state.organisations, here.state.active
    at = {row: n for n, row in enumerate(rows.tolist())}
    fields, before = state.field_share.T.tolist(), table.knowledge[rows].T.tolist()
    learning.learn(state, here.environment, here.draws(), LearnParameters(spillover=0.0))
    ties = [
        (at[a], at[b], scalar.distance_factor(1.0 - plain_cosine(fields[at[a]], fields[at[b]])))
        for a, b, active in zip(
            state.ties.a.tolist(), state.ties.b.tolist(), state.ties.active.tolist(), strict=True
        )
        if active == state.quarter and a in at and b in at
    ]
    firm = (table.kind[rows] == FIRM).tolist()
    researchers = table.researchers[rows].tolist()
    groups = [
        1.0 if one else state.scale * capacity(size, firm=False)
        for one, size in zip(firm, researchers, strict=True)
    ]
    share = [a / n for a, n in zip(table.absorptive[rows].tolist(), groups, strict=True)]
    gains = scalar.broadcast(before, ties, share, LearnParameters().rate)
    assert sum(any(g[n] > 0.0 for g in gains) for n, one in enumerate(firm) if not one) > 5
    want = [
        [scalar.together(k, [g], max(field)) for k, g in zip(field, gain, strict=True)]
        for field, gain in zip(before, gains, strict=True)
    ]
    close(table.knowledge[rows].T, want)
