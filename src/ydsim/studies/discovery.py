"""Scenario discovery over a space filling design: which inputs lead to which outcomes.

Drivers by a linear regression of the outcome on all factors,

    y = b_0 + sum_j b_j x_j + error,    all variables standardised
    size_j = sqrt(R^2 - R^2 without j)                        semi-partial correlation

the part of the standard deviation of y that goes with x_j and with nothing else; |b_j| where
factors are uncorrelated. Factors without order have an indicator for each value but one, and are
given no sign. Intervals: percentiles of 1,000 resamples of points. Spearman's rank correlation
is beside it: a factor that matters along a curve has it larger than b_j.

For the points of interest of a rule, a box found by PRIM (EMA Workbench). Coverage is the share of
points of interest in a box, density the share of points in it that are of interest. Of the boxes on
PRIM's way the one with the largest

    F = 2 coverage density / (coverage + density)

is taken, the one with fewer limits of two alike. Of its limits those stay whose quasi-p-value
(Bryant and Lempert 2010) is below .05: the others are as likely by chance. As a box fits the points
that made it, it is also found on four fifths of the points and tried on the last fifth, five times
in turn.

Sources: Friedman and Fisher (1999, doi 10.1023/A:1008894516817); Bryant and Lempert (2010, doi
10.1016/j.techfore.2009.08.002).
"""

from __future__ import annotations

import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ydsim import fmt
from ydsim.errors import ResultsError, UsageError
from ydsim.studies.study import extra
from ydsim.typing import Bools, Floats, Ints
from ydsim.untrusted_input import one_line

SEED = 20110101  # of every resampling: equal results give equal intervals

RESAMPLES = 1000
FOLDS = 5
MIN_POINTS = 20  # fewest points, and MIN_POINTS // 4 of interest, for a box

_SURE = 0.05  # quasi-p-value below which a limit stays

_SOME = 1e-9
"""Density that any box with a point of interest has: the box is chosen here, not by a threshold."""

