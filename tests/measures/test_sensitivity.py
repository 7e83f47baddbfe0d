"""Rank correlation: by hand, and against its definition."""

import numpy as np
import pytest
from scipy import stats

from ydsim.measures.designs import NONE, rank_correlation


def test_by_hand():
    # ranks 1 2 3 4 5 against 2 1 4 3 5: 1 - 6 * 4 / (5 * 24)
    found = rank_correlation([1.0, 2.0, 3.0, 4.0, 5.0], [20.0, 10.0, 40.0, 30.0, 5e9])
    assert found.value == pytest.approx(0.8)
    reach = 1.959964 * np.sqrt((1 + 0.8**2 / 2) / 2)
    assert found.low == pytest.approx(np.tanh(np.arctanh(0.8) - reach))
    assert found.high == pytest.approx(np.tanh(np.arctanh(0.8) + reach))


def test_equal_values_have_their_mean_rank():
    x, y = np.array([0.0, 0.0, 1.0, 1.0, 1.0]), np.array([1.0, 2.0, 2.0, 3.0, 4.0])
    ranks = np.corrcoef(stats.rankdata(x), stats.rankdata(y))[0, 1]
    assert rank_correlation(x, y).value == pytest.approx(ranks)


def test_a_curve_that_only_rises_is_one_and_what_does_not_vary_is_none():
    x = np.arange(1.0, 8.0)
    found = rank_correlation(x, -np.exp(x))
    assert (found.value, found.low, found.high) == (-1.0, -1.0, -1.0)
    assert rank_correlation(x, np.ones(7)) is NONE
    assert np.isnan(rank_correlation(x[:3], x[:3]).low)
    with pytest.raises(ValueError, match="y must have 7 entries, not 2"):
        rank_correlation(x, x[:2])
