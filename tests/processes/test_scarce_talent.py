"""Scarce supply: who begins is limited, pay clears the market in time, work needs people."""

from types import SimpleNamespace

import numpy as np
import pytest

from tests.support import scalar_talent as scalar
from tests.support.labour import (
    LIVELY,
    SCARCE,
    draws,
    environment,
    state_of,
)
from tests.support.numbers import DECAY_H, SEEDS, close
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import FIRM
from ydsim.policies.environment import PoachingPremium
from ydsim.processes.talent import (
    answer_to_pay,
    beginners,
    city_demand,
    employ,
    move_talent,
    pay_after,
)


def with_(**changed):
    return SCARCE.model_copy(update=changed)


def lived(parameters=SCARCE, seed=3, gap=0.05, change=lambda state: None, **fields):
    state = state_of(seed, gap=gap)
    change(state)
    move_talent(state, environment(seed, 10, 4, **fields), draws(), parameters, DECAY_H)
    return state


def test_supply_is_official_at_official_pay_and_more_where_pay_is_higher():
    assert beginners(1000.0, 1000.0, 1000.0, 1.0) == 0.0
    assert beginners(1000.0, 960.0, 900.0, 1.0) == pytest.approx(40.0)  # wanted or not
    assert beginners(1000.0, 1000.0, 2000.0, 1.2) == pytest.approx(200.0)
    assert beginners(1000.0, 1000.0, 1050.0, 1.2) == pytest.approx(50.0)  # as many as posts
    assert beginners(1000.0, 1000.0, 1000.0, 0.8) == 0.0
    assert beginners(1000.0, 900.0, 1000.0, 0.95) == pytest.approx(50.0)


def test_the_answer_to_pay_is_bounded():
    close(answer_to_pay(np.array([1.0, 1.5, 0.5]), 2.0), [1.0, 2.25, 0.25])
    assert answer_to_pay(np.array([1.0, 4.0, 0.25]), 0.0).tolist() == [1.0] * 3
    assert np.isfinite(answer_to_pay(np.full(3, 4.0), 5000.0)).all()


def test_pay_closes_the_gap_and_only_in_time():
    demand, stock = (
        np.array([200.0, 100.0, 50.0, 0.0, 5.0, 1e9]),
        np.array([100, 100, 100, 9, 0, 1]),
    )
    pay = np.ones(6)
    assert pay_after(pay, demand, stock, 0.0).tolist() == pay.tolist()
    close(pay_after(pay, demand, stock, 1e4), [2.0, 1.0, 0.5, 1.0, 4.0, 4.0])
    half = pay_after(pay, demand, stock, 4.0 * np.log(2.0))
    close(half[:3], [np.sqrt(2.0), 1.0, np.sqrt(0.5)])
    for i in range(6):
        for speed in (0.3, 2.0):
            want = scalar.scarce_pay(1.3, demand[i], int(stock[i]), speed)
            found = pay_after(np.full(6, 1.3), demand, stock, speed)[i]
            assert found == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_city_employs_more_than_it_has(seed):
    state = lived(seed=seed, gap=0.3)
    table, s = state.organisations, state.scale
    researchers = table.researchers.copy()
    employ(state, SCARCE)
    weight = np.where(table.kind == FIRM, 1.0 / s, 1.0) * table.alive
    work = np.bincount(table.city, weights=table.researchers * weight, minlength=10)
    assert (work <= state.talent.stock[:-1] * (1.0 + 1e-12)).all()
    assert (state.talent.found <= 1.0).all()
    earned = (table.kind != FIRM) & table.alive
    researchers[earned] += hired(state, earned)
    for c in range(10):
        there = np.flatnonzero((table.city == c) & table.alive)
        want = scalar.employed(
            researchers[there].tolist(), weight[there].tolist(), int(state.talent.stock[c])
        )
        close(table.researchers[there], want)
    wanted = np.bincount(table.city, weights=researchers * weight, minlength=10)
    close(state.tally.city.vacancies, np.maximum(wanted - state.talent.stock[:-1], 0.0), atol=1e-9)


def hired(state, rows):
    table = state.organisations
    wage = state.inputs.wage[table.province[rows], 2] / 4.0 * state.talent.wage[table.city[rows]]
    return table.rd[rows] / wage


def test_where_supply_is_not_scarce_nothing_is_capped():
    state = lived(LIVELY)
    table = state.organisations
    table.rd[table.kind != FIRM] = 0.0
    before, vacancies = table.researchers.copy(), state.tally.city.vacancies.copy()
    employ(state, LIVELY)
    assert table.researchers.tolist() == before.tolist()
    assert state.tally.city.vacancies.tolist() == vacancies.tolist()
    assert state.talent.cost.tolist() == state.talent.wage.tolist()


def test_science_hires_with_what_its_contracts_earned():
    state = lived(LIVELY)
    table = state.organisations
    science = (table.kind != FIRM) & table.alive
    table.rd[science] = 0.4
    before = table.researchers.copy()
    employ(state, LIVELY)
    close(table.researchers[science], before[science] + hired(state, science))
    assert table.researchers[~science].tolist() == before[~science].tolist()
    assert city_demand(state).sum() > 0.0


def test_a_premium_is_paid_for_graduates_too():
    def bill(look):
        state = state_of(3, gap=0.05)
        state.books = SimpleNamespace(cities=np.zeros(10))
        state.ledger = Ledger(4)
        state.ledger.recording = True
        target = np.ones(10)
        scheme = PoachingPremium("p", 1.0, 0.5, target)
        where = environment(3, 10, 4, mobility=0.0, schemes=(scheme,))
        parameters = with_(mobility=0.0, graduates_look=look)
        move_talent(state, where, draws(), parameters, DECAY_H)
        return -state.books.cities.sum()

    assert bill(1.0) > bill(0.3) > bill(0.0) == 0.0


def test_without_a_burn_in_the_market_comes_to_rest_in_the_first_quarter():
    state = state_of(3)
    asked = np.rint(city_demand(state))
    state.talent.start, state.talent.stock[:] = 0, 0
    move_talent(state, environment(3, 10, 4), draws(), SCARCE, DECAY_H)
    assert state.talent.stock.sum() == 0
    employ(state, SCARCE)
    assert state.talent.stock[:-1].tolist() == asked.tolist()
    assert state.talent.start == asked.sum()
    assert state.talent.wage.tolist() == state.talent.found.tolist() == [1.0] * 10
