"""The collaboration index against hand-worked cases and its properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ydsim.measures.collaboration import COMPONENTS, WEIGHTS, collaboration_index

OF = [0, 0, 1, 2, 3]


def test_by_hand():
    found = collaboration_index([30.0, 10.0, 6.0, 50.0, 80.0], [20.0, 10.0, 4.0, 40.0, 100.0], OF)
    # 150 and 100 make 125; 150; 125; 80
    assert found.components.tolist() == pytest.approx([125.0, 150.0, 125.0, 80.0])
    assert float(found.total) == pytest.approx(120.0)


def test_weights_are_those_of_the_components():
    assert len(WEIGHTS) == len(COMPONENTS)
    assert sum(WEIGHTS) == pytest.approx(1.0)


@given(st.lists(st.floats(0.1, 1e6), min_size=5, max_size=5), st.floats(0.1, 10.0))
def test_the_base_year_is_100_and_units_do_not_matter(flows, factor):
    base = np.array(flows)
    assert float(collaboration_index(base, base, OF).total) == pytest.approx(100.0)
    unit = np.array([1.0, 1e4, 1e-3, factor, 7.0])
    other = np.array(flows[::-1])
    one = collaboration_index(other, base, OF)
    two = collaboration_index(other * unit, base * unit, OF)
    assert two.components == pytest.approx(one.components)
    assert collaboration_index(other * factor, base, OF).total == pytest.approx(factor * one.total)


def test_what_was_zero_in_the_base_year_has_no_index():
    found = collaboration_index([1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0, 1.0], OF)
    assert np.isnan(found.components[0])
    assert found.components[1:].tolist() == [100.0] * 3
    assert np.isnan(found.total)
    assert np.isnan(collaboration_index([1.0], [1.0], [0]).total)


def test_places_have_bases_of_their_own():
    flows = np.arange(1.0, 11.0).reshape(2, 5)
    base = np.array([[1.0, 1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0, 2.0]])
    both = collaboration_index(flows, base, OF)
    for p in range(2):
        assert both.total[p] == collaboration_index(flows[p], base[p], OF).total


@pytest.mark.parametrize(
    ("flows", "base", "of", "said"),
    [
        ([1.0, -1.0], [1.0, 1.0], [0, 1], "flows must be at least 0"),
        ([1.0, 1.0], [1.0], [0, 1], "base must have the flows"),
        ([1.0, 1.0], [1.0, 1.0], [0, 4], "component must be between 0 and 3"),
        ([1.0, np.inf], [1.0, 1.0], [0, 1], "flows must be finite"),
    ],
)
def test_refusals(flows, base, of, said):
    with pytest.raises(ValueError, match=said):
        collaboration_index(flows, base, of)
