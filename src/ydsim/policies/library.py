"""All policies that scenarios can name."""

from __future__ import annotations

import inspect

from ydsim.policies import border, grants
from ydsim.policies.base import Policy
from ydsim.policies.installed import broken, installed, offered
from ydsim.policies.registry import registered

FAMILIES = (border, grants)
"""The shipped modules; importing one registers its policies."""


def policies() -> dict[str, type[Policy]]:
    """Return all policies, shipped and of installed packages, sorted by name."""
    bad = broken()
    others = {name: installed(name) for name in offered() if name not in bad}
    return dict(sorted((registered() | others).items()))


def policy_names() -> list[str]:
    """Return the names of all policies without importing those of other packages."""
    return sorted({*registered(), *offered()})


def policy_class(name: str) -> type[Policy]:
    """Return the policy of one of the `policy_names`, importing it where it is of another package.

    Raises
    ------
    ValueError
        When the package that offers it is at fault, as `ydsim.policies.installed.installed`.
    """
    return installed(name) if name in offered() else registered()[name]


def title_of(cls: type[Policy]) -> str:
    """Return the title of a policy; without one the first line of what it says of itself."""
    said = inspect.cleandoc(cls.__doc__ or "").partition("\n")[0]
    return cls.title or said or f"{cls.__module__}.{cls.__qualname__}"
