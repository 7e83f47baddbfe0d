"""One writer to a results folder at a time, held by a lock that dies with its process."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
import weakref
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from ydsim.errors import ResultsError
from ydsim.store.files import refusal

LOCK = ".ydsim-lock"

_PATIENCE_SECONDS = 0.2

_held: weakref.WeakSet[FolderLock] = weakref.WeakSet()


def _let_go_in_child() -> None:
    """Close what a forked child has inherited, so that it does not hold a dead parent's lock."""
    for lock in list(_held):
        lock.forget()


os.register_at_fork(after_in_child=_let_go_in_child)


class FolderLock:
    """Exclusive right to write into a folder, as a context.

    The lock is the kernel's (``flock``): a killed holder leaves nothing that blocks. The file
    only tells others who holds it, and is removed at the end.

    Attributes
    ----------
    path
        The lock file; whoever renames the folder while holding the lock updates it.

    Parameters
    ----------
    name
        Name of the lock file.
    shared
        Hold it together with others that share it, which keeps out who wants it alone.
    """

    def __init__(self, folder: Path, *, name: str = LOCK, shared: bool = False) -> None:
        self.folder = folder
        self.path = folder / name
        self._shared = shared
        self._handle = -1

    def __enter__(self) -> FolderLock:
        until = time.monotonic() + _PATIENCE_SECONDS
        try:
            while self._handle < 0:
                self._handle = self._try(patient=time.monotonic() < until)
        except OSError as error:
            raise refusal("lock", self.path, error) from error
        _held.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _held.discard(self)
        with suppress(OSError):
            if self._shared:  # the last one removes the file
                fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.path.unlink()
        self.forget()

    def forget(self) -> None:
        """Close the handle without a word; the lock is gone with the last process that has it."""
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = -1

    def _try(self, *, patient: bool) -> int:
        """Return a locked handle, or -1 to try again.

        That is when the file was removed by its last holder meanwhile, and a while when it is
        held: somebody may only be looking whether it is.
        """
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if self._shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            if not self._still_there(handle):
                os.close(handle)
                return -1
            os.ftruncate(handle, 0)
            os.write(handle, _card(self._shared))
        except BlockingIOError as error:
            if patient:
                os.close(handle)
                time.sleep(0.02)
                return -1
            holder = holder_of(os.pread(handle, 4096, 0))
            message = f"{self.folder} is in use by {holder}; wait for it or use --out"
            os.close(handle)
            raise ResultsError(message) from error
        except OSError:
            os.close(handle)
            raise
        return handle

    def _still_there(self, handle: int) -> bool:
        try:
            return os.fstat(handle).st_ino == self.path.stat().st_ino
        except FileNotFoundError:
            return False


def _card(shared: bool) -> bytes:
    card: dict[str, object] = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if shared:
        card["share"] = True
    return json.dumps(card).encode("utf-8")


def holder_of(card: bytes) -> str:
    """Return in words who wrote the card of a lock."""
    try:
        told = json.loads(card)
        who = f"pid {told['pid']} on host {told['host']} since {told['since']}"
        return who + (" (a share of the sweep)" if told.get("share") else "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return "another process"
