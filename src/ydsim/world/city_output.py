"""Official value added of cities as parts of their provinces, spliced where statistics break.

    y_c(t)  = V_c(t) / sum of V over the cities of the province
    u_c(t)  = u_c(t - 1) y_c(t) / y_c(t - 1)     u_c(t - 1) in a year in which the vintage changes
    part_c  = u_c / sum of u over the cities of the province

Where the figures of a city change their vintage from one year to the next (column
``value_added_vintage`` of the panel), the change between these two years says nothing of the city:
its part is taken not to have moved in that year. The first year keeps its official figure; the
figures of years after a change are carried on by their growth.
"""

from __future__ import annotations

import numpy as np

from ydsim.typing import Floats
from ydsim.world.places import nearest
from ydsim.world.priors import city_shares
from ydsim.world.world import World


def official_parts(world: World) -> Floats:
    """Return the part of each city in the secondary value added of its province, (C, Y).

    Aligned with ``world.years``; a province in which the figure of a city is missing is NaN in
    that year.
    """
    raw = _within(world.city_secondary, world)
    if world.city_breaks is None or not world.city_breaks.any():
        return raw
    step = np.zeros_like(raw)
    np.divide(raw[:, 1:], raw[:, :-1], out=step[:, 1:])
    step = np.log(step, out=np.zeros_like(raw), where=step > 0.0)
    known = ~np.isnan(raw)
    joined = np.where(world.city_breaks | ~known, 0.0, np.nan_to_num(step))
    first = np.argmax(known, axis=1)
    level = raw[np.arange(len(raw)), first][:, None] * np.exp(np.cumsum(joined, axis=1))
    return _within(np.where(known, level, np.nan), world)


def city_parts(world: World, year: int) -> Floats:
    """Return `official_parts` of one year, (C,), the nearest that is known in each province.

    Even parts where a province has none.
    """
    found = official_parts(world)
    part = nearest(found, world.years, year)
    even = 1.0 / np.bincount(world.city_province)[world.city_province]
    return np.where(np.isnan(part), even, part)


def research_lean(world: World, year: int) -> Floats:
    """Return R&D of each city over what its value added alone would let it have, (C,).

    Its prior part in the R&D of its province (`city_shares`) over its official part in value
    added: a factor on the R&D intensity of its firms, so that R&D of cities rests on its prior
    whatever value added is. One in a world that lists its firms.
    """
    if world.listed is not None:
        return np.ones(world.n_cities)
    lean: Floats = city_shares(world) / city_parts(world, year)
    return lean


def _within(values: Floats, world: World) -> Floats:
    total = np.stack(
        [values[world.city_province == p].sum(axis=0) for p in range(world.n_provinces)]
    )
    parts: Floats = values / total[world.city_province]
    return parts
