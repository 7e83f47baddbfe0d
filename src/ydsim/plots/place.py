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
    """
    boxes = [tuple(map(float, box)) for box in blocked]
    placed = []
    for i, (width, height) in enumerate(sizes):
        for dx, dy in _SIDES:
            x, y = _centre(points[i], float(radii[i]) + gap, (width, height), (dx, dy))
            box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= page[0] and box[3] <= page[1]
            if inside and not _hits_circle(box, points, radii) and not _hits_box(box, boxes):
                boxes.append(box)
                placed.append(Label(i, x, y))
                break
    return placed


def _centre(
    point: Floats, distance: float, size: tuple[float, float], side: tuple[float, float]
) -> tuple[float, float]:
    """Return the centre of a box that touches the circle of ``distance`` on one side."""
    (dx, dy), (width, height) = side, size
    x = float(point[0]) + dx * distance + (np.sign(round(dx, 6)) * width / 2)
    y = float(point[1]) + dy * distance + (np.sign(round(dy, 6)) * height / 2)
    return float(x), float(y)


def _hits_circle(box: tuple[float, ...], points: Floats, radii: Floats) -> bool:
    near_x = np.clip(points[:, 0], box[0], box[2])
    near_y = np.clip(points[:, 1], box[1], box[3])
    distance = np.hypot(points[:, 0] - near_x, points[:, 1] - near_y)
    return bool((distance < radii).any())


def _hits_box(box: tuple[float, ...], others: Sequence[tuple[float, ...]]) -> bool:
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for other in others
    )
