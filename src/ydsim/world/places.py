"""Cities, their yearly panel, pairs and provinces of a world folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ydsim.noise import identity
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.wording import suggestion
from ydsim.world.csvfolder import Folder, Row, Sheet

EARTH_RADIUS_KM = 6371.0
MAX_FIRMS = 10_000_000
REGISTRATION = (0.9, 0.9, 2016.0)
_REGISTRATION_BOUNDS = {
    "registration_early": (0.0, 1.0),
    "registration_late": (0.0, 1.0),
    "registration_year": (1900.0, 2200.0),
}


@dataclass(frozen=True)
class Places:
    """The cities in order of their codes, the provinces in order of first appearance."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    names_local: tuple[str, ...]
    province: Ints
    provinces: tuple[str, ...]
    latitude: Floats
    longitude: Floats

    @property
    def index(self) -> dict[str, int]:
        """City index by code."""
        return {code: i for i, code in enumerate(self.codes)}

    @property
    def province_index(self) -> dict[str, int]:
        """Province index by name."""
        return {name: p for p, name in enumerate(self.provinces)}


class Panel(NamedTuple):
    """Yearly figures of the cities: years (Y,), then (C, Y) each; new vintages of value added."""

    years: Ints
    gdp: Floats
    secondary: Floats
    population: Floats
    breaks: Bools


class Region(NamedTuple):
    """Figures by province: firms, outside distance in km, institutes (P,), registration (P, 3)."""

    firms: Ints
    outside_km: Floats
    institutes: Ints
    registration: Floats


def text_keys(kind: str, texts: list[str]) -> Keys:
    """Return one identity for each text, from its SHA-256."""
    hashes = [
        int.from_bytes(hashlib.sha256(t.encode("utf-8")).digest()[:8], "little") for t in texts
    ]
    return identity(kind, np.array(hashes, dtype=np.uint64))


def read_cities(folder: Folder) -> Places:
    """Return the cities of ``cities.csv``."""
    sheet = folder.read("cities.csv", "admin_code", "name_en", "province_en", "lat", "lon")
    found: dict[str, tuple[str, str, str, float, float]] = {}
    names: set[str] = set()
    for row in sheet:
        code, name, province = (row.text(c) for c in ("admin_code", "name_en", "province_en"))
        lat = row.number("lat", low=-180.0, high=180.0)
        lon = row.number("lon", low=-180.0, high=180.0)
        if abs(lat) > 90.0:
            swapped = "; latitude and longitude look swapped" if abs(lon) <= 90.0 else ""
            row.fault("lat", f"{lat:g} is outside -90 to 90{swapped}")
        if code in found:
            row.fault("admin_code", f"city '{code}' appears twice")
        elif name in names:
            row.fault("name_en", f"city '{name}' appears twice")
        elif code:
            found[code] = (name, row.optional("name_zh") or name, province, lat, lon)
            names.add(name)
    codes = tuple(sorted(found))
    provinces = tuple(dict.fromkeys(found[code][2] for code in codes))
    if not sheet.broken and len(codes) < 2:
        sheet.fault(f"has {len(codes)} city; a world needs at least two cities")
    elif not sheet.broken and len(provinces) < 2:
        sheet.fault("has one province; a world needs at least two provinces")
    return Places(
        codes=codes,
        names=tuple(found[c][0] for c in codes),
        names_local=tuple(found[c][1] for c in codes),
        province=np.array([provinces.index(found[c][2]) for c in codes], dtype=np.int64),
        provinces=provinces,
        latitude=np.array([found[c][3] for c in codes], dtype=np.float64),
        longitude=np.array([found[c][4] for c in codes], dtype=np.float64),
    )


