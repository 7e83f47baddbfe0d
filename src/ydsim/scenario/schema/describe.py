"""What policies and keys are, drawn from classes: for ``ydsim explain`` and pages of docs."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from pydantic import ValidationError

from ydsim.policies.base import Policy, Target
from ydsim.policies.environment import PolicyEnvironment
from ydsim.policies.library import title_of
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import Bounds, Key, keys_of, scenario_keys, written
from ydsim.scenario.schema.sections.shocks import KINDS

COMBINED = {
    "add": "what several policies want adds up",
    "multiply": "factors of several policies multiply",
    "max": "of several policies the largest change counts",
    "exclusive": "one policy at a time",
}
"""The combination rules of fields in words."""

_YEAR = 2021
_PROVINCES = ["Jiangsu", "Anhui"]
_WIDTH, _COLUMN = 96, 20


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
    bases
        Of a policy that sets borders by channel: the parameter of each, with its default, which is
        the level without the policy.
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
    bases: dict[str, str]


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
        bases=_bases(cls),
    )


def _bases(cls: type[Policy]) -> dict[str, str]:
    keys = {key.path: key for key in scenario_keys()}
    found = {}
    for channel, path in getattr(cls, "bases", {}).items():
        key = keys["parameters", *path]
        found[channel] = f"{written(key.default)} ({dotted(key.path)})"
    return found


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


# -- keys by name, plain data, and words -----------------------------------------------------------


def keys_called(name: str) -> list[Key]:
    """Return the key of this name, or all below it, or the one key that ends so.

    A kind of shock has its keys below its name, with or without ``shocks.`` before it.
    """
    keys = {dotted(key.path): key for key in scenario_keys()}
    kind = name.removeprefix("shocks.").partition(".")[0]
    if kind in KINDS and (name == kind or name.startswith("shocks.")):
        keys = {dotted(key.path): key for key in keys_of(KINDS[kind], ("shocks", kind))}
        name = f"shocks.{name.removeprefix('shocks.')}"
    below = [key for path, key in keys.items() if f"{path}.".startswith(f"{name}.")]
    ends = [key for path, key in keys.items() if path.endswith(f".{name}")]
    return below or (ends if len(ends) == 1 else [])


def plain_key(key: Key) -> dict[str, Any]:
    """Return a key as plain data, of its bounds the ends."""
    plain = {"key": dotted(key.path), "type": key.kind, "required": key.required}
    plain |= {"default": key.default, "unit": key.unit}
    plain |= {"low": key.bounds.low, "high": key.bounds.high}
    return plain | {"mark": key.mark, "source": key.source, "meaning": key.meaning}


def plain_card(card: Card) -> dict[str, Any]:
    """Return a card as plain data, with the keys that all policies have."""
    return {
        "name": card.name,
        "title": card.title,
        "class": card.home,
        "summary": card.summary,
        "sections": card.sections,
        "writes": [asdict(item) for item in card.writes],
        "scheme": card.scheme,
        "target": card.target_keys,
        "parameters": [plain_key(key) for key in card.parameters],
        "shared": [plain_key(key) for key in shared_keys()],
        "example": card.example,
        "bases": card.bases,
    }


def text_of_card(card: Card) -> Iterator[str]:
    """Yield the lines of a card."""
    yield from (f"{card.name}: {card.title}", f"({card.home})")
    yield from ("", card.summary) if card.summary else ()
    for heading, text in card.sections.items():
        yield from ("", heading, textwrap.indent(text, "  "))
    moved = {item.field: f"{item.meaning}; {COMBINED[item.rule]}" for item in card.writes}
    if card.scheme:
        moved["a scheme"] = "rules or money under conditions of its own, see its mechanism"
    for heading, entries in {"Writes": moved, "Target": card.target_keys}.items():
        yield from ("", heading)
        for name, text in entries.items():
            yield from entry(name, text)
    if card.bases:
        yield from ("", "Levels without it")
        for channel, text in card.bases.items():
            yield from entry(channel, text)
    yield from ("", "Parameters", *text_of_keys(card.parameters))
    yield from ("", "As all policies", *text_of_keys(shared_keys()))
    yield from ("", "Example", textwrap.indent(card.example, "  "))


def text_of_keys(keys: Sequence[Key]) -> Iterator[str]:
    """Yield the lines of keys."""
    for key in keys:
        facts = [
            "required" if key.required else f"default {written(key.default)}",
            "" if key.unit == "-" else f"unit {key.unit}",
            key.kind if key.bounds == Bounds() else str(key.bounds),
            key.mark,
        ]
        source = "" if key.source in ("", "assumed") else f": {key.source}"
        yield from entry(dotted(key.path), ", ".join(filter(None, facts)) + source)
        yield from entry("", key.meaning)


def entry(name: str, text: str) -> Iterator[str]:
    """Yield a name with text beside it, or below it when the name is long."""
    lines = wrapped(text, _WIDTH - _COLUMN) or [""]
    if len(name) > _COLUMN - 3:
        yield f"  {name}"
        name = ""
    yield f"  {name:<{_COLUMN - 2}}{lines[0]}".rstrip()
    yield from (f"{' ' * _COLUMN}{line}" for line in lines[1:])


def wrapped(text: str, width: int = _WIDTH) -> list[str]:
    """Return the lines of a text."""
    return textwrap.wrap(text, width, break_long_words=False)
