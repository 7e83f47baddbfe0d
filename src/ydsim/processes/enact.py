"""Enact: the policy environment of the quarter.

The burn-in knows no policies, so that all scenarios of a seed start from one state.

Hours between cities, which the environment without policies has too:

    distance : t_cd = travel.ride km_cd / 160 km/h + travel.access_h
    recorded : t_cd = travel.ride h_cd(y) + travel.access_h    where h_cd(y) is known, else as above

h_cd(y) are the recorded hours that hold in the calendar year y of the quarter
(`ydsim.world.places`), without time to and from stations. `travel.hours` chooses the rule; a world
without records has the first in any case, and so has the way to the rest of the nation. Openings
are data, not policy: the environment without policies of a quarter has the hours of its year, and
policies change these. The burn-in has the hours of the first year of the run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from ydsim.agents.state import State
from ydsim.frozen import frozen
from ydsim.measures.groups import sums
from ydsim.policies.base import Places
from ydsim.policies.environment import CHANNELS, CROSSINGS, PolicyEnvironment, rules
from ydsim.policies.schemes import Outlay
from ydsim.scenario.schema.parameters import ActorParameters, Parameters, TravelParameters
from ydsim.typing import Floats, Ints
from ydsim.world.places import record_of
from ydsim.world.priors import city_shares
from ydsim.world.world import World

SPEED_KMH: Final = 160.0
"""Speed of rides without a record."""


def places_of(world: World) -> Places:
    """Return what policies may know about the world."""
    return Places(
        world.provinces,
        world.city_names,
        world.city_province,
        world.distance_km,
        world.fields,
        world.industries,
        frozen(world.firms[world.city_province] * city_shares(world)),
    )


def baseline_environment(world: World, parameters: Parameters) -> PolicyEnvironment:
    """Return the environment in which no policy is in force, its arrays read-only.

    Hours between cities are by distance; `Baselines` lay those of a year over them.
    """
    p, c = world.n_provinces, world.n_cities
    same = np.eye(p)
    border = parameters.border
    talent, travel = parameters.talent, parameters.travel
    hours = by_distance(world.distance_km, travel)
    outside = by_distance(world.outside_distance_km, travel)
    environment = PolicyEnvironment(
        **{name: np.maximum(same, getattr(border, name)) for name in CHANNELS},
        eased=np.ones((len(CROSSINGS), c, c)),
        eased_hand_over=np.ones((p, p)),
        closed=np.zeros((len(CROSSINGS), p)),
        tie_factor=np.ones((c, c)),
        search_cut=np.zeros((c, c)),
        travel_hours=hours,
        outside_hours=outside[world.city_province],
        recognition=np.maximum(same, talent.recognition),
        core_pull=np.array(0.0),
        mobility=np.full(c, talent.mobility),
        offer=np.ones(c),
        facility_open=np.maximum(same, talent.recognition),
        facility_price=np.ones(c),
        broker_density=np.full(c, parameters.brokers.per_1000_firms),
        broker_reach=np.full(c, parameters.brokers.reach_km),
        broker_uplift=np.ones(c),
        broker_cap=np.full(c, parameters.brokers.largest_deal),
        transfer=np.zeros((p, c)),
        enclave=np.zeros((c, c)),
        broadcast=np.zeros(c),
        stories=np.ones(c),
        science_productivity=np.ones(c),
        protection=np.zeros(p),
        grant_rate=np.zeros((c, 3)),
        programme_leak=np.zeros((c, 3)),
        grant_leakage=np.full(c, parameters.fund.leakage),
        user_cost=np.ones(c),
        tax_relief=np.zeros(c),
        relabelled=np.zeros(c),
        bid_share=np.array(0.0),
    )
    arrays: dict[str, Any] = {name: frozen(getattr(environment, name)) for name in rules()}
    return replace(environment, **arrays)


def pay_outlays(state: State, environment: PolicyEnvironment) -> None:
    """Pay what policies cost to run, each out of the budget that its scenario names.

    Provinces and cities share a bill in proportion to the value added of their targeted firms.
    """
    table, firms, books = state.organisations, state.firms, state.books
    size = state.by_city(firms, table.value_added[firms])
    province_of, n_p = state.world.city_province, state.world.n_provinces
    for outlay in environment.of(Outlay):
        weight = size * outlay.where
        if not weight.any():
            weight = size
        bill = state.scale * outlay.strength * outlay.yearly / 4.0 * weight / weight.sum()
        by_province = sums(province_of, bill, n_p)
        if outlay.payer == "central":
            books.central -= float(by_province.sum())
        elif outlay.payer == "provinces":
            books.provinces -= by_province
        else:
            books.cities -= bill
        state.ledger.post(outlay.payer, "economy", outlay.policy, by_province)


def with_actors(
    environment: PolicyEnvironment, actors: ActorParameters, province: Ints
) -> PolicyEnvironment:
    """Return the environment without what actors that are switched off would do.

    Without media nothing is known through them; without work across provinces no joint project
    and no hand-over crosses a border, whatever eases it. ``province`` (C,) is that of each city.
    """
    if not actors.media:
        environment = replace(environment, broadcast=np.zeros_like(environment.broadcast))
    if actors.cross_province:
        return environment
    home = np.eye(len(environment.joint_work))
    at_home = province[:, None] == province[None, :]
    return replace(
        environment,
        joint_work=home,
        hand_over=home,
        tie_factor=np.where(at_home, environment.tie_factor, 0.0),
    )


def by_distance(km: Floats, parameters: TravelParameters) -> Floats:
    """Return hours of travel over great circles, h."""
    return parameters.ride * km / SPEED_KMH + parameters.access_h


def recorded(plain: Floats, ride: Floats, access: float) -> Floats:
    """Return hours between cities, (C, C), h: recorded rides and access, ``plain`` in gaps."""
    return np.where(np.isnan(ride), plain, ride + access)


class Baselines:
    """The environments without policies, one for each record of hours; arrays are read-only.

    ``plain``: the environment with hours by distance (`baseline_environment`). ``world`` and
    ``parameters``: of the run. ``start``: first year of the run: the burn-in has its hours.
    """

    def __init__(
        self, plain: PolicyEnvironment, world: World, parameters: Parameters, start: int
    ) -> None:
        self._plain = plain
        self._years, self._rides = world.rail_years, world.rail_hours
        if parameters.travel.hours == "distance":
            self._years = self._rides = None
        self._keys, self._start = parameters.travel, start
        self._known: dict[int, PolicyEnvironment] = {}

    def at(self, year: float) -> PolicyEnvironment:
        """Return the environment without policies at a decimal year; the same object all year."""
        if self._years is None or self._rides is None:
            return self._plain
        record = record_of(self._years, max(year, self._start))
        if record not in self._known:
            ride = self._keys.ride * self._rides[record]
            hours = recorded(self._plain.travel_hours, ride, self._keys.access_h)
            self._known[record] = replace(self._plain, travel_hours=frozen(hours))
        return self._known[record]
