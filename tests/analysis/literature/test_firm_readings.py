"""Readings of firms find what is planted, zero where nothing is, and each its own effect alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support import made_firms as made
from tests.support.made_firms import made_firms
from ydsim.analysis.estimators.pools import closeness, margin_weight
from ydsim.analysis.literature import firm_readings as readings
from ydsim.analysis.literature.firm_panels import technology, ties
from ydsim.analysis.literature.readings import read
from ydsim.analysis.literature.shock_panels import granted, markets, members

EVERY = (*readings.OF_MARKETS, *readings.OF_RESEARCH)
LOTS = readings.OF_RESEARCH_LOTS
CLOSE = {"abs": 1e-6}
RATIOS = ("technology_ratio", "tie_spillover")


@pytest.mark.parametrize("which", [readings.OF_MARKETS, readings.OF_RESEARCH, LOTS])
def test_nothing_planted_is_nothing_found(which: tuple[readings.Reading, ...]) -> None:
    found, lost = read(made_firms(steady=which is readings.OF_MARKETS), which)
    assert lost == []
    for name, value in found.items():
        if name not in RATIOS:
            assert value == pytest.approx(0.0, **CLOSE), name


@pytest.mark.slow
def test_pools_equal_a_loop() -> None:
    run = made_firms()
    panel, _ = technology(run, lot=False)
    survivors = slice(0, made.N - made.LEFT)
    wanted = np.log(made.near_in_technology()[survivors, :-1]).ravel()
    np.testing.assert_allclose(_later(panel, "technology"), wanted)
    np.testing.assert_allclose(_later(panel, "own"), np.log(made.held()[survivors, :-1]).ravel())
    panel, _ = ties(run, lot=False)
    pool = made.near_in_ties()
    linked = np.flatnonzero(pool[:, 0] > 0.0)
    np.testing.assert_allclose(_later(panel, "ties"), np.log(pool[linked, :-1]).ravel())


def _later(panel: readings.Panel, name: str) -> np.ndarray:
    return panel[name][panel["year"] > made.FIRST]


@pytest.mark.slow
def test_technology_and_its_margin() -> None:
    found = readings.of_technology(made_firms(own=0.05, technology=0.2))
    assert found["technology_spillover"] == pytest.approx(0.2, **CLOSE)
    assert found["technology_within"] == pytest.approx(0.2, **CLOSE)
    assert found["technology_own"] == pytest.approx(0.05, **CLOSE)
    whole, own = found["technology_ratio"]
    sales, half = made_firms().firms["sales"].to_numpy(), made.T // 2
    of_year = made_firms().firms["year"].to_numpy() == made.YEARS[half]
    survivors = slice(0, made.N - made.LEFT)
    weights = closeness(made.shares())
    output = sales[of_year].copy()
    output[made.N - made.LEFT :] = 0.0
    weight = margin_weight(output, made.held()[:, half], weights)
    assert whole / own == pytest.approx(1.0 + weight * 0.2 / 0.05, rel=1e-6)
    assert survivors.stop == 228


@pytest.mark.slow
def test_fields_by_lot_find_little_of_it() -> None:
    run = made_firms(technology=0.2)
    for name in ("technology_spillover", "technology_within"):
        assert abs(readings.of_technology_lots(run)[name]) < 0.1, name


def test_ties_and_their_instrument() -> None:
    found = readings.of_ties(made_firms(own=0.05, ties=0.02))
    assert found["tie_pool"] == pytest.approx(0.02, **CLOSE)
    assert found["tie_pool_far"] == pytest.approx(0.02, abs=1e-4)
    whole, own = found["tie_spillover"]
    assert own == pytest.approx(0.05, **CLOSE)
    assert whole > own
    assert abs(readings.of_tie_lots(made_firms(own=0.05, ties=0.02))["tie_pool"]) < 0.01


@pytest.mark.slow
def test_ties_below_technology_are_told() -> None:
    run = made_firms(own=0.05, technology=0.2)
    found = readings.of_ties(run)
    weight, of_fields = ties(run, lot=False)[1], technology(run, lot=False)[1]
    assert found["tie_less_technology"] == pytest.approx(
        weight * found["tie_pool"] - of_fields * 0.2
    )
    assert found["tie_less_technology"] < 0.0


def test_demand_by_half_and_year() -> None:
    found = readings.of_demand(made_firms(early=0.02, late=0.1, low=0.03, sold=0.15))
    assert found["demand"] == pytest.approx(0.1, **CLOSE)
    assert found["demand_build_up"] == pytest.approx(0.08, **CLOSE)
    assert found["demand_lower"] == pytest.approx(0.03, **CLOSE)
    assert found["demand_upper"] == pytest.approx(0.07, **CLOSE)
    assert found["demand_sales"] == pytest.approx(0.15, **CLOSE)


def test_firms_that_left_count_as_zero_by_market() -> None:
    run = made_firms()
    panel, table = markets(run, readings.DEMAND), run.firms
    for year in (2014, 2022):
        at, rows = panel["year"] == year, table["year"] == year
        assert panel["inventions"][at].sum() == pytest.approx(table["inventions"][rows].sum())
    assert set(np.bincount(panel["cell"]).tolist()) == {made.T}
    assert len(np.unique(panel["cell"])) == 12


def test_grants_by_size_and_cash() -> None:
    found = readings.of_firm_grants(made_firms(short=0.08, grand=0.01, steady=True))
    assert found["grant_firm"] == pytest.approx(0.08, **CLOSE)
    assert found["grant_large"] == pytest.approx(0.01, **CLOSE)
    assert found["grant_order"] == pytest.approx(0.07, **CLOSE)
    panel = granted(made_firms(), readings.FIRM_GRANTS, 3)
    assert (panel["short"] <= panel["small"]).all()
    assert 0 < panel["short"].sum() < panel["small"].sum()


def test_members_during_and_after() -> None:
    found = readings.of_consortia(made_firms(during=0.1, after=-0.04))
    assert found["consortium"] == pytest.approx(0.1, **CLOSE)
    assert found["consortium_after"] == pytest.approx(-0.04, **CLOSE)
    panel = members(made_firms())
    assert (panel["during"] * panel["after"] == 0.0).all()
    assert panel["after"].sum() == 5 * 33


def test_a_year_of_protection() -> None:
    found = readings.of_protection(made_firms(guard=-0.02))
    spread = made.guarded()[:, made.YEARS >= made.YEAR].std()
    assert found["segmentation"] == pytest.approx(-0.02 * spread, **CLOSE)
    assert abs(found["segmentation_3y"]) > 1e-4


@pytest.mark.slow
def test_each_study_finds_its_own_effect_alone() -> None:
    every = {
        readings.of_demand: made_firms(guard=-0.02, technology=0.2, short=0.1),
        readings.of_firm_grants: made_firms(guard=-0.02, late=0.1, during=0.2, steady=True),
        readings.of_consortia: made_firms(guard=-0.02, technology=0.2, short=0.1),
        readings.of_protection: made_firms(late=0.1, during=0.2, short=0.1),
        readings.of_technology: made_firms(late=0.1, during=0.2),
    }
    for reading, run in every.items():
        for name, value in reading(run).items():
            if name not in RATIOS:
                assert value == pytest.approx(0.0, **CLOSE), name


def test_what_is_missing_is_said() -> None:
    bare = replace(made_firms(), firms=None)
    assert read(bare, EVERY)[1] == ["firms are not recorded"] * len(EVERY)
    run = made_firms()
    for part, reading, said in (
        ({"firm_ties": run.firm_ties.iloc[:0]}, readings.of_ties, "no firm is recorded to have"),
        ({"joined": None}, readings.of_consortia, "no firm is a member"),
        ({"last": 2018}, readings.of_demand, "the run ends less than 5 years"),
        ({"last": 2016}, readings.of_firm_grants, "the run ends less than 3 years"),
        ({"shocks": run.shocks.assign(treated=True)}, readings.of_protection, "every province"),
    ):
        with pytest.raises(ValueError, match=said):
            reading(replace(run, **part))
