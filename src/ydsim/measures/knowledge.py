"""Field vectors: cosine, cognitive distance, means of groups.

    D_ij = 1 - sum_f x_if y_jf / (|x_i| |y_j|)      cognitive distance, in [0, 1]
    U(D) = 4 D (1 - D)                              inverted U, in [0, 1], largest at D = 1/2

Symbols: x, y vectors over fields, none of them negative (shares of effort, say), no unit.
U: partners that know the same have nothing to tell each other, partners that have nothing in common
do not understand each other (Nooteboom et al. 2007, doi 10.1016/j.respol.2007.04.003, find the
inverted U; its form is assumed).
"""

from __future__ import annotations

import numpy as np

from ydsim.measures.groups import sums
from ydsim.typing import Floats, Ints


def cosine(x: Floats, y: Floats, i: Ints | slice, j: Ints) -> Floats:
    """Return the cosine of columns ``i`` of ``x`` (F, n) with columns ``j`` of ``y`` (F, m).

    In [0, 1] for vectors that are not negative; a vector of zeros has cosine zero with all.
    """
    shared = np.zeros(len(j))
    for x_f, y_f in zip(x, y, strict=True):
        shared += x_f[i] * y_f[j]
    lengths = _length(x)[i] * _length(y)[j]
    cos: Floats = shared / np.where(lengths > 0.0, lengths, 1.0)
    return np.minimum(cos, 1.0, out=cos)


def _length(x: Floats) -> Floats:
    length: Floats = np.sqrt(np.einsum("fn,fn->n", x, x))
    return length


def distance_factor(distance: Floats) -> Floats:
    """Return U(D) of distances in [0, 1]."""
    factor: Floats = 4.0 * distance * (1.0 - distance)
    return factor


def group_means(
    values: Floats, group: Ints, weight: Floats, n_groups: int, empty: float = 0.0
) -> Floats:
    """Return means of the rows of ``values`` (F, n) by group, weighted by (n,), shape (F, groups).

    A group without any weight has the mean ``empty``.
    """
    total = sums(group, weight, n_groups)
    means = np.stack([sums(group, weight * row, n_groups) for row in values])
    means /= np.where(total > 0.0, total, 1.0)
    means[:, total <= 0.0] = empty
    return means
