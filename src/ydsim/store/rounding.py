"""Rounding to 10 significant decimal digits, so that noise in the last bits never reaches a file.

A value is first rounded to 13 and then to 10 digits, half to even both times. The first step pulls
a value that is within a few last bits of a decimal tie (0.12345678905 give or take an ulp)
onto the tie itself, so that machines which disagree in the last bits still write the same number:
the places where noise can flip a digit move away from round numbers.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from ydsim.typing import Floats

DIGITS = 10
GUARD = 3
"""Extra digits kept by the first rounding."""

_LOWEST, _HIGHEST = -9, 30
_POWERS = np.array([float(f"1e{e}") for e in range(_LOWEST, _HIGHEST + 1)])
_EXACT = np.array([float(f"1e{e}") for e in range(23)])
_WIDE = Context(prec=DIGITS + GUARD, rounding=ROUND_HALF_EVEN)
_NARROW = Context(prec=DIGITS, rounding=ROUND_HALF_EVEN)
_DOWN = Context(prec=DIGITS, rounding=ROUND_DOWN)
_TIE = 0.02
_BLOCK = 65_536


def round_significant(values: NDArray[np.floating]) -> Floats:
    """Return ``values`` rounded to 10 significant decimal digits, in a new array.

    Each result is the double nearest to the decimal number. Both zeros become ``+0.0`` and every
    NaN the standard one, so equal input gives equal bytes; infinities stay. Values from 1e-9 to
    1e30 take the fast path: a power of ten up to 1e22 and an integer below 1e13 are exact in
    double precision, so scaling up errs by half an ulp at most (values near enough to a tie for
    that to matter go through `decimal`), and scaling down is one correctly rounded operation.
    """
    x = np.array(values, dtype=np.float64, order="C")
    flat = x.reshape(-1)
    for start in range(0, flat.size, _BLOCK):
        _round_in_place(flat[start : start + _BLOCK])
    return x


def _round_in_place(out: Floats) -> None:
    out[out == 0.0] = 0.0
    out[np.isnan(out)] = np.nan
    size = np.abs(out)
    fast = np.flatnonzero((size >= _POWERS[0]) & (size < _POWERS[-1]))
    slow = (size > 0.0) & np.isfinite(size)
    slow[fast] = False
    with np.errstate(over="ignore"):
        rounded, unsure = _round_scaled(size[fast])
    out[fast] = np.copysign(rounded, out[fast])
    for i in np.concatenate([np.flatnonzero(slow), fast[unsure]]):
        out[i] = round_one(float(out[i]) if slow[i] else float(np.copysign(size[i], out[i])))


def round_one(value: float) -> float:
    """Return one finite number rounded as by `round_significant`: the definition in decimals.

    The largest doubles, which would round up beyond the range, are rounded towards zero.
    """
    wide = _WIDE.plus(Decimal(value))
    rounded = float(_NARROW.plus(wide))
    return rounded if isfinite(rounded) else float(_DOWN.plus(wide))


def _round_scaled(size: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return rounded sizes, and where the scaled value lies too near a tie to be trusted."""
    exponent = np.searchsorted(_POWERS, size, side="right") - 1 + _LOWEST
    up = DIGITS + GUARD - 1 - exponent
    scaled = np.where(
        up >= 0, size * _EXACT[np.clip(up, 0, 22)], size / _EXACT[np.clip(-up, 0, 22)]
    )
    wide = np.rint(scaled)
    unsure = np.abs(np.abs(scaled - wide) - 0.5) < _TIE
    narrow = np.rint(wide / 10**GUARD)
    down = up - GUARD
    value = np.where(
        down >= 0, narrow / _EXACT[np.clip(down, 0, 22)], narrow * _EXACT[np.clip(-down, 0, 22)]
    )
    return value, unsure
