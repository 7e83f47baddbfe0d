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


@pytest.mark.parametrize(
    "name",
    [n if n == "baseline" else pytest.param(n, marks=pytest.mark.slow) for n in sorted(RUNS)],
)
def test_golden_run_is_unchanged(name: str) -> None:
    lines = differences(simulate_rows(name), stored_rows(name))
    assert not lines, "\n".join(lines[:20])


def test_a_difference_a_gap_and_a_row_too_many_are_told() -> None:
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
def test_a_slightly_changed_parameter_is_noticed() -> None:
    changed = simulate_rows("synthetic", {"parameters.adopt.external": 0.0301})
    assert differences(changed, stored_rows("synthetic"))


@pytest.mark.slow
def test_another_seed_is_noticed() -> None:
    assert differences(simulate_rows("synthetic", {"seed": 2}), stored_rows("synthetic"))


OFF: dict[str, dict[str, object]] = {
    "capability by size": {"chain.capability_size": 0.0, "match.member_odds": 0.0},
    "scarce people": {"talent.scarce_supply": False, "contracts.science_hires": 0.0},
    "contract market": {
        "contracts.market": 0.0,
        "contracts.price": 8.2,
        "contracts.pieces": 9.0,
        "border.hand_over": 0.05,
    },
    "number of firms": {"population.counts": 0.0},
    "certificates": {"certify.hazard_before": 0.25, "certify.small_before": 0.05},
    "market access": {
        "compete.market_access": 0.0,
    },
    "programmes": {
        "brokers.disclosure": 1.0,
    },
}
"""Settings without each of the rules that came last, and of what was fitted anew with it."""


def without(*rules: str) -> Rows:
    """Return the values of the synthetic run without these rules."""
    return simulate_rows(
        "synthetic",
        {f"parameters.{key}": value for rule in rules for key, value in OFF[rule].items()},
    )


SCALED = ("coupling", "technology_score", "industry_score")
"""Measures of which the scale is fitted anew with every rule."""


def before_them() -> Rows:
    """Return the stored values but for those."""
    stored = stored_rows("synthetic_rules_off")
    return {key: value for key, value in stored.items() if not key[2].startswith(SCALED)}


@pytest.mark.slow
def test_with_all_rules_off_the_run_is_that_of_before_them() -> None:
    """What they add can be measured: each is gone when it is switched off, and all together."""
    stored = before_them()
    found = without(*OFF)
    lines = differences({key: found[key] for key in stored}, stored)
    assert not lines, "\n".join(lines[:20])


@pytest.mark.slow
@pytest.mark.parametrize("rule", sorted(set(OFF) - {"programmes", "market access"}))
def test_each_of_these_rules_alone_is_noticed(rule: str) -> None:
    """But for those that wait for a policy: there is no money of programmes, and no open border."""
    stored = before_them()
    found = without(*(set(OFF) - {rule}))
    assert differences({key: found[key] for key in stored}, stored)
