"""``extends:``, from one file through its bases to a single tree."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from ydsim.scenario.read.locate import beside, is_name, locate
from ydsim.scenario.read.node import Mark, Node, merge
from ydsim.scenario.read.problems import Problem, fail
from ydsim.scenario.read.text import read_text
from ydsim.scenario.read.yaml import check_mapping, parse
from ydsim.world.loader import PACKAGED

LONGEST = 10
"""Bases of a scenario, one extending the other."""

_OWN = ("name", "description")  # say what a file is, so its children do not inherit them


@dataclass(frozen=True)
class _File:
    path: Path
    mark: Mark

    @property
    def identity(self) -> str:
        try:
            return os.path.realpath(self.path)
        except (OSError, ValueError):  # `read_text` says what is wrong with it
            return str(self.path)


def read_tree(name_or_path: str) -> Node:
    """Return the tree of a scenario laid over those that it extends.

    The mark of the root is the file itself. A policy without settings counts as an empty
    mapping.

    Raises
    ------
    InputError
        A file is missing or cannot be read as text.
    ScenarioError
        A file is not a mapping in YAML, or the chain is too long or a circle.
    """
    path, display = locate(name_or_path)
    chain = [_File(path, Mark(display))]
    trees: list[Node] = []
    lines: list[str] = []
    asked = ""
    while True:
        file = chain[-1]
        tree = _read(file, asked)
        base = tree.value.pop("extends", None)
        trees.append(tree if len(chain) == 1 else _without(tree, _OWN))
        if base is None:
            break
        asked = f"{base.mark.origin}:{base.mark.column}: extends: "
        lines.append(base.mark.origin)
        chain.append(_base(file, base, len(chain), asked))
        names = [f.identity for f in chain]
        if names[-1] in names[:-1]:
            circle = " -> ".join([*lines, chain[-1].mark.source])
            fail([Problem(base.mark, "extends", f"goes round in a circle: {circle}")])
        if len(chain) > LONGEST + 1:
            fail([Problem(base.mark, "extends", f"more than {LONGEST} files extend each other")])
    merged = trees[-1]
    for tree in reversed(trees[:-1]):
        merged = merge(merged, tree)
    return merged


def _read(file: _File, asked: str) -> Node:
    text = read_text(file.path, file.mark, asked)
    tree = parse(text, file.mark)
    check_mapping(tree, text)
    children = dict(tree.value)
    policies = children.get("policies")
    if policies is not None and policies.is_mapping:
        named = {k: _filled(node) for k, node in policies.value.items()}
        children["policies"] = replace(policies, value=named)
    world = children.get("world")
    if world is not None and isinstance(world.value, str):
        children["world"] = replace(world, value=_beside(world.value, file.path))
    return replace(tree, value=children, mark=file.mark, key=file.mark)


def _beside(world: str, file: Path) -> str:
    """Return the folder of a world, which a file names from where it lies or from here.

    A folder that begins with a point is beside the file: ``.``, ``./mine`` and ``../mine``. Any
    other is the one beside the file if it is there, else as it is.
    """
    if world in PACKAGED or not world.strip() or "\0" in world:
        return world
    there = os.path.normpath(file.parent / world)
    if os.path.basename(there) in ("", ".", ".."):
        there = os.path.abspath(there)
    pointed = world.replace("\\", "/").split("/")[0] in (".", "..")
    try:
        found = pointed or os.path.isdir(there)
    except (OSError, ValueError):
        found = False
    if there in PACKAGED:  # a folder of that name, not the world that comes with ydsim
        there = os.path.join(os.curdir, there)
    return there if found else world


def _filled(node: Node) -> Node:
    return replace(node, value={}) if node.value is None else node


def _base(child: _File, node: Node, rank: int, asked: str) -> _File:
    if not isinstance(node.value, str) or not node.value.strip():
        message = f"expected the name or path of a scenario, found {node.kind}"
        fail([Problem(node.mark, "extends", message)])
    if is_name(node.value):
        path, display = locate(node.value, asked)
    else:
        path, display = beside(node.value, child.path, child.mark.source)
    return _File(path, Mark(display, via=node.mark.origin, rank=rank))


def _without(tree: Node, names: tuple[str, ...]) -> Node:
    return replace(tree, value={k: v for k, v in tree.value.items() if k not in names})


def parent_of(name_or_path: str) -> str:
    """Return what a scenario extends, as its file has it; empty where it extends nothing.

    Raises
    ------
    InputError, ScenarioError
        As `read_tree`.
    """
    path, display = locate(name_or_path)
    base = _read(_File(path, Mark(display)), "").value.get("extends")
    return str(base.value) if base is not None else ""
