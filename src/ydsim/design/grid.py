"""Designs over listed values: all combinations, and each value alone."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

from ydsim.design.context import Context
from ydsim.design.draft import Draft
from ydsim.design.factors import read_factors
from ydsim.design.levels import SCENARIO, alike, unchanged
from ydsim.design.sweep import Factor, Level, Row
from ydsim.scenario.read.node import Node

KEYS = ("kind", "factors")


@dataclass(frozen=True)
class GridRows:
    """All combinations of levels; the last factor changes fastest."""

    factors: tuple[Factor, ...]

    def __call__(self) -> Iterator[Row]:
        """Yield the rows."""
        return itertools.product(*(factor.levels for factor in self.factors))


@dataclass(frozen=True)
class AloneRows:
    """The base, and then every level of every factor while the others are as in the base.

    Attributes
    ----------
    factors
        With the level of the base in front of the others.
    """

    factors: tuple[Factor, ...]

    def __call__(self) -> Iterator[Row]:
        """Yield the rows."""
        base = tuple(factor.levels[0] for factor in self.factors)
        yield base
        for j, factor in enumerate(self.factors):
            for level in factor.levels[1:]:
                yield (*base[:j], level, *base[j + 1 :])


def read_grid(ctx: Context, node: Node) -> Draft | None:
    """Return all combinations of the factors' values."""
    factors = read_factors(ctx, node.value.get("factors"), node)
    if not factors or not all(factor.levels for factor in factors):
        return None
    size = math.prod(len(factor.levels) for factor in factors)
    return Draft(factors, size, GridRows(factors))


def read_one_at_a_time(ctx: Context, node: Node) -> Draft | None:
    """Return the base followed by every value alone."""
    factors = read_factors(ctx, node.value.get("factors"), node)
    if not factors or not all(factor.levels for factor in factors):
        return None
    given = node.value["factors"].value
    found = []
    for factor, (key, child) in zip(factors, given.items(), strict=True):
        usual = unchanged(ctx, factor.key) if factor.key else Level("base")
        if factor.key == SCENARIO:
            usual = Level(usual.value)
        if any(same(usual, level) for level in factor.levels):
            message = f"{usual.value!r} is what the base has, and the first point is the base"
            ctx.note(child, ("design", "factors", key), message, at_key=True)
        levels = alike([usual, *factor.levels])
        found.append(Factor(factor.label, factor.key, tuple(levels)))
    size = 1 + sum(len(factor.levels) - 1 for factor in found)
    return Draft(tuple(found), size, AloneRows(tuple(found)))


def same(one: Level, other: Level) -> bool:
    """Tell whether two levels show the same value; 1 and 1.0 do, 1 and true do not."""
    a, b = one.value, other.value
    return a == b and isinstance(a, bool) == isinstance(b, bool)
