"""What a sweep would cost, from a short timed run of its first point."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ydsim.run import replicate
from ydsim.store.points import Plan, total
from ydsim.store.tables import stored, to_parquet
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from ydsim.design.sweep import Recorded
    from ydsim.scenario.schema.scenario import Scenario

PILOT_SECONDS = 10.0


@dataclass(frozen=True)
class Estimate:
    """What one run costs.

    Attributes
    ----------
    seconds
        On one core of this machine.
    size
        Bytes in the store.
    whole
        The pilot was a whole run, not the beginning of one.
    """

    seconds: float
    size: float
    whole: bool


def pilot(scenario: Scenario, record: Recorded) -> Estimate:
    """Run a scenario for a few seconds and return what a whole run would take."""
    world = load_world(scenario.world)
    start = time.perf_counter()
    model = replicate.default_model(scenario, replicate=0, world=world)
    begun = time.perf_counter()
    quarters = 0
    while quarters < scenario.quarters and (
        quarters < 4 or time.perf_counter() - start < PILOT_SECONDS
    ):
        model.step()
        quarters += 1
    stepped = time.perf_counter() - begun
    share = quarters / scenario.quarters
    kept = record.keep(model.recorder.tables())
    size = sum(len(to_parquet(stored(columns))) for columns in kept.values())
    return Estimate(begun - start + stepped / share, size / share, quarters == scenario.quarters)


def seconds_of(plan: Plan, costs: dict[str, float], first: str, estimate: Estimate) -> float:
    """Return the seconds of all runs on one core, in proportion to the runs' rough costs."""
    return estimate.seconds * total(costs, plan.hashes) / costs[first]
