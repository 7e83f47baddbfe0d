import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from ydsim.measures.spatial import inverse_distance, moran

LINE = np.array([[0, 1, 0, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 1, 0]], dtype=float)


def test_by_hand():
    # z = -1.5, -.5, .5, 1.5: 4 / 6 times 2 (.75 - .25 + .75) over 5
    assert moran([1.0, 2.0, 3.0, 4.0], LINE).value == pytest.approx(1 / 3)
    assert moran([1.0, 0.0, 1.0, 0.0], LINE).value == pytest.approx(-1.0)


@pytest.mark.parametrize("seed", range(3))
def test_moments_are_those_over_all_orders(seed):
    draw = np.random.default_rng(seed)
    y, w = draw.exponential(1.0, 6), draw.random((6, 6)) * (1.0 - np.eye(6))
    found = moran(y, w)
    values = [moran(y[list(order)], w).value for order in itertools.permutations(range(6))]
    assert found.expected == pytest.approx(np.mean(values))
    assert found.variance == pytest.approx(np.var(values))
    assert found.z == pytest.approx((found.value - np.mean(values)) / np.std(values))
    assert found.p == pytest.approx(2.0 * norm.sf(abs(found.z)))


@given(st.lists(st.floats(-100, 100), min_size=5, max_size=12), st.floats(1e-3, 1e3))
def test_neither_values_nor_weights_have_a_scale(values, factor):
    y = np.array(values)
    if np.ptp(y) < 1e-3:
        return
    w = inverse_distance(np.abs(np.subtract.outer(np.arange(len(y)), np.arange(len(y)))))
    found, other = moran(y, w), moran(factor * y + 7.0, factor * w)
    assert other.value == pytest.approx(found.value, abs=1e-6)
    assert other.variance == pytest.approx(found.variance, rel=1e-6)


def test_equal_weights_leave_no_variance():
    found = moran([1.0, 5.0, 2.0, 2.0], 1.0 - np.eye(4))
    assert found.value == pytest.approx(found.expected)
    assert found.variance == 0.0
    assert np.isnan(found.p)


def test_equal_values_have_no_value():
    found = moran(np.full(5, 0.1), 1.0 - np.eye(5))
    assert np.isnan([found.value, found.variance, found.z, found.p]).all()
    assert found.expected == -0.25


def test_inverse_distance():
    weights = inverse_distance([[0.0, 10.0, 30.0], [10.0, 0.0, 20.0], [30.0, 20.0, 0.0]])
    assert weights[0].tolist() == pytest.approx([0.0, 0.75, 0.25])
    assert weights.sum(axis=1).tolist() == pytest.approx([1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: moran([1.0, 2.0, 3.0], LINE[:3, :3]), "four places"),
        (lambda: moran([1.0, 2.0, 3.0, 4.0], LINE[:3, :3]), "4 x 4"),
        (lambda: moran([1.0, 2.0, 3.0, 4.0], np.eye(4)), "zero on the diagonal"),
        (lambda: moran([1.0, 2.0, 3.0, 4.0], np.zeros((4, 4))), "some positive"),
        (lambda: inverse_distance([[0.0, 0.0], [0.0, 0.0]]), "positive off the diagonal"),
        (lambda: inverse_distance([[0.0, 1.0]]), "square"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
