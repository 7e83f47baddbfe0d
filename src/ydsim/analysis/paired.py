"""Runs in pairs: one seed and replicate under several settings; nothing of them is stored.

How the settings differ is in `ydsim.measures.effects`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

import ydsim
from ydsim.agents.state import CHANNELS
from ydsim.engines.choice import engine_of
from ydsim.model import Model
from ydsim.run.measure import Measured, measure_runs
from ydsim.run.progress import show_progress
from ydsim.scenario.load import load_scenario, scenario_hash
from ydsim.scenario.schema.scenario import Scenario
from ydsim.typing import Floats
from ydsim.world.loader import load_world

LEAN = {f"record.{name}": False for name in ("adoption_events", "cities", "ties", "agents")}
"""What no analysis of pairs reads."""

Found = dict[str, float]


@dataclass(frozen=True)
class Job:
    """One run.

    Attributes
    ----------
    setting
        Label of the setting.
    scenario
        Name of the scenario, or the resolved scenario itself.
    changes
        Values by dotted key laid over the one that is named.
    replicate
        Number of the replicate.
    cost
        Time it takes relative to others, for estimates of the time left.
    since
        Quarter from which on `Sums` count.
    allow_code
        As for `ydsim.load_scenario`.
    """

    setting: str
    scenario: str | Scenario
    changes: tuple[tuple[str, object], ...]
    replicate: int
    cost: float = 1.0
    since: int = 0
    allow_code: bool = False


@dataclass
class Sums:
    """What is counted in the recorded quarters from the job's ``since`` on, added up.

    Attributes
    ----------
    contracts
        (P + 1, P + 1) by name, seller and buyer; the rest of the nation last.
    funnel
        (5, 3, 2) by name: stage, kind of the first owner, with or without partner.
    adoptions
        Adoptions at scale 1 by channel.
    links
        (2, C + 1, C + 1) by channel, realised and expected; the rest of the nation last.
    """

    contracts: dict[str, Floats] = field(default_factory=dict)
    funnel: dict[str, Floats] = field(default_factory=dict)
    adoptions: Floats = field(default_factory=lambda: np.zeros(len(CHANNELS)))
    links: dict[str, Floats] = field(default_factory=dict)

    def add(self, model: Model) -> None:
        """Add the quarter that the model has just lived."""
        tally = model.state.tally
        for sums, quarter in (
            (self.contracts, tally.contracts),
            (self.funnel, tally.funnel),
            (self.links, tally.links),
        ):
            for name, values in quarter.items():
                sums[name] = sums.get(name, 0.0) + values
        channel = model.state.adoptions.channel
        number = np.bincount(channel, minlength=len(CHANNELS))
        self.adoptions = self.adoptions + number / model.settings.scale


Measure = Callable[[Model, Sums], Found]
"""What to take from a finished run; a function of a module, so that processes can share it."""


@dataclass
class _Counting:
    """Adds up a run and measures it when it is finished."""

    measure: Measure
    since: int
    sums: Sums = field(default_factory=Sums)

    def after_quarter(self, model: Model) -> None:
        if model.state.quarter > self.since:
            self.sums.add(model)

    def found(self, model: Model) -> Found:
        return self.measure(model, self.sums)


def options_of(
    doc: str | None, *, scale: float | None, end: int, replicates: int
) -> argparse.ArgumentParser:
    """Return the parser of what all commands on pairs take, with their defaults.

    Parameters
    ----------
    doc
        Docstring of the command's module, whose first line says what it does.
    scale
        None for a command that has scales of its own.
    """
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    if scale is not None:
        parser.add_argument("--scale", type=float, default=scale)
    parser.add_argument("--end", type=int, default=end)
    parser.add_argument("--replicates", type=_at_least_two, default=replicates)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="file of results, to go on from after a break")
    return parser


def _at_least_two(text: str) -> int:
    number = int(text)
    if number < 2:
        raise argparse.ArgumentTypeError("an interval needs two replicates")
    return number


def _by_name(measure: Measure) -> Measure:
    """Return ``measure`` as other processes can import it, where its module was run by ``-m``."""
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if measure.__module__ != "__main__" or spec is None:
        return measure
    named: Measure = getattr(import_module(spec.name), measure.__qualname__)
    return named


def run_jobs(
    measure: Measure,
    jobs: Sequence[Job],
    *,
    workers: int = 1,
    keep: Path | None = None,
    quiet: bool = False,
) -> list[Found]:
    """Run all jobs and return what they find, in the order of ``jobs``.

    Parameters
    ----------
    measure, jobs
        What to run and what to take from it.
    workers
        Processes; with one everything happens in this one.
    keep
        File to which each result is added as soon as it is there, and from which those of the
        same version are taken, so that a broken analysis goes on where it stopped.
    quiet
        Show no progress.
    """
    measure = _by_name(measure)
    kept = _Kept(keep, measure)
    found = {
        at: kept.results[n] for at, job in enumerate(jobs) if (n := _name(job)) in kept.results
    }
    todo = [at for at in range(len(jobs)) if at not in found]
    if not todo:
        return [found[at] for at in range(len(jobs))]
    scenarios: dict[str, Scenario] = {}

    def measured(job: Job) -> Measured:
        key = json.dumps([_scenario_name(job), sorted(job.changes)])
        if key not in scenarios:
            scenarios[key] = resolved(job.scenario, dict(job.changes), allow_code=job.allow_code)
        count = partial(_Counting, measure, job.since)
        return Measured(scenarios[key], job.replicate, count, job.cost)

    def take(at: int, result: Found) -> None:
        found[todo[at]] = result
        kept.add(jobs[todo[at]], result)

    with show_progress(quiet=quiet) as progress:
        runs = [measured(jobs[at]) for at in todo]
        measure_runs(runs, engine_of(None, workers), take=take, report=progress.report)
    return [found[at] for at in range(len(jobs))]


def resolved(
    scenario: str | Scenario, changes: Mapping[str, object], *, allow_code: bool = False
) -> Scenario:
    """Return a scenario that records what an analysis of pairs reads."""
    if isinstance(scenario, str):
        return load_scenario(scenario, {**LEAN, **changes}, allow_code=allow_code)
    return scenario


def _scenario_name(job: Job) -> str:
    return job.scenario if isinstance(job.scenario, str) else scenario_hash(job.scenario)


def _name(job: Job) -> str:
    changes = sorted(job.changes)
    return json.dumps([job.setting, _scenario_name(job), changes, job.replicate, job.since])


class _Kept:
    """Results in a file, one line of JSON each."""

    def __init__(self, path: Path | None, measure: Measure) -> None:
        self._path = path
        source = Path(str(sys.modules[measure.__module__].__file__)).read_bytes()
        of = f"{measure.__qualname__} {hashlib.sha256(source).hexdigest()[:12]}"
        self._of = f"{of} {code_digest()}"
        self.results: dict[str, Found] = {}
        for line in path.read_text("utf-8").splitlines() if path and path.exists() else ():
            try:
                of, name, result = json.loads(line)
            except ValueError:
                continue  # the end of a broken run
            if of == self._of:
                self.results[name] = result

    def add(self, job: Job, result: Found) -> None:
        if self._path is None:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write("\n" + json.dumps([self._of, _name(job), result]))


def by_setting(jobs: Sequence[Job], found: Sequence[Found]) -> dict[str, dict[str, Floats]]:
    """Return values over replicates by setting and variable."""
    settings: dict[str, list[Found]] = {}
    for job, result in zip(jobs, found, strict=True):
        settings.setdefault(job.setting, []).append(result)
    return {
        setting: {name: np.array([r[name] for r in results]) for name in results[0]}
        for setting, results in settings.items()
    }


def code_digest() -> str:
    """Return a hash of the source code and of the base run, as far as results depend on them."""
    root = Path(ydsim.__file__).parent
    apart = ("analysis", "cli", "engines", "pages", "plots", "results", "run", "store")
    digest = hashlib.sha256()
    for path in sorted([*root.rglob("*.py"), *root.rglob("base_run.json")]):
        name = path.relative_to(root).as_posix()
        if name.split("/")[0] not in apart:
            digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def version_line(
    scenario: str | Scenario,
    changes: Mapping[str, object] | None = None,
    *,
    allow_code: bool = False,
) -> str:
    """Return what was run, for the head of a page."""
    found = resolved(scenario, changes or {}, allow_code=allow_code)
    world, made = load_world(found.world).digest[:12], scenario_hash(found)[:12]
    code = code_digest()
    return f"Version: ydsim {ydsim.__version__}, code {code}, world {world}, scenario {made}."


def figure(value: float) -> str:
    """Return a mean as text: whole from a thousand on, else with five digits."""
    return f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.5g}"
