import dataclasses
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from ydsim.errors import InputError
from ydsim.world.inputs import (
    Inputs,
    Outlook,
    _official,
    by_quarter,
    extend_inputs,
    load_rules,
)
from ydsim.world.loader import load_world
from ydsim.world.world import Series


@pytest.fixture(scope="module")
def inputs(yrd):
    return extend_inputs(yrd, 2011, 2060)


def column(inputs: Inputs, year: int) -> int:
    return year - int(inputs.years[0])


def paths(inputs: Inputs) -> dict[str, np.ndarray]:
    return {
        f.name: getattr(inputs, f.name) for f in dataclasses.fields(inputs) if f.name != "years"
    }


@pytest.mark.parametrize("year", range(2011, 2021))
def test_official_years_are_exact(yrd, inputs, year):
    at = column(inputs, year)
    official = {name: yrd.series[name].at(year) for name in yrd.series}
    gdp = official["gdp_alt"][:4]
    np.testing.assert_array_equal(inputs.gdp[:4, at], gdp)
    nation = official["rd_expenditure"][4] / (official["rd_intensity"][4] / 100.0)
    assert inputs.gdp[4, at] == pytest.approx(nation - gdp.sum(), rel=1e-12)
    assert inputs.secondary[4, at] == pytest.approx(0.39 * inputs.gdp[4, at])
    np.testing.assert_array_equal(inputs.secondary[:4, at], official["value_added_secondary"][:4])
    np.testing.assert_array_equal(
        inputs.science_budget[:, at], official["public_budget_science_technology"][:4]
    )
    np.testing.assert_array_equal(inputs.rd_foreign[:, at], official["rd_funds_foreign"][:4])
    np.testing.assert_allclose(
        inputs.rd_government[:, at], official["rd_funds_government"][:4], rtol=1e-12
    )


def test_government_rd_is_central_plus_theta_of_the_budget(inputs):
    total = inputs.central + inputs.theta[:, None] * inputs.science_budget
    np.testing.assert_allclose(total, inputs.rd_government, rtol=1e-12)
    assert (inputs.central >= 0.0).all()
    assert inputs.theta[0] == 0.45
    assert (inputs.theta[1:] < 0.45).all()
    rule, last = load_rules()["government"], column(inputs, 2020)
    assert rule.of_gdp
    line = np.log(inputs.central[0, last - 5 :] / inputs.gdp[0, last - 5 :])  # 2020 is column 5
    known, mean = np.diff(line[1:6]), (line[5] - line[5 - rule.years]) / rule.years
    for k in (1, 2, 3, 10, 11):
        asked = mean * rule.damping**k * max(0.0, 1.0 - k / (2030 - 2020))
        if k == 1:
            asked = min(max(asked, known.min()), known.max())
        assert line[5 + k] - line[4 + k] == pytest.approx(asked, abs=1e-12)


def test_a_province_may_be_without_a_science_budget(yrd):
    name = "public_budget_science_technology"
    values = yrd.series[name].values.copy()
    values[0] = 0.0
    without = replace(yrd.series[name], values=values)
    found = extend_inputs(replace(yrd, series={**yrd.series, name: without}), 2011, 2012)
    np.testing.assert_array_equal(found.science_budget[0], 0.0)
    official = yrd.series["rd_funds_government"].at(2011)[0]
    assert found.rd_government[0, 0] == pytest.approx(official)


def test_growth_fades_to_its_target(yrd, inputs):
    rates = np.diff(np.log(inputs.gdp), axis=1)
    last = column(inputs, 2024)  # `gdp` ends here
    fading = rates[:, last - 1 + 1 : column(inputs, 2030)]
    mean = np.log(inputs.gdp[:, last] / inputs.gdp[:, last - 5]) / 5.0
    k = np.arange(1, fading.shape[1] + 1)
    weight = load_rules()["gdp"].damping ** k * (1.0 - k / 6.0)
    asked = np.log(1.04) + (mean - np.log(1.04))[:, None] * weight
    np.testing.assert_allclose(fading, asked, rtol=1e-9)
    np.testing.assert_allclose(rates[:, column(inputs, 2030) :], np.log(1.04), atol=1e-12)
    linked = inputs.gdp[:4, last] / inputs.gdp[:4, last - 1]
    official = yrd.series["gdp"]
    np.testing.assert_allclose(linked, official.at(2024)[:4] / official.at(2023)[:4], rtol=1e-12)


@pytest.mark.parametrize(("growth", "until"), [(0.02, 2040), (0.06, 2026), (0.04, 2010)])
def test_growth_settings(yrd, growth, until):
    inputs = extend_inputs(yrd, 2011, 2100, outlook=Outlook(growth, until))
    for name in (
        "gdp",
        "secondary",
        "science_budget",
        "wage",
        "rd_government",
        "rd_foreign",
    ):
        path = getattr(inputs, name)
        late = path[:, column(inputs, max(until, 2025)) :]
        np.testing.assert_allclose(late[:, 1:] / late[:, :-1], 1.0 + growth, rtol=1e-9)


