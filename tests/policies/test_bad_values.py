"""Every key of every policy: a bad value is refused in one line that names policy and key."""

import pytest

from ydsim.errors import ScenarioError
from ydsim.policies.library import shipped
from ydsim.scenario.load import load_scenario


def bounds(field):
    """Lower and upper bound of a number, None where there is none."""
    found = {}
    for rule in field.metadata:
        for name in ("ge", "gt", "le", "lt"):
            if getattr(rule, name, None) is not None:
                found[name[0]] = getattr(rule, name)
    return found.get("g"), found.get("l")


NUMBERS = [
    (name, key)
    for name, policy in shipped().items()
    for key, field in policy.model_fields.items()
    if bounds(field) != (None, None)
]


def problems_of(name, key, value):
    """What is said of a value, not of places that the world lacks; nothing where it is taken."""
    try:
        load_scenario("synthetic", {f"policies.{name}": {key: value}})
    except ScenarioError as error:
        own = [line for line in error.problems if line.startswith("--set")]
        return [line for line in own if "the world 'synthetic' lacks" not in line]
    return []


def refused(name, key, value):
    problems = problems_of(name, key, value)
    assert len(problems) == 1, (key, value, problems)
    (line,) = problems
    assert line.startswith(f"--set policies.{name}.{key}"), line
    assert "\n" not in line
    return line


@pytest.mark.quick(8)
@pytest.mark.parametrize("name", list(shipped()))
def test_numbers_out_of_bounds_are_refused_with_the_bounds(name):
    for key in (key for policy, key in NUMBERS if policy == name):
        low, high = bounds(shipped()[name].model_fields[key])
        assert low is not None, key
        assert high is not None, key
        for value in (low - 1, high + 1):
            line = refused(name, key, value)
            assert f"{high:g}" in line
            assert f"found {value:g}" in line
        for value in (low, high):
            problems = problems_of(name, key, value)
            assert not any(f"found {value:g}" in line for line in problems), problems


@pytest.mark.parametrize("name", list(shipped()))
def test_values_of_another_kind_are_refused(name):
    for key in shipped()[name].model_fields:
        for value in ([{"a": 1}], {"nobody": 1}):
            problems = problems_of(name, key, value)
            assert problems, key
            assert all(f"policies.{name}.{key}" in line for line in problems), key


@pytest.mark.parametrize("name", list(shipped()))
def test_unknown_keys_have_a_near_name_and_the_policy(name):
    key = list(shipped()[name].model_fields)[-1]
    line = refused(name, f"{key}x", 1)
    assert f"unknown key of policy {name!r}" in line
    assert f"did you mean {key!r}?" in line


@pytest.mark.parametrize("name", list(shipped()))
def test_targets_without_use_are_refused(name):
    policy = shipped()[name]
    named = {"kinds": ["firm"], "sizes": ["small"], "fields": ["x"], "industries": ["x"]}
    named |= {"provinces": ["x"], "cities": ["x"], "corridor": "g60"}
    for key in set(named) - set(policy.target_keys):
        (line,) = problems_of(name, "target", {key: named[key]})
        assert f"policies.{name}" in line
        assert f"target.{key} makes no difference here" in line
