"""Readings find what is planted, zero where nothing is, and each its own effect alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.made_run import FIRST, ORGANISATIONS, made_run, won
from ydsim.analysis.literature import readings
from ydsim.analysis.literature.panels import by_lot, organisations, pairs
from ydsim.analysis.literature.readings import PART, RAIL, read

EVERY = (*readings.OF_SHOCKS, *readings.OF_PROJECTS, *readings.OF_MEMBERS)


@pytest.mark.slow
def test_nothing_planted_is_nothing_found() -> None:
    found, lost = read(made_run(), EVERY)
    assert lost == []
    for name, value in found.items():
        if name in ("joint_ratio", "rail_ratio", "grant_reach"):
            continue
        assert value == pytest.approx(0.0, abs=0.1 if name == "voucher_launch" else 1e-6), name


def test_rail_by_distance() -> None:
    found = readings.of_rail(made_run(near=0.3, far=0.1))
    assert found["rail_near"] == pytest.approx(0.3, abs=1e-6)
    assert found["rail_far"] == pytest.approx(0.1, abs=1e-6)
    assert 0.1 < found["rail"] < 0.3
    assert found["rail_expected"] == pytest.approx(found["rail"], abs=1e-6)
    far, near = found["rail_ratio"]
    assert far / near == pytest.approx(1.0 / 3.0, abs=1e-5)


def test_lines_and_grants_are_told_apart() -> None:
    run = made_run(line=0.05, grant=0.2)
    assert readings.of_lines(run)["line"] == pytest.approx(0.05, abs=1e-6)
    run = made_run(grant=0.2, ring=0.04)
    found = readings.of_grants(run)
    assert found["grant_own"] == pytest.approx(0.2, abs=1e-6)
    total, own = found["grant_reach"]
    panel = readings.cities(run, RAIL, readings.GRANTS)
    n, own_sum, ring_sum = panel["inventions"], panel["grant"], panel["ring"]
    expected = 1.0 + 0.04 * (n * ring_sum).sum() / (0.2 * (n * own_sum).sum())
    assert total / own == pytest.approx(expected, abs=1e-5)


def test_members() -> None:
    assert readings.of_members(made_run(member=0.1))["member"] == pytest.approx(0.1, abs=1e-9)


def test_the_loss_of_a_partner_builds_up() -> None:
    found = readings.of_partners(made_run(tie=-0.16))
    assert found["tie_late"] == pytest.approx(-0.16 * 7 / 8, abs=1e-3)
    assert found["tie_build_up"] == pytest.approx(0.16 * 6 / 8, abs=1e-3)


def test_a_run_that_ends_too_early_says_so() -> None:
    found, lost = read(replace(made_run(), last=2018), (readings.of_partners,))
    assert found == {}
    assert lost == ["the run ends 4 years after a partner is lost, not 8"]


def test_selection_is_told_from_what_joint_work_adds() -> None:
    found = readings.of_projects(made_run(premium=0.1, selected=0.05))
    assert found["joint_raw"] == pytest.approx(0.15, abs=1e-9)
    assert found["joint_birth"] == pytest.approx(0.05, abs=1e-9)
    assert found["joint_owner"] == pytest.approx(0.15, abs=1e-9)
    lots = readings.of_lots(made_run(premium=0.1, selected=0.05))
    assert abs(lots["joint_raw"]) < 0.08


def test_vouchers() -> None:
    found = readings.of_vouchers(made_run(productivity=0.02))
    assert found["voucher_productivity"] == pytest.approx(0.02, abs=1e-9)
    launched = np.arange(ORGANISATIONS) % 3 == 0
    expected = launched[won()].mean() - launched[~won()].mean()
    assert found["voucher_launch"] == pytest.approx(expected)


def test_pairs_against_a_loop() -> None:
    run = made_run(near=0.3)
    panel = pairs(run, RAIL)
    table = run.ties[(run.ties["channel"] == "co-invention") & (run.ties["to_city"] != "outside")]
    at = {name: k for k, name in enumerate(run.world.city_names)}
    wanted = {
        (row.year, at[row.from_city], at[row.to_city]): row.realised for row in table.itertuples()
    }
    rows = zip(panel["year"], panel["o"], panel["d"], panel["joint"], strict=True)
    assert all(wanted[year, o, d] == joint for year, o, d, joint in rows)
    assert len(panel["joint"]) == len(wanted)


def test_those_who_lose_a_partner_through_another_are_in_no_arm() -> None:
    run = made_run()
    shocks = run.shocks.copy()
    first = (shocks["shock"] == PART) & (shocks["key"] == 1)
    shocks.loc[first, "other"] = np.uint64(2)
    fifth = (shocks["shock"] == PART) & (shocks["key"] == 5)  # treated, and so is the ninth
    shocks.loc[fifth, "other"] = np.uint64(9)
    panel = organisations(replace(run, shocks=shocks), PART)
    assert len(panel["unit"]) == (ORGANISATIONS - 2) * (run.last - FIRST + 1)


def test_a_lot_keeps_how_many_are_joint_in_each_group() -> None:
    values = np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    group = np.array([7, 3, 7, 3, 7, 5])
    found = by_lot(values, group)
    assert found.tolist() == [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
