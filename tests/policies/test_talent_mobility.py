"""Mobility of researchers, recognition of titles, poaching."""

from __future__ import annotations

import numpy as np

from tests.support.labour import HERE, LIVELY, PROVINCES, draws, state_of
from tests.support.labour import environment as surroundings
from tests.support.numbers import DECAY_H, close
from ydsim.agents.ledger import Ledger
from ydsim.agents.state import Books
from ydsim.policies.base import Target
from ydsim.policies.borders import MutualRecognition
from ydsim.policies.fold import fold
from ydsim.policies.places import TalentMobility
from ydsim.processes.talent import move_talent, passage


def lived(seed=0, *, policies=None, parameters=LIVELY, **known):
    """A quarter of the labour market under policies, with its books."""
    state = state_of(seed, gap=0.05)
    state.ledger, state.books = Ledger(4), Books(0.0, np.zeros(4), np.zeros(10))
    base = surroundings(seed, 10, 4, mobility=parameters.mobility, **known)
    where = fold(base, policies or {}, 2012.0, HERE)
    move_talent(state, where, draws(), parameters, DECAY_H)
    return state


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


def test_the_weight_of_a_destination_across_a_border_rises_by_the_ratio():
    base = surroundings(1, 10, 4, passes=0.7, recognition=0.4)
    where = fold(base, {"r": MutualRecognition(share=1.0)}, 2012.0, HERE)
    before, after = (passage(PROVINCES, e, 0.5, 1.5) for e in (base, where))
    factor = np.ones((11, 11))
    factor[:10, :10] = np.where(PROVINCES[:, None] == PROVINCES[None, :], 1.0, 1.0 / 0.4)
    close(after, before * factor)
