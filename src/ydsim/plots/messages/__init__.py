"""All words that stand on figures, in one table.

Drawing code asks for a message by its key and hands over the facts; it holds no sentence itself.
The part of a key before the first dot is the module of this room that holds the message. Another
language is another table: ``with speak({"figures.map": "..."}):`` replaces messages by their keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module

_OTHER: ContextVar[Mapping[str, str] | None] = ContextVar("other", default=None)

_WRITTEN = {"rd": "R&D", "g60": "G60"} | {
    name.lower(): name for name in ("Anhui", "Jiangsu", "Shanghai", "Wanjiang", "Zhejiang")
}
"""Short forms and proper names in keys, as they are written."""


def say(key: str, **facts: object) -> str:
    """Return the message ``key`` with ``facts`` in the places that it names.

    Raises
    ------
    KeyError
        When there is no such message, or it names a fact that is not given.
    """
    return _message(key).format(**facts)


@contextmanager
def speak(messages: Mapping[str, str]) -> Iterator[None]:
    """Use ``messages`` instead of those of the same keys, for example in another language."""
    for key in messages:
        _message(key)
    token = _OTHER.set(dict(messages))
    try:
        yield
    finally:
        _OTHER.reset(token)


def _message(key: str) -> str:
    other = _OTHER.get()
    if other is not None and key in other:
        return other[key]
    family, _, _ = key.partition(".")
    table: Mapping[str, str] = import_module(f"{__name__}.{family}").MESSAGES
    return table[key]


def indicator_in_words(name: str) -> str:
    """Return an indicator in words; one that no table names goes by its own name."""
    return message_or(f"indicators.{name}", name.replace("_", " "))


def key_in_words(key: str) -> str:
    """Return the key of a policy or a parameter as words, with proper names as they are written."""
    parts = key.replace(".", " ").replace("_", " ").split(" ")
    return " ".join(_WRITTEN.get(part, part) for part in parts)


def unit_in_words(unit: str, kind: str = "stock") -> str:
    """Return a unit in words, a year for flows; one that no table names as it is."""
    words = message_or(f"units.{unit}", unit.replace("_", " "))
    if kind != "flow":
        return words
    return message_or(f"units.yearly_{unit}", say("units.yearly", unit=words))


def unit_beside(name: str, unit: str, kind: str = "stock") -> str:
    """Return a unit as it stands beside a name: "number" where the name has its word already."""
    beside = message_or(f"units.beside_{unit}", "")
    own = set(message_or(f"units.{unit}", "").replace(",", "").split())
    if not beside or not own & set(name.lower().split()):
        return unit_in_words(unit, kind)
    return say("units.yearly", unit=beside) if kind == "flow" else beside


def message_or(key: str, otherwise: str) -> str:
    """Return a message, or another text where there is none of this key."""
    try:
        return say(key)
    except KeyError:
        return otherwise
