"""Every key a scenario can have, as a flat list drawn from the schema.

Messages, documentation and suggestions read this list; nothing about keys is written twice. Keys of
earlier versions stand behind it: why they are no more, or what to write in their place.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo

from ydsim.packaged import rows_of
from ydsim.policies.base import Policy
from ydsim.policies.library import policies, shipped
from ydsim.scenario.read.node import Path, dotted
from ydsim.scenario.schema.scenario import Scenario
from ydsim.translation import gettext as _t


@dataclass(frozen=True)
class Bounds:
    """Limits of a number; None where there is none, open where the limit itself is excluded."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value: float) -> bool:
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        below = (
            self.high is None or value < self.high or (value == self.high and not self.high_open)
        )
        return above and below

    def __str__(self) -> str:
        """Return the limits in words: ``between 0 and 1``, ``above 0``, ``at least 1``."""
        if self.low is None and self.high is None:
            return _t("any")
        if self.high is None:
            message = _t("above {low}") if self.low_open else _t("at least {low}")
        elif self.low is None:
            message = _t("below {high}") if self.high_open else _t("at most {high}")
        elif self.low_open or self.high_open:
            low = Bounds(low=self.low, low_open=self.low_open)
            high = Bounds(high=self.high, high_open=self.high_open)
            return _t("{low} and {high}").format(low=low, high=high)
        else:
            message = _t("between {low} and {high}")
        return message.format(low=written(self.low), high=written(self.high))


@dataclass(frozen=True)
class Key:
    """One key that holds a value."""

    path: tuple[str, ...]  # where it is in a scenario
    kind: str  # what it takes, in plain words
    # Its value when a scenario says nothing, or that there is none.
    default: Any
    required: bool
    # As declared with the field; the bounds of a list are those of each value in it.
    bounds: Bounds
    unit: str
    mark: str
    source: str
    meaning: str


def written(value: Any) -> str:
    """Return a value as a scenario would write it, a number as short as it can be without loss."""
    if isinstance(value, bool) or value is None:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(written(item) for item in value)}]"
    return str(value) or '""'


def bounds_of(field: FieldInfo) -> Bounds:
    """Return the limits that a field declares, of each value where it holds a list."""
    low: float | None = None
    high: float | None = None
    low_open = high_open = False
    inside = typing.get_args(field.annotation)
    if inside and typing.get_origin(inside[0]) is typing.Annotated:
        field = FieldInfo.from_annotation(inside[0])
    for item in field.metadata:
        low_open, high_open = low_open or hasattr(item, "gt"), high_open or hasattr(item, "lt")
        low = getattr(item, "ge", getattr(item, "gt", low))
        high = getattr(item, "le", getattr(item, "lt", high))
    return Bounds(low, high, low_open, high_open)


def extra_of(field: FieldInfo) -> dict[str, Any]:
    """Return unit, mark and source of a field, as far as it declares them."""
    extra = field.json_schema_extra
    return dict(extra) if isinstance(extra, dict) else {}


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Return the model of a field that is a group of keys."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def kind_of(annotation: Any) -> str:
    """Return a type in plain words."""
    words = {int: "whole number", float: "number", bool: "true or false", str: "text"}
    if annotation in words:
        return words[annotation]
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return kind_of(inside[0])
    if _is_union(annotation):
        words_of = (kind_of(kind) for kind in inside if kind is not type(None))
        return " or ".join(dict.fromkeys(words_of))
    if origin is typing.Literal:
        return "one of " + ", ".join(str(item) for item in inside)
    if origin in (tuple, list, Sequence):
        item = kind_of(inside[0]) if inside else "value"
        items = item.replace("list of", "lists of", 1) if item.startswith("list") else f"{item}s"
        fixed = origin is tuple and Ellipsis not in inside
        if item.startswith("one of "):
            return f"list of any of {item.removeprefix('one of ')}"
        return f"list of {len(inside)} {items}" if fixed else f"list of {items}"
    return "mapping" if origin is dict else "value"


def types_of(annotation: Any) -> set[Any]:
    """Return the types that an annotation allows, apart from None."""
    kind = _bare(annotation)
    inside = typing.get_args(kind) if _is_union(kind) else ()
    return {kind for one in inside for kind in types_of(one)} - {type(None)} if inside else {kind}


def is_whole(annotation: Any) -> bool:
    """Tell whether a field takes whole numbers and no others."""
    return int in types_of(annotation) and float not in types_of(annotation)


def keys_of(
    model: type[BaseModel], path: tuple[str, ...] = (), default: Any = None
) -> Iterator[Key]:
    """Yield the keys of a model and of the groups inside it, in order of declaration.

    ``default`` is the group that holds when a scenario says nothing, where it has values of its
    own.
    """
    for name, field in model.model_fields.items():
        here = (*path, name)
        group = section_of(field)
        usual = None if field.is_required() else field.get_default(call_default_factory=True)
        if isinstance(default, model):
            usual = getattr(default, name)
        if group is not None:
            yield from keys_of(group, here, usual)
            continue
        extra = extra_of(field)
        meaning = field.description or ""
        if "unit" not in extra and meaning.endswith("; 1"):
            meaning, extra["unit"] = meaning[:-3], "1"
        yield Key(
            path=here,
            kind=kind_of(field.annotation),
            default=usual,
            required=field.is_required(),
            bounds=bounds_of(field),
            unit=str(extra.get("unit", "-")),
            mark=str(extra.get("mark", "control" if _is_shared(here) else "assumed")),
            source=str(extra.get("source", "assumed")),
            meaning=meaning,
        )


