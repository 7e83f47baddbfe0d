"""Invest: firms move their R&D intensity towards what they want.

    x_i       = 1 - exp(-(sum of recent gains) / invest.innovative_scale)
    log r*_i  = log nu + l_p + log z_i + b back_jp - (1 - rho_c) e log(user cost_c)
                + log max(1 + m spent_i / R_i, .1)
    log r'_i  = log r_i + (1 - exp(-eta / 4)) (log r*_i - log r_i),        r in [1e-4, .5]
    R'_i      = r'_i exp(chi_p) sales_i
    profit_i  = fund.profit_margin * value added_i - R'_i
    researchers_i = 4 (R'_i + spent_i) / (wage_p theta_c)

Symbols: x innovative sales share of the gains of 12 quarters, which is recorded only; r R&D over
sales on a value-added basis; nu ``intensity``, desired by the mean firm; l_p level of the province,
set at the end of the burn-in so that its firms want what official R&D of the first year says they
spend, at the default of nu (0 where there is no such figure); chi_p anchor of the province
(`ydsim.world.anchors`), in log units; z lasting firm effect; back_jp log of what launches of its
industry and province have brought of late over the same in the burn-in
(`ydsim.processes.private_returns`), b ``expected_return``: firms expect of R&D what it has paid
around them; user cost of R&D relative to 2011, e ``tax_elasticity``, rho the part of the response
that is relabelled spending (0 where the cost is not below 1) and no R&D; m ``additionality``, R own
R&D of the quarter before and spent the grants spent in this one; eta ``adjustment``; wage_p theta_c
yearly wage of a researcher in the city.

No money limits R&D: what firms lack they borrow, and what they have beyond it belongs to their
owners, who are one sector of the books with them. Sources: m is what studies of China find over all
firms, net of what firms save (evidence c12, c13, c15). The form is assumed.

User cost of R&D: what a deduction is worth, and how much of the response is on paper,

    B(d)           = (1 - tau (1 + d)) / (1 - tau)
    real           : R ~ cost^(-(1 - rho) e)
    reported over real = cost^(-rho e)                 so that reported R&D ~ cost^(-e)

Symbols: B the B-index of Warda, after-tax cost of one yuan of R&D over the after-tax yuan; tau
profit tax; d deduction beyond cost; cost user cost relative to 2011; e elasticity; rho relabelled
part of the response. Only what is cheaper than in 2011 is relabelled for: where R&D is dearer the
whole response is real, and what is reported is real.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.ledger import Flow
from ydsim.agents.state import State
from ydsim.measures.groups import quotient, row_sums, sums
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import InvestParameters, Parameters
from ydsim.typing import Floats

LOWEST, HIGHEST = 1e-4, 0.5


def relabelled_part(cost: Floats, relabelled: Floats) -> Floats:
    """Return rho: the part of the response that is on paper, none where R&D is not cheaper."""
    return np.where(cost < 1.0, relabelled, 0.0)


def reported_over_real(cost: Floats, relabelled: Floats, elasticity: float) -> Floats:
    """Return reported over real R&D, at least 1; exactly 1 without a cut in cost."""
    return np.exp(-elasticity * relabelled_part(cost, relabelled) * np.log(cost))


def innovative_share(gains: Floats, scale: float) -> Floats:
    """Return x, the innovative sales share, from the sum of recent gains."""
    return -np.expm1(-gains / scale)


def desired_log_intensity(
    log_effect: Floats,
    returned: Floats,
    user_cost: Floats,
    support: Floats,
    parameters: InvestParameters,
    relabelled: Floats | float = 0.0,
) -> Floats:
    """Return log r*; ``log_effect`` is l_p + log z, ``support`` grants over last own R&D.

    ``relabelled`` is rho, the part of the response to the user cost that is on paper.
    """
    return (
        np.log(parameters.intensity)
        + log_effect
        + parameters.expected_return * returned
        - (1.0 - relabelled) * parameters.tax_elasticity * np.log(user_cost)
        + np.log(np.maximum(1.0 + parameters.additionality * support, 0.1))
    )


def adjusted(log_r: Floats, wanted: Floats, speed: float) -> Floats:
    """Return log r', see the module docstring."""
    eta = -np.expm1(-speed / 4.0)
    return np.clip(log_r + eta * (wanted - log_r), np.log(LOWEST), np.log(HIGHEST))


