"""What is in files that have a checksum of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ydsim.store.manifest import unseal


def content(path: Path) -> dict[str, Any]:
    """Return what a manifest or a receipt says, without its checksum."""
    return unseal(path.read_bytes(), path)
