"""What is observed: names, units and meaning of every recorded quantity.

An indicator that official statistics report bears their name and unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


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
        ``"flow"`` sums over the quarters of a year; ``"stock"`` is the value at year end.
    levels
        At which levels it is recorded: ``"region"``, ``"province"``, ``"city"``.
    meaning
        One line for the documentation.
    official
        True when an official series of the same name and unit exists.
    prior
        True when figures for single cities rest on a prior rather than on data.
    """

    name: str
    unit: str
    kind: Literal["flow", "stock"]
    levels: tuple[Literal["region", "province", "city"], ...]
    meaning: str
    official: bool = False
    prior: bool = False
