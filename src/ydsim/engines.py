"""Where the parts of a sweep are computed: in this process, in a pool, or on a cluster.

An engine knows neither sweeps nor stores. It calls one function on picklable tasks, as many at
once as its window says, and answers for each task that it took: with what the function returned,
with the error it raised, or that the worker was lost. Whether to try again is the caller's matter.
"""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.connection
import os
import pickle
import queue
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import resource_tracker
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias
from uuid import uuid4

from ydsim import arguments
from ydsim.errors import ResourceError, UsageError
from ydsim.memory import give_back_large_arrays
from ydsim.wording import shorten

if TYPE_CHECKING:
    from distributed import Client
    from pebble import ProcessPool

# -- what a sweep asks of an engine ----------------------------------------------------------------

Work: TypeAlias = Callable[[Any], Any]
"""An importable function of one picklable task; it writes its result and returns a receipt."""


@dataclass(frozen=True)
class Answer:
    """What became of a task."""

    number: int
    """As given with the task."""
    receipt: Any = None
    """What the function returned; None when it did not return."""
    lost: str = ""
    """Why the worker did not answer (it was killed, or its machine went away); empty otherwise."""
    error: Exception | None = None
    """What the function raised."""


class Workers(Protocol):
    """Workers that are there."""

    @property
    def window(self) -> int:
        """Tasks worth submitting at once: so many that no worker waits, and no more."""
        ...

    def submit(self, number: int, task: Any) -> None:
        """Take a task; ``number`` names it in the answer."""
        ...

    def finished(self, seconds: float) -> list[Answer]:
        """Wait at most ``seconds`` for answers and return those that have come, maybe none.

        ResourceError when the engine itself is gone and no task can be answered any more.
        """
        ...


class Engine(Protocol):
    """A way to have workers.

    An engine whose work runs in the process of the caller also has ``in_process = True``; then the
    caller may give it work that calls back.
    """

    def workers(self, work: Work) -> AbstractContextManager[Workers]:
        """Start workers that do ``work``; at the end of the context none is left running."""
        ...


# -- the engine that computes in this process, one task after the other ---------------------------


class InlineEngine:
    """No workers: `finished` does the next task itself and returns when it is done."""

    in_process = True
    """The function is called here, so that it may call back."""

    @contextmanager
    def workers(self, work: Work) -> Iterator[Workers]:
        """Give this process as the only worker."""
        yield _Inline(work)


class _Inline:
    window = 1

    def __init__(self, work: Work) -> None:
        self._work = work
        self._tasks: deque[tuple[int, Any]] = deque()

    def submit(self, number: int, task: Any) -> None:
        self._tasks.append((number, task))

    def finished(self, seconds: float) -> list[Answer]:
        if not self._tasks:
            return []
        number, task = self._tasks.popleft()
        try:
            return [Answer(number, receipt=self._work(task))]
        except Exception as error:
            return [Answer(number, error=error)]


# -- the engine of this machine: a pool of processes in which a death costs one task ---------------

# The standard library's pool loses every pending task when one worker dies. Pebble's knows which
# task the dead worker had, answers for that one, and starts another worker. Where a worker dies
# while no task is under way (it was still starting), Pebble gives up as well; then the pool is made
# again and takes the tasks again.

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


# -- the engine of a cluster: a Dask scheduler that is there, or a client that the user has --------

# Whoever reaches a scheduler can run code as the user who started it. How it is protected is its
# owner's matter; certificates come from Dask's own settings, or with the client.

_CONNECT_SECONDS = 20.0
_PATIENCE_SECONDS = 120.0
"""How long a scheduler may be without workers."""


class DaskEngine:
    """Workers of a Dask scheduler.

    ``scheduler``: its address, such as ``tls://10.0.0.1:8786``, or a ``distributed.Client``, which
    stays open. Workers must see the results folder under the same path and have the same version of
    ydsim. UsageError when Dask is not installed.
    """

    def __init__(self, scheduler: str | Client) -> None:
        try:
            import_module("distributed")
        except ImportError as error:
            raise UsageError(
                "engine dask needs the package distributed: pip install distributed"
            ) from error
        self.scheduler = scheduler

    @contextmanager
    def workers(self, work: Work) -> Iterator[Workers]:
        """Connect unless there is a client; at the end nothing of this work is left running."""
        logger = logging.getLogger("distributed")
        before = logger.level
        logger.setLevel(logging.CRITICAL + 1)  # its long words stand in a line of ours
        own = _connected(self.scheduler) if isinstance(self.scheduler, str) else None
        workers = _DaskWorkers(own or self.scheduler, work)
        try:
            yield workers
        finally:
            if own is None:
                workers.cancel()
            else:
                own.close()
            logger.setLevel(before)


def _connected(scheduler: str) -> Client:
    from distributed import Client

    _require_certificates(scheduler)
    try:
        return Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, AssertionError) as error:
        message = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ResourceError(f"no Dask scheduler answers at {scheduler}: {message}") from error


def _require_certificates(scheduler: str) -> None:
    """Refuse a scheduler under TLS where Dask's settings name no certificates."""
    from distributed.security import Security

    try:
        known = Security().get_connection_args("client").get("ssl_context")
    except OSError as error:
        raise UsageError(f"certificates in Dask's settings cannot be read: {error}") from error
    if scheduler.startswith("tls://") and known is None:
        raise UsageError(
            f"scheduler {scheduler} needs certificates; name them in "
            "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ..._TLS__CLIENT__CERT and ..._TLS__CLIENT__KEY"
        )


