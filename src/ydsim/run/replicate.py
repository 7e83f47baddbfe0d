"""One run: its task, what it shares with others, its model stepped, its tables and its row."""

from __future__ import annotations

import json
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ydsim.design.sweep import Recorded
from ydsim.errors import PolicyError, ResourceError, ResultsError, YdsimError
from ydsim.memory import bytes_of_run, release
from ydsim.policies.base import Policy
from ydsim.record.run_warnings import NUMERIC, named
from ydsim.results.cube import Indicators, recorded, years_of
from ydsim.results.results import SERIES
from ydsim.run.progress import is_interrupt
from ydsim.store.layout import RUNS, Identity
from ydsim.store.manifest import RUN, check_table_name, stored_scenario
from ydsim.store.points import applied
from ydsim.store.tables import stored
from ydsim.translation import speak_english
from ydsim.typing import Columns, Table

if TYPE_CHECKING:
    from ydsim.record.indicators import Indicator
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.store.contents import Contents
    from ydsim.world.world import World

PACKAGE: Final = Path(__file__).parents[1]


# -- the task of a part ----------------------------------------------------------------------------


MakeModel = Callable[..., Any]
"""``make_model(scenario, *, replicate=replicate, world=world)`` returns a `ydsim.Model`, or what
has its ``notes``, ``step()`` and ``recorder.tables()``."""


def default_model(scenario: Scenario, *, replicate: int, world: World) -> Any:
    """Return the model itself."""
    from ydsim.model import Model

    return Model(scenario, replicate=replicate, world=world)


class ReplicateFailedError(Exception):
    """A replicate raised; ``entry`` is what ``failures.jsonl`` says of it."""

    def __init__(self, entry: dict[str, Any]) -> None:
        super().__init__(
            f"replicate {entry['replicate']}: {entry['exception']}: {entry['message']}"
        )
        self.entry = entry


Measure = Callable[[Any], Any]
"""What is taken of a finished model; importable, its result picklable."""


@dataclass(frozen=True)
class RunTask:
    """One run of a part."""

    run: str
    hash: str
    replicate: int


@dataclass(frozen=True)
class PartTask:
    """One part of a sweep, with everything a worker on any machine needs."""

    folder: str  # the results folder, absolute; empty where everything stays in memory
    number: int
    identity: Identity  # what its receipt says
    version: str  # of ydsim, which the worker must have
    runs: tuple[RunTask, ...]  # every run of the part, in the order of the plan
    base: Mapping[str, Any]  # the scenario of the sweep as plain data
    rows: Mapping[str, Mapping[str, Any]]  # by hash, what a point has otherwise, by dotted key
    worlds: Mapping[str, tuple[str, str]]  # by name: path (or name) and digest of the content
    record: Recorded  # what is kept of a run
    indicators: Mapping[str, Any]  # as in the manifest
    # Name of the file in `WORK` whose presence asks workers to end after the run at hand; empty for
    # none.
    stop: str = ""
    # Entries of runs that are not tried again, by run.
    given_up: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    timeout: float | None = None  # seconds for a run; None for as long as it takes
    fork: bool = True  # what several of its runs have in common is simulated once
    allow_code: bool = False  # policies that no installed package offers may be imported
    make_model: MakeModel | None = None  # stand-in for `ydsim.Model`
    # The part holds one run of a call about a single scenario: it stops after a quarter, and what
    # the user must know ends the call instead of counting as a failure.
    single: bool = False
    measure: Measure | None = None  # what is taken of each run instead of its tables
    # By hash, of runs that have much in common; see `ydsim.store.points.PointTable.family`.
    families: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunContext:
    """What a caller says beside the folder of a sweep: where worlds are, what may be imported."""

    worlds: Mapping[str, str] = field(default_factory=dict)  # path of each of your own by name
    # Stand-ins, in tests, for `ydsim.Model` and the list of indicators.
    make_model: MakeModel | None = None
    indicators: Mapping[str, Indicator] | None = None
    # Policies that no installed package offers may be imported; as for `ydsim.load_scenario`.
    allow_code: bool = False

    def path(self, world: str) -> str:
        """Return where a world is: its name says it, unless it is known better."""
        return self.worlds.get(world, world)

    def with_worlds(self, paths: Mapping[str, str]) -> RunContext:
        """Return the same that also knows these paths, unless it knows better."""
        return replace(self, worlds={**paths, **self.worlds})

    def known_indicators(self) -> Mapping[str, Indicator]:
        """Return the indicators in use."""
        if self.indicators is not None:
            return self.indicators
        from ydsim.record.indicators import INDICATORS

        return INDICATORS


def context_of(world: str | Path | None = None, *, allow_code: bool = False) -> RunContext:
    """Return what says where your own world is, and what may be imported."""
    worlds = {} if world is None else {Path(world).name: str(world)}
    return RunContext(worlds=worlds, allow_code=allow_code)


