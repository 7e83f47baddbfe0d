"""The design of ``ydsim effects``, and what becomes of readings."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ydsim.analysis.estimators.estimate import Estimate
from ydsim.analysis.literature.readings import LATE
from ydsim.analysis.literature.study import (
    AFTER,
    END,
    MARKET_SHOCKS,
    SHOCKS,
    UNPAIRED,
    design,
    row_of,
)
from ydsim.analysis.literature.targets import STUDIES, TARGETS, Target
from ydsim.design.points import points
from ydsim.errors import UsageError
from ydsim.measures.effects import fieller

BAND = Target("X", "x", "", "", 0.1, 0.5)


def _mean(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, 0.1, low, high, 5, 5)


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((0.1, 0.5), "inside"),
        ((0.09, 0.3), "not distinguished"),
        ((0.2, 0.6), "not distinguished"),
        ((-0.5, 0.0), "outside"),
        ((0.51, 0.9), "outside"),
        ((0.0, 1.0), "not distinguished"),
        ((math.nan, math.nan), "not distinguished"),
    ],
)
def test_verdicts(ends: tuple[float, float], said: str) -> None:
    assert BAND.verdict(_mean(sum(ends) / 2.0 if ends[0] == ends[0] else 0.3, *ends)) == said


def test_open_ends_and_nothing() -> None:
    assert Target("X", "x", "", "", 0.0).verdict(_mean(1.0, 0.5, 9.0)) == "inside"
    assert Target("X", "x", "", "").verdict(_mean(1.0, 0.5, 9.0)) == "no range"
    assert BAND.verdict(None) == "not run"


def test_means_placebos_and_pairs() -> None:
    row = row_of(BAND, [(0.3, 0.1), (0.5, 0.2), (0.4, 0.3)])
    assert row.found is not None
    assert row.placebo is not None
    assert row.pair is not None
    assert row.found.estimate == pytest.approx(0.4)
    assert row.placebo.estimate == pytest.approx(0.2)
    assert row.pair.estimate == pytest.approx(0.2)
    half = 4.302652729911275 * 0.1 / np.sqrt(3.0)
    assert row.pair.high - row.pair.estimate == pytest.approx(half)


def test_a_ratio_is_that_of_means() -> None:
    parts = [(1.0, 4.0), (2.0, 5.0), (3.0, 6.5)]
    row = row_of(BAND, [(one, (one[0] / 2.0, 1.0)) for one in parts])
    wanted = fieller(np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.5]))
    assert row.found is not None
    assert (row.found.estimate, row.found.low, row.found.high) == (
        wanted.estimate, wanted.low, wanted.high,
    )  # fmt: skip
    assert row.placebo is None
    wanted = fieller(np.array([0.5, 1.0, 1.5]), np.array([3.0, 4.0, 5.5]))
    assert row.pair is not None
    assert (row.pair.estimate, row.pair.low, row.pair.high) == (
        wanted.estimate,
        wanted.low,
        wanted.high,
    )


@pytest.mark.parametrize("study", UNPAIRED)
def test_a_placebo_by_lot_is_no_pair(study: str) -> None:
    row = row_of(Target(study, "x", "", ""), [(0.3, 0.1), (0.5, 0.2)])
    assert row.placebo is not None
    assert row.pair is None


def test_a_reading_that_failed_says_why() -> None:
    row = row_of(BAND, [], ["no unit was drawn"])
    assert (row.verdict, row.why_not) == ("not run", "no unit was drawn")


def test_targets_have_names_of_their_own_and_a_study() -> None:
    names = [one.name for one in TARGETS]
    assert len(set(names)) == len(names)
    assert {one.study for one in TARGETS if not one.why_not} == set(STUDIES)


def test_shocks_begin_together_and_nobody_is_treated_in_the_first_point() -> None:
    sweep = design(replicates=2)
    rows = [[level.value for level in row] for row in sweep.rows()]
    assert len(rows) == 4
    assert sweep.base.start + AFTER + LATE[-1] <= END
    assert sum(shock["share"] for shock in SHOCKS if "arms" in shock) < 1.0


def test_a_scenario_without_membership_has_three_points() -> None:
    assert design("plain", replicates=2).size == 3
    assert design(replicates=2).size == 4


def test_shocks_to_markets_and_consortia_have_a_point_of_their_own() -> None:
    points_ = list(points(design(replicates=2)))
    treated = [{shock.name: shock.share for shock in one.scenario.shocks} for one in points_]
    ours = {str(shock["name"]) for shock in MARKET_SHOCKS}
    assert [{name for name, share in one.items() if share > 0.0} for one in treated] == [
        set(), {str(shock["name"]) for shock in SHOCKS}, ours, set(),
    ]  # fmt: skip
    assert ["consortia" in one.scenario.policies for one in points_] == [False, False, True, False]
    assert all(one.scenario.record.firms for one in points_)


def test_a_scenario_with_consortia_gets_no_others(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("extends: plain\npolicies: {consortia: {number: 5}}\n", encoding="utf-8")
    numbers = [getattr(one.scenario.policies["consortia"], "number")  # noqa: B009
               for one in points(design(path, replicates=1))]  # fmt: skip
    assert numbers == [5, 5, 5]


def test_too_few_years_are_refused() -> None:
    with pytest.raises(UsageError, match="shocks strike in 2014, and the run ends in 2014"):
        design(overrides={"end": 2014}, replicates=1)


def test_a_scenario_with_shocks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    shock = "{name: x, kind: travel_time, year: 2012, share: 0.1}"
    path.write_text(f"extends: plain\nshocks: [{shock}]\n", encoding="utf-8")
    with pytest.raises(UsageError, match="has shocks of its own"):
        design(path, replicates=1)
