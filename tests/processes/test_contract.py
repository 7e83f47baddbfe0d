"""Deals as a loop, one at a time: who pays whom, what is written down, and what moves."""

import numpy as np
import pytest

from tests.support import scalar_chain as scalar
from tests.support.deals import N_P, WORLD, C, P, flows, noise, state_with
from tests.support.numbers import SEEDS, close, rows_of
from ydsim.agents.organisations import FIRM
from ydsim.processes.contract import sign


def contracts(**changes):
    return P.model_copy(update={"contracts": P.contracts.model_copy(update=changes)})


def deals_of(state, draws):
    d = state.deals
    rows = rows_of(d, [name for name in vars(d) if name not in ("project", "field")])
    granted = draws.uniform(d.project, 1)[: len(d)].tolist()
    return [{**row, "v": v} for row, v in zip(rows, granted, strict=True)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("n", [0, 1, 300])
def test_the_phase_equals_a_loop_over_deals(seed, n):
    state = state_with(n, seed)
    table, draws, keys = state.organisations, noise(seed), P.contracts
    before = table.profit.copy()
    wage = state.inputs.wage[:, state.input_column]
    owners = rows_of(table, ("kind", "province", "city"))
    want = scalar.sign(
        deals_of(state, draws),
        owners,
        lambda c: float(wage[WORLD.city_province[c]] * state.talent.wage[c]),
        WORLD,
        float(state.national.contract_price[6]),
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
