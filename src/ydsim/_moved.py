"""Names of modules in version 0.3: each still imports, for one version, with a warning.

Importing an old name gives the module of the new one, the same object, and a `DeprecationWarning`.
Nothing is imported before it is asked for.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any, Final

MOVED: Final[dict[str, str]] = {
    "agents.kinds": "agents.mesa_agents",
    "agents.pools": "agents.gravity_sampling",
    "agents.room": "agents.capacity",
    "analysis.actors": "pages.actors",
    "analysis.factorial": "pages.factorial",
    "analysis.lever_effects": "pages.lever_effects",
    "analysis.scales": "pages.scales",
    "analysis.sense": "pages.sense",
    "analysis.ten_firms": "pages.ten_firms",
    "experiment.opening": "results.opening",
    "experiment.replicate": "run.replicate",
    "experiment.results": "results.results",
    "experiment.run": "run.replay",
    "experiment.simulate": "run.simulate",
    "experiment.sweep.call": "run.api",
    "experiment.sweep.results": "results.results",
    "scenario.catalogue": "scenario.schema.key_index",
    "scenario.document": "pages.parameters",
    "scenario.document_policies": "pages.policies",
    "scenario.find": "scenario.read.locate",
    "scenario.jsonschema": "scenario.schema.jsonschema",
    "scenario.policies": "policies.plain",
}
"""Old and new names below ``ydsim``."""

GONE: Final = ("experiment", "experiment.sweep")
"""Packages of which only modules with a new name are left."""


class MovedFinder:
    """Finds modules under their old names; one of the finders of `sys.meta_path`, and a loader."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load an old name, None for any other."""
        below = name.removeprefix("ydsim.")
        if below == name:
            return None
        loader: Any = self
        if below in MOVED:
            # what `sys.argv` says of the program of ``python -m``
            file = os.path.join(os.path.dirname(__file__), *MOVED[below].split(".")) + ".py"
            return ModuleSpec(name, loader, origin=file)
        return ModuleSpec(name, loader, is_package=True) if below in GONE else None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return None: Python makes an empty module first."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of the new name in the place of the empty one."""
        if not hasattr(module, "__path__"):
            new = _new(module.__name__)
            warnings.warn(f"{module.__name__} is now {new}", DeprecationWarning, stacklevel=2)
            sys.modules[module.__name__] = import_module(new)

    def get_code(self, name: str) -> CodeType | None:
        """Return what ``python -m`` runs."""
        from importlib.util import find_spec

        new = _new(name)
        # as of the main module, whose warnings of this kind are shown
        warnings.warn_explicit(f"{name} is now {new}", DeprecationWarning, name, 1, "__main__")
        spec = find_spec(new)
        if spec is None or spec.loader is None:
            raise ImportError(f"no module {new}", name=new)
        code: CodeType | None = spec.loader.get_code(new)  # type: ignore[attr-defined]
        return code


def _new(name: str) -> str:
    return "ydsim." + MOVED[name.removeprefix("ydsim.")]


def install() -> None:
    """Let old names be found, before any module of theirs could be found in a folder."""
    if not any(type(finder).__name__ == MovedFinder.__name__ for finder in sys.meta_path):
        sys.meta_path.insert(0, MovedFinder())
