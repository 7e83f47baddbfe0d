"""What a sweep asks of an engine: take tasks, give their answers in any order, lose nothing unsaid.

An engine knows neither sweeps nor stores. It calls one function on picklable tasks, as many at
once as its window says, and answers for each task that it took: with what the function returned,
with the error it raised, or that the worker was lost. Whether to try again is the caller's matter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

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
