"""Tables of a world: cities, pairs, provinces, universities, listed firms, rail; official series.

**Hours of rail**, by year, are in ``rail_hours.csv``. A row holds the hours of the fastest way
between two cities on the last day of its year, without time to and from stations and without
waiting. A section that opens at the end of a year counts from the next:

    h_cd(y) = hours of the last recorded year before y; of the first one where there is none before

After the last recorded year its hours stay. A pair without hours in a record has none in the years
in which the record holds: the rule by distance stands in (`ydsim.processes.enact`).

**Payoffs** of opening and closing, which governments may read from a table, have one row a
replicate and cell: ``closed`` names the closed provinces, joined by ``+``, or says ``none``;
``replicate``; then a column for each province with its payoff, 100m_rmb a year.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

import numpy as np

from ydsim import fmt
from ydsim.errors import InputError
from ydsim.measures.game import cell_of
from ydsim.noise import identity
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.untrusted_input import OutsideFileError, one_line, read_bytes, reason
from ydsim.wording import suggestion
from ydsim.world.csvfolder import YEAR, Cells, Folder, Form, Names, Sheet
from ydsim.world.world import Series, World

EARTH_RADIUS_KM = 6371.0


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
    def by_code(self) -> Names:
        """Cities by their codes, as other files have them."""
        return Names.of(mark("city code of cities.csv"), self.codes, "cities.csv", self.names)

    @property
    def by_province(self) -> Names:
        """Provinces by name, as other files have them."""
        return Names.of(mark("province of cities.csv"), self.provinces, "cities.csv")

    def regions(self, nation: str) -> Names:
        """Provinces by name, the nation last."""
        what = _t("province of cities.csv and not '{nation}'").format(nation=nation)
        return Names.of(what, (*self.provinces, nation), "cities.csv")


class Panel(NamedTuple):
    """Yearly figures of the cities: years (Y,), then (C, Y) each; new vintages of value added."""

    years: Ints
    gdp: Floats
    secondary: Floats
    population: Floats
    breaks: Bools


class Region(NamedTuple):
    """Figures by province: firms, outside distance in km, institutes, (P,) each."""

    firms: Ints
    outside_km: Floats
    institutes: Ints


def text_keys(kind: str, texts: list[str]) -> Keys:
    """Return one identity for each text, from its SHA-256."""
    hashes = [
        int.from_bytes(hashlib.sha256(t.encode("utf-8")).digest()[:8], "little") for t in texts
    ]
    return identity(kind, np.array(hashes, dtype=np.uint64))


def read_cities(folder: Folder) -> Places:
    """Return the cities of ``cities.csv``."""
    sheet = folder.read("cities.csv")
    lat, lon = sheet["lat"], sheet["lon"]
    for row in np.flatnonzero(np.abs(lat) > 90.0).tolist():
        swapped = _t("; latitude and longitude look swapped") if abs(lon[row]) <= 90.0 else ""
        message = _t("{latitude:g} is outside -90 to 90{hint}")
        sheet.fault(message.format(latitude=lat[row], hint=swapped), row, "lat")
    sheet.once("admin_code", message=mark("city '{cell}' appears twice"))
    sheet.once("name_en", message=mark("city '{cell}' appears twice"))
    sheet.keep(sheet["admin_code"] != "")
    sheet.keep(np.argsort(sheet["admin_code"], kind="stable"))
    names, provinces = sheet["name_en"], tuple(dict.fromkeys(sheet["province_en"].tolist()))
    if not sheet.broken and len(sheet) < 2:
        sheet.fault(_t("has {n} city; a world needs at least two cities").format(n=len(sheet)))
    elif not sheet.broken and len(provinces) < 2:
        sheet.fault(_t("has one province; a world needs at least two provinces"))
    return Places(
        codes=tuple(sheet["admin_code"].tolist()),
        names=tuple(names.tolist()),
        names_local=tuple(np.where(sheet["name_zh"] == "", names, sheet["name_zh"]).tolist()),
        province=np.array([provinces.index(name) for name in sheet["province_en"]], np.int64),
        provinces=provinces,
        latitude=sheet["lat"],
        longitude=sheet["lon"],
    )


def read_panel(folder: Folder, places: Places) -> Panel:
    """Return GDP, secondary value added and population by city and year.

    Gaps between two known years are interpolated in logs; years outside stay NaN. A year whose
    ``value_added_vintage`` is not that of the city's row before begins a new vintage.
    """
    columns = ("gdp_100m_rmb", "value_added_secondary_100m_rmb", "population_10k")
    sheet = folder.read("cities_panel.csv", {"admin_code": places.by_code})
    sheet.once("admin_code", "year", message=mark("{year} appears twice for city '{admin_code}'"))
    if not len(sheet):
        none = np.zeros((len(places.codes), 0))
        return Panel(np.zeros(0, np.int64), none, none, none, none.astype(np.bool_))
    sheet.keep(np.lexsort((sheet["year"], sheet["admin_code"])))
    city, first = sheet["admin_code"], sheet["year"].min()
    years: Ints = np.arange(first, sheet["year"].max() + 1, dtype=np.int64)
    cube = np.full((len(columns), len(places.codes), len(years)), np.nan)
    cube[:, city, sheet["year"] - first] = [sheet[name] for name in columns]
    if not sheet.broken:
        for k, missing in np.argwhere(np.isnan(cube).all(axis=2)):
            message = _t("{column}: no figure for city '{name}'")
            sheet.fault(message.format(column=columns[k], name=places.names[missing]))
    for line in cube.reshape(-1, len(years)):
        fill_gaps(line)
    vintage = sheet["value_added_vintage"]
    breaks = np.zeros(cube.shape[1:], dtype=np.bool_)
    changed = (city[1:] == city[:-1]) & (vintage[1:] != vintage[:-1])
    breaks[city[1:], sheet["year"][1:] - first] = changed
    gdp, secondary, people = cube
    return Panel(years, gdp, secondary, people, breaks)


def fill_gaps(line: Floats) -> None:
    """Interpolate the logarithm of a positive series inside its gaps, in place."""
    known = np.flatnonzero(~np.isnan(line))
    if len(known) < 2:
        return
    inner = np.arange(known[0], known[-1] + 1)
    gaps = inner[np.isnan(line[inner])]
    line[gaps] = np.exp(np.interp(gaps, known, np.log(line[known])))


def level_ends(lines: Floats) -> Floats:
    """Return lines (n, Y) with the first known figure before it and the last one after it."""
    out = lines.copy()
    for line in out:
        known = np.flatnonzero(~np.isnan(line))
        if len(known):
            line[: known[0]], line[known[-1] + 1 :] = line[known[0]], line[known[-1]]
    return out


def nearest(values: Floats, years: Ints, year: int) -> Floats:
    """Return of each row (n, Y) its known value nearest to a year, the earlier of two, (n,)."""
    away = np.where(np.isnan(values), np.inf, np.abs(years - year))
    return values[np.arange(len(values)), np.argmin(away, axis=1)]


def great_circle_km(latitude: Floats, longitude: Floats) -> Floats:
    """Return great-circle distances between all points, shape (C, C), by the haversine formula."""
    lat, lon = np.radians(latitude), np.radians(longitude)
    half = (
        np.sin((lat[:, None] - lat[None, :]) / 2.0) ** 2
        + np.cos(lat[:, None])
        * np.cos(lat[None, :])
        * np.sin((lon[:, None] - lon[None, :]) / 2.0) ** 2
    )
    return 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))


def read_distances(folder: Folder, places: Places) -> Floats:
    """Return distances in km (C, C): without ``city_pairs.csv`` great circles."""
    if not folder.has("city_pairs.csv"):
        return great_circle_km(places.latitude, places.longitude)
    ends = ("code_a", "code_b")
    sheet = folder.read("city_pairs.csv", dict.fromkeys(ends, places.by_code))
    distance: Floats = by_pair(sheet, places, ends, "great_circle_km")[0]
    if not sheet.broken:
        for one, other in np.argwhere(np.triu(np.isnan(distance))):
            message = _t("pair {one} - {other} is missing")
            sheet.fault(message.format(one=places.names[one], other=places.names[other]))
    return distance


def by_pair(sheet: Sheet, places: Places, ends: tuple[str, str], value: str) -> Floats:
    """Return the values of pairs of cities by year, (Y, C, C), symmetric, zero on the diagonal.

    Years are those of the file, one where it has none; NaN for pairs that a year lacks.
    """
    sheet.keep(~np.isnan(sheet[value]))
    n, dated = len(places.codes), "year" in sheet.header
    year = sheet["year"] if dated else np.zeros(len(sheet), np.int64)
    known, at = np.unique(year, return_inverse=True)
    cube = np.full((len(known) if dated else 1, n, n), np.nan)
    cube[:, np.arange(n), np.arange(n)] = 0.0
    columns = (at, *(sheet[name] for name in (*ends, value)))
    for row, (t, a, b, x) in enumerate(zip(*(each.tolist() for each in columns), strict=True)):
        above = cube[t, a, b]
        if np.isnan(above):
            cube[t, a, b] = cube[t, b, a] = x
            continue
        when = _t(" in {year}").format(year=known[t]) if dated else ""
        facts = {"one": places.names[a], "other": places.names[b], "when": when}
        if a == b:
            message = _t("{one} - {other} pairs a city with itself")
            sheet.fault(message.format(**facts), row, ends[1])
        elif above == x:
            message = _t("pair {one} - {other} appears twice{when}")
            sheet.fault(message.format(**facts), row, ends[1])
        else:
            message = _t(
                "{one} - {other} has {here:g} here and {above:g} above{when}: not symmetric"
            )
            sheet.fault(message.format(here=x, above=above, **facts), row, value)
    return cube


def read_region(folder: Folder, places: Places, listed: Ints | None = None) -> Region:
    """Return firms, outside distance and number of institutes by province.

    ``listed`` are the cities of firms that are listed one by one: the column of firms then counts
    them or is absent.
    """
    counted = {} if listed is None else {"firms": Cells("whole", needed=False, empty=True)}
    sheet = folder.read("region.csv", {"province": places.by_province, **counted})
    sheet.once("province")
    sheet.require("province")
    sheet.keep(np.argsort(sheet["province"], kind="stable"))
    firms = sheet["firms"]
    if listed is not None:
        number = np.bincount(places.province[listed], minlength=len(places.provinces))
        for row, (stated, listed_here) in enumerate(
            zip(firms, number[sheet["province"]], strict=True)
        ):
            if stated not in (listed_here, -1):
                line = _t("{n} firms, but firms.csv lists {listed}")
                sheet.fault(line.format(n=stated, listed=listed_here), row, "firms")
        firms = number
    return Region(firms, sheet["outside_distance_km"], sheet["institutes"])


_LEVELS = Names.of(
    mark("level (undergraduate, vocational)"), ("vocational", "junior_college", "undergraduate")
)


class Universities(NamedTuple):
    """The universities in the order of their cities."""

    names: tuple[str, ...]
    city: Ints
    level: tuple[str, ...]
    first_class: Bools
    keys: Keys

    @property
    def degree(self) -> Bools:
        """Which are undergraduate institutions, (U,)."""
        return np.array([level == "undergraduate" for level in self.level], dtype=np.bool_)

    def undergraduate_of(self, places: Places) -> Floats:
        """Return the number of undergraduate institutions of each province, (P,)."""
        own = places.province[self.city[self.degree]]
        return np.bincount(own, minlength=len(places.provinces)).astype(np.float64)


def read_universities(folder: Folder, places: Places) -> Universities:
    """Return the universities, sorted by city and then in the order of the file."""
    header, _ = folder.peek("universities.csv")
    local = "name_zh" in header and "name" not in header
    called = "name_zh" if local else "name"
    absent: dict[str, Form] = {"name": Cells(needed=False, empty=True)} if local else {}
    sheet = folder.read(
        "universities.csv",
        absent | {called: Cells(), "admin_code": places.by_code, "level": _LEVELS},
    )
    sheet.once("admin_code", called, message=mark("'{cell}' appears twice in its city"))
    sheet.keep(np.argsort(sheet["admin_code"], kind="stable"))
    names, city = sheet[called].tolist(), sheet["admin_code"]
    undergraduate = (sheet["level"] == _LEVELS.known["undergraduate"]).tolist()
    return Universities(
        tuple(names),
        city,
        tuple("undergraduate" if degree else "vocational" for degree in undergraduate),
        sheet["double_first_class_2022"] == 1,
        text_keys(
            "university", [f"{places.codes[c]}/{n}" for c, n in zip(city, names, strict=True)]
        ),
    )


def place_institutes(
    places: Places, counts: Ints, universities: Universities
) -> tuple[Ints, Floats, Keys]:
    """Place the institutes of each province in its cities; return city, weight and keys of each.

    A city's claim is its undergraduate universities + 3 x its double-first-class universities;
    whole numbers by largest remainder (ties to the lower code), all to the first city of a province
    without any. The k-th institute of a city has relative size (k + 1)^-1/2, scaled to mean one in
    the province (assumed). All are in the order of the cities.
    """
    claim = np.zeros(len(places.codes))
    np.add.at(claim, universities.city[universities.degree], 1.0)
    np.add.at(claim, universities.city[universities.first_class], 3.0)
    cities: list[int] = []
    ordinals: list[int] = []
    for p, count in enumerate(counts):
        own = np.flatnonzero(places.province == p)
        part = claim[own] if claim[own].sum() > 0.0 else np.eye(1, len(own))[0]
        for city, number in zip(own, largest_remainder(part, int(count)), strict=True):
            cities += [int(city)] * int(number)
            ordinals += range(int(number))
    order = np.argsort(np.array(cities, dtype=np.int64), kind="stable")
    site = np.array(cities, dtype=np.int64)[order]
    ordinal = np.array(ordinals, dtype=np.int64)[order]
    weight = 1.0 / np.sqrt(ordinal + 1.0)
    for p in range(len(counts)):
        own = places.province[site] == p
        weight[own] /= weight[own].mean() if own.any() else 1.0
    keys = identity("institute", text_keys("city", list(places.codes))[site], ordinal)
    return site, weight, keys


def largest_remainder(claim: Floats, total: int) -> Ints:
    """Return whole numbers in proportion to ``claim`` that sum to ``total``."""
    exact = total * claim / claim.sum()
    whole: Ints = np.floor(exact).astype(np.int64)
    rest = np.argsort(-(exact - whole), kind="stable")[: total - int(whole.sum())]
    whole[rest] += 1
    return whole


_KNOWLEDGE = "knowledge "


@dataclass(frozen=True)
class ListedFirms:
    """All firms of a world, N of them, as they are when a run begins its burn-in."""

    names: tuple[str, ...]
    keys: Keys  # shape (N,), identity for draws, a hash of the name
    # Shape (N,), indices.
    city: Ints
    industry: Ints
    size: Floats  # shape (N,), value added relative to the other firms of the province
    productivity: Floats  # shape (N,), A relative to the mean firm of the nation; it lasts
    knowledge: Floats  # shape (N, F), log scale; differences between organisations count

    def profile(self, city_province: Ints, n_provinces: int, n_industries: int) -> Floats:
        """Return the share of each industry in a province's value added, (P, J)."""
        cell = city_province[self.city] * n_industries + self.industry
        total = np.bincount(cell, weights=self.size, minlength=n_provinces * n_industries)
        by_province = total.reshape(n_provinces, n_industries)
        return by_province / by_province.sum(axis=1, keepdims=True)


