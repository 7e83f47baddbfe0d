"""The loop of a sweep: keep an engine busy with parts, mind its dead, stop when asked.

Nothing of value is held here: what a worker has written is in the store, and a receipt says
so. A run whose worker died is tried once more; when it takes a second worker with it, it is given
up, recorded as failed, and the rest of its part goes on.
"""

from __future__ import annotations

import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar

from ydsim import arguments
from ydsim.engines import Answer, Engine, EngineName, Workers, engine_of
from ydsim.errors import ResourceError, UsageError
from ydsim.fmt import counted
from ydsim.run.progress import Progress, Report, StopSignals
from ydsim.run.replicate import PartTask
from ydsim.run.worker import do_part, refusal_of
from ydsim.store.layout import WORK, Mark, marker_path, read_marker
from ydsim.translation import gettext as _t

if TYPE_CHECKING:
    from distributed import Client

    from ydsim.store.points import Plan

_LOOK_SECONDS = 0.5
_DEATHS_OF_RUN = 2
_DEATHS_OF_PART = 10
"""Deaths of workers before they said which run they were at."""


class RunKeywords(TypedDict, total=False):
    """The options of `RunOptions`, as keywords of functions that run sweeps."""

    jobs: int
    engine: EngineName | Engine | Client | None
    scheduler: str | None
    shard: tuple[int, int] | None
    timeout_per_run: float | None
    on_error: Literal["continue", "stop"]
    max_failures: int | None
    fork: Literal["auto", "off"]
    progress: Report | None


@dataclass(frozen=True)
class RunOptions:
    """How a sweep is carried out, checked; nothing of it changes a result.

    They mean what `ydsim.sweep` says of them. `UsageError` when one is not what it should be.
    """

    jobs: int = 1
    engine: EngineName | Engine | Client | None = None
    scheduler: str | None = None
    shard: tuple[int, int] | None = None
    timeout_per_run: float | None = None
    on_error: Literal["continue", "stop"] = "continue"
    max_failures: int | None = None
    fork: Literal["auto", "off"] = "auto"
    progress: Report | None = None
    workers: Engine = field(init=False)  # where parts are computed

    def __post_init__(self) -> None:
        arguments.maybe_callable("progress", self.progress)
        shard = _checked_shard(self.shard)
        engine = engine_of(self.engine, self.jobs, self.scheduler, self.timeout_per_run)
        timeout = arguments.maybe_seconds("timeout_per_run", self.timeout_per_run)
        arguments.one_of("on_error", self.on_error, ("continue", "stop"))
        most = arguments.maybe_whole("max_failures", self.max_failures)
        arguments.one_of("fork", self.fork, ("auto", "off"))
        checked = {"shard": shard, "timeout_per_run": timeout, "max_failures": most}
        for name, value in (checked | {"workers": engine}).items():
            object.__setattr__(self, name, value)

    def enough(self, failed: int) -> bool:
        """Tell whether so many failures end the sweep."""
        if self.on_error == "stop":
            return failed > 0
        return self.max_failures is not None and failed > self.max_failures

    def say(self, *messages: str) -> None:
        """Tell something apart from how far the runs are."""
        for message in messages:
            self.tell(Progress(0, 1, 0, message=message))

    def tell(self, now: Progress) -> None:
        """Report the present state, if anybody listens."""
        if self.progress is not None:
            self.progress(now)


