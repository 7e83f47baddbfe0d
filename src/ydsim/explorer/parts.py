"""The parts of pages that are drawn in the browser, each a Vue file beside this module.

They are plain HTML: native controls, with labels, that browsers, keyboards and readers of screens
know. What goes in is plain data; what is done there comes back as events.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

import solara

from ydsim.report.words import words as words_of_results
from ydsim.translation import gettext as _t
from ydsim.translation import is_english

STYLE: Final = Path(__file__).with_name("page.css")

Ask = Callable[[list[Any]], None]
"""What takes an event of the browser: the name of what is asked for, and a value for some."""

# as in tools/translate.py
_SAID: Final = re.compile(r"say\('([^']+)'\)")


def words() -> dict[str, str]:
    """Return the sentences of all Vue files in the language in use, and its name for browsers."""
    if is_english():
        return {"lang": "en"}
    return {"lang": _t("en"), **{message: _t(message) for message in _sentences()}}


@cache
def _sentences() -> list[str]:
    files = STYLE.parent.glob("*.vue")
    return sorted({message for file in files for message in _SAID.findall(file.read_text("utf-8"))})


@solara.component
def Meanings() -> None:  # noqa: N802
    """The words of results with what they mean, folded."""
    listed = "".join(
        f"<dt>{escape(word.term)}</dt><dd>{escape(word.meaning)}</dd>"
        for word in words_of_results()
    )
    folded = f"<summary>{escape(_t('What words mean'))}</summary><dl>{listed}</dl>"
    solara.HTML(tag="details", classes=["yd-words"], unsafe_innerHTML=folded)


@solara.component_vue("settings.vue")
def Settings(words: dict[str, str], form: dict[str, Any], event_ask: Ask) -> None:  # noqa: N802
    """The form at the left."""


@solara.component_vue("bar.vue")
def Bar(words: dict[str, str], bar: dict[str, Any], event_ask: Ask) -> None:  # noqa: N802
    """The bar at the top."""


@solara.component_vue("pictures.vue")
def Shown(  # noqa: N802
    words: dict[str, str],
    frame: dict[str, Any],
    ground: str,
    looks: list[dict[str, Any]],
    file: dict[str, Any],
    further: dict[str, Any],
    event_ask: Ask,
) -> None:
    """Numbers and pictures."""


@solara.component_vue("repeat.vue")
def Repeat(words: dict[str, str], repeats: list[dict[str, str]]) -> None:  # noqa: N802
    """The settings as commands and files."""


def look(name: str, label: str, value: str, options: list[dict[str, str]]) -> dict[str, Any]:
    """Return a select above the pictures."""
    return {"name": name, "label": label, "value": value, "options": options}


def answering(tell: Callable[[], None], **does: Callable[..., Any]) -> Ask:
    """Return what does what is asked for by name, and then has the page drawn anew."""

    def answer(asked: list[Any]) -> None:
        name, *value = asked
        does[name](*value)
        tell()

    return answer
