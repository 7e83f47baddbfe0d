"""Contract: deals are priced and paid; vouchers; the market of firms.

    value      = effort * wage / 4 * contracts.price * m_t
    number     = contracts.pieces
    hires      = contracts.science_hires * max(income_k, 0) / (s max(contracts.price * m_t, 1))
    transfer   : a hand-over after the invention moves contracts.patents granted patents with
                 probability min(1, phi_t * sum of k_l up to the age of the invention)

effort is researcher-quarters that remain to launch; wage that of the researchers' city (the
seller's; the buyer's where the seller is outside); m_t the national price index, in hires that of
the quarter in which the money is earned; phi and k national examination
(`ydsim.processes.advance`). Firms pay at once, on credit if need be, and nothing limits what they
owe (assumed). Universities and institutes spend what they earn, income_k, in the quarter: `hires`
on researchers in the next (`ydsim.processes.talent`), the rest on people and laboratories outside
the model's R&D (assumed). The divisor leaves of the value what is paid for research, without
services, equipment and rises of price. Statistics know a part of all contracts
(`ydsim.world.inputs`). Where small firms buy from science with a voucher the buyer's
province bears a part of the price.

Vouchers: for which deals they are good, what they are worth, who pays:

    eligible : the buyer is a firm of a targeted city and size, the seller a university or institute
               of the region, the field is targeted; the seller is of the buyer's province, or the
               voucher is portable
    used     : u < take-up * strength                         one draw u for each deal
    paid     = min(n face, (1 - co-pay) * price)              by the province of the buyer
    expected = take-up * strength * min(n face, (1 - co-pay) * price) / price
    g_firm   : c_ij (g_ji) rises by expected              the firm is the owner (the candidate)

With an amount all eligible deals ask, in the order of their draws u:

    budget   = strength * s * amount / 4
    paid_i   = min(asked_i, max(budget - sum of asked before i, 0))
    expected : with paid / asked of the quarter that was last asked for the take-up; before, 1, or 0
               with an amount of 0

n is the number of contracts of a deal, each of which takes one voucher (assumed). Where vouchers of
several policies are good for one deal they are used in the order of the policies' names, each on
what the former ones left of the price; who uses one uses all of at least its take-up.

What firms buy from firms without a project of theirs changing hands: development to order and
services between firms are expected flows by pair of places. From seller c to buyer d, of field f,
with R the rest of the nation:

    V_cdf = contracts.market m_t B_df S_cf K_dc / A0_df
    V_cRf = contracts.market m_t o B_f S_cf K_cR / Abar_f,    B_f = sum over cities of B_df
    A0_df = sum over places c of S_cf K0_dc,   S_Rf = o * sum over cities of S_cf
    Abar_f = sum over cities of B_df A0_df / B_f
    B_df  = sum over firms i of d of R_i phi_if
    S_cf  = sum over firms i of c of (R_i + spent_i) phi_if exp(k_if)
    N_cd  = sum over f of V_cdf / (contracts.size wage_c m_t)

V in 100m_rmb a quarter, N contracts a quarter; R_i own R&D and spent_i grants spent on R&D,
100m_rmb; phi_if share of effort, k_if knowledge; m_t the price of contracts and o the mass of the
rest of the nation (`ydsim.world.national`); wage_c of researchers in the city of the seller, of the
buyer where the seller is outside, 100m_rmb a year. K is the pull of the search for
partners (`ydsim.processes.seek`) with what the border of hand-overs lets through, K0 the same in
the environment without policies, so that policies move what is bought as well as from whom.

Assumed: firms buy in proportion to their R&D and sell in proportion to what they spend on it, at
the wages of their city, times exp(k), since the price of a contract is the pay of those who work on
it; firms outside are like those of the region, o times as many, and have in reach what the mean
buyer of the region has without policies. What they sell to each other is left out.

    paid_i   = sum over f of R_i phi_if (sum over places c of V_cdf) / B_df,         d city of i
    earned_i = sum over f of (R_i + spent_i) phi_if exp(k_if) (sum over places d of V_cdf) / S_cf

Both count in profit at once, as those of other contracts do. The work is part of the seller's R&D
(assumed), and no knowledge, project or tie moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.agents.ledger import SECTOR_OF, Flow, Sector, note_budget, of_quarter, takes_part
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY
from ydsim.agents.projects import NOT_YET, OUTSIDER, Deals
from ydsim.agents.search import Seekers
from ydsim.agents.state import State
from ydsim.agents.tally import REALISED, add_pairs
from ydsim.measures.groups import blocks, by_part, of_group, quotient, run_of, sums
from ydsim.noise import Noise
from ydsim.policies.environment import PolicyEnvironment, Voucher
from ydsim.processes.fund import size_of
from ydsim.processes.seek import pull_of
from ydsim.scenario.schema.parameters import ContractParameters, Parameters
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.world.national import kernel


def deal_value(effort: Floats, wage: Floats, price: float, index: float) -> Floats:
    """Return the value of deals in 100m_rmb; ``wage`` is yearly, 100m_rmb per FTE."""
    return effort * wage / 4.0 * price * index


def sign(
    state: State, noise: Noise, parameters: Parameters, vouchers: Vouchers | None = None
) -> None:
    """Price and pay the deals of the quarter; provinces redeem ``vouchers``."""
    deals, keys = state.deals, parameters.contracts
    at_work = state.place_of(np.where(deals.seller == OUTSIDER, deals.buyer, deals.seller))
    index = float(state.national.contract_price[state.input_column])
    value = deal_value(deals.effort, state.wage[at_work], keys.price, index)
    if len(deals):
        _pay(state, deals, value)
    _hire(state, keys)
    served = deals.broker[(deals.broker >= 0) & (deals.buyer != OUTSIDER)]
    state.brokers.deals += np.bincount(served, minlength=len(state.brokers.city))
    if vouchers is not None:
        vouchers.pay(state, deals, value, noise.uniform(deals.project, 2))
    _tally(state, deals, value, parameters)
    _transfer(state, deals, noise, parameters)


def vouchers_in_force(
    state: State, environment: PolicyEnvironment, parameters: Parameters
) -> Vouchers | None:
    """Return the vouchers with which firms can buy services of science; None without any.

    Where governments fund nothing they offer none.
    """
    schemes = environment.of(Voucher)
    if not schemes or not parameters.actors.funding:
        return None
    contracts = parameters.contracts
    index = float(state.national.contract_price[state.input_column])
    size = size_of(state.organisations.sales, parameters.certify)
    price = state.wage / 4.0 * contracts.price * index
    return Vouchers(schemes, size, price, contracts.pieces)


def _sector(state: State, rows: Ints) -> dict[Sector, Bools]:
    kind = state.organisations.kind[np.maximum(rows, 0)]
    inside = rows != OUTSIDER
    sectors = {sector: inside & (kind == code) for code, sector in SECTOR_OF.items()}
    return {**sectors, "outside": ~inside}


def _pay(state: State, deals: Deals, value: Floats) -> None:
    """Move the money; entries of the books are under the province of the buyer, if inside."""
    table, world = state.organisations, state.world
    inside = np.where(deals.buyer == OUTSIDER, deals.seller, deals.buyer)
    province = table.province[inside]
    for payer, pays in _sector(state, deals.buyer).items():
        for receiver, earns in _sector(state, deals.seller).items():
            both = pays & earns
            if both.any():
                amount = sums(province[both], value[both], world.n_provinces)
                state.ledger.post(payer, receiver, Flow.CONTRACTS, amount)
    for rows, sign_ in ((deals.seller, 1.0), (deals.buyer, -1.0)):
        inside = rows != OUTSIDER
        net = sums(rows[inside], sign_ * value[inside], len(table))
        table.contract_net += net
    firm = table.kind == FIRM
    table.profit[firm] += table.contract_net[firm]
    for kind in (UNIVERSITY, INSTITUTE):
        rows = table.of_kind(kind)
        income = state.by_province(rows, table.contract_net[rows])
        state.ledger.post(SECTOR_OF[kind], "economy", Flow.CONTRACT_INCOME, income)


def _hire(state: State, parameters: ContractParameters) -> None:
    """Note the part of what science earned that pays researchers in the next quarter."""
    table, index = state.organisations, float(state.national.contract_price[state.input_column])
    part = parameters.science_hires / max(parameters.price * index, 1.0)
    for kind in (UNIVERSITY, INSTITUTE):
        rows = table.of_kind(kind)
        table.rd[rows] = part * np.maximum(table.contract_net[rows], 0.0) / state.scale


def _tally(state: State, deals: Deals, value: Floats, parameters: Parameters) -> None:
    """Count contracts by pair of provinces and of cities, at scale 1."""
    world, tally, scale = state.world, state.tally, state.scale
    province_of = np.append(world.city_province, world.n_provinces)
    places = state.place_of(deals.seller), state.place_of(deals.buyer)
    provinces = province_of[places[0]], province_of[places[1]]
    each = np.full(len(deals), parameters.contracts.pieces / scale)
    science = np.zeros(len(deals), dtype=np.bool_)
    inside = deals.seller != OUTSIDER
    science[inside] = state.organisations.kind[deals.seller[inside]] != FIRM
    for name, weight in (("number", each), ("value", value / scale)):
        add_pairs(getattr(tally.contracts, name), *provinces, weight)
        add_pairs(getattr(tally.contract_pairs, name), *places, weight)
    add_pairs(tally.contracts.value_from_science, *provinces, value / scale * science)
    add_pairs(tally.contracts.value_handed_over, *provinces, value / scale * deals.hand_over)
    add_pairs(tally.links.contract[REALISED], *places, 1.0 / scale)
    brokers, n = state.brokers, world.n_cities
    tally.city.introductions = sums(brokers.city, brokers.introductions, n) / scale
    tally.city.brokered_deals = sums(brokers.city, brokers.deals, n) / scale


def part_granted(state: State, invented: Ints, parameters: ContractParameters) -> Floats:
    """Return the part of patents that is granted by the age of inventions, (n,).

    ``invented`` are the quarters in which they were made, `NOT_YET` for none.
    """
    known = np.concatenate([[0.0], np.cumsum(kernel(parameters.examination))])
    age = np.clip(state.quarter - invented + 1, 0, len(known) - 1)
    passed = np.where(invented == NOT_YET, 0.0, known[age])
    return np.minimum(passed * state.national.examination[state.input_column], 1.0)


def _transfer(state: State, deals: Deals, noise: Noise, parameters: Parameters) -> None:
    """Tally hand-overs of inventions whose patents have been granted."""
    share = part_granted(state, deals.invented, parameters.contracts)
    granted = deals.hand_over & (noise.uniform(deals.project, 1) < share)
    a, b = (state.place_of(rows[granted]) for rows in (deals.seller, deals.buyer))
    each = 1.0 / state.scale
    add_pairs(state.tally.links.patent_transfer[REALISED], a, b, each)
    moved = np.full(len(a), parameters.contracts.patents * each)
    state.tally.city.patents_transferred = sums(a, moved, state.world.n_cities + 1)[:-1]


@dataclass(frozen=True)
class Vouchers:
    """Vouchers that can be used this quarter."""

    schemes: Sequence[Voucher]
    """What policies offer, by name of policy."""
    size: Ints
    """(N,) size class of every organisation."""
    price: Floats
    """(C,) price of a researcher-quarter by city of the seller, 100m_rmb."""
    pieces: float
    """Contracts of one deal."""

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

    def add_savings(
        self,
        state: State,
        seekers: Seekers,
        seeker: Ints,
        row: Ints,
        place: Ints,
        adds: Floats,
        gains: Floats,
    ) -> None:
        """Raise what firms gain from science by the part of the price, one unit, that is spared.

        ``seeker``, ``row`` and ``place``: (M,) seeker, candidate and its city (C for the rest of
        the nation) of each pair. ``adds`` and ``gains``: (M,) what the seeker gains and what the
        candidate gains; changed in place.
        """
        firm = state.organisations.kind == FIRM
        mine = seekers.row[seeker]
        asks = firm[mine] & ~firm[row]
        answers = ~firm[mine] & firm[row]
        inside = place < state.world.n_cities
        for side, buyers, sellers, gained in ((asks, mine, row, adds), (answers, row, mine, gains)):
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
                gained[pair] += _used(state, scheme) * spared

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
            if not len(deals):
                continue
            left -= paid
            by_firm = sums(buyer, paid, len(table))
            table.profit += by_firm
            amount = sums(table.province[buyer], paid, world.n_provinces)
            state.books.provinces -= amount
            state.ledger.post("provinces", "firms", scheme.policy, amount)


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


@dataclass(frozen=True)
class Sides:
    """What firms bring to the market, by field."""

    buys: Floats
    sells: Floats
    """(F, n) R_i phi_if, and (R_i + spent_i) phi_if exp(k_if), 100m_rmb sampled."""
    buyers: Floats
    sellers: Floats
    """(F, C) their sums by city, B and S."""


def trade(
    state: State,
    environment: PolicyEnvironment,
    parameters: Parameters,
    baseline: PolicyEnvironment,
) -> None:
    """Let firms buy from firms, pay, and count what they sign."""
    keys = parameters.contracts
    if keys.market == 0.0:
        return
    both = sides(state)
    now, plain = (pull_of(state, one, "hand_over", parameters) for one in (environment, baseline))
    column = state.input_column
    outside = float(state.national.outside_mass[column])
    level = keys.market * float(state.national.contract_price[column])
    value = flows(both.buyers, both.sellers, outside, now, plain, level)
    _pay_sides(state, both, value)
    _tally_trade(state, value.sum(axis=0) / state.scale, keys)


def sides(state: State) -> Sides:
    """Return what each living firm and each city brings to the market."""
    table, firms, n = state.organisations, state.firms, state.world.n_cities
    city, share = table.city[firms], state.field_share[:, run_of(state.position[firms])]
    buys = share * table.rd[firms]
    sells = by_part(table.knowledge, firms)
    np.exp(sells, out=sells)
    sells *= share
    sells *= table.rd[firms] + table.grants_spent[firms]
    buyers, sellers = (
        np.array([sums(city, of_field, n) for of_field in each]) for each in (buys, sells)
    )
    return Sides(buys, sells, buyers, sellers)


def flows(
    buyers: Floats, sellers: Floats, outside: float, now: Floats, plain: Floats, level: float
) -> Floats:
    """Return V from place to place, (F, C + 1, C + 1), in the unit of ``buyers``.

    ``buyers`` and ``sellers``: (F, C) B and S by city. ``outside``: o, the rest of the nation over
    the region. ``now`` and ``plain``: (C, C + 1) K with policies and without, from the city of the
    buyer. ``level``: value over R&D of the buyers where these reach what they do without policies.
    """
    everyone = np.hstack([sellers, outside * sellers.sum(axis=1, keepdims=True)])
    before = np.einsum("dc,fc->fd", plain, everyone)
    rate = quotient(level * buyers, before)
    whole = buyers.sum(axis=1)
    mean = quotient((buyers * before).sum(axis=1), whole)
    rate_outside = quotient(level * outside * whole, mean)
    inside = everyone[:, :, None] * now.T[None, :, :] * rate[:, None, :]
    sold = sellers * now[:, -1] * rate_outside[:, None]
    nobody = np.zeros((len(buyers), 1))
    return np.concatenate([inside, np.hstack([sold, nobody])[:, :, None]], axis=2)


def _pay_sides(state: State, both: Sides, value: Floats) -> None:
    """Move the money of ``value`` (F, C + 1, C + 1), seller by buyer, sampled."""
    table, firms, world = state.organisations, state.firms, state.world
    city, n, n_p = table.city[firms], world.n_cities, world.n_provinces
    bought = quotient(value.sum(axis=1)[:, :n], both.buyers)
    earned = quotient(value.sum(axis=2)[:, :n], both.sellers)
    net = np.empty(len(firms))
    for some in blocks(len(firms)):
        part = of_group(earned, city[some])
        part *= both.sells[:, some]
        paid = of_group(bought, city[some])
        paid *= both.buys[:, some]
        part -= paid
        net[some] = np.ascontiguousarray(part.T).sum(axis=1)
    table.contract_net[firms] += net
    table.profit[firms] += net
    flow = value.sum(axis=0)
    post, of = state.ledger.post, world.city_province
    post("firms", "firms", Flow.CONTRACT_MARKET, sums(of, flow[:n, :n].sum(axis=0), n_p))
    post("firms", "outside", Flow.CONTRACT_MARKET, sums(of, flow[n, :n], n_p))
    post("outside", "firms", Flow.CONTRACT_MARKET, sums(of, flow[:n, n], n_p))


def contracts_in(state: State, value: Floats, size: float) -> Floats:
    """Return the number of contracts in ``value`` (C + 1, C + 1), 100m_rmb, of the quarter.

    ``size`` is that of a contract in years of a researcher.
    """
    wage, n = state.wage, state.world.n_cities
    paid = np.vstack([np.repeat(wage[:, None], n + 1, axis=1), np.append(wage, 1.0)])
    return value / (size * paid * state.national.contract_price[state.input_column])


def _tally_trade(state: State, value: Floats, keys: ContractParameters) -> None:
    """Count contracts and values (C + 1, C + 1), at scale 1, by pair of cities and of provinces."""
    world, tally, of = state.world, state.tally, state.world.city_province
    number = contracts_in(state, value, keys.size)
    pairs, provinces = tally.contract_pairs, tally.contracts
    place = np.append(of, world.n_provinces)
    pair = (place[:, None] * (world.n_provinces + 1) + place).ravel()
    for name, flow in (("number", number), ("value", value)):
        by_city, by_province = getattr(pairs, name), getattr(provinces, name)
        by_city += flow
        by_province += sums(pair, flow.ravel(), by_province.size).reshape(by_province.shape)
    pairs.value_market += value
