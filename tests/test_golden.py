"""Golden runs agree with their files, and the comparison can tell a difference."""

from __future__ import annotations

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


@pytest.mark.parametrize("name", sorted(RUNS))
def test_golden_run_is_unchanged(name: str) -> None:
    lines = differences(simulate_rows(name), stored_rows(name))
    assert not lines, "\n".join(lines[:20])


def test_switches_of_programmes_that_are_off_leave_the_run() -> None:
    """Against the stored zero, since a run with other parameters than it has lives its own."""
    off = {"invest.programme_support": 0.0, "match.premium": 0.0, "brokers.disclosure": 1.0}
    changes = {"zero": "stored"} | {f"parameters.{key}": value for key, value in off.items()}
    lines = differences(simulate_rows("baseline", changes), stored_rows("baseline"))
    assert not lines, "\n".join(lines[:20])


def test_a_slightly_changed_parameter_is_noticed() -> None:
    changed = simulate_rows("synthetic", {"parameters.adopt.external": 0.0301})
    assert differences(changed, stored_rows("synthetic"))


@pytest.mark.slow
def test_another_seed_is_noticed() -> None:
    assert differences(simulate_rows("synthetic", {"seed": 2}), stored_rows("synthetic"))


OFF = {"parameters.chain.capability_size": 0.0, "parameters.match.member_odds": 0.0}
"""Capability by kind and stage alone, and hand-overs alone: as before these rules."""


@pytest.mark.parametrize("name", sorted(RUNS))
def test_without_capability_by_size_all_is_as_before(name: str) -> None:
    """To the last bit; holds while the stored runs are older than the rule."""
    known = {} if name == "synthetic" else {"zero": "stored"}
    assert simulate_rows(name, {**OFF, **known}) == stored_rows(name)
