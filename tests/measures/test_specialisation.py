import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.specialisation import krugman, location_quotients

tables = st.tuples(st.integers(2, 6), st.integers(1, 5), st.integers(0, 10_000)).map(
    lambda s: np.random.default_rng(s[2]).exponential(1.0, s[:2])
)


def test_by_hand():
    x = [[30.0, 10.0], [10.0, 50.0]]
    # shares .75 and .25, 1/6 and 5/6, .4 and .6 in all
    want = [[1.875, 0.25 / 0.6], [1 / 6 / 0.4, 5 / 6 / 0.6]]
    assert location_quotients(x).tolist() == pytest.approx(np.array(want))
    assert krugman(x).tolist() == pytest.approx([7 / 6, 7 / 6])


def test_a_place_is_compared_with_all_others_together():
    x = [[1.0, 0.0], [1.0, 3.0], [3.0, 1.0]]
    assert krugman(x)[0] == pytest.approx(1.0)
    assert krugman(x)[1] == pytest.approx(2 * (0.8 - 0.25))


def test_published_location_quotient():
    # inventions .3297 and product .2394 of the nation in 2019
    inventions, product = 0.3297, 0.2394
    assert inventions / product == pytest.approx(1.38, abs=0.005)
    x = [[inventions, product], [1 - inventions, 1 - product]]
    quotient = location_quotients(np.transpose(x))  # inventions and product as places
    assert quotient[0, 0] / quotient[1, 0] == pytest.approx(1.38, abs=0.005)


@given(tables)
def test_weighted_mean_of_quotients_is_one(x):
    weight = x.sum(axis=1) / x.sum()
    assert (location_quotients(x) * weight[:, None]).sum(axis=0) == pytest.approx(
        np.ones(x.shape[1])
    )


@given(tables, st.floats(1e-6, 1e6))
def test_bounds_and_no_scale_of_a_place(x, factor):
    k = krugman(x)
    assert (k >= 0.0).all()
    assert (k <= 2.0 + 1e-12).all()
    assert krugman(factor * x) == pytest.approx(k)
    assert location_quotients(factor * x) == pytest.approx(location_quotients(x))


def test_nothing_in_common():
    assert krugman(np.eye(3)).tolist() == [2.0, 2.0, 2.0]


def test_without_size_there_is_no_value():
    x = [[0.0, 0.0], [1.0, 0.0]]
    assert np.isnan(location_quotients(x)).tolist() == [[True, True], [False, True]]
    assert np.isnan(krugman(x)).all()
    assert np.isnan(krugman([[1.0, 2.0]])).all()


def test_what_is_refused():
    with pytest.raises(ValueError, match="sizes must be at least 0"):
        krugman([[1.0, -1.0]])
    with pytest.raises(ValueError, match="sizes must have 2 axes"):
        location_quotients([1.0, 2.0])
