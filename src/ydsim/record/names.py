"""Names in words in the middle of a sentence; those of indicators are in ``details.csv``."""

from __future__ import annotations

from functools import cache
from typing import Final

from ydsim.record.details import details

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


def short(key: str) -> str:
    """Return a dotted key without the section in front of it."""
    return key.removeprefix("parameters.").removeprefix("policies.")
