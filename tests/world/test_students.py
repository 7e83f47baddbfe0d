"""Shares of cities in students, and numbers of personnel by quarter."""

from dataclasses import replace

import numpy as np
import pytest

from ydsim.world.inputs import (
    ENROLMENT,
    MARGIN,
    Outlook,
    by_quarter,
    extend_inputs,
    from_the_start,
    student_shares,
)
from ydsim.world.loader import load_world
from ydsim.world.priors import university_weights

AXIS = np.arange(2008, 2026)


def by_province(world, shares):
    return np.array(
        [shares[world.city_province == p].sum(axis=0) for p in range(world.n_provinces)]
    )


def test_shares_are_those_of_enrolment_and_of_universities(yrd):
    shares = student_shares(yrd, AXIS)
    assert shares.shape == (yrd.n_cities, len(AXIS))
    np.testing.assert_allclose(shares.sum(axis=0), 1.0)
    students = yrd.series[ENROLMENT].at(2018)[:-1]
    found = by_province(yrd, shares)[:, 2018 - 2008]
    np.testing.assert_allclose(found, students / students.sum())
    nanjing = yrd.city_names.index("Nanjing")
    own = yrd.city_province == yrd.city_province[nanjing]
    weight = university_weights(yrd)
    there = weight[yrd.university_city == nanjing].sum() / weight[own[yrd.university_city]].sum()
    jiangsu = found[yrd.city_province[nanjing]]
    assert shares[nanjing, 2018 - 2008] == pytest.approx(jiangsu * there)


def test_shares_before_and_after_the_data_are_those_of_its_ends(yrd):
    shares = student_shares(yrd, AXIS)
    np.testing.assert_array_equal(shares[:, 0], shares[:, 2011 - 2008])
    np.testing.assert_array_equal(shares[:, -1], shares[:, 2020 - 2008])
    assert (shares[:, 2011 - 2008] != shares[:, 2020 - 2008]).any()


def test_a_year_does_not_depend_on_the_axis(yrd):
    whole = student_shares(yrd, AXIS)
    part = student_shares(yrd, np.arange(2009, 2023))
    np.testing.assert_array_equal(whole[:, 1:15], part)


def test_without_enrolment_universities_say_where_students_are(yrd):
    series = {name: one for name, one in yrd.series.items() if name != ENROLMENT}
    shares = student_shares(replace(yrd, series=series), AXIS)[:, 0]
    weight = university_weights(yrd)
    want = np.bincount(yrd.university_city, weights=weight, minlength=yrd.n_cities)
    np.testing.assert_allclose(shares, want / want.sum())


def test_personnel_are_official_to_the_last_year_and_then_go_on(yrd):
    yearly = extend_inputs(yrd, 2011, 2030 + MARGIN)
    official = yrd.series["rd_personnel_fte"]
    for year in (2011, 2015, 2020):
        np.testing.assert_array_equal(yearly.personnel[:, year - 2011], official.at(year)[:-1])
    growth = np.diff(np.log(yearly.personnel), axis=1)
    assert (growth[:, 2021 - 2012] < growth[:, 2018 - 2012 : 2021 - 2012].max(axis=1)).all()
    assert (np.abs(growth[:, 2030 - 2012]) < 1e-3).all()
    cut = load_world("yrd", until=2017)
    early = extend_inputs(cut, 2011, 2020 + MARGIN, outlook=Outlook())
    np.testing.assert_array_equal(early.personnel[:, :7], yearly.personnel[:, :7])
    assert (early.personnel[:, 9] != yearly.personnel[:, 9]).all()


def test_the_first_half_year_has_the_growth_that_follows(yrd):
    quarterly = by_quarter(extend_inputs(yrd, 2011, 2014 + MARGIN), MARGIN).personnel
    growth = np.diff(np.log(quarterly[:, :5]), axis=1)
    np.testing.assert_allclose(growth, growth[:, 2:3].repeat(4, axis=1))
    single = np.ones((2, 4))
    assert from_the_start(single) is single
