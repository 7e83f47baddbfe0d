"""The literature's own estimators as functions of plain tables: fits with fixed effects, designs.

Linear, with Z = X, or with instruments (two-stage least squares; H = instruments and others):

    y_n = x_n b + sum_r a_r,g(r,n) + e_n
    b   = (Z' X)^-1 Z' y,   Z = H (H'H)^-1 H'X

Symbols: y outcome; x regressors; a effects, g(r, n) the group of row n in set r; all less their
fixed effects, by Frisch, Waugh and Lovell.

Poisson pseudo-maximum likelihood, by reweighted steps; consistent whatever the variance of y
(Santos Silva and Tenreyro 2006, doi 10.1162/rest.88.4.641):

    E[y_n] = mu_n = exp(eta_n),   eta_n = x_n b + sum_r a_r,g(r,n)
    r_n  = (y_n - mu_n) / mu_n = r^_n + r~_n,   x_n = x^_n + x~_n,   M = diag(mu)
    db   = (X~' M X~)^-1 X~' M r~,              deta = r^ + X~ db

A hat is what fixed effects explain of a column under the weights mu, a tilde what they leave
(Correia, Guimaraes and Zylkin 2020, doi 10.1177/1536867X20909691). A group of an effect whose
outcomes are all zero has no finite effect: its rows are left out, as are those alone in a group.
Where a combination of regressors is zero at all positive outcomes, and does not change its sign
over the zeros, the likelihood has no maximum: the zeros at which it differs from zero are separated
and left out too (the same, 2019, arXiv 1903.01633). A linear programme finds all of them at once. A
regressor that has nothing left is NaN.

Fixed effects are taken out of a column v, any number of sets, by conjugate gradients:

    e = v - D a,   a = argmin sum_n w_n (v_n - sum_r a_r,g(r,n))^2,   D' W D a = D' W v

D has one column of ones and zeros for each group, w are weights. Steps are scaled by the weights of
groups; one set is exact in one step. Without effects a constant is taken out.

Event study, the outcome by years since an event, against the year before it:

    y_it    = a_i + d_t + sum_(k != -1) b_k 1[t - T_i = k] + e_it        linear
    E[y_it] = exp(a_i + d_t + sum_(k != -1) b_k 1[t - T_i = k])          Poisson

Symbols: y outcome of unit i in year t; T_i year of its event, none for units that never have one;
a, d effects; b_k effect k years after the event, relative to k = -1; k runs over a window. Rows of
units with an event outside the window are left out. Where events have several dates and effects
that differ between them, b_k mixes effects of other k (Sun and Abraham 2021, doi
10.1016/j.jeconom.2020.09.006); then `staggered` is the design. Where every unit has an event, b_k
is known up to a trend only, which is an error here.

Staggered difference in differences by cohort and year:

    ATT(g, t) = mean[Y_t - Y_(g-1) | G = g] - mean[Y_t - Y_(g-1) | C_gt]
    overall   = sum_(g, t >= g) w_gt ATT(g, t),   w_gt proportional to the units of cohort g

Symbols: Y outcome; G year in which a unit is first treated, its cohort, for ever; C_gt controls:
units not yet treated in t nor in g - 1, and those never treated. Callaway and Sant'Anna (2021, doi
10.1016/j.jeconom.2020.12.001) without covariates: no cohort serves as control once it is treated,
so that effects may differ between cohorts and change with time, which two-way effects do not allow.
Those at t < g - 1 are placebos.

Matched difference in differences, each treated unit against the one most like it before:

    dY_i  = Y_i,T+h - Y_i,T-1
    dY^_i = dY_j + (x_i - x_j) g,   j = J(i)
    tau   = 1/N sum_(i treated) (dY_i - dY^_i)

Symbols: T date of the treated unit; h horizon, years; J(i) the control nearest to i in covariates x
at T - 1, each over its standard deviation among all units of that year, with replacement, exactly
of the same group and year; g slopes of dY on x among the matched controls of a date, weighted by
their use and within groups, which take out what is left of the difference in x (Abadie and Imbens
2011, doi 10.1198/jbes.2009.07333). Controls are units without a treatment up to T + h. The
difference takes out what units have for ever (Heckman, Ichimura and Todd 1997).

Imputation, of units that are treated for ever from a date on:

    y_it = a_i + d_t + e_it              all rows without a treatment
    tau  = mean (y_it - a_i - d_t)       rows with one

Symbols: y outcome of unit i in year t; a, d effects, fitted where nobody is treated and so not
bent by effects that change with time (Borusyak, Jaravel and Spiess 2024, doi
10.1093/restud/rdae007).

Randomisation, where few units are treated, so that errors of one fit are too small. With b found,
b_k found in the same panel without a treatment for treated units drawn again, k = 1 to K:

    p         = 2 (1 + min(number of k with b_k >= b, number of k with b_k <= b)) / (K + 1)
    interval  = b - b_(K+1-m) to b - b_(m),   m = floor((K + 1) / 40),   b_(1) <= ... <= b_(K)

p is at most .05 where the interval excludes zero, and nowhere else: both are of one test, which has
.025 in each tail, since b_k need not lie evenly about zero. A p by the size |b_k| alone would be of
another one. There are no ends where K is below 39. A true zero is rejected as often as is said
however the units hang together (Fisher 1935; MacKinnon and Webb 2020, doi
10.1016/j.jeconom.2020.04.024, on few treated clusters).

There are no standard errors: a study has the spread over replicates. Coefficients of all three fits
are those of pyfixest 0.60 (`feols`, `fepois`), which has errors of all kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ydsim.typing import Bools, Floats, Ints

Data: TypeAlias = pd.DataFrame | Mapping[str, ArrayLike]  # columns of one length by name

Key: TypeAlias = str | tuple[str, ...]
"""A column whose values make groups, or several whose combinations do."""

Fit: TypeAlias = "pd.Series[float]"  # coefficients by name; NaN where the data tell nothing of one

REFERENCE = -1  # years since an event to which the others are compared

SETTLED = 1e-12
"""Means of groups that are left, as part of the mean size in them, at which the steps end."""

ROUNDING = 1e-15  # the same as part of what was in it before the column's mean was taken out

STEPS = 2_000

ALIASED = 1e-10  # part of a column's squares below which nothing of it is its own

CONVERGED = 1e-12
ITERATIONS = 200
LARGEST_LOG = 600.0

SHORTEST = 1e-12  # part of a step below which it is not halved


# -- fits ------------------------------------------------------------------------------------------


def fit_linear(
    table: Data, outcome: str, regressors: Sequence[str], effects: Sequence[Key] = ()
) -> Fit:
    """Fit an outcome by least squares with fixed effects.

    ``table``: columns by name; rows in which something is missing are left out. ``outcome`` and
    ``regressors``: columns of numbers. ``effects``: sets of fixed effects, each a column or several
    whose combinations count, such as ``["firm", ("field", "year")]``; a constant where there are
    none. A regressor that effects and those before it determine is NaN. ValueError when no row is
    complete, a number is infinite, or no regressor varies within the effects.
    """
    raw, codes = _complete(table, [outcome, *regressors], effects)
    left = residuals(raw, codes)
    own = _some_own(regressors, raw[:, 1:], left[:, 1:])
    return _coefficients(regressors, own, _least_squares(left[:, 1:][:, own], left[:, 0]))


def fit_instrumented(
    table: Data,
    outcome: str,
    instrumented: Sequence[str],
    instruments: Sequence[str],
    regressors: Sequence[str] = (),
    effects: Sequence[Key] = (),
) -> Fit:
    """Fit an outcome by two-stage least squares with fixed effects.

    ``instrumented``: regressors that may depend on what else moves the outcome. ``instruments``:
    columns that move them and nothing else. ``regressors``: the others. The rest as in
    `fit_linear`. Coefficients are of the instrumented regressors, then of the others. ValueError as
    in `fit_linear`, and when the instruments do not move all that is instrumented.
    """
    names = [*instrumented, *regressors]
    raw, codes = _complete(table, [outcome, *names, *instruments], effects)
    left = residuals(raw, codes)
    x, h = left[:, 1 : 1 + len(names)], left[:, 1 + len(instrumented) :]
    there = own_part(raw[:, 1 : 1 + len(names)], x)
    own = own_part(raw[:, 1 + len(instrumented) :], h)
    moved = h[:, own] @ np.column_stack([_least_squares(h[:, own], each) for each in x.T])
    if not (there & own_part(x, moved)).all():
        raise ValueError(f"{', '.join(instruments)} do not move {', '.join(instrumented)}")
    return pd.Series(_least_squares(moved, left[:, 0]), names)


def fit_poisson(
    table: Data, outcome: str, regressors: Sequence[str], effects: Sequence[Key] = ()
) -> Fit:
    """Fit an outcome that is not negative by the exponential of regressors and fixed effects.

    Arguments as in `fit_linear`. Coefficients are semi-elasticities of columns, elasticities of
    logs. ValueError as in `fit_linear`, and when the outcome is negative somewhere or zero
    everywhere. ArithmeticError when the iteration does not settle.
    """
    values, codes = _complete(table, [outcome, *regressors], effects, counts=True)
    together = ~separated(values, codes)
    values, codes = _telling(values[together], [one[together] for one in codes], counts=True)
    y, x = values[:, 0], values[:, 1:]
    own = _some_own(regressors, x, residuals(x, codes))

    def step(gap: Floats, weight: Floats) -> tuple[Floats, Floats]:
        left, explained = split(np.column_stack([gap, x[:, own]]), codes, weight)
        absorbed = left[:, 1:]
        bread, _ = swept(absorbed.T @ (absorbed * weight[:, None]))
        move = bread @ (absorbed.T @ (weight * gap))
        return move, explained[:, 0] + absorbed @ move

    return _coefficients(regressors, own, _climb(y, step))


def _complete(
    table: Data, names: Sequence[str], effects: Sequence[Key], *, counts: bool = False
) -> tuple[Floats, list[Ints]]:
    """Return numbers (n, k), codes of groups, of the rows that are complete and tell something."""
    frame = pd.DataFrame(table)
    values = frame[list(names)].astype(np.float64)
    keys = [[key] if isinstance(key, str) else list(key) for key in effects]
    codes = [frame.groupby(key).ngroup().to_numpy() for key in keys]
    kept = values.notna().all(axis=1).to_numpy() & np.all([code >= 0 for code in codes], axis=0)
    numbers = values[kept].to_numpy()
    if not len(numbers) or np.isinf(numbers).any():
        raise ValueError(f"{', '.join(names)}: no row is complete, or a number is infinite")
    if counts and (numbers[:, 0].min() < 0.0 or numbers[:, 0].max() == 0.0):
        raise ValueError(f"{names[0]} is negative somewhere, or zero everywhere")
    return _telling(numbers, [code[kept].astype(np.int64) for code in codes], counts=counts)


def _telling(values: Floats, codes: list[Ints], *, counts: bool) -> tuple[Floats, list[Ints]]:
    """Return the rows that are not alone in a group and, of counts, in none that is all zero."""
    before = -1
    while before != len(values):
        before = len(values)
        for at in range(len(codes)):
            kept = np.bincount(codes[at])[codes[at]] > 1
            if counts:
                kept &= np.bincount(codes[at], weights=values[:, 0])[codes[at]] > 0.0
            values, codes = values[kept], [each[kept] for each in codes]
    if not len(values):
        raise ValueError("every row is alone in a group of the fixed effects")
    return values, codes


def _some_own(names: Sequence[str], raw: Floats, absorbed: Floats) -> Bools:
    """Return which columns have a part of their own; ValueError where none has."""
    own = own_part(raw, absorbed)
    if not own.any():
        raise ValueError(f"the fixed effects determine {', '.join(names)}")
    return own


def _coefficients(names: Sequence[str], own: Bools, b: Floats) -> Fit:
    fit = pd.Series(np.nan, list(names))
    fit[own] = b
    return fit


def _least_squares(x: Floats, y: Floats) -> Floats:
    return swept(x.T @ x)[0] @ (x.T @ y)


def separated(values: Floats, effects: Sequence[Ints]) -> Bools:
    """Return the zeros (n,) at which a combination of regressors has no finite coefficient."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, eye_array, hstack

    y, x = values[:, 0], values[:, 1:]
    positive, apart = y > 0.0, np.zeros(len(y), dtype=np.bool_)
    there = own_part(x, residuals(x, effects))
    own = own_part(x[positive], residuals(x[positive], [each[positive] for each in effects]))
    if own.sum() >= there.sum():
        return apart
    dummies = [pd.get_dummies(codes, dtype=float).to_numpy() for codes in effects]
    columns = np.hstack([np.ones((len(y), 1)), *dummies, x[:, there]])
    table, kept = swept(columns[positive].T @ columns[positive])
    null = np.eye(len(kept))[:, ~kept]
    null[kept] = -table[np.ix_(kept, ~kept)]
    z = columns[~positive] @ null
    # columns that are aliased at all flows leave rounding errors
    z[np.abs(z) <= ALIASED * (np.abs(columns[~positive]) @ np.abs(null))] = 0.0
    z = z[:, z.any(axis=0)]
    n, k = z.shape
    # max sum w under z g >= w, 0 <= w <= 1: w is one where some combination of columns is positive
    # that is negative nowhere, and zero elsewhere
    solution = linprog(
        np.repeat([0.0, -1.0], [k, n]),
        A_ub=hstack([csr_array(-z / np.abs(z).max(axis=0)), eye_array(n)], format="csc"),
        b_ub=np.zeros(n),
        bounds=[(None, None)] * k + [(0.0, 1.0)] * n,
    )
    if solution.x is None or solution.status != 0:
        raise ArithmeticError(f"separation was not decided: {solution.message}")
    apart[~positive] = solution.x[k:] > 0.5
    return apart


