"""The ``factors:`` of a design: from what is written to the levels that each can have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic_core import PydanticCustomError

from ydsim.design.context import Context, field_at, words
from ydsim.design.forms import Choices, Form, Span, Steps, Values, check_label
from ydsim.design.levels import (
    SCENARIO,
    TAKEN,
    choices,
    level_of,
    listed,
    overlaid,
)
from ydsim.design.ranges import scaled
from ydsim.design.sweep import Factor, Level
from ydsim.scenario.read.node import Node, Path
from ydsim.scenario.schema.key_index import is_whole, types_of
from ydsim.wording import comparable


def read_factors(ctx: Context, forms: Mapping[str, Form], node: Node) -> tuple[Factor, ...]:
    """Return the factors of a design, without those that are wrong, which is noted.

    Parameters
    ----------
    forms
        By key, as the checked file has them.
    node
        The mapping under ``factors:``, with places.
    """
    path: Path = ("design", "factors")
    before = len(ctx.problems)
    nodes = [node.value[key] for key in forms]
    factors = [
        _factor(ctx, key, form, child, (*path, key))
        for (key, form), child in zip(forms.items(), nodes, strict=True)
    ]
    found = [factor for factor in factors if factor is not None]
    if len(ctx.problems) == before:
        _refuse_clashes(ctx, found, nodes, path)
    return tuple(found)


def _factor(ctx: Context, key: str, form: Form, node: Node, path: Path) -> Factor | None:
    if isinstance(form, Choices):
        try:
            check_label(key)
        except PydanticCustomError as error:
            ctx.note(node, path, error.message(), at_key=True)
        return Factor(key, "", choices(ctx, form, node.value["choices"], (*path, "choices")))
    if isinstance(form, Span):
        return _range(ctx, key, form, node, path)
    if isinstance(form, Values):
        values = replace(node.value["values"], key=node.key)
        return Factor(form.label or key, key, listed(ctx, key, values, (*path, "values")))
    return Factor(key, key, listed(ctx, key, node, path))


def _range(ctx: Context, key: str, form: Span, node: Node, path: Path) -> Factor | None:
    whole = _whole(ctx, key, node, path)
    ends = [
        level_of(ctx, key, replace(node.value[end], key=node.key), (*path, end))
        for end in (("from", "to") if whole is not None else ())
    ]
    if whole is None or None in ends:
        return None
    label = form.label or key
    if not isinstance(form, Steps):
        return Factor(label, key, low=form.low, high=form.high, log=form.log, whole=whole)
    values = form.numbers()
    if whole and (broken := [v for v in values if v != int(v)]):
        message = (
            f"gives {broken[0]:.10g}, and the key takes whole numbers; list the values instead"
        )
        ctx.note(node, path, message, at_key=True)
        return None
    levels = (int(v) if whole else v for v in values)
    return Factor(label, key, tuple(Level(v, overlaid(key, v)) for v in levels))


def _whole(ctx: Context, key: str, node: Node, path: Path) -> bool | None:
    """Return whether a key takes whole numbers; None, noted, where it takes none at all."""
    change = overlaid(key, node.value["from"].value)
    info = field_at(ctx.bases.of(), tuple(key.split(".")), change)
    if info is None:  # unknown, which the ends will say
        return False
    if not types_of(info.annotation) & {int, float}:
        message = f"takes {words(info)} and has no range; list its values"
        ctx.note(node, path, message, at_key=True)
        return None
    return is_whole(info.annotation)


def _refuse_clashes(
    ctx: Context, factors: Sequence[Factor], nodes: Sequence[Node], path: Path
) -> None:
    seen: dict[str, str] = {}
    for factor, node in zip(factors, nodes, strict=True):
        name = comparable(factor.label)
        if name in TAKEN and factor.key != SCENARIO:
            message = f"{factor.label!r} is a column of every table; give it another name"
            ctx.note(node, (*path, factor.label), message, at_key=True)
        if name in seen:
            message = f"two factors are called {factor.label!r}"
            ctx.note(node, (*path, factor.label), message, at_key=True)
        seen[name] = factor.label


def level_at(factor: Factor, u: float) -> Level:
    """Return the level of a factor at a share u in [0, 1]; listed ones have equal parts of it."""
    if not factor.is_range:
        return factor.levels[min(int(u * len(factor.levels)), len(factor.levels) - 1)]
    value = scaled(u, factor.low, factor.high, log=factor.log, whole=factor.whole)
    return Level(value, overlaid(factor.key, value))
