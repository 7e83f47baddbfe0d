"""The end of a run or a sweep: medians and ranges beside official figures, money, points."""

import math

import numpy as np
import pandas as pd
import pytest

from tests.support.fake_run import FailingModel, run, world
from tests.support.made import make_results
from tests.support.made_sweep import BORDER, grid, make_sweep
from ydsim import fmt
from ydsim.measures.effects import interval
from ydsim.record.indicators import name_in_words
from ydsim.results import summary
from ydsim.results.summary import COLUMNS
from ydsim.scenario.load import load_scenario, plain_scenario
from ydsim.world.loader import load_world
from ydsim.world.world import as_known


def test_figures_stand_beside_official_ones():
    results = run(None)
    figures = summary.compare_official(results)
    assert set(figures["indicator"]) == {"rd_expenditure"}
    assert list(dict.fromkeys(figures["region"])) == ["yrd", *world().provinces]
    table = results.table("province_year").set_index(["indicator", "region", "year"])
    values = table.loc[("rd_expenditure", "yrd", 2015), "value"].to_numpy()
    first = figures[figures["year"] == 2015].iloc[0]
    assert (first["n"], first["official"]) == (3, 4000.0)
    assert (first["median"], first["low"], first["high"]) == pytest.approx(
        (np.median(values), values.min(), values.max())
    )
    text = summary.as_text(results)
    assert f"{np.median(values):.0f} (" in text
    assert "4,000" in text


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("start", "end", "known", "years"),
    [
        (2011, 2030, 2020, [2015, 2020, 2030]),
        (2011, 2030, 2018, [2015, 2018, 2030]),
        (2018, 2023, 2020, [2018, 2020, 2023]),
        (2011, 2012, 2020, [2011, 2012]),
        (2021, 2025, 2020, [2021, 2023, 2025]),
    ],
)
def test_years_end_with_the_last_official_one_and_the_last_one_run(start, end, known, years):
    figures = summary.compare_official(make_results(start=start, end=end, official_until=known))
    mine = figures[figures["indicator"] == "rd_expenditure"]
    assert sorted(set(mine["year"])) == years
    late = mine[mine["projection"]]
    assert set(late["year"]) == {year for year in years if start <= known < year}
    assert late["official"].isna().all()


def test_figures_without_an_official_one_keep_their_row(monkeypatch):
    results = run(None)
    table = results.columns("official")
    none = {name: column[:0] for name, column in table.items()}
    monkeypatch.setattr(results, "columns", lambda name: none)
    found = summary.compare_official(results)
    assert len(found)
    assert found["official"].isna().all()
    assert not found["projection"].any()
    assert "official" not in summary.as_text(results)


def test_one_replicate_has_no_range():
    results = run(None, changes={"replicates": 1})
    figures = summary.compare_official(results)
    assert figures["low"].isna().all()
    assert "(" not in summary.as_text(results).splitlines()[-1]


def test_nothing_finished_gives_no_figures(tmp_path):
    class AllFail(FailingModel):
        def step(self):
            raise ValueError("no")

    results = run(tmp_path / "r", AllFail)
    assert len(results.failures) == 3
    assert results.table("failures").dtypes[["replicate", "quarter"]].tolist() == [int, float]
    assert (results.done, results.left, results.replicates) == (0, 0, ())
    figures = summary.compare_official(results)
    assert isinstance(figures, pd.DataFrame)
    assert summary.as_text(results) == ""


def paid(monkeypatch):
    """Results with rows of money of one policy in two replicates and years."""
    results = run(None, changes={"replicates": 2})
    n = 8
    table = {
        "point": np.zeros(n, dtype=np.int64),
        "replicate": np.repeat([0, 1], 4),
        "year": np.tile([2012, 2012, 2013, 2013], 2),
        "instrument": np.array(["fund", "grants"] * 4, dtype=object),
        "asked": np.arange(n) * 1.0,
        "amount": np.full(n, 1500.0),
        "leaked": np.full(n, 0.5),
        "left_over": np.full(n, 3.0),
    }
    tables = [*results.manifest["tables"], "policy_costs"]
    results.manifest = {**results.manifest, "tables": tables}
    monkeypatch.setattr(type(results), "raw", lambda self, name: table)
    return results, table


def test_money_of_policies_is_a_year_and_a_replicate(monkeypatch):
    results, table = paid(monkeypatch)
    found = summary.policy_money(results)
    (row,) = found.to_numpy().tolist()
    assert row == ["fund", 2012, 2013, 3.0, 1500.0, 0.5, 3.0, 1500.0 / 1503.0, 500.0]
    assert found.columns[3:].tolist() == ["asked", "taken", "leaked", "left", *summary.SHARES]
    text = summary.money_as_text(found)
    assert text.splitlines()[2].split()[:6] == ["fund", "2012-2013", "3", "1,500", "0.5", "3"]
    assert summary.money_as_text(found[:0]) == ""
    assert not len(summary.policy_money(results, point=1))
    del table["left_over"]
    assert not len(summary.policy_money(results))


def test_interval_is_students():
    n, mean, low, high = interval(np.array([1.0, 2.0, 3.0, 4.0]))
    half = 3.182446305 * np.sqrt(5.0 / 3.0 / 4.0)  # t with 3 degrees of freedom
    assert (n, mean, low, high) == pytest.approx((4, 2.5, 2.5 - half, 2.5 + half))
    assert interval(np.array([2.0])) == pytest.approx((1, 2.0, np.nan, np.nan), nan_ok=True)


