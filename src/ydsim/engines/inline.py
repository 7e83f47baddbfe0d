"""The engine that computes in this process, one task after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ydsim.engines.protocol import Answer, Work, Workers


class InlineEngine:
    """No workers: `finished` does the next task itself and returns when it is done."""

    name = "process"
    in_process = True
    """The function is called here, so that it may call back."""

    @contextmanager
    def workers(self, work: Work) -> Iterator[Workers]:
        """Give this process as the only worker."""
        yield _OwnHands(work)


class _OwnHands:
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
