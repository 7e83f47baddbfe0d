"""Staggered difference in differences by cohort and year (Callaway and Sant'Anna).

    ATT(g, t) = mean[Y_t - Y_(g-1) | G = g] - mean[Y_t - Y_(g-1) | C_gt]
    by years  = sum_g w_g ATT(g, g + e),   w_g = share of cohort g among those seen at e
    by cohort = mean over t >= g of ATT(g, t)
    overall   = sum_(g, t >= g) w_gt ATT(g, t),   w_gt proportional to the units of cohort g
    V         = sum_c psi_c psi_c',   psi_c = sum of influences of the units of cluster c

Symbols: Y outcome; G year in which a unit is first treated, its cohort, for ever; C_gt controls:
units never treated, or not yet treated in t nor in g - 1; e = t - g. Callaway and Sant'Anna (2021,
doi 10.1016/j.jeconom.2020.12.001) without covariates: no cohort serves as control once it is
treated, so that effects may differ between cohorts and change with time, which two-way effects do
not allow. All differences are from g - 1, before the treatment too: those at e < -1 are placebos.

The influence of unit i on a mean of the m units of an arm is (dY_i - mean) / m, times
sqrt(c / (c - 1)) with c clusters in the arm, so that V without aggregation is Welch's variance of
a difference of means. Shares of cohorts are estimated, and have their influence. An arm of one
cluster has no error (NaN). Intervals by Student's t with one degree of freedom less than clusters,
pointwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.analysis.estimators.estimate import Estimate, Fit, clusters_of, summed
from ydsim.analysis.estimators.event_study import dates, lead_or_lag
from ydsim.analysis.estimators.table import Data, Key, codes_of, grid_of, name_of, numbers
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import counted

CONTROLS = ("not-yet", "never")


@dataclass(frozen=True)
class Staggered:
    """Effects of a treatment that comes at several dates.

    Attributes
    ----------
    cells
        ATT(g, t), named "g:t".
    cohort, year
        (k,) g and t of the cells.
    by_years
        By years since treatment, named as in `event_study`; placebos before -1.
    by_cohort
        Mean of each cohort's years since treatment, named by its year.
    overall
        Over all cells since treatment.
    """

    cells: Fit
    cohort: Ints
    year: Ints
    by_years: Fit
    by_cohort: Fit
    overall: Estimate


@dataclass(frozen=True)
class _Panel:
    """(N, T) outcomes, years (T,), cohorts (N,) with infinity for never, clusters (N,)."""

    outcome: Floats
    years: Floats
    cohort: Floats
    cluster: Ints
    dropped: tuple[str, ...]


def staggered(
    table: Data,
    outcome: str,
    cohort: str,
    unit: str,
    time: str,
    *,
    controls: str = "not-yet",
    cluster: Key | None = None,
) -> Staggered:
    """Return effects by cohort and year and their aggregates.

    Parameters
    ----------
    table
        One row for each unit and year. Units that lack a year or an outcome are left out.
    outcome
        Column of the outcome.
    cohort
        Column of the year in which the unit is first treated, NaN for never. Units treated in the
        first year or before are left out.
    unit, time
        Columns of units and years.
    controls
        "not-yet" (with those never treated) or "never".
    cluster
        Clusters of errors, such as provinces; the unit by default.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, a unit and year comes twice, a unit has two cohorts, or
        there is no cohort with controls.
    """
    if controls not in CONTROLS:
        raise ValueError(f"controls must be one of {', '.join(CONTROLS)}, not {controls!r}")
    panel = _panel(table, outcome, cohort, unit, time, cluster)
    n = len(panel.outcome)
    groups = clusters_of(panel.cluster, n, name_of(cluster or unit))
    starts = [float(g) for g in np.unique(panel.cohort[np.isfinite(panel.cohort)])]
    dropped = list(panel.dropped)
    values: list[float] = []
    influence: list[Floats] = []
    at: list[tuple[int, int]] = []
    for start in starts:
        base = np.flatnonzero(panel.years == start - 1.0)
        if len(base) == 0:
            dropped.append(f"cohort {start:.0f}: no year before it in the table")
            continue
        treated = panel.cohort == start
        for t in np.flatnonzero(panel.years != start - 1.0):
            year = float(panel.years[t])
            if controls == "never":
                arm = np.isinf(panel.cohort)
            else:
                arm = panel.cohort > max(year, start - 1.0)
                arm &= ~treated
            if not arm.any():
                dropped.append(f"cohort {start:.0f} in {year:.0f}: no controls")
                continue
            change = panel.outcome[:, t] - panel.outcome[:, base[0]]
            above, psi = _mean(change, treated, panel.cluster)
            below, psi_below = _mean(change, arm, panel.cluster)
            values.append(above - below)
            influence.append(psi - psi_below)
            at.append((int(start), int(year)))
    if not any(year >= g for g, year in at):
        raise ValueError(
            f"column {cohort!r}: no cohort has a year before it, one since, and controls"
        )
    att, psi_cells = np.array(values), np.stack(influence, axis=1)
    cells = np.array(at, dtype=np.int64)
    g, e = cells[:, 0], cells[:, 1] - cells[:, 0]

    def fit(names: list[str], rows: list[tuple[float, Floats]]) -> Fit:
        sums = summed(np.stack([psi for _, psi in rows], axis=1), panel.cluster)
        covariance = np.einsum("cp,cq->pq", sums, sums)
        coefficient = np.array([value for value, _ in rows])
        return Fit(tuple(names), coefficient, covariance, n, groups, groups - 1, tuple(dropped))

    def weighted(chosen: Bools) -> tuple[float, Floats]:
        return _weighted(att[chosen], psi_cells[:, chosen], g[chosen], panel.cohort)

    leads = sorted({int(k) for k in e})
    every = [int(c) for c in np.unique(g[e >= 0])]
    return Staggered(
        fit([f"{a}:{b}" for a, b in at], list(zip(att.tolist(), psi_cells.T, strict=True))),
        g,
        cells[:, 1],
        fit([lead_or_lag(k) for k in leads], [weighted(e == k) for k in leads]),
        fit([str(c) for c in every], [weighted((g == c) & (e >= 0)) for c in every]),
        fit(["overall"], [weighted(e >= 0)])["overall"],
    )


def _mean(change: Floats, arm: Bools, cluster: Ints) -> tuple[float, Floats]:
    """Return the mean change of an arm and the influence (N,) of each unit on it."""
    size, clusters = int(arm.sum()), len(np.unique(cluster[arm]))
    mean = float(change[arm].mean())
    few = np.sqrt(clusters / (clusters - 1)) if clusters > 1 else float("nan")
    psi = np.zeros(len(change))
    psi[arm] = (change[arm] - mean) / size * few
    return mean, psi


def _weighted(att: Floats, psi: Floats, cohort: Ints, of_unit: Floats) -> tuple[float, Floats]:
    """Return the mean of cells by units of their cohorts, and the influence of units on it.

    With w_k = s_k / S, s_k the units of the cell's cohort and S their sum over cells, the share
    has the influence (1[G_i = g_k] - w_k sum_j 1[G_i = g_j]) / S less its mean, which is zero.
    """
    member = (of_unit[:, None] == cohort).astype(np.float64)
    size = member.sum(axis=0)
    weight = size / size.sum()
    value = float((weight * att).sum())
    shares = (member - weight * member.sum(axis=1, keepdims=True)) / size.sum()
    influence = np.where(weight > 0.0, psi, 0.0)
    total: Floats = (influence * weight).sum(axis=1) + (shares * att).sum(axis=1)
    return value, total


def _panel(
    table: Data, outcome: str, cohort: str, unit: str, time: str, cluster: Key | None
) -> _Panel:
    y, start = numbers(table, outcome), dates(table, cohort, unit)
    codes, years, at = grid_of(table, unit, time)
    n = int(codes.max()) + 1
    wide = np.full((n, len(years)), np.nan)
    wide[codes, at] = y
    first = np.full(n, np.inf)
    first[codes] = np.where(np.isnan(start), np.inf, start)
    groups = np.arange(n)
    if cluster is not None:
        own = codes_of(table, cluster)
        groups[codes] = own
        if (own < 0).any() or (groups[codes] != own).any():
            raise ValueError(f"column {name_of(cluster)!r} must have one value for each {unit}")
    dropped = []
    whole, early = ~np.isnan(wide).any(axis=1), first <= years[0]
    if not whole.all():
        dropped.append(f"{counted(int((~whole).sum()), 'unit')} not seen in every year")
    if (early & whole).any():
        number = counted(int((early & whole).sum()), "unit")
        dropped.append(f"{number} treated in {years[0]:.0f} or before")
    kept = whole & ~early
    if not kept.any():
        raise ValueError(f"no unit is left: {', '.join(dropped)}")
    return _Panel(wide[kept], years, first[kept], groups[kept], tuple(dropped))
