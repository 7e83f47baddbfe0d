"""A small file that says which run of a part is at work and how far it is.

Whoever finds the worker dead reads the run, whoever waits reads the share.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ydsim.store.layout import WORK


class Marker:
    """The file of one part, as a context; without it nothing but the word about a death is lost."""

    def __init__(self, folder: Path | None, number: int) -> None:
        self.path = None if folder is None else marker_path(folder, number)

    def __enter__(self) -> Marker:
        if self.path is not None:
            with suppress(OSError):
                self.path.parent.mkdir(exist_ok=True)
        return self

    def __exit__(self, *unused: object) -> None:
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()

    def at(self, done: int, run: str, share: float) -> None:
        """Say that ``done`` runs of the part are settled and of ``run`` this share of quarters."""
        if self.path is None:
            return
        with suppress(OSError):
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o666)
            try:
                os.pwrite(handle, f"{done:08d} {share:.4f} {run}\n".encode("ascii"), 0)
            finally:
                os.close(handle)


def marker_path(folder: Path, number: int) -> Path:
    """Return where the worker of a part says what it is at."""
    return folder / WORK / f"part-{number}"


@dataclass(frozen=True)
class Mark:
    """Where a worker is: runs settled, the run at work and the share of it that is done."""

    done: int = 0
    run: str = ""
    share: float = 0.0


def read_marker(folder: Path, number: int) -> Mark:
    """Return what the worker of a part says; nothing done where it says nothing."""
    try:
        done, share, run = marker_path(folder, number).read_text("ascii").split()
        return Mark(int(done), run, float(share))
    except (OSError, ValueError):
        return Mark()
