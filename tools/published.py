"""The few published figures of single cities, and on who sells and buys contracts in China.

They test what runs give, and are in no run.
"""

from __future__ import annotations

import csv
from importlib import resources
from io import StringIO
from typing import Final

import numpy as np
import pandas as pd

from ydsim.world.world import World

CITIES: Final = ("cities_innovation.csv", "cities_innovation_more.csv")
CONTRACTS: Final = "contracts_structure.csv"


def city_figures(world: World) -> pd.DataFrame:
    """Return what was published for cities that are not a province by themselves, sorted.

    Columns ``city, year, indicator, value``, the city by number, the indicator as in runs. Of a
    packaged world alone; empty for any other. R&D is intensity times official GDP of the city where
    only the intensity was published. A figure that is in both files counts once.
    """
    place = ["city", "year", "indicator"]
    folder = resources.files("ydsim.world").joinpath("data", world.name)
    files = [folder.joinpath(name) for name in CITIES if world.name.isidentifier()]
    if not files or not all(file.is_file() for file in files):
        return pd.DataFrame(columns=[*place, "value"])
    size = np.bincount(world.city_province)[world.city_province]
    index = {code: c for c, code in enumerate(world.city_codes) if size[c] > 1}
    typed = {"admin_code": str, "year": int, "value": float}
    texts = [StringIO(file.read_text(encoding="utf-8")) for file in files]
    found = pd.concat([pd.read_csv(text, dtype=typed) for text in texts])
    found = found[found["admin_code"].isin(index) & (found["year"] <= world.until)]
    found["city"] = found["admin_code"].map(index)
    known = (found["indicator"] == "rd_intensity") & found["year"].isin(world.years.tolist())
    made = found[known].assign(indicator="rd_expenditure")
    made["value"] *= world.city_gdp[made["city"], made["year"] - int(world.years[0])] / 100.0
    every = pd.concat([found, made]).drop_duplicates(place).sort_values(place, kind="stable")
    return every[[*place, "value"]]


def contract_figure(dimension: str, category: str, measure: str, year: int) -> float:
    """Return one figure of the packaged region's file, in its unit.

    ``dimension`` is ``"seller"``, ``"buyer"`` or ``"total"``, ``category`` who, ``measure`` as
    ``"value_share"`` or ``"number_first_half"``. `LookupError` is raised when there is none.
    """
    text = resources.files("ydsim.world").joinpath("data", "yrd", CONTRACTS).read_text("utf-8")
    asked = ("China", str(year), dimension, category, measure)
    for row in csv.DictReader(text.splitlines()):
        if asked == tuple(row[k] for k in ("region", "year", "dimension", "category", "measure")):
            return float(row["value"])
    raise LookupError(f"{CONTRACTS}: no row {', '.join(asked)}")
