"""Designs over listed values: all combinations, and each value alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Literal

from ydsim.design.context import Context
from ydsim.design.kind import ListedKind
from ydsim.design.levels import SCENARIO, alike, unchanged
from ydsim.design.sweep import Factor, Level, Row
from ydsim.scenario.read.node import Node


class Grid(ListedKind):
    """All combinations of levels; the last factor changes fastest."""

    kind: Literal["grid"]

    def size(self, factors: tuple[Factor, ...]) -> int:
        """Return the product of the numbers of levels."""
        return math.prod(len(factor.levels) for factor in factors)

    def rows(self, factors: tuple[Factor, ...]) -> Iterator[Row]:
        """Yield the rows."""
        return itertools.product(*(factor.levels for factor in factors))


class OneAtATime(ListedKind):
    """The base, and then every level of every factor while the others are as in the base."""

    kind: Literal["one_at_a_time"]

    def factors_of(self, ctx: Context, node: Node) -> tuple[Factor, ...]:
        """Return the factors, the level of the base in front of the others."""
        found = []
        nodes = node.value["factors"].value
        for factor in super().factors_of(ctx, node):
            key = factor.key or factor.label
            usual = unchanged(ctx, factor.key) if factor.key else Level("base")
            if factor.key == SCENARIO:
                usual = Level(usual.value)
            if any(same(usual, level) for level in factor.levels):
                message = f"{usual.value!r} is what the base has, and the first point is the base"
                ctx.note(nodes[key], ("design", "factors", key), message, at_key=True)
            levels = tuple(alike([usual, *factor.levels]))
            found.append(Factor(factor.label, factor.key, levels))
        return tuple(found)

    def size(self, factors: tuple[Factor, ...]) -> int:
        """Return 1 and the number of levels that the base has not."""
        return 1 + sum(len(factor.levels) - 1 for factor in factors)

    def rows(self, factors: tuple[Factor, ...]) -> Iterator[Row]:
        """Yield the rows."""
        base = tuple(factor.levels[0] for factor in factors)
        yield base
        for j, factor in enumerate(factors):
            for level in factor.levels[1:]:
                yield (*base[:j], level, *base[j + 1 :])


def same(one: Level, other: Level) -> bool:
    """Tell whether two levels show the same value; 1 and 1.0 do, 1 and true do not."""
    a, b = one.value, other.value
    return a == b and isinstance(a, bool) == isinstance(b, bool)
