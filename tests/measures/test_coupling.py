import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures import coupling as cc

score = st.floats(0.0, 1.0, allow_subnormal=False)
some_scores = st.lists(score, min_size=2, max_size=5).map(np.array)


def test_two_systems_by_hand():
    u = [0.8, 0.2]
    assert cc.coupling(u) == pytest.approx(0.8)  # 2 sqrt(.16) / 1
    assert cc.coupling(u, modified=True) == pytest.approx(np.sqrt(0.4 * 0.25))
    assert cc.development(u) == pytest.approx(0.5)
    assert cc.coordination(u) == pytest.approx(np.sqrt(0.4))
    assert cc.coordination(u, modified=True) == pytest.approx(np.sqrt(0.5 * np.sqrt(0.1)))


def test_three_systems_by_hand():
    u = [0.2, 0.4, 0.8]
    assert cc.coupling(u) == pytest.approx(3 * 0.064 ** (1 / 3) / 1.4)
    # mean gap (.2 + .6 + .4) / 3 = .4, product of .25, .5 and 1 under a square root
    assert cc.coupling(u, modified=True) == pytest.approx(np.sqrt(0.6 * np.sqrt(0.125)))


def test_nothing_at_all():
    u = np.array([[0.0, 0.0], [0.0, 1.0]])
    assert np.isnan(cc.coupling(u)).tolist() == [True, False]
    assert cc.coupling(u)[1] == 0.0
    assert cc.coordination(u).tolist() == [0.0, 0.0]
    assert cc.coordination(u, modified=True).tolist() == [0.0, 0.0]


def test_scores_above_one_that_differ_by_more_than_one():
    assert cc.coupling([1.4, 0.2], modified=True) == 0.0


@given(some_scores, st.booleans())
def test_bounds_and_order(u, modified):
    if not u.any():
        return
    c, d = cc.coupling(u, modified=modified), cc.coordination(u, modified=modified)
    assert 0.0 <= c <= 1.0
    assert 0.0 <= d <= 1.0 + 1e-12
    assert cc.coupling(u[::-1], modified=modified) == pytest.approx(c, abs=1e-12)


def test_scale_by_fixed_bounds():
    scaled = cc.scale([[5.0, 3.0], [30.0, 9.0], [0.0, 2.0]], [2.0, 10.0], [12.0, 2.0])
    assert scaled.tolist() == [[0.3, 0.875], [1.5, 0.125], [0.0, 1.0]]


def test_bounds_that_are_hardly_apart():
    scaled = cc.scale([1.0, -1.0], [0.0, 0.0], [1e-320, 1e-320])
    assert scaled.tolist() == [1.5, 0.0]
