"""Resonance: what groups of policies do together beyond what each does alone.

    S     = (E[Y_all - Y_0] - sum_k E[Y_k - Y_0]) / sum_k E[Y_k - Y_0]
    phi_k = sum_{A without k} |A|! (K - |A| - 1)! / K! (Y_{A + k} - Y_A)

Symbols: Y outcome of a run, in any unit, or its logarithm, which makes S one of factors; Y_0 with
none of K groups of policies at work, Y_k with group k alone, Y_all with all, Y_A with those of set
A; E mean over replicates, each of the same draws in all runs; S interaction, without unit: zero
where effects add up; phi_k part of group k in the effect of all, in the unit of Y. S is undefined
where sum_k E[Y_k - Y_0] is within two standard errors of zero, or one replicate gives no error.
Its interval is of percentiles over replicates drawn again; that of the numerator alone is defined
always.

Sources: Shapley (1953, Contributions to the Theory of Games II: 307-317); Efron (1979, Annals of
Statistics 7: 1-26); S and its two standard errors assumed.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import numbers
from ydsim.typing import Floats, Ints

_ENDS = (1.0 - 0.95) / 2.0, (1.0 + 0.95) / 2.0
TOO_NEAR = 2.0
"""Standard errors from zero within which S is undefined."""


def ratio_of_means(
    above: ArrayLike, below: ArrayLike, draws: ArrayLike
) -> tuple[float, float, float]:
    """Return E[above] / E[below] with the bounds of its interval; NaN where it is undefined.

    Parameters
    ----------
    above, below
        (R,) values of the same replicates. The ratio is undefined where the mean of ``below`` is
        within two standard errors of zero, or one replicate gives no error.
    draws
        (B, R) even draws from 0 to below 1: each row draws R replicates again, of all runs alike.
    """
    over, under = numbers("above", above), numbers("below", below)
    if over.shape != under.shape or len(over) == 0:
        raise ValueError("above and below must have the same replicates, at least one")
    u = _checked(draws, len(over))
    picked = _picked(u, len(over))
    again_over, again_under = over[picked].mean(axis=1), under[picked].mean(axis=1)
    denominator = float(under.mean())
    # a comparison with NaN is false
    near = not abs(denominator) > TOO_NEAR * standard_error(under)
    if near or bool((again_under == 0.0).any()):
        return (float("nan"), float("nan"), float("nan"))
    low, high = np.quantile(again_over / again_under, _ENDS).tolist()
    return float(over.mean()) / denominator, low, high


def standard_error(values: Floats) -> float:
    """Return the standard error of the mean of values (R,); NaN for one."""
    n = len(values)
    return float(values.std(ddof=1)) / math.sqrt(n) if n > 1 else float("nan")


def shapley(table: ArrayLike) -> Floats:
    """Return the exact parts phi (K, ...) of K groups; their sum is the effect of all.

    Parameters
    ----------
    table
        (2^K, ...) outcomes of all sets of groups, such as 64 for six: row number sum_k 2^k over
        the groups k, from 0, that are in the set. Further axes, such as replicates, are kept.
    """
    y = numbers("table", table, ndim=None)
    size = len(y) if y.ndim else 0
    k = size.bit_length() - 1
    if k < 1 or size != 2**k:
        raise ValueError(f"table must have a power of two of rows, from 2, not {size}")
    sets = np.arange(size, dtype=np.int64)
    members = ((sets[:, None] >> np.arange(k)) & 1).sum(axis=1)
    weight = np.array([1.0 / (k * math.comb(k - 1, m)) for m in range(k)])
    parts = []
    for group in range(k):
        without = sets[(sets >> group) & 1 == 0]
        gain = y[without | (1 << group)] - y[without]
        parts.append((weight[members[without]] * gain.T).T.sum(axis=0))
    return np.array(parts)


def _checked(draws: ArrayLike, n: int) -> Floats:
    u = numbers("draws", draws, ndim=2, low=0.0)
    if n == 0 or len(u) == 0 or u.shape[1] != n or (u >= 1.0).any():
        raise ValueError(f"draws must have {n} columns, at least one row, and be below 1")
    return u


def _picked(draws: Floats, n: int) -> Ints:
    """Return which of n replicates each draw picks."""
    picked: Ints = np.minimum((draws * n).astype(np.int64), n - 1)
    return picked