def read_firms(
    folder: Folder, places: Places, industries: Names, fields: Sequence[str]
) -> ListedFirms | None:
    """Return the firms of ``firms.csv`` in the order of the file, None without that file."""
    if not folder.has("firms.csv"):
        return None
    sheet = folder.read(
        "firms.csv", {"admin_code": places.by_code, "industry": industries}, each=fields
    )
    _check_columns(sheet)
    sheet.once("name")
    if not sheet.broken:
        for p, province in enumerate(places.provinces):
            if not (places.province[sheet["admin_code"]] == p).any():
                sheet.fault(_t("lists no firm in province '{province}'").format(province=province))
        for name, j in industries.known.items():
            if not (sheet["industry"] == j).any():
                sheet.fault(_t("lists no firm of the industry '{industry}'").format(industry=name))
    for name in ("profiles.csv", "clusters.csv"):
        if folder.has(name):
            message = _t("has no use beside firms.csv, which says it all; take it out")
            folder.fault(name, message)
    knowledge = np.array([sheet[f"{_KNOWLEDGE}{field}"] for field in fields]).T
    return ListedFirms(
        names=tuple(sheet["name"].tolist()),
        keys=text_keys("firm", sheet["name"].tolist()),
        city=sheet["admin_code"],
        industry=sheet["industry"],
        size=sheet["size"],
        productivity=np.nan_to_num(sheet["productivity"], nan=1.0),
        knowledge=np.nan_to_num(knowledge.reshape(len(sheet), len(fields))),
    )


