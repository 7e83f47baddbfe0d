"""What an indicator is called, what it counts, how it is formed: the text of ``details.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from ydsim.record.indicators import INDICATORS

OF_A_YEAR: Final = {
    "flow": "sum of the four quarters of a year",
    "stock": "value in the fourth quarter of a year",
    "mean": "mean of the four quarters of a year",
    "ratio": "ratio of two sums of the year",
}
"""How the figure of a year is formed, by kind."""


@dataclass(frozen=True)
class Detail:
    """More about an indicator than its one line.

    Attributes
    ----------
    name
        Its name in the middle of a sentence.
    meaning
        What it counts.
    formula
        How it is formed of other quantities; empty for a plain count or sum.
    """

    name: str
    meaning: str
    formula: str


@cache
def details() -> dict[str, Detail]:
    """Return the details of every indicator."""
    file = resources.files("ydsim.record").joinpath("details.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    found = {row["indicator"]: Detail(row["name"], row["detail"], row["formula"]) for row in rows}
    return {name: found[name] for name in INDICATORS}