def swept(matrix: Floats) -> tuple[Floats, Bools]:
    """Return a symmetric matrix swept on all columns that are not aliased, and which they are.

    The inverse is inside the columns swept, above and below others their coefficients on these.
    """
    a, size = matrix.copy(), np.diag(matrix).copy()
    kept = np.zeros(len(a), dtype=np.bool_)
    for k in range(len(a)):
        pivot = float(a[k, k])
        if pivot <= ALIASED * size[k]:
            continue
        kept[k] = True
        row, column = a[k] / pivot, a[:, k].copy()
        a -= column[:, None] * row
        a[k], a[:, k] = row, -column / pivot
        a[k, k] = 1.0 / pivot
    return a, kept


def _climb(y: Floats, step: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> Floats:
    """Return the coefficients of a Poisson fit of outcomes (n,), by reweighted least squares."""
    # the first weights are halfway between outcomes and their mean
    mu, eta, b = (y + y.mean()) / 2.0, np.full(len(y), np.log(y.mean())), np.zeros(1)
    loss, gap = _loss(y, eta), np.log(mu) - eta + (y - mu) / mu
    for _ in range(ITERATIONS):
        move, change = step(gap, mu)
        part, slack, now = 1.0, CONVERGED * (1.0 + abs(loss)), _loss(y, eta + change)
        while now > loss + slack and part > SHORTEST:
            part /= 2.0
            now = _loss(y, eta + part * change)
        settled = part == 1.0 and loss - now <= slack
        eta, b, loss = eta + part * change, b + part * move, now
        mu = np.exp(np.maximum(eta, -LARGEST_LOG))
        if settled:  # the last step is whole and changes the loss by rounding alone
            return b
        gap = (y - mu) / mu
    raise ArithmeticError(f"the Poisson fit did not settle in {ITERATIONS} steps")


def _loss(y: Floats, eta: Floats) -> float:
    """Return minus the log likelihood, up to a constant; infinite where it overflows."""
    if eta.max() > LARGEST_LOG:
        return float("inf")
    return float((np.exp(eta) - y * eta).sum())


def residuals(values: Floats, effects: Sequence[Ints]) -> Floats:
    """Return columns (n, k) less what fixed effects explain of them; see `split`."""
    return split(values, effects, np.ones(len(values)))[0]


def split(values: Floats, effects: Sequence[Ints], weight: Floats) -> tuple[Floats, Floats]:
    """Return what is left of columns (n, k), and what fixed effects explain of them.

    Each set of effects is (n,) codes of groups from 0 on; weights (n,) are positive.
    """
    from scipy.sparse import csr_array, hstack
    from scipy.sparse.linalg import cg

    rows = np.arange(len(values) + 1)
    groups = list(effects) or [np.zeros(len(values), dtype=np.int64)]
    blocks = [csr_array((np.ones(len(values)), of, rows)) for of in groups]
    dummies = hstack(blocks, format="csr")  # D
    total = np.asarray(dummies.T @ weight)
    dummies = dummies * np.divide(1.0, np.sqrt(total), out=np.zeros(len(total)), where=total > 0.0)
    gram = dummies.T @ (dummies * weight[:, None])
    explained = np.empty(values.shape)
    for k, v in enumerate(values.T):
        mean = float((weight * v).sum() / weight.sum())
        e = v - mean
        size, whole = (np.linalg.norm(dummies.T @ (weight * np.abs(each))) for each in (e, v))
        least = SETTLED * size + ROUNDING * whole
        a, failed = cg(gram, dummies.T @ (weight * e), rtol=0.0, atol=least, maxiter=STEPS)
        if failed:
            raise ArithmeticError(f"fixed effects did not settle in {STEPS} steps")
        explained[:, k] = mean + dummies @ a
    return values - explained, explained


def own_part(raw: Floats, absorbed: Floats) -> Bools:
    """Return which columns (p,) the effects and the columns before them do not determine.

    They are given before and after the effects were taken out, (n, p).
    """
    size = ((raw - raw.mean(axis=0)) ** 2).sum(axis=0)
    there = (absorbed**2).sum(axis=0) > ALIASED * size
    there &= size > ALIASED**2 * (raw**2).sum(axis=0)
    _, kept = swept(absorbed[:, there].T @ absorbed[:, there])
    own = np.zeros(raw.shape[1], dtype=np.bool_)
    own[np.flatnonzero(there)[kept]] = True
    return own


# -- designs ---------------------------------------------------------------------------------------


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
    window: tuple[int, int],
    effects: Sequence[Key] | None = None,
    poisson: bool = False,
) -> Fit:
    """Fit the years around an event.

    ``table``: one row for each unit and year. ``outcome``, ``unit``, ``time``: columns of the
    outcome, of units and of years. ``event``: column of the year of the unit's event, NaN for none.
    ``window``: first and last k, with -1 inside. ``effects``: sets of fixed effects; unit and time
    by default. ``poisson``: fit a Poisson and not by least squares. Coefficients are named by
    `lead_or_lag`; a k that no row has is NaN. ValueError when nobody has an event, or years since
    it cannot be distinguished from time.
    """
    frame = pd.DataFrame(table)
    since = frame[time] - frame[event]
    years = [k for k in range(window[0], window[1] + 1) if k != REFERENCE]
    leads = {lead_or_lag(k): since == k for k in years}
    part = frame.assign(**leads)[since.isna() | since.between(*window)]
    fit = (fit_poisson if poisson else fit_linear)(
        part, outcome, list(leads), [unit, time] if effects is None else effects
    )
    for name in fit.index[fit.isna()]:
        if part[name].any():
            raise ValueError(
                f"years since {event} cannot be distinguished from the fixed effects (at {name}): "
                "units without an event are needed in the same years"
            )
    return fit


