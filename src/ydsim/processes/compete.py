"""Compete: productivity follows technology, markets follow productivity.

    log A'_i = log A_i + lambda max(0, log Q_i + a_i + omega_i - log A_i) - delta
    s'_i     = max(s_i (1 + chi (A_i / Abar - 1)), floor / n), then normalised to sum one
    l*_joq   = w_jo (A_jo tau_oq)^(sigma - 1) / sum over origins
    l'_joq   = l_joq + (1 - (1 - y)^(1/4)) (l*_joq - l_joq)
    s_joq    = l'_joq exp(v_o) / sum over origins
    Y_jo     = sum over q of s_joq mu_j D_q
    tau_oq   = 1 at home
             = max(.05, transport_region (1 - protection_q) (1 - border_cost * border_market_oq))
             = transport_outside to and from the rest of the nation
    value added_i = s * share_i * Y_jp
    sales_i       = value added_i * GDP_p / secondary value added_p

Symbols: Q quality in use, a lasting firm effect, omega what own launches add
(`ydsim.processes.earn`); Abar mean of A' weighted by s, the shares before, within industry and
province; A_jo mean of A' weighted by the shares after; n firms of the industry and province; lambda
``catch_up``, delta ``depreciation``, chi ``selection``, floor ``share_floor``, y
``share_adjustment``; v fitted shift of each province (zero outside and where nothing is stored);
tau part of value that arrives; mu_j share of the industry in demand, D_q secondary value added of
the destination (input). The border is a factor of its own so that friction and protection cannot
push tau below zero. Demand is nominal and exogenous; output by origin responds to productivity,
protection and friction. A firm without a technology loses delta only; an industry without a firm in
a province has there the productivity of the outside.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.state import State
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.typing import Floats, Ints

LOWEST_ARRIVAL = 0.05


def productivity(
    log_a: Floats, log_q: Floats, effect: Floats, catch_up: float, depreciation: float
) -> Floats:
    """Return log A' of firms that use a technology of log quality ``log_q``."""
    gap = np.maximum(0.0, log_q + effect - log_a)
    moved: Floats = log_a + catch_up * gap - depreciation
    return moved


def selected(
    share: Floats, a: Floats, group: Ints, n_groups: int, chi: float, floor: float
) -> Floats:
    """Return shares after one quarter of replicator dynamics within groups; each sums to one."""
    count = np.bincount(group, minlength=n_groups)
    mean = np.bincount(group, weights=share * a, minlength=n_groups)[group]
    grown = np.maximum(share * (1.0 + chi * (a / mean - 1.0)), floor / count[group])
    total = np.bincount(group, weights=grown, minlength=n_groups)[group]
    result: Floats = grown / total
    return result


def arrival(protection: Floats, border: Floats, parameters: CompeteParameters) -> Floats:
    """Return tau by origin and destination, shape (P + 1, P + 1); the last is the outside."""
    n = len(protection) + 1
    tau = np.full((n, n), parameters.transport_outside)
    inside = (
        parameters.transport_region
        * (1.0 - protection[None, :])
        * (1.0 - parameters.border_cost * border)
    )
    tau[:-1, :-1] = np.maximum(inside, LOWEST_ARRIVAL)
    np.fill_diagonal(tau, 1.0)
    return tau


def ces_shares(weight: Floats, productivity_: Floats, tau: Floats, sigma: float) -> Floats:
    """Return s*_jpq, shape (J, O, O), from weights and productivity by industry and origin."""
    arriving = productivity_[:, :, None] * tau[None, :, :]
    score = weight[:, :, None] * arriving ** (sigma - 1.0)
    shares: Floats = score / score.sum(axis=1, keepdims=True)
    return shares


def market_output(
    weight: Floats,
    productivity_: Floats,
    spending: Floats,
    shift: Floats,
    protections: Floats,
    border: Floats,
    parameters: CompeteParameters,
) -> Floats:
    """Return output of provinces in markets at rest, (N, P), for each row of ``protections``.

    The closed form of the market: Y_p = sum over j, q of s*_jpq exp(v_p) / (sum over p) D_jq.

    Parameters
    ----------
    weight, productivity_, spending
        w, A and D by industry and place, (J, O).
    shift
        (P,) v.
    protections
        (N, P) protection of each province in each of N cells.
    border
        (P, P) border level in product markets.
    """
    shares = np.empty(protections.shape)
    for cell, protection in enumerate(protections):
        tau = arrival(protection, border, parameters)
        share = shifted(ces_shares(weight, productivity_, tau, parameters.sigma), shift)
        shares[cell] = (share * spending[:, None, :]).sum(axis=(0, 2))[:-1]
    return shares


