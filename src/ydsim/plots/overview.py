"""A large panel, and under it one small panel for each province."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.style import BODY, INK, MUTED, WIDTH

LARGE, SMALL_PANEL = 2.35, 0.95
"""Heights of the panels in inches."""

LEFT, RIGHT = 0.6, 0.78
"""Room in inches left of panels, and at the right of the large one for names of lines."""

_GAP, _HEAD, _ABOVE, _BETWEEN = 0.3, 0.2, 0.22, 0.16


@dataclass(frozen=True)
class Overview:
    """The panels of an overview.

    Attributes
    ----------
    figure
        The page.
    large
        The large panel.
    small
        One panel for each province, in order; empty for none.
    key
        Inches from the top at which a key has room.
    first
        For each of the small panels, whether it is the first of its row.
    lowest
        For each of the small panels, whether none is below it.
    """

    figure: Figure
    large: Axes
    small: tuple[Axes, ...]
    key: float
    first: tuple[bool, ...]
    lowest: tuple[bool, ...]


def lay_out(
    title: str,
    explanation: str,
    unit: str,
    provinces: Sequence[str],
    inks: Sequence[str] = (),
    *,
    key: float = 0.0,
    strip: float = 0.0,
    right: float = RIGHT,
    below: float = page.TICKS,
    foot: float = page.FOOT,
    large: float = LARGE,
) -> Overview:
    """Return a page with its panels, still empty.

    Parameters
    ----------
    unit
        Of the vertical axes, written above the large panel.
    provinces
        Names of the small panels.
    inks
        Colours of these names; ink unless given.
    key
        Height of a key under the header, in inches.
    strip
        Height of names of dates over the large panel.
    right
        Room right of the large panel.
    below
        Room for ticks, and for what the lowest axis is called.
    """
    n = len(provinces)
    columns = min(n, 4 if n <= 8 else 6) if n else 1
    rows = -(-n // columns) if n else 0
    step = _HEAD + SMALL_PANEL + _BETWEEN
    body = key + _ABOVE + strip + large + below
    body += 0.12 + rows * step - _BETWEEN + below if n else 0.0
    figure, top = page.new_page(title, explanation, body, foot=foot)
    look = {"size": BODY - 0.5, "color": MUTED, "va": "bottom"}
    page.put(figure, LEFT, top + key + _ABOVE - 0.06, unit, **look)
    wide = WIDTH - LEFT - right - page.MARGIN
    axes = page.add_panel(figure, LEFT, top + key + _ABOVE + strip, wide, large)
    start = top + key + _ABOVE + strip + large + below + 0.12 + _HEAD
    width = (WIDTH - LEFT - page.MARGIN - 0.05 - (columns - 1) * _GAP) / columns
    small = []
    for p, name in enumerate(provinces):
        row, column = divmod(p, columns)
        place = (LEFT + column * (width + _GAP), start + row * step)
        panel = page.add_panel(figure, *place, width, SMALL_PANEL)
        panel.set_title(
            page.fitting(name, width, BODY, "bold"),
            size=BODY,
            weight="bold",
            loc="left",
            pad=3.0,
            color=inks[p] if inks else INK,
        )
        small.append(panel)
    first = tuple(p % columns == 0 for p in range(n))
    lowest = tuple(p + columns >= n for p in range(n))
    return Overview(figure, axes, tuple(small), top, first, lowest)
