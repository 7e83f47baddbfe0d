import csv

import numpy as np
import pandas as pd
import pytest

from tests.support.worlds import YRD
from ydsim.errors import InputError
from ydsim.world.loader import load_observations, load_world
from ydsim.world.tables import great_circle_km


def test_counts(yrd):
    assert yrd.provinces == ("Shanghai", "Jiangsu", "Zhejiang", "Anhui")
    assert np.bincount(yrd.city_province).tolist() == [1, 13, 11, 16]
    assert list(yrd.city_codes) == sorted(yrd.city_codes)
    assert np.count_nonzero(np.triu(yrd.distance_km)) == 820
    assert len(yrd.university_names) == 457
    assert yrd.relevance.shape == (10, 10)
    assert len(set(yrd.city_keys.tolist())) == 41
    assert len(set(yrd.university_keys.tolist())) == 457


def test_double_first_class_lacks_only_the_one_outside_the_civil_list(yrd):
    listed = np.bincount(yrd.city_province[yrd.university_city], weights=yrd.university_first_class)
    official = yrd.series["double_first_class_universities"].values[:4, -1]
    assert official.sum() == 37
    assert (official - listed).tolist() == [1.0, 0.0, 0.0, 0.0]


@pytest.mark.parametrize("year", [2020, 2021, 2022, 2023])
def test_city_population_sums_to_the_province(yrd, year):
    column = year - int(yrd.years[0])
    cities = np.bincount(yrd.city_province, weights=yrd.city_population[:, column])
    official = yrd.series["population_resident_year_end"].at(year)[:4]
    np.testing.assert_allclose(cities, official, rtol=0.002)


@pytest.mark.parametrize("year", [2019, 2020, 2021, 2022, 2023])
def test_city_gdp_sums_to_the_province(yrd, year):
    column = year - int(yrd.years[0])
    cities = np.bincount(yrd.city_province, weights=yrd.city_gdp[:, column])
    np.testing.assert_allclose(cities, yrd.series["gdp_alt"].at(year)[:4], rtol=0.018)


def test_secondary_value_added(yrd):
    column = 2020 - int(yrd.years[0])
    assert yrd.city_secondary[:, column].sum() == pytest.approx(98_121.6, abs=0.1)
    assert np.isnan(yrd.city_secondary[:, 2024 - int(yrd.years[0])]).all()
    assert not np.isnan(yrd.city_secondary[:, :-1]).any()


def test_the_gap_of_huainan_is_interpolated_in_logs(yrd):
    line = yrd.city_secondary[yrd.city_names.index("Huainan")]
    before, gap, after = line[2021 - 2005], line[2022 - 2005], line[2023 - 2005]
    assert gap == pytest.approx(np.sqrt(before * after))
    assert (before, after) == (594.88, 657.6)


def test_distances_are_great_circles(yrd):
    computed = great_circle_km(yrd.latitude, yrd.longitude)
    np.testing.assert_allclose(yrd.distance_km, computed, atol=0.06)
    assert (yrd.distance_km == yrd.distance_km.T).all()


def test_assumed_tables(yrd):
    for rows in (yrd.relevance, yrd.industry_profile, yrd.industry_share[None, :]):
        np.testing.assert_allclose(rows.sum(axis=1), 1.0, atol=1e-12)
    assert yrd.relevance.min() >= 0.01
    column = 2011 - int(yrd.years[0])
    weight = np.bincount(yrd.city_province, weights=yrd.city_secondary[:, column])
    mean = (yrd.industry_profile * weight[:, None]).sum(axis=0) / weight.sum()
    np.testing.assert_allclose(mean, yrd.industry_share, atol=0.008)
    assert yrd.firms.tolist() == [33_000, 54_000, 39_000, 24_000]
    factors = [factor for _, _, factor in yrd.clusters]
    assert 1.5 <= min(factors) <= max(factors) <= 3.0


def test_institutes(yrd):
    province = yrd.city_province[yrd.institute_city]
    assert np.bincount(province).tolist() == [64, 46, 24, 16]
    for p in range(4):
        assert yrd.institute_weight[province == p].mean() == pytest.approx(1.0)
    per_city = np.bincount(yrd.institute_city, minlength=41)
    claims = [yrd.city_names.index(name) for name in ("Nanjing", "Suzhou", "Xuzhou", "Suqian")]
    assert per_city[claims].tolist() == [27, 4, 3, 0]  # claims 74, 12, 9, 1 of 125 on 46
    assert yrd.institute_weight[province == 1][[0, 3]].tolist() == pytest.approx(
        [yrd.institute_weight[province == 1].max(), yrd.institute_weight[province == 1].max() / 2]
    )
    assert len(set(yrd.institute_keys.tolist())) == 150


def test_until_cuts_outcomes_and_only_outcomes():
    early = load_world("yrd", until=2015)
    for name, series in early.series.items():
        if series.kind == "outcome":
            assert series.years[-1] <= 2015, name
    assert early.series["rd_expenditure"].years[-1] == 2015
    assert early.series["gdp_alt"].years[-1] == 2023
    assert early.series["public_budget_science_technology"].years[-1] == 2023
    assert early.series["mobile_phone_penetration"].kind == "outcome"
    assert max(y for _, y, _ in early.known_city_rd) == 2015
    assert "state_key_labs_university_institute" not in early.series
    assert max(o.year for o in load_observations("yrd", until=2015)) == 2015


