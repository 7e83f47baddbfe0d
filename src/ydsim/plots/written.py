"""Numbers as figures write them."""

from __future__ import annotations

import math

MINUS = "\u2212"


def signed(value: float, low: float = math.nan, high: float = math.nan) -> str:
    """Return a value with its sign, and its interval where it has one.

    Digits go as far as the second of the half width of the interval.
    """
    if not math.isfinite(value):
        return "-"
    if not (math.isfinite(low) and math.isfinite(high)):
        return fixed(value, decimals_for(value, 3), sign=True)
    half = (high - low) / 2.0
    places = decimals_for(half, 2) if half > 0.0 else decimals_for(value, 3)
    first, second, third = (fixed(x, places, sign=True) for x in (value, low, high))
    return f"{first} [{second}, {third}]"


def decimals_for(value: float, digits: int) -> int:
    """Return the decimals that show so many significant digits, none for large numbers."""
    size = math.floor(math.log10(abs(value))) if abs(value) > 1e-12 else 0
    return min(max(0, digits - 1 - size), 8)


def fixed(value: float, decimals: int, *, sign: bool = False) -> str:
    """Return a number without an exponent; zero has no sign."""
    text = f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):
        return text
    return (MINUS if value < 0.0 else "+" if sign else "") + text
