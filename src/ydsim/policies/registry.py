"""Names under which scenarios find policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ydsim.policies.base import Policy

P = TypeVar("P", bound=type[Policy])

REGISTRY: dict[str, type[Policy]] = {}
"""What has been registered so far, by name."""


def register(name: str) -> Callable[[P], P]:
    """Return a class decorator that makes a policy known under ``name``."""

    def decorate(cls: P) -> P:
        if name in REGISTRY:
            raise ValueError(f"two policies are called {name!r}")
        REGISTRY[name] = cls
        return cls

    return decorate
