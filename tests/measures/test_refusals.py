"""What measures do not take is said in words."""

import numpy as np
import pytest

from ydsim.measures.designs import shapley
from ydsim.measures.diffusion import time_to
from ydsim.measures.places import Network, beta, dagum, sigma, theil


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sigma([1.0, 0.0]), "values must be positive"),
        (lambda: beta([1.0], [1.0, 2.0], 1.0), "same places"),
        (lambda: beta([1.0, 2.0], [1.0, 2.0], 0.0), "years must be positive"),
        (lambda: beta([1.0, -2.0], [1.0, 2.0], 1.0), "first must be positive"),
        (lambda: dagum([-1.0, 2.0], [0, 0], 1), "values must be at least 0"),
        (lambda: dagum([[1.0]], [0], 1), "values must have 1 axes, not 2"),
        (lambda: theil([1.0, 2.0], [0], 1), "group must have 2 entries"),
        (lambda: theil([1.0, 2.0], [0, 2], 2), "group must be between 0 and 1"),
        (lambda: theil([1.0, 2.0], [0, 1], 0), "group needs at least one group"),
        (lambda: theil([1.0, 2.0], [0.0, 1.0], 2), "group must be whole numbers"),
        (lambda: theil([1.0, 2.0], [0, 1], 2, [1.0, 0.0]), "2 positive numbers"),
        (lambda: shapley(np.zeros(6)), "power of two of rows, from 2, not 6"),
        (lambda: shapley(np.zeros(1)), "not 1"),
        (lambda: shapley([0.0, np.nan]), "table must be finite"),
        (lambda: time_to([0.0, 0.0], [1.0, 2.0], 1.0), "t must increase"),
        (lambda: time_to([0.0, 1.0], [1.0], 1.0), "adopters must have 2 entries"),
        (lambda: time_to([0.0, 1.0], [1.0, 2.0], 0.0), "above zero"),
        (lambda: Network([[0.0, 1.0]]), "square, not 1 x 2"),
        (lambda: Network([[0.0, 1.0], [2.0, 0.0]]), "symmetric"),
        (lambda: Network([[0.0, -1.0], [-1.0, 0.0]]), "weights must be at least 0"),
        (lambda: Network([[0.0, np.inf], [np.inf, 0.0]]), "finite"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
