"""Progress of a run: a bar on a terminal and in a notebook, a line now and then elsewhere.

Verbs of the command line ask for `show_progress`, which suits stderr. Calls from Python that were
given no ``progress`` say nothing in a script and show a bar in a notebook (`in_a_notebook`).
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import escape
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

from ydsim.fmt import duration, number, percent
from ydsim.translation import gettext as _t

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

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
    """Shows nothing but notices by ``seen`` whether anything was run."""

    def __init__(self) -> None:
        self.seen = False
        self.clock = time.monotonic()

    def report(self, now: Progress) -> None:
        """Take note of the present state."""
        self.seen = self.seen or not now.message


class Lines(Quiet):
    """One line for each tenth, one after a long silence, and one for each message."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream
        self.spoke = self.clock
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
