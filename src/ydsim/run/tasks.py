"""The task of a part, complete in itself, and how it comes from the contents of a sweep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim.design.sweep import Recorded
from ydsim.run.replicate import MakeModel, Measure
from ydsim.store.layout import Identity
from ydsim.store.manifest import RUN

if TYPE_CHECKING:
    from ydsim.record.indicators import Indicator
    from ydsim.store.contents import Contents


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
        The results folder, absolute; empty where everything stays in memory.
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
    allow_code
        Policies that no installed package offers may be imported.
    make_model
        Stand-in for `ydsim.Model`.
    single
        The part holds one run of a call about a single scenario: it stops after a quarter, and
        what the user must know ends the call instead of counting as a failure.
    measure
        What is taken of each run instead of its tables.
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
    allow_code: bool = False
    make_model: MakeModel | None = None
    single: bool = False
    measure: Measure | None = None


@dataclass(frozen=True)
class Injected:
    """What a caller says beside the folder of a sweep: where worlds are and what may be imported.

    Attributes
    ----------
    worlds
        Path of each of your own worlds by name.
    make_model, indicators
        Stand-ins, in tests, for `ydsim.Model` and the list of indicators.
    allow_code
        Policies that no installed package offers may be imported; as for `ydsim.load_scenario`.
    """

    worlds: Mapping[str, str] = field(default_factory=dict)
    make_model: MakeModel | None = None
    indicators: Mapping[str, Indicator] | None = None
    allow_code: bool = False

    def path(self, world: str) -> str:
        """Return where a world is: its name says it, unless it is known better."""
        return self.worlds.get(world, world)

    def with_worlds(self, paths: Mapping[str, str]) -> Injected:
        """Return the same that also knows these paths, unless it knows better."""
        return replace(self, worlds={**paths, **self.worlds})

    def known_indicators(self) -> Mapping[str, Indicator]:
        """Return the indicators in use."""
        if self.indicators is not None:
            return self.indicators
        from ydsim.record.indicators import INDICATORS

        return INDICATORS


def make_task(
    folder: Path | None, contents: Contents, number: int, injected: Injected, **options: Any
) -> PartTask:
    """Return the task of a part; ``options`` are fields of it."""
    plan, points = contents.plan, contents.points
    rows = plan.bounds[number]
    runs = tuple(map(RunTask, plan.runs[rows], plan.hashes[rows], plan.replicates[rows]))
    scenarios = {of: points.scenario(of) for of in dict.fromkeys(plan.hashes[rows])}
    names = dict.fromkeys(scenario["world"] for scenario in scenarios.values())
    return PartTask(
        folder="" if folder is None else str(folder.absolute()),
        number=number,
        identity=plan.identities[number],
        version=contents.about["version"],
        runs=runs,
        scenarios={of: json.dumps(scenario) for of, scenario in scenarios.items()},
        worlds={name: (injected.path(name), points.worlds[name]) for name in names},
        record=Recorded.of(contents.about["record"]),
        indicators=contents.about["indicators"],
        allow_code=injected.allow_code,
        make_model=injected.make_model,
        single=contents.kind == RUN,
        **options,
    )
