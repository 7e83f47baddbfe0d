"""The engine of a cluster: a Dask scheduler that is there, or a client that the user has.

Whoever reaches a scheduler can run code as the user who started it. How it is protected is its
owner's matter; certificates come from Dask's own settings, or with the client.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ydsim.engines.protocol import Answer, Work, Workers
from ydsim.errors import ResourceError, UsageError

if TYPE_CHECKING:
    from distributed import Client

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
