"""Folding active policies into the environment of one quarter; what they hand over is checked.

    shift          = strength * where * (value - baseline)       of each wish of a policy
    add, exclusive : effective = baseline + sum of shifts     (exclusive: one writer at a time)
    multiply       : effective = baseline * product of (1 + shift / baseline)
    max            : effective = baseline + the shift of largest size, of equal ones the one up
                                 (where > 0); baseline where none does

Each policy wishes a value for fields at some places, ``where`` in [0, 1].
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from ydsim.errors import PolicyError
from ydsim.policies.base import Contribution, Places, Policy
from ydsim.policies.environment import PolicyEnvironment, Scheme, rules
from ydsim.typing import Floats

_FIELDS = frozenset(rules())


def fold(
    baseline: PolicyEnvironment, policies: Mapping[str, Policy], year: float, places: Places
) -> PolicyEnvironment:
    """Return the environment in force: baseline with every policy applied, sorted by name.

    Nothing is kept between quarters, so a policy that ends leaves no residue, and a policy of
    zero strength is not applied at all.

    PolicyError when a policy hands over something else than contributions and schemes of finite
    numbers, writes a field that it does not declare, or changes an array that it was given.
    """
    wishes: dict[str, list[Floats]] = {}
    schemes: list[Scheme] = []
    added: dict[str, dict[str, Floats]] = {}
    rule = rules()
    for name in sorted(policies):
        policy = policies[name]
        strength = _strength(name, policy, year)
        if strength == 0.0:
            continue
        for wish in _yielded(name, "contributions", policy.contributions(year, baseline, places)):
            shift = _shift(name, policy, wish, year, strength, baseline)
            wishes.setdefault(wish.field, []).append(shift)
            if rule[wish.field] == "add":
                part = added.setdefault(wish.field, {})
                part[name] = part[name] + shift if name in part else shift
        for scheme in _yielded(name, "schemes", policy.schemes(year, places)):
            _check_scheme(name, scheme, year)
            schemes.append(replace(scheme, policy=name, strength=strength))
    folded = {
        name: _combine(rule[name], getattr(baseline, name), values)
        for name, values in wishes.items()
    }
    schemes = [*baseline.schemes, *schemes]
    return replace(baseline, **folded, schemes=tuple(schemes), added=added)


def _combine(rule: str, base: Floats, wishes: list[Floats]) -> Floats:
    """Return the effective value of a field from the baseline and all shifts of it."""
    result = base
    if rule == "multiply":
        for shift in wishes:
            ratio = np.divide(shift, base, out=np.zeros_like(base), where=base != 0.0)
            result = result * (1.0 + ratio)
        return result
    if rule == "max":
        largest = np.zeros(base.shape)
        for shift in wishes:
            larger = np.abs(shift) > np.abs(largest)
            # of equal shifts up and down the one up
            larger |= (np.abs(shift) == np.abs(largest)) & (shift > largest)
            largest = np.where(larger, shift, largest)
        return base + largest
    for shift in wishes:
        result = result + shift
    return result


# -- what a policy hands over ----------------------------------------------------------------------


def _strength(name: str, policy: Policy, year: float) -> float:
    strength = policy.strength_at(year)
    if not isinstance(strength, (int, float, np.floating)) or not 0.0 <= strength <= 1.0:
        raise PolicyError(f"policy {name!r}: strength is {strength!r} in {year:g}, not in 0-1")
    return float(strength)


def _yielded(name: str, method: str, given: Any) -> Iterator[Any]:
    """Yield what a method of a policy gives, whatever that is."""
    if not isinstance(given, Iterable):
        raise PolicyError(
            f"policy {name!r}: {method} gave a {type(given).__name__}, which holds no items"
        )
    expected = Contribution if method == "contributions" else Scheme
    try:
        for one in given:
            if not isinstance(one, expected):
                raise PolicyError(
                    f"policy {name!r}: {method} gave a {type(one).__name__}, not a "
                    f"{expected.__name__}"
                )
            yield one
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        raise PolicyError(
            f"policy {name!r}: changes an array that it shares with others; change a copy"
        ) from error


def _shift(
    name: str,
    policy: Policy,
    wish: Contribution,
    year: float,
    strength: float,
    baseline: PolicyEnvironment,
) -> Floats:
    """Return the shift of a field from the baseline that a contribution asks for."""
    if wish.field not in policy.writes or wish.field not in _FIELDS:
        declared = ", ".join(policy.writes) or "nothing"
        raise PolicyError(
            f"policy {name!r}: contributes to {wish.field!r}, but its `writes` declares {declared}"
        )
    base: Floats = getattr(baseline, wish.field)
    what = f"policy {name!r}: {wish.field}"
    where, value = _numbers(wish.where, what), _numbers(wish.value, what)
    try:
        shift: Floats = strength * where * (value - base)
    except ValueError:
        shift = np.empty(0)
    if shift.shape != base.shape:
        raise PolicyError(
            f"{what}: value of shape {value.shape} where {where.shape} does not fit a field "
            f"of shape {base.shape}"
        )
    if not np.isfinite(shift).all():
        raise PolicyError(f"{what}: value is not finite in {year:g}")
    return shift


def _numbers(value: Any, what: str) -> Any:
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unequal length
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "biuf":
        raise PolicyError(f"{what}: expected numbers, found a {type(value).__name__}")
    return array


def _check_scheme(name: str, scheme: Scheme, year: float) -> None:
    for key, value in vars(scheme).items():
        if not isinstance(value, (float, np.ndarray)):
            continue
        if np.asarray(value).dtype.kind not in "biuf" or not np.isfinite(value).all():
            kind = f"{type(scheme).__name__}.{key}"
            raise PolicyError(f"policy {name!r}: {kind} is not finite in {year:g}")


# -- policies that get in each other's way ---------------------------------------------------------

MOST: Final = 1_000
"""Conflicts that are listed; with more of them the others are as good as not seen."""


def conflicts(policies: Mapping[str, Policy]) -> list[tuple[str, str, str]]:
    """Return triples (field, policy, policy) of active policies that write an exclusive field.

    Only the first `MOST` are listed.
    """
    exclusive = {name for name, rule in rules().items() if rule == "exclusive"}
    writers: dict[str, list[str]] = {}
    for name in sorted(policies):
        if policies[name].strength > 0.0:
            for written in policies[name].written():
                if written in exclusive:
                    writers.setdefault(written, []).append(name)
    clashes: list[tuple[str, str, str]] = []
    for written, names in sorted(writers.items()):
        own = [policies[name] for name in names]
        start = np.array([-np.inf if one.start is None else one.start for one in own])
        end = np.array([np.inf if one.end is None else one.end for one in own])
        for i, first in enumerate(names):
            together = np.maximum(start[i], start[i + 1 :]) < np.minimum(end[i], end[i + 1 :])
            clashes += [(written, first, names[i + 1 + k]) for k in np.flatnonzero(together)]
            if len(clashes) >= MOST:
                return clashes[:MOST]
    return clashes
