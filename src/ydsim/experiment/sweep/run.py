"""Running a sweep from its first point to its last, and going on with one that was broken off."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim.errors import StoreError, UsageError
from ydsim.experiment.design.sweep import ReplicateRule
from ydsim.experiment.files import make_folder
from ydsim.experiment.host import utc_now
from ydsim.experiment.lock import LOCK, FolderLock
from ydsim.experiment.manifest import (
    INSTEAD,
    NAME,
    REGION,
    SWEEP,
    cards,
    read_manifest,
    ydsim_version,
)
from ydsim.experiment.official import official_rows
from ydsim.experiment.results import notes_of, tables_of
from ydsim.experiment.store import (
    RUNS,
    WORK,
    Store,
    refuse_link,
    require_free_or_ours,
    set_aside,
)
from ydsim.experiment.sweep import folder as on_disk
from ydsim.experiment.sweep.aside import KEPT, furthest, kept_path
from ydsim.experiment.sweep.drive import Conduct, Drive, Progress, Report
from ydsim.experiment.sweep.folder import Contents, State
from ydsim.experiment.sweep.plan import EMPTY, Plan, extended
from ydsim.experiment.sweep.points import check_worlds, tabulate
from ydsim.experiment.sweep.rounds import more_replicates
from ydsim.experiment.sweep.tasks import Standing, make_task
from ydsim.scenario.load import plain_scenario
from ydsim.world.loader import load_world

if TYPE_CHECKING:
    from ydsim.experiment.design.sweep import Point, Sweep

_PATIENCE_SECONDS = 60.0


def prepare(
    sweep: Sweep, points: Iterable[Point], chunk: int | None, standing: Standing
) -> Contents:
    """Return what is to be run; the points are checked already.

    Raises
    ------
    ResourceError
        When a point does not fit into the memory of this machine.
    """
    version, record = ydsim_version(), sweep.record.plain()
    base = plain_scenario(sweep.base)
    table = tabulate(points, base, version=version, record=record)
    rule = sweep.replicates
    first = rule.least if isinstance(rule, ReplicateRule) else rule
    plan = extended(EMPTY, dict.fromkeys(table.rows, first), table.costs, chunk)
    world = load_world(sweep.base.world)
    about = {
        "name": sweep.name,
        "description": sweep.description,
        "version": version,
        "ydsim": version,
        "seed": sweep.base.seed,
        "spec": sweep.spec,
        "record": record,
        "random": sweep.random,
        "replicates": rule.plain() if isinstance(rule, ReplicateRule) else rule,
        "chunk": chunk,
        "regions": [*world.provinces, REGION],
        "indicators": cards(standing.known_indicators()),
    }
    return Contents(json.loads(json.dumps(about)), table, plan)  # as it will be read again


def run_sweep(
    sweep: Sweep,
    points: Iterable[Point],
    folder: Path,
    conduct: Conduct,
    *,
    force: bool = False,
    chunk: int | None = None,
    progress: Report | None = None,
    shard: tuple[int, int] | None = None,
    standing: Standing | None = None,
) -> str:
    """Run what ``folder`` lacks of a sweep; runs that are there stay as they are.

    Parameters
    ----------
    force
        Rename a folder that is there to ``<name>.bak-N`` instead of refusing another sweep.
    chunk
        Runs a part, instead of the estimate.
    shard
        ``(i, n)``: only parts with number i - 1 modulo n; other processes do the others.

    Returns
    -------
    str
        Why the sweep ended early, empty when it did not.

    Raises
    ------
    StoreError
        When the folder holds something else, or another process writes to it.
    ResourceError
        When the system refuses to write, or the engine is gone.
    Stopped
        After SIGINT, SIGTERM or SIGHUP; finished runs are kept.
    """
    standing = standing or Standing()
    require_free_or_ours(folder)
    present = (folder / NAME).exists()
    if present and not force:
        read_manifest(folder, SWEEP, INSTEAD)
    contents = prepare(sweep, points, chunk, standing)
    if present and not force:
        on_disk.mend(folder, contents)
    standing = replace(standing, worlds={**contents.points.paths, **standing.worlds})
    if shard is not None and isinstance(sweep.replicates, ReplicateRule):
        raise UsageError(
            "a rule for replicates looks at all results, a shard sees only its own; "
            "give a number of replicates"
        )
    if present and not force and nothing_to_do(folder, contents):
        return ""
    make_folder(folder, parents=True)
    if present and force:
        with FolderLock(folder) as lock:
            lock.path = set_aside(folder) / LOCK
        make_folder(folder)
    with _locked(folder, shard):
        call = _Call(folder, conduct, progress, standing, shard)
        with call.alone():
            contents = call.enter(contents)
        return call.go(contents)


def resume_sweep(
    folder: Path,
    conduct: Conduct,
    *,
    progress: Report | None = None,
    shard: tuple[int, int] | None = None,
    standing: Standing | None = None,
) -> str:
    """Finish the sweep in ``folder``, from what stands there alone; arguments as `run_sweep`.

    Raises
    ------
    StoreError
        Also when model, machine or a world are not those that the sweep began with.
    """
    standing = standing or Standing()
    contents, manifest = on_disk.read(folder)
    check_worlds(contents.points, standing.worlds)
    remarks = on_disk.require_same_model(folder, manifest, ydsim_version())
    if nothing_to_do(folder, contents):
        return ""
    with _locked(folder, shard):
        call = _Call(folder, conduct, progress, standing, shard)
        with call.alone():
            call.clean()
            contents, manifest = on_disk.read(folder)
            call.earlier = _earlier(manifest)
        call.say(remarks)
        return call.go(contents)


def nothing_to_do(folder: Path, contents: Contents) -> bool:
    """Tell whether the folder holds all runs of ``contents``, sound; it is only read."""
    old, manifest = on_disk.read(folder)
    if not manifest["complete"]:
        return False
    on_disk.require_extension(folder, old, contents)
    on_disk.require_same_model(folder, manifest, ydsim_version())
    same = set(old.plan.runs) >= set(contents.plan.runs) and (
        old.about["replicates"] == contents.about["replicates"]
        and old.points.columns["hash"].tolist() == contents.points.columns["hash"].tolist()
    )
    store = Store(folder)
    return same and not store.problems(manifest["files"], old.plan.identities)


def state_of(receipts: Mapping[int, Mapping[str, Any]], parts: int, made: dict[str, Any]) -> State:
    """Return how far a sweep is."""
    whole = [receipt for receipt in receipts.values() if not receipt["failed"]]
    return State(len(whole) == parts, tables_of(receipts), notes_of(receipts), made)


def failures_of(
    receipts: Mapping[int, Mapping[str, Any]], contents: Contents
) -> list[dict[str, Any]]:
    """Return the entries of all failed runs, with their points and how to repeat them."""
    hashes = dict(zip(contents.plan.runs, contents.plan.hashes, strict=True))
    return [
        {
            "points": [int(contents.points.columns["point"][row]) for row in rows],
            **failure,
            "repro": f"in this folder: ydsim replay {failure['run']} --in .",
        }
        for receipt in receipts.values()
        for failure in receipt["failed"]
        for rows in (contents.points.rows.get(hashes[failure["run"]], []),)
    ]


class _Call:
    """One call on a folder that is locked."""

    def __init__(
        self,
        folder: Path,
        conduct: Conduct,
        report: Report | None,
        standing: Standing,
        shard: tuple[int, int] | None,
    ) -> None:
        self.folder = folder
        self.store = Store(folder)
        self.conduct = conduct
        self.report = report
        self.standing = standing
        self.shard = shard
        self.earlier: list[dict[str, Any]] = []
        for name in (WORK, KEPT):
            refuse_link(folder / name)
        self.started, self.clock = utc_now(), time.monotonic()

    def alone(self) -> AbstractContextManager[object]:
        """Keep other shards out for a moment; without shards nobody else is there."""
        return nullcontext() if self.shard is None else _waiting(self.folder)

    def clean(self) -> None:
        """Remove what killed processes left; not beside other shards, whose files look alike."""
        if self.shard is None:
            self.store.clean()
            shutil.rmtree(self.folder / WORK, ignore_errors=True)
        for name in (WORK, KEPT):
            with suppress(OSError):
                (self.folder / name).rmdir()

    def enter(self, new: Contents) -> Contents:
        """Write what is new about the sweep into the folder, and return what is in force."""
        if not (self.folder / NAME).exists():
            make_folder(self.folder / WORK)
            self._write(new, {})
            return new
        self.clean()
        old, manifest = on_disk.read(self.folder)
        on_disk.require_extension(self.folder, old, new)
        self.say(on_disk.require_same_model(self.folder, manifest, ydsim_version()))
        self.earlier = _earlier(manifest)
        replicates = [r + 1 for r in map(new.plan.highest.get, new.points.rows) if r is not None]
        wanted = dict(zip(new.points.rows, replicates, strict=True))
        plan = extended(old.plan, wanted, new.points.costs, new.about["chunk"])
        same = (
            plan == old.plan
            and new.points.base == old.points.base
            and new.about == old.about
            and all(
                new.points.columns[name].tolist() == column.tolist()
                for name, column in old.points.columns.items()
            )
        )
        if same:
            return old
        contents = replace(new, plan=plan, generation=old.generation + 1)
        self._write(contents, self._receipts(contents))
        return contents

    def go(self, contents: Contents) -> str:
        """Compute what is missing, round by round, and say why it ended early, if it did."""
        while True:
            ended = self._fill(contents)
            self.say([ended] if ended else [])
            wanted = {} if ended or self.shard else self._more(contents)
            if not wanted:
                return ended
            plan = extended(contents.plan, wanted, contents.points.costs, contents.about["chunk"])
            contents = replace(contents, plan=plan, generation=contents.generation + 1)
            self._write(contents, self._receipts(contents))

    def say(self, messages: Iterable[str]) -> None:
        """Report remarks."""
        for message in messages:
            if self.report is not None:
                self.report(Progress(0, 1, 0, message=message))

    def _fill(self, contents: Contents) -> str:
        """Compute the parts of this call that are not finished."""
        plan = contents.plan
        mine = [n for n in plan.identities if self.shard is None or _is_mine(n, self.shard)]
        found = {n: furthest(self.folder, n, plan.identities[n]) for n in mine}
        receipts = {n: there[1] for n, there in found.items() if there is not None}
        whole = {
            n
            for n, there in found.items()
            if there is not None and there[0].folder == self.folder and not there[1]["failed"]
        }
        todo = [n for n in mine if n not in whole]
        drive = Drive(
            self.folder,
            plan,
            contents.points.costs,
            lambda number, given_up, stop: replace(
                make_task(self.folder, contents, number, self.standing),
                given_up=given_up,
                stop=stop,
                timeout=self.conduct.timeout,
            ),
            self.conduct,
            self.report,
        )
        try:
            drive.work(mine, todo, receipts)
        finally:
            self._drop_kept(plan, mine)
            with self.alone():
                self._finish(contents)
        return drive.ended

    def _drop_kept(self, plan: Plan, mine: Iterable[int]) -> None:
        """Remove what was kept aside of parts that are whole, if a killed worker left any."""
        for number in mine if (self.folder / KEPT).exists() else ():
            kept = kept_path(self.folder, number)
            whole = kept.exists() and self.store.finished(number, plan.identities[number])
            if whole and not whole["failed"]:
                shutil.rmtree(kept, ignore_errors=True)

    def _finish(self, contents: Contents) -> None:
        """Write failures and manifest as the parts that are there have it."""
        receipts = self._receipts(contents)
        self.store.write_failures(failures_of(receipts, contents))
        self._write(contents, receipts)
        self.clean()

    def _more(self, contents: Contents) -> dict[str, int]:
        """Return how many replicates each point needs now, by the rule of the sweep."""
        rule = contents.about["replicates"]
        if not isinstance(rule, dict):
            return {}
        receipts = self._receipts(contents)
        runs = self.store.read_table(receipts, RUNS)
        return more_replicates(ReplicateRule(**rule), contents.plan, runs)

    def _receipts(self, contents: Contents) -> dict[int, dict[str, Any]]:
        return self.store.receipts(contents.plan.identities)

    def _write(self, contents: Contents, receipts: Mapping[int, dict[str, Any]]) -> None:
        seconds = time.monotonic() - self.clock
        made = on_disk.made(self.started, seconds, self.earlier)
        world = load_world(self.standing.path(contents.points.base["world"]))
        official = official_rows(world, self.standing.known_indicators(), REGION)
        on_disk.write(
            self.store, contents, official, state_of(receipts, len(contents.plan.bounds), made)
        )


def _earlier(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    made = dict(manifest["made"])
    return [*made.pop("earlier", []), made]


def _is_mine(number: int, shard: tuple[int, int]) -> bool:
    i, n = shard
    return number % n == i - 1


@contextmanager
def _locked(folder: Path, shard: tuple[int, int] | None) -> Iterator[None]:
    """Hold the folder alone, or as one of several shards."""
    if shard is None:
        with FolderLock(folder):
            yield
        return
    i, n = shard
    with FolderLock(folder, shared=True), FolderLock(folder, name=f"{LOCK}-{i}-of-{n}"):
        yield


@contextmanager
def _waiting(folder: Path) -> Iterator[None]:
    """Hold the lock for setting up, waiting for others that do."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            with FolderLock(folder, name=f"{LOCK}-setup"):
                yield
                return
        except StoreError:
            if time.monotonic() > until:
                raise
        time.sleep(0.05)
