"""The interval of a mean over replicates."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from ydsim.typing import Floats

CONFIDENCE = 0.95


def interval(values: Floats) -> tuple[int, float, float | None, float | None]:
    """Return number, mean, and the 95 % interval of the mean; no interval for one value."""
    n = len(values)
    mean = float(values.sum() / n)
    if n < 2:
        return n, mean, None, None
    spread = float(np.sqrt(((values - mean) ** 2).sum() / (n - 1) / n))
    half = float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2.0)) * spread
    return n, mean, mean - half, mean + half
