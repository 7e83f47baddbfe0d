"""Which file a sweep is read from, or that it is made of a scenario and ``--vary``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from ydsim.design.listed import LARGEST
from ydsim.errors import InputError, ScenarioError, UsageError
from ydsim.scenario.read.extend import (
    is_name,
    locate,
    read_text,
    read_tree,
    shipped,
    shipped_sweeps,
)
from ydsim.scenario.read.node import Mark, Node, Problem, fail, placed
from ydsim.scenario.read.yaml import check_mapping, parse, resolve
from ydsim.wording import shorten


def described(name: str) -> str:
    """Return the description of a shipped sweep, without looking at its design."""
    root, _, mark = of_file(name)
    node = root.value.get("description")
    if node is None or not isinstance(node.value, str):
        fail([Problem(mark, "description", "expected one line of text")])
    assert node is not None
    return str(node.value)


def is_sweep(name_or_path: str) -> bool:
    """Tell whether this is a shipped sweep or a file with a ``design``."""
    if is_name(name_or_path):
        return name_or_path in shipped_sweeps() and name_or_path not in shipped()
    try:
        text = read_text(Path(name_or_path), Mark(name_or_path), largest=LARGEST)
        root = parse(text, Mark(name_or_path))
    except (InputError, ScenarioError):
        return any(PurePath(name_or_path) == path for path in shipped_sweeps().values())
    return root.is_mapping and "design" in root.value


def of_scenario(text: str, vary: Sequence[str]) -> tuple[Node, Path, Mark]:
    """Return the sweep that a scenario with ``--vary`` makes; as `of_file`."""
    if not is_name(text) and is_sweep(text):
        raise UsageError(f"--vary: {text} has a design of its own; add factors there")
    if is_name(text) and text in shipped_sweeps() and text not in shipped():
        raise UsageError(f"--vary: {text!r} is a sweep and has a design of its own")
    mark = Mark(text)
    design = parse_vary(vary)
    base = Node(text, mark, mark, text=text)
    tree = read_tree(text)
    given = {key: tree.value[key] for key in ("name", "description") if key in tree.value}
    return Node({**given, "base": base, "design": design}, mark, mark), Path(), mark


def of_file(text: str) -> tuple[Node, Path, Mark]:
    """Return the tree of a sweep, the folder where its paths start, and how messages name it.

    `InputError`: the file is missing or unreadable, or no sweep has this name. `ScenarioError`: it
    is not a mapping in YAML, or has no ``design``. `UsageError`: it is the name of a scenario.
    """
    if is_name(text) and text in shipped() and text not in shipped_sweeps():
        raise UsageError(f"{text!r} is a scenario; say what to vary: --vary KEY=FROM:TO:STEPS")
    path, display = locate(text, what="sweep")
    mark = Mark(display)
    content = read_text(path, mark, largest=LARGEST, what="sweep")
    root = parse(content, mark)
    check_mapping(root, content, "a sweep needs `base:` and `design:`")
    if "design" not in root.value:
        raise ScenarioError(
            f"{display}: is no sweep, it has no `design:`; to vary a scenario write "
            "--vary KEY=FROM:TO:STEPS"
        )
    return replace(root, mark=mark, key=mark), path.parent, mark


# -- factors on the command line ------------------------------------------------------------------

# ``KEY=FROM:TO:STEPS``, ``KEY=FROM:TO:STEPS:log``, ``KEY=a,b,c``

_FORM = "expected KEY=FROM:TO:STEPS, KEY=FROM:TO:STEPS:log or KEY=a,b,c"


def parse_vary(texts: Sequence[str]) -> Node:
    """Return texts as the ``design`` block of a grid, its values placed at ``--vary``.

    ``policies.border_friction.passes=0.1:0.8:8`` is 8 numbers, both ends included; what is between
    commas is read as in a file, brackets and braces included. `UsageError`: a text has another
    form, or two have one key. `ScenarioError`: a value in brackets is not YAML.
    """
    factors: dict[str, Node] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip()
        if not equals or not key or not value.strip():
            raise UsageError(f"--vary {shorten(text)}: {_FORM}")
        if key in factors:
            raise UsageError(f"--vary {shorten(text)}: {key} is varied twice")
        factors[key] = _factor(text, value.strip())
    mark = Mark("--vary")
    kind = Node("grid", mark, mark, text="grid")
    return Node({"kind": kind, "factors": Node(factors, mark, mark)}, mark, mark)


def _factor(text: str, value: str) -> Node:
    mark = Mark(f"--vary {shorten(text)}")
    parts = [part.strip() for part in value.split(":")]
    numbers = [resolve(part) for part in parts[:3]]
    log = len(parts) == 4 and parts[3] == "log"
    ranged = len(parts) == 3 or log
    if ranged and all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in numbers):
        found = {
            name: Node(number, mark, mark, text=part)
            for name, number, part in zip(("from", "to", "steps"), numbers, parts, strict=False)
        }
        if log:
            found["log"] = Node(True, mark, mark, text="true")
        return Node(found, mark, mark)
    if ":" in value and not any(char in value for char in "[{"):
        raise UsageError(f"--vary {shorten(text)}: {_FORM}")
    return placed(parse(f"[{value}]", mark), mark)
