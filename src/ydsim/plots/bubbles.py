"""Bubbles of the map: sizes that tell amounts by area, and shades."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_hex
from matplotlib.typing import ColorType

from ydsim.typing import Floats

LARGEST = 0.27
"""Radius of the largest bubble in inches."""

RIM = 1.2
"""Width of rims in points."""

_SHADES = ("#f6f3ec", "#b9a68e", "#2f2a26")
_UNKNOWN = "#ffffff"


def bubble_radii(research: Floats) -> Floats:
    """Return radii in inches, areas in proportion to R&D; a dot for none."""
    top = float(research.max()) if len(research) else 0.0
    radii = LARGEST * np.sqrt(np.maximum(research, 0.0) / top) if top > 0.0 else 0.0 * research
    least: Floats = np.maximum(radii, 0.02)
    return least


def marker_size(radii: Floats) -> Floats:
    """Return the size that `Axes.scatter` wants: the square of the diameter in points."""
    size: Floats = (144.0 * radii) ** 2
    return size


def shade(values: Floats) -> tuple[ScalarMappable | None, list[ColorType]]:
    """Return the scale of shades, None when values do not differ, and the colour of each city."""
    known = values[np.isfinite(values)]
    if len(known) == 0 or float(np.ptp(known)) == 0.0:
        return None, [_UNKNOWN] * len(values)
    scale = ScalarMappable(
        Normalize(float(known.min()), float(known.max())),
        LinearSegmentedColormap.from_list("shade", list(_SHADES)),
    )
    shades: list[ColorType] = [to_hex(row) for row in scale.to_rgba(np.nan_to_num(values))]
    return scale, [
        colour if finite else _UNKNOWN
        for colour, finite in zip(shades, np.isfinite(values).tolist(), strict=True)
    ]


def nice(value: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above ``value``."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(m * power for m in (1.0, 2.0, 5.0) if m * power <= value * (1.0 + 1e-9))
