"""Keys of earlier versions that are no more: why, or what to write in their place.

Until 0.7 a border had a *level*, the share of exchange that it suppresses; now a key says what
passes, and the line has the new value. Each key is refused with one line, for one version.
"""

from __future__ import annotations

import csv
from importlib import resources
from typing import Any, Final

from ydsim.translation import gettext as _t

REMOVED: Final = {
    row["key"]: row["said"]
    for row in csv.DictReader(
        resources.files("ydsim.scenario.schema")
        .joinpath("removed.csv")
        .read_text("utf-8")
        .splitlines()
    )
}
"""What is to be said of a key of an earlier version, by where it was; policies by their kind.

``{share}`` stands for what passes at the level that was written, ``{goods}`` at the part of it that
goods took, ``{half}`` at half of it. A key that ends in ``[]`` is one number now and had a list.
"""

_GOODS: Final = 0.3
"""Part of the value of goods that a border of level one took, `compete.border_cost`."""


def said_of(key: str, value: Any) -> str:
    """Return what is to be said of a dotted key and its value; nothing where it was never one."""
    if key not in REMOVED:
        return ""
    parts = {"share": 1.0, "goods": _GOODS, "half": 0.5}
    return _t(REMOVED[key]).format(**{name: _passing(value, part) for name, part in parts.items()})


def _passing(level: Any, part: float) -> str:
    """Return what passes at a part of a level; a formula where the level is no share."""
    number = isinstance(level, (int, float)) and not isinstance(level, bool)
    if number and 0.0 <= level <= 1.0:
        return str(round(1.0 - part * level, 6))
    return "1 - level" if part == 1.0 else f"1 - {part} level"


def without_removed(content: dict[str, Any], at: str = "") -> dict[str, Any]:
    """Return a plain scenario of an earlier version without the keys that are no more.

    ``at`` is where ``content`` is in the scenario, with a dot at its end.
    """
    kept = {key: value for key, value in content.items() if not _is_gone(f"{at}{key}", value)}
    for key, value in kept.items():
        if isinstance(value, dict):
            name = value.get("policy", key) if at == "policies." else key
            kept[key] = without_removed(value, f"{at}{name}.")
    return kept


def _is_gone(key: str, value: Any) -> bool:
    return key in REMOVED or (isinstance(value, list) and f"{key}[]" in REMOVED)
