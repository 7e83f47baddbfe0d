"""Small random inputs for the rules."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

SEEDS = range(6)
EXACT = 1e-12


def rng(seed):
    return np.random.default_rng(20_000 + seed)


def close(array, scalar, rtol=EXACT, atol=1e-14):
    assert_allclose(np.asarray(array), np.asarray(scalar), rtol=rtol, atol=atol)
