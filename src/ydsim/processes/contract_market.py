"""Contract market: what firms buy from firms without a project of theirs changing hands.

Development to order and services between firms are expected flows by pair of places. From seller
c to buyer d, of field f, with R the rest of the nation:

    V_cdf = contracts.market m_t B_df S_cf K_dc / A0_df
    V_cRf = contracts.market m_t o B_f S_cf K_cR / Abar_f,    B_f = sum over cities of B_df
    A0_df = sum over places c of S_cf K0_dc,   S_Rf = o * sum over cities of S_cf
    Abar_f = sum over cities of B_df A0_df / B_f
    B_df  = sum over firms i of d of R_i phi_if
    S_cf  = sum over firms i of c of (R_i + spent_i) phi_if exp(k_if)
    N_cd  = sum over f of V_cdf / (contracts.size wage_c m_t)
    registered: the part rho of the seller's province, of numbers and of values

V in 100m_rmb a quarter, N contracts a quarter; R_i own R&D and spent_i grants spent on R&D,
100m_rmb; phi_if share of effort, k_if knowledge; m_t the price of contracts and o the mass of the
rest of the nation (`ydsim.world.national`); wage_c of researchers in the city of the seller, of the
buyer where the seller is outside, 100m_rmb a year; rho as in `ydsim.processes.contract`. K is the
pull of the search for partners (`ydsim.processes.seek`) with what the border of hand-overs lets
through, K0 the same in the environment without policies, so that policies move what is bought as
well as from whom.

Assumed: firms buy in proportion to their R&D and sell in proportion to what they spend on it, at
the wages of their city, times exp(k), since the price of a contract is the pay of those who work on
it; firms outside are like those of the region, o times as many, and have in reach what the mean
buyer of the region has without policies. What they sell to each other is left out.

    paid_i   = sum over f of R_i phi_if (sum over places c of V_cdf) / B_df,         d city of i
    earned_i = sum over f of (R_i + spent_i) phi_if exp(k_if) (sum over places d of V_cdf) / S_cf

Both count in profit at once, as those of other contracts do. The work is part of the
seller's R&D (assumed). No knowledge, project or tie moves, since nobody knows which firms meet, and
there are no draws. A value of zero for ``contracts.market`` switches all of it off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.agents.ledger import Flow
from ydsim.agents.search import pull
from ydsim.agents.state import State
from ydsim.measures.groups import blocks, by_part, of_group, run_of, sums
from ydsim.policies.environment import PolicyEnvironment, passing
from ydsim.scenario.schema.parameters import ContractParameters, Parameters
from ydsim.typing import Floats
from ydsim.world.national import registered_share


@dataclass(frozen=True)
class Sides:
    """What firms bring to the market, by field.

    Attributes
    ----------
    buys, sells
        (F, n) R_i phi_if, and (R_i + spent_i) phi_if exp(k_if), 100m_rmb sampled.
    buyers, sellers
        (F, C) their sums by city, B and S.
    """

    buys: Floats
    sells: Floats
    buyers: Floats
    sellers: Floats


def trade(
    state: State,
    environment: PolicyEnvironment,
    parameters: Parameters,
    baseline: PolicyEnvironment,
) -> None:
    """Let firms buy from firms, pay, and count what they sign.

    ``baseline`` is the environment without policies.
    """
    keys, match = parameters.contracts, parameters.match
    if keys.market == 0.0:
        return
    both = sides(state)
    now, plain = (
        pull(
            where.travel_hours,
            where.outside_hours,
            match.decay_h,
            passing(where, "hand_over", state.world.city_province) * where.tie_factor,
            match.far,
        )
        for where in (environment, baseline)
    )
    column = state.input_column
    outside = float(state.national.outside_mass[column])
    level = keys.market * float(state.national.contract_price[column])
    value = flows(both.buyers, both.sellers, outside, now, plain, level)
    _pay(state, both, value)
    _tally(state, value.sum(axis=0) / state.scale, keys)


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
    buyers: Floats,
    sellers: Floats,
    outside: float,
    now: Floats,
    plain: Floats,
    level: float,
) -> Floats:
    """Return V from place to place, (F, C + 1, C + 1), in the unit of ``buyers``.

    Parameters
    ----------
    buyers, sellers
        (F, C) B and S by city.
    outside
        o, the rest of the nation over the region.
    now, plain
        (C, C + 1) K with policies and without, from the city of the buyer.
    level
        Value over R&D of the buyers where these reach what they do without policies.
    """
    everyone = np.hstack([sellers, outside * sellers.sum(axis=1, keepdims=True)])
    before = np.einsum("dc,fc->fd", plain, everyone)
    rate = _over(level * buyers, before)
    whole = buyers.sum(axis=1)
    mean = _over((buyers * before).sum(axis=1), whole)
    rate_outside = _over(level * outside * whole, mean)
    inside = everyone[:, :, None] * now.T[None, :, :] * rate[:, None, :]
    sold = sellers * now[:, -1] * rate_outside[:, None]
    nobody = np.zeros((len(buyers), 1))
    return np.concatenate([inside, np.hstack([sold, nobody])[:, :, None]], axis=2)


def _over(top: Floats, bottom: Floats) -> Floats:
    """Return a ratio, zero where the bottom is."""
    return np.divide(top, bottom, out=np.zeros_like(bottom), where=bottom > 0.0)


def _pay(state: State, both: Sides, value: Floats) -> None:
    """Move the money of ``value`` (F, C + 1, C + 1), seller by buyer, sampled."""
    table, firms, world = state.organisations, state.firms, state.world
    city, n, n_p = table.city[firms], world.n_cities, world.n_provinces
    bought = _over(value.sum(axis=1)[:, :n], both.buyers)
    earned = _over(value.sum(axis=2)[:, :n], both.sellers)
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
    of, n = state.world.city_province, state.world.n_cities
    wage = state.inputs.wage[of, state.input_column] * state.talent.wage
    paid = np.vstack([np.repeat(wage[:, None], n + 1, axis=1), np.append(wage, 1.0)])
    number: Floats = value / (size * paid * state.national.contract_price[state.input_column])
    return number


def _tally(state: State, value: Floats, keys: ContractParameters) -> None:
    """Count contracts and values (C + 1, C + 1), at scale 1, by pair of cities and of provinces."""
    world, tally, of = state.world, state.tally, state.world.city_province
    year = float(state.inputs.years[0]) + (max(state.quarter, 0) + 0.5) / 4.0
    share = registered_share(world.registration, year, keys.registration_rate)[of]
    rho = np.append(share, 1.0)[:, None]
    number = contracts_in(state, value, keys.size)
    pairs, provinces = tally.contract_pairs, tally.contracts
    place = np.append(of, world.n_provinces)
    pair = (place[:, None] * (world.n_provinces + 1) + place).ravel()
    for name, flow in (
        ("number", number),
        ("value", value),
        ("number_registered", rho * number),
        ("value_registered", rho * value),
    ):
        by_city, by_province = getattr(pairs, name), getattr(provinces, name)
        by_city += flow
        by_province += sums(pair, flow.ravel(), by_province.size).reshape(by_province.shape)
    pairs.value_market += value
    pairs.market_registered += rho * value
