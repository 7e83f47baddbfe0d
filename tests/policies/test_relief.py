"""What lifts a border or closes it, in exposure to adopters and in moves of researchers."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from tests.support.neutral import each_channel
from tests.support.small import live, model, world


@pytest.fixture(scope="module")
def diffusing():
    """A small model that has come to the adoption of a quarter."""
    return live(model(place=world(3, 2), burn_in=40, years=1), until="_cover")


def pressure(m, **fields):
    """Rise of the hazard of every living generation in every city."""
    other = copy.copy(m)
    other.state = copy.deepcopy(m.state, {id(m.world): m.world})
    by_channel = {"relief": 2, "closed": 1}
    fields = {
        name: each_channel(value, by_channel[name]) if name in by_channel else value
        for name, value in fields.items()
    }
    other.environment = replace(m.environment, **fields)
    other._adopt()
    return other.state.generations.rise[other.state.generations.living()]


@pytest.mark.slow
def test_relief_of_exposure_is_a_lower_border(diffusing):
    cross = 1.0 - np.eye(3)
    got = pressure(diffusing, border_exposure=0.8 * cross, relief=np.full((6, 6), 0.25))
    want = pressure(diffusing, border_exposure=0.6 * cross)
    np.testing.assert_allclose(got, want, rtol=1e-12)
    assert not np.allclose(got, pressure(diffusing, border_exposure=0.8 * cross), rtol=1e-4)


@pytest.mark.slow
def test_relief_of_one_way_is_felt_where_it_leads_from(diffusing):
    """City 0 sees adopters in city 3 as if the border were lower; nobody else does."""
    relief = np.zeros((6, 6))
    relief[0, 3] = 0.5
    level = 0.8 * (1.0 - np.eye(3))
    before = pressure(diffusing, border_exposure=level)
    after = pressure(diffusing, border_exposure=level, relief=relief)
    assert (after[:, 0] >= before[:, 0]).all()
    assert (after[:, 0] > before[:, 0]).any()
    assert after[:, 1:].tobytes() == before[:, 1:].tobytes()


@pytest.mark.slow
def test_a_closed_province_keeps_exposure_out_and_in(diffusing):
    level = 0.5 * (1.0 - np.eye(3))
    got = pressure(diffusing, border_exposure=level, closed=np.array([0.0, 0.4, 0.1]))
    # 1 - level' = (1 - level) (1 - the larger closure of the two)
    larger = np.array([[0.0, 0.4, 0.1], [0.4, 0.0, 0.4], [0.1, 0.4, 0.0]])
    want = pressure(diffusing, border_exposure=1.0 - (1.0 - level) * (1.0 - larger))
    np.testing.assert_allclose(got, want, rtol=1e-12)
