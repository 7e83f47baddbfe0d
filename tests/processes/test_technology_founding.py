from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar
from tests.support import scalar_population as rules
from tests.support.numbers import SEEDS, close, rng, rows_of
from tests.support.scalar_society import stub
from ydsim.agents.columns import NEVER
from ydsim.agents.generations import OUTSIDE, REGION, Generations, Slots
from ydsim.agents.organisations import MEMORY, UNIVERSITY
from ydsim.agents.projects import NOBODY, NOT_YET, OUTSIDER, STAGES
from ydsim.agents.state import Launches
from ydsim.agents.tables import Means
from ydsim.noise import NoiseSource, identity
from ydsim.processes.technology_founding import (
    crowded,
    found_technologies,
    improvement,
    step_sizes,
)
from ydsim.scenario.schema.parameters import GenerationParameters
from ydsim.world.loader import synthetic_world


def test_improvement_is_the_same_at_every_scale():
    """One launch that stands for twenty improves like twenty launches that stand for one."""
    one = improvement(np.ones(1), np.array([7.0]), 20.0, 0.004)[0]
    twenty = improvement(np.ones(20), 7.0 + np.arange(20.0), 1.0, 0.004).sum()
    assert one == pytest.approx(twenty, rel=1e-12)


# -- the quarter -----------------------------------------------------------------------------------

G = GenerationParameters()
REF = 4000.0
OMEGA = 0.3


LASTING = NoiseSource(0, 0).phase("found", 0)


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
        launch_mix=draw.exponential(20.0, (n_j, n_f)) if n else np.zeros((n_j, n_f)),
        quality_history=np.zeros((3, n_j, 8)),
        means=Means.none(n_f, n_j, 2),
        founding_account=draw.uniform(0.0, 1.5, (n_j, n_f)),
        founded=draw.integers(0, 40, (n_j, n_f)),
        slots=Slots(n_j),
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
        retired=np.where(draw.random(n_g) < 0.7, NEVER, 0),
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
        members=np.where(np.arange(4) < draw.integers(0, 5, n)[:, None], OUTSIDER, NOBODY),
        public=draw.random(n),
        stage_city=draw.integers(0, 6, passport).astype(np.int16),
        stage_kind=draw.integers(0, 3, passport).astype(np.int8),
        stage_end=draw.integers(-20, 8, passport).astype(np.int16),
        generation=np.full(n, -1),
    )
    state.slots.reserve(size)
    state.generations.slot[:] = np.arange(n_g)
    state.slots.adopted[:size, :n_g] = draw.random((size, n_g)) < 0.3
    return state


def bits_of(noise):
    """The bits of a launch and a generation by their identities."""

    def bits(launch, generation):
        pair = identity(np.array([launch], np.uint64), np.array([generation], np.uint64))
        return int(noise.bits(pair, 5)[0])

    return bits


def constants_of(launches, quality):
    """Constants of a run of which only these two enter."""
    return replace(Means.none(1, 1, 1), launches=launches, founder_quality=quality)


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
    frontier, mix = state.frontier.tolist(), state.launch_mix.tolist()
    # launches of two years: those of quarter -1 are forgotten now
    past = [(q, j, 0.5 + q % 3 + j) for q in range(-1, 7) for j in (0, 1, 3)] if n else []
    for q, j, value in past:
        state.quality_history[:, j, q % 8] = 1.0, value, value**2
    account, count = state.founding_account.tolist(), state.founded.tolist()
    new = found_technologies(state, noise, LASTING, G, OMEGA, constants_of(REF, 1.7))

    pace = (sum(history) / REF) ** G.launch_elasticity
    mix = rules.faded_mix(mix, made)
    close(state.launch_mix, mix)
    launched = [(row["industry"], row["field"]) for row in made]
    cells, due_now = rules.due_cells(account, G.foundings * pace, mix, launched)
    lost = sum(
        max(account[j][f] + G.foundings * pace * m / sum(map(sum, mix)) - 2.0, 0.0)
        for j, row in enumerate(mix)
        for f, m in enumerate(row)
    ) if n else 0.0  # fmt: skip
    ordinal = [count[j][f] + cells[:k].count((j, f)) for k, (j, f) in enumerate(cells)]
    each = [
        float(LASTING.uniform(identity("founding", j * 3 + f, k), 8)[0])
        for (j, f), k in zip(cells, ordinal, strict=True)
    ]
    founders, slots = rules.drawn_founders(made, cells, each)
    cells = [cells[k] for k in slots]
    ordinal = [count[j][f] + cells[:k].count((j, f)) for k, (j, f) in enumerate(cells)]
    for j, f in cells:
        due_now[j][f] -= 1.0
    close(state.founding_account, due_now)
    assert state.founded.sum() == sum(map(sum, count)) + len(cells)
    recent = [(j, value) for q, j, value in past if q >= 0]
    recent += [(row["industry"], row["quality"]) for row in made]
    hoped = rules.hoped_quality([j for j, _ in recent], [value for _, value in recent], 4)
    assert np.flatnonzero(np.isin(launches.generation, new)).tolist() == sorted(founders)

    rest = [row for i, row in enumerate(made) if i not in founders]
    target = rules.matching(rest, old, bits_of(noise))
    mean = rules.mean_quality([j for j, _ in recent], [value for _, value in recent], 4)
    after = rules.joined(rest, target, old, 1.0 / state.scale, G.improvement, mean)
    known = slice(0, len(old))
    for name in ("log_quality", "launches"):
        close(getattr(table, name)[known], [g[name] for g in after])
    gains = np.zeros((50, MEMORY + 1))
    kinds, has = state.organisations.kind, state.slots.adopted
    for row, g in zip(rest, target, strict=True):
        if g < 0:
            continue
        stranger = (
            kinds[row["owner"]] or state.organisations.industry[row["owner"]] != row["industry"]
        )
        if stranger or has[row["owner"], table.slot[g]]:  # who adopts by it gains by that
            gains[row["owner"], 7] += old[g]["gain"]
    close(state.organisations.recent_gain, gains, rtol=1e-6)  # float32
    assert state.organisations.launches[:, 3].tolist() == np.bincount(
        [row["owner"] for row in made], minlength=50
    ).tolist()  # fmt: skip

    share, relevance = world.industry_share.tolist(), world.relevance.tolist()
    per_year = 8.0 * G.foundings
    step = rules.step_sizes(G.frontier_growth, per_year, share, relevance)
    step = rules.crowded(step, frontier, share, relevance, G.crowding)
    abroad = (1.0 - OMEGA + OMEGA * sum(history) / REF) ** G.launch_elasticity
    number = scalar.poisson(float(noise.uniform(one, 2)[0]), G.foundings * abroad)
    want = []
    for i, (j, f), k in zip(founders, cells, ordinal, strict=True):
        key = identity("generation", j * 3 + f, k)
        row = made[i]
        relative = hoped[row["industry"]] / 1.7
        want.append((key, REGION, row["industry"], row["field"], relative, i))
    for k in range(number):
        key = identity("outside generation", 7, k)
        j, f = rules.drawn_cell(share, relevance, float(noise.uniform(key, 3)[0]))
        want.append((key, OUTSIDE, j, f, 1.0, -1))
    assert new.tolist() == list(range(len(old), len(old) + len(want)))
    best = [list(row) for row in frontier]
    for g, (key, origin, j, f, relative, i) in zip(new, want, strict=True):
        e = float((LASTING if origin == REGION else noise).exponential(key, 4)[0])
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
    assert region.generations_founded == len(founders)
    assert region.generations_founded_outside == number
    close(region.foundings_missed, lost)
    level = sum(mu * e for mu, e in zip(world.industry_share, hoped, strict=True))
    close(state.means.founder_quality, level)
    if n > 100:
        assert len(founders) > 2
        assert -1 in target  # the last industry has no generation yet
        assert number > 2


