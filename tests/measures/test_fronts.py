"""Fronts and knees, by hand."""

import numpy as np

from ydsim.measures.fronts import knee, non_dominated


def test_what_nothing_dominates():
    values = np.array([[1, 5], [2, 4], [2, 4], [2, 3], [5, 1], [1, 1]], dtype=float)
    assert non_dominated(values).tolist() == [True, True, True, False, True, False]


def test_the_knee_is_nearest_to_the_best_of_each():
    assert knee(np.array([[0.0, 1.0], [0.8, 0.7], [1.0, 0.0]])) == 1
    assert knee(np.array([[0.0, 9.0, 1.0], [0.8, 9.0, 0.3], [0.4, 9.0, 0.9]])) == 2
