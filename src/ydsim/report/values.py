"""Yearly values of one setting by indicator, place and year, one of each replicate."""

from __future__ import annotations

import math
from functools import cached_property
from typing import Any

from ydsim import fmt
from ydsim.measures.effects import interval
from ydsim.report.gather import results_of
from ydsim.results.compare import Alternative
from ydsim.results.cube import outcomes_at
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
        names = [*outcomes_at("province", self.results.manifest["indicators"])]
        cube = self.results.cube(names, points=[self.side.point])
        long = cube.melt(var_name="indicator", ignore_index=False).dropna()
        groups: Any = long.groupby(["indicator", "place", "year"])["value"]
        return {key: values.to_numpy() for key, values in groups}

    @cached_property
    def official(self) -> dict[Key, float]:
        """Official figures by indicator, place and year."""
        keys = ["indicator", "region", "year"]
        table: Any = self.results.table(OFFICIAL).reindex(columns=[*keys, "value"])
        return dict(table.set_index(keys)["value"].items())

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
