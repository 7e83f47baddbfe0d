"""World folders: a new one, made up or copied from a packaged one; what one holds; its outlines.

Outlines of provinces, coasts, rivers and lakes are for pictures only: a folder may hold a file
``outline.geojson`` (GeoJSON, RFC 7946), a collection of features with polygons or lines in degrees,
each with the properties ``kind`` (province, coast, river or lake) and ``name``. The model never
reads it, so that it does not belong to the content of a world.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ydsim import arguments
from ydsim.errors import InputError, ResourceError, UsageError
from ydsim.fmt import counted, number, percent
from ydsim.packaged import templates
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats
from ydsim.untrusted_input import OutsideFileError, one_line, read_bytes, reason
from ydsim.wording import comparable, suggestion
from ydsim.world import nation
from ydsim.world.base_run import FILE as FIT
from ydsim.world.base_run import stale_fit
from ydsim.world.csvfolder import FILES, OTHER_FILES, Folder
from ydsim.world.inputs import extend_inputs
from ydsim.world.loader import (
    FILE,
    FIRST_YEAR,
    NATION,
    PACKAGED,
    PLAIN_TOTAL,
    RESERVED,
    load_folder,
)
from ydsim.world.priors import as_csv
from ydsim.world.tables import great_circle_km, hours_missing
from ydsim.world.world import World

SOURCES = (*PACKAGED, nation.NATIONAL)
PROVINCES = ("North", "South")
MOST_CITIES = 200
MOST_PROVINCES = 40
_DATA = Path(__file__).parent / "data"
_YEARS = (2010, 2015, 2020)
_GROWTH = 0.08
_GDP = 3000.0
_SECONDARY = 0.45
_RESIDENTS = 400.0
_PLACE = ("province_en", "province", "region")
_CITY = ("admin_code", "code_a", "code_b", "city_i", "city_j")


def new_world(
    folder: str | Path, source: str = "synthetic", provinces: Sequence[str] = (), cities: int = 3
) -> tuple[str, ...]:
    """Write a folder that holds a world and a scenario, and return the names of its files.

    The folder is made; it may be there if it is empty. ``source`` is ``"synthetic"``, a made-up
    region, ``"national"``, provinces of China with their figures (`ydsim.world.nation`), or one of
    the packaged worlds, to be copied; ``provinces`` at least two, names of the made-up ones (North
    and South unless given) or which of China or of a copy to keep (all), ``cities`` the number in
    each made-up province, 1-200. `UsageError` when an argument is none of these,
    `InputError` when there is something in the folder.
    """
    if source not in SOURCES:
        raise UsageError(f"no world {source!r} to begin with{suggestion(source, SOURCES)}")
    names = tuple(provinces)
    _check_provinces(names)
    if source == nation.NATIONAL and not names:
        raise UsageError("name the provinces, as in --provinces Sichuan,Chongqing")
    root = Path(folder)
    _refuse_taken(root)
    if source == nation.NATIONAL:
        texts = nation.texts(names)
    elif source == "synthetic":
        texts = _made_up(names or PROVINCES, cities)
    else:
        texts = _copy(source, names)
    texts[FILE] = _description(root.absolute().name)
    present = (*texts, *(name for name in FILES if source == "synthetic" and name in _FULL))
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", root.absolute().name).strip("-.")[:60] or "region"
    texts |= _pages(source=source, name=name, present=present, files=FILES, other_files=OTHER_FILES)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(f"cannot make {one_line(str(root))}: {reason(error)}") from error
    for name, text in texts.items():
        _write(root, name, text)
    filled = Folder(root)
    load_folder(filled, 2020)
    for name, text in filled.supplied.items():
        _write(root, name, text)
        texts[name] = text
    return tuple(sorted(texts))


_FULL = ("provinces.csv", "region.csv", "fields.csv", "industries.csv", "relevance.csv",
         "profiles.csv")  # fmt: skip


def _pages(**facts: object) -> dict[str, str]:
    """Return the page that explains a folder and its scenarios, by name of the file."""
    pages = templates("ydsim", "world/new")
    names = ("README.md", "scenario.yaml", "grants.yaml")
    return {name: pages.get_template(f"{name}.j2").render(facts) for name in names}


def _check_provinces(names: Sequence[str]) -> None:
    if names and not all(name.strip() and name.isprintable() for name in names):
        raise UsageError("a province has no name, or one that cannot be printed")
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"province {name!r} is named twice")
        if name in (NATION, PLAIN_TOTAL, *RESERVED):
            message = f"{NATION} is the nation around, {PLAIN_TOTAL} the total"
            kept = f"{' and '.join(RESERVED)} are names of tables"
            raise UsageError(f"province {name!r}: {message}; {kept}")
    if len(names) == 1:
        raise UsageError(
            "a world needs at least two provinces: a run is about what crosses borders"
        )
    if len(names) > MOST_PROVINCES:
        raise UsageError(f"{len(names)} provinces; a new world has at most {MOST_PROVINCES}")


def _refuse_taken(root: Path) -> None:
    shown = one_line(str(root))
    if root.is_symlink():
        raise InputError(f"{shown}: is a link; name the folder itself")
    if root.is_dir() and any(root.iterdir()):
        raise InputError(f"{shown}: is not empty; nothing is overwritten, name a new folder")
    if root.exists() and not root.is_dir():
        raise InputError(f"{shown}: is a file; name a new folder")


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise ResourceError(f"cannot write {one_line(str(path))}: {reason(error)}") from error


def _made_up(provinces: Sequence[str], cities: int) -> dict[str, str]:
    """Return cities, their figures and universities of a made-up region."""
    if not 1 <= cities <= MOST_CITIES:
        raise UsageError(f"{cities} cities a province; a new world has 1 to {MOST_CITIES}")
    seats = [["admin_code", "name_en", "name_zh", "province_en", "lat", "lon", "source"]]
    panel = [["admin_code", "year", "gdp_100m_rmb", "value_added_secondary_100m_rmb",
              "population_10k", "source"]]  # fmt: skip
    schools = [["name", "admin_code", "level", "double_first_class_2022", "source"]]
    around = max(1.0, 0.9 * len(provinces) / math.pi)
    for p, province in enumerate(provinces):
        turn = 2.0 * math.pi * (p / len(provinces) + 0.25)
        for c in range(cities):
            code, name = f"{p + 1:02d}{c + 1:03d}", f"{province} {c + 1}"
            angle = turn + 2.0 * math.pi * c / cities
            away = 0.0 if c == 0 else 0.6
            lat = 31.0 + around * math.sin(turn) + away * math.sin(angle)
            lon = 119.0 + around * math.cos(turn) + away * math.cos(angle)
            seats.append([code, name, "", province, f"{lat:.4f}", f"{lon:.4f}", "made up"])
            size = 1.0 / (c + 1)
            for year in _YEARS:
                gdp = _GDP * size * (1.0 + _GROWTH) ** (year - _YEARS[0])
                people = _RESIDENTS * size
                panel.append([code, str(year), f"{gdp:.1f}", f"{_SECONDARY * gdp:.1f}",
                              f"{people:.1f}", "made up"])  # fmt: skip
            number = max(round(_RESIDENTS * size / 100.0), 1)
            for k in range(number):
                level = "undergraduate" if k < number - 1 or number == 1 else "vocational"
                first = "1" if k == 0 and c == 0 else "0"
                schools.append([f"{name} University {k + 1}", code, level, first, "made up"])
    return {
        "cities.csv": as_csv(seats),
        "cities_panel.csv": as_csv(panel),
        "universities.csv": as_csv(schools),
    }


def _copy(source: str, provinces: Sequence[str]) -> dict[str, str]:
    """Return the files of a packaged world, cut down to some of its provinces."""
    root = _DATA / source
    places = _rows(root / "cities.csv")
    known = list(dict.fromkeys(row["province_en"] for row in places))
    for name in provinces:
        if name not in known:
            message = suggestion(name, known) or f"; provinces are {', '.join(known)}"
            raise UsageError(f"no province {name!r} in the world {source}{message}")
    kept = set(provinces or known)
    mine = [row for row in places if row["province_en"] in kept]
    cities = {row[column] for row in mine for column in ("admin_code", "name_en")}
    texts = {}
    for path in sorted(root.glob("*.csv")):
        if path.name not in FILES and path.name not in OTHER_FILES:
            continue  # figures of the delta as a whole
        rows = _rows(path)
        left = [row for row in rows if _is_kept(row, kept, cities)]
        if left or path.name in FILES:
            texts[path.name] = as_csv([list(rows[0]), *(list(row.values()) for row in left)])
    if (root / OUTLINE).is_file():
        texts[OUTLINE] = _outline(root / OUTLINE, kept)
    return texts


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def _is_kept(row: dict[str, str], provinces: set[str], cities: set[str]) -> bool:
    places = provinces | {NATION}
    inside = all(row[column] in places for column in _PLACE if column in row)
    return inside and all(row[column] in cities for column in _CITY if column in row)


def _outline(path: Path, provinces: set[str]) -> str:
    content = json.loads(path.read_text(encoding="utf-8"))
    content["features"] = [
        each
        for each in content["features"]
        if each["properties"]["kind"] != "province" or each["properties"]["name"] in provinces
    ]
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


def _description(name: str) -> str:
    total = "".join(char for char in name if char.isprintable())[:40].strip() or "region"
    rows = [
        ["key", "value", "note"],
        ["label", total, "name of the region in sentences"],
        ["total", "region", "name of the whole region in tables and figures"],
        ["nation", NATION, "what is around the region, as provinces.csv has it"],
    ]
    return as_csv(rows)


# -- what a folder holds --------------------------------------------------------------------------

_APART_KM = 3000.0
_GAP = 0.1
_SHOWN = 5
_RD_GAP = 0.05
_MOST_RESIDENTS = 3500.0
"""10k persons: no city of a province has more."""


@dataclass(frozen=True)
class Report:
    """What was found."""

    # One line for each fault, with file, line and column; empty where the world can be run.
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what looks wrong and may be right
    # What the world has, by name; empty where it cannot be read.
    holds: dict[str, Any] = field(default_factory=dict)
    # What stands in for figures that it lacks, by file.
    priors: dict[str, str] = field(default_factory=dict)


def check_folder(root: str | Path) -> Report:
    """Return everything that can be said of a world folder; nothing is run or written.

    `InputError` when it cannot be listed.
    """
    folder = Folder(Path(root))
    try:
        world = load_folder(folder, 2020)
        start = max(FIRST_YEAR, int(world.years[0]))
        file = folder.root / "cities_panel.csv"
        late = tuple(f"{file}: {line}" for line in _late(world, start))
        if late:
            return Report(problems=late)
        extend_inputs(world, start, start)
    except InputError as error:
        return Report(problems=tuple(error.problems))
    links = [name for name in FILES if (folder.root / name).is_symlink()]
    notes = [*(f"{name}: is a link; what it leads to is read" for name in links), *_notes(world)]
    return Report((), tuple(notes), _holds(world), dict(sorted(_priors(world, folder))))


def _holds(world: World) -> dict[str, Any]:
    return {
        "label": world.label,
        "total": world.total,
        "provinces": list(world.provinces),
        "cities": world.n_cities,
        "first year": int(world.years[0]),
        "last year": int(world.years[-1]),
        "fields": len(world.fields),
        "industries": len(world.industries),
        "universities": len(world.university_names),
        "institutes": len(world.institute_city),
        "firms": int(world.firms.sum()),
        "firms listed by name": world.listed is not None,
        "official series": len(world.series),
        "fit": _fit(world),
        "content": world.digest,
    }


def _fit(world: World) -> str:
    if world.base_run is None:
        return "none; `ydsim world fit` makes one"
    if world.stale:
        return "stale: of other tables, not used"
    made = world.base_run.made
    if made is None:
        return "there, and does not say where it is from"
    years = f"{made.first_year}-{made.last_year}"
    if made.last_year <= made.first_year:
        years = f"{made.last_year}" if made.last_year == made.first_year else "no year"
    return (
        f"{years}, {counted(made.replicates, 'replicate')} of {made.scenario}, ydsim {made.ydsim}"
    )


def _priors(world: World, folder: Folder) -> Iterator[tuple[str, str]]:
    yield from folder.stood_in.items()
    if not folder.has("city_pairs.csv"):
        yield "city_pairs.csv", "great circles"
    if missing := hours_missing(world):
        yield "rail_hours.csv", missing
    elif world.rail_hours is None:
        yield "rail_hours.csv", "by distance at 160 km/h"
    if world.listed is None and not folder.has("clusters.csv"):
        yield "clusters.csv", "the mix of a city is that of its province"


def _late(world: World, start: int) -> Iterator[str]:
    """Yield what of a city begins after the first year of a run."""
    columns = {
        "gdp_100m_rmb": world.city_gdp,
        "value_added_secondary_100m_rmb": world.city_secondary,
    }
    for name, values in columns.items():
        first = world.years[np.argmax(~np.isnan(values), axis=1)]
        for city in np.flatnonzero(first > start)[:_SHOWN].tolist():
            message = _t(
                "{column} of city '{city}' begins in {first}; a run that begins in {start} needs "
                "that year or one before"
            )
            facts = {"city": world.city_names[city], "first": first[city], "start": start}
            yield message.format(column=name, **facts)


def _research(world: World) -> Iterator[str]:
    """Yield a note for each province of which runs under the fit do not make the R&D of firms."""
    base = world.base_run
    if base is None or world.stale or base.made is None:
        return
    for name in world.provinces:
        line = base.made.misfit.other_draws.research.get(name, ())
        gaps = {abs(gap): (k, gap) for k, gap in enumerate(line) if gap is not None}
        if gaps and max(gaps) > _RD_GAP:
            k, gap = gaps[max(gaps)]
            yield (
                f"{FIT}: R&D of firms of {name} in {base.made.first_year + k} is "
                f"{number(float(np.exp(gap)))} times that of provinces.csv, more than "
                f"{percent(_RD_GAP)} away; where that is chance, more --replicates or a larger "
                "`scale` of the fit bring it nearer"
            )


def _notes(world: World) -> Iterator[str]:
    if world.stale:
        yield stale_fit(world)
    elif world.base_run is not None and world.base_run.made is not None:
        yield from (f"{FIT}: not fitted: {line}" for line in world.base_run.made.not_fitted)
    yield from _research(world)
    people = np.nanmax(world.city_population, axis=1, initial=0.0)
    for city in np.flatnonzero(people > _MOST_RESIDENTS)[:_SHOWN].tolist():
        yield (
            f"cities.csv: {world.city_names[city]} has {number(people[city] / 100.0, 3)} million "
            "residents: if it stands for its whole province, list the cities of this"
        )
    yield from _places(world)
    yield from _names(world)
    yield from _sums(world)
    for p, name in enumerate(world.provinces):
        if not (world.city_province[world.university_city] == p).any():
            yield f"universities.csv: {name} has none"
    above = world.city_secondary > world.city_gdp
    for city in np.flatnonzero(above.any(axis=1))[:_SHOWN].tolist():
        year = int(world.years[int(np.argmax(above[city]))])
        yield (
            f"cities_panel.csv: secondary value added of {world.city_names[city]} "
            f"in {year} is above its GDP"
        )


def _places(world: World) -> Iterator[str]:
    away = great_circle_km(world.latitude, world.longitude)
    middle = np.median(away, axis=1)
    for city in np.flatnonzero(middle > _APART_KM)[:_SHOWN].tolist():
        yield (
            f"cities.csv: {world.city_names[city]} lies {number(middle[city])} km from half of the "
            "other cities; are latitude and longitude right?"
        )
    same = np.argwhere(np.triu(away < 0.1, k=1))
    for a, b in same[:_SHOWN].tolist():
        yield f"cities.csv: {world.city_names[a]} and {world.city_names[b]} lie at the same place"


def _names(world: World) -> Iterator[str]:
    for what, names in (("cities", world.city_names), ("provinces", world.provinces)):
        seen: dict[str, str] = {}
        for name in names:
            other = seen.setdefault(comparable(name), name)
            if other != name:
                yield f"cities.csv: {what} {other!r} and {name!r} differ only in spelling"


def _sums(world: World) -> Iterator[str]:
    compared = {
        "gdp_alt": ("gdp_100m_rmb", world.city_gdp),
        "value_added_secondary": ("value_added_secondary_100m_rmb", world.city_secondary),
        "population_resident_year_end": ("population_10k", world.city_population),
    }
    for name, (column, values) in compared.items():
        if name not in world.series:
            continue
        for p, province in enumerate(world.provinces):
            total = values[world.city_province == p].sum(axis=0)
            off = _relative(
                total, np.array([world.series[name].at(int(y))[p] for y in world.years])
            )
            if not np.isnan(off).all() and np.nanmax(np.abs(off)) > _GAP:
                worst = int(np.nanargmax(np.abs(off)))
                side = "above" if off[worst] > 0.0 else "below"
                yield (
                    f"provinces.csv: {name} of {province}: the sum of {column} over its cities is "
                    f"{100.0 * abs(off[worst]):.0f} % {side} it in {world.years[worst]}"
                )


def _relative(total: Floats, official: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        off: Floats = np.where(official > 0.0, total / official - 1.0, np.nan)
    return off


# -- outlines for maps ----------------------------------------------------------------------------

OUTLINE = "outline.geojson"
KINDS = ("province", "coast", "river", "lake")

_LARGEST = 5_000_000
_DEPTH = {"LineString": 0, "MultiLineString": 1, "Polygon": 1, "MultiPolygon": 2}
"""How many lists of lines a geometry is deep."""


@dataclass(frozen=True)
class Shape:
    """One thing on the map."""

    kind: str  # one of `KINDS`
    name: str
    # Each of shape (n, 2), n at least 2: longitude and latitude in degrees.
    lines: tuple[Floats, ...]


def read_outline(name_or_path: str | Path = "yrd") -> tuple[Shape, ...]:
    """Return the outlines of a world, in the order of the file; none where it has no such file.

    `InputError` when the file cannot be read or is no such collection.
    """
    name = arguments.path("world", name_or_path, "the name or folder of a world")
    return _packaged(name) if name in PACKAGED else _read(Path(name) / OUTLINE)


@lru_cache(maxsize=len(PACKAGED))
def _packaged(name: str) -> tuple[Shape, ...]:
    return _read(_DATA / name / OUTLINE)


def _read(path: Path) -> tuple[Shape, ...]:
    shown = one_line(str(path))
    try:
        raw = read_bytes(path, _LARGEST, mark("map of outlines"))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OutsideFileError as error:
        raise InputError(f"{shown} {error}") from None
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        raise InputError(_t("{file}: is not JSON").format(file=shown)) from None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        raise InputError(_t("{file}: is no GeoJSON collection of features").format(file=shown))
    where = _t("{file}: feature {n}")
    numbered = enumerate(features, start=1)
    return tuple(_shape(where.format(file=shown, n=n), item) for n, item in numbered)


def _shape(where: str, feature: Any) -> Shape:
    parts = feature if isinstance(feature, dict) else {}
    properties, geometry = parts.get("properties"), parts.get("geometry")
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        raise InputError(_t("{where} lacks properties or geometry").format(where=where))
    kind, name, type_ = properties.get("kind"), properties.get("name"), geometry.get("type")
    if kind not in KINDS:
        message = _t("{where}: kind is none of {names}")
        raise InputError(message.format(where=where, names=", ".join(KINDS)))
    if not isinstance(name, str):
        raise InputError(_t("{where}: name is no text").format(where=where))
    if type_ not in _DEPTH:
        message = _t("{where}: geometry is none of {names}")
        raise InputError(message.format(where=where, names=", ".join(_DEPTH)))
    lists = [geometry.get("coordinates")]
    for _ in range(_DEPTH[type_]):
        lists = [inner for one in lists if isinstance(one, list) for inner in one]
    return Shape(kind, name, tuple(_line(where, one) for one in lists))


def _line(where: str, points: Any) -> Floats:
    message = _t("{where}: coordinates are no lines of longitude and latitude in degrees")
    wrong = InputError(message.format(where=where))
    if not isinstance(points, list) or len(points) < 2:
        raise wrong
    pairs = [point[:2] for point in points if isinstance(point, list) and len(point) >= 2]
    if len(pairs) < len(points) or not all(type(x) in (int, float) for p in pairs for x in p):
        raise wrong
    try:
        line = np.array(pairs, dtype=np.float64)
    except OverflowError:
        raise wrong from None
    # written so that NaN is wrong as well
    if not ((np.abs(line) <= (360.0, 90.0)).all()):
        raise wrong
    line.flags.writeable = False
    return line
