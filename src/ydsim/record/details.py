"""What indicators are called, what they count, how they are formed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from ydsim.record.indicators import INDICATORS, catalogue
from ydsim.translation import gettext as _t
from ydsim.wording import has_word, suggestion

MOST_NAMED: Final = 8
"""Indicators that are named of those that have a word in them."""

# -- what an indicator is called -------------------------------------------------------------------

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
    found = {r["indicator"]: Detail(r["name"], r["detail"], r["formula"]) for r in catalogue()}
    return {name: found[name] for name in INDICATORS}


# -- names in words in the middle of a sentence ----------------------------------------------------

OF_KINDS_AND_FIELDS: Final = {
    "applied_research": "applied research completed",
    "researchers": "researchers",
    "rd": "R&D",
    "effort": "research effort",
    "knowledge": "knowledge over the mean without policies",
}
"""What tables give of kinds of organisations and of technology fields, and no indicator is."""


@cache
def names() -> dict[str, str]:
    """Return all names in words, by the name in tables."""
    of_indicators = {indicator: detail.name for indicator, detail in details().items()}
    return of_indicators | OF_KINDS_AND_FIELDS


def name_in_words(name: str) -> str:
    """Return a name of tables in words; one that is not known with spaces."""
    return names().get(name, name.replace("_", " "))


_UNITS = {
    "100m_rmb": "100 million RMB, current prices",
    "items": "number",
    "generations": "technology generations",
    "pct": "per cent",
    "fte": "full-time equivalents",
    "person_years": "person-years",
    "log": "log units, 0.01 is about 1 per cent",
    "1": "factor",
}


def unit_in_words(unit: str, kind: str = "stock") -> str:
    """Return a unit in words, a year for flows; one without words of its own as it is."""
    words = _t(_UNITS[unit]) if unit in _UNITS else unit.replace("_", " ")
    if kind != "flow":
        return words
    amount, comma, prices = words.partition(",")
    return _t("{amount} a year").format(amount=amount) + comma + prices


def unit_in_brief(unit: str) -> str:
    """Return a unit in words as tables have it, without prices and remarks."""
    return unit_in_words(unit).partition(",")[0]


def named_by_word(word: str, known: Iterable[str], what: str) -> str:
    """Return "; did you mean ...?" with the names that a word is in, else as `suggestion` does."""
    every = sorted(known)
    found = [n for n in every if word.strip() and has_word(f"{n} {name_in_words(n)}", word)]
    if not found:
        return suggestion(word, every, what)
    more = ", ..." if len(found) > MOST_NAMED else ""
    return f"; did you mean {', '.join(map(repr, found[:MOST_NAMED]))}{more}?"


def short(key: str) -> str:
    """Return a dotted key without the section in front of it."""
    return key.removeprefix("parameters.").removeprefix("policies.")
