"""Matched difference in differences: each treated unit against those most like it before.

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
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.analysis.estimators.absorb import own_part, residuals
from ydsim.analysis.estimators.estimate import Estimate, around
from ydsim.analysis.estimators.event_study import dates
from ydsim.analysis.estimators.table import Data, Key, codes_of, grid_of, numbers
from ydsim.measures.gravity import swept
from ydsim.typing import Floats, Ints
from ydsim.wording import counted


@dataclass(frozen=True)
class _Wide:
    """Units by years: outcome (N, T), covariates (N, T, Q), group (N, T), dates (N,), years."""

    outcome: Floats
    covariates: Floats
    group: Ints
    date: Floats
    years: Floats


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
    table
        One row for each unit and year.
    outcome
        Column of the outcome.
    event
        Column of the year of the unit's treatment, NaN for never.
    unit, time
        Columns of units and years.
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
    wide = _wide(table, outcome, event, unit, time, covariates, exact)
    gaps: list[float] = []
    variance, blank, alone, unsure = 0.0, 0, 0, False
    for start in np.unique(wide.date[~np.isnan(wide.date)]):
        treated = wide.date == start
        before, after = (np.flatnonzero(wide.years == y) for y in (start - 1, start + horizon))
        if len(before) == 0 or len(after) == 0:
            blank += int(treated.sum())
            continue
        change = wide.outcome[:, after[0]] - wide.outcome[:, before[0]]
        x, group = wide.covariates[:, before[0]], wide.group[:, before[0]]
        there = ~np.isnan(change) & ~np.isnan(x).any(axis=1) & (group >= 0)
        blank += int((treated & ~there).sum())
        control = there & ~treated & ~(wide.date <= start + horizon)
        if not control.any():
            alone += int((treated & there).sum())
            continue
        spread = x[there].std(axis=0)
        x = x / np.where(spread > 0.0, spread, 1.0)
        cells: list[tuple[Ints, Ints, Floats]] = []
        for code in np.unique(group[treated & there]):
            a = np.flatnonzero(treated & there & (group == code))
            b = np.flatnonzero(control & (group == code))
            used = _matched(x[a], x[b], matches, caliper)
            kept = used.sum(axis=1) > 0.0
            alone += int((~kept).sum())
            k = used.sum(axis=0)
            again = k * (k - 1.0) / matches**2
            often = np.flatnonzero(again > 0.0)
            if len(often):
                unsure |= len(b) < 2
                variance += float((again[often] * _spread(x[b], change[b], often)).sum())
            cells.append((a[kept], b, used[kept]))
        slope = _slopes(change, x, cells) if adjusted else np.zeros(x.shape[1])
        for a, b, used in cells:
            level = change - np.einsum("nq,q->n", x, slope)
            gaps += (level[a] - np.einsum("ij,j->i", used, level[b]) / matches).tolist()
    dropped = tuple(
        f"{counted(number, 'treated unit')} {why}"
        for number, why in ((blank, "without a year or a value"), (alone, "without a match"))
        if number
    )
    n = len(gaps)
    if n < 2:
        raise ValueError(f"{n} treated units are matched, two are needed: {', '.join(dropped)}")
    found = np.array(gaps)
    tau = float(found.mean())
    variance = (variance + float(((found - tau) ** 2).sum()) * n / (n - 1)) / n**2
    return around(tau, float("nan") if unsure else variance, n, n, n - 1, dropped)


def _slopes(change: Floats, x: Floats, cells: list[tuple[Ints, Ints, Floats]]) -> Floats:
    """Return g (Q,), zero for what the matched controls do not tell."""
    found = np.zeros(x.shape[1])
    number = np.concatenate([used.sum(axis=0) for _, _, used in cells])
    at = np.concatenate([b for _, b, _ in cells])[number > 0.0]
    cell = np.repeat(np.arange(len(cells)), [len(b) for _, b, _ in cells])[number > 0.0]
    number = number[number > 0.0]
    if len(at) <= len(found) + len(np.unique(cell)):
        return found
    v = residuals(np.column_stack([change[at], x[at]]), [cell], number)
    own = own_part(x[at], v[:, 1:])
    weighted = v[:, 1:][:, own] * number[:, None]
    inverse, _ = swept(np.einsum("ni,nj->ij", v[:, 1:][:, own], weighted))
    found[own] = np.einsum("ij,nj,n->i", inverse, weighted, v[:, 0])
    return found


def _matched(treated: Floats, control: Floats, matches: int, caliper: float) -> Floats:
    """Return (A, B) one where a control is a match; none for a row that finds too few."""
    if len(control) < matches:
        return np.zeros((len(treated), len(control)))
    apart = _distance(treated, control)
    order = np.argsort(apart, axis=1, kind="stable")[:, :matches]
    used = np.zeros(apart.shape)
    np.put_along_axis(used, order, 1.0, axis=1)
    far = np.take_along_axis(apart, order, axis=1).max(axis=1) > caliper
    used[far] = 0.0
    return used


def _distance(a: Floats, b: Floats) -> Floats:
    """Return distances (A, B) of rows."""
    squares = np.zeros((len(a), len(b)))
    for one, other in zip(a.T, b.T, strict=True):
        squares += (one[:, None] - other) ** 2
    distance: Floats = np.sqrt(squares)
    return distance


def _spread(x: Floats, change: Floats, at: Ints) -> Floats:
    """Return the variance s2 (K,) of the controls ``at`` (K,) by their likes among all (B,)."""
    apart = _distance(x[at], x)
    apart[np.arange(len(at)), at] = np.inf
    like = apart.argmin(axis=1)
    s2: Floats = (change[at] - change[like]) ** 2 / 2.0
    return s2


def _wide(
    table: Data,
    outcome: str,
    event: str,
    unit: str,
    time: str,
    covariates: Sequence[str],
    exact: Key | None,
) -> _Wide:
    codes, years, at = grid_of(table, unit, time)
    n = int(codes.max()) + 1

    def laid(values: Floats) -> Floats:
        out = np.full((n, len(years)), np.nan)
        out[codes, at] = values
        return out

    date = np.full(n, np.nan)
    date[codes] = dates(table, event, unit)
    group = np.full((n, len(years)), -1, dtype=np.int64)
    group[codes, at] = 0 if exact is None else codes_of(table, exact)
    x = np.stack([laid(numbers(table, name)) for name in covariates], axis=2)
    return _Wide(laid(numbers(table, outcome)), x, group, date, years)
