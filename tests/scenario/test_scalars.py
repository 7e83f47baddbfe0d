"""Plain scalars: what they are, and what was meant."""

import math

import pytest

from ydsim.scenario.read.yaml import resolve, suggest_boolean, suggest_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None), ("~", None), ("null", None), ("nul", "nul"), ("true", True), ("false", False),
        ("True", "True"), ("yes", "yes"), ("0", 0), ("-12", -12), ("+3", 3), ("1e-3", 1e-3),
        ("1.0e5", 1e5), (".5", 0.5), ("5.", 5.0), ("1E3", 1000.0), ("010", "010"),
        ("01.5", "01.5"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("12:30", "12:30"), ("e5", "e5"),
        (".", "."), ("-", "-"), (".e5", ".e5"), ("1e", "1e"), ("３", "３"), ("١", "١"),
    ],
)  # fmt: skip
def test_resolve(text, value):
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


def test_resolve_infinities():
    assert math.isnan(resolve(".nan"))
    assert resolve("-.inf") == -math.inf
    assert resolve("9" * 5000) == math.inf
    assert resolve("-" + "9" * 5000) == -math.inf
    assert math.copysign(1, resolve("-0.0")) == 1


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("5%", "0.05"), ("7 %", "0.07"), ("３０％", "0.3"), ("1,000", "1000"),
        ("1,234,567.5", "1234567.5"), ("1 000", "1000"), ("0,5", "0.5"), ("010", "10"),
        ("-007", "-7"), ("0x1f", None), ("1_0", "10"), ("12:30", None),
        ("0.3", "0.3"), ("abc", None), ("%", None), ("", None), ("nan%", None),
        (".inf", None), ("true", None), ("2020年", "2020"), ("2020-05-01", "2020.25"),
        ("2020/12", "2020.75"), ("2020-13", None), ("2020年x", None),
    ],
)  # fmt: skip
def test_meant_number(text, meant):
    assert suggest_number(text) == meant


def test_meant_boolean():
    assert suggest_boolean("Yes") == suggest_boolean("ON") == suggest_boolean("TRUE") == "true"
    assert suggest_boolean("off") == suggest_boolean("no") == "false"
    assert suggest_boolean("maybe") is None