class _DaskWorkers:
    def __init__(self, client: Client, work: Work) -> None:
        self._client = client
        self._work = work
        self._futures: dict[int, Any] = {}
        self._done: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._alone: float | None = None

    @property
    def window(self) -> int:
        """One task for each thread that is there, so that a death costs no other task."""
        return max(1, self._threads())

    def submit(self, number: int, task: Any) -> None:
        key = f"ydsim-part-{number}-{uuid4().hex}"
        future = self._client.submit(self._work, task, key=key, pure=False)
        self._futures[number] = future
        future.add_done_callback(lambda _: self._done.put(number))

    def finished(self, seconds: float) -> list[Answer]:
        answers = []
        try:
            answers.append(self._answer(self._done.get(timeout=seconds)))
            while True:
                answers.append(self._answer(self._done.get_nowait()))
        except queue.Empty:
            if not answers:
                self._require_workers()
        return sorted(answers, key=lambda answer: answer.number)

    def cancel(self) -> None:
        """Let go of what is not answered."""
        self._client.cancel(list(self._futures.values()))

    def _answer(self, number: int) -> Answer:
        from distributed import KilledWorker

        future = self._futures.pop(number)
        if future.status not in ("finished", "error"):
            raise self._gone()
        try:
            return Answer(number, receipt=future.result())
        except KilledWorker:
            return Answer(number, lost="its worker died")
        except Exception as error:
            return Answer(number, error=error)

    def _require_workers(self) -> None:
        """Refuse to wait for ever where nobody works."""
        threads = self._threads()
        if self._client.status != "running":
            raise self._gone()
        if threads:
            self._alone = None
        elif self._alone is None:
            self._alone = time.monotonic()
        elif time.monotonic() - self._alone > _PATIENCE_SECONDS:
            raise ResourceError(
                f"the Dask scheduler has had no workers for {_PATIENCE_SECONDS:g} s; start some "
                "and go on"
            )

    def _threads(self) -> int:
        """Return the number of threads of all workers, 0 where nobody can be asked."""
        if self._client.status != "running":
            return 0
        try:
            threads: dict[str, int] = self._client.nthreads()
        except OSError:  # the connection broke just now
            return 0
        return sum(threads.values())

    def _gone(self) -> ResourceError:
        return ResourceError("the Dask scheduler is gone; what was finished is kept")


# -- the engine that a user means ------------------------------------------------------------------

EngineName: TypeAlias = Literal["process", "pool", "dask"]
ENGINES: tuple[EngineName, ...] = ("process", "pool", "dask")


def all_of(work: Work, tasks: Sequence[Any], jobs: int) -> list[Any]:
    """Return what a function gives for each of some tasks, in their order, by so many processes.

    What it raises is raised here. ResourceError where a worker is lost.
    """
    found: dict[int, Any] = {}
    waiting = deque(enumerate(tasks))
    with engine_of(None, max(1, min(jobs, len(tasks)))).workers(work) as workers:
        while len(found) < len(tasks):
            while waiting and len(tasks) - len(waiting) - len(found) < workers.window:
                workers.submit(*waiting.popleft())
            for answer in workers.finished(_LOOK_SECONDS):
                if answer.error is not None:
                    raise answer.error
                if answer.lost:
                    raise ResourceError(answer.lost)
                found[answer.number] = answer.receipt
    return [found[number] for number in range(len(tasks))]


def engine_of(
    engine: str | Engine | Client | None,
    jobs: int,
    scheduler: str | None = None,
    timeout: float | None = None,
) -> Engine:
    """Return the engine that is meant.

    `UsageError` when there is no such engine, or options do not go together.
    """
    jobs = arguments.whole("jobs", jobs, 1)
    if scheduler is not None:
        arguments.text("scheduler", scheduler, "the address of a Dask scheduler")
    if engine is not None and not isinstance(engine, str):
        distributed = sys.modules.get("distributed")
        if distributed and isinstance(engine, distributed.Client):
            return DaskEngine(engine)
        if not callable(getattr(engine, "workers", None)) or isinstance(engine, type):
            expected = f"{' or '.join(ENGINES)}, an Engine or a Client of Dask"
            raise arguments.refuse("engine", expected, engine)
        return engine
    usual = "dask" if scheduler else "pool" if jobs > 1 or timeout is not None else "process"
    name = usual if engine is None else engine
    if name not in ENGINES:
        known = ", ".join(ENGINES)
        raise UsageError(f"engine: there is none called {shorten(name)!r}; engines are {known}")
    if scheduler is not None and name != "dask":
        raise UsageError(f"a scheduler is for the engine dask, not for {name}")
    if name == "process" and jobs > 1:
        raise UsageError(f"the engine process is this one process; {jobs} jobs need a pool")
    if name == "dask":
        if scheduler is None:
            raise UsageError(
                "the engine dask needs the address of a scheduler, as in tls://10.0.0.1:8786; "
                "for this machine alone take the engine pool"
            )
        return DaskEngine(scheduler)
    if name == "process":
        return InlineEngine()
    return PoolEngine(usable(jobs))


def usable(jobs: int) -> int:
    """Return ``jobs``, at most one for each processor that this process may use."""
    return min(jobs, processors())


def processors() -> int:
    """Return the number of processors that this process may use; all where none can be barred."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