def test_value_added_goes_on_by_the_growth_of_cities_where_the_bureau_ends(yrd, inputs):
    cities = np.array([
        np.bincount(yrd.city_province, weights=yrd.city_secondary[:, y - 2005])
        for y in (2021, 2022, 2023)
    ]).T  # fmt: skip
    at = column(inputs, 2021)
    made = inputs.secondary[:4, at : at + 3]
    np.testing.assert_allclose(made / made[:, :1], cities / cities[:, :1], rtol=1e-12)
    assert made[1, 0] == pytest.approx(51_775, abs=1)
    assert (made[:, 0] != cities[:, 0]).sum() == 3  # of Shanghai both are one


def test_gdp_of_the_later_vintage_moves_with_the_earlier_one_between_its_figures():
    old = np.array([[10.0, 20.0, 15.0, 30.0]])
    series = Series(np.array([2015, 2018]), np.array([[11.0, 33.0], [5.0, 40.0]]), "1", "input")
    world = SimpleNamespace(n_provinces=1, series={"gdp": series})
    found = _official(world, "gdp", np.arange(2015, 2019), old)
    np.testing.assert_allclose(found[0], [11.0, 22.0, 16.5, 33.0], rtol=1e-12)
    np.testing.assert_allclose(found[1], [5.0, 10.0, 20.0, 40.0], rtol=1e-12)


def test_window_and_end_do_not_matter(yrd, inputs):
    for start, end in ((2011, 2011), (2015, 2022), (2025, 2060)):
        part = extend_inputs(yrd, start, end)
        window = slice(start - 2011, end - 2011 + 1)
        for name, path in paths(part).items():
            whole = getattr(inputs, name)
            np.testing.assert_array_equal(path, whole[:, window] if path.ndim == 2 else whole)


def test_arrays_are_read_only(inputs):
    for path in (inputs.years, *paths(inputs).values()):
        assert not path.flags.writeable
        assert path.base is None


def test_wage_pays_those_who_are_there(yrd, inputs):
    """R&D over personnel: official to 2020, then of both lines."""

    def official(name):
        return np.array([yrd.series[name].at(year)[:4] for year in range(2011, 2021)]).T

    funds = sum(official(f"rd_funds_{who}") for who in ("enterprise", "government", "foreign"))
    people = official("rd_personnel_fte")
    np.testing.assert_allclose(inputs.personnel[:, :10], people, rtol=1e-12)
    np.testing.assert_allclose(inputs.wage[:, :10], funds / people, rtol=1e-9)
    spent = inputs.wage * inputs.personnel - inputs.rd_government - inputs.rd_foreign
    share = np.diff(np.log(spent / inputs.gdp[:4]), axis=1)  # of GDP, which R&D of firms goes by
    assert (np.abs(share[:, 10:19]) <= np.abs(share[:, 9:18]) + 1e-12).all()
    np.testing.assert_allclose(share[:, 19:], 0.0, atol=1e-12)


def test_firms_grow_as_official_high_technology_firms_do(yrd, inputs):
    counts = yrd.series["hitech_industry_firms"]
    for year in (2011, 2016, 2020):
        np.testing.assert_array_equal(inputs.firms[:, year - 2011], counts.at(year)[:4])
    between = np.sqrt(counts.at(2016)[:4] * counts.at(2018)[:4])  # of 2017 there is none
    np.testing.assert_allclose(inputs.firms[:, 6], between, rtol=1e-12)
    few = {name: each for name, each in yrd.series.items() if name != "hitech_industry_firms"}
    assert (extend_inputs(replace(yrd, series=few), 2011, 2030).firms == 1.0).all()
    rate = by_quarter(inputs).firm_growth
    assert (rate[:, :2] == 0.0).all()
    middle = np.diff(np.log(inputs.firms[:, :3]), axis=1)
    np.testing.assert_allclose(rate[:, 4], middle[:, 0], rtol=1e-12)


@pytest.mark.parametrize("until", [2013, 2017])
def test_no_look_ahead(until):
    """Changing outcomes after ``until`` changes nothing: the cut world is all that is read."""
    full = load_world("yrd", until=2020)
    series = {}
    for name, old in full.series.items():
        values = old.values.copy()
        if old.kind == "outcome":
            values[:, old.years > until] *= 7.0
            keep = old.years <= until
            if not keep.any():
                continue
            series[name] = Series(old.years[keep], values[:, keep], old.unit, old.kind)
        else:
            series[name] = old
    spoilt = dataclasses.replace(full, series=series, until=until)
    a, b = (extend_inputs(w, 2011, 2040) for w in (load_world("yrd", until=until), spoilt))
    for name, path in paths(a).items():
        np.testing.assert_array_equal(path, getattr(b, name))
    late = extend_inputs(full, 2011, 2040)
    for name in ("rd_government", "rd_foreign", "gdp"):
        known = slice(0, until - 2011 + 1)
        np.testing.assert_allclose(
            getattr(a, name)[:, known], getattr(late, name)[:, known], rtol=1e-12
        )
    assert (a.rd_government[:, -1] != late.rd_government[:, -1]).all()
    assert np.abs(np.log(a.gdp[4] / late.gdp[4])).max() < 0.06


@pytest.mark.slow
def test_faults(yrd):
    with pytest.raises(InputError, match="has no gdp for 2010; it is known from 2011 on"):
        extend_inputs(yrd, 2010, 2030)
    with pytest.raises(InputError, match="inputs end in 2011, before they start in 2012"):
        extend_inputs(yrd, 2012, 2011)
    with pytest.raises(InputError, match="rd_intensity does not exceed gdp_alt"):
        extend_inputs(load_world("yrd", until=2010), 2011, 2030)
