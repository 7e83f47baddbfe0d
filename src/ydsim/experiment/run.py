"""Running an experiment of one point: all replicates in order, each kept as soon as it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim.errors import StoreError
from ydsim.experiment import replicate as single
from ydsim.experiment.columns import normalise
from ydsim.experiment.files import make_folder, sha256
from ydsim.experiment.host import host_facts, utc_now, versions
from ydsim.experiment.lock import LOCK, FolderLock
from ydsim.experiment.manifest import NAME, Plan, differences, make_plan, manifest_of, read_manifest
from ydsim.experiment.memory import refuse_too_large
from ydsim.experiment.progress import span
from ydsim.experiment.replicate import MakeModel, Outcome, ReplicateFailedError, run_replicate
from ydsim.experiment.results import (
    Results,
    find_folder,
    notes_of,
    open_run,
    results_in_memory,
    tables_of,
)
from ydsim.experiment.signals import StopSignals
from ydsim.experiment.store import (
    DESIGN,
    OFFICIAL,
    RUNS,
    Store,
    fixed_parts,
    open_store,
    replicate_parts,
    require_free_or_ours,
    set_aside,
)
from ydsim.scenario.surroundings import refuse_unknown
from ydsim.typing import Columns

if TYPE_CHECKING:
    from ydsim.record.indicators import Indicator
    from ydsim.scenario.override import Overrides
    from ydsim.scenario.schema import Scenario
    from ydsim.world.world import World

_SHOWN = 5


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
) -> Results:
    """Run all replicates of a scenario, in order, in this process.

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

    Returns
    -------
    Results
        Its ``failures`` lists replicates that raised; the others are complete.

    Raises
    ------
    StoreError
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
    run = _Run(scenario, world, make_plan(scenario, world, indicators), progress, make_model)
    return run.in_memory() if out is None else run.in_folder(out, force=force)


def simulate(
    name_or_path: str | Path,
    overrides: Overrides | None = None,
    *,
    seed: int | None = None,
    replicates: int | None = None,
    out: str | Path | None = None,
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
    """
    from ydsim.scenario.load import load_scenario

    scenario = load_scenario(name_or_path, with_options(overrides, seed, replicates))
    return run_experiment(scenario, None if out is None else Path(out))


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
    texts = [overrides] if isinstance(overrides, str) else list(overrides)
    return [*texts, *(f"{key}={value}" for key, value in given.items())]


def replay(path: str | Path, replicate: int) -> Results:
    """Run one replicate of a results folder again, in memory; an error comes with its traceback.

    Parameters
    ----------
    path
        The results folder; it is only read.
    """
    scenario = open_run(*open_store(find_folder(path))).scenario
    from ydsim.world.loader import load_world

    world = load_world(scenario.world)
    from ydsim.record.indicators import INDICATORS

    run = _Run(scenario, world, make_plan(scenario, world, INDICATORS), None, None)
    return run.in_memory(replicates=(replicate,))


def _repro(replicate: int) -> str:
    code = f"from ydsim.experiment.run import replay; replay('.', {replicate})"
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
    ) -> None:
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
        parts: dict[str, list[Columns]] = {}
        notes: list[str] = []
        finished = []
        for k in replicates if replicates is not None else range(self.scenario.replicates):
            outcome = self._one(k, lambda: None)
            if outcome is not None:
                finished.append(k)
                notes += outcome.notes
                for table, columns in outcome.tables.items():
                    parts.setdefault(table, []).append(columns)
        if not finished and self.cause is not None:
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
            manifest = read_manifest(folder)
            self._require_same(folder, manifest)
            if manifest["complete"] and not Store(folder).problems(manifest["files"], self.parts):
                return open_run(*open_store(folder))
        make_folder(folder, parents=True)
        if present and force:
            with FolderLock(folder) as lock:
                lock.path = set_aside(folder) / LOCK
            make_folder(folder)
        with FolderLock(folder), StopSignals(self._say) as signals:
            self._fill(folder, signals)
        return open_run(*open_store(folder))

    def _fill(self, folder: Path, signals: StopSignals) -> None:
        """Write what is missing, under the lock of the folder."""
        store = Store(folder)
        store.clean()
        earlier = []
        if (folder / NAME).exists():
            before = read_manifest(folder)
            self._require_same(folder, before)
            made = before["made"]
            earlier = [*made.pop("earlier", []), made]
            self._compare_versions(made["versions"])
        parts = fixed_parts(self.plan)
        files = {path: sha256(data) for path, data in parts.items()}
        self._write_manifest(store, files, {}, earlier)
        store.write_fixed(parts)
        found = {k: store.finished(k, identity) for k, identity in self.parts.items()}
        receipts = {k: receipt for k, receipt in found.items() if receipt is not None}
        done = self.scenario.quarters * len(receipts)
        self.now = replace(self.now, done=done, earlier=done)
        for k in range(self.plan.replicates):
            if k in receipts:
                continue
            outcome = self._one(k, signals.check)
            if outcome is not None:
                receipts[k] = store.write_part(
                    k, self.parts[k], outcome.tables, {"notes": outcome.notes}
                )
            else:
                store.write_failures(self.failures)
            signals.check()
        store.write_failures(self.failures)
        self._write_manifest(store, files, dict(sorted(receipts.items())), earlier)

    def _one(self, replicate: int, check: Callable[[], None]) -> Outcome | None:
        """Run one replicate; None, and an entry in ``failures``, when it failed."""
        base = self.now.done

        def after_quarter(quarter: int) -> None:
            self.now = replace(self.now, done=base + quarter, replicate=replicate)
            if self.report is not None:
                self.report(self.now)
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
            self.failures.append({"point": 0, **failed.entry, "repro": _repro(replicate)})
            self.cause = self.cause or failed.__cause__
            done = base + self.scenario.quarters
            self.now = replace(self.now, done=done, failed=len(self.failures))
            self._say(
                f"replicate {replicate} failed in quarter {failed.entry['quarter']}: "
                f"{failed.entry['exception']}: {failed.entry['message']}"
            )
            return None

    def _say(self, message: str) -> None:
        if self.report is not None:
            self.report(replace(self.now, message=message))

    def _compare_versions(self, before: Mapping[str, str]) -> None:
        now = versions()
        moved = [
            f"{name} {v} -> {now[name]}" for name, v in before.items() if now.get(name, v) != v
        ]
        if moved:
            self._say("begun with other versions, last digits may differ: " + ", ".join(moved))

    def _require_same(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        if manifest["hash"] == self.plan.hash:
            return
        changed = differences(manifest, self.plan)
        lines = [" ".join(line.split()) for line in changed[:_SHOWN]]
        more = len(changed) - len(lines)
        if more:
            lines.append(f"and {more} more")
        raise StoreError(
            f"{folder} holds another experiment; nothing was changed, use another folder with "
            "--out or rename the old one with --force: " + "; ".join(lines)
        )

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
