"""Flows as ribbons between columns of blocks: widths in proportion to amounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from ydsim.typing import Floats, Ints

_MOVE, _LINE, _CURVE, _CLOSE = (
    int(code) for code in (Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CLOSEPOLY)
)


@dataclass(frozen=True)
class Column:
    """Blocks above one another.

    Attributes
    ----------
    amount
        Shape (n,): what flows through each block.
    top
        Shape (n,): upper edges, from 1 downwards.
    height
        Shape (n,).
    """

    amount: Floats
    top: Floats
    height: Floats


def stack(amount: Floats, unit: float, gap: float) -> Column:
    """Return blocks from 1 downwards in their order.

    Parameters
    ----------
    unit
        Height of an amount of one.
    gap
        Between blocks.
    """
    height = amount * unit
    above = np.concatenate([[0.0], np.cumsum(height + gap)[:-1]])
    return Column(amount, 1.0 - above, height)


def scale_of(columns: Sequence[Floats], gap: float) -> float:
    """Return the height of an amount of one, so that the fullest column fits from 1 down to 0."""
    return min((1.0 - gap * (len(each) - 1)) / float(each.sum()) for each in columns)


def draw_blocks(axes: Axes, column: Column, x: float, width: float, colours: Sequence[str]) -> None:
    """Draw the blocks of a column whose left edge is at ``x``."""
    for top, height, colour in zip(
        column.top.tolist(), column.height.tolist(), colours, strict=True
    ):
        block = Rectangle((x, top - height), width, height, facecolor=colour, linewidth=0.0)
        block.set(zorder=3, gid="block")
        axes.add_patch(block)


def draw_ribbons(
    axes: Axes,
    left: Column,
    right: Column,
    flows: Sequence[tuple[int, int, float, str]],
    span: tuple[float, float],
    unit: float,
) -> None:
    """Draw the flows between two columns, from top to bottom in their order.

    Parameters
    ----------
    flows
        Block at the left, block at the right, amount, and colour of each.
    span
        Where ribbons begin and end.
    unit
        Height of an amount of one.
    """
    begin = _edges(left, np.array([flow[0] for flow in flows]), flows, unit)
    end = _edges(right, np.array([flow[1] for flow in flows]), flows, unit)
    for (_, _, amount, colour), a, b in zip(flows, begin.tolist(), end.tolist(), strict=True):
        patch = PathPatch(ribbon_path(span, a, b, amount * unit), facecolor=colour, linewidth=0.0)
        patch.set(alpha=0.45, zorder=2, gid="ribbon")
        axes.add_patch(patch)


def _edges(
    column: Column, block: Ints, flows: Sequence[tuple[int, int, float, str]], unit: float
) -> Floats:
    """Return the upper edge of every flow inside its block, in the order of flows."""
    below = column.top.copy()
    found = np.empty(len(flows))
    for number, (at, flow) in enumerate(zip(block.tolist(), flows, strict=True)):
        found[number] = below[at]
        below[at] -= flow[2] * unit
    return found


def ribbon_path(span: tuple[float, float], a: float, b: float, height: float) -> Path:
    """Return the outline of a ribbon whose upper edge runs from ``a`` to ``b``."""
    (x, z), middle = span, (span[0] + span[1]) / 2.0
    points = [
        (x, a), (middle, a), (middle, b), (z, b),
        (z, b - height), (middle, b - height), (middle, a - height), (x, a - height), (x, a),
    ]  # fmt: skip
    codes = [_MOVE, _CURVE, _CURVE, _CURVE, _LINE, _CURVE, _CURVE, _CURVE, _CLOSE]
    return Path(points, codes)
