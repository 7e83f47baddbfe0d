"""The one place where the results store touches the disk.

A file is written under a temporary name in its own folder, flushed to the device, renamed over
the final name, and the folder flushed: after a kill or a power cut the final name holds either
the old or the new bytes, never a torn file, and two writers of one file do not meet, as each
temporary name is its own. `system_write` and `system_sync` are the seam through
which tests inject a full disk.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ydsim.errors import ResourceError, ResultsError

TEMPORARY = ".ydsim-tmp"
"""Ending of the names under which unfinished files stand; a leftover is removed."""

system_write = os.write
system_sync = os.fsync


def sha256(data: bytes) -> str:
    """Return the SHA-256 of ``data`` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def write_atomic(path: Path, data: bytes) -> str:
    """Write ``data`` to ``path`` in one step, all or nothing, and return its SHA-256.

    Raises
    ------
    ResourceError
        When the system refuses: disk full, no permission, folder gone.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}{TEMPORARY}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    try:
        handle = os.open(temporary, flags, 0o666)
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


def sync_folder(folder: Path) -> None:
    """Flush the entries of ``folder`` to the device, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        system_sync(handle)
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
    with asking_system("make folder", folder):
        folder.mkdir(parents=parents, exist_ok=True)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file of the store.

    Raises
    ------
    ResultsError
        When it is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ResultsError(f"{path}: this file of the results is missing") from error
    except OSError as error:
        raise ResultsError(f"{path}: cannot be read: {error.strerror}") from error


def remove_leftovers(folder: Path) -> None:
    """Remove unfinished files that a killed writer left directly inside ``folder``."""
    for path in sorted(folder.glob(f".*{TEMPORARY}")):
        with suppress(OSError):
            path.unlink()


def refusal(verb: str, path: Path, error: OSError) -> ResourceError:
    """Return the message for an operation on ``path`` that the system refused."""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        reason += f" ({_free_bytes(path)} bytes free); make room and run the same command again"
    return ResourceError(f"cannot {verb} {path}: {reason}")


def _free_bytes(path: Path) -> str:
    for folder in path.absolute().parents:
        with suppress(OSError):
            return f"{shutil.disk_usage(folder).free:,}"
    return "unknown"
