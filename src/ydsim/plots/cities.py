"""Values of cities by year, and which cities have too few simulated firms to be relied on."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from ydsim.errors import UsageError, YdsimError
from ydsim.plots.ensemble import NothingToDrawError, first_point
from ydsim.plots.messages import say
from ydsim.results.results import CITY_SERIES, CITY_YEAR, Results
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import suggestion
from ydsim.world.world import World

FEW = 20
"""Simulated firms of a city below which its values are marked: a count of 20 firms that come by
chance has a standard error of 22 per cent."""


class CityYears:
    """Yearly values of the cities of a run.

    Attributes
    ----------
    world
        The world of the run.
    years
        Shape (T,): the years that were recorded.
    replicates
        Shape (R,): their numbers.

    Raises
    ------
    NothingToDrawError
        When the series of cities were not recorded, the world cannot be loaded, or it lacks one of
        the cities.
    """

    def __init__(self, results: Results) -> None:
        if CITY_SERIES not in results.tables or CITY_YEAR not in results.tables:
            raise NothingToDrawError(say("cities.not_recorded"))
        rows = first_point(results.columns(CITY_YEAR))
        if not rows:
            raise NothingToDrawError(say("cities.empty"))
        self.world = world_of(results)
        self._rows = rows
        self._indicator = rows["indicator"].astype(str)
        number = {name: i for i, name in enumerate(self.world.city_names)}
        try:
            self._city = np.array([number[name] for name in rows["region"].tolist()], np.int64)
        except KeyError as error:
            raise NothingToDrawError(
                say("cities.no_city", world=self.world.name, city=error.args[0])
            ) from None
        self.years: Ints = np.unique(rows["year"].astype(np.int64))
        self.replicates: Ints = np.unique(rows["replicate"])
        # firms that a world lists one by one are all simulated
        listed = self.world.listed is not None
        self._scale = 1.0 if listed else float(results.manifest["scenario"]["scale"])

    @cached_property
    def indicators(self) -> list[str]:
        """Names of what was recorded of cities."""
        return sorted(set(self._indicator.tolist()))

    def values(self, indicator: str) -> Floats:
        """Return values, shape (replicates, years, cities), NaN where there is none.

        Raises
        ------
        NothingToDrawError
            When the indicator was not recorded of cities.
        """
        mine = self._indicator == indicator
        if not mine.any():
            near = suggestion(indicator, self.indicators, "recorded")
            raise NothingToDrawError(say("cities.no_indicator", indicator=indicator, near=near))
        shape = (len(self.replicates), len(self.years), self.world.n_cities)
        found = np.full(shape, np.nan)
        r = np.searchsorted(self.replicates, self._rows["replicate"][mine])
        t = np.searchsorted(self.years, self._rows["year"][mine])
        found[r, t, self._city[mine]] = self._rows["value"][mine]
        return found

    def few(self) -> Bools:
        """Return where fewer than `FEW` firms are simulated in a replicate, (years, cities)."""
        if "firms" not in self.indicators:
            return np.zeros((len(self.years), self.world.n_cities), dtype=np.bool_)
        simulated = mean(self.values("firms")) * self._scale
        found: Bools = np.round(simulated, 6) < FEW
        return found

    def at(self, year: int | None) -> int:
        """Return the position of a year, by default of the last one.

        Raises
        ------
        UsageError
            When it was not recorded.
        """
        if year is None:
            return len(self.years) - 1
        at = np.flatnonzero(self.years == year)
        if len(at) == 0:
            first, last = int(self.years[0]), int(self.years[-1])
            raise UsageError(say("cities.no_year", year=year, first=first, last=last))
        return int(at[0])

    def pick(self, years: tuple[int, int] | None, most: int) -> Ints:
        """Return positions of at most ``most`` years, evenly spread, first and last among them."""
        first, last = (0, len(self.years) - 1) if years is None else map(self.at, years)
        n = min(most, last - first + 1)
        if n == 1:
            return np.array([last], dtype=np.int64)
        steps = np.arange(n) * (last - first)
        found: Ints = first + (2 * steps + n - 1) // (2 * (n - 1))
        return found


def mean(values: Floats) -> Floats:
    """Return the mean over the first axis of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    total, count = np.where(known, values, 0.0).sum(axis=0), known.sum(axis=0)
    found: Floats = np.full(total.shape, np.nan)
    np.divide(total, count, out=found, where=count > 0)
    return found


def world_of(results: Results) -> World:
    """Return the world of a run.

    Raises
    ------
    NothingToDrawError
        When it cannot be loaded.
    """
    from ydsim.world.loader import load_world

    try:
        return load_world(results.manifest["scenario"]["world"])
    except (YdsimError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise NothingToDrawError(say("cities.no_world", reason=reason)) from error


def how_many(results: Results) -> str:
    """Say of how many replicates values are the mean."""
    n = len(results.replicates)
    return say("words.one_replicate") if n == 1 else say("words.mean_of", n=n)
