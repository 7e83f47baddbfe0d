from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support import scalar_society as scalar
from tests.support.numbers import DECAY_H, SEEDS, close, rng
from ydsim.agents.state import Launches
from ydsim.noise import NoiseSource, identity
from ydsim.processes.adopt import awareness, cover_launches, make_outlets
from ydsim.scenario.schema.parameters import MediaParameters
from ydsim.world.loader import synthetic_world

WORLD = synthetic_world(4, 3)
STORIES = 5


def travel(world, stories=None):
    """What outlets read of the environment; ``stories`` is the factor by city."""
    factor = np.ones(world.n_cities) if stories is None else stories
    return SimpleNamespace(travel_hours=world.distance_km / 160.0 + 0.5, stories=factor)


def state_with(n=60, seed=0, *, world=WORLD, scale=1.0, stories=STORIES, **columns):
    """A state with ``n`` launches of firms, one to a firm."""
    draw = rng(seed)
    state = scalar.stub(world, scale=scale, outlets=make_outlets(world, stories))
    city = columns.get("city", draw.integers(0, world.n_cities, n))
    state.organisations.append(
        n, key=identity("firm", np.arange(n))[:n], city=city, province=world.city_province[city]
    )
    state.launches = Launches.plain(
        np.arange(n),
        columns.get("industry", draw.integers(0, len(world.industries), n)),
        draw.integers(0, len(world.fields), n),
        columns.get("quality", draw.lognormal(0.0, 1.0, n)),
        identity("project", np.arange(n) + 1000 * seed)[:n],
    )
    return state


MEDIA = MediaParameters(awareness=2.0)


def media(**changes):
    return MEDIA.model_copy(update=changes)


def noise(seed=0, quarter=0):
    return NoiseSource(seed, 0).phase("cover", quarter)


def printed_by(state, draws, factor):
    """The loop: positions of the launches that each outlet prints; ``factor`` by city."""
    o, launches, province = state.outlets, state.launches, state.world.city_province
    quality, keys = launches.quality.tolist(), launches.key.tolist()
    rows = [{"quality": q, "key": k} for q, k in zip(quality, keys, strict=True)]
    hours = travel(state.world).travel_hours
    city = state.organisations.city[launches.owner]
    return [
        scalar.printed(
            rows,
            draws.uniform(identity(o.key[p], launches.key), 0).tolist(),
            hours[o.city[p], city].tolist(),
            scalar.number_of_stories(int(o.stories[p]), factor[province == p].tolist()),
        )
        for p in range(len(o.key))
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_outlets_equal_a_loop_over_places(seed):
    draw = rng(seed)
    residents = draw.uniform(100.0, 900.0, WORLD.city_population.shape)
    residents[draw.random(residents.shape) < 0.5] = np.nan
    residents[3] = np.nan
    world = replace(WORLD, city_population=residents)
    places = world.city_keys.tolist(), world.city_province.tolist()
    found = make_outlets(world, STORIES)
    assert found.city.tolist() == scalar.seats(residents.tolist(), *places)
    assert found.stories.tolist() == [STORIES] * 4
    assert len(np.unique(found.key)) == 4
    assert not found.covered.any()


def test_outlets_stay_themselves_when_another_city_becomes_the_largest():
    residents = WORLD.city_population.copy()
    residents[WORLD.city_keys.argmax()] *= 3.0
    moved = make_outlets(replace(WORLD, city_population=residents), STORIES)
    usual = make_outlets(WORLD, STORIES)
    assert (moved.city != usual.city).sum() == 1
    assert (moved.key == usual.key).all()


@pytest.mark.parametrize("scale", [1.0, 0.05])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_quarter_equals_a_loop_over_outlets_and_launches(seed, scale):
    state = state_with(seed=seed, scale=scale)
    state.attention[:] = rng(seed).random(state.attention.shape)
    factor = rng(seed + 7).uniform(0.0, 3.0, WORLD.n_cities)
    want = printed_by(state, noise(seed), factor)
    cover_launches(state, travel(WORLD, factor), noise(seed), DECAY_H)
    o, launches, table = state.outlets, state.launches, state.organisations
    pairs = [(m, int(launches.industry[at])) for m, own in enumerate(want) for at in own]
    close(state.attention, scalar.attention(WORLD.city_province, pairs, 10))
    assert o.covered.tolist() == [len(own) for own in want]
    owner = [int(launches.owner[at]) for own in want for at in own]
    close(state.tally.city.stories, np.bincount(table.city[owner], minlength=12))


def test_launches_without_quality_are_never_printed():
    state = state_with(quality=np.zeros(60))
    cover_launches(state, travel(WORLD), noise(), DECAY_H)
    assert state.outlets.covered.sum() == 0
    state = state_with(quality=np.where(np.arange(60) == 7, 1e-300, 0.0))
    cover_launches(state, travel(WORLD), noise(), DECAY_H)
    assert (state.outlets.covered == 1).all()


def test_far_launches_are_printed_where_there_are_no_near_ones():
    """Weights that are zero in floating point: exp(-1900) of them, but they are all there is."""
    state = state_with(city=np.full(60, 11))
    far = SimpleNamespace(travel_hours=np.full((12, 12), 95.0), stories=np.ones(12))
    cover_launches(state, far, noise(), 0.05)
    assert state.outlets.covered.tolist() == [5, 5, 5, 5]


def test_without_stories_awareness_is_exactly_one():
    state, p = state_with(0), media()
    for q in range(3):
        cover_launches(state, travel(WORLD), noise(0, q), DECAY_H)
    assert (awareness(state.attention, p) == 1.0).all()
    assert not state.tally.city.stories.any()
