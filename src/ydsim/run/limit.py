"""A limit on the time of one run."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ydsim.errors import ResourceError

_GRACE = 10.0
"""Seconds after which a worker that does not come back to Python is ended."""

_AGAIN = 1.0
"""Seconds between alarms: Python drops what is raised in a callback of its garbage collector."""


class RunTimeoutError(Exception):
    """A run took longer than it was given."""


def require_limit(seconds: float | None) -> None:
    """Refuse a time limit that nothing here can keep.

    Raises
    ------
    ResourceError
        In a process without a parent that would start it again, where no timer can interrupt it.
    """
    if seconds is not None and not _has_timer() and multiprocessing.parent_process() is None:
        raise ResourceError(
            "a time limit for runs needs the main thread, a pool, or Dask workers with a nanny"
        )


def _has_timer() -> bool:
    """Tell whether a timer of the system can interrupt this thread."""
    main = threading.current_thread() is threading.main_thread()
    return main and hasattr(signal, "setitimer")


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise `RunTimeoutError` inside the context when it lasts too long, at its end at the latest.

    In the main thread of a process a timer raises it, where the system has one. A worker that does
    not come back to Python, or has no such timer or thread (Windows, Dask), ends its process
    instead, and counts as lost.
    """
    if seconds is None:
        yield
        return
    timer = _has_timer()
    worker = multiprocessing.parent_process() is not None

    error = RunTimeoutError(f"took longer than {seconds:g} s")
    alarms: list[int] = []

    def late(number: int, frame: FrameType | None) -> None:
        alarms.append(number)
        raise error

    nowhere = os.open(os.devnull, os.O_WRONLY) if worker else -1
    before = signal.signal(signal.SIGALRM, late) if timer else None
    try:
        if worker:
            wait = seconds + _GRACE if timer else seconds
            faulthandler.dump_traceback_later(wait, exit=True, file=nowhere)
        if timer:
            signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
        yield
        if alarms:
            raise error
    finally:
        if timer:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)
        if worker:
            faulthandler.cancel_dump_traceback_later()
            os.close(nowhere)
