"""The rule for replicates: its interval, its stops, and that an interruption does not move it."""

import numpy as np
import pytest
from scipy import stats

from tests.support import fake_sweep as fake
from ydsim.design.sweep import ReplicateRule
from ydsim.run.sweep import half_width, more_replicates, target
from ydsim.store.points import EMPTY, extended, run_id

A, B = "a" * 64, "b" * 64
VALUES = np.array([3.0, 5.0, 4.0, 4.5])


def asked(values: dict[str, list[float]], **rule: object) -> dict[str, int]:
    given = {"outcome": "x", "half_width": 1.0, "relative": False, "batch": 3, "most": 10, **rule}
    plan = extended(EMPTY, {of: len(v) for of, v in values.items()}, {A: 1.0, B: 1.0})
    rows = [(run_id(of, k), x) for of, v in values.items() for k, x in enumerate(v) if x == x]
    runs = {"run": np.array([r for r, _ in rows], dtype=object),
            "x": np.array([x for _, x in rows])}  # fmt: skip
    return more_replicates(ReplicateRule(**given), plan, runs)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_the_interval_is_student_t(level):
    rule = ReplicateRule(outcome="x", half_width=1.0, level=level)
    low, high = stats.t.interval(level, 3, VALUES.mean(), stats.sem(VALUES))
    assert half_width(VALUES, rule) == pytest.approx((high - low) / 2, rel=1e-12)
    assert half_width(VALUES[:1], rule) == np.inf


def test_widths_are_absolute_or_relative():
    share, width = (ReplicateRule(outcome="x", half_width=0.1, relative=k) for k in (True, False))
    assert target(VALUES, share) == target(-VALUES, share) == pytest.approx(0.4125)
    assert target(VALUES, width) == 0.1


def test_only_the_points_that_need_it_get_more():
    quiet, wild = [1.0, 1.1, 0.9, 1.0], [0.0, 9.0, 3.0, 1.0]
    assert asked({A: quiet, B: wild}) == {A: 4, B: 7}
    assert asked({A: quiet, B: quiet}) == {}


def test_the_cap_holds():
    wild = [0.0, 9.0, 3.0, 1.0, 7.0, 0.0, 9.0, 2.0, 4.0]
    assert asked({A: wild}) == {A: 10}
    assert asked({A: [*wild, 1.0]}) == {}


def test_a_point_with_a_failed_run_is_left_and_equal_values_are_enough():
    assert asked({A: [0.0, 9.0, np.nan, 1.0]}) == {}
    assert asked({A: [2.0] * 4}, half_width=1e-9) == {}


RULE = {"outcome": "rd_expenditure", "half_width": 0.15, "batch": 3, "least": 3, "most": 14}


@pytest.mark.slow
def test_a_sweep_by_rule_stops_where_the_rule_says(tmp_path):
    what = fake.sweep(tmp_path / "files", replicates=RULE)
    results = fake.run(tmp_path / "out", what=what)
    rule = ReplicateRule(**RULE)
    counts = []
    for _, values in results.runs.groupby("point")["rd_expenditure"]:
        x = values.to_numpy()
        counts.append(len(x))
        assert half_width(x, rule) <= target(x, rule) or len(x) == rule.most
        for n in range(rule.least, len(x), rule.batch):  # every look before asked for more
            assert half_width(x[:n], rule) > target(x[:n], rule)
    assert len(set(counts)) == 1 or min(counts) < rule.most
    assert results.manifest["complete"]
    assert results.manifest["generation"] >= 1
