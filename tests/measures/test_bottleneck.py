import math

import pytest

from ydsim.measures import bottleneck as bn


def test_pooled_error_without_replicates_or_outcomes():
    assert math.isnan(bn.shared_error([[1.0, 2.0]], [[2.0, 3.0]], [0]).sd)
    with pytest.raises(ValueError, match="positive mean"):
        bn.shared_error([[0.0, 0.0, 0.0]], [[1.0, 2.0, 3.0]], [0])
    with pytest.raises(ValueError, match="same pairs"):
        bn.shared_error([[1.0, 2.0]], [[1.0, 2.0], [1.0, 2.0]], [0, 0])
