"""Runs of which only a few numbers are wanted: measured where they are made, nothing stored.

The same tasks, worker, engines and signals as those of a sweep; what a worker finds comes back in
the receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ydsim.design.sweep import Recorded
from ydsim.engines.protocol import Engine
from ydsim.run.progress import Report
from ydsim.run.replicate import MakeModel, Measure, PartTask, ReplicateFailedError, RunTask
from ydsim.run.scheduler import RunOptions, Scheduler
from ydsim.store.manifest import ydsim_version
from ydsim.store.points import Plan
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from ydsim.scenario.schema.scenario import Scenario


@dataclass(frozen=True)
class Measured:
    """A run to be measured.

    Attributes
    ----------
    scenario, replicate
        What is run.
    measure
        Begins to watch it; picklable.
    cost
        Time it takes relative to others.
    make_model
        Makes its model; None for `ydsim.Model` as it is.
    """

    scenario: Scenario
    replicate: int
    measure: Measure = field(compare=False)
    cost: float = 1.0
    make_model: MakeModel | None = field(default=None, compare=False)


def measure_runs(
    runs: Sequence[Measured],
    engine: Engine,
    *,
    take: Callable[[int, Any], None],
    report: Report | None = None,
) -> None:
    """Run all of ``runs``.

    Parameters
    ----------
    take
        Called with position and finding of each run as soon as it is done.
    report
        Called with the state now and then.

    Raises
    ------
    ReplicateFailedError
        When a model raised; its cause is not known in another process.
    Stopped
        After a signal; what was finished has been taken.
    """
    keys = [f"{at:016d}" for at in range(len(runs))]
    numbers = tuple(range(len(runs)))
    plan = Plan(tuple(keys), tuple(run.replicate for run in runs), numbers)
    worlds = {run.scenario.world: load_world(run.scenario.world).digest for run in runs}

    def task(number: int, given_up: Mapping[str, dict[str, Any]], stop: str) -> PartTask:
        run, key, world = runs[number], keys[number], runs[number].scenario.world
        return PartTask(
            folder="",
            number=number,
            identity={},
            version=ydsim_version(),
            runs=(RunTask(plan.runs[number], key, run.replicate),),
            scenarios={key: run.scenario.model_dump_json()},
            worlds={world: (world, worlds[world])},
            record=Recorded(everything=True),
            indicators={},
            given_up=given_up,
            single=True,
            measure=run.measure,
            make_model=run.make_model,
            allow_code=True,  # the code of a scenario that is there has been allowed
        )

    failed: list[dict[str, Any]] = []

    def settle(number: int, receipt: dict[str, Any]) -> None:
        failed.extend(receipt["failed"])
        for finding in receipt["found"].values():
            take(number, finding)

    costs = {key: run.cost for key, run in zip(keys, runs, strict=True)}
    drive = Scheduler(None, plan, costs, task, RunOptions(engine, on_error="stop"), report, settle)
    drive.work(numbers, numbers, {})
    if failed:
        raise ReplicateFailedError(failed[0])
