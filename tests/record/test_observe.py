"""Indicators out of hand-made tallies, and their official counterparts."""

import re
from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import ydsim
from tests.support import scalar_record as scalar
from tests.support.small import model, run, world
from ydsim.agents.tally import (
    CityCounts,
    ContractCounts,
    FunnelCounts,
    LinkCounts,
    RegionCounts,
    Tally,
)
from ydsim.agents.ties import Ties
from ydsim.processes.invest import invest
from ydsim.record import measures, observe
from ydsim.record.indicators import INDICATORS, RECORDED
from ydsim.record.measures import load_measure_base
from ydsim.world.loader import load_world

P = 2


def contracts(**tables):
    """Indicators of two provinces from contracts by name."""
    tally = Tally(3, P)
    for name, counts in tables.items():
        setattr(tally.contracts, name, counts)
    state = SimpleNamespace(
        world=SimpleNamespace(
            n_provinces=P, city_province=np.array([0, 0, 1]), industry_hitech=None
        ),
        inputs=SimpleNamespace(gdp=np.ones((3, 1)), foreign=np.ones((2, 1))),
        input_column=0,
        tally=tally,
    )
    return {name: values.tolist() for name, values in observe.by_province(state).items()}


VALUE = np.array([[10.0, 2.0, 3.0], [5.0, 20.0, 7.0], [11.0, 13.0, 0.0]])
"""Rows sell, columns buy; the last is the rest of the nation."""


def test_contracts_count_for_the_seller_and_for_the_buyer():
    got = contracts(number=VALUE, value=10.0 * VALUE, value_from_science=VALUE / 2.0)
    assert got["tech_market_contracts_output"] == [15.0, 32.0]
    assert got["tech_market_contracts_inflow"] == [26.0, 35.0]
    assert got["tech_market_contract_value_output"] == [150.0, 320.0]
    assert got["tech_market_contract_value_inflow"] == [260.0, 350.0]
    assert got["contract_value_cross_province"] == [20.0, 50.0]
    assert got["contract_value_sold_outside"] == [30.0, 70.0]
    assert got["contract_value_bought_outside"] == [110.0, 130.0]
    assert got["contracts_true"] == [15.0, 32.0]
    assert got["contract_value_true"] == [150.0, 320.0]
    assert got["contract_value_from_science"] == [7.5, 16.0]


@pytest.mark.slow
def test_researchers_cost_the_wage_of_their_city():
    m = run(years=1)
    city = m.state.tally.city
    city.rd_firms, city.rd_grants, city.value_added_secondary = np.ones((3, 12))
    before = observe.by_city(m.state, m.parameters)
    factor = np.where(np.arange(12) == 4, 2.0, 1.0)
    m.state.talent.wage = factor * m.state.talent.wage
    after = observe.by_city(m.state, m.parameters)
    np.testing.assert_allclose(after["rd_personnel_fte"], before["rd_personnel_fte"] / factor)
    wage = m.state.inputs.wage[m.world.city_province, m.state.input_column] * m.state.talent.cost
    np.testing.assert_allclose(after["rd_personnel_fte"], 4.0 * after["rd_expenditure"] / wage)


@pytest.mark.slow
def test_new_products_of_high_technology_are_those_of_a_loop():
    place = replace(world(), industry_hitech=np.arange(10) % 3 == 0)
    m = model(scale=0.01, burn_in=20, years=1, place=place)
    m.step()
    state, table = m.state, m.state.organisations
    firms, scale = state.firms, m.parameters.invest.innovative_scale
    invest(state, m.environment, m.parameters)
    want = np.zeros(4)
    for i in firms:
        if m.world.industry_hitech[table.industry[i]]:
            x = 1.0 - np.exp(-float(table.recent_gain[i].sum()) / scale)
            want[table.province[i]] += x * table.value_added[i] / state.scale
    got = observe.by_province(state)["hitech_industry_new_product_sales"]
    np.testing.assert_allclose(got, load_measure_base().new_products * want, rtol=1e-6)
    assert (want > 0.0).all()


def test_new_products_are_not_known_where_a_world_names_no_high_technology():
    name = "hitech_industry_new_product_sales"
    m = run(scale=0.005, burn_in=0, years=1, place=replace(world(), industry_hitech=None))
    assert np.isnan(m.recorder.series(name)).all()
    assert np.isnan(observe.by_province(m.state)[name]).all()


