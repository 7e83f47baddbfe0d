import math

import numpy as np
import pytest
from scipy.stats import t as student

from ydsim.measures import bottleneck as bn


def test_pooled_error_by_hand():
    base = [[90.0, 100.0, 110.0], [200.0, 200.0, 200.0], [50.0, 50.0, 50.0]]
    moved = [[100.0, 100.0, 100.0], [220.0, 200.0, 180.0], [50.0, 50.0, 50.0]]
    # differences 0.1, 0 and -0.1 and their opposites: variances 0.01, 0.01, 0
    found = bn.shared_error(base, moved, [0, 0, 1])
    assert found.sd == pytest.approx(math.sqrt(0.01))
    assert found.df == 4
    assert found.reach(0.5) == pytest.approx(2.776445 * math.sqrt(0.01) * math.sqrt(0.5))
    assert bn.shared_error(base, moved, [0, 0, 0]).sd == pytest.approx(math.sqrt(0.02 / 3.0))
    assert bn.shared_error(base, moved, [1, 0, 0]).df == 2


def test_pooled_error_of_one_pair_is_that_of_the_pair():
    base, moved = [10.0, 12.0, 11.0, 9.0], [12.0, 13.0, 15.0, 10.0]
    influence = np.array(moved) / 12.5 - np.array(base) / 10.5
    error = influence.std(ddof=1) / 2.0
    found = bn.shared_error([base], [moved], [0])
    assert found.reach(1.0 / 4.0) == pytest.approx(student.ppf(0.975, 3) * error)


def test_pooled_error_without_replicates_or_outcomes():
    assert math.isnan(bn.shared_error([[1.0, 2.0]], [[2.0, 3.0]], [0]).sd)
    with pytest.raises(ValueError, match="positive mean"):
        bn.shared_error([[0.0, 0.0, 0.0]], [[1.0, 2.0, 3.0]], [0])
    with pytest.raises(ValueError, match="same pairs"):
        bn.shared_error([[1.0, 2.0]], [[1.0, 2.0], [1.0, 2.0]], [0, 0])
