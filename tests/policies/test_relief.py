"""What eases a border or closes it, in exposure to adopters and in moves of researchers."""

import copy
from dataclasses import replace

import numpy as np
import pytest

from tests.support.neutral import across, each_channel
from tests.support.small import live, model, world


@pytest.fixture(scope="module")
def diffusing():
    """A small model that has come to the adoption of a quarter."""
    return live(model(place=world(3, 2), burn_in=40, years=1), until="_cover")


def pressure(m, **fields):
    """Rise of the hazard of every living generation in every city."""
    other = copy.copy(m)
    other.state = copy.deepcopy(m.state, {id(m.world): m.world})
    by_channel = {"eased": 2, "closed": 1}
    fields = {
        name: each_channel(value, by_channel[name]) if name in by_channel else value
        for name, value in fields.items()
    }
    other.environment = replace(m.environment, **fields)
    other._adopt()
    return other.state.generations.rise[other.state.generations.living()]


@pytest.mark.slow
def test_a_factor_on_exposure_is_a_lower_border(diffusing):
    got = pressure(diffusing, exposure=across(0.2, 3), eased=np.full((6, 6), 3.0))
    want = pressure(diffusing, exposure=across(0.75 / 1.75, 3))  # odds of 1/4 times 3
    np.testing.assert_allclose(got, want, rtol=1e-12)
    assert not np.allclose(got, pressure(diffusing, exposure=across(0.2, 3)), rtol=1e-4)


@pytest.mark.slow
def test_a_factor_of_one_way_is_felt_where_it_leads_from(diffusing):
    """City 0 sees adopters in city 3 as if the border were lower; nobody else does."""
    eased = np.ones((6, 6))
    eased[0, 3] = 4.0
    before = pressure(diffusing, exposure=across(0.2, 3))
    after = pressure(diffusing, exposure=across(0.2, 3), eased=eased)
    assert (after[:, 0] >= before[:, 0]).all()
    assert (after[:, 0] > before[:, 0]).any()
    assert after[:, 1:].tobytes() == before[:, 1:].tobytes()


@pytest.mark.slow
def test_a_closed_province_keeps_exposure_out_and_in(diffusing):
    passes = across(0.5, 3)
    got = pressure(diffusing, exposure=passes, closed=np.array([0.0, 0.4, 0.1]))
    # what passes times 1 less the larger closure of the two
    larger = np.array([[0.0, 0.4, 0.1], [0.4, 0.0, 0.4], [0.1, 0.4, 0.0]])
    want = pressure(diffusing, exposure=passes * (1.0 - larger))
    np.testing.assert_allclose(got, want, rtol=1e-12)
