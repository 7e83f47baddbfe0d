"""Broker: how many intermediaries there are, how far they reach, and who pays for them.

    B_c      = floor(n_c delta_c / 1000 + 1/2)                      brokers of city c
    own_kc   = max(0, floor(n_c delta_kc / 1000 + 1/2) - B0_c)      what policy k alone would add
             = K n_c / sum of n, whole by largest remainders        of a policy with an amount
    K        = floor(strength amount / kappa)
    delta_c  = 1000 (B0_c + own_kc) / n_c where an amount adds most of all policies and own_kc > 0
    added_c  = max(0, B_c - B0_c)
    bill_kc  = s kappa_k / 4 added_c own_kc / sum_k own_kc          100m_rmb a quarter

Symbols: n firms of the city at scale 1 at the start of the burn-in (as the brokers of the start, so
that nothing but policies changes their number); delta `broker_density` in force; B0 the number at
the density of the parameters; delta_k the density in force under policy k alone; kappa cost of a
broker a year. Who a broker is follows from its city and number there: those that stay keep
the draws that go with it. Provinces pay for the offices in their cities, which spend
what they get. With an amount a policy adds K of them, in proportion to the firms of its cities (the
sum of n is over these; equal remainders in the order of the identities of cities); what is left of
the amount stays with provinces. Offices of two policies in one city do not add up: there are those
of the one that adds most. Without intermediaries there are none, whatever a policy says.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ydsim.agents.ledger import Flow, note_budget, of_quarter, takes_part
from ydsim.agents.state import State
from ydsim.agents.tables import make_brokers, number_of_brokers
from ydsim.measures.groups import sums
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.schemes import BrokerOffices
from ydsim.scenario.schema.parameters import Parameters
from ydsim.typing import Floats, Ints
from ydsim.world.places import largest_remainder


def keep_brokers(
    state: State,
    environment: PolicyEnvironment,
    baseline: PolicyEnvironment,
    parameters: Parameters,
) -> bool:
    """Place and pay the brokers of the quarter; return whether any came, went or changed.

    Called when a quarter has been opened: what brokers have done in it begins with zero.
    """
    brokers, keys, reach = state.brokers, parameters.brokers, environment.broker_reach
    density = environment.broker_density * parameters.actors.intermediaries
    changed = bool(
        (number_of_brokers(brokers.firms, density) != _by_city(state)).any()
        or (brokers.reach_km != reach[brokers.city]).any()
    )
    if changed:
        capacity, names = keys.capacity * state.scale, state.world.city_keys
        state.brokers = make_brokers(brokers.firms, names, density, capacity, reach)
    pay_offices(state, environment, baseline, parameters)
    return changed


def with_offices(
    state: State, environment: PolicyEnvironment, baseline: PolicyEnvironment
) -> PolicyEnvironment:
    """Return the environment with the density of the brokers for which amounts pay.

    It combines with what other policies want as the field does: by the largest shift.
    """
    offices = [one for one in environment.of(BrokerOffices) if one.amount is not None]
    if not offices:
        return environment
    firms, base = state.brokers.firms, baseline.broker_density
    usual, density = number_of_brokers(firms, base), environment.broker_density.copy()
    for office in offices:
        own = _own(state, office, base)
        wanted = 1000.0 * (usual + own) / np.maximum(firms, 1e-300)
        lifts = (own > 0) & (wanted - base >= np.abs(density - base))
        density[lifts] = wanted[lifts]
    return replace(environment, broker_density=density)


def pay_offices(
    state: State,
    environment: PolicyEnvironment,
    baseline: PolicyEnvironment,
    parameters: Parameters,
) -> None:
    """Pay the brokers that policies have added, by the provinces in which they sit."""
    offices = environment.of(BrokerOffices)
    if not offices:
        return
    firms, world, books = state.brokers.firms, state.world, state.books
    exists = parameters.actors.intermediaries
    usual = number_of_brokers(firms, baseline.broker_density * exists)
    added = np.maximum(_by_city(state) - usual, 0)
    each = [exists * _own(state, office, baseline.broker_density) for office in offices]
    total = np.maximum(np.sum(each, axis=0), 1)
    for office, own in zip(offices, each, strict=True):
        bill = state.scale * office.yearly / 4.0 * (added * own / total)
        amount = sums(world.city_province, bill, world.n_provinces)
        if office.amount is not None:
            budget = of_quarter(office.amount, office.strength, state.scale)
            where = takes_part(state, office.where)
            note_budget(state, office.policy, {"provinces": 1.0}, budget, amount, amount, where)
        if not amount.any():
            continue
        books.provinces -= amount
        state.ledger.post("provinces", "intermediaries", office.policy, amount)
        state.ledger.post("intermediaries", "economy", Flow.BROKERS_COSTS, amount)


def _by_city(state: State) -> Ints:
    """Return the brokers of each city, shape (C,)."""
    return np.bincount(state.brokers.city, minlength=state.world.n_cities)


def _own(state: State, office: BrokerOffices, usual: Floats) -> Ints:
    """Return what a policy alone adds to the brokers of cities at the ``usual`` density, (C,)."""
    firms, where = state.brokers.firms, np.asarray(office.where)
    if office.amount is None:
        shift = office.strength * where * (office.density - usual)
        more = number_of_brokers(firms, usual + shift) - number_of_brokers(firms, usual)
        return np.maximum(more, 0)
    own = np.zeros(len(firms), dtype=np.int64)
    claim = firms * where
    if claim.sum() > 0.0:
        # a whole number that rounding has made a little less is meant
        number = int(np.floor(office.strength * office.amount / office.yearly + 1e-9))
        order = state.world.city_order
        own[order] = largest_remainder(claim[order], number)
    return own
