"""Mobility of researchers, recognition of titles, poaching."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.labour import CITIES, HERE, LIVELY, PROVINCES, draws, state_of
from tests.support.labour import environment as surroundings
from tests.support.numbers import DECAY_H, close, rng
from ydsim.agents.ledger import Ledger
from ydsim.agents.state import Books
from ydsim.policies.base import Target
from ydsim.policies.fold import fold
from ydsim.policies.science import TalentMobility
from ydsim.processes.talent import (
    city_demand,
    leavers,
    move_talent,
    passage,
    place_keys,
    pull,
    vacancies,
    welcome,
    with_outside,
)


def lived(seed=0, *, policies=None, parameters=LIVELY, **known):
    """A quarter of the labour market under policies, with its books."""
    state = state_of(seed, gap=0.05)
    state.ledger, state.books = Ledger(4), Books(0.0, np.zeros(4), np.zeros(10))
    base = surroundings(seed, 10, 4, mobility=parameters.mobility, **known)
    where = fold(base, policies or {}, 2012.0, HERE)
    move_talent(state, where, draws(), parameters, DECAY_H)
    return state


# -- moves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.03, 0.05])
def test_those_who_reconsider_are_those_of_the_rate(rate):
    """Each city's moves are its movers, less those who find a job at home, to the unit."""
    state = state_of(2, gap=0.05)
    keys, before = place_keys(state.world), state.talent
    target = Target(cities=CITIES[:4])
    base = surroundings(2, 10, 4, mobility=0.2)
    where = fold(base, {"t": TalentMobility(mobility=rate, target=target)}, 2012.0, HERE)
    staying = before.stock - leavers(before.stock, LIVELY.retirement, draws().uniform(keys, 0))
    demand = city_demand(state)
    demand = np.append(demand, 2.2 * demand.sum())
    wage = state.inputs.wage[PROVINCES, 2] * before.wage
    appeal = with_outside(wage, demand[:-1])
    arrives = passage(PROVINCES, where, LIVELY.recognition, DECAY_H)
    weight = pull(vacancies(demand, staying), staying, appeal, np.ones(11), arrives)
    leaves = 1.0 - np.diag(weight)[:10] / weight.sum(axis=1)[:10]
    rates = np.where(np.arange(10) < 4, rate, 0.2)
    movers = np.floor(staying[:10] * -np.expm1(-rates / 4.0) + draws().uniform(keys, 1)[:10])
    move_talent(state, where, draws(), LIVELY, DECAY_H)
    out = state.tally.city.talent_out
    assert (np.abs(out - movers * leaves) <= 1.0 + 1e-6).all()
    assert out[4:].sum() > 100
    assert out[:4].sum() > 20 or rate < 0.03
    assert rate or not out[:4].any()


def test_a_premium_raises_the_pull_of_targeted_cities_by_its_factor():
    draw = rng(3)
    base = surroundings(3, 10, 4)
    policy = TalentMobility(premium=0.3, target=Target(cities=("c1", "c7")))
    where = fold(base, {"t": policy}, 2012.0, HERE)
    vacancy, appeal = draw.exponential(5.0, 11), draw.exponential(1.0, 11)
    stock, arrives = draw.integers(50, 500, 11), passage(PROVINCES, base, 0.5, 1.5)
    before, after = (
        pull(vacancy, stock, appeal, welcome(e.offer, stock, 0.0), arrives) for e in (base, where)
    )
    factor = np.ones((11, 11))
    factor[:, [1, 7]] = 1.3
    np.fill_diagonal(factor, 1.0)  # those who stay get no premium
    close(after, before * factor)


def test_poaching_helps_those_who_pay_and_holds_their_neighbours_back():
    """One-sided in the evidence: up at home, down around; researchers are conserved."""
    free, others = {"all": TalentMobility(mobility=0.05)}, np.arange(11) >= 3

    def stock(**poaching):
        policies = free | {name: TalentMobility(mobility=0.05, **p) for name, p in poaching.items()}
        return sum(lived(seed, policies=policies).talent.stock for seed in range(6))

    nobody = stock()
    gains = [
        stock(war={"premium": premium, "target": Target(cities=CITIES[:3])}) - nobody
        for premium in (0.25, 0.5, 1.0)
    ]
    for gain in gains:
        assert gain.sum() == 0
        assert (gain[:3] > 0).all()
        assert gain[others].sum() < 0
        assert gain[3:10].sum() < 0
    assert gains[0][:3].sum() < gains[1][:3].sum() < gains[2][:3].sum()
    # neighbours who answer in kind lose less
    answer = stock(war={"premium": 1.0, "target": Target(cities=CITIES)}) - nobody
    assert answer[3:10].sum() > gains[2][3:10].sum()


# -- money -----------------------------------------------------------------------------------------


def test_the_premium_costs_what_is_said():
    target = Target(cities=("c1", "c7"))
    policy = TalentMobility(mobility=0.05, premium=0.4, strength=0.5, target=target)
    state = lived(4, policies={"war": policy})
    went = state_of(4, gap=0.05)
    wage = went.inputs.wage[PROVINCES, 2] * went.talent.wage  # of the quarter before
    came = state.tally.city.talent_in
    bill = np.where(np.isin(np.arange(10), [1, 7]), 0.5 * 0.4 * wage * came * state.scale, 0.0)
    assert bill[1] > 0.0
    close(state.books.cities, -bill)
    (entry,) = state.ledger.entries
    assert (entry.payer, entry.receiver, entry.flow) == ("cities", "economy", "war")
    close(entry.amount, [bill[:3].sum(), 0.0, bill[5:9].sum(), 0.0])
    assert state.ledger.imbalance() < 1e-9
