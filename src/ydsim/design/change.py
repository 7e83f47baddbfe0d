"""What a point of a sweep lays over its base, read with the place where it was written.

Keys are dotted or nested, as with ``--set``. Beyond that a policy can be ``off``, which takes it
out of the scenario, and ``on``, which leaves it as the base has it or adds it with its defaults.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ydsim.scenario.read.node import (
    Node,
    Path,
    Problem,
    at_path,
    dotted,
    find,
    leaves,
    merge,
    plain,
    problem,
)

RUNNER = {
    "seed": "replicates differ in their draws by themselves; write `replicates:`",
    "replicates": "write `replicates:` at the top of the sweep",
    "record": "write `record:` at the top of the sweep",
    "name": "it says nothing about what is run",
    "description": "it says nothing about what is run",
    "extends": "write `scenario: [...]` to vary the scenario itself",
}
"""Keys that no factor can have, and what to do instead."""


@dataclass(frozen=True)
class Change:
    """What is laid over a scenario."""

    # Keys and values, nested as in a scenario file.
    tree: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()  # names of policies that are taken out before
    scenario: str = ""  # another base, as its name or path is written
    # ``tree`` with places, and where a policy is switched off, for messages.
    node: Node | None = field(default=None, compare=False, repr=False)
    switch: Node | None = field(default=None, compare=False, repr=False)

    @property
    def identity(self) -> str:
        """Text that is equal for changes that do the same, however their numbers are written."""
        return json.dumps([_floats(self.tree), sorted(self.without), self.scenario], sort_keys=True)

    def plain(self) -> dict[str, Any]:
        """Return what is not empty as plain data."""
        found = {"set": dict(self.tree), "without": list(self.without), "scenario": self.scenario}
        return {name: value for name, value in found.items() if value}


SAME = Change()
"""Leaves the base as it is."""


def change_of(pairs: Iterable[tuple[str, Node]], where: Path = ()) -> tuple[Change, list[Problem]]:
    """Return what dotted keys with values change, and what is wrong with the keys.

    A value may be a mapping; ``where`` is where they are in the sweep file, for messages.
    """
    tree: Node | None = None
    without: list[str] = []
    switch: Node | None = None
    problems: list[Problem] = []
    for key, node in pairs:
        path = key.split(".")
        if not all(path):
            message = f"{key!r} is not a dotted key such as parameters.chain.span"
            problems.append(problem(node, where, message, at_key=True))
            continue
        if path == ["policies"] and node.is_mapping:
            inner = [(f"policies.{name}", child) for name, child in node.value.items()]
        else:
            inner = [(key, node)]
        for name, value in inner:
            part, gone = _policy(name.split("."), value)
            without += gone
            switch = value if gone else switch
            if part is not None:
                problems += [] if tree is None else _twice(tree, part)
                tree = part if tree is None else merge(tree, part)
    laid = {} if tree is None else plain(tree)
    return Change(laid, tuple(without), node=tree, switch=switch), problems


def _twice(tree: Node, part: Node) -> Iterator[Problem]:
    for path, node in leaves(part):
        first, reached = find(tree, path)
        if reached == path:
            yield problem(node, path, f"is set twice, first at {first.mark.origin}", at_key=True)


def _policy(path: list[str], node: Node) -> tuple[Node | None, list[str]]:
    if len(path) == 2 and path[0] == "policies":
        if node.value == "off":
            return None, [path[1]]
        if node.value == "on" or node.value is None:
            node = Node({}, node.mark, node.key)
    return at_path(path, node), []


def refuse_runner_keys(change: Change, where: Path) -> list[Problem]:
    """Return a problem for each key that only the sweep as a whole can set."""
    if change.node is None:
        return []
    return [
        problem(
            node, (*where, dotted(path)), f"cannot be varied; {RUNNER[str(path[0])]}", at_key=True
        )
        for path, node in leaves(change.node)
        if path and path[0] in RUNNER
    ]


def together(changes: Iterable[Change]) -> Change:
    """Return changes as one, later ones over earlier ones, without places."""
    tree: dict[str, Any] = {}
    without: list[str] = []
    scenario = ""
    for change in changes:
        if change.tree:
            tree = over(tree, change.tree)
        without += change.without
        scenario = change.scenario or scenario
    return Change(tree, tuple(without), scenario)


def over(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data laid over other plain data: mappings key by key, all else replaced."""
    merged = dict(base)
    for key, value in top.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping)
        merged[key] = over(below, value) if both else value  # type: ignore[arg-type]
    return merged


def _floats(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _floats(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_floats(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
