"""From a file to clean text: what is refused before YAML is read at all."""

from __future__ import annotations

import codecs
from pathlib import Path

from ydsim.errors import InputError
from ydsim.outside import OutsideFileError, read_bytes
from ydsim.scenario.read.node import Mark
from ydsim.scenario.read.problems import Problem, fail
from ydsim.wording import is_invisible, name_of_character

LARGEST = 5_000_000
"""Bytes of a scenario file."""


def read_text(
    path: Path, mark: Mark, asked: str = "", *, largest: int = LARGEST, what: str = "scenario"
) -> str:
    """Return the text of a scenario file with plain line ends and without byte order mark.

    Parameters
    ----------
    path
        The file.
    mark
        How the user names it.
    asked
        Who asks for it, as a prefix of messages: ``child.yaml:1:10: extends: ``.
    largest
        Bytes that the file may have.
    what
        What kind of file it is, in messages.

    Raises
    ------
    InputError
        The file is missing, unreadable, not a plain file, too large or not text.
    ScenarioError
        It holds control, bidirectional or invisible characters.
    """
    name = mark.source
    try:
        raw = read_bytes(path, largest, what)
    except FileNotFoundError:
        raise InputError(f"{asked}{name}: no such file{_close_file(path)}") from None
    except OutsideFileError as error:
        raise InputError(f"{asked}{name}: {error}") from None
    text = _decode(raw, f"{asked}{name}")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_hidden(text, mark)
    return text


def _close_file(path: Path) -> str:
    from ydsim.wording import nearest

    try:
        names = sorted(p.name for p in path.parent.iterdir() if p.suffix in (".yaml", ".yml"))
    except OSError:
        return ""
    close = nearest(path.name, names)
    return f"; did you mean {str(path.parent / close)!r}?" if close else ""


def _decode(raw: bytes, name: str) -> str:
    encoding = "utf-8-sig"
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not UTF-8 at byte {error.start}{_looks_like(raw)}; save it as UTF-8"
        ) from None


def _looks_like(raw: bytes) -> str:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return " (looks like GB18030)" if any("\u4e00" <= c <= "\u9fff" for c in text) else ""


def _refuse_hidden(text: str, mark: Mark) -> None:
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return
    problems = [
        Problem(mark.at(i, j), "", f"character {name_of_character(char)} is not allowed; delete it")
        for i, line in enumerate(text.split("\n"), 1)
        if not line.replace("\t", "").isprintable()
        for j, char in enumerate(line, 1)
        if is_invisible(char)
    ]
    fail(problems)
