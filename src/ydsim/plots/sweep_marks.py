"""Marks of points of a sweep: filled where the change is sure, a ring for the base; their key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ydsim.plots import sweep_page
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import INK, MUTED, look, shown
from ydsim.plots.sweep_outcome import SweepOutcome
from ydsim.plots.sweep_values import changes_surely
from ydsim.typing import Floats, Ints

_SIZE, _RING = 4.2, 8.5


def draw_marks(
    axes: Axes, outcome: SweepOutcome, points: Ints, x: Floats, y: Floats, number: int
) -> None:
    """Draw a mark for each point, filled where its change from the base point is sure.

    Of one replicate all are filled, since there is nothing to tell them apart.

    Parameters
    ----------
    points
        Numbers of points, -1 where there is none.
    number
        Of the colour.
    """
    style = look(number)
    sure = changes_surely(outcome, points)
    base = points == outcome.design.base
    filled = np.ones(len(points), dtype=np.bool_) if sure is None else sure | base
    for mine, face in ((filled, style.colour), (~filled, "white")):
        axes.plot(
            x[mine], y[mine], marker=style.marker, markersize=_SIZE, markerfacecolor=face,
            markeredgecolor=style.colour, markeredgewidth=1.0, linestyle="none", zorder=4,
        )  # fmt: skip
    axes.plot(
        x[base], y[base], marker="o", markersize=_RING, markerfacecolor="none",
        markeredgecolor=INK, markeredgewidth=0.9, linestyle="none", zorder=5,
    )  # fmt: skip


def colour_entries(factor: Factor | None, *, line: bool) -> list[tuple[Artist, str]]:
    """Return the entries of a key for the levels that colours show."""
    entries: list[tuple[Artist, str]] = []
    for number, level in enumerate(() if factor is None else factor.texts):
        style = look(number)
        mark = Line2D(
            [], [], color=style.colour, linestyle=style.dash if line else "-", linewidth=1.4,
            marker=style.marker, markersize=_SIZE,
        )  # fmt: skip
        words = "" if factor is None else factor.words
        entries.append((mark, shown(say("sweeps.level", factor=words, level=level))))
    return entries


def further_entries(outcome: SweepOutcome, points: Ints) -> Sequence[tuple[Artist, str]]:
    """Return the entries of a key for the base point and for missing ones."""
    entries: list[tuple[Artist, str]] = []
    if outcome.design.base in points:
        ring = Line2D(
            [], [], color=MUTED, linewidth=0.6, marker="o", markersize=_RING - 1.5,
            markerfacecolor="none", markeredgecolor=INK, markeredgewidth=0.9,
        )  # fmt: skip
        entries.append((ring, say("sweeps.key_base")))
    if not outcome.known()[points].all():
        entries.append((sweep_page.missing_patch(), say("sweeps.key_missing")))
    return entries