@lru_cache(maxsize=1)
def scenario_keys() -> tuple[Key, ...]:
    """Return all keys: those of the scenario, then those of every registered policy."""
    return _keys_with(policies())


@lru_cache(maxsize=1)
def shipped_keys() -> tuple[Key, ...]:
    """Return the keys without those of other packages, of which none is imported."""
    return _keys_with(shipped())


def _keys_with(levers: Mapping[str, type[Policy]]) -> tuple[Key, ...]:
    own = [key for key in keys_of(Scenario) if key.path != ("policies",)]
    others = [key for name, cls in levers.items() for key in keys_of(cls, ("policies", name))]
    return (*own, *others)


def _is_shared(path: tuple[str, ...]) -> bool:
    """Tell whether a key is one that every policy has."""
    return len(path) > 2 and path[0] == "policies" and path[2] in Policy.model_fields


@lru_cache(maxsize=1)
def homes() -> dict[str, dict[str, None]]:
    """Return where the keys of each name belong, as dotted sections; "" is the top level.

    A key that all policies share belongs under ``policies.<name>``.
    """
    found: dict[str, dict[str, None]] = {}
    for key in scenario_keys():
        path = ("policies", "<name>", *key.path[2:]) if _is_shared(key.path) else key.path
        for depth, part in enumerate(path):
            found.setdefault(part, {})[dotted(path[:depth])] = None
    return found


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model by key, as files name them."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def model_at(model: type[BaseModel], loc: Path) -> tuple[type[BaseModel], FieldInfo | None, Path]:
    """Return the model and the field that a place of pydantic lies in, and its path in a file.

    The field is None for a key that the model does not have. The path lacks the names of members
    of unions, which pydantic gives beside keys.
    """
    owner, field, path = model, None, list[str | int]()
    kind: Any = model
    for part in loc:
        members = members_of(kind)
        if part in members:
            kind = _bare(members[str(part)])
            if section_of(FieldInfo.from_annotation(kind)) is None:
                field = FieldInfo.from_annotation(members[str(part)])
            continue
        path.append(part)
        group = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        if group is not None:
            owner, field = group, fields_of(group).get(str(part))
            kind = None if field is None else field.annotation
        else:
            inside = typing.get_args(_bare(kind))
            kind = (inside[-1] if isinstance(part, str) else inside[0]) if inside else None
    return owner, field, tuple(path)


def members_of(annotation: Any) -> dict[str, Any]:
    """Return the members of a union, or of a list of one, by their tag or their ``kind``."""
    found = {}
    union = _bare(annotation)
    if typing.get_origin(union) in (tuple, list):
        union = _bare(typing.get_args(union)[0])
    for member in typing.get_args(union) if _is_union(union) else ():
        tags = [item.tag for item in getattr(member, "__metadata__", ()) if isinstance(item, Tag)]
        group = _bare(member)
        if isinstance(group, type) and issubclass(group, BaseModel) and not tags:
            kind = group.model_fields.get("kind")
            tags = list(typing.get_args(kind.annotation)) if kind is not None else []
        found.update(dict.fromkeys(tags, member))
    return found


def _bare(annotation: Any) -> Any:
    """Return a type without what is annotated, and without None."""
    inside = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
    if typing.get_origin(annotation) is typing.Annotated or (
        _is_union(annotation) and len(inside) == 1
    ):
        return _bare(inside[0])
    return annotation


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


# -- keys of earlier versions that are no more -----------------------------------------------------

REMOVED: Final = {
    row["key"]: row["said"] for row in rows_of("ydsim.scenario.schema", "removed.csv")
}
"""What is to be said of a key of an earlier version, by where it was; policies by their kind.

A key that ends in ``[]`` is one number now and had a list.
"""


def said_of(key: str) -> str:
    """Return what is to be said of a dotted key; nothing where it was never one."""
    return _t(REMOVED[key]) if key in REMOVED else ""


def without_removed(content: dict[str, Any], at: str = "") -> dict[str, Any]:
    """Return a plain scenario of an earlier version without the keys that are no more.

    ``at`` is where ``content`` is in the scenario, with a dot at its end.
    """
    kept = {key: value for key, value in content.items() if not _is_gone(f"{at}{key}", value)}
    for key, value in kept.items():
        if isinstance(value, dict):
            name = value.get("policy", key) if at == "policies." else key
            kept[key] = without_removed(value, f"{at}{name}.")
    return kept


def _is_gone(key: str, value: Any) -> bool:
    return key in REMOVED or (isinstance(value, list) and f"{key}[]" in REMOVED)
