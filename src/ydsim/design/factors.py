"""The ``factors:`` of a design, each a list, a range, or choices with names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ydsim.design.context import Context, accepts, field_at, words
from ydsim.design.levels import (
    LABEL,
    LABEL_RULE,
    SCENARIO,
    TAKEN,
    choices,
    is_whole,
    kinds_of,
    level_of,
    listed,
    overlaid,
)
from ydsim.design.ranges import scaled, spaced, stepped
from ydsim.design.sweep import Factor, Level
from ydsim.scenario.read.node import Node, Path
from ydsim.wording import comparable

MOST = 100_000
"""Values of one factor."""

_KEYS = ("from", "to", "steps", "step", "log", "values", "choices", "label")


def read_factors(
    ctx: Context, node: Node | None, owner: Node, *, free: bool = False
) -> tuple[Factor, ...]:
    """Return the factors of a design; empty where something is wrong, which is noted.

    Parameters
    ----------
    node
        The mapping under ``factors:``.
    owner
        The design, which bears the blame where there is none.
    free
        Ranges stay ranges; otherwise they become lists.
    """
    path: Path = ("design", "factors")
    if node is None and any(p.message.startswith("unknown key") for p in ctx.problems):
        return ()  # misspelled, which has been said
    if node is None or not node.is_mapping or not node.value:
        at = owner if node is None else node
        found = "there are none" if node is None else f"found {node.kind}"
        message = f"expected a mapping from keys to their values, {found}"
        ctx.note(at, path, message, at_key=node is None)
        return ()
    before = len(ctx.problems)
    factors = [_factor(ctx, key, child, (*path, key), free) for key, child in node.value.items()]
    found_all = [factor for factor in factors if factor is not None]
    nodes = list(node.value.values())
    if len(ctx.problems) == before:
        _refuse_clashes(ctx, found_all, nodes, path)
    return tuple(found_all) if len(ctx.problems) == before else ()


def _factor(ctx: Context, key: str, node: Node, path: Path, free: bool) -> Factor | None:
    if isinstance(node.value, list) or not node.is_mapping:
        return Factor(key, key, listed(ctx, key, node, path))
    if not ctx.only(node, _KEYS, path, "; list several settings as [{...}, {...}]"):
        return None
    given = node.value
    forms = [name for name in ("choices", "values") if name in given]
    forms += ["from"] if {"from", "to"} & set(given) else []
    if len(forms) != 1:
        ctx.note(node, path, "needs one of `from` with `to`, `values`, and `choices`", at_key=True)
        return None
    label = _label(ctx, key, given.get("label"), (*path, "label"))
    foreign = {"choices": ("choices",), "values": ("values", "label")}.get(forms[0])
    for name in given:
        if foreign is not None and name not in foreign and name in _KEYS:
            message = f"has no use beside `{forms[0]}`"
            ctx.note(given[name], (*path, name), message, at_key=True)
    if forms == ["choices"]:
        if not LABEL.fullmatch(key):
            ctx.note(node, path, f"{key!r} cannot name a factor; {LABEL_RULE}", at_key=True)
        return Factor(key, "", choices(ctx, key, given["choices"], (*path, "choices")))
    if forms == ["values"]:
        values = replace(given["values"], key=node.key)
        return Factor(label, key, listed(ctx, key, values, (*path, "values")))
    return _range(ctx, key, label, node, path, free)


def _label(ctx: Context, key: str, node: Node | None, path: Path) -> str:
    if node is None:
        return key
    if not isinstance(node.value, str) or not LABEL.fullmatch(node.value):
        ctx.note(node, path, f"{node.text!r} cannot name a factor; {LABEL_RULE}")
        return key
    return node.value


def _range(ctx: Context, key: str, label: str, node: Node, path: Path, free: bool) -> Factor | None:
    given = node.value
    ends = [
        ctx.number(given[end], (*path, end)) if end in given else None for end in ("from", "to")
    ]
    for end in ("from", "to"):
        if end not in given:
            ctx.note(node, path, f"needs {end!r}, as in {{from: 0.1, to: 0.9}}", at_key=True)
    low, high = ends
    log = ctx.flag(given.get("log"), (*path, "log"))
    if low is None or high is None:
        return None
    if low >= high:
        message = f"from {given['from'].text} is not below to {given['to'].text}"
        ctx.note(given["from"], (*path, "from"), message)
        return None
    if log and low <= 0.0:
        ctx.note(given["from"], (*path, "from"), f"must be above 0 with `log`, found {low:g}")
        return None
    whole = _whole(ctx, key, node, path)
    if whole is None:
        return None
    made = [
        level_of(ctx, key, replace(given[end], key=node.key), (*path, end))
        for end in ("from", "to")
    ]
    if None in made:
        return None
    for name in ("steps", "step") if free else ():
        if name in given:
            message = f"has no use in {ctx.kind}, which takes numbers from all of the range"
            ctx.note(given[name], (*path, name), message, at_key=True)
    if free:
        return Factor(label, key, low=low, high=high, log=log, whole=whole)
    values = _values(ctx, node, path, low, high, log)
    if whole and (broken := [v for v in values if v != int(v)]):
        message = (
            f"gives {broken[0]:.10g}, and the key takes whole numbers; list the values instead"
        )
        ctx.note(node, path, message, at_key=True)
        return None
    if whole:
        values = [int(value) for value in values]
    return Factor(label, key, tuple(Level(v, overlaid(key, v)) for v in values))


def _whole(ctx: Context, key: str, node: Node, path: Path) -> bool | None:
    """Return whether a key takes whole numbers; None, noted, where it takes none at all."""
    end = replace(node.value["from"], key=node.key)
    level_change = overlaid(key, end.value)
    info = field_at(ctx.bases.of(), tuple(key.split(".")), level_change)
    if info is None:  # unknown, which the ends will say
        return False
    kinds = kinds_of(info.annotation)
    if not kinds & {int, float}:
        message = f"takes {words(info)} and has no range; list its values"
        ctx.note(node, path, message, at_key=True)
        return None
    whole = is_whole(info.annotation)
    if whole and not all(accepts(info, node.value[one].value) for one in ("from", "to")):
        return True  # the ends will say
    return whole


def _values(
    ctx: Context, node: Node, path: Path, low: float, high: float, log: bool
) -> Sequence[float]:
    given = node.value
    if ("steps" in given) == ("step" in given):
        ctx.note(node, path, "needs one of `steps` (how many) and `step` (how wide)", at_key=True)
        return ()
    if "steps" in given:
        steps = ctx.number(given["steps"], (*path, "steps"), whole=True, low=2, high=MOST)
        return () if steps is None else spaced(low, high, int(steps), log=log)
    step = ctx.number(given["step"], (*path, "step"))
    if step is None:
        return ()
    if log:
        ctx.note(given["step"], (*path, "step"), "has no use with `log`; write `steps`")
    elif step <= 0.0:
        message = f"must be above 0, found {given['step'].text}; values rise"
        ctx.note(given["step"], (*path, "step"), message)
    elif (high - low) / step > MOST:
        message = f"makes {(high - low) / step:,.0f} values, more than {MOST:,}"
        ctx.note(given["step"], (*path, "step"), message)
    else:
        return stepped(low, high, step)
    return ()


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
