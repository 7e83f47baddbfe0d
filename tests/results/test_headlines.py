"""Headline figures of a run: medians and ranges of the tables, beside official figures."""

import numpy as np
import pandas as pd
import pytest

from tests.support.fake_run import FailingModel, run, world
from tests.support.made import make_results
from ydsim.record.indicators import INDICATORS
from ydsim.results.summary import HEADLINES, compare_official
from ydsim.results.summary import figures_as_text as as_text


def test_figures_stand_beside_official_ones():
    results = run(None)
    figures = compare_official(results)
    assert set(figures["indicator"]) == {"rd_expenditure"}
    assert list(dict.fromkeys(figures["region"])) == ["yrd", *world().provinces]
    table = results.table("province_year").set_index(["indicator", "region", "year"])
    values = table.loc[("rd_expenditure", "yrd", 2015), "value"].to_numpy()
    first = figures[figures["year"] == 2015].iloc[0]
    assert (first["n"], first["official"]) == (3, 4000.0)
    assert (first["median"], first["low"], first["high"]) == pytest.approx(
        (np.median(values), values.min(), values.max())
    )
    text = as_text(results, figures)
    assert f"{np.median(values):.0f} (" in text
    assert "4,000" in text


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
    figures = compare_official(make_results(start=start, end=end, official_until=known))
    mine = figures[figures["indicator"] == "rd_expenditure"]
    assert sorted(set(mine["year"])) == years
    late = mine[mine["projection"]]
    assert set(late["year"]) == {year for year in years if start <= known < year}
    assert late["official"].isna().all()


def test_headlines_are_official_indicators_of_the_model():
    assert all(INDICATORS[name].official for name in HEADLINES)


def test_figures_without_an_official_one_keep_their_row(monkeypatch):
    results = run(None)
    table = results.columns("official")
    none = {name: column[:0] for name, column in table.items()}
    monkeypatch.setattr(results, "columns", lambda name: none)
    found = compare_official(results)
    assert len(found)
    assert found["official"].isna().all()
    assert not found["projection"].any()
    assert "official" not in as_text(results, found)


def test_one_replicate_has_no_range():
    results = run(None, changes={"replicates": 1})
    figures = compare_official(results)
    assert figures["low"].isna().all()
    assert "(" not in as_text(results, figures).splitlines()[-1]


def test_text_says_scenario_and_scale():
    results = make_results()
    head = as_text(results, compare_official(results)).splitlines()[0]
    assert results.name in head
    assert f"{results.manifest['scenario']['scale']:g}" in head
    assert "3 replicates" in head


def test_nothing_finished_gives_no_figures(tmp_path):
    class AllFail(FailingModel):
        def step(self):
            raise ValueError("no")

    results = run(tmp_path / "r", AllFail)
    assert len(results.failures) == 3
    assert (results.done, results.left, results.replicates) == (0, 0, ())
    figures = compare_official(results)
    assert isinstance(figures, pd.DataFrame)
    assert as_text(results, figures) == ""
