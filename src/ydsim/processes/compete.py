"""Compete: productivity follows technology, markets follow productivity.

    log A'_i = log A_i + lambda max(0, log Q_i + a_i + g_i + eta_A acc_jc - log A_i) - delta
    s'_i     = s_i (1 + chi (A_i / Abar - 1)), then scaled to the sum m_jc
    l*_joq   = w_jo (A_jo tau_oq)^(sigma - 1) / sum over places
    l'_joq   = l_joq + (1 - (1 - y)^(1/4)) (l*_joq - l_joq)
    kappa_jc = h_jc m_jc / sum over the cities of the province
    b*_jc    = A_jc^(sigma - 1) / sum of kappa_jd A_jd^(sigma - 1) over its cities d
    b'_jc    = b_jc + (1 - (1 - y)^(1/4)) (b*_jc - b_jc)
    c_jc     = kappa_jc b'_jc / sum over the cities of the province
    s_jcq    = l'_jpq c_jc exp(v_c) / sum over origins
    Y_jc     = sum over q of s_jcq mu_j D_q
    tau_oq   = 1 at home
             = max(.05, transport_region (1 - protection_q) goods_oq)
             = transport_outside to and from the rest of the nation
    value added_i = s * share_i / m_jc * Y_jc
    sales_i       = value added_i * GDP_p / secondary value added_p
    log P_q  = sum over j of mu_j log(sum over o of w_jo (A_jo tau_oq)^(sigma - 1)) / (1 - sigma)
    p'_q     = p_q + (1 - (1 - y)^(1/4)) (log P_q - log P0_q - p_q)
    D_q      = V_q exp(-e (p'_q - pbar_q))
    M_jc     = exp(v_c) * sum over q of D_q tau_pq^(sigma - 1)
    acc_jc   = log(M_jc / M0_jc)                             read in the next quarter

M is market access: what firms of a place can reach, whoever else sells there; their sales have
both. M0 is M under borders and protection without policies and v without shocks, so that acc is
exactly zero where no policy and no shock touches markets; eta_A ``market_access``. Productivity
falls with segmentation, through scale among others (evidence m2); the form is assumed.

Symbols: o and q places, the provinces p and the rest of the nation; origins are the cities c and
the rest of the nation (c and exp(v) one); Q quality in use, a lasting firm effect, g what own R&D
and launches add (`ydsim.processes.invest`); share_i and s_i share of a firm in its
industry and province, m_jc sum over the firms of a city; Abar mean of A' weighted by s, the shares
before, within industry and city, n firms there; A_jo and A_jc means of A' weighted by the shares
after; lambda ``catch_up``, delta ``depreciation``, chi ``selection``, y ``share_adjustment``; w
weight of a place, h weight of a city in its province for each unit of m, both fitted at the start;
v fitted shift of each city (zero where nothing is stored); tau part of value that arrives; mu_j
share of the industry in demand, V_q secondary value added of the destination (input); P_q price
index of what is sold there, P0_q at the end of the burn-in, p its lagged change since then; pbar_q
the mean of p over the base run in the same quarter (`ydsim.world.base_run`); e
``demand_elasticity``. The border is a factor of its own so that friction and protection cannot push
tau below zero. Output by origin responds to productivity, protection and friction, that of a small
city with the elasticity sigma - 1.

Without a stored base run D is V; after its last quarter D over V stays as it is. The fitted shifts
v are no prices and left out of P.

All that a province sends arrives in the same part, so that its cities share what it sells and its
own response does not depend on how many they are; with one city in each province c is one. A firm
without a technology loses delta only. An industry without a firm in a city makes nothing there: its
kappa is zero and the other cities of the province have its part; its pull b goes on under A_jp, for
the day a firm comes. An industry without a firm in a province has there the productivity of the
outside and an even m, and nobody earns what it makes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.agents.state import State
from ydsim.measures.groups import cross_sums, over_provinces, parts_within, quotient, sums
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.typing import Floats, Ints

LOWEST_ARRIVAL = 0.05
LOWEST_POWER = 1e-6
"""Of sigma - 1 in prices, which have a limit there and no value."""


def productivity(
    log_a: Floats, log_q: Floats, effect: Floats, catch_up: float, depreciation: float
) -> Floats:
    """Return log A' of firms that use a technology of log quality ``log_q``."""
    gap = np.maximum(0.0, log_q + effect - log_a)
    return log_a + catch_up * gap - depreciation


