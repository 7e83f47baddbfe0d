"""The keys of a sweep beside its design: replicates, what is recorded, names."""

from __future__ import annotations

import re

from ydsim.design.context import Context
from ydsim.design.sweep import OTHER_TABLES, Recorded, ReplicateRule
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.read.node import Node
from ydsim.wording import suggestion

MOST_REPLICATES = 100_000

_SLUG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_RULE = ("outcome", "half_width", "relative", "level", "batch", "least", "most")
_RECORD = ("series", "cities", "adoption", "ties", "agents", "tables")


def read_name(ctx: Context, node: Node | None, usual: str) -> str:
    """Return the name of a sweep, by default that of its file, fit to name a folder."""
    if node is None:
        return re.sub(r"[^A-Za-z0-9_.-]+", "-", usual).strip("-.")[:80] or "sweep"
    if not isinstance(node.value, str) or not _SLUG.fullmatch(node.value):
        message = (
            f"{node.text!r} cannot name a folder; use at most 80 letters, digits, '_', '-' and '.'"
        )
        ctx.note(node, ("name",), message)
        return usual
    return node.value


def read_text_key(ctx: Context, node: Node | None, key: str) -> str:
    """Return a text, empty where there is none."""
    if node is None:
        return ""
    if not isinstance(node.value, str):
        ctx.note(node, (key,), f"expected text, found {node.kind}")
        return ""
    return node.value


def read_random(ctx: Context, node: Node | None) -> str:
    """Return whether points share their draws."""
    if node is None:
        return "common"
    if node.value not in ("common", "independent"):
        hint = suggestion(node.text, ["common", "independent"], "valid are")
        ctx.note(node, ("random",), f"{node.text!r} is not valid{hint}")
        return "common"
    return str(node.value)


def read_replicates(ctx: Context, node: Node | None) -> int | ReplicateRule | None:
    """Return how many replicates each point has, or the rule that says so; None by default."""
    path = ("replicates",)
    if node is None:
        return None
    if not node.is_mapping:
        n = ctx.number(node, path, whole=True, low=1, high=MOST_REPLICATES)
        return None if n is None else int(n)
    before = len(ctx.problems)
    ctx.only(node, _RULE, path)
    given = node.value

    def whole(name: str, usual: int, low: int) -> int:
        found = ctx.number(
            given.get(name), (*path, name), usual=usual, whole=True, low=low, high=MOST_REPLICATES
        )
        return usual if found is None else int(found)

    for name in ("outcome", "half_width"):
        if name not in given:
            ctx.note(node, path, f"needs {name!r}", at_key=True)
    outcome = _outcome(ctx, given.get("outcome"))
    width = ctx.number(given.get("half_width"), (*path, "half_width"), usual=1.0)
    if width is not None and width <= 0.0:
        message = f"must be above 0, found {given['half_width'].text}"
        ctx.note(given["half_width"], (*path, "half_width"), message)
    relative = ctx.flag(given.get("relative"), (*path, "relative"), usual=True)
    level = ctx.number(given.get("level"), (*path, "level"), usual=0.95, low=0.5, high=0.9999)
    batch, least, most = whole("batch", 4, 1), whole("least", 4, 2), whole("most", 100, 2)
    if least > most and len(ctx.problems) == before:
        at = given.get("least") or given.get("most") or node
        ctx.note(at, path, f"least {least} is more than most {most}")
    if len(ctx.problems) > before or width is None or level is None:
        return None
    return ReplicateRule(outcome, width, relative, level, batch, least, most)


def _outcome(ctx: Context, node: Node | None) -> str:
    if node is None:
        return ""
    known = [name for name, one in INDICATORS.items() if "region" in one.levels]
    if node.value not in known:
        hint = suggestion(node.text, known, "indicators are")
        message = f"no indicator of the region is called {node.text!r}{hint}"
        ctx.note(node, ("replicates", "outcome"), message)
    return node.text


def read_record(ctx: Context, node: Node | None) -> Recorded:
    """Return what is kept of each run; the quarterly series alone where nothing is said."""
    path = ("record",)
    if node is None:
        return Recorded()
    if not ctx.only(node, _RECORD, path):
        return Recorded()
    given = node.value
    every = {
        name: ctx.number(given.get(name), (*path, name), usual=usual, whole=True, low=0, high=400)
        for name, usual in (("series", 1), ("cities", 0))
    }
    flags = {name: ctx.flag(given.get(name), (*path, name)) for name in _RECORD[2:5]}
    tables = _tables(ctx, given.get("tables"))
    return Recorded(
        series=int(every["series"] or 0), cities=int(every["cities"] or 0), tables=tables, **flags
    )


def _tables(ctx: Context, node: Node | None) -> tuple[str, ...]:
    path = ("record", "tables")
    if node is None:
        return ()
    if not isinstance(node.value, list):
        ctx.note(node, path, f"expected a list of tables, found {node.kind}")
        return ()
    own = {"series": "series: 1", "city_series": "cities: 1"} | {
        name: f"{name}: true" for name in ("adoption", "ties", "agents")
    }
    for i, item in enumerate(node.value):
        if item.text in own:
            ctx.note(
                item, (*path, i), f"{item.text!r} has a key of its own; write {own[item.text]}"
            )
        elif item.text not in OTHER_TABLES:
            hint = suggestion(item.text, list(OTHER_TABLES), "tables are")
            ctx.note(item, (*path, i), f"no recorded table is called {item.text!r}{hint}")
    return tuple(dict.fromkeys(item.text for item in node.value))
