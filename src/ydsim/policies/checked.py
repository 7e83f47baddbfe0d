"""What a policy hands over, checked before it is folded: code of others may hand over anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ydsim.errors import PolicyError
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment, rules
from ydsim.policies.schemes import Scheme
from ydsim.typing import Floats

_NUMERIC = "biuf"
_FIELDS = frozenset(rules())


def strength_of(name: str, policy: Policy, year: float) -> float:
    """Return the strength of a policy, in [0, 1].

    Raises
    ------
    PolicyError
        When it is anything else.
    """
    strength = policy.strength_at(year)
    if not isinstance(strength, (int, float, np.floating)) or not 0.0 <= strength <= 1.0:
        raise PolicyError(f"policy {name!r}: strength is {strength!r} in {year:g}, not in 0-1")
    return float(strength)


def shifts_of(
    name: str,
    policy: Policy,
    year: float,
    strength: float,
    baseline: PolicyEnvironment,
    places: Places,
) -> Iterator[tuple[str, Floats]]:
    """Yield field and shift from the baseline, at a strength, of each contribution.

    Raises
    ------
    PolicyError
        The policy yields something else, writes a field that it does not declare, or changes an
        array that it was given.
    """
    for wish in _yielded(name, policy.contributions(year, baseline, places), "contributions"):
        if not isinstance(wish, Contribution):
            raise PolicyError(
                f"policy {name!r}: contributions gave a {type(wish).__name__}, not a Contribution"
            )
        if wish.field not in policy.writes or wish.field not in _FIELDS:
            declared = ", ".join(policy.writes) or "nothing"
            raise PolicyError(
                f"policy {name!r}: contributes to {wish.field!r}, but its `writes` declares "
                f"{declared}"
            )
        base: Floats = getattr(baseline, wish.field)
        what = f"policy {name!r}: {wish.field}"
        where, value = _numbers(wish.where, what), _numbers(wish.value, what)
        try:
            shift = strength * where * (value - base)
        except ValueError:
            shift = np.empty(0)
        if shift.shape != base.shape:
            raise PolicyError(
                f"{what}: value of shape {value.shape} where {where.shape} does not fit a field "
                f"of shape {base.shape}"
            )
        if not np.isfinite(shift).all():
            raise PolicyError(f"{what}: value is not finite in {year:g}")
        yield wish.field, shift


def schemes_of(name: str, policy: Policy, year: float, places: Places) -> Iterator[Scheme]:
    """Yield the schemes of a policy.

    Raises
    ------
    PolicyError
        When it yields something else, or a scheme with a number that is not finite.
    """
    for scheme in _yielded(name, policy.schemes(year, places), "schemes"):
        if not isinstance(scheme, Scheme):
            raise PolicyError(
                f"policy {name!r}: schemes gave a {type(scheme).__name__}, not a Scheme"
            )
        for key, value in vars(scheme).items():
            if isinstance(value, (float, np.ndarray)) and not _finite(value):
                kind = f"{type(scheme).__name__}.{key}"
                raise PolicyError(f"policy {name!r}: {kind} is not finite in {year:g}")
        yield scheme


def _yielded(name: str, given: Any, method: str) -> Iterator[Any]:
    if not isinstance(given, Iterable):
        raise PolicyError(
            f"policy {name!r}: {method} gave a {type(given).__name__}, which holds no items"
        )
    try:
        yield from given
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise PolicyError(
            f"policy {name!r}: changes an array that it shares with others; change a copy"
        ) from error


def _numbers(value: Any, what: str) -> Any:
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal length
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in _NUMERIC:
        raise PolicyError(f"{what}: expected numbers, found a {type(value).__name__}")
    return array


def _finite(value: Any) -> bool:
    try:
        return bool(np.isfinite(value).all())
    except TypeError:
        return False
