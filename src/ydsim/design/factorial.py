"""Groups of actors on and off, in all combinations or in half of them.

The half fraction 2^(k-1) takes the cells of which an even number of groups is off. Its defining
relation is I = ABC...K, the product of all k groups, and its resolution is k: the effect of a group
is mixed with the interaction of the k - 1 others alone, an interaction of two with that of the
k - 2 others. With the six groups main effects are clear of interactions of up to four groups, and
interactions of two of those of up to three.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from ydsim.design.change import Change
from ydsim.design.context import Context
from ydsim.design.draft import Draft
from ydsim.design.levels import LABEL, LABEL_RULE, TAKEN, overlaid
from ydsim.design.sweep import Factor, Level, Row
from ydsim.scenario.read.node import Node
from ydsim.scenario.schema.sections.society import ActorParameters
from ydsim.wording import suggestion

KEYS = ("kind", "groups", "fraction")
MOST = 20
"""Groups."""


@dataclass(frozen=True)
class CellRows:
    """Cells, none on first and all on last; half of them leaves out an odd number off."""

    factors: tuple[Factor, ...]
    half: bool

    def __call__(self) -> Iterator[Row]:
        """Yield the rows."""
        for row in itertools.product(*(factor.levels for factor in self.factors)):
            if not self.half or sum(not level.value for level in row) % 2 == 0:
                yield row


def read_factorial(ctx: Context, node: Node) -> Draft | None:
    """Return groups of actors on and off."""
    factors = _groups(ctx, node)
    fraction = node.value.get("fraction")
    half = fraction is not None and fraction.value == "half"
    if fraction is not None and fraction.value not in ("half", "full"):
        message = f"{fraction.text!r} is not valid; valid are: half, full"
        ctx.note(fraction, ("design", "fraction"), message)
        return None
    if factors and half and len(factors) < 3:
        message = f"half of {len(factors)} groups mixes their effects; take at least 3, or `full`"
        ctx.note(fraction or node, ("design", "fraction"), message)
        return None
    if not factors:
        return None
    size = 2 ** (len(factors) - half)
    settings: dict[str, object] = {"fraction": "half" if half else "full"}
    if half:
        settings["relation"] = "I = " + " x ".join(factor.label for factor in factors)
    return Draft(factors, size, CellRows(factors, half), settings)


def _groups(ctx: Context, node: Node) -> tuple[Factor, ...]:
    path = ("design", "groups")
    known = list(ActorParameters.model_fields)
    given = node.value.get("groups")
    if given is None or given.value == "all":
        return tuple(_switch(name) for name in known)
    if given.is_mapping and given.value:
        return _of_policies(ctx, given)
    if not isinstance(given.value, list) or not given.value:
        message = f"expected all, a list of groups, or groups of policies, found {given.kind}"
        ctx.note(given, path, message)
        return ()
    before = len(ctx.problems)
    names = []
    for i, item in enumerate(given.value):
        if item.value not in known:
            hint = suggestion(item.text, known, "groups are")
            ctx.note(item, (*path, i), f"no group is called {item.text!r}{hint}")
        elif item.value in names:
            ctx.note(item, (*path, i), f"group {item.value!r} stands twice")
        else:
            names.append(str(item.value))
    return tuple(map(_switch, names)) if len(ctx.problems) == before else ()


def _switch(name: str) -> Factor:
    key = f"parameters.actors.{name}"
    return Factor(name, key, tuple(Level(on, overlaid(key, on)) for on in (False, True)))


def _of_policies(ctx: Context, node: Node) -> tuple[Factor, ...]:
    """Return groups of policies; one that is off has them at strength 0."""
    path = ("design", "groups")
    policies = sorted(ctx.bases.of().scenario.policies)
    before = len(ctx.problems)
    factors = []
    owners: dict[str, str] = {}
    if len(node.value) > MOST:
        ctx.note(node, path, f"more than {MOST} groups")
    for name, child in node.value.items():
        here = (*path, name)
        if not LABEL.fullmatch(name):
            ctx.note(child, here, f"{name!r} cannot name a group; {LABEL_RULE}", at_key=True)
        if name in TAKEN:
            message = f"{name!r} is a column of every table; give it another name"
            ctx.note(child, here, message, at_key=True)
        if not isinstance(child.value, list) or not child.value:
            ctx.note(child, here, f"expected a list of policies of the base, found {child.kind}")
            continue
        for i, item in enumerate(child.value):
            if item.value not in policies:
                hint = suggestion(item.text, policies, "its policies are")
                ctx.note(item, (*here, i), f"the base has no policy {item.text!r}{hint}")
            elif item.value in owners:
                message = f"policy {item.value!r} is in {owners[item.value]!r} already"
                ctx.note(item, (*here, i), message)
            else:
                owners[item.value] = name
        off = {str(item.value): {"strength": 0.0} for item in child.value}
        levels = (Level(False, Change({"policies": off})), Level(True))
        factors.append(Factor(name, "", levels))
    return tuple(factors) if len(ctx.problems) == before else ()
