"""Designs: years around an event, staggered adoption, matching.

Event study, the outcome by years since an event, against the year before it:

    y_it    = a_i + d_t + sum_(k != -1) b_k 1[t - T_i = k] + e_it        linear
    E[y_it] = exp(a_i + d_t + sum_(k != -1) b_k 1[t - T_i = k])          Poisson

Symbols: y outcome of unit i in year t; T_i year of its event, none for units that never have one;
a, d effects; b_k effect k years after the event, relative to k = -1; k runs over a window. Rows of
units with an event outside the window are left out, which is said: no coefficient lumps them. b_k
before -1 is a placebo: zero where nothing foresees the event. Where events have several dates and
effects that differ between them, b_k mixes effects of other k (Sun and Abraham 2021, doi
10.1016/j.jeconom.2020.09.006); then `staggered` is the design. Draws by lottery with a stock of
units that never have an event are safe with one date. Where every unit has an event, b_k is known
up to a trend only, which is an error here.

Staggered difference in differences by cohort and year:

    ATT(g, t) = mean[Y_t - Y_(g-1) | G = g] - mean[Y_t - Y_(g-1) | C_gt]
    overall   = sum_(g, t >= g) w_gt ATT(g, t),   w_gt proportional to the units of cohort g
    V         = sum_i psi_i psi_i'

Symbols: Y outcome; G year in which a unit is first treated, its cohort, for ever; C_gt controls:
units not yet treated in t nor in g - 1, and those never treated. Callaway and Sant'Anna (2021, doi
10.1016/j.jeconom.2020.12.001) without covariates: no cohort serves as control once it is treated,
so that effects may differ between cohorts and change with time, which two-way effects do not allow.
All differences are from g - 1, before the treatment too: those at t < g - 1 are placebos. The
influence psi of unit i on a mean of the m units of an arm is (dY_i - mean) / m, times
sqrt(m / (m - 1)), so that V without aggregation is Welch's variance of a difference of means.
Shares of cohorts are estimated, and have their influence. An arm of one unit has no error (NaN).
Intervals by Student's t with one degree of freedom less than units, pointwise.

Matched difference in differences, each treated unit against the one most like it before:

    dY_i  = Y_i,T+h - Y_i,T-1
    dY^_i = dY_j + (x_i - x_j) g,   j = J(i)
    tau   = 1/N sum_(i treated) (dY_i - dY^_i)
    V     = 1/N^2 [N / (N - 1) sum_treated (dY_i - dY^_i - tau)^2
                   + sum_controls K_j (K_j - 1) s2_j]
    s2_j  = (dY_j - dY_l(j))^2 / 2

Symbols: T date of the treated unit; h horizon, years; J(i) the control nearest to i in covariates x
at T - 1, each over its standard deviation among all units of that year, with replacement, exactly
of the same group and year; K_j how often j is used; l(j) the control of the same group most like j;
g slopes of dY on x among the matched controls of a date, weighted by K and within groups, which
take out what is left of the difference in x (Abadie and Imbens 2011, doi
10.1198/jbes.2009.07333). Controls are units without a treatment up to T + h. Abadie and Imbens
(2006, doi 10.1111/j.1468-0262.2006.00655.x), for the effect on the treated; the difference takes
out what units have for ever (Heckman, Ichimura and Todd 1997). The same control in two years counts
as two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from ydsim.fmt import counted
from ydsim.measures.gravity import swept
from ydsim.studies.estimators.columns import (
    Data,
    Key,
    codes_of,
    column,
    dated,
    numbers,
    parts_of,
)
from ydsim.studies.estimators.fits import (
    Estimate,
    Fit,
    fit_linear,
    fit_poisson,
    own_part,
    residuals,
)
from ydsim.typing import Bools, Floats, Ints

REFERENCE = -1
"""Years since an event to which the others are compared."""


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
    effects: Sequence[Key] | None = None,
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
        Columns of units, which are the clusters of errors, and of years, which are whole numbers.
    window
        First and last k, with -1 inside.
    effects
        Sets of fixed effects; unit and time by default.
    poisson
        Fit a Poisson and not by least squares.

    Returns
    -------
    Fit
        Coefficients named by `lead_or_lag`. A k that no row has is NaN.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, the window leaves out -1, nobody has an event, a unit
        has two, or years since the event cannot be distinguished from time.
    """
    first, last = window
    if not first <= REFERENCE <= last or last == first:
        raise ValueError(f"window {window} must hold {REFERENCE} and another year")
    frame = dated(table, event, unit, time)
    since = frame["year"] - frame["date"]
    kept = since.isna() | since.between(first, last)
    if not since[kept].notna().any():
        raise ValueError(f"column {event!r}: no unit has an event within {window}")
    keys: list[Key] = [unit, time] if effects is None else list(effects)
    needed = {outcome, unit, *(name for key in keys for name in parts_of(key))}
    part = pd.DataFrame({name: column(table, name) for name in needed})
    leads = {lead_or_lag(k): since == k for k in range(first, last + 1) if k != REFERENCE}
    part = part.assign(**leads)[kept]
    fit = (fit_poisson if poisson else fit_linear)(
        part, outcome, list(leads), effects=keys, cluster=unit
    )
    for name, value in zip(fit.names, fit.coefficient, strict=True):
        if np.isnan(value) and part[name].any():
            raise ValueError(
                f"years since {event!r} cannot be distinguished from the fixed effects (at {name}):"
                " units without an event are needed in the same years"
            )
    out = int((~kept).sum())
    said = (f"{counted(out, 'row')} outside {window}",) if out else ()
    return replace(fit, dropped=(*said, *fit.dropped))


