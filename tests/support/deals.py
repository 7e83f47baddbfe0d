"""Organisations of all kinds with deals of all sorts between them."""

from types import SimpleNamespace

import numpy as np

from tests.support.numbers import rng
from tests.support.scalar_society import stub
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.agents.projects import NOT_YET, OUTSIDER, Deals
from ydsim.agents.tables import Brokers, Talent
from ydsim.noise import NoiseSource, identity
from ydsim.scenario.schema.parameters import Parameters
from ydsim.world.loader import synthetic_world

P = Parameters()
WORLD = synthetic_world(4, 3)
C, N_P = WORLD.n_cities, WORLD.n_provinces


def noise(seed=0):
    return NoiseSource(seed, 0).phase("contract", 3)


def state_with(n=60, seed=0, *, deals=None, world=WORLD, scale=0.05, quarter=6, brokers=5):
    """Organisations of all kinds with money, and ``n`` deals of all sorts between them."""
    draw = rng(seed)
    state = stub(
        world,
        scale=scale,
        quarter=quarter,
        inputs=SimpleNamespace(years=np.arange(2011, 2014), wage=draw.uniform(2e-3, 9e-3, (4, 12))),
        national=SimpleNamespace(
            contract_price=draw.uniform(0.5, 2.0, 12), examination=draw.uniform(0.5, 1.5, 12)
        ),
        talent=Talent(
            np.zeros(C + 1),
            np.zeros(C + 1),
            draw.uniform(0.5, 2.0, C),
            np.zeros((C + 1, C + 1)),
            np.ones(C),
            0,
        ),
    )
    size = 40
    kind = draw.choice([FIRM, UNIVERSITY, INSTITUTE], size, p=[0.6, 0.2, 0.2])
    kind[:6] = [FIRM, UNIVERSITY, INSTITUTE] * 2
    city = draw.integers(0, C, size)
    state.organisations.append(
        size,
        key=identity("organisation", np.arange(size)),
        kind=kind,
        city=city,
        province=world.city_province[city],
        profit=draw.normal(size=size),
    )
    state.brokers = Brokers(
        identity("broker", np.arange(brokers))[:brokers],
        draw.integers(0, C, brokers),
        np.full(brokers, 10.0),
        np.full(brokers, 150.0),
    )
    state.brokers.begin()
    state.deals = some_deals(draw, n, kind, city, brokers, quarter) if deals is None else deals
    return state


def some_deals(draw, n, kind, city, brokers, quarter):
    """Firms and the outside buy from everyone; not the outside from itself."""
    firms = np.flatnonzero(kind == FIRM)
    buyer = np.where(draw.random(n) < 0.25, OUTSIDER, draw.choice(firms, n))
    seller = draw.integers(0, len(kind), n)
    seller = np.where((draw.random(n) < 0.25) & (buyer != OUTSIDER), OUTSIDER, seller)
    invented = np.where(draw.random(n) < 0.3, NOT_YET, quarter - draw.integers(0, 30, n))
    return Deals(
        project=identity("deal", np.arange(n))[:n],
        seller=seller,
        buyer=buyer,
        field=draw.integers(0, 10, n),
        effort=draw.exponential(30.0, n),
        invented=invented,
        hand_over=draw.random(n) < 0.5,
        broker=np.where(draw.random(n) < 0.4, draw.integers(0, brokers, n), -1),
    )


def one(state, **changes):
    """One hand-over from the first firm to the next, with changes."""
    table = state.organisations
    a, b = np.flatnonzero(table.kind == FIRM)[:2]
    values = {
        "project": identity("deal", 1),
        "seller": [a],
        "buyer": [b],
        "field": [0],
        "effort": [40.0],
        "invented": [NOT_YET],
        "hand_over": [True],
        "broker": [-1],
    } | changes
    return Deals(**{name: np.asarray(value) for name, value in values.items()})


def flows(state):
    found = {}
    for e in state.ledger.entries:
        key = (e.payer, e.receiver, e.flow)
        found[key] = found.get(key, 0.0) + e.amount
    return found