def make_task(
    folder: Path | None, contents: Contents, context: RunContext, number: int
) -> PartTask:
    """Return the task of a part."""
    plan, points = contents.plan, contents.points
    rows = plan.bounds[number]
    runs = tuple(map(RunTask, plan.runs[rows], plan.hashes[rows], plan.replicates[rows]))
    of_part = {of: points.row(points.rows[of][0]) for of in dict.fromkeys(plan.hashes[rows])}
    names = dict.fromkeys(points.scenario(of)["world"] for of in of_part)
    return PartTask(
        folder="" if folder is None else str(folder.absolute()),
        number=number,
        identity=plan.identities[number],
        version=contents.about["version"],
        runs=runs,
        base=points.base,
        rows=of_part,
        worlds={name: (context.path(name), points.worlds[name]) for name in names},
        record=Recorded.of(contents.about["record"]),
        indicators=contents.about["indicators"],
        allow_code=context.allow_code,
        make_model=context.make_model,
        single=contents.kind == RUN,
        families={of: points.family(of) for of in of_part},
    )


# -- forks: what runs of a part have in common is simulated once -----------------------------------

# Runs are of one family when they have a replicate and everything but policies, shocks, governance
# and names in common. The burn-in knows none of these, and up to the first quarter in which they
# differ such runs are one. A run leaves a copy of its model at each quarter at which a later one
# parts from it, and the later one goes on from there. Results are equal, and every run can do
# without a copy: one that was not left, or is too large, costs time only.

MOST_BYTES: Final = 2**29
"""Memory for copies in one process; larger regions are simulated from their start."""

SHIPPED: Final = "ydsim.policies."
"""Where policies come from that keep nothing, whatever else is registered."""

NEAR: Final = 8
"""Runs before a run with which it is compared, beside the first of its family."""

SCHEDULE: Final = ("start", "end", "ramp", "decay", "strength")
"""Keys of a policy by which its strength changes over time, and nothing else of it."""


def first_difference(one: Scenario, other: Scenario) -> int:
    """Return the first quarter in which two scenarios of a family may differ, or their number."""
    quarters = (_of_policies(one, other), _of_shocks(one, other), _of_governance(one, other))
    return max(0, min(*quarters, one.quarters))


def _of_policies(one: Scenario, other: Scenario) -> int:
    if any(map(_may_remember, [*one.policies.values(), *other.policies.values()])):
        return 0
    names = one.policies.keys() | other.policies.keys()
    pairs = [(one.policies.get(name), other.policies.get(name)) for name in names]
    pairs = [(a, b) for a, b in pairs if a != b]
    alike = [_alike(a, b) for a, b in pairs]
    for quarter in range(one.quarters):
        year = one.start + quarter / 4.0
        for (a, b), same in zip(pairs, alike, strict=True):
            strong, other_strong = (0.0 if p is None else p.strength_at(year) for p in (a, b))
            if strong != other_strong or (strong > 0.0 and not same):
                return quarter
    return one.quarters


def _may_remember(policy: Policy) -> bool:
    """Tell whether a policy may keep something, or have a strength of its own making."""
    kind = type(policy)
    if kind.__module__.startswith(SHIPPED):
        return False
    return not kind.stateless or kind.strength_at is not Policy.strength_at


def _alike(one: Policy | None, other: Policy | None) -> bool:
    """Tell whether two policies do the same at equal strength."""
    if one is None or other is None or type(one) is not type(other):
        return False
    return one.model_dump(exclude={*SCHEDULE}) == other.model_dump(exclude={*SCHEDULE})


def _of_shocks(one: Scenario, other: Scenario) -> int:
    same = 0
    for a, b in zip(one.shocks, other.shocks, strict=False):
        if a != b:
            break
        same += 1
    rest = [*one.shocks[same:], *other.shocks[same:]]
    return min((shock.first(one.start) for shock in rest), default=one.quarters)


def _of_governance(one: Scenario, other: Scenario) -> int:
    if one.governance == other.governance:
        return one.quarters
    decide = [s.governance for s in (one, other) if s.governance.mode != "fixed"]
    return min((4 * (keys.start - one.start) for keys in decide), default=one.quarters)


@dataclass(frozen=True)
class Start:
    """What a run begins with: a model, how many quarters it has behind it, remarks so far."""

    model: Any
    quarter: int = 0
    warned: Sequence[str] = ()


