"""The key of the map: sizes of bubbles, rims of provinces, few firms, shades."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.bubbles import LARGEST, RIM, marker_size, nice
from ydsim.plots.cities import FEW
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.page import fitting
from ydsim.plots.quantity import Quantity
from ydsim.plots.style import BODY, MUTED, SMALL, WIDTH, look
from ydsim.typing import Floats

SIDE = 1.6
"""Width of a key beside a map in inches."""

ROW = 0.2
_PROVINCES = 8


def draw_key(
    figure: Figure,
    place: tuple[float, float],
    amount: Floats,
    provinces: Sequence[str],
    shades: ScalarMappable | None,
    what: Quantity,
    *,
    few: bool,
) -> None:
    """Draw the key from a place of the page downwards, in inches.

    Parameters
    ----------
    few
        Whether any city is marked for its few firms.
    """
    axes, width = key_panel(figure, place)
    down = _sizes(axes, amount, what, width)
    down = draw_provinces(axes, down, provinces, say("citymap.key.rim"), filled=False)
    if few:
        down = draw_few(axes, down)
    if shades is not None:
        down = key_title(
            axes, down, say("citymap.key.adoptions"), say("citymap.key.adoptions_unit")
        )
        draw_bar(figure, (place[0], place[1] + down), shades)


def key_panel(figure: Figure, place: tuple[float, float]) -> tuple[Axes, float]:
    """Return axes from a place of the page to its right edge, in inches from the top, and width."""
    width, height = WIDTH - page.MARGIN - place[0], figure.get_figheight() - place[1]
    axes = page.add_panel(figure, *place, width, height)
    axes.set_axis_off()
    axes.set_xlim(0.0, width)
    axes.set_ylim(height, 0.0)
    return axes, width


def key_title(axes: Axes, down: float, title: str, unit: str) -> float:
    """Write the title of a part of a key and its unit; return where what it explains begins."""
    width = axes.get_xlim()[1]
    for line in page.wrapped(title, BODY * 1.06, width):
        axes.text(0.0, down, line, weight="bold", va="top")
        down += 0.14
    for line in page.wrapped(unit, SMALL, width):
        axes.text(0.0, down, line, size=SMALL, color=MUTED, va="top")
        down += 0.12
    return down + 0.08


def draw_bar(figure: Figure, corner: tuple[float, float], shades: ScalarMappable) -> Axes:
    """Draw an upright bar of colours with numbers at a place of the page."""
    bar = page.add_panel(figure, *corner, 0.14, 1.0)
    figure.colorbar(shades, cax=bar)
    bar.grid(False)
    bar.tick_params(size=2.5)
    number_axis(bar.yaxis, *bar.get_ylim(), bins=4)
    return bar


def draw_provinces(
    axes: Axes, down: float, provinces: Sequence[str], meaning: str, *, filled: bool
) -> float:
    """Draw the colour of every province; return where the next part begins."""
    down = key_title(axes, down, say("citymap.key.province"), meaning)
    for p, name in enumerate(provinces[:_PROVINCES]):
        style = look(p)
        face = style.colour if filled else "white"
        axes.scatter([0.08], [down + 0.07], s=[50.0], c=face, edgecolors=style.colour, lw=1.6)
        text = fitting(name, 1.2, BODY)
        axes.text(0.24, down + 0.07, text, va="center_baseline", color=style.ink)
        down += ROW
    if len(provinces) > _PROVINCES:
        more = say("words.more", n=len(provinces) - _PROVINCES)
        axes.text(0.24, down, more, color=MUTED, va="top")
        down += ROW
    return down + 0.16


def _sizes(axes: Axes, amount: Floats, what: Quantity, width: float) -> float:
    """Draw bubbles of round amounts; return where the next part begins."""
    top = float(amount.max())
    if top <= 0.0:
        return 0.0
    down = key_title(axes, 0.0, what.head, what.unit)
    amounts = nice(top) * np.array([1.0, 0.25, 0.05])
    radii = LARGEST * np.sqrt(amounts / top)
    for each, radius in zip(amounts.tolist(), radii.tolist(), strict=True):
        down += radius
        size = marker_size(np.array([radius]))
        axes.scatter([LARGEST], [down], s=size, c="white", edgecolors=MUTED, linewidths=RIM)
        axes.text(2 * LARGEST + 0.12, down, number(each), va="center_baseline")
        down += radius + 0.07
    return down + 0.12


def draw_few(axes: Axes, down: float) -> float:
    """Draw the ring of few firms; return where the next part begins."""
    axes.scatter(
        [0.08],
        [down + 0.08],
        s=[75.0],
        facecolors="none",
        edgecolors=MUTED,
        linestyles=[(0, (1.0, 1.2))],
        linewidths=0.9,
    )
    axes.text(0.24, down + 0.08, say("citymap.key.few"), weight="bold", va="center_baseline")
    text = say("citymap.key.few_unit", few=FEW)
    axes.text(0.24, down + 0.17, text, size=SMALL, color=MUTED, va="top")
    return down + 0.42
