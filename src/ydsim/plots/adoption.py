"""Adoption curves, one panel a province."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ydsim.experiment.results import Results
from ydsim.plots import lines, page
from ydsim.plots.curves import Curves, read_curves
from ydsim.plots.style import OUTSIDE, WIDTH, look, shown
from ydsim.typing import Floats

PANEL = 1.75
"""Height of a panel in inches."""

THIN = 120
"""Single curves drawn in a panel at most."""


def draw_adoption(results: Results) -> Figure:
    """Return the adoption curves of every province on one scale.

    Raises
    ------
    NothingToDrawError
        When adoption curves were not recorded.
    """
    curves = read_curves(results)
    n = len(curves.provinces)
    columns = n if n <= 2 else 2 if n <= 4 else 3 if n <= 9 else 5
    rows = -(-n // columns)
    drawn = thin_rows(curves)
    figure, top = page.new_page(2.0 + 0.4 + rows * (PANEL + 0.45), "", "")
    figure.clear()
    explanation = explain(curves, len(drawn))
    height = 1.0
    for _ in range(2):
        figure, top = page.new_page(
            height, "How new technology spreads in each province", explanation
        )
        top += 0.3
        height = top + rows * (PANEL + 0.42) - 0.42 + 0.42 + page.FOOT
    left, gap = 0.6, 0.25
    width = (WIDTH - left - page.MARGIN - (columns - 1) * gap) / columns
    ceiling = _ceiling(curves, drawn)
    for p in range(n):
        row, column = divmod(p, columns)
        axes = page.add_panel(
            figure, left + column * (width + gap), top + row * (PANEL + 0.42), width, PANEL
        )
        draw_province(axes, curves, p, drawn)
        lines.set_amounts(axes, ceiling)
        axes.tick_params(labelleft=column == 0)
        page.head(
            axes,
            "abcdefghijklmnopqrstuvwxyz"[p % 26],
            shown(curves.provinces[p], 24),
            colour=look(p).colour,
        )
        if p + columns >= n:
            axes.set_xlabel("Years since founding")
    figure.text
    page.add_footer(figure, results)
    return figure


def thin_rows(curves: Curves) -> list[int]:
    """Return which generations are drawn one by one: founded in the region, first replicate.

    Of more than `THIN` every k-th in order of founding is taken.
    """
    if not len(curves.replicate):
        return []
    mine = np.flatnonzero(curves.home & (curves.replicate == curves.replicate.min()))
    step = -(-len(mine) // THIN)
    return [int(row) for row in mine[:: max(step, 1)]]


def draw_province(axes: Axes, curves: Curves, province: int, drawn: list[int]) -> None:
    """Draw single curves, then median and quartiles of both origins on top."""
    ages, style = curves.ages, look(province)
    segments = [
        np.column_stack([ages, curves.per_thousand[row, province]])[
            np.isfinite(curves.per_thousand[row, province])
        ]
        for row in drawn
    ]
    axes.add_collection(
        LineCollection(segments, colors=style.colour, linewidths=0.4, alpha=0.3, zorder=2),
        autolim=False,
    )
    low, middle, high = curves.quartiles(True, province)
    axes.fill_between(ages, low, high, color=style.colour, alpha=0.25, linewidth=0, zorder=3)
    axes.plot(ages, middle, color="white", linewidth=3.2, zorder=4)
    axes.plot(ages, middle, color=style.colour, linewidth=1.8, zorder=5, label="region")
    low, middle, high = curves.quartiles(False, province)
    for quartile, width in ((low, 0.7), (middle, 1.6), (high, 0.7)):
        axes.plot(ages, quartile, color=OUTSIDE, linewidth=width, linestyle=(0, (4, 1.5)), zorder=6)
    axes.set_xlim(0.0, max(float(ages[-1]), 0.25))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))


def explain(curves: Curves, drawn: int) -> str:
    years = (
        f"{curves.first}" if curves.first == curves.last else f"{curves.first}\u2013{curves.last}"
    )
    return (
        f"Living adopters per 1,000 technology-active firms, for generations founded in {years}. "
        f"Thin lines: {drawn} single generations. Colour: median and quartiles founded in region."
    )


def _ceiling(curves: Curves, drawn: list[int]) -> Floats:
    values = curves.per_thousand[drawn]
    finite = values[np.isfinite(values)]
    return np.array([0.0, float(finite.max()) if len(finite) else 1.0])
