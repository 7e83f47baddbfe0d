"""Runs at the bounds of parameters and in odd worlds end without a warning."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.small import SHORT_CHAIN, run, tilted, world
from ydsim.scenario.schema.key_index import Bounds, scenario_keys

QUICK = {"chain.effort": 2.5, "chain.duration": 2.5, "relocate.hazard": 0.1}
"""Projects are launched, and founded, taken up and shelved, within two years."""
TILTED = tilted(world())

CORNERS = {
    "strong selection": {
        "compete.effect_sd": 2.0,
        "compete.catch_up": 1.0,
        "compete.selection": 0.5,
    },
    "fast adoption": {"adopt.appeal_sd": 2.0, "adopt.internal": 5.0, "adopt.external": 1.0},
    "no money for science": {"fund.university_share": 0.0, "fund.institute_share": 0.0},
    "far apart": {
        "travel.ride": 10.0,
        "travel.access_h": 10.0,
        "travel.decay_h": 0.05,
        "match.decay_h": 0.05,
        "relocate.hazard": 1.0,
    },
    "nobody is seen": {"match.candidates": 0, "match.gap_search": 1.0},
    "everybody agrees": {
        "match.candidates": 9,
        "match.gap_search": 1.0,
        "match.reserve": -20.0,
        "brokers.per_1000_firms": 100.0,
        "brokers.capacity": 10_000.0,
        "brokers.largest_deal": 1000.0,
        "brokers.reach_km": 10_000.0,
    },
    "everybody moves": {"talent.mobility": 1.0, "talent.retirement": 1.0, "relocate.hazard": 1.0},
    "nobody moves": {"talent.mobility": 0.0, "talent.retirement": 0.0, "relocate.hazard": 0.0},
    "all certified": {
        "certify.thresholds": (0.0, 0.0, 0.0),
        "certify.hazard": 10.0,
        "certify.lasts": 1,
        "certify.profit_tax": 0.0,
    },
    "incapable": {"chain.capability_part": 0.0},
    "capable": {
        "chain.capability_part": 1.0,
        "chain.effort": 1e-3,
        "chain.duration": 1e-3,
        "chain.failure": 0.0,
    },
    "nobody else": {
        f"actors.{group}": False
        for group in ("universities", "institutes", "funding", "intermediaries", "media")
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CORNERS)
def test_corners_of_the_parameters(name):
    m = run(years=1, burn_in=4, parameters={**QUICK, **CORNERS[name]}, place=TILTED)
    assert np.isfinite(m.recorder.series("rd_expenditure")).all()
    assert np.isfinite(m.recorder.series("productivity_log")).all()
    assert m.state.ledger.imbalance() < 1e-9


def bounds():
    """Every parameter at its lowest and at its highest value, the others as usual."""
    for key in scenario_keys():
        if key.path[0] == "parameters" and key.bounds != Bounds():
            for value in (key.bounds.low, key.bounds.high):
                if value is not None and not (value == key.bounds.low and key.bounds.low_open):
                    whole = key.kind in ("whole number", "list of 4 whole numbers")
                    value = int(value) if whole or isinstance(key.default, int) else value
                    if isinstance(key.default, tuple):
                        value = (value,) * len(key.default)
                    yield ".".join(key.path[1:]), value


NOT_ALONE = ("fund.university_share", "fund.institute_share", "contracts.examination")
"""Parameters whose bounds are not allowed beside the usual values of others."""


@pytest.mark.slow
@pytest.mark.parametrize(("path", "value"), [p for p in bounds() if p[0] not in NOT_ALONE], ids=str)
def test_bounds_of_each_parameter(path, value):
    m = run(years=1, scale=0.02, burn_in=4, parameters={**QUICK, path: value}, place=TILTED)
    assert np.isfinite(m.recorder.series("rd_expenditure")).all()
    assert np.isfinite(m.recorder.series("productivity_log")).all()
    assert m.state.ledger.imbalance() < 1e-9


def test_shares_of_public_money_never_leave_firms_a_debt():
    """Universities and institutes are given more than all: firms would pay negative grants."""
    with pytest.raises(ValueError, match="above 1"):
        run(parameters={"fund.university_share": 0.8, "fund.institute_share": 0.8})


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


@pytest.mark.slow
@pytest.mark.parametrize("name", WORLDS)
def test_odd_worlds(name):
    m = run(years=1, burn_in=8, parameters=SHORT_CHAIN, place=WORLDS[name]())
    assert np.isfinite(m.recorder.series("rd_expenditure")).all()
    assert m.state.ledger.imbalance() < 1e-9
