"""``ydsim explain``: what a policy does, or what a key, an indicator, a table or a column means."""

from __future__ import annotations

import json
import re
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
            metavar="NAME",
            help="A policy (rd_grants), a key (parameters.match.border), an indicator (launches), "
            "a kind of shock (vouchers), a table (funnel) or a column (funnel.waited).",
        ),
    ],
    allow_code: AllowCode = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Say what a policy does, on what evidence, and what can be set; or what a name means."""
    from ydsim.policies.naming import policy_names
    from ydsim.policies.plain import find_policy
    from ydsim.results.explained import explained
    from ydsim.scenario.schema.describe import card_of

    if name not in policy_names():
        keys, meanings = _keys(name), explained(name)
        if keys and not meanings:
            print(_json([_plain(key) for key in keys]) if as_json else _text_of_keys(keys))
            return
        if meanings:
            if keys:
                meanings["keys"] = [_plain(key) for key in keys]
            print(_json(meanings) if as_json else _text_of_meanings(meanings, keys))
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
    if as_json:
        print(_json(_card(card)))
        return
    print(_text(card))
    if meanings := explained(name):
        print(f"\n{_text_of_meanings(meanings, [])}")


def _keys(name: str) -> list[Key]:
    """Return the key of this name, or all below it, or the one key that ends so.

    A kind of shock has its keys below its name, with or without ``shocks.`` before it.
    """
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.key_index import keys_of, scenario_keys
    from ydsim.scenario.schema.sections.shocks import KINDS

    keys = {dotted(key.path): key for key in scenario_keys()}
    kind = name.removeprefix("shocks.").partition(".")[0]
    if kind in KINDS and (name == kind or name.startswith("shocks.")):
        keys = {dotted(key.path): key for key in keys_of(KINDS[kind], ("shocks", kind))}
        name = name if name.startswith("shocks.") else f"shocks.{name}"
    below = [key for path, key in keys.items() if path == name or path.startswith(f"{name}.")]
    ends = [key for path, key in keys.items() if path.endswith(f".{name}")]
    return below or (ends if len(ends) == 1 else [])


def _refuse(name: str, said: str = "") -> None:
    from ydsim.errors import UsageError
    from ydsim.policies.naming import policy_names
    from ydsim.results.explained import names
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.key_index import scenario_keys
    from ydsim.scenario.schema.sections.shocks import KINDS
    from ydsim.wording import nearest, shorten

    paths = [dotted(key.path) for key in scenario_keys()]
    many = [path for path in paths if path.endswith(f".{name}")]
    known = (policy_names(), paths, names(), KINDS)
    close = next((near for group in known if (near := nearest(name, list(group)))), "")
    if not many and name.rpartition(".")[2][:1].isupper():
        close = ""  # meant as a class, whatever key looks like it
    if many:
        hint = f"; several keys end so: {', '.join(many[:4])}{', ...' * (len(many) > 4)}"
    elif close:
        hint = f"; did you mean {close!r}?"
    else:
        hint = f"; {said}" if said else "; see `ydsim list policies` and `ydsim show baseline`"
    what = "policy, key, indicator, table or column"
    raise UsageError(f"no {what} is called {shorten(name)!r}{hint}")


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


def _text_of_meanings(found: dict[str, Any], keys: list[Key]) -> str:
    """Return what a name in results means: indicator, table, columns, and keys of its name."""
    parts = []
    if "indicator" in found:
        parts.append(_text_of_indicator(found["indicator"]))
    if "table" in found:
        parts.append(_text_of_table(found["table"]))
    if "columns" in found:
        lines = [f"{found['columns'][0]['column']}: a column of"]
        for one in found["columns"]:
            facts = "" if one["unit"] == "-" else f", unit {one['unit']}"
            lines += _entry(one["table"], f"{one['meaning']} ({one['type']}{facts})")
        parts.append("\n".join(lines))
    if keys:
        parts.append("as a key of scenarios\n" + _text_of_keys(keys))
    # the texts are those of a page
    return re.sub(r"\[([^]]+)\]\([^)]+\)|`", lambda m: m[1] or "", "\n\n".join(parts))


def _text_of_indicator(one: dict[str, Any]) -> str:
    official = one["official"]
    figures = "none of the same name and unit"
    if official is not None:
        figures = f"{official['first']}-{official['last']}: {', '.join(official['regions'])}"
    prior = ", for single cities on a prior" if one["prior"] else ""
    prior = ", for single cities fitted to official figures" if one["fitted"] else prior
    meaning = _wrapped(one["meaning"])
    lines = [f"{one['name']}: an indicator, unit {one['unit']}", "", *meaning, ""]
    if one["follows"]:
        lines += _entry("these or this", one["follows"])
    if one["formula"]:
        lines += _entry("formula", one["formula"])
    lines += _entry("of a year", f"{one['kind']}: {one['year']}")
    lines += _entry("levels", ", ".join(one["levels"]) + prior)
    lines += _entry("official", figures)
    lines += _entry("tables", ", ".join(one["tables"]))
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_long_words=False)


def _text_of_table(one: dict[str, Any]) -> str:
    head = f"{one['name']}: a table"
    if "made_from" in one:
        head += f", made on demand from {', '.join(one['made_from'])}"
    lines = [head, "", *_wrapped(one["meaning"]), "", "Columns"]
    for column in one["columns"]:
        facts = column["type"] if column["unit"] == "-" else f"{column['type']}, {column['unit']}"
        lines += _entry(column["column"], f"{column['meaning']} ({facts})")
    return "\n".join(lines)


def _text_of_keys(keys: list[Key]) -> str:
    return "\n".join(line for key in keys for line in _parameter(key))


def _parameter(key: Key) -> Iterator[str]:
    from ydsim.scenario.read.node import dotted
    from ydsim.scenario.schema.key_index import Bounds, written

    default = "required" if key.required else f"default {_default(key, written(key.default))}"
    unit = "" if key.unit == "-" else f"unit {key.unit}"
    limits = key.kind if key.bounds == Bounds() else str(key.bounds)
    source = "" if key.source == "assumed" else key.source
    facts = ", ".join(fact for fact in (default, unit, limits, key.mark) if fact)
    yield from _entry(dotted(key.path), f"{facts}: {source}" if source else facts)
    yield from _entry("", key.meaning)


def _default(key: Key, text: str) -> str:
    return "null" if key.default is None else text


def _entry(name: str, text: str) -> Iterator[str]:
    """Yield a name with text beside it, or below it when the name is long."""
    column = 20
    lines = textwrap.wrap(text, _WIDTH - column, break_long_words=False) or [""]
    start = f"  {name:<{column - 2}}"
    if len(name) > column - 3:
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
