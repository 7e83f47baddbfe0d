"""Priors for files that a world of your own leaves out: all assumed, none of them an estimate.

A folder with ``world.csv`` needs ``cities.csv`` and ``cities_panel.csv``. For each other file that
is not there, one of the same form stands in, made of those two and of round figures that the
Yangtze River Delta had together in 2011 (firms) or 2015 (all others); ``columns.csv`` says which.
Of ``provinces.csv``, ``gdp_alt`` is the sum of the cities; R&D is 2.5 % of it, of which enterprises
pay 80 % and government 16 %; the public budget for science is .63 % of GDP; there are 7.2
researchers (FTE) per 100m_rmb of GDP; the nation's R&D is 3.4 times that of the provinces, at
2.07 % of its GDP.

Indicators of ``provinces.csv`` that are in your own file for no place at all stand in one by one,
the shares of R&D then from your R&D. What stands in belongs to the content of the world: its hash
changes when a prior does.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from ydsim.typing import Floats
from ydsim.world.csvfolder import Folder
from ydsim.world.places import Panel, Places, nearest

FIRMS_PER_SECONDARY = 2.5
FIRMS_YEAR = 2011
MAX_FIRMS = 10_000_000
OUTSIDE_KM = 800
INSTITUTES_PER_UNIVERSITY = 0.7
RESIDENTS_PER_UNIVERSITY = 100.0
"""10k persons."""
MOST_UNIVERSITIES = 100
RD_OF_GDP = 0.025
OF_RD = {"rd_funds_enterprise": 0.80, "rd_funds_government": 0.16}
OF_GDP = {"public_budget_science_technology": 0.0063, "rd_personnel_fte": 7.2}
NATION_RD = 3.4
NATION_INTENSITY = 2.07
_DATA = Path(__file__).parent / "data" / "yrd"
_UNITS = {"rd_personnel_fte": "person_years", "rd_intensity": "pct_of_gdp"}
_Cells = dict[tuple[str, int], float]


def supply_places(folder: Folder, places: Places, panel: Panel, nation: str) -> tuple[str, ...]:
    """Let stand in what follows from the cities: universities and figures of provinces.

    Returns the indicators of provinces that stand in.
    """
    if not len(panel.years):
        return ()
    if folder.lacks("universities.csv"):
        folder.supply("universities.csv", _universities(places, panel), "universities by residents")
    return _supply_provinces(folder, places, panel, nation)


def supply_technology(folder: Folder) -> None:
    """Let stand in fields, industries and relevance of the packaged world ``yrd``."""
    names = ("fields.csv", "industries.csv", "relevance.csv")
    lacking = [name for name in names if folder.lacks(name)]
    for name in lacking:
        if name != "relevance.csv" or len(lacking) == len(names):
            text = (_DATA / name).read_text(encoding="utf-8")
            folder.supply(name, text, "those of the packaged world yrd")


def supply_relevance(folder: Folder, industries: Sequence[str], fields: Sequence[str]) -> None:
    """Let a uniform relevance stand in where some fields or industries are the world's own."""
    if industries and fields and "relevance.csv" not in folder.supplied:
        if not folder.lacks("relevance.csv"):
            return
        share = [repr(1.0 / len(fields))] * len(fields)
        rows = [["industry", *fields], *([name, *share] for name in industries)]
        folder.supply(
            "relevance.csv", as_csv(rows), "every field is of equal use to every industry"
        )


def supply_profiles(
    folder: Folder, places: Places, industries: Sequence[str], share: Floats
) -> None:
    """Let the shares of the nation stand in for the industries of each province."""
    if industries and np.isfinite(share).all() and folder.lacks("profiles.csv"):
        shares = [repr(value) for value in share.tolist()]
        rows = [["province", *industries], *([name, *shares] for name in places.provinces)]
        folder.supply("profiles.csv", as_csv(rows), "the shares of industries.csv everywhere")


def supply_region(
    folder: Folder, places: Places, panel: Panel, undergraduate: Floats, *, listed: bool
) -> None:
    """Let firms, distance and institutes stand in; a world that lists its firms counts them itself.

    ``undergraduate`` is the number of undergraduate institutions of each province, (P,).
    """
    if not folder.lacks("region.csv") or not len(panel.years):
        return
    rows: list[list[str]] = [
        ["province", *([] if listed else ["firms"]), "outside_distance_km", "institutes"]
    ]
    for p, name in enumerate(places.provinces):
        own = panel.secondary[places.province == p]
        base = np.nan_to_num(nearest(own, panel.years, FIRMS_YEAR)).sum()
        firms = min(max(round(FIRMS_PER_SECONDARY * float(base)), 1), MAX_FIRMS)
        labs = math.floor(INSTITUTES_PER_UNIVERSITY * float(undergraduate[p]) + 0.5)
        rows.append([name, *([] if listed else [str(firms)]), str(OUTSIDE_KM), str(labs)])
    folder.supply(
        "region.csv", as_csv(rows), "firms by secondary value added, a distance, institutes"
    )


