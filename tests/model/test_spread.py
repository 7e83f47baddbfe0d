"""Limits of adoption in which the answer is known: cells that mix well."""

import numpy as np
import pytest

from tests.support.small import scenario
from ydsim.agents.generations import OUTSIDE
from ydsim.measures.diffusion import bass
from ydsim.model import Model
from ydsim.noise import identity
from ydsim.processes import adopt
from ydsim.world.loader import synthetic_world

UNIFORM = {
    "adopt.outside": 0.0,
    "border.exposure": 1.0,
    "travel.decay_h": 100.0,
    "adopt.appeal_sd": 0.0,
    "population.spread": 0.0,
    "generations.foundings": 0.0,
    "actors.media": False,
}


def still(firms, number, **changed):
    """A model without a past, with ``number`` generations that nobody has adopted."""
    place = synthetic_world(
        2, 2, industries=1, fields=1, firms=firms // 2, inside_km=1.0, across_km=1.0
    )
    rules = {**UNIFORM, **{f"adopt.{k}": v for k, v in changed.items()}}
    off = {"border_friction": {"strength": 0.0}}
    m = Model(scenario(years=1, scale=1.0, burn_in=0, parameters=rules, policies=off), world=place)
    state = m.state
    key = identity("generation", np.arange(number))
    new = state.generations.append(number, key=key, industry=0, field=0, origin=OUTSIDE)
    return m, new


def lives(m):
    """Let a quarter pass for adoption alone."""
    state, keys = m.state, m.parameters.adopt
    unaware = np.ones((m.world.n_cities, 1))
    adopt.adopt(state, m.environment, keys, unaware, m.parameters.travel.decay_h)
    shares = state.generations.adopters.sum(axis=1) / len(state.firms)
    state.begin(state.quarter + 1)
    return shares


def diffusion(firms, quarters, number=1, **changed):
    """Share of adopters of ``number`` generations among ``firms`` firms, by quarter."""
    m, new = still(firms, number, **changed)
    adopt.open_generations(m.state, new, m.noise.phase("adopt", 0), m.parameters.adopt)
    assert (m.state.generations.gain == 1.0).all()
    return np.array([lives(m) for _ in range(quarters)]), m


def reached_by_map(quarters, p, q):
    share, path = np.zeros(1), []
    for _ in range(quarters):
        share = adopt.adoption_map(share, np.ones(1), share, p, q)
        path.append(share[0])
    return np.array(path)


@pytest.mark.slow
def test_agents_reach_the_adoption_map():
    """One generation scatters by .0032 where the curve is steep: chance among the first adopters.

    The mean of sixteen scatters by .0008.
    """
    shares, m = diffusion(150_000, 60, number=16)
    assert len(m.state.firms) == 150_000
    want = reached_by_map(60, 0.03, 0.6)
    assert np.abs(shares.mean(axis=1) - want).max() < 0.004
    assert np.abs(shares - want[:, None]).max() < 0.015
    assert np.abs(reached_by_map(60, 0.03, 0.59) - want).max() > 0.005  # q .59 would be noticed


def test_without_imitation_adoption_is_exponential():
    shares, _ = diffusion(40_000, 40, internal=0.0, external=0.3)
    time = np.arange(1, 41) / 4.0
    assert np.abs(shares[:, 0] - (1.0 - np.exp(-0.3 * time))).max() < 0.008


def test_the_quarterly_map_is_near_the_bass_curve():
    time = np.arange(1, 61) / 4.0
    assert np.abs(reached_by_map(60, 0.03, 0.38) - bass(time, 1.0, 0.03, 0.38)).max() < 0.03


def test_nobody_adopts_without_influence():
    shares, _ = diffusion(4_000, 8, external=0.0, internal=5.0)
    assert shares.max() == 0.0
