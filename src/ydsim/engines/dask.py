"""The engine of a cluster: Dask distributed, with a scheduler of its own or one that is there.

Whoever reaches a scheduler can run code as the user who started it, and loopback is open to every
user of a machine. The cluster that is started here therefore talks under TLS, with a key that is
made for it and never leaves the memory of its processes, and answers no HTTP request. How an
outside scheduler is protected is its owner's matter; the certificates come from Dask's own
settings.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ydsim.engines.pool import hidden_main
from ydsim.engines.protocol import Answer, Work, Workers
from ydsim.errors import ResourceError, UsageError

if TYPE_CHECKING:
    from distributed import Client

_SETTINGS = {
    # a death is answered at once; whether to try again is decided in one place
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
}
_CONNECT_SECONDS = 20.0
_STARTS = 3
_PATIENCE_SECONDS = 120.0
"""How long a scheduler may be without workers."""


class DaskEngine:
    """Workers of a Dask scheduler.

    ``jobs``: workers of a cluster on this machine's loopback, when no scheduler is named.
    ``scheduler``: address of a scheduler that is there, such as ``tls://10.0.0.1:8786``; its
    workers must see the results folder under the same path and have the same version of ydsim.
    UsageError when Dask is not installed, or, for a cluster of its own, cryptography.
    """

    name = "dask"

    def __init__(self, jobs: int, scheduler: str | None = None) -> None:
        for package in ("distributed",) if scheduler else ("distributed", "cryptography"):
            try:
                import_module(package)
            except ImportError as error:
                raise UsageError(
                    f"engine dask needs the package {package}: pip install {package}"
                ) from error
        self.jobs = jobs
        self.scheduler = scheduler

    @contextmanager
    def workers(self, work: Work) -> Iterator[Workers]:
        """Connect, or start a cluster on loopback; at the end only what was started is closed."""
        import dask.config

        with ExitStack() as stack:
            stack.enter_context(dask.config.set(_SETTINGS))
            stack.enter_context(_quiet("distributed"))
            yield _ClusterHands(self._client(stack), work)

    def _client(self, stack: ExitStack) -> Client:
        from distributed import Client, LocalCluster
        from distributed.security import Security

        if self.scheduler is None:
            stack.enter_context(hidden_main())  # all along: nannies start workers again
        else:
            _require_certificates(self.scheduler)
        try:
            address: Any = self.scheduler or stack.enter_context(
                _patiently(
                    LocalCluster,
                    n_workers=self.jobs,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    security=Security.temporary(),
                    dashboard_address="127.0.0.1:0",  # Dask listens there even without one
                    scheduler_kwargs={"dashboard": False},
                    silence_logs=logging.CRITICAL,
                    memory_limit=0,
                )
            )
            return stack.enter_context(
                _patiently(Client, address, timeout=_CONNECT_SECONDS, set_as_default=False)
            )
        except (OSError, ValueError) as error:
            said = str(error).splitlines()[0] if str(error) else type(error).__name__
            where = self.scheduler or "on loopback"
            raise ResourceError(f"no Dask scheduler answers at {where}: {said}") from error


def _patiently(start: Callable[..., Any], *args: object, **settings: object) -> Any:
    """Start a part of Dask, again where its event loop had no thread within ten seconds."""
    for _ in range(_STARTS):
        try:
            return start(*args, **settings)
        except AssertionError:
            continue
    raise ResourceError(
        f"Dask could not start in {_STARTS} tries: this machine is too busy; try again later, or "
        "take --engine pool"
    )


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


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep a logger from telling at length what a message of ours says in a line."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


class _ClusterHands:
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
