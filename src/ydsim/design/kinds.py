"""The kinds of designs by name, and what each can be told."""

from __future__ import annotations

from collections.abc import Callable

from ydsim.design import factorial, grid, listed, sensitivity, space
from ydsim.design.context import Context
from ydsim.design.draft import Draft
from ydsim.scenario.read.node import Node
from ydsim.wording import suggestion

KINDS: dict[str, tuple[tuple[str, ...], Callable[[Context, Node], Draft | None]]] = {
    "grid": (grid.KEYS, grid.read_grid),
    "list": (listed.KEYS, listed.read_list),
    "one_at_a_time": (grid.KEYS, grid.read_one_at_a_time),
    "latin_hypercube": (space.LATIN_KEYS, space.read_latin_hypercube),
    "sobol": (space.SOBOL_KEYS, space.read_sobol),
    "saltelli": (sensitivity.SALTELLI_KEYS, sensitivity.read_saltelli),
    "morris": (sensitivity.MORRIS_KEYS, sensitivity.read_morris),
    "factorial": (factorial.KEYS, factorial.read_factorial),
}
"""Keys of the ``design`` block, and its reader."""


def kind_of(node: Node) -> str | None:
    """Return the kind that a ``design`` block names, None where it names none that exists."""
    kind = node.value.get("kind") if node.is_mapping else None
    named = kind is not None and isinstance(kind.value, str) and kind.value in KINDS
    return str(kind.value) if kind is not None and named else None


def read_design(ctx: Context, node: Node) -> Draft | None:
    """Return the design; None where something is wrong, which is noted."""
    if not node.is_mapping:
        ctx.note(node, ("design",), f"expected a mapping of keys to values, found {node.kind}")
        return None
    given = node.value.get("kind")
    if given is None:
        message = f"needs 'kind', one of {', '.join(KINDS)}"
        ctx.note(node, ("design",), message, at_key=True)
        return None
    kind = kind_of(node)
    if kind is None:
        hint = suggestion(given.text, list(KINDS), "kinds are")
        ctx.note(given, ("design", "kind"), f"no kind of design is called {given.text!r}{hint}")
        return None
    keys, read = KINDS[kind]
    before = len(ctx.problems)
    ctx.only(node, keys, ("design",), _elsewhere(node, kind))
    draft = read(ctx, node)
    return draft if len(ctx.problems) == before else None


def _elsewhere(node: Node, kind: str) -> str:
    """Return for what kinds a key is, where it is one of another kind."""
    for key in node.value:
        if key not in KINDS[kind][0]:
            homes = [name for name, (keys, _) in KINDS.items() if key in keys]
            if homes:
                return f" ({key} is for {', '.join(homes)})"
    return ""
