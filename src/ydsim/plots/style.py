"""House style of all figures: sizes, colours and text that any font can show.

Figures are as wide as two columns of a journal. Colours are those of Okabe and Ito (2008), which
readers with any colour vision tell apart; provinces differ by marker and dash as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from matplotlib.colors import to_hex, to_rgb
from matplotlib.style import context

from ydsim.wording import shorten_inside

INK, MUTED, FAINT, RULE = "#1a1a1a", "#5c5c5c", "#8a8a8a", "#dedede"

BODY, SMALL, TITLE = 7.5, 6.5, 10.0
"""Sizes of text in points."""


FONT = "DejaVu Sans"
_HOUSE = Path(__file__).with_name("house.mplstyle")

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5c3e")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (2, 1.2)), (0, (6, 1.5, 1.5, 1.5)))


@dataclass(frozen=True)
class Look:
    """How one province is drawn in every figure."""

    colour: str
    marker: str
    dash: Any

    @property
    def ink(self) -> str:
        """A darker shade of the colour, for text."""
        red, green, blue = to_rgb(self.colour)
        return to_hex((0.65 * red, 0.65 * green, 0.65 * blue))


def look(number: int) -> Look:
    """Return the look of the province at position ``number`` of the world's order.

    Colours come round after seven provinces; dashes then tell them apart.
    """
    n = len(_COLOURS)
    return Look(
        _COLOURS[number % n],
        _MARKERS[(number + number // n) % n],
        DASHES[(number // n) % len(DASHES)],
    )


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house style whatever the user's own settings are, and restore those."""
    with context(["default", _HOUSE]):
        yield


def shown(text: str, limit: int = 60) -> str:
    """Return a foreign name as a figure may show it.

    Signs that the font lacks become a hollow square, a dollar sign does not start mathematics,
    and of a name longer than ``limit`` the middle becomes an ellipsis.
    """
    return drawable(shorten_inside(text, limit, "\u2026")).replace("$", r"\$")


def drawable(text: str) -> str:
    """Return text with a hollow square for each sign that the font lacks."""
    glyphs = _glyphs()
    return "".join(
        sign if ord(sign) in glyphs else " " if sign.isspace() else "\u25a1" for sign in text
    )


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont(FONT)).get_charmap())
