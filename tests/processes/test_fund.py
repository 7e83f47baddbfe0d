"""The phase as a loop over payers and receivers, and where all of its money ends."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.support import scalar
from tests.support.deals import flows
from tests.support.numbers import close, rng
from tests.support.small import after_burn_in
from ydsim.agents.ledger import SECTORS
from ydsim.agents.organisations import FIRM, INSTITUTE, NO_CERTIFICATE, UNIVERSITY
from ydsim.processes.fund import fund, spend_rest

GRANTS = {"rd_grants": {"rate": 0.1, "leakage": 0.4, "target": {"provinces": ["Province 2"]}}}


def open_quarter(policies=GRANTS):
    """A model in the quarter after the burn-in, whose cities pay wages of their own."""
    m = after_burn_in(years=1, scale=0.02, burn_in=6, policies=policies)
    m._enact()
    state, draw = m.state, rng(0)
    state.talent.wage[:] = draw.uniform(0.5, 2.0, state.world.n_cities)
    table, firms = state.organisations, state.firms
    # in their last quarter, before and after it, and without
    until = state.quarter + draw.integers(-1, 2, len(firms))
    table.certified_until[firms] = np.where(draw.random(len(firms)) < 0.5, until, NO_CERTIFICATE)
    # as if taxes of all kinds had been due
    table.profit[firms] = draw.normal(0.0, 1.0, len(firms))
    inputs = state.inputs
    government = inputs.government[:, state.input_column] * draw.uniform(0.5, 2.0, 4)
    lines = {"government": government, "central": government * draw.uniform(0.2, 0.8, 4)}
    flat = {name: np.tile(line[:, None], 4) for name, line in lines.items()}
    state.inputs = SimpleNamespace(**vars(inputs) | flat)
    state.ledger.entries.clear()
    return m


@pytest.fixture
def funded():
    m = open_quarter()
    table, books = m.state.organisations, m.state.books
    kept = ("profit", "rd", "certified_until")
    before = {name: getattr(table, name).copy() for name in kept}
    assert books.central == 0.0
    fund(m.state, m.environment, m.parameters)
    return m, before


def taxes_of(m, before):
    """Tax of every firm by row; the certified pay less."""
    p, quarter = m.parameters.fund, m.state.quarter
    tax = {}
    for i in m.state.firms.tolist():
        holds = int(before["certified_until"][i]) >= quarter
        rate = m.parameters.certify.profit_tax if holds else p.profit_tax
        tax[i] = rate * max(float(before["profit"][i]), 0.0)
    return tax


def by_province(m, values):
    total = [0.0] * m.world.n_provinces
    for i, value in values.items():
        total[int(m.state.organisations.province[i])] += value
    return total


def test_science_is_paid_by_weight(funded):
    m, _ = funded
    state, p = m.state, m.parameters.fund
    table = state.organisations
    for kind, part in ((UNIVERSITY, p.university_share), (INSTITUTE, p.institute_share)):
        rows = table.of_kind(kind).tolist()
        for i in rows:
            at = int(table.province[i])
            peers = sum(table.weight[k] for k in rows if table.province[k] == at)
            money = part * state.inputs.government[at, state.input_column] * table.weight[i] / peers
            assert table.grants[i] == pytest.approx(money, rel=1e-12)
            assert table.grants_spent[i] == pytest.approx(money, rel=1e-12)
            wage = (
                state.inputs.wage[at, state.input_column] / 4.0 * state.talent.wage[table.city[i]]
            )
            assert table.researchers[i] == pytest.approx(money / wage, rel=1e-12)


def test_firms_get_the_rest_and_their_programmes(funded):
    m, before = funded
    state, p = m.state, m.parameters.fund
    table, firms = state.organisations, state.firms
    rest = 1.0 - p.university_share - p.institute_share
    pool = (state.scale * rest * state.inputs.government[:, state.input_column]).tolist()
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
    city = state.tally.city
    close(city.rd_grants * state.scale, state.by_city(firms, table.grants[firms]))
    leaked = table.grants[firms] - table.grants_spent[firms]
    close(city.rd_grants_leaked * state.scale, state.by_city(firms, leaked))
    close(city.rd_grants_programme.sum() * state.scale, sum(programme))


def provinces_of_cities(m):
    return [m.world.provinces[p] for p in m.world.city_province]


def test_the_certified_pay_the_lower_tax_through_their_last_quarter(funded):
    m, before = funded
    tax, quarter, until = taxes_of(m, before), m.state.quarter, before["certified_until"]
    groups = {"last": until == quarter, "later": until > quarter, "over": until == quarter - 1}
    for mask in groups.values():
        assert sum(v > 0.0 for i, v in tax.items() if mask[i]) > 5
    total = by_province(m, tax)
    have = flows(m.state)
    p = m.parameters.fund
    local = (1.0 - p.tax_central) / 2.0
    for receiver, part in (("central", p.tax_central), ("provinces", local), ("cities", local)):
        close(have["firms", receiver, "profit tax"], np.array(total) * part)
    close(m.state.tally.city.profit_tax.sum() * m.state.scale, sum(tax.values()))
    cities = np.zeros(m.world.n_cities)
    for i, v in tax.items():
        cities[m.state.organisations.city[i]] += local * v
    close(m.state.books.cities, cities)


def test_cities_pay_their_part_of_local_grants(funded):
    """Half of what is not central, out of transfers from their province."""
    m, _ = funded
    state, p, have = m.state, m.parameters.fund, flows(m.state)
    now, inputs = state.input_column, state.inputs
    rest = 1.0 - p.university_share - p.institute_share
    central, whole = inputs.central[:, now], inputs.government[:, now]
    local = state.scale * rest * (whole - central)
    close(have["central", "firms", "grants"], state.scale * rest * central)
    close(have["provinces", "firms", "grants"], local)
    programme = state.tally.city.rd_grants_programme * state.scale
    close(
        have["provinces", "firms", "rd_grants"],
        np.bincount(m.world.city_province, weights=programme),
    )
    for kind, part, sector in (
        (UNIVERSITY, p.university_share, "universities"),
        (INSTITUTE, p.institute_share, "institutes"),
    ):
        close(have["central", sector, "science budget"], state.scale * part * central)
        close(have["provinces", sector, "science budget"], state.scale * part * (whole - central))
        rows = state.organisations.of_kind(kind)
        wages = state.by_province(rows, state.organisations.grants[rows])
        close(have[sector, "economy", "research wages"], state.scale * wages)


def without(parameters, off):
    """The same parameters without an actor; its organisations are still there."""
    actors = parameters.actors.model_copy(update={off: False})
    return parameters.model_copy(update={"actors": actors})


@pytest.mark.parametrize("off", ["nobody", "universities", "institutes", "funding"])
def test_governments_end_the_quarter_with_nothing(off):
    m = open_quarter()
    state = m.state
    fund(state, m.environment, without(m.parameters, off))
    held = dict(state.ledger.balance)
    books = state.books
    assert held["central"] == pytest.approx(books.central, abs=1e-9)
    assert held["provinces"] == pytest.approx(books.provinces.sum(), abs=1e-9)
    assert held["cities"] == pytest.approx(books.cities.sum(), abs=1e-9)
    spend_rest(state)
    assert state.ledger.imbalance() < 1e-9
    for sector in SECTORS:
        if sector not in ("firms", "economy", "outside"):
            assert state.ledger.balance[sector] == pytest.approx(0.0, abs=1e-9), sector


def test_what_programmes_cost_beyond_taxes_is_borrowed(funded):
    """By provinces, and by the centre and cities for what policies cost to run."""
    m, _ = funded
    state, books = m.state, m.state.books
    state.ledger.entries.clear()
    books.central, books.cities = -8.0, np.full(state.world.n_cities, -1.0)
    left = books.provinces.copy()
    left[1] = books.provinces[1] = -3.0
    spend_rest(state)
    found = flows(state)
    spent = found["provinces", "economy", "other public spending"]
    assert found["economy", "provinces", "public borrowing"].tolist() == [0.0, 3.0, 0.0, 0.0]
    assert found["economy", "central", "public borrowing"] == pytest.approx(2.0)
    assert found["economy", "cities", "public borrowing"].sum() == state.world.n_cities
    assert spent == pytest.approx(np.maximum(left, 0.0))
    assert all((entry.amount >= 0.0).all() for entry in state.ledger.entries)
    assert state.books.central == 0.0
    assert not state.books.provinces.any()


@pytest.mark.slow
def test_a_province_without_science_hands_its_part_to_firms():
    m = after_burn_in(years=1, scale=0.02)
    state, p = m.state, m.parameters.fund
    table = state.organisations
    gone = (table.kind == INSTITUTE) & (table.province == 0)
    table.died[gone] = 0
    fund(state, m.baseline, m.parameters)
    government = state.inputs.government[:, state.input_column]
    got = state.by_province(state.firms, table.grants[state.firms]) / state.scale
    part = 1.0 - p.university_share - p.institute_share
    assert got[0] == pytest.approx((1.0 - p.university_share) * government[0], rel=1e-9)
    assert got[1:] == pytest.approx(part * government[1:], rel=1e-9)


def test_governments_that_are_switched_off_pay_nobody_and_still_tax():
    """No science money, no base grants, and no programme or budget of any policy."""
    m = open_quarter(GRANTS | {"budget": BUDGET["budget"]})
    state, table = m.state, m.state.organisations
    before = {name: getattr(table, name).copy() for name in ("profit", "certified_until", "rd")}
    assert before["rd"][state.firms].sum() > 0.0
    assert m.environment.grant_rate.any()
    fund(state, m.environment, without(m.parameters, "funding"))
    for name in ("grants", "grants_spent"):
        assert not getattr(table, name)[table.alive].any(), name
    assert not table.researchers[table.alive & (table.kind != FIRM)].any()
    tax = taxes_of(m, before)
    close(state.books.cities.sum(), 0.2 * sum(tax.values()))
    paid = {key for key, amount in flows(state).items() if amount.any()}
    assert paid == {("firms", r, "profit tax") for r in ("central", "provinces", "cities")}
    assert state.ledger.offers == []
    for name in ("rd_grants", "rd_grants_programme", "rd_grants_leaked"):
        assert not getattr(state.tally.city, name).any(), name


BUDGET = {"budget": {"policy": "rd_grants", "amount": 40.0, "leakage": 0.4, "strength": 0.5,
                     "target": {"provinces": ["Province 2"]}}}  # fmt: skip


def granted(amount):
    """A model in which a programme with an amount has paid, and own R&D before."""
    policies = {"budget": {**BUDGET["budget"], "amount": amount}}
    m = after_burn_in(years=1, scale=0.02, burn_in=6, policies=policies)
    m._enact()
    m.state.ledger.entries.clear()
    own = m.state.organisations.rd.copy()
    fund(m.state, m.environment, m.parameters)
    return m, own


@pytest.mark.parametrize(("amount", "binds"), [(0.5, True), (1e4, False)])
def test_a_budget_is_shared_by_own_research(amount, binds):
    m, own = granted(amount)
    table, there = m.state.organisations, m.world.provinces.index("Province 2")
    mine = [i for i in m.state.firms.tolist() if table.province[i] == there]
    total, budget = sum(float(own[i]) for i in mine), 0.5 * 0.02 * amount / 4.0
    part = min(budget / total, 1.0)
    assert (part < 1.0) is binds
    paid = sum(e.amount for e in m.state.ledger.entries if e.flow == "budget")
    lost = sum(e.leaked for e in m.state.ledger.entries if e.flow == "budget")
    want = np.where(np.arange(4) == there, part * total, 0.0)
    close(paid, want)
    close(lost, 0.4 * want)
    plain, _ = granted(0.0)
    for i in mine:
        more = float(table.grants[i] - plain.state.organisations.grants[i])
        assert more == pytest.approx(part * float(own[i]), rel=1e-9, abs=1e-15)
        spent = float(table.grants_spent[i] - plain.state.organisations.grants_spent[i])
        assert spent == pytest.approx(0.6 * part * float(own[i]), rel=1e-9, abs=1e-15)
    (offer,) = m.state.ledger.offers
    close(offer.asked, np.where(np.arange(4) == there, total, 0.0))
    close(offer.taken, want)
    assert offer.taken.sum() + offer.left.sum() == pytest.approx(max(budget, total * part))
    assert m.state.ledger.imbalance() < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("share", [None, 0.0])
def test_institutes_that_are_switched_off_go_with_their_money(share):
    """Or leave it to the firms, where their share of it is zero as well."""
    off = {"actors.institutes": False}
    if share is not None:
        off["fund.institute_share"] = share
    m = after_burn_in(years=1, scale=0.02, parameters=off)
    state, p = m.state, m.parameters.fund
    assert not len(state.organisations.of_kind(INSTITUTE))
    fund(state, m.baseline, m.parameters)
    government = state.inputs.government[:, state.input_column]
    table = state.organisations
    got = state.by_province(state.firms, table.grants[state.firms]) / state.scale
    close(got, (1.0 - p.university_share - p.institute_share) * government)
    spend_rest(state)
    assert state.ledger.imbalance() < 1e-9