def selected(share: Floats, a: Floats, group: Ints, n_groups: int, chi: Floats | float) -> Floats:
    """Return shares after one quarter of replicator dynamics within groups; each sums to one."""
    mean = sums(group, share * a, n_groups)[group]
    grown = share * (1.0 + chi * (a / mean - 1.0))
    total = sums(group, grown, n_groups)[group]
    return grown / total


def arrival(protection: Floats, passes: Floats, parameters: CompeteParameters) -> Floats:
    """Return tau by origin and destination, shape (P + 1, P + 1); the last is the outside."""
    n = len(protection) + 1
    tau = np.full((n, n), parameters.transport_outside)
    inside = parameters.transport_region * (1.0 - protection[None, :]) * passes
    tau[:-1, :-1] = np.maximum(inside, LOWEST_ARRIVAL)
    np.fill_diagonal(tau, 1.0)
    return tau


def ces_scores(weight: Floats, productivity_: Floats, tau: Floats, sigma: float) -> Floats:
    """Return w_jo (A_jo tau_oq)^(sigma - 1), (J, O, O), by industry, origin and destination."""
    arriving = productivity_[:, :, None] * tau[None, :, :]
    return weight[:, :, None] * arriving ** (sigma - 1.0)


def ces_shares(weight: Floats, productivity_: Floats, tau: Floats, sigma: float) -> Floats:
    """Return s*_jpq, shape (J, O, O), from weights and productivity by industry and origin."""
    score = ces_scores(weight, productivity_, tau, sigma)
    return score / score.sum(axis=1, keepdims=True)


def log_prices(
    weight: Floats, productivity_: Floats, tau: Floats, sigma: float, mix: Floats
) -> Floats:
    """Return log P by destination, shape (O,), of what is sold there.

    ``weight``, ``productivity_`` and ``tau``: w and A by industry and origin, (J, O); part of value
    that arrives, (O, O). ``sigma``: elasticity of substitution between origins; as it nears one, P
    nears the geometric mean. ``mix``: (J,) mu, shares of industries in demand.
    """
    power = max(sigma - 1.0, LOWEST_POWER)
    whole = ces_scores(weight, productivity_, tau, power + 1.0).sum(axis=1)
    return -(mix[:, None] * np.log(whole)).sum(axis=0) / power


def demand_factor(log_price: Floats, reference: Floats, elasticity: float) -> Floats:
    """Return D / V by destination, from p and its path in the base run, (O,) each."""
    return np.exp(-elasticity * (log_price - reference))


def market_access(tau: Floats, demand: Floats, sigma: float) -> Floats:
    """Return sum over destinations of D_q tau_pq^(sigma - 1) by province, shape (P,).

    ``tau`` (P + 1, P + 1) by origin and destination, ``demand`` (P + 1,).
    """
    reached: Floats = np.einsum("oq,q->o", tau ** (sigma - 1.0), demand)
    return reached[:-1]


def market_output(
    weight: Floats,
    productivity_: Floats,
    spending: Floats,
    shift: Floats,
    protections: Floats,
    passes: Floats,
    parameters: CompeteParameters,
) -> Floats:
    """Return output of provinces in markets at rest, (N, P), for each row of ``protections``.

    The closed form of the market: Y_p = sum over j, q of s*_jpq exp(v_jp) / (sum over p) D_jq.

    ``weight``, ``productivity_`` and ``spending``: w, A and D by industry and place, (J, O).
    ``shift``: (J, P) v of the province, see `province_shift`. ``protections``: (N, P) protection of
    each province in each of N cells. ``passes``: (P, P) share of the value of goods that passes a
    border.
    """
    shares = np.empty(protections.shape)
    for cell, protection in enumerate(protections):
        tau = arrival(protection, passes, parameters)
        share = shifted(ces_shares(weight, productivity_, tau, parameters.sigma), shift)
        shares[cell] = (share * spending[:, None, :]).sum(axis=(0, 2))[:-1]
    return shares


def quarterly_part(yearly: float) -> float:
    """Return the part of a gap that closes in a quarter when ``yearly`` of it closes in a year."""
    return float(1.0 - (1.0 - yearly) ** 0.25)


