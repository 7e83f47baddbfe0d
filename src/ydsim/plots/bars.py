"""Horizontal bars: stacked parts, spread of their sum, names of rows, text at their ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.measures.effects import CONFIDENCE
from ydsim.plots import page
from ydsim.plots.ensemble import MANY, Band
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.style import INK, SMALL, WIDTH, shown
from ydsim.typing import Floats

THICK = 0.68
"""Thickness of a bar over the distance of rows."""


_HANDLE = 0.33
"""Width of the sign of an entry of a key, with the space around it, in inches."""


def in_words(n: int) -> str:
    """Say what bars and whiskers of ``n`` replicates are."""
    if n == 1:
        return say("bars.one_replicate")
    if n < MANY:
        return say("bars.range", n=n)
    return say("bars.central", n=n, percent=f"{100 * CONFIDENCE:.0f}")


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


KEY_ROW = 0.15
"""Height of a row of a key in inches."""


def key_columns(names: Sequence[str]) -> int:
    """Return in how many columns a key fits the page."""
    widest = max((page.text_width(shown(name), SMALL + 0.5) for name in names), default=0.0)
    total = sum(page.text_width(shown(name), SMALL + 0.5) + _HANDLE for name in names)
    if total <= WIDTH - 2 * page.MARGIN:
        return max(len(names), 1)
    return max(int((WIDTH - 2 * page.MARGIN) / (widest + _HANDLE)), 1)


def key_height(names: Sequence[str]) -> float:
    """Return the height in inches that a key of these names needs."""
    return KEY_ROW * -(-len(names) // key_columns(names))


def draw_key(figure: Figure, top: float, entries: Sequence[tuple[Artist, str]]) -> None:
    """Draw a key at a place of the page, in one line where it fits."""
    names = [name for _, name in entries]
    figure.legend(
        [handle for handle, _ in entries],
        [shown(name) for name in names],
        loc="upper left",
        bbox_to_anchor=(page.MARGIN / WIDTH, 1.0 - top / figure.get_figheight()),
        ncols=key_columns(names),
        fontsize=SMALL + 0.5,
        borderpad=0.0,
        borderaxespad=0.0,
        columnspacing=1.4,
        handlelength=1.4,
        handletextpad=0.5,
    )
