"""What a run records agrees with itself and with the state, and recording changes nothing."""

import numpy as np
import pytest

from tests.support import scalar_record as scalar
from tests.support.small import after_burn_in, columns_of, differing, run, same, world
from ydsim.agents.organisations import FIRM
from ydsim.agents.tally import EXPECTED
from ydsim.record.indicators import RECORDED
from ydsim.store.contents import adds_up
from ydsim.world.loader import load_world

YEARS, SCALE = 2, 0.05


class Watch:
    """A run, with copies of what the next quarter wipes out taken when it is recorded."""

    def __init__(self, **options):
        self.model = m = after_burn_in(years=YEARS, **{"scale": SCALE, **options})
        self.knowledge, self.effort = [], []
        seen = m.recorder.observe

        def observed():
            state = m.state
            self.contract_net = state.organisations.contract_net.copy()
            self.inventions = state.organisations.inventions.copy()
            if state.quarter % 4 == 3:
                self.knowledge.append(scalar.knowledge(state))
                self.effort.append(scalar.effort(state))
            seen()

        m.recorder.observe = observed
        m.run()
        self.tables = m.recorder.tables()

    def yearly(self, name, level="region"):
        values = self.model.recorder.series(name, level)
        shape = (YEARS, 4, *values.shape[1:])
        by_year = values.reshape(shape)
        return by_year.sum(axis=1) if RECORDED[name].kind == "flow" else by_year[:, 3]


@pytest.fixture(scope="module")
def watch():
    return Watch()


@pytest.fixture(scope="module")
def moving():
    """A world in which many firms move."""
    return Watch(place=load_world("yrd"), scale=0.01, parameters={"relocate.hazard": 1.0})


def total(table, column, **where):
    """Sums of a column by year over the rows in which other columns have given values."""
    rows = np.ones(len(table["year"]), dtype=bool)
    for name, value in where.items():
        rows &= table[name] == value
    years = np.unique(table["year"])
    return [table[column][rows & (table["year"] == year)].sum() for year in years]


@pytest.mark.slow
def test_region_is_the_sum_of_provinces_and_these_of_cities(watch):
    recorder, of = watch.model.recorder, watch.model.world.city_province
    for name, indicator in RECORDED.items():
        if not adds_up(indicator.unit) or "province" not in indicator.levels:
            continue
        province = recorder.series(name, "province")
        np.testing.assert_allclose(province.sum(axis=1), recorder.series(name), rtol=1e-12)
        if "city" in indicator.levels:
            city = recorder.series(name, "city")
            for p in range(province.shape[1]):
                mine = city[:, of == p].sum(axis=1)
                np.testing.assert_allclose(mine, province[:, p], rtol=1e-9, atol=1e-9)


@pytest.mark.slow
def test_much_of_the_chain_happens(watch):
    """Else the tests below would compare zeros."""
    for name in (
        "coinventions", "copublications", "sci_papers", "invention_patent_applications",
        "invention_patents_granted", "university_licences", "tech_market_contracts_output",
        "contract_value_cross_province", "contract_value_sold_outside",
        "contract_value_bought_outside", "contract_value_from_science", "patents_transferred",
        "introductions", "ties_live", "talent_in", "stories",
        "hitech_enterprises_valid_stock_derived", "certifications",
    ):  # fmt: skip
        assert watch.yearly(name).max() > 0.0, name


@pytest.mark.slow
def test_a_ratio_of_a_quarter_is_that_of_its_flows(watch):
    recorder = watch.model.recorder
    top = recorder.series("contract_value_cross_province", "province")
    bottom = recorder.series("tech_market_contract_value_output", "province")
    share = recorder.series("contract_cross_province_share", "province")
    some = bottom > 0.0
    assert (share[some] == top[some] / bottom[some]).all()
    assert np.isnan(share[~some]).all()
    assert "contract_cross_province_share" not in watch.tables["series"]


@pytest.mark.slow
def test_the_funnel_is_that_of_the_indicators(watch):
    funnel = watch.tables["funnel"]
    for name, column, where in (
        ("projects_live", "live", {}),
        ("inventions", "completed", {"stage": "invention"}),
        ("launches", "completed", {"stage": "launch"}),
        ("projects_shelved", "shelved", {}),
        ("projects_died_waiting", "died_waiting", {}),
        ("university_inventions", "completed", {"stage": "invention", "lead": "university"}),
    ):
        expected = watch.yearly(name)
        assert total(funnel, column, **where) == pytest.approx(expected), name
    failed = np.add(total(funnel, "failed"), total(funnel, "owner_left"))
    assert failed == pytest.approx(watch.yearly("projects_failed"))


