import numpy as np
import pytest
from scipy.stats import binom

from tests.model.small import model
from tests.processes import scalar
from tests.processes.small import SEEDS, close, rng
from ydsim.noise import NoiseSource, identity
from ydsim.processes.advance import advance, fails, progress
from ydsim.scenario.parameters import ChainParameters

P = ChainParameters()


@pytest.mark.parametrize("seed", SEEDS)
def test_progress_and_failure_equal_the_scalar_rule(seed):
    draw = rng(seed)
    n = 30
    done, available = draw.exponential(5.0, n), draw.exponential(2.0, n) * (draw.random(n) > 0.2)
    capability, u = draw.random(n), draw.random(n)
    effort, duration = draw.uniform(1.0, 40.0, n), draw.integers(1, 8, n).astype(float)
    hazard = draw.exponential(0.5, n) * (draw.random(n) > 0.2)
    rows = zip(done, available, capability, effort, duration, strict=True)
    close(
        progress(done, available, capability, effort, duration), [scalar.progress(*r) for r in rows]
    )
    failed = [scalar.fails(h, v) for h, v in zip(hazard, u, strict=True)]
    assert fails(hazard, u).tolist() == failed


def chain_model():
    return model(years=1, scale=0.05)


def fill(m, draw, n):
    """Replace the projects of a model by random ones in all stages, of the dead too."""
    state = m.state
    state.projects.keep(np.zeros(len(state.projects), dtype=bool))
    science = np.flatnonzero(state.organisations.kind != 0)
    owner = draw.integers(0, len(state.organisations), n)
    owner = np.where(draw.random(n) < 0.4, science[draw.integers(0, len(science), n)], owner)
    stage = draw.integers(0, 3, n)
    state.projects.append(
        n,
        key=identity("test project", np.arange(n)),
        owner=owner,
        field=draw.integers(0, 10, n),
        quality=draw.exponential(1.0, n),
        radical=draw.random(n) < 0.3,
        stage=stage,
        done=draw.random(n) * np.array(P.effort)[stage] * 1.05,
    )
    return state


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 400])
def test_the_phase_equals_a_loop_over_projects(seed, n):
    m = chain_model()
    state = fill(m, rng(seed), n)
    noise = NoiseSource(seed, 0).phase("advance", 3)
    table, p = state.organisations, state.projects
    u = noise.uniform(p.key, 0)[:n]
    v = noise.uniform(p.key, 1)[:n]
    names = ("key", "owner", "field", "quality", "radical", "stage", "done")
    columns = [getattr(p, name).tolist() for name in names]
    projects = [
        {**dict(zip(names, row, strict=True)), "u": float(a), "v": float(b)}
        for row, a, b in zip(zip(*columns, strict=True), u, v, strict=True)
    ]
    owners = [
        {"kind": int(k), "alive": bool(a), "researchers": float(r)}
        for k, a, r in zip(table.kind, table.alive, table.researchers, strict=True)
    ]
    kept, launched, count = scalar.advance(projects, owners, state.scale, P)
    advance(state, noise, P)
    assert state.projects.key.tolist() == [q["key"] for q in kept]
    assert state.projects.stage.tolist() == [q["stage"] for q in kept]
    close(state.projects.done, [q["done"] for q in kept])
    assert state.launches.key.tolist() == [q["key"] for q in launched]
    assert state.launches.owner.tolist() == [q["owner"] for q in launched]
    share, relevance = state.world.industry_share, state.world.relevance
    industries = [
        scalar.launch_industry(
            int(table.industry[q["owner"]]),
            share.tolist(),
            relevance[:, q["field"]].tolist(),
            float(noise.uniform(np.array([q["key"]], np.uint64), 2)[0]),
        )
        for q in launched
    ]
    assert state.launches.industry.tolist() == industries
    assert state.launches.quality.tolist() == [q["quality"] for q in launched]
    for name, number in count.items():
        assert state.tally.city[name].sum() * state.scale == pytest.approx(number), name
    if n > 100:
        assert launched
        assert min(count.values()) > 0


def test_live_projects_are_those_that_remain():
    m = chain_model()
    state = fill(m, rng(1), 2000)
    advance(state, NoiseSource(1, 0).phase("advance", 0), P)
    assert state.tally.city["projects_live"].sum() * state.scale == pytest.approx(
        len(state.projects)
    )


def test_survival_of_stage_gates_is_the_product_of_their_chances():
    """Each gate of d quarters at hazard h is passed with exp(-h d / 4); exact binomial interval."""
    m = chain_model()
    state, n = m.state, 20_000
    p = P.model_copy(update={"selection": 10.0, "firm": (1.0, 1.0, 1.0), "project_share": 1.0})
    state.projects.keep(np.zeros(len(state.projects), dtype=bool))
    owner = np.resize(state.firms, n)
    state.organisations.researchers[state.firms] = 1e9
    state.projects.append(n, key=identity("gate", np.arange(n)), owner=owner, quality=50.0)
    launched = 0
    source = NoiseSource(5, 0)
    for quarter in range(14):
        advance(state, source.phase("advance", quarter), p)
        launched += len(state.launches.owner)
    assert len(state.projects) == 0
    chance = np.exp(-sum(h * d / 4.0 for h, d in zip(p.failure, p.duration, strict=True)))
    low, high = binom.ppf([0.0005, 0.9995], n, chance)
    assert low <= launched <= high
    assert not low <= n * chance * 1.05 <= high  # the interval would notice five per cent


@pytest.mark.parametrize("duration", range(1, 13))
def test_a_stage_takes_its_shortest_duration(duration):
    m = chain_model()
    state = m.state
    p = P.model_copy(
        update={
            "effort": (1.0, 1.0, 1.0),
            "duration": (float(duration),) * 3,
            "failure": (0.0, 0.0, 0.0),
            "firm": (1.0, 1.0, 1.0),
            "project_share": 1.0,
        }
    )
    state.projects.keep(np.zeros(len(state.projects), dtype=bool))
    state.organisations.researchers[state.firms] = 1e9
    owner = state.firms[:1]
    state.projects.append(1, key=identity("one", 1), owner=owner, quality=50.0, stage=2)
    took = 0
    while len(state.projects) and took < 20:
        advance(state, NoiseSource(5, 0).phase("advance", took), p)
        took += 1
    assert len(state.launches.owner) == 1
    assert took == duration
