"""Targets: the packaged table, and readings of planted yearly values and of a small run."""

import math
from collections import Counter
from dataclasses import replace
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import ydsim
from ydsim.errors import ResultsError
from ydsim.measures.places import sigma
from ydsim.packaged import rows_of
from ydsim.record.indicators import INDICATORS
from ydsim.store.tables import described
from ydsim.studies.validation import (
    APPLICATIONS,
    EFFECT,
    READINGS,
    RUN,
    counted_applications,
    load_targets,
    simulated,
)
from ydsim.world.loader import load_world

TARGETS = load_targets()
PROVINCES, REGION, YEARS = ("Shanghai", "Anhui", "Jiangsu"), "yrd", range(2012, 2018)
LEVELS = {"Shanghai": 4.0, "Anhui": 1.0, "Jiangsu": 2.0, REGION: 7.0}


def planted():
    """Runs in which Anhui grows by .1 a year, the others by .05, and `coinventions` is half."""
    rows = []
    for replicate, place, year in product(range(2), LEVELS, YEARS):
        rate = 0.1 if place == "Anhui" else 0.05
        value = (1 + replicate) * LEVELS[place] * math.exp(rate * (year - 2012))
        rows.append((0, replicate, place, year, value, value / 2.0))
    index = ["point", "replicate", "place", "year"]
    frame = pd.DataFrame(rows, columns=[*index, "inventions", "coinventions"]).set_index(index)
    manifest = {"regions": [*PROVINCES, REGION], "indicators": {name: {} for name in frame}}
    return SimpleNamespace(
        done=2, manifest=manifest, tables=[], cube=lambda names, **_: frame[names]
    )


def target(reading, place="", over="", years=(2012, 2017), indicator="inventions"):
    return replace(
        TARGETS[0],
        name=reading,
        reading=reading,
        place=place,
        over=over,
        years=years,
        indicator=indicator,
    )


SD = float(np.std([math.log(4.0), 0.0, math.log(2.0)]))
LATER = float(np.std([math.log(4.0) + 0.25, 0.5, math.log(2.0) + 0.25]))


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (target("level", years=(2012, 2012)), (math.log(7.0), math.log(14.0))),
        (target("mean", "Anhui", years=(2012, 2013)), ((1 + math.exp(0.1)) / 2, 1 + math.exp(0.1))),
        (target("share", over="inventions", indicator="coinventions"), (0.5, 0.5)),
        (target("share", "Shanghai", "@", (2012, 2012)), (4 / 7, 4 / 7)),
        (target("growth"), (0.05, 0.05)),
        (target("growth", "Anhui", "@Jiangsu"), (0.05, 0.05)),
        (target("change", "Anhui"), (math.exp(0.5) - 1.0, 2.0 * (math.exp(0.5) - 1.0))),
        (target("spread", years=(2012, 2012)), (SD, SD)),
        (target("divergence"), (LATER - SD, LATER - SD)),
        (target("behind", "Anhui"), (math.log(2.0) - 0.25,) * 2),
        (target("growth", years=(2012, 2018)), (math.nan, math.nan)),
        (target("share", over="launches"), (math.nan, math.nan)),
        (target("level", "Elsewhere"), (math.nan, math.nan)),
        (target(EFFECT), (math.nan, math.nan)),
    ],
)
def test_a_reading_of_planted_values(of, expected):
    found = simulated(planted(), [of])
    assert list(found.index) == [(0, 0), (0, 1)]
    np.testing.assert_allclose(found[of.name], expected, atol=1e-12)


def test_without_a_finished_run_there_is_one_line():
    none = planted()
    none.done, none.path = 0, "results/none"
    with pytest.raises(ResultsError, match="results/none"):
        simulated(none, TARGETS)


