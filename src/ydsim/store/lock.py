"""One writer to a results folder at a time, or shares of one sweep side by side.

The lock is `filelock`'s: the system lets go of it when its holder dies, however it dies. Beside it
lies a card, for others to read, that says who holds it. Both are removed at the end; what a killed
holder left blocks nobody.

A share takes a lock of its own and then looks for a writer who wants the folder alone; that one
takes his and then looks for shares. Whoever finds the other gives way, so both never go on.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout, lock_descriptor, unlock_descriptor

from ydsim.errors import ResultsError
from ydsim.store.files import READ, read_bytes, refusal, refuse_irregular
from ydsim.translation import gettext as _t

LOCK = ".ydsim-lock"
SETUP = f"{LOCK}-setup"
"""Name of the lock of a share that sets the sweep up, while others wait."""

_SHARE = re.compile(rf"{re.escape(LOCK)}-[0-9]+-of-[0-9]+")
_CARD_BYTES = 4096
_PATIENCE_SECONDS = 0.5
"""How long to wait for a lock that somebody may only be looking at."""


class FolderLock:
    """The right to write into a folder, as a context.

    ``name`` of the lock file is `LOCK` for the folder alone, `share_lock` for a share of a sweep,
    or `SETUP`; ``patience`` are seconds to wait for another holder. Whoever renames the folder
    while holding the lock updates ``path``, the lock file.
    """

    def __init__(
        self, folder: Path, *, name: str = LOCK, patience: float = _PATIENCE_SECONDS
    ) -> None:
        self.folder = folder
        self.path = folder / name
        self._patience = patience
        self._lock = _lock(self.path)

    def __enter__(self) -> FolderLock:
        self._take(self._lock, self.path)
        try:
            for rival in _rivals(self.path):
                self._release(self._take(_lock(rival), rival), rival)
            self._write_card()
        except BaseException as error:
            self._release(self._lock, self.path)
            if isinstance(error, OSError):
                raise refusal("lock", self.path, error) from error
            raise
        return self

    def __exit__(self, *unused: object) -> None:
        self._release(self._lock, self.path)

    def _take(self, lock: FileLock, path: Path) -> FileLock:
        try:
            refuse_irregular(path)
            lock.acquire(timeout=self._patience)
        except Timeout as error:
            message = _t("{folder} is in use by {holder}; wait for it or use --output")
            raise ResultsError(message.format(folder=self.folder, holder=_holder(path))) from error
        except OSError as error:
            raise refusal("lock", path, error) from error
        return lock

    def _release(self, lock: FileLock, path: Path) -> None:
        """Remove a lock that is held, its card and its file first; a waiter sees a file gone."""
        for gone in (_card(path), path):
            with suppress(OSError):
                gone.unlink()
        with suppress(OSError):
            lock.release()

    def _write_card(self) -> None:
        """Say who holds the lock, in a new file: nothing is written through a link."""
        since = datetime.now(UTC).isoformat(timespec="seconds")
        card = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
        _card(self.path).unlink(missing_ok=True)
        with _card(self.path).open("x", encoding="utf-8") as file:
            json.dump(card, file)


def share_lock(i: int, n: int) -> str:
    """Return the name of the lock of share ``i`` of ``n``."""
    return f"{LOCK}-{i}-of-{n}"


def holder_of(folder: Path) -> str:
    """Return in words who writes into a folder now; empty when nobody does.

    The folder is only read. Where the system has no locks, a file that a killed holder left counts
    until the next writer comes.
    """
    for path in (folder / LOCK, *_shares(folder)):
        if path.exists() and _is_held(path):
            return _holder(path)
    return ""


def _lock(path: Path) -> FileLock:
    return FileLock(path, thread_local=False, poll_interval=0.02, fallback_to_soft=False)


def _rivals(path: Path) -> Iterator[Path]:
    """Yield the locks that exist and that the lock at ``path`` cannot be held beside."""
    if path.name == LOCK:
        yield from _shares(path.parent)
    elif _SHARE.fullmatch(path.name) and os.path.lexists(alone := path.with_name(LOCK)):
        yield alone


def _shares(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob(f"{LOCK}-*") if _SHARE.fullmatch(path.name))


def _is_held(path: Path) -> bool:
    with suppress(FileNotFoundError):
        refuse_irregular(path)
        handle = os.open(path, READ)
        try:
            if not lock_descriptor(handle, blocking=False):
                return True
            unlock_descriptor(handle)
        except OSError as error:
            return error.errno == errno.ENOSYS  # no such locks here: the file itself is one
        finally:
            os.close(handle)
    return False


def _card(path: Path) -> Path:
    return path.with_name(f"{path.name}-card")


def _holder(path: Path) -> str:
    share = _t(" (a share of the sweep)") if _SHARE.fullmatch(path.name) else ""
    try:
        card = json.loads(read_bytes(_card(path), _CARD_BYTES))
        facts = {key: card[key] for key in ("pid", "host", "since")}
        return _t("pid {pid} on host {host} since {since}{share}").format(share=share, **facts)
    except (ResultsError, ValueError, KeyError, TypeError):
        return _t("another process{share}").format(share=share)
