"""Event studies: the outcome by years since an event, against the year before it.

    y_it           = a_i + d_t + sum_(k != -1) b_k 1[t - T_i = k] + x_it c + e_it        linear
    E[y_it]        = exp(a_i + d_t + sum_(k != -1) b_k 1[t - T_i = k] + x_it c)          Poisson

Symbols: y outcome of unit i in year t; T_i year of its event, none for units that never have one;
a, d effects; x further regressors; b_k effect k years after the event, relative to k = -1; k runs
over a window. Rows of units with an event outside the window are left out, which is said: no
coefficient lumps them. b_k before -1 is a placebo: zero where nothing foresees the event.

Where events have several dates and effects that differ between them, b_k mixes effects of other k
(Sun and Abraham 2021, doi 10.1016/j.jeconom.2020.09.006); then `staggered` is the design. Draws by
lottery with a stock of units that never have an event are safe with one date. Where every unit has
an event, b_k is known up to a trend only, which is an error here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ydsim.analysis.estimators.estimate import Fit
from ydsim.analysis.estimators.linear import fit_linear
from ydsim.analysis.estimators.poisson import fit_poisson
from ydsim.analysis.estimators.table import Data, Key, codes_of, column, numbers
from ydsim.typing import Floats
from ydsim.wording import counted

REFERENCE = -1


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
        Fit by `poisson` and not by least squares.

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
    since = years_since(table, event, unit, time)
    kept = np.isnan(since) | ((since >= first) & (since <= last))
    if not np.isfinite(since[kept]).any():
        raise ValueError(f"column {event!r}: no unit has an event within {window}")
    keys: list[Key] = [unit, time] if effects is None else list(effects)
    needed = [*_flat([*keys, cluster or unit]), outcome, *regressors]
    part = {name: column(table, name)[kept] for name in dict.fromkeys(needed)}
    names = [lead_or_lag(k) for k in range(first, last + 1) if k != REFERENCE]
    for k in range(first, last + 1):
        if k != REFERENCE:
            part[lead_or_lag(k)] = (since[kept] == k).astype(np.float64)
    fit = (fit_poisson if poisson else fit_linear)(
        part, outcome, [*names, *regressors], effects=keys, cluster=cluster or unit
    )
    for name, value in zip(fit.names, fit.coefficient, strict=True):
        if np.isnan(value) and name in names and part[name].any():
            raise ValueError(
                f"years since {event!r} cannot be distinguished from the fixed effects (at {name}):"
                " units without an event are needed in the same years"
            )
    return _said(fit, int((~kept).sum()), window)


def years_since(table: Data, event: str, unit: str, time: str) -> Floats:
    """Return years since the event (n,), NaN where the unit has none.

    Raises
    ------
    ValueError
        When a unit has two dates, or a year is missing or not whole.
    """
    date, year = dates(table, event, unit), numbers(table, time)
    if not (np.isfinite(year).all() and (year == np.round(year)).all()):
        raise ValueError(f"column {time!r} must hold whole years, none missing")
    since: Floats = year - date
    return since


def dates(table: Data, event: str, unit: str) -> Floats:
    """Return the whole date of each row's unit (n,), NaN for none; infinite dates are none too."""
    raw = column(table, event)
    if raw.dtype.kind == "f":
        raw = np.where(np.isinf(raw.astype(np.float64)), np.nan, raw.astype(np.float64))
    date = numbers({event: raw}, event)
    if not (np.isnan(date) | (date == np.round(date))).all():
        raise ValueError(f"column {event!r} must hold whole years, or none")
    codes = codes_of(table, unit)
    if (codes < 0).any() or len(codes) == 0:
        raise ValueError(f"column {unit!r} must have rows and no missing value")
    filled = np.where(np.isnan(date), np.inf, date)
    low, high = np.full(int(codes.max()) + 1, np.inf), np.full(int(codes.max()) + 1, -np.inf)
    np.minimum.at(low, codes, filled)
    np.maximum.at(high, codes, filled)
    if (low != high).any():
        raw_unit = column(table, unit)[codes == int(np.flatnonzero(low != high)[0])][0]
        raise ValueError(f"column {event!r} has two dates for {unit} {raw_unit}")
    return date


def _flat(keys: Sequence[Key]) -> list[str]:
    return [name for key in keys for name in ((key,) if isinstance(key, str) else key)]


def _said(fit: Fit, out: int, window: tuple[int, int]) -> Fit:
    if not out:
        return fit
    return replace(fit, dropped=(f"{counted(out, 'row')} outside {window}", *fit.dropped))
