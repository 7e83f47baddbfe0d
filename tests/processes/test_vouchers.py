"""Vouchers as a loop over deals and pairs; who may use them, and what firms make of them."""

import numpy as np
import pytest

from tests.support.deals import N_P, WORLD, P, flows, noise, state_with
from tests.support.numbers import SEEDS, close, rng
from tests.support.small import model
from ydsim.agents.organisations import FIRM
from ydsim.agents.search import Seekers
from ydsim.agents.state import Books
from ydsim.policies.environment import Voucher
from ydsim.processes.contract import Vouchers, _used, _within, deal_value, sign, vouchers_in_force

N_F = len(WORLD.fields)
PIECES = 4.0


def two(draw):
    """A portable voucher for some cities and fields, and one of each province for its own."""
    return [
        Voucher(
            "a", 0.6, face=0.02, co_pay=0.4, take_up=0.9,
            cities=(draw.random(WORLD.n_cities) < 0.75).astype(float),
            fields=(draw.random(N_F) < 0.75).astype(float), sizes=np.array([1.0, 0.0, 1.0]),
        ),
        Voucher("b", face=0.005, co_pay=0.2, take_up=0.8, portable=False),
    ]  # fmt: skip


def banked(n, seed):
    """Organisations and deals, and governments with empty accounts."""
    state = state_with(n, seed)
    state.books = Books(0.0, np.zeros(N_P), np.zeros(WORLD.n_cities))
    return state


def given(state, schemes, seed=0):
    draw = rng(seed + 77)
    size = draw.integers(0, 3, len(state.organisations))
    return Vouchers(schemes, size, draw.uniform(1e-4, 1e-2, WORLD.n_cities), PIECES)


def fits(state, scheme, size, buyer, seller, field):
    table = state.organisations
    if buyer < 0 or seller < 0 or table.kind[buyer] != FIRM or table.kind[seller] == FIRM:
        return False
    where = np.zeros(WORLD.n_cities) + scheme.cities
    what = np.zeros(N_F) + scheme.fields
    who = np.zeros(3) + scheme.sizes
    if not (where[table.city[buyer]] and what[field] and who[size[buyer]]):
        return False
    return scheme.portable or table.province[buyer] == table.province[seller]


@pytest.mark.parametrize("seed", SEEDS)
def test_payments_equal_a_loop_over_deals(seed):
    state, plain = banked(300, seed), banked(300, seed)
    schemes = two(rng(seed))
    vouchers, draws = given(state, schemes, seed), noise(seed)
    sign(plain, draws, P)
    sign(state, draws, P, vouchers)
    deals, keys = state.deals, P.contracts
    index = float(state.national.contract_price[state.input_column])
    got = np.zeros(len(state.organisations))
    paid = {s.policy: np.zeros(N_P) for s in schemes}
    number = {s.policy: 0 for s in schemes}
    for d in range(len(deals)):
        buyer, seller = int(deals.buyer[d]), int(deals.seller[d])
        at = state.organisations.city[buyer if seller < 0 else seller]
        wage = (
            state.inputs.wage[WORLD.city_province[at], state.input_column] * state.talent.wage[at]
        )
        left = float(deal_value(deals.effort[d], wage, keys.price, index))
        u = float(draws.uniform(deals.project, 2)[d])
        for s in schemes:
            if not fits(state, s, vouchers.size, buyer, seller, int(deals.field[d])):
                continue
            if u < s.take_up * s.strength:
                money = PIECES * min(s.face, (1.0 - s.co_pay) * left / PIECES)
                left -= money
                got[buyer] += money
                paid[s.policy][state.organisations.province[buyer]] += money
                number[s.policy] += 1
    assert min(number.values()) > 1
    books, rest = flows(state), flows(plain)
    for name, amount in paid.items():
        close(books.pop(("provinces", "firms", name)), amount, rtol=1e-10)
    assert books.keys() == rest.keys()
    more = state.organisations.profit - plain.organisations.profit
    close(more, got, rtol=1e-9, atol=1e-13)
    close(state.books.provinces - plain.books.provinces, -sum(paid.values()), rtol=1e-10)
    assert state.ledger.imbalance() < 1e-12


