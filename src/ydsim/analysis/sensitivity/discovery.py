"""Scenario discovery over a space filling design: which inputs lead to which outcomes.

A box found by PRIM and the leaves of a CART tree, both by EMA Workbench, for the points of interest
of a rule. Coverage is the share of points of interest in a box, density the share of points in it
that are of interest. Of the boxes on PRIM's way the one with the largest

    F = 2 coverage density / (coverage + density)

is taken, the one with fewer limits of two alike. Of its limits those stay whose quasi-p-value
(Bryant and Lempert 2010) is below .05: the others are as likely by chance. As a box fits the points
that made it, it is also found on four fifths of the points and tried on the last fifth, five times
in turn.

Sources: Friedman and Fisher (1999, doi 10.1023/A:1008894516817); Bryant and Lempert (2010, doi
10.1016/j.techfore.2009.08.002).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.analysis.extras import extra
from ydsim.analysis.sensitivity.finding import SEED, Finding
from ydsim.analysis.sensitivity.regression import drivers_of, regress
from ydsim.analysis.sensitivity.sample import Sample
from ydsim.errors import ResultsError
from ydsim.typing import Bools, Columns

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 5
LEAST = 20
"""Fewest points, and LEAST // 4 of interest, for a box."""

_SURE = 0.05
"""Quasi-p-value below which a limit stays."""

_SOME = 1e-9
"""Density that any box with a point of interest has: the box is chosen here, not by a threshold."""

_WHAT = "scenario discovery"
_PACKAGE = "ema-workbench"


@dataclass(frozen=True)
class Limit:
    """One side of a box: values of a factor between two ends, or some of its values.

    Attributes
    ----------
    factor
        Its label.
    low, high
        Ends of a number; NaN where the box goes as far as the points.
    values
        Values that are in the box, of a factor without order; empty for numbers.
    p
        Quasi-p-value, the larger of two ends.
    """

    factor: str
    low: float
    high: float
    values: tuple[str, ...]
    p: float

    def __str__(self) -> str:
        if self.values:
            return f"{self.factor} is {' or '.join(self.values)}"
        if np.isnan(self.low):
            return f"{self.factor} <= {self.high:.4g}"
        if np.isnan(self.high):
            return f"{self.factor} >= {self.low:.4g}"
        return f"{self.factor} from {self.low:.4g} to {self.high:.4g}"


@dataclass(frozen=True)
class Box:
    """What PRIM found.

    Attributes
    ----------
    limits
        Surest first; empty where nothing sets the points of interest apart.
    coverage, density, mass
        Shares: of points of interest in it, of interest among those in it, of all points in it.
    tried_coverage, tried_density
        The same on points that did not make the box, mean of the folds.
    share
        Of points of interest among all points: the density of a box that says nothing.
    path
        Boxes on the way: ``id, coverage, density, mass, limits``.
    """

    limits: tuple[Limit, ...]
    coverage: float
    density: float
    mass: float
    tried_coverage: float
    tried_density: float
    share: float
    path: Columns


@dataclass(frozen=True)
class Discovery:
    """Box, tree and regression, and the rule that says what is of interest."""

    rule: str
    chosen: Bools
    box: Box
    leaves: Columns
    explained: float


def analyse(sample: Sample, chosen: Bools, rule: str) -> Finding:
    """Return drivers of an outcome by regression, and where its points of interest lie.

    Raises
    ------
    ResultsError
        When there are too few points.
    """
    if len(chosen) < LEAST or chosen.sum() < LEAST // 4:
        raise ResultsError(
            f"{int(chosen.sum())} points of interest of {len(chosen)} are too few for a box: take "
            f"a design of {LEAST} and more, or a wider rule"
        )
    line = regress(sample)
    x = _inputs(sample)
    box = find_box(x, chosen)
    leaves = grow_tree(x, chosen)
    regression: Columns = {
        "factor": np.array(line.names, dtype=object),
        "semi_partial": line.sizes,
        "low": line.low,
        "high": line.high,
        "coefficient": line.coefficients,
        "spearman": line.ranks,
    }
    tables = {"regression": regression, "prim": _of_box(box), "prim_path": box.path, "cart": leaves}
    return Finding(
        "discovery",
        sample,
        "the semi-partial correlation in a linear regression on all factors",
        "share of a standard deviation",
        drivers_of(line),
        tables,
        _remarks(line.explained, box, rule, chosen),
        Discovery(rule, chosen, box, leaves, line.explained),
    )


