"""All replicates of a scenario on the workers of an engine, each written where it was made."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ydsim.engines.protocol import Engine
from ydsim.errors import ResultsError
from ydsim.run.replicate import MakeModel, ReplicateFailedError, run_replicate
from ydsim.store.layout import Identity, Store
from ydsim.store.manifest import NAME

if TYPE_CHECKING:
    from ydsim.scenario.schema.scenario import Scenario

_LOOK_SECONDS = 0.5
_DEATHS = 2


@dataclass(frozen=True)
class ReplicateTask:
    """One replicate, with everything a worker needs.

    Attributes
    ----------
    folder
        The results folder, absolute.
    identity
        What the receipt of its part says.
    world
        Digest of the world's content.
    """

    folder: str
    scenario: Scenario
    replicate: int
    identity: Identity
    world: str
    make_model: MakeModel


@dataclass(frozen=True)
class Settled:
    """What became of a replicate: a receipt, or the entry of a failure."""

    replicate: int
    receipt: dict[str, Any] | None = None
    failure: dict[str, Any] | None = None


def do_replicate(task: ReplicateTask) -> Settled:
    """Run a replicate and write its part.

    Raises
    ------
    ResultsError
        When the folder or the world is not what it was.
    ResourceError
        When the part cannot be written, or memory is short.
    """
    from ydsim.world.loader import load_world

    if not (Path(task.folder) / NAME).is_file():
        raise ResultsError(f"{task.folder}: is gone")
    world = load_world(task.scenario.world)
    if world.digest != task.world:
        raise ResultsError(f"the world {task.scenario.world!r} has changed meanwhile")
    try:
        outcome = run_replicate(
            task.scenario,
            task.replicate,
            world=world,
            make_model=task.make_model,
            after_quarter=lambda quarter: None,
            keys={"point": 0, "replicate": task.replicate},
        )
    except ReplicateFailedError as failed:
        return Settled(task.replicate, failure=failed.entry)
    notes = {"notes": outcome.notes}
    store = Store(Path(task.folder))
    receipt = store.write_part(task.replicate, task.identity, outcome.tables, notes)
    return Settled(task.replicate, receipt=receipt)


def settle(
    tasks: Sequence[ReplicateTask],
    engine: Engine,
    stopping: Callable[[], bool],
    say: Callable[[str], None],
) -> Iterator[Settled]:
    """Yield what becomes of every task, as it comes; begin no more when asked to stop.

    A replicate whose worker died is tried once more.

    Raises
    ------
    ResultsError, ResourceError
        As `do_replicate`; everything at work is finished first.
    """
    todo = deque(tasks)
    running: dict[int, ReplicateTask] = {}
    deaths: Counter[int] = Counter()
    error: Exception | None = None
    with engine.hands(do_replicate) as hands:
        while running or (todo and not stopping() and error is None):
            while todo and len(running) < hands.window and not stopping() and error is None:
                task = todo.popleft()
                running[task.replicate] = task
                hands.submit(task.replicate, task)
            for answer in hands.finished(_LOOK_SECONDS):
                task = running.pop(answer.number)
                if answer.error is not None:
                    error = error or answer.error
                    continue
                if not answer.lost:
                    yield answer.receipt
                    continue
                deaths[task.replicate] += 1
                if deaths[task.replicate] < _DEATHS:
                    say(f"replicate {task.replicate}: {answer.lost}; trying it once more")
                    todo.appendleft(task)
                else:
                    yield Settled(task.replicate, failure=_death(task, answer.lost))
    if error is not None:
        raise error


def _death(task: ReplicateTask, lost: str) -> dict[str, Any]:
    return {
        "replicate": task.replicate,
        "seed": task.scenario.seed,
        "quarter": None,
        "exception": "WorkerLost",
        "message": f"{lost}, twice; it may need more memory than there is: lower scale or the "
        "number of jobs",
        "traceback": [],
    }
