"""What a policy is, drawn from its class: for ``ydsim explain`` and the page of policies."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from pydantic import ValidationError

from ydsim.policies.base import Policy, Target
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.library import title_of
from ydsim.scenario.schema.key_index import Key, keys_of, written

COMBINED = {
    "add": "what several policies want adds up",
    "multiply": "factors of several policies multiply",
    "max": "of several policies the largest change counts",
    "exclusive": "one policy at a time",
}
"""The combination rules of fields in words."""

_YEAR = 2021
_PROVINCES = ["Jiangsu", "Anhui"]


@dataclass(frozen=True)
class Written:
    """A field of the policy environment that a policy moves."""

    field: str
    rule: str
    meaning: str


@dataclass(frozen=True)
class Card:
    """All that is said of one policy.

    Attributes
    ----------
    name, title, home
        Its name in scenarios, one line, and the import path of its class.
    summary
        The text of the class before its first section.
    sections
        Mechanism, evidence and what else the text has, by heading.
    writes
        The fields that it moves.
    scheme
        It hands over schemes of its own: rules or money under conditions.
    target_keys
        The keys of ``target`` that make a difference, with their meaning.
    parameters
        Its own keys; those that all policies have are `shared_keys`.
    example
        A piece of a scenario.
    """

    name: str
    title: str
    home: str
    summary: str
    sections: dict[str, str]
    writes: tuple[Written, ...]
    scheme: bool
    target_keys: dict[str, str]
    parameters: tuple[Key, ...]
    example: str

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks of its own parameters, sorted."""
        return tuple(sorted({key.mark for key in self.parameters}))


def card_of(name: str, cls: type[Policy]) -> Card:
    """Return the card of a policy that scenarios know as ``name``."""
    summary, sections = _text_of(cls)
    known = {field.name: field.metadata for field in fields(PolicyEnvironment) if field.metadata}
    return Card(
        name=name,
        title=title_of(cls),
        home=f"{cls.__module__}.{cls.__qualname__}",
        summary=summary,
        sections=sections,
        writes=tuple(
            Written(field, known[field]["rule"], known[field]["meaning"]) for field in cls.writes
        ),
        scheme=cls.schemes is not Policy.schemes,
        target_keys={key: Target.model_fields[key].description or "" for key in cls.target_keys},
        parameters=tuple(k for k in keys_of(cls) if k.path[0] not in Policy.model_fields),
        example=example_of(name, cls),
    )


def shared_keys() -> tuple[Key, ...]:
    """Return the keys that all policies have, without those of ``target``."""
    return tuple(key for key in keys_of(Policy) if key.path[0] != "target")


def _text_of(cls: type[Policy]) -> tuple[str, dict[str, str]]:
    """Return summary and sections of a text: a section is a line with indented lines below it."""
    parts: dict[str, list[str]] = {"": []}
    heading = ""
    lines = inspect.cleandoc(cls.__doc__ or "").replace("``", "`").split("\n")
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line and line == line.strip() and following.startswith(" "):
            heading = line.rstrip(":")
            parts[heading] = []
        else:
            parts[heading].append(line)
    texts = {name: textwrap.dedent("\n".join(part)).strip("\n") for name, part in parts.items()}
    return texts.pop(""), texts


def example_of(name: str, cls: type[Policy]) -> str:
    """Return a piece of a scenario in which the policy is in force and every own key is set.

    A key without a default, or with none that does anything, is at the middle of its bounds;
    it is left out where the class refuses that.
    """
    known = "." not in name
    settings: dict[str, Any] = {} if known else {"policy": name}
    values: dict[str, Any] = {"start": _YEAR}
    for key in keys_of(cls):
        if key.path[0] in Policy.model_fields or len(key.path) > 1:
            continue
        values |= {key.path[0]: middle} if (middle := _value(key)) is not None else {}
    if "provinces" in cls.target_keys:
        values["target"] = {"provinces": _PROVINCES}
    while not _accepts(cls, values) and len(values) > 1:
        values.pop(list(values)[-2] if "target" in values else list(values)[-1])
    lines = ["policies:", f"  {name if known else name.rpartition('.')[2].lower()}:"]
    return "\n".join([*lines, *_lines(settings | values, 4)])


def _value(key: Key) -> Any:
    if key.default is not None:
        return key.default
    low, high = key.bounds.low, key.bounds.high
    if low is None or high is None:
        return None
    middle = (low + high) / 2.0
    return int(middle) if key.kind == "whole number" else middle


def _accepts(cls: type[Policy], values: dict[str, Any]) -> bool:
    try:
        cls.model_validate(values)
    except (ValidationError, TypeError):
        return False
    return True


def _lines(values: dict[str, Any], indent: int) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield f"{' ' * indent}{key}:"
            yield from _lines(value, indent + 2)
        else:
            yield f"{' ' * indent}{key}: {written(value)}"
