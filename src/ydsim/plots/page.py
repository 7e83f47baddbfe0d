"""The page of a figure: title, explanation, panels at fixed places, and where it comes from.

Places are given in inches from the top left corner, so that all figures look alike and nothing
depends on what is drawn inside.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path

from ydsim.plots.render import save_bytes
from ydsim.plots.style import BODY, FAINT, HOUSE, INK, MUTED, SMALL, TITLE, WIDTH, shown
from ydsim.results.results import Results

MARGIN = 0.12
FOOT = 0.3
"""Height of the footer in inches."""

EXPLANATION, LEADING = 7.0, 0.135
"""Size of the explanation in points, and its leading in inches."""

TITLE_LEADING = 0.18
"""Leading of a title of several lines, in inches."""

HEAD, TICKS = 0.34, 0.22
"""Room in inches above a panel for its head with a unit, and below it for labels of ticks."""


class Page(Figure):
    """A figure that a notebook shows as it is."""

    def _repr_png_(self) -> bytes:
        return save_bytes(self)


def new_page(title: str, explanation: str, body: float) -> tuple[Figure, float]:
    """Return a page with its header, and where the body begins, in inches from the top.

    A title that is too long for a line takes more of them.

    Parameters
    ----------
    body
        Height of all between header and footer in inches.
    """
    titles = wrapped(title, TITLE, WIDTH - 2 * MARGIN, "bold")
    lines = wrapped(explanation, EXPLANATION, WIDTH - 2 * MARGIN)
    under = 0.35 + TITLE_LEADING * (max(len(titles), 1) - 1)
    top = under + LEADING * len(lines) + 0.08
    figure = Page(figsize=(WIDTH, top + body + FOOT))
    for number, line in enumerate(titles):
        down = 0.11 + TITLE_LEADING * number
        put(figure, MARGIN, down, line, size=TITLE, weight="bold", va="top")
    for number, line in enumerate(lines):
        down = under + LEADING * number
        put(figure, MARGIN, down, line, size=EXPLANATION, color=MUTED, va="top")
    return figure, top


def add_footer(figure: Figure, results: Results, credit: str = "") -> None:
    """Write where the figure comes from at the bottom of the page, and a credit at its right."""
    manifest = results.manifest
    n = len(results.replicates)
    facts = (
        f"scenario {shown(results.name, 36)}",
        f"{n} replicate{'' if n == 1 else 's'}",
        f"seed {manifest['seed']}",
        f"scale {manifest['scenario']['scale']:g}",
        f"hash {str(manifest['hash'])[:10]}",
        f"ydsim {manifest['ydsim']}",
    )
    height = figure.get_figheight()
    left = " \u00b7 ".join(facts)
    size = SMALL
    room = WIDTH - 2 * MARGIN - (text_width(credit, size) + 0.2 if credit else 0.0)
    size = min(size, size * room / text_width(left, size))
    put(figure, MARGIN, height - 0.09, left, size=size, color=FAINT, va="bottom")
    put(
        figure,
        WIDTH - MARGIN,
        height - 0.09,
        credit,
        size=SMALL,
        color=FAINT,
        va="bottom",
        ha="right",
    )


def add_panel(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Return axes at a place of the page."""
    page = figure.get_figheight()
    box = (left / WIDTH, 1.0 - (top + height) / page, width / WIDTH, height / page)
    return figure.add_axes(box)


def head(axes: Axes, letter: str, title: str, unit: str = "", colour: str = INK) -> None:
    """Write the letter and title of a panel above it, and the unit under them."""
    if title:
        _above(axes, f"{letter}  {title}".strip(), 14.0, BODY + 0.5, colour, "bold")
    if unit:
        _above(axes, unit, 4.5, BODY - 0.5, MUTED, "normal")


def _above(axes: Axes, text: str, up: float, size: float, colour: str, weight: str) -> None:
    axes.annotate(
        text,
        (0.0, 1.0),
        xytext=(0.0, up),
        xycoords="axes fraction",
        textcoords="offset points",
        size=size,
        color=colour,
        weight=weight,
    )


def say_no_data(axes: Axes, text: str = "no data") -> None:
    """Write in the middle of a panel why it is empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=MUTED)
    axes.set_yticks([])


def put(figure: Figure, left: float, top: float, text: str, **look: object) -> Text:
    """Write text at a place of the page."""
    return figure.text(left / WIDTH, 1.0 - top / figure.get_figheight(), text, **look)  # type: ignore[arg-type]


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of a line of text in inches."""
    font = FontProperties(family=HOUSE["font.family"], size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72.0


def fitting(name: str, width: float, size: float, weight: str = "normal") -> str:
    """Return a foreign name as a figure may show it, cut to a width in inches."""
    for limit in range(min(len(name), 60), 1, -1):
        if text_width(shown(name, limit), size, weight) <= width:
            return shown(name, limit)
    return shown(name, 1)


def wrapped(text: str, size: float, width: float, weight: str = "normal") -> list[str]:
    """Return text as lines no wider than ``width`` inches, broken at plain spaces."""
    lines: list[str] = []
    line = ""
    for word in filter(None, text.split(" ")):
        longer = f"{line} {word}".strip()
        if line and text_width(longer, size, weight) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line] if line else lines
