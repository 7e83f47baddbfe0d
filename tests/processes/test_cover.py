from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support import scalar_society as scalar
from tests.support.numbers import SEEDS, close, rng
from tests.support.relabelled import relabel_provinces
from ydsim.agents.outlets import MUNICIPAL, PROVINCIAL, REGIONAL
from ydsim.agents.state import Launches
from ydsim.noise import NoiseSource, identity
from ydsim.processes.cover import (
    awareness,
    cover,
    drawn_stories,
    make_outlets,
    story_shares,
)
from ydsim.scenario.schema.sections.society import MediaParameters
from ydsim.world.loader import load_world
from ydsim.world.synthetic import synthetic_world

WORLD = synthetic_world(4, 3)
STORIES = (20, 5, 1)


def travel(world, stories=None):
    """What outlets read of the environment; ``stories`` is the factor by city."""
    factor = np.ones(world.n_cities) if stories is None else stories
    return SimpleNamespace(travel_hours=world.distance_km / 160.0 + 0.5, stories=factor)


def state_with(n=60, seed=0, *, world=WORLD, scale=1.0, large=500.0, stories=STORIES, **columns):
    """A state with ``n`` launches of firms, one to a firm."""
    draw = rng(seed)
    state = scalar.stub(world, scale=scale, outlets=make_outlets(world, stories, large))
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
    state.launches.founds[:] = columns.get("founds", draw.random(n) < 0.2)
    return state


MEDIA = MediaParameters(awareness=2.0, memory=0.5, decay_h=1.5, novelty=3.0, story_cost=0.001)


def media(**changes):
    return MEDIA.model_copy(update=changes)


def noise(seed=0, quarter=0):
    return NoiseSource(seed, 0).phase("cover", quarter)


def printed_by(state, draws, parameters, factor=None):
    """The loop: positions of the launches that each outlet prints; ``factor`` by city."""
    o, launches = state.outlets, state.launches
    rows = [
        {"quality": q, "founds": f, "key": k}
        for q, f, k in zip(
            launches.quality.tolist(),
            launches.founds.tolist(),
            launches.key.tolist(),
            strict=True,
        )
    ]
    hours = travel(state.world).travel_hours
    factor = [1.0] * state.world.n_cities if factor is None else factor.tolist()
    city = state.organisations.city[launches.owner]
    return [
        scalar.printed(
            rows,
            draws.uniform(identity(o.key[m], launches.key), 0).tolist(),
            None if o.level[m] == REGIONAL else hours[o.city[m], city].tolist(),
            scalar.number_of_stories(int(o.stories[m]), o.audience[m].tolist(), factor),
            parameters,
        )
        for m in range(len(o.key))
    ]


# -- outlets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_outlets_equal_a_loop_over_places(seed):
    draw = rng(seed)
    residents = draw.uniform(100.0, 900.0, WORLD.city_population.shape)
    residents[draw.random(residents.shape) < 0.5] = np.nan
    residents[3] = np.nan
    world = replace(WORLD, city_population=residents)
    want = scalar.outlets(
        residents.tolist(), world.city_keys.tolist(), world.city_province.tolist(), 700.0
    )
    found = make_outlets(world, STORIES, 700.0)
    have = zip(
        found.level.tolist(),
        found.province.tolist(),
        found.city.tolist(),
        found.audience.tolist(),
        strict=True,
    )
    assert list(have) == [(a, b, c, d) for a, b, c, d in want]
    assert found.stories.tolist() == [STORIES[level] for level, *_ in want]
    assert len(np.unique(found.key)) == len(want)
    assert not found.covered.any()


def test_the_delta_has_one_regional_four_provincial_and_municipal_outlets():
    world = load_world("yrd")
    found = make_outlets(world, STORIES, 500.0)
    assert np.bincount(found.level).tolist()[:2] == [1, 4]
    assert found.audience[0].all()
    assert found.audience[found.level == PROVINCIAL].sum(axis=0).tolist() == [1] * 41
    assert (found.audience[found.level == MUNICIPAL].sum(axis=1) == 1).all()
    seats = {world.city_names[c] for c in found.city[found.level == PROVINCIAL]}
    assert {"Shanghai", "Hangzhou", "Hefei"} < seats


def test_a_city_is_large_above_the_limit_and_seats_of_equals_go_by_key():
    residents = WORLD.city_population.max(axis=1)
    assert (make_outlets(WORLD, STORIES, residents.max()).level != MUNICIPAL).all()
    found = make_outlets(WORLD, STORIES, residents.max() - 1.0)
    assert (found.level == MUNICIPAL).sum() == WORLD.n_cities
    for p, seat in enumerate(found.city[found.level == PROVINCIAL]):
        mine = WORLD.city_keys[WORLD.city_province == p]
        assert WORLD.city_keys[seat] == mine.min()


def test_outlets_are_the_same_in_every_order_of_provinces():
    def named(world):
        found = make_outlets(world, STORIES, 500.0)
        return {
            int(key): (level, city >= 0 and world.city_names[city])
            for key, level, city in zip(found.key, found.level, found.city, strict=True)
        }

    assert named(relabel_provinces(WORLD, (2, 0, 3, 1))) == named(WORLD)


