"""What a worker does: compute the runs of one part and write them, whatever happens on the way.

A part stands in the store when all its runs are settled. Until then what is done of it is kept
aside every `FLUSH_SECONDS` and when the sweep is asked to stop, and whoever takes the part up
again begins there. It is kept in two slots by turns, and also before a part of the store is
replaced, so that at every moment one sound copy of all finished runs is on disk. Rows stand in the
order of the plan however often a part was taken up, so its bytes are those of a part that was
never interrupted.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ydsim.errors import ResourceError, StoreError, YdsimError
from ydsim.experiment.columns import concatenate
from ydsim.experiment.files import make_folder
from ydsim.experiment.manifest import NAME, ydsim_version
from ydsim.experiment.replicate import MakeModel, ReplicateFailedError, default_model, run_replicate
from ydsim.experiment.results import SERIES
from ydsim.experiment.store import RUNS, WORK, Identity, Store, receipt_path
from ydsim.experiment.sweep.limit import RunTimeoutError, time_limit
from ydsim.experiment.sweep.outcome import run_row
from ydsim.typing import Columns

if TYPE_CHECKING:
    from ydsim.experiment.design.sweep import Recorded
    from ydsim.scenario.schema import Scenario
    from ydsim.world.world import World

KEPT = ".ydsim-kept"
"""Folder of what is done of unfinished parts."""

_SLOTS = ("a", "b")

FLUSH_SECONDS = 10.0


@dataclass(frozen=True)
class RunTask:
    """One run of a part."""

    run: str
    hash: str
    replicate: int


@dataclass(frozen=True)
class PartTask:
    """One part of a sweep, with everything a worker on any machine needs.

    Attributes
    ----------
    folder
        The results folder, absolute.
    number, identity
        The part, and what its receipt says.
    version
        Of ydsim, which the worker must have.
    runs
        Every run of the part, in the order of the plan.
    scenarios
        Resolved scenario by hash, as JSON.
    worlds
        By name: path (or name) and digest of the content.
    record
        What is kept of a run.
    given_up
        Entries of runs that are not tried again, by run.
    timeout
        Seconds for a run; None for as long as it takes.
    stop
        Name of the file in `WORK` whose presence asks workers to end after the run at hand; empty
        for none.
    indicators
        As in the manifest.
    make_model
        Stand-in for `ydsim.Model`.
    """

    folder: str
    number: int
    identity: Identity
    version: str
    runs: tuple[RunTask, ...]
    scenarios: Mapping[str, str]
    worlds: Mapping[str, tuple[str, str]]
    record: Recorded
    indicators: Mapping[str, Any]
    stop: str = ""
    given_up: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    timeout: float | None = None
    make_model: MakeModel | None = None


def do_part(task: PartTask) -> dict[str, Any]:
    """Compute what a part lacks, write it, and return its receipt.

    Raises
    ------
    StoreError
        When this machine does not see the results folder, or has another version or world.
    ResourceError
        When the part cannot be written.
    """
    folder = Path(task.folder)
    require_there(folder)
    if ydsim_version() != task.version:
        raise StoreError(f"a worker has ydsim {ydsim_version()}, the sweep {task.version}")
    part = _Part(task, Store(folder))
    with _Marker(folder, task.number) as marker:
        flushed = time.monotonic()
        for at, one in enumerate(task.runs):
            if part.settled(one.run):
                continue
            if task.stop and (folder / WORK / task.stop).exists():
                break
            if time.monotonic() - flushed > FLUSH_SECONDS:
                part.write()
                flushed = time.monotonic()
            marker.at(part.done + len(part.failed), one.run)
            part.add(at, one)
    return part.write()


class _Part:
    """The rows that a part has so far, by table and place in the plan."""

    def __init__(self, task: PartTask, store: Store) -> None:
        self.task = task
        self.store = store
        self.rows: dict[str, dict[int, Columns]] = {}
        self.finished: set[str] = set()
        self.failed: dict[str, dict[str, Any]] = dict(task.given_up)
        self.notes: set[str] = set()
        self._slot = _SLOTS[0]
        self._take_up()

    @property
    def done(self) -> int:
        return len(self.finished)

    def settled(self, run: str) -> bool:
        return run in self.finished or run in self.failed

    def add(self, at: int, one: RunTask) -> None:
        """Compute a run; what it raises becomes its entry among the failures."""
        scenario = scenario_of(self.task, one)
        try:
            with time_limit(self.task.timeout):
                tables, notes = compute(self.task, one, scenario)
        except ReplicateFailedError as failed:
            self.failed[one.run] = {"run": one.run, **failed.entry}
        except StoreError:
            raise  # not of this run: the next one would meet it too
        except (YdsimError, RunTimeoutError) as error:
            self.failed[one.run] = refusal_of(one, scenario.seed, error)
        else:
            for table, columns in tables.items():
                self.rows.setdefault(table, {})[at] = columns
            self.finished.add(one.run)
            self.notes.update(notes)

    def write(self) -> dict[str, Any]:
        """Write the part: into the store when every run is settled, aside until then."""
        tables = {
            table: concatenate([of[at] for at in sorted(of)]) for table, of in self.rows.items()
        }
        order = [one.run for one in self.task.runs]
        content = {
            "done": self.done,
            "failed": [self.failed[run] for run in order if run in self.failed],
            "missing": [run for run in order if not self.settled(run)],
            "notes": sorted(self.notes),
        }
        number, identity = self.task.number, self.task.identity
        if content["missing"] or (self.store.folder / receipt_path(number)).exists():
            receipt = self._aside(self._slot).write_part(number, identity, tables, content)
            self._slot = _SLOTS[1 - _SLOTS.index(self._slot)]
            if content["missing"]:
                return receipt
            self.store.withdraw(number)
        receipt = self.store.write_part(number, identity, tables, content)
        shutil.rmtree(kept_path(self.store.folder, number), ignore_errors=True)
        return receipt

    def _aside(self, slot: str) -> Store:
        require_there(self.store.folder)
        folder = kept_path(self.store.folder, self.task.number) / slot
        make_folder(folder, parents=True)
        return Store(folder)

    def _take_up(self) -> None:
        """Begin with the finished runs of a part that somebody began; failed ones run again."""
        number, identity = self.task.number, self.task.identity
        found = furthest(self.store.folder, number, identity)
        if found is None:
            return
        store, receipt = found
        if store.folder.name == self._slot:
            self._slot = _SLOTS[1]
        self.notes = set(receipt["notes"])
        place = {one.run: at for at, one in enumerate(self.task.runs)}
        for path in receipt["files"]:
            table = path.split("/")[0]
            columns = store.read_table({number: receipt}, table)
            for run, rows in split(columns).items():
                self.rows.setdefault(table, {})[place[run]] = rows
        self.finished = {self.task.runs[at].run for at in self.rows.get(RUNS, {})}


def require_there(folder: Path) -> None:
    """Refuse to make a folder of results anew that somebody has removed or renamed."""
    if not (folder / NAME).is_file():
        raise StoreError(f"{folder}: is gone, or this worker does not see the folder of results")


def scenario_of(task: PartTask, one: RunTask) -> Scenario:
    """Return the scenario of a run."""
    from ydsim.scenario.schema import Scenario

    return Scenario.model_validate_json(task.scenarios[one.hash])


def compute(
    task: PartTask, one: RunTask, scenario: Scenario
) -> tuple[dict[str, Columns], list[str]]:
    """Run a run and return the tables that are kept of it, and remarks.

    Raises
    ------
    ReplicateFailedError
        When the model raised.
    StoreError
        When the world is not the one of the sweep.
    ResourceError
        When there is not enough memory.
    """

    def wanted(tables: Mapping[str, Columns]) -> list[str]:
        kept = task.record.keep(tables)
        return [name for name in tables if name in kept or name == SERIES]

    outcome = run_replicate(
        scenario,
        one.replicate,
        world=_world(task, scenario.world),
        make_model=task.make_model or default_model,
        after_quarter=lambda quarter: None,
        keys={"run": one.run},
        wanted=wanted,
    )
    row = run_row(outcome.tables, one.run, one.replicate, task.indicators)
    return {**task.record.keep(outcome.tables), RUNS: row}, outcome.notes


def _world(task: PartTask, name: str) -> World:
    from ydsim.world.loader import load_world

    path, digest = task.worlds[name]
    world = load_world(path)
    if world.digest != digest:
        raise StoreError(f"a worker has another content of the world {name!r}")
    return world


def kept_path(folder: Path, number: int) -> Path:
    """Return where what is done of an unfinished part is kept."""
    return folder / KEPT / f"part-{number:06d}"


def kept_slots(folder: Path, number: int) -> list[Store]:
    """Return the two places where an unfinished part is kept by turns."""
    return [Store(kept_path(folder, number) / slot) for slot in _SLOTS]


def furthest(folder: Path, number: int, identity: Identity) -> tuple[Store, dict[str, Any]] | None:
    """Return the store with the most finished runs of a part, and its receipt."""
    found = [
        (store, receipt)
        for store in (Store(folder), *kept_slots(folder, number))
        if (receipt := store.finished(number, identity)) is not None
    ]
    return max(found, key=lambda each: each[1]["done"]) if found else None


def refusal_of(one: RunTask, seed: int, error: BaseException) -> dict[str, Any]:
    """Return the entry of a run that was refused or ran out of time or memory."""
    cause = error.__cause__ if isinstance(error, ResourceError) and error.__cause__ else error
    return {
        "run": one.run,
        "replicate": one.replicate,
        "seed": seed,
        "quarter": None,
        "exception": type(cause).__name__,
        "message": str(error),
        "traceback": [],
    }


def split(columns: Columns) -> dict[str, Columns]:
    """Return the rows of a table by run; those of a run stand together."""
    runs = columns["run"]
    if not len(runs):
        return {}
    first = np.flatnonzero(np.r_[True, runs[1:] != runs[:-1]])
    ends = np.r_[first[1:], len(runs)]
    return {
        str(runs[a]): {name: column[a:b] for name, column in columns.items()}
        for a, b in zip(first.tolist(), ends.tolist(), strict=True)
    }


class _Marker:
    """A small file that says which run is at work, for whoever finds the worker dead."""

    def __init__(self, folder: Path, number: int) -> None:
        self.path = marker_path(folder, number)

    def __enter__(self) -> _Marker:
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
        return self

    def __exit__(self, *unused: object) -> None:
        with suppress(OSError):
            self.path.unlink()

    def at(self, done: int, run: str) -> None:
        """Say that ``done`` runs of the part are settled and ``run`` is at work."""
        with suppress(OSError):
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o666)
            try:
                os.pwrite(handle, f"{done:08d} {run}\n".encode("ascii"), 0)
            finally:
                os.close(handle)


def marker_path(folder: Path, number: int) -> Path:
    """Return where the worker of a part says what it is at."""
    return folder / WORK / f"part-{number}"


def read_marker(folder: Path, number: int) -> tuple[int, str]:
    """Return how many runs of a part are settled and the run at work, ``(0, "")`` if unknown."""
    try:
        done, run = marker_path(folder, number).read_text("ascii").split()
        return int(done), run
    except (OSError, ValueError):
        return 0, ""