def _check_columns(sheet: Sheet) -> None:
    """Note columns that are almost those that may be absent."""
    optional = [n for n, form in sheet.forms.items() if isinstance(form, Cells) and not form.needed]
    for column in sheet.header:
        hint = suggestion(column, optional)
        if column not in sheet.forms and (hint or column.startswith(_KNOWLEDGE)):
            message = _t("column '{name}' is none of a list of firms{hint}")
            sheet.lose(message.format(name=column, hint=hint), 1)


RAIL_HOURS = "rail_hours.csv"
RAIL_OPENINGS = "rail_openings.csv"


def read_rail_hours(folder: Folder, places: Places) -> tuple[Ints, Floats] | tuple[None, None]:
    """Return the recorded years (Y,) and hours (Y, C, C), NaN for pairs that a year lacks.

    Hours are symmetric, and zero from a city to itself. None twice where there is no file.
    """
    if not folder.has(RAIL_HOURS):
        return None, None
    ends = ("city_i", "city_j")
    names = Names.of(mark("city name of cities.csv"), places.names, "cities.csv")
    sheet = folder.read(RAIL_HOURS, dict.fromkeys(ends, names))
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


# -- official series of provinces, known city R&D, single observations for calibration -------------

_INPUT_NAMES = ("gdp", "gdp_alt")
_INPUT_PREFIXES = (
    "population",
    "value_added_",
    "public_budget_",
    "heis_",
    "double_first_class_",
    "bank_",
)
_REQUIRED = (
    "gdp_alt",
    "rd_expenditure",
    "rd_personnel_fte",
    "rd_funds_enterprise",
    "rd_funds_government",
    "public_budget_science_technology",
)
_REQUIRED_NATION = ("rd_expenditure", "rd_intensity")
_DIVISORS = ("gdp", "gdp_alt", "rd_intensity", "rd_personnel_fte")
_SMALLEST: Final = 1e-6
"""Indicators that others are divided by, and what they may be at least."""
FIRMS: Final = "hitech_industry_firms"
FIRMS_FROM: Final = 2011
"""From this year on statistics count industrial firms of 20 million yuan of sales, not of 5."""
FASTEST: Final = float(np.log(2.0))
"""Fastest growth and decline of the number of firms, 1/year (assumed)."""
_OBSERVATIONS = {
    "targets.csv": ("target", "value"),
    "collab.csv": ("indicator", "value"),
    "collab_index.csv": ("dimension", "index_2011_100"),
    "diffusion.csv": ("indicator", "value"),
}