def shifted(lagged: Floats, shift: Floats) -> Floats:
    """Return s_jpq from the lagged shares and v, (J, P); the outside has no shift."""
    factor = np.hstack([np.exp(shift), np.ones((len(shift), 1))])
    score = lagged * factor[:, :, None]
    return score / score.sum(axis=1, keepdims=True)


def pull_at_rest(
    part: Floats, a: Floats, province_of: Ints, n_provinces: int, sigma: float
) -> Floats:
    """Return b*_jc, (J, C), from kappa and A by industry and city."""
    score = a ** (sigma - 1.0)
    whole = over_provinces(part * score, province_of, n_provinces)
    return score / whole[:, province_of]


def province_shift(
    composition: Floats, shift: Floats, province_of: Ints, n_provinces: int
) -> Floats:
    """Return v of provinces, log of the mean of exp(v_c) with weights c_jc, shape (J, P)."""
    mean = over_provinces(composition * np.exp(shift), province_of, n_provinces)
    return np.log(mean)


def city_shares(
    lagged: Floats, composition: Floats, shift: Floats, province_of: Ints, n_provinces: int
) -> Floats:
    """Return s_jcq, (J, C + 1, P + 1), from l' (J, P + 1, P + 1), c (J, C) and v by city (C,)."""
    whole = shifted(lagged, province_shift(composition, shift, province_of, n_provinces))
    inside = parts_within(composition * np.exp(shift), province_of, n_provinces)
    regional = whole[:, province_of] * inside[:, :, None]
    return np.concatenate([regional, whole[:, -1:]], axis=1)


def demand(state: State) -> Floats:
    """Return D_jq of the quarter, shape (J, O), 100m_rmb."""
    return state.world.industry_share[:, None] * state.spending[None, :]


@dataclass(frozen=True)
class Supply:
    """What firms offer in a quarter."""

    mass: Floats
    """(J, C) m, the shares of firms in their industry and province summed over a city."""
    by_city: Floats
    """(J, C) A of cities."""
    by_place: Floats
    """(J, P + 1) A of provinces, then of the outside."""


def supply(state: State, outside: Floats) -> Supply:
    """Return m and A of cities and places; ``outside`` (J,) is log A of the outside."""
    table, firms, world = state.organisations, state.firms, state.world
    n_j, n_c, n_p, home = len(outside), world.n_cities, world.n_provinces, world.city_province
    cell, shape = (table.industry[firms], table.city[firms]), (n_j, n_c)
    share, a = table.share[firms], np.exp(table.log_productivity[firms])
    mass = cross_sums(*cell, share, shape)
    productive = cross_sums(*cell, share * a, shape)
    total = over_provinces(mass, home, n_p)
    abroad = np.exp(outside)[:, None]
    province = quotient(over_provinces(productive, home, n_p), total, abroad)
    city = quotient(productive, mass, province[:, home])
    even = 1.0 / np.bincount(home, minlength=n_p)[home]
    return Supply(np.where(total[:, home] > 0.0, mass, even), city, np.hstack([province, abroad]))


def compete(
    state: State,
    environment: PolicyEnvironment,
    parameters: CompeteParameters,
    outside: Floats,
    shift: Floats,
    baseline: PolicyEnvironment,
    plain_shift: Floats,
    reference: Floats | None = None,
) -> None:
    """Move productivity, shares within markets, market shares and prices; set output and sales.

    ``outside``: (J,) log A of the rest of the nation in this quarter. ``shift``: (C,) v in this
    quarter: fitted shift of the log weight of each city; (J, C) where a shock moves single
    industries. ``plain_shift``: (C,) v without shocks. ``reference``: (P + 1,) pbar; demand over
    official value added stays as it is where None.
    """
    grow_and_select(state, parameters)
    market, world, offered = state.market, state.world, supply(state, outside)
    sigma, closes = parameters.sigma, quarterly_part(parameters.share_adjustment)
    tau = arrival(environment.protection, environment.goods, parameters)
    rest = ces_shares(market.weight, offered.by_place, tau, sigma)
    market.lagged += closes * (rest - market.lagged)
    priced = log_prices(market.weight, offered.by_place, tau, sigma, world.industry_share)
    market.log_price += closes * (priced - market.price_at_start - market.log_price)
    if reference is not None:
        market.demand_factor = demand_factor(
            market.log_price, reference, parameters.demand_elasticity
        )
    plain = arrival(baseline.protection, baseline.goods, parameters)
    reached, before = (market_access(each, state.spending, sigma) for each in (tau, plain))
    reach = np.log(reached / before)[world.city_province]
    market.access = np.broadcast_to(shift - plain_shift, offered.mass.shape) + reach
    where = (world.city_province, world.n_provinces)
    part = parts_within(market.city_weight * offered.mass, *where)
    market.city_pull += closes * (
        pull_at_rest(part, offered.by_city, *where, sigma) - market.city_pull
    )
    sell(state, offered.mass, shift)