def staggered(table: Data, outcome: str, cohort: str, unit: str, time: str) -> Fit:
    """Return effects of a treatment that comes at several dates.

    ``table``, ``outcome``, ``unit``, ``time``: as in `event_study`; units that lack a year or an
    outcome are left out. ``cohort``: column of the year in which the unit is first treated, NaN for
    never; units treated in the first year or before are left out. Returned: ATT(g, t), named "g:t",
    and last "overall", over all cells since treatment. ValueError when a unit and year comes twice,
    or there is no cohort with controls.
    """
    frame = pd.DataFrame(table)
    wide = frame.pivot(index=unit, columns=time, values=outcome)
    start = frame.groupby(unit)[cohort].first()
    kept = wide.notna().all(axis=1) & ~(start <= wide.columns[0])
    wide, start = wide[kept], start[kept]
    found, since = {}, []
    for g in np.unique(start.dropna()):
        for t in wide.columns.difference([g - 1]) if g - 1 in wide else ():
            treated, controls = start == g, ~(start <= max(t, g))
            if controls.any():
                change = wide[t] - wide[g - 1]
                att = change[treated].mean() - change[controls].mean()
                found[f"{g:.0f}:{t:.0f}"] = att
                since += [(att, treated.sum())] * bool(t >= g)
    if not since:
        raise ValueError(f"{cohort}: no cohort has a year before it, one since, and controls")
    values, sizes = zip(*since, strict=True)
    return pd.Series({**found, "overall": np.average(values, weights=sizes)})


