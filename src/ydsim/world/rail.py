"""Recorded hours of travel between cities, by year: ``rail_hours.csv`` of a world folder.

A row holds the hours of the fastest way between two cities on the last day of its year, without
time to and from stations and without waiting. A section that opens at the end of a year counts
from the next:

    h_cd(y) = hours of the last recorded year before y; of the first one where there is none before

After the last recorded year its hours stay. A pair without hours in a record has none in the years
in which the record holds: the rule by distance stands in (`ydsim.processes.enact`).
"""

from __future__ import annotations

import numpy as np

from ydsim.translation import mark
from ydsim.typing import Floats, Ints
from ydsim.world.columns import Names
from ydsim.world.csvfolder import Folder
from ydsim.world.places import Places, by_pair
from ydsim.world.world import World

FILE = "rail_hours.csv"
OPENINGS = "rail_openings.csv"


def read_rail_hours(folder: Folder, places: Places) -> tuple[Ints, Floats] | tuple[None, None]:
    """Return the recorded years (Y,) and hours (Y, C, C), NaN for pairs that a year lacks.

    Hours are symmetric, and zero from a city to itself. None twice where there is no file.
    """
    if not folder.has(FILE):
        return None, None
    ends = ("city_i", "city_j")
    names = Names.of(mark("city name of cities.csv"), places.names, "cities.csv")
    sheet = folder.read(FILE, dict.fromkeys(ends, names))
    return np.unique(sheet["year"]), by_pair(sheet, places, ends, "hours")


def record_of(years: Ints, year: float) -> int:
    """Return the index of the record that holds at a decimal year, by the rule of the module."""
    before = int(np.searchsorted(years, int(np.floor(year)), side="left"))
    return max(before - 1, 0)


def hours_missing(world: World) -> str:
    """Return a line on pairs of cities that lack recorded hours; empty where none does."""
    if world.rail_hours is None or world.rail_years is None:
        return ""
    a, b = np.triu_indices(world.n_cities, 1)
    gaps = np.isnan(world.rail_hours[:, a, b])
    if not gaps.any():
        return ""
    year, pair = (int(k) for k in np.argwhere(gaps)[0])
    one, other = world.city_names[a[pair]], world.city_names[b[pair]]
    return (
        f"{int(gaps.any(axis=0).sum())} of {len(a)} pairs of cities lack hours in some year "
        f"(the first: {one} - {other} in {world.rail_years[year]}); their hours are then by "
        "distance at 160 km/h"
    )
