"""What all readers of a sweep file share: its base, its place, and the problems found so far."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from ydsim.design.bases import Base, Bases
from ydsim.design.change import Change
from ydsim.policies.library import policy_names
from ydsim.scenario.read.node import Node, Path, Problem, leaves, plain, problem
from ydsim.scenario.schema.key_index import kind_of, model_at, section_of
from ydsim.scenario.schema.scenario import Scenario
from ydsim.wording import suggestion


@dataclass
class Context:
    """The sweep file at work.

    Attributes
    ----------
    bases
        What is varied.
    folder, shown
        The folder of the sweep file, as it is and as messages name it.
    problems
        All that is wrong, in the order found.
    """

    bases: Bases
    folder: File
    shown: str
    problems: list[Problem] = field(default_factory=list)

    def note(self, node: Node, path: Path, message: str, *, at_key: bool = False) -> None:
        """Keep a problem."""
        self.problems.append(problem(node, path, message, at_key=at_key))

    def check(self, change: Change) -> bool:
        """Note what is wrong with the single values of a change; return whether they are right.

        Rules over several keys are left for the points, where all of them are known.
        """
        base = self.bases.of()
        bad = unknown_policies(base.scenario.policies, change)
        if change.node is not None:
            for path, node in leaves(change.node):
                info = field_at(base, path, change)
                if info is None or not accepts(info, plain(node)):
                    bad.append(problem(node, path, ""))
        if not bad:
            return True
        found = [p for p in bad if p.message]
        wrong = [p.path for p in bad if not p.message]
        if wrong:
            found += [p for p in base.problems(change) if any(_related(p.path, w) for w in wrong)]
        self.problems += found
        return not found


def _related(one: str, other: str) -> bool:
    longer, shorter = max(one, other, key=len), min(one, other, key=len)
    return longer == shorter or longer.startswith((f"{shorter}.", f"{shorter}["))


def unknown_policies(there: Iterable[str], change: Change) -> list[Problem]:
    """Return a problem for each policy without settings, or switched off, that does not exist.

    Parameters
    ----------
    there
        Names of the policies of the base, some of them of its own.
    """
    policies = change.node.value.get("policies") if change.node is not None else None
    named = dict(policies.value) if policies is not None and policies.is_mapping else {}
    idle = {name: node for name, node in named.items() if node.is_mapping and not node.value}
    idle |= {name: change.switch for name in change.without if change.switch is not None}
    known = {*there, *policy_names()}
    return [
        problem(
            node,
            ("policies", name),
            f"no policy is called {name!r}{suggestion(name, sorted(known), 'policies are')}",
            at_key=True,
        )
        for name, node in idle.items()
        if name not in known
    ]


def field_at(base: Base, path: Path, change: Change) -> FieldInfo | None:
    """Return the field of a scenario at a path; None where there is none, or a group of keys."""
    if path[0] == "policies":
        if len(path) < 3:
            return None
        given = [tree.get("policies") for tree in (change.tree, base.written)]
        own = [one.get(path[1]) for one in given if isinstance(one, dict)]
        kinds = [settings.get("policy") for settings in own if isinstance(settings, dict)]
        try:
            cls = base.class_of(str(next((kind for kind in kinds if kind), path[1])))
        except ValueError:
            return None
        if path[2] == "policy" and len(path) == 3:
            return FieldInfo.from_annotation(str)
        owner, info, _ = model_at(cls, path[2:])
    else:
        owner, info, _ = model_at(Scenario, path)
    here = info is not None and owner.model_fields.get(str(path[-1])) is info
    return info if here and info is not None and section_of(info) is None else None


def accepts(info: FieldInfo, value: Any) -> bool:
    """Tell whether a field takes a value, apart from rules over several fields."""
    try:
        _adapter(_Key(info)).validate_json(json.dumps(value))
    except ValidationError:
        return False
    return True


class _Key:
    """A field by identity."""

    def __init__(self, info: FieldInfo) -> None:
        self.info = info

    def __hash__(self) -> int:
        return id(self.info)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.info is self.info


@lru_cache(maxsize=512)
def _adapter(key: _Key) -> TypeAdapter[Any]:
    kind: Any = key.info.annotation
    for limit in key.info.metadata:
        kind = Annotated[kind, limit]
    return TypeAdapter(kind, config=ConfigDict(strict=True, allow_inf_nan=False))


def words(info: FieldInfo) -> str:
    """Return what a field takes, in plain words."""
    return kind_of(info.annotation)