@pytest.mark.parametrize("seed", SEEDS)
def test_passports_go_with_the_founding_launch(seed):
    state = state_with(seed=seed)
    launches, table = state.launches, state.generations
    new = found_technologies(state, draws(seed), LASTING, G, OMEGA, constants_of(REF, 1.0))
    region = new[table.origin[new] == REGION]
    # the public share is a number of its own in each launch
    at = [launches.public.tolist().index(share) for share in table.public[region].tolist()]
    assert sorted(at) == np.flatnonzero(np.isin(launches.generation, region)).tolist()
    assert len(at) > 2
    assert (table.founder[region] == launches.owner[at]).all()
    for name in ("stage_city", "stage_kind", "stage_end", "partners"):
        assert (getattr(table, name)[region] == getattr(launches, name)[at]).all(), name
    outside = new[table.origin[new] == OUTSIDE]
    assert (table.stage_end[outside] == NOT_YET).all()
    assert (table.stage_city[outside] == -1).all()
    assert not table.partners[outside].any()


def test_seeds_make_up_for_the_launches_that_are_missing():
    """As many generations as foundings were due, each under an identity of its own."""
    seen = 0
    for quarter in range(10):
        state = state_with(2, seed=quarter, n_g=0)
        state.quarter = quarter
        noise = draws(0, quarter)
        wanted = scalar.poisson(float(noise.uniform(identity("quarter"), 0)[0]), G.foundings)
        new = found_technologies(state, noise, LASTING, G, seeds=True)
        region = new[state.generations.origin[new] == REGION]
        assert len(region) == wanted
        assert len(np.unique(state.generations.key[new])) == len(new)
        real = (state.generations.stage_end[region] > NOT_YET).all(axis=1).sum()
        assert len(state.launches) == 2 + wanted - real
        seen += real
    assert seen > 5


def test_without_a_reference_steps_are_relative_to_the_region():
    """In the burn-in industries of better launches step further, the region as a whole does not."""
    state = state_with(400, n_g=1)
    state.frontier[:] = 0.0
    state.launches.quality[state.launches.industry == 0] *= 3.0
    launched = state.launches.industry.tolist(), state.launches.quality.tolist()
    new = found_technologies(state, draws(3), LASTING, G)
    table, world = state.generations, state.world
    hoped = rules.hoped_quality(*launched, 4)
    level = sum(mu * e for mu, e in zip(world.industry_share, hoped, strict=True))
    per_year = 8.0 * G.foundings
    step = step_sizes(G.frontier_growth, per_year, world.industry_share, world.relevance)
    step = crowded(step, np.zeros((4, 3)), world.industry_share, world.relevance, G.crowding)
    region = [g for g in new if table.origin[g] == REGION]
    assert len(region) > 3
    for g in region:
        j, f = table.industry[g], table.field[g]
        e = float(LASTING.exponential(table.key[g : g + 1], 4)[0])
        close(table.quality0[g], min(step[j, f] * hoped[j] / level * e, 0.1))
