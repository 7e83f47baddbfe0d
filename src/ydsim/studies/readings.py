"""The estimators of published studies on the panels of one simulated run.

    I1   E[Y_it] = exp(a_i + d_t + sum_k b_k 1[t - T_i = k]),   late = mean of b_6, b_7, b_8
    I3   y_i = a + b won_i + e_i;   of productivity with effects of city and industry
    I4   E[n_ct] = exp(a_c + d_t + b0 grant_ct + b1 ring_ct),
         reach = (b0 sum n grant + b1 sum n ring) / (b0 sum n grant)
    I8   E[joint_odt] = exp(a_od + d_ot + g_dt + b rail_odt)
    I9   E[n_ct] = exp(a_c + d_t + b line_ct + g grant_ct)
    I11  ln A_it = a_i + d_t + b_1 ln S_i,t-1 + b_2 ln TIES_i,t-1,   and with FAR for TIES
         ratio   = (b_1 + w b_2) / b_1
    I12  ln A_it = a_i + d_t + b_1 ln S_i,t-1 + b_2 ln TEC_i,t-1 + b_3 ln SIC_i,t-1
                   + b_4 ln sales_jt,   ratio as above;   within: d_jt for d_t and b_3, b_4
    I13  E[n_it] = exp(a_i + d_t + b_1 during_it + b_2 after_it)
    I14  ln q_k = a_field,year (+ a_owner) + b joint_k + e_k
    I15  ln A_it = a_i + d_t + b seg_pt
    I16  E[n_mt] = exp(a_m + d_jt + g_pt + sum_k b_k 1[t - T_m = k]),  halves of firms apart
    I17  ATT(g, t) of ln n_ct by cohort and year, averaged (Callaway and Sant'Anna)
    I18  change of ln R&D to three years after a grant, less that of the most alike of the industry

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
from typing import Final

import pandas as pd

from ydsim.studies import panels
from ydsim.studies.estimators import (
    Fit,
    Key,
    event_study,
    fit_instrumented,
    fit_linear,
    fit_poisson,
    lead_or_lag,
    matched_difference,
    staggered,
)
from ydsim.studies.panels import Run

PART, LOTTERY, RAIL, GRANTS = "loss_of_partner", "voucher_lottery", "rail", "grants_by_lot"
DEMAND, PROTECTION, FIRM_GRANTS = "demand_by_lot", "protection_by_lot", "firm_grants_by_lot"
"""Names of the shocks: to organisations, cities and pairs of cities; to markets, provinces and
firms."""

LATE = (6, 7, 8)
"""Years after the loss of a partner that count as late."""

SOON, LATER = (0, 1), (2, 3, 4, 5)
"""Years since a shock to demand."""

HORIZON = 3
"""Years after a grant in which firms are compared."""

LAUNCH_YEARS = 5
LAST_COHORT_YEAR = 2018
"""Last year in which a city was not yet a member."""

ALIKE = ("log_rd", "log_sales", "log_productivity")
"""In what matched firms are alike in the year before."""

OF_FIELDS = ("technology", "rivals", "own", "industry_sales")
"""Regressors of I12."""

_FIRM_AND_YEAR = ("firm", "year")
_CITY_AND_YEAR = ("city", "year")

Value = float | tuple[float, float]
"""A number, or a ratio's parts."""

Reading = Callable[[Run], dict[str, Value]]


def of_partners(run: Run) -> dict[str, Value]:
    """Return I1."""
    before, after = run.year_of(PART) - run.first, run.last - run.year_of(PART)
    if after < LATE[-1]:
        raise ValueError(f"the run ends {after} years after a partner is lost, not {LATE[-1]}")
    window = (-before, LATE[-1])
    panel = panels.organisations(run, PART)
    fit = event_study(panel, "output", "event", "unit", "year", window=window, poisson=True)
    late = _mean_of(fit, LATE)
    return {"tie_late": late, "tie_build_up": _mean_of(fit, (1,)) - late}


def _mean_of(fit: Fit, years: Sequence[int]) -> float:
    """Return the mean over years since an event."""
    return float(fit[[lead_or_lag(k) for k in years]].mean(skipna=False))


def of_vouchers(run: Run) -> dict[str, Value]:
    """Return I3."""
    panel = panels.lottery(run, LOTTERY, LAUNCH_YEARS)
    living = panel.dropna(subset="log_productivity")
    productivity = fit_linear(living, "log_productivity", ["won"], effects=["city", "industry"])
    return {
        "voucher_launch": fit_linear(panel, "launched", ["won"])["won"],
        "voucher_productivity": productivity["won"],
    }


def of_grants(run: Run) -> dict[str, Value]:
    """Return I4."""
    panel = panels.cities(run, RAIL, GRANTS)
    fit = fit_poisson(panel, "inventions", ["grant", "ring"], effects=_CITY_AND_YEAR)
    share = panel["inventions"] / panel["inventions"].sum()
    own, ring = (fit[name] * float((share * panel[name]).sum())
                 for name in ("grant", "ring"))  # fmt: skip
    return {"grant_own": fit["grant"], "grant_reach": (own + ring, own)}


