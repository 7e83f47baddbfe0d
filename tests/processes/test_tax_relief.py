"""Tax given back on reported R&D, what is relabelled for it, and programmes under their names."""

import math

import numpy as np
import pytest

from tests.support.certificates import alike, noise, terms
from tests.support.numbers import close, rng
from tests.support.small import after_burn_in
from ydsim.agents.organisations import NO_CERTIFICATE
from ydsim.processes.fund import certify, fund, spend_rest
from ydsim.processes.invest import invest

TWO = {
    "a": {"policy": "super_deduction", "target": {"provinces": ["Province 1", "Province 2"]}},
    "b": {"policy": "super_deduction", "deduction": 0.75, "strength": 0.5},
}
LESS = {"less": {"policy": "super_deduction", "deduction": 0.0}}


def funded(policies, **options):
    """A model whose firms have paid their taxes in the first quarter, and what they had before."""
    m = after_burn_in(years=1, scale=0.02, burn_in=6, policies=policies, **options)
    m._enact()
    table, firms, draw = m.state.organisations, m.state.firms, rng(0)
    table.profit[firms] = draw.normal(0.0, 0.02, len(firms))
    table.reported_rd[firms] = table.rd[firms] * draw.uniform(1.0, 1.5, len(firms))
    kept = ("profit", "reported_rd", "rd", "certified_until", "grants")
    before = {name: getattr(table, name).copy() for name in kept}
    m.state.ledger.entries.clear()
    fund(m.state, m.environment, m.parameters)
    return m, before


def taxes(m, before, i):
    holds = int(before["certified_until"][i]) >= m.state.quarter
    rate = m.parameters.certify.profit_tax if holds else m.parameters.fund.profit_tax
    return rate * max(float(before["profit"][i]), 0.0)


def flows(m, name):
    """Money and leaks of a policy by payer; what comes back is negative."""
    found = {}
    for e in m.state.ledger.entries:
        if e.flow == name and e.receiver == "firms":
            found[e.payer] = (e.amount, e.leaked)
        elif e.flow == name:
            found[e.receiver] = (-e.amount, -e.leaked)
    return found


RELIEF = {
    "Province 1": {"a": 0.125, "b": 0.03125},
    "Province 2": {"a": 0.125, "b": 0.03125},
    "Province 3": {"a": 0.0, "b": 0.03125},
    "Province 4": {"a": 0.0, "b": 0.03125},
}


def test_relief_equals_a_loop_over_firms():
    """At most the tax that a firm pays; each policy its part; split like the tax."""
    m, before = funded(TWO)
    state, p, n = m.state, m.parameters.fund, m.world.n_provinces
    table = state.organisations
    paid = {name: np.zeros(n) for name in TWO}
    lost = {name: np.zeros(n) for name in TWO}
    capped = free = 0
    for i in state.firms.tolist():
        at, tax = int(table.province[i]), taxes(m, before, i)
        rates = RELIEF[m.world.provinces[at]]
        reported, own = float(before["reported_rd"][i]), float(before["rd"][i])
        asked = sum(rates.values()) * reported
        back = min(asked, tax)
        capped += 0.0 < tax < asked
        free += 0.0 < asked < tax
        for name, rate in rates.items():
            part = back * rate / sum(rates.values())
            paid[name][at] += part
            lost[name][at] += part * (reported - own) / reported if reported > 0.0 else 0.0
    assert capped > 5
    assert free > 5
    local = (1.0 - p.tax_central) / 2.0
    for name in TWO:
        found = flows(m, name)
        assert list(found) == ["central", "provinces", "cities"]
        for payer, share in (("central", p.tax_central), ("provinces", local), ("cities", local)):
            close(found[payer][0], share * paid[name], rtol=1e-10)
            close(found[payer][1], share * lost[name], rtol=1e-9)
    assert paid["a"][:2].all()
    assert not paid["a"][2:].any()
    assert lost["b"].all()


@pytest.mark.parametrize("policies", [TWO, LESS])
def test_governments_end_the_quarter_with_nothing(policies):
    m, _ = funded(policies)
    state = m.state
    spend_rest(state)
    assert state.ledger.imbalance() < 1e-9
    for sector in ("central", "provinces", "cities"):
        assert state.ledger.balance[sector] == pytest.approx(0.0, abs=1e-9), sector
    assert all((e.amount >= 0.0).all() for e in state.ledger.entries)


def test_a_lower_deduction_makes_firms_that_have_profit_pay_more():
    m, before = funded(LESS)
    total = 0.0
    for i in m.state.firms.tolist():
        tax = taxes(m, before, i)
        more = 0.125 * float(before["reported_rd"][i]) if tax > 0.0 else 0.0
        total += more
    found = flows(m, "less")
    assert sum(amount.sum() for amount, _ in found.values()) == pytest.approx(-total, rel=1e-9)
    assert not any(leaked.any() for _, leaked in found.values())