def test_the_table_is_whole():
    assert len({of.name for of in TARGETS}) == len(TARGETS)
    assert {of.reading for of in TARGETS} == {*READINGS, EFFECT}
    weights = {(of.family, of.weight) for of in TARGETS}
    assert max(Counter(family for family, _ in weights).values()) == 1
    for of in TARGETS:
        assert of.low < of.high, of.name
        assert of.tolerance > 0.0, of.name
        assert math.isnan(of.value) or of.low <= of.value <= of.high, of.name
        assert of.place in ("", "Shanghai", "Jiangsu", "Zhejiang", "Anhui"), of.name
        assert 2011 <= of.years[0] <= of.years[1] <= 2020, of.name
        assert of.source, of.name
        table, _, rest = of.indicator.partition(".")
        known = (
            of.reading == EFFECT
            or of.indicator in INDICATORS
            or table in ("crossing", "cities", "flows")
        )
        assert known or {*rest.split(".")} & {*described()[table].columns}, of.name


def test_levels_of_official_figures_are_anchored_and_read_from_them():
    series = load_world("yrd").series
    levels = {of.name: of for of in TARGETS if of.reading == "level" and not of.over}
    for name in ("rd_expenditure", "sci_papers", "invention_patents_granted"):
        of = levels[f"{name}.level"]
        figures = [series[name].at(year)[:-1].sum() for year in range(2015, 2018)]
        assert of.value == pytest.approx(math.log(np.mean(figures)))
        assert of.anchored
        ends = of.value - of.low, of.high - of.value
        assert ends == pytest.approx((2.0 * of.tolerance,) * 2)


@pytest.mark.slow
def test_targets_of_a_world_as_it_was_known_hold_nothing_later():
    then = {of.name: of for of in load_targets(load_world("yrd", until=2017))}
    assert all(of.years[1] <= 2017 or of.reading == EFFECT for of in then.values())
    kept = [of for of in TARGETS if of.years[1] <= 2017 or of.reading == EFFECT]
    assert repr(kept) == repr([*then.values()])
    assert not any(of.reading == EFFECT for of in load_targets("synthetic"))
    assert {of.source for of in load_targets("synthetic")} == {"provinces.csv"}


def of_cities(powers):
    """Runs whose cities apply as in 2011-13, to a power until 2013 and to another from 2014 on."""
    counted, rows = counted_applications(), {}
    for replicate, (early, late) in enumerate(powers):
        for year in range(2011, 2017):
            power = early if year < 2014 else late
            rows[0, replicate, year] = counted.loc[[2011, 2012, 2013]].mean() ** power
    frame = pd.DataFrame(rows.values(), index=pd.MultiIndex.from_tuples(rows))
    frame = frame.assign(Bozhou=1e9).rename_axis(columns="place").rename_axis([*RUN, "year"])
    long = frame.stack().rename(APPLICATIONS).to_frame()
    runs = planted()
    other, runs.tables = runs.cube, ["city_year"]
    runs.cube = lambda names, by="province", **of: long if by == "city" else other(["inventions"])
    return runs


def test_patterns_of_cities_are_read_of_the_file_and_of_runs_without_the_city_that_lacks():
    table = pd.DataFrame(rows_of("ydsim.studies", "counted/city_applications.csv"))
    table = table[(table["city"] != "Bozhou") & (table["publication_year"] > "2011")]
    table["a"] = table["invention_applications"].astype(float)
    early, late = (
        table[table["publication_year"].isin(years)].groupby(["city", "province"])["a"].mean()
        for years in (("2012", "2013", "2014"), ("2015", "2016", "2017"))
    )
    assert len(late) == 40
    home = late.index.get_level_values("province").factorize()[0]
    known = {of.name: of.value for of in TARGETS if of.family == "applications of cities"}
    assert known == pytest.approx({
        "cities.spread": sigma(late),
        "cities.divergence": sigma(late) - sigma(early),
        "cities.inside": sigma(late, home, 4),
        "cities.largest": late.nlargest(5).sum() / late.sum(),
    })  # fmt: skip
    assert [*known.values()] == pytest.approx([1.071, -0.130, 0.961, 0.477], abs=1e-3)
    ours = [of for of in TARGETS if of.name in known]
    found = simulated(of_cities([(1.0, 1.0), (1.0, 0.5)]), ours)
    assert found["cities.spread"].to_list() == pytest.approx([sigma(early), sigma(early) / 2.0])
    assert found["cities.divergence"].to_list() == pytest.approx([0.0, -sigma(early) / 2.0])
    inside = sigma(early, home, 4)
    assert found["cities.inside"].to_list() == pytest.approx([inside, inside / 2.0])
    assert found["cities.largest"][0, 0] == pytest.approx(early.nlargest(5).sum() / early.sum())
    without = simulated(planted(), [target("level"), *ours])
    assert without[[*known]].isna().all(axis=None)


