"""A yearly indicator of every place in the years that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.plots.ensemble import Yearly
from ydsim.plots.scenarios import Together
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints


@dataclass(frozen=True)
class Series:
    """An indicator of one scenario.

    Attributes
    ----------
    replicates
        Numbers of the replicates, in the order of rows.
    years
        Shape (T,).
    values
        By place, shape (replicates, T); NaN where there is none.
    official
        By place, shape (T,): official figures, NaN where there are none.
    """

    replicates: tuple[int, ...]
    years: Ints
    values: dict[str, Floats]
    official: dict[str, Floats]

    def final(self, place: str) -> dict[int, float]:
        """Return the value of the last year by replicate."""
        last = self.values[place][:, -1].tolist()
        found = zip(self.replicates, last, strict=True)
        return {replicate: value for replicate, value in found if np.isfinite(value)}

    def mean(self, place: str, at: int) -> float:
        """Return the mean over replicates in the year at a position; NaN without any."""
        column = self.values[place][:, at]
        column = column[np.isfinite(column)]
        return float(column.sum() / len(column)) if len(column) else float("nan")

    def last_official(self, places: Sequence[str]) -> int | None:
        """Return the last year with an official figure of one of ``places``, None without any."""
        known = [np.isfinite(self.official[name]) for name in places]
        years = self.years[np.any(known, axis=0)] if known else self.years[:0]
        return int(years[-1]) if len(years) else None


def read_series(results: Results, indicator: str, drawn: Together) -> Series:
    """Return an indicator in the years that ``drawn`` has.

    Raises
    ------
    NothingToDrawError
        When no series was recorded.
    """
    yearly = Yearly(results)
    mine = np.isin(yearly.years, drawn.years)
    places = (*drawn.provinces, drawn.whole)
    return Series(
        yearly.replicates,
        drawn.years,
        {name: yearly.values(indicator, name)[:, mine] for name in places},
        {name: yearly.official(indicator, name)[mine] for name in places},
    )