def of_rail(run: Run) -> dict[str, Value]:
    """Return I8."""
    panel = panels.pairs(run, RAIL)
    effects: list[Key] = [("o", "year"), ("d", "year"), ("o", "d")]

    def fitted(outcome: str, *names: str) -> list[float]:
        fit = fit_poisson(panel, outcome, names, effects)
        return [fit[name] for name in names]

    near, far = fitted("joint", "rail_near", "rail_far")
    return {
        "rail": fitted("joint", "rail")[0],
        "rail_expected": fitted("expected", "rail")[0],
        "rail_near": near,
        "rail_far": far,
        "rail_ratio": (far, near),
    }


def of_lines(run: Run) -> dict[str, Value]:
    """Return I9."""
    panel = panels.cities(run, RAIL, GRANTS)
    fit = fit_poisson(panel, "inventions", ["line", "grant"], effects=_CITY_AND_YEAR)
    return {"line": fit["line"]}


def of_projects(run: Run) -> dict[str, Value]:
    """Return I14."""
    found = of_lots(run, "joint")
    return {**found, "joint_ratio": (found["joint_owner"], found["joint_raw"])}


def of_lots(run: Run, name: str = "lot") -> dict[str, float]:
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


def of_members(run: Run) -> dict[str, Value]:
    """Return I17."""
    panel = panels.cities(run, RAIL, GRANTS)
    panel = panel[panel["year"] <= LAST_COHORT_YEAR]
    found = staggered(panel, "log_inventions", "entered", "city", "year")
    return {"member": found["overall"]}


def of_technology(run: Run, *, lot: bool = False) -> dict[str, Value]:
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


def of_ties(run: Run, *, lot: bool = False) -> dict[str, Value]:
    """Return I11, or by ``lot`` its placebo: each firm has the partners of another one."""
    panel, weight = panels.ties(run, lot=lot)
    fit = fit_linear(panel, "productivity", ("ties", "own"), effects=_FIRM_AND_YEAR)
    far = fit_instrumented(
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


def of_demand(run: Run) -> dict[str, Value]:
    """Return I16."""
    panel, year = panels.markets(run, DEMAND), run.year_of(DEMAND)
    if run.last - year < LATER[-1]:
        raise ValueError(f"the run ends less than {LATER[-1]} years after the shock to demand")
    window = (run.first - year, run.last - year)
    effects: list[Key] = ["cell", ("industry", "year"), ("province", "year")]

    def response(upper: int, outcome: str, *, poisson: bool) -> Fit:
        half = panel[panel["upper"] == upper]
        return event_study(half, outcome, "event", "cell", "year",
                           window=window, effects=effects, poisson=poisson)  # fmt: skip

    high, low = (response(upper, "inventions", poisson=True) for upper in (1, 0))
    sales = [response(upper, "log_sales", poisson=False) for upper in (0, 1)]
    late, late_low = _mean_of(high, LATER), _mean_of(low, LATER)
    return {
        "demand": late,
        "demand_build_up": late - _mean_of(high, SOON),
        "demand_upper": late - late_low,
        "demand_lower": late_low,
        "demand_sales": sum(_mean_of(fit, (0,)) for fit in sales) / 2.0,
    }


def of_firm_grants(run: Run) -> dict[str, Value]:
    """Return I18."""
    panel = panels.granted(run, FIRM_GRANTS, HORIZON)

    def effect(part: pd.DataFrame) -> float:
        return matched_difference(part, "log_rd", "event", "firm", "year", ALIKE,
                                  horizon=HORIZON, exact="industry")  # fmt: skip

    small, others = effect(panel[panel["small"]]), effect(panel[~panel["small"]])
    return {"grant_firm": small, "grant_large": others, "grant_order": small - others}


def of_consortia(run: Run) -> dict[str, Value]:
    """Return I13."""
    fit = fit_poisson(
        panels.members(run), "inventions", ("during", "after"), effects=_FIRM_AND_YEAR
    )
    return {"consortium": fit["during"], "consortium_after": fit["after"]}


def of_protection(run: Run) -> dict[str, Value]:
    """Return I15."""
    panel = panels.protected(run, PROTECTION)
    return {
        name: fit_linear(panel, "productivity", [name], effects=_FIRM_AND_YEAR)[name]
        for name in ("segmentation", "segmentation_3y")
    }


OF_SHOCKS: Final[tuple[Reading, ...]] = (of_partners, of_vouchers, of_grants, of_rail, of_lines)
OF_MARKETS: Final[tuple[Reading, ...]] = (of_demand, of_firm_grants, of_consortia, of_protection)
OF_MEMBERS: Final[tuple[Reading, ...]] = (of_members,)
OF_QUIET: Final[tuple[Reading, ...]] = (of_projects, of_technology, of_ties)
BY_LOT: Final[tuple[Reading, ...]] = (
    lambda run: dict(of_lots(run)),
    partial(of_technology, lot=True),
    partial(of_ties, lot=True),
)
"""Readings by what strikes, as `ydsim.studies.literature` compares them; the last are placebos."""


def read(run: Run, readings: Sequence[Reading]) -> tuple[dict[str, Value], list[str]]:
    """Return readings of a run by name, and in words why some have none."""
    found: dict[str, Value] = {}
    lost: list[str] = []
    for reading in readings:
        try:
            found.update(reading(run))
        except (ValueError, ArithmeticError) as error:
            lost.append(str(error))
    return found, lost
