"""Stopping cleanly: the first signal asks, the second insists."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

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
