"""Deals as a loop, one at a time: who pays whom, what is written down, and what moves."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from tests.support import scalar_chain as scalar
from tests.support.deals import N_P, WORLD, C, P, flows, noise, one, state_with
from tests.support.numbers import SEEDS, close
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import Deals
from ydsim.noise import identity
from ydsim.processes.contract import deal_value, sign


def contracts(**changes):
    return P.model_copy(update={"contracts": P.contracts.model_copy(update=changes)})


def deals_of(state, draws):
    d = state.deals
    names = [name for name in vars(d) if name not in ("project", "field")]
    columns = [getattr(d, name).tolist() for name in names]
    u, v = (draws.uniform(d.project, k)[: len(d)].tolist() for k in (0, 1))
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    return [{**row, "u": a, "v": b} for row, a, b in zip(rows, u, v, strict=True)]


def many(state, n, **changes):
    """One deal ``n`` times under keys of their own."""
    deal = one(state, **changes)
    rows = {name: np.repeat(value, n) for name, value in vars(deal).items()}
    return Deals(**{**rows, "project": identity("deal", np.arange(n))})


# -- the quarter -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 300])
def test_the_phase_equals_a_loop_over_deals(seed, n):
    state = state_with(n, seed)
    table, draws, keys = state.organisations, noise(seed), P.contracts
    before = table.profit.copy()
    wage = state.inputs.wage[:, state.input_column]
    owners = [
        {"kind": int(k), "province": int(p)}
        for k, p in zip(table.kind, table.province, strict=True)
    ]
    want = scalar.sign(
        deals_of(state, draws),
        owners,
        lambda c: float(wage[WORLD.city_province[c]] * state.talent.wage[c]),
        WORLD,
        float(state.national.contract_price[6]),
        2011.0 + 6.5 / 4.0,
        6,
        float(state.national.examination[6]),
        keys,
    )
    sign(state, draws, P)

    firm, net = table.kind == FIRM, np.array(want["net"])
    close(table.contract_net, net, atol=1e-13)
    close(table.profit, before + np.where(firm, net, 0.0), atol=1e-12)

    books = flows(state)
    nonzero = {key: amount for key, amount in books.items() if amount.any()}
    assert set(nonzero) == set(want["books"])
    for key, amount in want["books"].items():
        close(books[key], amount, atol=1e-13)

    tally, scale = state.tally, state.scale
    for name, matrix in tally.contracts.items():
        wanted = np.zeros((N_P + 1, N_P + 1))
        for pair, number in want["counts"].get(name, {}).items():
            wanted[pair] = number
        close(matrix * scale, wanted)
    for channel in ("contract", "patent_transfer"):
        wanted = np.zeros((C + 1, C + 1))
        for pair, number in want["counts"].get(channel, {}).items():
            wanted[pair] = number
        have = getattr(tally.links, channel)
        close(have[0] * scale, wanted)
        assert not have[1].any()
    close(tally.city.patents_transferred * scale, want["moved"])
    served = [want["brokers"].get(b, 0.0) for b in range(len(state.brokers.city))]
    close(state.brokers.deals, served)
    close(tally.city.brokered_deals * scale, np.bincount(state.brokers.city, served, C))
    if n > 100:
        assert len(want["books"]) > 8
        assert sum(want["moved"]) > 5 * keys.patents
        assert set(tally.contracts.names()) < set(want["counts"])
        share = tally.contracts.number_registered.sum() / tally.contracts.number.sum()
        assert 0.2 < share < 0.9


def test_no_deals_leave_no_trace_but_zeros():
    state = state_with(0)
    before = state.organisations.profit.copy()
    sign(state, noise(), P)
    assert (state.organisations.profit == before).all()
    assert state.ledger.entries == []
    assert not any(matrix.any() for _, matrix in state.tally.contracts.items())
    assert not state.tally.links.contract.any()
    assert not state.tally.city.brokered_deals.any()


# -- price -----------------------------------------------------------------------------------------


def test_the_value_is_the_cost_of_the_work_times_the_price():
    """Ten researchers for a year at 100 000 yuan, twice, at an index of three."""
    value = deal_value(np.array([40.0]), np.array([1e-3]), 2.0, 3.0)
    close(value, [40.0 / 4.0 * 1e-3 * 2.0 * 3.0])


def test_money_of_deals_does_not_depend_on_the_scale_and_counts_do():
    small, full = state_with(100, scale=0.05), state_with(100, scale=1.0)
    sign(small, noise(), P)
    sign(full, noise(), P)
    assert (small.organisations.profit == full.organisations.profit).all()
    assert small.ledger.balance == full.ledger.balance
    for name, matrix in small.tally.contracts.items():
        close(matrix * 0.05, getattr(full.tally.contracts, name))


# -- registration ----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_all_or_nothing_is_registered(share):
    world = replace(WORLD, registration=np.full((N_P, 3), (share, share, 2012.0)))
    state = state_with(200, world=world)
    sign(state, noise(), P)
    found, part = state.tally.contracts, np.append(np.full(N_P, share), 1.0)[:, None]
    close(found.number_registered, part * found.number)
    close(found.value_registered, part * found.value)


def test_as_many_are_registered_as_the_logistic_share_says():
    """In the middle of the change half of the way; deals as a whole; one rule for all quarters."""
    n, registration = 20_000, np.full((N_P, 3), (0.2, 0.8, 2012.375))
    world = replace(WORLD, registration=registration)
    for quarter, share in ((5, 0.5), (11, 0.2 + 0.6 / (1.0 + np.exp(-1.5)))):
        state = state_with(0, world=world, scale=1.0, quarter=quarter)
        state.deals = many(state, n)
        sign(state, noise(quarter), contracts(registration_rate=1.0))
        found = state.tally.contracts
        official = found.number_registered.sum() / P.contracts.pieces
        low, high = binom.ppf([0.0005, 0.9995], n, share)
        assert low <= official <= high
        part = found.value_registered.sum() / found.value.sum()
        assert part == pytest.approx(official / n)


# -- transfers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("age", [7, 8, 11, 15, 23, 40])
def test_patents_move_as_far_as_they_are_granted(age):
    """The age passed through the kernel, times what the nation grants, at most one."""
    n, examination = 20_000, 0.9
    state = state_with(0, scale=1.0)
    state.national.examination[:] = examination
    state.deals = many(state, n, invented=[state.quarter - age])
    sign(state, noise(age), P)
    weights = np.repeat([0.0, 0.0, *P.contracts.examination], 4) / 4.0
    share = examination * weights[: age + 1].sum()
    moved = state.tally.links.patent_transfer[0].sum()
    low, high = binom.ppf([0.0005, 0.9995], n, share)
    assert low <= moved <= high
    assert state.tally.city.patents_transferred.sum() == pytest.approx(P.contracts.patents * moved)


# -- what science does with it ---------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.0, 0.4, 1.0])
def test_science_hires_with_what_it_earned_for_research(part):
    state = state_with(300, 2)
    table = state.organisations
    keys = contracts(science_hires=part)
    firms = table.rd[table.kind == FIRM].copy()
    sign(state, noise(2), keys)
    index = state.national.contract_price[state.input_column]
    research = keys.contracts.price * index
    assert research > 1.0
    science = table.kind != FIRM
    earned = np.maximum(table.contract_net, 0.0)[science]
    assert (earned > 0.0).any()
    close(table.rd[science], part * earned / research / state.scale)
    assert table.rd[table.kind == FIRM].tolist() == firms.tolist()


def test_without_deals_science_hires_nobody():
    state = state_with(0, 2)
    state.organisations.rd[:] = 1.0
    sign(state, noise(2), contracts(science_hires=0.5))
    table = state.organisations
    assert (table.rd[table.alive & (table.kind != FIRM)] == 0.0).all()
    assert (table.rd[table.kind == FIRM] == 1.0).all()
