"""Invest and earn: the R&D of firms, and what it brings to them.

**Invest**: firms move their R&D intensity towards what they want.

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
(`ydsim.world.inputs`), in log units; z lasting firm effect; back_jp log of what launches of its
industry and province have brought of late over the same in the burn-in, b ``expected_return``:
firms expect of R&D what it has paid around them; user cost of R&D relative to 2011, e
``tax_elasticity``, rho the part of the response that is relabelled spending (0 where the cost is
not below 1) and no R&D; m ``additionality``, R own R&D of the quarter before and spent the grants
spent in this one; eta ``adjustment``; wage_p theta_c yearly wage of a researcher in the city.

No money limits R&D: what firms lack they borrow, and what they have beyond it belongs to their
owners, who are one sector of the books with them. Sources: m is what studies of China find over all
firms, net of what firms save (evidence c12, c13, c15). The form is assumed.

**User cost of R&D**: what a deduction is worth, and how much of the response is on paper,

    B(d)           = (1 - tau (1 + d)) / (1 - tau)
    real           : R ~ cost^(-(1 - rho) e)
    reported over real = cost^(-rho e)                 so that reported R&D ~ cost^(-e)

Symbols: B the B-index of Warda, after-tax cost of one yuan of R&D over the after-tax yuan; tau
profit tax; d deduction beyond cost; cost user cost relative to 2011; e elasticity; rho relabelled
part of the response. Only what is cheaper than in 2011 is relabelled for: where R&D is dearer the
whole response is real, and what is reported is real.

**Earn**: what R&D, launches and knowledge nearby bring to firms, in the region and outside.

    K'_i     = K_i exp((g - delta) / 4) + R_i
    rho_i    = compete.research_return (ln(K'_i / Y_i) - m_j)
    L'_i     = L_i exp(-compete.return_decay / 4) + sum over launches of i of sqrt(q) / members
    lambda   = sum over firms of L' / sum over firms of y^a
    omega_i  = compete.private_return (1 - exp(-L'_i / (lambda0 y_i^a)))
    near_i   = compete.access ln N_i
    gained_i = rho_i + omega_i + near_i
    y_jp     = sum of L' / (lambda0 sum of y^a) over the firms of industry j in province p
    back_jp  = ln((1/4 + y_jp) / (1/4 + y0_jp))

Symbols: N_i knowledge within reach over the mean of the burn-in (`ydsim.processes.explore`);
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
what it has paid around them.

Source: the elasticity of productivity to own R&D is .05-.14 (Hall and Mairesse 1995; .098 for twice
the R&D where tax makes Chinese firms spend it, evidence c17), of which launches bring a part; R&D
capital depreciates by 15 % a year (Hall, Mairesse and Mohnen 2010). Forms and g are assumed.

Firms of the rest of the nation use technologies and do research as those of the region:

    U_j    = sum over g of w_g log Q_g / sum over g of w_g
    w_g    = F_g times the product of (1 - F_h) over all h of the industry with Q_h > Q_g
    K'     = K exp((pi - delta) / 4) + R                       R = r Y
    rho    = compete.research_return (ln(K' / 4 Y) - m)
    H      = ((1 - explore.region) X + explore.region mean over f of Gbar_f / Gbar0_f) / X0
    near   = compete.access ln H
    a'_j   = a_j + lambda max(0, U_j + rho + near - a_j) - delta_A
    log A_outside,j = a_j - a0_j
    X'     = X K' exp(-pi / 4) / K                             1 in the burn-in

Symbols: F_g share of adopters outside of a living generation g of industry j, which follows the
rule of adoption of the region (`ydsim.processes.adopt`); K R&D capital of enterprises outside and R
their R&D of the quarter, 100m_rmb; Y their GDP of the quarter, 100m_rmb; r R&D of enterprises over
GDP outside, official figures of the year and after the last one as in it, one where there are none;
X real R&D capital over that of the burn-in (`ydsim.processes.explore`), and X0 what it is at r and
Y alone; pi and delta growth of prices and depreciation as above; m the value of ln(K / 4 Y) in the
burn-in; lambda ``catch_up``, delta_A ``depreciation``; a0 the value of a at the end of the burn-in,
from which markets are fitted; H what firms outside have within reach over what they have by
official figures alone, of which ``explore.region`` is the part of the region in the burn-in, and
Gbar what the mean researcher of the region reaches of it (`ydsim.processes.explore`).

U is the mean log quality in use where who has adopted one generation has adopted any other as often
as all others (mean field), and uses the best one. Where nobody has adopted anything there is
nothing to catch up with. That firms outside differ in nothing, and gain nothing by selection, is
assumed.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ydsim.agents.ledger import Flow
from ydsim.agents.organisations import FIRM
from ydsim.agents.state import Nation, State
from ydsim.agents.tables import Means
from ydsim.measures.groups import cross_sums, quotient, row_sums, sums
from ydsim.policies.environment import PolicyEnvironment
from ydsim.processes.compete import productivity
from ydsim.scenario.schema.parameters import CompeteParameters, InvestParameters, Parameters
from ydsim.typing import Floats, Ints
from ydsim.world.inputs import QuarterInputs
from ydsim.world.world import World

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


# -- what R&D brings -------------------------------------------------------------------------------

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
    intensity = research_intensity(world, inputs)
    return Nation(none, none.copy(), 0.0, 1.0, official_frontier(intensity, inputs), intensity)


def official_frontier(intensity: Floats, inputs: QuarterInputs) -> Floats:
    """Return X0, (T,), from r by quarter and GDP outside."""
    spent = intensity * inputs.gdp[-1]
    start = capital = research_capital(np.zeros(1), spent[:1])
    path = np.empty_like(spent)
    for t in range(len(spent)):
        path[t] = (capital[0] / start[0]) * np.exp(-PRICES * t / 4.0)
        capital = research_capital(capital, spent[t])
    return path


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


def follow_nation(state: State, parameters: Parameters, constants: Means | None = None) -> None:
    """Move R&D capital and log productivity of the rest of the nation one quarter on."""
    nation, generations, now = state.nation, state.generations, state.input_column
    keys, region = parameters.compete, parameters.explore.region
    base = state.means if constants is None else constants
    heard = quotient(state.means.access, base.access, 1.0).mean()
    within = (1.0 - region) * nation.frontier + region * float(heard)
    near = keys.access * math.log(within / float(nation.official[now]))
    produced, before = float(state.inputs.gdp[-1, now]), nation.rd_capital
    spent = nation.intensity[now] * produced
    nation.rd_capital = float(research_capital(np.array(before), spent))
    if state.quarter >= 0 and before > 0.0:
        nation.frontier *= nation.rd_capital * np.exp(-PRICES / 4.0) / before
    state.means.outside_research = float(log_ratio(np.array(nation.rd_capital), np.array(produced)))
    rho = keys.research_return * (state.means.outside_research - base.outside_research) + near
    live = generations.living()
    a = nation.log_productivity
    used = quality_in_use(
        generations.outside_share[live],
        generations.log_quality[live],
        generations.industry[live],
        a - rho,
    )
    nation.log_productivity = productivity(
        a, used, np.full(len(a), rho), keys.catch_up, keys.depreciation
    )
