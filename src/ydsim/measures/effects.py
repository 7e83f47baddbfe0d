"""Effects in pairs: how a changed setting differs from a plain one under the same draws.

    d = mean (y_r - x_r),   se(d) = sd(y_r - x_r) / sqrt(n)
    R = mean y / mean x,    se(R) = sd(y_r - R x_r) / (sqrt(n) |mean x|)
    interval of d = d -+ t se(d),    p = 2 P(T > |d| / se(d))
    interval of R = R exp(-+ t se(R) / R),    p = 2 P(T > |ln R| / (se(R) / R))
    variance that pairing removes = 1 - var(y_r - x_r) / (var x_r + var y_r)

Symbols: x_r plain and y_r changed value of replicate r of n; T of Student's distribution with
n - 1 degrees of freedom, t its .975 quantile. What a pair shares drops out, so that few replicates
show small effects. R is the ratio of means, as a mean of ratios is biased; its error is that of its
linear part. R - 1 is the mean difference over the plain mean. Two replicates have t = 12.7, by
which an interval says nothing: fewer than three have none, and no p.

All that is said of an effect comes from one statistic, so that p < .05 where its interval excludes
zero, and nowhere else. Of amounts, all of them above zero, it is ln R: d has the interval of R - 1
times mean x. Of all else it is d: R - 1 has the interval of d over mean x.

A ratio of two differences, as of money to results, has Fieller's interval (Fieller 1954): all
ratios q for which the interval of mean (a_r - q b_r) holds zero. It has no ends where b itself
may be zero.

Of m tests with p_(1) <= ... <= p_(m), Holm (1979) multiplies p_(k) by m - k + 1 and lets none fall
below the one before: the chance of a single false find stays below the level however the tests
depend on each other. Benjamini and Hochberg (1995) bound the expected share of false finds.
"""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ydsim.typing import Floats

CONFIDENCE = 0.95
MIN_REPLICATES = 3
"""Replicates below which there is no interval, and so no test."""

ENOUGH_REPLICATES = 5
"""Replicates below which intervals are wide, and said to be."""

ROUNDING = 1e-9
"""Differences below this share of the values are those of rounding to ten digits."""

_NONE = float("nan")


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 per cent interval; ends are NaN where there is none."""

    estimate: float
    low: float
    high: float

    @property
    def includes_zero(self) -> bool:
        """Whether there is an interval, and it holds zero."""
        return self.low <= 0.0 <= self.high

    @property
    def excludes_zero(self) -> bool:
        """Whether there is an interval, and it does not hold zero."""
        return self.low > 0.0 or self.high < 0.0

    def columns(self, name: str = "") -> dict[str, float]:
        """Return it by the columns of a table, `columns_of` its name."""
        return dict(zip(columns_of(name), astuple(self), strict=True))

    def times(self, factor: float) -> Interval:
        """Return it in another unit."""
        low, high = (self.low, self.high) if factor > 0.0 else (self.high, self.low)
        return Interval(factor * self.estimate, factor * low, factor * high)

    @property
    def in_per_cent(self) -> Interval:
        """The change in per cent that a difference of natural logs is."""
        with np.errstate(over="ignore"):  # logs that only tables of others have
            return Interval(
                *(100.0 * float(np.expm1(end)) for end in (self.estimate, self.low, self.high))
            )


def columns_of(name: str = "") -> tuple[str, str, str]:
    """Return the columns of an estimate and its ends; of none with a name `Interval`'s fields."""
    return (name, f"{name}_low", f"{name}_high") if name else ("estimate", "low", "high")


NO_INTERVAL = Interval(_NONE, _NONE, _NONE)


@dataclass(frozen=True)
class Effect:
    """What a pair of settings differs in, in one outcome."""

    n: int  # pairs
    # Means over the pairs.
    plain: float
    changed: float
    difference: Interval  # of the means, changed less plain
    ratio: Interval  # of the means less one; NaN where the plain mean is zero
    p: float  # two-sided p of no difference; NaN where there is no interval
    removed: float  # share of variance that pairing removes; NaN where nothing varies

    @property
    def row(self) -> dict[str, float]:
        """Columns ``estimate, low, high, p, n`` of a table: of the difference."""
        return {**asdict(self.difference), "p": self.p, "n": self.n}


def effect(
    plain: Floats, changed: Floats, *, counted: bool = False, amount: bool = False
) -> Effect:
    """Return the effect in pairs of one outcome, (n,) values of replicate r at place r of both.

    ``amount``: it is one whose change is said in per cent. Fewer than three pairs have no interval;
    nor have values ``counted`` in a sample that all change by the same number or in the same
    proportion: they are too coarse to show their spread. ValueError when the two differ in length
    or are empty.
    """
    n = len(plain)
    if n == 0 or changed.shape != plain.shape:
        raise ValueError("plain and changed must have the same replicates, at least one")
    mean, apart = float(plain.mean()), changed - plain
    part = float(changed.mean()) / mean - 1.0 if mean != 0.0 else _NONE
    gap, share = Interval(float(apart.mean()), _NONE, _NONE), Interval(part, _NONE, _NONE)
    p = removed = _NONE
    if n >= MIN_REPLICATES and not (counted and _of_one_step(plain, changed)):
        removed = variance_removed(plain, changed)
        if amount and _positive(plain, changed):
            r, error = ratio(plain, changed)
            log = around(float(np.log(r)), error / r, n)
            share = Interval(part, float(np.expm1(log.low)), float(np.expm1(log.high)))
            gap = replace(share.times(mean), estimate=gap.estimate)
            p = p_value(log.estimate, error / r, n)
        else:
            gap = difference(plain, changed)
            share = gap.times(1.0 / mean) if mean != 0.0 else NO_INTERVAL
            p = p_value(gap.estimate, standard_error(apart), n)
    return Effect(n, mean, float(changed.mean()), gap, share, p, removed)