class Forks:
    """Copies of models, left by runs of a part for later ones.

    ``runs``: replicate, family and scenario of each by its name, in the order in which they are
    made; families are those of `ydsim.store.points.PointTable.family`. ``firms``: those of a run in
    the world's own year, by which the size of a copy is judged.
    """

    def __init__(self, runs: Mapping[str, tuple[int, str, Scenario]], firms: float = 0.0) -> None:
        self._from: dict[str, tuple[str, int]] = {}
        # Share of a run that it has from an earlier one, and the part of it that is burn-in.
        self.saved: dict[str, tuple[float, float]] = {}
        families: dict[tuple[int, str], list[tuple[str, Scenario]]] = {}
        for run, (replicate, family, scenario) in runs.items():
            before = families.setdefault((replicate, family), [])
            near = [*before[:1], *before[1:][-NEAR:]]
            shared = [(first_difference(of, scenario), name) for name, of in near]
            if shared:  # of those that share most of it, the first
                quarter, name = max(shared, key=lambda pair: pair[0])
                self._from[run] = name, quarter
                burn_in = scenario.parameters.population.burn_in
                every = burn_in + scenario.quarters
                self.saved[run] = (burn_in + quarter) / every, burn_in / every
            before.append((run, scenario))
        self._uses = Counter(self._from.values())
        self._left: dict[tuple[str, int], Start] = {}
        self._firms = firms

    def start(self, run: str, scenario: Scenario) -> Start | None:
        """Return where a run begins, None for the beginning."""
        place = self._from.get(run)
        if place is None:
            return None
        self._uses[place] -= 1
        left = self._left.get(place) if self._uses[place] else self._left.pop(place, None)
        if left is None:
            return None
        return Start(left.model.branch(scenario), left.quarter, left.warned)

    def leave(self, run: str, quarter: int, model: Any, warned: Sequence[str]) -> None:
        """Copy a model where a later run parts from it, if there is room."""
        if not self._uses[run, quarter] or not hasattr(model, "branch"):  # a stand-in
            return
        if bytes_of_run((len(self._left) + 1) * self._firms) <= MOST_BYTES:
            copy = model.branch(model.settings)
            self._left[run, quarter] = Start(copy, quarter, tuple(warned))


# -- one run of a part -----------------------------------------------------------------------------


def prepare(task: PartTask) -> None:
    """Load what every run of a part needs, which is no run's time.

    `ResultsError` when a world is not the one of the sweep.
    """
    if task.make_model is None:
        import_module("ydsim.model")
    for name in task.worlds:
        world_of(task, name)


def scenario_of(task: PartTask, one: RunTask) -> Scenario:
    """Return the scenario of a run.

    `ScenarioError` when it names code that may not be imported. `ResultsError` when it is none that
    this version can run.
    """
    text = json.dumps(applied(task.base, task.rows[one.hash]))
    return stored_scenario(text, f"run {one.run}", allow_code=task.allow_code)


def forks_of(task: PartTask, runs: Sequence[RunTask]) -> Forks:
    """Return the forks of some runs of a part, none where its models are not `ydsim.Model`.

    Scenarios that this version cannot run have none.
    """
    found: dict[str, tuple[int, str, Scenario]] = {}
    firms = 0.0
    for one in runs if task.fork and task.make_model is None and len(runs) > 1 else ():
        try:
            scenario = scenario_of(task, one)
        except YdsimError:
            continue
        found[one.run] = one.replicate, task.families[one.hash], scenario
        firms = max(firms, scenario.scale * float(world_of(task, scenario.world).firms.sum()))
    return Forks(found, firms)


@dataclass(frozen=True)
class Outcome:
    """What a run gave: the tables that are kept and remarks, or what was measured."""

    tables: dict[str, Table]
    notes: list[str]
    found: Any = None


def compute(
    task: PartTask,
    one: RunTask,
    scenario: Scenario,
    after_quarter: Callable[[int], None] = lambda quarter: None,
    forks: Forks | None = None,
) -> Outcome:
    """Run a run from start to end; its model is emptied then.

    ``after_quarter`` is called with the number of quarters done, at 0 before the first one; it may
    raise to stop. `ReplicateFailedError` when the model raised anything that is not a message to
    the user, or a policy ended the program (``exit()``). `ResultsError` when the world is not the
    one of the sweep. `ResourceError` when there is not enough memory.
    """
    keys = {"point": 0, "replicate": one.replicate} if task.single else {"run": one.run}
    world, forks = world_of(task, scenario.world), forks or Forks({})
    quarter, model = 0, None
    try:
        with _numeric_warnings() as warned:
            with speak_english():  # remarks are stored with results, whoever reads them
                start = forks.start(one.run, scenario)
                if start is None:
                    make = task.make_model or default_model
                    start = Start(make(scenario, replicate=one.replicate, world=world))
            model = start.model
            warned += start.warned
            for quarter in range(start.quarter, scenario.quarters + 1):
                if quarter > start.quarter:
                    with speak_english():
                        model.step()
                after_quarter(quarter)
                forks.leave(one.run, quarter, model, warned)
            if task.measure is not None:
                return Outcome({}, [], task.measure(model))
            recorded = model.recorder.tables()
            wanted = {SERIES, *task.record.keep(recorded)}
            tables = {
                check_table_name(name): stored(columns, **keys)
                for name, columns in recorded.items()
                if name in wanted
            }
        with speak_english():
            notes = [*model.notes, *warned]
    except PolicyError as error:
        raise ReplicateFailedError(_failure(one, scenario, quarter, error)) from error
    except YdsimError:
        raise
    except MemoryError as error:
        raise ResourceError(
            f"not enough memory for replicate {one.replicate} at scale {scenario.scale}; lower "
            "scale"
        ) from error
    except BaseException as error:
        if is_interrupt(error):
            raise
        raise ReplicateFailedError(_failure(one, scenario, quarter, error)) from error
    finally:
        if model is not None:
            release(model)
    facts = (one.replicate, scenario.seed, scenario.quarters, len(warned))
    row = run_row(one.run, facts, tables.get(SERIES, {}), task.indicators)
    return Outcome(
        {**task.record.keep(tables), RUNS: row},
        notes if task.single else named(notes, one.run),
    )


