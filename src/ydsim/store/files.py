"""The one place where the results store touches the disk.

A file is written under a temporary name in its own folder, flushed to the device, renamed over
the final name, and the folder flushed: after a kill or a power cut the final name holds either
the old or the new bytes, never a torn file, and two writers of one file do not meet, as each
temporary name is its own. `system_write` and `system_sync` are the seam through
which tests inject a full disk.

A results folder may come from a stranger: only regular files of a limited size are read, and
nothing is read, written or removed through a link inside it.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout, lock_descriptor, unlock_descriptor

from ydsim import untrusted_input
from ydsim.errors import ResourceError, ResultsError
from ydsim.translation import gettext as _t
from ydsim.translation import is_english, mark
from ydsim.wording import shorten

TEMPORARY = ".ydsim-tmp"
"""Ending of the names of unfinished files; a leftover is removed."""

LARGEST = 256 * 2**20
"""Bytes of a manifest, a receipt or a list of failures: room for 100,000 failures with their
tracebacks."""

_FULL = (errno.ENOSPC, errno.EDQUOT)

READ = untrusted_input.READ | getattr(os, "O_NOFOLLOW", 0)
"""Flags to open a file for reading, never through a link and never waiting."""
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
"""Flags to open a file that must not be there yet."""

system_write = os.write
system_sync = os.fsync


def sha256(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def write_atomic(path: Path, data: bytes) -> str:
    """Write ``data`` to ``path`` in one step, all or nothing, and return its SHA-256.

    `ResourceError` when the system refuses: disk full, no permission, folder gone; or what is there
    is no file.
    """
    refuse_device(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    try:
        handle = os.open(temporary, CREATE, 0o666)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[system_write(handle, rest) :]
            system_sync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise refusal("write", path, error) from error
    return sha256(data)


def refuse_device(path: Path) -> None:
    """Refuse to put a file in the place of a pipe, a socket or a device, or of a link to one.

    Nor is any file put among the devices of the system, where ``/dev/stdout`` may be a link to a
    file. `ResourceError` with what is there.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        mode = stat.S_IFREG  # nothing there, or what the system says best when it is written
    if path.absolute().parent == Path(os.devnull).parent or not (
        stat.S_ISREG(mode) or stat.S_ISDIR(mode)
    ):
        message = _t("cannot write {path}: it is {what}; give the name of a file")
        raise ResourceError(message.format(path=path, what=_t(_DEVICE)))


def sync_folder(folder: Path) -> None:
    """Flush the entries of ``folder`` to the device, so that a rename survives a power cut.

    Where the system opens or flushes no folders, as Windows, it is left to the system.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:
        return
    try:
        system_sync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


@contextmanager
def asking_system(verb: str, path: Path) -> Iterator[None]:
    """Turn an `OSError` inside into a `ResourceError` that says "cannot <verb> <path>"."""
    try:
        yield
    except OSError as error:
        raise refusal(verb, path, error) from error


def make_folder(folder: Path, *, parents: bool = False) -> None:
    """Make ``folder`` unless it exists; a refusal is a `ResourceError`."""
    try:
        folder.mkdir(parents=parents, exist_ok=True)
    except OSError as error:
        hint = "" if error.errno in _FULL else _t("; name another with --output")
        raise ResourceError(f"{refusal('make folder', folder, error)}{hint}") from error


def require_place(folder: Path) -> None:
    """Make ``folder`` and what it lies in, and remove again what was not there.

    `ResourceError` when the system refuses: before long work, whose result would have no place.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    make_folder(folder, parents=True)
    for each in missing:
        with suppress(OSError):  # another process may have put something there
            each.rmdir()


def require_own(folder: Path, mark: str, what: str) -> None:
    """Refuse a folder with something in it but without ``mark``, a file that each ``what`` has.

    `ResultsError` when others wrote what is there.
    """
    if not folder.is_dir() or (folder / mark).is_file():
        return
    with asking_system("look into", folder):
        names = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))
    if names:
        message = _t(
            "{folder} holds {name} and is no folder of {what}; nothing was changed, use another "
            "folder with -o"
        )
        raise ResultsError(message.format(folder=folder, name=shorten(names[0]), what=_t(what)))


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Return the content of a file of the store of at most ``largest`` bytes.

    `ResultsError` when it is missing, too large, no regular file, or cannot be read.
    """
    try:
        refuse_irregular(path)
        return untrusted_input.read_bytes(path, largest, mark("file of results"), READ)
    except FileNotFoundError as error:
        message = _t("{path}: this file of the results is missing")
        raise ResultsError(message.format(path=path)) from error
    except untrusted_input.OutsideFileError as error:
        raise ResultsError(f"{path}: {error}") from error


def refuse_irregular(path: Path) -> None:
    """Refuse what is no regular file under the name of one."""
    refuse_link(path)
    if os.path.exists(path) and not os.path.isfile(path):  # unlike those of paths they never raise
        what = _t("a folder") if os.path.isdir(path) else _t(_DEVICE)
        message = _t("{path}: is {what}, not a file of results")
        raise ResultsError(message.format(path=path, what=what))


def refuse_link(path: Path) -> None:
    """Refuse a file or folder inside a results folder that leads out of it."""
    if os.path.islink(path):
        message = _t(
            "{path}: is a symbolic link, and results are neither read nor written through one "
            "inside their folder; remove it or use another folder with --output"
        )
        raise ResultsError(message.format(path=path))


_DEVICE = mark("a pipe, a socket or a device")


_VERBS = (
    mark("write"), mark("make folder"), mark("look into"), mark("rename"), mark("remove"),
    mark("lock"),
)  # fmt: skip
"""What the system may refuse."""


def refusal(verb: str, path: Path, error: OSError) -> ResourceError:
    """Return the message for an operation on ``path`` that the system refused."""
    reason = (error.strerror or str(error)) if is_english() else untrusted_input.reason(error)
    if error.errno in _FULL:
        reason += _t(" ({n} bytes free); make room and run the same command again").format(
            n=_free_bytes(path)
        )
    message = _t("cannot {verb} {path}: {reason}")
    return ResourceError(message.format(verb=_t(verb), path=path, reason=reason))


def _free_bytes(path: Path) -> str:
    for folder in path.absolute().parents:
        with suppress(OSError):
            return f"{shutil.disk_usage(folder).free:,}"
    return "unknown"


# -- one writer to a results folder at a time, or shares of one sweep side by side -----------------

# The lock is `filelock`'s: the system lets go of it when its holder dies, however it dies. Beside
# it lies a card, for others to read, that says who holds it. Both are removed at the end; what a
# killed holder left blocks nobody.
#
# A share takes a lock of its own and then looks for a writer who wants the folder alone; that one
# takes his and then looks for shares. Whoever finds the other gives way, so both never go on.

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