def sell(state: State, mass: Floats, shift: Floats) -> None:
    """Set market shares from lagged ones, m (J, C) and v (C,); then output and sales."""
    market, where = state.market, (state.world.city_province, state.world.n_provinces)
    part = parts_within(market.city_weight * mass, *where)
    composition = parts_within(part * market.city_pull, *where)  # c_jc
    market.share = city_shares(market.lagged, composition, shift, *where)
    set_output(state, mass)


def stand(state: State) -> None:
    """Set output and sales from lagged shares that do not move, without v (burn-in)."""
    world = state.world
    sell(state, supply(state, np.zeros(len(world.industries))).mass, np.zeros(world.n_cities))


def believed_output(
    state: State,
    environment: PolicyEnvironment,
    parameters: CompeteParameters,
    outside: Floats,
    shift: Floats,
    protections: Floats,
) -> Floats:
    """Return output a year of each cell at present productivity and demand, (N, P), 100m_rmb.

    ``protections`` (N, P) is what comes on top of the protection in force; others as `compete`.
    """
    offered, where = supply(state, outside), (state.world.city_province, state.world.n_provinces)
    part = parts_within(state.market.city_weight * offered.mass, *where)
    at_rest = part * pull_at_rest(part, offered.by_city, *where, parameters.sigma)
    return market_output(
        state.market.weight,
        offered.by_place,
        4.0 * demand(state),
        province_shift(at_rest, shift, *where),
        environment.protection + protections,
        environment.goods,
        parameters,
    )


def grow_and_select(state: State, parameters: CompeteParameters) -> None:
    """Move productivity and then the shares of firms inside their industry and city."""
    table, firms = state.organisations, state.firms
    update_productivity(state, parameters)
    n_cells = len(state.world.industries) * state.world.n_cities
    cell, share = state.cell_of(firms), table.share[firms]
    mass = sums(cell, share, n_cells)[cell]
    moved = selected(
        quotient(share, mass, 1.0),
        np.exp(table.log_productivity[firms]),
        cell,
        n_cells,
        parameters.selection,
    )
    table.share[firms] = moved * mass


def update_productivity(state: State, parameters: CompeteParameters) -> None:
    """Move log A of all firms one quarter on."""
    table, firms = state.organisations, state.firms
    used = table.technology[firms]
    log_a = table.log_productivity[firms]
    access = parameters.market_access * state.market.access
    scale = access[table.industry[firms], table.city[firms]]
    # without any technology there is nothing to catch up with
    log_q = np.where(
        used >= 0,
        state.generations.log_quality[used] if len(state.generations) else 0.0,
        log_a - table.productivity_effect[firms] - table.gained[firms] - scale,
    )
    table.log_productivity[firms] = productivity(
        log_a,
        log_q,
        table.productivity_effect[firms] + table.gained[firms] + scale,
        parameters.catch_up,
        parameters.depreciation,
    )


def set_output(state: State, mass: Floats) -> None:
    """Set output by industry and origin and the firms' value added and sales from shares.

    ``mass`` (J, C) is m, the sums of the shares of firms.
    """
    table, firms, market = state.organisations, state.firms, state.market
    market.output = (market.share * demand(state)[:, None, :]).sum(axis=2)
    rate = quotient(market.output[:, :-1], mass)
    value_added = table.share[firms] * rate[table.industry[firms], table.city[firms]]
    # firms are sampled with probability s, their shares are of the sample
    value_added *= state.scale
    table.value_added[firms] = value_added
    inputs, now = state.inputs, state.input_column
    services = inputs.gdp[:-1, now] / inputs.secondary[:-1, now]
    table.sales[firms] = value_added * services[table.province[firms]]
    state.tally.city.value_added_secondary = state.by_city(firms, value_added) / state.scale
