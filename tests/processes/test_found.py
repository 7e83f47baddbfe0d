from types import SimpleNamespace

import numpy as np
import pytest

from tests.processes import scalar_population as scalar
from tests.processes.small import SEEDS, close, rng
from ydsim.agents.generations import Generations
from ydsim.noise import NoiseSource, identity
from ydsim.processes.found import crowded, drawn_founders, improvement, matching, step_sizes


@pytest.mark.parametrize("seed", SEEDS)
def test_steps_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n_j, n_f = (int(k) for k in draw.integers(1, 6, 2))
    share, relevance = draw.dirichlet(np.ones(n_j)), draw.dirichlet(np.ones(n_f), n_j)
    relevance[0, 0] = 0.0
    frontier = draw.normal(size=(n_j, n_f))
    step = step_sizes(0.03, 80.0, share, relevance)
    want = scalar.step_sizes(0.03, 80.0, share.tolist(), relevance.tolist())
    close(step, want)
    close(
        crowded(step, frontier, share, relevance, 0.3),
        scalar.crowded(want, frontier.tolist(), share.tolist(), relevance.tolist(), 0.3),
    )


def test_steps_at_their_edges():
    even = np.full((1, 2), 0.5)
    assert step_sizes(0.0, 80.0, np.ones(1), even).tolist() == [[0.0, 0.0]]
    level = crowded(np.full((1, 2), 0.1), np.zeros((1, 2)), np.ones(1), even, 0.3)
    close(level, np.full((1, 2), 0.1))


def test_steps_without_growth_in_a_cell_without_foundings():
    still = step_sizes(0.0, 80.0, np.ones(1), np.array([[1.0, 0.0]]))
    assert np.isfinite(still).all()


@pytest.mark.parametrize("seed", range(30))
def test_founders_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n = int(draw.integers(0, 15))
    quality = draw.exponential(1.0, n)
    industry, field = draw.integers(0, 3, n), draw.integers(0, 3, n)
    key = identity("launch", np.arange(n))[:n]
    number, u = int(draw.integers(0, 12)), float(draw.random())
    founders, slots = drawn_founders(quality, industry, field, key, number, u)
    want = scalar.drawn_founders(
        quality.tolist(), industry.tolist(), field.tolist(), key.tolist(), number, u
    )
    assert (founders.tolist(), slots.tolist()) == want
    assert len(set(founders.tolist())) == len(founders)


def test_one_founding_more_keeps_the_others():
    quality, kind = np.ones(50), np.zeros(50, dtype=np.int64)
    key = identity("launch", np.arange(50))
    few = drawn_founders(quality, kind, kind, key, 7, 0.3)
    more = drawn_founders(quality, kind, kind, key, 8, 0.3)
    assert more[0][:7].tolist() == few[0].tolist()
    assert more[1][:7].tolist() == few[1].tolist()


def test_founders_do_not_depend_on_the_order_of_listing():
    draw = rng(0)
    quality, kind = draw.exponential(1.0, 40), draw.integers(0, 3, 40)
    key = identity("launch", np.arange(40))
    first = drawn_founders(quality, kind, kind, key, 9, 0.7)
    turned = drawn_founders(quality[::-1], kind[::-1], kind[::-1], key[::-1], 9, 0.7)
    assert key[first[0]].tolist() == key[::-1][turned[0]].tolist()


def test_better_launches_found_more_often():
    quality = np.array([1.0, 3.0])
    none = np.zeros(2, dtype=np.int64)
    key = identity("launch", np.arange(2))
    hits = [drawn_founders(quality, none, none, key, 1, (i + 0.5) / 400)[0][0] for i in range(400)]
    assert np.mean(hits) == pytest.approx(0.75, abs=0.003)


@pytest.mark.parametrize("seed", SEEDS)
def test_improvement_equals_the_scalar_rule(seed):
    draw = rng(seed)
    quality, before = draw.exponential(1.0, 20), draw.integers(0, 300, 20).astype(float)
    want = [scalar.improvement(q, n, 20.0, 0.004) for q, n in zip(quality, before, strict=True)]
    close(improvement(quality, before, 20.0, 0.004), want)


def test_improvement_is_the_same_at_every_scale():
    """One launch that stands for twenty improves like twenty launches that stand for one."""
    one = improvement(np.ones(1), np.array([7.0]), 20.0, 0.004)[0]
    twenty = improvement(np.ones(20), 7.0 + np.arange(20.0), 1.0, 0.004).sum()
    assert one == pytest.approx(twenty, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_matching_equals_the_scalar_rule(seed):
    draw = rng(seed)
    n_g, n_l, n_j, n_f = 12, 40, 4, 3
    generations = Generations(1)
    generations.append(
        n_g,
        key=identity("generation", np.arange(n_g)),
        industry=draw.integers(0, n_j - 1, n_g),  # the last industry has none
        field=draw.integers(0, n_f, n_g),
        live=draw.random(n_g) < 0.7,
    )
    key = identity("launch", np.arange(n_l))
    industry, field = draw.integers(0, n_j, n_l), draw.integers(0, n_f, n_l)
    noise = NoiseSource(seed, 0).phase("found", 0)
    got = matching(generations, key, industry, field, noise, (n_j, n_f))

    def bits(launch, generation):
        pair = identity(np.array([launch], np.uint64), np.array([generation], np.uint64))
        return int(noise.bits(pair, 5)[0])

    launches = [
        {"key": int(k), "industry": int(j), "field": int(f)}
        for k, j, f in zip(key, industry, field, strict=True)
    ]
    living = [
        {"key": int(k), "industry": int(j), "field": int(f), "live": bool(live)}
        for k, j, f, live in zip(
            generations.key, generations.industry, generations.field, generations.live, strict=True
        )
    ]
    assert got.tolist() == scalar.matching(launches, living, bits)
    assert (got == -1).any()


def test_matching_of_nothing():
    noise = SimpleNamespace()
    empty = np.empty(0, dtype=np.int64)
    none = matching(Generations(1), empty.astype(np.uint64), empty, empty, noise, (2, 2))
    assert none.tolist() == []
    one = np.zeros(1, dtype=np.int64)
    assert matching(Generations(1), one.astype(np.uint64), one, one, noise, (2, 2)).tolist() == [-1]
