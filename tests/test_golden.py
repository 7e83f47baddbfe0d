"""Golden runs agree with their files, and the comparison can tell a difference."""

import math

import pytest

from tests.support.golden import RUNS, Rows, simulate_rows, stored_rows

RELATIVE = 1e-8
"""Libraries differ in the last digits of logarithms; decisions must not."""


def differences(found: Rows, stored: Rows) -> list[str]:
    lines = [f"{key}: only in one of the two" for key in sorted(set(found) ^ set(stored))]
    for key in sorted(set(found) & set(stored)):
        a, b = found[key], stored[key]
        if not (math.isnan(a) and math.isnan(b)) and not math.isclose(a, b, rel_tol=RELATIVE):
            lines.append(f"{' '.join(key)}: {b!r} is now {a!r}")
    return lines


@pytest.mark.parametrize(
    "name",
    [n if n == "baseline" else pytest.param(n, marks=pytest.mark.slow) for n in sorted(RUNS)],
)
def test_golden_run_is_unchanged(name):
    lines = differences(simulate_rows(name), stored_rows(name))
    assert not lines, "\n".join(lines[:20])


def test_a_difference_a_gap_and_a_row_too_many_are_told():
    stored = {("all", "2011", name): 2.0 for name in "abc"} | {("all", "2011", "d"): math.nan}
    last = ("all", "2011", "c")
    assert differences(dict(stored), stored) == []
    assert differences({**stored, last: 2.0 * (1.0 + 1e-9)}, stored) == []
    for value in (2.0 * (1.0 + 1e-7), math.nan):
        (line,) = differences({**stored, last: value}, stored)
        assert line == f"all 2011 c: 2.0 is now {value!r}"
    fewer = {key: value for key, value in stored.items() if key != last}
    for one, other in ((fewer, stored), (stored, fewer)):
        (line,) = differences(one, other)
        assert line.endswith(": only in one of the two")


@pytest.mark.slow
def test_a_slightly_changed_parameter_is_noticed():
    changed = simulate_rows("synthetic", {"parameters.adopt.external": 0.0301})
    assert differences(changed, stored_rows("synthetic"))


@pytest.mark.slow
def test_another_seed_is_noticed():
    assert differences(simulate_rows("synthetic", {"seed": 2}), stored_rows("synthetic"))