def staggered(table: Data, outcome: str, cohort: str, unit: str, time: str) -> Fit:
    """Return effects of a treatment that comes at several dates.

    Parameters
    ----------
    table, outcome, unit, time
        As in `event_study`. Units that lack a year or an outcome are left out.
    cohort
        Column of the year in which the unit is first treated, NaN for never. Units treated in the
        first year or before are left out.

    Returns
    -------
    Fit
        ATT(g, t), named "g:t", and last "overall", over all cells since treatment.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, a unit and year comes twice, a unit has two cohorts, or
        there is no cohort with controls.
    """
    frame = dated(table, cohort, unit, time, once=True).assign(y=numbers(table, outcome))
    wide = frame.pivot(index="unit", columns="year", values="y")
    start = frame.groupby("unit")["date"].first()
    whole = wide.notna().all(axis=1)
    early, first = whole & (start <= wide.columns[0]), wide.columns[0]
    dropped = [
        f"{counted(int(units.sum()), 'unit')} {why}"
        for units, why in (
            (~whole, "not seen in every year"),
            (early, f"treated in {first:.0f} or before"),
        )
        if units.any()
    ]
    wide, start = wide[whole & ~early], start[whole & ~early]
    cells: dict[tuple[float, float], tuple[float, Floats]] = {}
    for g in np.unique(start.dropna()):
        if g - 1 not in wide:
            dropped.append(f"cohort {g:.0f}: no year before it in the table")
            continue
        treated = (start == g).to_numpy()
        for t in np.setdiff1d(wide.columns, [g - 1]):
            controls = ~(start <= max(t, g - 1)).to_numpy() & ~treated
            if not controls.any():
                dropped.append(f"cohort {g:.0f} in {t:.0f}: no controls")
                continue
            change = (wide[t] - wide[g - 1]).to_numpy()
            above, of_treated = _mean(change, treated)
            below, of_controls = _mean(change, controls)
            cells[g, t] = above - below, of_treated - of_controls
    since = [(g, t) for g, t in cells if t >= g]
    if not since:
        said = "; ".join(["", *dropped])
        raise ValueError(
            f"column {cohort!r}: no cohort has a year before it, one since, and controls{said}"
        )
    values = [*cells.values(), _overall({cell: cells[cell] for cell in since}, start)]
    psi = np.stack([each for _, each in values], axis=1)
    names = (*(f"{g:.0f}:{t:.0f}" for g, t in cells), "overall")
    value, n = np.array([value for value, _ in values]), len(start)
    return Fit(names, value, psi.T @ psi, n, n, n - 1, tuple(dropped))


def _mean(change: Floats, arm: Bools) -> tuple[float, Floats]:
    """Return the mean change of an arm and the influence (N,) of each unit on it."""
    m, mean = int(arm.sum()), float(change[arm].mean())
    few = np.sqrt(m / (m - 1)) if m > 1 else np.nan
    return mean, np.where(arm, (change - mean) / m * few, 0.0)


