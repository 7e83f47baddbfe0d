"""A call on the folder of a sweep: what is set up, computed and written under its lock."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ydsim.design.sweep import ReplicateRule
from ydsim.run.progress import Progress, Report
from ydsim.run.scheduler import RunOptions, Scheduler
from ydsim.run.signals import Stopped
from ydsim.run.stopping_rule import more_replicates
from ydsim.run.tasks import Injected, make_task
from ydsim.store import contents as on_disk
from ydsim.store.contents import (
    Contents,
    alike,
    failures_of,
    official_rows,
    require_extension,
    require_same_fits,
    require_same_model,
    utc_now,
)
from ydsim.store.files import make_folder, refuse_link
from ydsim.store.layout import KEPT, RUNS, WORK, Store, kept_path, latest
from ydsim.store.lock import LOCK, SETUP, FolderLock, share_lock
from ydsim.store.manifest import NAME, ydsim_version
from ydsim.store.points import Plan, extended
from ydsim.world.loader import load_world

_PATIENCE_SECONDS = 60.0


class Session:
    """One call on a folder that is locked."""

    def __init__(
        self,
        folder: Path,
        run_options: RunOptions,
        report: Report | None,
        injected: Injected,
        shard: tuple[int, int] | None,
    ) -> None:
        self.folder = folder
        self.store = Store(folder)
        self.run_options = run_options
        self.report = report
        self.injected = injected
        self.shard = shard
        self.earlier: list[dict[str, Any]] = []
        self._tried: set[int] = set()
        for name in (WORK, KEPT):
            refuse_link(folder / name)
        self.started, self.clock = utc_now(), time.monotonic()

    def alone(self) -> AbstractContextManager[object]:
        """Keep other shards out for a moment; without shards nobody else is there."""
        if self.shard is None:
            return nullcontext()
        return FolderLock(self.folder, name=SETUP, patience=_PATIENCE_SECONDS)

    def clean(self, contents: Contents) -> None:
        """Remove what killed processes left; not beside other shards, whose files look alike."""
        if self.shard is None:
            self.store.clean()
            self.store.drop_parts_but(contents.plan.bounds)
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
        old, manifest = on_disk.read(self.folder)
        require_extension(self.folder, old, new)
        self.say(require_same_model(self.folder, manifest, ydsim_version()))
        require_same_fits(self.folder, manifest)
        self.clean(old)
        self.earlier = on_disk.earlier_of(manifest)
        wanted = {of: k + 1 for of, k in new.plan.highest.items()}
        plan = extended(old.plan, wanted, new.points.costs, new.points.twins, new.about["chunk"])
        if plan == old.plan and alike(old, new):
            return old
        contents = replace(new, plan=plan, generation=old.generation + 1)
        self._write(contents, self._receipts(contents))
        return contents

    def take_up(self) -> tuple[Contents, list[str]]:
        """Return what is in force in the folder, to go on with it as it is, and remarks."""
        contents, manifest = on_disk.read(self.folder)
        remarks = require_same_model(self.folder, manifest, ydsim_version())
        require_same_fits(self.folder, manifest)
        self.clean(contents)
        self.earlier = on_disk.earlier_of(manifest)
        return contents, remarks

    def go(self, contents: Contents) -> None:
        """Compute what is missing, round by round.

        Raises
        ------
        Stopped
            After a signal, also when it came too late to stop a run but before another round.
        """
        while True:
            drive = self._fill(contents)
            self.say([drive.ended] if drive.ended else [])
            wanted = {} if drive.ended else self._more(contents, self._receipts(contents))
            if not wanted:
                return
            if drive.signal:
                raise Stopped(drive.signal)
            points, chunk = contents.points, contents.about["chunk"]
            plan = extended(contents.plan, wanted, points.costs, points.twins, chunk)
            contents = replace(contents, plan=plan, generation=contents.generation + 1)
            self._write(contents, self._receipts(contents))

    def say(self, messages: Iterable[str]) -> None:
        """Report remarks."""
        for message in messages:
            if self.report is not None:
                self.report(Progress(0, 1, 0, message=message))

    def _fill(self, contents: Contents) -> Scheduler:
        """Compute the parts of this call that are not finished; a failed run is tried once."""
        plan = contents.plan
        mine = [n for n in plan.identities if self.shard is None or _is_mine(n, self.shard)]
        kept = ((n, latest(self.folder, n, plan.identities[n])) for n in mine)
        found = {n: there for n, there in kept if there and plan.fits(n, there[1])}
        receipts = {n: receipt for n, (_, receipt) in found.items()}
        whole = {
            n
            for n, (store, receipt) in found.items()
            if store.folder == self.folder
            and not receipt["missing"]
            and (not receipt["failed"] or n in self._tried)
        }
        todo = [n for n in mine if n not in whole]
        self._tried.update(todo)
        drive = Scheduler(
            self.folder,
            plan,
            contents.points.costs,
            lambda number, given_up, stop: make_task(
                self.folder,
                contents,
                number,
                self.injected,
                given_up=given_up,
                stop=stop,
                timeout=self.run_options.timeout,
            ),
            self.run_options,
            self.report,
        )
        try:
            drive.work(mine, todo, receipts)
        finally:
            self._drop_kept(plan, mine)
            with self.alone():
                self._finish(contents)
        return drive

    def _drop_kept(self, plan: Plan, mine: Iterable[int]) -> None:
        """Remove what was kept aside of parts that are whole, if a killed worker left any."""
        for number in mine if (self.folder / KEPT).exists() else ():
            kept = kept_path(self.folder, number)
            whole = kept.exists() and self.store.finished(number, plan.identities[number])
            if whole and not whole["failed"]:
                shutil.rmtree(kept, ignore_errors=True)

    def _finish(self, contents: Contents) -> None:
        """Write failures and manifest as the parts that are there have it."""
        now, _ = on_disk.read(self.folder)
        if now.generation > contents.generation:  # another share has extended the sweep meanwhile
            contents = now
        receipts = self._receipts(contents)
        self.store.write_failures(failures_of(receipts, contents))
        self._write(contents, receipts)
        self.clean(contents)

    def _more(
        self, contents: Contents, receipts: Mapping[int, Mapping[str, Any]]
    ) -> dict[str, int]:
        """Return how many replicates each point needs now, by the rule of the sweep."""
        rule = contents.about["replicates"]
        if not isinstance(rule, dict):
            return {}
        runs = self.store.read_table(receipts, RUNS)
        return more_replicates(ReplicateRule(**rule), contents.plan, runs)

    def _receipts(self, contents: Contents) -> dict[int, dict[str, Any]]:
        plan = contents.plan
        return {
            number: receipt
            for number, receipt in self.store.readable(plan.identities).items()
            if not receipt["missing"] and plan.fits(number, receipt)
        }

    def _write(self, contents: Contents, receipts: Mapping[int, dict[str, Any]]) -> None:
        seconds = time.monotonic() - self.clock
        made = on_disk.made(self.started, seconds, self.earlier)
        world = load_world(self.injected.path(contents.points.base["world"]))
        official = official_rows(
            world, self.injected.known_indicators(), contents.about["regions"][-1]
        )
        whole = len(receipts) == len(contents.plan.bounds)
        complete = (
            whole
            and not any(receipt["failed"] for receipt in receipts.values())
            and not self._more(contents, receipts)
        )
        state = on_disk.state_of(receipts, made, complete=complete)
        on_disk.write(self.store, contents, official, state)


def _is_mine(number: int, shard: tuple[int, int]) -> bool:
    i, n = shard
    return number % n == i - 1


def locked(folder: Path, shard: tuple[int, int] | None) -> FolderLock:
    """Return the right to the folder alone, or to one of several shards of it."""
    return FolderLock(folder, name=LOCK if shard is None else share_lock(*shard))
