"""Fronts, hypervolumes and knees, by hand."""

import itertools

import numpy as np
import pytest

from ydsim.measures.fronts import growth, hypervolume, knee, non_dominated


def test_what_nothing_dominates():
    values = np.array([[1, 5], [2, 4], [2, 4], [2, 3], [5, 1], [1, 1]], dtype=float)
    assert non_dominated(values).tolist() == [True, True, True, False, True, False]


def test_hypervolume_by_hand():
    values = np.array([[3.0, 1.0], [2.0, 2.0], [1.0, 3.0], [0.5, 0.5], [9.0, -1.0]])
    assert hypervolume(values, np.zeros(2)) == 6.0  # 3 + 2 + 1
    assert hypervolume(values[:1], np.array([1.0, 0.0])) == 2.0
    assert hypervolume(values[4:], np.zeros(2)) == 0.0
    cube = np.array([[2.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 2.0]])
    assert hypervolume(cube, np.zeros(3)) == 4.0  # a cube and three that lie on its faces


@pytest.mark.parametrize("m", [2, 3, 4])
def test_hypervolume_against_counted_cells(m):
    """On whole coordinates the volume is the number of unit cells below some point."""
    rng = np.random.default_rng(m)
    values = rng.integers(0, 6, (9, m)).astype(float)
    cells = itertools.product(range(6), repeat=m)
    count = sum(bool((values >= np.array(cell) + 1).all(axis=1).any()) for cell in cells)
    assert hypervolume(values, np.zeros(m)) == count


def test_knee_and_growth():
    values = np.array([[0.0, 1.0], [0.8, 0.7], [1.0, 0.0]])
    assert knee(values) == 1
    assert growth(values[[0, 2, 1]]).tolist() == [0.0, 0.0, pytest.approx(0.56)]
    assert growth(np.ones((3, 2))).tolist() == [1.0, 1.0, 1.0]
