"""Replicates of a scenario with an ensemble have the parameters of its members."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.small import differing
from ydsim import simulate
from ydsim.errors import ScenarioError
from ydsim.model import Model
from ydsim.scenario.load import (
    load_scenario,
    plain_scenario,
    scenario_hash,
    scenario_of_plain,
)
from ydsim.scenario.schema.ensemble import drawn, groups_in, weight_column

COLUMNS = {"explore": {"ideas": [0.1, 0.12, 0.2]}, "match": {"reserve": [2.0, 2.5, 2.9]}}
SHORT = {"scale": 0.003, "start": 2014, "end": 2014, "parameters.population.burn_in": 4}

TABLE = """member,weight,weight_2014,weight_2017,parameters.explore.ideas,parameters.match.reserve
0,0.25,0.5,0.25,0.1,2
1,0.5,0,0.5,0.12,2.5
2,0.25,0.5,0.25,0.2,2.9
3,0,0,0,0.3,2.8
"""


def test_replicates_take_members_in_turn():
    scenario = load_scenario("baseline", {"ensemble": COLUMNS})
    assert scenario.members == 3
    for replicate in range(7):
        own = scenario.of_replicate(replicate)
        assert own.parameters.explore.ideas == COLUMNS["explore"]["ideas"][replicate % 3]
        assert own.parameters.match.reserve == COLUMNS["match"]["reserve"][replicate % 3]
        assert own.parameters.adopt == scenario.parameters.adopt
        assert not own.members


def test_whole_numbers_of_members_stay_whole():
    # a folder of results holds them as floats
    scenario = load_scenario("baseline", {"ensemble": {"match": {"consortium": [2.0, 4.0]}}})
    members = [scenario.of_replicate(r).parameters.match.consortium for r in range(3)]
    assert members == [2, 4, 2]
    assert {type(one) for one in members} == {int}


def test_members_of_the_packaged_region_differ_by_what_was_known():
    known = [None, 2014, 2016, 2017, 2030]
    members = [
        load_scenario("baseline", {"ensemble": "members", "known_in": year}) for year in known
    ]
    assert {one.members for one in members} == {40}
    now, then, later, *same = (one.ensemble for one in members)
    assert same == [now, now]
    assert now != then != later
    few = load_scenario("baseline", {"ensemble": "members:8"})
    assert few.members == 8
    ideas = [
        one.ensemble["explore"]["ideas"]
        for one in (few, load_scenario("baseline", {"ensemble": "members"}))
    ]
    assert set(ideas[0]) <= set(ideas[1])
    with pytest.raises(ScenarioError, match="2012"):
        load_scenario("baseline", {"ensemble": "members", "known_in": 2012})


def test_members_of_the_same_values_are_one_group():
    columns = {"explore": {"ideas": (0.1, 0.1, 0.2, 0.1)}, "match": {"reserve": (2, 3, 2, 2)}}
    assert groups_in(columns) == [0, 1, 2, 0]
    assert groups_in({}) == []


@pytest.mark.slow
def test_a_replicate_is_the_run_that_has_its_values_by_hand():
    together = simulate("baseline", SHORT | {"ensemble": COLUMNS}, replicates=5)
    table = together.table("province_year")
    for replicate in (1, 4):
        by_hand = SHORT | {"parameters.explore.ideas": 0.12, "parameters.match.reserve": 2.5}
        alone = Model(load_scenario("baseline", by_hand), replicate=replicate).run()
        mine = table[(table["replicate"] == replicate) & (table["region"] == "yrd")]
        value = float(mine[mine["indicator"] == "inventions"]["value"].iloc[0])
        quarters = alone.recorder.tables()["series"]
        summed = quarters["inventions"][quarters["level"] == "region"].sum()
        assert value == pytest.approx(summed, rel=1e-8)


def test_a_branch_keeps_its_member():
    scenario = load_scenario("baseline", SHORT | {"ensemble": COLUMNS})
    model = Model(scenario, replicate=2)
    other = model.branch(scenario)
    assert other.parameters.match.reserve == other.settings.parameters.match.reserve == 2.9
    assert not differing(model.run().recorder.tables(), other.run().recorder.tables())


def test_plain_data_give_the_same_ensemble_and_none_leaves_no_trace():
    scenario = load_scenario("baseline", {"ensemble": COLUMNS})
    again = scenario_of_plain(json.dumps(plain_scenario(scenario)), "here")
    assert again.ensemble == scenario.ensemble
    assert "ensemble" not in plain_scenario(load_scenario("baseline"))
    moved = load_scenario(
        "baseline", {"ensemble": COLUMNS | {"match": {"reserve": [2.0, 2.5, 2.8]}}}
    )
    assert scenario_hash(moved) != scenario_hash(scenario)


@pytest.mark.parametrize(
    ("known_in", "ideas"),
    [(None, (0.1, 0.12, 0.12, 0.2)), (2017, (0.1, 0.12, 0.12, 0.2)), (2016, (0.1, 0.1, 0.2, 0.2))],
)
def test_rows_of_a_table_come_up_by_their_weights(known_in, ideas, tmp_path):
    (tmp_path / "members.csv").write_text(TABLE, encoding="utf-8")
    changes = {"ensemble": str(tmp_path / "members.csv"), "known_in": known_in}
    scenario = load_scenario("baseline", changes)
    assert scenario.ensemble["explore"]["ideas"] == ideas
    assert len(scenario.ensemble["match"]["reserve"]) == 4


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40).filter(lambda w: sum(w) > 1e-3))
@settings(max_examples=60, deadline=None)
def test_a_row_is_taken_as_often_as_its_weight_says_to_within_one(weights):
    taken = drawn(weights)
    assert len(taken) == len(weights)
    assert taken == sorted(taken)
    assert len(drawn(weights, 3)) == 3
    assert drawn([1.0] * 12, 4) == [1, 4, 7, 10]
    expected = np.array(weights) / sum(weights) * len(weights)
    assert (np.abs(np.bincount(taken, minlength=len(weights)) - expected) < 1.0 + 1e-9).all()


def test_weights_are_those_of_the_last_year_that_is_known():
    header = ["weight", "weight_2014", "weight_2017", "weighty"]
    assert weight_column(header, None) == "weight"
    assert [weight_column(header, year) for year in (2014, 2016, 2017, 2020)] == [
        "weight_2014", "weight_2014", "weight_2017", "weight_2017",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="2013"):
        weight_column(header, 2013)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ensemble.explore.ideas": [0.1, -0.1, 0.1]}, r"explore\.ideas: member 1"),
        ({"ensemble.explore.idea": [0.1, 0.1, 0.1]}, r"explore\.idea: member 0"),
        ({"ensemble.explore.ideas": [0.1]}, r"explore\.ideas has 1"),
        ({"ensemble.explore.ideas": []}, r"explore\.ideas"),
        ({"ensemble.explore.ideas": ["0.1"]}, r"explore\.ideas"),
        ({"ensemble.explore.ideas": "0.1"}, r"explore\.ideas"),
        ({"ensemble.explore": 3}, "explore"),
        ({"ensemble": 3}, "members"),
        ({"ensemble": "nowhere.csv"}, r"nowhere\.csv"),
        ({"ensemble": "/dev/zero"}, "/dev/zero"),
        ({"ensemble": "members", "world": "synthetic"}, "synthetic"),
        ({"ensemble": "members:41"}, "has 40 members"),
        ({"ensemble": "members:0"}, "members:0"),
        ({"parameters.match.reserve": 2.1}, r"parameters\.match\.reserve"),
    ],
)
def test_what_is_no_ensemble_is_refused_by_key(changes, said, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "extends: baseline\nensemble:\n"
        "  explore: {ideas: [0.1, 0.12, 0.2]}\n  match: {reserve: [2.0, 2.5, 2.9]}\n",
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match=said) as error:
        load_scenario(path, changes)
    assert sum("ensemble" in line for line in str(error.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", r"members\.csv"),
        ("a,b\n1,2\n", r"members\.csv:1:"),
        ("weight,parameters.explore.ideas\n", "weight"),
        ("weight,parameters.explore.ideas\n1,x\n", r":2: parameters\.explore\.ideas: 'x'"),
        ("weight,parameters.explore.ideas\n1,0.1\n-1,0.1\n", ":3: weight: '-1'"),
        ("weight,parameters.explore.ideas\n1,inf\n", ":2: .*'inf'"),
        ("weight,parameters.explore.ideas\n1\n", ":2: .*''"),
        ("weight,parameters.explore.ideas\n0,0.1\n", r"members\.csv: weight"),
        ("parameters.explore.ideas\n0.1\n", "weight"),
        ("weight,parameters.explore.idea\n1,0.1\n", r"explore\.idea: member 0"),
    ],
)
def test_what_is_no_table_of_members_is_refused_by_line(table, said, tmp_path):
    (tmp_path / "members.csv").write_text(table, encoding="utf-8")
    with pytest.raises(ScenarioError, match=said) as error:
        load_scenario("baseline", {"ensemble": str(tmp_path / "members.csv")})
    assert len(str(error.value).splitlines()) == 1
