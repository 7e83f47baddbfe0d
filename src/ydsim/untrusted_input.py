"""Files from outside: read at once, regular files of a limited size only, never waiting.

A pipe, a device or a socket is refused before it is opened, and again once it is open, so that
none that takes the place of a file meanwhile can hold the reader.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ydsim.translation import gettext as _t
from ydsim.translation import mark

READ = os.O_RDONLY
"""Flags to open a file for reading without waiting."""
for _flag in ("O_BINARY", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC"):  # not every system has all
    READ |= getattr(os, _flag, 0)


class OutsideFileError(Exception):
    """A file cannot be read; the text says why and follows its name."""


def read_bytes(path: str | Path, largest: int, what: str, flags: int = READ) -> bytes:
    """Return the content of a file.

    Parameters
    ----------
    path
        The file.
    largest
        Bytes that it may have.
    what
        What kind of file it is, in messages.
    flags
        How it is opened.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    OutsideFileError
        It is no regular file, too large, changes meanwhile, or the system refuses.
    """
    try:
        _refuse_irregular(os.stat(path), what)
        with open(os.open(path, flags), "rb") as file:
            found = os.fstat(file.fileno())
            _refuse_irregular(found, what)
            if found.st_size > largest:
                size = f"{largest // 1_000_000} MB"
                message = _t("is larger than {size}, which no {what} is")
                raise OutsideFileError(message.format(size=size, what=_t(what)))
            raw = file.read(found.st_size + 1)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # a NUL in a name is a ValueError
        message = _t("cannot be read: {why}").format(why=reason(error))
        raise OutsideFileError(message) from None
    if len(raw) != found.st_size:
        raise OutsideFileError(_t("changes while it is read"))
    return raw


_REASONS = (
    mark("no such file or directory"),
    mark("permission denied"),
    mark("is a directory"),
    mark("not a directory"),
    mark("file name too long"),
    mark("no space left on device"),
    mark("read-only file system"),
)
"""What systems often say."""


def reason(error: OSError | ValueError) -> str:
    """Return why the system refuses, in its words, those of `_REASONS` translated."""
    message = error.strerror if isinstance(error, OSError) else None
    return _t((message or str(error)).lower())


def one_line(text: str, width: int = 400) -> str:
    """Return a text from outside on one line, without control characters, and not too long."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text[: width + 1]
    )
    return shown if len(shown) <= width else f"{shown[: width - 3]}..."


def _refuse_irregular(found: os.stat_result, what: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise OutsideFileError(_t("is a folder, not a {what} file").format(what=_t(what)))
    if not stat.S_ISREG(found.st_mode):
        raise OutsideFileError(_t("is not a regular file"))