def imputed(table: Data, outcome: str, cohort: str, unit: str, time: str) -> float:
    """Return the mean effect on treated units and years, against imputed outcomes.

    Arguments as in `staggered`. Units treated in the first year or before are left out, and years
    in which all that are left are treated. ValueError when no row is treated, or none is left
    without a treatment.
    """
    frame = pd.DataFrame(table).dropna(subset=[outcome])
    on = frame[time] >= frame[cohort]
    known = [~on.groupby(frame[name]).transform("all") for name in (unit, time)]
    frame = frame[known[0] & known[1]]
    treated = (frame[time] >= frame[cohort]).to_numpy()
    if not treated.any() or treated.all():
        raise ValueError(f"{cohort}: nobody is treated, or everybody always")
    x = pd.get_dummies(frame[[unit, time]].astype(str), dtype=float).to_numpy()
    y = frame[outcome].to_numpy(np.float64)
    effects, *_ = np.linalg.lstsq(x[~treated], y[~treated], rcond=None)
    return float((y - x @ effects)[treated].mean())


def randomised(found: float, again: Floats) -> tuple[float, float, float]:
    """Return p and the ends of the interval of what was found, by treatments drawn again, (K,)."""
    tail = 1 + min(int((again >= found).sum()), int((again <= found).sum()))
    p, beyond = min(2.0 * tail / (len(again) + 1), 1.0), (len(again) + 1) // 40
    if beyond == 0:
        return p, float("nan"), float("nan")
    ends = np.sort(again)[[-beyond, beyond - 1]]
    low, high = (found - ends).tolist()
    return p, low, high


