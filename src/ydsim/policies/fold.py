"""Folding active policies into the environment of one quarter, in the order of their names.

    shift          = strength * where * (value - baseline)       of each wish of a policy
    add, exclusive : effective = baseline + sum of shifts     (exclusive: one writer at a time)
    multiply       : effective = baseline * product of (1 + shift / baseline)
    max            : effective = baseline + the shift of largest size, of equal ones the one up
                                 (where > 0); baseline where none does

Each policy wishes a value for fields at some places, ``where`` in [0, 1].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from ydsim.policies.base import Places, Policy
from ydsim.policies.checked import schemes_of, shifts_of, strength_of
from ydsim.policies.environment import PolicyEnvironment, rules
from ydsim.policies.schemes import Scheme
from ydsim.typing import Floats


def fold(
    baseline: PolicyEnvironment, policies: Mapping[str, Policy], year: float, places: Places
) -> PolicyEnvironment:
    """Return the environment in force: baseline with every policy applied, sorted by name.

    Nothing is kept between quarters, so a policy that ends leaves no residue, and a policy of
    zero strength is not applied at all.
    """
    wishes: dict[str, list[Floats]] = {}
    schemes: list[Scheme] = []
    added: dict[str, dict[str, Floats]] = {}
    rule = rules()
    for name in sorted(policies):
        policy = policies[name]
        strength = strength_of(name, policy, year)
        if strength == 0.0:
            continue
        for field, shift in shifts_of(name, policy, year, strength, baseline, places):
            wishes.setdefault(field, []).append(shift)
            if rule[field] == "add":
                part = added.setdefault(field, {})
                part[name] = part[name] + shift if name in part else shift
        for scheme in schemes_of(name, policy, year, places):
            schemes.append(replace(scheme, policy=name, strength=strength))
    folded = {
        name: _combine(rule[name], getattr(baseline, name), found) for name, found in wishes.items()
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