def test_reported_research_is_the_larger_of_what_certificate_and_relief_ask_for():
    """Three firms with R&D below the threshold hold a certificate; relief adds a fifth."""
    state = alike(4, rd=np.array([0.0049, 0.0030, 0.0049, 0.006]), city=np.array([0, 0, 1, 0]))
    table = state.organisations
    p = terms(hazard=0.0, relabelling=0.5)
    table.certified_until[:4] = state.quarter + 5
    plain = alike(4, rd=table.rd[:4].copy(), city=table.city[:4].copy())
    plain.organisations.certified_until[:4] = state.quarter + 5
    certify(plain, noise(), p)
    asked = plain.organisations.reported_rd[0]
    assert asked == pytest.approx(0.05 * 0.1)  # the threshold
    over = np.ones(state.world.n_cities)
    over[0] = 1.2
    certify(state, noise(), p, over)
    want = [1.2 * 0.0049, asked, asked, 1.2 * 0.006]
    close(table.reported_rd[:4], want)
    counted = state.tally.city.relabelled_rd.sum() * state.scale
    assert counted == pytest.approx(sum(want) - table.rd[:4].sum())


def test_relief_moves_no_certificate():
    over = np.full(alike(1).world.n_cities, 1.5)
    for rd in (0.0001, 0.01, 0.02):
        found = []
        for extra in ((), (over,)):
            state = alike(50, rd=np.full(50, rd))
            state.organisations.certified_until[:50] = NO_CERTIFICATE
            certify(state, noise(), terms(hazard=1e9), *extra)
            found.append(state.organisations.certified_until[:50].tolist())
        assert found[0] == found[1]


def test_reported_over_real_in_a_run():
    """All firms without a certificate report their R&D times cost to the power - e rho."""
    m = after_burn_in(
        years=1, scale=0.02, burn_in=6, policies={"super_deduction": {"relabelled": 0.5}}
    )
    m.step()
    table, firms = m.state.organisations, m.state.firms
    factor = 0.8 ** (-0.5 * m.parameters.invest.tax_elasticity)
    some = firms[table.reported_rd[firms] > 0.0]
    over = table.reported_rd[some] / table.rd[some]
    assert (over >= factor * (1.0 - 1e-12)).all()
    assert np.isclose(over, factor, rtol=1e-12).mean() > 0.9


def test_intensity_moves_by_the_part_of_the_elasticity_that_is_not_on_paper():
    base = after_burn_in(years=1, burn_in=8)
    got = after_burn_in(years=1, burn_in=8, policies={"super_deduction": {"relabelled": 0.4}})
    for m in (base, got):
        m._enact()
        invest(m.state, m.environment, m.parameters)
    firms, p = base.state.firms, base.parameters.invest
    before, after = (m.state.organisations.log_intensity[firms] for m in (base, got))
    inside = (before > math.log(1.001e-4)) & (after < math.log(0.499))
    eta = 1.0 - math.exp(-p.adjustment / 4.0)
    rise = -eta * 0.6 * p.tax_elasticity * math.log(0.8)
    close((after - before)[inside], np.full(inside.sum(), rise), rtol=1e-9)
    assert inside.sum() > 20


PROGRAMMES = {
    "all": {"policy": "rd_grants", "rate": 0.05, "leakage": 0.2},
    "small": {
        "policy": "rd_grants", "rate": 0.2, "leakage": 0.5, "strength": 0.5,
        "target": {"provinces": ["Province 2"], "sizes": ["small"]},
    },
}  # fmt: skip


def test_each_programme_pays_and_leaks_under_its_name():
    m, before = funded(PROGRAMMES)
    state, c = m.state, m.parameters.certify
    table, n = state.organisations, m.world.n_provinces
    want = {name: np.zeros(n) for name in PROGRAMMES}
    for i in state.firms.tolist():
        at, own = int(table.province[i]), float(before["rd"][i])
        want["all"][at] += 0.05 * own
        if at == 1 and 4.0 * c.sales_basis * float(table.sales[i]) <= c.small_sales:
            want["small"][at] += 0.5 * 0.2 * own
    assert want["small"][1] > 0.0
    for name, leakage in (("all", 0.2), ("small", 0.5)):
        ((payer, (paid, lost)),) = flows(m, name).items()
        assert payer == "provinces"
        close(paid, want[name])
        close(lost, leakage * want[name])
    assert flows(m, "grant programmes") == {}
    # what leaks of general and programme grants is all that firms did not spend
    gone = (table.grants - table.grants_spent)[state.firms].sum()
    assert sum(e.leaked.sum() for e in state.ledger.entries) == pytest.approx(gone)
