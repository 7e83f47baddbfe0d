"""What a scenario may say: sections, parameters with bounds, policies, governance."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name != "Scenario":  # until version 0.3 this was a module, which held it
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        new = f"{__name__}.scenario"
        warnings.warn(
            f"{__name__}.Scenario is now {new}.Scenario", DeprecationWarning, stacklevel=2
        )
        return getattr(import_module(new), name)
