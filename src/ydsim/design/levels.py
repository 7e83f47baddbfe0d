"""What a factor can be, read from its list: values, policies on and off, bundles of settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ydsim.design.change import SAME, Change, change_of, refuse_runner_keys
from ydsim.design.context import Context, field_at
from ydsim.design.forms import Choices
from ydsim.design.sweep import Level, Value
from ydsim.errors import YdsimError
from ydsim.policies.plain import ALWAYS
from ydsim.scenario.read.extend import is_name
from ydsim.scenario.read.node import Node, Path, at_path, plain
from ydsim.scenario.schema.key_index import is_whole

SCENARIO = "scenario"
UNCHANGED = "unchanged"
"""Value of a key that neither the point nor its scenario has."""

TAKEN = (SCENARIO, "point", "replicate", "run", "run_id", "seed", "hash", "changes", "seconds")
"""Columns that tables of results have beside those of the factors."""


def level_of(ctx: Context, key: str, node: Node, path: Path) -> Level | None:
    """Return one level of a key, or note what is wrong with it and return None.

    Parameters
    ----------
    key
        Dotted key, ``scenario``, ``governance`` (whose text is a mode), or ``policies.NAME``
        (``off``, ``on`` or settings).
    node
        The level, its `key` placed where the factor's key does.
    path
        Where it is in the sweep file.
    """
    if key == SCENARIO:
        return _scenario(ctx, node, path)
    value = node
    if key == "governance" and isinstance(node.value, str):
        value = at_path(["mode"], node)
    change, wrong = change_of([(key, value)], path)
    wrong += refuse_runner_keys(change, ())
    ctx.problems += wrong
    if wrong or not ctx.check(change):
        return None
    return Level(_value(ctx, key, node, change), change)


def _scenario(ctx: Context, node: Node, path: Path) -> Level | None:
    if not isinstance(node.value, str):
        ctx.note(node, path, f"expected the name or path of a scenario, found {node.kind}")
        return None
    try:
        ctx.bases.of(node.value)
    except YdsimError as error:
        for line in getattr(error, "problems", ()) or (str(error),):
            ctx.note(node, path, line)
        return None
    name = node.value if is_name(node.value) else ctx.bases.of(node.value).scenario.name
    return Level(name, Change(scenario=node.value))


def _value(ctx: Context, key: str, node: Node, change: Change) -> Value:
    """Return a level as the table of points has it; numbers are of the type of their key."""
    if node.is_mapping and not node.value:
        return "on"
    if node.value is None:
        return "on" if key.startswith("policies.") and key.count(".") == 1 else "none"
    if node.is_mapping or isinstance(node.value, list):
        return json.dumps(plain(node), ensure_ascii=False)
    value: Value = node.value
    info = field_at(ctx.bases.of(), tuple(key.split(".")), change)
    if isinstance(value, int) and not isinstance(value, bool) and info is not None:
        return value if is_whole(info.annotation) else float(value)
    return value


def listed(ctx: Context, key: str, node: Node, path: Path) -> tuple[Level, ...]:
    """Return the levels in a list; empty where something is wrong with it."""
    before = len(ctx.problems)
    levels = []
    nodes = []
    for i, item in enumerate(node.value):
        if len(ctx.problems) > before and item.mark.line == 0:
            break  # of a text, which is wrong as a whole
        made = level_of(ctx, key, replace(item, key=node.key), (*path, i))
        if made is not None:
            levels.append(made)
            nodes.append(item)
    if len(ctx.problems) == before:
        _refuse_twins(ctx, levels, nodes, path)
    return tuple(alike(levels)) if len(ctx.problems) == before else ()


def _refuse_twins(ctx: Context, levels: Sequence[Level], nodes: Sequence[Node], path: Path) -> None:
    seen: dict[str, Level] = {}
    for level, node in zip(levels, nodes, strict=True):
        first = seen.setdefault(level.change.identity, level)
        if first is not level:
            said = (
                "appears twice" if first.value == level.value else f"is the same as {first.value!r}"
            )
            ctx.note(node, path, f"{level.value!r} {said}; equal points are no replicates")


def choices(ctx: Context, form: Choices, node: Node, path: Path) -> tuple[Level, ...]:
    """Return the levels of bundles of settings by name."""
    before = len(ctx.problems)
    levels, nodes = [], []
    for name in form.choices:
        child = node.value[name]
        change = settings(ctx, child.value.get("set"), (*path, name, "set"))
        if ctx.check(change):
            levels.append(Level(name, change))
            nodes.append(replace(child, mark=child.key))
    if len(ctx.problems) == before:
        _refuse_twins(ctx, levels, nodes, path)
    return tuple(levels) if len(ctx.problems) == before else ()


def settings(ctx: Context, node: Node | None, path: Path) -> Change:
    """Return what a ``set`` mapping changes; note what is wrong with its keys."""
    if node is None or not node.is_mapping:
        return SAME
    change, wrong = change_of(list(node.value.items()), path)
    ctx.problems += [*wrong, *refuse_runner_keys(change, ())]
    return change


def alike(levels: Sequence[Level]) -> list[Level]:
    """Return levels whose values are of one type; text where they are not."""
    kinds = {type(level.value) for level in levels}
    if len(kinds) <= 1:
        return list(levels)
    if kinds == {int, float}:
        return [replace(level, value=float(level.value)) for level in levels]
    return [replace(level, value=as_text(level.value)) for level in levels]


def as_text(value: Value) -> str:
    """Return a value as a scenario would write it."""
    return value if isinstance(value, str) else json.dumps(value)


def unchanged(ctx: Context, key: str, scenario: str = "") -> Level:
    """Return the level of a key that a point leaves as its scenario has it."""
    base = ctx.bases.of(scenario)
    if key == SCENARIO:
        return Level(ctx.bases.first if is_name(ctx.bases.first) else base.scenario.name)
    found = base.value(f"{key}.mode" if key == "governance" else key)
    name = key.partition(".")[2]
    if key.startswith("policies.") and "." not in name:
        there = name in base.written.get("policies", {}) or (name != ALWAYS and found is not None)
        return Level("on" if there else "off")
    if found is None:
        known = key.rpartition(".")[0]
        return Level("none" if base.value(known) is not None else UNCHANGED)
    return Level(found if isinstance(found, (int, float, str, bool)) else json.dumps(found))


def overlaid(key: str, value: Value) -> Change:
    """Return the change that gives a key one value, without places."""
    tree: Any = value
    for part in reversed(key.split(".")):
        tree = {part: tree}
    return Change(tree)
