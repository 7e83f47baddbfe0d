"""Earn: what R&D, launches and knowledge nearby bring to firms, in the region and outside.

    K'_i     = K_i exp((g - delta) / 4) + R_i
    rho_i    = compete.research_return (ln(K'_i / Y_i) - m_j)
    L'_i     = L_i exp(-compete.return_decay / 4) + sum over launches of i of sqrt(q) / members
    lambda   = sum over firms of L' / sum over firms of y^a
    omega_i  = compete.private_return (1 - exp(-L'_i / (lambda0 y_i^a)))
    near_i   = compete.access ln N_i
    gained_i = rho_i + omega_i + near_i
    y_jp     = sum of L' / (lambda0 sum of y^a) over the firms of industry j in province p
    back_jp  = ln((1/4 + y_jp) / (1/4 + y0_jp))

Symbols: K_i knowledge within reach over the mean of the burn-in (`ydsim.processes.explore`); else
K capital of R&D at the prices of the quarter, 100m_rmb, delta its depreciation (`DECAY`) and g the
growth of prices (`PRICES`), a year; R own R&D and grants spent on it in the quarter; Y value added
of a year, 100m_rmb; m_j the mean of ln(K / Y) over the firms of industry j, weighted by value
added, and lambda0 that of lambda, at the end of the burn-in (`ydsim.agents.tables`); L faded
launches of a firm, its own and those in whose consortium it is, each shared among the members; y
value added over the mean of the industry, a ``explore.ideas_exponent``. A firm begins with the
capital that its R&D would keep up for ever, R / (1 - exp((g - delta) / 4)). What is gained is added
to what the productivity of the firm catches up with (`ydsim.processes.compete`), so that the return
comes late.

y_jp is what launches of an industry in a province have brought of late, 1 where they are as many as
size lets expect in the burn-in, and y0_jp its mean there; back_jp is what firms expect of R&D from
what it has paid around them (`ydsim.processes.invest`).

Source: the elasticity of productivity to own R&D is .05-.14 (Hall and Mairesse 1995; .098 for twice
the R&D where tax makes Chinese firms spend it, evidence c17), of which launches bring a part; R&D
capital depreciates by 15 % a year (Hall, Mairesse and Mohnen 2010). Forms and g are assumed.

Firms of the rest of the nation use technologies and do research as those of the region:

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
X real R&D capital over that of the burn-in, the frontier (`ydsim.processes.explore`); pi and delta
growth of prices and depreciation as above; m the value of ln(K / 4 Y) in the burn-in; lambda
``catch_up``, delta_A ``depreciation``; a0 the value of a at the end of the burn-in, from which
markets are fitted.

U is the mean log quality in use where who has adopted one generation has adopted any other as often
as all others (mean field), and uses the best one. Where nobody has adopted anything there is
nothing to catch up with. That firms outside differ in nothing, and gain nothing by selection, is
assumed.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.organisations import FIRM
from ydsim.agents.state import Nation, State
from ydsim.agents.tables import Means
from ydsim.measures.groups import cross_sums, quotient, sums
from ydsim.processes.compete import productivity
from ydsim.scenario.schema.parameters import CompeteParameters
from ydsim.typing import Floats, Ints
from ydsim.world.inputs import QuarterInputs
from ydsim.world.world import World

DECAY: Final = 0.15
"""Depreciation of R&D capital, 1/year."""

PRICES: Final = 0.02
"""Growth of prices by which capital is valued anew, 1/year (assumed)."""

OFFSET: Final = 0.25
"""Added to returns, so that their logarithm exists where nothing was launched (assumed)."""

LEAST: Final = 1e-4
"""Least R&D capital over value added of a year, so that its logarithm exists (assumed)."""

RESEARCH = "rd_funds_enterprise"


def research_capital(capital: Floats, research: Floats) -> Floats:
    """Return K' from K and the R&D of the quarter; where there is none yet, what R&D keeps up."""
    keep = np.exp((PRICES - DECAY) / 4.0)
    return np.where(capital > 0.0, capital * keep + research, research / (1.0 - keep))


def log_ratio(capital: Floats, value_added: Floats) -> Floats:
    """Return ln(K / Y) from K and value added of a quarter."""
    ratio = np.divide(
        capital, 4.0 * value_added, out=np.full_like(capital, LEAST), where=value_added > 0.0
    )
    return np.log(np.maximum(ratio, LEAST))


def faded(launches: Floats, new: Floats, decay: float) -> Floats:
    """Return L' from L and the launches of the quarter."""
    return launches * np.exp(-decay / 4.0) + new


def private_return(launches: Floats, expected: Floats, most: float) -> Floats:
    """Return omega from L' and what is expected; the most where nothing is but something came."""
    ratio = quotient(launches, expected, np.where(launches > 0.0, np.inf, 0.0))
    return -most * np.expm1(-ratio)


def collect_returns(
    state: State, parameters: CompeteParameters, exponent: float, constants: Means | None = None
) -> None:
    """Let R&D and launches of the quarter count, and set what firms have gained by them.

    ``exponent``: elasticity of ideas to researchers, a.
    """
    table, firms = state.organisations, state.firms
    industry, added = table.industry[firms], table.value_added[firms]
    spent = table.rd[firms] + table.grants_spent[firms]
    table.rd_capital[firms] = research_capital(table.rd_capital[firms], spent)
    log = log_ratio(table.rd_capital[firms], added)
    rows, parts = _parts(state)
    table.earning[:] = faded(table.earning, sums(rows, parts, len(table)), parameters.return_decay)
    n_j, means = len(state.world.industries), state.means
    made, number = sums(industry, added, n_j), np.bincount(industry, minlength=n_j)
    size = quotient(added, (made / np.maximum(number, 1))[industry]) ** exponent
    means.research = quotient(sums(industry, added * log, n_j), made)
    total = float(size.sum())
    means.returns = float(table.earning[firms].sum()) / total if total > 0.0 else 0.0
    base = means if constants is None else constants
    near = parameters.access * np.log(table.known[firms])
    launched = private_return(table.earning[firms], base.returns * size, parameters.private_return)
    research = parameters.research_return * (log - base.research[industry])
    table.gained[firms] = launched + research + near
    _remember_returns(state, size, base, constants)


def _remember_returns(state: State, size: Floats, base: Means, constants: Means | None) -> None:
    """Set what launches of an industry and province have brought over the same in the burn-in."""
    table, firms, shape = state.organisations, state.firms, state.returned.shape
    group = table.industry[firms], table.province[firms]
    brought = cross_sums(*group, table.earning[firms], shape)
    expected = cross_sums(*group, base.returns * size, shape)
    returned = quotient(brought, expected, 1.0)
    state.means.returned = returned
    usual = returned if constants is None else constants.returned
    state.returned = np.log((OFFSET + returned) / (OFFSET + usual))


def _parts(state: State) -> tuple[Ints, Floats]:
    """Return rows of firms that launched this quarter, and their parts of sqrt(q)."""
    launches = state.launches
    launch, rows = launches.behind()
    part = np.sqrt(launches.quality) / (1.0 + launches.partners)
    firm = state.organisations.kind[rows] == FIRM
    return rows[firm], part[launch][firm]


def quality_in_use(share: Floats, log_quality: Floats, industry: Ints, unknown: Floats) -> Floats:
    """Return U, shape (J,).

    ``share``, ``log_quality`` and ``industry``: (G,) F, log Q and industry of living generations.
    ``unknown``: (J,) value where nobody has adopted anything.
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
    """Move R&D capital and log productivity of the rest of the nation one quarter on."""
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
