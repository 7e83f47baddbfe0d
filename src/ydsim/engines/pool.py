"""The engine of this machine: a pool of processes in which a death costs one task.

The standard library's pool loses every pending task when one worker dies. Pebble's knows which
task the dead worker had, answers for that one, and starts another worker. Where a worker dies
while no task is under way (it was still starting), Pebble gives up as well; then the pool is made
again and takes the tasks again.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import TYPE_CHECKING, Any

from ydsim.engines.protocol import Answer, Work, Workers
from ydsim.errors import ResourceError
from ydsim.memory import give_back_large_arrays

if TYPE_CHECKING:
    from pebble import ProcessPool

_LOOK_SECONDS = 1.0
_GONE = 3

_RENEWALS = 10
"""Pools in a row that may break before any task is answered."""


class PoolEngine:
    """Processes of this machine, ``jobs`` of them.

    They are started by spawn, which is safe in notebooks and beside threads.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    @contextmanager
    def workers(self, work: Work) -> Iterator[Workers]:
        """Start the workers; whatever ends the context ends them too."""
        if os.name == "posix":
            with _held_back():  # or a closed terminal ends the keeper of semaphores
                resource_tracker.ensure_running()
        workers = _PoolWorkers(self.jobs, work)
        try:
            yield workers
        finally:
            workers.end()


class _PoolWorkers:
    def __init__(self, jobs: int, work: Work) -> None:
        self.window = jobs + 1
        self._jobs = jobs
        self._context = _Spawn()
        self._pool = self._new_pool()
        self._work = work
        self._running: dict[Future[Any], tuple[int, Any]] = {}
        self._broken = 0

    def _new_pool(self) -> ProcessPool:
        from pebble import ProcessPool

        return ProcessPool(
            self._jobs, context=self._context, initializer=_begin, initargs=(os.getpid(),)
        )

    def submit(self, number: int, task: Any) -> None:
        packed = pickle.dumps((self._work, task))
        while True:
            try:
                self._running[self._pool.schedule(_do, args=(packed,))] = number, task
                return
            except RuntimeError as error:  # the pool is not active any more
                self._renew(error)

    def finished(self, seconds: float) -> list[Answer]:
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        answers, broken = [], None
        for future in sorted(done, key=lambda each: self._running[each][0]):
            try:
                answers.append(self._answer(future))
            except BrokenExecutor as error:
                broken = error
        self._broken = 0 if answers else self._broken
        if broken is not None:
            self._renew(broken)
        return answers

    def end(self) -> None:
        """End the workers, whatever they are at."""
        self._pool.stop()
        for worker in self._context.started:
            if worker.is_alive():
                worker.kill()
        self._pool.join()
        self._context.started.clear()

    def _answer(self, future: Future[Any]) -> Answer:
        from pebble import ProcessExpired

        number, _ = self._running[future]
        try:
            answer = Answer(number, receipt=future.result())
        except ProcessExpired as dead:
            answer = Answer(number, lost=_death(dead.exitcode))
        except BrokenExecutor:
            raise
        except Exception as error:
            answer = Answer(number, error=error)
        del self._running[future]
        return answer

    def _renew(self, error: RuntimeError) -> None:
        """Take a new pool for the tasks without an answer, unless that is of no use."""
        self._broken += 1
        if self._broken > _RENEWALS:
            raise ResourceError(f"the pool of workers is gone: {error}") from error
        self.end()
        self._pool = self._new_pool()
        for future, (number, task) in list(self._running.items()):
            if not future.done() or isinstance(future.exception(), BrokenExecutor):
                del self._running[future]
                self.submit(number, task)


def _do(packed: bytes) -> Any:
    # Unpacked here: a worker takes tasks under a lock that all share; one that was killed there,
    # importing what the task needs, would keep the others waiting.
    work, task = pickle.loads(packed)
    return work(task)


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"its worker was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"its worker was killed by signal {-code}"
    return f"its worker ended with exit code {code}"


def _begin(parent: int) -> None:
    """Prepare a worker: only the parent stops it, and it does not outlive its parent."""
    give_back_large_arrays()
    for number in _STOPS:
        signal.signal(number, signal.SIG_IGN)
    if _CAN_HOLD_BACK:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


_STOPS = {
    getattr(signal, name) for name in ("SIGINT", "SIGHUP", "SIGTERM") if hasattr(signal, name)
}
"""Signals of a terminal or a batch system reach every process; the parent decides what they mean.
"""

_CAN_HOLD_BACK = hasattr(signal, "pthread_sigmask")
"""Windows cannot; there a worker that is only starting ends with an interrupt."""


@contextmanager
def _held_back() -> Iterator[None]:
    """Let a process that is started here see no signal before it says so."""
    if not _CAN_HOLD_BACK:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_with(parent: int) -> None:
    process = multiprocessing.parent_process()
    while os.getppid() == parent:
        if process is None:
            time.sleep(_LOOK_SECONDS)
        elif multiprocessing.connection.wait([process.sentinel], _LOOK_SECONDS):
            break
    os._exit(_GONE)


# Work and tasks come from modules of their own: processes that do not import the user's main module
# again let a script do without ``if __name__ == "__main__"`` and a notebook without a file.

_lock = threading.Lock()


class _Process(SpawnProcess):
    """A spawned process that is not told where the user's main module is."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - the name that multiprocessing calls
        main = vars(sys.modules["__main__"])
        with _lock, _held_back():
            known: dict[str, Any] = {n: main[n] for n in ("__spec__", "__file__") if n in main}
            main.update(dict.fromkeys(known))
            try:
                return SpawnProcess._Popen(process_obj)
            finally:
                main.update(known)


class _Spawn(SpawnContext):
    """Remembers what it has started."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **options: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        self.started.append(_Process(*args, **options))
        return self.started[-1]
