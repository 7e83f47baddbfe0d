"""Names under which scenarios find policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ydsim.policies.base import Policy

P = TypeVar("P", bound=type[Policy])

_REGISTRY: dict[str, type[Policy]] = {}


def register(name: str) -> Callable[[P], P]:
    """Return a class decorator that makes a policy known under ``name``."""

    def decorate(cls: P) -> P:
        if name in _REGISTRY:
            raise ValueError(f"two policies are called {name!r}")
        _REGISTRY[name] = cls
        return cls

    return decorate


def registered() -> dict[str, type[Policy]]:
    """Return what has been registered so far, sorted by name."""
    return dict(sorted(_REGISTRY.items()))
