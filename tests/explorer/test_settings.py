"""What the page says can be taken away: its file and its command are the scenario it has run."""

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ydsim.errors import ScenarioError
from ydsim.explorer.settings import (
    Choice,
    as_command,
    as_file,
    groups,
    is_on,
    switched,
    value_at,
    with_value,
)
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.scenario.schema.key_index import shipped_keys

SECTIONS = {key.path[1] for key in shipped_keys() if key.path[0] == "parameters"}


def outcome(load):
    """A scenario but for its labels, which are those of the file; or the number of problems."""
    try:
        plain = plain_scenario(load())
    except ScenarioError as error:
        return len(error.problems)
    return {key: value for key, value in plain.items() if key not in ("name", "description")}


def both_ways(choice, folder):
    """The scenario of a choice, that of its file, and that of its command."""
    path = folder / "explored.yaml"
    path.write_text(as_file(choice), encoding="utf-8")
    program, verb, name, *rest = shlex.split(as_command(choice))
    assert (program, verb) == ("ydsim", "run")
    assert rest[::2] == ["--set"] * (len(rest) // 2)
    return (
        outcome(lambda: choice.resolved().scenario),
        outcome(lambda: load_scenario(path)),
        outcome(lambda: load_scenario(name, rest[1::2])),
    )


def moved(data, one):
    """A value that a control can be given."""
    if one["kind"] == "switch":
        return data.draw(st.booleans())
    if one["kind"] == "choice":
        return data.draw(st.sampled_from(one["options"]))
    low, high = one["low"], one["high"]
    if one["kind"] == "whole":
        return data.draw(st.integers(int(low), int(high)))
    value = data.draw(st.floats(low, high).map(lambda x: float(f"{x:.4g}")))
    return f"x{value:g}" if one["kind"] == "factor" else value


@pytest.mark.slow
@settings(max_examples=25)
@given(data=st.data())
def test_file_and_command_give_the_scenario_of_the_page(data, tmp_path, base):
    choice = Choice("baseline")
    for _ in range(data.draw(st.integers(1, 6))):
        every = groups(choice, base, SECTIONS)
        group = data.draw(st.sampled_from(every))
        if group.get("switch") and data.draw(st.booleans()):
            choice = switched(choice, base, group["name"], not group["on"])
        elif group["controls"]:
            one = data.draw(st.sampled_from(group["controls"]))
            choice = with_value(choice, base, one["key"], moved(data, one))
    here, filed, commanded = both_ways(choice, tmp_path)
    assert here == filed
    assert here == commanded


def test_a_policy_is_switched_off_and_on_again(base):
    plain = Choice("baseline")
    for name in base["policies"]:
        other = switched(plain, base, name, not is_on(plain, base, name))
        assert is_on(other, base, name) != is_on(plain, base, name)
        assert switched(other, base, name, is_on(plain, base, name)).resolved().scenario == (
            plain.resolved().scenario
        ), name


def test_a_policy_that_the_scenario_lacks_comes_and_goes(base):
    choice = switched(Choice("baseline"), base, "rd_grants", True)
    assert choice.resolved().scenario.policies["rd_grants"].rate == 0.05
    choice = with_value(choice, base, "policies.rd_grants.rate", 0.2)
    assert choice.sets == {"policies.rd_grants.rate": 0.2}
    assert switched(choice, base, "rd_grants", False).sets == {}


def test_an_amount_takes_the_place_of_a_rate_and_a_rate_that_of_an_amount(base):
    choice = with_value(Choice("baseline"), base, "policies.rd_grants.rate", 0.1)
    choice = with_value(choice, base, "policies.rd_grants.amount", 30.0)
    policy = choice.resolved().scenario.policies["rd_grants"]
    assert (policy.rate, policy.amount) == (None, 30.0)
    choice = with_value(choice, base, "policies.rd_grants.rate", 0.1)
    policy = choice.resolved().scenario.policies["rd_grants"]
    assert (policy.rate, policy.amount) == (0.1, None)


def test_a_value_that_is_given_back_leaves_nothing(base):
    key = "parameters.border.joint_work"
    choice = with_value(Choice("baseline"), base, key, 0.5)
    assert choice.sets == {key: 0.5}
    assert with_value(choice, base, key, value_at(base, key)).sets == {}


def test_a_scenario_of_ones_own_is_named_by_its_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("extends: synthetic\nend: 2013\n", encoding="utf-8")
    choice = Choice("mine.yaml", {"seed": 5})
    (tmp_path / "other").mkdir()
    here, filed, commanded = both_ways(choice, tmp_path / "other")
    assert here == filed == commanded
    assert (here["seed"], here["end"]) == (5, 2013)
