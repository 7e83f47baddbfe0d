"""Fixed effects taken out of columns, any number of sets, by conjugate gradients.

    e = v - D a,   a = argmin sum_n w_n (v_n - sum_r a_r,g(r,n))^2,   D' W D a = D' W v

Symbols: v column; w weight; r set of effects; g(r, n) the group of row n; D one column of ones and
zeros for each group. By Frisch, Waugh and Lovell a weighted least-squares fit of e_y on e_x has the
coefficients, residuals and robust errors of the fit with all dummies. The equations are solved by
conjugate gradients, scaled by the weights of groups; each step costs two sums over rows. One
set is exact in one step. Without effects a constant is taken out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ydsim.measures.gravity import ALIASED, swept
from ydsim.typing import Bools, Floats, Ints

SETTLED = 1e-12
"""Means of groups that are left, as part of the mean size in them, at which the steps end."""

ROUNDING = 1e-15
"""The same as part of what was in it before the column's mean was taken out."""

STEPS = 2_000


def residuals(values: Floats, effects: Sequence[Ints], weight: Floats | None = None) -> Floats:
    """Return columns (n, k) less what fixed effects explain of them; see `split`."""
    return split(values, effects, weight)[0]


def split(
    values: Floats, effects: Sequence[Ints], weight: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return what is left of columns (n, k), and what fixed effects explain of them.

    Parameters
    ----------
    values
        (n, k) columns.
    effects
        For each set (n,) codes of groups from 0 on.
    weight
        (n,) positive weights; ones by default.

    Raises
    ------
    ArithmeticError
        When the steps do not settle.
    """
    n = len(values)
    w = np.ones(n) if weight is None else weight
    dummies = _Dummies(list(effects) or [np.zeros(n, dtype=np.int64)])
    total = dummies.sums(w)
    scale = np.where(total > 0.0, 1.0 / np.where(total > 0.0, total, 1.0), 0.0)
    left, explained = np.empty(values.shape), np.empty(values.shape)
    for k, v in enumerate(values.T):
        left[:, k], explained[:, k] = _solved(v, dummies, w, scale)
    return left, explained


class _Dummies:
    """The columns D of all sets of effects, without making them."""

    def __init__(self, sets: Sequence[Ints]) -> None:
        self.sets = sets
        self.sizes = [int(codes.max(initial=-1)) + 1 for codes in sets]
        self.ends = np.cumsum([0, *self.sizes])

    def sums(self, values: Floats) -> Floats:
        """Return D' values."""
        pairs = zip(self.sets, self.sizes, strict=True)
        return np.concatenate([np.bincount(c, weights=values, minlength=s) for c, s in pairs])

    def spread(self, means: Floats) -> Floats:
        """Return D means."""
        out = np.zeros(len(self.sets[0]))
        for r, codes in enumerate(self.sets):
            out += means[self.ends[r] : self.ends[r + 1]][codes]
        return out


def _solved(v: Floats, dummies: _Dummies, w: Floats, scale: Floats) -> tuple[Floats, Floats]:
    def size_in_groups(e: Floats) -> float:
        return float((dummies.sums(np.abs(w * e)) ** 2 * scale).sum())

    mean = float((w * v).sum() / w.sum())
    e, explained = v - mean, np.full(len(v), mean)
    enough = SETTLED**2 * size_in_groups(e) + ROUNDING**2 * size_in_groups(v)
    left = dummies.sums(w * e)
    move = scale * left
    size = float((left * move).sum())
    for _ in range(STEPS):
        if size <= enough:
            return e, explained
        change = dummies.spread(move)
        step = size / float((w * change * change).sum())
        e, explained = e - step * change, explained + step * change
        left = dummies.sums(w * e)
        scaled = scale * left
        now = float((left * scaled).sum())
        move = scaled + now / size * move
        size = now
    raise ArithmeticError(f"fixed effects did not settle in {STEPS} steps")


def own_part(raw: Floats, absorbed: Floats) -> Bools:
    """Return which columns (p,) the effects and the columns before them do not determine.

    Parameters
    ----------
    raw, absorbed
        (n, p) before and after the effects were taken out.
    """
    centred = raw - raw.mean(axis=0)
    size = (centred**2).sum(axis=0)
    there = (absorbed**2).sum(axis=0) > ALIASED * size
    there &= size > ALIASED**2 * (raw**2).sum(axis=0)
    _, kept = swept(np.einsum("ni,nj->ij", absorbed[:, there], absorbed[:, there]))
    own = np.zeros(raw.shape[1], dtype=np.bool_)
    own[np.flatnonzero(there)[kept]] = True
    return own
