"""Policies one by one, by name; no package is imported before one of its policies is asked for."""

from __future__ import annotations

import inspect

from ydsim.policies.base import Policy
from ydsim.policies.installed import installed, offered, target
from ydsim.policies.library import shipped


def policy_names() -> list[str]:
    """Return the names of all policies, shipped and of installed packages, sorted."""
    return sorted({*shipped(), *offered()})


def policy_class(name: str) -> type[Policy]:
    """Return the policy of one of the `policy_names`.

    Raises
    ------
    ValueError
        When the package that offers it is at fault, as `ydsim.policies.installed.installed`.
    """
    return installed(name) if name in offered() else shipped()[name]


def named_by_path(path: str) -> str:
    """Return the name of the policy whose class has this import path; empty where none has.

    Only what packages say of themselves is looked at; nothing is imported.
    """
    own = {f"{cls.__module__}.{cls.__qualname__}": name for name, cls in shipped().items()}
    others = {target(entry): name for name, entries in offered().items() for entry in entries}
    return (others | own).get(path, "")


def title_of(cls: type[Policy]) -> str:
    """Return the title of a policy; without one the first line of what it says of itself."""
    said = inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]
    return cls.title or said or f"{cls.__module__}.{cls.__qualname__}"
