"""Groups that are on and off: effects, interactions of two, and all sets from half of them.

    effect of k         = 2 / n sum_c x_ck y_c                  on less off, mean over the others
    interaction of k, l = 2 / n sum_c x_ck x_cl y_c
    y_A                 = m + sum_k a_k x_Ak + sum_{k<l} c_kl x_Ak x_Al

y_c is the outcome of cell c of n, x_ck = +1 where group k is on in it, -1 where it is off; m, a and
c are half of the contrasts above. The last line is what interactions of no more than two groups
make of every set A of groups: it is exact where no three groups interact, and takes the noise of
all cells together instead of that of a few. All cells have the same replicates.

Source: Box, Hunter and Hunter (2005, Statistics for Experimenters, chapters 5 and 6).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from ydsim.design.sweep import Sweep
from ydsim.errors import UsageError
from ydsim.results.results import Results
from ydsim.typing import Bools, Floats, Ints

LEAST_FOR_HALF = 5
"""Groups from which on half of the cells tells pairs apart (resolution V)."""


def cells(sweep: Sweep) -> Bools:
    """Return which groups are on in each cell, (n, groups), none first and all last."""
    return np.array([[bool(level.value) for level in row] for row in sweep.rows()])


def cells_of(results: Results) -> tuple[tuple[str, ...], Bools]:
    """Return the groups of a finished factorial, and which are on at each point, (n, groups).

    Raises
    ------
    UsageError
        When the results are those of another design.
    """
    kind = results.manifest["spec"].get("kind")
    points = results.contents.points
    if kind != "factorial":
        raise UsageError(
            f"{results.name}: resonance needs a factorial of groups, and this is a {kind}; "
            "make one with `ydsim resonance SCENARIO`"
        )
    groups = tuple(points.factors)
    design = np.array([points.columns[name] for name in groups], dtype=np.bool_).T
    if not ((~design).all(axis=1).any() and design.all(axis=1).any()):
        raise UsageError(
            f"{results.name}: has no combination in which no group is on, or none with all; half "
            "of an odd number of groups lacks one"
        )
    return groups, design


def contrast(signs: Floats, y: Floats) -> Floats:
    """Return 2 / n sum_c sign_c y_c by replicate; ``y`` is (n, replicates)."""
    effect: Floats = 2.0 / len(y) * np.einsum("c,cr->r", signs, y)
    return effect


def signs_of(design: Bools) -> Floats:
    """Return +1 where a group is on and -1 where it is off, (n, groups)."""
    return np.where(design, 1.0, -1.0)


def terms(groups: Sequence[str], design: Bools) -> list[tuple[tuple[str, ...], Floats]]:
    """Return the groups and signs (n,) of every effect, then of every interaction of two."""
    signs = signs_of(design)
    single = [((name,), signs[:, k]) for k, name in enumerate(groups)]
    pairs = [
        ((groups[k], groups[j]), signs[:, k] * signs[:, j])
        for k, j in itertools.combinations(range(len(groups)), 2)
    ]
    return [*single, *pairs]


def sets(n_groups: int) -> Bools:
    """Return all sets of groups, (2^K, K); group k is in those rows whose bit k is set."""
    found: Bools = ((np.arange(1 << n_groups)[:, None] >> np.arange(n_groups)) & 1).astype(np.bool_)
    return found


def by_set(design: Bools, y: Floats) -> Floats:
    """Return outcomes (n, replicates) of a full factorial in the order of `sets`."""
    rows: Ints = (design * (1 << np.arange(design.shape[1]))).sum(axis=1)
    table = np.full((1 << design.shape[1], y.shape[1]), np.nan)
    table[rows] = y
    return table


def of_pairs(design: Bools, y: Floats) -> Floats:
    """Return outcomes of all `sets`, (2^K, replicates), if no three groups interact.

    Raises
    ------
    UsageError
        When the cells are half of those of fewer than five groups.
    """
    n_groups = design.shape[1]
    if len(design) < 1 << n_groups and n_groups < LEAST_FOR_HALF:
        raise UsageError(
            f"half of the cells of {n_groups} groups mixes their pairs; take all cells, or "
            f"{LEAST_FOR_HALF} groups"
        )
    every = sets(n_groups)
    names = [str(k) for k in range(n_groups)]
    table = np.tile(y.mean(axis=0), (len(every), 1))
    for (_, seen), (_, asked) in zip(terms(names, design), terms(names, every), strict=True):
        table += asked[:, None] * contrast(seen, y) / 2.0
    return table
