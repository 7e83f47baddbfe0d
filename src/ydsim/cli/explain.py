"""``ydsim explain``: what a policy does, or what a key of a scenario means."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ydsim.cli.run_options import AllowCode

if TYPE_CHECKING:
    from ydsim.scenario.schema.describe import Card
    from ydsim.scenario.schema.key_index import Key

_WIDTH = 96


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A policy (rd_grants), or a key (parameters.match.border)."
        ),
    ],
    allow_code: AllowCode = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Say what a policy does, on what evidence, and what can be set; or what a key means."""
    from ydsim.policies.naming import policy_names
    from ydsim.policies.plain import find_policy
    from ydsim.scenario.schema.describe import card_of

    if name not in policy_names():
        keys = _keys(name)
        if keys:
            print(_json([_plain(key) for key in keys]) if as_json else _text_of_keys(keys))
            return
        if "." not in name:
            _refuse(name)
    try:
        card = card_of(name, find_policy(name, allow_code))
    except ValueError as error:
        if name not in policy_names():
            _refuse(name, str(error))
        from ydsim.errors import UsageError

        raise UsageError(str(error)) from error
    print(_json(_card(card)) if as_json else _text(card))


def _keys(name: str) -> list[Key]:
    """Return the key of this name, or all below it, or the one key that ends so."""
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.key_index import scenario_keys

    keys = {dotted(key.path): key for key in scenario_keys()}
    below = [key for path, key in keys.items() if path == name or path.startswith(f"{name}.")]
    ends = [key for path, key in keys.items() if path.endswith(f".{name}")]
    return below or (ends if len(ends) == 1 else [])


def _refuse(name: str, said: str = "") -> None:
    from ydsim.errors import UsageError
    from ydsim.policies.naming import policy_names
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.key_index import scenario_keys
    from ydsim.wording import nearest, shorten

    paths = [dotted(key.path) for key in scenario_keys()]
    many = [path for path in paths if path.endswith(f".{name}")]
    close = nearest(name, policy_names()) or nearest(name, paths)
    if not many and name.rpartition(".")[2][:1].isupper():
        close = ""  # meant as a class, whatever key looks like it
    if many:
        hint = f"; several keys end so: {', '.join(many[:4])}{', ...' * (len(many) > 4)}"
    elif close:
        hint = f"; did you mean {close!r}?"
    else:
        hint = f"; {said}" if said else "; see `ydsim list policies` and `ydsim show baseline`"
    raise UsageError(f"no policy and no key is called {shorten(name)!r}{hint}")


def _text(card: Card) -> str:
    from ydsim.scenario.schema.describe import COMBINED, shared_keys

    lines = [f"{card.name}: {card.title}", f"({card.home})"]
    if card.summary:
        lines += ["", card.summary]
    for heading, text in card.sections.items():
        lines += ["", heading, textwrap.indent(text, "  ")]
    lines += ["", "Writes"]
    for item in card.writes:
        lines += _entry(item.field, f"{item.meaning}; {COMBINED[item.rule]}")
    if card.scheme:
        lines += _entry("a scheme", "rules or money under conditions of its own, see its mechanism")
    lines += ["", "Target"]
    for key, meaning in card.target_keys.items():
        lines += _entry(key, meaning)
    for heading, keys in (("Parameters", card.parameters), ("As all policies", shared_keys())):
        lines += ["", heading]
        for parameter in keys:
            lines += _parameter(parameter)
    return "\n".join([*lines, "", "Example", textwrap.indent(card.example, "  ")])


def _text_of_keys(keys: list[Key]) -> str:
    return "\n".join(line for key in keys for line in _parameter(key))


def _parameter(key: Key) -> Iterator[str]:
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.describe import written
    from ydsim.scenario.schema.key_index import Bounds

    default = "required" if key.required else f"default {_default(key, written(key.default))}"
    unit = "" if key.unit == "-" else f"unit {key.unit}"
    limits = key.kind if key.bounds == Bounds() else str(key.bounds)
    source = "" if key.source == "assumed" else key.source
    facts = ", ".join(fact for fact in (default, unit, limits, key.mark) if fact)
    yield from _entry(dotted(key.path), f"{facts}: {source}" if source else facts)
    yield from _entry("", key.meaning)


def _default(key: Key, text: str) -> str:
    return "none" if key.default is None else text


def _entry(name: str, text: str) -> Iterator[str]:
    """Yield a name with text beside it, or below it when the name is long."""
    column = 20
    lines = textwrap.wrap(text, _WIDTH - column, break_long_words=False) or [""]
    start = f"  {name:<{column - 2}}"
    if len(start) > column:
        yield start
        start = " " * column
    yield f"{start}{lines[0]}".rstrip()
    yield from (f"{' ' * column}{line}" for line in lines[1:])


def _card(card: Card) -> dict[str, Any]:
    from ydsim.scenario.schema.describe import shared_keys

    return {
        "name": card.name,
        "title": card.title,
        "class": card.home,
        "summary": card.summary,
        "sections": card.sections,
        "writes": [vars(item) for item in card.writes],
        "scheme": card.scheme,
        "target": card.target_keys,
        "parameters": [_plain(key) for key in card.parameters],
        "shared": [_plain(key) for key in shared_keys()],
        "example": card.example,
    }


def _plain(key: Key) -> dict[str, Any]:
    from ydsim.scenario.read.node import dotted

    return {
        "key": dotted(key.path),
        "type": key.kind,
        "required": key.required,
        "default": key.default,
        "unit": key.unit,
        "low": key.bounds.low,
        "high": key.bounds.high,
        "mark": key.mark,
        "source": key.source,
        "meaning": key.meaning,
    }


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False, default=str)
