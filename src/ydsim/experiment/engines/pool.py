"""The engine of this machine: a pool of processes in which a death costs one task.

The standard library's pool loses every pending task when one worker dies. Pebble's knows which
task the dead worker had, answers for that one, and starts another worker.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from ydsim.errors import ResourceError
from ydsim.experiment.engines.protocol import Answer, Hands, Work

if TYPE_CHECKING:
    from pebble import ProcessPool

_LOOK_SECONDS = 1.0
_GONE = 3


class PoolEngine:
    """Processes of this machine.

    Parameters
    ----------
    jobs
        Number of workers.
    start
        How a process is started; ``spawn`` is safe in notebooks and beside threads. The bytes of
        results do not depend on it.
    """

    name = "pool"

    def __init__(self, jobs: int, start: Literal["spawn", "fork"] = "spawn") -> None:
        self.jobs = jobs
        self._context = _Spawn() if start == "spawn" else multiprocessing.get_context(start)

    @contextmanager
    def hands(self, work: Work) -> Iterator[Hands]:
        """Start the workers; whatever ends the context ends them too."""
        from pebble import ProcessPool

        pool = ProcessPool(
            max_workers=self.jobs,
            context=self._context,
            initializer=_begin,
            initargs=(os.getpid(),),
        )
        try:
            yield _PoolHands(pool, work, self.jobs)
        finally:
            pool.stop()
            pool.join()


class _PoolHands:
    def __init__(self, pool: ProcessPool, work: Work, jobs: int) -> None:
        self.window = jobs + 1
        self._pool = pool
        self._work = work
        self._running: dict[Future[Any], int] = {}

    def submit(self, number: int, task: Any) -> None:
        try:
            self._running[self._pool.schedule(self._work, args=(task,))] = number
        except RuntimeError as error:  # the pool is not active any more
            raise ResourceError(f"the pool of workers is gone: {error}") from error

    def finished(self, seconds: float) -> list[Answer]:
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        return [self._answer(future) for future in sorted(done, key=self._running.__getitem__)]

    def _answer(self, future: Future[Any]) -> Answer:
        from pebble import ProcessExpired

        number = self._running.pop(future)
        try:
            return Answer(number, receipt=future.result())
        except ProcessExpired as dead:
            return Answer(number, lost=_death(dead.exitcode))
        except BrokenExecutor as error:
            raise ResourceError(f"the pool of workers is gone: {error}") from error
        except Exception as error:
            return Answer(number, error=error)


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return f"its worker was killed by {signal.Signals(-code).name}"
        except ValueError:
            return f"its worker was killed by signal {-code}"
    return f"its worker ended with exit code {code}"


def _begin(parent: int) -> None:
    """Prepare a worker: only the parent stops it, and it does not outlive its parent."""
    for name in ("SIGINT", "SIGHUP", "SIGTERM"):
        signal.signal(getattr(signal, name), _IGNORED.get(name, signal.SIG_DFL))
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


_IGNORED = {"SIGINT": signal.SIG_IGN, "SIGHUP": signal.SIG_IGN}
"""Signals of the terminal reach every process of it; the parent decides what they mean."""


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(_GONE)


class _Process(SpawnProcess):
    """A spawned process that does not import the user's main module again.

    Work and tasks come from modules of their own, so that a script needs no
    ``if __name__ == "__main__"`` and a notebook no file.
    """

    _lock: ClassVar[threading.Lock] = threading.Lock()

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - the name that multiprocessing calls
        main = sys.modules["__main__"]
        with _Process._lock:
            spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
            main.__spec__, main.__file__ = None, None
            try:
                return SpawnProcess._Popen(process_obj)
            finally:
                main.__spec__, main.__file__ = spec, file


class _Spawn(SpawnContext):
    Process = _Process
