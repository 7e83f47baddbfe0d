"""Sweeps from Python, ``ydsim.sweep(...)``, and what they would cost."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ydsim import arguments
from ydsim.design.points import check_points
from ydsim.engines import EngineName, engine_of, usable
from ydsim.engines.protocol import Engine
from ydsim.errors import ResourceError, UsageError
from ydsim.results.results import Results, open_results
from ydsim.run import replicate
from ydsim.run.progress import Report
from ydsim.run.replicate import PartTask, RunContext, context_of, make_task
from ydsim.run.scheduler import RunOptions
from ydsim.run.sweep import resume_sweep, run_sweep
from ydsim.store import contents as on_disk
from ydsim.store.contents import Contents, tidy
from ydsim.store.layout import RUNS, Store, find_folder, folder_name
from ydsim.store.manifest import NAME
from ydsim.store.points import Plan
from ydsim.store.tables import stored, to_parquet

if TYPE_CHECKING:
    from distributed import Client

    from ydsim.design.sweep import Sweep
    from ydsim.scenario.read.override import Overrides


# -- sweeps from Python: ``ydsim.sweep(...)`` in scripts and notebooks -----------------------------

MAX_RUNS = 100_000


def sweep(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    out: str | Path | None = None,
    vary: Sequence[str] = (),
    replicates: int | None = None,
    seed: int | None = None,
    jobs: int = 1,
    engine: EngineName | Engine | Client | None = None,
    scheduler: str | None = None,
    shard: tuple[int, int] | None = None,
    timeout_per_run: float | None = None,
    on_error: Literal["continue", "stop"] = "continue",
    max_failures: int | None = None,
    fork: Literal["auto", "off"] = "auto",
    max_runs: int = MAX_RUNS,
    chunk: int | None = None,
    force: bool = False,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Results:
    """Run a sweep, or go on with one, and return its results.

    Works in a script without ``if __name__ == "__main__"`` and in a notebook; processes are
    started by spawn and import nothing of the caller.

    Parameters
    ----------
    name_or_path
        A sweep file, the name of a shipped sweep, or with ``vary`` a scenario.
    overrides, replicates, seed
        Laid over what the sweep says.
    out
        Results folder; by default ``results/<name>``.
    vary
        Factors of a grid over a scenario: ``KEY=FROM:TO:STEPS`` or ``KEY=a,b,c``.
    jobs
        Processes on this machine, at most one a processor.
    engine
        ``"process"`` (this one), ``"pool"``, ``"dask"``, a ``distributed.Client``, or any `Engine`;
        by default a pool where ``jobs`` exceeds one or runs have a time limit.
    scheduler
        Address of the Dask scheduler, which implies ``"dask"``.
    shard
        ``(i, n)`` runs the i-th of n shares; all shares write into the same folder.
    timeout_per_run
        Seconds (wall clock) after which a run counts as failed.
    on_error, max_failures
        Whether the first failed run, or more failed runs than that, end the sweep.
    fork
        With ``"auto"``, what several runs have in common is simulated once; results are equal.
    max_runs
        Refuse sweeps of more runs.
    chunk
        Runs a file of the store, instead of about 20 s of work.
    force
        Rename a folder that holds another sweep to ``<name>.bak-N``.
    allow_code
        As for `ydsim.load_scenario`; workers inherit it.
    progress
        Called with the state now and then; by default a notebook shows a bar, a script nothing.

    Returns
    -------
    Results
        With ``failures`` where runs failed.

    Raises
    ------
    InputError, ScenarioError, UsageError
        When the sweep cannot be understood or a point is invalid.
    ResultsError
        When the folder holds something else, or another process writes to it.
    ResourceError
        When the system refuses.
    Stopped
        After SIGINT, SIGTERM or SIGHUP; finished runs are kept.

    Warns
    -----
    UserWarning
        The base records tables that the sweep does not keep.
    """
    from ydsim.design.load import load_sweep

    max_runs = arguments.whole("max_runs", max_runs, 1)
    chunk = arguments.maybe_whole("chunk", chunk, 1)
    force = arguments.flag("force", force)
    folder = None if out is None else arguments.folder("out", out)
    run_options = run_options_of(
        jobs, engine, scheduler, shard, timeout_per_run, on_error, max_failures, fork, progress
    )
    loaded = load_sweep(
        name_or_path,
        overrides,
        replicates=replicates,
        seed=seed,
        vary=vary,
        max_runs=max_runs,
        allow_code=allow_code,
    )
    check_points(loaded)
    for remark in loaded.notes:
        warnings.warn(remark, UserWarning, stacklevel=2)
    folder = folder or Path("results") / folder_name(loaded.name)
    context = context_of(allow_code=allow_code)
    return carry_on(loaded, folder, run_options, context, force=force, chunk=chunk)


def carry_on(
    loaded: Sweep,
    folder: Path,
    run_options: RunOptions,
    context: RunContext,
    *,
    force: bool = False,
    chunk: int | None = None,
) -> Results:
    """Run what ``folder`` lacks of a sweep that is loaded and checked, and return its results."""
    run_sweep(loaded, folder, run_options, context, force=force, chunk=chunk)
    return _tidied(folder, run_options)


def _tidied(folder: Path, run_options: RunOptions) -> Results:
    """Merge the many small parts of a finished sweep, unless other shares may be at work on it."""
    try:
        if run_options.shard is None:
            tidy(folder)
    except ResourceError as error:
        run_options.say(f"the parts stay as they are: {error}")
    return open_results(folder)


def resume(
    path: str | Path,
    *,
    jobs: int = 1,
    engine: EngineName | Engine | Client | None = None,
    scheduler: str | None = None,
    shard: tuple[int, int] | None = None,
    timeout_per_run: float | None = None,
    on_error: Literal["continue", "stop"] = "continue",
    max_failures: int | None = None,
    fork: Literal["auto", "off"] = "auto",
    world: str | Path | None = None,
    allow_code: bool = False,
    progress: Report | None = None,
) -> Results:
    """Finish the sweep in a folder, from what is in it alone; failed runs are tried again.

    Parameters
    ----------
    path
        The results folder, or its bare name inside ``results/``.
    world
        Where your own world is now; folders of results name no place of a machine.
    allow_code
        As for `ydsim.load_scenario`: whoever made the folder then decides what is run.

    Notes
    -----
    Other parameters, results and errors are those of `sweep`.
    """
    folder = find_folder(arguments.folder("path", path, "a results folder"))
    if world is not None:
        world = arguments.path("world", world, "the folder of a world")
    run_options = run_options_of(
        jobs, engine, scheduler, shard, timeout_per_run, on_error, max_failures, fork, progress
    )
    resume_sweep(folder, run_options, context_of(world, allow_code=allow_code))
    return _tidied(folder, run_options)


def run_options_of(
    jobs: int,
    engine: EngineName | Engine | Client | None = None,
    scheduler: str | None = None,
    shard: tuple[int, int] | None = None,
    timeout_per_run: float | None = None,
    on_error: Literal["continue", "stop"] = "continue",
    max_failures: int | None = None,
    fork: Literal["auto", "off"] = "auto",
    progress: Report | None = None,
) -> RunOptions:
    """Return how to go about a sweep from options of `sweep`, checked."""
    arguments.maybe_callable("progress", progress)
    shard = _checked_shard(shard)
    found = engine_of(engine, jobs, scheduler, timeout_per_run)
    timeout = arguments.maybe_seconds("timeout_per_run", timeout_per_run)
    arguments.one_of("on_error", on_error, ("continue", "stop"))
    max_failures = arguments.maybe_whole("max_failures", max_failures)
    arguments.one_of("fork", fork, ("auto", "off"))
    return RunOptions(found, timeout, on_error, max_failures, fork, shard, progress)


def _checked_shard(shard: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return ``shard`` when it is one of ``(1, n)`` to ``(n, n)``."""
    if shard is None:
        return None
    if isinstance(shard, (tuple, list)) and len(shard) == 2:
        with suppress(UsageError):
            share, shares = (arguments.whole("shard", part, 1) for part in shard)
            if share <= shares:
                return share, shares
    raise arguments.refuse("shard", "two numbers (i, n) with i from 1 to n", shard)


