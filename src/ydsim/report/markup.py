"""HTML as a tree: every text is escaped when it is written, so that a foreign name stays a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from unicodedata import category

VOID: Final = ("img", "meta", "br")
"""Elements without content."""

ALL: Final = range(1, 100)
NONE: Final = range(0)
"""Columns of a table that hold numbers."""


@dataclass(frozen=True)
class Element:
    """An element.

    Attributes
    ----------
    tag
        Its name.
    children
        Elements and texts inside it.
    attributes
        By name.
    """

    tag: str
    children: tuple[Element | str, ...]
    attributes: dict[str, str]


Content = Element | str


def element(tag: str, *children: Content, **attributes: str) -> Element:
    """Return an element; ``class_`` is the attribute ``class``, ``aria_label`` ``aria-label``."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
    return Element(tag, children, named)


def written(content: Content) -> str:
    """Return an element, or a text, as HTML."""
    if isinstance(content, str):
        return escape(visible(content), quote=False)
    attributes = "".join(
        f' {name}="{escape(visible(value))}"' for name, value in content.attributes.items()
    )
    if content.tag in VOID:
        return f"<{content.tag}{attributes}>"
    inner = "".join(written(child) for child in content.children)
    return f"<{content.tag}{attributes}>{inner}</{content.tag}>"


def visible(text: str) -> str:
    """Return text with control characters, and those that turn the direction, written out."""
    return "".join(
        char
        if char.isprintable() or char == "\n" or category(char) == "Zs"
        else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def paragraph(*children: Content, **attributes: str) -> Element:
    """Return a paragraph."""
    return element("p", *children, **attributes)


def bullets(items: Sequence[Content], **attributes: str) -> Element:
    """Return a list."""
    return element("ul", *(element("li", item) for item in items), **attributes)


def command(*lines: str) -> Element:
    """Return commands as a block that can be copied."""
    return element("pre", element("code", "\n".join(lines)), tabindex="0")


def with_code(text: str) -> list[Content]:
    """Return a text in which what is between backticks is code."""
    return [
        element("code", part) if at % 2 else part for at, part in enumerate(text.split("`")) if part
    ]


def section(name: str, title: str, *children: Content) -> Element:
    """Return a section with its heading."""
    head = element("h2", title, id=f"{name}-head")
    return element("section", head, *children, id=name, aria_labelledby=f"{name}-head")


def folded(summary: str, *children: Content) -> Element:
    """Return content that opens on a click."""
    return element("details", element("summary", summary), *children)


def table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[Content]], *, numbers: range = ALL
) -> Element:
    """Return a table that scrolls sideways where the screen is narrow.

    Parameters
    ----------
    head
        Heads of columns.
    rows
        Cells; the first names the row.
    numbers
        Columns of numbers, which are set to the right; by default all but the first.
    """
    top = element(
        "tr",
        *(element("th", title, scope="col", **_look(at, numbers)) for at, title in enumerate(head)),
    )
    body = [
        element(
            "tr",
            element("th", row[0], scope="row", **_look(0, numbers)),
            *(element("td", cell, **_look(at, numbers)) for at, cell in enumerate(row[1:], 1)),
        )
        for row in rows
    ]
    inner = element(
        "table", element("caption", caption), element("thead", top), element("tbody", *body)
    )
    return element("div", inner, class_="wide", role="region", aria_label=caption, tabindex="0")


def _look(column: int, numbers: range) -> dict[str, str]:
    return {"class_": "number"} if column in numbers else {}
