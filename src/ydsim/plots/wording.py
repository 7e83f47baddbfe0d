"""Indicators, units and amounts in words."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ydsim.plots.lines import number
from ydsim.plots.messages import say
from ydsim.plots.style import shown

_WRITTEN = {"rd": "R&D", "g60": "G60"} | {
    name.lower(): name for name in ("Anhui", "Jiangsu", "Shanghai", "Wanjiang", "Zhejiang")
}
"""Short forms and proper names in keys, as they are written."""


def indicator_in_words(name: str) -> str:
    """Return an indicator in words; one that no table names goes by its own name."""
    return message_or(f"indicators.{name}", name.replace("_", " "))


def key_in_words(key: str) -> str:
    """Return the key of a policy or a parameter as words, with proper names as they are written."""
    parts = key.replace(".", " ").replace("_", " ").split(" ")
    return " ".join(_WRITTEN.get(part, part) for part in parts)


def unit_in_words(unit: str, kind: str = "stock") -> str:
    """Return a unit in words, a year for flows; one that no table names as it is."""
    words = message_or(f"units.{unit}", unit.replace("_", " "))
    if kind != "flow":
        return words
    return message_or(f"units.yearly_{unit}", say("units.yearly", unit=words))


def unit_beside(name: str, unit: str, kind: str = "stock") -> str:
    """Return a unit as it stands beside a name: "number" where the name has its word already."""
    beside = message_or(f"units.beside_{unit}", "")
    own = set(message_or(f"units.{unit}", "").replace(",", "").split())
    if not beside or not own & set(name.lower().split()):
        return unit_in_words(unit, kind)
    return say("units.yearly", unit=beside) if kind == "flow" else beside


def sum_of_money(value: float) -> str:
    """Return 100 million RMB as "4.25 trillion RMB", with three digits."""
    for size, name in ((1e4, "trillion"), (10.0, "billion")):
        if abs(float(f"{value:.3g}")) >= size:
            return say(f"units.rmb_{name}", n=amount(value / size))
    return say("units.rmb_million", n=amount(100.0 * value))


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


def message_or(key: str, otherwise: str) -> str:
    """Return a message, or another text where there is none of this key."""
    try:
        return say(key)
    except KeyError:
        return otherwise
