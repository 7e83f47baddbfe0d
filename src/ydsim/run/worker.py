"""What a worker does: compute and write the runs of one part, each within its time."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from ydsim.errors import ResourceError, ResultsError, YdsimError
from ydsim.run.progress import AbandonedError, RunTimeoutError, require_limit, time_limit
from ydsim.run.replicate import (
    Forks,
    PartTask,
    ReplicateFailedError,
    RunTask,
    compute,
    forks_of,
    prepare,
    scenario_of,
)
from ydsim.store import layout
from ydsim.store.files import make_folder
from ydsim.store.manifest import NAME, ydsim_version
from ydsim.store.tables import below_each_other, split
from ydsim.translation import gettext as _t
from ydsim.typing import Columns, Table

# -- what a worker does ----------------------------------------------------------------------------

# A part is in the store when all its runs are settled. Until then what is done of it is kept
# aside every `FLUSH_SECONDS` and when the sweep is asked to stop, and whoever takes the part up
# again begins there. It is kept in two slots by turns, and also before a part of the store is
# replaced, so that at every moment one sound copy of all finished runs is on disk. Rows are in
# the order of the plan however often a part was taken up, so its bytes are those of a part that
# was never interrupted.

FLUSH_SECONDS = 10.0

Pulse: TypeAlias = Callable[[int, layout.Mark], None]
"""Receives the number of a part and where its worker is."""


def do_part(task: PartTask, pulse: Pulse | None = None) -> dict[str, Any]:
    """Compute what a part lacks, write it, and return its receipt.

    ``pulse`` is called after each quarter, where the caller is in this process. `ResultsError` when
    this machine does not see the results folder, or has another version or world. `ResourceError`
    when the part cannot be written.
    """
    folder = Path(task.folder) if task.folder else None
    if folder is not None:
        require_there(folder)
    if ydsim_version() != task.version:
        raise ResultsError(f"a worker has ydsim {ydsim_version()}, the sweep {task.version}")
    require_limit(task.timeout)
    prepare(task)
    part = _Part(task, layout.MemoryStore() if folder is None else layout.Store(folder))
    forks = forks_of(task, [one for one in task.runs if not part.settled(one.run)])

    def stopping() -> bool:
        return (
            folder is not None and bool(task.stop) and (folder / layout.WORK / task.stop).exists()
        )

    with layout.Marker(folder, task.number) as marker:
        flushed, longest = time.monotonic(), 0.0
        for at, one in enumerate(task.runs):
            if part.settled(one.run):
                continue
            if stopping():
                break
            begun = time.monotonic()
            if folder is not None and begun + longest - flushed > FLUSH_SECONDS and part.fresh:
                part.write()
                flushed = time.monotonic()

            def after_quarter(share: float, run: str = one.run) -> None:
                mark = layout.Mark(part.done + len(part.failed), run, share)
                marker.at(mark.done, run, share)
                if pulse is not None:
                    pulse(task.number, mark)
                if task.single and stopping():
                    raise AbandonedError

            after_quarter(0.0)
            try:
                part.add(at, one, after_quarter, forks)
            except AbandonedError:
                break
            longest = max(longest, time.monotonic() - begun)
        return part.write()


class _Part:
    """The rows that a part has so far, by table and place in the plan."""

    def __init__(self, task: PartTask, store: layout.Store | layout.MemoryStore) -> None:
        self.task = task
        self.store = store
        self.found: dict[str, Any] = {}
        self.rows: dict[str, dict[int, Table]] = {}
        self.finished: set[str] = set()
        self.failed: dict[str, dict[str, Any]] = dict(task.given_up)
        self.notes: dict[str, None] = {}
        self.fresh = False
        self._slot = 0
        self._take_up()

    @property
    def done(self) -> int:
        return len(self.finished)

    def settled(self, run: str) -> bool:
        return run in self.finished or run in self.failed

    def add(
        self, at: int, one: RunTask, after_quarter: Callable[[float], None], forks: Forks
    ) -> None:
        """Compute a run; what it raises becomes its entry among the failures."""
        scenario = scenario_of(self.task, one)
        try:
            with time_limit(self.task.timeout):
                outcome = compute(
                    self.task, one, scenario, lambda k: after_quarter(k / scenario.quarters), forks
                )
        except ReplicateFailedError as failed:
            self.failed[one.run] = {"run": one.run, **failed.entry}
        except ResultsError:
            raise  # not of this run: the next one would meet it too
        except (YdsimError, RunTimeoutError) as error:
            if self.task.single and isinstance(error, YdsimError):
                raise
            known = isinstance(error, ResourceError) and error.__cause__
            name = type(known or error).__name__
            self.failed[one.run] = refusal_of(one, scenario.seed, name, str(error))
        else:
            for table, columns in outcome.tables.items():
                self.rows.setdefault(table, {})[at] = columns
            if self.task.measure is not None:
                self.found[one.run] = outcome.found
            self.finished.add(one.run)
            self.fresh = True
            self.notes.update(dict.fromkeys(outcome.notes))

    def write(self) -> dict[str, Any]:
        """Write the part: into the store when every run is settled, aside until then."""
        tables = {
            table: below_each_other([of[at] for at in sorted(of)])
            for table, of in self.rows.items()
        }
        order = [one.run for one in self.task.runs]
        content: dict[str, Any] = {
            **self.task.identity,
            "done": self.done,
            "failed": [self.failed[run] for run in order if run in self.failed],
            "missing": [run for run in order if not self.settled(run)],
            "notes": list(self.notes) if self.task.single else sorted(self.notes),
        }
        number = self.task.number
        self.fresh = False
        if isinstance(self.store, layout.MemoryStore):
            content["found"] = self.found
            return self.store.write_part(number, tables, content)
        if content["missing"] and not (self.done or content["failed"]):
            return {**content, "files": {}}
        if content["missing"] or (self.store.folder / layout.receipt_path(number)).exists():
            require_there(self.store.folder)
            aside = layout.kept_slots(self.store.folder, number)[self._slot]
            make_folder(aside.folder, parents=True)
            receipt = aside.write_part(number, tables, content)
            self._slot = 1 - self._slot
            if content["missing"]:
                return receipt
            self.store.withdraw(number)
        receipt = self.store.write_part(number, tables, content)
        shutil.rmtree(layout.kept_path(self.store.folder, number), ignore_errors=True)
        return receipt

    def _take_up(self) -> None:
        """Begin with the finished runs of a part that somebody began; failed ones run again."""
        if isinstance(self.store, layout.MemoryStore):
            return
        number, identity = self.task.number, self.task.identity
        found = layout.latest(self.store.folder, number, identity)
        if found is None:
            return
        store, receipt = found
        if store.folder.name == layout.SLOTS[0]:
            self._slot = 1
        self.notes = dict.fromkeys(receipt["notes"])
        names = {one.replicate: one.run for one in self.task.runs}
        place = {one.run: at for at, one in enumerate(self.task.runs)}
        for table, by_run in stored_rows(store, number, receipt, names).items():
            if not by_run.keys() <= place.keys():
                path = store.folder / layout.part_path(table, number)
                raise ResultsError(_t("{path}: holds rows of another part").format(path=path))
            self.rows[table] = {place[run]: rows for run, rows in by_run.items()}
        self.finished = {self.task.runs[at].run for at in self.rows.get(layout.RUNS, {})}
        for run in self.finished & self.failed.keys():
            del self.failed[run]


def stored_rows(
    store: layout.Store, number: int, receipt: Mapping[str, Any], names: Mapping[int, str]
) -> dict[str, dict[str, Columns]]:
    """Return the rows of a part by table and run; ``names`` are those of runs by replicate."""
    tables = sorted({path.split("/")[0] for path in receipt["files"]})
    return {table: split(store.read_table({number: receipt}, table), names) for table in tables}


def refusal_of(one: RunTask, seed: int, exception: str, message: str) -> dict[str, Any]:
    """Return the entry of a run that was refused, ran out of time or memory, or killed workers."""
    entry = {"run": one.run, "replicate": one.replicate, "seed": seed, "quarter": None}
    return entry | {"exception": exception, "message": message, "traceback": []}


def require_there(folder: Path) -> None:
    """Refuse to make a folder of results again that somebody has removed or renamed."""
    if not (folder / NAME).is_file():
        message = _t("{folder}: is gone, or this worker does not see the folder of results")
        raise ResultsError(message.format(folder=folder))