OF_RUN = ("replicate", "seed", "quarters", "numeric_warnings")
"""Columns of the table ``runs`` behind the name of a run, before the indicators."""


def run_row(run: str, facts: Sequence[int], series: Table, indicators: Indicators) -> Columns:
    """Return the row of a run in the table ``runs``.

    Columns ``run``, `OF_RUN` with these ``facts``, then every indicator of the whole region in its
    last simulated year, formed as in the table ``province_year``; NaN where the region has no such
    value. ``indicators`` are as in the manifest.
    """
    row: Columns = {"run": np.array([run], dtype=object)}
    row |= {
        name: np.array([fact], dtype=np.int64) for name, fact in zip(OF_RUN, facts, strict=True)
    }
    values = last_year(series, indicators) if series else {}
    known = [name for name, card in indicators.items() if "region" in card["levels"]]
    there = [name for name in series if name in known]
    for name in [*there, *sorted(set(known) - set(there))]:
        row[name] = np.array([values.get(name, np.nan)])
    return row


def last_year(series: Table, indicators: Indicators) -> dict[str, float]:
    """Return every indicator of the whole region in the last year of a wide quarterly table."""
    last = (series["level"] == "region") & (series["year"] == series["year"].max())
    rows = np.flatnonzero(last)[np.argsort(series["quarter"][last], kind="stable")]
    names = recorded(series, indicators)
    quarters = {name: series[name][rows].astype(np.float64) for name in names}
    return {name: float(v) for name, v in years_of(quarters, indicators).items()}


@contextmanager
def _numeric_warnings() -> Iterator[list[str]]:
    """Collect numeric warnings as remarks instead of printing them; filters stay as they are."""
    found: list[str] = []
    with warnings.catch_warnings():
        show = warnings.showwarning

        def collect(message: Any, category: Any, filename: str, line: int, *more: Any) -> None:
            if issubclass(category, RuntimeWarning):
                remark = NUMERIC.format(place=f"{_short(filename)}:{line}", message=message)
                if remark not in found:  # or what a run brings from a fork would be there twice
                    found.append(remark)
            else:
                show(message, category, filename, line, *more)

        warnings.showwarning = collect  # type: ignore[assignment]
        yield found


def _failure(
    one: RunTask, scenario: Scenario, quarter: int, error: BaseException
) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    if isinstance(error, PolicyError) and error.__cause__ is not None:
        frames += traceback.extract_tb(error.__cause__.__traceback__)
    lines = [f"{_short(f.filename)}:{f.lineno} in {f.name}: {f.line}" for f in frames]
    return {
        "replicate": one.replicate,
        "seed": scenario.seed,
        "quarter": quarter,
        "exception": type(error).__name__,
        "message": _message(error),
        "traceback": lines,
    }


def _message(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"the code of a policy or the model called exit({error.code!r})"
    if not isinstance(error, Exception):
        return str(error) or f"the code of a policy or the model raised {type(error).__name__}"
    return str(error)


def _short(filename: str) -> str:
    """Return a source file without the folders of this machine that lead to its package."""
    path = Path(filename)
    if path.is_relative_to(PACKAGE):
        return path.relative_to(PACKAGE.parent).as_posix()
    for root in ("site-packages", "dist-packages"):
        _, found, rest = f"/{path.as_posix()}".rpartition(f"/{root}/")
        if found:
            return rest
    return path.name or filename


def world_of(task: PartTask, name: str) -> World:
    """Return a world of a task; `ResultsError` when it is not the one of the sweep."""
    from ydsim.world.loader import load_world

    path, digest = task.worlds[name]
    world = load_world(path)
    if world.digest != digest:
        raise ResultsError(f"a worker has another content of the world {name!r}")
    return world
