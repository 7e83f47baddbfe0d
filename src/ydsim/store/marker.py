"""A small file that says which run of a part is at work, for whoever finds the worker dead."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ydsim.errors import ResultsError
from ydsim.store.files import CREATE, read_bytes
from ydsim.store.layout import WORK

_BYTES = 4096


class Marker:
    """The file of one part, as a context; without it nothing but the word about a death is lost.

    It is a new one, so that nothing is written through a link that has its name.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.path = marker_path(folder, number)
        self._handle = -1

    def __enter__(self) -> Marker:
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            self.path.unlink(missing_ok=True)
            self._handle = os.open(self.path, CREATE, 0o666)
        return self

    def __exit__(self, *unused: object) -> None:
        with suppress(OSError):
            os.close(self._handle)
        with suppress(OSError):
            self.path.unlink()

    def at(self, done: int, run: str) -> None:
        """Say that ``done`` runs of the part are settled and ``run`` is at work."""
        with suppress(OSError):
            os.lseek(self._handle, 0, os.SEEK_SET)
            os.write(self._handle, f"{done:08d} {run}\n".encode("ascii"))


def marker_path(folder: Path, number: int) -> Path:
    """Return where the worker of a part says what it is at."""
    return folder / WORK / f"part-{number}"


def read_marker(folder: Path, number: int) -> tuple[int, str]:
    """Return how many runs of a part are settled and the run at work, ``(0, "")`` if unknown."""
    try:
        done, run = read_bytes(marker_path(folder, number), _BYTES).decode("ascii").split()
        return int(done), run
    except (ResultsError, ValueError):
        return 0, ""
