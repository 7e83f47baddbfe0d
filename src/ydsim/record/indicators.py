"""What is observed: names, units and meaning of every recorded quantity, from ``indicators.csv``.

An indicator that official statistics report bears their name and unit. The file has a row for each:
unit, kind, levels by first letter, marks (`official`; figures of cities that are `fitted` or `data`
rest on no prior), one line for the documentation, and what `ydsim.record.details` says of it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal

Level = Literal["region", "province", "city"]
Kind = Literal["flow", "stock", "mean", "ratio"]

_KINDS: Final[dict[str, Kind]] = {k: k for k in ("flow", "stock", "mean", "ratio")}
_LEVELS: Final[dict[str, Level]] = {"R": "region", "P": "province", "C": "city"}


@dataclass(frozen=True)
class Indicator:
    """One recorded quantity.

    Attributes
    ----------
    name
        Column name in every table.
    unit
        Unit of the yearly and, for stocks, of the quarterly value.
    kind
        ``"flow"`` sums over the quarters of a year, ``"stock"`` is the value at year end,
        ``"mean"`` is the mean of the quarters, and ``"ratio"`` the ratio of two flows of the year;
        it is not recorded and is in tidy tables alone.
    levels
        At which levels it is recorded: ``"region"``, ``"province"``, ``"city"``.
    meaning
        One line for the documentation.
    official
        True when an official series of the same name and unit exists.
    prior
        True when figures for single cities rest on a prior rather than on data or an input.
    fitted
        True when figures for single cities are fitted to official ones.
    of
        Numerator and denominator of a ratio.
    """

    name: str
    unit: str
    kind: Kind
    levels: tuple[Level, ...]
    meaning: str
    official: bool = False
    prior: bool = False
    fitted: bool = False
    of: tuple[str, str] | None = None


def catalogue() -> list[dict[str, str]]:
    """Return the rows of ``indicators.csv``, which declares every indicator."""
    file = resources.files("ydsim.record").joinpath("indicators.csv")
    return list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))


def _indicator(row: dict[str, str]) -> Indicator:
    marks = row["marks"].split()
    above, _, below = row["formula"].partition(" / ")
    return Indicator(
        row["indicator"],
        row["unit"],
        _KINDS[row["kind"]],
        tuple(_LEVELS[letter] for letter in row["levels"]),
        row["line"],
        official="official" in marks,
        # figures for cities rest on a prior unless they are fitted or data
        prior="C" in row["levels"] and not {"fitted", "data"} & set(marks),
        fitted="fitted" in marks,
        of=(above, below) if row["kind"] == "ratio" else None,
    )


INDICATORS: dict[str, Indicator] = {row["indicator"]: _indicator(row) for row in catalogue()}
"""Every quantity, in the order of the columns."""

RECORDED: dict[str, Indicator] = {n: i for n, i in INDICATORS.items() if i.kind != "ratio"}
"""Those that have columns of their own in the recorded series."""
