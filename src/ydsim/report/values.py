"""Yearly values of one setting by indicator, place and year, one of each replicate."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np

from ydsim import fmt
from ydsim.measures.effects import interval
from ydsim.report.gather import results_of
from ydsim.results.compare import Alternative
from ydsim.results.results import PROVINCE_YEAR
from ydsim.store.layout import OFFICIAL
from ydsim.typing import Floats

Key = tuple[str, str, int]


class Values:
    """The table of provinces and years of a setting, and official figures beside it."""

    def __init__(self, side: Alternative) -> None:
        self.side = side
        self.results = results_of(side)
        *self.provinces, self.whole = self.results.manifest["regions"]

    @cached_property
    def of(self) -> dict[Key, Floats]:
        """Values of all replicates by indicator, place and year; empty where not recorded."""
        if PROVINCE_YEAR not in self.results.tables:
            return {}
        columns = self.results.columns(PROVINCE_YEAR)
        if not columns:
            return {}
        mine = columns["point"] == self.side.point
        keys = zip(*(columns[name][mine].tolist() for name in ("indicator", "region", "year")),
                   columns["value"][mine].tolist(), strict=True)  # fmt: skip
        found: dict[Key, list[float]] = {}
        for indicator, region, year, value in keys:
            found.setdefault((indicator, region, year), []).append(value)
        return {key: np.array(values) for key, values in found.items()}

    @cached_property
    def official(self) -> dict[Key, float]:
        """Official figures by indicator, place and year."""
        rows = self.results.columns(OFFICIAL)
        if not rows:
            return {}
        names = ("indicator", "region", "year", "value")
        columns = (rows[name].tolist() for name in names)
        return {(i, r, y): value for i, r, y, value in zip(*columns, strict=True)}

    @cached_property
    def years(self) -> list[int]:
        """Years that have values."""
        return sorted({year for _, _, year in self.of})

    def mean(self, indicator: str, place: str, year: int) -> float:
        """Return the mean over replicates; NaN where there is none."""
        found = self.of.get((indicator, place, year))
        return math.nan if found is None else float(found.mean())

    def text(self, indicator: str, place: str, year: int) -> str:
        """Return mean and interval as text; a dash where there is none."""
        found = self.of.get((indicator, place, year))
        return fmt.MISSING if found is None else fmt.interval(*interval(found)[1:])
