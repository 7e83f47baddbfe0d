"""What is in files that have a checksum of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ydsim.store.manifest import seal, unseal


def content(path: Path) -> dict[str, Any]:
    """Return what a manifest or a receipt says, without its checksum."""
    return unseal(path.read_bytes(), path)


def put(folder: Path, manifest: dict[str, Any]) -> None:
    """Write a manifest into a folder, with a right checksum."""
    (folder / "manifest.json").write_bytes(seal(manifest))
