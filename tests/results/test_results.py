from dataclasses import replace
from functools import partial
from gettext import NullTranslations

import numpy as np
import pandas as pd
import pytest

from tests.support.fake_run import INDICATORS, FailingModel, FakeModel, run, scenario, world
from tests.support.made_sweep import BORDER, make_sweep
from ydsim.errors import ResultsError, UsageError
from ydsim.record.indicators import INDICATORS as ALL
from ydsim.results.results import open_results, status_of
from ydsim.store.contents import adds_up, official_rows
from ydsim.translation import speak
from ydsim.world.loader import load_world


@pytest.fixture(scope="module")
def results():
    return run(None)


def test_names_of_tables(results):
    assert results.tables == [
        "province_year", "city_year", "official", "adoption", "city_series", "generations",
        "series", "runs", "design", "failures", "summary",
    ]  # fmt: skip
    assert "3 of 3 runs, in memory" in repr(results)


def test_province_year(results):
    table = results.table("province_year")
    assert list(table) == [
        "scenario", "point", "replicate", "region", "year", "indicator", "value", "unit",
    ]  # fmt: skip
    assert len(table) == 3 * 3 * (5 + 5 + 4)
    assert set(table["scenario"]) == {"fake"}
    assert set(table["point"]) == {0}
    assert list(dict.fromkeys(table["region"])) == [*world().provinces, "yrd"]
    keys = ["replicate", "indicator", "region", "year"]
    assert not table.duplicated(keys).any()
    assert table["replicate"].is_monotonic_increasing
    first = table[table["replicate"] == 0]
    names = ["rd_expenditure", "rd_intensity", "knowledge"]
    assert list(dict.fromkeys(first["indicator"])) == names
    whole = table[(table["region"] == "yrd")]
    assert "knowledge" not in set(whole["indicator"])


def test_cities_carry_province_and_mark(results):
    table = results.table("city_year")
    assert list(table)[3:] == [
        "region", "year", "indicator", "value", "unit", "province", "prior",
    ]  # fmt: skip
    home = {c: world().provinces[p] for c, p in enumerate(world().city_province.tolist())}
    names = dict(zip(world().city_names, home.values(), strict=True))
    assert all(names[r] == p for r, p in zip(table["region"], table["province"], strict=True))
    assert set(table.loc[table["prior"], "indicator"]) == {"rd_expenditure"}
    assert set(table.loc[~table["prior"], "indicator"]) == {"knowledge"}


def test_other_tables_are_as_recorded(results):
    table = results.table("generations")
    assert list(table)[:4] == ["scenario", "point", "replicate", "generation"]
    assert len(table) == 12
    assert table["key"].dtype == np.uint64
    assert table["key"].iloc[3] == 2**64 - 1
    assert len(results.table("adoption")) == 0
    assert list(results.table("runs")["seed"]) == [7, 7, 7]
    assert list(results.raw("series"))[:4] == ["point", "replicate", "level", "region"]


def test_official_rows_end_with_what_the_world_may_see(results):
    table = results.table("official")
    assert list(table) == ["region", "year", "indicator", "value", "unit"]
    assert set(table["indicator"]) == {"rd_expenditure", "rd_intensity"}
    assert table["year"].max() == world().until
    rd = table[(table["indicator"] == "rd_expenditure") & (table["year"] == 2015)]
    values = dict(zip(rd["region"], rd["value"], strict=True))
    assert values["yrd"] == pytest.approx(sum(values[p] for p in world().provinces))
    assert values["nation"] == 16000.0
    shares = table[table["indicator"] == "rd_intensity"]
    assert "yrd" not in set(shares["region"])


def test_official_figures_stop_at_until():
    short = official_rows(replace(world(), until=2012), INDICATORS, "yrd")
    assert short["year"].max() == 2012


def test_every_official_indicator_of_the_region_has_its_points():
    place = load_world("yrd")
    rows = pd.DataFrame(official_rows(place, ALL, "yrd"))
    units = rows.groupby("indicator")["unit"].agg(set).to_dict()
    assert units == {name: {one.unit} for name, one in ALL.items() if one.official}
    assert len(units) > 10
    wide = rows.pivot(index=["indicator", "year"], columns="region", values="value")
    for name, of in wide.groupby("indicator"):
        whole = of["yrd"].dropna()
        assert len(whole), name
        if adds_up(ALL[name].unit):
            parts = of.loc[whole.index, list(place.provinces)].sum(axis=1, skipna=False)
            assert whole.to_numpy() == pytest.approx(parts.to_numpy()), name


@pytest.mark.parametrize(
    ("unit", "sums"),
    [("100m_rmb", True), ("items", True), ("pct_of_gdp", False), ("per_100_persons", False)],
)
def test_only_amounts_add_up(unit, sums):
    assert adds_up(unit) is sums


def test_rows_name_the_scenario_of_their_point():
    points = {"kind": "list", "points": [{BORDER: 0.2}, {BORDER: 0.5}]}
    results = make_sweep(points, lambda factors, replicate, years: 100.0 + years, replicates=1)
    names = results.contents.points.columns
    names["scenario"] = np.array(["one", "other"], dtype=object)
    table = results.table("province_year")
    assert dict(zip(table["point"], table["scenario"], strict=True)) == {0: "one", 1: "other"}
    results.receipts[0]["done"] += 1
    with pytest.raises(ResultsError, match="table runs has"):
        results.raw("runs")


@pytest.mark.quick(1)
@pytest.mark.parametrize("place", [None, "out"])
def test_columns_are_the_callers_own(place, tmp_path):
    found = run(place and tmp_path / place)
    for name in found.tables:
        before = found.table(name)
        for column in found.columns(name).values():
            column[:] = column[-1:]
        pd.testing.assert_frame_equal(found.table(name), before)


