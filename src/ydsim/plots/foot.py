"""A line at the foot of a page that says what was run."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.style import FAINT, SMALL, WIDTH, shown


def add_line(figure: Figure, text: str) -> None:
    """Write a line at the foot, smaller where it is long."""
    room = WIDTH - 2 * page.MARGIN
    size = min(SMALL, SMALL * room / page.text_width(shown(text, 300), SMALL))
    down = figure.get_figheight() - 0.09
    page.put(figure, page.MARGIN, down, shown(text, 300), size=size, color=FAINT, va="bottom")
