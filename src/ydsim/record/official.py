"""Official counterparts of the measures: coupling from official figures, and the printed index.

Coupling of a province follows from its official figures exactly as that of a run does, from 2012
on, when all of them are known. The index is the printed one of the region: its total of 2011-2020,
and its components of 2018, which are of an earlier edition where the later one has none.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.record.collaboration import NAMES as COLLABORATION
from ydsim.record.coupling import LAST_OFFICIAL, official_degrees
from ydsim.typing import Floats
from ydsim.world.loader import load_observations
from ydsim.world.measure_base import BASE_YEAR, YRD, load_measure_base
from ydsim.world.world import World

_DIMENSIONS: Final = (
    "total",
    "resource_sharing",
    "innovation_cooperation",
    "results_sharing",
    "industry_linkage",
)
"""Of ``collab_index.csv``, in the order of the indicators of collaboration."""


def official_measures(world: World) -> dict[str, Floats]:
    """Return official figures (P + 1, Y) by indicator, the region last, from `BASE_YEAR` on.

    NaN where there is none; nothing for any world but the packaged region.
    """
    base = load_measure_base()
    if base.flows_of(world) is None or world.until < BASE_YEAR:
        return {}
    found = official_degrees(world, base)
    return found | _printed_index(world)


def _printed_index(world: World) -> dict[str, Floats]:
    years = range(BASE_YEAR, min(world.until, LAST_OFFICIAL) + 1)
    values = {n: np.full((world.n_provinces + 1, len(years)), np.nan) for n in COLLABORATION}
    named = dict(zip(_DIMENSIONS, COLLABORATION, strict=True))
    # by edition, so that the latest one stays
    printed = sorted(
        (o for o in load_observations(YRD, until=world.until) if o.file == "collab_index.csv"),
        key=lambda o: o.note,
    )
    for one in printed:
        if one.name in named and one.year in years:
            values[named[one.name]][-1, one.year - BASE_YEAR] = one.value
    return values
