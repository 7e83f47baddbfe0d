"""Contract: deals are priced, paid and registered.

    value      = effort * wage / 4 * contracts.price * m_t
    number     = contracts.pieces
    registered with probability rho of the seller's province, the deal as a whole
    rho(t)     = early + (late - early) / (1 + exp(-contracts.registration_rate (t - year)))
    hires      = contracts.science_hires * max(income_k, 0) / (s max(contracts.price * m_t, 1))
    transfer   : a hand-over after the invention moves contracts.patents granted patents with
                 probability min(1, phi_t * sum of k_l up to the age of the invention)

effort is researcher-quarters that remain to launch; wage that of the researchers' city (the
seller's; the buyer's where the seller is outside); m_t the national price index, in hires that of
the quarter in which the money is earned; t of rho the decimal year of the middle of the quarter;
phi and k national examination (`ydsim.processes.patent`). Firms pay at once, on
credit if need be, and nothing limits what they owe (assumed). Universities and institutes
spend what they earn, income_k, in the quarter: `hires` on researchers in the next
(`ydsim.processes.talent`), the rest on people and laboratories outside the model's R&D (assumed).
The divisor leaves of the value what is paid for research, without services, equipment and rises of
price. Only registered contracts are official. Where small firms buy from science with a voucher
(`ydsim.agents.vouchers`) the buyer's province bears a part of the price.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.ledger import SECTOR_OF, Flow, Sector
from ydsim.agents.organisations import FIRM, INSTITUTE, UNIVERSITY, reported_sales, size_class
from ydsim.agents.projects import OUTSIDER, Deals
from ydsim.agents.state import State
from ydsim.agents.tally import REALISED, add_pairs
from ydsim.agents.vouchers import Vouchers
from ydsim.measures.groups import sums
from ydsim.noise import Noise
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.schemes import Voucher
from ydsim.scenario.schema.parameters import ContractParameters, Parameters
from ydsim.typing import Bools, Floats, Ints
from ydsim.world.national import kernel, registered_share


def deal_value(effort: Floats, wage: Floats, price: float, index: float) -> Floats:
    """Return the value of deals in 100m_rmb; ``wage`` is yearly, 100m_rmb per FTE."""
    value: Floats = effort * wage / 4.0 * price * index
    return value


def sign(
    state: State, noise: Noise, parameters: Parameters, vouchers: Vouchers | None = None
) -> None:
    """Price, pay and register the deals of the quarter; provinces redeem ``vouchers``."""
    deals = state.deals
    if len(deals) == 0:
        _tally(state, deals, np.empty(0), np.empty(0, dtype=np.bool_), parameters)
        _hire(state, parameters.contracts)
        if vouchers is not None:
            vouchers.unused(state)
        return
    keys, world = parameters.contracts, state.world
    at_work = np.where(deals.seller == OUTSIDER, deals.buyer_place, deals.seller_place)
    wage = (
        state.inputs.wage[world.city_province[at_work], state.input_column]
        * state.talent.wage[at_work]
    )
    index = float(state.national.contract_price[state.input_column])
    value = deal_value(deals.effort, wage, keys.price, index)
    _pay(state, deals, value)
    _hire(state, keys)
    served = deals.broker[(deals.broker >= 0) & (deals.buyer != OUTSIDER)]
    state.brokers.deals += np.bincount(served, minlength=len(state.brokers.city))
    if vouchers is not None:
        vouchers.pay(state, deals, value, noise.uniform(deals.project, 2))
    year = float(state.inputs.years[0]) + (max(state.quarter, 0) + 0.5) / 4.0
    share = registered_share(world.registration, year, keys.registration_rate)
    share = np.append(share, 1.0)  # the rest of the nation registers all
    province_of = np.append(world.city_province, world.n_provinces)
    registered = noise.uniform(deals.project, 0) < share[province_of[deals.seller_place]]
    _tally(state, deals, value, registered, parameters)
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
    certify, contracts = parameters.certify, parameters.contracts
    reported = reported_sales(state.organisations.sales, certify.sales_basis)
    wage = state.inputs.wage[state.world.city_province, state.input_column] * state.talent.wage
    index = float(state.national.contract_price[state.input_column])
    return Vouchers(
        schemes,
        size_class(reported, certify.small_sales, certify.large_sales),
        wage / 4.0 * contracts.price * index,
        contracts.pieces,
    )


def _sector(state: State, rows: Ints) -> dict[Sector, Bools]:
    kind = state.organisations.kind[np.maximum(rows, 0)]
    inside = rows != OUTSIDER
    sectors = {sector: inside & (kind == code) for code, sector in SECTOR_OF.items()}
    return {**sectors, "outside": ~inside}


def _pay(state: State, deals: Deals, value: Floats) -> None:
    """Move the money; entries of the books are under the province of the buyer, if inside."""
    table, world = state.organisations, state.world
    where = np.where(deals.buyer == OUTSIDER, deals.seller_place, deals.buyer_place)
    province = world.city_province[where]
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


def _tally(
    state: State, deals: Deals, value: Floats, registered: Bools, parameters: Parameters
) -> None:
    """Count contracts by pair of provinces and of cities, all and registered, at scale 1."""
    world, tally, scale = state.world, state.tally, state.scale
    province_of = np.append(world.city_province, world.n_provinces)
    seller, buyer = province_of[deals.seller_place], province_of[deals.buyer_place]
    each = np.full(len(deals), parameters.contracts.pieces / scale)
    official = registered.astype(np.float64)
    science = np.zeros(len(deals), dtype=np.bool_)
    inside = deals.seller != OUTSIDER
    science[inside] = state.organisations.kind[deals.seller[inside]] != FIRM
    counts = tally.contracts
    for matrix, weight in (
        (counts.number, each),
        (counts.value, value / scale),
        (counts.number_registered, each * official),
        (counts.value_registered, value / scale * official),
        (counts.value_from_science, value / scale * science),
        (counts.value_handed_over, value / scale * deals.hand_over),
    ):
        add_pairs(matrix, seller, buyer, weight)
    pairs = tally.contract_pairs
    for matrix, weight in (
        (pairs.number, each),
        (pairs.value, value / scale),
        (pairs.number_registered, each * official),
        (pairs.value_registered, value / scale * official),
    ):
        add_pairs(matrix, deals.seller_place, deals.buyer_place, weight)
    links = np.full(len(deals), 1.0 / scale)
    add_pairs(tally.links.contract[REALISED], deals.seller_place, deals.buyer_place, links)
    brokers, n = state.brokers, world.n_cities
    tally.city.introductions = sums(brokers.city, brokers.introductions, n) / scale
    tally.city.brokered_deals = sums(brokers.city, brokers.deals, n) / scale


def _transfer(state: State, deals: Deals, noise: Noise, parameters: Parameters) -> None:
    """Tally hand-overs of inventions whose patents have been granted."""
    weights = kernel(parameters.contracts.examination)
    known = np.concatenate([[0.0], np.cumsum(weights)])
    age = np.clip(state.quarter - deals.invented + 1, 0, len(weights))
    age = np.where(deals.invented > state.quarter - 10_000, age, 0)
    share = np.minimum(known[age] * state.national.examination[state.input_column], 1.0)
    granted = deals.hand_over & (noise.uniform(deals.project, 1) < share)
    each = np.full(int(granted.sum()), 1.0 / state.scale)
    a, b = deals.seller_place[granted], deals.buyer_place[granted]
    add_pairs(state.tally.links.patent_transfer[REALISED], a, b, each)
    inside = a < state.world.n_cities
    moved = parameters.contracts.patents * each[inside]
    city = sums(a[inside], moved, state.world.n_cities)
    state.tally.city.patents_transferred = city