def test_unknown_table_names_the_nearest(results):
    with pytest.raises(UsageError, match=r"provnce_year .* province_year"):
        results.table("provnce_year")
    with pytest.raises(UsageError, match="province_year, city_year, official"):
        results.raw("zzz")


def test_a_table_of_no_finished_run_says_how_to_go_on(tmp_path):
    """Nothing was switched off: exit code 5, and the command that goes on."""

    class Never(FailingModel):
        def step(self):
            raise RuntimeError("never")

    results = run(tmp_path / "r", Never)
    assert results.done == 0
    for name in ("province_year", "series", "ties"):
        with pytest.raises(ResultsError, match=r"ydsim resume .*r$"):
            results.table(name)


def test_points_of_a_list_are_called_by_what_they_set():
    share, start = (f"policies.border_friction.{key}" for key in ("passes", "start"))
    design = {"kind": "list", "points": [{}, {share: 0.3, start: 2012}, {share: 0.5}]}
    found = make_sweep(design, lambda factors, r, years: 1.0 + r + years)
    base, *others = map(found.name_at, range(3))
    assert base == found.manifest["scenario"]["name"]
    assert len({found.hash, *(found.at(point).hash for point in range(3))}) == 4
    short = [one.replace("border_friction.", "") for one in others]
    assert short == ["passes 0.3, start 2012", "passes 0.5"]
    for wrong in (3, "x", None):
        with pytest.raises(UsageError):
            found.name_at(wrong)
    texts = {
        "kind": "grid",
        "factors": {"choice": {"choices": {"Infinity": {}, "nan": {"set": {"scale": 0.01}}}}},
    }
    found = make_sweep(texts, lambda factors, r, years: 1.0 + r + years)
    assert [found.name_at(at).split()[-1] for at in range(2)] == ["Infinity", "nan"]


def test_what_is_read_is_in_the_language_in_use(tmp_path):
    class Marked(NullTranslations):
        def gettext(self, message):
            return f"~{message}"

    results = run(tmp_path / "r", FailingModel)
    with speak(Marked()):
        status = status_of(tmp_path / "r")
        for refused in (partial(results.table, "ties"), partial(results.cube, ["ideas"])):
            with pytest.raises(UsageError, match=r"^~"):
                refused()
        assert all(line.startswith("~") for line in [*status.lines(), status.unfinished])
    assert all("1 failed" in line for line in (status.lines()[0], status.unfinished))


def test_without_cities_there_is_no_city_table(tmp_path):
    class NoCities(FakeModel):
        def tables(self):
            return {"series": super().tables()["series"]}

    results = run(tmp_path / "r", NoCities)
    known = ["province_year", "official", "series", "runs", "design", "failures", "summary"]
    assert results.tables == known


def test_scenario_comes_back_equal(tmp_path):
    changes = {"policies": {"border_friction": {"passes": 0.7, "strength": 0.5}}, "scale": 0.1}
    results = run(tmp_path / "r", changes=changes)
    assert open_results(tmp_path / "r").scenario == scenario(**changes)
    assert results.notes[0] == "replicate 0 is a fake"


def test_bare_name_means_the_folder_results(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "results" / "fake")
    assert str(open_results("fake").path) == "results/fake"
    with pytest.raises(ResultsError, match="other: there is no such"):
        open_results("other")


def test_a_point_of_a_sweep_is_results_of_its_own(results):
    design = {"kind": "list", "points": [{BORDER: 0.2}, {BORDER: 0.5}]}
    sweep = make_sweep(
        design, lambda factors, r, years: 1.0 + factors[BORDER] + r + years,
        replicates=3, failed={(0, 1)}, without={(1, 2)},
    )  # fmt: skip
    every = sweep.cube(["launches"])
    assert sweep.replicates == (0, 1, 2)
    for point, replicates, failures in ((0, (0, 2), 1), (1, (0, 1), 0)):
        alone = sweep.at(point)
        own = alone.cube(["launches"])
        assert own.index.get_level_values("point").unique().tolist() == [0]
        pd.testing.assert_frame_equal(
            own.droplevel("point"), every.xs(point, level="point"), check_index_type=False
        )
        assert alone.replicates == replicates
        assert len(alone.failures) == failures
        assert alone.design["point"].tolist() == [0]
        plain = sweep.scenario_at(point)
        assert alone.manifest["scenario"] == alone.scenario_at(0) == plain
        assert plain["parameters"]["border"]["exposure"] == (0.2, 0.5)[point]
        assert alone.name == sweep.name_at(point) == f"border.exposure {(0.2, 0.5)[point]}"
        table = sweep.table("province_year")
        mine = table[table["point"] == point].drop(columns="point").reset_index(drop=True)
        pd.testing.assert_frame_equal(alone.table("province_year").drop(columns="point"), mine)
    with pytest.raises(UsageError):
        sweep.at(2)
    assert results.at(0) is results


def test_the_name_that_a_point_was_given_is_kept_in_all_tables():
    points = [{BORDER: 0.2}, {BORDER: 0.5}]
    design = {"kind": "list", "points": points, "names": ["", "open"]}
    results = make_sweep(design, lambda _, __, years: np.full(len(years), 5.0), replicates=3)
    for name in ("design", "runs", "series", "summary"):
        found = results.table(name)
        by = found.groupby("point")["scenario"].unique()
        assert [len(each) for each in by] == [1, 1], name
        assert by[1] == ["open"] != by[0], name
