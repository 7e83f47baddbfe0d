import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.resonance import ratio_of_means, shapley, standard_error

DRAWS = np.random.default_rng(7).random((400, 8))


def test_by_hand():
    # excess 2 and 3 over effects of 4 and 5
    found = ratio_of_means([2.0, 3.0], [4.0, 5.0], DRAWS[:, :2])
    assert found == pytest.approx((2.5 / 4.5, 2.0 / 4.0, 3.0 / 5.0))


@pytest.mark.parametrize(("errors", "defined"), [(1.9, False), (2.1, True), (-2.1, True)])
def test_two_standard_errors_decide(errors, defined):
    wobble = np.array([1.0, -1.0] * 4)
    effect = wobble + errors * standard_error(wobble)
    assert effect.mean() / standard_error(effect) == pytest.approx(errors)
    found = ratio_of_means(effect, effect, DRAWS)
    assert np.isfinite(found).tolist() == [defined] * 3


def test_one_replicate_gives_no_interval():
    assert np.isnan(standard_error(np.ones(1)))
    assert np.isnan(ratio_of_means([2.0], [4.0], DRAWS[:, :1])).all()


def orders(table, k):
    """Mean gain of each group over all orders in which groups join."""
    parts = np.zeros(k)
    for order in itertools.permutations(range(k)):
        have = 0
        for group in order:
            parts[group] += table[have | 1 << group] - table[have]
            have |= 1 << group
    return parts / math.factorial(k)


def test_shapley_by_hand():
    # none 0, first 1, second 2, both 6: half of the 3 beyond the sum goes to each
    assert shapley([0.0, 1.0, 2.0, 6.0]).tolist() == pytest.approx([2.5, 3.5])


@given(st.integers(1, 6), st.integers(0, 1000))
def test_shapley_equals_the_mean_over_all_orders(k, seed):
    table = np.random.default_rng(seed).normal(size=2**k)
    parts = shapley(table)
    assert parts.tolist() == pytest.approx(orders(table, k).tolist())
    assert parts.sum() == pytest.approx(table[-1] - table[0])
