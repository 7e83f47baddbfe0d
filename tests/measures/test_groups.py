import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import scalar_population as scalar
from ydsim.measures.groups import blocks, quotient, ranges, rank_within, systematic

groups = st.lists(st.integers(0, 4), max_size=25)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), max_size=12))
def test_ranges(pairs):
    starts = np.array([a for a, _ in pairs], dtype=np.int64)
    lengths = np.array([b for _, b in pairs], dtype=np.int64)
    assert ranges(starts, lengths).tolist() == [k for a, b in pairs for k in range(a, a + b)]


@given(st.integers(0, 40), st.integers(1, 12))
def test_blocks_cover_all_in_their_order(n, most):
    found = list(blocks(n, most))
    assert [k for some in found for k in range(n)[some]] == list(range(n))
    assert all(0 < some.stop - some.start <= most for some in found)


@given(groups)
def test_rank_within(group):
    want = [group[:i].count(g) for i, g in enumerate(group)]
    assert rank_within(np.array(group, dtype=np.int64)).tolist() == want


@pytest.mark.parametrize("seed", range(40))
def test_systematic_equals_the_scalar_rule(seed):
    draw = np.random.default_rng(seed)
    n = int(draw.integers(1, 12))
    weight = draw.exponential(1.0, n) * (draw.random(n) > 0.3)
    number, u = int(draw.integers(0, 30)), float(draw.random())
    counts = systematic(weight, number, u)
    assert counts.tolist() == scalar.systematic(weight.tolist(), number, u)
    if weight.sum() > 0:
        assert counts.sum() == number
        assert (np.abs(counts - number * weight / weight.sum()) < 1.0).all()
        assert (counts[weight == 0] == 0).all()


def test_systematic_at_its_edges():
    assert systematic(np.zeros(3), 5, 0.5).tolist() == [0, 0, 0]
    assert systematic(np.ones(3), 0, 0.5).tolist() == [0, 0, 0]
    assert systematic(np.ones(3), -2, 0.5).tolist() == [0, 0, 0]
    assert systematic(np.ones(1), 7, 0.999).tolist() == [7]


def test_a_quotient_is_something_else_where_nothing_is_below():
    top, bottom = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2.0], [0.0]])
    assert quotient(top, bottom).tolist() == [[0.5, 1.0], [0.0, 0.0]]
    assert quotient(top, -bottom, 7.0).tolist() == [[7.0, 7.0], [7.0, 7.0]]
    assert quotient(top[0], bottom[:, 0], top[1]).tolist() == [0.5, 4.0]
