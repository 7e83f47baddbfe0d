"""A small file that says which run of a part is at work and how far it is.

Whoever finds the worker dead reads the run, whoever waits reads the share.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ydsim.errors import ResultsError
from ydsim.store.files import CREATE, read_bytes
from ydsim.store.layout import WORK

_BYTES = 4096


class Marker:
    """The file of one part, as a context; without it nothing but the word about a death is lost.

    It is a new one, so that nothing is written through a link that has its name.
    """

    def __init__(self, folder: Path | None, number: int) -> None:
        self.path = None if folder is None else marker_path(folder, number)
        self._handle = -1

    def __enter__(self) -> Marker:
        if self.path is not None:
            with suppress(OSError):
                self.path.parent.mkdir(exist_ok=True)
                self.path.unlink(missing_ok=True)
                self._handle = os.open(self.path, CREATE, 0o666)
        return self

    def __exit__(self, *unused: object) -> None:
        if self.path is None:
            return
        with suppress(OSError):
            os.close(self._handle)
        with suppress(OSError):
            self.path.unlink()

    def at(self, done: int, run: str, share: float) -> None:
        """Say that ``done`` runs of the part are settled and of ``run`` this share of quarters."""
        if self.path is None:
            return
        with suppress(OSError):
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, f"{done:08d} {share:.4f} {run}\n".encode("ascii"))


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
        text = read_bytes(marker_path(folder, number), _BYTES).decode("ascii")
        done, share, run = text.split()
        return Mark(int(done), run, float(share))
    except (ResultsError, ValueError):
        return Mark()
