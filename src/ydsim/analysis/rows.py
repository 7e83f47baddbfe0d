"""Lines of the tables in which runs are held against figures."""

from __future__ import annotations

from dataclasses import dataclass

from ydsim.model import Model
from ydsim.typing import Floats


@dataclass(frozen=True)
class Row:
    """One line: what was looked at, what was found, what was asked, and whether it holds."""

    what: str
    found: str
    asked: str
    holds: bool


def yearly(model: Model, name: str, level: str = "region") -> Floats:
    """Return sums by year of a recorded flow, shape (Y,) or (Y, places)."""
    series = model.recorder.series(name, level)
    total: Floats = series.reshape(-1, 4, *series.shape[1:]).sum(axis=1)
    return total
