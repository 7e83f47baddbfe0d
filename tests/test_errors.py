"""Errors are public, each with its exit code, and documented as a tree."""

import inspect
import re

import pytest

import ydsim
from ydsim import errors

CODES = {
    "YdsimError": 70,
    "UsageError": 2,
    "NothingToDrawError": 2,
    "ScenarioError": 3,
    "PolicyError": 3,
    "InputError": 4,
    "ResultsError": 5,
    "ResourceError": 6,
}


def test_every_error_is_exported_with_its_exit_code():
    found = {
        name: cls.exit_code
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.YdsimError)
    }
    assert found == CODES
    for name in CODES:
        assert getattr(ydsim, name) is getattr(errors, name)
        assert name in ydsim.__all__
        assert name in dir(ydsim)


def test_the_tree_in_the_docstring_is_that_of_the_classes():
    listed = dict(re.findall(r"^    [|`]-- (\w+) +(\d+) ", errors.__doc__, re.MULTILINE))
    assert {name: int(code) for name, code in listed.items()} == {
        name: code for name, code in CODES.items() if name != "YdsimError"
    } | {"Stopped": 130}
    assert "YdsimError              exit code 70" in errors.__doc__


def test_one_base_catches_what_a_user_can_cause():
    with pytest.raises(ydsim.YdsimError) as caught:
        ydsim.load_scenario("baselin")
    assert type(caught.value) is ydsim.InputError
    with pytest.raises(ydsim.ResultsError):
        ydsim.open_results("/nonexistent")


def test_stopped_is_an_interrupt_and_not_an_error_of_the_package():
    assert issubclass(ydsim.Stopped, KeyboardInterrupt)
    assert not issubclass(ydsim.Stopped, ydsim.YdsimError)
    assert ydsim.Stopped("SIGTERM").exit_code == 143
