"""What a world says of itself, in ``world.csv``: the names of the whole and of what is around it.

A table of two columns, ``key`` and ``value``; a third, ``note``, may say more. Without ``label``
that is the total, without ``total`` it is ``region``, without ``nation`` ``China``.

A folder with this file may leave out others: see `ydsim.world.stand_ins`. A folder without it has
to be whole, and its total is called ``yrd``, as before version 0.5.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.wording import suggestion
from ydsim.world.csvfolder import Folder

FILE = "world.csv"
TOTAL = "yrd"
PLAIN_TOTAL = "region"
NATION = "China"
RESERVED = {
    "nation": mark("'nation' is what tables call the whole nation; give the place another name"),
    "outside": mark(
        "'outside' is what tables call the rest of the nation; give the place another name"
    ),
}
"""What tables call the nation and its rest, beside the names of places, and why it is taken."""

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
            near = suggestion(key, _KEYS, _t("keys are"))
            message = _t("'{key}' is no key of a world{hint}").format(key=key, hint=near)
            sheet.fault(message, row, "key")
        elif key in found:
            sheet.fault(_t("'{cell}' appears twice").format(cell=key), row, "key")
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
    total, nation = description.total, description.nation
    if total in RESERVED:
        folder.fault(FILE, _t(RESERVED[total]), column="total")
    for column, names in (("province_en", provinces), ("name_en", cities)):
        for name in (name for name in RESERVED if name in names):
            folder.fault("cities.csv", _t(RESERVED[name]), column=column)
    message = _t("'{name}' is the name of a province too")
    if total in provinces:
        folder.fault(FILE, message.format(name=total), column="total")
    if nation in provinces:
        folder.fault(FILE, message.format(name=nation), column="nation")
    if nation == total:
        message = _t("'{name}' is the name of the nation too")
        folder.fault(FILE, message.format(name=total), column="total")


def _wrong_name(value: str) -> str:
    if len(value) > _LONGEST:
        message = _t("has {n} characters; a name has at most {most}")
        return message.format(n=len(value), most=_LONGEST)
    if any(unicodedata.category(char).startswith("C") for char in value):
        return _t("has characters that cannot be printed")
    return ""
