"""Studies: questions that many runs of one scenario answer, each with a design and a table.

Every study is a module with three functions: ``design(...)`` returns the sweep, ``run(...)`` runs
it and returns what was found, ``read(results, ...)`` finds the same in finished runs.
`ydsim.studies.study` holds what they share.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

STUDIES: tuple[str, ...] = (
    "bottleneck",
    "interactions",
    "sensitivity",
    "optimise",
    "border_game",
    "literature",
)
"""Names of the studies, in the order of the command line."""


def __getattr__(name: str) -> ModuleType:
    if name in (*STUDIES, "channels", "comparison", "firms"):
        return import_module(f"ydsim.studies.{name}")
    raise AttributeError(f"module 'ydsim.studies' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*STUDIES]
