"""Enact: the policy environment of the quarter.

The burn-in knows no policies, so that all scenarios of a seed start from one state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ydsim.policies.base import Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.fold import fold
from ydsim.scenario.parameters import Parameters
from ydsim.world.world import World


def places_of(world: World) -> Places:
    """Return what policies may know about the world."""
    return Places(world.provinces, world.city_names, world.city_province)


def baseline_environment(world: World, parameters: Parameters) -> PolicyEnvironment:
    """Return the environment in which no policy is in force."""
    p, c = world.n_provinces, world.n_cities
    same = np.eye(p)
    cross = 1.0 - same
    match, talent, travel = parameters.match, parameters.talent, parameters.travel
    hours = world.distance_km / travel.speed_kmh + travel.access_h
    outside = world.outside_distance_km / travel.speed_kmh + travel.access_h
    return PolicyEnvironment(
        border_market=parameters.compete.border * cross,
        border_exposure=parameters.adopt.border * cross,
        border_match=match.border * cross,
        border_contract=match.border_contract * cross,
        border_talent=talent.border * cross,
        travel_hours=hours,
        outside_hours=outside[world.city_province],
        recognition=np.maximum(same, talent.recognition),
        facility_open=np.maximum(same, match.facility_open),
        protection=np.zeros(p),
        grant_rate=np.zeros(c),
        programme_leak=np.zeros(c),
        grant_leakage=np.full(c, parameters.fund.leakage),
        user_cost=np.ones(c),
    )


def enact(
    baseline: PolicyEnvironment, policies: Mapping[str, Policy], year: float, places: Places
) -> PolicyEnvironment:
    """Return the environment in force at ``year``, a decimal year."""
    return fold(baseline, policies, year, places)


def without_cross_province(environment: PolicyEnvironment) -> PolicyEnvironment:
    """Return the environment in which no joint project and no hand-over crosses a border."""
    closed = 1.0 - np.eye(len(environment.border_match))
    return replace(environment, border_match=closed, border_contract=closed)
