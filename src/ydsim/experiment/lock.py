"""One writer to a results folder at a time, held by a lock that dies with its process."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from ydsim.errors import StoreError
from ydsim.experiment.files import refusal

LOCK = ".ydsim-lock"


class FolderLock:
    """Exclusive right to write into a folder, as a context.

    The lock is the kernel's (``flock``): a killed holder leaves nothing that blocks. The file
    only tells others who holds it, and is removed at the end.

    Attributes
    ----------
    path
        The lock file; whoever renames the folder while holding the lock updates it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / LOCK
        self._handle = -1

    def __enter__(self) -> FolderLock:
        try:
            while self._handle < 0:
                self._handle = self._try()
        except OSError as error:
            raise refusal("lock", self.path, error) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self.path.unlink()
        os.close(self._handle)
        self._handle = -1

    def _try(self) -> int:
        """Return a locked handle, or -1 when the file was removed by its last holder meanwhile."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._still_there(handle):
                os.close(handle)
                return -1
            os.ftruncate(handle, 0)
            os.write(handle, _card())
        except BlockingIOError as error:
            message = f"{self.folder} is in use by {_holder(handle)}; wait for it or use --out"
            os.close(handle)
            raise StoreError(message) from error
        except OSError:
            os.close(handle)
            raise
        return handle

    def _still_there(self, handle: int) -> bool:
        try:
            return os.fstat(handle).st_ino == self.path.stat().st_ino
        except FileNotFoundError:
            return False


def _card() -> bytes:
    card = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(card).encode("utf-8")


def _holder(handle: int) -> str:
    try:
        card = json.loads(os.pread(handle, 4096, 0))
        return f"pid {card['pid']} on host {card['host']} since {card['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