@pytest.mark.parametrize("seed", SEEDS)
def test_savings_equal_a_loop_over_pairs(seed):
    state, draw, n, m = state_with(0, seed), rng(seed), 40, 400
    table = state.organisations
    schemes = two(draw)
    vouchers = given(state, schemes, seed)
    row = draw.integers(0, len(table), n)
    # science offers; a firm that offers meets firms only
    hand_over = (draw.random(n) < 0.4) & (table.kind[row] != FIRM)
    none = np.zeros(n, dtype=np.int64)
    seekers = Seekers(
        none, none.astype("u8"), row, table.city[row], draw.integers(0, N_F, n), none, hand_over,
        hand_over, draw.exponential(30.0, n), np.zeros(n), np.ones(n),
    )  # fmt: skip
    at, other = draw.integers(0, n, m), draw.integers(0, len(table), m)
    place = np.where(draw.random(m) < 0.2, WORLD.n_cities, table.city[other])
    adds, gains = draw.normal(size=m), draw.normal(size=m)
    more, back = adds.copy(), gains.copy()
    vouchers.add_savings(state, seekers, at, other, place, more, back)
    raised = [0, 0]
    for i in range(m):
        mine, theirs, k = int(row[at[i]]), int(other[i]), int(at[i])
        extra = [0.0, 0.0]
        for side, (buyer, seller) in enumerate([(mine, theirs), (theirs, mine)]):
            if place[i] == WORLD.n_cities:
                continue
            for s in schemes:
                if fits(state, s, vouchers.size, buyer, seller, int(seekers.field[k])):
                    price = seekers.effort[k] * vouchers.price[table.city[seller]]
                    spared = min(PIECES * s.face, (1.0 - s.co_pay) * price) / price
                    extra[side] += s.take_up * s.strength * spared
            raised[side] += extra[side] > 0.0
        assert more[i] == pytest.approx(adds[i] + extra[0], rel=1e-12, abs=1e-14)
        assert back[i] == pytest.approx(gains[i] + extra[1], rel=1e-12, abs=1e-14)
    assert min(raised) > 3


def scenes():
    """A state, a firm, and universities of its own and of another province."""
    state = banked(0, 3)
    table = state.organisations
    firm = int(np.flatnonzero(table.kind == FIRM)[0])
    science = np.flatnonzero(table.kind != FIRM)
    same = table.province[science] == table.province[firm]
    return state, firm, int(science[same][0]), int(science[~same][0])


def test_nothing_is_offered_without_a_scheme_or_without_public_funds():
    policies = {"innovation_voucher": {}}
    m = model(years=1, burn_in=0, policies=policies)
    assert vouchers_in_force(m.state, m.environment, m.parameters) is None
    m._enact()
    found = vouchers_in_force(m.state, m.environment, m.parameters)
    assert [s.policy for s in found.schemes] == ["innovation_voucher"]
    m = model(years=1, burn_in=0, policies=policies, parameters={"actors.funding": False})
    m._enact()
    assert vouchers_in_force(m.state, m.environment, m.parameters) is None


def test_the_price_that_firms_foresee_is_that_of_the_contract():
    m = model(years=1, burn_in=0, policies={"innovation_voucher": {}})
    m._enact()
    state, keys = m.state, m.parameters.contracts
    found = vouchers_in_force(state, m.environment, m.parameters)
    index = float(state.national.contract_price[state.input_column])
    wage = state.inputs.wage[m.world.city_province, state.input_column] * state.talent.wage
    close(7.0 * found.price, deal_value(7.0, wage, keys.price, index))
    assert found.pieces == keys.pieces


@pytest.mark.parametrize("share", [0.0, 0.4, 0.8, 5.0])
def test_a_budget_is_paid_in_the_order_of_draws(share):
    state, firm, _, _ = scenes()
    state.met, state.firms = {}, np.flatnonzero(state.organisations.kind == FIRM)
    asked, u = np.array([2.0, 3.0, 1.0]), np.array([0.5, 0.9, 0.1])
    buyer, key = np.full(3, firm), np.arange(3, dtype=np.uint64)
    amount = share * asked.sum() * 4.0 / state.scale / 0.5
    scheme = Voucher("v", strength=0.5, amount=amount)
    got = _within(state, scheme, buyer, asked, u, key)
    left, want = share * asked.sum(), {}
    for i in np.argsort(u).tolist():
        want[i] = min(float(asked[i]), left)
        left -= want[i]
    close(got, [want[i] for i in range(3)])
    assert state.met["v"] == pytest.approx(min(share, 1.0))
    (offer,) = state.ledger.offers
    province = int(state.organisations.province[firm])
    assert offer.asked[province] == pytest.approx(asked.sum())
    assert offer.taken.sum() + offer.left.sum() == pytest.approx(share * asked.sum())


def test_firms_expect_of_a_budget_what_was_paid_of_it():
    state = scenes()[0]
    state.met = {}
    scheme = Voucher("v", take_up=0.0, amount=1.0)
    assert _used(state, scheme) == 1.0
    state.met["v"] = 0.25
    assert _used(state, scheme) == 0.25
    assert _used(state, Voucher("w", take_up=0.6, strength=0.5)) == pytest.approx(0.3)
    assert _used(state, Voucher("z", amount=0.0)) == 0.0
