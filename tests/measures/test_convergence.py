import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import linregress

from ydsim.measures.convergence import beta, sigma

value = st.floats(0.01, 100.0)
ends = st.lists(st.tuples(value, value), min_size=3, max_size=20)


def test_by_hand():
    # logs 0 and 2, then 0 and 1: the gap halves in five years
    y = np.exp([[0.0, 2.0], [0.0, 1.0]])
    assert sigma(y).tolist() == pytest.approx([1.0, 0.5])
    found = beta(y[0], y[1], 5.0)
    assert found.slope == pytest.approx(-0.1)
    assert found.speed == pytest.approx(np.log(2.0) / 5.0)
    assert np.isnan(found.error)


@given(ends, st.floats(0.5, 20.0))
def test_beta_equals_the_regression_of_scipy(pairs, years):
    first, last = np.array(pairs).T
    growth = np.log(last / first) / years
    # without differences scipy has no slope, and without any of growth no error
    assume(np.ptp(np.log(first)) > 0.1)
    assume(np.ptp(growth) > 1e-6)
    found = beta(first, last, years)
    want = linregress(np.log(first), growth)
    assert found.slope == pytest.approx(want.slope, abs=1e-8)
    assert found.error == pytest.approx(want.stderr, rel=1e-6, abs=1e-5)


def test_groups_have_their_own_constants():
    # inside groups growth falls with the beginning, over all it rises
    first = np.exp([0.0, 1.0, 4.0, 5.0])
    last = first * np.exp([0.2, 0.1, 0.9, 0.8])
    group = [0, 0, 1, 1]
    assert beta(first, last, 1.0).slope > 0.0
    found = beta(first, last, 1.0, group, 2)
    assert found.slope == pytest.approx(-0.1)
    assert found.error == pytest.approx(0.0, abs=1e-9)
    assert sigma(first[None, :], group, 2).tolist() == pytest.approx([0.5])
    assert sigma(first[None, :]).tolist() == pytest.approx([np.sqrt(4.25)])


def test_without_differences_at_the_beginning_there_is_no_slope():
    assert np.isnan(beta([2.0, 2.0, 2.0], [1.0, 2.0, 3.0], 1.0).slope)
    assert np.isnan(beta([0.1] * 3, [1.0, 2.0, 3.0], 1.0).slope)
    assert np.isnan(beta([1.0, 2.0], [1.0, 3.0], 1.0, [0, 1], 2).slope)


def test_no_places():
    assert np.isnan(sigma(np.ones((2, 0)))).tolist() == [True, True]
    assert np.isnan(beta([], [], 1.0).slope)


def test_more_than_full_convergence_has_no_speed():
    found = beta([1.0, np.e], [np.e, 1.0], 1.0)
    assert found.slope == pytest.approx(-2.0)
    assert np.isnan(found.speed)
