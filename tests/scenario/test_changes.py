"""What differs between scenarios: direction, levels by channel, dates, and the year it counts."""

import copy
from typing import Any

import pytest

from ydsim.policies.environment import CHANNELS
from ydsim.scenario.changes import Change, changes, first_year, label_of, name_of_scenario
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.read.extend import shipped

PARAMETERS = {"border": dict(zip(CHANNELS, (0.85, 0.5, 0.15, 0.02, 0.6, 0.7), strict=True))}
OPEN = PARAMETERS["border"]
"""What passes the borders where no policy sets it."""
FRICTION_KEY = "policies.border_friction"
FRICTION = {"policy": "border_friction", "start": 2019.0, "end": None, "passes": 0.65}
GRANTS = {"policy": "rd_grants", "start": 2011.5, "end": None, "rate": 0.1}
SHOCK = {"name": "a", "kind": "grants", "year": 2013.5, "share": 0.1}


def plain(name: str) -> dict[str, Any]:
    return plain_scenario(load_scenario(name))


def scenario(**policies: object) -> dict[str, Any]:
    return {"parameters": PARAMETERS, "policies": policies}


def only(old: dict[str, Any] | None, new: dict[str, Any] | None) -> Change:
    """Return what differs in the one policy of two scenarios; None for a scenario without it."""
    (found,) = changes(*(scenario(**({} if each is None else {"x": each})) for each in (old, new)))
    return found


def test_more_than_the_parameters_let_pass_is_a_rise_and_not_an_addition():
    found = only(None, {**FRICTION, "channels": ["joint_work", "hand_over"]})
    assert found.direction == "raised"
    assert found.values == {"joint_work": (0.15, 0.65), "hand_over": (0.02, 0.65)}
    assert (found.year, found.dates) == (2019, ((2019.0, "begins"),))
    back = only({**FRICTION, "channels": ["joint_work"]}, None)
    assert (back.direction, back.values) == ("cut", {"joint_work": (0.65, 0.15)})
    mixed = only(None, FRICTION)
    assert mixed.direction == "raised and cut"
    assert mixed.values == {name: (OPEN[name], 0.65) for name in CHANNELS}


def test_strength_stands_between_the_level_and_that_of_the_parameters():
    found = only(None, {**FRICTION, "channels": ["joint_work"], "strength": 0.5})
    assert found.values == {"joint_work": (0.15, pytest.approx(0.4))}


@pytest.mark.parametrize(
    ("old", "new", "direction", "values"),
    [
        ({"passes": 0.85}, {"passes": 0.35}, "cut", dict.fromkeys(CHANNELS, (0.85, 0.35))),
        ({"passes": 0.35}, {"passes": 0.85}, "raised", dict.fromkeys(CHANNELS, (0.35, 0.85))),
        ({"channels": ["talent"]}, {"channels": ["exposure"]}, "raised and cut",
         {"exposure": (0.5, 0.65), "talent": (0.65, 0.6)}),
        ({"passes": None}, {"passes": "x1.5", "channels": ["joint_work", "hand_over"]}, "raised",
         {"joint_work": (0.15, 0.209), "hand_over": (0.02, 0.0297)}),
        ({"start": 2019.0}, {"start": 2021.0}, "begun later", {"start": (2019.0, 2021.0)}),
        ({}, {"target": {"provinces": ["Anhui"]}}, "changed",
         {"target.provinces": (None, ["Anhui"])}),
        ({}, {"passes": 0.75, "cost": 0.1}, "raised",
         {**dict.fromkeys(CHANNELS, (0.65, 0.75)), "cost": (None, 0.1)}),
    ],
)  # fmt: skip
def test_a_policy_that_both_have(old, new, direction, values):
    found = only({**FRICTION, **old}, {**FRICTION, **new})
    assert (found.direction, found.values) == (direction, values)


@pytest.mark.parametrize(
    ("policy", "levels"),
    [
        ({"policy": "closure", "level": 0.5, "protection": 0.3, "channels": ["goods", "talent"]},
         {"goods": (0.0, 0.3), "talent": (0.0, 0.5)}),
        ({"policy": "membership", "passes": 2.0, "rivalry": 0.1,
          "channels": ["talent", "rivalry"]}, {"talent": (0.6, 0.75), "rivalry": (0.0, 0.1)}),
        (GRANTS, {}),
    ],
)  # fmt: skip
def test_other_policies_are_added_and_removed(policy, levels):
    added, removed = only(None, policy), only(policy, None)
    assert (added.direction, removed.direction) == ("added", "removed")
    assert added.values == levels
    assert removed.values == {name: (new, old) for name, (old, new) in levels.items()}


