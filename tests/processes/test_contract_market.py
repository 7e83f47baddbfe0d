"""The contract market against loops, limits, and the books."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

from tests.support import scalar_market as scalar
from tests.support.numbers import SEEDS, rng
from tests.support.small import after_burn_in, live
from ydsim.agents.ledger import Flow
from ydsim.measures.groups import blocks
from ydsim.processes import contract
from ydsim.processes.contract import contracts_in, flows, sides, trade
from ydsim.scenario.schema.parameters import Parameters


def changed(**keys):
    p = Parameters()
    return p.model_copy(update={"contracts": p.contracts.model_copy(update=keys)})


def made_up(seed, n=30, n_cities=4, n_fields=3):
    draw = rng(seed)
    share = draw.dirichlet(np.ones(n_fields), n)
    firms = [
        {
            "city": int(draw.integers(0, n_cities - 1)),  # nobody in the last city
            "rd": float(draw.exponential()),
            "spent": float(draw.exponential()) * 0.1,
            "share": share[i].tolist(),
            "knowledge": draw.normal(size=n_fields).tolist(),
        }
        for i in range(n)
    ]
    ways = draw.uniform(0.01, 1.0, (2, n_cities, n_cities + 1))
    return firms, *ways


def masses(firms, n_cities):
    """B and S by field and city, as loops."""
    found = np.zeros((2, len(firms[0]["share"]), n_cities))
    for i in firms:
        for f in range(found.shape[1]):
            found[0, f, i["city"]] += scalar.buys_of(i, f)
            found[1, f, i["city"]] += scalar.sells_of(i, f)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_flows_equal_a_loop(seed):
    firms, now, plain = made_up(seed)
    found = flows(*masses(firms, 4), 6.0, now, plain, 0.4)
    want = np.zeros((3, 5, 5))
    for (c, d, f), v in scalar.flows(firms, now, plain, 6.0, 0.4).items():
        want[f, c, d] = v
    np.testing.assert_allclose(found, want, rtol=1e-12, atol=1e-15)


def test_nobody_trades_where_nobody_does_research():
    none = np.zeros((3, 4))
    assert not flows(none, none, 6.0, np.ones((4, 5)), np.ones((4, 5)), 0.4).any()


@pytest.fixture(scope="module")
def lived():
    return live(after_burn_in(years=1, scale=0.02, burn_in=8), "_explore")


def firms_of(state):
    table = state.organisations
    return [
        {
            "city": int(table.city[i]),
            "rd": float(table.rd[i]),
            "spent": float(table.grants_spent[i]),
            "share": state.field_share[:, state.position[i]].tolist(),
            "knowledge": table.knowledge[i].tolist(),
        }
        for i in state.firms
    ]


def traded(m, parameters=None, environment=None):
    """A copy of the state after the market alone, and the state before it."""
    state = copy.deepcopy(m.state)
    state.begin(state.quarter)
    before = copy.deepcopy(state)
    trade(state, environment or m.environment, parameters or Parameters(), m.baseline)
    return state, before


def test_what_a_firm_earns_less_what_it_pays_is_that_of_a_loop(lived):
    state, before = traded(lived)
    found = state.organisations.profit - before.organisations.profit
    np.testing.assert_allclose(found, state.organisations.contract_net, rtol=1e-6, atol=1e-9)
    both = sides(before)
    money = state.tally.contract_pairs.value * state.scale
    firms = firms_of(before)
    np.testing.assert_allclose(
        both.buys.sum(axis=0), [sum(scalar.buys_of(i, f) for f in range(len(i["share"])))
                                for i in firms], rtol=1e-12)  # fmt: skip
    # fields are told apart by the loop: it is given the flows of each
    of_field = flows_by_field(lived, before)
    np.testing.assert_allclose(of_field.sum(axis=0), money, rtol=1e-10, atol=1e-14)
    known = {
        (c, d, f): float(of_field[f, c, d]) for f, c, d in np.argwhere(of_field > 0.0).tolist()
    }
    for at in range(0, len(firms), 7):
        want = scalar.net_of(firms[at], firms, known)
        row = state.firms[at]
        assert state.organisations.contract_net[row] == pytest.approx(want, rel=1e-8, abs=1e-12)


def test_firms_may_be_taken_a_few_at_a_time(lived, monkeypatch):
    whole, _ = traded(lived)
    monkeypatch.setattr(contract, "blocks", lambda n: blocks(n, 7))
    parts, _ = traded(lived)
    assert len(whole.firms) > 70
    for name in ("profit", "contract_net"):
        assert (getattr(parts.organisations, name) == getattr(whole.organisations, name)).all()


def flows_by_field(m, state):
    p = Parameters()
    both = sides(state)
    column = state.input_column
    way = pulls(m)
    return flows(
        both.buyers, both.sellers, float(state.national.outside_mass[column]), way, way,
        p.contracts.market * float(state.national.contract_price[column]),
    )  # fmt: skip


def pulls(m):
    """K without policies as a loop over pairs of cities."""
    p, here, of = m.parameters.match, m.environment, m.world.city_province
    n = m.world.n_cities
    found = np.zeros((n, n + 1))
    for d in range(n):
        for c in range(n):
            passes = here.hand_over[of[d], of[c]] if of[d] != of[c] else 1.0
            near = p.far + (1.0 - p.far) * np.exp(-here.travel_hours[d, c] / p.decay_h)
            found[d, c] = near * passes
        near = p.far + (1.0 - p.far) * np.exp(-here.outside_hours[d] / p.decay_h)
        found[d, n] = near * m.parameters.border.hand_over
    return found


def test_money_is_kept_and_the_books_close(lived):
    state, before = traded(lived)
    firms = state.organisations.contract_net.sum()
    for sector, sign in (("firms", 1.0), ("outside", -1.0)):
        moved = state.ledger.balance[sector] - before.ledger.balance[sector]
        assert moved == pytest.approx(sign * firms, abs=1e-9)
    assert state.ledger.imbalance() < 1e-9
    entries = [e for e in state.ledger.entries if e.flow == Flow.CONTRACT_MARKET]
    new = entries[-3:]
    paid = sum(e.amount.sum() for e in new)
    assert paid == pytest.approx(state.tally.contracts.value.sum() * state.scale, rel=1e-12)
    assert [(e.payer, e.receiver) for e in new] == [
        ("firms", "firms"), ("firms", "outside"), ("outside", "firms"),
    ]  # fmt: skip


def test_pairs_of_cities_add_up_to_pairs_of_provinces(lived):
    state, _ = traded(lived)
    pairs, provinces, world = state.tally.contract_pairs, state.tally.contracts, state.world
    place = np.append(world.city_province, world.n_provinces)
    for name in ("number", "value"):
        want = np.zeros((world.n_provinces + 1,) * 2)
        np.add.at(want, (place[:, None], place[None, :]), getattr(pairs, name))
        np.testing.assert_allclose(getattr(provinces, name), want, rtol=1e-12, atol=1e-15)
    assert np.array_equal(pairs.value_market, pairs.value)
    assert provinces.value_from_science.sum() == 0.0 == pairs.value[-1, -1]


def test_a_contract_is_the_pay_of_some_years_of_a_researcher_of_the_seller(lived):
    state = lived.state
    n, keys = state.world.n_cities, Parameters().contracts
    of, column = state.world.city_province, state.input_column
    number = contracts_in(state, np.ones((n + 1, n + 1)), keys.size)
    wage = [float(state.inputs.wage[of[c], column] * state.talent.wage[c]) for c in range(n)]
    price = keys.size * float(state.national.contract_price[column])
    for c in range(n):
        assert number[c, 0] == number[c, n] == pytest.approx(1.0 / (price * wage[c]), rel=1e-12)
        assert number[n, c] == pytest.approx(1.0 / (price * wage[c]), rel=1e-12)


def test_level_scales_what_is_sold_and_zero_does_nothing_at_all(lived):
    one, _ = traded(lived, changed(market=0.3))
    two, _ = traded(lived, changed(market=0.6))
    np.testing.assert_allclose(
        two.tally.contracts.value, 2.0 * one.tally.contracts.value, rtol=1e-12
    )
    none, before = traded(lived, changed(market=0.0))
    assert not none.tally.contract_pairs.value.any()
    assert np.array_equal(none.organisations.profit, before.organisations.profit)
    assert len(none.ledger.entries) == len(before.ledger.entries)


def test_an_open_border_moves_trade_across_it_and_raises_it(lived):
    plain, _ = traded(lived)
    closed = lived.environment
    opened = replace(closed, hand_over=np.ones_like(closed.hand_over))
    state, _ = traded(lived, environment=opened)
    of = lived.world.city_province
    away = of[:, None] != of[None, :]
    a, b = (s.tally.contract_pairs.value[:-1, :-1] for s in (plain, state))
    assert b[away].sum() > 2.0 * a[away].sum()
    assert b[~away].sum() < a[~away].sum() or np.isclose(b[~away].sum(), a[~away].sum())
    assert b.sum() > a.sum()
    # only the border of hand-overs counts
    other = replace(closed, joint_work=np.ones_like(closed.joint_work))
    same, _ = traded(lived, environment=other)
    assert np.array_equal(same.tally.contract_pairs.value, plain.tally.contract_pairs.value)
