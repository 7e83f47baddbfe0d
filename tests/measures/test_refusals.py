"""What measures do not take is said in words."""

import numpy as np
import pytest

from ydsim.measures import coupling
from ydsim.measures.collaboration import collaboration_index
from ydsim.measures.convergence import beta, sigma
from ydsim.measures.diffusion import time_to
from ydsim.measures.inequality import gini, theil
from ydsim.measures.network import density
from ydsim.measures.resonance import shapley


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: coupling.coupling([0.5]), "two systems"),
        (lambda: coupling.coupling(0.5), "two systems"),
        (lambda: coupling.coupling([0.5, -0.1]), "scores must be at least 0"),
        (lambda: coupling.coupling([0.5, np.nan]), "scores must be finite"),
        (lambda: coupling.score([0.5, 0.5], [0.5, 0.6]), "sum of one"),
        (lambda: coupling.scale([1.0, 2.0], [0.0, 3.0], [1.0, 3.0]), "indicator 1 are equal"),
        (lambda: coupling.scale([1.0, 2.0, 3.0], [0.0, 3.0], [1.0, 3.0]), "same indicators"),
        (lambda: coupling.score([0.5, 0.5], [1.0]), "2 numbers"),
        (lambda: sigma([[1.0, 0.0]]), "values must be positive"),
        (lambda: beta([1.0], [1.0, 2.0], 1.0), "same places"),
        (lambda: beta([1.0, 2.0], [1.0, 2.0], 0.0), "years must be positive"),
        (lambda: beta([1.0, -2.0], [1.0, 2.0], 1.0), "first must be positive"),
        (lambda: gini([-1.0, 2.0]), "values must be at least 0"),
        (lambda: gini([[1.0]]), "values must have 1 axes, not 2"),
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
        (lambda: density([[0.0, 1.0]]), "square, not 1 x 2"),
        (lambda: density([[0.0, 1.0], [2.0, 0.0]]), "symmetric"),
        (lambda: density([[0.0, -1.0], [-1.0, 0.0]]), "weights must be at least 0"),
        (lambda: density([[0.0, np.inf], [np.inf, 0.0]]), "finite"),
        (lambda: collaboration_index([1.0, -1.0], [1.0, 1.0], [0, 1]), "flows must be at least 0"),
        (lambda: collaboration_index([1.0, 1.0], [1.0], [0, 1]), "base must have the flows"),
        (
            lambda: collaboration_index([1.0, 1.0], [1.0, 1.0], [0, 4]),
            "component must be between 0 and 3",
        ),
        (lambda: collaboration_index([1.0, np.inf], [1.0, 1.0], [0, 1]), "flows must be finite"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
