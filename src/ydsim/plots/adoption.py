"""Adoption curves, one panel a province."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ydsim.plots import lines, page
from ydsim.plots.curves import Curves, read_curves
from ydsim.plots.style import BODY, MUTED, OUTSIDE, SMALL, WIDTH, look
from ydsim.results.results import Results

THIN = 60
"""Single curves drawn in a panel at most."""

_PANEL, _STEP, _KEY = 1.75, 2.35, 0.22
_DASH = (0, (4, 1.5))
_UNIT = "adopters per 1,000 firms"


def draw_adoption(results: Results) -> Figure:
    """Return the adoption curves of every province on one scale.

    Raises
    ------
    NothingToDrawError
        When adoption curves were not recorded.
    """
    curves = read_curves(results)
    single = single_rows(curves)
    n = len(curves.provinces)
    columns = min(n, 2 if n <= 4 else 3 if n <= 9 else 5)
    rows = -(-n // columns)
    figure, top = page.new_page(
        "How new technology spreads in each province",
        explain(curves, len(single)),
        _KEY + page.HEAD + rows * _STEP - (_STEP - _PANEL) + page.TICKS + 0.14,
    )
    draw_key(figure, top)
    top += _KEY + page.HEAD
    left, gap = 0.5, 0.25
    width = (WIDTH - left - page.MARGIN - 0.05 - (columns - 1) * gap) / columns
    quartiles = [curves.quartiles(home, p) for home in (True, False) for p in range(n)]
    ceiling = np.concatenate([np.ravel(each) for each in (curves.per_thousand[single], *quartiles)])
    for p in range(n):
        row, column = divmod(p, columns)
        place = (left + column * (width + gap), top + row * _STEP)
        axes = page.add_panel(figure, *place, width, _PANEL)
        draw_province(axes, curves, p, single)
        lines.set_amounts(axes, ceiling)
        axes.tick_params(labelleft=column == 0)
        name = page.fitting(curves.provinces[p], width - 0.2, BODY + 0.5, "bold")
        letter = "abcdefghijklmnopqrstuvwxyz"[p] if n <= 26 else ""
        page.head(axes, letter, name, _UNIT, look(p).ink)
        if p + columns >= n:
            axes.set_xlabel("years since founding", labelpad=2.0)
    page.add_footer(figure, results)
    return figure


def single_rows(curves: Curves) -> list[int]:
    """Return which generations are drawn one by one: founded in the region, first replicate.

    Of more than `THIN` every k-th in order of the table is taken.
    """
    if not len(curves.replicate):
        return []
    mine = np.flatnonzero(curves.home & (curves.replicate == curves.replicate.min()))
    return [int(row) for row in mine[:: max(-(-len(mine) // THIN), 1)]]


def draw_province(axes: Axes, curves: Curves, province: int, single: list[int]) -> None:
    """Draw single curves, then median and quartiles of both origins on top."""
    ages, colour = curves.ages, look(province).colour
    segments, ends = [], []
    for row in single:
        values = curves.per_thousand[row, province]
        known = np.isfinite(values)
        segments.append(np.column_stack([ages[known], values[known]]))
        if known.any() and not known[-1]:
            ends.append(segments[-1][-1])
    thin = LineCollection(segments, colors=colour, linewidths=0.45, alpha=0.35, zorder=2)
    thin.set_gid("single")
    axes.add_collection(thin, autolim=False)
    if ends:
        x, y = np.array(ends).T
        axes.scatter(x, y, s=4.0, color=colour, linewidths=0, zorder=2).set_gid("retired")
    low, middle, high = curves.quartiles(True, province)
    axes.fill_between(ages, low, high, color=colour, alpha=0.25, linewidth=0, zorder=3)
    axes.plot(ages, middle, color="white", linewidth=3.0, zorder=4)
    axes.plot(ages, middle, color=colour, linewidth=1.8, zorder=5)
    low, middle, high = curves.quartiles(False, province)
    for quartile, width in ((low, 0.7), (middle, 1.5), (high, 0.7)):
        axes.plot(ages, quartile, color=OUTSIDE, linewidth=width, linestyle=_DASH, zorder=6)
    end = len(ages) / 4.0 if len(ages) >= 8 else max(float(ages[-1]), 0.25)
    axes.set_xlim(0.0, end)
    lines.number_axis(axes.xaxis, 0.0, end, bins=5)
    if not np.isfinite(curves.per_thousand[:, province]).any():
        page.say_no_data(axes)


def draw_key(figure: Figure, top: float) -> None:
    """Draw the key under the header."""
    thin = Line2D([], [], color=MUTED, linewidth=0.6, marker="o", markersize=2.2, markevery=[1])
    thin.set_data([0, 1], [0, 0])
    entries = {
        "one generation of the region (dot: retired)": thin,
        "median, founded in the region": Line2D([], [], color=MUTED, linewidth=1.8),
        "quartiles": Patch(color=MUTED, alpha=0.25, linewidth=0),
        "the same, founded outside": Line2D([], [], color=OUTSIDE, linewidth=1.5, linestyle=_DASH),
    }
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="upper left",
        bbox_to_anchor=(page.MARGIN / WIDTH, 1.0 - top / figure.get_figheight()),
        ncols=4,
        fontsize=SMALL,
        borderpad=0.0,
        borderaxespad=0.0,
        columnspacing=1.2,
        handlelength=2.4,
    )


def explain(curves: Curves, single: int) -> str:
    """Say what the figure shows."""
    years = str(curves.first)
    if curves.last > curves.first:
        years += f"\u2013{curves.last}"
    home, outside = int(curves.home.sum()), int((~curves.home).sum())
    return (
        f"Adopters of the technology generations founded in {years}, by years since founding. "
        f"Medians and quartiles: {home:,} generations founded in the region and {outside:,} "
        f"outside, all replicates; thin lines: {single} of the first replicate. A generation is "
        "retired when nearly all firms of its industry have adopted it, and counts with its last "
        "value from then on."
    )
