"""Sweeps from Python: ``ydsim.sweep(...)`` in scripts and notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ydsim.engines.choice import EngineName, engine_of
from ydsim.engines.protocol import Engine
from ydsim.errors import UsageError
from ydsim.results.sweep import SweepResults, open_sweep
from ydsim.run.scheduler import Conduct, Report
from ydsim.run.sweep import resume_sweep, run_sweep
from ydsim.run.tasks import Standing
from ydsim.store.layout import RUNS, find_folder, folder_name
from ydsim.store.manifest import NAME

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep
    from ydsim.scenario.read.override import Overrides
    from ydsim.store.plan import Plan

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
    engine: EngineName | Engine | None = None,
    scheduler: str | None = None,
    shard: tuple[int, int] | None = None,
    timeout_per_run: float | None = None,
    on_error: Literal["continue", "stop"] = "continue",
    max_failures: int | None = None,
    max_runs: int = MAX_RUNS,
    chunk: int | None = None,
    force: bool = False,
    allow_code: bool = False,
    progress: Report | None = None,
) -> SweepResults:
    """Run a sweep, or go on with one, and return its results.

    Works in a script without ``if __name__ == "__main__"`` and in a notebook; processes are
    started anew (spawn) and import nothing of the caller.

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
        ``"process"`` (this one), ``"pool"``, ``"dask"``, or any `Engine`; by default a pool where
        ``jobs`` exceeds one or runs have a time limit.
    scheduler
        Address of a Dask scheduler, instead of a cluster on loopback.
    shard
        ``(i, n)`` runs the i-th of n shares; all shares write into the same folder.
    timeout_per_run
        Seconds (wall clock) after which a run counts as failed.
    on_error, max_failures
        Whether the first failed run, or more failed runs than that, end the sweep.
    max_runs
        Refuse sweeps of more runs.
    chunk
        Runs a file of the store, instead of about 20 s of work.
    force
        Rename a folder that holds another sweep to ``<name>.bak-N``.
    allow_code
        As for `ydsim.load_scenario`; workers inherit it.
    progress
        Called with the state now and then.

    Returns
    -------
    SweepResults
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
    """
    from ydsim.design.load import load_sweep
    from ydsim.design.points import check_points

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
    folder = Path(out) if out is not None else Path("results") / folder_name(loaded.name)
    conduct = conduct_of(
        engine_of(engine, jobs, scheduler, timeout_per_run), timeout_per_run, on_error, max_failures
    )
    return carry_on(
        loaded,
        folder,
        conduct,
        force=force,
        chunk=chunk,
        progress=progress,
        shard=checked_shard(shard),
        standing=standing_of(None, allow_code=allow_code),
    )


def carry_on(
    loaded: Sweep,
    folder: Path,
    conduct: Conduct,
    *,
    force: bool = False,
    chunk: int | None = None,
    progress: Report | None = None,
    shard: tuple[int, int] | None = None,
    standing: Standing | None = None,
) -> SweepResults:
    """Run what ``folder`` lacks of a sweep that is loaded and checked, and return its results."""
    from ydsim.design.points import points

    run_sweep(
        loaded,
        points(loaded),
        folder,
        conduct,
        force=force,
        chunk=chunk,
        progress=progress,
        shard=shard,
        standing=standing,
    )
    return open_sweep(folder)


def runs_there(folder: Path, plan: Plan) -> int:
    """Return how many runs of a plan are finished in a folder that may not exist."""
    if not (folder / NAME).exists():
        return 0
    results = open_sweep(folder)
    runs = results.raw(RUNS)
    return len(set(runs["run"].tolist()) & set(plan.runs)) if runs else 0


def resume(
    path: str | Path,
    *,
    jobs: int = 1,
    engine: EngineName | Engine | None = None,
    scheduler: str | None = None,
    shard: tuple[int, int] | None = None,
    timeout_per_run: float | None = None,
    on_error: Literal["continue", "stop"] = "continue",
    max_failures: int | None = None,
    world: str | Path | None = None,
    allow_code: bool = False,
    progress: Report | None = None,
) -> SweepResults:
    """Finish the sweep in a folder, from what stands there alone; failed runs are tried again.

    Parameters
    ----------
    path
        The results folder, or its bare name inside ``results/``.
    world
        Where a world of one's own is now; folders of results name no place of a machine.
    allow_code
        As for `ydsim.load_scenario`: whoever made the folder then decides what is run.

    Other parameters, results and errors are those of `sweep`.
    """
    folder = find_folder(path)
    conduct = conduct_of(
        engine_of(engine, jobs, scheduler, timeout_per_run), timeout_per_run, on_error, max_failures
    )
    resume_sweep(
        folder,
        conduct,
        progress=progress,
        shard=checked_shard(shard),
        standing=standing_of(world, allow_code=allow_code),
    )
    return open_sweep(folder)


def standing_of(world: str | Path | None, *, allow_code: bool = False) -> Standing:
    """Return what says where a world of one's own is, and what may be imported."""
    worlds = {} if world is None else {Path(world).name: str(world)}
    return Standing(worlds=worlds, allow_code=allow_code)


def conduct_of(
    engine: Engine,
    timeout: float | None,
    on_error: Literal["continue", "stop"],
    max_failures: int | None,
) -> Conduct:
    """Return how to go about a sweep, checked."""
    if timeout is not None and not 0.0 < timeout < float("inf"):
        raise UsageError(f"a time limit of {timeout:g} s for a run is not positive and finite")
    if on_error not in ("continue", "stop"):
        raise UsageError(f"on error {on_error!r}: expected 'continue' or 'stop'")
    if max_failures is not None and max_failures < 0:
        raise UsageError(f"{max_failures} is not a number of failures; use 0 or more")
    return Conduct(engine, timeout, on_error, max_failures)


def checked_shard(shard: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return ``shard`` when it is one of ``(1, n)`` to ``(n, n)``."""
    if shard is not None and not 1 <= shard[0] <= shard[1]:
        raise UsageError(f"shard {shard[0]}/{shard[1]}: expected I/N with I from 1 to N")
    return shard
