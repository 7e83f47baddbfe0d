"""Recorded hours between cities: what the file holds, what holds in which year, what is refused."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.support.relabelled import relabel_provinces
from tests.support.worlds import YRD
from ydsim.errors import InputError
from ydsim.world.folders import check_folder, new_world
from ydsim.world.loader import load_world
from ydsim.world.tables import hours_missing, record_of
from ydsim.world.world import World

HAND = (
    (2010, "Shanghai", "Nanjing", 1.537),
    (2010, "Shanghai", "Xuzhou", 4.569),
    (2020, "Shanghai", "Nanjing", 1.537),
    (2024, "Shanghai", "Nanjing", 1.329),
    (2012, "Hefei", "Bengbu", 0.611),
    (2012, "Nanjing", "Hangzhou", 2.594),
    (2013, "Nanjing", "Hangzhou", 1.079),
    (2012, "Hangzhou", "Ningbo", 2.624),
    (2013, "Hangzhou", "Ningbo", 0.683),
)
"""Read off rail_hours.csv; the lines between the last two pairs opened on 1 July 2013."""
GIVEN = "year,city_i,city_j,hours"


def hours_of(world: World, year: int, one: str, other: str) -> float:
    a, b = world.city_names.index(one), world.city_names.index(other)
    return float(world.rail_hours[world.rail_years.tolist().index(year), a, b])


def rows() -> list[dict[str, str]]:
    with (YRD / "rail_hours.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(("year", "one", "other", "hours"), HAND)
def test_hours_of_pairs_read_by_hand(yrd, year, one, other, hours):
    assert hours_of(yrd, year, one, other) == pytest.approx(hours, abs=1e-9)
    assert hours_of(yrd, year, other, one) == hours_of(yrd, year, one, other)


def test_hours_never_rise_and_fall_where_lines_open(yrd):
    assert yrd.rail_hours is not None
    fall = -np.diff(yrd.rail_hours, axis=0)
    assert (fall >= 0.0).all()
    with (YRD / "rail_openings.csv").open(encoding="utf-8", newline="") as stream:
        opened = list(csv.DictReader(stream))
    assert len(opened) == 43
    place = {name: c for c, name in enumerate(yrd.city_names)}
    for year in range(2011, 2025):
        own = [r["cities"].split(";") for r in opened if r["opened"].startswith(str(year))]
        seats = [place[name] for cities in own if len(cities) > 1 for name in cities]
        assert fall[year - 2011].any() == bool(seats), year
        if seats:
            assert fall[year - 2011][seats].sum() > 0.0


def test_a_record_holds_from_the_year_after_its_own():
    years = np.array([2010, 2011, 2013], dtype=np.int64)
    at = {2005.0: 0, 2010.0: 0, 2010.75: 0, 2011.0: 0, 2011.75: 0, 2012.0: 1, 2013.75: 1,
          2014.0: 2, 2014.5: 2, 2040.0: 2}  # fmt: skip
    assert {year: record_of(years, year) for year in at} == at


def test_hours_travel_with_the_places(yrd):
    moved = relabel_provinces(yrd, (2, 0, 3, 1))
    for year, one, other, _ in HAND:
        assert hours_of(moved, year, one, other) == hours_of(yrd, year, one, other)
    assert moved.city_names != yrd.city_names


@pytest.fixture
def small(tmp_path):
    """Return a function that writes a folder with the given rows of rail_hours.csv."""
    new_world(tmp_path / "mine", provinces=("North", "South"), cities=2)

    def write(*lines: str, header: str = GIVEN) -> Path:
        text = "\n".join((header, *lines)) + "\n"
        (tmp_path / "mine" / "rail_hours.csv").write_text(text, encoding="utf-8")
        return tmp_path / "mine"

    return write


FAULTS = {
    "unknown city": ("2010,North 1,Suoth 1,2", ":2: city_j: 'Suoth 1' is no city name of "
                     "cities.csv; did you mean 'South 1'?"),
    "itself": ("2010,North 1,North 1,2", ":2: city_j: North 1 - North 1 pairs a city with itself"),
    "minutes": ("2010,North 1,South 1,300", ":2: hours: 300 must be at most 240"),
    "twice": ("2010,North 1,South 1,2\n2010,South 1,North 1,2",
              ":3: city_j: pair South 1 - North 1 appears twice in 2010"),
    "not symmetric": ("2010,North 1,South 1,2\n2010,South 1,North 1,3", ":3: hours: South 1 - "
                      "North 1 has 3 here and 2 above in 2010: not symmetric"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_file_gives_one_clear_line(small, name):
    text, line = FAULTS[name]
    folder = small(text)
    with pytest.raises(InputError) as caught:
        load_world(folder)
    assert caught.value.problems == (f"{folder}/rail_hours.csv{line}",)


def test_a_pair_that_is_missing_is_said(small):
    folder = small("2010,North 1,South 1,2", "2012,North 1,South 1,1.5", "2012,North 2,South 2,4")
    world = load_world(folder)
    assert world.rail_years.tolist() == [2010, 2012]
    assert np.isnan(world.rail_hours).sum() == 2 * (5 + 4)
    assert check_folder(folder).priors["rail_hours.csv"] == (
        "5 of 6 pairs of cities lack hours in some year (the first: North 1 - North 2 in 2010); "
        "their hours are then by distance at 160 km/h"
    )


def test_a_world_without_records_says_so(small):
    folder = small("2010,North 1,South 1,2")
    (folder / "rail_hours.csv").unlink()
    world = load_world(folder)
    assert world.rail_years is None is world.rail_hours
    assert hours_missing(world) == ""
    said = "by distance at 160 km/h"
    assert check_folder(folder).priors["rail_hours.csv"] == said
