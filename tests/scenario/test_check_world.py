"""A scenario against its world."""

import pytest

from ydsim.errors import ScenarioError
from ydsim.scenario.check import check_against_world, notes, other_start
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.world.loader import load_world


@pytest.fixture(scope="module")
def yrd():
    return load_world("yrd")


def _lines(world: object, **target: list[str]) -> list[str]:
    scenario = load_scenario("baseline", {"policies.rd_grants.target": target})
    return check_against_world(scenario, world)


def test_names_of_the_world_pass(yrd):
    assert _lines(yrd, provinces=["Shanghai", "Anhui"], cities=["Suzhou"]) == []


def test_pairs_of_provinces_are_checked(yrd):
    def lines(*pairs: list[str]) -> list[str]:
        given = {"policies.border_friction": {"passes": 0.8, "target": {"pairs": list(pairs)}}}
        return check_against_world(load_scenario("baseline", given), yrd)

    assert lines(["Shanghai", "Anhui"]) == []
    (line,) = lines(["Shanghai", "Anhui"], ["Jiangsu", "Zhejang"])
    assert line.startswith("policies.border_friction.target.pairs[1]: no province of the world")
    assert line.endswith("'Zhejang'; did you mean 'Zhejiang'?")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"provinces": ["Zhejang"]}, "'Zhejang'; did you mean 'Zhejiang'?"),
        ({"cities": ["Hangzou"]}, "no city of the world 'yrd' is called 'Hangzou'; "
                                  "did you mean 'Hangzhou'?"),
        ({"cities": ["北京"]}, "'北京'; "),
        ({"cities": ["杭洲"]}, "'杭洲'; did you mean 'Hangzhou'?"),
        ({"cities": ["Anhui"]}, "'Anhui'; it belongs under provinces"),
        ({"provinces": ["Hangzhou"]}, "'Hangzhou'; it belongs under cities"),
        ({"provinces": ["Mars"]}, "provinces are: Shanghai"),
    ],
)  # fmt: skip
def test_unknown_names_say_what_is_near(yrd, target, said):
    (line,) = _lines(yrd, **target)
    assert line.startswith("policies.rd_grants.target.")
    assert said in line


def test_local_names_are_understood_and_codes_translated(yrd):
    assert _lines(yrd, cities=[yrd.city_names_local[3]]) == []
    (line,) = _lines(yrd, cities=[yrd.city_codes[3]])
    assert line.endswith(f"; write {yrd.city_names[3]!r}")


def test_check_names_the_line(refused):
    (line,) = refused("policies:\n  rd_grants:\n    target: {cities: [Hangzou]}\n")
    assert line.startswith("x.yaml:3: policies.rd_grants.target.cities: no city")
    (line,) = refused("seed: 1\n", 3, "y.yaml", "--set", "policies.rd_grants.target.cities=[X]")
    assert line.startswith("--set policies.rd_grants.target.cities: no city")


FAULTS = (
    ("seed: 1", "sed: 1"),
    ("strength: 0.5", "strength: much"),
    ("[Anhui]", "[Anhuii]"),
    ("growth: 1.0", "growht: 1.0"),
    ("Hefei: 2013", "Hefeii: 2013"),
    ("year: 2014", "yaer: 2014"),
    ("[Suzhou]", "[Suzou, 7]"),
    ("[[Jiangsu, Anhui]]", "[[Jiangsu, Anhuix]]"),
)
"""What is right in `WHOLE`, and wrong instead."""

WHOLE = """\
seed: 1
policies:
  rd_grants: {strength: 0.5, target: {provinces: [Anhui]}}
  membership: {growth: 1.0, target: {pairs: [[Jiangsu, Anhui]]}, schedule: {Hefei: 2013}}
shocks:
  - {kind: demand, name: a, rise: 0.2, share: 0.5, year: 2013}
  - {kind: travel_time, name: b, factor: 0.5, share: 0.5, year: 2014, target: {cities: [Suzhou]}}
"""


