"""Made panels with planted effects, and fits of them by all their dummies."""

import numpy as np


def dummies(codes):
    """One column for each group but the first."""
    return (np.asarray(codes)[:, None] == np.unique(codes)[1:]).astype(float)


def design(x, *effects):
    """Regressors first, then a constant and all dummies that are not determined."""
    columns = np.column_stack([x, np.ones(len(x)), *(dummies(e) for e in effects)])
    kept, basis = [], np.zeros((len(x), 0))
    for at, column in enumerate(columns.T):
        left = column.astype(float)
        for _ in range(2):
            left = left - basis @ (basis.T @ left)
        if np.linalg.norm(left) > 1e-9 * np.linalg.norm(column):
            kept.append(at)
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
    return columns[:, kept]


def least_squares(y, x, *effects):
    """Coefficients of x by normal equations with all dummies."""
    full = design(x, *effects)
    return np.linalg.solve(full.T @ full, full.T @ y)[: x.shape[1]]


def poisson(y, x, *effects):
    """The same of a Poisson fit, by Newton's steps with all dummies."""
    full, p = design(x, *effects), x.shape[1]
    b = np.zeros(full.shape[1])
    b[p] = np.log(y.mean())
    for _ in range(100):
        mu = np.exp(full @ b)
        b = b + np.linalg.solve((full * mu[:, None]).T @ full, full.T @ (y - mu))
    return b[:p]


def firm_years(seed, effect=0.3, firms=40, years=8, gaps=0.0):
    """Firms in cities: y = effect x + firm + year + city shock + noise; x depends on both."""
    draw = np.random.default_rng(seed)
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    a, d = draw.normal(0, 1, firms), draw.normal(0, 1, years)
    x = 0.7 * a[firm] + 0.5 * d[year] + draw.normal(0, 1, firms * years)
    other = 0.4 * x + draw.normal(0, 1, firms * years)
    y = effect * x + 0.2 * other + a[firm] + d[year] + draw.normal(0, 0.5, firms * years)
    mean = np.exp(0.5 + effect * x + 0.2 * other + 0.5 * a[firm] + 0.3 * d[year])
    table = {
        "firm": firm,
        "year": 2000 + year,
        "city": firm % 10,
        "x": x,
        "other": other,
        "y": y,
        "count": draw.poisson(mean).astype(float),
    }
    kept = draw.uniform(size=firms * years) >= gaps
    return {name: values[kept] for name, values in table.items()}


def events(seed, effect, units=40, years=12, date=2006):
    """Units of which a part has an event at a date; effect(k) comes k years after it."""
    draw = np.random.default_rng(seed)
    unit, year = np.repeat(np.arange(units), years), np.tile(2000 + np.arange(years), units)
    treated = draw.permutation(units) < units / 2
    event = np.where(treated, float(date), np.nan)[unit]
    a, d = draw.normal(0, 0.5, units), draw.normal(0, 0.3, years)
    k = year - event
    true = np.where(k >= 0, [effect(v) if v >= 0 else 0.0 for v in np.nan_to_num(k, nan=-1.0)], 0.0)
    log = 1.5 + a[unit] + d[year - 2000] + true
    y = log + draw.normal(0, 0.3, len(log))
    return {"unit": unit, "year": year, "event": event, "y": y}


def cohorts(seed, effect, sizes=(12, 10, 8), starts=(2003, 2006), years=9, noise=0.3):
    """Never treated and cohorts; effect(g, e) differs by cohort and time since."""
    draw = np.random.default_rng(seed)
    start = np.repeat([np.nan, *map(float, starts)], sizes)
    units = len(start)
    unit, year = np.repeat(np.arange(units), years), np.tile(2000 + np.arange(years), units)
    g = start[unit]
    # cohorts have levels of their own, and all years one shock
    a = np.nan_to_num(start - 2000, nan=0.0) * 0.3 + draw.normal(0, 1, units)
    d = draw.normal(0, 1, years)
    true = np.array([effect(c, t - c) if t >= c else 0.0 for c, t in zip(g, year, strict=True)])
    y = a[unit] + d[year - 2000] + true + draw.normal(0, noise, len(unit))
    return {"unit": unit, "year": year, "cohort": g, "y": y}
