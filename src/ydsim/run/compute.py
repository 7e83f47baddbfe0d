"""One run of a sweep: its scenario, its tables, its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from ydsim.errors import ResultsError
from ydsim.record.run_warnings import named
from ydsim.results.results import SERIES
from ydsim.run import replicate
from ydsim.run.replicate import Outcome, run_replicate
from ydsim.run.run_row import run_row
from ydsim.run.tasks import PartTask, RunTask
from ydsim.store.layout import RUNS
from ydsim.store.manifest import stored_scenario
from ydsim.typing import Table

if TYPE_CHECKING:
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.world.world import World


def prepare(task: PartTask) -> None:
    """Load what every run of a part needs, which is no run's time.

    Raises
    ------
    ResultsError
        When a world is not the one of the sweep.
    """
    if task.make_model is None:
        import_module("ydsim.model")
    for name in task.worlds:
        _world(task, name)


def scenario_of(task: PartTask, one: RunTask) -> Scenario:
    """Return the scenario of a run.

    Raises
    ------
    ScenarioError
        When it names code that may not be imported.
    ResultsError
        When it is none that this version can run.
    """
    text = task.scenarios[one.hash]
    return stored_scenario(text, f"run {one.run}", allow_code=task.allow_code)


def compute(
    task: PartTask,
    one: RunTask,
    scenario: Scenario,
    after_quarter: Callable[[int], None] = lambda quarter: None,
) -> Outcome:
    """Run a run and return the tables that are kept of it, or what is measured, and remarks.

    Raises
    ------
    ReplicateFailedError
        When the model raised.
    ResultsError
        When the world is not the one of the sweep.
    ResourceError
        When there is not enough memory.
    """

    def wanted(tables: Mapping[str, Table]) -> list[str]:
        kept = task.record.keep(tables)
        return [name for name in tables if name in kept or name == SERIES]

    outcome = run_replicate(
        scenario,
        one.replicate,
        world=_world(task, scenario.world),
        make_model=task.make_model or replicate.default_model,
        after_quarter=after_quarter,
        keys={"point": 0, "replicate": one.replicate} if task.single else {"run": one.run},
        wanted=wanted,
        measure=task.measure,
    )
    if task.measure is not None:
        return outcome
    row = run_row(outcome.tables, one.run, one.replicate, task.indicators)
    kept = task.record.keep({n: of for n, of in outcome.tables.items() if n != RUNS})
    notes = outcome.notes if task.single else named(outcome.notes, one.run)
    return replace(outcome, tables={**kept, RUNS: row}, notes=notes)


def _world(task: PartTask, name: str) -> World:
    from ydsim.world.loader import load_world

    path, digest = task.worlds[name]
    world = load_world(path)
    if world.digest != digest:
        raise ResultsError(f"a worker has another content of the world {name!r}")
    return world
