"""The stored zero: means by quarter of the twin of the default parameters.

``python -m tools.fit_defaults zero --write`` makes the file ``zero.npz`` of a packaged world again;
a test fails when it is stale. See `ydsim.twin` for what a zero is.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

import numpy as np

from ydsim.agents.means import Means
from ydsim.scenario.load import scenario_hash
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats
from ydsim.world.loader import load_world
from ydsim.world.world import World, same

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class StoredPath:
    """What the file holds.

    Attributes
    ----------
    parameters
        Hash of the parameters and the world under which it was made.
    first_year
        Year of the first column.
    values
        By field of `Means`, the first axis by quarter.
    """

    parameters: str
    first_year: int
    values: Mapping[str, Floats]

    @property
    def quarters(self) -> int:
        """Number of quarters."""
        return len(self.values["launches"])

    def suits(self, twin: Scenario, *, ignore_parameters: bool = False) -> bool:
        """Tell whether this is the path of a twin, or would be but for its parameters."""
        last_year = self.first_year + self.quarters // 4 - 1
        known = twin.start == self.first_year and twin.end <= last_year
        return known and (ignore_parameters or self._made_for(twin))

    def _made_for(self, twin: Scenario) -> bool:
        return self.parameters.split(":")[0] == scenario_hash(controls(twin))


class StoredZero:
    """A stored path as a zero."""

    said = ""

    def __init__(self, path: StoredPath) -> None:
        self._path = path

    def at(self, quarter: int) -> Means:
        """Return the means of a recorded quarter."""
        values = self._path.values
        return Means(
            effort=values["effort"][quarter],
            drift=values["drift"][quarter],
            access=values["access"][quarter],
            launches=float(values["launches"][quarter]),
            founder_quality=float(values["founder_quality"][quarter]),
            returns=float(values["returns"][quarter]),
        )


def controls(scenario: Scenario) -> Scenario:
    """Return the scenario with everything but its parameters at the default, without policies."""
    return Scenario(parameters=scenario.parameters, policies={})


def zero_file(world_name: str) -> Traversable:
    """Return where the zero of a packaged world is stored."""
    return resources.files("ydsim.world").joinpath("data", world_name, "zero.npz")


def load_zero(world: World) -> StoredPath | None:
    """Return the stored zero of a packaged world, None for any other world."""
    file = zero_file(world.name) if world.name.isidentifier() else None
    if file is None or not file.is_file():
        return None
    path = _read(world.name)
    known = path.parameters.split(":")[1] == world.digest
    return path if known and same(world, load_world(world.name)) else None


@lru_cache(maxsize=4)
def _read(world_name: str) -> StoredPath:
    with zero_file(world_name).open("rb") as handle, np.load(handle, allow_pickle=False) as data:
        values = {f.name: data[f.name].astype(np.float64) for f in fields(Means)}
        for array in values.values():
            array.setflags(write=False)
        return StoredPath(str(data["parameters"]), int(data["first_year"]), values)