@dataclass(frozen=True)
class Observation:
    """One published figure that a simulation can be held against."""

    # Where it is, what it is (``region`` is empty where the file has none), and its value.
    file: str
    name: str
    region: str
    year: int
    value: float
    unit: str
    note: str  # remarks of the file, with the edition where there are several


def kind_of(indicator: str) -> Literal["input", "outcome"]:
    """Tell inputs, which drive a simulation, from outcomes, which it must not look up."""
    drives = indicator in _INPUT_NAMES or indicator.startswith(_INPUT_PREFIXES)
    return "input" if drives else "outcome"


def with_city_sums(series: dict[str, Series], places: Places, panel: Panel) -> dict[str, Series]:
    """Return the series with secondary value added of provinces in all years of their cities.

    In other years than those with a figure of its own a province has the growth of the sum of its
    cities, and this sum itself where it has no figure at all.
    """
    name = "value_added_secondary"
    official = series.get(name)
    if not len(panel.years):
        return series
    ends = [panel.years[0], panel.years[-1], *(() if official is None else official.years)]
    years = np.arange(min(ends), max(ends) + 1, dtype=np.int64)
    first = int(years[0])
    values = np.full((len(places.provinces) + 1, len(years)), np.nan)
    if official is not None:
        values[:, official.years - first] = official.values
    for p, line in enumerate(values[:-1]):
        cities = np.full(len(years), np.nan)
        cities[panel.years - first] = panel.secondary[places.province == p].sum(axis=0)
        ratio = np.full(len(years), np.nan)
        np.divide(line, cities, out=ratio, where=(line > 0.0) & (cities > 0.0))
        fill_gaps(ratio)
        scaled = cities * (1.0 if np.isnan(ratio).all() else level_ends(ratio[None, :])[0])
        line[:] = np.where(np.isnan(line), scaled, line)
    return dict(sorted((series | {name: Series(years, values, "100m_rmb", "input")}).items()))


