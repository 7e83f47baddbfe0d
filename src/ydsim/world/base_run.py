"""Constants that come from a run of the model itself: the base run and the fit of markets.

They are measured or fitted once, under the default parameters, and stored as data beside the
world together with the hash of the parameters under which they were made. A world without such a
file refers to its own burn-in instead.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np

from ydsim.typing import Floats
from ydsim.world.world import World


@dataclass(frozen=True)
class BaseRun:
    """What scenarios are measured against.

    Attributes
    ----------
    parameters
        Hash of the parameters and the world under which the values were made; empty for a world
        without stored values.
    innovative_share
        Mean of x over firms, weighted by sales, in 2011-13.
    outside_log_productivity
        (T + 1, J) log A of the rest of the nation; row 0 at the end of the burn-in before
        ``first_year``, then by quarter; the last growth goes on.
    market_shift
        (C, Y) v by city in the middle of each year from ``first_year`` to 2020.
    first_year
        Year of the first columns.
    """

    parameters: str = ""
    innovative_share: float | None = None
    outside_log_productivity: Floats | None = None
    market_shift: Floats | None = None
    first_year: int = 2011


def base_run_file(world_name: str) -> Traversable:
    """Return where the base run of a packaged world is stored."""
    return resources.files("ydsim.world").joinpath("data", world_name, "base_run.json")


def load_base_run(world: World) -> BaseRun:
    """Return the stored base run of a packaged world, or an empty one for any other world."""
    file = base_run_file(world.name) if world.name.isidentifier() else None
    if file is None or not file.is_file():
        return BaseRun()
    data = json.loads(file.read_text(encoding="utf-8"))
    if data["world"] != world.digest:
        return BaseRun()
    return BaseRun(
        parameters=data["parameters"],
        innovative_share=data["innovative_share"],
        outside_log_productivity=np.array(data["outside_log_productivity"]),
        market_shift=np.array(data["market_shift"]),
        first_year=data["first_year"],
    )