def test_outlets_stay_themselves_when_another_city_becomes_the_largest():
    residents = WORLD.city_population.copy()
    residents[WORLD.city_keys.argmax()] *= 3.0
    moved = make_outlets(replace(WORLD, city_population=residents), STORIES, 500.0)
    usual = make_outlets(WORLD, STORIES, 500.0)
    assert (moved.city != usual.city).sum() == 1
    assert (moved.key == usual.key).all()


# -- stories ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 0.05])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_quarter_equals_a_loop_over_outlets_and_launches(seed, scale):
    state, p = state_with(seed=seed, scale=scale), media()
    state.attention[:] = before = rng(seed).random(state.attention.shape)
    factor = rng(seed + 7).uniform(0.0, 3.0, WORLD.n_cities)
    want = printed_by(state, noise(seed), p, factor)
    cover(state, travel(WORLD, factor), noise(seed), p)
    o, launches, table = state.outlets, state.launches, state.organisations
    pairs = [(m, int(launches.industry[at])) for m, own in enumerate(want) for at in own]
    close(state.attention, scalar.attention(before.tolist(), o.audience.tolist(), pairs, p.memory))
    assert o.covered.tolist() == [len(own) for own in want]
    owner = [int(launches.owner[at]) for own in want for at in own]
    close(state.tally.city.stories, np.bincount(table.city[owner], minlength=12))
    away = [
        table.province[launches.owner[at]] != o.province[m]
        for m, own in enumerate(want)
        for at in own
        if o.level[m] != REGIONAL
    ]
    assert state.tally.region.stories_cross_province == pytest.approx(np.mean(away))


def test_a_launch_is_printed_once_by_an_outlet_and_all_are_when_there_is_room():
    key = identity("launch", np.arange(9))
    exponential = noise().exponential(key, 0)
    for number in (0, 1, 5, 9, 50):
        drawn = drawn_stories(exponential, np.zeros(9), key, number)
        assert len(set(drawn.tolist())) == len(drawn) == min(number, 9)


def test_launches_without_quality_are_never_printed():
    state, p = state_with(quality=np.zeros(60)), media()
    cover(state, travel(WORLD), noise(), p)
    assert state.outlets.covered.sum() == 0
    state = state_with(quality=np.where(np.arange(60) == 7, 1e-300, 0.0))
    cover(state, travel(WORLD), noise(), p)
    assert (state.outlets.covered == 1).all()


def test_far_launches_are_printed_where_there_are_no_near_ones():
    """Weights that are zero in floating point: exp(-1900) of them, but they are all there is."""
    state = state_with(city=np.full(60, 11), large=1e9, stories=(0, 5, 0))
    far = SimpleNamespace(travel_hours=np.full((12, 12), 95.0), stories=np.ones(12))
    cover(state, far, noise(), media(decay_h=0.05))
    assert state.outlets.covered.tolist() == [0, 5, 5, 5, 5]
    assert state.tally.region.stories_cross_province == 0.75


# -- attention -------------------------------------------------------------------------------------


def test_without_stories_awareness_is_exactly_one():
    state, p = state_with(0), media()
    for q in range(3):
        cover(state, travel(WORLD), noise(0, q), p)
    assert (awareness(state.attention, p) == 1.0).all()
    assert np.isnan(state.tally.region.stories_cross_province)
    assert not state.tally.city.stories.any()


def test_attention_fades_without_stories():
    state, p = state_with(0), media(memory=0.25)
    state.attention[:] = 1.0
    for q in range(3):
        cover(state, travel(WORLD), noise(0, q), p)
    assert (state.attention == 0.25**3).all()


def test_a_city_sees_the_region_its_province_and_itself():
    stories = np.zeros((4, 2))
    stories[0, 0], stories[1:, 1] = 3.0, 1.0
    audience = np.array([[1, 1, 1], [1, 1, 0], [0, 1, 0], [0, 0, 0]], dtype=bool)
    want = [[3 / 4, 1 / 4], [3 / 5, 2 / 5], [1.0, 0.0]]
    close(story_shares(audience, stories), want)
    assert (story_shares(audience[1:], stories[1:])[2] == 0.0).all()


# -- order, money, scale ---------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [1.0, 0.05])
def test_what_readers_pay_is_spent_where_the_outlet_is(scale):
    state, p = state_with(scale=scale), media(story_cost=0.01)
    cover(state, travel(WORLD), noise(), p)
    o = state.outlets
    want = np.zeros(4)
    for m in range(len(o.key)):
        cost = scale * 0.01 * int(o.covered[m])
        if o.level[m] == REGIONAL:
            want += cost / 4
        else:
            want[o.province[m]] += cost
    paid, spent = state.ledger.entries
    assert (paid.payer, paid.receiver, paid.flow) == ("economy", "media", "coverage")
    assert (spent.payer, spent.receiver, spent.flow) == ("media", "economy", "editorial costs")
    close(paid.amount, want)
    close(spent.amount, want)
    assert paid.amount.sum() == pytest.approx(scale * 0.01 * o.covered.sum())
    assert state.ledger.balance["media"] == 0.0
    assert state.ledger.imbalance() == 0.0
