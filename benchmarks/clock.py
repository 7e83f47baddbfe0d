"""A model that times its phases, and the memory of this process."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ydsim.memory import give_back_large_arrays
from ydsim.model import Model

give_back_large_arrays()  # as the command line does

PHASES = (
    "_enact",
    "_fund",
    "_move_talent",
    "_invest",
    "_explore",
    "_match",
    "_learn",
    "_advance",
    "_found",
    "_cover",
    "_adopt",
    "_compete",
    "_renew",
    "_record",
)


class TimedModel(Model):
    """A model whose ``spent`` holds the seconds of each phase since `reset`.

    While `tracemalloc` traces, ``held`` has by phase the largest memory that it took over what
    there was before it, bytes an organisation.
    """

    def __init__(self, *args: Any, **keys: Any) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.held: dict[str, float] = defaultdict(float)
        super().__init__(*args, **keys)

    def reset(self) -> None:
        """Forget what was spent so far."""
        self.spent.clear()
        self.held.clear()


def _timed(name: str) -> Callable[[TimedModel], None]:
    call = getattr(Model, name)

    def phase(self: TimedModel) -> None:
        tracing = tracemalloc.is_tracing()
        if tracing:
            tracemalloc.reset_peak()
        before, begin = tracemalloc.get_traced_memory()[0], time.process_time()
        call(self)
        self.spent[name] += time.process_time() - begin
        if tracing:
            took = tracemalloc.get_traced_memory()[1] - before
            here = took / int(self.state.organisations.alive.sum())
            self.held[name] = max(self.held[name], here)

    return phase


for _name in PHASES:
    setattr(TimedModel, _name, _timed(_name))


def peak_mib() -> float:
    """Return the largest memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
