"""Membership of cities in a committee that eases borders between them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.neutral import across, neutral
from ydsim.policies.base import Places, Target
from ydsim.policies.borders import COHORTS, COMMITTEE, Membership
from ydsim.policies.environment import passing, rules
from ydsim.policies.fold import fold
from ydsim.processes.enact import places_of
from ydsim.scenario.check import check_against_world
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.world.loader import load_world

OWN = {"a1": 1990.0, "a2": 2012, "b1": 2014.5, "c1": 2030.0}
PLACES = Places(
    ("A", "B", "C"),
    (*OWN, "c2"),
    np.array([0, 0, 1, 2, 2]),
    100.0 * np.abs(np.arange(5.0)[:, None] - np.arange(5.0)[None, :]),
    ("chips",),
    ("electronics",),
)
BASE = neutral(PLACES.city_province, joint_work=across(0.2, 3))


def eased(year=2020.0, places=PLACES, base=BASE, **keys):
    keys = {"schedule": OWN, **keys}
    every = fold(base, {"m": Membership(**keys)}, year, places).eased
    assert (every == every[0]).all()  # all channels alike
    return every[0]


@given(
    st.floats(2005.0, 2045.0),
    st.floats(1.0, 4.0),
    st.just(0.0) | st.floats(0.1, 20.0),
    st.just(0.0) | st.floats(0.5, 50.0),
    st.floats(0.0, 1.0),
)
def test_the_factor_equals_the_scalar_rule(year, passes, growth, half_life, strength):
    got = eased(year, passes=passes, growth=growth, half_life=half_life, strength=strength)
    entry = [*OWN.values(), math.inf]
    for c in range(5):
        for d in range(5):
            age = year - max(entry[c], entry[d])
            want = 1.0
            if c != d and age >= 0.0:
                grown = 1.0 if growth == 0.0 else min(1.0, (age + 0.25) / growth)
                past = max(0.0, age - growth)
                lost = 1.0 if half_life == 0.0 else 0.5 ** (past / half_life)
                want = 1.0 + strength * (passes - 1.0) * grown * lost
            assert got[c, d] == pytest.approx(want, rel=1e-12, abs=1e-15)


def test_part_of_the_border_between_members_of_two_provinces_opens_and_nothing_else():
    got = fold(BASE, {"m": Membership(schedule=OWN, passes=2.0)}, 2020.0, PLACES)
    assert {name for name in rules() if getattr(got, name) is not getattr(BASE, name)} == {"eased"}
    was, now = (passing(e, "joint_work", PLACES.city_province) for e in (BASE, got))
    changed = {tuple(pair) for pair in np.argwhere(was != now).tolist()}
    assert changed == {(0, 2), (2, 0), (1, 2), (2, 1)}
    assert now[0, 2] == pytest.approx(0.5 / 1.5)  # odds of 1/4 times 2
    assert now[0, 1] == 1.0  # one province: all passes already
    assert (got.eased[:, 0, 1] == 2.0).all()


def test_the_factor_rises_with_its_parameter_and_stops_at_the_target():
    factors = [eased(passes=x)[0, 2] for x in (1.0, 1.5, "x2", 4.0)]
    assert factors == pytest.approx([1.0, 1.5, 2.0, 4.0])
    aimed = eased(target=Target(provinces=("A",)))
    assert aimed[0, 1] == 1.5
    assert (aimed[:, 2:] == 1.0).all()


def cost(year=2020.0, base=BASE, **keys):
    policy = Membership(**{"schedule": OWN, "growth": 0.0, "rivalry": 0.4, **keys})
    return fold(base, {"m": policy}, year, PLACES).user_cost


@given(
    st.floats(2005.0, 2045.0),
    st.floats(0.0, 0.5),
    st.just(0.0) | st.floats(0.1, 20.0),
    st.just(0.0) | st.floats(0.5, 50.0),
    st.floats(0.0, 1.0),
)
def test_the_user_cost_rises_by_the_scalar_rule(year, rivalry, growth, half_life, strength):
    before = np.array([1.0, 0.8, 1.1, 1.0, 1.0])
    base = neutral(PLACES.city_province, user_cost=before)
    settings = {"growth": growth, "half_life": half_life, "strength": strength}
    got = cost(year, base, rivalry=rivalry, **settings)
    entry = [*OWN.values(), math.inf]
    for c in range(5):
        rivals = 0.0
        for d in range(5):
            age = year - max(entry[c], entry[d])
            if c != d and age >= 0.0:
                grown = 1.0 if growth == 0.0 else min(1.0, (age + 0.25) / growth)
                past = max(0.0, age - growth)
                rivals += grown * (1.0 if half_life == 0.0 else 0.5 ** (past / half_life))
        want = before[c] * (1.0 + strength * rivalry * rivals / 4.0)
        assert got[c] == pytest.approx(want, rel=1e-12)


def test_rivals_are_the_cities_of_the_target_and_nothing_but_cost_moves_with_them():
    aimed = cost(target=Target(provinces=("A",)))
    assert aimed == pytest.approx([1.1, 1.1, 1.0, 1.0, 1.0])
    plain, rival = (
        fold(BASE, {"m": Membership(schedule=OWN, rivalry=rivalry)}, 2020.0, PLACES)
        for rivalry in (0.0, 0.5)
    )
    differ = {f for f in rules() if (getattr(plain, f) != getattr(rival, f)).any()}
    assert differ == {"user_cost"}


@pytest.mark.parametrize("off", [{"rivalry": 0.0}, {"schedule": {}}])
def test_without_rivals_the_user_cost_is_the_same_to_the_last_bit(off):
    assert cost(**off).tobytes() == BASE.user_cost.tobytes()


def test_cohorts_are_those_that_were_published():
    sizes = np.cumsum([len(cities) for cities in COHORTS.values()])
    assert list(COHORTS) == sorted(COHORTS)
    assert dict(zip(map(int, COHORTS), sizes.tolist(), strict=True)) == {
        1997: 15, 2003: 16, 2010: 22, 2013: 30, 2018: 34, 2019: 41
    }  # fmt: skip
    assert COMMITTEE["Tongling"] == 2018.25  # April


def test_members_are_the_cities_of_the_region_by_their_names_there():
    world = load_world("yrd")
    assert set(COMMITTEE) == set(world.city_names)
    assert len(COMMITTEE) == world.n_cities == 41
    for cities in list(COHORTS.values())[:2]:
        at = [world.city_names.index(city) for city in cities]
        assert "Anhui" not in {world.provinces[p] for p in world.city_province[at]}


@pytest.mark.parametrize(
    ("year", "members"), [(2011.0, 22), (2012.75, 22), (2013.0, 30), (2018.0, 30), (2018.25, 34),
                          (2019.0, 41)]
)  # fmt: skip
def test_members_of_a_year_are_eased_and_those_of_old_in_full(year, members):
    world = load_world("yrd")
    places = places_of(world)
    base = neutral(world.city_province)
    got = fold(base, {"m": Membership()}, year, places).eased[0]
    assert ((got > 1.0).sum(axis=1) > 0).sum() == members
    assert (got > 1.0).sum() == members * (members - 1)
    old = world.city_names.index("Shanghai"), world.city_names.index("Hangzhou")
    assert got[old] == 1.5  # past its growth since 2000, long before the first year of a run
    new = world.city_names.index("Shanghai"), world.city_names.index("Hefei")
    assert got[new] == pytest.approx(1.0 + 0.5 * min(1.0, (year - 2010.0 + 0.25) / 3.0))


def test_cities_that_a_world_lacks_are_no_members_there():
    world = load_world("synthetic")
    base = neutral(world.city_province)
    got = fold(base, {"m": Membership()}, 2020.0, places_of(world)).eased
    assert got.tobytes() == base.eased.tobytes()
    scenario = load_scenario("synthetic", {"policies": {"membership": {}}})
    again = load_scenario("synthetic", plain_scenario(scenario))
    assert check_against_world(scenario, world) == []
    assert check_against_world(again, world) == []


def test_a_city_of_another_world_is_one_line():
    given_ = {"policies.membership": {"schedule": {"Hangzou": 1997}}}
    (line,) = check_against_world(load_scenario("baseline", given_), load_world("yrd"))
    assert line.startswith("policies.membership.schedule.Hangzou: ")
    assert "'yrd'" in line
    assert "did you mean 'Hangzhou'?" in line
