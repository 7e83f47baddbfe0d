"""Forecasts of a run: planted levels, spreads and horizons, and when there is none."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from tests.support.made import FOUR, make_results, packaged
from ydsim.measures.forecasts import GROWS, of_sum, variance_between
from ydsim.results import summary

SIZES = (-0.1, 0.0, 0.1)  # log deviations of replicates
S, C = 0.05, 0.4


def growing(name, place, replicate, quarters):
    """Plant values that are twice the official level in 2020 and grow by .08 a year."""
    year = quarters // 4 - 2.0  # from 2020 on
    apart = SIZES[replicate % 3] if name == "rd_expenditure" else 0.0
    return 50.0 * (place + 1) * np.exp(0.08 * year + apart * np.maximum(year, 0.0))


@pytest.fixture
def results(monkeypatch):
    def told(known_in=None):
        known = {"rd_expenditure": S, "invention_patents_granted": 2 * S}
        return summary.Discrepancy(known, dict.fromkeys(known, 4), C)

    monkeypatch.setattr(summary, "discrepancy", told)
    return packaged(make_results(value=growing, world="yrd"))


def made_of(results, *names):
    return summary.forecasts(results, results.cube(list(names)).droplevel("point")).sort_index()


def test_a_forecast_begins_at_the_official_figure_and_holds_both_variances(results):
    results.manifest["regions"] = list(FOUR)  # the last one is the region of the others
    found = made_of(results, "rd_expenditure", "invention_patents_granted")
    assert set(found.index.unique("year")) == {2021, 2022, 2023}
    official = results.table("official").set_index(["indicator", "region", "year"])["value"]
    official = official.sort_index()
    for where in FOUR:
        for name, spread, apart in (
            ("rd_expenditure", S, 0.1),
            ("invention_patents_granted", 2 * S, 0.0),
        ):
            part = of_sum(C, 3) if where == FOUR[-1] else 1.0
            for h in (1, 3):
                row = found.loc[(name, where, 2020 + h)]
                level = official[name, where, 2020] * math.exp(0.08 * h)
                errors, runs = (spread * part) ** 2 * h**GROWS, (apart * h) ** 2
                wide = norm.ppf(0.9) * math.sqrt(errors + runs)
                assert row["forecast"] == pytest.approx(level, rel=0.01)
                assert row["from_replicates"] == pytest.approx(runs / (runs + errors), abs=1e-6)
                for end, sign in (("forecast_low", -1), ("forecast_high", 1)):
                    # three values are no normal sample: their ends lie a little apart
                    assert math.log(row[end] / level) == pytest.approx(sign * wide, rel=0.12)


def test_the_part_of_members_is_that_between_them():
    values = np.random.default_rng(1).normal(size=(4000, 3))
    group = np.arange(4000) % 40
    between = np.random.default_rng(2).normal(size=40)
    planted = 0.2 * values + 0.5 * between[group][:, None]
    found = variance_between(planted, group)
    assert found == pytest.approx(np.full(3, 0.25 * between.var(ddof=1)), rel=0.15)
    assert (variance_between(values, group) < 0.01).all()
    uneven = np.repeat([7, 2, 5], [2, 3, 1])  # by hand: B = 7.5, W = .5, n_0 = 11/6
    by_hand = np.array([[3.0], [4.0], [1.0], [1.0], [1.0], [2.0]])
    assert variance_between(by_hand, uneven)[0] == pytest.approx((7.5 / 2 - 0.5 / 3) / (11 / 6))
    for group in (np.zeros(4, dtype=int), np.arange(4)):
        assert np.isnan(variance_between(values[:4], group)).all()


def test_members_with_two_replicates_split_the_variance_of_runs(results, monkeypatch):
    assert made_of(results, "rd_expenditure")["from_parameters"].isna().all()
    results.manifest["scenario"]["ensemble"] = {"match": {"reserve": [2.0, 2.5]}}
    found = made_of(results, "rd_expenditure")
    assert (found["from_parameters"] == 0.0).all()  # replicates 0 and 2 of one member differ most
    monkeypatch.setattr(summary, "variance_between", lambda values, group: values[0] ** 0 * 9.0)
    found = made_of(results, "rd_expenditure")
    assert found["from_parameters"].tolist() == found["from_replicates"].tolist()


@pytest.mark.slow
def test_one_replicate_and_other_indicators(results, monkeypatch):
    alone = packaged(make_results(value=growing, world="yrd", replicates=1))
    found = made_of(alone, "rd_expenditure")
    assert found["from_replicates"].isna().all()
    ends = np.log(found["forecast_high"] / found["forecast_low"]).loc["rd_expenditure", "Anhui"]
    assert ends[2021] == pytest.approx(2 * norm.ppf(0.9) * S, rel=0.05)
    assert made_of(results, "value_added_secondary").empty
    figures = summary.compare_official(results)
    has = figures[figures["forecast"].notna()]
    assert set(has["indicator"]) == {"rd_expenditure", "invention_patents_granted"}
    assert (has["year"] > 2020).all()
    said = summary.as_text(results)
    for name in ("value added", "86 + 14 %", "ydsim study skill"):
        assert name in said


def test_runs_that_end_with_the_figures_have_no_forecast(results):
    short = packaged(make_results(value=growing, world="yrd", end=2020))
    assert made_of(short, "rd_expenditure").empty
    assert "2020" in summary.as_text(short)


@pytest.mark.quick(3)
@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"world": "my_region"}, "Yangtze River Delta"),
        ({"known_in": 2012}, "2012"),
        ({"policies": {"membership": {"strength": 0.0}}}, "baseline"),
        ({"policies": {"late": {"strength": 1.0, "start": 2022.0}}}, ""),
        ({"policies": {"super_deduction_2018": {"end": 2040}}}, ""),
        ({"policies": {"super_deduction_2018": {"end": 2019.5}}}, "baseline"),
        ({"shocks": [{"name": "hit"}]}, "baseline"),
        ({"shocks": []}, ""),
    ],
)
def test_what_acted_otherwise_is_not_forecast(change, why):
    results = packaged(make_results(world="yrd"))
    scenario = results.manifest["scenario"]
    for name, keys in change.pop("policies", {}).items():
        scenario["policies"][name] = {**scenario["policies"].get(name, {}), **keys}
    scenario.update(change)
    said = summary.why_not(results)
    assert why in said
    assert bool(said) == bool(why)
    assert made_of(results, "rd_expenditure").empty == bool(why)
    assert bool(why) == ("study skill" not in summary.as_text(results))


@pytest.mark.parametrize(("known_in", "same_as"), [(2030, None), (2016, 2016), (2013, 0)])
def test_a_run_takes_the_errors_that_were_known(known_in, same_as):
    found = summary.discrepancy(known_in)
    if same_as == 0:
        assert found is None
        return
    assert found == summary.discrepancy(same_as)
    assert (found == summary.discrepancy()) == (same_as is None)
    assert all(0.0 < s < 0.5 for s in found.s.values())
    assert 0.0 <= found.c <= 1.0
