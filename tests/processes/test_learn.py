from dataclasses import dataclass

import numpy as np
import pytest

from tests.support import scalar_learn as scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.scalar import cosine as plain_cosine
from tests.support.scalar_match import capacity, scene
from ydsim.agents.organisations import FIRM
from ydsim.processes.learn import broadcast, cosine, distance_factor, learn
from ydsim.scenario.schema.parameters import LearnParameters


@dataclass(frozen=True)
class Net:
    """What `broadcast` takes."""

    knowledge: np.ndarray
    a: np.ndarray
    b: np.ndarray
    factor: np.ndarray
    absorb: np.ndarray
    rate: float

    def ties(self):
        return list(zip(self.a.tolist(), self.b.tolist(), self.factor.tolist(), strict=True))

    def broadcast(self):
        return broadcast(self.knowledge, self.a, self.b, self.factor, self.absorb, self.rate)


def net(seed, n=9, m=25, fields=5):
    """A dense net: some ties double, some without any factor, one organisation deaf."""
    draw = rng(seed)
    a = draw.integers(0, n, m)
    b = (a + draw.integers(1, n, m)) % n
    factor, absorb = draw.random(m) * (draw.random(m) > 0.2), draw.random(n)
    absorb[0] = 0.0
    return Net(draw.random((fields, n)) * 5.0, a, b, factor, absorb, 0.6)


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


SIZES = [(2, 1, 1), (5, 40, 3), (9, 25, 5), (30, 60, 10), (4, 0, 3)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("size", SIZES)
def test_broadcast_equals_a_loop_over_learners(seed, size):
    x = net(seed, *size)
    want = scalar.broadcast(x.knowledge.tolist(), x.ties(), x.absorb.tolist(), x.rate)
    close(x.broadcast(), want)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_many_partners_a_learner_reaches_the_best_of_them_and_no_further(seed):
    x = net(seed, 6, 90)
    x.absorb[1:] = 50.0
    best = np.zeros_like(x.knowledge)
    for f, k in enumerate(x.knowledge):
        for a, b, u in x.ties():
            if u > 0.0:
                best[f, a], best[f, b] = max(best[f, a], k[b]), max(best[f, b], k[a])
    want = np.maximum(best - x.knowledge, 0.0)
    want[:, 0] = 0.0
    close(x.broadcast(), want)


@pytest.mark.slow
def test_what_partners_teach_reaches_one_of_the_groups_of_an_organisation_of_science():
    here = scene(3, scale=0.02).with_match(reserve=-1.0, gap_search=0.5)
    here.match()
    state, table, rows = here.state, here.state.organisations, here.state.active
    at = {row: n for n, row in enumerate(rows.tolist())}
    fields, before = state.field_share.T.tolist(), table.knowledge[rows].T.tolist()
    learn(state, LearnParameters())
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
    close(table.knowledge[rows].T, np.array(before) + gains)