# -- what a sweep would cost, from a short timed run of its first point ----------------------------

PILOT_SECONDS = 10.0
PILOT_PARTS = 8
"""Parts in which it is looked for what runs have in common."""


def cost_of(
    contents: Contents, folder: Path, jobs: int, context: RunContext, times: int = 1
) -> dict[str, Any]:
    """Return how much a sweep is, what of it is done, and what the rest would take.

    Nothing is written into ``folder``, where its results are or would be. ``jobs`` are processes on
    this machine; ``times`` such sweeps are made in all: a search makes one a trial. The numbers are
    ``points``, ``different_points``, ``runs``, ``done`` (runs that are there), ``parts``,
    ``seconds_a_run`` by the pilot on one core, ``shared`` (the share of all quarters that runs have
    from earlier ones), and ``seconds`` and ``bytes`` of what is left, runs in proportion to their
    rough costs.
    """
    plan, costs = contents.plan, contents.points.costs
    context = context.with_worlds(contents.points.paths)
    tasks = [make_task(None, contents, context, n) for n in [*plan.bounds][:PILOT_PARTS]]
    done = _runs_there(folder, plan)
    seconds, size = _pilot(tasks[0])
    saved = sum(sum(replicate.forks_of(task, task.runs).saved.values()) for task in tasks)
    shared = saved / sum(len(task.runs) for task in tasks)
    all_runs = seconds * sum(costs[of] for of in plan.hashes) / costs[plan.hashes[0]]
    runs = times * len(plan)
    left = runs - done
    return {
        "name": contents.about["name"],
        "folder": str(folder),
        "points": times * len(contents.points),
        "different_points": times * len(contents.points.rows),
        "runs": runs,
        "done": done,
        "parts": times * len(plan.bounds),
        "seconds_a_run": round(seconds, 3),
        "shared": round(shared, 3),
        "jobs": usable(jobs),
        "seconds": round((1.0 - shared) * all_runs * left / len(plan) / usable(jobs), 1),
        "bytes": round(size * left),
    }


def _pilot(task: PartTask) -> tuple[float, float]:
    """Run the first run of a part for a few seconds; return seconds and bytes of a whole run."""
    scenario = replicate.scenario_of(task, task.runs[0])
    world = replicate.world_of(task, scenario.world)
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
    kept = task.record.keep(model.recorder.tables())
    size = sum(len(to_parquet(stored(columns))) for columns in kept.values())
    return begun - start + stepped / share, size / share


def _runs_there(folder: Path, plan: Plan) -> int:
    """Return how many runs of a plan are finished in a folder that may not exist."""
    if not (folder / NAME).exists():
        return 0
    contents, _ = on_disk.read(folder)
    store = Store(folder)
    runs = store.read_table(store.readable(contents.plan.identities), RUNS)
    return len(set(runs["run"].tolist()) & set(plan.runs)) if runs else 0
