"""The code against submodels that were written from docs/odd.md alone."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support.from_the_page import contract_market as page_market
from tests.support.from_the_page import scarce_talent as page_talent
from tests.support.labour import PROVINCES, SCARCE, draws, environment, state_of
from tests.support.neutral import neutral
from tests.support.numbers import close, rng, seeded
from tests.support.small import after_burn_in, live, tilted, world
from ydsim.agents.ledger import Ledger
from ydsim.agents.organisations import FIRM
from ydsim.policies.schemes import PoachingPremium
from ydsim.processes.contract_market import trade
from ydsim.processes.enact import with_actors
from ydsim.processes.talent import employ, move_talent, place_keys
from ydsim.scenario.schema.parameters import ActorParameters, Parameters
from ydsim.world.quarters import from_the_start, interpolate

EQUAL = 1e-9
SEEDS = seeded(8)
CHANNELS = {"exposure": 0, "match": 1, "contract": 2, "talent": 3, "knowledge": 4}
"""In the order of the page: exposure, joint work, hand-overs, talent, knowledge."""


def symmetric(draw, n, low, high, home):
    found = np.triu(draw.uniform(low, high, (n, n)), 1)
    return found + found.T + home * np.eye(n)


def by_channel(draw, *shape):
    return draw.uniform(0.0, 0.9, (len(CHANNELS), *shape)) * (draw.random((5, *shape)) < 0.5)


# -- the contract market ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def explored():
    place = tilted(world())
    return live(after_burn_in(place=place, years=1, scale=0.01, burn_in=2), "_explore")


def any_market(explored, draw):
    """A state at random: research, effort, knowledge, pay; one city where nothing is done."""
    state = copy.deepcopy(explored.state)
    state.begin(state.quarter)
    table, firms, world = state.organisations, state.firms, state.world
    idle = table.city[firms] == draw.integers(world.n_cities)
    for column in (table.rd, table.grants_spent):
        column[firms] = np.where(idle, 0.0, draw.exponential(0.3, len(firms)))
    table.rd[firms[draw.random(len(firms)) < 0.1]] = 0.0
    n_f, n = state.field_share.shape
    state.field_share[:] = draw.dirichlet(np.ones(n_f), n).T
    table.knowledge[:] = draw.normal(size=table.knowledge.shape)
    state.talent.wage[:] = draw.uniform(0.5, 2.0, world.n_cities)
    return state


def any_way(draw, province):
    n, p = len(province), int(province.max()) + 1
    return neutral(
        province,
        travel_hours=symmetric(draw, n, 0.5, 6.0, 0.5),
        outside_hours=draw.uniform(1.0, 6.0, n),
        border_contract=symmetric(draw, p, 0.0, 1.0, 0.0),
        contract_relief=symmetric(draw, p, 0.0, 0.8, 0.0),
        tie_factor=symmetric(draw, n, 0.5, 3.0, 1.0),
        relief=by_channel(draw, n, n),
        closed=by_channel(draw, p),
    )


def way_on_the_page(where):
    channel = CHANNELS["contract"]
    return page_market.Way(
        where.travel_hours.tolist(),
        where.outside_hours.tolist(),
        where.border_contract.tolist(),
        where.contract_relief.tolist(),
        where.closed[channel].tolist(),
        where.relief[channel].tolist(),
        where.tie_factor.tolist(),
    )


def any_parameters(draw):
    p = Parameters()
    contracts = {
        "market": draw.uniform(0.1, 2.0),
        "size": draw.uniform(0.1, 9.0),
        "pieces": draw.uniform(0.5, 5.0),
        "lessons": draw.uniform(0.1, 1.0),
        "registration_outside": draw.uniform(),
    }
    match = {
        "reach": draw.uniform(0.0, 2.0),
        "decay_h": draw.uniform(0.3, 3.0),
        "far": draw.uniform(),
    }
    return p.model_copy(
        update={
            "contracts": p.contracts.model_copy(update=contracts),
            "match": p.match.model_copy(update=match),
        }
    )


def firms_on_the_page(state):
    table = state.organisations
    return [
        page_market.Firm(
            int(table.city[i]),
            float(table.rd[i]),
            float(table.grants_spent[i]),
            state.field_share[:, state.position[i]].tolist(),
            table.knowledge[i].tolist(),
        )
        for i in state.firms.tolist()
    ]


def terms_on_the_page(state, p):
    world, column = state.world, state.input_column
    year = float(state.inputs.years[0]) + (state.quarter + 0.5) / 4.0
    wage = state.inputs.wage[world.city_province, column] * state.talent.wage
    rho = [
        page_market.registered_share(*row, p.contracts.registration_rate, year)
        for row in world.registration.tolist()
    ]
    return page_market.Terms(
        province=world.city_province.tolist(),
        wage=wage.tolist(),
        o=float(state.national.outside_mass[column]),
        m=float(state.national.contract_price[column]),
        market=p.contracts.market,
        size=p.contracts.size,
        reach=p.match.reach,
        decay_h=p.match.decay_h,
        far=p.match.far,
        pieces=p.contracts.pieces,
        lessons=p.contracts.lessons,
        licence=p.learn.licence,
        rho=rho,
        rho_outside=p.contracts.registration_outside,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_contract_market_is_that_of_the_page(explored, seed):
    draw = rng(3_000 + seed)
    state, p = any_market(explored, draw), any_parameters(draw)
    now, plain = (any_way(draw, state.world.city_province) for _ in range(2))
    firms = firms_on_the_page(state)
    want = page_market.contract_market(
        firms, way_on_the_page(now), way_on_the_page(plain), terms_on_the_page(state, p)
    )
    table, rows, s = state.organisations, state.firms, state.scale
    before = {name: getattr(table, name)[rows].copy() for name in ("cash", "profit")}
    trade(state, now, p, plain)
    pairs = state.tally.contract_pairs
    close(pairs.value * s, np.sum(want.value, axis=2), EQUAL)
    close(pairs.number * s, want.number, EQUAL)
    close(pairs.value_registered * s, want.registered_value, EQUAL)
    close(pairs.number_registered * s, want.registered_number, EQUAL)
    net = np.subtract(want.earned, want.paid)
    close(table.contract_net[rows], net, EQUAL, atol=1e-12)
    for name, was in before.items():
        close(getattr(table, name)[rows], was + net, EQUAL, atol=1e-12)
    lessons = state.lessons[:, state.position[rows]].T
    close(lessons, want.lessons, EQUAL, atol=1e-12)
    assert (lessons > 0.0).mean() > 0.1


def test_without_work_across_provinces_firms_buy_at_home_and_outside(explored):
    draw = rng(1)
    state = any_market(explored, draw)
    province = state.world.city_province
    plain = any_way(draw, province)
    alone = ActorParameters(cross_province=False)
    trade(state, with_actors(plain, alone, province), any_parameters(draw), plain)
    value = state.tally.contract_pairs.value
    assert not value[:-1, :-1][province[:, None] != province].any()
    assert value[:-1, :-1].any()
    assert value[:-1, -1].any()
    assert value[-1, :-1].any()


# -- scarce people ---------------------------------------------------------------------------------


def any_land(draw, seed):
    n, p = len(PROVINCES), int(PROVINCES.max()) + 1
    return environment(
        seed,
        n,
        p,
        border_talent=symmetric(draw, p, 0.0, 1.0, 0.0),
        recognition=symmetric(draw, p, 0.0, 1.0, 1.0),
        relief=by_channel(draw, n, n),
        closed=by_channel(draw, p),
        mobility=draw.uniform(0.0, 1.5, n),
        offer=draw.uniform(0.5, 2.0, n),
        core_pull=np.array(draw.uniform(0.0, 1.0)),
        schemes=(PoachingPremium("p", 0.7, 0.5, (draw.random(n) < 0.5).astype(float)),),
    )


def any_people(draw):
    return SCARCE.model_copy(
        update={
            "mobility": draw.uniform(),
            "retirement": draw.uniform(0.0, 0.5),
            "knowledge": draw.uniform(0.0, 2.0),
            "decay_h": draw.uniform(0.5, 5.0),
            "recognition": draw.uniform(),
            "graduates_look": draw.uniform(),
            "entry_elasticity": draw.uniform(0.0, 4.0),
            "pay_speed": draw.uniform(0.0, 8.0),
        }
    )


def organisations_on_the_page(state):
    """Of science `rd` is what its contracts of the quarter before pay for people."""
    table = state.organisations
    found = []
    for i in np.flatnonzero(table.alive).tolist():
        firm = bool(table.kind[i] == FIRM)
        found.append(
            page_talent.Organisation(
                int(table.city[i]),
                not firm,
                float(table.rd[i]),
                float(table.grants_spent[i]),
                float(table.researchers[i]),
                tuple(table.knowledge[i].tolist()),
            )
        )
    return found


def land_on_the_page(state, where, p):
    now, channel = state.input_column, CHANNELS["talent"]
    personnel = state.inputs.personnel.sum(axis=0).tolist()
    start = state.talent.start
    outside = float(state.national.outside_mass[now]) * start * personnel[now] / personnel[0]
    return page_talent.Land(
        scale=state.scale,
        ids=place_keys(state.world).tolist(),
        province=PROVINCES.tolist(),
        wage=state.inputs.wage[PROVINCES, now].tolist(),
        hours=where.travel_hours.tolist(),
        outside_hours=where.outside_hours.tolist(),
        border=where.border_talent.tolist(),
        relief=where.relief[channel].tolist(),
        closed=where.closed[channel].tolist(),
        recognition=where.recognition.tolist(),
        recognition_outside=p.recognition,
        offer=where.offer.tolist(),
        core_pull=float(where.core_pull),
        mobility=where.mobility.tolist(),
        mobility_outside=p.mobility,
        retirement=p.retirement,
        knowledge=p.knowledge,
        decay_h=p.decay_h,
        graduates_look=p.graduates_look,
        entry_elasticity=p.entry_elasticity,
        pay_speed=p.pay_speed,
        students=state.inputs.students[:, now].tolist(),
        beginners=page_talent.beginners(start, personnel, p.retirement, now),
        outside_demand=outside,
    )


def draws_on_the_page(state):
    keys, noise = place_keys(state.world), draws()
    cities = keys[:-1]
    return page_talent.Draws(
        noise.uniform(keys, 0).tolist(),
        noise.uniform(keys, 1).tolist(),
        noise.uniform(keys, 2).tolist(),
        float(noise.uniform(keys[-1:], 3)[0]),
        noise.uniform(cities, 3).tolist(),
        noise.uniform(cities, 4).tolist(),
        noise.uniform(cities, 5).tolist(),
    )


def any_labour(draw, seed):
    """A labour market at random; in one city nobody is asked for, in one nobody is there."""
    state = state_of(seed, gap=0.3)
    state.quarter = seed % 4
    levels = interpolate(draw.uniform(1e5, 2e5, (4, 2)))
    state.inputs.personnel = from_the_start(levels)
    own = np.sum([page_talent.official(row) for row in levels.tolist()], axis=0)
    close(state.inputs.personnel.sum(axis=0), own, EQUAL)
    state.books = SimpleNamespace(cities=np.zeros(len(PROVINCES)))
    state.ledger = Ledger(4)
    table = state.organisations
    science = table.kind != FIRM
    table.rd[science] = draw.exponential(0.05, int(science.sum()))
    idle, empty = draw.choice(len(PROVINCES), 2, replace=False)
    for column in (table.rd, table.grants_spent, table.researchers):
        column[table.city == idle] = 0.0
    state.talent.stock[empty] = 0
    return state


@pytest.mark.parametrize("seed", SEEDS)
def test_scarce_people_are_those_of_the_page(seed):
    draw = rng(4_000 + seed)
    state, p = any_labour(draw, seed), any_people(draw)
    where = any_land(draw, seed)
    land = land_on_the_page(state, where, p)
    organisations = organisations_on_the_page(state)
    before = state.talent
    want = page_talent.scarce_quarter(
        organisations, land, before.stock.tolist(), before.wage.tolist(), draws_on_the_page(state)
    )
    move_talent(state, where, draws(), p)
    close(state.talent.demand, want.demand, EQUAL)
    assert state.talent.moves.tolist() == want.moves
    assert state.talent.stock.tolist() == want.stock
    close(state.talent.wage, want.pay, EQUAL)
    (scheme,) = where.schemes
    bill = page_talent.premiums(
        scheme.strength, scheme.premium, scheme.where.tolist(), land, before.wage.tolist(), want,
    )  # fmt: skip
    close(-state.books.cities, bill, EQUAL)
    assert want.arrived != [0] * len(want.arrived)


@pytest.mark.parametrize("seed", SEEDS)
def test_work_in_open_posts_is_that_of_the_page(seed):
    draw = rng(5_000 + seed)
    state, p = any_labour(draw, seed), any_people(draw)
    where, before = any_land(draw, seed), state.talent.wage.copy()
    move_talent(state, where, draws(), p)
    table = state.organisations
    firm, science = (table.alive & (table.kind == FIRM), table.alive & (table.kind != FIRM))
    table.rd[firm] = draw.exponential(0.2, int(firm.sum()))
    table.rd[table.city == draw.integers(len(PROVINCES))] = 0.0
    table.grants_spent[:] *= draw.uniform(0.0, 1.0, len(PROVINCES))[table.city]
    wage = state.inputs.wage[table.province, state.input_column] / 4.0
    for rows, money, theta in (
        (science, table.grants_spent, before),  # as of 7.2, at the pay of the quarter before
        (firm, table.rd + table.grants_spent, state.talent.wage),  # as of 7.4
    ):
        table.researchers[rows] = (money / (wage * theta[table.city]))[rows]
    phi, researchers = page_talent.employed(
        organisations_on_the_page(state),
        land_on_the_page(state, where, p),
        state.talent.stock.tolist(),
        before.tolist(),
        state.talent.wage.tolist(),
    )
    employ(state, p)
    close(state.talent.found, phi, EQUAL)
    close(table.researchers[table.alive], researchers, EQUAL)
    assert min(phi) < 1.0
