"""A sweep from its first point to its last: its folder, its lock, its end, its continuation."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtrit

from ydsim.design.sweep import ReplicateRule
from ydsim.errors import UsageError
from ydsim.run.progress import Stopped, reporting
from ydsim.run.replicate import RunContext, make_task
from ydsim.run.scheduler import RunOptions, Scheduler
from ydsim.store import contents as on_disk
from ydsim.store.contents import Contents
from ydsim.store.files import LOCK, SETUP, FolderLock, make_folder, refuse_link, share_lock
from ydsim.store.layout import (
    KEPT,
    RUNS,
    WORK,
    Store,
    kept_path,
    latest,
    require_free_or_ours,
    set_aside,
)
from ydsim.store.manifest import NAME, RUN, SWEEP, cards, read_manifest, ydsim_version
from ydsim.store.points import (
    EMPTY,
    Plan,
    check_worlds,
    extended,
    refuse_outside_code,
    run_id,
    tabulate,
)
from ydsim.translation import gettext as _t
from ydsim.typing import Columns, Floats
from ydsim.world.base_run import fitted_data
from ydsim.world.loader import data_versions, load_world

if TYPE_CHECKING:
    from ydsim.design.sweep import Sweep


# -- replicates until the mean of an outcome is known well enough ----------------------------------

# After each batch the half-width of the confidence interval of the mean of a point with n
# finished replicates, sample standard deviation s and mean m is
#
# .. math:: h = t_{n-1,\,(1+\gamma)/2}\, s / \sqrt{n}
#
# and the point is finished when :math:`h \le w` (or :math:`h \le w\,|m|` for a relative width),
# or when n has reached the cap. Looking after every batch makes the true coverage a little
# smaller than :math:`\gamma`, the less so the larger the floor and the batch. The rule sees
# results only, so the same sweep asks for the same replicates however often it was interrupted.


def more_replicates(rule: ReplicateRule, plan: Plan, runs: Columns) -> dict[str, int]:
    """Return the number of replicates of each point by hash; empty when there are enough.

    ``runs`` is the table of finished runs. A point with a failed run, or without a value of the
    outcome, is left as it is.
    """
    if "run" not in runs or rule.outcome not in runs:
        return {}
    values = dict(zip(runs["run"].tolist(), runs[rule.outcome].tolist(), strict=True))
    wanted = {}
    asked = False
    for of, last in plan.highest.items():
        found = np.array([values.get(run_id(of, k), np.nan) for k in range(last + 1)])
        n = len(found)
        if (
            not np.isnan(found).any()
            and n < rule.most
            and half_width(found, rule) > target(found, rule)
        ):
            n, asked = min(n + rule.batch, rule.most), True
        wanted[of] = n
    return wanted if asked else {}


def half_width(values: Floats, rule: ReplicateRule) -> float:
    """Return half the width of the confidence interval of the mean; infinite for one value."""
    n = len(values)
    if n < 2:
        return float("inf")
    t = float(stdtrit(n - 1, 0.5 * (1.0 + rule.level)))
    return t * float(values.std(ddof=1)) / float(np.sqrt(n))


def target(values: Floats, rule: ReplicateRule) -> float:
    """Return the half-width that is small enough."""
    return rule.half_width * abs(float(values.mean())) if rule.relative else rule.half_width


# -- a call on the folder of a sweep ---------------------------------------------------------------

_PATIENCE_SECONDS = 60.0


class Session:
    """One call on a folder that is locked."""

    def __init__(self, folder: Path, run_options: RunOptions, context: RunContext) -> None:
        self.folder = folder
        self.run_options = run_options
        self.context = context
        self.store = Store(folder)
        self.earlier: list[dict[str, Any]] = []
        self._tried: set[int] = set()
        for name in (WORK, KEPT):
            refuse_link(folder / name)
        self.started, self.clock = on_disk.utc_now(), time.monotonic()

    def enter(self, new: Contents | None) -> Contents:
        """Write what is new about the sweep into the folder, and return what is in force.

        Without ``new`` the sweep goes on as the folder has it.
        """
        with self._alone():
            if new is not None and not (self.folder / NAME).exists():
                make_folder(self.folder / WORK)
                self._write(new, {})
                return new
            old, manifest = on_disk.read(self.folder)
            new = new or old
            on_disk.require_extension(self.folder, old, new)
            self.run_options.say(*on_disk.require_same_model(self.folder, manifest))
            self._clean(old)
            self.earlier = on_disk.earlier_of(manifest)
            plan = _extended(new, {of: k + 1 for of, k in new.plan.highest.items()}, old.plan)
            if plan == old.plan and on_disk.alike(old, new):
                return old
            contents = replace(new, plan=plan, generation=old.generation + 1)
            self._write(contents, self._receipts(contents))
            return contents

    def go(self, contents: Contents) -> None:
        """Compute what is missing, round by round.

        `Stopped` after a signal, also when it came too late to stop a run but before another round.
        """
        while True:
            drive = self._fill(contents)
            if drive.ended:
                self.run_options.say(drive.ended)
                return
            wanted = self._more(contents, self._receipts(contents))
            if not wanted:
                return
            if drive.signal:
                raise Stopped(drive.signal)
            plan = _extended(contents, wanted, contents.plan)
            contents = replace(contents, plan=plan, generation=contents.generation + 1)
            self._write(contents, self._receipts(contents))

    def _alone(self) -> AbstractContextManager[object]:
        """Keep other shards out for a moment; without shards nobody else is there."""
        if self.run_options.shard is None:
            return nullcontext()
        return FolderLock(self.folder, name=SETUP, patience=_PATIENCE_SECONDS)

    def _clean(self, contents: Contents) -> None:
        """Remove what killed processes left; not beside other shards, whose files look alike."""
        if self.run_options.shard is None:
            self.store.clean()
            self.store.drop_parts_but(contents.plan.bounds)
            shutil.rmtree(self.folder / WORK, ignore_errors=True)
        for name in (WORK, KEPT):
            with suppress(OSError):
                (self.folder / name).rmdir()

    def _fill(self, contents: Contents) -> Scheduler:
        """Compute the parts of this call that are not finished; a failed run is tried once."""
        plan, folder = contents.plan, self.folder
        share, shares = self.run_options.shard or (1, 1)
        mine = [n for n in plan.identities if n % shares == share - 1]
        receipts, todo = {}, []
        for n in mine:
            there = latest(folder, n, plan.identities[n])
            if there is None or not plan.fits(n, there[1]):
                todo.append(n)
                continue
            store, receipts[n] = there
            failed = receipts[n]["failed"] and n not in self._tried
            if store.folder != folder or receipts[n]["missing"] or failed:
                todo.append(n)
        self._tried.update(todo)
        task = partial(make_task, folder, contents, self.context)
        drive = Scheduler(folder, plan, contents.points.costs, task, self.run_options)
        try:
            drive.work(mine, todo, receipts)
        finally:
            self._drop_kept(plan, mine)
            with self._alone():
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
        self.store.write_failures(on_disk.failures_of(receipts, contents))
        self._write(contents, receipts)
        self._clean(contents)

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
        made = on_disk.made(self.started, time.monotonic() - self.clock, self.earlier)
        complete = (
            len(receipts) == len(contents.plan.bounds)
            and not any(receipt["failed"] for receipt in receipts.values())
            and not self._more(contents, receipts)
        )
        state = on_disk.state_of(receipts, made, complete=complete)
        on_disk.write(self.store, contents, official_of(contents, self.context), state)


def _extended(contents: Contents, wanted: Mapping[str, int], before: Plan) -> Plan:
    points = contents.points
    return extended(before, wanted, points.costs, contents.about["chunk"], points.family)


def official_of(contents: Contents, context: RunContext) -> Columns:
    """Return the table of official figures of a sweep."""
    world = load_world(context.path(contents.points.base["world"]))
    region = contents.about["regions"][-1]
    return on_disk.official_rows(world, context.known_indicators(), region)


# -- running a sweep from its first point to its last ----------------------------------------------


def prepare(sweep: Sweep, chunk: int | None, context: RunContext) -> Contents:
    """Return what is to be run of a sweep whose points are checked.

    `ResourceError` when a point does not fit into the memory of this machine.
    """
    version, record = ydsim_version(), sweep.record.plain()
    table = tabulate(sweep, version=version, record=record)
    rule = sweep.replicates
    first = rule.least if isinstance(rule, ReplicateRule) else rule
    world = load_world(sweep.base.world)
    about = {
        "kind": RUN if sweep.kind == RUN else SWEEP,
        "name": sweep.name,
        "description": sweep.description,
        "version": version,
        "ydsim": version,
        "seed": sweep.base.seed,
        "spec": sweep.spec,
        "record": record,
        "random": sweep.random,
        "replicates": rule.model_dump() if isinstance(rule, ReplicateRule) else rule,
        "chunk": chunk,
        "until": world.until,
        "data": data_versions(table.worlds),
        "fitted": fitted_data(table.worlds),
        "regions": [*world.provinces, world.total],
        "indicators": cards(context.known_indicators()),
    }
    contents = Contents(json.loads(json.dumps(about)), table, EMPTY)  # as it will be read again
    return replace(contents, plan=_extended(contents, dict.fromkeys(table.rows, first), EMPTY))


def run_sweep(
    sweep: Sweep,
    folder: Path,
    run_options: RunOptions,
    context: RunContext,
    *,
    force: bool = False,
    chunk: int | None = None,
) -> None:
    """Run what ``folder`` lacks of a sweep; runs that are there stay as they are.

    ``force`` renames a folder that is there to ``<name>.bak-N`` instead of refusing another sweep;
    ``chunk`` is the number of runs a part, instead of the estimate. `ResultsError` when the folder
    holds something else, or another process writes to it. `ResourceError` when the system refuses
    to write, or the engine is gone. `Stopped` after SIGINT, SIGTERM or SIGHUP; finished runs are
    kept.
    """
    require_free_or_ours(folder)
    present = (folder / NAME).exists()
    if present and not force:
        read_manifest(folder)
    contents = prepare(sweep, chunk, context)
    if present and not force:
        on_disk.mend(folder, contents)
    refuse_share_of_rule(contents, run_options)
    if force and run_options.shard is not None:
        message = _t("--force sets aside what other shards wrote; remove the folder first")
        raise UsageError(message)
    if present and not force and nothing_to_do(folder, contents):
        return
    make_folder(folder, parents=True)
    if present and force:
        with FolderLock(folder) as lock:
            lock.path = set_aside(folder) / LOCK
        make_folder(folder)
    _go_on(folder, contents, run_options, context.with_worlds(contents.points.paths))


def resume_sweep(folder: Path, run_options: RunOptions, context: RunContext) -> None:
    """Finish the sweep in ``folder``, from what is in it alone; arguments as `run_sweep`.

    `ResultsError` also when model, machine or a world are not those that the sweep began with.
    """
    contents, manifest = on_disk.read(folder)
    if not context.allow_code:
        refuse_outside_code(contents.points, str(folder))
    check_worlds(contents.points, context.worlds)
    on_disk.require_same_model(folder, manifest)
    refuse_share_of_rule(contents, run_options)
    if not nothing_to_do(folder, contents):
        _go_on(folder, None, run_options, context)


def _go_on(
    folder: Path, contents: Contents | None, run_options: RunOptions, context: RunContext
) -> None:
    shard = run_options.shard
    lock = FolderLock(folder, name=LOCK if shard is None else share_lock(*shard))
    with lock, reporting(run_options.progress) as progress:
        session = Session(folder, replace(run_options, progress=progress), context)
        session.go(session.enter(contents))


def nothing_to_do(folder: Path, contents: Contents) -> bool:
    """Tell whether the folder holds all runs of ``contents``, sound; it is only read."""
    old, manifest = on_disk.read(folder)
    if not manifest["complete"]:
        return False
    on_disk.require_extension(folder, old, contents)
    on_disk.require_same_model(folder, manifest)
    if not (set(old.plan.runs) >= set(contents.plan.runs) and on_disk.alike(old, contents)):
        return False
    return not Store(folder).problems(manifest["files"], old.plan.identities)


def refuse_share_of_rule(contents: Contents, run_options: RunOptions) -> None:
    """Refuse shares of a sweep whose replicates depend on all results.

    `UsageError` when there is a rule and a shard.
    """
    if run_options.shard is not None and isinstance(contents.about["replicates"], dict):
        message = _t(
            "a rule for replicates looks at all results, a shard sees only its own; give a number "
            "of replicates"
        )
        raise UsageError(message)