def test_counted_applications_moved_by_a_year_fit_official_ones_best():
    table = pd.DataFrame(rows_of("ydsim.studies", "counted/city_applications.csv"))
    table["a"] = pd.to_numeric(table["invention_applications"])
    sums = table.groupby(["publication_year", "province"])["a"].sum()
    series, gaps = load_world("yrd").series["invention_patent_applications"], []
    for lag in range(3):
        official = {
            (str(year + lag), place): series.at(year)[p]
            for year in range(2011, 2018 - lag)
            for p, place in enumerate(("Shanghai", "Jiangsu", "Zhejiang", "Anhui"))
        }
        logs = np.log([sums[cell] / value for cell, value in official.items()])
        gaps.append(float(np.sqrt(np.mean(logs**2))))
    assert gaps == pytest.approx([0.348, 0.089, 0.307], abs=1e-3)


def test_a_misfit_counts_tolerances_from_the_value_or_from_the_range():
    valued = replace(TARGETS[0], value=1.0, low=0.5, high=2.0, tolerance=0.25)
    ranged = replace(valued, value=math.nan)
    x = np.array([0.0, 1.0, 1.5, 3.0, math.nan])
    np.testing.assert_allclose(valued.misfit(x), [4.0, 0.0, 2.0, 8.0, math.nan])
    np.testing.assert_allclose(ranged.misfit(x), [2.0, 0.0, 0.0, 4.0, math.nan])


@pytest.mark.slow
def test_links_and_cities_of_a_run_are_read_as_their_tables_say(tmp_path):
    laid = {"scale": 0.002, "end": 2017, "replicates": 2, "parameters.population.burn_in": 8}
    results = ydsim.simulate("plain", laid, out=tmp_path / "run")
    found = simulated(results, TARGETS)
    networks = results.table("networks").query("channel == 'co-invention'")
    for replicate, rows in networks.groupby("replicate"):
        density = rows.set_index("year")["density_expected"].loc[2011:2017].mean()
        assert found["density"].loc[0, replicate] == pytest.approx(density)
    ties = results.table("ties").query("channel == 'co-invention' and 2015 <= year <= 2017")
    ties = ties.query("from_city != 'outside' and to_city != 'outside' and replicate == 1")
    world = load_world("yrd")
    of = dict(zip(world.city_names, world.city_province.tolist(), strict=True))
    crossing = ties[ties["from_city"].map(of) != ties["to_city"].map(of)]
    mine = (crossing["from_city"] == "Shanghai") | (crossing["to_city"] == "Shanghai")
    share = crossing.loc[mine, "realised"].sum() / crossing["realised"].sum()
    assert found["shanghai_part"].loc[0, 1] == pytest.approx(share)
    pioneer = results.table("pioneer").query("replicate == 1 and region == 'Shanghai'")
    shares = pioneer.set_index("year")["first_share"].loc[2012:2013]
    of = next(of for of in TARGETS if of.name == "diffusion.hierarchy")
    of = replace(of, years=(2012, 2013), indicator="pioneer.first_share")
    assert simulated(results, [of]).loc[(0, 1)].item() == pytest.approx(shares.mean())
    distance = results.table("diffusion_distance").query("replicate == 1 and year == 2012")
    times = distance.set_index("distance")["t10"]
    early = [
        replace(of, years=(2012, 2012)) for of in TARGETS if of.name.startswith("diffusion.home")
    ]
    ratio = times["to 100 km"] / times["own city"]
    assert simulated(results, early).loc[(0, 1)].item() == pytest.approx(ratio, nan_ok=True)
    later = [of.name for of in TARGETS if of.years[1] > 2017]
    assert found[later].isna().all(axis=None)
    read = [of.name for of in TARGETS if of.train and of.reading != EFFECT and of.years[1] <= 2017]
    assert found[read].notna().any().mean() > 0.9
