"""All policies that scenarios can name."""

from __future__ import annotations

from ydsim.policies import border, closure, grants
from ydsim.policies.base import Policy
from ydsim.policies.registry import registered

FAMILIES = (border, closure, grants)
"""The shipped modules; importing one registers its policies."""


def policies() -> dict[str, type[Policy]]:
    """Return all registered policies, sorted by name."""
    return registered()
