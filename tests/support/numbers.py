"""Small random inputs for the rules."""

import numpy as np
import pytest
from numpy.testing import assert_allclose


def seeded(n):
    """Seeds 0 to n - 1 as values of a parameter: one in quick tests, the others in slow ones."""
    return [seed if seed == 0 else pytest.param(seed, marks=pytest.mark.slow) for seed in range(n)]


SEEDS = seeded(6)
EXACT = 1e-12


def rng(seed):
    return np.random.default_rng(20_000 + seed)


def close(array, scalar, rtol=EXACT, atol=1e-14):
    assert_allclose(np.asarray(array), np.asarray(scalar), rtol=rtol, atol=atol)


def rows_of(table, names, at=slice(None)):
    """Rows of a table as dicts of plain numbers, for loops."""
    columns = [getattr(table, name)[at].tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


DECAY_H = 1.5
"""Travel time at which exposure, interest and moves fall to 1/e, h."""
