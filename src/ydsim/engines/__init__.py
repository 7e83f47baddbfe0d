"""Where the parts of a sweep are computed: in this process, in a pool, or on a cluster.

What a user says leads here to the engine that is meant.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Literal, TypeAlias

from ydsim import arguments
from ydsim.engines.protocol import Engine, InlineEngine
from ydsim.errors import UsageError
from ydsim.wording import shorten

if TYPE_CHECKING:
    from distributed import Client

EngineName: TypeAlias = Literal["process", "pool", "dask"]
ENGINES: tuple[EngineName, ...] = ("process", "pool", "dask")


def engine_of(
    engine: str | Engine | Client | None,
    jobs: int,
    scheduler: str | None = None,
    timeout: float | None = None,
) -> Engine:
    """Return the engine that is meant.

    `UsageError` when there is no such engine, or options do not go together.
    """
    jobs = arguments.whole("jobs", jobs, 1)
    if scheduler is not None:
        arguments.text("scheduler", scheduler, "the address of a Dask scheduler")
    if engine is not None and not isinstance(engine, str):
        distributed = sys.modules.get("distributed")
        if distributed and isinstance(engine, distributed.Client):
            return _dask(engine)
        if not callable(getattr(engine, "workers", None)) or isinstance(engine, type):
            expected = f"{' or '.join(ENGINES)}, an Engine or a Client of Dask"
            raise arguments.refuse("engine", expected, engine)
        return engine
    usual = "dask" if scheduler else "pool" if jobs > 1 or timeout is not None else "process"
    name = usual if engine is None else engine
    if name not in ENGINES:
        known = ", ".join(ENGINES)
        raise UsageError(f"engine: there is none called {shorten(name)!r}; engines are {known}")
    if scheduler is not None and name != "dask":
        raise UsageError(f"a scheduler is for the engine dask, not for {name}")
    if name == "process" and jobs > 1:
        raise UsageError(f"the engine process is this one process; {jobs} jobs need a pool")
    if name == "dask":
        if scheduler is None:
            raise UsageError(
                "the engine dask needs the address of a scheduler, as in tls://10.0.0.1:8786; "
                "for this machine alone take the engine pool"
            )
        return _dask(scheduler)
    if name == "process":
        return InlineEngine()
    from ydsim.engines.pool import PoolEngine

    return PoolEngine(usable(jobs))


def _dask(scheduler: str | Client) -> Engine:
    from ydsim.engines.dask import DaskEngine

    return DaskEngine(scheduler)


def usable(jobs: int) -> int:
    """Return ``jobs``, at most one for each processor that this process may use."""
    return min(jobs, processors())


def processors() -> int:
    """Return the number of processors that this process may use; all where none can be barred."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
