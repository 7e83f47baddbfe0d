"""A run at work: what ends it early, and how far it is.

Verbs of the command line ask for `show_progress`, which suits stderr: a bar on a terminal, a line
now and then elsewhere. Calls from Python that were given no ``progress`` say nothing in a script
and show a bar in a notebook (`in_a_notebook`).
"""

from __future__ import annotations

import faulthandler
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import escape
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from ydsim.errors import ResourceError
from ydsim.fmt import duration, number, percent
from ydsim.translation import gettext as _t

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

# -- a signal, of which the first asks and the second insists --------------------------------------

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
                caught = getattr(signal, name)
                before = signal.getsignal(caught)
                if before is not None and not (name == "SIGHUP" and before is signal.SIG_IGN):
                    self._before[caught] = signal.signal(caught, self._caught)
        return self

    def __exit__(self, *unused: object) -> None:
        for caught, handler in self._before.items():
            signal.signal(caught, handler)

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


# -- how far it is ---------------------------------------------------------------------------------

_STEPS = 10
"""Lines for a whole run where there is no terminal."""

_SILENCE = 300.0
"""Seconds after which there is a line in any case."""

_FRAME = 0.2
"""Seconds between two pictures of the bar of a notebook: each one is a message to the browser."""

_CELLS = 20
"""Characters of the bar where a notebook shows text alone."""


@dataclass(frozen=True)
class Progress:
    """How far a sweep is."""

    # Runs that are settled, failed ones included; all; settled by an earlier call.
    done: int
    total: int
    earlier: int
    failed: int = 0
    # Of the estimated time of the runs that this call does, quarters of those at work included.
    share: float = 0.0
    message: str = ""  # a line for the user, or empty

    def describe(self, seconds: float) -> str:
        """Return how far it is, at which rate, and the time left, after ``seconds`` of work."""
        text = _t("{done}/{total} runs, {share}").format(
            done=self.done, total=self.total, share=percent(self.share)
        )
        if seconds > 0.0 and self.share > 0.0:
            rate = self.share * (self.total - self.earlier) / seconds
            left = duration(seconds / self.share - seconds)
            text += _t(", {rate} runs/s, {time} left").format(rate=number(rate, 3), time=left)
        return text + (_t(", {n} failed").format(n=self.failed) if self.failed else "")


Report = Callable[[Progress], None]


class Quiet:
    """Shows nothing but notices by ``seen`` whether anything was run, and when a sweep begins."""

    def __init__(self) -> None:
        self.seen = False
        self.done = 0
        self.clock = time.monotonic()

    def report(self, now: Progress) -> None:
        """Take note of the present state."""
        if not now.message:
            if now.done < self.done:
                self.begin()
            self.seen, self.done = True, now.done

    def begin(self) -> None:
        """Count time from here on: another sweep of the same command begins."""
        self.clock = time.monotonic()


class Lines(Quiet):
    """One line for each tenth, one after a long silence, and one for each message."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream
        self.spoke = self.clock
        self.shown = -1

    def begin(self) -> None:
        """Count time and tenths from here on."""
        super().begin()
        self.shown = -1

    def report(self, now: Progress) -> None:
        """Print a line when another tenth is done."""
        super().report(now)
        tenth = int(_STEPS * now.share * (1.0 if now.done == now.total else 0.999))
        if now.message:
            self._print(now.message)
        elif self.shown < 0:
            self.shown = 0
            if now.earlier:
                message = _t("going on: {n} of {total} runs are done already")
                self._print(message.format(n=now.earlier, total=now.total))
        elif tenth > self.shown or time.monotonic() - self.spoke > _SILENCE:
            self.shown = tenth
            self._print(now.describe(time.monotonic() - self.clock))

    def _print(self, text: str) -> None:
        self.spoke = time.monotonic()
        with suppress(OSError):  # the reader is gone; the run is worth more than its progress
            print(text, file=self.stream, flush=True)


class Animated(Quiet):
    """A bar on a terminal."""

    def __init__(self, bar: Bar) -> None:
        super().__init__()
        self.bar = bar

    def report(self, now: Progress) -> None:
        """Move the bar, or print a message above it."""
        super().report(now)
        if now.message:
            self.bar.console.print(now.message, markup=False, highlight=False)
            return
        task = self.bar.task_ids[0] if self.bar.task_ids else self.bar.add_task("", total=1.0)
        text = now.describe(time.monotonic() - self.clock)
        self.bar.update(task, completed=now.share, description=text)


@contextmanager
def show_progress(*, quiet: bool) -> Iterator[Quiet]:
    """Give the display that suits stderr, and end it whatever happens."""
    if quiet or not sys.stderr.isatty():
        yield Quiet() if quiet else Lines(sys.stderr)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), TextColumn("{task.description}"))
    with Bar(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        yield Animated(bar)


# -- calls from Python -----------------------------------------------------------------------------


class InCell(Quiet):
    """A bar below the cell of a notebook, of which one line without times stays."""

    def __init__(self) -> None:
        super().__init__()
        self.now: Progress | None = None
        self.handle: Any = None
        self.drawn = -math.inf

    def report(self, now: Progress) -> None:
        """Draw the bar again, or print a message below it."""
        super().report(now)
        if now.message:
            print(now.message, file=sys.stderr)
            return
        self.now = now
        if time.monotonic() - self.drawn >= _FRAME:
            self.drawn = time.monotonic()
            text = now.describe(self.drawn - self.clock)
            full = round(_CELLS * now.share)
            self._draw(
                f"[{'#' * full}{'.' * (_CELLS - full)}] {text}",
                f'<progress max="1" value="{now.share:.3f}"></progress> {escape(text)}',
            )

    def end(self) -> None:
        """Leave how far it came, in the place of the bar."""
        if self.now is not None:
            text = self.now.describe(0.0)
            self._draw(text, f"<div>{escape(text)}</div>")

    def _draw(self, text: str, html: str) -> None:
        display: Any = import_module("IPython.display").display
        bundle = {"text/plain": text, "text/html": html}
        if self.handle is None:
            self.handle = display(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)


def in_a_notebook() -> bool:
    """Tell whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return any(kind.__name__ == "ZMQInteractiveShell" for kind in type(shell).__mro__)


@contextmanager
def reporting(report: Report | None) -> Iterator[Report | None]:
    """Give what is told of progress: ``report``, or without one in a notebook a bar."""
    if report is not None or not in_a_notebook():
        yield report
        return
    bar = InCell()
    try:
        yield bar.report
    finally:
        bar.end()
