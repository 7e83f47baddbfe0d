"""Greedy placement of names beside points, none over another name or point."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.typing import Floats

_SIDES = tuple(
    (float(np.cos(angle)), float(np.sin(angle)))
    for angle in np.deg2rad([0.0, 180.0, 90.0, 270.0, 35.0, -35.0, 145.0, 215.0])
)

_INSIDE = 0.9
"""Share of the diameter of a circle that a name inside it may take."""


@dataclass(frozen=True)
class Label:
    """A placed name: which point, and the centre of its box."""

    point: int
    x: float
    y: float


def place_labels(
    points: Floats,
    radii: Floats,
    sizes: Sequence[tuple[float, float]],
    page: tuple[float, float],
    blocked: Sequence[tuple[float, float, float, float]] = (),
    gap: float = 2.0,
    clear: float = 4.0,
    inside: bool = False,
    lines: Floats | None = None,
) -> list[Label]:
    """Return places for as many names as fit, in order of ``points``: first come, first served.

    All lengths have one unit, and the page reaches from (0, 0) to ``page``.

    Parameters
    ----------
    points
        Shape (n, 2), centres of circles.
    radii
        Shape (n,).
    sizes
        Width and height of each name.
    blocked
        Boxes ``x0, y0, x1, y1`` that names keep out of.
    gap
        Distance of a name from its circle.
    clear
        Distance from other circles at which a name is beyond doubt; the first side that keeps it
        is taken, else the side that comes nearest to it.
    inside
        Whether a name that finds no room beside its circle may stand inside it, where it fits and
        no other circle reaches.
    lines
        Shape (m, 2), points along lines; a name takes the side with fewest of them.
    """
    along = np.empty((0, 2)) if lines is None else lines
    boxes = [tuple(map(float, box)) for box in blocked]
    placed = []
    for i, size in enumerate(sizes):
        others, rims = np.delete(points, i, axis=0), np.delete(radii, i)
        best: tuple[tuple[int, float], Label, tuple[float, ...]] | None = None
        for side in _SIDES:
            x, y = _centre(points[i], float(radii[i]) + gap, size, side)
            box = (x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)
            on_page = box[0] >= 0 and box[1] >= 0 and box[2] <= page[0] and box[3] <= page[1]
            if not on_page or _hits_box(box, boxes):
                continue
            free = min(_distance(box, others, rims), clear)
            rank = -covered(box, along), free
            if free > 0.0 and (best is None or rank > best[0]):
                best = rank, Label(i, x, y), box
        if best is None and inside and size[0] <= _INSIDE * 2.0 * radii[i]:
            x, y = map(float, points[i])
            box = (x - size[0] / 2, y - size[1] / 2, x + size[0] / 2, y + size[1] / 2)
            if not _hits_box(box, boxes) and _distance(box, others, rims) > 0.0:
                best = (0, clear), Label(i, x, y), box
        if best is not None:
            placed.append(best[1])
            boxes.append(best[2])
    return placed


def _centre(
    point: Floats, distance: float, size: tuple[float, float], side: tuple[float, float]
) -> tuple[float, float]:
    """Return the centre of a box that touches the circle of ``distance`` on one side."""
    (dx, dy), (width, height) = side, size
    x = float(point[0]) + dx * distance + (np.sign(round(dx, 6)) * width / 2)
    y = float(point[1]) + dy * distance + (np.sign(round(dy, 6)) * height / 2)
    return float(x), float(y)


def _distance(box: tuple[float, ...], points: Floats, radii: Floats) -> float:
    """Return the least distance of a box from circles; negative where it covers one."""
    if len(points) == 0:
        return np.inf
    x = points[:, 0] - np.clip(points[:, 0], box[0], box[2])
    y = points[:, 1] - np.clip(points[:, 1], box[1], box[3])
    return float((np.hypot(x, y) - radii).min())


def covered(box: tuple[float, ...], points: Floats) -> int:
    """Return how many of the points, shape (m, 2), lie in a box ``x0, y0, x1, y1``."""
    x, y = points[:, 0], points[:, 1]
    return int(((x > box[0]) & (x < box[2]) & (y > box[1]) & (y < box[3])).sum())


def _hits_box(box: tuple[float, ...], others: Sequence[tuple[float, ...]]) -> bool:
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in others
    )
