"""The few published figures on who sells and buys technology contracts in China, for tests."""

from __future__ import annotations

import csv
from importlib import resources
from typing import Final

FILE: Final = "contracts_structure.csv"


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
    text = resources.files("ydsim.world").joinpath("data", "yrd", FILE).read_text("utf-8")
    asked = ("China", str(year), dimension, category, measure)
    for row in csv.DictReader(text.splitlines()):
        if asked == tuple(row[k] for k in ("region", "year", "dimension", "category", "measure")):
            return float(row["value"])
    raise LookupError(f"{FILE}: no row {', '.join(asked)}")
