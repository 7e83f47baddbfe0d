r"""Forecasts of yearly series that only look at the series, and scores of all forecasts.

All are of logs: y is the log of a figure that is positive, k = 1, 2, ... the years after the last
known one, L. With g_m the mean growth of the last m years (least squares over all of them for the
lines):

    last         y_L
    linear       ln(exp(y) fitted by a straight line over all years, not below half the last figure)
    log-linear   y fitted by a straight line over all years, or over the last five
    drift        y_L + k g_5
    damped       y_L + g_5 sum_j .85^j over j = 1..k           (Gardner and McKenzie 1985)
    small VAR    y_L + sum_j (m + A^j d_L) over j = 1..k, of places together

with d_t = y_t - y_{t-1} - m the growth (1/year) of P places less its mean m, 0 where it is unknown,
and the matrix A that of a ridge regression of d_t on d_{t-1} (Hoerl and Kennard 1970),

    A = (sum d_t d_{t-1}') (sum d_{t-1} d_{t-1}' + lambda v I)^-1,   v mean square of known d

with lambda = 5 (assumed: no dependence counts as much as five years of data), so that A is defined
for a few years, too, and growth returns to its mean.

Scores of a forecast, given as equally likely values x_i of the log of one figure y:

    error        |exp(median x - y) - 1|, absolute error as a part of the figure
    CRPS         mean |x_i - y| - 1/2 mean |x_i - x_j|          (Gneiting and Raftery 2007)
    coverage     whether y lies between two quantiles of x

Spread of errors e at horizons h: of a family of series the variance is s^2 h^1.6 (assumed: errors
of yearly growth that persist), with ln s pooled towards that of all families,

    ln s_f = (n_f ln r_f + n_0 ln s) / (n_f + n_0),   r_f^2 = mean(e^2 / h^1.6),
    ln s   = mean over families of ln r_f
    c     = (P v / w - 1) / (P - 1),   v mean square of the mean of places, w that of all errors

and the sum of P places has the spread s sqrt(c + (1 - c) / P).

A logarithmic pool of M forecasts, normal with means x_m and spreads s_m, multiplies their densities
to the power of their weights w_m (Genest and Zidek 1986):

    mean = sum_m l_m x_m / sum_m l_m,    l_m = w_m / s_m^2

of the forecasts that there are. Weights are those of a grid of sums one with the least mean over
families of ln r_f, pulled towards equal ones: (n w + n_0 / M) / (n + n_0) after n vectors of errors
(an origin and a year each), n_0 = `EQUAL`.

Whether one forecast is better than another is tested by the mean difference of their CRPS over
figures, with errors that go together within a year (Diebold and Mariano 1995; clusters):

    t = dbar / sqrt(G / (G - 1) sum_g (sum of d - dbar in year g)^2 / n^2),  t with G - 1 degrees
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtr

from ydsim.typing import Bools, Floats, Ints

RECENT: Final = 5
DAMPING: Final = 0.85
GROWS: Final = 1.6
"""Exponent with which the variance of errors grows by horizon."""
POOLED: Final = 12
"""n_0, errors that the mean of all families counts as much as (assumed)."""
RIDGE: Final = 5.0
"""lambda of the small VAR, years (assumed)."""
EQUAL: Final = 6
"""n_0, vectors of errors that equal weights of a pool count as much as (assumed)."""
STEPS: Final = 20
"""Parts of which the weights of a pool are whole numbers."""
LEAST: Final = 1e-6
"""Least mean square of errors, (.1 %)^2: its logarithm is finite."""
QUANTILES: Final = 25
"""Equally likely values by which a normal spread is represented."""

NAIVE: Final = (
    "last value",
    "linear",
    "log-linear",
    "log-linear, five years",
    "drift, five years",
    "damped trend",
)

VAR: Final = "small VAR"
RIVALS: Final = (*NAIVE, VAR)


def naive(known: Floats, ahead: int) -> dict[str, Floats]:
    """Return forecasts (n, ahead) in logs by name, from known logs (n, Y) of consecutive years.

    NaN where the last figure, or one of those that a forecast needs, is unknown.
    """
    k = np.arange(1, ahead + 1)
    last = known[:, -1:]
    growth = (last - known[:, -1 - RECENT :][:, :1]) / min(RECENT, known.shape[1] - 1)
    damped = np.cumsum(DAMPING**k)
    straight = _line(np.exp(known), ahead)
    return dict(
        zip(
            NAIVE,
            (
                np.repeat(last, ahead, axis=1),
                np.log(np.maximum(straight, 0.5 * np.exp(last))),
                _line(known, ahead),
                _line(known[:, -RECENT:], ahead),
                last + growth * k,
                last + growth * damped,
            ),
            strict=True,
        )
    )


def _line(values: Floats, ahead: int) -> Floats:
    """Return straight lines (n, ahead) fitted to rows (n, Y), by the years that are known."""
    known = ~np.isnan(values)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    t = np.where(known, np.arange(values.shape[1]), 0.0)
    y = np.where(known, values, 0.0)
    mean_t, mean_y = t.sum(axis=1, keepdims=True) / n, y.sum(axis=1, keepdims=True) / n
    off = np.where(known, t - mean_t, 0.0)
    square = np.square(off).sum(axis=1, keepdims=True)
    slope = (off * y).sum(axis=1, keepdims=True) / np.where(square > 0.0, square, np.nan)
    at = np.arange(values.shape[1], values.shape[1] + ahead)
    return mean_y + slope * (at - mean_t)


def small_var(known: Floats, ahead: int) -> Floats:
    """Return forecasts (..., P, ahead) in logs of places together, from known logs (..., P, Y).

    NaN where the last figure of a place, or all of its growth, is unknown.
    """
    growth = np.diff(known, axis=-1)
    there = ~np.isnan(growth)
    n = there.sum(axis=-1, keepdims=True)
    mean = np.where(there, growth, 0.0).sum(axis=-1, keepdims=True) / np.where(n, n, np.nan)
    off = np.where(there, growth - mean, 0.0)
    before, after = off[..., :-1], off[..., 1:]
    square = np.square(off).sum(axis=(-2, -1)) / np.maximum(there.sum(axis=(-2, -1)), 1)
    ridge = np.maximum(RIDGE * square, LEAST)[..., None, None] * np.eye(known.shape[-2])
    inner = np.einsum("...pt,...qt->...pq", before, before) + ridge
    outer = np.einsum("...pt,...qt->...pq", after, before)
    a = _solved(inner, outer.swapaxes(-1, -2)).swapaxes(-1, -2)
    steps, now = [], off[..., -1]
    for _ in range(ahead):
        now = np.einsum("...pq,...q->...p", a, now)
        steps.append(now)
    return known[..., -1:] + np.cumsum(mean + np.stack(steps, axis=-1), axis=-1)


def _solved(matrix: Floats, right: Floats) -> Floats:
    """Return X of matrix X = right by elimination, (..., P, P), matrices positive definite."""
    p = matrix.shape[-1]
    both = np.concatenate([matrix, right], axis=-1)
    for k in range(p):
        row = both[..., k, :] / both[..., k, k, None]
        both -= both[..., :, k, None] * row[..., None, :]
        both[..., k, :] = row
    return both[..., p:]


def spread(errors: Mapping[str, Floats], horizons: Floats) -> dict[str, float]:
    """Return s by family from errors (n,) and their horizons (n,), NaN where there is no figure.

    A family without errors has the s of all. ValueError where there is not one error.
    """
    scaled = {f: np.square(e) / horizons**GROWS for f, e in errors.items()}
    known = {f: each[~np.isnan(each)] for f, each in scaled.items()}
    own = {f: float(each.mean()) for f, each in known.items() if len(each)}
    if not own:
        raise ValueError("no error of a forecast is known")
    own = {f: 0.5 * np.log(np.maximum(each, LEAST)) for f, each in own.items()}
    whole = float(np.mean([*own.values()]))
    return {
        f: float(np.exp((len(each) * own.get(f, 0.0) + POOLED * whole) / (len(each) + POOLED)))
        for f, each in known.items()
    }


def pooled(means: Floats, spreads: Floats, weights: Floats) -> Floats:
    """Return the means of a logarithmic pool (F, ...), from means (M, F, ...) and spreads (M, F).

    ``weights`` (M,). A forecast that is NaN does not count; NaN where none is there.
    """
    power = (weights[:, None] / spreads**2).reshape(*spreads.shape, *[1] * (means.ndim - 2))
    there = ~np.isnan(means)
    total = (power * there).sum(axis=0)
    mean: Floats = (power * np.where(there, means, 0.0)).sum(axis=0) / np.where(
        total, total, np.nan
    )
    return mean


def pool_weights(
    errors: Sequence[Floats], spreads: Floats, horizons: Sequence[Floats], vectors: int
) -> Floats:
    """Return the weights (M,) of a pool by errors (M, F, ...) at years (...) after the last one.

    ``spreads`` (M, F). ``vectors``: n, of errors.
    """
    m, least, weights = len(spreads), np.inf, np.full(len(spreads), 1.0 / len(spreads))
    for parts in product(range(STEPS + 1), repeat=m - 1):
        if (left := STEPS - sum(parts)) < 0:
            continue
        w = np.array([*parts, left]) / STEPS
        scaled = [
            np.square(pooled(e, spreads, w)) / h**GROWS
            for e, h in zip(errors, horizons, strict=True)
        ]
        rows = np.concatenate([each.reshape(spreads.shape[1], -1) for each in scaled], axis=1)
        there = ~np.isnan(rows)
        n = there.sum(axis=1)
        if not n.any():  # all weight is on forecasts that are not there
            continue
        square = np.where(there, rows, 0.0).sum(axis=1)[n > 0] / n[n > 0]
        score = float(np.log(np.maximum(square, LEAST)).mean())
        if score < least:
            least, weights = score, w
    return (vectors * weights + EQUAL / m) / (vectors + EQUAL)


def better(differences: Floats, group: Ints) -> tuple[float, float, int]:
    """Return mean, p of no difference and number of groups, of differences (n,) by group (n,)."""
    of, at = np.unique(group, return_inverse=True)
    if not len(of):
        return np.nan, np.nan, 0
    mean, g = float(differences.mean()), len(of)
    sums = np.bincount(at, weights=differences - mean)
    error = np.sqrt(g / max(g - 1, 1) * np.square(sums).sum()) / len(differences)
    if g < 2 or not error > 0.0:
        return mean, np.nan, g
    return mean, float(2.0 * stdtr(g - 1, -abs(mean) / error)), g


def correlation(errors: Floats) -> float:
    """Return c, the mean correlation between columns of errors (n, P), 0 to 1.

    Rows that lack an error do not count.
    """
    whole = errors[~np.isnan(errors).any(axis=1)]
    columns = errors.shape[1]
    if columns < 2 or not len(whole) or not whole.any():
        return 0.0
    square = np.square(whole).mean()
    means = np.square(whole.mean(axis=1)).mean()
    found = (columns * means / square - 1.0) / (columns - 1)
    return float(np.clip(found, 0.0, 1.0))


def of_sum(c: float, places: int) -> float:
    """Return the spread of the sum of places over that of one, with correlation ``c``."""
    return float(np.sqrt(c + (1.0 - c) / places))


def anchored(runs: Floats, figure: Floats | float) -> Floats:
    """Return logs (..., R, H) of R runs that go on from the log of a figure (...).

    ``runs``: their logs (..., R, 1 + H), first of the year of the figure, to which the mean over
    runs is set.
    """
    own = figure - runs[..., 0].mean(axis=-1)
    return runs[..., 1:] + own[..., None, None]


def growing(s: Floats | float, years: int) -> Floats:
    """Return the spread of errors (..., H) after 1, 2, ... years, from s (...)."""
    return np.asarray(s)[..., None] * np.arange(1.0, years + 1) ** (GROWS / 2.0)


def widened(values: Floats, s: Floats | float) -> Floats:
    """Return equally likely values (..., R `QUANTILES`, H) around each of ``values``, (..., R, H).

    Around them errors are normal, with the spread `growing` of s (...).
    """
    z = ndtri((np.arange(QUANTILES) + 0.5) / QUANTILES)
    z = z / np.sqrt(np.mean(z**2))
    around = growing(s, values.shape[-1])[..., None, None, :] * z[:, None]
    wide: Floats = values[..., :, None, :] + around
    return wide.reshape(*values.shape[:-2], -1, values.shape[-1])


def variance_between(values: Floats, group: Ints) -> Floats:
    """Return the variance (H,) between groups of values (R, H), without what chance adds to it.

    ``group``: number of each row (R,). By analysis of variance with unequal groups (Searle 1971),

        max(0, (B / (G - 1) - W / (R - G)) / n_0),    n_0 = (R - sum_g n_g^2 / R) / (G - 1)

    with B and W the sums of squares between and within the G groups of n_g rows. NaN of one group,
    and where no group has two rows.
    """
    number = np.bincount(group)
    number, group = number[number > 0], np.unique(group, return_inverse=True)[1]
    n, g = len(values), len(number)
    if g < 2 or n == g:
        return np.full(values.shape[1], np.nan)
    means = np.zeros((g, values.shape[1]))
    np.add.at(means, group, values)
    means /= number[:, None]
    within = np.square(values - means[group]).sum(axis=0) / (n - g)
    apart = np.square(means - values.mean(axis=0)) * number[:, None]
    usual = (n - np.square(number).sum() / n) / (g - 1)
    return np.maximum((apart.sum(axis=0) / (g - 1) - within) / usual, 0.0)


def crps(values: Floats, figure: Floats) -> Floats:
    """Return the CRPS (...) of equally likely values (..., N) for figures (...)."""
    n = values.shape[-1]
    ordered = np.sort(values, axis=-1, kind="stable")
    weight = (2.0 * np.arange(1, n + 1) - n - 1.0) / (n * n)
    return np.abs(values - figure[..., None]).mean(axis=-1) - (ordered * weight).sum(axis=-1)


def covered(values: Floats, figure: Floats, share: float) -> Bools:
    """Return whether figures (...) lie in the middle ``share`` of values (..., N)."""
    low, high = np.quantile(values, [(1.0 - share) / 2.0, (1.0 + share) / 2.0], axis=-1)
    return (low <= figure) & (figure <= high)


def by_figure(values: Floats, figures: Floats) -> dict[str, Floats]:
    """Return the scores of forecasts (n, N) of each of n figures (n,) in logs.

    ``gap``: the figure less the median; ``crps``, ``within_80`` and ``within_50`` (1 where the
    interval holds the figure), NaN for a single value.
    """
    many = values.shape[1] > 1
    nothing = np.full(len(figures), np.nan)
    return {
        "gap": figures - np.median(values, axis=1),
        "crps": crps(values, figures) if many else nothing,
        "within_80": covered(values, figures, 0.8).astype(np.float64) if many else nothing,
        "within_50": covered(values, figures, 0.5).astype(np.float64) if many else nothing,
    }


def summary(scored: Mapping[str, Floats]) -> dict[str, float]:
    """Return the scores over all figures, from those `by_figure`.

    ``median`` and ``mean`` absolute error and ``bias`` (positive: figures were higher) in per cent,
    ``crps`` in log points times 100, coverage of intervals at 80 and 50 per cent (NaN, as is the
    CRPS, for a single value), number of figures ``n``.
    """
    gap = scored["gap"]
    if not len(gap):
        return {"n": 0}
    error = 100.0 * np.abs(np.expm1(-gap))
    return {
        "median": float(np.median(error)),
        "mean": float(error.mean()),
        "bias": float(100.0 * gap.mean()),
        "crps": float(100.0 * scored["crps"].mean()),
        "within_80": float(scored["within_80"].mean()),
        "within_50": float(scored["within_50"].mean()),
        "n": len(gap),
    }


def scores(values: Floats, figures: Floats) -> dict[str, float]:
    """Return the `summary` of forecasts (n, N) of n figures (n,) in logs."""
    return summary(by_figure(values, figures)) if len(figures) else {"n": 0}
