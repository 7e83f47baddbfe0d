"""Recorded measures: their scale from official figures, by hand, and from the tables of a run."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.relabelled import relabel_provinces
from tests.support.small import model, run
from tools.fit_defaults import dump_measures
from ydsim.record import measures, yearly
from ydsim.record.indicators import INDICATORS
from ydsim.record.measures import (
    load_measure_base,
    measure_file,
    new_product_sales,
    official_measures,
)
from ydsim.scenario.load import load_scenario
from ydsim.studies.fit import fingerprint
from ydsim.world.loader import load_world

YRD = load_world("yrd")
BASE = load_measure_base()


def test_the_scale_by_a_plain_reading_of_official_figures():
    """Written a second time, without the functions that made the file."""
    people = np.array(
        [
            [YRD.city_population[YRD.city_province == p, y - YRD.years[0]].sum() for p in range(4)]
            for y in range(2011, 2021)
        ]
    )
    x = {}
    for name in (*measures.TECHNOLOGY, measures.MADE):
        v = np.array([YRD.series[name].at(y)[:4] for y in range(2011, 2021)]) / people
        assert BASE.best[name] == pytest.approx(np.nanmax(v), rel=1e-9)
        x[name] = (v / np.nanmax(v))[1:].ravel()
    made = np.array([YRD.series[measures.MADE].at(y)[:4] for y in range(2011, 2021)])
    ratio = new_product_sales(YRD.provinces, range(2011, 2021)).T / made
    x[measures.NEW] = (ratio / np.nanmax(ratio))[1:].ravel()
    sold = new_product_sales(YRD.provinces, range(2012, 2013)).sum()
    assert 0.2 < sold / made[1].sum() / BASE.new_products < 0.6  # share of innovative sales in runs
    assert BASE.best[measures.NEW] == pytest.approx(np.nanmax(ratio) / BASE.new_products)
    for names in measures.SYSTEMS.values():
        information = []
        for name in names:
            p = x[name] / x[name].sum()
            information.append(1.0 + sum(q * math.log(q) for q in p) / math.log(36))
        for name, part in zip(names, information, strict=True):
            assert BASE.weight[name] == pytest.approx(part / sum(information), abs=1e-6)


def test_the_flows_of_2011_are_not_stale():
    message = "refit with: python -m tools.fit_defaults measures --write"
    assert BASE.parameters == fingerprint(load_scenario("baseline"), YRD), message
    assert dump_measures(BASE, YRD) == measure_file().read_text(encoding="utf-8")


def test_flows_belong_to_the_packaged_region_whatever_the_order_of_its_provinces():
    flows = BASE.flows_of(YRD)
    assert flows is not None
    turned = BASE.flows_of(relabel_provinces(YRD, (3, 0, 1, 2)))
    assert turned is not None
    for name, values in flows.items():
        assert turned[name].tolist() == values[[3, 0, 1, 2, 4]].tolist()
        if name not in measures.SIZES:  # both ends count, of those per size by another size each
            assert values[:-1].sum() == pytest.approx(2.0 * values[-1])
    assert BASE.flows_of(load_world("synthetic")) is None
    assert official_measures(load_world("synthetic")) == {}


def test_coupling_by_hand():
    """Half of the best everywhere in technology, all of it in industry, 2 million residents."""
    people = np.array([200.0])
    values = {n: np.array([0.5 * BASE.best[n] * 200.0]) for n in measures.TECHNOLOGY}
    values[measures.MADE] = np.array([BASE.best[measures.MADE] * 200.0])
    values[measures.NEW] = np.array([BASE.best[measures.NEW]])
    u = measures.scores(values, people, BASE)
    assert u.tolist() == pytest.approx(np.array([[0.5, 1.0]]))
    found = measures.degrees(u)
    assert found["coupling_development"][0] == pytest.approx(0.75)
    assert found["coupling_degree"][0] == pytest.approx(2.0 * math.sqrt(0.5) / 1.5)
    assert found["coupling"][0] == pytest.approx(math.sqrt(math.sqrt(0.5)))
    assert found["coupling_degree_modified"][0] == pytest.approx(0.5)
    assert found["coupling_modified"][0] == pytest.approx(math.sqrt(0.375))
    assert set(found) == set(measures.COUPLING)


def test_coupling_at_its_ends():
    """Without scores there is no degree and no coordination; scores may be above one."""
    found = measures.degrees(np.array([[0.0, 0.0], [0.0, 1.0], [1.4, 0.2], [1.5, 1.5]]))
    for name in ("coupling_degree", "coupling_degree_modified"):
        assert math.isnan(found[name][0])
        assert (found[name][1], found[name][3]) == (0.0, 1.0)
    assert found["coupling_degree_modified"][2] == 0.0
    assert (
        found["coupling"][[0, 1]].tolist() == found["coupling_modified"][[0, 1]].tolist() == [0, 0]
    )


@pytest.mark.slow
@given(st.lists(st.floats(0.0, 1.5), min_size=2, max_size=2).map(np.array))
def test_coupling_does_not_ask_which_system_is_which(u):
    found, turned = measures.degrees(u), measures.degrees(u[::-1])
    for name in measures.COUPLING[:5]:
        assert turned[name] == pytest.approx(found[name], abs=1e-12, nan_ok=True)
        assert not found[name] < 0.0
        assert not found[name] > (1.0 if "degree" in name else 1.5) + 1e-12


def test_an_index_by_hand():
    base = dict(zip(measures.FLOWS, (20.0, 10.0, 4.0, 8.0, 40.0, 100.0), strict=True))
    flows = dict(zip(measures.FLOWS, (30.0, 10.0, 6.0, 4.0, 50.0, 80.0), strict=True))
    columns = [{name: np.array([value]) for name, value in of.items()} for of in (flows, base)]
    found = measures.indices(*columns)
    # 150 and 100 make 125; 150 and 50 make 100; 125; 80
    assert [value[0] for value in found.values()] == pytest.approx(
        [107.5, 125.0, 100.0, 125.0, 80.0]
    )
    columns[1]["talent_moves"] = np.zeros(1)
    lacks = [bool(np.isnan(value[0])) for value in measures.indices(*columns).values()]
    assert lacks == [True, True, False, False, False]


def test_what_is_not_known_has_no_coupling():
    values = {n: np.array([1.0, 1.0]) for n in (*measures.TECHNOLOGY, *measures.INDUSTRY)}
    values["sci_papers"] = np.array([np.nan, 1.0])
    found = measures.degrees(measures.scores(values, np.array([1.0, 1.0]), BASE))
    assert all(math.isnan(column[0]) and column[1] >= 0.0 for column in found.values())


def test_residents_beyond_the_known_years_are_those_of_the_nearest():
    last = YRD.city_population[:, -1]
    assert measures.residents(YRD, 2040).tolist() == last.tolist()
    first = measures.residents(YRD, 1990)
    assert first.tolist() == YRD.city_population[:, 0].tolist()


def test_official_coupling_has_the_order_that_is_printed():
    """Three provinces above Anhui in each year, and all of them rise (evidence, section 1.4)."""
    d = official_measures(YRD)["coupling"]
    assert np.isnan(d[:, 0]).all()  # contracts of 2011 are not known
    anhui = YRD.provinces.index("Anhui")
    others = np.delete(d[:-1, 1:], anhui, axis=0)
    assert (others > d[anhui, 1:]).all()
    assert (d[:, -1] > d[:, 1]).all()
    assert (d[:-1, 1:].min(axis=0) < d[-1, 1:]).all()
    assert (d[-1, 1:] < d[:-1, 1:].max(axis=0)).all()


@pytest.mark.slow
def test_official_figures_stop_where_the_world_does():
    early = official_measures(load_world("yrd", until=2015))
    whole = official_measures(YRD)
    for name, values in early.items():
        assert values.shape == (5, 5)
        np.testing.assert_array_equal(values, whole[name][:, :5])
    assert whole["collaboration_index"][-1, -1] == 216.27
    assert whole["collaboration_industry"][-1, 7] == 182.7
    assert np.isnan(whole["collaboration_index"][:-1]).all()


@pytest.fixture(scope="module")
def lived():
    """A run of the packaged region, with the flows across borders counted a second time."""
    m = model(years=2, scale=0.01, place=YRD, burn_in=12)
    home = m.world.city_province
    # 2011 has no figure and the factor of 2012
    recorded = np.exp(m.state.base.anchors["tech_market_contract_value_output"][:, 1])
    counted: dict[int, dict[str, list[float]]] = {}
    record = m.recorder.observe

    def observe():
        links, year = m.state.tally.links, len(m.recorder.series("launches")) // 4
        matrices = {
            "talent_moves": m.state.talent.moves,
            "shared_facilities": links.shared_facility[0],
            "co_inventions": links.co_invention[0],
            "co_publications": links.co_publication[0],
            "supply": yearly.supply(m.state),
        }
        flows = counted.setdefault(year, {n: [0.0] * 5 for n in measures.FLOWS})
        for name, matrix in matrices.items():
            for a in range(m.world.n_cities):
                for b in range(m.world.n_cities):
                    if home[a] != home[b]:
                        for place in (home[a], home[b], 4):
                            flows[name][place] += float(matrix[a, b])
        value = recorded[:, None] * m.state.tally.contracts.value[:4]
        for a in range(4):
            for b in range(4):
                if a != b:
                    for place in (a, b, 4):
                        flows["contract_value"][place] += float(value[a, b])
        record()

    m.recorder.observe = observe
    m.run()
    return m, counted


@pytest.mark.slow
def test_the_index_of_a_run_is_that_of_its_links(lived):
    m, counted = lived
    flows_2011 = BASE.flows_of(m.world)
    per = {
        "talent_moves": ("rd_personnel_fte", 0.25),
        "co_inventions": ("inventions", 1.0),
        "co_publications": ("inventions", 1.0),
        "contract_value": ("rd_expenditure", 1.0),
    }
    for year in (0, 1):
        points = {}
        for name in measures.FLOWS:
            size = np.ones(5)
            if name in per:
                of, part = per[name]
                quarters = m.recorder.series(of, "province")[4 * year : 4 * year + 4]
                size[:4] = part * quarters.sum(axis=0)
                size[4] = size[:4].sum()
            points[name] = 100.0 * np.array(counted[year][name]) / size / flows_2011[name]
        parts = {
            "resources": (points["talent_moves"] + points["shared_facilities"]) / 2.0,
            "cooperation": (points["co_inventions"] + points["co_publications"]) / 2.0,
            "results": points["contract_value"],
            "industry": points["supply"],
        }
        parts["index"] = sum(parts.values()) / 4.0
        for name, wanted in parts.items():
            indicator = f"collaboration_{name}"
            province = m.recorder.series(indicator, "province")[4 * year + 3]
            region = m.recorder.series(indicator)[4 * year + 3]
            assert [*province, region] == pytest.approx(wanted.tolist()), indicator


@pytest.mark.slow
def test_coupling_of_a_run_is_that_of_its_yearly_figures(lived):
    m, _ = lived
    people = {
        "province": np.array([YRD.city_population[YRD.city_province == p] for p in range(4)],
                             dtype=object),
    }  # fmt: skip
    recorder = m.recorder
    for year in (2011, 2012):
        t = 4 * (year - 2011)
        heads = [float(part[:, year - YRD.years[0]].sum()) for part in people["province"]]
        for level, places in (("province", 4), ("region", 1)):
            residents = np.array(heads if level == "province" else [sum(heads)])
            u = np.zeros((places, 2))
            for k, names in enumerate(measures.SYSTEMS.values()):
                for name in names:
                    quarters = recorder.series(name, level)[t : t + 4].reshape(4, places)
                    v = quarters[3] if name == measures.NEW else quarters.sum(axis=0) / residents
                    v = v / 4.0 if name == "rd_personnel_fte" else v
                    u[:, k] += BASE.weight[name] * np.minimum(v / BASE.best[name], measures.TOP)
            for name, wanted in measures.degrees(u).items():
                found = recorder.series(name, level)[t + 3].reshape(places)
                assert found.tolist() == pytest.approx(wanted.tolist()), (name, level)


@pytest.mark.slow
def test_measures_are_there_in_the_fourth_quarter_alone(lived):
    m, _ = lived
    for name in measures.NAMES:
        for level in INDICATORS[name].levels:
            found = m.recorder.series(name, level).reshape(8, -1)
            assert np.isfinite(found[3::4]).all(), (name, level)
            assert np.isnan(np.delete(found, [3, 7], axis=0)).all()


@pytest.mark.slow
def test_a_region_without_stored_flows_has_coupling_and_no_index():
    recorder = run(years=1).recorder
    assert np.isfinite(recorder.series("coupling")[3])
    assert np.isnan(recorder.series("collaboration_index")).all()


def test_some_flows_are_taken_per_size():
    """What doubles with its size says nothing; a flow without a size is itself."""
    flows = {name: np.array([2.0, 6.0]) for name in measures.FLOWS}
    sizes = {name: np.array([4.0, 0.0]) for name in measures.SIZES.values()}
    found = measures.per_size(flows, sizes)
    twice = {name: 2.0 * flow for name, flow in flows.items()}
    again = measures.per_size(twice, {name: 2.0 * size for name, size in sizes.items()})
    for name, flow in flows.items():
        if name in measures.SIZES:
            assert found[name][0] == again[name][0] == 0.5
            assert np.isnan(found[name][1])
        else:
            assert found[name].tolist() == flow.tolist()
            assert again[name].tolist() == twice[name].tolist()


def test_the_order_of_cities_by_expected_contracts():
    """Provincial contracts are shared in proportion; evenly where none could be sold."""
    year = measures.YearMeasures(YRD, {})
    total = np.array([7.0, 13.0, 11.0, 16.0])
    even = year._by_city(total)
    count = np.bincount(YRD.city_province)
    assert even.tolist() == pytest.approx((total / count)[YRD.city_province].tolist())
    year._sellers = np.arange(41.0)
    shared = year._by_city(total)
    for p in range(4):
        mine = YRD.city_province == p
        assert shared[mine].sum() == pytest.approx(total[p])
        if mine.sum() > 1:
            assert (np.diff(shared[mine]) > 0.0).all()


def test_what_the_market_sells_stays_in_its_city():
    """Only the rest of the province is shared."""
    year = measures.YearMeasures(YRD, {})
    total = np.array([70.0, 130.0, 110.0, 160.0])
    year._sellers = np.arange(1.0, 42.0)
    rest = year._by_city(0.5 * total)
    sold = np.linspace(0.1, 1.0, 41)
    by_province = np.bincount(YRD.city_province, weights=sold)
    year._market = sold
    found = year._by_city(0.5 * total + by_province)
    np.testing.assert_allclose(found, sold + rest, rtol=1e-12)


@pytest.mark.slow
def test_innovative_sales_of_places_make_those_of_the_region(lived):
    m, _ = lived
    sales, recent = m.state.tally.city.sales, m.state.tally.city.innovative_sales
    name = measures.NEW
    assert recent.sum() / sales.sum() == pytest.approx(m.recorder.series(name)[-1], rel=1e-12)
    city = m.recorder.series(name, "city")[-1]
    province = m.recorder.series(name, "province")[-1]
    assert (city * sales).tolist() == pytest.approx(recent.tolist())
    of = m.world.city_province
    for p in range(4):
        assert province[p] == pytest.approx(recent[of == p].sum() / sales[of == p].sum())
    assert np.ptp(province) > 0.001