def _checked_shard(shard: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return ``shard`` when it is one of ``(1, n)`` to ``(n, n)``."""
    if shard is None:
        return None
    if isinstance(shard, (tuple, list)) and len(shard) == 2:
        with suppress(UsageError):
            share, shares = (arguments.whole("shard", part, 1) for part in shard)
            if share <= shares:
                return share, shares
    raise arguments.refuse("shard", "two numbers (i, n) with i from 1 to n", shard)


F = TypeVar("F", bound=Callable[..., Any])


def with_run_options(function: F) -> F:
    """Show the options of `RunOptions` in the signature of a function that passes them on."""
    *own, _ = signature(function).parameters.values()
    options = signature(RunOptions).parameters.values()
    every = [*own, *(one.replace(kind=Parameter.KEYWORD_ONLY) for one in options)]
    function.__signature__ = signature(function).replace(parameters=every)  # type: ignore[attr-defined]
    return function


@dataclass(eq=False)
class Scheduler:
    """One call that works on parts, ``now`` so far, until all are there or it has ``ended``.

    ``folder`` is locked by the caller; without one, receipts carry what was found. ``task`` makes
    the task of a part from its number. ``receipts`` are of all parts that are there; ``signal`` is
    the name of one that came during the last runs, too late to stop any.
    """

    folder: Path | None
    plan: Plan
    costs: Mapping[str, float]
    task: Callable[[int], PartTask]
    run_options: RunOptions

    def __post_init__(self) -> None:
        self.now = Progress(0, 0, 0)
        self.ended = ""
        self.signal = ""
        self._token = f"stop-{secrets.token_hex(4)}"
        self.receipts: dict[int, dict[str, Any]] = {}
        self._todo: deque[int] = deque()
        self._running: set[int] = set()
        self._marks: dict[int, Mark] = {}
        self._signals = StopSignals()
        self._deaths: Counter[tuple[int, str]] = Counter()
        self._given_up: dict[int, dict[str, dict[str, Any]]] = {}
        self._error: Exception | None = None
        self._failed = 0
        self._spent, self._budget = 0.0, 0.0

    def work(
        self, mine: Iterable[int], todo: Iterable[int], receipts: Mapping[int, dict[str, Any]]
    ) -> None:
        """Compute the parts ``todo`` of ``mine``; some have receipts, finished or not.

        `Stopped` after a signal; runs at work were finished and kept. `ResultsError` or
        `ResourceError`: what a worker met; everything else was finished first.
        """
        self.receipts = dict(receipts)
        self._todo = deque(todo)
        total = sum(rows.stop - rows.start for rows in map(self.plan.bounds.__getitem__, mine))
        settled = sum(_settled(receipt) for receipt in receipts.values())
        again = sum(len(self.receipts[n]["failed"]) for n in self._todo if n in self.receipts)
        self.now = Progress(settled - again, total, settled - again)
        self._budget = sum(self._cost(number) for number in self._todo)
        with StopSignals(self._stop, self._unfinished()) as self._signals:
            try:
                with self.run_options.workers.workers(self._work()) as workers:
                    self._loop(workers)
            finally:
                if self.folder is not None:
                    with suppress(OSError):
                        (self.folder / WORK / self._token).unlink()
            self.signal = self._signals.name
            if self._todo or any(receipt["missing"] for receipt in self.receipts.values()):
                self._signals.check()
        if self._error is not None:
            raise self._error

    def _work(self) -> Callable[[PartTask], dict[str, Any]]:
        """Return what a worker does; in this process it tells of every quarter."""
        if getattr(self.run_options.workers, "in_process", False):
            return partial(do_part, pulse=self._pulse)
        return do_part

    def _unfinished(self) -> str:
        """Return what is still finished after a signal."""
        first = self.task(self._todo[0]) if self._todo else None
        reached = self.folder is not None or getattr(self.run_options.workers, "in_process", False)
        return "the current quarter" if first and first.single and reached else "the runs at work"

    def _pulse(self, number: int, mark: Mark) -> None:
        self._marks[number] = mark
        self._look()
        if self.folder is None:  # no file can ask the worker to stop
            self._signals.check()

    def _loop(self, workers: Workers) -> None:
        self.run_options.tell(self.now)
        while self._running or (self._todo and not self._stopping()):
            while self._todo and len(self._running) < workers.window and not self._stopping():
                number = self._todo.popleft()
                self._running.add(number)
                workers.submit(number, self._task(number))
            for answer in workers.finished(_LOOK_SECONDS):
                self._running.discard(answer.number)
                self._marks.pop(answer.number, None)
                self._take(answer)
            self._look()

    def _task(self, number: int) -> PartTask:
        return replace(
            self.task(number),
            stop=self._token,
            given_up=self._given_up.get(number, {}),
            timeout=self.run_options.timeout_per_run,
            fork=self.run_options.fork == "auto",
        )

    def _stopping(self) -> bool:
        return bool(self._signals.name or self.ended or self._error is not None)

    def _take(self, answer: Answer) -> None:
        if answer.error is not None:
            self._end(error=self._error or answer.error)
        elif answer.lost:
            self._lost(answer)
        else:
            self._settle(answer.number, answer.receipt)

    def _settle(self, number: int, receipt: dict[str, Any]) -> None:
        before = {f["run"] for f in self.receipts.get(number, {"failed": []})["failed"]}
        self.receipts[number] = receipt
        rows = self.plan.bounds[number]
        self._spent += self._cost(number) * _settled(receipt) / (rows.stop - rows.start)
        for failure in receipt["failed"]:
            message = _t("run {run} failed {where}: {exception}: {message}")
            if failure["run"] in before:
                message = _t("run {run} failed again {where}: {exception}: {message}")
            where = _t("(refused)") if failure["quarter"] is None else _t("in quarter {quarter}")
            self._say(message.format(where=where.format(**failure), **failure))
        self._failed += len(receipt["failed"])
        self.now = replace(self.now, failed=self._failed)
        if not self.ended and receipt["failed"] and self.run_options.enough(self._failed):
            self._end(why=_t("stopped after {n}").format(n=counted(self._failed, "failed run")))

    def _lost(self, answer: Answer) -> None:
        """Queue a part again whose worker died, without the run that seems to kill workers."""
        number = answer.number
        here = self.plan.runs[self.plan.bounds[number]]
        run = here[0] if self.folder is None else self._mark(number).run
        if self.folder is not None:
            with suppress(OSError):
                marker_path(self.folder, number).unlink()
        self._deaths[number, run] += 1
        deaths = self._deaths[number, run]
        given_up = self._given_up.setdefault(number, {})
        if run in here and deaths >= _DEATHS_OF_RUN:
            given_up[run] = self._death(number, run, answer.lost)
        elif run not in here and deaths >= _DEATHS_OF_PART:
            error = ResourceError(
                f"part {number}: {answer.lost}, {deaths} times before it began a run; "
                "is there memory for the world and the program?"
            )
            self._end(error=error)
            return
        else:
            what = f"run {run}" if run in here else f"part {number}"
            self._say(_t("{what}: {lost}; trying it once more").format(what=what, lost=answer.lost))
        self._todo.appendleft(number)

    def _death(self, number: int, run: str, lost: str) -> dict[str, Any]:
        """Return the entry of a run that took two workers with it."""
        hint = "it may need more memory than there is: lower scale or the number of jobs"
        if self.run_options.timeout_per_run is not None:
            hint += ", or hang beyond its time"
        task = self.task(number)
        one = next(one for one in task.runs if one.run == run)
        seed = task.rows[one.hash].get("seed", task.base["seed"])
        return refusal_of(one, seed, "WorkerLost", f"{lost}, twice; {hint}")

    def _end(self, *, why: str = "", error: Exception | None = None) -> None:
        """Let workers end after the run at hand."""
        self.ended = self.ended or why
        self._error = self._error or error
        self._touch()

    def _stop(self, line: str) -> None:
        self._touch()
        self._say(line)

    def _touch(self) -> None:
        if self.folder is None:
            return
        with suppress(OSError):
            (self.folder / WORK).mkdir(exist_ok=True)
            (self.folder / WORK / self._token).touch()

    def _look(self) -> None:
        """Report what is settled, in parts that are finished and in those at work."""
        done, spent = 0, self._spent
        for number in self._running:
            mark = self._mark(number)
            known = _settled(self.receipts[number]) if number in self.receipts else 0
            done += max(mark.done - known, 0)
            rows = self.plan.bounds[number]
            runs = rows.stop - rows.start
            spent += self._cost(number) * min((mark.done + mark.share) / runs, 1.0)
        settled_parts = sum(_settled(receipt) for receipt in self.receipts.values())
        done = max(min(settled_parts + done, self.now.total), self.now.done)
        whole = done == self.now.total or self._budget <= 0.0  # whatever rounding says
        share = 1.0 if whole else min(spent / self._budget, 1.0)
        if (done, share) != (self.now.done, self.now.share):
            self.now = replace(self.now, done=done, share=share)
            self.run_options.tell(self.now)

    def _mark(self, number: int) -> Mark:
        if number in self._marks or self.folder is None:
            return self._marks.get(number, Mark())
        return read_marker(self.folder, number)

    def _cost(self, number: int) -> float:
        return sum(self.costs[of] for of in self.plan.hashes[self.plan.bounds[number]])

    def _say(self, message: str) -> None:
        self.run_options.tell(replace(self.now, message=message))


def _settled(receipt: Mapping[str, Any]) -> int:
    return int(receipt["done"]) + len(receipt["failed"])
