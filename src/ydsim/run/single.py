"""One scenario: a sweep of one point, of which everything is kept; ``ydsim.simulate``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from ydsim import arguments
from ydsim.design.sweep import MOST_REPLICATES, Everything, Sweep
from ydsim.engines import engine_of
from ydsim.engines.protocol import InlineEngine
from ydsim.errors import PolicyError, UsageError
from ydsim.results.results import Results, open_results
from ydsim.run.progress import Report, reporting
from ydsim.run.replicate import (
    PartTask,
    ReplicateFailedError,
    RunContext,
    compute,
    make_task,
    scenario_of,
)
from ydsim.run.scheduler import RunOptions, Scheduler
from ydsim.run.signals import StopSignals
from ydsim.run.sweep import official_of, prepare, run_sweep
from ydsim.scenario.check.check_world import refuse_unknown
from ydsim.scenario.load import load_scenario
from ydsim.store import contents as on_disk
from ydsim.store.contents import failures_of, utc_now
from ydsim.store.layout import MemoryStore
from ydsim.store.manifest import RUN
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from ydsim.scenario.read.override import Overrides
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.store.contents import Contents


# -- the run of one scenario -----------------------------------------------------------------------

CHUNK = 1
"""Runs a part: a replicate each."""

ALLOWED = RunContext(allow_code=True)
"""The code of a scenario that is there has been allowed."""

HERE = RunOptions(InlineEngine())
"""Runs are made in this process."""


def sweep_of_one(scenario: Scenario) -> Sweep:
    """Return the sweep whose single point is ``scenario``."""
    return Sweep(
        name=scenario.name,
        description=scenario.description,
        base=scenario,
        replicates=scenario.replicates,
        random="common",
        record=Everything(),
        factors=(),
        size=1,
        kind=RUN,
        spec={"kind": RUN},
        bases=SimpleNamespace(make=lambda row: scenario),
        rows=lambda: iter([()]),
    )


def run_scenario(
    scenario: Scenario,
    out: Path | None,
    run_options: RunOptions = HERE,
    context: RunContext = ALLOWED,
    *,
    force: bool = False,
) -> Results:
    """Run all replicates of a scenario; ``failures`` of the results lists those that raised.

    Each replicate is written when it is done; one that is there already and sound is kept, so that
    a run that was broken off goes on where it stopped and gives the same bytes, and more replicates
    only add. Without ``out`` everything is made in this process and stays in memory. ``force`` and
    errors are those of `run_sweep`; `ScenarioError` also when a policy names something that the
    world does not have.
    """
    refuse_unknown(scenario, load_world(scenario.world))
    sweep = sweep_of_one(scenario)
    if out is None:
        with reporting(run_options.report) as report:
            results = _in_memory(prepare(sweep, CHUNK, context), context, report)
    else:
        run_sweep(sweep, out, run_options, context, force=force, chunk=CHUNK)
        results = open_results(out)
    results.made_from(scenario)
    return results


def _in_memory(contents: Contents, context: RunContext, report: Report | None) -> Results:
    """Run all parts in this process; when every run fails, raise the error of the first."""
    started, clock = utc_now(), time.monotonic()
    context = context.with_worlds(contents.points.paths)
    task = partial(make_task, None, contents, context)
    parts, costs = contents.plan.bounds, contents.points.costs
    drive = Scheduler(None, contents.plan, costs, task, replace(HERE, report=report))
    drive.work(parts, parts, {})
    failures = failures_of(drive.receipts, contents)
    if len(failures) == len(contents.plan):
        _raise_first(task(0))
    made = on_disk.made(started, time.monotonic() - clock, [])
    state = on_disk.state_of(drive.receipts, made, complete=not failures)
    manifest = on_disk.manifest_of(contents, {}, state)
    store = MemoryStore(official_of(contents, context))
    return Results(store, contents, manifest, drive.receipts, failures)


def _raise_first(task: PartTask) -> None:
    """Raise what the first run of a part raises."""
    try:
        with StopSignals():
            compute(task, task.runs[0], scenario_of(task, task.runs[0]))
    except ReplicateFailedError as failed:
        if not isinstance(failed.__cause__, Exception):  # would end the caller
            raise PolicyError(failed.entry["message"]) from failed
        raise failed.__cause__ from None


# -- a scenario in one call from Python: ``ydsim.simulate(...)`` -----------------------------------


def simulate(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    seed: int | None = None,
    replicates: int | None = None,
    out: str | Path | None = None,
    jobs: int = 1,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Results:
    """Run a scenario and return its results; without ``out`` nothing is written.

    Parameters
    ----------
    name_or_path, overrides
        As for `ydsim.load_scenario`.
    seed, replicates
        Replace those of the scenario.
    out
        Results folder to write or to go on with.
    jobs
        Replicates at once, each in a process of its own; needs ``out``.
    allow_code
        As for `ydsim.load_scenario`.
    progress
        As for `ydsim.sweep`.

    Raises
    ------
    UsageError
        When an argument is not what it should be; errors of `ydsim.load_scenario` as well.
    """
    seed = arguments.maybe_whole("seed", seed)
    replicates = arguments.maybe_whole("replicates", replicates, 1, MOST_REPLICATES)
    jobs = arguments.whole("jobs", jobs, 1)
    arguments.maybe_callable("progress", progress)
    folder = None if out is None else arguments.folder("out", out)
    if jobs != 1 and out is None:
        raise UsageError("several jobs write into a folder; name one with out")

    given = with_options(overrides, seed, replicates)
    scenario = load_scenario(name_or_path, given, allow_code=allow_code)
    run_options = RunOptions(engine_of(None, jobs), report=progress)
    return run_scenario(scenario, folder, run_options)


def with_options(
    overrides: Overrides | None, seed: int | None, replicates: int | None
) -> Overrides | None:
    """Return ``overrides`` with seed and number of replicates, where given, on top of them."""
    options = {"seed": seed, "replicates": replicates}
    given = {key: value for key, value in options.items() if value is not None}
    if not given:
        return overrides
    if overrides is None or isinstance(overrides, Mapping):
        return {**(overrides or {}), **given}
    if not isinstance(overrides, Iterable):
        return overrides  # refused where it is read
    texts = [overrides] if isinstance(overrides, (str, bytes)) else list(overrides)
    return [*texts, *(f"{key}={value}" for key, value in given.items())]
