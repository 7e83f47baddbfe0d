"""What is observed: names, units and meaning of every recorded quantity, from ``indicators.csv``.

An indicator that official statistics report bears their name and unit. The file has a row for each:
unit, kind, levels by first letter, marks (`official`; figures of cities that are `fitted` or `data`
rest on no prior), one line for the documentation, the name in the middle of a sentence, the formula
(empty for a plain count or sum), and what it counts. What tables give of kinds of organisations
(level K) and of technology fields (F) has rows, too, and is no indicator where it has no other
level.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Final, Literal

from ydsim import arguments
from ydsim.translation import gettext as _t
from ydsim.translation import in_chinese, mark, pgettext
from ydsim.wording import canonical, has_word, nearest, suggestion

Level = Literal["region", "province", "city"]
Kind = Literal["flow", "stock", "mean", "ratio"]

_KINDS: Final[dict[str, Kind]] = {k: k for k in ("flow", "stock", "mean", "ratio")}
_LEVELS: Final[dict[str, Level]] = {"R": "region", "P": "province", "C": "city"}

ROWS: Final = {
    row["indicator"]: row
    for row in csv.DictReader(
        resources.files("ydsim.record").joinpath("indicators.csv").read_text("utf-8").splitlines()
    )
}
"""The rows of ``indicators.csv`` by name, as text."""


@dataclass(frozen=True)
class Indicator:
    """One recorded quantity."""

    name: str  # column name in every table
    unit: str  # unit of the yearly and, for stocks, of the quarterly value
    # ``"flow"`` sums over the quarters of a year, ``"stock"`` is the value at year end, ``"mean"``
    # is the mean of the quarters, and ``"ratio"`` the ratio of two flows of the year; it is not
    # recorded and is in tidy tables alone.
    kind: Kind
    # At which levels it is recorded: ``"region"``, ``"province"``, ``"city"``.
    levels: tuple[Level, ...]
    meaning: str  # one line for the documentation
    official: bool = False  # true when an official series of the same name and unit exists
    # True when figures for single cities rest on a prior rather than on data or an input.
    prior: bool = False
    fitted: bool = False  # true when figures for single cities are fitted to official ones
    of: tuple[str, str] | None = None  # numerator and denominator of a ratio


def _indicator(row: dict[str, str]) -> Indicator:
    marks = row["marks"].split()
    above, _, below = row["formula"].partition(" / ")
    return Indicator(
        row["indicator"],
        row["unit"],
        _KINDS[row["kind"]],
        tuple(_LEVELS[letter] for letter in row["levels"] if letter in _LEVELS),
        row["line"],
        official="official" in marks,
        # figures for cities rest on a prior unless they are fitted or data
        prior="C" in row["levels"] and not {"fitted", "data"} & set(marks),
        fitted="fitted" in marks,
        of=(above, below) if row["kind"] == "ratio" else None,
    )


INDICATORS: dict[str, Indicator] = {
    name: _indicator(row) for name, row in ROWS.items() if set(row["levels"]) & set(_LEVELS)
}
"""Every quantity, in the order of the columns."""

RECORDED: dict[str, Indicator] = {n: i for n, i in INDICATORS.items() if i.kind != "ratio"}
"""Those that have columns of their own in the recorded series."""


# -- in words --------------------------------------------------------------------------------------

OF_A_YEAR: Final = {
    "flow": mark("sum of the four quarters of a year"),
    "stock": mark("value in the fourth quarter of a year"),
    "mean": mark("mean of the four quarters of a year"),
    "ratio": mark("ratio of two sums of the year"),
}
"""How the figure of a year is formed, by kind."""

MOST_NAMED: Final = 8
"""Indicators that are named of those that have a word in them."""


def indicator_called(name: str) -> str:
    """Return the name in tables of an indicator that is called by its Chinese name."""
    return canonical(name, {n: row["name"] for n, row in ROWS.items()})


def outcomes_called(given: object, name: str = "outcomes") -> list[str]:
    """Return names in tables of indicators that an argument of Python gives."""
    return [*map(indicator_called, arguments.texts(name, given))]


def name_in_words(name: str) -> str:
    """Return a name of tables in the middle of a sentence; an unknown one with spaces."""
    return _t(ROWS[name]["name"]) if name in ROWS else name.replace("_", " ")


UNITS = {
    "100m_rmb": "100 million RMB, current prices",
    "items": "number",
    "generations": "technology generations",
    "pct": "per cent",
    "fte": "full-time equivalents",
    "person_years": "person-years",
    "log": "log units, 0.01 is about 1 per cent",
    "1": "factor",
}
"""Units whose names in tables say too little, in words."""


def unit_in_words(unit: str, kind: str = "stock", name: str = "") -> str:
    """Return a unit in words, a year for flows; one without words of its own as it is.

    Languages may count patents by another word than other items: `name` is the indicator.
    """
    patents = unit == "items" and name in ROWS and "patent" in ROWS[name]["name"]
    context = "unit of patents" if patents else "unit"
    words = pgettext(context, UNITS.get(unit, unit.replace("_", " ")))
    if kind != "flow":
        return words
    amount, comma, prices = words.partition(",")
    return _t("{amount} a year").format(amount=amount) + comma + prices


def unit_in_brief(unit: str, name: str = "") -> str:
    """Return a unit in words as tables have it, without prices and remarks."""
    return re.split("[,\uff08]", unit_in_words(unit, name=name))[0]


def named_by_word(word: str, known: Iterable[str], what: str) -> str:
    """Return "; did you mean ...?" with the names that a word is in, else as `suggestion` does."""
    every = sorted(known)
    english = {n: ROWS[n]["name"] if n in ROWS else n for n in every}
    words = {n: f"{n} {name_in_words(n)} {message}" for n, message in english.items()}
    chinese = {} if word.isascii() else {in_chinese(message): n for n, message in english.items()}
    words |= {n: f"{words[n]} {message}" for message, n in chinese.items()}
    found = [n for n in every if word.strip() and has_word(words[n], word)]
    if not found and (near := nearest(word, chinese)):
        found = [chinese[near]]
    if not found:
        return suggestion(word, every, what)
    more = ", ..." if len(found) > MOST_NAMED else ""
    return _t("; did you mean {name}?").format(name=", ".join(map(repr, found[:MOST_NAMED])) + more)
