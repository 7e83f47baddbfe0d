"""Travel: hours between cities in a quarter, and the environment without policies that has them.

    distance : t_cd = travel.ride km_cd / 160 km/h + travel.access_h
    recorded : t_cd = travel.ride h_cd(y) + travel.access_h    where h_cd(y) is known, else as above

h_cd(y) are the recorded hours that hold in the calendar year y of the quarter
(`ydsim.world.rail`), without time to and from stations. `travel.hours` chooses the rule; a world
without records has the first in any case, and so has the way to the rest of the nation. Openings
are data, not policy: the environment without policies of a quarter has the hours of its year, and
policies change these. The burn-in has the hours of the first year of the run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ydsim.frozen import frozen
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.parameters import Parameters, TravelParameters
from ydsim.typing import Floats
from ydsim.world.rail import record_of
from ydsim.world.world import World

SPEED_KMH: Final = 160.0
"""Speed of rides without a record."""


def by_distance(km: Floats, parameters: TravelParameters) -> Floats:
    """Return hours of travel over great circles, h."""
    hours: Floats = parameters.ride * km / SPEED_KMH + parameters.access_h
    return hours


def recorded(plain: Floats, ride: Floats, access: float) -> Floats:
    """Return hours between cities, (C, C), h: recorded rides and access, ``plain`` in gaps."""
    hours: Floats = np.where(np.isnan(ride), plain, ride + access)
    return hours


class Baselines:
    """The environments without policies, one for each record of hours; arrays are read-only.

    Parameters
    ----------
    plain
        The environment with hours by distance (`ydsim.processes.enact.baseline_environment`).
    world, parameters
        Of the run.
    start
        First year of the run: the burn-in has its hours.
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
