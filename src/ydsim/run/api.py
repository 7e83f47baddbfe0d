"""Runs from Python: ``ydsim.simulate(...)``, ``ydsim.sweep(...)``, their cost, and runs again."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from ydsim import arguments
from ydsim.design.sweep import MAX_RUNS, MOST_REPLICATES, Everything, Sweep
from ydsim.engines import usable
from ydsim.errors import PolicyError, ResourceError, UsageError
from ydsim.record.run_warnings import in_language
from ydsim.results.results import Results, open_results
from ydsim.run import replicate
from ydsim.run.progress import Report, StopSignals, reporting
from ydsim.run.replicate import (
    PartTask,
    ReplicateFailedError,
    RunContext,
    compute,
    context_of,
    make_task,
    scenario_of,
)
from ydsim.run.scheduler import RunKeywords, RunOptions, Scheduler, with_run_options
from ydsim.run.sweep import official_of, prepare, resume_sweep, run_sweep
from ydsim.run.worker import stored_rows
from ydsim.scenario.check import refuse_unknown
from ydsim.scenario.load import load_scenario
from ydsim.store import contents as on_disk
from ydsim.store.contents import Contents, failures_of, require_same_model, tidy, utc_now
from ydsim.store.files import sha256
from ydsim.store.layout import RUNS, MemoryStore, Store, find_folder, folder_name, latest
from ydsim.store.manifest import NAME, RUN
from ydsim.store.points import Plan, check_worlds, refuse_outside_code
from ydsim.store.tables import stored, to_parquet
from ydsim.translation import gettext as _t
from ydsim.typing import Columns, Table
from ydsim.wording import nearest, shorten
from ydsim.world.base_run import refitted
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.scenario.read.extend import Overrides
    from ydsim.scenario.schema.scenario import Scenario


# -- the run of one scenario -----------------------------------------------------------------------

CHUNK = 1
"""Runs a part: a replicate each."""

ALLOWED = RunContext(allow_code=True)
"""The code of a scenario that is there has been allowed."""

HERE = RunOptions()
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
        cells=tuple,
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
        with reporting(run_options.progress) as report:
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
    drive = Scheduler(None, contents.plan, costs, task, replace(HERE, progress=report))
    drive.work(parts, parts, {})
    failures = failures_of(drive.receipts, contents)
    if len(failures) == len(contents.plan):
        _raise_first(task(0))
    provenance = on_disk.made(started, time.monotonic() - clock, [])
    state = on_disk.state_of(drive.receipts, provenance, complete=not failures)
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


# -- in scripts and notebooks: ``ydsim.simulate(...)`` and ``ydsim.sweep(...)`` --------------------


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
    run_options = RunOptions(jobs=jobs, progress=progress)
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


@with_run_options
def sweep(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    out: str | Path | None = None,
    vary: Sequence[str] = (),
    design: pd.DataFrame | None = None,
    replicates: int | None = None,
    seed: int | None = None,
    max_runs: int = MAX_RUNS,
    chunk: int | None = None,
    force: bool = False,
    allow_code: bool = False,
    **options: Unpack[RunKeywords],
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
    design
        Points of a scenario as a table: a row each, values by dotted key in columns, missing where
        a point leaves the scenario as it is; or rows of `Results.design`, to be run again.
    max_runs
        Refuse sweeps of more runs.
    chunk
        Runs a file of the store, instead of about 20 s of work.
    force
        Rename a folder that holds another sweep to ``<name>.bak-N``.
    allow_code
        As for `ydsim.load_scenario`; workers inherit it.
    **options
        How runs are done:

        - ``jobs``: processes on this machine, at most one a processor.
        - ``engine``: ``"process"`` (this one), ``"pool"``, ``"dask"``, a ``distributed.Client``, or
          any `Engine`; by default a pool where ``jobs`` exceeds one or runs have a time limit.
        - ``scheduler``: address of the Dask scheduler, which implies ``"dask"``.
        - ``shard``: ``(i, n)`` runs the i-th of n shares; all write into the same folder.
        - ``timeout_per_run``: seconds (wall clock) after which a run counts as failed.
        - ``on_error``, ``max_failures``: whether the first failed run, or more failed runs than
          that, end the sweep.
        - ``fork``: with ``"auto"``, what several runs have in common is simulated once; results are
          equal.
        - ``progress``: called with the state now and then; by default a notebook shows a bar, a
          script nothing.

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
    run_options = RunOptions(**options)
    loaded = load_sweep(
        name_or_path,
        overrides,
        replicates=replicates,
        seed=seed,
        vary=vary,
        design=design,
        max_runs=max_runs,
        allow_code=allow_code,
    )
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


@with_run_options
def resume(
    path: str | Path,
    *,
    world: str | Path | None = None,
    allow_code: bool = False,
    **options: Unpack[RunKeywords],
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
    run_options = RunOptions(**options)
    resume_sweep(folder, run_options, context_of(world, allow_code=allow_code))
    return _tidied(folder, run_options)


# -- what a sweep would cost, from a short timed run of its first point ----------------------------

PILOT_SECONDS = 10.0
PILOT_PARTS = 8
"""Parts in which it is looked for what runs have in common."""


def cost_of(
    contents: Contents, folder: Path, jobs: int, context: RunContext, times: float = 1
) -> dict[str, Any]:
    """Return how much a sweep is, what of it is done, and what the rest would take.

    Nothing is written into ``folder``, where its results are or would be. ``jobs`` are processes on
    this machine; ``times`` such sweeps are made in all, the last of them in part: a search makes
    one a trial. The numbers are
    ``points``, ``different_points``, ``runs``, ``done`` (runs that are there), ``parts``,
    ``seconds_a_run`` by the pilot on one core, ``shared`` (the share of all quarters that runs have
    from earlier ones), and ``seconds`` and ``bytes`` of what is left, runs in proportion to their
    rough costs. ``burn_in`` is the part of ``shared`` that is burn-in, ``families`` the number of
    groups of points with one burn-in each.
    """
    plan, costs = contents.plan, contents.points.costs
    context = context.with_worlds(contents.points.paths)
    tasks = [make_task(None, contents, context, n) for n in [*plan.bounds][:PILOT_PARTS]]
    done = _runs_there(folder, plan)
    seconds, size = _pilot(tasks[0])
    saved = [each for t in tasks for each in replicate.forks_of(t, t.runs).saved.values()]
    looked = sum(len(task.runs) for task in tasks)
    shared, burn_in = (sum(each) / looked for each in zip((0.0, 0.0), *saved, strict=True))
    all_runs = seconds * sum(costs[of] for of in plan.hashes) / costs[plan.hashes[0]]
    runs = round(times * len(plan))
    left = runs - done
    return {
        "name": contents.about["name"],
        "folder": str(folder),
        "points": round(times * len(contents.points)),
        "different_points": round(times * len(contents.points.rows)),
        "runs": runs,
        "done": done,
        "parts": round(times * len(plan.bounds)),
        "seconds_a_run": round(seconds, 3),
        "shared": round(shared, 3),
        "burn_in": round(burn_in, 3),
        "families": len({*map(contents.points.family, contents.points.rows)}),
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


# -- a run of a folder again: to see it fail, to look closer, or to doubt what is stored -----------

NOTHING = RunContext()


@dataclass(frozen=True)
class Replayed:
    """A run that was run again."""

    run: str
    replicate: int
    points: tuple[int, ...]
    scenario: dict[str, Any]  # resolved, as plain data
    tables: dict[str, Table]  # what is kept of it, by name
    notes: list[str]  # remarks of the run
    # Names of the tables that are not as stored; None when the run is not stored.
    differs: tuple[str, ...] | None
    # Files of fitted data that have changed since: tables may differ by them.
    refitted: tuple[str, ...]

    def headline(self) -> dict[str, float]:
        """Return every indicator of the whole region in the last year."""
        row = self.tables[RUNS]
        skipped = ("run", "replicate", "seed", "quarters", "numeric_warnings")
        return {name: float(column[0]) for name, column in row.items() if name not in skipped}

    def as_dict(self) -> dict[str, Any]:
        """Return what ``--json`` prints; a value that is undefined is None."""
        return {
            "run": self.run,
            "replicate": self.replicate,
            "points": list(self.points),
            "as_stored": None if self.differs is None else not self.differs,
            "differs": list(self.differs or ()),
            "refitted": list(self.refitted),
            "scenario": self.scenario,
            "outcomes": {k: v if v == v else None for k, v in self.headline().items()},
        }

    def lines(self, folder: str) -> list[str]:
        """Return it in words, beside what the folder has of it."""
        points = ", ".join(map(str, self.points))
        head = _t("run {run}: point {points}, replicate {replicate}, the last year:")
        lines = [head.format(run=self.run, points=points, replicate=self.replicate)]
        for name, value in self.headline().items():
            lines += [f"  {name:<42}{value:>16.8g}"] if value == value else []
        lines += [_t("note: {text}").format(text=in_language(note)) for note in self.notes]
        if self.refitted:
            message = _t(
                "note: fitted data have changed since then ({files}), which may explain it"
            )
            lines.append(message.format(files=", ".join(self.refitted)))
        if self.differs is None:
            lines.append(_t("not stored in {folder}").format(folder=folder))
        elif not self.differs:
            lines.append(_t("every table is as stored"))
        return lines


def replay(
    path: str | Path,
    run: str | None = None,
    context: RunContext = NOTHING,
    *,
    replicate: int | None = None,
) -> Replayed:
    """Run one run of a results folder again, in this process and in memory.

    It is named as in the tables and in ``failures.jsonl``, or by its ``replicate`` where the folder
    holds a single scenario; the folder is only read. `UsageError` when there is no such run.
    `ResultsError` when version, machine or world are not those of the sweep. `ReplicateFailedError`
    when the run fails (again); its cause is the model's own error.
    """
    folder = find_folder(path)
    contents, changed = _read(folder, context)
    at = _place(folder, contents, run, replicate)
    return _again(folder, contents, at, context, changed)


def recompute(path: str | Path, most: int, context: RunContext = NOTHING) -> Iterator[Replayed]:
    """Run some stored runs again, chosen by their names alone, and compare.

    A value that was changed together with its checksum cannot be found in any other way.
    """
    folder = find_folder(path)
    contents, changed = _read(folder, context)
    runs = contents.plan.runs
    order = sorted(range(len(runs)), key=lambda at: sha256(runs[at].encode()))
    there = (at for at in order if _stored(folder, contents, at))
    for at in islice(there, min(most, len(runs))):
        yield _again(folder, contents, at, context, changed)


def _read(folder: Path, context: RunContext) -> tuple[Contents, tuple[str, ...]]:
    """Return what a folder holds and which fitted data have changed since; refuse another model."""
    contents, manifest = on_disk.read(folder)
    if not context.allow_code:
        refuse_outside_code(contents.points, str(folder))
    require_same_model(folder, manifest, fits=False)
    check_worlds(contents.points, context.worlds)
    return contents, tuple(refitted(manifest.get("fitted", {}), manifest["worlds"]))


def _place(folder: Path, contents: Contents, run: str | None, replicate: int | None) -> int:
    """Return the place of a run in the plan."""
    plan = contents.plan
    if (run is None) == (replicate is None):
        raise UsageError("name one run, by its name or the number of a replicate")
    if run is not None:
        if run not in plan.runs:
            close = nearest(run, plan.runs)
            hint = f"; did you mean {close}?" if close else ""
            raise UsageError(f"{folder} has no run {shorten(run)!r}{hint}")
        return plan.runs.index(run)
    if len(contents.points.rows) > 1:
        raise UsageError(f"{folder} has several points; name the run, as the table runs does")
    if replicate not in plan.replicates:
        last = max(plan.replicates)
        raise UsageError(f"{folder} has no replicate {replicate}; they count from 0 to {last}")
    return plan.replicates.index(replicate)


def _again(
    folder: Path, contents: Contents, at: int, context: RunContext, changed: tuple[str, ...]
) -> Replayed:
    plan, points = contents.plan, contents.points
    number = plan.parts[at]
    task = make_task(folder, contents, context, number)
    one = task.runs[at - plan.bounds[number].start]
    outcome = compute(task, one, scenario_of(task, one))
    stored = _stored(folder, contents, at)
    return Replayed(
        one.run,
        one.replicate,
        tuple(points.rows.get(one.hash, [])),
        points.scenario(one.hash),
        outcome.tables,
        outcome.notes,
        _differing(outcome.tables, stored) if stored else None,
        changed,
    )


def _stored(folder: Path, contents: Contents, at: int) -> dict[str, Columns]:
    """Return the stored rows of a run by table, nothing when it is not there."""
    plan = contents.plan
    number, run = plan.parts[at], plan.runs[at]
    there = latest(folder, number, plan.identities[number])
    if there is None:
        return {}
    rows = plan.bounds[number]
    names = dict(zip(plan.replicates[rows], plan.runs[rows], strict=True))
    tables = stored_rows(there[0], number, there[1], names)
    found = {table: by_run[run] for table, by_run in tables.items() if run in by_run}
    return found if RUNS in found else {}


def _differing(tables: dict[str, Table], stored: dict[str, Columns]) -> tuple[str, ...]:
    names = {t for t, columns in tables.items() if len(next(iter(columns.values()))) > 0}
    return tuple(
        name
        for name in sorted(names | stored.keys())
        if name not in tables or name not in stored or not _equal(tables[name], stored[name])
    )


def _equal(a: Table, b: Table) -> bool:
    return list(a) == list(b) and all(
        np.array_equal(a[name], b[name], equal_nan=a[name].dtype.kind == "f") for name in a
    )
