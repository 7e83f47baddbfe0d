"""What all readers of a sweep file share: its base, its place, and the problems found so far."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from ydsim.design.bases import Base, Bases
from ydsim.design.change import Change
from ydsim.policies.naming import policy_names
from ydsim.scenario.read.node import Node, Path, leaves, plain
from ydsim.scenario.read.problems import Problem, problem, suggestion
from ydsim.scenario.schema.key_index import kind_of, model_at, section_of
from ydsim.scenario.schema.scenario import Scenario


@dataclass
class Context:
    """The sweep file at work.

    Attributes
    ----------
    bases
        What is varied.
    folder, shown
        The folder of the sweep file, as it is and as messages name it.
    kind
        Kind of design.
    problems
        All that is wrong, in the order found.
    """

    bases: Bases
    folder: File
    shown: str
    kind: str = ""
    problems: list[Problem] = field(default_factory=list)

    def note(self, node: Node, path: Path, message: str, *, at_key: bool = False) -> None:
        """Keep a problem."""
        self.problems.append(problem(node, path, message, at_key=at_key))

    def only(self, node: Node, names: Sequence[str], path: Path, hint: str = "") -> bool:
        """Note keys of a mapping that are none of ``names``; return whether it is a mapping."""
        if not node.is_mapping:
            self.note(node, path, f"expected a mapping of keys to values, found {node.kind}")
            return False
        for key, child in node.value.items():
            if key not in names:
                said = suggestion(key, names, "valid keys")
                said += "" if "did you mean" in said else hint
                self.note(child, (*path, key), f"unknown key{said}", at_key=True)
        return True

    def number(
        self,
        node: Node | None,
        path: Path,
        *,
        usual: float | None = None,
        whole: bool = False,
        low: float = -math.inf,
        high: float = math.inf,
    ) -> float | None:
        """Return a number between two limits, or note why there is none and return None."""
        if node is None:
            return usual
        value = node.value
        wanted = "a whole number" if whole else "a number"
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            self.note(node, path, f"expected {wanted}, found {node.kind}")
        elif not math.isfinite(value):
            self.note(node, path, "must be a finite number")
        elif not low <= value <= high:
            least = f"at least {low:,.12g}" if high == math.inf else f"between {low:.12g} and "
            limits = least if high == math.inf else f"{least}{high:,.12g}"
            self.note(node, path, f"must be {limits}, found {node.text}")
        else:
            return int(value) if whole else float(value)
        return None

    def flag(self, node: Node | None, path: Path, *, usual: bool = False) -> bool:
        """Return true or false, or note that it is neither."""
        if node is None:
            return usual
        if not isinstance(node.value, bool):
            self.note(node, path, f"expected true or false, found {node.kind}")
            return usual
        return node.value

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
        told = [tree.get("policies") for tree in (change.tree, base.written)]
        own = [one.get(path[1]) for one in told if isinstance(one, dict)]
        kinds = [settings.get("policy") for settings in own if isinstance(settings, dict)]
        try:
            cls = base.class_of(str(next((kind for kind in kinds if kind), path[1])))
        except ValueError:
            return None
        if path[2] == "policy" and len(path) == 3:
            return FieldInfo.from_annotation(str)
        owner, info = model_at(cls, path[2:])
    else:
        owner, info = model_at(Scenario, path)
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
