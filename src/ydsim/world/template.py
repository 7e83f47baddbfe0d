"""A new folder for a world of your own: made up by formula, or copied from a packaged one."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from pathlib import Path

from ydsim.errors import InputError, ResourceError, UsageError
from ydsim.packaged import templates
from ydsim.untrusted_input import one_line, reason
from ydsim.wording import suggestion
from ydsim.world.csvfolder import FILES, OTHER_FILES, Folder
from ydsim.world.default_tables import as_csv
from ydsim.world.loader import FILE, NATION, PLAIN_TOTAL, RESERVED, load_folder
from ydsim.world.outline import FILE as OUTLINE

SOURCES = ("synthetic", "ten_firms", "yrd")
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
    region, or one of the packaged worlds, to be copied; ``provinces`` at least two, names of the
    made-up ones (North and South unless given) or which of a copy to keep (all), ``cities`` the
    number in each made-up province, 1-200. `UsageError` when an argument is none of these,
    `InputError` when there is something in the folder.
    """
    if source not in SOURCES:
        raise UsageError(f"no world {source!r} to begin with{suggestion(source, SOURCES)}")
    names = tuple(provinces)
    _check_provinces(names)
    root = Path(folder)
    _refuse_taken(root)
    texts = _made_up(names or PROVINCES, cities) if source == "synthetic" else _copy(source, names)
    texts[FILE] = _description(root.absolute().name)
    present = (*texts, *(name for name in FILES if source == "synthetic" and name in _FULL))
    name = _slug(root.absolute().name)
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


def _slug(name: str) -> str:
    """Return a name that a scenario may have, from that of a folder."""
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:60]
    return plain or "region"
