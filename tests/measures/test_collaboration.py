"""The collaboration index against hand-worked cases and its properties."""

import numpy as np
import pytest

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


def test_what_was_zero_in_the_base_year_has_no_index():
    found = collaboration_index([1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0, 1.0], OF)
    assert np.isnan(found.components[0])
    assert found.components[1:].tolist() == [100.0] * 3
    assert np.isnan(found.total)
    assert np.isnan(collaboration_index([1.0], [1.0], [0]).total)
