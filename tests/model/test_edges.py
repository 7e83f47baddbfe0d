"""Runs at the bounds of parameters and in odd worlds end without a warning."""

from dataclasses import replace

import numpy as np
import pytest

from tests.model.small import run, world

CORNERS = {
    "no foundings": {"generations.foundings": 0.0, "generations.outside_foundings": 0.0},
    "many foundings": {"generations.foundings": 300.0},
    "no profit": {"fund.profit_margin": 0.0},
    "no substitution": {"compete.sigma": 1.0},
    "strong substitution": {"compete.sigma": 10.0},
    "strong selection": {
        "compete.effect_sd": 2.0,
        "compete.catch_up": 1.0,
        "compete.selection": 0.5,
    },
    "wild quality": {"explore.quality_sd": 2.0, "explore.radical_sd": 5.0},
    "wild gains": {"adopt.gain_elasticity": 3.0, "generations.improvement": 1.0},
    "fast learning": {"explore.learning": 1.0, "explore.forgetting": 0.0},
    "fast adoption": {"adopt.appeal_sd": 2.0, "adopt.internal": 5.0, "adopt.external": 1.0},
    "all exit": {
        "population.exit_low": 1.0,
        "population.exit_high": 1.0,
        "population.growth": -0.2,
    },
    "short lives": {"generations.saturation": 0.1, "generations.lifetime": 4},
    "no science": {"fund.university_share": 0.0, "fund.institute_share": 0.0},
    "far apart": {"adopt.decay_h": 0.1, "adopt.speed_kmh": 10.0},
    "no frontier": {"generations.frontier_growth": 0.0},
}


@pytest.mark.parametrize("name", CORNERS)
def test_corners_of_the_parameters(name):
    m = run(years=1, parameters=CORNERS[name])
    assert np.isfinite(m.recorder.series("rd_expenditure")).all()
    assert np.isfinite(m.recorder.series("productivity_log")).all()


def test_shares_of_public_money_never_leave_firms_a_debt():
    """Universities and institutes are given more than all: firms would pay negative grants."""
    try:
        m = run(parameters={"fund.university_share": 0.8, "fund.institute_share": 0.8})
    except ValueError:
        return  # refused by the schema, which is as well
    assert min(e.amount.min() for e in m.state.ledger.entries if e.flow == "grants") >= 0.0


WORLDS = {
    "two cities": lambda: world(2, 1),
    "one firm a province": lambda: world(2, 1, firms=1),
    "one industry and field": lambda: world(2, 2, fields=1, industries=1),
    "one field an industry": lambda: replace(world(), relevance=np.eye(10)),
    "a field of no use": lambda: replace(world(), relevance=useless()),
    "no universities": lambda: bare(world(), "university"),
    "no institutes": lambda: bare(world(), "institute"),
}


def useless():
    relevance = np.full((10, 10), 1.0 / 9.0)
    relevance[:, 0] = 0.0
    return relevance


def bare(place, kind):
    """A world without one kind of science organisation."""
    names = [name for name in vars(place) if name.startswith(f"{kind}_")]
    return replace(place, **{name: getattr(place, name)[:0] for name in names})


@pytest.mark.parametrize("name", WORLDS)
def test_odd_worlds(name):
    m = run(years=1, place=WORLDS[name]())
    assert np.isfinite(m.recorder.series("rd_expenditure")).all()
    assert m.state.ledger.imbalance() < 1e-9
