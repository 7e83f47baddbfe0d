"""Keys of earlier versions that are no more: why, or what to write in their place."""

from __future__ import annotations

from typing import Any, Final

from ydsim.packaged import rows_of
from ydsim.translation import gettext as _t

REMOVED: Final = {
    row["key"]: row["said"] for row in rows_of("ydsim.scenario.schema", "removed.csv")
}
"""What is to be said of a key of an earlier version, by where it was; policies by their kind.

A key that ends in ``[]`` is one number now and had a list.
"""


def said_of(key: str) -> str:
    """Return what is to be said of a dotted key; nothing where it was never one."""
    return _t(REMOVED[key]) if key in REMOVED else ""


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
