"""Intermediaries: how many, how far, what they change in a choice, and who pays for them."""

import math

import numpy as np
import pytest

from tests.support.scalar_talent import apportion
from tests.support.small import after_burn_in
from ydsim.agents.mesa_agents import Intermediary

MANY = {"per_1000_firms": 8.0}


def by_city(m):
    return np.bincount(m.state.brokers.city, minlength=m.world.n_cities)


def wanted(m, density):
    return [math.floor(n * density / 1000.0 + 0.5) for n in m.state.brokers.firms.tolist()]


@pytest.mark.slow
def test_brokers_come_and_go_with_the_policy_and_stay_themselves():
    settings = {**MANY, "start": 2011.25, "end": 2011.75, "strength": 0.5, "reach_km": 250.0}
    m = after_burn_in(years=1, burn_in=8, policies={"intermediaries": settings})
    before = m.state.brokers.key.tolist()
    usual = by_city(m)
    m.step()
    assert by_city(m).tolist() == usual.tolist() == wanted(m, 0.5)
    for _ in range(2):
        m.step()
        brokers = m.state.brokers
        assert by_city(m).tolist() == wanted(m, 4.25)
        assert (brokers.reach_km == 200.0).all()
        assert (brokers.capacity == m.parameters.brokers.capacity * m.state.scale).all()
        known = set(brokers.key.tolist())
        assert len(known) == len(brokers.key) > 2 * len(before) > 0
        assert known >= set(before)
    m.step()
    assert m.state.brokers.key.tolist() == before
    assert (m.state.brokers.reach_km == m.parameters.brokers.reach_km).all()


@pytest.mark.slow
def test_agents_follow_the_brokers():
    settings = {**MANY, "start": 2011.25, "end": 2011.75}
    m = after_burn_in(years=1, burn_in=8, policies={"intermediaries": settings})
    sizes = []
    for _ in range(4):
        m.step()
        agents = list(m.agents_by_type[Intermediary])
        keys = m.state.brokers.key.tolist()
        assert sorted(agent.key for agent in agents) == sorted(keys)
        for agent in agents:
            assert keys[agent.index] == agent.key
            assert agent.city == m.world.city_names[m.state.brokers.city[agent.index]]
            assert agent in m.agents
        assert sum(a.introductions for a in agents) == m.state.brokers.introductions.sum()
        sizes.append(len(agents))
    assert sizes[0] == sizes[3] < sizes[1] == sizes[2]


@pytest.mark.slow
def test_without_intermediaries_no_policy_brings_them():
    parameters = {"actors.intermediaries": False}
    m = after_burn_in(burn_in=4, parameters=parameters, policies={"intermediaries": MANY})
    m.step()
    assert len(m.state.brokers.key) == 0
    assert not [e for e in m.state.ledger.entries if e.flow == "intermediaries"]
    assert Intermediary not in m.agents_by_type or not m.agents_by_type[Intermediary]


def test_provinces_pay_for_the_brokers_that_are_added_in_them():
    target = {"provinces": ["Province 2", "Province 3"]}
    settings = {**MANY, "broker_cost": 0.04, "strength": 0.5, "target": target}
    m = after_burn_in(burn_in=4, years=1, policies={"intermediaries": settings})
    usual, of = by_city(m), m.world.city_province
    m.step()
    added = by_city(m) - usual
    assert (added[(of == 1) | (of == 2)] > 0).all()
    assert not added[(of == 0) | (of == 3)].any()
    want = m.state.scale * 0.04 / 4.0 * np.bincount(of, weights=added)
    (paid,) = (e for e in m.state.ledger.entries if e.flow == "intermediaries")
    assert (paid.payer, paid.receiver) == ("provinces", "intermediaries")
    assert paid.amount == pytest.approx(want, rel=1e-12)
    spent = [e for e in m.state.ledger.entries if e.flow == "brokers' costs"]
    assert any(e.amount == pytest.approx(want, rel=1e-12) for e in spent)
    assert m.state.ledger.balance["intermediaries"] == pytest.approx(0.0, abs=1e-12)
    assert m.state.ledger.balance["provinces"] == pytest.approx(0.0, abs=1e-9)
    assert m.state.ledger.imbalance() < 1e-9


def test_two_policies_share_the_brokers_that_both_want():
    policies = {
        name: {"policy": "intermediaries", "per_1000_firms": density, "broker_cost": cost}
        for name, density, cost in (("a", 8.0, 0.04), ("b", 5.0, 0.08))
    }
    m = after_burn_in(burn_in=4, years=1, policies=policies)
    usual = by_city(m)
    m.step()
    added = by_city(m) - usual
    assert by_city(m).tolist() == wanted(m, 8.0)
    own = {name: np.array(wanted(m, 8.0 if name == "a" else 5.0)) - usual for name in "ab"}
    both = own["a"] + own["b"]
    for name, cost in (("a", 0.04), ("b", 0.08)):
        (paid,) = (e for e in m.state.ledger.entries if e.flow == name)
        bill = m.state.scale * cost / 4.0 * added * own[name] / both
        assert paid.amount == pytest.approx(np.bincount(m.world.city_province, weights=bill))


def budgeted(amount, **keys):
    """A world of unequal cities whose offices have an amount, a quarter on."""
    settings = {"policy": "intermediaries", "amount": amount, "broker_cost": 0.05, **keys}
    m = after_burn_in(burn_in=4, years=1, policies={"i": settings})
    m.state.brokers.firms[:] = 700.0 + 130.0 * np.arange(m.world.n_cities)
    usual = np.array(wanted(m, m.parameters.brokers.per_1000_firms))
    m.step()
    return m, by_city(m) - usual


@pytest.mark.parametrize("amount", [0.0, 0.02, 0.33])
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_an_amount_adds_whole_brokers_and_is_never_exceeded(amount, strength):
    m, added = budgeted(amount, strength=strength)
    number = math.floor(amount * strength / 0.05 + 1e-9)
    order = np.argsort(m.world.city_keys, kind="stable")
    firms = m.state.brokers.firms[order].tolist()
    assert added[order].tolist() == apportion(number, firms, range(len(firms)))
    paid = sum(e.amount.sum() for e in m.state.ledger.entries if e.flow == "i")
    assert paid == pytest.approx(m.state.scale * 0.05 / 4.0 * number)
    budget = m.state.scale * amount * strength / 4.0
    assert paid <= budget * (1.0 + 1e-12)
    if amount:
        asked, offered, taken = m.state.ledger.budgets(m.state.scale)["i"]
        assert (asked, taken) == (pytest.approx(taken), pytest.approx(paid / m.state.scale))
        assert offered == pytest.approx(budget / m.state.scale)
    n, of = m.state.brokers.firms, m.environment.broker_density
    some = added > 0
    assert of[some] == pytest.approx(1000.0 * by_city(m)[some] / n[some])
    assert (of[~some] == m.baseline.broker_density[~some]).all()


def test_offices_of_two_policies_do_not_add_up():
    one = {"policy": "intermediaries", "amount": 1.2, "broker_cost": 0.05}
    found = {}
    for name, policies in {"a": {"a": one}, "both": {"a": one, "b": one}}.items():
        m = after_burn_in(burn_in=4, years=1, policies=policies)
        m.step()
        found[name] = by_city(m), m.state.ledger.budgets(m.state.scale)
    assert found["a"][0].tolist() == found["both"][0].tolist()
    for _, offered, taken in found["both"][1].values():
        assert offered == pytest.approx(0.3)
        assert taken == pytest.approx(found["a"][1]["a"][2] / 2.0)
