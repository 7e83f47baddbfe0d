"""Science centres: basic research of a few cities becomes more productive."""

from ydsim.scenario.check.check_world import check_against_world
from ydsim.scenario.load import load_scenario
from ydsim.world.loader import load_world
from ydsim.world.synthetic import synthetic_world


def test_the_centres_are_in_shanghai_and_hefei_unless_told_otherwise():
    scenario = load_scenario("synthetic", {"policies.science_centres.start": 2016.0})
    assert check_against_world(scenario, load_world("yrd")) == []
    lines = check_against_world(scenario, synthetic_world(4, 3))
    (line,) = lines
    assert line.startswith(
        "policies.science_centres.target.cities: the default is of another world"
    )
    assert "lacks Shanghai, Hefei; name cities of its own" in line
    moved = {"policies.science_centres.target": {"cities": ["Hangzhou"]}}
    policy = load_scenario("baseline", moved).policies["science_centres"]
    assert policy.target.cities == ("Hangzhou",)
