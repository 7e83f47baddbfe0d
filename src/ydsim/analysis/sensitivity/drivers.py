"""Drivers of an outcome in order of size, and which ranks their intervals tell apart.

A driver's rank lies between 1 + the number of drivers whose interval lies wholly above its own, and
the number of all less those whose interval lies wholly below.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ydsim.typing import Columns

RAISES, LOWERS, UNSURE, UNORDERED = "raises", "lowers", "either way", "no order"
"""What a higher value of a factor does: sure in sign, sign not sure, or values without order."""


@dataclass(frozen=True)
class Driver:
    """A factor and how much it moves an outcome.

    Attributes
    ----------
    factor
        Its label.
    size
        How much, in the measure of the method; not negative where it is well estimated.
    low, high
        95 % interval of ``size``; NaN where there is none.
    direction
        One of `RAISES`, `LOWERS`, `UNSURE`, `UNORDERED`.
    rank, best, worst
        Its place by ``size``, from 1, and the places that intervals allow.
    null
        Nothing shows that it moves the outcome at all.
    at
        The step that has this size, where sizes are of one step.
    """

    factor: str
    size: float
    low: float
    high: float
    direction: str
    null: bool
    at: str = ""
    rank: int = 0
    best: int = 0
    worst: int = 0


def ranked(drivers: Sequence[Driver]) -> tuple[Driver, ...]:
    """Return drivers, the largest first, with their ranks; without intervals any rank may be."""
    order = sorted(drivers, key=lambda driver: (-driver.size, driver.factor))
    found = []
    for place, one in enumerate(order, start=1):
        above = sum(other.low > one.high for other in order)
        below = sum(other.high < one.low for other in order)
        found.append(replace(one, rank=place, best=1 + above, worst=len(order) - below))
    return tuple(found)


def as_columns(outcome: str, drivers: Sequence[Driver], measure: str) -> Columns:
    """Return drivers as a table."""
    return {
        "outcome": np.array([outcome] * len(drivers), dtype=object),
        "rank": np.array([one.rank for one in drivers], dtype=np.int64),
        "best_rank": np.array([one.best for one in drivers], dtype=np.int64),
        "worst_rank": np.array([one.worst for one in drivers], dtype=np.int64),
        "factor": np.array([one.factor for one in drivers], dtype=object),
        "measure": np.array([measure] * len(drivers), dtype=object),
        "size": np.array([one.size for one in drivers], dtype=np.float64),
        "low": np.array([one.low for one in drivers], dtype=np.float64),
        "high": np.array([one.high for one in drivers], dtype=np.float64),
        "direction": np.array([one.direction for one in drivers], dtype=object),
        "step": np.array([one.at for one in drivers], dtype=object),
        "shown": np.array([not one.null for one in drivers], dtype=np.bool_),
    }


def direction_of(value: float, low: float, high: float) -> str:
    """Return the direction that a signed effect with its interval shows."""
    if math.isnan(low) or math.isnan(high):
        return RAISES if value > 0.0 else LOWERS if value < 0.0 else UNSURE
    return RAISES if low > 0.0 else LOWERS if high < 0.0 else UNSURE
