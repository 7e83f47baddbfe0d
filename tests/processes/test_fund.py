"""The phase as a loop over payers and receivers, and where all of its money ends."""

import numpy as np
import pytest

from tests.model.small import model
from tests.processes import scalar
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.processes.fund import fund, spend_rest

GRANTS = {"rd_grants": {"rate": 0.1, "leakage": 0.4, "target": {"provinces": ["Province 2"]}}}


@pytest.fixture
def funded():
    m = model(years=1, scale=0.02, policies=GRANTS)
    m._enact()
    table = m.state.organisations
    kept = ("profit", "rd", "cash")
    before = {name: getattr(table, name).copy() for name in kept}
    fund(m.state, m.environment, m.parameters.fund)
    return m, before


def test_science_is_paid_by_weight(funded):
    m, _ = funded
    state, p = m.state, m.parameters.fund
    table = state.organisations
    for kind, part in ((UNIVERSITY, p.university_share), (INSTITUTE, p.institute_share)):
        rows = table.of_kind(kind).tolist()
        for i in rows:
            at = int(table.province[i])
            peers = sum(table.weight[k] for k in rows if table.province[k] == at)
            money = part * state.inputs.government[at, state.now] * table.weight[i] / peers
            assert table.grants[i] == pytest.approx(money, rel=1e-12)
            assert table.grants_spent[i] == pytest.approx(money, rel=1e-12)
            wage = state.inputs.wage[at, state.now] / 4.0
            assert table.researchers[i] == pytest.approx(money / wage, rel=1e-12)


def test_firms_get_the_rest_and_their_programmes(funded):
    m, before = funded
    state, p = m.state, m.parameters.fund
    table, firms = state.organisations, state.firms
    rest = 1.0 - p.university_share - p.institute_share
    pool = (state.scale * rest * state.inputs.government[:, state.now]).tolist()
    rate = [0.1 * (place == "Province 2") for place in provinces_of_cities(m)]
    rows = firms.tolist()
    base, programme = scalar.grants(
        pool, before["rd"][rows].tolist(), table.province[rows].tolist(),
        table.city[rows].tolist(), rate,
    )  # fmt: skip
    assert sum(programme) > 0.0
    for i, own, more in zip(rows, base, programme, strict=True):
        assert table.grants[i] == pytest.approx(own + more, rel=1e-12)
        spent = (1.0 - p.leakage) * own + 0.6 * more
        assert table.grants_spent[i] == pytest.approx(spent, rel=1e-12)
        tax = p.profit_tax * max(float(before["profit"][i]), 0.0)
        cash = float(before["cash"][i]) - tax + own + more
        assert table.cash[i] == pytest.approx(cash, rel=1e-9, abs=1e-15)


def provinces_of_cities(m):
    return [m.world.provinces[p] for p in m.world.city_province]


def test_government_research_money_is_spent_once(funded):
    """Universities, institutes and base grants take the whole, and no more than the whole."""
    m, _ = funded
    state = m.state
    table = state.organisations
    science = table.grants[table.kind != FIRM].sum()
    base = table.grants[state.firms].sum() / state.scale
    base -= state.tally.city["rd_grants_programme"].sum()
    official = state.inputs.government[:, state.now].sum()
    assert science + base == pytest.approx(official, rel=1e-9)


def test_taxes_are_split_between_governments(funded):
    m, before = funded
    state, p = m.state, m.parameters.fund
    tax = p.profit_tax * np.maximum(before["profit"][state.firms], 0.0)
    province, total = state.organisations.province[state.firms], float(tax.sum())
    assert total > 0.0
    # central and provincial science money went out as it came in, programmes are paid by provinces
    programmes = state.scale * state.tally.city["rd_grants_programme"].sum()
    assert state.books.central == pytest.approx(p.tax_central * total, rel=1e-9)
    own = (1.0 - p.tax_central) / 2.0 * np.bincount(province, weights=tax)
    own[1] -= programmes
    assert state.books.provinces == pytest.approx(own, rel=1e-9)
    assert state.books.cities.sum() == pytest.approx((1.0 - p.tax_central) / 2.0 * total)


def test_what_programmes_cost_beyond_taxes_is_borrowed(funded):
    m, _ = funded
    state = m.state
    state.ledger.entries.clear()
    left = state.books.provinces.copy()
    left[1] = state.books.provinces[1] = -3.0
    spend_rest(state)
    flows = {(e.payer, e.receiver, e.flow): e.amount for e in state.ledger.entries}
    borrowed = flows["economy", "provinces", "public borrowing"]
    spent = flows["provinces", "economy", "other public spending"]
    assert borrowed.tolist() == [0.0, 3.0, 0.0, 0.0]
    assert spent == pytest.approx(np.maximum(left, 0.0))
    assert state.books.central == 0.0
    assert not state.books.provinces.any()


def test_a_province_without_science_hands_its_part_to_firms():
    m = model(years=1, scale=0.02)
    state, p = m.state, m.parameters.fund
    table = state.organisations
    gone = (table.kind == INSTITUTE) & (table.province == 0)
    table.alive[gone] = False
    fund(state, m.baseline, p)
    government = state.inputs.government[:, state.now]
    got = state.by_province(state.firms, table.grants[state.firms]) / state.scale
    part = 1.0 - p.university_share - p.institute_share
    assert got[0] == pytest.approx((1.0 - p.university_share) * government[0], rel=1e-9)
    assert got[1:] == pytest.approx(part * government[1:], rel=1e-9)
