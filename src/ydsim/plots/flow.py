"""A flow through stages: nodes stacked at each stage, and ribbons from one stage to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle

from ydsim.fmt import percent
from ydsim.plots.lines import spread
from ydsim.plots.ribbons import ribbon_path
from ydsim.plots.style import BODY, MUTED, SMALL, Look, shown
from ydsim.typing import Floats

NODE, GAP = 0.06, 0.025
"""Width of a node, in distances of stages; space between nodes, as a share of all that flows."""

NAME = 22
"""Letters of a name at most."""

STAYS, MOVES = 0.3, 0.9
"""Opacity of ribbons that stay in their row, and of those that change it."""


def draw_flow(
    axes: Axes, flows: Floats, names: Sequence[str], looks: Sequence[Look], *, above: Sequence[str]
) -> None:
    """Draw what flows from each stage to the next.

    Parameters
    ----------
    axes
        Becomes an empty panel from the first stage, 0, to the last.
    flows
        Shape (stages - 1, rows, rows): from a row of one stage to a row of the next. Into the
        rows of a stage comes what leaves them.
    names, looks
        Of the rows, the first at the top.
    above
        A text over each gap between two stages.
    """
    inside = np.concatenate([flows.sum(axis=2), flows[-1:].sum(axis=1)])
    total = float(inside.sum(axis=1).max())
    gap = GAP * total
    tops = gap * np.arange(len(names)) + np.cumsum(inside, axis=1) - inside
    for stage, flow in enumerate(flows):
        leave, enter = tops[stage].copy(), tops[stage + 1].copy()
        for a, b in np.argwhere(flow > 0.0).tolist():
            width = float(flow[a, b])
            span = (stage + NODE / 2, stage + 1 - NODE / 2)
            patch = PathPatch(ribbon_path(span, float(leave[a]), float(enter[b]), -width))
            patch.set(facecolor=looks[a].colour, linewidth=0.0, zorder=3 if a != b else 2)
            patch.set(alpha=MOVES if a != b else STAYS, gid="moves" if a != b else "stays")
            axes.add_patch(patch)
            leave[a] += width
            enter[b] += width
        axes.text(
            stage + 0.5, -gap, above[stage], size=SMALL, color=MUTED, ha="center", va="bottom"
        )
    for stage, row in np.argwhere(inside > 0.0).tolist():
        box = (stage - NODE / 2, tops[stage, row])
        node = Rectangle(box, NODE, inside[stage, row], facecolor=looks[row].colour, linewidth=0)
        node.set(zorder=4, gid="node")
        axes.add_patch(node)
    axes.set_xlim(-NODE / 2, len(flows) + NODE / 2)
    axes.set_ylim(total + gap * (len(names) + 2.0), -3.0 * gap)
    _name_rows(axes, inside, tops, names, looks)
    axes.set_yticks([])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _name_rows(
    axes: Axes, inside: Floats, tops: Floats, names: Sequence[str], looks: Sequence[Look]
) -> None:
    """Write names and shares left of the first stage, shares right of the last.

    A row that begins at a later stage has its name under its first node.
    """
    last = len(inside) - 1
    for stage, side, away in ((0, "right", -6.0), (last, "left", 4.0)):
        rows = np.flatnonzero(inside[stage] > 0.0)
        middles = (tops[stage] + inside[stage] / 2.0)[rows]
        for row, place in zip(rows.tolist(), _apart(axes, middles).tolist(), strict=True):
            share = percent(inside[stage, row] / inside[stage].sum())
            axes.annotate(
                f"{shown(names[row], NAME)} {share}" if stage == 0 else share,
                (stage, place),
                xytext=(away, 0.0),
                textcoords="offset points",
                size=BODY - 0.5,
                color=looks[row].ink,
                weight="bold",
                ha=side,
                va="center_baseline",
            ).set_gid("end")
    for row in np.flatnonzero((inside[0] == 0.0) & inside.any(axis=0)).tolist():
        stage = int(np.argmax(inside[:, row] > 0.0))
        axes.annotate(
            shown(names[row], NAME),
            (stage, float(tops[stage, row] + inside[stage, row])),
            xytext=(0.0, -1.5),
            textcoords="offset points",
            size=SMALL,
            color=looks[row].ink,
            ha="right" if stage == last else "center",
            va="top",
        ).set_gid("late")


def _apart(axes: Axes, middles: Floats) -> Floats:
    """Return places for names near ``middles``, none over another."""
    low, high = axes.get_ylim()
    page = axes.figure.get_size_inches() if isinstance(axes.figure, Figure) else (1.0, 1.0)
    height = axes.get_position().height * float(page[1])
    wished = (middles - low) / (high - low)
    places = spread(wished, (BODY + 1.0) / 72.0 / height)
    placed: Floats = low + places * (high - low)
    return placed
