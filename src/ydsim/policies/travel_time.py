"""Faster travel between cities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from ydsim.parameter import param
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.registry import register


@register("travel_time")
class TravelTime(Policy):
    """Faster lines, as high-speed rail, between cities that are not too far apart.

    Mechanism
        Between two different targeted cities at most ``radius_km`` apart the ride takes ``scale``
        times as long; the way to the stations, a, stays:

            t_cd = a + scale (t'_cd - a),   a = the hours inside a city

        Everything that reads hours of travel follows: search of partners, partners known before,
        shared facilities, exposure to adopters, moves of researchers and firms, stories of media.
        Seekers see as many candidates as before, so that ties beyond the radius and inside cities
        fall. With a radius beyond all distances near pairs of cities gain more ties, far pairs
        more in proportion to what they had.
        ``siphon`` makes a city the more attractive to researchers the more of them it has, in the
        whole region whatever the target.
    Evidence
        Joint patents of city pairs in 2005-18 rise in number, quality and partners, most within
        250 km, then fading (Regional Studies 56(11), 2022); citations decay more slowly with
        distance. Core cities gain 1.4 % of productivity and the fringe loses 8.5 % (Journal of
        Advanced Transportation 2019, 1279489); weak cities lose innovation to others (Systems
        11(1), 2023). No elasticity of ties to hours is published for the Yangtze River Delta, and
        none of the siphon: scale, radius and siphon are assumed or read off these.
    """

    title: ClassVar[str] = "Faster travel"
    writes: ClassVar[tuple[str, ...]] = ("travel_hours", "core_pull")

    scale: float = param(
        0.7,
        "time of the ride over that without the policy",
        unit="1",
        bounds=(0.5, 1.0),
    )
    radius_km: float = param(
        250.0,
        "great-circle distance up to which rides are faster",
        unit="km",
        mark="prior",
        source="joint patents rise most within 250 km: Regional Studies 56(11), 2022",
        bounds=(0.0, 2000.0),
    )
    siphon: float = param(
        0.0,
        "elasticity of the appeal of a city to researchers to its stock of them",
        unit="1",
        bounds=(0.0, 1.0),
    )

    def contributions(
        self, year: float, baseline: PolicyEnvironment, places: Places
    ) -> Iterator[Contribution]:
        """Shorten rides between targeted cities within the radius; let stocks draw researchers."""
        hours = baseline.travel_hours
        inside = np.diag(hours)
        access = (inside[:, None] + inside[None, :]) / 2.0
        near = self.target.pair_mask(places) * (places.distance_km <= self.radius_km)
        yield Contribution("travel_hours", access + self.scale * (hours - access), near)
        yield Contribution("core_pull", baseline.core_pull + self.siphon)
