"""Shocks to places: travel time of pairs of cities, protection of provinces, demand for goods.

    travel_hours_cd = factor * travel_hours'_cd      the pair of c and d is treated
    protection_p    = protection'_p + level          p is treated in this year
    v_jo            = v_o + ln(1 + rise)             industry j of province o is treated

Pairs of two different targeted cities are drawn once, each with one draw for both ways. Provinces
are drawn again at the beginning and after every four quarters. The model has no demand for the
goods of a single firm, so that the weight of those of an industry and province
(`ydsim.processes.compete`) rises, in all markets at once. Since spending is given, the others sell
so much less; when it ends all is as before but for what firms have made of it.

What several shocks do to the same pair, province or goods comes together. A scenario by which
hours or demand could so be multiplied beyond 10^9, or below 10^-9, is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ydsim.noise import identity
from ydsim.policies.environment import PolicyEnvironment
from ydsim.scenario.schema.sections.shocks import Demand, Protection, TravelTimes
from ydsim.shocks.assignments import Assignment, assignment, named
from ydsim.shocks.effect import Effect
from ydsim.shocks.lottery import Lottery, pair_of
from ydsim.shocks.units import Scene, keys_of_names
from ydsim.typing import Floats


@dataclass(frozen=True)
class Hours(Effect):
    """Hours of travel times a ``factor`` by pair of cities, (C, C)."""

    factor: Floats

    def laid_over(self, environment: PolicyEnvironment) -> PolicyEnvironment:
        """Return the environment with other hours."""
        return replace(environment, travel_hours=environment.travel_hours * self.factor)


@dataclass(frozen=True)
class Protected(Effect):
    """A ``level`` of protection on top by province, (P,)."""

    level: Floats

    def laid_over(self, environment: PolicyEnvironment) -> PolicyEnvironment:
        """Return the environment with more protection."""
        return replace(environment, protection=environment.protection + self.level)


@dataclass(frozen=True)
class Wanted(Effect):
    """A rise of the log weight of goods by industry and city of origin, (J, C)."""

    rise: Floats

    def shifted(self, shift: Floats) -> Floats:
        """Return the shift by industry and city, (J, C)."""
        both: Floats = shift + self.rise
        return both


def travel_time(scene: Scene, shock: TravelTimes, lottery: Lottery) -> tuple[Assignment, Effect]:
    """Draw pairs of cities between which travel changes."""
    world = scene.state.world
    cities = np.flatnonzero(scene.cities(shock.target))
    one, other = (cities[k] for k in np.triu_indices(len(cities), 1))
    key = world.city_keys
    treated = lottery.treated(pair_of(key[one], key[other]))
    factor = np.ones((world.n_cities, world.n_cities))
    factor[one[treated], other[treated]] = shock.factor
    factor[other[treated], one[treated]] = shock.factor
    drawn = assignment(
        shock,
        scene.state.quarter,
        treated,
        key=key[one],
        other=key[other],
        place=named(world.city_names, one),
        other_place=named(world.city_names, other),
    )
    return drawn, Hours(shock.last(scene.start), factor)


def protection(scene: Scene, shock: Protection, lottery: Lottery) -> tuple[Assignment, Effect]:
    """Draw provinces that are protected in the year that begins."""
    world, quarter = scene.state.world, scene.state.quarter
    rows = np.flatnonzero(shock.target.province_mask(scene.places) > 0.0)
    key = keys_of_names("province", world.provinces)[rows]
    year = int(np.floor(shock.year)) + (quarter - shock.first(scene.start)) // 4
    treated = lottery.treated(identity(key, year))
    level = np.zeros(world.n_provinces)
    level[rows[treated]] = shock.level
    drawn = assignment(shock, quarter, treated, key=key, place=named(world.provinces, rows))
    return drawn, Protected(min(shock.last(scene.start), quarter + 4), level)


def demand(scene: Scene, shock: Demand, lottery: Lottery) -> tuple[Assignment, Effect]:
    """Draw industries of provinces whose goods are wanted more."""
    world = scene.state.world
    provinces = np.flatnonzero(shock.target.province_mask(scene.places) > 0.0)
    industries = np.flatnonzero(shock.target.industry_mask(scene.places) > 0.0)
    place, industry = (k.ravel() for k in np.meshgrid(provinces, industries))
    key = identity(
        keys_of_names("province", world.provinces)[place],
        keys_of_names("industry", world.industries)[industry],
    )
    treated = lottery.treated(key)
    rise = np.zeros((len(world.industries), world.n_provinces))
    rise[industry[treated], place[treated]] = np.log1p(shock.rise)
    drawn = assignment(
        shock,
        scene.state.quarter,
        treated,
        key=key,
        place=named(world.provinces, place),
        other_place=named(world.industries, industry),
    )
    return drawn, Wanted(shock.last(scene.start), rise[:, world.city_province])
