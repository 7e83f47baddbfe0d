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
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ydsim.typing import Floats

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


def share_of_range(factor: Mapping[str, Any], values: NDArray[np.generic]) -> Floats:
    """Return values of a factor as shares in [0, 1] of its range, or of the places in its list.

    The inverse of `scaled`, but for rounding. The factor is plain data, as of
    `ydsim.design.sweep.Factor.plain`, its values are as the table of points has them.
    """
    if "levels" in factor:
        return place_in_list(factor, values) / max(len(factor["levels"]) - 1, 1)
    number = values.astype(np.float64)
    low, high = float(factor["from"]), float(factor["to"])
    if factor["log"]:
        shares: Floats = np.log(number / low) / np.log(high / low)
        return shares
    return (number - low) / (high - low)


def place_in_list(factor: Mapping[str, Any], values: NDArray[np.generic]) -> Floats:
    """Return the place of each value in the list of a factor, from 0."""
    texts = [str(level["value"]) for level in factor["levels"]]
    plain = {text: place for place, text in reversed(list(enumerate(texts)))}
    if values.dtype.kind in "if":
        numbers = {float(text): place for text, place in plain.items()}
        return np.array([numbers[float(v)] for v in values.tolist()], dtype=np.float64)
    return np.array([plain[str(v)] for v in values.tolist()], dtype=np.float64)


def has_order(factor: Mapping[str, Any]) -> bool:
    """Tell whether more and less of a factor mean something: numbers, or two values."""
    if "levels" not in factor:
        return True
    values = [level["value"] for level in factor["levels"]]
    numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    return numbers or len(values) <= 2
