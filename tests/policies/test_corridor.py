"""A corridor, whose cities turn to each other for partners."""

import numpy as np
import pytest

from tests.support.neutral import neutral
from tests.support.scalar_match import scene
from ydsim.agents.search import GRAVITY
from ydsim.policies.base import CORRIDORS, Target
from ydsim.policies.fold import fold
from ydsim.policies.links import Corridor
from ydsim.processes.enact import places_of
from ydsim.processes.match import match
from ydsim.scenario.check.check_world import check_against_world
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world

# -- its cities ------------------------------------------------------------------------------------


def test_by_default_it_is_the_g60_corridor_of_nine_cities():
    world = load_world("yrd")
    assert set(CORRIDORS["g60"]) <= set(world.city_names)
    base = neutral(world.city_province)
    got = fold(base, {"c": Corridor()}, 2020.0, places_of(world))
    inside = (got.tie_factor == 1.5).any(axis=1)
    names = [name for name, one in zip(world.city_names, inside, strict=True) if one]
    assert set(names) == set(CORRIDORS["g60"])
    assert len(names) == 9
    assert {world.provinces[p] for p in world.city_province[inside]} == set(world.provinces)
    assert (got.tie_factor != 1.0).sum() == (got.search_cut == 0.1).sum() == 9 * 8


def test_worlds_without_its_cities_refuse_it_unless_it_names_others():
    world = load_world("synthetic")
    lines = check_against_world(load_scenario("synthetic", {"policies.corridor": {}}), world)
    assert lines == [
        "policies.corridor.target.corridor: the world 'synthetic' lacks cities of the corridor "
        "'g60': Shanghai, Jiaxing, Hangzhou, Jinhua, Suzhou, Huzhou, Xuancheng, Wuhu, Hefei"
    ]
    own = {"policies.corridor.target.cities": list(world.city_names[:2])}
    assert check_against_world(load_scenario("synthetic", own), world) == []
    on_site = load_scenario("baseline", {"policies.corridor": {}})
    assert check_against_world(on_site, load_world("yrd")) == []


# -- what it does to ties --------------------------------------------------------------------------


def small_corridor(here, **keys):
    """The scene with a corridor through the first city of each province."""
    places = places_of(here.state.world)
    target = Target(cities=places.cities[::3])
    policy = Corridor(target=target, **keys)
    environment = fold(here.environment, {"corridor": policy}, 2020.0, places)
    return here.within(**{name: getattr(environment, name) for name in policy.writes}), (
        target.pair_mask(places) > 0.0
    )


@pytest.mark.slow
@pytest.mark.parametrize("table", ["joint", "handed"])
def test_the_odds_of_places_of_the_corridor_are_multiplied(table):
    here = scene(2)
    there, pairs = small_corridor(here, tie_factor=1.7, search_cut=0.0)
    before, after = (getattr(x.tables(), table).share for x in (here, there))
    home = np.arange(here.state.world.n_cities)
    odds = [s / s[home, :, home][:, :, None] for s in (before, after)]
    factor = odds[1][:, :, :-1] / odds[0][:, :, :-1]
    want = np.where(pairs, 1.7, 1.0)[:, None, :]
    np.testing.assert_allclose(factor, np.broadcast_to(want, factor.shape), rtol=1e-12)
    np.testing.assert_allclose(odds[1][:, :, -1], odds[0][:, :, -1], rtol=1e-12)
    lost = after[:, :, :-1] < before[:, :, :-1]
    assert lost[np.broadcast_to(~pairs[:, None, :] & pairs.any(axis=1)[:, None, None],
                                lost.shape)].all()  # fmt: skip


def linked(here, search):
    """Expected contracts where hardly anybody agrees: they are the sum of odds."""
    here = here.copy().with_match(reserve=30.0)
    match(here.state, here.environment, search, here.draws(), here.lasting, here.parameters)
    return here.expected()


@pytest.mark.slow
def test_odds_of_partners_known_before_are_multiplied_by_the_factor():
    here = scene(4).with_match(candidates=(4, 4, 0, 0), gap_search=1.0)
    here.state.ties.strengthen(*some_pairs(here), 0)
    there, pairs = small_corridor(here, tie_factor=1.7, search_cut=0.3)
    search = here.seek()
    search.seen.row[search.seen.source == GRAVITY] = -1  # who stands in for nobody
    before, after = linked(here, search), linked(there, search)
    inside = before[:-1, :-1]
    some = inside > 0.0
    assert (some & pairs).sum() > 3
    want = np.where(pairs, 1.7, 1.0)[some]
    np.testing.assert_allclose(after[:-1, :-1][some] / inside[some], want, rtol=1e-6)


def some_pairs(here):
    """Pairs of organisations of any two cities."""
    draw = np.random.default_rng(1)
    a, b = draw.integers(0, len(here.state.organisations), (2, 2000))
    return a[a != b], b[a != b]


@pytest.mark.slow
def test_search_between_its_cities_is_cheaper_and_nowhere_else():
    """Odds of a candidate met rise by exp(cut cost): inside the corridor only."""
    here = scene(4).with_match(candidates=(0, 0, 6, 0), search_cost=1.2)
    here = here.with_match(gap_search=1.0)
    there, pairs = small_corridor(here, tie_factor=1.0, search_cut=0.25)
    before, after = linked(here, here.seek()), linked(there, here.seek())
    rise = np.ones(before.shape)
    rise[:-1, :-1][pairs] = np.exp(0.25 * 1.2)
    some = before > 0.0
    assert (some[:-1, :-1] & pairs).sum() > 3
    assert some[:-1, -1].any()  # candidates of the rest of the nation
    np.testing.assert_allclose(after[:, :-1][some[:, :-1]] / before[:, :-1][some[:, :-1]],
                               rise[:, :-1][some[:, :-1]], rtol=1e-6)  # fmt: skip
    # what the rest of the nation buys hangs on who is proposed to
    np.testing.assert_allclose(after[:, -1], before[:, -1], rtol=1e-6)