def find_box(x: pd.DataFrame, chosen: Bools) -> Box:
    """Return the box of PRIM with the best balance of coverage and density."""
    best, path = _peel(x, chosen)
    coverages, densities = [], []
    rng = np.random.Generator(np.random.Philox(key=SEED))
    fold = np.empty(len(chosen), dtype=np.int64)
    for members in (np.flatnonzero(chosen), np.flatnonzero(~chosen)):
        fold[rng.permutation(members)] = np.arange(len(members)) % FOLDS
    for k in range(FOLDS):
        own, away = fold != k, fold == k
        limits, _ = _peel(x[own], chosen[own])
        inside = _inside(x[away], limits["limits"])
        hits = int((inside & chosen[away]).sum())
        coverages.append(hits / max(int(chosen[away].sum()), 1))
        densities.append(hits / int(inside.sum()) if inside.any() else 0.0)
    return Box(
        best["limits"],
        best["coverage"],
        best["density"],
        best["mass"],
        float(np.mean(coverages)),
        float(np.mean(densities)),
        float(chosen.mean()),
        path,
    )


def _peel(x: pd.DataFrame, chosen: Bools) -> tuple[dict[str, Any], Columns]:
    """Return limits and figures of the box that is taken, and the way of PRIM to it."""
    prim = extra("ema_workbench.analysis.prim", _PACKAGE, _WHAT)
    with _quiet():
        found = prim.Prim(x.reset_index(drop=True), chosen.copy(), threshold=_SOME)
        box = found.find_box()
        path = box.peeling_trajectory
        coverage, density = path["coverage"].to_numpy(float), path["density"].to_numpy(float)
        both = coverage + density
        score = np.round(2.0 * coverage * density / np.where(both > 0.0, both, 1.0), 12)
        order = np.lexsort((path["id"], path["res_dim"], -score))
        at = int(order[0])
        limits = _limits(box, at)
    inside = _inside(x, limits)
    hits = int((inside & chosen).sum())
    columns: Columns = {
        "box": path["id"].to_numpy(np.int64),
        "coverage": coverage,
        "density": density,
        "mass": path["mass"].to_numpy(float),
        "limits": path["res_dim"].to_numpy(np.int64),
        "taken": np.arange(len(path)) == at,
    }
    return {
        "limits": limits,
        "coverage": hits / int(chosen.sum()),
        "density": hits / int(inside.sum()),
        "mass": float(inside.mean()),
    }, columns


def _limits(box: Any, at: int) -> tuple[Limit, ...]:
    """Return the limits of a box that are not as likely by chance, surest first."""
    lims, widest = box.box_lims[at], box.box_lims[0]
    limits = []
    for name, p in box.qp[at].items():
        low, high = lims[name].tolist()
        sure = [0.0 <= value < _SURE for value in p]
        if not any(sure):
            continue
        kept = max(value for value, one in zip(p, sure, strict=True) if one)
        if isinstance(low, (set, frozenset)):
            known = sorted(map(str, widest[name].iloc[0]))
            inside = {str(value) for value in low}
            limits.append(Limit(name, np.nan, np.nan, tuple(v for v in known if v in inside), kept))
            continue
        ends = [float(end) if one else np.nan for end, one in zip((low, high), sure, strict=True)]
        limits.append(Limit(name, ends[0], ends[1], (), kept))
    return tuple(sorted(limits, key=lambda limit: (limit.p, limit.factor)))


def _inside(x: pd.DataFrame, limits: tuple[Limit, ...]) -> Bools:
    """Return which rows lie in a box."""
    inside = np.ones(len(x), dtype=np.bool_)
    for limit in limits:
        column = x[limit.factor]
        if limit.values:
            inside &= column.astype(str).isin(limit.values).to_numpy()
            continue
        values = column.to_numpy(float)
        inside &= np.isnan(limit.low) | (values >= limit.low)
        inside &= np.isnan(limit.high) | (values <= limit.high)
    return inside


