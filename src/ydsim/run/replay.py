"""Running a run of a folder again: to see it fail, to look closer, or to doubt what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ydsim.errors import UsageError
from ydsim.record.run_warnings import in_language
from ydsim.run.replicate import RunContext, compute, make_task, scenario_of
from ydsim.run.worker import stored_rows
from ydsim.store import contents as on_disk
from ydsim.store.contents import Contents, require_same_model
from ydsim.store.files import sha256
from ydsim.store.layout import RUNS, find_folder, latest
from ydsim.store.points import check_worlds, refuse_outside_code
from ydsim.translation import gettext as _t
from ydsim.typing import Columns, Table
from ydsim.wording import nearest, shorten
from ydsim.world.base_run import refitted

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
