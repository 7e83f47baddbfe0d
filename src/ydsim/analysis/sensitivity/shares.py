"""Values of factors as numbers: shares of a range, places in a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ydsim.typing import Floats


def share_of_range(factor: Mapping[str, Any], values: NDArray[np.generic]) -> Floats:
    """Return values of a factor as shares in [0, 1] of its range, or of the places in its list.

    The inverse of `ydsim.design.ranges.scaled`, but for rounding.
    """
    if "levels" in factor:
        return places(factor, values) / max(len(factor["levels"]) - 1, 1)
    number = values.astype(np.float64)
    low, high = float(factor["from"]), float(factor["to"])
    if factor["log"]:
        shares: Floats = np.log(number / low) / np.log(high / low)
        return shares
    return (number - low) / (high - low)


def places(factor: Mapping[str, Any], values: NDArray[np.generic]) -> Floats:
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
