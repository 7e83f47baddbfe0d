"""Horizontal bars: stacked parts, spread of their sum, names of rows, text at their ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.ensemble import MANY, Band
from ydsim.plots.lines import number_axis
from ydsim.plots.style import BODY, INK, SMALL, WIDTH, shown
from ydsim.results.interval import CONFIDENCE
from ydsim.typing import Floats

THICK = 0.68
"""Thickness of a bar over the distance of rows."""


def in_words(n: int) -> str:
    """Say what bars and whiskers of ``n`` replicates are."""
    if n == 1:
        return "Bars: one simulated replicate (n = 1, no interval)"
    spread = f"central {100 * CONFIDENCE:.0f} %" if n >= MANY else "range"
    return f"Bars: simulated mean; whiskers: {spread} of n = {n} replicates"


def draw_stack(axes: Axes, parts: Floats, colours: Sequence[str]) -> None:
    """Draw one bar for each row, the first at the top, from parts of shape (parts, rows)."""
    rows = np.arange(parts.shape[1])
    left = np.zeros(len(rows))
    for part, colour in zip(np.nan_to_num(parts), colours, strict=True):
        axes.barh(rows, part, THICK, left=left, color=colour, edgecolor="white", linewidth=0.4)
        left = left + part
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")


def draw_whiskers(axes: Axes, total: Band) -> None:
    """Draw the spread of the sum of every bar."""
    if total.has_spread:
        rows = np.flatnonzero(np.isfinite(total.low))
        low, high = total.low[rows], total.high[rows]
        axes.hlines(rows, low, high, color=INK, linewidth=0.9, zorder=5).set_gid("spread")


def set_length(axes: Axes, most: float, beyond: float = 0.0, bins: int = 4) -> None:
    """Let the axis run from zero to ``most``, with a share ``beyond`` left free for text."""
    end = most if np.isfinite(most) and most > 0.0 else 1.0
    axes.set_xlim(0.0, end * (1.0 + beyond))
    number_axis(axes.xaxis, 0.0, end, bins)


def write_ends(axes: Axes, ends: Floats, texts: Sequence[str]) -> None:
    """Write a text right of each bar."""
    for row, (end, text) in enumerate(zip(np.nan_to_num(ends).tolist(), texts, strict=True)):
        axes.annotate(
            text,
            (end, row),
            xytext=(3.0, 0.0),
            textcoords="offset points",
            size=SMALL,
            va="center_baseline",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
        ).set_gid("end")


def name_rows(axes: Axes, names: Sequence[str], *, visible: bool = True) -> None:
    """Name the rows at the left."""
    axes.set_yticks(range(len(names)), [shown(name) for name in names])
    axes.tick_params(axis="y", labelleft=visible)


def draw_key(figure: Figure, top: float, entries: Sequence[tuple[Artist, str]]) -> None:
    """Draw a key in one line at a place of the page."""
    figure.legend(
        [handle for handle, _ in entries],
        [shown(name) for _, name in entries],
        loc="upper left",
        bbox_to_anchor=(page.MARGIN / WIDTH, 1.0 - top / figure.get_figheight()),
        ncols=len(entries),
        fontsize=SMALL + 0.5,
        borderpad=0.0,
        borderaxespad=0.0,
        columnspacing=1.4,
        handlelength=1.4,
        handletextpad=0.5,
    )


def room_for(names: Sequence[str]) -> float:
    """Return the width in inches that names of rows need."""
    return max((page.text_width(shown(name), BODY) for name in names), default=0.0) + 0.08