def read_series(folder: Folder, places: Places, until: int, nation: str) -> dict[str, Series]:
    """Return the official series by indicator, outcomes cut after ``until``.

    A series of which nothing is left is absent.
    """
    of = (*places.provinces, nation)
    sheet = folder.read("provinces.csv", {"region": places.regions(nation)})
    sheet.once(
        "indicator",
        "region",
        "year",
        message=mark("'{indicator}' of {region} in {year} appears twice"),
    )
    region, year, indicator = (sheet[name] for name in ("region", "year", "indicator"))
    units: dict[str, str] = {}
    for row, (name, unit) in enumerate(zip(indicator, sheet["unit"], strict=True)):
        if units.setdefault(name, unit) != unit:
            message = _t("'{unit}' differs from '{other}' above for '{indicator}'")
            facts = {"unit": unit, "other": units[name], "indicator": name}
            sheet.fault(message.format(**facts), row, "unit")
    if not sheet.broken:
        there = set(zip(indicator, region, strict=True))
        needed = [(name, p) for name in _REQUIRED for p in range(len(places.provinces))]
        for name, p in [*needed, *((name, len(places.provinces)) for name in _REQUIRED_NATION)]:
            if (name, p) not in there:
                near = suggestion(name, [other for other in units if other not in _REQUIRED])
                message = _t("no row for indicator '{indicator}' of {region}{hint}")
                sheet.fault(message.format(indicator=name, region=of[p], hint=near))
    small = np.isin(indicator, _DIVISORS) & (sheet["value"] < _SMALLEST)
    for row in np.flatnonzero(small).tolist():
        message = _t("{text} must be at least {low:g}")
        sheet.fault(message.format(text=f"{sheet['value'][row]:g}", low=_SMALLEST), row, "value")
    built = {}
    for name in sorted(units):
        kind = kind_of(name)
        rows = np.flatnonzero((indicator == name) & ((year <= until) | (kind == "input")))
        if len(rows):
            first, last = year[rows].min(), year[rows].max()
            values = np.full((len(of), last - first + 1), np.nan)
            values[region[rows], year[rows] - first] = sheet["value"][rows]
            years = np.arange(first, last + 1, dtype=np.int64)
            built[name] = Series(years, values, units[name], kind)
    if FIRMS in built:
        _check_counts(sheet, built[FIRMS], of)
    return built


