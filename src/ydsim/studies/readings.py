"""The estimators of published studies on the panels of one simulated run.

    I1   E[Y_it] = exp(a_i + d_t + sum_k b_k 1[t - T_i = k]),   late = mean of b_6, b_7, b_8
    I3   y_i = a + b won_i + e_i;   of productivity with effects of city and industry
    I4   E[n_ct] = exp(a_c + d_t + b0 grant_ct + b1 ring_ct),
         reach = (b0 sum n grant + b1 sum n ring) / (b0 sum n grant)
         total : only counted
    I8   E[joint_odt] = exp(a_od + d_ot + g_dt + b rail_odt)
    I9   E[n_ct] = exp(a_c + d_t + b line_ct)
    I11  ln A_it = a_i + d_t + b_1 ln S_i,t-1 + b_2 ln TIES_i,t-1,   and with FAR for TIES
         ratio   = (b_1 + w b_2) / b_1
    I12  ln A_it = a_i + d_t + b_1 ln S_i,t-1 + b_2 ln TEC_i,t-1 + b_3 ln SIC_i,t-1
                   + b_4 ln sales_jt,   ratio as above;   within: d_jt for d_t and b_3, b_4
    I13  E[n_it] = exp(a_i + d_t + b_1 during_it + b_2 after_it)
    I14  ln q_k = a_field,year (+ a_owner) + b joint_k + e_k
    I15  ln A_it = a_i + d_t + b seg_pt
    I16  E[n_mt] = exp(a_m + d_jt + g_pt + sum_k b_k 1[t - T_m = k]),  halves of firms apart
    I17  ATT(g, t) of ln n_ct by cohort and year, averaged (Callaway and Sant'Anna); imputation
    I18  change of ln R&D to three years after a grant, less that of the most alike of the industry

Beside what a design finds stands what the same shock does, counted in two runs of the same draws,
with it and without, at the same units and years:

    counted     = ln (sum of y, with / sum of y, without)        of counts and sales
                = mean (y, with - y, without)                    of logs and shares
                = sum of y - y' here and elsewhere / here        of I4, inventions y and y'
    counted I15 = mean (ln A, with - ln A, without) / mean seg   of firms in protected provinces

Units are those that the design calls treated; firms have to live in both runs where y is a log.
Unlike a design, which compares them with others, counting misses nothing that others have of the
shock, nor takes it off.

Symbols of panels as in `panels`; n_ct inventions of city c; n_it those of firm i, its own and those
in which it is a partner; n_mt those of the firms of market m, industry j and province p; w the
weight of a margin (`panels`).

Each reading is a number by run; its interval is that of the mean over replicates, never that of one
fit. A ratio is kept as its two parts, so that the ratio of their means has Fieller's interval. What
a run does not tell is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from ydsim.studies import estimators, panels
from ydsim.studies.estimators import Fit, Key, fit_linear, fit_poisson
from ydsim.studies.panels import Run
from ydsim.typing import Floats

PART, LOTTERY, RAIL, GRANTS = "loss_of_partner", "voucher_lottery", "rail", "grants_by_lot"
DEMAND, PROTECTION, FIRM_GRANTS = "demand_by_lot", "protection_by_lot", "firm_grants_by_lot"
"""Names of the shocks: to organisations, cities and pairs of cities; to markets, provinces and
firms."""

CONSORTIA, APART, QUIET = "consortia", "apart", "quiet"
"""Runs with consortia, without the membership of the scenario, and the scenario alone."""

LATE = (6, 7, 8)  # years after the loss of a partner that count as late

SOON, LATER = (0, 1), (2, 3, 4, 5)  # years since a shock to demand

HORIZON = 3  # years after a grant in which firms are compared

LAUNCH_YEARS = 5
LAST_COHORT_YEAR = 2018  # last year in which a city was not yet a member

ALIKE = ("log_rd", "log_sales", "log_productivity")
"""In what matched firms are alike in the year before."""

OF_FIELDS = ("technology", "rivals", "own", "industry_sales")  # regressors of I12

_FIRM_AND_YEAR = ("firm", "year")
_CITY_AND_YEAR = ("city", "year")

Value = float | tuple[float, float]  # a number, or a ratio's parts

Reading = Callable[[Run], dict[str, Value]]

Count = Callable[[Run, Run], dict[str, Value]]
"""What a shock does, from a run with it and one without."""


def gained(with_it: pd.DataFrame, without: pd.DataFrame, outcome: str, rows: pd.Series) -> float:
    """Return the log of a sum over rows of two panels, with over without; NaN where it is zero."""
    now, before = (float(one.loc[rows.to_numpy(), outcome].sum()) for one in (with_it, without))
    return float(np.log(now / before)) if now > 0.0 and before > 0.0 else np.nan


def _of_partners(run: Run) -> dict[str, Value]:
    before, after = run.year_of(PART) - run.first, run.last - run.year_of(PART)
    if after < LATE[-1]:
        raise ValueError(f"the run ends {after} years after a partner is lost, not {LATE[-1]}")
    window = (-before, LATE[-1])
    panel = panels.organisations(run, PART)
    fit, launches = (
        estimators.event_study(panel, name, "event", "unit", "year", window=window, poisson=True)
        for name in ("output", "launches")
    )
    return _partners(_mean_of(fit, (1,)), _mean_of(fit, LATE), _mean_of(launches, LATE))


def _count_partners(run: Run, without: Run) -> dict[str, Value]:
    now, before = (panels.organisations(one, PART) for one in (run, without))
    since = now["year"] - now["event"]
    soon, late = (gained(now, before, "output", when) for when in (since == 1, since.isin(LATE)))
    return _partners(soon, late, gained(now, before, "launches", since.isin(LATE)))


def _partners(soon: float, late: float, launches: float) -> dict[str, Value]:
    return {"tie_late": late, "tie_build_up": soon - late, "tie_launch": launches}


def _mean_of(fit: Fit, years: Sequence[int]) -> float:
    """Return the mean over years since an event."""
    return float(fit[[estimators.lead_or_lag(k) for k in years]].mean(skipna=False))


def _of_vouchers(run: Run) -> dict[str, Value]:
    panel = panels.lottery(run, LOTTERY, LAUNCH_YEARS)
    living = panel.dropna(subset="log_productivity")
    productivity = fit_linear(living, "log_productivity", ["won"], effects=["city", "industry"])
    return {
        "voucher_launch": fit_linear(panel, "launched", ["won"])["won"],
        "voucher_productivity": productivity["won"],
    }


def _count_vouchers(run: Run, without: Run) -> dict[str, Value]:
    now, before = (panels.lottery(one, LOTTERY, LAUNCH_YEARS) for one in (run, without))
    more = (now[["launched", "log_productivity"]] - before)[now["won"] > 0.0]
    return {
        "voucher_launch": more["launched"].mean(),
        "voucher_productivity": more["log_productivity"].mean(),
    }


def _of_grants(run: Run) -> dict[str, Value]:
    panel = panels.with_grants(run, GRANTS)
    fit = fit_poisson(panel, "inventions", ["grant", "ring"], effects=_CITY_AND_YEAR)
    share = panel["inventions"] / panel["inventions"].sum()
    own, ring = (fit[name] * float((share * panel[name]).sum())
                 for name in ("grant", "ring"))  # fmt: skip
    return {"grant_own": fit["grant"], "grant_reach": (own + ring, own)}


def _count_grants(run: Run, without: Run) -> dict[str, Value]:
    """Return what I4 looks for, counted, and inventions gained in all over those of the cities."""
    now, before = (panels.with_grants(one, GRANTS) for one in (run, without))
    more, own = now["inventions"] - before["inventions"], now["grant"] > 0.0
    here, near = float(more[own].sum()), float(more[own | (now["ring"] > 0.0)].sum())
    return {
        "grant_own": gained(now, before, "inventions", own),
        "grant_reach": (near, here),
        "grant_total": (float(more.sum()), here),
    }


def _of_rail(run: Run) -> dict[str, Value]:
    panel = panels.pairs(run, RAIL)
    effects: list[Key] = [("o", "year"), ("d", "year"), ("o", "d")]

    def fitted(outcome: str, *names: str) -> list[float]:
        fit = fit_poisson(panel, outcome, names, effects)
        return [fit[name] for name in names]

    alone = fitted("joint", "rail") + fitted("expected", "rail")
    return _rail(*alone, *fitted("joint", "rail_near", "rail_far"))


def _count_rail(run: Run, without: Run) -> dict[str, Value]:
    now, before = (panels.pairs(one, RAIL) for one in (run, without))

    def counted(rail: str, outcome: str = "joint") -> float:
        return gained(now, before, outcome, now[rail] > 0.0)

    alone = counted("rail"), counted("rail", "expected")
    return _rail(*alone, counted("rail_near"), counted("rail_far"))


def _rail(every: float, expected: float, near: float, far: float) -> dict[str, Value]:
    apart: dict[str, Value] = {"rail_near": near, "rail_far": far, "rail_ratio": (far, near)}
    return {"rail": every, "rail_expected": expected, **apart}


def _of_lines(run: Run) -> dict[str, Value]:
    panel = panels.with_lines(run, RAIL)
    return {"line": fit_poisson(panel, "inventions", ["line"], effects=_CITY_AND_YEAR)["line"]}


def _count_lines(run: Run, without: Run) -> dict[str, Value]:
    now, before = (panels.with_lines(one, RAIL) for one in (run, without))
    return {"line": gained(now, before, "inventions", now["line"] > 0.0)}


def _of_projects(run: Run) -> dict[str, Value]:
    found = _of_lots(run, "joint")
    return {**found, "joint_ratio": (found["joint_owner"], found["joint_raw"])}


def _of_lots(run: Run, name: str = "lot") -> dict[str, float]:
    """Return the placebo of I14: each project is joint or not as another one, drawn at random."""
    panel = panels.inventions(run)
    cell: Key = ("field", "year")

    def premium(outcome: str, *effects: Key) -> float:
        return fit_linear(panel, outcome, [name], effects)[name]

    return {
        "joint_raw": premium("log_quality", cell),
        "joint_owner": premium("log_quality", cell, "owner"),
        "joint_birth": premium("log_quality_born", cell),
    }


def _of_members(run: Run) -> dict[str, Value]:
    panel = panels.cities(run)
    panel = panel[panel["year"] <= LAST_COHORT_YEAR]
    panel = panel[~(panel["entered"] <= run.first)]
    columns = ("log_inventions", "entered", "city", "year")
    return {
        "member": estimators.staggered(panel, *columns)["overall"],
        "member_imputed": estimators.imputed(panel, *columns),
    }


def _count_members(run: Run, without: Run) -> dict[str, Value]:
    now, before = (panels.cities(one) for one in (run, without))
    entered, year = now["entered"], now["year"]
    later = (entered > run.first) & (year >= entered) & (year <= LAST_COHORT_YEAR)
    return dict.fromkeys(("member", "member_imputed"), gained(now, before, "inventions", later))


def _of_technology(run: Run, *, lot: bool = False) -> dict[str, Value]:
    """Return I12, or by ``lot`` its placebo: each firm has the fields of effort of another one."""
    panel, weight = panels.technology(run, lot=lot)
    fit = fit_linear(panel, "productivity", OF_FIELDS, effects=_FIRM_AND_YEAR)
    own, pool = fit["own"], fit["technology"]
    inside: list[Key] = ["firm", ("industry", "year")]
    within = fit_linear(panel, "productivity", ("technology", "own"), effects=inside)
    return {
        "technology_spillover": pool,
        "technology_within": within["technology"],
        "technology_own": own,
        "technology_ratio": (own + weight * pool, own),
    }


def _of_ties(run: Run, *, lot: bool = False) -> dict[str, Value]:
    """Return I11, or by ``lot`` its placebo: each firm has the partners of another one."""
    panel, weight = panels.ties(run, lot=lot)
    fit = fit_linear(panel, "productivity", ("ties", "own"), effects=_FIRM_AND_YEAR)
    far = estimators.fit_instrumented(
        panel, "productivity", ["ties"], ["far"], ["own"], effects=_FIRM_AND_YEAR
    )
    own, pool = fit["own"], fit["ties"]
    fields, weight_of_fields = panels.technology(run, lot=lot)
    near = fit_linear(fields, "productivity", OF_FIELDS, effects=_FIRM_AND_YEAR)["technology"]
    return {
        "tie_less_technology": weight * pool - weight_of_fields * near,
        "tie_pool": pool,
        "tie_pool_far": far["ties"],
        "tie_spillover": (own + weight * pool, own),
    }


def _of_demand(run: Run) -> dict[str, Value]:
    panel, year = panels.markets(run, DEMAND), run.year_of(DEMAND)
    if run.last - year < LATER[-1]:
        raise ValueError(f"the run ends less than {LATER[-1]} years after the shock to demand")
    window = (run.first - year, run.last - year)
    effects: list[Key] = ["cell", ("industry", "year"), ("province", "year")]

    def response(upper: int, outcome: str, *, poisson: bool) -> Fit:
        half = panel[panel["upper"] == upper]
        return estimators.event_study(half, outcome, "event", "cell", "year",
                           window=window, effects=effects, poisson=poisson)  # fmt: skip

    high, low = (response(upper, "inventions", poisson=True) for upper in (1, 0))
    sales = [response(upper, "log_sales", poisson=False) for upper in (0, 1)]
    upper = _mean_of(high, SOON), _mean_of(high, LATER)
    return _demand(*upper, _mean_of(low, LATER), sum(_mean_of(fit, (0,)) for fit in sales) / 2.0)


def _count_demand(run: Run, without: Run) -> dict[str, Value]:
    now, before = (panels.markets(one, DEMAND) for one in (run, without))
    since = now["year"] - now["event"]

    def counted(upper: int, years: Sequence[int]) -> float:
        return gained(now, before, "inventions", since.isin(years) & (now["upper"] == upper))

    upper = counted(1, SOON), counted(1, LATER)
    return _demand(*upper, counted(0, LATER), gained(now, before, "sales", since == 0))


def _demand(soon: float, late: float, low: float, sales: float) -> dict[str, Value]:
    """Return rows of the upper half of firms soon and late, of the lower one, and of sales."""
    return {
        "demand": late,
        "demand_build_up": late - soon,
        "demand_upper": late - low,
        "demand_lower": low,
        "demand_sales": sales,
    }


def _of_firm_grants(run: Run) -> dict[str, Value]:
    panel = panels.granted(run, FIRM_GRANTS, HORIZON)

    def effect(part: pd.DataFrame) -> float:
        return estimators.matched_difference(part, "log_rd", "event", "firm", "year", ALIKE,
                                  horizon=HORIZON, exact="industry")  # fmt: skip

    return _firm_grants(effect(panel[panel["small"]]), effect(panel[~panel["small"]]))


def _count_firm_grants(run: Run, without: Run) -> dict[str, Value]:
    now, before = (panels.granted(one, FIRM_GRANTS, HORIZON) for one in (run, without))
    now = now[now["year"] >= now["event"]].merge(before, on=["firm", "year"])
    more = (now["log_rd_x"] - now["log_rd_y"]).groupby(now["small_x"]).mean()
    return _firm_grants(*(more.get(small, np.nan) for small in (True, False)))


def _firm_grants(small: float, others: float) -> dict[str, Value]:
    return {"grant_firm": small, "grant_large": others, "grant_order": small - others}


def _of_consortia(run: Run) -> dict[str, Value]:
    fit = fit_poisson(
        panels.members(run), "inventions", ("during", "after"), effects=_FIRM_AND_YEAR
    )
    return {"consortium": fit["during"], "consortium_after": fit["after"]}


def _count_consortia(run: Run, without: Run) -> dict[str, Value]:
    """Return what I13 looks for, counted; members are those of the run with consortia."""
    now, before = (panels.members(one).set_index(["firm", "year"]) for one in (run, without))
    both = now.index.intersection(before.index)
    now, before = now.loc[both], before.loc[both]
    names = {"consortium": "during", "consortium_after": "after"}
    return {
        name: gained(now, before, "inventions", now[when] > 0.0) for name, when in names.items()
    }


def _of_protection(run: Run) -> dict[str, Value]:
    panel, name = panels.protected(run, PROTECTION), "segmentation"
    return {name: fit_linear(panel, "productivity", [name], effects=_FIRM_AND_YEAR)[name]}


def _count_protection(run: Run, without: Run) -> dict[str, Value]:
    now, before = (panels.protected(one, PROTECTION) for one in (run, without))
    both = now[now["segmentation"] > 0.0].merge(before, on=["firm", "year"])
    more = both["productivity_x"] - both["productivity_y"]
    return {"segmentation": more.mean() / both["segmentation_x"].mean()}


class Design(NamedTuple):
    """A published design, and the runs that it reads."""

    point: str  # which run it reads: a shock, or one of `CONSORTIA`, `QUIET`
    reading: Reading  # what it finds
    counting: Count | None = None  # what is counted of the same; None without a shock
    placebo: Reading | None = None
    """What is to hold zero in the other run; the reading itself where None."""
    other: str = QUIET  # the run without what is studied
    few: str = ""  # row whose interval is that of randomisation, since few units are treated


DESIGNS: Final = (
    Design(PART, _of_partners, _count_partners),  # I1
    Design(LOTTERY, _of_vouchers, _count_vouchers),  # I3
    Design(GRANTS, _of_grants, _count_grants, few="grant_own"),  # I4
    Design(RAIL, _of_rail, _count_rail),  # I8
    Design(RAIL, _of_lines, _count_lines, few="line"),  # I9
    Design(DEMAND, _of_demand, _count_demand),  # I16
    Design(FIRM_GRANTS, _of_firm_grants, _count_firm_grants),  # I18
    Design(PROTECTION, _of_protection, _count_protection, few="segmentation"),  # I15
    Design(CONSORTIA, _of_consortia, _count_consortia),  # I13
    Design(QUIET, _of_members, _count_members, other=APART),  # I17
    Design(QUIET, _of_projects, placebo=lambda run: dict(_of_lots(run))),  # I14
    Design(QUIET, _of_technology, placebo=partial(_of_technology, lot=True)),  # I12
    Design(QUIET, _of_ties, placebo=partial(_of_ties, lot=True)),  # I11
)


def read(found: Callable[[], dict[str, Value]]) -> tuple[dict[str, Value], list[str]]:
    """Return values by name, and in words why there are none."""
    try:
        return found(), []
    except (ValueError, ArithmeticError) as error:
        return {}, [str(error)]


def drawn_again(run: Run, design: Design, replicate: int, draws: int) -> Floats:
    """Return what a design finds where nobody is treated, for treated units drawn again, (K,)."""
    seeds = range(replicate * draws, (replicate + 1) * draws)
    runs = (run.drawn_again(design.point, seed) for seed in seeds)
    found = (read(partial(design.reading, one))[0].get(design.few, np.nan) for one in runs)
    return np.array([value for value in found if np.isfinite(value)])
