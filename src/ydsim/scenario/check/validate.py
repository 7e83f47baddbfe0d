"""Checking a tree against a model, with every problem of the tree found in one go."""

from __future__ import annotations

import json
import re
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ydsim.scenario.check.pydantic_errors import explain
from ydsim.scenario.read.node import Node, Path, drop, find, leaves, plain
from ydsim.scenario.read.problems import Problem, problem
from ydsim.scenario.schema.key_index import model_at

M = TypeVar("M", bound=BaseModel)


def validate(
    model: type[M], root: Node, prefix: Path = (), what: str = ""
) -> tuple[M | None, list[Problem]]:
    """Return ``root`` as a ``model`` without what is wrong in it, and what that is.

    None where the rest is no ``model`` either. Rules over several keys are only tested once the
    single values are right. To find all problems at once, values that are wrong are taken out and
    the rest is checked again; a rule that speaks of a value that was taken out is not reported.

    Values pass as JSON, where a list may become a tuple and nothing else is converted.
    """
    problems = _foreign(root, prefix)
    if problems:
        return None, problems
    pruned: set[str] = set()
    left = root
    for _ in range(5):
        made, error = _try(model, left)
        if error is None:
            return made, problems
        found = explain(error, root, model, prefix, what, rules_only=bool(pruned))
        problems += [p for p in found if pruned.isdisjoint(re.findall(r"\w+", p.message))]
        wrong: list[Path] = []
        lacking: list[Path] = []
        for e in error.errors(include_url=False):
            _, reached = find(left, model_at(model, e["loc"])[2])
            if reached:
                (lacking if e["type"] == "missing" else wrong).append(reached)
        if not (wrong or lacking):
            break
        for path in wrong or lacking:
            if find(left, path)[1] == path:
                left = drop(left, path)
                pruned.update(str(part) for part in path)
    return None, problems


def _try(model: type[M], root: Node) -> tuple[M | None, ValidationError | None]:
    try:
        return model.model_validate_json(json.dumps(plain(root))), None
    except ValidationError as error:
        return None, error


def _foreign(root: Node, prefix: Path) -> list[Problem]:
    return [
        problem(node, prefix + path, f"a scenario cannot hold {node.kind}")
        for path, node in leaves(root)
        if not _is_plain(node.value)
    ]


def _is_plain(value: object) -> bool:
    if isinstance(value, list):
        return all(_is_plain(item.value) or item.is_mapping for item in value)
    if isinstance(value, int):
        return value.bit_length() <= 1000
    return isinstance(value, (str, float, type(None)))