def _of_one_step(plain: Floats, changed: Floats) -> bool:
    """Whether values change, all by one number or all in one proportion."""
    steps = [changed - plain]
    if _positive(plain, changed):
        steps.append(changed / plain)
    return bool((changed != plain).any()) and any(np.allclose(s, s[0], 1e-12, 0.0) for s in steps)


def _positive(plain: Floats, changed: Floats) -> bool:
    return bool((plain > 0.0).all() and (changed > 0.0).all())


def interval(values: Floats) -> tuple[int, float, float, float]:
    """Return number, mean, and the interval of the mean over replicates, NaN below three."""
    n, mean = len(values), float(values.sum() / len(values)) if len(values) else _NONE
    if n < MIN_REPLICATES:
        return n, mean, _NONE, _NONE
    found = around(mean, float(np.sqrt(((values - mean) ** 2).sum() / (n - 1) / n)), n)
    return n, mean, found.low, found.high


def without_rounding(plain: Floats, changed: Floats) -> Floats:
    """Return the changed values, those equal to the plain ones that differ by rounding alone."""
    same = np.abs(changed - plain) <= ROUNDING * np.maximum(np.abs(changed), np.abs(plain))
    return np.where(same, plain, changed)


def difference(plain: Floats, changed: Floats) -> Interval:
    """Return the mean paired difference, changed less plain, with its interval."""
    d = changed - plain
    return around(float(d.mean()), standard_error(d), len(d))


def ratio(plain: Floats, changed: Floats) -> tuple[float, float]:
    """Return the ratio of means R, changed over plain, and its standard error; NaN over zero."""
    mean = float(plain.mean())
    if mean == 0.0:
        return _NONE, _NONE
    r = float(changed.mean()) / mean
    return r, standard_error(changed - r * plain) / abs(mean)


def standard_error(values: Floats) -> float:
    """Return the standard error of a mean over replicates."""
    if len(values) < 2:
        raise ValueError("an error needs two replicates")
    return float(values.std(ddof=1) / np.sqrt(len(values)))


def around(estimate: float, error: float, n: int) -> Interval:
    """Return the interval of an estimate from n replicates and its standard error."""
    half = quantile(n) * error
    return Interval(estimate, estimate - half, estimate + half)


def mean_of(values: Floats) -> Interval:
    """Return the mean of values (n,) over replicates with its interval; none below three."""
    mean, n = float(values.mean()), len(values)
    return (
        around(mean, standard_error(values), n)
        if n >= MIN_REPLICATES
        else Interval(mean, _NONE, _NONE)
    )


def quantile(n: int) -> float:
    """Return the .975 quantile of Student's t with n - 1 degrees of freedom; NaN below three."""
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, (1.0 + CONFIDENCE) / 2.0)) if n >= MIN_REPLICATES else _NONE


def p_value(estimate: float, error: float, n: int) -> float:
    """Return the two-sided p of zero; 1 where both estimate and error are zero."""
    from scipy.special import stdtr

    if error == 0.0:
        return 1.0 if estimate == 0.0 else 0.0
    return 2.0 * float(stdtr(n - 1, -abs(estimate) / error))


def variance_removed(plain: Floats, changed: Floats) -> float:
    """Return the share of variance that pairing removes; NaN where nothing varies."""
    apart = float(plain.var(ddof=1) + changed.var(ddof=1))
    return 1.0 - float((changed - plain).var(ddof=1)) / apart if apart > 0.0 else _NONE


def fieller(above: Floats, below: Floats) -> Interval:
    """Return the ratio of two means over replicates, (n,) values each, with Fieller's interval.

    Ends are NaN where the mean below may be zero, and of fewer than three replicates; all is NaN
    where it is zero.
    """
    n, a, b = len(above), float(above.mean()), float(below.mean())
    if b == 0.0:
        return NO_INTERVAL
    if n < MIN_REPLICATES:
        return Interval(a / b, _NONE, _NONE)
    t2 = quantile(n) ** 2 / n
    s_a, s_b = t2 * float(above.var(ddof=1)), t2 * float(below.var(ddof=1))
    s_ab = t2 * float(((above - a) * (below - b)).sum()) / (n - 1)
    lead, middle, last = b * b - s_b, a * b - s_ab, a * a - s_a
    if lead <= 0.0:
        return Interval(a / b, _NONE, _NONE)
    reach = float(np.sqrt(max(middle * middle - lead * last, 0.0)))
    return Interval(a / b, (middle - reach) / lead, (middle + reach) / lead)


def holm(p: ArrayLike) -> Floats:
    """Return the p-values of a family of tests by Holm's rule; NaN is no test of the family."""
    values = np.asarray(p, dtype=np.float64)
    found = np.full(len(values), np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    m = len(order)
    found[order] = np.minimum(np.maximum.accumulate(values[order] * (m - np.arange(m))), 1.0)
    return found


def false_discovery(p: ArrayLike) -> Floats:
    """Return the p-values of a family by Benjamini and Hochberg; NaN is no test of the family."""
    from scipy.stats import false_discovery_control

    values = np.asarray(p, dtype=np.float64)
    found = np.full(len(values), np.nan)
    tested = ~np.isnan(values)
    if tested.any():
        found[tested] = false_discovery_control(values[tested])
    return found
