"""Outcomes of the runs of a sweep, one number a point and replicate, from its recorded tables.

The outcome of a flow, such as launches, is its total over the years that count; of anything else,
such as a stock or a ratio, the mean over these years. All of it is of the whole region; of what is
recorded for provinces alone, of their mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ydsim import arguments
from ydsim.errors import ResultsError, UsageError
from ydsim.record.indicators import INDICATORS
from ydsim.results.results import PROVINCE_YEAR, Results
from ydsim.scenario.schema.scenario import Scenario
from ydsim.store.layout import RUNS
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import counted, suggestion

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep


@dataclass(frozen=True)
class Yearly:
    """Yearly values of the runs that all points of a sweep have.

    Attributes
    ----------
    years
        (T,) in order.
    regions
        Names of the G provinces, and of the region behind them.
    replicates
        (R,) numbers of the replicates that are finished at every point.
    left_out
        How many replicates are not, because a run failed or is still to go.
    values
        By indicator, shape (points, R, G + 1, T); NaN where a place does not have it.
    """

    years: Ints
    regions: tuple[str, ...]
    replicates: tuple[int, ...]
    left_out: int
    values: dict[str, Floats]

    @property
    def ends(self) -> tuple[int, int]:
        """First and last year."""
        return int(self.years[0]), int(self.years[-1])

    def outcome(self, name: str) -> Floats:
        """Return the outcome of an indicator, (points, R)."""
        of_region = self.values[name][:, :, -1]
        total: Floats = of_region.sum(axis=-1)
        return total if INDICATORS[name].kind == "flow" else total / len(self.years)

    def of_provinces(self, name: str) -> Floats:
        """Return yearly values of the provinces, (points, R, G, T)."""
        provinces: Floats = self.values[name][:, :, :-1]
        return provinces


def require_outcomes(names: Sequence[str]) -> None:
    """Refuse what is no indicator of the region.

    Raises
    ------
    UsageError
        With the nearest name.
    """
    known = [name for name, one in INDICATORS.items() if {"region", "province"} & set(one.levels)]
    for at, name in enumerate(names):
        if name not in known:
            hint = suggestion(name, known, "some are")
            raise UsageError(f"no indicator of the region is called {name!r}{hint}")
        if name in names[:at]:
            raise UsageError(f"outcome {name!r} is asked for twice")
    if not names:
        raise UsageError("no outcome is asked for")


def recorded(results: Results, names: Sequence[str]) -> tuple[str, ...]:
    """Return those of some indicators that results have."""
    return tuple(name for name in names if name in results.manifest["indicators"])


def require_years(first: int, scenario: Scenario) -> None:
    """Refuse a first year that the run does not have.

    Raises
    ------
    UsageError
        When it lies before the start or after the end of the scenario.
    """
    if not scenario.start <= first <= scenario.end:
        raise UsageError(
            f"--from {first}: the run has the years {scenario.start} to {scenario.end}"
        )


def require(sweep: Sweep, outcomes: Sequence[str] | None, first: int | None) -> None:
    """Refuse outcomes and a first year that the runs of a sweep will not have.

    Raises
    ------
    UsageError
        When there is no such indicator or year.
    """
    if outcomes is not None:
        require_outcomes(arguments.texts("outcomes", outcomes))
    if first is not None:
        require_years(arguments.whole("first", first), sweep.base)


def yearly(results: Results, names: Sequence[str], first: int) -> Yearly:
    """Return yearly values from ``first`` on.

    Raises
    ------
    ResultsError
        When the folder lacks an indicator, or no replicate is finished at every point.
    """
    if PROVINCE_YEAR not in results.tables:
        raise ResultsError(
            f"{results.path or results.name}: quarterly series were not kept (`record: {{series: "
            "1}`); run it again into another folder"
        )
    table = results.columns(PROVINCE_YEAR)
    if not table:
        raise ResultsError(f"{results.path or results.name}: no run is finished")
    wanted = table["year"].astype(np.int64) >= first
    point, replicate, year = (
        table[key][wanted].astype(np.int64) for key in ("point", "replicate", "year")
    )
    region, indicator = table["region"][wanted], table["indicator"][wanted]
    value = table["value"][wanted].astype(np.float64)
    regions = tuple(str(name) for name in results.manifest["regions"])
    years = np.unique(year)
    numbers = np.unique(replicate)
    place = {name: at for at, name in enumerate(regions)}
    n_points = len(results.contents.points)
    found: dict[str, Floats] = {}
    for name in names:
        rows = np.flatnonzero(indicator == name)
        cells = np.full((n_points, len(numbers), len(regions), len(years)), np.nan)
        at = np.array([place.get(word, -1) for word in region[rows].tolist()], dtype=np.int64)
        rows, at = rows[at >= 0], at[at >= 0]
        cells[
            point[rows],
            np.searchsorted(numbers, replicate[rows]),
            at,
            np.searchsorted(years, year[rows]),
        ] = value[rows]
        found[name] = _with_region(cells)
    whole = _whole(results, len(numbers), numbers)
    if not whole.any():
        raise ResultsError(
            f"{results.path or results.name}: no replicate is finished at all "
            f"{counted(n_points, 'point')}; go on with it first"
        )
    kept = {name: cells[:, whole] for name, cells in found.items()}
    for name, cells in kept.items():
        if np.isnan(cells[:, :, -1]).any():
            raise ResultsError(f"{results.path or results.name}: {name} lacks values")
    planned = len(set(results.contents.plan.replicates))
    return Yearly(years, regions, tuple(numbers[whole].tolist()), planned - int(whole.sum()), kept)


def _with_region(cells: Floats) -> Floats:
    """Return values in which the region, where it has none of its own, is the provinces' mean."""
    own = cells[:, :, -1]
    if np.isnan(own).all() and cells.shape[2] > 1:
        cells[:, :, -1] = cells[:, :, :-1].mean(axis=2)
    return cells


def _whole(results: Results, n: int, numbers: Ints) -> Bools:
    """Return which replicates are finished at every point."""
    runs = results.columns(RUNS)
    done = np.zeros((len(results.contents.points), n), dtype=np.bool_)
    at = np.searchsorted(numbers, runs["replicate"].astype(np.int64))
    done[runs["point"].astype(np.int64), at] = True
    return np.asarray(done.all(axis=0), dtype=np.bool_)
