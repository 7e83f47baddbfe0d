"""Universities of a world folder, and research institutes placed in its cities."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ydsim.noise import identity
from ydsim.translation import mark
from ydsim.typing import Bools, Floats, Ints, Keys
from ydsim.world.columns import Cells, Names
from ydsim.world.csvfolder import Folder, Form
from ydsim.world.places import Places, text_keys

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
