"""Other regions: Beijing, Tianjin and Hebei, provinces of China by name, versions of data."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from ydsim.errors import UsageError
from ydsim.packaged import rows_of
from ydsim.policies.places import ScienceCentres
from ydsim.scenario.load import load_scenario
from ydsim.world import loader, nation
from ydsim.world.folders import check_folder, new_world
from ydsim.world.loader import PACKAGED, data_versions, load_world

JJJ = Path(loader.__file__).parent / "data" / "jjj"
WHERE = {"Beijing": 1, "Tianjin": 1, "Hebei": 11}


@pytest.fixture(scope="module")
def jjj():
    return load_world("jjj")


def sums(world, values, year):
    column = year - int(world.years[0])
    return np.bincount(world.city_province, weights=values[:, column])


def test_the_region_has_its_places(jjj):
    assert dict(zip(jjj.provinces, np.bincount(jjj.city_province), strict=True)) == WHERE
    assert np.count_nonzero(np.triu(jjj.distance_km)) == 78
    assert (len(jjj.university_names), jjj.university_first_class.sum()) == (270, 40)
    assert (jjj.label, jjj.total) == ("Beijing-Tianjin-Hebei", "jjj")
    assert jjj.base_run is None


@pytest.mark.parametrize("year", [2018, 2020, 2023])
def test_cities_sum_to_their_provinces(jjj, year):
    official = jjj.series["gdp_alt"].at(year)[:3]
    np.testing.assert_allclose(sums(jjj, jjj.city_gdp, year), official, rtol=0.01)
    if year >= 2020:
        people = jjj.series["population_resident_year_end"].at(year)[:3]
        np.testing.assert_allclose(sums(jjj, jjj.city_population, year), people, rtol=0.002)


@pytest.mark.parametrize("year", [2011, 2015, 2020])
def test_activities_and_payers_sum_to_research(jjj, year):
    def at(*names):
        return np.sum([jjj.series[name].at(year)[:3] for name in names], axis=0)

    total = at("rd_expenditure")
    kinds = at("rd_basic_research", "rd_applied_research", "rd_experimental_development")
    np.testing.assert_allclose(kinds, total, rtol=0.003)
    payers = at("rd_funds_enterprise", "rd_funds_government", "rd_funds_foreign")
    assert ((payers < total) & (payers > 0.9 * total)).all()


def test_printed_totals(jjj):
    def region(name, year):
        return jjj.series[name].at(year)[:3].sum()

    assert region("rd_expenditure", 2019) == pytest.approx(3261.4, rel=0.002)
    sold = "tech_market_contract_value_output"
    printed = {2014: 3584.0, 2019: 7000.4, 2020: 7987.8}
    for year, value in printed.items():
        assert region(sold, year) == pytest.approx(value, rel=0.01)


def test_outcomes_end_in_2020(jjj):
    for name, series in jjj.series.items():
        assert series.kind == "input" or series.years[-1] <= 2020, name


def test_firms_institutes_and_industries_follow_published_figures(jjj):
    rd, paid = (jjj.series[n] for n in ("rd_funds_enterprise", "rd_funds_government"))
    assert jjj.firms.tolist() == [round(76 * v) for v in rd.at(2011)[:3]]
    labs = np.bincount(jjj.city_province[jjj.institute_city])
    assert labs.tolist() == [int(0.23 * v + 0.5) for v in paid.at(2015)[:3]]
    sold = jjj.series["hitech_industry_revenue"].at(2011)[:3]
    high = 0.114 + 0.229 * sold / sums(jjj, jjj.city_secondary, 2011)
    np.testing.assert_allclose(jjj.industry_profile[:, jjj.industry_hitech].sum(axis=1), high)
    np.testing.assert_allclose(jjj.industry_profile.sum(axis=1), 1.0)
    others = jjj.industry_profile[:, ~jjj.industry_hitech]
    whole = jjj.industry_share[~jjj.industry_hitech]
    np.testing.assert_allclose(
        others / others.sum(axis=1, keepdims=True), [whole / whole.sum()] * 3
    )


def test_the_rule_of_industries_meets_the_profiles_that_were_judged(yrd):
    column = 2011 - int(yrd.years[0])
    made = np.bincount(yrd.city_province, weights=yrd.city_secondary[:, column])
    rule = 0.114 + 0.229 * yrd.series["hitech_industry_revenue"].at(2011)[:4] / made
    judged = yrd.industry_profile[:, yrd.industry_hitech].sum(axis=1)
    np.testing.assert_allclose(rule, judged, atol=0.02)


def test_members_are_those_of_the_delta():
    assert (JJJ / "members.csv").read_bytes() == (JJJ.parent / "yrd" / "members.csv").read_bytes()


def test_the_scenario_names_places_of_the_region():
    scenario = load_scenario("jjj")
    assert scenario.world == "jjj"
    centres = scenario.policies["huairou_science_centre"]
    assert isinstance(centres, ScienceCentres)
    assert centres.target.cities == ("Beijing",)
    cities = load_world("jjj").city_names
    assert set(scenario.policies["coordinated_development"].schedule) == set(cities)


# -- provinces by name -----------------------------------------------------------------------------


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("world", ["yrd", "jjj"])
def test_figures_are_those_of_the_packaged_regions(world):
    folder = load_world(world)
    of = {name: nation._figures()[name] for name in folder.provinces}
    compared = 0
    for indicator in ("rd_expenditure", "rd_personnel_fte", "sci_papers", "gdp_alt"):
        for p, name in enumerate(folder.provinces):
            for year, cell in of[name][indicator].items():
                ours = folder.series[indicator].at(year)[p]
                if np.isfinite(ours):
                    assert float(cell) == pytest.approx(ours, rel=1e-4), (name, indicator, year)
                    compared += 1
    assert compared > 100


def test_a_folder_begins_with_official_figures(tmp_path):
    new_world(tmp_path / "two", "national", ("Sichuan", "Chongqing"))
    world = load_world(tmp_path / "two")
    assert (world.provinces, world.city_names) == (
        ("Chongqing", "Sichuan"),
        ("Chongqing", "Chengdu"),
    )
    assert world.series["rd_expenditure"].at(2020)[:2].tolist() == [526.8, 1055.3]
    assert world.series["rd_expenditure"].at(2020)[2] == pytest.approx(24393.1, abs=0.1)
    assert world.assumed == ()
    found = check_folder(tmp_path / "two")
    assert not found.problems
    assert "83.7 million residents" in "".join(found.notes)
    assert {row["indicator"] for row in rows((tmp_path / "two/provinces.csv").read_text())} >= {
        "value_added_secondary", "tech_market_contract_value_output", "heis_students",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Sichuan", "Chongqin"), "did you mean 'Chongqing'?"),
        (("Sichuan", "Guizhou"), "^Guizhou: no value added"),
        ((), "name the provinces"),
    ],
)
def test_too_little_is_known(tmp_path, names, said):
    with pytest.raises(UsageError, match=said):
        new_world(tmp_path / "x", "national", names)
    assert not (tmp_path / "x").exists()


def test_seventeen_of_thirty_one_can_begin_a_world():
    every = nation.names()
    whole = [name for name in every if not nation.lacks(name)]
    assert (len(every), len(whole)) == (31, 17)
    capitals = rows_of("ydsim.world", "data/national31/capitals.csv")
    assert [row["province"] for row in capitals] == list(every)


# -- versions of data ------------------------------------------------------------------------------


def test_each_packaged_world_has_a_version_that_is_raised_with_its_tables():
    digests = {name: load_world(name).digest for name in PACKAGED}
    assert set(data_versions(digests)) == set(PACKAGED), "raise the version in versions.csv"
    assert data_versions({"yrd": "0" * 64, "mine": digests["yrd"]}) == {}
