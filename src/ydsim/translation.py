"""Sentences for people, in English or in the language of a catalogue.

A module that shows sentences imports `gettext` as ``_t`` and calls it where the sentence is shown:

>>> from ydsim.translation import gettext as _t
>>> _t("{n} replicates").format(n=5)
'5 replicates'

Facts are put in outside the call, never by an f-string, so that a tool like Babel finds the
sentence. Another language is a catalogue of gettext, one of those in ``locale/`` or any other:

>>> with speak(catalogue("zh")):
...     _t("{n} replicates").format(n=5)
'5次重复'
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations

from ydsim.errors import UsageError

VARIABLE = "YDSIM_LANG"
"""The environment variable that names the language of the command line."""

FOLDERS = {"en": "", "zh": "zh_CN"}
"""Languages, and the folder of the catalogue of each; English, which has none, is the default."""

_ENGLISH = NullTranslations()
_CATALOGUE: ContextVar[NullTranslations] = ContextVar("catalogue", default=_ENGLISH)


def gettext(message: str) -> str:
    """Return a sentence in the language in use."""
    # a catalogue has what it is about under the empty sentence
    return _CATALOGUE.get().gettext(message) if message else ""


def pgettext(context: str, message: str) -> str:
    """Return a word that means several things, in the one sense that the context says."""
    catalogue = _CATALOGUE.get()
    return catalogue.pgettext(context, message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """Return the form of a sentence that goes with a number."""
    return _CATALOGUE.get().ngettext(one, many, n)


@contextmanager
def speak(catalogue: NullTranslations) -> Iterator[None]:
    """Use the sentences of a catalogue, for example of `catalogue`."""
    token = _CATALOGUE.set(catalogue)
    try:
        yield
    finally:
        _CATALOGUE.reset(token)


@contextmanager
def speak_english() -> Iterator[None]:
    """Use English, as what is stored with results does in every language."""
    with speak(_ENGLISH):
        yield


def is_english() -> bool:
    """Tell whether sentences are shown as they stand in the code."""
    return _CATALOGUE.get() is _ENGLISH


@cache
def catalogue(language: str) -> NullTranslations:
    """Return the catalogue of a language of `FOLDERS`, of English one without sentences."""
    from importlib import resources

    folder = FOLDERS[language]
    if not folder:
        return _ENGLISH
    file = resources.files("ydsim").joinpath("locale", folder, "LC_MESSAGES", "ydsim.mo")
    with file.open("rb") as stream:
        return GNUTranslations(stream)


def in_chinese(message: str) -> str:
    """Return a sentence or a name in Chinese, whatever language is in use."""
    return catalogue("zh").gettext(message) if message else ""


def language_named(name: str, where: str) -> str:
    """Return the language of a name such as zh, zh_CN or zh_CN.UTF-8; an empty one is English.

    ``where``: what gave the name. UsageError when there is no such language.
    """
    found = re.split("[-_.@]", name.strip())[0].lower() or "en"
    if found not in FOLDERS:
        known = " and ".join(FOLDERS)
        raise UsageError(f"{where} {name[:20]!a}: no such language; there are {known}")
    return found


def mark(message: str) -> str:
    """Return a sentence as it is: it stands in a table and is translated where it is shown."""
    return message