def quarterly_part(yearly: float) -> float:
    """Return the part of a gap that closes in a quarter when ``yearly`` of it closes in a year."""
    return float(1.0 - (1.0 - yearly) ** 0.25)


def shifted(lagged: Floats, shift: Floats) -> Floats:
    """Return s_jpq from the lagged shares and v by province; the outside has no shift."""
    of_all = np.concatenate([shift, np.zeros((*shift.shape[:-1], 1))], axis=-1)
    score = lagged * np.exp(of_all)[..., None]
    shares: Floats = score / score.sum(axis=1, keepdims=True)
    return shares


def demand(state: State) -> Floats:
    """Return D_jq of the quarter, shape (J, O), 100m_rmb."""
    spending = state.inputs.secondary[:, state.input_column]
    return state.world.industry_share[:, None] * spending[None, :]


def mean_productivity(state: State, outside: Floats) -> Floats:
    """Return A_jp, shape (J, O): share-weighted means of firms, and the outside's A."""
    table, firms = state.organisations, state.firms
    n_p, n_j = state.world.n_provinces, len(state.world.industries)
    group = table.industry[firms] * n_p + table.province[firms]
    a = np.exp(table.log_productivity[firms])
    total = np.bincount(group, weights=table.share[firms], minlength=n_j * n_p)
    mean = np.bincount(group, weights=table.share[firms] * a, minlength=n_j * n_p)
    fallback = np.exp(outside)[:, None] * np.ones((n_j, n_p))
    inside = np.divide(mean, total, out=fallback.ravel().copy(), where=total > 0.0).reshape(
        n_j, n_p
    )
    return np.hstack([inside, np.exp(outside)[:, None]])


def compete(
    state: State,
    environment: PolicyEnvironment,
    parameters: CompeteParameters,
    outside: Floats,
    shift: Floats,
) -> None:
    """Move productivity, shares within markets, and market shares; set output and sales.

    Parameters
    ----------
    state, environment, parameters
        As everywhere.
    outside
        (J,) log A of the rest of the nation in this quarter.
    shift
        (P,) v in this quarter: fitted shift of the log weight of each province; (J, P) where a
        shock moves single industries.
    """
    grow_and_select(state, parameters)
    tau = arrival(environment.protection, environment.border_market, parameters)
    rest = ces_shares(state.market.weight, mean_productivity(state, outside), tau, parameters.sigma)
    state.market.lagged += quarterly_part(parameters.share_adjustment) * (
        rest - state.market.lagged
    )
    state.market.share = shifted(state.market.lagged, shift)
    set_output(state)


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
    return market_output(
        state.market.weight,
        mean_productivity(state, outside),
        4.0 * demand(state),
        shift,
        environment.protection + protections,
        environment.border_market,
        parameters,
    )


def grow_and_select(state: State, parameters: CompeteParameters) -> None:
    """Move productivity and then the shares of firms inside their industry and province."""
    table, firms = state.organisations, state.firms
    update_productivity(state, parameters)
    n_p, n_j = state.world.n_provinces, len(state.world.industries)
    table.share[firms] = selected(
        table.share[firms],
        np.exp(table.log_productivity[firms]),
        table.industry[firms] * n_p + table.province[firms],
        n_j * n_p,
        parameters.selection,
        parameters.share_floor,
    )


def update_productivity(state: State, parameters: CompeteParameters) -> None:
    """Move log A of all firms one quarter on."""
    table, firms = state.organisations, state.firms
    used = table.technology[firms]
    log_a = table.log_productivity[firms]
    # without any technology there is nothing to catch up with
    log_q = np.where(
        used >= 0,
        state.generations.log_quality[used] if len(state.generations) else 0.0,
        log_a - table.productivity_effect[firms] - table.advantage[firms],
    )
    table.log_productivity[firms] = productivity(
        log_a,
        log_q,
        table.productivity_effect[firms] + table.advantage[firms],
        parameters.catch_up,
        parameters.depreciation,
    )


def set_output(state: State) -> None:
    """Set output by industry and origin and the firms' value added and sales from shares."""
    table, firms, market = state.organisations, state.firms, state.market
    market.output = (market.share * demand(state)[:, None, :]).sum(axis=2)
    province, industry = table.province[firms], table.industry[firms]
    value_added = table.share[firms] * market.output[industry, province]
    # firms are sampled with probability s, their shares are of the sample
    value_added *= state.scale
    table.value_added[firms] = value_added
    inputs, now = state.inputs, state.input_column
    services = inputs.gdp[:-1, now] / inputs.secondary[:-1, now]
    table.sales[firms] = value_added * services[province]
    state.tally.city.value_added_secondary = state.by_city(firms, value_added) / state.scale
