"""Running an experiment of one point: all replicates in order, each kept as soon as it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim.errors import PolicyError
from ydsim.results.results import Results, open_run, results_in_memory
from ydsim.run import replicate as single
from ydsim.run.progress import span
from ydsim.run.replicate import MakeModel, Outcome, ReplicateFailedError, run_replicate
from ydsim.run.signals import StopSignals
from ydsim.run.workers import ReplicateTask, settle
from ydsim.scenario.check.check_world import refuse_unknown
from ydsim.scenario.check.memory import refuse_too_large
from ydsim.store.columns import normalise
from ydsim.store.files import make_folder, sha256
from ydsim.store.host import host_facts, moved, utc_now, versions
from ydsim.store.layout import (
    DESIGN,
    OFFICIAL,
    RUNS,
    Store,
    find_folder,
    fixed_parts,
    notes_of,
    open_store,
    replicate_parts,
    require_free_or_ours,
    set_aside,
    tables_of,
)
from ydsim.store.lock import LOCK, FolderLock
from ydsim.store.manifest import (
    INSTEAD,
    NAME,
    Plan,
    make_plan,
    manifest_of,
    read_manifest,
    refuse_other,
)
from ydsim.typing import Table

if TYPE_CHECKING:
    from ydsim.engines.protocol import Engine
    from ydsim.record.indicators import Indicator
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.world.world import World


@dataclass(frozen=True)
class Progress:
    """How far an experiment is.

    Attributes
    ----------
    done, total
        Quarters over all replicates, finished ones of an earlier run included.
    earlier
        Quarters of these that an earlier run had done.
    replicate, replicates
        The replicate at work and how many there are.
    failed
        Replicates that failed so far.
    message
        A line for the user, or empty.
    unit
        What is counted.
    """

    done: int
    total: int
    earlier: int
    replicate: int
    replicates: int
    failed: int
    message: str = ""
    unit: str = "quarters"

    def describe(self, seconds: float) -> str:
        """Return how far it is, at which rate, and the time left, after ``seconds`` of work."""
        rate = (self.done - self.earlier) / seconds if seconds > 0.0 else 0.0
        text = f"replicate {self.replicate + 1}/{self.replicates}, quarter {self.done}/{self.total}"
        if rate > 0.0:
            text += f", {rate:.3g} quarters/s, {span((self.total - self.done) / rate)} left"
        return text + (f", {self.failed} failed" if self.failed else "")


Report = Callable[[Progress], None]


def run_experiment(
    scenario: Scenario,
    out: Path | None,
    *,
    force: bool = False,
    progress: Report | None = None,
    make_model: MakeModel | None = None,
    world: World | None = None,
    indicators: Mapping[str, Indicator] | None = None,
    engine: Engine | None = None,
) -> Results:
    """Run all replicates of a scenario, in this process and in order unless there is an engine.

    Each replicate is written when it is done; one that is there already and sound is kept, so
    that an interrupted experiment goes on where it stopped and gives the same bytes.

    Parameters
    ----------
    out
        The results folder; None keeps everything in memory and writes nothing.
    force
        Rename a folder that is already there to ``<name>.bak-N`` instead of refusing.
    progress
        Called after every quarter.
    make_model, world, indicators
        Stand-ins for `ydsim.Model`, the scenario's world, and the list of indicators.
    engine
        Where replicates are computed when there is a folder to write into.

    Returns
    -------
    Results
        Its ``failures`` lists replicates that raised; the others are complete.

    Raises
    ------
    ResultsError
        When the folder holds something else, or another process writes to it.
    ScenarioError
        When a policy names something that the world does not have.
    ResourceError
        When the system refuses to write.
    Stopped
        After SIGINT, SIGTERM or SIGHUP; finished replicates are kept.
    """
    if world is None:
        from ydsim.world.loader import load_world

        world = load_world(scenario.world)
    refuse_unknown(scenario, world)
    refuse_too_large(scenario, world)
    if indicators is None:
        from ydsim.record.indicators import INDICATORS

        indicators = INDICATORS
    run = _Run(
        scenario, world, make_plan(scenario, world, indicators), progress, make_model, engine
    )
    results = run.in_memory() if out is None else run.in_folder(out, force=force)
    results.made_from(scenario)
    return results


def replay(path: str | Path, replicate: int, *, allow_code: bool = False) -> Results:
    """Run one replicate of a results folder again, in memory; an error comes with its traceback.

    Parameters
    ----------
    path
        The results folder; it is only read.
    allow_code
        As for `ydsim.load_scenario`: whoever made the folder then decides what is run.
    """
    scenario = open_run(*open_store(find_folder(path)), allow_code=allow_code).scenario
    from ydsim.world.loader import load_world

    world = load_world(scenario.world)
    from ydsim.record.indicators import INDICATORS

    run = _Run(scenario, world, make_plan(scenario, world, INDICATORS), None, None)
    results = run.in_memory(replicates=(replicate,))
    results.made_from(scenario)
    return results


def _repro(replicate: int) -> str:
    code = f"from ydsim.run.experiment import replay; replay('.', {replicate})"
    return "in this folder: python -c " + json.dumps(code)


class _Run:
    """One call of `run_experiment`: what is at work, and how far it is."""

    def __init__(
        self,
        scenario: Scenario,
        world: World,
        plan: Plan,
        progress: Report | None,
        make_model: MakeModel | None,
        engine: Engine | None = None,
    ) -> None:
        self.engine = engine
        self.scenario = scenario
        self.world = world
        self.plan = plan
        self.parts = replicate_parts(plan.run_hash, plan.replicates)
        self.make_model = make_model or single.default_model
        self.report = progress
        total = scenario.quarters * scenario.replicates
        self.now = Progress(0, total, 0, 0, scenario.replicates, 0)
        self.failures: list[dict[str, Any]] = []
        self.cause: BaseException | None = None
        self.started, self.clock = utc_now(), time.monotonic()

    def in_memory(self, replicates: tuple[int, ...] | None = None) -> Results:
        """Run and keep all in memory; when every replicate fails, raise the first error."""
        parts: dict[str, list[Table]] = {}
        notes: list[str] = []
        finished = []
        with StopSignals(self._say) as signals:
            for k in replicates if replicates is not None else range(self.scenario.replicates):
                outcome = self._one(k, signals.check)
                if outcome is not None:
                    finished.append(k)
                    notes += outcome.notes
                    for table, columns in outcome.tables.items():
                        parts.setdefault(table, []).append(columns)
        if not finished and self.cause is not None:
            if not isinstance(self.cause, Exception):  # would end the caller
                raise PolicyError(self.failures[0]["message"]) from self.cause
            raise self.cause
        manifest = manifest_of(
            self.plan,
            complete=not self.failures,
            tables=sorted(parts.keys() - {RUNS}),
            notes=list(dict.fromkeys(notes)),
            files={},
            made=self._made([]),
        )
        parts[OFFICIAL] = [self.plan.official]
        parts[DESIGN] = [normalise(self.plan.design)]
        return results_in_memory(manifest, parts, tuple(finished), tuple(self.failures))

    def in_folder(self, folder: Path, *, force: bool) -> Results:
        """Run what is missing in ``folder``."""
        require_free_or_ours(folder)
        present = (folder / NAME).exists()
        if present and not force:
            manifest = read_manifest(folder, hint=INSTEAD)
            refuse_other(folder, manifest, self.plan)
            if manifest["complete"] and not Store(folder).problems(manifest["files"], self.parts):
                return open_run(*open_store(folder))
        make_folder(folder, parents=True)
        if present and force:
            with FolderLock(folder) as lock:
                lock.path = set_aside(folder) / LOCK
            make_folder(folder)
        what = "the current quarter" if self.engine is None else "the replicates at work"
        with FolderLock(folder), StopSignals(self._say, what) as signals:
            self._fill(folder, signals)
        return open_run(*open_store(folder))

    def _fill(self, folder: Path, signals: StopSignals) -> None:
        """Write what is missing, under the lock of the folder."""
        store = Store(folder)
        store.clean()
        earlier = []
        if (folder / NAME).exists():
            before = read_manifest(folder)
            refuse_other(folder, before, self.plan)
            made = before["made"]
            earlier = [*made.pop("earlier", []), made]
            if changed := moved(made["versions"]):
                self._say(
                    "begun with other versions, last digits may differ: " + ", ".join(changed)
                )
        parts = fixed_parts(self.plan)
        files = {path: sha256(data) for path, data in parts.items()}
        self._write_manifest(store, files, {}, earlier)
        store.write_fixed(parts)
        found = {k: store.finished(k, identity) for k, identity in self.parts.items()}
        receipts = {k: receipt for k, receipt in found.items() if receipt is not None}
        done = self.scenario.quarters * len(receipts)
        self.now = replace(self.now, done=done, earlier=done)
        todo = [k for k in range(self.plan.replicates) if k not in receipts]
        fill = self._in_turn if self.engine is None else self._at_once
        for replicate, receipt in fill(store, todo, signals):
            if receipt is not None:
                receipts[replicate] = receipt
            else:
                store.write_failures(self.failures)
            if self.engine is None:
                signals.check()
        store.write_failures(self.failures)
        if len(receipts) + len(self.failures) < self.plan.replicates:
            signals.check()
        self._write_manifest(store, files, dict(sorted(receipts.items())), earlier)

    def _in_turn(
        self, store: Store, todo: list[int], signals: StopSignals
    ) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Yield each replicate with its receipt, None where it failed; all in this process."""
        for k in todo:
            outcome = self._one(k, signals.check)
            if outcome is None:
                yield k, None
            else:
                notes = {"notes": outcome.notes}
                yield k, store.write_part(k, self.parts[k], outcome.tables, notes)

    def _at_once(
        self, store: Store, todo: list[int], signals: StopSignals
    ) -> Iterator[tuple[int, dict[str, Any] | None]]:
        """Yield the same from the workers of an engine, in the order in which they are done."""
        assert self.engine is not None
        folder, digest = str(store.folder.absolute()), self.world.digest
        tasks = [
            ReplicateTask(folder, self.scenario, k, self.parts[k], digest, self.make_model)
            for k in todo
        ]
        for settled in settle(tasks, self.engine, lambda: bool(signals.name), self._say):
            if settled.failure is not None:
                self._failed(settled.failure)
            done = self.now.done + self.scenario.quarters
            self._tell(replace(self.now, done=done, replicate=settled.replicate))
            yield settled.replicate, settled.receipt

    def _one(self, replicate: int, check: Callable[[], None]) -> Outcome | None:
        """Run one replicate; None, and an entry in ``failures``, when it failed."""
        base = self.now.done

        def after_quarter(quarter: int) -> None:
            self._tell(replace(self.now, done=base + quarter, replicate=replicate))
            check()

        try:
            return run_replicate(
                self.scenario,
                replicate,
                world=self.world,
                make_model=self.make_model,
                after_quarter=after_quarter,
                keys={"point": 0, "replicate": replicate},
            )
        except ReplicateFailedError as failed:
            self.cause = self.cause or failed.__cause__
            self._failed(failed.entry)
            self.now = replace(self.now, done=base + self.scenario.quarters)
            return None

    def _failed(self, entry: dict[str, Any]) -> None:
        replicate = entry["replicate"]
        self.failures.append({"point": 0, **entry, "repro": _repro(replicate)})
        self.failures.sort(key=lambda failure: int(failure["replicate"]))
        self.now = replace(self.now, failed=len(self.failures))
        where = "" if entry["quarter"] is None else f" in quarter {entry['quarter']}"
        self._say(f"replicate {replicate} failed{where}: {entry['exception']}: {entry['message']}")

    def _tell(self, now: Progress) -> None:
        self.now = now
        if self.report is not None:
            self.report(now)

    def _say(self, message: str) -> None:
        if self.report is not None:
            self.report(replace(self.now, message=message))

    def _write_manifest(
        self,
        store: Store,
        files: dict[str, str],
        receipts: Mapping[int, Mapping[str, Any]],
        earlier: list[dict[str, Any]],
    ) -> None:
        store.write_manifest(
            manifest_of(
                self.plan,
                complete=len(receipts) == self.plan.replicates,
                tables=tables_of(receipts),
                notes=notes_of(receipts),
                files=files,
                made=self._made(earlier),
            )
        )

    def _made(self, earlier: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "started": self.started,
            "finished": utc_now(),
            "seconds": round(time.monotonic() - self.clock, 3),
            "host": host_facts(),
            "versions": versions(),
            "earlier": earlier,
        }