def _with_faults(faults):
    text = WHOLE
    for right, wrong in faults:
        assert right in text
        text = text.replace(right, wrong)
    return text


def test_problems_of_a_file_are_those_of_its_faults_together(refused):
    """Names of places that the world does not know among them, sorted by line."""
    alone = [set(refused(_with_faults([fault]))) for fault in FAULTS]
    assert not set.intersection(*alone)
    half = len(FAULTS) // 2
    for k in range(half):
        lines = refused(_with_faults([FAULTS[k], FAULTS[k + half]]))
        assert len(lines) == len(set(lines))
        assert set(lines) == alone[k] | alone[k + half]
    lines = refused(_with_faults(FAULTS))
    numbers = [int(line.split(":")[1]) for line in lines]
    assert numbers == sorted(numbers)
    assert set(lines) == set().union(*alone)


def test_a_missing_world_is_an_input_error(refused):
    (line,) = refused("seed: 1\nworld: nowhere/at/all\n", 4)
    assert line.startswith("x.yaml:2: world: ")


def test_notes(yrd):
    scenario = load_scenario(
        "synthetic",
        {
            "end": 2020,
            "policies.late": {"policy": "rd_grants", "start": 2021},
            "policies.early": {"policy": "rd_grants", "end": 2011},
            "policies.off": {"policy": "rd_grants", "strength": 0},
            "policies.last": {"policy": "rd_grants", "start": 2020.75},
        },
    )
    said = notes(scenario, yrd)
    assert said == [
        "policies.early: is never in force in 2011-2020",
        "policies.late: is never in force in 2011-2020",
        "policies.off: has no effect, its strength is 0",
    ]
    assert notes(load_scenario("baseline", {"end": 2100}), yrd)[0].startswith("end: inputs after")


def test_another_first_year_than_that_of_the_anchors_is_remarked(yrd):
    known = notes(load_scenario("baseline"), yrd)
    (line,) = [one for one in notes(load_scenario("baseline", {"start": 2015}), yrd)
               if "2011" in one and "2015:" in one]  # fmt: skip
    assert line not in known
    assert other_start(2011, yrd) == ""


def test_names_that_are_parameters_of_a_policy_are_checked(refused):
    (line,) = refused("policies:\n  industrial_transfer:\n    hazard: 0.01\n    core: Shanghi\n")
    assert line == (
        "x.yaml:4: policies.industrial_transfer.core: no city of the world 'yrd' is called "
        "'Shanghi'; did you mean 'Shanghai'?"
    )
    (line,) = refused("policies:\n  industrial_transfer: {origins: [Shanghai, Hangzhou]}\n")
    assert line.endswith("is called 'Hangzhou'; name provinces here, not cities")
    (line,) = refused("seed: 1\n", 3, "y.yaml", "--set", "policies.industrial_transfer.core=Anhui")
    assert line.startswith("--set policies.industrial_transfer.core: no city of the world")


def test_names_that_hold_by_default_ask_for_others_in_another_world(refused):
    said = refused("world: synthetic\npolicies:\n  industrial_transfer: {}\n")
    assert said == [
        "x.yaml:3: policies.industrial_transfer.target.provinces: the default is of another world: "
        "the world 'synthetic' lacks Anhui; name provinces of its own",
        "x.yaml:3: policies.industrial_transfer.origins: the default is of another world: the "
        "world 'synthetic' lacks Shanghai, Jiangsu, Zhejiang; name provinces of its own",
        "x.yaml:3: policies.industrial_transfer.core: the default is of another world: "
        "the world 'synthetic' lacks Shanghai; name cities of its own",
    ]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"start": 2015}, "it does not say what passes"),
        ({"passes": 0.3, "channels": []}, "its channels are none; leave channels out for all"),
        ({}, ""),
        ({"passes": 0.5, "channels": ["talent"]}, ""),
        ({"start": 2015, "cost": 1.0}, ""),
    ],
)
def test_a_policy_that_moves_nothing_is_noted(yrd, settings, why):
    scenario = load_scenario("plain", {"policies.border_friction": settings})
    found = [line for line in notes(scenario, yrd) if "border_friction" in line]
    assert found == [f"policies.border_friction: has no effect, {why}"] * bool(why)


