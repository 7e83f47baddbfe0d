"""Folding active policies into the environment of one quarter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np

from ydsim.policies.base import Places, Policy
from ydsim.policies.environment import PolicyEnvironment, rules
from ydsim.typing import Floats


def fold(
    baseline: PolicyEnvironment, policies: Mapping[str, Policy], year: float, places: Places
) -> PolicyEnvironment:
    """Return the environment in force: baseline with every policy applied, sorted by name.

    Nothing is kept between quarters, so a policy that ends leaves no residue, and a policy of
    zero strength is not applied at all.
    """
    rule = rules()
    folded: dict[str, Floats] = {}
    for name in sorted(policies):
        policy = policies[name]
        strength = policy.strength_at(year)
        if strength == 0.0:
            continue
        for wish in policy.contributions(year, baseline, places):
            base: Floats = getattr(baseline, wish.field)
            now = folded.get(wish.field, base)
            shift = strength * np.asarray(wish.where) * (np.asarray(wish.value) - base)
            folded[wish.field] = _combine(rule[wish.field], now, base, shift)
    return replace(baseline, **folded)


def _combine(rule: str, now: Floats, base: Floats, shift: Floats) -> Floats:
    if rule == "multiply":
        ratio = np.divide(shift, base, out=np.zeros_like(now), where=base != 0.0)
        return np.asarray(now * (1.0 + ratio))
    if rule == "max":
        return np.maximum(now, base + shift)
    return np.asarray(now + shift)


def conflicts(policies: Mapping[str, Policy]) -> list[tuple[str, str, str]]:
    """Return triples (field, policy, policy) of active policies that write an exclusive field."""
    exclusive = {f.name for f in fields(PolicyEnvironment) if f.metadata["rule"] == "exclusive"}
    writers: dict[str, list[str]] = {}
    for name in sorted(policies):
        if policies[name].strength > 0.0:
            for written in policies[name].writes:
                if written in exclusive:
                    writers.setdefault(written, []).append(name)
    clashes = []
    for written, names in sorted(writers.items()):
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                if _overlap(policies[first], policies[second]):
                    clashes.append((written, first, second))
    return clashes


def _overlap(a: Policy, b: Policy) -> bool:
    starts = [-np.inf if p.start is None else p.start for p in (a, b)]
    ends = [np.inf if p.end is None else p.end for p in (a, b)]
    return max(starts) < min(ends)
