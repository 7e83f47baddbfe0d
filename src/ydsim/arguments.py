"""Checks of what callers of the Python API pass: each fault is one line that names the argument.

NumPy's scalars count as numbers and texts; ``True`` is no number, and no text is one either.
"""

from __future__ import annotations

import math
import numbers
import operator
import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from ydsim.errors import UsageError
from ydsim.translation import gettext as _t
from ydsim.untrusted_input import one_line
from ydsim.wording import years_in

MOST_SECONDS = 10**9
"""Thirty years: clocks of some systems end at ten times as much."""

LARGEST = 2**63 - 1


def refuse(name: str, expected: str, value: object, meant: str = "") -> UsageError:
    """Return the error of an argument that is not what was expected, with what was ``meant``."""
    try:
        found = repr(value)
    except Exception as error:  # the argument may be of any class, or a number too long to print
        found = f"a {type(value).__name__} that cannot be shown ({type(error).__name__})"
    found = one_line(found, 60)
    message = _t("{name}: expected {expected}, found {found}")
    message = message.format(name=name, expected=expected, found=found)
    return UsageError(message + (_t("; write {text}").format(text=meant) if meant else ""))


def whole(name: str, value: Any, low: int = 0, high: int = LARGEST) -> int:
    """Return a whole number from ``low`` to ``high``."""
    expected = _t("a whole number from {low} to {high}")
    expected = expected.format(low=low, high="2**63 - 1" if high == LARGEST else high)
    if _is_bool(value):
        raise refuse(name, expected, value)
    try:
        number = operator.index(value)
    except TypeError:
        raise refuse(name, expected, value) from None
    if not low <= number <= high:
        raise refuse(name, expected, value)
    return number


def maybe_whole(name: str, value: Any, low: int = 0, high: int = LARGEST) -> int | None:
    """Return the same, or None for None."""
    return None if value is None else whole(name, value, low, high)


def seed(rng: Any, given: Any, own: int) -> int:
    """Return the seed under whichever of its two names it was passed, else the scenario's own.

    Raises
    ------
    ValueError
        When both names are used.
    """
    if rng is not None and given is not None:
        raise ValueError("rng and seed are two names of one number: pass one of them")
    if rng is None and given is None:
        return own
    return whole("seed", given) if rng is None else whole("rng", rng)


def number(name: str, value: Any, expected: str = "a finite number") -> float:
    """Return a finite number."""
    if _is_bool(value) or not isinstance(value, numbers.Real):
        raise refuse(name, expected, value)
    try:
        found = float(value)
    except (OverflowError, TypeError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise refuse(name, expected, value)
    return found


def maybe_seconds(name: str, value: Any) -> float | None:
    """Return seconds above 0, as many as clocks can count, or None for None."""
    if value is None:
        return None
    expected = f"a number of seconds above 0 and at most {MOST_SECONDS:,}"
    seconds = number(name, value, expected)
    if not 0.0 < seconds <= MOST_SECONDS:
        raise refuse(name, expected, value)
    return seconds


def years(name: str, value: Any) -> tuple[int, int]:
    """Return first and last year of ``2016:2020``, ``2016-2020``, one year, or a pair."""
    expected, parts = _t("one year or two, as in 2016:2020"), list[int]()
    try:
        if isinstance(value, str):
            parts = [int(part) for part in value.replace("-", ":").split(":")]
        else:
            given = value if isinstance(value, Iterable) else [value]
            parts = [operator.index(part) for part in islice(given, 3)]
        if not 1 <= len(parts) <= 2 or parts[0] > parts[-1]:
            raise ValueError
    except (TypeError, ValueError):
        dated = isinstance(value, str) and min(parts, default=0) < 1000
        named = sorted({int(year) for year in years_in(value)} if dated else {*parts})
        meant = ":".join(map(str, named)) if len(named) <= 2 else ""
        raise refuse(name, expected, value, meant) from None
    return parts[0], parts[-1]


def maybe_years(name: str, value: Any) -> tuple[int, int] | None:
    """Return the same, or None for None."""
    return None if value is None else years(name, value)


def flag(name: str, value: Any) -> bool:
    """Return True or False."""
    if not _is_bool(value):
        raise refuse(name, "True or False", value)
    return bool(value)


def text(name: str, value: Any, expected: str = "a text") -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise refuse(name, expected, value)
    return str(value)


def path(name: str, value: Any, expected: str = "a path") -> str:
    """Return a path, or a name, as text; what has ``__fspath__`` is one, bytes are none."""
    try:
        found = os.fspath(value)
    except Exception:  # the argument may be of any class
        raise refuse(name, expected, value) from None
    if not isinstance(found, str):
        raise refuse(name, expected, value)
    return str(found)


def folder(name: str, value: Any, expected: str = "a folder") -> Path:
    """Return the path of a folder that the system can have."""
    found = path(name, value, expected)
    try:
        longest = max((len(os.fsencode(part)) for part in Path(found).parts), default=0)
    except UnicodeError:  # half of a character
        raise refuse(name, expected, value) from None
    if not found.strip() or "\0" in found or longest > 255:
        raise refuse(name, expected, value)
    return Path(found)


def texts(name: str, value: Any) -> list[str]:
    """Return a list of texts; a single text counts as one of them."""
    expected = "a list of texts"
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, Sequence) or isinstance(value, bytes):
        raise refuse(name, expected, value)
    for item in value:
        if not isinstance(item, str):
            raise refuse(name, expected, value)
    return [str(item) for item in value]


def one_of(name: str, value: Any, options: Sequence[str]) -> str:
    """Return one of the texts that are known."""
    if not isinstance(value, str) or value not in options:
        raise refuse(name, " or ".join(map(repr, options)), value)
    return str(value)


def maybe_instance(name: str, value: Any, kind: type, expected: str) -> None:
    """Refuse what is neither None nor of a class."""
    if value is not None and not isinstance(value, kind):
        raise refuse(name, expected, value)


def maybe_callable(name: str, value: Any) -> None:
    """Refuse what is neither None nor can be called."""
    if value is not None and not callable(value):
        raise refuse(name, "something that can be called, or None", value)


def _is_bool(value: object) -> bool:
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")
