"""What one of two results has more or less than the other, by city and province.

Both share their draws, so that differences are paired by replicate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.measures.effects import interval
from ydsim.plots.cities import CityYears
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.quantity import quantity
from ydsim.results.results import Results
from ydsim.typing import Bools, Floats
from ydsim.world.world import World


@dataclass(frozen=True)
class Change:
    """A change with its 95 % interval; no bounds for one replicate."""

    value: float
    low: float | None
    high: float | None

    @property
    def sure(self) -> bool:
        """Whether the interval excludes zero."""
        if self.low is None or self.high is None:
            return False
        return not self.low <= 0.0 <= self.high


@dataclass(frozen=True)
class Differences:
    """What differs between two results in one year.

    Attributes
    ----------
    world
        The world of both.
    base
        Shape (C,): values of the first, mean of the common replicates.
    cities, provinces
        Change of each, in per cent of the mean of the first; of what is no amount in its own unit.
    region
        Change of the sum of the cities; None for what is no amount.
    few
        Shape (C,): few firms are simulated.
    year, n
        The year, and the number of common replicates.
    """

    world: World
    base: Floats
    cities: tuple[Change, ...]
    provinces: tuple[Change, ...]
    region: Change | None
    few: Bools
    year: int
    n: int

    @property
    def values(self) -> Floats:
        """Changes of the cities, (C,)."""
        return np.array([change.value for change in self.cities])

    @property
    def told(self) -> Bools:
        """Which changes are drawn in colour: all finite ones of a single replicate, else sure."""
        if self.n == 1:
            found: Bools = np.isfinite(self.values)
            return found
        return np.array([change.sure for change in self.cities])


def read_differences(
    first: Results, second: Results, indicator: str, year: int | None = None
) -> Differences:
    """Return the differences, second less first, in a year that both have, by default the last.

    Raises
    ------
    NothingToDrawError
        When the two do not share their draws or world, or cities were not recorded.
    UsageError
        When a year was not recorded.
    """
    require_pair(first, second)
    a, b = CityYears(first), CityYears(second)
    common = np.intersect1d(a.years, b.years)
    when = int(common[-1]) if year is None else year
    replicates = np.intersect1d(a.replicates, b.replicates)
    if len(replicates) == 0:
        raise NothingToDrawError(f"{first.name} and {second.name} have no replicate in common")
    before, after = (
        each.values(indicator)[np.searchsorted(each.replicates, replicates), each.at(when)]
        for each in (a, b)
    )
    what = quantity(first, indicator)
    world = a.world
    parts = [world.city_province == p for p in range(world.n_provinces)]
    return Differences(
        world=world,
        base=before.mean(axis=0),
        cities=tuple(
            change(x, y, relative=what.amount) for x, y in zip(before.T, after.T, strict=True)
        ),
        provinces=tuple(
            change(before[:, part].sum(axis=1), after[:, part].sum(axis=1), relative=True)
            for part in parts
        )
        if what.amount
        else (),
        region=change(before.sum(axis=1), after.sum(axis=1), relative=True)
        if what.amount
        else None,
        few=a.few()[a.at(when)],
        year=when,
        n=len(replicates),
    )


def require_pair(first: Results, second: Results) -> None:
    """Refuse two results that do not share their draws or their model.

    Raises
    ------
    NothingToDrawError
        Says what differs.
    """
    manifests = first.manifest, second.manifest
    for name, values in (
        ("seed", [each["seed"] for each in manifests]),
        ("scale", [each["scenario"]["scale"] for each in manifests]),
        ("world", [each["scenario"]["world"] for each in manifests]),
        ("content of the world", [str(sorted(each["worlds"].values()))[:14] for each in manifests]),
        ("the first year", [each["scenario"]["start"] for each in manifests]),
        ("the version of ydsim", [each["ydsim"] for each in manifests]),
    ):
        if values[0] != values[1]:
            raise NothingToDrawError(
                f"{first.name} and {second.name} do not share their draws: {name} is "
                f"{values[0]} and {values[1]}"
            )


def change(before: Floats, after: Floats, *, relative: bool) -> Change:
    """Return the mean paired difference with its interval, in per cent of the mean before."""
    unit = float(before.mean()) / 100.0 if relative else 1.0
    if not np.isfinite(unit) or unit == 0.0:
        return Change(float("nan"), None, None)
    _, value, low, high = interval((after - before) / unit)
    return Change(value, low, high)
