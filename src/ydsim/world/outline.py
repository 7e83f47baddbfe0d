"""Outlines of provinces, coasts, rivers and lakes, for pictures only: ``outline.geojson``.

A world folder may hold this file (GeoJSON, RFC 7946): a collection of features with polygons or
lines in degrees, each with the properties ``kind`` (province, coast, river or lake) and ``name``.
The model never reads it, so that it does not belong to the content of a world.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ydsim import arguments
from ydsim.errors import InputError
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats
from ydsim.untrusted_input import OutsideFileError, one_line, read_bytes
from ydsim.world.loader import PACKAGED

FILE = "outline.geojson"
KINDS = ("province", "coast", "river", "lake")

_DATA = Path(__file__).parent / "data"
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
    return _packaged(name) if name in PACKAGED else _read(Path(name) / FILE)


@lru_cache(maxsize=len(PACKAGED))
def _packaged(name: str) -> tuple[Shape, ...]:
    return _read(_DATA / name / FILE)


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