_FORM = re.compile(r"\s*([A-Za-z_]\w*)\s*(<=|>=|<|>)\s*([^\s<>=]+)\s*")
_COMPARE: Mapping[str, Callable[[Floats, float], Bools]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


# -- points of interest ----------------------------------------------------------------------------


class Condition(NamedTuple):
    """A comparison of an indicator with a number, as in ``launches > 100``."""

    name: str
    sign: str
    number: float

    def holds(self, values: Floats) -> Bools:
        """Return where it holds."""
        return _COMPARE[self.sign](values, self.number)

    def __str__(self) -> str:
        return f"{self.name} {self.sign} {self.number:g}"


def parse_condition(text: str) -> Condition:
    """Return a comparison that is written as text; nothing is evaluated.

    UsageError when it has another form.
    """
    found = _FORM.fullmatch(text)
    try:
        number = float(found[3]) if found else math.nan
    except ValueError:
        number = math.nan
    if found is None or not math.isfinite(number):
        raise UsageError(
            f"--where {one_line(text, 60)}: expected NAME < NUMBER (or <=, >, >=), as in "
            "'launches > 100'"
        )
    return Condition(found[1], found[2], number)


def of_interest(
    outcome: str, means: Floats, top: float, conditions: Sequence[tuple[Condition, Floats]] = ()
) -> tuple[Bools, str]:
    """Return which points are of interest, and the rule in words.

    All conditions must hold, each of the means of its indicator; without any the largest means of
    the outcome are of interest, a share ``top``. UsageError when all points are, or none.
    """
    if conditions:
        rule = " and ".join(str(condition) for condition, _ in conditions)
        chosen = np.all([condition.holds(values) for condition, values in conditions], axis=0)
    else:
        cut = float(np.quantile(means, 1.0 - top))
        chosen = means >= cut
        rule = f"the top {100.0 * top:g} % of points, {outcome} >= {cut:.5g}"
    if chosen.all() or not chosen.any():
        which = "every point" if chosen.all() else "no point"
        span = f"{outcome} runs from {means.min():.5g} to {means.max():.5g}"
        raise UsageError(f"{rule}: holds at {which}, so that nothing sets them apart; {span}")
    return chosen, rule


# -- regression ------------------------------------------------------------------------------------


def regress(inputs: Mapping[str, Floats], y: Floats) -> tuple[pd.DataFrame, float]:
    """Return the regression of an outcome on all factors, and the share that it explains.

    Inputs are by factor (P, 1) numbers, or (P, k) indicators of one without order; the outcome (P,)
    differs between points. Columns ``factor, semi_partial, low, high, coefficient, spearman``:
    correlations with the sign of the coefficient, which is standardised; the last two are NaN for
    factors without order. ResultsError when there are too few points.
    """
    from scipy.stats import spearmanr

    x = np.hstack(list(inputs.values()))
    columns = [block.shape[1] for block in inputs.values()]
    need = sum(columns) + 3
    if len(y) < need:
        raise ResultsError(f"{len(y)} points are too few for {len(inputs)} factors: take {need}")
    of = np.repeat(np.arange(len(inputs)), columns)
    sizes, b, explained = _sizes(x, y, of)
    rng = np.random.Generator(np.random.Philox(key=SEED))
    rows = (rng.integers(len(y), size=len(y)) for _ in range(RESAMPLES))
    low, high = np.nanquantile([_sizes(x[at], y[at], of)[0] for at in rows], [0.025, 0.975], axis=0)
    first = np.searchsorted(of, np.arange(len(columns)))
    ordered = np.array(columns) == 1
    ranks = [spearmanr(x[:, at], y).statistic for at in first]
    table = pd.DataFrame(
        {
            "factor": list(inputs),
            "semi_partial": sizes,
            "low": low,
            "high": high,
            "coefficient": np.where(ordered, b[first], np.nan),
            "spearman": np.where(ordered, ranks, np.nan),
        }
    )
    return table, explained


def _sizes(x: Floats, y: Floats, of: Ints) -> tuple[Floats, Floats, float]:
    """Return signed semi-partial correlations of factors, coefficients of columns, and R^2."""
    factors = np.arange(of[-1] + 1)
    spread, scale = x.std(axis=0), float(y.std())
    if scale == 0.0:
        return np.full(len(factors), np.nan), np.full(len(of), np.nan), math.nan
    x = (x - x.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    y = (y - y.mean()) / scale
    b, left = _fit(x, y)
    without = np.array(
        [_fit(np.delete(x, np.flatnonzero(of == factor), axis=1), y)[1] for factor in factors]
    )
    gains, columns = np.maximum(without - left, 0.0), np.bincount(of)
    # what as many columns without any effect would gain is no size of a factor without order
    chance = columns * left / max(len(y) - len(of) - 1, 1)
    sign = np.where(b[np.searchsorted(of, factors)] >= 0.0, 1.0, -1.0)
    beyond = gains - chance
    several = np.sign(beyond) * np.sqrt(abs(beyond))
    return np.where(columns == 1, sign * np.sqrt(gains), several), b, 1.0 - left


def _fit(x: Floats, y: Floats) -> tuple[Floats, float]:
    """Return coefficients and the mean squared residual of standardised variables."""
    b = np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64)
    return b, float(((y - x @ b) ** 2).mean())


# -- boxes -----------------------------------------------------------------------------------------


class Limit(NamedTuple):
    """One side of a box: values of a factor between two ends, or some of its values."""

    factor: str  # its label
    low: float = math.nan
    high: float = math.nan
    """Ends of a number; NaN where the box goes as far as the points."""
    values: tuple[str, ...] = ()
    """Values that are in the box, of a factor without order; empty for numbers."""
    quasi_p: float = 0.0  # quasi-p-value, the larger of two ends

    def __str__(self) -> str:
        if self.values:
            return f"{self.factor} is {' or '.join(self.values)}"
        if math.isnan(self.low):
            return f"{self.factor} <= {self.high:.4g}"
        if math.isnan(self.high):
            return f"{self.factor} >= {self.low:.4g}"
        return f"{self.factor} from {self.low:.4g} to {self.high:.4g}"


@dataclass(frozen=True)
class Box:
    """What PRIM found."""

    rule: str
    chosen: Bools
    """Which points are of interest, in words and (P,)."""
    limits: tuple[Limit, ...]  # surest first; empty where nothing sets the points of interest apart
    coverage: float
    density: float
    """Shares: of points of interest in it, and of interest among those in it."""
    tried_coverage: float
    tried_density: float
    """The same on points that did not make the box, mean of the folds."""
    path: pd.DataFrame
    """Boxes on the way, as EMA Workbench has them (``box, coverage, density, mass, limits``), and
    whether it is the one that is ``taken``."""

    @property
    def share(self) -> float:
        """Share of points of interest among all: the density of a box that says nothing."""
        return float(self.chosen.mean())

    @property
    def table(self) -> pd.DataFrame:
        """The limits, one row each."""
        table = pd.DataFrame(self.limits, columns=Limit._fields)
        texts = [str(limit) for limit in self.limits]
        return table.assign(limit=np.array(texts, dtype=object))


def find_box(x: pd.DataFrame, chosen: Bools, rule: str = "") -> Box:
    """Return the box of PRIM with the best balance of coverage and density.

    ``x`` are points by factor: numbers, and texts for what has no order; ``chosen`` are of interest
    by the ``rule`` in words. UsageError when there are too few points.
    """
    few = int(chosen.sum())
    if len(chosen) < MIN_POINTS or few < MIN_POINTS // 4:
        raise UsageError(
            f"a box needs {MIN_POINTS} points, {MIN_POINTS // 4} of them of interest; here are "
            f"{fmt.counted(len(chosen), 'point')}, {few} of interest"
        )
    limits, path = _peel(x, chosen)
    rng = np.random.Generator(np.random.Philox(key=SEED))
    fold = np.empty(len(chosen), dtype=np.int64)
    for members in (np.flatnonzero(chosen), np.flatnonzero(~chosen)):
        fold[rng.permutation(members)] = np.arange(len(members)) % FOLDS
    tried = [
        _shares(_inside(x[fold == k], _peel(x[fold != k], chosen[fold != k])[0]), chosen[fold == k])
        for k in range(FOLDS)
    ]
    coverage, density = np.mean(tried, axis=0).tolist()
    return Box(rule, chosen, limits, *_shares(_inside(x, limits), chosen), coverage, density, path)


def _peel(x: pd.DataFrame, chosen: Bools) -> tuple[tuple[Limit, ...], pd.DataFrame]:
    """Return the limits of the box that is taken, and the way of PRIM to it."""
    prim = extra("ema_workbench.analysis.prim", "ema-workbench", "scenario discovery")
    # version 2 of the workbench asks for a threshold of density, version 3 has none
    least = {"threshold": _SOME} if "threshold" in signature(prim.Prim).parameters else {}
    with warnings.catch_warnings(action="ignore"):
        box = prim.Prim(x.reset_index(drop=True), chosen.copy(), **least).find_box()
    path = box.peeling_trajectory.rename(columns={"id": "box", "res_dim": "limits"})
    coverage, density = path["coverage"], path["density"]
    score = (2.0 * coverage * density / (coverage + density)).fillna(0.0).round(12)
    at = int(np.lexsort((path["box"], path["limits"], -score))[0])
    path = path[["box", "coverage", "density", "mass", "limits"]]
    return _limits(box, at), path.assign(taken=np.arange(len(path)) == at)


def _limits(box: Any, at: int) -> tuple[Limit, ...]:
    """Return the limits of a box that are not as likely by chance, surest first."""
    limits = []
    quasi_p = box.qp if hasattr(box, "qp") else box.p_values  # its names in versions 2 and 3
    for name, p in quasi_p[at].items():
        ends, chances = box.box_lims[at][name].tolist(), np.array(p)
        sure = (chances >= 0.0) & (chances < _SURE)
        if not sure.any():
            continue
        limit = Limit(name, quasi_p=float(chances[sure].max()))
        if isinstance(ends[0], (set, frozenset)):
            limits.append(limit._replace(values=tuple(sorted(map(str, ends[0])))))
        else:
            low, high = np.where(sure, ends, np.nan).tolist()
            limits.append(limit._replace(low=low, high=high))
    return tuple(sorted(limits, key=lambda limit: (limit.quasi_p, limit.factor)))


def _inside(x: pd.DataFrame, limits: Sequence[Limit]) -> Bools:
    """Return which rows lie in a box."""
    inside = np.ones(len(x), dtype=np.bool_)
    for limit in limits:
        values = x[limit.factor]
        if limit.values:
            inside &= values.isin(limit.values)
        else:
            inside &= ~((values < limit.low) | (values > limit.high))
    return inside


def _shares(inside: Bools, chosen: Bools) -> tuple[float, float]:
    """Return coverage and density of a box."""
    hits = int((inside & chosen).sum())
    return hits / max(int(chosen.sum()), 1), hits / max(int(inside.sum()), 1)


def of_box(box: Box) -> str:
    """Return in words where points of interest lie."""
    message = f"Of interest: {box.rule}; {int(box.chosen.sum())} of {len(box.chosen)} points."
    if not box.limits:
        return f"{message} PRIM finds no box that differs from chance."
    return (
        f"{message} They lie where {' and '.join(map(str, box.limits))}: this box of PRIM holds "
        f"{fmt.percent(box.coverage)} of them, and {fmt.percent(box.density)} of the points in it "
        f"are such, against {fmt.percent(box.share)} of all; on points that did not make it, "
        f"{fmt.percent(box.tried_coverage)} and {fmt.percent(box.tried_density)}."
    )