def read_panel(folder: Folder, places: Places) -> Panel:
    """Return GDP, secondary value added and population by city and year.

    Gaps between two known years are interpolated in logs; years outside stay NaN. A year whose
    ``value_added_vintage`` is not that of the city's row before begins a new vintage.
    """
    columns = ("gdp_100m_rmb", "value_added_secondary_100m_rmb", "population_10k")
    sheet = folder.read("cities_panel.csv", "admin_code", "year", *columns)
    values: dict[tuple[int, int], tuple[float, ...]] = {}
    vintage: dict[tuple[int, int], str] = {}
    index = places.index
    for row in sheet:
        city, year = (
            row.one_of("admin_code", index, "city code of cities.csv", "cities.csv"),
            row.year(),
        )
        figures = tuple(row.number(c, above=0.0, gap=True) for c in columns)
        vintage[city, year] = row.optional("value_added_vintage")
        if city < 0 or year < 0:
            continue
        if (city, year) in values:
            row.fault("year", f"{year} appears twice for city '{places.names[city]}'")
        values[city, year] = figures
    if not values:
        none = np.zeros((len(places.codes), 0))
        return Panel(np.zeros(0, np.int64), none, none, none, none.astype(np.bool_))
    first, last = min(y for _, y in values), max(y for _, y in values)
    cube = np.full((len(columns), len(places.codes), last - first + 1), np.nan)
    for (city, year), figures in values.items():
        cube[:, city, year - first] = figures
    if not sheet.broken:
        for k, city in np.argwhere(np.isnan(cube).all(axis=2)):
            sheet.fault(f"{columns[k]}: no figure for city '{places.names[city]}'")
    for block in cube:
        for line in block:
            fill_gaps(line)
    breaks = np.zeros(cube.shape[1:], dtype=np.bool_)
    for one, other in pairwise(sorted(values)):
        if one[0] == other[0]:
            breaks[other[0], other[1] - first] = vintage[one] != vintage[other]
    gdp, secondary, people = cube
    return Panel(np.arange(first, last + 1, dtype=np.int64), gdp, secondary, people, breaks)


def fill_gaps(line: Floats) -> None:
    """Interpolate the logarithm of a positive series inside its gaps, in place."""
    known = np.flatnonzero(~np.isnan(line))
    if len(known) < 2:
        return
    inner = np.arange(known[0], known[-1] + 1)
    gaps = inner[np.isnan(line[inner])]
    line[gaps] = np.exp(np.interp(gaps, known, np.log(line[known])))


def nearest(values: Floats, years: Ints, year: int) -> Floats:
    """Return of each row (n, Y) its known value nearest to a year, the earlier of two, (n,)."""
    away = np.where(np.isnan(values), np.inf, np.abs(years - year))
    found: Floats = values[np.arange(len(values)), np.argmin(away, axis=1)]
    return found


