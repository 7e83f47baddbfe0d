"""The books, and what budgets have left, by province."""

import numpy as np
import pytest

from tests.support.numbers import close
from tests.support.small import after_burn_in
from ydsim.agents.ledger import Ledger, note_budget, of_quarter, takes_part

ALL = {"provinces": 1.0}


def lived():
    m = after_burn_in(years=1, scale=0.02, burn_in=6)
    m.state.ledger.entries.clear()
    return m.state


def test_a_quarter_of_an_amount_in_sampled_money():
    assert of_quarter(8.0, 0.5, 0.01) == pytest.approx(0.01)


def test_what_is_left_stands_where_firms_do_research():
    state = lived()
    asked, taken = np.array([4.0, 0.0, 2.0, 0.0]), np.array([3.0, 0.0, 1.0, 0.0])
    where = np.array([1.0, 1.0, 0.0, 1.0])
    note_budget(state, "p", ALL, 10.0, asked, taken, where)
    (offer,) = state.ledger.offers
    table, research = state.organisations, [0.0] * 4
    for i in state.firms.tolist():
        research[int(table.province[i])] += float(table.rd[i])
    share = [r * w for r, w in zip(research, where, strict=True)]
    close(offer.left, [6.0 * s / sum(share) for s in share])
    close(offer.taken, taken)
    assert offer.taken.sum() + offer.left.sum() == pytest.approx(10.0, abs=1e-12)
    state.organisations.rd[:] = 0.0
    note_budget(state, "p", ALL, 10.0, asked, taken, where)
    close(state.ledger.offers[1].left, 2.0 * where)


def test_the_books_add_budgets_up_at_scale_one_and_move_no_money():
    state = lived()
    balance = dict(state.ledger.balance)
    for _ in range(2):
        note_budget(state, "p", ALL, 10.0, np.full(4, 3.0), np.full(4, 1.0))
    found = state.ledger.budgets(0.5)
    assert found == {"p": pytest.approx((48.0, 40.0, 16.0))}
    assert state.ledger.balance == balance


def test_nothing_is_noted_of_a_budget_of_nothing_that_nobody_asks_for():
    state = lived()
    note_budget(state, "p", ALL, 0.0, np.zeros(4), np.zeros(4))
    assert state.ledger.offers == []


@pytest.mark.parametrize(("part", "left"), [(1.0 - 1e-12, 0.0), (1.0 - 1e-6, 1e-5)])
def test_what_rounding_leaves_of_a_budget_is_nothing(part, left):
    state = lived()
    taken = np.array([3.0, 0.0, 7.0, 0.0]) * part
    note_budget(state, "p", ALL, 10.0, taken, taken)
    (offer,) = state.ledger.offers
    assert offer.left.sum() == pytest.approx(left, rel=1e-6, abs=0.0)


def test_a_province_takes_part_with_any_of_its_cities():
    state = lived()
    cities = np.zeros(state.world.n_cities)
    cities[np.flatnonzero(state.world.city_province == 2)[0]] = 1.0
    assert takes_part(state, cities).tolist() == [0.0, 0.0, 1.0, 0.0]
    assert takes_part(state, 1.0).tolist() == [1.0] * 4


def test_ledger_closes_and_refuses_other_shapes():
    ledger = Ledger(2)
    ledger.post("firms", "central", "tax", np.array([0.1, 0.2]))
    ledger.post("central", "economy", "spending", np.array([0.3, 0.0]))
    assert ledger.balance["firms"] == pytest.approx(-0.3)
    assert ledger.imbalance() < 1e-15
    assert [entry.flow for entry in ledger.entries] == ["tax", "spending"]
    ledger.recording = False
    ledger.post("firms", "central", "tax", np.ones(2))
    assert len(ledger.entries) == 2
    with pytest.raises(ValueError, match="shape"):
        ledger.post("firms", "central", "tax", np.ones(3))
    with pytest.raises(KeyError):
        ledger.post("nobody", "central", "tax", np.ones(2))
    ledger.balance["firms"] += 1.0
    assert ledger.imbalance() > 0.1


def test_ledger_keeps_a_copy():
    ledger, amount = Ledger(1), np.ones(1)
    ledger.post("firms", "central", "tax", amount)
    amount[0] = 9.0
    assert ledger.entries[0].amount[0] == 1.0
