"""Sentences for people, in English or in the language of a catalogue.

A module that shows sentences imports `gettext` as ``_t`` and calls it where the sentence is shown:

>>> from ydsim.translation import gettext as _t
>>> _t("{n} replicates").format(n=5)
'5 replicates'

Facts are put in outside the call, never by an f-string, so that a tool like Babel finds the
sentence. Another language is a catalogue of gettext: ``with speak(catalogue):``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

_CATALOGUE: ContextVar[NullTranslations] = ContextVar("catalogue", default=NullTranslations())  # noqa: B039


def gettext(message: str) -> str:
    """Return a sentence in the language in use."""
    return _CATALOGUE.get().gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a sentence that goes with a number."""
    return _CATALOGUE.get().ngettext(one, many, n)


@contextmanager
def speak(catalogue: NullTranslations) -> Iterator[None]:
    """Use the sentences of a catalogue, for example of `gettext.translation`."""
    token = _CATALOGUE.set(catalogue)
    try:
        yield
    finally:
        _CATALOGUE.reset(token)


def mark(message: str) -> str:
    """Return a sentence as it is: it stands in a table and is translated where it is shown."""
    return message
