"""Official series: provinces, known city R&D, and single observations for calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from ydsim import fmt
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.wording import suggestion
from ydsim.world.csvfolder import YEAR, Cells, Folder, Sheet
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
