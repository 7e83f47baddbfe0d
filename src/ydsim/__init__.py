"""How technology and industry innovation spread through the Yangtze River Delta.

The public surface; everything is imported on first use, so that ``import ydsim`` is light.

>>> import ydsim
>>> results = ydsim.simulate("baseline", {"scale": 0.02, "end": 2012}, seed=1)  # doctest: +SKIP
>>> results.table("province_year")  # doctest: +SKIP
>>> ydsim.plot.funnel(results)  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ydsim import plot as plot
    from ydsim.errors import (
        InputError,
        NothingToDrawError,
        PolicyError,
        ResourceError,
        ResultsError,
        ScenarioError,
        UsageError,
        YdsimError,
    )
    from ydsim.model import Model
    from ydsim.policies.base import Policy
    from ydsim.results.results import Results, open_results
    from ydsim.run.api import resume, simulate, sweep
    from ydsim.run.progress import Stopped
    from ydsim.scenario.load import load_scenario
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.studies.comparison import Comparison, compare
    from ydsim.studies.fit import WorldFit, fit_world
    from ydsim.world.loader import load_world
    from ydsim.world.world import World

__version__ = "0.21.0"

_HOMES = {
    "Comparison": "ydsim.studies.comparison",
    "InputError": "ydsim.errors",
    "PolicyError": "ydsim.errors",
    "Model": "ydsim.model",
    "NothingToDrawError": "ydsim.errors",
    "Policy": "ydsim.policies.base",
    "ResourceError": "ydsim.errors",
    "Results": "ydsim.results.results",
    "ResultsError": "ydsim.errors",
    "Scenario": "ydsim.scenario.schema.scenario",
    "ScenarioError": "ydsim.errors",
    "Stopped": "ydsim.run.progress",
    "UsageError": "ydsim.errors",
    "World": "ydsim.world.world",
    "WorldFit": "ydsim.studies.fit",
    "YdsimError": "ydsim.errors",
    "compare": "ydsim.studies.comparison",
    "fit_world": "ydsim.studies.fit",
    "load_scenario": "ydsim.scenario.load",
    "load_world": "ydsim.world.loader",
    "open_results": "ydsim.results.results",
    "resume": "ydsim.run.api",
    "simulate": "ydsim.run.api",
    "sweep": "ydsim.run.api",
}

__all__ = [
    "Comparison",
    "InputError",
    "Model",
    "NothingToDrawError",
    "Policy",
    "PolicyError",
    "ResourceError",
    "Results",
    "ResultsError",
    "Scenario",
    "ScenarioError",
    "Stopped",
    "UsageError",
    "World",
    "WorldFit",
    "YdsimError",
    "compare",
    "fit_world",
    "load_scenario",
    "load_world",
    "open_results",
    "plot",
    "resume",
    "simulate",
    "sweep",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in ("plot", "studies"):
        return import_module(f"ydsim.{name}")
    raise AttributeError(f"module 'ydsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
