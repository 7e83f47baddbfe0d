"""A corridor, whose cities turn to each other for partners."""

from tests.support.neutral import neutral
from ydsim.policies.base import CORRIDORS
from ydsim.policies.fold import fold
from ydsim.policies.links import Corridor
from ydsim.processes.enact import places_of
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
