"""A small file that says which run of a part is at work, for whoever finds the worker dead."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ydsim.store.layout import WORK


class Marker:
    """The file of one part, as a context; without it nothing but the word about a death is lost."""

    def __init__(self, folder: Path, number: int) -> None:
        self.path = marker_path(folder, number)

    def __enter__(self) -> Marker:
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
        return self

    def __exit__(self, *unused: object) -> None:
        with suppress(OSError):
            self.path.unlink()

    def at(self, done: int, run: str) -> None:
        """Say that ``done`` runs of the part are settled and ``run`` is at work."""
        with suppress(OSError):
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o666)
            try:
                os.pwrite(handle, f"{done:08d} {run}\n".encode("ascii"), 0)
            finally:
                os.close(handle)


def marker_path(folder: Path, number: int) -> Path:
    """Return where the worker of a part says what it is at."""
    return folder / WORK / f"part-{number}"


def read_marker(folder: Path, number: int) -> tuple[int, str]:
    """Return how many runs of a part are settled and the run at work, ``(0, "")`` if unknown."""
    try:
        done, run = marker_path(folder, number).read_text("ascii").split()
        return int(done), run
    except (OSError, ValueError):
        return 0, ""
