"""Counts of a quarter, and what becomes of projects by stage, kind and partnership."""

import numpy as np

from ydsim.agents.tally import EXPECTED, REALISED, Tally, add_pairs

PARTS = ("city", "links", "contracts", "funnel")


def test_pairs_of_places_add_up():
    counts = np.zeros((2, 3, 3))
    a, b = np.array([0, 0, 2]), np.array([1, 1, 0])
    add_pairs(counts[REALISED], a, b, np.array([1.0, 2.0, 4.0]))
    add_pairs(counts[EXPECTED], b, a, np.array([0.5, 0.5, 0.5]))
    add_pairs(counts[REALISED], a[:1], b[:1], np.ones(1))
    want = np.zeros((2, 3, 3))
    want[0, 0, 1], want[0, 2, 0], want[1, 1, 0], want[1, 0, 2] = 4.0, 4.0, 1.0, 0.5
    assert (counts == want).all()


def test_tallies_are_zero_until_something_is_counted_and_when_they_are_cleared():
    tally = Tally(4, 2)
    shapes = ((4,), (2, 5, 5), (3, 3), (5, 3, 2))
    for _ in range(2):
        for part, shape in zip(PARTS, shapes, strict=True):
            for name, counts in getattr(tally, part).items():
                assert counts.shape == shape, name
                assert not counts.any(), name
                counts += 1.0
        assert tally.region.generations_founded == 0.0
        tally.region.generations_founded = 1.0
        tally.clear()


def test_what_was_read_is_not_changed_by_the_next_quarter():
    tally = Tally(2, 1)
    tally.city.ideas += 1.0
    ideas = tally.city.ideas
    tally.clear()
    tally.city.ideas += 3.0
    assert ideas.tolist() == [1.0, 1.0]
