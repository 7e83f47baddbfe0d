"""Designs: years around an event, staggered adoption, matching, bunching at a threshold.

Event study, the outcome by years since an event, against the year before it:

    y_it    = a_i + d_t + sum_(k != -1) b_k 1[t - T_i = k] + x_it c + e_it        linear
    E[y_it] = exp(a_i + d_t + sum_(k != -1) b_k 1[t - T_i = k] + x_it c)          Poisson

Symbols: y outcome of unit i in year t; T_i year of its event, none for units that never have one;
a, d effects; x further regressors; b_k effect k years after the event, relative to k = -1; k runs
over a window. Rows of units with an event outside the window are left out, which is said: no
coefficient lumps them. b_k before -1 is a placebo: zero where nothing foresees the event. Where
events have several dates and effects that differ between them, b_k mixes effects of other k (Sun
and Abraham 2021, doi 10.1016/j.jeconom.2020.09.006); then `staggered` is the design. Draws by
lottery with a stock of units that never have an event are safe with one date. Where every unit has
an event, b_k is known up to a trend only, which is an error here.

Staggered difference in differences by cohort and year:

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

Matched difference in differences, each treated unit against those most like it before:

    dY_i  = Y_i,T+h - Y_i,T-1
    dY^_i = 1/M sum_(j in J(i)) (dY_j + (x_i - x_j) g)
    tau   = 1/N sum_(i treated) (dY_i - dY^_i)
    V     = 1/N^2 [N / (N - 1) sum_treated (dY_i - dY^_i - tau)^2
                   + sum_controls K_j (K_j - 1) / M^2 s2_j]
    s2_j  = (dY_j - dY_l(j))^2 / 2

Symbols: T date of the treated unit; h horizon, years; J(i) the M controls nearest to i in
covariates x at T - 1, each over its standard deviation among all units of that year, with
replacement, exactly of the same group and year; K_j how often j is used; l(j) the control of the
same group most like j; g slopes of dY on x among the matched controls of a date, weighted by K and
within groups, which take out what is left of the difference in x (Abadie and Imbens 2011, doi
10.1198/jbes.2009.07333), zero without adjustment. Controls are units without a treatment up to
T + h. Abadie and Imbens (2006, doi 10.1111/j.1468-0262.2006.00655.x), for the effect on the
treated; the difference takes out what units have for ever (Heckman, Ichimura and Todd 1997). The
same control in two years counts as two.

Bunching at a threshold, too many just above it, too few just below:

    c_j     = sum_(k <= order) p_k P_k(x_j) + e_j,   fitted on bins j outside the excluded window
    excess  = sum_(j in above) (c_j - c^_j),   relative = excess / mean c^ of these bins
    missing = sum_(j in below) (c^_j - c_j)
    misfit  = sum_j (c_j - c^_j)^2 / c^_j / (J - order - 1)   over the J bins of the fit

Symbols: c_j number of values in bin j; x_j its centre, P_k Legendre polynomials on the range; c^
counterfactual; above and below: bins from the threshold up, and down, inside the excluded window.
For a notch, such as the research intensity that certification asks for, values bunch at and above
it (Kleven and Waseem 2013, doi 10.1093/qje/qjt004; Chen et al. 2021, doi 10.1257/aer.20191758).
Errors by a bootstrap, values drawn again with replacement from a fixed seed, whose deviations are
widened by the root of the misfit where that is above one; the interval from the .025 and .975
quantiles. A misfit far above one says that the polynomial does not follow the distribution; its
bias at the threshold is then not in the interval, and other orders or fewer bins are to be
compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.polynomial.legendre import legfit, legval

from ydsim.fmt import counted
from ydsim.measures.gravity import swept
from ydsim.studies.estimators.columns import (
    Data,
    Key,
    codes_of,
    column,
    dates,
    grid_of,
    name_of,
    numbers,
)
from ydsim.studies.estimators.estimate import Estimate, Fit, around, summed
from ydsim.studies.estimators.fits import fit_linear, fit_poisson, own_part, residuals
from ydsim.typing import Bools, Floats, Ints

REFERENCE = -1
"""Years since an event to which the others are compared."""

CONTROLS = ("not-yet", "never")


def lead_or_lag(k: int) -> str:
    """Return the name of the coefficient k years after the event, such as "-2", "+0" and "+3"."""
    return f"{k:+d}"


def event_study(
    table: Data,
    outcome: str,
    event: str,
    unit: str,
    time: str,
    *,
    window: tuple[int, int] = (-4, 8),
    regressors: Sequence[str] = (),
    effects: Sequence[Key] | None = None,
    cluster: Key | None = None,
    poisson: bool = False,
) -> Fit:
    """Fit the years around an event.

    Parameters
    ----------
    table
        One row for each unit and year.
    outcome
        Column of the outcome.
    event
        Column of the year of the unit's event, NaN for none.
    unit, time
        Columns of units and of years, which are whole numbers.
    window
        First and last k, with -1 inside.
    regressors
        Further regressors.
    effects
        Sets of fixed effects; unit and time by default.
    cluster
        Clusters of errors; the unit by default.
    poisson
        Fit a Poisson and not by least squares.

    Returns
    -------
    Fit
        Coefficients named by `lead_or_lag`, then the further regressors. A k that no row has is
        NaN.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, the window leaves out -1, nobody has an event, a unit
        has two, or years since the event cannot be distinguished from time.
    """
    first, last = window
    if not first <= REFERENCE <= last or last == first:
        raise ValueError(f"window {window} must hold {REFERENCE} and another year")
    since = _years_since(table, event, unit, time)
    kept = np.isnan(since) | ((since >= first) & (since <= last))
    if not np.isfinite(since[kept]).any():
        raise ValueError(f"column {event!r}: no unit has an event within {window}")
    keys: list[Key] = [unit, time] if effects is None else list(effects)
    flat = [name for key in (*keys, cluster or unit) for name in _parts(key)]
    part = {name: column(table, name)[kept] for name in [*flat, outcome, *regressors]}
    leads = {lead_or_lag(k): k for k in range(first, last + 1) if k != REFERENCE}
    part |= {name: (since[kept] == k).astype(np.float64) for name, k in leads.items()}
    fit = (fit_poisson if poisson else fit_linear)(
        part, outcome, [*leads, *regressors], effects=keys, cluster=cluster or unit
    )
    for name, value in zip(fit.names, fit.coefficient, strict=True):
        if np.isnan(value) and name in leads and part[name].any():
            raise ValueError(
                f"years since {event!r} cannot be distinguished from the fixed effects (at {name}):"
                " units without an event are needed in the same years"
            )
    out = int((~kept).sum())
    said = (f"{counted(out, 'row')} outside {window}",) if out else ()
    return replace(fit, dropped=(*said, *fit.dropped))


def _years_since(table: Data, event: str, unit: str, time: str) -> Floats:
    """Return years since the event (n,), NaN where the unit has none."""
    date, year = dates(table, event, unit), numbers(table, time)
    if not (np.isfinite(year).all() and (year == np.round(year)).all()):
        raise ValueError(f"column {time!r} must hold whole years, none missing")
    since: Floats = year - date
    return since


def _parts(key: Key) -> tuple[str, ...]:
    return (key,) if isinstance(key, str) else key


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
        By years since treatment, named by `lead_or_lag`; placebos before -1.
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
    table, outcome, unit, time
        As in `event_study`. Units that lack a year or an outcome are left out.
    cohort
        Column of the year in which the unit is first treated, NaN for never. Units treated in the
        first year or before are left out.
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
    panel = _cohorts(table, outcome, cohort, unit, time, cluster)
    dropped = list(panel.dropped)
    cells = list(_cells(panel, controls, dropped))
    if not any(year >= start for start, year, _, _ in cells):
        raise ValueError(
            f"column {cohort!r}: no cohort has a year before it, one since, and controls"
        )
    g, t, att, each = (np.array(part) for part in zip(*cells, strict=True))
    psi, groups = each.T, len(np.unique(panel.cluster))

    def fit(names: Iterable[str], rows: list[tuple[float, Floats]]) -> Fit:
        sums = summed(np.stack([influence for _, influence in rows], axis=1), panel.cluster)
        covariance = np.einsum("cp,cq->pq", sums, sums)
        value = np.array([value for value, _ in rows])
        n = len(panel.cohort)
        return Fit(tuple(names), value, covariance, n, groups, groups - 1, tuple(dropped))

    def weighted(chosen: Bools) -> tuple[float, Floats]:
        return _weighted(att[chosen], psi[:, chosen], g[chosen], panel.cohort)

    since = t >= g
    leads, every = np.unique(t - g).tolist(), np.unique(g[since]).tolist()
    return Staggered(
        fit([f"{a}:{b}" for a, b in zip(g, t, strict=True)], list(zip(att, psi.T, strict=True))),
        g,
        t,
        fit(map(lead_or_lag, leads), [weighted(t - g == k) for k in leads]),
        fit(map(str, every), [weighted((g == start) & since) for start in every]),
        fit(["overall"], [weighted(since)])["overall"],
    )


@dataclass(frozen=True)
class _Cohorts:
    """(N, T) outcomes, years (T,), cohorts (N,) with infinity for never, clusters (N,)."""

    outcome: Floats
    years: Floats
    cohort: Floats
    cluster: Ints
    dropped: tuple[str, ...]


def _cohorts(
    table: Data, outcome: str, cohort: str, unit: str, time: str, cluster: Key | None
) -> _Cohorts:
    y, start = numbers(table, outcome), dates(table, cohort, unit)
    grid = grid_of(table, unit, time)
    wide, years = grid.laid(y), grid.years
    n = len(wide)
    first, groups = np.full(n, np.inf), np.arange(n)
    first[grid.unit] = np.where(np.isnan(start), np.inf, start)
    if cluster is not None:
        own = codes_of(table, cluster)
        groups[grid.unit] = own
        if (own < 0).any() or (groups[grid.unit] != own).any():
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
    if len(np.unique(groups[kept])) < 2:
        name = name_of(cluster or unit)
        raise ValueError(f"column {name!r} has one cluster: errors need two or more")
    return _Cohorts(wide[kept], years, first[kept], groups[kept], tuple(dropped))


def _cells(
    panel: _Cohorts, controls: str, dropped: list[str]
) -> Iterator[tuple[int, int, float, Floats]]:
    """Yield g, t, ATT(g, t) and the influence (N,) of each unit; ``dropped`` gets the others."""
    for start in np.unique(panel.cohort[np.isfinite(panel.cohort)]):
        base = panel.outcome[:, panel.years == start - 1.0]
        if not base.size:
            dropped.append(f"cohort {start:.0f}: no year before it in the table")
            continue
        treated = panel.cohort == start
        for year, values in zip(panel.years, panel.outcome.T, strict=True):
            if year == start - 1.0:
                continue
            arm = np.isinf(panel.cohort)
            if controls == "not-yet":
                arm = (panel.cohort > max(year, start - 1.0)) & ~treated
            if not arm.any():
                dropped.append(f"cohort {start:.0f} in {year:.0f}: no controls")
                continue
            change = values - base[:, 0]
            above, psi = _mean(change, treated, panel.cluster)
            below, psi_below = _mean(change, arm, panel.cluster)
            yield int(start), int(year), above - below, psi - psi_below


def _mean(change: Floats, arm: Bools, cluster: Ints) -> tuple[float, Floats]:
    """Return the mean change of an arm and the influence (N,) of each unit on it."""
    clusters, mean = len(np.unique(cluster[arm])), float(change[arm].mean())
    few = np.sqrt(clusters / (clusters - 1)) if clusters > 1 else float("nan")
    return mean, np.where(arm, (change - mean) / arm.sum() * few, 0.0)


def _weighted(att: Floats, psi: Floats, cohort: Ints, of_unit: Floats) -> tuple[float, Floats]:
    """Return the mean of cells by units of their cohorts, and the influence of units on it.

    With w_k = s_k / S, s_k the units of the cell's cohort and S their sum over cells, the share
    has the influence (1[G_i = g_k] - w_k sum_j 1[G_i = g_j]) / S less its mean, which is zero.
    """
    member = (of_unit[:, None] == cohort).astype(np.float64)
    size = member.sum(axis=0)
    weight = size / size.sum()
    shares = (member - weight * member.sum(axis=1, keepdims=True)) / size.sum()
    total: Floats = (psi * weight).sum(axis=1) + (shares * att).sum(axis=1)
    return float((weight * att).sum()), total


def matched_difference(
    table: Data,
    outcome: str,
    event: str,
    unit: str,
    time: str,
    covariates: Sequence[str],
    *,
    horizon: int = 3,
    exact: Key | None = None,
    matches: int = 1,
    caliper: float = float("inf"),
    adjusted: bool = True,
) -> Estimate:
    """Return the mean effect on the treated ``horizon`` years after the event.

    Parameters
    ----------
    table, outcome, event, unit, time
        As in `event_study`.
    covariates
        Columns that are to be alike in the year before.
    horizon
        Years since the treatment, h.
    exact
        Groups inside which units are matched, in the year before.
    matches
        Controls of each treated unit, M.
    caliper
        Largest distance of a match, in standard deviations.
    adjusted
        Take out what is left of the difference in covariates.

    Returns
    -------
    Estimate
        ``n`` counts treated units that are matched; ``dropped`` says which are not.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, or fewer than two treated units find a match.
    """
    if not covariates or horizon < 0 or matches < 1 or caliper <= 0.0:
        raise ValueError("covariates, matches and caliper must be positive, horizon not negative")
    grid, date = grid_of(table, unit, time), dates(table, event, unit)
    panel = pd.DataFrame({"unit": grid.unit, "year": grid.years[grid.at], "date": date})
    panel["group"] = 0 if exact is None else codes_of(table, exact)
    panel["y"] = numbers(table, outcome)
    names = [f"x {name}" for name in covariates]
    panel[names] = np.stack([numbers(table, name) for name in covariates], axis=1)
    gaps, again, blank, alone = [np.zeros(0)], 0.0, 0, 0
    for start in np.unique(date[~np.isnan(date)]).tolist():
        frame = _changes(panel, start - 1.0, start + horizon)
        treated = (frame["date"] == start).to_numpy()
        control = ~(frame["date"] <= start + horizon).to_numpy() & ~treated
        blank += panel.loc[panel["date"] == start, "unit"].nunique() - int(treated.sum())
        if not (treated.any() and control.any()):
            alone += int(treated.sum())
            continue
        x, change = frame[names].to_numpy(), frame["change"].to_numpy()
        spread = x.std(axis=0)
        x = x / np.where(spread > 0.0, spread, 1.0)
        cells = []
        for group in np.unique(frame.loc[treated, "group"]):
            a, b = (np.flatnonzero(arm & (frame["group"] == group)) for arm in (treated, control))
            used = _nearest(x[a], x[b], matches, caliper)
            kept = used.any(axis=1)
            alone += int((~kept).sum())
            again += _variance_again(x[b], change[b], used.sum(axis=0), matches)
            cells.append((a[kept], b, used[kept]))
        slope = _slopes(change, x, cells) if adjusted else np.zeros(x.shape[1])
        level = change - np.einsum("nq,q->n", x, slope)
        gaps += [level[a] - np.einsum("ij,j->i", used, level[b]) / matches for a, b, used in cells]
    dropped = tuple(
        f"{counted(number, 'treated unit')} {why}"
        for number, why in ((blank, "without a year or a value"), (alone, "without a match"))
        if number
    )
    found = np.concatenate(gaps)
    n, tau = len(found), float(found.sum()) / max(len(found), 1)
    if n < 2:
        raise ValueError(f"{n} treated units are matched, two are needed: {', '.join(dropped)}")
    variance = (again + float(((found - tau) ** 2).sum()) * n / (n - 1)) / n**2
    return around(tau, variance, n, n, n - 1, dropped)


def _changes(panel: pd.DataFrame, before: float, after: float) -> pd.DataFrame:
    """Return the units of a year with the ``change`` of y to another, where all is there."""
    first, last = (
        panel[panel["year"] == year].set_index("unit").sort_index() for year in (before, after)
    )
    frame = first.assign(change=last["y"] - first["y"])
    return frame[frame.drop(columns="date").notna().all(axis=1) & (frame["group"] >= 0)]


def _nearest(treated: Floats, control: Floats, matches: int, caliper: float) -> Floats:
    """Return (A, B) one where a control is a match; none for a row that finds too few."""
    used = np.zeros((len(treated), len(control)))
    if len(control) < matches:
        return used
    apart = _distance(treated, control)
    order = np.argsort(apart, axis=1, kind="stable")[:, :matches]
    near = np.take_along_axis(apart, order, axis=1).max(axis=1) <= caliper
    np.put_along_axis(used, order, near[:, None].astype(np.float64), axis=1)
    return used


def _variance_again(x: Floats, change: Floats, times: Floats, matches: int) -> float:
    """Return the sum over controls (B,) used several times; NaN where one has no like."""
    weight = times * (times - 1.0) / matches**2
    often = np.flatnonzero(weight > 0.0)
    if not len(often):
        return 0.0
    if len(x) < 2:
        return float("nan")
    apart = _distance(x[often], x)
    apart[np.arange(len(often)), often] = np.inf
    like = apart.argmin(axis=1)
    return float((weight[often] * (change[often] - change[like]) ** 2 / 2.0).sum())


def _distance(a: Floats, b: Floats) -> Floats:
    """Return distances (A, B) of rows."""
    from scipy.spatial.distance import cdist

    return cdist(a, b)


def _slopes(change: Floats, x: Floats, cells: Sequence[tuple[Ints, Ints, Floats]]) -> Floats:
    """Return g (Q,), zero for what the matched controls do not tell."""
    found = np.zeros(x.shape[1])
    times = np.concatenate([used.sum(axis=0) for _, _, used in cells])
    some = times > 0.0
    at = np.concatenate([b for _, b, _ in cells])[some]
    cell = np.repeat(np.arange(len(cells)), [len(b) for _, b, _ in cells])[some]
    if len(at) <= len(found) + len(np.unique(cell)):
        return found
    left = residuals(np.column_stack([change[at], x[at]]), [cell], times[some])
    own = own_part(x[at], left[:, 1:])
    mine = left[:, 1:][:, own]
    weighted = mine * times[some, None]
    inverse, _ = swept(np.einsum("ni,nj->ij", mine, weighted))
    found[own] = np.einsum("ij,nj,n->i", inverse, weighted, left[:, 0])
    return found


@dataclass(frozen=True)
class Bunching:
    """What gathers at a threshold.

    Attributes
    ----------
    excess, missing
        Values too many from the threshold up, and too few below it.
    relative
        Excess in units of the counterfactual number in a bin.
    misfit
        Spread of the counts of the fit around it, one where it is by chance alone.
    centre, count, counterfactual
        (J,) bins.
    excluded
        (J,) whether a bin is left out of the fit.
    """

    excess: Estimate
    missing: Estimate
    relative: Estimate
    misfit: float
    centre: Floats
    count: Floats
    counterfactual: Floats
    excluded: Bools


EDGE = 1e-9
"""Part of a bin by which rounding may put a value below the edge that it is at."""


def bunching(
    values: Floats,
    threshold: float,
    *,
    width: float,
    below: int,
    above: int,
    bins: int = 25,
    order: int = 5,
    draws: int = 400,
    seed: int = 0,
) -> Bunching:
    """Return the excess mass at a threshold.

    Parameters
    ----------
    values
        (n,) such as research over sales. Those further off than ``bins`` are left out.
    threshold
        Which is a lower edge of a bin.
    width
        Of a bin, in the unit of values.
    below, above
        Bins of the excluded window on either side; ``above`` at least one.
    bins
        Bins on either side.
    order
        Of the polynomial.
    draws, seed
        Of the bootstrap; the seed is the key of its generator.

    Raises
    ------
    ValueError
        When a value is not finite, the window leaves too few bins, or no value is in range.
    """
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    if width <= 0.0 or below < 0 or above < 1 or order < 0 or draws < 2:
        raise ValueError("width, above and draws must be positive, below and order not negative")
    at = np.floor((values - threshold) / width + EDGE).astype(np.int64)
    inside = (at >= -bins) & (at < bins)
    count = np.bincount(at[inside] + bins, minlength=2 * bins).astype(np.float64)
    number = np.arange(-bins, bins, dtype=np.float64)
    up, down = (number >= 0) & (number < above), (number < 0) & (number >= -below)
    used = ~(up | down)
    if int(used.sum()) < order + 2:
        raise ValueError(f"{int(used.sum())} bins outside the window do not fix order {order}")
    if not count[used].any():
        raise ValueError("no value lies outside the window and in range")
    place = (number + 0.5) / bins

    def measured(counts: Floats) -> tuple[Floats, Floats]:
        """Return excess, missing and relative (S, 3) of counts (S, J), and counterfactuals."""
        polynomial = legfit(place[used], counts[:, used].T, order)
        expected = legval(place, polynomial).astype(np.float64)
        apart = counts - expected
        excess, height = apart[:, up].sum(axis=1), expected[:, up].mean(axis=1)
        relative = excess / np.where(height > 0.0, height, np.nan)
        return np.stack([excess, -apart[:, down].sum(axis=1), relative], axis=1), expected

    found, whole = measured(count[None])
    expected = whole[0]
    off, height = (count - expected)[used], np.maximum(expected[used], 1.0)
    misfit = float((off**2 / height).sum()) / (len(off) - order - 1)
    again = measured(_drawn_again(count, draws, seed))[0]
    again = found + np.sqrt(max(misfit, 1.0)) * (again - found)
    lost, n = int((~inside).sum()), int(inside.sum())
    dropped = (f"{lost} values out of range",) if lost else ()
    excess, missing, relative = (
        _of_draws(float(value), each, n, dropped)
        for value, each in zip(found[0], again.T, strict=True)
    )
    centre = threshold + (number + 0.5) * width
    return Bunching(excess, missing, relative, misfit, centre, count, expected, ~used)


def _drawn_again(count: Floats, draws: int, seed: int) -> Floats:
    """Return (draws, J) counts of values drawn again, with replacement."""
    generator = np.random.Generator(np.random.Philox(key=seed))
    number = int(count.sum())
    return generator.multinomial(number, count / number, draws).astype(np.float64)


def _of_draws(value: float, draws: Floats, n: int, dropped: tuple[str, ...]) -> Estimate:
    low, high = (float(end) for end in np.quantile(draws, [0.025, 0.975]))
    return Estimate(value, float(draws.std(ddof=1)), low, high, n, n, dropped)
