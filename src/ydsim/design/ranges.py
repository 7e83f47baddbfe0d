"""Numbers between two ends.

With n points from a to b the i-th, i = 0 .. n - 1, is

    linear    a + i (b - a) / (n - 1)
    log       a (b / a)^(i / (n - 1))

by index and never by accumulation; both ends are as they were written, the numbers between are
rounded to 10 significant digits, which is what tables of results keep. A unit number u of a space
filling design becomes a + u (b - a), or a (b / a)^u. Whole numbers come from a - 1/2 to b + 1/2
and are rounded, so that each has the same share, the two ends included.
"""

from __future__ import annotations

import math

TOLERANCE = 1e-9
"""Part of a step by which the last one may miss the end."""


def significant(value: float) -> float:
    """Return a number with 10 significant digits."""
    return float(f"{value:.10g}") + 0.0


def spaced(low: float, high: float, n: int, *, log: bool = False) -> list[float]:
    """Return n numbers from ``low`` to ``high``, both included; at least two."""
    steps = n - 1
    if log:
        inner = [low * (high / low) ** (i / steps) for i in range(1, steps)]
    else:
        inner = [low + i * (high - low) / steps for i in range(1, steps)]
    return [low, *(significant(value) for value in inner), high]


def stepped(low: float, high: float, step: float) -> list[float]:
    """Return ``low``, ``low + step``, ... up to ``high``, included where a step hits it."""
    steps = math.floor((high - low) / step + TOLERANCE)
    values = [low, *(significant(low + i * step) for i in range(1, steps + 1))]
    if abs(low + steps * step - high) <= TOLERANCE * step:
        values[-1] = high
    return values


def scaled(u: float, low: float, high: float, *, log: bool = False, whole: bool = False) -> float:
    """Return the number at a share u in [0, 1] of a range."""
    a, b = (low - 0.5, high + 0.5) if whole else (low, high)
    value = a * (b / a) ** u if log else a + u * (b - a)
    if whole:
        return min(max(math.floor(value + 0.5), int(low)), int(high))
    return min(max(significant(value), low), high)
