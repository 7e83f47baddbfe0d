"""What ends a run early: a signal, of which the first asks and the second insists, or its time."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from ydsim.errors import ResourceError
from ydsim.translation import gettext as _t

_CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 130}


class Stopped(KeyboardInterrupt):
    """A run was stopped by a signal; finished replicates are kept.

    Attributes
    ----------
    exit_code
        130 after an interrupt from the keyboard or a closed terminal, 143 after SIGTERM.
    """

    def __init__(self, name: str) -> None:
        super().__init__(_t("stopped by {signal}").format(signal=name))
        self.exit_code = _CODES[name]


class AbandonedError(BaseException):
    """The run at work is not wanted any more; raised between two quarters."""


def is_interrupt(error: BaseException) -> bool:
    """Tell whether an error is a wish of the user to stop, not one of the code that runs.

    Where nothing catches the signal, Python itself raises a KeyboardInterrupt in the main thread.
    """
    if not isinstance(error, KeyboardInterrupt):
        return isinstance(error, AbandonedError)
    main = threading.current_thread() is threading.main_thread()
    unheld = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return isinstance(error, Stopped) or (main and unheld)


class StopSignals:
    """Context in which SIGINT, SIGTERM and SIGHUP set a flag instead of killing.

    Only the main thread can catch signals; elsewhere nothing changes. Under ``nohup`` a closed
    terminal stays without effect. The first signal calls ``notify`` with a line that says ``what``
    is still finished.
    """

    def __init__(
        self, notify: Callable[[str], None] | None = None, what: str = "the current quarter"
    ) -> None:
        self.notify = notify
        self.what = what
        self.name = ""
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopSignals:
        if threading.current_thread() is threading.main_thread():
            for name in _CODES.keys() & vars(signal).keys():  # Windows has no SIGHUP
                number = getattr(signal, name)
                before = signal.getsignal(number)
                if before is not None and not (name == "SIGHUP" and before is signal.SIG_IGN):
                    self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(self, *unused: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self) -> None:
        """Raise `Stopped` when a signal has arrived."""
        if self.name:
            raise Stopped(self.name)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        again = bool(self.name)
        self.name = signal.Signals(number).name
        if again:
            raise Stopped(self.name)
        if self.notify is not None:
            message = _t("stopping after {what} (once more to stop at once)")
            self.notify(message.format(what=self.what))


# -- a limit on the time of one run ----------------------------------------------------------------

_GRACE = 10.0
"""Seconds after which a worker that does not come back to Python is ended."""

_AGAIN = 1.0
"""Seconds between alarms: Python drops what is raised in a callback of its garbage collector."""


class RunTimeoutError(Exception):
    """A run took longer than it was given."""


def require_limit(seconds: float | None) -> None:
    """Refuse a time limit that nothing here can keep.

    `ResourceError` in a process without a parent that would start it again, where no timer can
    interrupt it.
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