@pytest.mark.slow
def test_passports_are_those_of_a_loop(watch):
    m, table = watch.model, watch.tables["passports"]
    got = list(zip(*(column.tolist() for column in table.values()), strict=True))
    assert got == scalar.passports(m.state.generations, m.world, 2011)
    assert len(got) > 100
    assert {"firm", "university"} <= set(table["kind"])


@pytest.mark.slow
def test_partners_and_public_share_of_generations(watch):
    table, m = watch.tables["generations"], watch.model
    rows = table["generation"]
    assert table["partners"].tolist() == m.state.generations.partners[rows].tolist()
    assert table["public_share"].tolist() == m.state.generations.public[rows].tolist()
    assert 0.0 < table["public_share"].max() <= 1.0 + 1e-9
    assert not table["public_share"][table["origin"] == "outside"].any()


@pytest.mark.slow
@pytest.mark.parametrize("which", ["watch", pytest.param("moving", marks=pytest.mark.slow)])
def test_knowledge_is_that_of_a_loop(which, request):
    lived = request.getfixturevalue(which)
    table, m = lived.tables["knowledge"], lived.model
    shape = (YEARS, m.world.n_provinces, len(m.world.fields))
    for name, expected in (("knowledge", lived.knowledge), ("effort", lived.effort)):
        got = table[name].reshape(shape)
        np.testing.assert_allclose(got, np.array(expected), atol=1e-6)
    assert table["year"].tolist() == np.repeat([2011, 2012], shape[1] * shape[2]).tolist()
    assert list(dict.fromkeys(table["province"])) == list(m.world.provinces)
    assert list(dict.fromkeys(table["field"])) == list(m.world.fields)


@pytest.mark.slow
def test_firms_did_move(moving):
    assert moving.yearly("relocations_in").sum() > 10 / moving.model.settings.scale
    in_, out = moving.yearly("relocations_in"), moving.yearly("relocations_out")
    assert in_ == pytest.approx(out)