def grow_tree(x: pd.DataFrame, chosen: Bools) -> Columns:
    """Return the leaves of a CART tree with at least a tenth of the points each, densest first."""
    cart = extra("ema_workbench.analysis.cart", _PACKAGE, _WHAT)
    state = np.random.get_state()  # noqa: NPY002 - scikit-learn breaks ties by this generator
    np.random.seed(SEED)  # noqa: NPY002
    try:
        with _quiet():
            grown = cart.CART(x, chosen.astype(int), mass_min=0.1)
            grown.build_tree()
    finally:
        np.random.set_state(state)  # noqa: NPY002
    rules = {0: dict(_everything(x))}
    tree = grown.clf.tree_
    # boxes of the package mix up the values of factors without order, so that the tree is read here
    for node in range(tree.node_count):
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left < 0:
            continue
        own = rules.pop(node)
        cut = float(tree.threshold[node])
        name, _, value = str(grown.feature_names[tree.feature[node]]).partition(cart.CART.sep)
        limit = own[name]
        if value:
            rest = tuple(v for v in limit.values if v != value)
            rules[left] = {**own, name: replace(limit, values=rest)}
            rules[right] = {**own, name: replace(limit, values=(value,))}
        else:
            rules[left] = {**own, name: replace(limit, high=cut)}
            rules[right] = {**own, name: replace(limit, low=cut)}
    rows = []
    for limits in rules.values():
        inside = _inside(x, tuple(limits.values()))
        hits = int((inside & chosen).sum())
        said = " and ".join(str(limit) for name, limit in limits.items() if _limits_any(limit, x))
        rows.append((-hits / int(inside.sum()), -float(inside.mean()), said or "all points", hits))
    rows.sort()
    return {
        "rule": np.array([said for _, _, said, _ in rows], dtype=object),
        "coverage": np.array([hits / int(chosen.sum()) for *_, hits in rows]),
        "density": np.array([-density for density, *_ in rows]),
        "mass": np.array([-mass for _, mass, *_ in rows]),
    }


def _everything(x: pd.DataFrame) -> Iterator[tuple[str, Limit]]:
    """Yield for each factor the limit that holds everywhere."""
    for name in x.columns:
        number = x[name].dtype.kind in "if"
        values = () if number else tuple(sorted(map(str, x[name].unique())))
        yield name, Limit(name, np.nan, np.nan, values, 0.0)


def _limits_any(limit: Limit, x: pd.DataFrame) -> bool:
    if limit.values:
        return len(limit.values) < x[limit.factor].nunique()
    return not (np.isnan(limit.low) and np.isnan(limit.high))


def _inputs(sample: Sample) -> pd.DataFrame:
    """Return the factors as PRIM takes them: numbers, and texts for what has no order."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for label, values in sample.columns.items():
        if values.dtype.kind in "if":
            columns[label] = values.astype(np.float64)
        else:
            columns[label] = np.array([str(v) for v in values.tolist()], dtype=object)
    return pd.DataFrame(columns)


def _of_box(box: Box) -> Columns:
    return {
        "factor": np.array([limit.factor for limit in box.limits], dtype=object),
        "low": np.array([limit.low for limit in box.limits], dtype=np.float64),
        "high": np.array([limit.high for limit in box.limits], dtype=np.float64),
        "values": np.array([" or ".join(limit.values) for limit in box.limits], dtype=object),
        "quasi_p": np.array([limit.p for limit in box.limits], dtype=np.float64),
    }


def _remarks(explained: float, box: Box, rule: str, chosen: Bools) -> tuple[str, ...]:
    said = [f"A linear regression explains {explained:.0%} of the variance between points."]
    if explained < 0.7:
        said.append(
            "That is little: curves, interactions or noise matter, which its order ignores."
        )
    said.append(f"Of interest: {rule}; {int(chosen.sum())} of {len(chosen)} points.")
    if not box.limits:
        said.append("PRIM finds no box that is not as likely by chance.")
        return tuple(said)
    said.append(
        f"They lie where {' and '.join(map(str, box.limits))}: this box of PRIM holds "
        f"{box.coverage:.0%} of them, and {box.density:.0%} of the points in it are such, against "
        f"{box.share:.0%} of all; on points that did not make it, {box.tried_coverage:.0%} and "
        f"{box.tried_density:.0%}."
    )
    return tuple(said)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the remarks and warnings of packages to themselves."""
    logger = logging.getLogger("EMA")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
