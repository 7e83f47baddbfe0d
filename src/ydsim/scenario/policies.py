"""From the ``policies:`` mapping of a scenario to policy objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ydsim.policies.base import Policy
from ydsim.policies.registry import policies


def build_policies(value: Any) -> dict[str, Policy]:
    """Return the policies of a scenario by name, ``border_friction`` always among them."""
    if not isinstance(value, Mapping):
        raise ValueError("policies must be a mapping from names to their settings")
    known = policies()
    built: dict[str, Policy] = {}
    for name, settings in {"border_friction": {}, **value}.items():
        if isinstance(settings, Policy):
            built[name] = settings
            continue
        settings = dict(settings or {})
        kind = settings.pop("policy", name)
        built[name] = known[kind].model_validate(settings)
    return built
