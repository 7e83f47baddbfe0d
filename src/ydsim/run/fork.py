"""Forks: what runs of a part have in common is simulated once.

Runs are of one family when they have a replicate and everything but policies, shocks, governance
and names in common. The burn-in knows none of these, and up to the first quarter in which they
differ such runs are one. A run leaves a copy of its model at each quarter at which a later one
parts from it, and the later one goes on from there. Results are equal, and every run can do without
a copy: one that was not left, or is too large, costs time only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ydsim.policies.base import Policy
from ydsim.scenario.check.check_world import BYTES_PER_FIRM, GROWTH
from ydsim.scenario.schema.scenario import Scenario

MOST_BYTES: Final = 2**29
"""Memory for copies in one process; larger regions are simulated from their start."""

SHIPPED: Final = "ydsim.policies."
"""Where policies come from that keep nothing, whatever else is registered."""

NEAR: Final = 8
"""Runs before a run with which it is compared, beside the first of its family."""

SCHEDULE: Final = ("start", "end", "ramp", "decay", "strength")
"""Keys of a policy by which its strength changes over time, and nothing else of it."""


# -- where runs part -------------------------------------------------------------------------------


def first_difference(one: Scenario, other: Scenario) -> int:
    """Return the first quarter in which two scenarios of a family may differ, or their number."""
    quarters = (_of_policies(one, other), _of_shocks(one, other), _of_governance(one, other))
    return max(0, min(*quarters, one.quarters))


def _of_policies(one: Scenario, other: Scenario) -> int:
    if any(map(_may_remember, [*one.policies.values(), *other.policies.values()])):
        return 0
    names = one.policies.keys() | other.policies.keys()
    pairs = [(one.policies.get(name), other.policies.get(name)) for name in names]
    pairs = [(a, b) for a, b in pairs if a != b]
    alike = [_alike(a, b) for a, b in pairs]
    for quarter in range(one.quarters):
        year = one.start + quarter / 4.0
        for (a, b), same in zip(pairs, alike, strict=True):
            strong, other_strong = (0.0 if p is None else p.strength_at(year) for p in (a, b))
            if strong != other_strong or (strong > 0.0 and not same):
                return quarter
    return one.quarters


def _may_remember(policy: Policy) -> bool:
    """Tell whether a policy may keep something, or have a strength of its own making."""
    kind = type(policy)
    if kind.__module__.startswith(SHIPPED):
        return False
    return not kind.stateless or kind.strength_at is not Policy.strength_at


def _alike(one: Policy | None, other: Policy | None) -> bool:
    """Tell whether two policies do the same at equal strength."""
    if one is None or other is None or type(one) is not type(other):
        return False
    return one.model_dump(exclude={*SCHEDULE}) == other.model_dump(exclude={*SCHEDULE})


def _of_shocks(one: Scenario, other: Scenario) -> int:
    same = 0
    for a, b in zip(one.shocks, other.shocks, strict=False):
        if a != b:
            break
        same += 1
    rest = [*one.shocks[same:], *other.shocks[same:]]
    return min((shock.first(one.start) for shock in rest), default=one.quarters)


def _of_governance(one: Scenario, other: Scenario) -> int:
    if one.governance == other.governance:
        return one.quarters
    decide = [s.governance for s in (one, other) if s.governance.mode != "fixed"]
    return min((4 * (keys.start - one.start) for keys in decide), default=one.quarters)


# -- the forks of a part ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Start:
    """What a run begins with: a model, how many quarters it has behind it, remarks so far."""

    model: Any
    quarter: int = 0
    warned: Sequence[str] = ()


class Forks:
    """Copies of models, left by runs of a part for later ones.

    ``runs``: replicate, family and scenario of each by its name, in the order in which they are
    made; families are those of `ydsim.store.points.PointTable.family`. ``firms``: those of a run in
    the world's own year, by which the size of a copy is judged.
    """

    def __init__(self, runs: Mapping[str, tuple[int, str, Scenario]], firms: float = 0.0) -> None:
        self._from: dict[str, tuple[str, int]] = {}
        self.saved: dict[str, float] = {}  # share of a run that it has from an earlier one
        families: dict[tuple[int, str], list[tuple[str, Scenario]]] = {}
        for run, (replicate, family, scenario) in runs.items():
            before = families.setdefault((replicate, family), [])
            near = [*before[:1], *before[1:][-NEAR:]]
            shared = [(first_difference(of, scenario), name) for name, of in near]
            if shared:  # of those that share most of it, the first
                quarter, name = max(shared, key=lambda pair: pair[0])
                self._from[run] = name, quarter
                burn_in = scenario.parameters.population.burn_in
                self.saved[run] = (burn_in + quarter) / (burn_in + scenario.quarters)
            before.append((run, scenario))
        self._uses = Counter(self._from.values())
        self._left: dict[tuple[str, int], Start] = {}
        self._firms = firms

    def start(self, run: str, scenario: Scenario) -> Start | None:
        """Return where a run begins, None for the beginning."""
        place = self._from.get(run)
        if place is None:
            return None
        self._uses[place] -= 1
        left = self._left.get(place) if self._uses[place] else self._left.pop(place, None)
        if left is None:
            return None
        return Start(left.model.branch(scenario), left.quarter, left.warned)

    def leave(self, run: str, quarter: int, model: Any, warned: Sequence[str]) -> None:
        """Copy a model where a later run parts from it, if there is room."""
        if not self._uses[run, quarter] or not hasattr(model, "branch"):  # a stand-in
            return
        if (len(self._left) + 1) * self._firms * GROWTH * BYTES_PER_FIRM <= MOST_BYTES:
            copy = model.branch(model.settings)
            self._left[run, quarter] = Start(copy, quarter, tuple(warned))
