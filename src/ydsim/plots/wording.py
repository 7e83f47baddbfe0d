"""Indicators, units and amounts in words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ydsim.plots.lines import number
from ydsim.plots.messages import say
from ydsim.plots.style import shown

_SHORT = {"rd": "R&D", "g60": "G60"}
"""Short forms in keys."""


def indicator_in_words(name: str) -> str:
    """Return an indicator in words; one that no table names goes by its own name."""
    return _or(f"indicators.{name}", name.replace("_", " "))


def key_in_words(key: str) -> str:
    """Return the key of a policy or a parameter as words, and short forms as they are written."""
    parts = key.replace(".", " ").replace("_", " ").split(" ")
    return " ".join(_SHORT.get(part, part) for part in parts)


def unit_in_words(unit: str, kind: str = "stock") -> str:
    """Return a unit in words, a year for flows; one that no table names as it is."""
    words = _or(f"units.{unit}", unit.replace("_", " "))
    if kind != "flow":
        return words
    return _or(f"units.yearly_{unit}", say("units.yearly", unit=words))


def listed(parts: Iterable[str], limit: int | None = None) -> str:
    """Return texts as a list in a sentence: "Shanghai, Suzhou and Nanjing".

    Parameters
    ----------
    limit
        Foreign names are shown with so many characters at most; without it texts stay as they are.
    """
    cut = [part if limit is None else shown(part, limit) for part in parts]
    if len(cut) < 2:
        return "".join(cut)
    return say("words.and_list", before=", ".join(cut[:-1]), last=cut[-1])


def amount(value: float) -> str:
    """Return a number to about three digits, with separators of thousands and a true minus."""
    if not np.isfinite(value):
        return "?"
    size = abs(float(f"{value:.3g}"))
    digits = 0 if size >= 100.0 or size == 0.0 else 1 if size >= 10.0 else 2
    if 0.0 < size < 0.1:
        return f"{value:.2g}".replace("-", "\u2212")
    return number(float(f"{value:.3g}"), digits)


def percent(value: float) -> str:
    """Return the size of a change without its sign, to one digit below 10."""
    size = abs(value)
    return f"{size:.0f}" if size >= 9.95 else f"{size:.1f}".removesuffix(".0")


def _or(key: str, otherwise: str) -> str:
    try:
        return say(key)
    except KeyError:
        return otherwise
