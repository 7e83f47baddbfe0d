"""A line at the foot of a page that says what was run."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.style import FAINT, SMALL, WIDTH, shown

_SMALLEST = 0.85
"""Of the usual size; what is longer takes another line, with room for what a renderer adds."""


def foot_height(text: str) -> float:
    """Return the height in inches that a foot with this text needs."""
    return page.FOOT + page.FOOT_LEADING * (len(_lines(text)) - 1)


def add_line(figure: Figure, text: str) -> None:
    """Write what was run at the foot, a little smaller where it is long, else in several lines."""
    lines = _lines(text)
    room = WIDTH - 2 * page.MARGIN
    size = min(SMALL, *(SMALL * room / page.text_width(line, SMALL) for line in lines))
    for number, line in enumerate(reversed(lines)):
        down = figure.get_figheight() - 0.09 - page.FOOT_LEADING * number
        page.put(figure, page.MARGIN, down, line, size=size, color=FAINT, va="bottom")


def _lines(text: str) -> list[str]:
    words, room = shown(text, 600), WIDTH - 2 * page.MARGIN
    if _SMALLEST * page.text_width(words, SMALL) <= room:
        return [words]
    return page.wrapped(words, SMALL, 0.97 * room)
