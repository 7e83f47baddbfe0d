"""Which indicator of coupling is furthest from the best official figure: obstacle degrees.

The indicators, their scale and their weights are those of the recorded coupling
(`ydsim.record.coupling`), each of the two systems with half of the weight; the degree is that of
`ydsim.measures.bottleneck`. An indicator that has reached the best official figure of 2011-2020 is
no obstacle.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ydsim.measures import coupling as measure
from ydsim.measures.bottleneck import obstacle_degrees
from ydsim.record.coupling import PER_RESIDENT, SYSTEMS, residents
from ydsim.typing import Floats
from ydsim.world.measure_base import MeasureBase, load_measure_base
from ydsim.world.world import World

NEEDED = tuple(name for names in SYSTEMS.values() for name in names)
"""Indicators of both systems, in their order."""


def obstacles(values: Mapping[str, Floats], world: World, year: int) -> dict[str, Floats]:
    """Return obstacle degrees (R,) by indicator; NaN where no indicator is an obstacle.

    Parameters
    ----------
    values
        (R,) yearly values of the whole region by name, of all that are `NEEDED`.
    world, year
        Whose residents count.
    """
    return degrees(values, float(residents(world, year).sum()), load_measure_base())


def degrees(values: Mapping[str, Floats], people: float, base: MeasureBase) -> dict[str, Floats]:
    """Return the same for a number of residents, 10k persons, and a scale."""
    v = np.stack([values[n] / (people if n in PER_RESIDENT else 1.0) for n in NEEDED], axis=-1)
    best = np.array([base.best[n] for n in NEEDED])
    x = measure.scale(v, np.zeros(len(NEEDED)), best).x
    weight = [base.weight[n] / len(SYSTEMS) for n in NEEDED]
    return dict(zip(NEEDED, obstacle_degrees(x, weight).T, strict=True))
