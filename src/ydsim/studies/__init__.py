"""Studies: questions that many runs of one scenario answer, each with a design and a table.

Every study is a module with three functions: ``design(...)`` returns the sweep, ``run(...)`` runs
it and returns what was found, ``read(results, ...)`` finds the same in finished runs.
`ydsim.studies.study` holds what they share.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ydsim.errors import NothingToDrawError

if TYPE_CHECKING:
    from ydsim.results.results import Results

STUDIES: dict[str, str] = {
    "bottleneck": "vary each stage and each friction: what holds the chain back most",
    "interactions": "switch groups of actors on and off: effects alone and together",
    "sensitivity": "rank the factors of a sweep by their effect: Morris, Sobol, tornado, PRIM",
    "optimise": "search policies for the best trade-offs between objectives",
    "border_game": "game of open and closed provinces: payoffs, equilibria, transfers",
    "literature": "run estimators of published studies on simulated panels",
    "skill": "forecast past years from what was known: errors, intervals, benchmarks",
    "validation": "compare published patterns up to 2020 with runs",
    "transfer": "hold a region to which nothing was fitted against its figures",
    "flows": "compare links between cities with counted ones",
    "attribution": "split growth of exchange: policies, recording, prices, the rest",
}
"""The studies of the command line, in its order, each with what it does."""


def __getattr__(name: str) -> ModuleType:
    if name in (*STUDIES, "calibration", "channels", "comparison", "scorecard"):
        return import_module(f"ydsim.studies.{name}")
    raise AttributeError(f"module 'ydsim.studies' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*STUDIES]


_WITH_FOREST = ("bottleneck", "interactions", "channels")


def has_forest(results: Results) -> bool:
    """Tell whether results are runs of a study that draws a forest plot."""
    return any(__getattr__(name).suits(results) for name in _WITH_FOREST)


def draw_forest(results: Results, **options: Any) -> Any:
    """Return what the runs of a study show; options as for its ``read``, errors too.

    NothingToDrawError when results are no runs of a study that draws a forest plot.
    """
    for study in map(__getattr__, _WITH_FOREST):
        if study.suits(results):
            return study.read(results, **options)
    raise NothingToDrawError(
        f"{results.name}: these are no runs of ydsim study bottleneck or interactions, or of "
        "ydsim compare --by channel"
    )