def test_kinds(yrd):
    inputs = {name for name, series in yrd.series.items() if series.kind == "input"}
    assert inputs == {
        "bank_deposits", "bank_loans", "double_first_class_universities", "gdp", "gdp_alt",
        "heis_regular", "heis_regular_geocoded_count", "heis_regular_undergraduate",
            "heis_students",
        "population_resident_year_end", "public_budget_science_technology",
        "public_budget_total", "value_added_primary", "value_added_secondary",
        "value_added_tertiary",
    }  # fmt: skip
    secondary = yrd.series["value_added_secondary"]
    assert secondary.at(2015)[1] == pytest.approx(33_372, abs=1)


@pytest.mark.slow
def test_value_added_of_provinces_is_printed_or_else_the_sum_of_cities(yrd, folder):
    """In a year without a figure it has the growth of the sum, without any it is the sum."""
    path = folder / "provinces.csv"
    table = pd.read_csv(path, dtype=str)
    rows = table["indicator"] == "value_added_secondary"
    drop = rows & ((table["region"] == "Anhui") | (table["year"] == "2015"))
    table[~drop].to_csv(path, index=False)
    found = load_world(folder).series["value_added_secondary"]
    cities = np.array([
        np.bincount(yrd.city_province, weights=yrd.city_secondary[:, y - 2005])
        for y in (2014, 2015, 2016)
    ]).T  # fmt: skip
    known = np.array([found.at(y)[:-1] for y in (2014, 2015, 2016)]).T
    np.testing.assert_allclose(known[yrd.provinces.index("Anhui")], cities[3])
    ratio = known / cities
    np.testing.assert_allclose(ratio[:, 1], np.sqrt(ratio[:, 0] * ratio[:, 2]))
    whole = yrd.series["value_added_secondary"].at(2014)[:3]
    np.testing.assert_allclose(known[:3, 0], whole)


@pytest.mark.slow
def test_digest_tells_content_and_until(folder):
    fitted = load_world(folder)
    (folder / "base_run.json").unlink()
    same = load_world(folder)
    assert fitted.digest != same.digest == load_world("yrd").digest  # a folder with its fit
    assert same.digest != load_world(folder, until=2019).digest
    path = folder / "cities.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_world(folder).digest == same.digest
    path.write_text(
        path.read_text(encoding="utf-8-sig").replace("31.2222", "31.2223"), encoding="utf-8"
    )
    assert load_world(folder).digest != same.digest


def test_copies_are_apart():
    other = load_world("yrd")
    del other.series["gdp"]
    assert "gdp" in load_world("yrd").series


def test_order_of_rows_and_columns_is_free(folder):
    for name in ("cities.csv", "city_pairs.csv", "provinces.csv", "relevance.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([r[::-1] for r in [rows[0], *rows[:0:-1]]])
    world, original = load_world(folder), load_world("yrd")
    assert world.city_names == original.city_names
    assert (world.distance_km == original.distance_km).all()
    assert (world.relevance[::-1].sum(axis=1)).all()
    assert (world.series["gdp"].values[:, 0] == original.series["gdp"].values[:, 0]).all()


def test_optional_files_may_be_absent(folder):
    for name in (
        "city_pairs.csv",
        "rail_hours.csv",
        "rail_openings.csv",
        "clusters.csv",
        "cities_innovation.csv",
        "targets.csv",
        "collab.csv",
        "collab_index.csv",
        "diffusion.csv",
        "sources.csv",
    ):
        (folder / name).unlink()
    world = load_world(folder)
    np.testing.assert_allclose(world.distance_km, load_world("yrd").distance_km, atol=0.06)
    assert world.clusters == () == world.known_city_rd
    assert load_observations(folder) == ()


def test_observations():
    found = load_observations("yrd")
    targets = [o for o in found if o.file == "targets.csv"]
    assert len(targets) == 104
    index = {(o.year, o.name): o.value for o in found if o.file == "collab_index.csv"}
    assert index[2012, "total"] == 103.38
    assert load_observations("synthetic") == ()


@pytest.mark.parametrize("figure", ["1030000", "1e-300"])
def test_growth_of_firms_that_no_province_has_is_refused(folder, figure):
    """A wrong digit would fill the memory with firms."""
    file = folder / "provinces.csv"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    (k,) = (k for k, line in enumerate(lines) if "hitech_industry_firms" in line
            and "Shanghai" in line and ",2012," in line)  # fmt: skip
    lines[k] = lines[k].replace(",1030.0", f",{figure}", 1)
    file.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match=r"provinces\.csv: .*hitech_industry_firms.*Shanghai"):
        load_world(folder)


def test_a_file_that_is_read_no_more_is_refused(folder):
    (folder / "firm_counts.csv").write_text("region,year,indicator,value\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"hitech_industry_firms of provinces\.csv") as refused:
        load_world(folder)
    assert len(refused.value.problems) == 1


def test_every_packaged_file_has_a_source():
    made = {"README.md", "sources.csv", "base_run.json", "measures.json", "trends.json"}
    made |= {"members.csv"}
    with (YRD / "sources.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    covered = {name for row in rows for name in row["files"].split(";")}
    present = {path.name for path in YRD.iterdir()}
    assert present - covered <= made
    assert covered <= present
    readme = (YRD / "README.md").read_text(encoding="utf-8")
    assert "GeoNames" in readme
    assert {name for name in present if f"`{name}`" not in readme} == {"README.md"}
    ids = {row["source_id"] for row in rows}
    with (YRD / "provinces.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["source_id"] for row in csv.DictReader(stream)} <= ids
