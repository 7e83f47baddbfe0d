"""Provinces of China by name: official figures with which a world folder of one's own can begin.

``data/national31/provinces.csv`` has a row a province and indicator, a column a year, and China;
outcomes end in 2020. The files that are written hold one city a province, its capital, which stands
for the whole of it: GDP, secondary value added and residents of the province, the number of its
institutions of higher education. Cities are for the user to fill in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from ydsim import fmt
from ydsim.errors import UsageError
from ydsim.packaged import rows_of
from ydsim.wording import suggestion
from ydsim.world.loader import NATION
from ydsim.world.priors import as_csv

NATIONAL: Final = "national"
"""Name of this source of a new world."""
_PANEL: Final = {
    "population_10k": "population_resident_year_end",
    "gdp_100m_rmb": "gdp_alt",
    "value_added_secondary_100m_rmb": "value_added_secondary",
}
_COUNTS: Final = ("heis_regular", "heis_regular_undergraduate", "double_first_class_universities")
STANDS: Final = "the capital stands for the whole province; coordinates to .01 degrees"

Figures = dict[str, dict[str, dict[int, str]]]
"""Cells as they are printed, by region, indicator and year."""


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(rows_of("ydsim.world", "data/national31/provinces.csv"))


def _years(row: dict[str, str]) -> dict[int, str]:
    return {int(key): cell for key, cell in row.items() if key.isdigit() and cell}


@cache
def _figures() -> Figures:
    found: Figures = {}
    for row in _rows():
        found.setdefault(row["region"], {})[row["indicator"]] = _years(row)
    return found


def names() -> tuple[str, ...]:
    """Return the provinces of the nation."""
    return tuple(name for name in _figures() if name != NATION)


def lacks(province: str) -> list[str]:
    """Return what a world needs and is not known of a province, in words."""
    own = _figures()[province]
    return [column for column, indicator in _PANEL.items() if not own.get(indicator)]


def texts(provinces: Sequence[str]) -> dict[str, str]:
    """Return the files of a folder that begins with these provinces, by name.

    `UsageError` for a name that is none, and for provinces of which too little is known.
    """
    every = names()
    for name in provinces:
        if name not in every:
            raise UsageError(
                f"no province of China {name!r}{suggestion(name, every, 'provinces are')} A "
                "made-up region has any names: --from synthetic"
            )
    if short := [name for name in provinces if lacks(name)]:
        whole = [name for name in every if not lacks(name)]
        raise UsageError(
            f"{fmt.listed(short)}: no value added of the secondary sector is known by province, "
            f"which a world needs; it is of {fmt.listed(whole)}"
        )
    capitals = {
        row["province"]: row for row in rows_of("ydsim.world", "data/national31/capitals.csv")
    }
    mine = [capitals[name] for name in provinces]
    columns = ["admin_code", "name_en", "name_zh", "lat", "lon"]
    seats = [[*(row[c] for c in columns), row["province"], STANDS] for row in mine]
    return {
        "cities.csv": as_csv([[*columns, "province_en", "source"], *seats]),
        "cities_panel.csv": as_csv(_panel(mine)),
        "universities.csv": as_csv(_universities(mine)),
        "provinces.csv": as_csv(_provinces(provinces)),
        "sources.csv": as_csv(_sources(provinces)),
    }


def _panel(capitals: Sequence[dict[str, str]]) -> Iterator[list[str]]:
    yield ["admin_code", "year", *_PANEL, "source"]
    for row in capitals:
        own = _figures()[row["province"]]
        by_column = [own[indicator] for indicator in _PANEL.values()]
        for year in sorted(set().union(*by_column)):
            cells = [values.get(year, "") for values in by_column]
            yield [row["admin_code"], str(year), *cells, "of the whole province"]


def _universities(capitals: Sequence[dict[str, str]]) -> Iterator[list[str]]:
    yield ["name", "admin_code", "level", "double_first_class_2022", "source"]
    for row in capitals:
        own = _figures()[row["province"]]
        every, degree, first = (int(float(next(iter(own[name].values())))) for name in _COUNTS)
        for k in range(every):
            level = "undergraduate" if k < degree else "vocational"
            name = f"{row['province']} institution {k + 1}"
            yield [name, row["admin_code"], level, str(int(k < first)), "counts of the province"]


def _provinces(provinces: Sequence[str]) -> Iterator[list[str]]:
    yield ["region", "year", "indicator", "value", "unit", "source_id"]
    for row in _rows():
        # the city has the figures of the panel, and stands for the province
        if row["region"] in (*provinces, NATION) and row["indicator"] not in _COUNTS:
            for year, cell in _years(row).items():
                yield [row["region"], str(year), row["indicator"], cell, row["unit"],
                       row["source_id"]]  # fmt: skip


def _sources(provinces: Sequence[str]) -> Iterator[list[str]]:
    of = {
        each
        for row in _rows()
        if row["region"] in (*provinces, NATION)
        for each in row["source_id"].split(";")
    }
    rows = rows_of("ydsim.world", "data/national31/sources.csv")
    yield list(rows[0])
    yield from (list(row.values()) for row in rows if row["source_id"] in of)
