"""Reporters for Mesa's `DataCollector`: the last recorded quarter of each series of the region."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ydsim.record.indicators import INDICATORS


def last_recorded(model: Any, name: str) -> float:
    """Return an indicator of the region in the last recorded quarter, NaN before the first."""
    values = model.recorder.series(name)
    return float(values[-1]) if len(values) else float("nan")


def region_reporters() -> dict[str, Callable[[Any], float]]:
    """Return one reporter for each indicator of the region, under its name."""
    # partials of a plain function: models with them can be pickled
    return {
        name: partial(last_recorded, name=name)
        for name, indicator in INDICATORS.items()
        if "region" in indicator.levels
    }
