"""Forecasts of the past: designs, anchors, scores and intervals on planted figures."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from tests.support.forecasts import YEARS, planted
from ydsim.design.sweep import scenarios
from ydsim.errors import UsageError
from ydsim.studies import skill
from ydsim.studies.skill import BARE, BEST, FAMILIES, FIRST, GIVEN, KEPT, RUNS, SCORED
from ydsim.world.loader import load_world


def scores_of(found, origin=2017):
    return found.scores[found.scores["origin"] == origin].set_index("forecaster")


def test_the_design_cuts_data_and_policies_by_origin():
    sweep = skill.design("baseline", origins=(2016, 2018), ahead=5, replicates=3)
    assert (sweep.size, sweep.replicates) == (3, 3)
    first, second, everything = scenarios(sweep)
    assert (first.known_in, second.known_in, everything.known_in) == (2016, 2018, None)
    assert (first.end, second.end, everything.end) == (2019, 2023, 2023)
    assert first.scale == 0.05
    known = everything.policies
    for scenario, year in ((first, 2016), (second, 2018)):
        off = {name for name, policy in scenario.policies.items() if policy.strength == 0.0}
        assert off == {name for name, policy in known.items() if (policy.start or 0) >= year + 1}
        assert {p.end for p in scenario.policies.values()} <= {None, 2100.0}
    assert known["super_deduction_2018"].end == 2021
    assert all(policy.strength == 1.0 for policy in known.values())


@pytest.mark.parametrize("origins", [(), (2016,), (2016, 2015), (2016, 2016), (2010,), ("soon",)])
def test_origins_are_ascending_years(origins):
    with pytest.raises(UsageError, match="origins"):
        skill.design(origins=origins)


def test_runs_start_with_the_figures():
    with pytest.raises(UsageError, match="start 2015"):
        skill.design("baseline", {"start": 2015})


def test_a_wrong_level_is_anchored_and_costs_runs_as_they_are():
    by = scores_of(planted(level=0.5))
    assert by.loc[RUNS, "median"] < 1.0
    assert by.loc[BARE, "median"] == pytest.approx(100.0 * math.expm1(0.5), rel=0.02)
    assert by.loc[GIVEN, "mean"] < 1.0
    assert by.loc["last value", "mean"] == pytest.approx(
        100.0 * np.mean([1.0 - math.exp(-0.08 * h) for h in (1, 2, 3)]), rel=1e-6
    )
    assert by.loc[[KEPT, BEST], "median"].max() < 1e-6
    assert by["n"].tolist() == [len(SCORED) * 4 * 3] * len(by)


@pytest.mark.parametrize("error", [0.02, 0.1])
def test_intervals_cover_as_they_say_where_errors_are_like_the_earlier_ones(error):
    by = scores_of(planted(error=error, seed=7))
    assert 0.65 <= by.loc[RUNS, "within_80"] <= 0.95
    assert 0.35 <= by.loc[RUNS, "within_50"] <= 0.7
    assert by.loc[BARE, "within_80"] == 0.0


def test_a_bias_shows_with_its_sign():
    found = planted()
    runs = {k: v - 0.05 * np.arange(float(YEARS)) for k, v in found.runs.items()}
    slow = dataclasses.replace(found, runs=runs)
    assert scores_of(slow).loc[RUNS, "bias"] == pytest.approx(100.0 * 0.05 * 2.0, abs=0.5)


def test_later_figures_change_no_forecast():
    found, late = planted(error=0.05), planted(error=0.05)
    late.known[:, :, 2017 - FIRST + 1 :] += 1.0
    for a, b in zip(found.forecasts, late.forecasts, strict=True):
        if a.name != BEST or a.origin == 2017:
            np.testing.assert_array_equal(a.values, b.values, err_msg=a.name)


def test_a_figure_that_is_not_known_in_the_origin_is_not_forecast():
    found = planted()
    found.known[0, 1, 2017 - FIRST] = np.nan
    rows = found.table.query("origin == 2017 and outcome == @FAMILIES[0]")
    assert "Jiangsu" not in set(rows["place"])
    assert scores_of(found).loc[RUNS, "n"] == len(SCORED) * 4 * 3 - 3


def test_the_region_is_surer_than_provinces_whose_errors_are_their_own():
    rng = np.random.default_rng(3)
    found = planted()
    for values in found.runs.values():
        values += rng.normal(0.0, 0.1, (len(FAMILIES), 5, 1, YEARS)).cumsum(axis=3)
    spread = found.discrepancy(2017, given=False)
    assert (spread[:, -1] < 0.75 * spread[:, 0]).all()
    assert found.discrepancy(2014, given=False) is None


def cells_of(found, name, by="2017"):
    return found.pools[(found.pools["by"] == by) & (found.pools["forecaster"] == name)].iloc[0]


def test_a_pool_of_runs_that_err_leaves_the_word_to_what_was_nearly_right():
    """Figures grow evenly, nearly as trends have it; runs walk away from them."""
    found = planted(error=0.3)
    assert found.pool(2017).weights.sum() == pytest.approx(1.0)
    assert cells_of(found, skill.POOL)["crps"] < 0.5 * cells_of(found, RUNS)["crps"]
    tested = found.tests.set_index("member")
    assert tested.loc[RUNS, "difference"] > 0.0
    assert set(found.tests["n"]) == {len(found._common)}


def test_medians_of_provinces_in_the_pool_add_up_to_that_of_the_region():
    mean = planted(error=0.1).pool(2017).mean
    np.testing.assert_allclose(np.exp(mean[:, :-1]).sum(axis=1), np.exp(mean[:, -1]))


def test_pool_and_members_are_held_against_the_same_figures():
    found = planted(error=0.05)
    found.known[0, 1, :4] = np.nan  # no trend to go by
    counts = found.pools[found.pools["forecaster"] != ""].groupby("by")["n"].nunique()
    assert (counts[["2015", "2016", "2017"]] == 1).all()
    assert cells_of(found, RUNS)["n"] <= found.scores["n"].max()


def test_without_a_nation_the_pool_is_of_the_others():
    found = planted(error=0.05)
    alone = dataclasses.replace(found, nation=np.full_like(found.nation, np.nan))
    pool = alone.pool(2017)
    assert np.isfinite(pool.mean).all()
    assert np.isfinite(pool.spread).all()
    assert not len(alone._common), "there is no figure of which all have a forecast"
    assert alone.tests["difference"].isna().all()
    assert "The pool and its members" in alone.page


def test_later_figures_change_no_weight_of_a_pool():
    found, late = planted(error=0.05), planted(error=0.05)
    late.known[:, :, 2017 - FIRST + 1 :] += 1.0
    for a, b in ((found.pool(2016), late.pool(2016)), (found.pool(2017), late.pool(2017))):
        np.testing.assert_array_equal(a.weights, b.weights)
        np.testing.assert_array_equal(a.mean, b.mean)
        np.testing.assert_array_equal(a.spread, b.spread)


@pytest.mark.slow
def test_a_small_run_is_read_and_written(tmp_path, monkeypatch):
    laid = {"scale": 0.004, "parameters.population.burn_in": 8}
    found = skill.run(
        "plain", laid, origins=(2016, 2017), ahead=2, replicates=2, out=tmp_path / "runs", jobs=1
    )
    assert found.origins == (2016, 2017)
    assert set(found.table["inputs"]) == {"as known", "official"}
    assert found.table["year"].between(2018, 2019).all()
    known = found.table.dropna(subset=["official"])
    assert ((known["low"] < known["estimate"]) & (known["estimate"] < known["high"])).all()
    for path in found.write(tmp_path / "pages"):
        assert path.stat().st_size > 100
    # 11 families, 4 provinces, 2 years
    assert "88 figures" in found.paragraph
    none = tuple(np.full_like(each, np.nan) for each in (found.known, found.nation))
    monkeypatch.setattr(skill, "official", lambda world, last: none)
    with pytest.raises(UsageError, match="'yrd'"):
        skill.read(tmp_path / "runs")


def test_official_inputs_are_no_official_contracts():
    """What runs record of contracts to 2020 is official; a forecast has what they make of them."""
    world, years = load_world("yrd"), range(2015, 2024)
    index = pd.MultiIndex.from_product(
        [[7], [0, 1], world.provinces, years], names=["point", "replicate", "place", "year"]
    )
    name = "tech_market_contract_value_output"
    lines = np.exp(world.base_run.anchors[name])
    k = {
        (place, year): lines[p, min(year, 2020) - 2011]
        for p, place in enumerate(world.provinces)
        for year in years
    }
    recorded = [(3.0 + replicate) * k[place, year] for _, replicate, place, year in index]
    frame = pd.DataFrame({name: recorded, "sci_papers": 5.0}, index=index)
    made = skill.as_made(frame, world)
    assert made[name].tolist() == pytest.approx([3.0 + r for _, r, _, _ in index])
    assert made["sci_papers"].eq(5.0).all()
    assert frame[name].tolist() == recorded
