"""Counts of a quarter, and what becomes of projects by stage, kind and partnership."""

import copy
import pickle

import numpy as np
import pytest

from tests.support.scalar_society import stub
from ydsim.agents.projects import NOBODY, OUTSIDER, PARTNERS, STAGES, Projects
from ydsim.agents.tally import EXPECTED, N_KINDS, REALISED, Funnel, Tally, add_pairs
from ydsim.world.synthetic import synthetic_world

PARTS = ("city", "links", "contracts", "funnel")
SHAPE = (len(STAGES), N_KINDS, 2)


def state_with(n=300, seed=0, scale=0.05):
    draw = np.random.default_rng(seed)
    state = stub(synthetic_world(2, 2), scale=scale, projects=Projects())
    members = np.full((n, PARTNERS), NOBODY)
    members[:, 0] = draw.choice([NOBODY, OUTSIDER, 3], n)
    state.projects.append(
        n,
        stage=draw.integers(0, 5, n),
        origin=draw.integers(0, 3, n),
        owner=draw.integers(0, 9, n),
        members=members,
        handed_over=draw.random(n) < 0.3,
    )
    return state, draw


def by_loop(projects, mask, amount=None):
    found = np.zeros(SHAPE)
    for i in np.flatnonzero(mask):
        with_partner = projects.members[i, 0] != NOBODY or projects.handed_over[i]
        cell = (projects.stage[i], projects.origin[i], int(with_partner))
        found[cell] += 1.0 if amount is None else amount[i]
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [0, 1, 300])
def test_counts_and_sums_equal_a_loop_over_projects(seed, n):
    state, draw = state_with(n, seed)
    mask, amount = draw.random(n) < 0.5, draw.exponential(4.0, n)
    funnel = Funnel(state.projects, state.scale)
    funnel.add(state.tally.funnel.failed, mask)
    funnel.add(state.tally.funnel.effort, mask, amount)
    counted, summed = state.tally.funnel.failed, state.tally.funnel.effort
    assert counted.shape == summed.shape == SHAPE
    np.testing.assert_allclose(counted * state.scale, by_loop(state.projects, mask), rtol=1e-12)
    want = by_loop(state.projects, mask, amount)
    np.testing.assert_allclose(summed * state.scale, want, rtol=1e-12)


def test_counts_of_one_outcome_add_up():
    state, _ = state_with()
    funnel = Funnel(state.projects, state.scale)
    half = np.arange(300) < 150
    funnel.add(state.tally.funnel.failed, half)
    funnel.add(state.tally.funnel.failed, ~half)
    assert state.tally.funnel.failed.sum() * state.scale == pytest.approx(300.0)


def test_groups_are_those_of_the_moment_in_which_counting_begins():
    """A project that moves while it is counted stays in the stage that it leaves."""
    state, _ = state_with()
    everyone = np.ones(300, dtype=bool)
    before = by_loop(state.projects, everyone)
    funnel = Funnel(state.projects, state.scale)
    state.projects.stage[:] = 4
    funnel.add(state.tally.funnel.completed, everyone)
    np.testing.assert_allclose(state.tally.funnel.completed * state.scale, before, rtol=1e-12)


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


@pytest.mark.parametrize("part", [*PARTS, "region"])
def test_a_name_that_a_tally_does_not_have_is_an_error(part):
    tally = Tally(2, 1)
    with pytest.raises(AttributeError):
        setattr(getattr(tally, part), "rd_firm", np.ones(2))  # noqa: B010
    with pytest.raises(AttributeError):
        _ = getattr(tally, part).rd_firm
    with pytest.raises(AttributeError):
        setattr(tally, part + "s", None)


def test_what_was_read_is_not_changed_by_the_next_quarter():
    tally = Tally(2, 1)
    tally.city.ideas += 1.0
    ideas = tally.city.ideas
    tally.clear()
    tally.city.ideas += 3.0
    assert ideas.tolist() == [1.0, 1.0]


def test_tallies_survive_pickling_and_copying():
    tally = Tally(2, 1)
    tally.city.ideas += 1.0
    for other in (pickle.loads(pickle.dumps(tally)), copy.deepcopy(tally)):
        assert other.city.ideas.tolist() == [1.0, 1.0]
        other.clear()
        assert other.city.ideas.tolist() == [0.0, 0.0]
    assert tally.city.ideas.tolist() == [1.0, 1.0]
