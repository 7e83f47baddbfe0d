"""Packages that only some analyses need: imported when asked for, with one line where missing."""

from __future__ import annotations

import importlib
import warnings
from importlib.util import find_spec
from typing import Any

from ydsim.errors import UsageError

EXTRA = "studies"
"""Name of the group of optional packages that has them all."""


def extra(module: str, package: str, what: str) -> Any:
    """Return a module of an optional package.

    Parameters
    ----------
    module
        Dotted name, as in ``SALib.analyze.morris``.
    package
        Name under which the package is known, for the message.
    what
        What needs it, for the message.

    Raises
    ------
    UsageError
        When the package is not installed; the line says how to get it.
    """
    if find_spec(module.partition(".")[0]) is None:
        raise UsageError(
            f"{what} needs {package}, which is not installed: pip install 'ydsim[{EXTRA}]'"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages that the package imports in turn
        return importlib.import_module(module)
