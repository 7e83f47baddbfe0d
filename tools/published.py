"""The few published figures of single cities, and on who sells and buys contracts in China.

They test what runs give, and are in no run.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import Final, NamedTuple

from ydsim.world.world import World

CITIES: Final = ("cities_innovation.csv", "cities_innovation_more.csv")
CONTRACTS: Final = "contracts_structure.csv"


class CityFigure(NamedTuple):
    """One published figure: index of the city, year, indicator as in runs, value in its unit."""

    city: int
    year: int
    indicator: str
    value: float


def city_figures(world: World, indicators: tuple[str, ...]) -> list[CityFigure]:
    """Return what was published for cities that are not a province by themselves, sorted.

    Of a packaged world alone; empty for any other. R&D is intensity times official GDP of the city
    where only the intensity was published. A figure that is in both files counts once.

    Parameters
    ----------
    world
        Whose cities.
    indicators
        Names of indicators; others are left out.
    """
    index = {code: c for c, code in enumerate(world.city_codes)}
    size = [int((world.city_province == p).sum()) for p in world.city_province]
    found: dict[tuple[int, int, str], float] = {}
    by_intensity: dict[tuple[int, int, str], float] = {}
    for name in CITIES if world.name.isidentifier() else ():
        file = resources.files("ydsim.world").joinpath("data", world.name, name)
        if not file.is_file():
            continue
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            city, year = index.get(row["admin_code"], -1), int(row["year"])
            if city < 0 or size[city] == 1 or year > world.until:
                continue
            value, indicator = float(row["value"]), row["indicator"]
            if indicator == "rd_intensity" and year in world.years:
                gdp = float(world.city_gdp[city, year - int(world.years[0])])
                by_intensity.setdefault((city, year, "rd_expenditure"), value / 100.0 * gdp)
            found.setdefault((city, year, indicator), value)
    every = {**by_intensity, **found}
    return [CityFigure(*at, every[at]) for at in sorted(every) if at[2] in indicators]


def contract_figure(dimension: str, category: str, measure: str, year: int) -> float:
    """Return one figure of the packaged region's file, in its unit.

    Parameters
    ----------
    dimension, category
        ``"seller"``, ``"buyer"`` or ``"total"``, and who: ``"firms"``, ``"universities"``,
        ``"institutes"``, ``"total"``.
    measure, year
        ``"value_share"``, ``"value_share_first_half"``, ``"number_first_half"`` and the like.

    Raises
    ------
    LookupError
        When the file has no such figure.
    """
    text = resources.files("ydsim.world").joinpath("data", "yrd", CONTRACTS).read_text("utf-8")
    asked = ("China", str(year), dimension, category, measure)
    for row in csv.DictReader(text.splitlines()):
        if asked == tuple(row[k] for k in ("region", "year", "dimension", "category", "measure")):
            return float(row["value"])
    raise LookupError(f"{CONTRACTS}: no row {', '.join(asked)}")
