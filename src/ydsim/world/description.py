"""What a world says of itself, in ``world.csv``: the names of the whole and of what is around it.

A table of two columns, ``key`` and ``value``; a third, ``note``, may say more. Without ``label``
that is the total, without ``total`` it is ``region``, without ``nation`` ``China``.

A folder with this file may leave out others: see `ydsim.world.stand_ins`. A folder without it has
to be whole, and its total is called ``yrd``, as before version 0.5.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ydsim.wording import suggestion
from ydsim.world.csvfolder import Folder

FILE = "world.csv"
TOTAL = "yrd"
PLAIN_TOTAL = "region"
NATION = "China"
RESERVED = ("nation", "outside")
"""What tables call the nation and its rest, beside the names of places."""

_KEYS = ("label", "total", "nation")
_LONGEST = 40


@dataclass(frozen=True)
class Description:
    """Names of a world."""

    total: str = TOTAL  # name of the whole region in tables
    label: str = TOTAL  # its name in sentences
    nation: str = NATION  # name of the nation around it in ``provinces.csv``
    given: bool = False  # the world has a ``world.csv``


def read_description(folder: Folder) -> Description:
    """Return what ``world.csv`` says, or what holds without it."""
    if not folder.has(FILE):
        return Description()
    found: dict[str, str] = {}
    sheet = folder.read(FILE)
    for row, (key, value) in enumerate(zip(sheet["key"], sheet["value"], strict=True)):
        if key and key not in _KEYS:
            near = suggestion(key, _KEYS) or f"; keys are {', '.join(_KEYS)}"
            sheet.fault(f"'{key}' is no key of a world{near}", row, "key")
        elif key in found:
            sheet.fault(f"'{key}' appears twice", row, "key")
        elif wrong := _wrong_name(value):
            sheet.fault(wrong, row, "value")
        elif value:
            found[key] = value
    total = found.get("total", PLAIN_TOTAL)
    return Description(total, found.get("label", total), found.get("nation", NATION), given=True)


def check_names(
    folder: Folder,
    description: Description,
    provinces: tuple[str, ...],
    cities: tuple[str, ...],
) -> None:
    """Note names of places that tables have for something else as well."""
    if description.total in RESERVED:
        folder.fault(FILE, f"total: {_taken(description.total)}")
    for what, names in (("province_en", provinces), ("name_en", cities)):
        for name in (name for name in RESERVED if name in names):
            folder.fault("cities.csv", f"{what}: {_taken(name)}")
    if description.total in provinces:
        folder.fault(FILE, f"total: '{description.total}' is the name of a province too")
    if description.nation in provinces:
        folder.fault(FILE, f"nation: '{description.nation}' is the name of a province too")
    if description.nation == description.total:
        folder.fault(FILE, f"total: '{description.total}' is the name of the nation too")


def _taken(name: str) -> str:
    what = {"nation": "the whole nation", "outside": "the rest of the nation"}[name]
    return f"'{name}' is what tables call {what}; give the place another name"


def _wrong_name(value: str) -> str:
    if len(value) > _LONGEST:
        return f"has {len(value)} characters; a name has at most {_LONGEST}"
    if any(unicodedata.category(char).startswith("C") for char in value):
        return "has characters that cannot be printed"
    return ""