def great_circle_km(latitude: Floats, longitude: Floats) -> Floats:
    """Return great-circle distances between all points, shape (C, C), by the haversine formula."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    half = (
        np.sin((lat[:, None] - lat[None, :]) / 2.0) ** 2
        + np.cos(lat[:, None])
        * np.cos(lat[None, :])
        * np.sin((lon[:, None] - lon[None, :]) / 2.0) ** 2
    )
    km: Floats = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return km


def read_pairs(folder: Folder, places: Places) -> tuple[Floats, Bools]:
    """Return distances in km (C, C) and shared borders (C, C).

    Without ``city_pairs.csv`` distances are great circles and no cities share a border.
    """
    n = len(places.codes)
    if not (folder.root / "city_pairs.csv").exists():
        return great_circle_km(places.latitude, places.longitude), np.zeros((n, n), dtype=np.bool_)
    sheet = folder.read("city_pairs.csv", "code_a", "code_b", "great_circle_km", "shares_border")
    distance = np.full((n, n), np.nan)
    border = np.zeros((n, n), dtype=np.bool_)
    np.fill_diagonal(distance, 0.0)
    index = places.index
    for row in sheet:
        a, b = (
            row.one_of(c, index, "city code of cities.csv", "cities.csv")
            for c in ("code_a", "code_b")
        )
        km = row.number("great_circle_km", above=0.0)
        touch = row.integer("shares_border", high=1)
        if a < 0 or b < 0 or np.isnan(km):
            continue
        pair = f"{places.names[a]} - {places.names[b]}"
        if a == b:
            row.fault("code_b", f"{pair} pairs a city with itself")
        elif not np.isnan(distance[a, b]) and distance[a, b] != km:
            row.fault(
                "great_circle_km",
                f"{pair} has {km:g} here and {distance[a, b]:g} above: not symmetric",
            )
        elif not np.isnan(distance[a, b]):
            row.fault("code_b", f"pair {pair} appears twice")
        else:
            distance[a, b] = distance[b, a] = km
            border[a, b] = border[b, a] = touch == 1
    if not sheet.broken:
        for a, b in np.argwhere(np.triu(np.isnan(distance))):
            sheet.fault(f"pair {places.names[a]} - {places.names[b]} is missing")
    return distance, border


def read_region(folder: Folder, places: Places, listed: Ints | None = None) -> Region:
    """Return firms, outside distance, number of institutes and registration by province.

    ``listed`` are the cities of firms that are listed one by one: the column of firms then counts
    them or is absent.
    """
    counted = () if listed is not None else ("firms",)
    sheet = folder.read("region.csv", "province", *counted, "outside_distance_km", "institutes")
    rows: dict[int, tuple[int, float, int]] = {}
    registration = np.tile(np.array(REGISTRATION), (len(places.provinces), 1))
    bounds = _registration_columns(sheet)
    index = places.province_index
    for row in sheet:
        province = row.one_of("province", index, "province of cities.csv", "cities.csv")
        figures = (
            _firms(row, province, places, listed),
            row.number("outside_distance_km", above=0.0, high=20_040.0),
            row.integer("institutes", high=100_000),
        )
        shares = [row.number(name, low=low, high=high) for name, low, high in bounds]
        if province in rows:
            row.fault("province", f"'{places.provinces[province]}' appears twice")
        if province >= 0:
            rows[province] = figures
            registration[province, : len(shares)] = shares
    require_all(sheet, rows, places.provinces, "province")
    ordered = [rows.get(p, (-1, np.nan, -1)) for p in range(len(places.provinces))]
    return Region(
        np.array([r[0] for r in ordered], dtype=np.int64),
        np.array([r[1] for r in ordered], dtype=np.float64),
        np.array([r[2] for r in ordered], dtype=np.int64),
        registration,
    )


def _firms(row: Row, province: int, places: Places, listed: Ints | None) -> int:
    if listed is None:
        return row.integer("firms", low=1, high=MAX_FIRMS)
    number = int((places.province[listed] == province).sum())
    said = row.optional("firms")
    if said and row.integer("firms") not in (number, -1):
        row.fault("firms", f"{said} firms, but firms.csv lists {number}")
    return number


def _registration_columns(sheet: Sheet) -> list[tuple[str, float, float]]:
    """Return name and bounds of the columns on registration: all of them or none."""
    wanted = _REGISTRATION_BOUNDS
    spare = [name for name in sheet.columns if name not in wanted]
    absent = [name for name in wanted if name not in sheet.columns]
    if len(absent) == len(wanted) and not any(name.startswith("registration_") for name in spare):
        return []
    for name in absent:
        sheet.lose(f"column '{name}' is missing{suggestion(name, spare)}", 1)
    return [] if absent else [(name, *limits) for name, limits in wanted.items()]


def require_all(
    sheet: Sheet, rows: Mapping[int, object], names: tuple[str, ...], what: str
) -> None:
    """Note a fault for each of ``names`` that has no row."""
    if sheet.broken:
        return
    for i, name in enumerate(names):
        if i not in rows:
            sheet.fault(f"no row for {what} '{name}'")