@pytest.mark.parametrize(
    ("old", "new", "direction", "year", "dates"),
    [
        (None, {"start": 2019.0, "end": 2021.0}, "added", 2019, [2019.0, 2021.0]),
        ({"start": None, "end": 2021.0}, None, "removed", None, [2021.0]),
        ({}, {"end": 2021.0}, "ended earlier", 2021, [2021.0]),
        ({"end": 2021.0}, {"end": 2025.5}, "prolonged", 2021, [2021.0, 2025.5]),
        (
            {},
            {"start": 2013.0, "end": 2021.0},
            "begun later and ended earlier",
            2011,
            [2011.5, 2013.0, 2021.0],
        ),
        ({}, {"start": None}, "begun earlier", None, [2011.5]),
        ({}, {"rate": 0.2}, "raised", 2011, [2011.5]),
        ({"end": 2020.0}, {"end": 2020.0, "rate": 0.05}, "cut", 2011, [2011.5, 2020.0]),
        ({"ramp": 1.0}, {"ramp": 3.0}, "changed", 2011, [2011.5]),
        ({"strength": 0.0}, {"end": 2021.0}, "added", 2011, [2011.5, 2021.0]),
    ],
)
def test_dates_and_the_year_from_which_it_counts(old, new, direction, year, dates):
    found = only(*(None if each is None else {**GRANTS, **each} for each in (old, new)))
    assert (found.direction, found.year) == (direction, year)
    assert [date for date, _ in found.dates] == dates
    assert all((verb == "begins") == (date in (2011.5, 2013.0, 2019.0))
               for date, verb in found.dates)  # fmt: skip


def test_the_text_has_name_title_direction_dates_and_values():
    text = only(FRICTION, {**FRICTION, "passes": 0.85, "end": 2025.0}).text
    places = [
        text.find(part) for part in ("Exchange", "(x)", "raised", "goods", "0.65", "0.85", "2025")
    ]
    assert places == sorted(places)
    assert min(places) == 0
    assert text.count("0.65") == 1  # channels that change alike are said once
    hostile = changes(scenario(), scenario(**{"a\nb": {**GRANTS, "policy": "c\nd"}}))
    assert "\n" not in hostile[0].text + hostile[0].subject


def test_an_added_policy_has_its_own_name_and_the_settings_that_are_not_default():
    many = {"ramp": 4.0, "payer": "state", "open": 0.1, "elasticity": 1.5, "fee": 0.3}
    said = only(None, {"policy": "instrument_sharing", **many}).subject
    assert "open 0.1" in said
    assert "2 more" in said
    assert "ramp" not in said  # last, as it does not say how much
    ended = only({**GRANTS, "end": 2021.0}, GRANTS), only(GRANTS, {**GRANTS, "start": None})
    assert "no longer ends 2021" in ended[0].text
    assert "before the first year" in ended[1].text


@pytest.mark.parametrize(
    ("old", "new", "direction", "values", "year"),
    [
        ({}, {"shocks": [SHOCK]}, "added", {}, 2013),
        ({"shocks": [SHOCK]}, {}, "removed", {}, 2013),
        ({"shocks": [SHOCK]}, {"shocks": [{**SHOCK, "share": 0.2, "year": 2015}]}, "changed",
         {"year": (2013.5, 2015), "share": (0.1, 0.2)}, 2013),
        ({"governance": {"mode": "joint", "start": 2015}},
         {"governance": {"mode": "joint", "start": 2018}}, "changed", {"start": (2015, 2018)},
         2015),
        ({"governance": {"mode": "fixed", "start": 2011}},
         {"governance": {"mode": "tournament", "start": 2015}}, "changed",
         {"mode": ("fixed", "tournament"), "start": (2011, 2015)}, 2015),
        ({"a": 1.0, "b": {"c": 2}}, {"a": 1.5}, "changed", {"a": (1.0, 1.5), "b.c": (2, None)},
         None),
    ],
)  # fmt: skip
def test_shocks_governance_and_all_else(old, new, direction, values, year):
    (found,) = changes(old, new)
    assert (found.direction, found.values, found.year) == (direction, values, year)
    assert first_year([found]) == year
    later = Change("x", "x", "added", 2029, {})
    assert first_year([later, found]) == first_year([found, later]) == year


