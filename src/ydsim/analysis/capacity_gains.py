"""What an outcome gains from one per cent of each capacity, and which capacity may come first.

    e = ln(E[Y_up] / E[Y_down]) / ln(a_up / a_down)

The elasticity is between the two ends; what is gained upwards and lost downwards is beside it. The
error of all elasticities of an outcome is pooled (`ydsim.measures.bottleneck.shared_error`: over
stages, or over frictions where they are noisier), and so is that of the difference of two of them,
from which the ranks follow that a capacity may have: one below all that are known to be above it at
best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ydsim.analysis.capacities import Capacity
from ydsim.measures.bottleneck import SharedError, elasticity, shared_error
from ydsim.measures.effects import Interval
from ydsim.typing import Floats, Ints

LESS, MORE = "less", "more"


@dataclass(frozen=True)
class Gain:
    """What an outcome gains from a capacity.

    Attributes
    ----------
    capacity
        What is moved.
    down, up
        Factors of the capacity at the two ends; 1 where it cannot be moved that way.
    elasticity
        Per cent of the outcome for one per cent of the capacity, between the two ends.
    tightening, relaxing
        The same from the lower end to the scenario, and from there to the upper end; NaN where it
        cannot be moved that way.
    rank
        1 for the largest elasticity.
    best, worst
        Ranks that it may have, from pairs of elasticities that are distinguished.
    """

    capacity: Capacity
    down: float
    up: float
    elasticity: Interval
    tightening: float
    relaxing: float
    rank: int
    best: int
    worst: int


def gains_of(
    y: Floats,
    capacities: dict[str, Capacity],
    ends: dict[str, dict[str, int]],
    levels: dict[str, dict[str, float]],
) -> tuple[list[Gain], dict[str, tuple[str, ...]]]:
    """Return what one outcome gains from each capacity, and who is tied with the first of a kind.

    Parameters
    ----------
    y
        (points, R) outcomes; the first point is the scenario. Where one is negative, or the mean
        of a point is not positive, there is no per cent of it and all elasticities are NaN.
    capacities
        By name.
    ends
        By name, the points at which there is less and more of the capacity.
    levels
        By name, the capacity there over that of the scenario.
    """
    if (y < 0.0).any() or (y.mean(axis=1) <= 0.0).any():
        y = np.zeros(y.shape)
    names = list(capacities)
    error = SharedError(math.nan, 0)
    if y.any():
        less = y[[ends[name].get(LESS, 0) for name in names]]
        more = y[[ends[name].get(MORE, 0) for name in names]]
        error = shared_error(less, more, [int(capacities[n].kind == "friction") for n in names])
    values, squares = np.full((2, len(names)), np.nan)
    for at, name in enumerate(names):
        low, high = ends[name].get(LESS, 0), ends[name].get(MORE, 0)
        a, b = levels[name].get(LESS, 1.0), levels[name].get(MORE, 1.0)
        values[at] = elasticity(y[low], y[high], a, b).value
        squares[at] = 1.0 / (y.shape[1] * math.log(b / a) ** 2)
    order: Ints = np.argsort(-values, kind="stable")
    above = _told_apart(values, squares, error)
    found = []
    for rank, at in enumerate(order.tolist(), start=1):
        name = names[at]
        a, b = levels[name].get(LESS, 1.0), levels[name].get(MORE, 1.0)
        reach = error.reach(float(squares[at]))
        value = float(values[at])
        found.append(
            Gain(
                capacities[name],
                a,
                b,
                Interval(value, value - reach, value + reach),
                elasticity(y[ends[name][LESS]], y[0], a, 1.0).value if a != 1.0 else math.nan,
                elasticity(y[0], y[ends[name][MORE]], 1.0, b).value if b != 1.0 else math.nan,
                rank,
                1 + int(above[:, at].sum()),
                len(names) - int(above[at].sum()),
            )
        )
    ties: dict[str, tuple[str, ...]] = {}
    for kind in ("stage", "friction"):
        own = [at for at in order.tolist() if capacities[names[at]].kind == kind]
        if own:
            ties[kind] = tuple(names[at] for at in own[1:] if not above[own[0], at])
    return found, ties


def _told_apart(
    values: Floats, squares: Floats, error: SharedError
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """Return [j, k] whether the elasticity of j is known to be above that of k."""
    gap = values[:, None] - values[None, :]
    terms = squares[:, None] + squares[None, :]
    told = gap > error.reach(1.0) * np.sqrt(terms)
    np.fill_diagonal(told, False)
    return np.asarray(told, dtype=np.bool_)
