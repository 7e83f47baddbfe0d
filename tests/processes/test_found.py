from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.processes import scalar
from tests.processes import scalar_population as rules
from tests.processes.scalar_society import stub
from tests.processes.small import SEEDS, close, rng
from ydsim.agents.generations import OUTSIDE, REGION, Generations
from ydsim.agents.organisations import MEMORY, UNIVERSITY
from ydsim.agents.projects import NOT_YET, STAGES
from ydsim.agents.state import Launches
from ydsim.noise import NoiseSource, identity
from ydsim.processes.found import (
    crowded,
    drawn_founders,
    found,
    improvement,
    matching,
    step_sizes,
)
from ydsim.scenario.parameters import GenerationParameters
from ydsim.world.synthetic import synthetic_world


@pytest.mark.parametrize("seed", SEEDS)
def test_steps_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n_j, n_f = (int(k) for k in draw.integers(1, 6, 2))
    share, relevance = draw.dirichlet(np.ones(n_j)), draw.dirichlet(np.ones(n_f), n_j)
    relevance[0, 0] = 0.0
    frontier = draw.normal(size=(n_j, n_f))
    step = step_sizes(0.03, 80.0, share, relevance)
    want = rules.step_sizes(0.03, 80.0, share.tolist(), relevance.tolist())
    close(step, want)
    close(
        crowded(step, frontier, share, relevance, 0.3),
        rules.crowded(want, frontier.tolist(), share.tolist(), relevance.tolist(), 0.3),
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
    want = rules.drawn_founders(
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
    want = [rules.improvement(q, n, 20.0, 0.004) for q, n in zip(quality, before, strict=True)]
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
    assert got.tolist() == rules.matching(launches, living, bits)
    assert (got == -1).any()


def test_matching_of_nothing():
    noise = SimpleNamespace()
    empty = np.empty(0, dtype=np.int64)
    none = matching(Generations(1), empty.astype(np.uint64), empty, empty, noise, (2, 2))
    assert none.tolist() == []
    one = np.zeros(1, dtype=np.int64)
    assert matching(Generations(1), one.astype(np.uint64), one, one, noise, (2, 2)).tolist() == [-1]


# -- the quarter -----------------------------------------------------------------------------------

G = GenerationParameters()
REF = 4000.0


def draws(seed=0, quarter=7):
    return NoiseSource(seed, 0).phase("found", quarter)


def state_with(n=120, seed=0, *, scale=0.05, n_g=25):
    """Launches with passports of firms and a university, among generations of all ages."""
    draw = rng(seed)
    n_j, n_f = 4, 3
    world = replace(
        synthetic_world(2, 3, industries=n_j, fields=n_f),
        industry_share=draw.dirichlet(np.ones(n_j)),
        relevance=draw.dirichlet(np.ones(n_f), n_j),
    )
    state = stub(
        world,
        scale=scale,
        quarter=7,
        generations=Generations(world.n_cities),
        frontier=draw.normal(0.0, 0.2, (n_j, n_f)),
        launch_history=draw.uniform(500.0, 1500.0, 4),
    )
    size = 50
    city = draw.integers(0, 6, size)
    industry = draw.integers(0, n_j, size)
    kind = np.where(np.arange(size) % 9 == 0, UNIVERSITY, 0)
    state.organisations.append(
        size, key=identity("firm", np.arange(size)), kind=kind, city=city, researchers=1.0,
        industry=np.where(kind == 0, industry, -1), province=world.city_province[city],
    )  # fmt: skip
    state.firms = state.organisations.firms()
    state.generations.append(
        n_g,
        key=identity("generation of old", np.arange(n_g))[:n_g],
        industry=draw.integers(0, n_j - 1, n_g),
        field=draw.integers(0, n_f, n_g),
        live=draw.random(n_g) < 0.7,
        log_quality=draw.normal(0.0, 0.2, n_g),
        launches=draw.integers(0, 30, n_g) / scale,
        gain=draw.exponential(1.0, n_g),
        quality0=-1.0,
    )
    owner = draw.integers(0, size, n)
    passport = (n, len(STAGES))
    state.launches = Launches(
        owner=owner,
        industry=draw.integers(0, n_j, n),
        field=draw.integers(0, n_f, n),
        quality=draw.lognormal(0.0, 0.7, n),
        key=identity("project", np.arange(n))[:n],
        partners=draw.integers(0, 5, n),
        public=draw.random(n),
        stage_city=draw.integers(0, 6, passport).astype(np.int16),
        stage_kind=draw.integers(0, 3, passport).astype(np.int8),
        stage_end=draw.integers(-20, 8, passport).astype(np.int16),
        founds=np.zeros(n, dtype=bool),
    )
    return state


def rows_of(table, names):
    columns = [getattr(table, name).tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 120])
def test_the_phase_equals_a_loop_over_launches(seed, n):
    state, noise = state_with(n, seed), draws(seed)
    world, launches, table = state.world, state.launches, state.generations
    one = identity("quarter")
    names = ("key", "industry", "field", "live", "log_quality", "launches", "gain")
    old = rows_of(table, names)
    made = rows_of(launches, ("key", "owner", "industry", "field", "quality"))
    history = [*state.launch_history[1:].tolist(), n / state.scale]
    frontier = state.frontier.tolist()
    new = found(state, noise, G, REF, 1.7)

    pace = (sum(history) / REF) ** G.launch_elasticity
    wanted = scalar.poisson(float(noise.uniform(one, 0)[0]), G.foundings * pace)
    columns = [[row[name] for row in made] for name in ("quality", "industry", "field", "key")]
    founders, slots = rules.drawn_founders(*columns, wanted, float(noise.uniform(one, 1)[0]))
    assert np.flatnonzero(launches.founds).tolist() == sorted(founders)

    def bits(launch, generation):
        pair = identity(np.array([launch], np.uint64), np.array([generation], np.uint64))
        return int(noise.bits(pair, 5)[0])

    rest = [row for i, row in enumerate(made) if i not in founders]
    target = rules.matching(rest, old, bits)
    after = rules.joined(rest, target, old, 1.0 / state.scale, G.improvement)
    known = slice(0, len(old))
    for name in ("log_quality", "launches"):
        close(getattr(table, name)[known], [g[name] for g in after])
    gains = np.zeros((50, MEMORY + 1))
    for row, g in zip(rest, target, strict=True):
        if g >= 0:
            gains[row["owner"], 7] += old[g]["gain"]
    close(state.organisations.recent_gain, gains, rtol=1e-6)  # float32
    assert state.organisations.launches[:, 3].tolist() == np.bincount(
        [row["owner"] for row in made], minlength=50
    ).tolist()  # fmt: skip

    share, relevance = world.industry_share.tolist(), world.relevance.tolist()
    per_year = 4.0 * (G.foundings + G.outside_foundings)
    step = rules.step_sizes(G.frontier_growth, per_year, share, relevance)
    step = rules.crowded(step, frontier, share, relevance, G.crowding)
    number = scalar.poisson(float(noise.uniform(one, 2)[0]), G.outside_foundings)
    want = []
    for i, slot in zip(founders, slots, strict=True):
        key = identity("generation", 7, slot)
        row = made[i]
        want.append((key, REGION, row["industry"], row["field"], row["quality"] / 1.7, i))
    for k in range(number):
        key = identity("outside generation", 7, k)
        j, f = rules.drawn_cell(share, relevance, float(noise.uniform(key, 3)[0]))
        want.append((key, OUTSIDE, j, f, 1.0, -1))
    assert new.tolist() == list(range(len(old), len(old) + len(want)))
    best = [list(row) for row in frontier]
    for g, (key, origin, j, f, relative, i) in zip(new, want, strict=True):
        e = float(noise.exponential(key, 4)[0])
        log_q = rules.founding(frontier[j][f], step[j][f], relative, e)
        assert table.key[g] == key[0]
        cell = (table.origin[g], table.industry[g], table.field[g], table.founded[g])
        assert cell == (origin, j, f, 7)
        close(table.quality0[g], log_q)
        close(table.log_quality[g], log_q)
        owner = made[i]["owner"] if i >= 0 else -1
        assert table.founder[g] == owner
        assert table.city[g] == (state.organisations.city[owner] if i >= 0 else -1)
        best[j][f] = max(best[j][f], log_q)
    close(state.frontier, best)
    assert state.launch_history.tolist() == history
    region = state.tally.region
    assert region["generations_founded"] == len(founders)
    assert region["generations_founded_outside"] == number
    assert region["foundings_missed"] == wanted - len(founders)
    assert region["launches_short"] == max(wanted - n, 0)
    if n > 100:
        assert len(founders) > 2
        assert -1 in target  # the last industry has no generation yet
        assert number > 2


@pytest.mark.parametrize("seed", SEEDS)
def test_passports_go_with_the_founding_launch(seed):
    state = state_with(seed=seed)
    launches, table = state.launches, state.generations
    new = found(state, draws(seed), G, REF, 1.0)
    region = new[table.origin[new] == REGION]
    # the public share is a number of its own in each launch
    at = [launches.public.tolist().index(share) for share in table.public[region].tolist()]
    assert sorted(at) == np.flatnonzero(launches.founds).tolist()
    assert len(at) > 2
    assert (table.founder[region] == launches.owner[at]).all()
    for name in ("stage_city", "stage_kind", "stage_end", "partners"):
        assert (getattr(table, name)[region] == getattr(launches, name)[at]).all(), name
    outside = new[table.origin[new] == OUTSIDE]
    assert (table.stage_end[outside] == NOT_YET).all()
    assert (table.stage_city[outside] == -1).all()
    assert not table.partners[outside].any()


def test_what_is_seeded_before_the_chain_delivers_has_no_passport():
    """Without a reference as many launches are added as foundings ask for."""
    state = state_with(0)
    new = found(state, draws(), G, None, None)
    launches, table = state.launches, state.generations
    region = new[table.origin[new] == REGION]
    assert len(launches) == len(region) > 2
    assert launches.founds.all()
    assert (launches.stage_end == NOT_YET).all()
    assert (table.stage_kind[region] == -1).all()
    assert (state.organisations.kind[launches.owner] == 0).all()
    assert (launches.industry == state.organisations.industry[launches.owner]).all()
    assert state.launch_history[-1] == 0.0
    assert state.tally.region["generations_founded"] == len(region)


def test_foundings_follow_launches_with_their_elasticity():
    """Counts over many quarters: four times the launches, twice the foundings at .5."""
    counts = []
    for launched in (REF / 4.0, REF):
        total = 0
        for quarter in range(100):
            state = state_with(400, n_g=1, scale=1.0)
            state.launch_history[:] = (launched - 400.0) / 3.0
            found(state, draws(1, quarter), G, REF, 1.0)
            region = state.tally.region
            total += region["generations_founded"] + region["foundings_missed"]
        counts.append(total)
    mean = 100 * G.foundings
    for count, expected in zip(counts, (0.25**G.launch_elasticity * mean, mean), strict=True):
        assert abs(count - expected) < 4.0 * np.sqrt(expected)
