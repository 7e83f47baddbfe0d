"""What the reader of a kind of design gives back, and what all kinds check alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ydsim.design.context import Context
from ydsim.design.sweep import Factor, Rows
from ydsim.scenario.read.node import Node

LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Draft:
    """A design that was read.

    Attributes
    ----------
    factors
        In the order of the file.
    size
        Number of points.
    rows
        Yields the points.
    settings
        What else defines it, as plain data.
    """

    factors: tuple[Factor, ...]
    size: int
    rows: Rows
    settings: Mapping[str, Any] = field(default_factory=dict)


def whole_setting(
    ctx: Context, node: Node, name: str, *, low: int, high: int, usual: int | None = None
) -> int | None:
    """Return a setting of the design that is a whole number; None, noted, where it is not."""
    given = node.value.get(name)
    if given is None and usual is None:
        ctx.note(node, ("design",), f"{ctx.kind} needs {name!r}", at_key=True)
        return None
    value = ctx.number(given, ("design", name), usual=usual, whole=True, low=low, high=high)
    return None if value is None else int(value)


def power_of_two(ctx: Context, node: Node) -> int | None:
    """Return the setting ``n``, which must be a power of two; None, noted, where it is not."""
    n = whole_setting(ctx, node, "n", low=2, high=2**20)
    if n is None or n & (n - 1) == 0:
        return n
    below = 1 << (n.bit_length() - 1)
    message = (
        f"must be a power of two for {ctx.kind}, found {n}; the nearest are {below} and {2 * below}"
    )
    ctx.note(node.value["n"], ("design", "n"), message)
    return None
