"""Values of points as they are drawn: means or changes with their intervals."""

from __future__ import annotations

import numpy as np

from ydsim.measures.effects import NO_INTERVAL, Interval
from ydsim.plots.messages import say
from ydsim.plots.sweep_outcome import SweepOutcome
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import capital


def values_of(outcome: SweepOutcome, points: Ints, show: str) -> Floats:
    """Return value, low and high end of each point, shape (points, 3); NaN where there is none.

    Parameters
    ----------
    points
        Numbers of points; -1 is no point.
    show
        ``"value"``, or ``"change"`` from the base point, which itself has the change zero.
    """
    found = [_one(outcome, int(point), show) for point in points]
    return np.array([(one.estimate, one.low, one.high) for one in found]).reshape(-1, 3)


def changes_surely(outcome: SweepOutcome, points: Ints) -> Bools | None:
    """Return at which points the interval of the change from the base point lacks zero.

    Each for itself. None where no point has an interval.
    """
    _, low, high = values_of(outcome, points, "change").T
    if not np.isfinite(low).any():
        return None
    sure: Bools = (low > 0.0) | (high < 0.0)
    return sure


def axis_label(outcome: SweepOutcome, show: str) -> str:
    """Return what an axis of such values shows, with its unit."""
    if show == "value":
        return outcome.label
    return say("sweeps.change_label", outcome=capital(outcome.words), unit=outcome.change_unit)


def _one(outcome: SweepOutcome, point: int, show: str) -> Interval:
    if point < 0 or not outcome.known()[point]:
        return NO_INTERVAL
    if show == "value":
        return outcome.mean(point)
    base = outcome.design.base
    if point == base:
        return Interval(0.0, np.nan, np.nan)
    return outcome.change(outcome.values[point], outcome.values[base])
