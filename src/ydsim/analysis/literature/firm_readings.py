"""The estimators of studies of firms on the panels of one run.

    I11  ln A_it = a_i + d_t + b_1 ln S_i,t-1 + b_2 ln TIES_i,t-1,   and with FAR for TIES
         ratio   = (b_1 + w b_2) / b_1
    I12  ln A_it = a_i + d_t + b_1 ln S_i,t-1 + b_2 ln TEC_i,t-1 + b_3 ln SIC_i,t-1
                   + b_4 ln sales_jt,   ratio as above;   within: d_jt for d_t and b_3, b_4
    I13  E[n_it] = exp(a_i + d_t + b_1 during_it + b_2 after_it)
    I15  ln A_it = a_i + d_t + b seg_pt
    I16  E[n_mt] = exp(a_m + d_jt + g_pt + sum_k b_k 1[t - T_m = k]),  halves of firms apart
    I18  change of ln R&D to three years after a grant, less that of the most alike of the industry

Symbols of panels as in `firm_panels` and `shock_panels`; n_it inventions of firm i, its own and
those in which it is a partner; n_mt inventions of the firms of market m, industry j and province p;
w the weight of a margin (`ydsim.analysis.estimators.pools`). As in `readings`, a reading is a
number by run, a ratio its two parts.
"""

from __future__ import annotations

import numpy as np

from ydsim.analysis.estimators.event_study import event_study, lead_or_lag
from ydsim.analysis.estimators.linear import fit_instrumented, fit_linear
from ydsim.analysis.estimators.matched import matched_difference
from ydsim.analysis.estimators.poisson import fit_poisson
from ydsim.analysis.estimators.table import Key
from ydsim.analysis.literature.firm_panels import Panel, technology, ties
from ydsim.analysis.literature.panels import Run
from ydsim.analysis.literature.readings import Reading, Value
from ydsim.analysis.literature.shock_panels import granted, markets, members, protected

DEMAND, PROTECTION, FIRM_GRANTS = "demand_by_lot", "protection_by_lot", "firm_grants_by_lot"
"""Names of the shocks to markets, provinces and firms."""

EARLY, LATE = (0, 1), (2, 3, 4, 5)
"""Years since a shock to demand."""

HORIZON = 3
"""Years after a grant in which firms are compared."""

ALIKE = ("log_rd", "log_sales", "log_productivity")
"""In what matched firms are alike in the year before."""

OF_FIELDS = ("technology", "rivals", "own", "industry_sales")
"""Regressors of I12."""

_FIRM_AND_YEAR = ("firm", "year")


def of_technology(run: Run) -> dict[str, Value]:
    """Return I12."""
    return _technology(run, lot=False)


def of_technology_lots(run: Run) -> dict[str, Value]:
    """Return the placebo of I12: each firm has the fields of effort of another one, by lot."""
    return _technology(run, lot=True)


def _technology(run: Run, *, lot: bool) -> dict[str, Value]:
    panel, weight = technology(run, lot=lot)
    fit = fit_linear(panel, "productivity", OF_FIELDS, effects=_FIRM_AND_YEAR)
    own, pool = fit["own"].estimate, fit["technology"].estimate
    inside: list[Key] = ["firm", ("industry", "year")]
    within = fit_linear(panel, "productivity", ("technology", "own"), effects=inside)
    return {
        "technology_spillover": pool,
        "technology_within": within["technology"].estimate,
        "technology_own": own,
        "technology_ratio": (own + weight * pool, own),
    }


def of_ties(run: Run) -> dict[str, Value]:
    """Return I11."""
    return _ties(run, lot=False)


def of_tie_lots(run: Run) -> dict[str, Value]:
    """Return the placebo of I11: each firm has the partners of another one, by lot."""
    return _ties(run, lot=True)


def _ties(run: Run, *, lot: bool) -> dict[str, Value]:
    panel, weight = ties(run, lot=lot)
    fit = fit_linear(panel, "productivity", ("ties", "own"), effects=_FIRM_AND_YEAR)
    far = fit_instrumented(
        panel, "productivity", ["ties"], ["far"], ["own"], effects=_FIRM_AND_YEAR
    )
    own, pool = fit["own"].estimate, fit["ties"].estimate
    fields, weight_of_fields = technology(run, lot=lot)
    near = fit_linear(fields, "productivity", OF_FIELDS, effects=_FIRM_AND_YEAR)[
        "technology"
    ].estimate
    return {
        "tie_less_technology": weight * pool - weight_of_fields * near,
        "tie_pool": pool,
        "tie_pool_far": far.fit["ties"].estimate,
        "tie_spillover": (own + weight * pool, own),
    }


def of_demand(run: Run) -> dict[str, Value]:
    """Return I16."""
    panel = markets(run, DEMAND)
    year = run.year_of(DEMAND)
    if run.last - year < LATE[-1]:
        raise ValueError(f"the run ends less than {LATE[-1]} years after the shock to demand")
    window = (run.first - year, run.last - year)

    def response(half: int, outcome: str, *, poisson: bool) -> dict[int, float]:
        part = {name: values[panel["upper"] == half] for name, values in panel.items()}
        effects: list[Key] = ["cell", ("industry", "year"), ("province", "year")]
        fit = event_study(part, outcome, "event", "cell", "year",
                          window=window, effects=effects, poisson=poisson)  # fmt: skip
        return {k: fit[lead_or_lag(k)].estimate for k in (*EARLY, *LATE)}

    upper, lower = (response(half, "inventions", poisson=True) for half in (1, 0))
    sales = [response(half, "log_sales", poisson=False)[0] for half in (0, 1)]

    def mean(of: dict[int, float], years: tuple[int, ...]) -> float:
        return float(np.mean([of[k] for k in years]))

    late, low = mean(upper, LATE), mean(lower, LATE)
    return {
        "demand": late,
        "demand_build_up": late - mean(upper, EARLY),
        "demand_upper": late - low,
        "demand_lower": low,
        "demand_sales": float(np.mean(sales)),
    }


def of_firm_grants(run: Run) -> dict[str, Value]:
    """Return I18."""
    panel = granted(run, FIRM_GRANTS, HORIZON)

    def effect(of: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
        part: Panel = {name: values[of] for name, values in panel.items()}
        return matched_difference(part, "log_rd", "event", "firm", "year", ALIKE,
                                  horizon=HORIZON, exact="industry").estimate  # fmt: skip

    short, others = effect(panel["short"] == 1), effect(panel["small"] == 0)
    return {"grant_firm": short, "grant_large": others, "grant_order": short - others}


def of_consortia(run: Run) -> dict[str, Value]:
    """Return I13."""
    panel = members(run)
    fit = fit_poisson(panel, "inventions", ("during", "after"), effects=_FIRM_AND_YEAR)
    return {"consortium": fit["during"].estimate, "consortium_after": fit["after"].estimate}


def of_protection(run: Run) -> dict[str, Value]:
    """Return I15."""
    panel = protected(run, PROTECTION)
    return {
        name: fit_linear(panel, "productivity", [name], effects=_FIRM_AND_YEAR)[name].estimate
        for name in ("segmentation", "segmentation_3y")
    }


OF_MARKETS: tuple[Reading, ...] = (of_demand, of_firm_grants, of_consortia, of_protection)
"""Found in the run with shocks to markets; the placebo is the same in the run without them."""

OF_RESEARCH: tuple[Reading, ...] = (of_technology, of_ties)
"""Found in the run without shocks; the placebo is `OF_RESEARCH_LOTS` of the same run."""

OF_RESEARCH_LOTS: tuple[Reading, ...] = (of_technology_lots, of_tie_lots)
