"""Levers that are for places of the delta by default, and the same in other worlds."""

import pytest

from tests.support.neutral import neutral
from ydsim.policies.base import CORRIDORS
from ydsim.policies.fold import fold
from ydsim.policies.money import KEY_FIELDS
from ydsim.policies.places import Corridor
from ydsim.processes.enact import places_of
from ydsim.scenario.check import check_against_world
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world


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


@pytest.mark.parametrize(
    ("policy", "key", "lacking", "own"),
    [
        ("science_centres", "cities", ("Shanghai", "Hefei"), "cities"),
        ("corridor", "corridor", CORRIDORS["g60"], "cities"),
        ("joint_rd_fund", "fields", KEY_FIELDS, "fields"),
    ],
)
def test_worlds_without_its_places_refuse_a_lever_unless_it_names_others(policy, key, lacking, own):
    world, path = load_world("synthetic"), f"policies.{policy}"
    (line,) = check_against_world(load_scenario("synthetic", {path: {}}), world)
    assert line.startswith(f"{path}.target.{key}: ")
    assert ", ".join(lacking) in line
    names = list(world.city_names if own == "cities" else world.fields)[:2]
    others = load_scenario("synthetic", {f"{path}.target": {own: names}})
    assert check_against_world(others, world) == []
    on_site = load_scenario("baseline", {path: {}})
    assert check_against_world(on_site, load_world("yrd")) == []