def _overall(
    cells: dict[tuple[float, float], tuple[float, Floats]], start: pd.Series
) -> tuple[float, Floats]:
    """Return the mean of cells by units of their cohorts, and the influence of units on it.

    With w_k = s_k / S, s_k the units of the cell's cohort and S their sum over cells, the share
    has the influence (1[G_i = g_k] - w_k sum_j 1[G_i = g_j]) / S less its mean, which is zero.
    """
    att, psi = np.array([att for att, _ in cells.values()]), [psi for _, psi in cells.values()]
    member = np.stack([start == g for g, _ in cells], axis=1).astype(np.float64)
    size = member.sum(axis=0)
    weight = size / size.sum()
    shares = (member - weight * member.sum(axis=1, keepdims=True)) / size.sum()
    return float(weight @ att), np.stack(psi, axis=1) @ weight + shares @ att


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

    Returns
    -------
    Estimate
        ``n`` counts treated units that are matched; ``dropped`` says which are not.

    Raises
    ------
    ValueError
        When a column is unknown or unfit, or fewer than two treated units find a match.
    """
    if not covariates or horizon < 0:
        raise ValueError("covariates must be named, and horizon not be negative")
    panel = dated(table, event, unit, time, once=True).assign(y=numbers(table, outcome))
    panel["group"] = 0 if exact is None else codes_of(table, exact)
    x = [f"x {name}" for name in covariates]
    panel[x] = np.stack([numbers(table, name) for name in covariates], axis=1)
    gaps, again, blank, alone = [np.zeros(0)], 0.0, 0, 0
    for start in np.unique(panel["date"].dropna()):
        frame = _changes(panel, start - 1, start + horizon)
        spread = frame[x].std(ddof=0)
        frame[x] /= spread.where(spread > 0.0, 1.0)
        treated = frame[frame["date"] == start]
        controls = frame[~(frame["date"] <= start + horizon)]
        blank += panel.loc[panel["date"] == start, "unit"].nunique() - len(treated)
        matched = treated["group"].isin(controls["group"])
        alone += int((~matched).sum())
        arms = []
        for group, some in treated[matched].groupby("group"):
            others = controls[controls["group"] == group]
            near = _distance(some[x], others[x]).argmin(axis=1)
            arms.append((some, others.iloc[near]))
            again += _variance_again(others, x, near)
        if arms:
            mine, match = (pd.concat(arm) for arm in zip(*arms, strict=True))
            apart = mine[x].to_numpy() - match[x].to_numpy()
            change = mine["change"].to_numpy() - match["change"].to_numpy()
            gaps.append(change - apart @ _slopes(match, x))
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
    whole = Fit(("effect",), np.array([tau]), np.array([[variance]]), n, n, n - 1, dropped)
    return whole["effect"]


def _changes(panel: pd.DataFrame, before: float, after: float) -> pd.DataFrame:
    """Return the units of a year with the ``change`` of y to another, where all is there."""
    first, last = (
        panel[panel["year"] == year].set_index("unit").sort_index() for year in (before, after)
    )
    frame = first.assign(change=last["y"] - first["y"])
    return frame[frame.drop(columns="date").notna().all(axis=1) & (frame["group"] >= 0)]


def _distance(a: pd.DataFrame, b: pd.DataFrame) -> Floats:
    """Return distances (A, B) of rows."""
    from scipy.spatial.distance import cdist

    return cdist(a, b)


def _variance_again(controls: pd.DataFrame, x: list[str], near: Ints) -> float:
    """Return the sum of K (K - 1) s2 over controls; NaN where one used twice has no like."""
    at, times = np.unique(near, return_counts=True)
    at, weight = at[times > 1], (times * (times - 1.0))[times > 1]
    if not len(at):
        return 0.0
    if len(controls) < 2:
        return float("nan")
    apart = _distance(controls[x].iloc[at], controls[x])
    apart[np.arange(len(at)), at] = np.inf
    change = controls["change"].to_numpy()
    return float((weight * (change[at] - change[apart.argmin(axis=1)]) ** 2 / 2.0).sum())


def _slopes(match: pd.DataFrame, x: list[str]) -> Floats:
    """Return g (Q,), zero for what the matched controls, one for each treated, do not tell."""
    found, group = np.zeros(len(x)), match["group"].to_numpy()
    if match.index.nunique() <= len(x) + len(np.unique(group)):
        return found
    left = residuals(match[["change", *x]].to_numpy(), [group])
    own = own_part(match[x].to_numpy(), left[:, 1:])
    mine = left[:, 1:][:, own]
    inverse, _ = swept(mine.T @ mine)
    found[own] = inverse @ (mine.T @ left[:, 0])
    return found