def matched_difference(
    table: Data,
    outcome: str,
    event: str,
    unit: str,
    time: str,
    covariates: Sequence[str],
    *,
    horizon: int,
    exact: str,
) -> float:
    """Return the mean effect on the treated ``horizon`` years after the event.

    ``table``, ``outcome``, ``event``, ``unit``, ``time``: as in `event_study`. ``covariates``:
    columns that are to be alike in the year before. ``horizon``: years since the treatment, h.
    ``exact``: groups inside which units are matched, in the year before. ValueError when fewer than
    two treated units find a match.
    """
    from scipy.spatial.distance import cdist

    x, gaps = list(covariates), [np.zeros(0)]
    panel = pd.DataFrame(table)
    for start in np.unique(panel[event].dropna()):
        first, last = (
            panel[panel[time] == year].set_index(unit).sort_index(kind="stable")
            for year in (start - 1, start + horizon)
        )
        frame = first[[*x, event]].assign(group=first[exact], change=last[outcome] - first[outcome])
        frame = frame[frame.drop(columns=event).notna().all(axis=1)]
        spread = frame[x].std(ddof=0)
        frame[x] /= spread.where(spread > 0.0, 1.0)
        controls = frame[~(frame[event] <= start + horizon)]
        arms = [
            (some, own.iloc[cdist(some[x], own[x]).argmin(axis=1)])
            for group, some in frame[frame[event] == start].groupby("group")
            if len(own := controls[controls["group"] == group])
        ]
        if arms:
            mine, match = (pd.concat(arm) for arm in zip(*arms, strict=True))
            apart = mine[x].to_numpy() - match[x].to_numpy()
            change = mine["change"].to_numpy() - match["change"].to_numpy()
            gaps.append(change - apart @ _slopes(match, x))
    found = np.concatenate(gaps)
    if len(found) < 2:
        raise ValueError(f"{len(found)} treated units are matched, two are needed")
    return float(found.mean())


def _slopes(match: pd.DataFrame, x: list[str]) -> Floats:
    """Return g (Q,), zero for what the matched controls, one for each treated, do not tell."""
    found, group = np.zeros(len(x)), pd.factorize(match["group"])[0].astype(np.int64)
    if match.index.nunique() <= len(x) + len(np.unique(group)):
        return found
    left = residuals(match[["change", *x]].to_numpy(np.float64), [group])
    own = own_part(match[x].to_numpy(np.float64), left[:, 1:])
    found[own] = _least_squares(left[:, 1:][:, own], left[:, 0])
    return found