def as_csv(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV text."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _universities(places: Places, panel: Panel) -> str:
    people = np.nan_to_num(nearest(panel.population, panel.years, int(panel.years[-1])))
    number = np.floor(people / RESIDENTS_PER_UNIVERSITY + 0.5).astype(int)
    for p in range(len(places.provinces)):
        own = np.flatnonzero(places.province == p)
        largest = own[np.argmax(people[own])]
        number[largest] = max(number[largest], 1)
    rows = [["name", "admin_code", "level", "double_first_class_2022"]]
    for city, count in enumerate(np.minimum(number, MOST_UNIVERSITIES).tolist()):
        rows += [
            [f"{places.names[city]} University {k + 1}", places.codes[city], "undergraduate", "0"]
            for k in range(count)
        ]
    return as_csv(rows)


def _supply_provinces(folder: Folder, places: Places, panel: Panel, nation: str) -> tuple[str, ...]:
    header, own = folder.peek("provinces.csv")
    if not own and not folder.lacks("provinces.csv"):
        return ()  # something is wrong with it; reading it says what
    known: dict[str, _Cells] = {}
    for row in own:
        year, value = row.get("year", "").strip(), row.get("value", "").strip()
        try:
            cell = row.get("region", "").strip(), int(float(year))
            known.setdefault(row.get("indicator", "").strip(), {})[cell] = float(value)
        except (ValueError, OverflowError):
            continue  # reading it says so
    units = {row.get("indicator", "").strip(): row.get("unit", "").strip() for row in own}
    added: dict[str, _Cells] = {}
    gdp = _of_places(known.get("gdp_alt"), places) or _sums(places, panel)
    spent = _of_places(known.get("rd_expenditure"), places) or _times(gdp, RD_OF_GDP)
    columns = {"gdp_alt": gdp, "rd_expenditure": spent}
    columns |= {name: _times(spent, share) for name, share in OF_RD.items()}
    columns |= {name: _times(gdp, share) for name, share in OF_GDP.items()}
    for name, cells in columns.items():
        if not _of_places(known.get(name), places):
            added[name] = dict(cells)
    assumed = tuple(added)
    around = {year for place, year in known.get("rd_expenditure", {}) if place == nation}
    if not around:
        added.setdefault("rd_expenditure", {}).update(_nation(spent, nation, len(places.provinces)))
    if not any(place == nation for place, _ in known.get("rd_intensity", {})):
        years = around or {year for _, year in added["rd_expenditure"]}
        constant = dict.fromkeys([(nation, year) for year in sorted(years)], NATION_INTENSITY)
        added.setdefault("rd_intensity", {}).update(constant)
    if added:
        _append(folder, added, units, header if own else ())
    return assumed


def _append(
    folder: Folder, added: Mapping[str, _Cells], units: Mapping[str, str], columns: Sequence[str]
) -> None:
    header = columns or ["region", "year", "indicator", "value", "unit"]
    rows = []
    for name, cells in added.items():
        unit = units.get(name) or _UNITS.get(name, "100m_rmb")
        for (place, year), value in cells.items():
            row = {"region": place, "year": str(year), "indicator": name}
            row |= {"value": f"{value:.6g}", "unit": unit}
            rows.append([row.get(column, "") for column in header])
    message = ", ".join(added)
    if columns:
        folder.supply_more("provinces.csv", as_csv(rows), message)
    else:
        folder.supply("provinces.csv", as_csv([header, *rows]), message)


def _of_places(cells: _Cells | None, places: Places) -> _Cells:
    """Return the cells of provinces, without the nation."""
    return {key: value for key, value in (cells or {}).items() if key[0] in places.provinces}


def _sums(places: Places, panel: Panel) -> _Cells:
    """Return GDP of the provinces in the years in which it is known of all their cities."""
    cells: _Cells = {}
    for p, name in enumerate(places.provinces):
        total = panel.gdp[places.province == p].sum(axis=0)
        for year, value in zip(panel.years.tolist(), total.tolist(), strict=True):
            if math.isfinite(value):
                cells[name, year] = value
    return cells


def _times(cells: _Cells, factor: float) -> _Cells:
    return {key: factor * value for key, value in cells.items()}


def _nation(spent: _Cells, nation: str, provinces: int) -> _Cells:
    """Return R&D of the nation in the years in which it is known of all provinces."""
    years: dict[int, list[float]] = {}
    for (_, year), value in spent.items():
        years.setdefault(year, []).append(value)
    return {
        (nation, year): NATION_RD * math.fsum(values)
        for year, values in sorted(years.items())
        if len(values) == provinces
    }
