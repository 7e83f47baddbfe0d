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
