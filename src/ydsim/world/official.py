"""Official series: provinces, known city R&D, and single observations for calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ydsim.wording import suggestion
from ydsim.world.csvfolder import Folder
from ydsim.world.description import NATION
from ydsim.world.places import Panel, Places
from ydsim.world.world import Series

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
    """Return the series with secondary value added in one vintage, the sum of cities.

    Provinces print it after a later census than the cities and GDP (``gdp_alt``); that series is
    kept as ``value_added_secondary_revised``.
    """
    name = "value_added_secondary"
    changed = dict(series)
    if name in changed:
        changed[f"{name}_revised"] = changed.pop(name)
    values = np.full((len(places.provinces) + 1, len(panel.years)), np.nan)
    for p in range(len(places.provinces)):
        values[p] = panel.secondary[places.province == p].sum(axis=0)
    changed[name] = Series(panel.years, values, "100m_rmb", "input")
    return dict(sorted(changed.items()))


def read_series(
    folder: Folder, places: Places, until: int, nation: str = NATION
) -> dict[str, Series]:
    """Return the official series by indicator, outcomes cut after ``until``.

    A series of which nothing is left is absent.
    """
    sheet = folder.read("provinces.csv", "region", "year", "indicator", "value", "unit")
    regions = {**places.province_index, nation: len(places.provinces)} if places.provinces else {}
    cells: dict[str, dict[tuple[int, int], float]] = {}
    units: dict[str, str] = {}
    for row in sheet:
        region = row.one_of(
            "region", regions, f"province of cities.csv and not '{nation}'", "cities.csv"
        )
        year, name, unit = row.year(), row.text("indicator"), row.text("unit")
        value = row.number("value")
        if region < 0 or year < 0:
            continue
        series = cells.setdefault(name, {})
        if (region, year) in series:
            row.fault("year", f"'{name}' of {row.optional('region')} in {year} appears twice")
        if units.setdefault(name, unit) != unit:
            row.fault("unit", f"'{unit}' differs from '{units[name]}' above for '{name}'")
        series[region, year] = value
    if not sheet.broken and places.provinces:
        for name, region_name in [(n, r) for n in _REQUIRED for r in places.provinces] + [
            (n, nation) for n in _REQUIRED_NATION
        ]:
            if not any(r == regions[region_name] for r, _ in cells.get(name, {})):
                spare = [other for other in cells if other not in _REQUIRED]
                sheet.fault(
                    f"no row for indicator '{name}' of {region_name}{suggestion(name, spare)}"
                )
    built = {}
    for name in sorted(cells):
        series_kind = kind_of(name)
        kept = {k: v for k, v in cells[name].items() if series_kind == "input" or k[1] <= until}
        if kept:
            built[name] = _series(kept, len(places.provinces) + 1, units[name], series_kind)
    return built


def _series(
    cells: dict[tuple[int, int], float], rows: int, unit: str, kind: Literal["input", "outcome"]
) -> Series:
    first, last = min(y for _, y in cells), max(y for _, y in cells)
    values = np.full((rows, last - first + 1), np.nan)
    for (region, year), value in cells.items():
        values[region, year - first] = value
    return Series(np.arange(first, last + 1, dtype=np.int64), values, unit, kind)


def read_city_rd(
    folder: Folder, places: Places, panel: Panel, until: int
) -> tuple[tuple[int, int, float], ...]:
    """Return known city R&D as (city, year, 100m_rmb), sorted; empty without the file.

    Where only the intensity is published, R&D is intensity times the city's GDP.
    """
    sheet = folder.read(
        "cities_innovation.csv", "admin_code", "year", "indicator", "value", optional=True
    )
    index = places.index
    spent: dict[tuple[int, int], float] = {}
    intensity: dict[tuple[int, int], float] = {}
    for row in sheet:
        city, year = (
            row.one_of("admin_code", index, "city code of cities.csv", "cities.csv"),
            row.year(),
        )
        value, name = row.number("value"), row.text("indicator")
        if city < 0 or not 0 <= year <= until:
            continue
        if name == "rd_expenditure":
            spent[city, year] = value
        elif name == "rd_intensity" and year in panel.years:
            intensity[city, year] = value / 100.0 * panel.gdp[city, year - int(panel.years[0])]
    return tuple((c, y, float(v)) for (c, y), v in sorted({**intensity, **spent}.items()))


def read_observations(folder: Folder, until: int) -> tuple[Observation, ...]:
    """Return the figures of the optional calibration files up to ``until``."""
    found = []
    for name, (label, value) in _OBSERVATIONS.items():
        for row in folder.read(name, "year", label, value, optional=True):
            year, text, number = row.year(), row.text(label), row.number(value)
            if 0 <= year <= until:
                region = row.optional("region") or row.optional("scope")
                unit = row.optional("unit") or ("index" if name == "collab_index.csv" else "")
                note = "; ".join(filter(None, (row.optional("edition"), row.optional("note"))))
                found.append(Observation(name, text, region, year, number, unit, note))
    return tuple(found)
