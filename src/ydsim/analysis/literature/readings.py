"""The estimators of studies on the panels of one run.

    I1   E[Y_it] = exp(a_i + d_t + sum_k b_k 1[t - T_i = k]),   late = mean of b_6, b_7, b_8
    I3   y_i = a + b won_i + e_i;   of productivity with effects of city and industry
    I4   E[n_ct] = exp(a_c + d_t + b0 grant_ct + b1 ring_ct),
         reach = (b0 sum n grant + b1 sum n ring) / (b0 sum n grant)
    I8   E[joint_odt] = exp(a_od + d_ot + g_dt + b rail_odt)
    I9   E[n_ct] = exp(a_c + d_t + b line_ct + g grant_ct)
    I14  ln q_k = a_field,year (+ a_owner) + b joint_k + e_k
    I17  ATT(g, t) of ln n_ct by cohort and year, averaged (Callaway and Sant'Anna)

Symbols of panels as in `panels`; n_ct inventions of city c. Each reading is a number by run; its
interval is that of the mean over replicates, never that of one fit. A ratio is kept as its two
parts, so that the ratio of their means has Fieller's interval. What a run does not tell is NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ydsim.analysis.estimators.estimate import Fit
from ydsim.analysis.estimators.event_study import event_study, lead_or_lag
from ydsim.analysis.estimators.linear import fit_linear
from ydsim.analysis.estimators.poisson import fit_poisson
from ydsim.analysis.estimators.staggered import staggered
from ydsim.analysis.literature.panels import (
    Run,
    cities,
    firms,
    inventions,
    organisations,
    pairs,
)

PART, LOTTERY, RAIL, GRANTS = "loss_of_partner", "voucher_lottery", "rail", "grants_by_lot"
"""Names of the shocks."""

LATE = (6, 7, 8)
"""Years after the loss of a partner that count as late."""

LAUNCH_YEARS = 5
LAST_COHORT_YEAR = 2018
"""Last year in which a city was not yet a member."""

Value = float | tuple[float, float]
"""A number, or a ratio's parts."""


def of_partners(run: Run) -> dict[str, Value]:
    """Return I1."""
    before, after = run.year_of(PART) - run.first, run.last - run.year_of(PART)
    if after < LATE[-1]:
        raise ValueError(f"the run ends {after} years after a partner is lost, not {LATE[-1]}")
    window = (-before, LATE[-1])
    panel = organisations(run, PART)
    fit = event_study(panel, "output", "event", "unit", "year", window=window, poisson=True)
    late = fit.sum_of({lead_or_lag(k): 1.0 / len(LATE) for k in LATE}).estimate
    return {"tie_late": late, "tie_build_up": fit[lead_or_lag(1)].estimate - late}


def of_vouchers(run: Run) -> dict[str, Value]:
    """Return I3."""
    panel = firms(run, LOTTERY, LAUNCH_YEARS)
    alive = np.isfinite(panel["log_productivity"])
    living = {name: values[alive] for name, values in panel.items()}
    return {
        "voucher_launch": fit_linear(panel, "launched", ["won"])["won"].estimate,
        "voucher_productivity": fit_linear(
            living, "log_productivity", ["won"], effects=["city", "industry"]
        )["won"].estimate,
    }


def of_grants(run: Run) -> dict[str, Value]:
    """Return I4."""
    panel = cities(run, RAIL, GRANTS)
    fit = fit_poisson(panel, "inventions", ["grant", "ring"], effects=["city", "year"])
    own, ring = fit["grant"].estimate, fit["ring"].estimate
    total = float(panel["inventions"].sum())
    below = own * float((panel["inventions"] * panel["grant"]).sum()) / total
    above = ring * float((panel["inventions"] * panel["ring"]).sum()) / total
    return {"grant_own": own, "grant_reach": (below + above, below)}


def of_rail(run: Run) -> dict[str, Value]:
    """Return I8."""
    panel = pairs(run, RAIL)

    def fitted(outcome: str, *names: str) -> Fit:
        effects = [("o", "year"), ("d", "year"), ("o", "d")]
        return fit_poisson(panel, outcome, names, effects=effects, cluster="pair")

    apart = fitted("joint", "rail_near", "rail_far")
    near, far = apart["rail_near"].estimate, apart["rail_far"].estimate
    return {
        "rail": fitted("joint", "rail")["rail"].estimate,
        "rail_expected": fitted("expected", "rail")["rail"].estimate,
        "rail_near": near,
        "rail_far": far,
        "rail_ratio": (far, near),
    }


def of_lines(run: Run) -> dict[str, Value]:
    """Return I9."""
    panel = cities(run, RAIL, GRANTS)
    fit = fit_poisson(panel, "inventions", ["line", "grant"], effects=["city", "year"])
    return {"line": fit["line"].estimate}


def of_projects(run: Run) -> dict[str, Value]:
    """Return I14."""
    found = _premium(run, "joint")
    owner, raw = found["joint_owner"], found["joint_raw"]
    return {**found, "joint_ratio": (owner, raw)}


def of_lots(run: Run) -> dict[str, Value]:
    """Return the placebo of I14: each project is joint or not as another one, drawn by lot."""
    return dict(_premium(run, "lot"))


def _premium(run: Run, name: str) -> dict[str, float]:
    panel = inventions(run)
    cell = ("field", "year")
    raw = fit_linear(panel, "log_quality", [name], effects=[cell])[name].estimate
    owner = fit_linear(panel, "log_quality", [name], effects=[cell, "owner"])[name].estimate
    birth = fit_linear(panel, "log_quality_born", [name], effects=[cell])[name].estimate
    return {"joint_raw": raw, "joint_owner": owner, "joint_birth": birth}


def of_members(run: Run) -> dict[str, Value]:
    """Return I17."""
    panel = cities(run, RAIL, GRANTS)
    kept = panel["year"] <= LAST_COHORT_YEAR
    panel = {name: values[kept] for name, values in panel.items()}
    found = staggered(panel, "log_inventions", "entered", "city", "year")
    return {"member": found.overall.estimate}


Reading = Callable[[Run], dict[str, Value]]

OF_SHOCKS: tuple[Reading, ...] = (of_partners, of_vouchers, of_grants, of_rail, of_lines)
"""Found in the run with shocks; the placebo is the same in the run without them."""

OF_MEMBERS: tuple[Reading, ...] = (of_members,)
"""Found in the run without shocks; the placebo is in the run in which nobody enters."""

OF_PROJECTS: tuple[Reading, ...] = (of_projects,)
"""Found in the run without shocks; the placebo is `of_lots` of the same run."""


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
