"""Nation: firms of the rest of the nation use technologies and do research as those of the region.

    U_j    = sum over g of w_g log Q_g / sum over g of w_g
    w_g    = F_g times the product of (1 - F_h) over all h of the industry with Q_h > Q_g
    K'     = K exp((pi - delta) / 4) + R                       R = r Y
    rho    = compete.research_return (ln(K' / 4 Y) - m)
    a'_j   = a_j + lambda max(0, U_j + rho - a_j) - delta_A
    log A_outside,j = a_j - a0_j
    X'     = X K' exp(-pi / 4) / K                             1 in the burn-in

Symbols: F_g share of adopters outside of a living generation g of industry j, which follows the
rule of adoption of the region (`ydsim.processes.adopt`); K R&D capital of enterprises outside and R
their R&D of the quarter, 100m_rmb; Y their GDP of the quarter, 100m_rmb; r R&D of enterprises over
GDP outside, official figures of the year and after the last one as in it, one where there are none;
X real R&D capital over that of the burn-in, the frontier (`ydsim.processes.knowledge`); pi and
delta growth of prices and depreciation as in `ydsim.processes.earn`; m the value of ln(K / 4 Y) in
the burn-in; lambda ``catch_up``, delta_A ``depreciation``; a0 the value of a at the end of the
burn-in, from which markets are fitted.

U is the mean log quality in use where who has adopted one generation has adopted any other as often
as all others (mean field), and uses the best one. So what the region invents raises productivity
outside too, later and less than at home: the nation is its competitor and its market. Where nobody
has adopted anything there is nothing to catch up with. That firms outside differ in nothing, and
gain nothing by selection, is assumed.
"""

from __future__ import annotations

import numpy as np

from ydsim.agents.state import Nation, State
from ydsim.agents.tables import Means
from ydsim.processes.compete import productivity
from ydsim.processes.earn import PRICES, log_ratio, research_capital
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.typing import Floats, Ints
from ydsim.world.quarters import QuarterInputs
from ydsim.world.world import World

RESEARCH = "rd_funds_enterprise"


def quality_in_use(share: Floats, log_quality: Floats, industry: Ints, unknown: Floats) -> Floats:
    """Return U, shape (J,).

    Parameters
    ----------
    share, log_quality, industry
        (G,) F, log Q and industry of living generations.
    unknown
        (J,) value where nobody has adopted anything.
    """
    used = unknown.copy()
    order = np.lexsort((np.arange(len(share)), -log_quality, industry))
    for j in np.unique(industry):
        mine = order[industry[order] == j]
        weight = share[mine] * np.cumprod(np.append(1.0, 1.0 - share[mine[:-1]]))
        if weight.sum() > 0.0:
            used[j] = (weight * log_quality[mine]).sum() / weight.sum()
    return used


def first_nation(world: World, inputs: QuarterInputs) -> Nation:
    """Return firms of the rest of the nation before anything was adopted."""
    none = np.zeros(len(world.industries))
    return Nation(none, none.copy(), 0.0, 1.0, research_intensity(world, inputs))


def research_intensity(world: World, inputs: QuarterInputs) -> Floats:
    """Return r by quarter, shape (T,); one without official figures."""
    years = np.array(inputs.years)
    rate = np.full(len(years), np.nan)
    series = world.series.get(RESEARCH)
    yearly = inputs.gdp[-1].reshape(len(years), 4).sum(axis=1)
    if series is not None:
        for at, year in enumerate(years[years <= world.until]):
            research = series.at(int(year))
            rate[at] = (research[-1] - research[:-1].sum()) / yearly[at]
    known = np.flatnonzero(np.isfinite(rate) & (rate > 0.0))
    if not len(known):
        return np.ones(4 * len(years))
    nearest = known[np.abs(np.arange(len(rate))[:, None] - known[None, :]).argmin(axis=1)]
    return np.repeat(rate[nearest], 4)


def follow_nation(
    state: State, parameters: CompeteParameters, constants: Means | None = None
) -> None:
    """Move R&D capital and log productivity of the rest of the nation one quarter on.

    Parameters
    ----------
    state, parameters
        As everywhere.
    constants
        Means of the burn-in; without them the quarter compares with itself.
    """
    nation, generations, now = state.nation, state.generations, state.input_column
    produced, before = float(state.inputs.gdp[-1, now]), nation.rd_capital
    spent = nation.intensity[now] * produced
    nation.rd_capital = float(research_capital(np.array(before), spent))
    if state.quarter >= 0 and before > 0.0:
        nation.frontier *= nation.rd_capital * np.exp(-PRICES / 4.0) / before
    state.means.outside_research = float(log_ratio(np.array(nation.rd_capital), np.array(produced)))
    base = state.means if constants is None else constants
    rho = parameters.research_return * (state.means.outside_research - base.outside_research)
    live = generations.living()
    a = nation.log_productivity
    used = quality_in_use(
        generations.outside_share[live],
        generations.log_quality[live],
        generations.industry[live],
        a - rho,
    )
    nation.log_productivity = productivity(
        a, used, np.full(len(a), rho), parameters.catch_up, parameters.depreciation
    )
