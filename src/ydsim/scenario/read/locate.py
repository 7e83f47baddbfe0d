"""Where scenario files are: shipped ones by bare name, all others by path."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from pathlib import Path, PurePosixPath

from ydsim.errors import InputError
from ydsim.outside import one_line
from ydsim.wording import nearest, shorten

SUFFIXES = (".yaml", ".yml", ".json")


@lru_cache(maxsize=1)
def shipped() -> dict[str, Path]:
    """Return the files of the scenarios that come with ydsim, by name.

    They are inside an installed package, and beside ``src`` in a checkout.
    """
    return _files("scenarios")


@lru_cache(maxsize=1)
def shipped_sweeps() -> dict[str, Path]:
    """Return the files of the sweeps that come with ydsim, by name, from where scenarios are."""
    return _files("scenarios/sweeps")


def _files(where: str) -> dict[str, Path]:
    package = Path(str(resources.files("ydsim")))
    for folder in (package / where, package.parents[1] / where):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return {}


def is_name(text: str) -> bool:
    """Tell whether ``text`` is the bare name of a shipped scenario rather than a path."""
    return not (
        "/" in text or "\\" in text or text in (".", "..") or text.lower().endswith(SUFFIXES)
    )


def locate(text: str, asked: str = "", *, what: str = "scenario") -> tuple[Path, str]:
    """Return a file and how messages name it.

    Parameters
    ----------
    text
        Bare name or path.
    asked
        Who asks for it, as a prefix of messages.
    what
        What it is the name of, ``scenario`` or ``sweep``.

    Raises
    ------
    InputError
        Nothing of this kind has this name.
    """
    if not is_name(text):
        return Path(text), one_line(text)
    known, folder = (
        (shipped_sweeps(), "scenarios/sweeps") if what == "sweep" else (shipped(), "scenarios")
    )
    if text in known:
        return known[text], f"{folder}/{text}.yaml"
    raise InputError(
        f"{asked}no {what} is called {shorten(text)!r}{meant(text, known)}; see "
        f"`ydsim list {what}s`"
    )


def meant(text: str, known: Iterable[str]) -> str:
    """Return what an unknown bare name probably means, as the middle of a message."""
    close = nearest(text[:100], known)
    hint = f"; did you mean {close!r}?" if close else ""
    try:
        found = any(Path(text + suffix).is_file() for suffix in SUFFIXES)
    except (OSError, ValueError):  # too long for a file, or with a NUL
        found = False
    return hint + (f"; the file is {text + SUFFIXES[0]!r}, with its ending" if found else "")


def beside(text: str, file: Path, display: str) -> tuple[Path, str]:
    """Return a path relative to the file that names it, and how messages name it."""
    return file.parent / text, one_line(str(PurePosixPath(display).parent / text))
