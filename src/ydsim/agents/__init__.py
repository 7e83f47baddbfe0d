"""The column tables of a run and the six kinds of agents that are views on them.

The kinds are imported when they are asked for: what only reads the tables needs no Mesa.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ydsim.agents.mesa_agents import (
        Firm,
        Government,
        Institute,
        Intermediary,
        Media,
        University,
    )

__all__ = ["Firm", "Government", "Institute", "Intermediary", "Media", "University"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("ydsim.agents.mesa_agents"), name)
    raise AttributeError(f"module 'ydsim.agents' has no attribute {name!r}")
