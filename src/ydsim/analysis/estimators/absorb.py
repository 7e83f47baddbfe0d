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

SETTLED = 1e-24
"""Squares of group means left over, as part of the column's own squares, at which it ends."""

STEPS = 2_000


def residuals(values: Floats, effects: Sequence[Ints], weight: Floats | None = None) -> Floats:
    """Return columns (n, k) less what fixed effects explain of them.

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
    sets = list(effects) or [np.zeros(n, dtype=np.int64)]
    sizes = [int(codes.max(initial=-1)) + 1 for codes in sets]
    total = np.concatenate(
        [np.bincount(c, weights=w, minlength=s) for c, s in zip(sets, sizes, strict=True)]
    )
    scale = np.where(total > 0.0, 1.0 / np.where(total > 0.0, total, 1.0), 0.0)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    columns = [_one(v, sets, ends, w, scale) for v in values.T]
    out: Floats = np.stack(columns, axis=1) if columns else np.zeros((n, 0))
    return out


def _one(v: Floats, sets: Sequence[Ints], ends: Ints, w: Floats, scale: Floats) -> Floats:
    def sums(e: Floats) -> Floats:
        we = w * e
        parts = [
            np.bincount(codes, weights=we, minlength=int(ends[r + 1] - ends[r]))
            for r, codes in enumerate(sets)
        ]
        return np.concatenate(parts)

    e = v - float((w * v).sum() / w.sum())
    enough = SETTLED * float((w * e * e).sum())
    left = sums(e)
    scaled = scale * left
    move = scaled.copy()
    size = float((left * scaled).sum())
    for _ in range(STEPS):
        if size <= enough:
            return e
        change = np.zeros(len(v))
        for r, codes in enumerate(sets):
            change += move[ends[r] : ends[r + 1]][codes]
        e = e - size / float((w * change * change).sum()) * change
        left = sums(e)
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
