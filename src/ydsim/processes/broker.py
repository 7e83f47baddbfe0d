"""Broker: how many intermediaries there are, how far they reach, and who pays for them.

    B_c      = floor(n_c delta_c / 1000 + 1/2)                      brokers of city c
    own_kc   = max(0, floor(n_c delta_kc / 1000 + 1/2) - B0_c)      what policy k alone would add
    added_c  = max(0, B_c - B0_c)
    bill_kc  = s kappa_k / 4 added_c own_kc / sum_k own_kc          100m_rmb a quarter

Symbols: n firms of the city at scale 1 at the start of the burn-in (as the brokers of the start, so
that nothing but policies changes their number); delta `broker_density` in force; B0 the number at
the density of the parameters; delta_k the density in force under policy k alone; kappa cost of a
broker a year. Who a broker is follows from its city and number there: those that stay keep what
they know and the draws that go with it. Provinces pay for the offices in their cities, which spend
what they get. With an amount a policy adds amount / kappa of them, spread evenly over the firms of
its cities; what whole numbers leave of the amount stays with provinces. Without intermediaries
there are none, whatever a policy says.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.brokers import make_brokers, number_of_brokers
from ydsim.agents.budgets import note_budget, of_quarter, takes_part
from ydsim.agents.ledger import Flow
from ydsim.agents.state import State
from ydsim.measures.groups import sums
from ydsim.noise import Noise
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.schemes import BrokerOffices
from ydsim.scenario.schema.parameters import Parameters
from ydsim.typing import Floats, Ints


def keep_brokers(
    state: State,
    environment: PolicyEnvironment,
    baseline: PolicyEnvironment,
    parameters: Parameters,
    noise: Noise,
) -> bool:
    """Place and pay the brokers of the quarter; return whether any came, went or changed."""
    changed = place_brokers(state, environment, parameters, noise)
    pay_offices(state, environment, baseline, parameters)
    return changed


def place_brokers(
    state: State, environment: PolicyEnvironment, parameters: Parameters, noise: Noise
) -> bool:
    """Bring the brokers to the density and reach in force; return whether any have changed.

    Called when a quarter has been opened: what brokers have done in it begins with zero.
    ``noise`` is that by which they know their fields, which does not depend on the quarter.
    """
    brokers, world, keys = state.brokers, state.world, parameters.brokers
    density = environment.broker_density * parameters.actors.intermediaries
    number = number_of_brokers(brokers.firms, density)
    there = _by_city(state)
    reach = environment.broker_reach
    if (number == there).all() and (brokers.reach_km == reach[brokers.city]).all():
        return False
    state.brokers = make_brokers(
        brokers.firms,
        world.city_keys,
        density,
        keys.capacity * state.scale,
        reach,
        keys.fields,
        len(world.fields),
        noise,
    )
    return True


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
    own = [_wanted(office, firms, baseline.broker_density) * exists - usual for office in offices]
    own = [np.maximum(wanted, 0) for wanted in own]
    total = np.maximum(np.sum(own, axis=0), 1)
    for office, wanted in zip(offices, own, strict=True):
        bill = state.scale * office.yearly / 4.0 * (added * wanted / total)
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


def _wanted(office: BrokerOffices, firms: Floats, usual: Floats) -> Ints:
    """Return the brokers of each city under the policy alone, shape (C,)."""
    more = office.density - usual if office.amount is None else office.more
    shift = office.strength * np.asarray(office.where) * more
    return number_of_brokers(firms, usual + shift)