@pytest.mark.slow
@pytest.mark.parametrize("which", ["watch", pytest.param("moving", marks=pytest.mark.slow)])
def test_agents_are_the_state(which, request):
    lived = request.getfixturevalue(which)
    m, got = lived.model, lived.tables["agents"]
    table, place = m.state.organisations, m.world
    rows = np.flatnonzero(table.alive)
    assert got["key"].tolist() == table.key[rows].tolist()
    firm = table.kind[rows] == FIRM
    at_one = np.where(firm, 1.0, 1.0 / m.settings.scale)
    degree = np.array(scalar.degree(m.state.ties, table.alive))
    for name, expected in (
        ("researchers", table.researchers[rows]),
        ("rd", table.rd[rows] + table.grants_spent[rows]),
        ("sales", table.sales[rows]),
        ("value_added", table.value_added[rows]),
        ("log_productivity", table.log_productivity[rows]),
        ("technology", table.technology[rows]),
        ("partners", degree[rows] * at_one),
        ("contract_net", lived.contract_net[rows] * at_one),
        ("inventions_3y", lived.inventions[rows].sum(axis=1) * at_one),
    ):
        np.testing.assert_allclose(got[name], expected, atol=1e-6, err_msg=name)
    assert np.abs(got["contract_net"]).max() > 0.0
    assert got["kind"].tolist() == [scalar.KINDS[k] for k in table.kind[rows]]
    assert got["city"].tolist() == [place.city_names[c] for c in table.city[rows]]
    assert got["province"].tolist() == [place.provinces[p] for p in table.province[rows]]
    industry = [place.industries[j] if j >= 0 else "" for j in table.industry[rows]]
    assert got["industry"].tolist() == industry
    born = np.where(firm, 2011 + table.born[rows] // 4, -1)
    assert got["born_year"].tolist() == born.tolist()
    names = dict(zip(place.university_keys.tolist(), place.university_names, strict=True))
    assert got["name"].tolist() == [names.get(key, "") for key in table.key[rows].tolist()]
    assert sorted(n for n in got["name"] if n) == sorted(place.university_names)


@pytest.mark.slow
def test_a_certificate_holds_through_its_last_quarter():
    m = run(years=1)
    table = m.state.organisations
    rows = m.state.firms
    table.certified_until[rows] = 3
    table.certified_until[rows[0]] = 2
    certified = m.recorder.tables()["agents"]["certified"]
    assert certified.sum() == len(rows) - 1


@pytest.mark.slow
def test_eligible_firms_by_province(watch):
    table, provinces = watch.tables["adoption_curves"], world().provinces
    for stem in ("adopters", "eligible"):
        parts = sum(table[f"{stem}_{name}"] for name in provinces)
        np.testing.assert_allclose(parts, table[stem])
    for name in provinces:
        assert (table[f"adopters_{name}"] <= table[f"eligible_{name}"]).all()
    state = watch.model.state
    last = (table["year"] == 2012) & (table["quarter"] == 4)
    industry = state.generations.industry[table["generation"][last]]
    firms = state.organisations
    for p, name in enumerate(provinces):
        number = [((firms.industry[state.firms] == j) & (firms.province[state.firms] == p)).sum()
                  for j in range(len(world().industries))]  # fmt: skip
        expected = np.array(number)[industry] / SCALE
        np.testing.assert_allclose(table[f"eligible_{name}"][last], expected)


@pytest.mark.slow
def test_recording_changes_nothing():
    m = after_burn_in(years=1, scale=0.02)
    for _ in range(3):
        m.step()
    seen = m.recorder.observe
    found = []

    def observed():
        tally = m.state.tally
        parts = (tally.city, tally.links, tally.contracts, tally.funnel)
        before = columns_of(m.state), [{k: v.copy() for k, v in part.items()} for part in parts]
        seen()
        m.recorder.tables()
        after = columns_of(m.state)
        found.append([name for name in after if not same(before[0][name], after[name])])
        for old, new in zip(before[1], parts, strict=True):
            assert list(old) == list(new.names())
            assert all(same(old[name], values) for name, values in new.items())

    m.recorder.observe = observed
    m.step()
    assert found == [[]]


@pytest.mark.slow
def test_what_was_recorded_stays_as_it_was():
    """Quarters that follow change no number of the past."""
    m = after_burn_in(years=2, scale=0.02)
    for _ in range(4):
        m.step()
    before = m.recorder.tables()
    kept = {n: {k: v.copy() for k, v in t.items()} for n, t in before.items()}
    m.run()
    after = m.recorder.tables()
    for name in ("funnel", "ties", "contracts", "knowledge", "series", "city_series"):
        first = after[name]["year"] == 2011
        cut = {column: values[first] for column, values in after[name].items()}
        assert differing({name: kept[name]}, {name: cut}) == [], name


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switch", "table"),
    [
        ("adoption_events", "adoption"),
        ("cities", "city_series"),
        ("ties", "ties"),
        ("agents", "agents"),
    ],
)
def test_tables_can_be_left_out(switch, table):
    full, got = (
        after_burn_in(years=1, record={switch: kept}).run().recorder.tables()
        for kept in (True, False)
    )
    assert set(full) - set(got) == {table}
    assert differing({name: full[name] for name in got}, got) == []


def test_tables_of_a_run_that_has_not_begun():
    tables = after_burn_in(years=1).recorder.tables()
    assert [len(tables[n]["year"]) for n in ("funnel", "ties", "contracts", "knowledge")] == [0] * 4
    assert len(tables["agents"]["key"]) > 50


# -- Basic research is the part of science money that projects leave; expected transfers are links


@pytest.mark.slow
def test_basic_research_is_that_of_a_loop():
    m = after_burn_in(years=1)
    m.step()
    table, want = m.state.organisations, np.zeros(world().n_cities)
    for i in np.flatnonzero(table.alive & (table.kind != FIRM)).tolist():
        want[table.city[i]] += (1.0 - m.parameters.chain.project_share) * table.grants[i]
    assert want.min() > 0.0
    np.testing.assert_allclose(m.recorder.series("rd_basic_research", "city")[0], want, rtol=1e-12)
    funds = m.recorder.series("rd_funds_government", "city")[0]
    assert (want < funds).all()


@pytest.mark.slow
def test_expected_transfers_are_the_links_of_patents_by_seller():
    m = after_burn_in(years=1, burn_in=32, scale=0.05)
    want = []
    observe = m.recorder.observe

    def observed():
        links = m.state.tally.links.patent_transfer[EXPECTED]
        want.append([m.parameters.contracts.patents * links[c].sum() for c in range(12)])
        observe()

    m.recorder.observe = observed
    m.run()
    found = m.recorder.series("patents_transferred_expected", "city")
    np.testing.assert_allclose(found, np.array(want), rtol=1e-12)
    assert found.sum() > 0.0
