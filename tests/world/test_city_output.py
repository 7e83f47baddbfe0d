"""Official parts of cities, spliced where their statistics change vintage."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.numbers import close
from tests.support.small import world
from ydsim import load_world
from ydsim.world.priors import city_parts, city_shares, official_parts, research_lean


def two_by_two(figures, breaks=None):
    """Two provinces of two cities with figures of the years 2010 on."""
    place = world(2, 2)
    figures = np.array(figures, dtype=np.float64)
    years = np.arange(2010, 2010 + figures.shape[1])
    return replace(place, years=years, city_secondary=figures, city_breaks=breaks)


STEADY = [[5.0, 5.0, 5.0], [5.0, 5.0, 5.0]]


def test_parts_are_those_of_the_figures_where_no_vintage_changes():
    place = two_by_two([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0], *STEADY])
    close(official_parts(place), [[0.25, 0.5, 0.75], [0.75, 0.5, 0.25], *[[0.5] * 3] * 2])
    close(city_parts(place, 2011), np.full(4, 0.5))
    close(city_parts(place, 1999), [0.25, 0.75, 0.5, 0.5])
    close(city_parts(place, 2050), [0.75, 0.25, 0.5, 0.5])


def test_a_new_vintage_does_not_move_a_city_and_later_growth_does():
    """Figures jump from 1 : 3 to 2 : 2, then the first city doubles: 1 : 3, 1 : 3, 2 : 3."""
    breaks = np.zeros((4, 3), dtype=bool)
    breaks[:2, 1] = True
    place = two_by_two([[1.0, 2.0, 4.0], [3.0, 2.0, 2.0], *STEADY], breaks)
    close(official_parts(place)[:2], [[0.25, 0.25, 0.4], [0.75, 0.75, 0.6]])
    close(official_parts(place)[2:], np.full((2, 3), 0.5))


def test_a_province_without_a_figure_takes_its_nearest_year_or_even_parts():
    gap = [[1.0, np.nan, np.nan], [3.0, 2.0, np.nan]]
    place = two_by_two([*gap, *STEADY])
    close(city_parts(place, 2012), [0.25, 0.75, 0.5, 0.5])
    nothing = two_by_two([[np.nan] * 3, [np.nan] * 3, *STEADY])
    close(city_parts(nothing, 2012), np.full(4, 0.5))


def test_the_packaged_world_is_spliced_between_2018_and_2019():
    place = load_world("yrd")
    years = place.years[place.city_breaks.any(axis=0)]
    assert years.tolist() == [2019]
    found, plain = official_parts(place), official_parts(replace(place, city_breaks=None))
    at = {year: int(np.flatnonzero(place.years == year)[0]) for year in (2011, 2018, 2019, 2020)}
    close(found[:, : at[2018] + 1], plain[:, : at[2018] + 1])
    close(found[:, at[2019]], found[:, at[2018]])
    jump = np.abs(np.log(plain[:, at[2019]] / plain[:, at[2018]]))
    assert jump.max() > 0.5
    for p in range(4):
        assert found[place.city_province == p, at[2020]].sum() == pytest.approx(1.0)


def test_lean_turns_parts_in_value_added_into_those_of_the_prior():
    place = load_world("yrd")
    close(research_lean(place, 2011) * city_parts(place, 2011), city_shares(place))
    assert (research_lean(load_world("ten_firms"), 2011) == 1.0).all()