def test_a_pair_has_two_provinces():
    given = {"policies.border_friction": {"target": {"pairs": [["Shanghai"]]}}}
    with pytest.raises(ScenarioError, match=r"(?m)pairs\[0\].* 2 values, .* 1$"):
        load_scenario("synthetic", given)


def test_pairs_that_are_written_and_none_are_refused():
    given = {"policies.border_friction": {"passes": 0.8, "target": {"pairs": []}}}
    with pytest.raises(ScenarioError, match=r"target\.pairs is empty; leave it out"):
        load_scenario("baseline", given)
    whole = load_scenario("baseline", {"policies.border_friction": {"passes": 0.8}})
    assert load_scenario("baseline", plain_scenario(whole)) == whole


@pytest.mark.parametrize(
    ("shock", "said"),
    [
        ({"kind": "travel_time", "factor": 10.0}, "hours between two cities by up to 10^20"),
        ({"kind": "travel_time", "factor": 0.1}, "hours between two cities by up to 10^-20"),
        ({"kind": "demand", "rise": 9.0, "years": 5}, "demand for goods by up to 10^20"),
        ({"kind": "demand", "rise": -0.9, "years": 5}, "demand for goods by up to 10^-20"),
    ],
)
def test_shocks_beyond_all_numbers_are_refused(yrd, shock, said):
    def lines(**more: object) -> list[str]:
        listed = [
            {"name": f"s{k}", "year": 2012, "share": 0.05, **shock, **more} for k in range(20)
        ]
        return check_against_world(load_scenario("baseline", {"shocks": listed}), yrd)

    (line,) = lines()
    assert said in line
    assert line.endswith("between 10^-9 and 10^9 is possible")
    assert lines(share=0.0) == []
    assert lines(arms="one") == []  # no unit is in two of them


def test_shocks_to_places_apart_or_one_after_the_other_add_up_to_nothing(yrd):
    world = load_world("yrd")
    apart = [
        {"name": f"s{k}", "kind": "travel_time", "year": 2012, "share": 1.0, "factor": 0.1,
         "target": {"cities": list(world.city_names[k : k + 2])}}
        for k in range(20)
    ]  # fmt: skip
    later = [
        {"name": f"l{k}", "kind": "demand", "year": 2012 + k, "years": 1, "share": 1.0, "rise": 9.0}
        for k in range(12)
    ]
    assert check_against_world(load_scenario("baseline", {"shocks": apart + later}), world) == []


@pytest.mark.parametrize("name", ["grants"])
def test_names_of_flows_of_the_books_name_no_policy_and_no_shock(name):
    shock = {"name": name, "kind": "grants", "year": 2012, "share": 1.0}
    with pytest.raises(ScenarioError, match=f"shocks.*'{name}' like a flow of the books; rename"):
        load_scenario("baseline", {"shocks": [shock]})
    with pytest.raises(ScenarioError, match=f"policies.{name}: the books have a flow"):
        load_scenario("baseline", {f"policies.{name}": {"policy": "rd_grants"}})


def test_a_membership_without_a_city_of_the_world_is_said(yrd):
    own = {"policies.membership": {"passes": "x2"}}

    def said(name: str, world: object) -> list[str]:
        return [line for line in notes(load_scenario(name, own), world) if "schedule" in line]

    (line,) = said("jjj", load_world("jjj"))
    assert line.startswith("policies.membership: no city of the world 'jjj' is in its schedule")
    assert said("baseline", yrd) == []