def _check_counts(sheet: Sheet, counts: Series, of: Sequence[str]) -> None:
    """Note numbers of firms that would more than double or halve in a year: a wrong digit."""
    since = counts.years >= FIRMS_FROM
    for name, line in zip(of, counts.values[:, since], strict=True):
        known = line > 0.0
        log, year = np.log(line[known]), counts.years[since][known]
        rate = np.abs(np.diff(log)) / np.diff(year)
        if (rate > FASTEST).any():
            k = int(np.argmax(rate))
            message = _t(
                "value: '{indicator}' makes firms of {region} change by a factor of {factor} a "
                "year from {first} to {last}, and .5 to 2 is allowed"
            )
            factor = fmt.number(float(np.exp(min(rate[k], 100.0))))
            facts = {"region": name, "factor": factor, "first": year[k], "last": year[k + 1]}
            sheet.fault(message.format(indicator=FIRMS, **facts))


def read_city_rd(
    folder: Folder, places: Places, panel: Panel, until: int
) -> tuple[tuple[int, int, float], ...]:
    """Return known city R&D as (city, year, 100m_rmb), sorted; empty without the file.

    Where only the intensity is published, R&D is intensity times the city's GDP.
    """
    sheet = folder.read("cities_innovation.csv", {"admin_code": places.by_code}, optional=True)
    spent: dict[tuple[int, int], float] = {}
    intensity: dict[tuple[int, int], float] = {}
    columns = (sheet[name].tolist() for name in ("admin_code", "year", "indicator", "value"))
    for city, year, name, value in zip(*columns, strict=True):
        if year > until:
            continue
        if name == "rd_expenditure":
            spent[city, year] = value
        elif name == "rd_intensity" and year in panel.years:
            intensity[city, year] = value / 100.0 * panel.gdp[city, year - int(panel.years[0])]
    return tuple((c, y, float(v)) for (c, y), v in sorted({**intensity, **spent}.items()))