def test_points_that_end_in_other_years_are_not_of_one_year():
    for ends in ([2020], [2020, 2022]):
        results = make_sweep(
            grid(end=ends), lambda factors, replicate, years: np.ones(len(years)), replicates=1
        )
        assert ("in 2020" in summary.as_text(results).splitlines()[0]) == (len(ends) == 1)


def test_points_of_a_sweep_have_means_and_paired_differences():
    luck, gain = np.array([0.0, 50.0, -20.0]), np.array([4.0, 6.0, 11.0])

    def launches(factors, replicate, years):
        more = gain[replicate] if factors[BORDER] > 0.3 else 0.0
        return np.full(len(years), 100.0 + luck[replicate] + more)

    design = grid(**{BORDER.replace(".", "__"): [0.2, 0.5]})
    results = make_sweep(design, launches, replicates=3)
    first, second = summary.sweep_summary(results)
    assert (first["replicates"], second[BORDER], "differences" in first) == (3, 0.5, False)
    table = results.runs
    assert table[BORDER].tolist() == [{0: 0.2, 1: 0.5}[point] for point in table["point"]]
    runs = table.set_index(["point", "replicate"])["rd_expenditure"]
    differences = (runs[1] - runs[0]).to_numpy()
    assert list(second["outcomes"]["rd_expenditure"].values()) == pytest.approx(
        interval(runs[1].to_numpy())[1:]
    )
    found = second["differences"]["rd_expenditure"]
    assert list(found.values()) == pytest.approx(interval(differences)[1:])
    text = summary.as_text(results)
    assert fmt.interval(*found.values(), sign=True) in text
    assert "rd_expenditure [100 million RMB]" in text.splitlines()[1]
    short = make_sweep(design, launches, replicates=3, without=[(1, 2)])
    lacking = summary.sweep_summary(short)[1]["differences"]["rd_expenditure"]
    assert lacking["mean"] == pytest.approx(differences[:2].mean())
    assert lacking["low"] is None


HEADLINES = pd.DataFrame({"indicator": summary.HEADLINES})


def about_anchors(**changes):
    """What is said of levels of the headlines in a scenario, a line each."""
    results = make_results(world="yrd", replicates=1)
    results.manifest["scenario"] = plain_scenario(load_scenario("baseline", changes))
    return list(summary.about_anchors(results, HEADLINES))


@pytest.mark.parametrize(("changes", "year"), [({}, "2020"), ({"known_in": 2016}, "2016")])
def test_levels_that_are_set_to_official_ones_are_named(changes, year):
    """Anchored ones with the last year that is known, then those that are fitted, and inputs."""
    (line,) = about_anchors(**changes)
    anchored, _, others = line.partition(f"({summary.ANCHORED} to {year})")
    for name in ("R&D", "patents granted", "technology contracts"):
        assert name in anchored
    for name, way in (
        ("value_added_secondary", summary.FITTED),
        ("rd_personnel_fte", summary.INPUT),
    ):
        assert f"{name_in_words(name)} ({way})" in others
        assert name_in_words(name) not in anchored


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"start": 2015}, "2011"),
        ({"ensemble": "members"}, "ensemble"),
        ({"parameters.border.goods": 0.5}, "default parameters"),
    ],
)
def test_levels_that_are_not_anchored_are_not_called_so(changes, word):
    (line,) = about_anchors(**changes)
    assert word in line
    assert "test nothing" not in line


def test_which_official_figures_set_a_level():
    """Of growth that an anchor holds all years, of other anchors the last year alone."""
    world = load_world("yrd")
    ways = {
        "rd_expenditure": ("anchored", "anchored"),
        "tech_market_contracts_output": ("anchored", "anchored"),
        "invention_patents_granted": ("", "anchored"),
        "coupling": ("", "anchored"),
        "value_added_secondary": ("fitted", "fitted"),
        "rd_personnel_fte": ("input", "input"),
        "collaboration_index": ("", ""),
        "invention_applications_service_university": ("", ""),
    }
    for name, expected in ways.items():
        assert tuple(summary.set_by(world, name, year) for year in (2015, 2020)) == expected
    before = as_known(world, 2016)  # what came after was not known, and tests what was forecast
    assert summary.set_by(before, "rd_expenditure", 2016) == "anchored"
    assert summary.set_by(before, "rd_expenditure", 2017) == ""
    assert summary.set_by(before, "value_added_secondary", 2017) == ""


def test_a_wide_forecast_past_the_judged_years_is_told_by_its_direction():
    """Up or down from the last official figure of 100, in 2020."""
    cases = {
        (2030, 90.0, 170.0): "130 [90, 170]",  # within a factor of two
        (2030, 110.0, 230.0): "up",
        (2030, 40.0, 95.0): "down",
        (2030, 90.0, 210.0): "unclear",
        (2023, 110.0, 230.0): "170 [110, 230]",  # such errors were judged
        (2024, 110.0, 230.0): "up",
    }
    for (year, low, high), expected in cases.items():
        figures = pd.DataFrame(
            {"indicator": "x", "region": "A", "year": [2020, year], "official": [100.0, math.nan]}
        ).reindex(columns=["indicator", "region", "year", "official", *COLUMNS])
        figures.loc[1, list(COLUMNS[:3])] = [(low + high) / 2.0, low, high]
        assert summary.told_ahead(figures)["forecast"].tolist()[1] == expected