def invest(state: State, environment: PolicyEnvironment, parameters: Parameters) -> None:
    """Set R&D, its payment and the researchers of every firm."""
    table, firms, keys = state.organisations, state.firms, parameters.invest
    gains = row_sums(table.recent_gain, firms)
    x = innovative_share(gains, keys.innovative_scale)
    weight = table.sales[firms]
    mean_x = float((x * weight).sum() / max(float(weight.sum()), 1e-300))
    wanted = _wanted(state, environment, keys)
    log_r = adjusted(table.log_intensity[firms], wanted, keys.adjustment)
    table.log_intensity[firms] = log_r
    means = np.maximum(np.bincount(table.province[firms], minlength=state.world.n_provinces), 1)
    state.intensity_gap = state.by_province(firms, log_r - wanted) / means

    anchor = state.inputs.rd_shift[table.province[firms], state.input_column]
    rd = np.exp(log_r + anchor) * table.sales[firms]
    spent = rd + table.grants_spent[firms]
    profit = parameters.fund.profit_margin * table.value_added[firms]
    table.rd[firms] = rd
    table.profit[firms] = profit - rd
    state.ledger.post("economy", "firms", Flow.PROFIT, state.by_province(firms, profit))
    state.ledger.post("firms", "economy", Flow.WAGES, state.by_province(firms, spent))
    state.tally.city.rd_firms = state.by_city(firms, rd) / state.scale
    table.researchers[firms] = spent / (state.wage[table.city[firms]] / 4.0)
    state.tally.region.innovative_sales_share = mean_x
    state.tally.city.sales = state.by_city(firms, weight) / state.scale
    state.tally.city.innovative_sales = state.by_city(firms, x * weight) / state.scale
    hitech = state.world.industry_hitech
    if hitech is not None:
        new = x * table.value_added[firms] * hitech[table.industry[firms]]
        state.tally.city.new_value_hitech = state.by_city(firms, new) / state.scale


def _wanted(state: State, environment: PolicyEnvironment, parameters: InvestParameters) -> Floats:
    table, firms = state.organisations, state.firms
    province, city = table.province[firms], table.city[firms]
    return desired_log_intensity(
        state.rd_level[province] + table.log_effect[firms],
        state.returned[table.industry[firms], province],
        environment.user_cost[city],
        quotient(table.grants_spent[firms], table.rd[firms]),
        parameters,
        relabelled_part(environment.user_cost, environment.relabelled)[city],
    )


def normalise_effects(state: State) -> None:
    """Make the value-weighted mean of z in an industry its R&D weight over the region's mean.

    Done at the start and at the end of the burn-in, so that nu means the desired intensity of the
    region whatever the burn-in did to the sizes of firms.
    """
    table, firms = state.organisations, state.firms
    group = state.group_of(firms)
    share = table.value_added[firms]
    size = len(state.world.industries) * state.world.n_provinces
    weighted = sums(group, share * np.exp(table.log_effect[firms]), size)
    total = sums(group, share, size)
    mean = quotient(weighted, total, 1.0)
    output = state.province_output()[:, :-1]
    weight = state.world.industry_rd_weight
    level = weight * output.sum() / (weight[:, None] * output).sum()
    table.log_effect[firms] += np.log(level)[table.industry[firms]] - np.log(mean)[group]


def pin_intensity(state: State, target: Floats) -> None:
    """Scale log intensities so that firms' R&D in each province equals ``target`` (burn-in).

    ``state``: the run in its burn-in. ``target``: shape (P,), own R&D of the sampled firms in a
    quarter, 100m_rmb.
    """
    table, firms = state.organisations, state.firms
    missing = _missing(state, table.log_intensity[firms], target)
    table.log_intensity[firms] += missing[table.province[firms]]


def rest(
    state: State, target: Floats, environment: PolicyEnvironment, parameters: InvestParameters
) -> None:
    """Set l_p so that what firms want at the default of nu is ``target``, and let them do it."""
    table, firms = state.organisations, state.firms
    more = np.log(parameters.intensity / InvestParameters().intensity)
    wanted = _wanted(state, environment, parameters) - more
    missing = _missing(state, wanted, target)
    state.rd_level = state.rd_level + missing
    table.log_intensity[firms] = wanted + missing[table.province[firms]]


def _missing(state: State, log_r: Floats, target: Floats) -> Floats:
    """Return what log intensities of firms lack for ``target``, both (P,); 0 without one."""
    table, firms = state.organisations, state.firms
    now = state.by_province(firms, np.exp(log_r) * table.sales[firms])
    factor = np.divide(target, now, out=np.ones_like(now), where=(now > 0) & (target > 0))
    return np.log(factor)
