"""Runs at the bounds of parameters and in odd worlds end without a warning."""

from dataclasses import replace

import numpy as np
import pytest

from tests.support.small import SHORT_CHAIN, collect, columns_of, run, same, tilted, world
from ydsim.processes.enact import SPEED_KMH
from ydsim.scenario.schema.key_index import Bounds, scenario_keys
from ydsim.scenario.schema.parameters import Parameters
from ydsim.world.national import APPLICATIONS, GRANTS
from ydsim.world.world import Series

QUICK = {"chain.effort": 2.5, "chain.duration": 2.5, "relocate.hazard": 0.1}
"""Projects are launched, and founded, taken up and shelved, within two years."""
GROWN = np.tile(100.0 * np.exp(0.12 * np.arange(10)), (5, 1))
FIRMS = Series(np.arange(2011, 2021), GROWN, "firms", "outcome")
PLACE = tilted(world())
COUNTED = replace(PLACE, series={**PLACE.series, "hitech_industry_firms": FIRMS})
TILTED = replace(
    COUNTED,
    rail_years=np.array([2010]),
    rail_hours=5.0 * COUNTED.distance_km[None] / SPEED_KMH,
)
"""Places differ; firms grow at known rates, and rides are slower than by distance."""
FILED = np.tile([[10.0, 12.0, 15.0, 18.0, 20.0, 25.0]], (5, 1))
PATENTS = {
    APPLICATIONS: Series(np.arange(2009, 2015), 100.0 * FILED, "items", "outcome"),
    GRANTS: Series(np.arange(2009, 2015), 30.0 * FILED, "items", "outcome"),
}
PATENTED = replace(TILTED, series=TILTED.series | PATENTS)

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
    """Each parameter with its lowest and its highest value."""
    for key in scenario_keys():
        if key.path[0] == "parameters" and key.bounds != Bounds():
            values = [key.bounds.low, key.bounds.high]
            if key.bounds.low_open or key.bounds.high is None:
                values = [v for v in (key.bounds.high,) if v is not None] or [key.bounds.low]
                values.append(key.default)
            whole = key.kind in ("whole number", "list of 4 whole numbers")
            values = [int(v) if whole and not isinstance(v, tuple) else v for v in values]
            if isinstance(key.default, tuple):
                each = len(key.default)
                values = [v if isinstance(v, tuple) else (v,) * each for v in values]
            yield ".".join(key.path[1:]), values


OTHERS = {
    "fund.university_share": [0.0, 0.3],
    "fund.institute_share": [0.0, 0.38],
    "contracts.examination": [(1.0, 0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0)],
    "talent.scarce_supply": [True, False],
    "travel.hours": ["recorded", "distance"],
}
"""Values of parameters that have no bounds, or none beside the usual values of others."""
VALUES = {**dict(bounds()), **OTHERS}
THEN = {
    "brokers.largest_deal": {"seed": 2},
    "brokers.reach_km": {"policies": {}},
    "compete.market_access": {"policies": {"border_friction": {"passes": 1.0}}},
    "certify.hazard": {"start": 2016, "end": 2016},
    "contracts.examination": {"burn_in": 20},
    "contracts.quota": {"start": 2014, "end": 2015, "place": PATENTED},
    "generations.launch_elasticity": {"burn_in": 20},
    "inputs.growth_2030": {"start": 2041, "end": 2041},
    "inputs.uncertainty": {"start": 2041, "end": 2041},
}
"""Runs in which a parameter counts that does not in the first year, or beside other policies."""
IDLE = "compete.demand_elasticity"
"""Nothing answers to prices without a path of the base run: `tests/processes/test_demand.py`."""
POLICIES = {"super_deduction": {}, "rd_grants": {}, "intermediaries": {}}


def everything(m):
    """All columns of the state, its inputs and its books."""
    found = columns_of(m.state)
    collect("inputs", vars(m.state.inputs), found)
    collect("books", dict(m.state.ledger.balance), found)
    return found


def test_every_parameter_has_two_values():
    """But for switches of groups of actors, which `test_actor_groups.py` turns off."""
    sections = Parameters.model_fields.items()
    named = {f"{name}.{key}" for name, of in sections for key in of.annotation.model_fields}
    assert {path for path in named if not path.startswith("actors.")} == set(VALUES)


@pytest.mark.slow
@pytest.mark.parametrize("path", VALUES)
def test_bounds_of_each_parameter(path):
    """Runs at both end well, and differ: no parameter is dead."""
    usual = {"years": 1, "scale": 0.02, "burn_in": 4, "policies": POLICIES, "place": TILTED}
    options = {**usual, **THEN.get(path, {})}
    ends = []
    for value in VALUES[path]:
        parameters = {**QUICK, path: value}
        ends.append(run(**options, parameters=parameters))
        assert np.isfinite(ends[-1].recorder.series("rd_expenditure")).all()
        assert np.isfinite(ends[-1].recorder.series("productivity_log")).all()
        assert ends[-1].state.ledger.imbalance() < 1e-9
    one, other = map(everything, ends)
    moved = any(not same(one[name], other[name]) for name in one.keys() & other.keys())
    assert moved is (path != IDLE)


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
