"""Links between cities, from the table of ties: expected counts, which do not depend on scale.

A link has no direction here: what goes from a to b and from b to a is added up,

    W_ab = w_ab + w_ba  for a != b,   W_aa = w_aa
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ydsim.plots.cities import world_of
from ydsim.plots.counts import NATION, cube, read_rows, select
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.results.results import Results
from ydsim.typing import Bools, Columns, Floats, Ints
from ydsim.world.world import World

COLUMNS = ("year", "channel", "from_city", "to_city", "realised", "expected")


@dataclass(frozen=True)
class Linkage:
    """Expected links a year between the cities of a world, mean over replicates.

    Attributes
    ----------
    world
        The world.
    links
        Shape (C, C), symmetric; the diagonal holds links inside a city.
    outside
        Shape (C,): links with the rest of the nation.
    """

    world: World
    links: Floats
    outside: Floats

    @property
    def crossing(self) -> Bools:
        """Which pairs lie in two provinces, (C, C)."""
        of = self.world.city_province
        pairs: Bools = of[:, None] != of[None, :]
        return pairs

    @property
    def between(self) -> Floats:
        """Links with other cities of the region, (C,)."""
        total: Floats = self.links.sum(axis=1) - np.diag(self.links)
        return total


def read_ties(results: Results, channels: Sequence[str], years: Ints) -> Columns:
    """Return the rows of some channels and years in the table of ties.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded.
    """
    rows = read_rows(results, "ties", COLUMNS)
    return select(select(rows, "year", years.tolist()), "channel", channels)


def read_linkage(results: Results, channels: Sequence[str], years: Ints) -> Linkage:
    """Return expected links of some channels together, yearly mean over ``years``.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, no link of these channels is expected, or the world of the
        run cannot be loaded or lacks one of the cities.
    """
    rows = read_ties(results, channels, years)
    if not rows["expected"].astype(bool).any():
        raise NothingToDrawError(f"no {' or '.join(channels)} between cities is expected")
    world = world_of(results)
    places = (*world.city_names, NATION)
    for column in ("from_city", "to_city"):
        strange = [name for name in dict.fromkeys(rows[column].tolist()) if name not in places]
        if strange:
            raise NothingToDrawError(f"world {world.name} has no city {strange[0]}")
    runs = cube(rows, "expected", results, {"from_city": places, "to_city": places})
    flow = runs.mean(axis=0) / len(years)
    both = flow + flow.T - np.diag(np.diag(flow))
    return Linkage(world, both[:-1, :-1], both[:-1, -1])


def strongest(linkage: Linkage, number: int) -> tuple[Ints, Ints, Floats]:
    """Return the ends a < b and the strength of the strongest pairs of cities, weakest first."""
    a, b = np.triu_indices(linkage.world.n_cities, 1)
    strength = linkage.links[a, b]
    order = np.lexsort((b, a, -strength))[:number][::-1]
    order = order[strength[order] > 0.0]
    return a[order], b[order], strength[order]


def crossing_share(linkage: Linkage) -> float:
    """Return the share of links between cities that cross a provincial border, NaN without any."""
    a, b = np.triu_indices(linkage.world.n_cities, 1)
    strength, across = linkage.links[a, b], linkage.crossing[a, b]
    total = float(strength.sum())
    return float(strength[across].sum()) / total if total > 0.0 else float("nan")