def test_two_alternatives_are_each_compared_with_the_base():
    base = scenario(x={**FRICTION, "passes": "x0.5"})
    cut, none = scenario(x={**FRICTION, "passes": "x0.2"}), scenario()
    assert [changes(base, each)[0].direction for each in (cut, none)] == ["cut", "raised"]
    assert [len(changes(base, each)) for each in (base, scenario(x=FRICTION, y=GRANTS))] == [0, 2]


def test_what_does_nothing_is_no_difference():
    base = plain("baseline_2018")
    idle = {
        "off": {**GRANTS, "strength": 0.0},
        "as_it_is": {"policy": "border_friction", "passes": None, "start": 2019.0},
        "nowhere": {"policy": "membership", "channels": [], "start": 2019.0},
    }
    with_idle = {**base, "policies": {**base["policies"], **idle}}
    assert changes(base, with_idle) == []
    assert changes(base, {**base, "name": "other", "description": "z", "seed": 9}) == []
    assert changes({"shocks": [SHOCK]}, {"shocks": [SHOCK]}) == []
    assert changes({}, {"shocks": ["of a stranger"], "policies": {"x": "of a stranger"}}) == []
    costly = {"nowhere": {**idle["nowhere"], "cost": 1.0}}
    assert [change.direction for change in changes({}, {"policies": costly})] == ["added"]


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_scenario_can_be_said(name):
    found = changes(plain("baseline"), plain(name))
    assert found or name in ("baseline", "history")
    assert all("\n" not in one.text and one.name in one.text for one in found)


@pytest.mark.parametrize("junk", ["abc", [1], None, {"x": 1}, True])
@pytest.mark.parametrize(
    "path",
    [
        ("policies", "border_friction", "passes"),
        ("policies", "border_friction", "strength"),
        ("policies", "membership", "passes"),
        ("parameters",),
        ("parameters", "border"),
        ("parameters", "border", "joint_work"),
        ("governance", "start"),
        ("shocks",),
    ],
)
def test_values_of_any_type_in_a_stranger_s_scenario_are_said(junk, path):
    base = plain_scenario(load_scenario("baseline"))
    other = copy.deepcopy(base)
    friction = {"policy": "border_friction", "passes": 0.8, "start": 2012}
    other["policies"]["border_friction"] = friction
    other["governance"] = {"mode": "tournament", "start": 2012}
    *sections, key = path
    inner = other
    for section in sections:
        inner = inner[section]
    inner[key] = junk
    for a, b in ((base, other), (other, base)):
        assert all(isinstance(change.text, str) for change in changes(a, b))
        first_year(changes(a, b))


@pytest.mark.parametrize("date", ["soon", [1], float("nan"), float("inf"), {"a": 1}])
def test_dates_of_a_stranger_that_are_no_numbers_are_no_dates(date):
    for key in ("start", "end"):
        assert only({**GRANTS, key: date}, {**GRANTS, "rate": 0.5}).direction == "raised"
        assert only({**GRANTS, key: date}, {**GRANTS, key: 2019.0}).values == {key: (None, 2019.0)}
    shock = {"name": "s", "kind": "grants", "year": date}
    (found,) = changes({"shocks": [shock]}, {"shocks": [{**shock, "share": 0.5}]})
    assert found.year is None


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({f"{FRICTION_KEY}.passes": "x2", f"{FRICTION_KEY}.start": "2012"},
         "Exchange passing borders, odds doubled from 2012"),
        ({f"{FRICTION_KEY}.passes": 0.3}, "Exchange passing borders, share 0.3"),
        ({"policies.rd_grants.rate": 0.1, "policies.rd_grants.target.provinces": ["Anhui"]},
         "R&D grants to firms, rate 0.1, for Anhui"),
        ({"policies.mine.strength": 0}, "Mine, off"),
        ({"parameters.border.joint_work": 0.3, "end": 2014}, "Border joint work 0.3; End 2014"),
    ],
)  # fmt: skip
def test_values_by_key_are_words_without_keys(values, words):
    assert label_of(values, {"mine": {"policy": "rd_grants"}}) == words


def test_names_of_shipped_scenarios_are_words_and_others_stay():
    assert name_of_scenario("anhui_catch_up") == "Anhui catch up"
    assert name_of_scenario("my_plan") == "my_plan"
