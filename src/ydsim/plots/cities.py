"""What the map shows of each city: where it is, how much R&D it does, how fast it adopts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.errors import YdsimError
from ydsim.plots.ensemble import NothingToDrawError, first_point
from ydsim.results.results import CITY_SERIES, Results
from ydsim.store.layout import OFFICIAL
from ydsim.typing import Columns, Floats, Ints
from ydsim.world.world import World

KM_PER_DEGREE = 6371.0 * np.pi / 180.0
"""Kilometres of a degree of latitude."""


@dataclass(frozen=True)
class Cities:
    """Cities, those with most R&D first.

    Attributes
    ----------
    names
        C names.
    province
        Shape (C,): position in the manifest's regions.
    km
        Shape (C, 2): kilometres east and north of the middle of the region.
    degrees
        Longitude and latitude of that middle.
    research
        Shape (C,): R&D of the year, 100 million RMB, mean of replicates.
    adoptions
        Shape (C,): generations adopted per firm in the year, mean of replicates; NaN without
        firms.
    year
        The year shown: the last of the run that has official R&D of provinces, else the last.
    prior
        Whether R&D of cities rests on a prior.
    """

    names: tuple[str, ...]
    province: Ints
    km: Floats
    degrees: tuple[float, float]
    research: Floats
    adoptions: Floats
    year: int
    prior: bool


def read_cities(results: Results) -> Cities:
    """Return the cities of a run.

    Raises
    ------
    NothingToDrawError
        When the series of cities were not recorded, the world cannot be loaded, or its cities
        have no geography.
    """
    if CITY_SERIES not in results.tables:
        raise NothingToDrawError("the series of cities were not recorded")
    rows = first_point(results.raw(CITY_SERIES))
    lacking = [name for name in ("rd_expenditure", "adoptions", "firms") if name not in rows]
    if lacking:
        raise NothingToDrawError(f"{' and '.join(lacking)} of cities were not recorded")
    world = world_of(results)
    year = _year(results, rows)
    there = rows["year"] == year
    if not np.isfinite(rows["rd_expenditure"][there].astype(float)).any():
        raise NothingToDrawError("R&D of cities has no value")
    number = {name: i for i, name in enumerate(world.city_names)}
    try:
        city = np.array([number[name] for name in rows["city"][there].tolist()], dtype=np.int64)
    except KeyError as error:
        raise NothingToDrawError(f"world {world.name} has no city {error.args[0]}") from None
    n, runs = world.n_cities, max(len(np.unique(rows["replicate"])), 1)
    total = {
        name: np.bincount(city, np.nan_to_num(rows[name][there].astype(float)), n)
        for name in ("rd_expenditure", "adoptions", "firms")
    }
    firms = total["firms"] / 4.0
    adoptions = np.divide(total["adoptions"], firms, out=np.full(n, np.nan), where=firms > 0.0)
    research = total["rd_expenditure"] / runs
    order = np.lexsort((np.arange(n), -research))
    km, degrees = project(world.longitude, world.latitude)
    return Cities(
        names=tuple(world.city_names[i] for i in order),
        province=world.city_province[order],
        km=km[order],
        degrees=degrees,
        research=research[order],
        adoptions=adoptions[order],
        year=year,
        prior=bool(results.manifest["indicators"]["rd_expenditure"]["prior"]),
    )


def project(longitude: Floats, latitude: Floats) -> tuple[Floats, tuple[float, float]]:
    """Return kilometres east and north of the middle, shape (C, 2), and the middle in degrees.

    An equirectangular projection that is true to scale along the middle parallel. Longitudes are
    taken as differences from the first city's, so that a region may lie across 180 degrees.

    Raises
    ------
    NothingToDrawError
        When all cities lie at one place.
    """
    east = (longitude - longitude[0] + 180.0) % 360.0 - 180.0 + longitude[0]
    lon, lat = (float(east.min() + east.max()) / 2, float(latitude.min() + latitude.max()) / 2)
    x = (east - lon) * KM_PER_DEGREE * np.cos(np.deg2rad(lat))
    y = (latitude - lat) * KM_PER_DEGREE
    if not np.isfinite(x).all() or max(np.ptp(x), np.ptp(y)) < 1.0:
        raise NothingToDrawError("all cities lie at one place")
    return np.column_stack([x, y]), (lon, lat)


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
        raise NothingToDrawError(f"the world cannot be loaded: {reason}") from error


def _year(results: Results, rows: Columns) -> int:
    last = int(rows["year"].max())
    official = results.raw(OFFICIAL)
    if official:
        known = official["year"][official["indicator"] == "rd_expenditure"]
        known = known[(known >= rows["year"].min()) & (known <= last)]
        last = int(known.max()) if len(known) else last
    return last