@pytest.mark.slow
def test_residents_are_those_of_the_year():
    plain = world()
    people = plain.city_population * np.linspace(1.0, 2.0, len(plain.years))
    m = run(scale=0.005, burn_in=0, place=replace(plain, city_population=people))
    for year in (2011, 2012):
        want = people[:, year - int(plain.years[0])]
        at = 4 * (year - 2011)
        series = m.recorder.series("population_resident_year_end", "city")
        assert (series[at : at + 4] == want).all()
        assert m.recorder.series("population_resident_year_end")[at] == want.sum()


@pytest.mark.slow
def test_awareness_is_that_of_a_loop():
    m = run(years=1, scale=0.005)
    rng = np.random.default_rng(3)
    m.state.attention = rng.random(m.state.attention.shape)
    got = observe.means(m.state, 2.0)
    expected = scalar.awareness(m.state, 2.0)
    for level, values in zip(("city", "province", "region"), expected, strict=True):
        np.testing.assert_allclose(got[level]["awareness"], values, rtol=1e-12)
    m.state.attention[:] = 0.0
    assert (observe.means(m.state, 2.0)["city"]["awareness"] == 1.0).all()


def test_a_tie_lives_while_both_ends_do():
    ties = Ties()
    ties.strengthen(np.array([0, 0, 1, 3]), np.array([1, 2, 2, 4]), 0)
    state = SimpleNamespace(
        scale=0.5,
        ties=ties,
        organisations=SimpleNamespace(
            alive=np.array([True, True, True, True, False]), province=np.array([0, 0, 1, 1, 1])
        ),
    )
    assert observe._ties(state) == {"ties_live": 6.0, "ties_cross_province": 4.0}


def test_what_is_official_has_a_series_of_the_same_unit_and_nothing_else_has():
    series = load_world("yrd").series
    official = {name for name, i in INDICATORS.items() if i.official}
    assert official == (set(INDICATORS) & set(series)) | set(measures.NAMES)
    assert not set(measures.NAMES) & set(series)
    for name, indicator in INDICATORS.items():
        if indicator.official and name in series:
            assert indicator.unit == series[name].unit, name


def test_ratios_are_of_flows_and_at_their_levels():
    ratios = [i for i in INDICATORS.values() if i.kind == "ratio"]
    assert ratios
    for ratio in ratios:
        for part in ratio.of:
            assert INDICATORS[part].kind == "flow"
            assert set(ratio.levels) <= set(INDICATORS[part].levels)
    assert all(i.of is None for i in RECORDED.values())


SOURCE = Path(ydsim.__file__).parent


def test_every_count_is_written_by_a_process():
    files = SOURCE.glob("processes/*.py")
    written = {name for path in files for name in re.findall(r"\.(\w+) \+?= ", path.read_text())}
    assert {*CityCounts.names(), *(f.name for f in fields(RegionCounts))} <= written


@pytest.mark.slow
def test_every_matrix_is_written_by_a_process():
    names = {part: set() for part in ("links", "contracts", "funnel")}
    m = model(years=4, scale=0.05, parameters={"match.reserve": 0.0})
    seen = m.recorder.observe

    def observed():
        for part, written in names.items():
            counts = getattr(m.state.tally, part)
            written |= {name for name, values in counts.items() if values.any()}
        seen()

    m.recorder.observe = observed
    m.run()
    assert names["links"] == set(LinkCounts.names()) - {"supply"}
    assert names["contracts"] == set(ContractCounts.names())
    assert names["funnel"] == set(FunnelCounts.names())


@pytest.mark.slow
def test_what_is_observed_is_what_is_recorded():
    """Each indicator is made at its level; a name that is no indicator is made for no table."""
    m = run(years=1)
    made = {
        "city": set(observe.by_city(m.state, m.parameters)),
        "province": set(observe.by_province(m.state)),
        "region": set(observe.whole(m.state)),
    }
    for level, values in observe.means(m.state, 0.1).items():
        made[level] |= set(values)
    made["province"] |= made["city"] | {"rd_intensity_gdp"}
    made["region"] |= made["province"]
    for level, names in made.items():
        names |= {n for n in measures.NAMES if level in INDICATORS[n].levels}
    for level, names in made.items():
        want = {name for name, indicator in RECORDED.items() if level in indicator.levels}
        assert names == want, level
