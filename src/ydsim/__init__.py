"""How technology and industry innovation spread through the Yangtze River Delta.

The public surface; everything is imported on first use, so that ``import ydsim`` is light.

>>> import ydsim
>>> results = ydsim.simulate("baseline", {"scale": 0.02, "end": 2012}, seed=1)  # doctest: +SKIP
>>> results.table("province_year")  # doctest: +SKIP
>>> ydsim.plot.funnel(results)  # doctest: +SKIP
"""

from __future__ import annotations

import warnings
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
    from ydsim.run.api import resume, sweep
    from ydsim.run.signals import Stopped
    from ydsim.run.single import simulate
    from ydsim.scenario.load import load_scenario
    from ydsim.scenario.schema.scenario import Scenario
    from ydsim.studies.comparison import Comparison, compare
    from ydsim.world.fit import WorldFit, fit_world
    from ydsim.world.loader import load_world
    from ydsim.world.world import World

__version__ = "0.8.1"

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
    "Stopped": "ydsim.run.signals",
    "UsageError": "ydsim.errors",
    "World": "ydsim.world.world",
    "WorldFit": "ydsim.world.fit",
    "YdsimError": "ydsim.errors",
    "compare": "ydsim.studies.comparison",
    "fit_world": "ydsim.world.fit",
    "load_scenario": "ydsim.scenario.load",
    "load_world": "ydsim.world.loader",
    "open_results": "ydsim.results.results",
    "resume": "ydsim.run.api",
    "simulate": "ydsim.run.single",
    "sweep": "ydsim.run.api",
}

_RENAMED: dict[str, tuple[str, str]] = {
    "Bottleneck": ("ydsim.studies.bottleneck", "Bottleneck"),
    "Decomposition": ("ydsim.studies.channels", "Channels"),
    "Effects": ("ydsim.studies.literature", "Effects"),
    "PlayedGame": ("ydsim.studies.border_game", "BorderGame"),
    "Resonance": ("ydsim.studies.interactions", "Interactions"),
    "Sensitivity": ("ydsim.studies.sensitivity", "Sensitivity"),
    "SweepResults": ("ydsim.results.results", "Results"),
    "bottleneck": ("ydsim.studies.bottleneck", "run"),
    "decompose": ("ydsim.studies.channels", "run"),
    "effects": ("ydsim.studies.literature", "run"),
    "resonance": ("ydsim.studies.interactions", "run"),
    "sensitivity": ("ydsim.studies.sensitivity", "read"),
}
"""Names of version 0.6, which warn and work: module and name of what takes their place."""

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
    if name in _RENAMED:
        module, new = _RENAMED[name]
        warnings.warn(f"ydsim.{name} is now {module}.{new}", DeprecationWarning, stacklevel=2)
        return getattr(import_module(module), new)
    raise AttributeError(f"module 'ydsim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
