"""Factors on the command line: ``KEY=FROM:TO:STEPS``, ``KEY=FROM:TO:STEPS:log``, ``KEY=a,b,c``."""

from __future__ import annotations

from collections.abc import Sequence

from ydsim.errors import UsageError
from ydsim.scenario.read.node import Mark, Node, placed
from ydsim.scenario.read.yaml import parse, resolve
from ydsim.wording import shorten

_FORM = "expected KEY=FROM:TO:STEPS, KEY=FROM:TO:STEPS:log or KEY=a,b,c"


def parse_vary(texts: Sequence[str]) -> Node:
    """Return texts as the ``design`` block of a grid, its values placed at ``--vary``.

    ``policies.border_friction.level=0.3:1.0:8`` is 8 numbers, both ends included; what is between
    commas is read as in a file, brackets and braces included.

    Raises
    ------
    UsageError
        A text has another form, or two have one key.
    ScenarioError
        A value in brackets is not YAML.
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
