"""Vouchers in force this quarter: for which deals they are good, what they are worth, who pays.

    eligible : the buyer is a firm of a targeted city and size, the seller a university or institute
               of the region, the field is targeted; the seller is of the buyer's province, or the
               voucher is portable
    used     : u < take-up * strength                         one draw u for each deal
    paid     = min(n face, (1 - co-pay) * price)              by the province of the buyer
    expected = take-up * strength * min(n face, (1 - co-pay) * price) / price
    g_firm   : c_ij (g_ji) rises by worth * expected      the firm is the owner (the candidate)

With an amount all eligible deals ask, in the order of their draws u:

    budget   = strength * s * amount / 4
    paid_i   = min(asked_i, max(budget - sum of asked before i, 0))
    expected : with paid / asked of the quarter that was last asked for the take-up; before, 1, or 0
               with an amount of 0

n is the number of contracts of a deal, each of which takes one voucher (assumed). Where vouchers of
several policies are good for one deal they are used in the order of the policies' names, each on
what the former ones left of the price; who uses one uses all of at least its take-up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.agents.ledger import note_budget, of_quarter, takes_part
from ydsim.agents.organisations import FIRM
from ydsim.agents.projects import Deals
from ydsim.agents.search import Seekers
from ydsim.agents.state import State
from ydsim.measures.groups import sums
from ydsim.policies.schemes import Voucher
from ydsim.typing import Bools, Floats, Ints, Keys


@dataclass(frozen=True)
class Vouchers:
    """Vouchers that can be used this quarter.

    Attributes
    ----------
    schemes
        What policies offer, by name of policy.
    size
        (N,) size class of every organisation.
    price
        (C,) price of a researcher-quarter by city of the seller, 100m_rmb.
    pieces
        Contracts of one deal.
    """

    schemes: Sequence[Voucher]
    size: Ints
    price: Floats
    pieces: float

    def good(self, state: State, scheme: Voucher, buyer: Ints, seller: Ints, field: Ints) -> Bools:
        """Return which deals a voucher is good for; buyers are firms, sellers of science."""
        table, world = state.organisations, state.world
        buyers = table.key[buyer]
        ones = np.ones(world.n_cities)
        weight = (scheme.cities * ones)[table.city[buyer]]
        weight = weight * (scheme.sizes * np.ones(3))[self.size[buyer]]
        weight = weight * (scheme.fields * np.ones(len(world.fields)))[field]
        home = table.province[buyer] == table.province[seller]
        eligible: Bools = (weight > 0.0) & (home | scheme.portable)
        return eligible if scheme.winners is None else eligible & scheme.winners.hold(buyers)

    def add_worth(
        self,
        state: State,
        seekers: Seekers,
        seeker: Ints,
        row: Ints,
        place: Ints,
        adds: Floats,
        gains: Floats,
    ) -> None:
        """Raise what firms gain from science, pair by pair.

        Parameters
        ----------
        state, seekers
            As everywhere.
        seeker, row, place
            (M,) seeker, candidate and its city (C for the rest of the nation) of each pair.
        adds, gains
            (M,) what the seeker gains and what the candidate gains; changed in place.
        """
        firm = state.organisations.kind == FIRM
        mine = seekers.row[seeker]
        asks = firm[mine] & ~firm[row]
        answers = ~firm[mine] & firm[row]
        inside = place < state.world.n_cities
        for side, buyers, sellers, gained in (
            (asks, mine, row, adds),
            (answers, row, mine, gains),
        ):
            pair = np.flatnonzero(side & inside)
            buyer, seller, project = buyers[pair], sellers[pair], seeker[pair]
            price = seekers.effort[project] * self.price[state.organisations.city[seller]]
            for scheme in self.schemes:
                fits = self.good(state, scheme, buyer, seller, seekers.field[project])
                spared = np.divide(
                    scheme.pays(price, self.pieces),
                    price,
                    out=np.zeros(len(pair)),
                    where=fits & (price > 0.0),
                )
                gained[pair] += scheme.worth * _used(state, scheme) * spared

    def unused(self, state: State) -> None:
        """Note what budgets have left in a quarter without deals."""
        for scheme in self.schemes:
            if scheme.amount is not None:
                none, nobody = np.empty(0), np.empty(0, dtype=np.int64)
                _within(state, scheme, nobody, none, none, np.empty(0, dtype=np.uint64))

    def pay(self, state: State, deals: Deals, value: Floats, u: Floats) -> None:
        """Pay for the deals of the quarter; ``value`` is their price, ``u`` a draw for each."""
        table, world = state.organisations, state.world
        firm = table.kind == FIRM
        inside = np.flatnonzero((deals.buyer >= 0) & (deals.seller >= 0))
        some = inside[firm[deals.buyer[inside]] & ~firm[deals.seller[inside]]]
        buyer, seller, left = deals.buyer[some], deals.seller[some], value[some].copy()
        for scheme in self.schemes:
            fits = self.good(state, scheme, buyer, seller, deals.field[some])
            if scheme.amount is None:
                fits &= u[some] < scheme.used
            if scheme.winners is not None:
                fits = scheme.winners.use(table.key[buyer], fits)
            paid = np.where(fits, scheme.pays(left, self.pieces), 0.0)
            if scheme.amount is not None:
                paid = _within(state, scheme, buyer, paid, u[some], deals.project[some])
                fits &= paid > 0.0
            left -= paid
            by_firm = sums(buyer, paid, len(table))
            table.profit += by_firm
            amount = sums(table.province[buyer], paid, world.n_provinces)
            state.books.provinces -= amount
            state.ledger.post("provinces", "firms", scheme.policy, amount)
            number = np.where(fits, self.pieces, 0.0)
            place, n, tally = table.city[buyer], world.n_cities, state.tally.city
            tally.vouchers += sums(place, number, n) / state.scale
            tally.voucher_money += sums(place, paid, n) / state.scale


def _used(state: State, scheme: Voucher) -> float:
    """Return the part of eligible deals in which firms expect a voucher to be used."""
    if scheme.amount is None:
        return scheme.used
    return state.met.get(scheme.policy, float(scheme.amount > 0.0))


def _within(
    state: State, scheme: Voucher, buyer: Ints, asked: Floats, u: Floats, key: Keys
) -> Floats:
    """Return what a budget pays of what deals ask for, and note it; the least ``u`` are first."""
    table, n_p = state.organisations, state.world.n_provinces
    budget = of_quarter(scheme.amount or 0.0, scheme.strength, state.scale)
    order = np.lexsort((key, u))
    before = np.cumsum(asked[order]) - asked[order]
    paid = np.empty_like(asked)
    paid[order] = np.clip(budget - before, 0.0, asked[order])
    if asked.any():
        state.met[scheme.policy] = float(paid.sum() / asked.sum())
    province = table.province[buyer]
    note_budget(
        state,
        scheme.policy,
        {"provinces": 1.0},
        budget,
        sums(province, asked, n_p),
        sums(province, paid, n_p),
        takes_part(state, scheme.cities),
    )
    return paid