def read_observations(folder: Folder, until: int) -> tuple[Observation, ...]:
    """Return the figures of the optional calibration files up to ``until``."""
    observations = []
    names = ("region", "scope", "unit", "edition", "note")
    words = dict.fromkeys(names, Cells(needed=False, empty=True))
    for name, (label, value) in _OBSERVATIONS.items():
        forms = {"year": YEAR, label: Cells(), value: Cells("number"), **words}
        sheet = folder.read(name, forms, optional=True)
        columns = (sheet[column].tolist() for column in forms)
        for year, text, number, region, scope, unit, edition, note in zip(*columns, strict=True):
            if year <= until:
                unit = unit or ("index" if name == "collab_index.csv" else "")
                remarks = "; ".join(filter(None, (edition, note)))
                observations.append(
                    Observation(name, text, region or scope, year, number, unit, remarks)
                )
    return tuple(observations)


# -- payoffs of opening and closing ----------------------------------------------------------------

NONE = "none"
_LARGEST = 50_000_000


def read_payoffs(path: str | Path, provinces: Sequence[str]) -> Floats:
    """Return the mean payoffs over replicates, (cells, provinces), in the order of ``provinces``.

    `InputError` when the file is not there, or is no such table of exactly these provinces.
    """
    cells, values = _rows(path, provinces)
    total, count = np.zeros((2 ** len(provinces), len(provinces))), np.bincount(cells)
    np.add.at(total, cells, values)
    return total / count[:, None]


def _rows(path: str | Path, provinces: Sequence[str]) -> tuple[Ints, Floats]:
    """Return cell and payoffs of every row."""
    shown = one_line(str(path))
    try:
        text = read_bytes(path, _LARGEST, mark("table of payoffs")).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    except (OutsideFileError, OSError, UnicodeDecodeError, csv.Error) as error:
        message = reason(error) if isinstance(error, OSError) else str(error)
        line = _t("{file}: cannot be read as a table of payoffs: {why}")
        raise InputError(line.format(file=shown, why=message)) from None
    n = len(provinces)
    if not rows or set(rows[0]) != {"closed", "replicate", *provinces}:
        message = _t(
            "{file}: expected the columns closed, replicate, {provinces}, as `ydsim study "
            "border-game` writes them"
        )
        raise InputError(message.format(file=shown, provinces=", ".join(provinces)))
    found = []
    for number, row in enumerate(rows, start=2):
        names = [] if row["closed"] == NONE else str(row["closed"]).split("+")
        if not set(names) <= set(provinces):
            message = _t("{file}:{line}: {names!r} are not names of provinces")
            raise InputError(message.format(file=shown, line=number, names=row["closed"]))
        cell = cell_of(np.array([name in names for name in provinces]))
        try:
            values = np.array([float(row[name]) for name in provinces])
        except (TypeError, ValueError):
            values = np.full(n, np.nan)
        if not np.isfinite(values).all():
            message = _t("{file}:{line}: every province needs a number")
            raise InputError(message.format(file=shown, line=number))
        found.append((cell, values))
    cells, payoffs = zip(*found, strict=True)
    missing = 2**n - len(set(cells))
    if missing:
        message = _t("{file}: {n} of {all} cells have no row")
        raise InputError(message.format(file=shown, n=missing, all=2**n))
    return np.array(cells), np.array(payoffs)
