"""Where what is done of unfinished parts is kept, in two slots by turns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ydsim.store.files import refuse_link
from ydsim.store.layout import Identity, Store

KEPT = ".ydsim-kept"
"""Folder of what is done of unfinished parts."""

SLOTS = ("a", "b")


def kept_path(folder: Path, number: int) -> Path:
    """Return where what is done of an unfinished part is kept; a link is refused."""
    kept = folder / KEPT / f"part-{number:06d}"
    refuse_link(kept.parent)
    refuse_link(kept)
    return kept


def kept_slot(folder: Path, number: int, slot: str) -> Store:
    """Return one of the two places where an unfinished part is kept by turns."""
    place = kept_path(folder, number) / slot
    refuse_link(place)
    return Store(place)


def kept_slots(folder: Path, number: int) -> list[Store]:
    """Return the two places where an unfinished part is kept by turns."""
    return [kept_slot(folder, number, slot) for slot in SLOTS]


def latest(folder: Path, number: int, identity: Identity) -> tuple[Store, dict[str, Any]] | None:
    """Return the store with the most finished runs of a part, and its receipt."""
    found = [
        (store, receipt)
        for store in (Store(folder), *kept_slots(folder, number))
        if (receipt := store.finished(number, identity)) is not None
    ]
    return max(found, key=lambda each: each[1]["done"]) if found else None
