"""The key of the map: sizes of bubbles, shades, rims of provinces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.bubbles import LARGEST, RIM, marker_size, nice
from ydsim.plots.lines import digits_of, number, number_axis
from ydsim.plots.page import fitting
from ydsim.plots.style import BODY, MUTED, SMALL, WIDTH, look
from ydsim.typing import Floats

_ROW = 0.2
_PROVINCES = 8


def draw_key(
    figure: Figure,
    left: float,
    top: float,
    research: Floats,
    provinces: Sequence[str],
    shades: ScalarMappable | None,
) -> None:
    """Draw the key from a place of the page downwards, in inches."""
    width, height = WIDTH - page.MARGIN - left, figure.get_figheight() - top
    axes = page.add_panel(figure, left, top, width, height)
    axes.set_axis_off()
    axes.set_xlim(0.0, width)
    axes.set_ylim(height, 0.0)
    down = _sizes(axes, research)
    down = _rims(axes, down, provinces)
    if shades is not None:
        _shades(figure, axes, (left, top), down, shades)


def _title(axes: Axes, down: float, title: str, unit: str) -> float:
    axes.text(0.0, down, title, weight="bold", va="top")
    axes.text(0.0, down + 0.14, unit, size=SMALL, color=MUTED, va="top")
    return down + 0.34


def _sizes(axes: Axes, research: Floats) -> float:
    """Draw bubbles of round amounts; return where the next part begins."""
    top = float(research.max())
    if top <= 0.0:
        return 0.0
    down = _title(axes, 0.0, "R&D expenditure", "100 million RMB a year")
    amounts = nice(top) * np.array([1.0, 0.25, 0.05])
    radii = LARGEST * np.sqrt(amounts / top)
    for amount, radius in zip(amounts.tolist(), radii.tolist(), strict=True):
        down += radius
        axes.scatter(
            [LARGEST],
            [down],
            s=marker_size(np.array([radius])),
            c="white",
            edgecolors=MUTED,
            linewidths=RIM,
        )
        axes.text(2 * LARGEST + 0.12, down, number(amount, digits_of(amount)), va="center_baseline")
        down += radius + 0.07
    return down + 0.2


def _rims(axes: Axes, down: float, provinces: Sequence[str]) -> float:
    """Draw the rim of every province; return where the next part begins."""
    down = _title(axes, down, "Province", "rim of the bubble")
    for p, name in enumerate(provinces[:_PROVINCES]):
        axes.scatter(
            [0.08], [down + 0.07], s=[50.0], c="white", edgecolors=look(p).colour, linewidths=1.6
        )
        axes.text(
            0.24, down + 0.07, fitting(name, 1.2, BODY), va="center_baseline", color=look(p).ink
        )
        down += _ROW
    if len(provinces) > _PROVINCES:
        axes.text(0.24, down, f"and {len(provinces) - _PROVINCES} more", color=MUTED, va="top")
        down += _ROW
    return down + 0.2


def _shades(
    figure: Figure, axes: Axes, corner: tuple[float, float], down: float, shades: ScalarMappable
) -> None:
    down = _title(axes, down, "Adoptions per firm", "generations in the year")
    bar = page.add_panel(figure, corner[0], corner[1] + down, 0.14, 1.0)
    figure.colorbar(shades, cax=bar)
    bar.grid(False)
    bar.tick_params(size=2.5)
    number_axis(bar.yaxis, *bar.get_ylim(), bins=4)
