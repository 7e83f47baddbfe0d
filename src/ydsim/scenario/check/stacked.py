"""Shocks that multiply: how far several of them together can move the same thing.

Factors of shocks in force at the same time multiply, of a pair of cities or of the goods of an
industry and province. With the logarithm of each, w_k, above zero or below zero apart,

    together = sum w_k    over all shocks k in force whose target has the thing

of arms of one group only the largest, since no unit is in two of them, for as long as one of them
holds. More than `MOST` times, or less than one part in it, no rule of the model can take: numbers
then leave what a computer holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ydsim.policies.base import Places
from ydsim.scenario.schema.scenario import Scenario
from ydsim.scenario.schema.sections.shocks import Demand, Shock, TravelTimes
from ydsim.typing import Floats
from ydsim.world.world import World

MOST: Final = 1e9
"""Largest factor of all shocks together (assumed: far beyond any use, far from overflow)."""


def too_much(scenario: Scenario, world: World) -> Iterator[str]:
    """Yield a line for each kind of shocks that may together move something beyond `MOST`."""
    places = Places(world.provinces, world.city_names, world.city_province, world.distance_km,
                    world.fields, world.industries)  # fmt: skip
    for kind, what in ((TravelTimes, "hours between two cities"), (Demand, "demand for goods")):
        shocks = [one for one in scenario.shocks if isinstance(one, kind) and one.share > 0.0]
        for sign in (1.0, -1.0):
            largest = _largest(shocks, sign, places, scenario.start) if shocks else 0.0
            if largest > np.log(MOST):
                yield (
                    f"shocks: those of kind {shocks[0].kind} together multiply {what} by up to "
                    f"10^{sign * largest / np.log(10.0):.0f}; between "
                    f"10^-{np.log10(MOST):.0f} and 10^{np.log10(MOST):.0f} is possible"
                )


def _largest(shocks: Sequence[Shock], sign: float, places: Places, start: int) -> float:
    """Return the largest sum of logarithms of one sign that are in force at once."""
    groups: dict[tuple[str, str], list[TravelTimes | Demand]] = defaultdict(list)
    for shock in shocks:
        assert isinstance(shock, TravelTimes | Demand)
        groups[("arms", shock.arms) if shock.arms else ("", shock.name)].append(shock)
    moves: dict[int, list[Floats]] = defaultdict(list)
    for members in groups.values():
        most = np.max([_moved(one, sign, places) for one in members], axis=0)
        moves[min(one.first(start) for one in members)].append(most)
        moves[max(one.last(start) for one in members)].append(-most)
    total, largest = 0.0, 0.0
    for quarter in sorted(moves):
        total = total + np.sum(moves[quarter], axis=0)
        largest = max(largest, float(np.max(total)))
    return largest


def _moved(shock: TravelTimes | Demand, sign: float, places: Places) -> Floats:
    """Return the logarithm of one sign, without it, of all things of a kind; 0 elsewhere."""
    if isinstance(shock, TravelTimes):
        where = shock.target.pair_mask(places)
        log = np.log(shock.factor)
    else:
        provinces = shock.target.province_mask(places) > 0.0
        where = np.outer(shock.target.industry_mask(places), provinces)
        log = np.log1p(shock.rise)
    moved: Floats = max(0.0, sign * float(log)) * where
    return moved
