"""What a name means: a policy, keys of scenarios, an indicator, a table, a column of tables."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ydsim.errors import UsageError
from ydsim.policies.library import policy_names
from ydsim.policies.plain import find_policy
from ydsim.record.details import OF_A_YEAR, details
from ydsim.record.indicators import INDICATORS, Indicator
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.describe import COMBINED, Card, card_of, shared_keys
from ydsim.scenario.schema.key_index import Bounds, Key, keys_of, scenario_keys, written
from ydsim.scenario.schema.sections.shocks import KINDS
from ydsim.store.layout import RUNS
from ydsim.store.tables import described
from ydsim.wording import nearest, shorten

_SERIES = {"region": ("province_year", "series"), "province": ("province_year", "series"),
           "city": ("city_year", "city_series")}  # fmt: skip
_WIDTH = 96
_COLUMN = 20


@dataclass(frozen=True)
class Meaning:
    """What a name means.

    Attributes
    ----------
    content
        As plain data: the card of a policy; a list of keys; or, where they apply, ``indicator``,
        ``table``, ``columns`` and ``keys``.
    text
        The same in words.
    """

    content: Any
    text: str


def explained(name: str, *, allow_code: bool = False) -> Meaning:
    """Return what a name means in scenarios and in results.

    Parameters
    ----------
    name
        A policy, or the import path of its class; a key, a section of keys or the end of a key; an
        indicator, a table, or a column, which may be named with its table, as ``funnel.waited``.
    allow_code
        Import a class that no installed package offers.

    Raises
    ------
    UsageError
        When it means nothing, with the nearest name that does, or a class cannot be imported.
    """
    keys = [] if name in policy_names() else _keys(name)
    found = _in_results(name)
    content: Any = {**found, "keys": [_plain(key) for key in keys]} if keys else found
    texts = [_without_marks(_TEXTS[part](found[part])) for part in found]
    if keys and not found:
        return Meaning(content["keys"], "\n".join(_text_of_keys(keys)))
    if keys:
        texts.append(_without_marks(["as a key of scenarios", *_text_of_keys(keys)]))
    if name in policy_names() or not found:
        card = _card(name, allow_code)
        content = _plain_card(card)
        texts.insert(0, "\n".join(_text_of_policy(card)))
    return Meaning(content, "\n\n".join(texts))


def _keys(name: str) -> list[Key]:
    """Return the key of this name, or all below it, or the one key that ends so.

    A kind of shock has its keys below its name, with or without ``shocks.`` before it.
    """
    keys = {dotted(key.path): key for key in scenario_keys()}
    kind = name.removeprefix("shocks.").partition(".")[0]
    if kind in KINDS and (name == kind or name.startswith("shocks.")):
        keys = {dotted(key.path): key for key in keys_of(KINDS[kind], ("shocks", kind))}
        name = f"shocks.{name.removeprefix('shocks.')}"
    below = [key for path, key in keys.items() if path == name or path.startswith(f"{name}.")]
    ends = [key for path, key in keys.items() if path.endswith(f".{name}")]
    return below or (ends if len(ends) == 1 else [])


def _card(name: str, allow_code: bool) -> Card:
    try:
        return card_of(name, find_policy(name, allow_code))
    except ValueError as error:
        if name in policy_names():
            raise UsageError(str(error)) from error
        raise _unknown(name, str(error) if "." in name else "") from None


def _unknown(name: str, said: str) -> UsageError:
    """Return the refusal of a name that means nothing, with the nearest that does."""
    paths = [dotted(key.path) for key in scenario_keys()]
    many = [path for path in paths if path.endswith(f".{name}")]
    columns = [column for table in described().values() for column in table.columns]
    known = (policy_names(), paths, [*INDICATORS, *described(), *columns], KINDS)
    close = next((near for group in known if (near := nearest(name, list(group)))), "")
    meant_as_a_class = name.rpartition(".")[2][:1].isupper()
    if many:
        hint = f"several keys end so: {', '.join(many[:4])}{', ...' * (len(many) > 4)}"
    elif close and not meant_as_a_class:
        hint = f"did you mean {close!r}?"
    else:
        hint = said or "see `ydsim list policies` and `ydsim show baseline`"
    what = "policy, key, indicator, table or column"
    return UsageError(f"no {what} is called {shorten(name)!r}; {hint}")


# -- plain data -----------------------------------------------------------------------------------


def _in_results(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if name in INDICATORS:
        found["indicator"] = _indicator(INDICATORS[name])
    if name in described():
        found["table"] = _table(name)
    columns = _columns(name)
    if columns:
        found["columns"] = columns
    return found


def _plain_card(card: Card) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": card.title,
        "class": card.home,
        "summary": card.summary,
        "sections": card.sections,
        "writes": [asdict(item) for item in card.writes],
        "scheme": card.scheme,
        "target": card.target_keys,
        "parameters": [_plain(key) for key in card.parameters],
        "shared": [_plain(key) for key in shared_keys()],
        "example": card.example,
    }


def _plain(key: Key) -> dict[str, Any]:
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


def _indicator(one: Indicator) -> dict[str, Any]:
    detail = details()[one.name]
    tables = list(dict.fromkeys(table for level in one.levels for table in _SERIES[level]))
    if one.kind == "ratio":
        tables = [table for table in tables if table != "city_series"]
    if "region" in one.levels:
        tables.append(RUNS)
    return {
        "name": one.name,
        "unit": one.unit,
        "meaning": detail.meaning,
        "follows": _follows(one.name),
        "formula": detail.formula,
        "kind": one.kind,
        "year": OF_A_YEAR[one.kind],
        "levels": list(one.levels),
        "prior": one.prior,
        "fitted": one.fitted,
        "official": _official(one),
        "tables": [*tables, *(["official"] if one.official else [])],
    }


def _follows(name: str) -> str:
    """Return the indicator that "of these", "of this" or "their" speaks of; empty without one."""
    before = list(INDICATORS)[: list(INDICATORS).index(name)]
    if details()[name].meaning.startswith("their "):
        return before[-1]
    if not details()[name].meaning.startswith(("of these", "of this")):
        return ""
    return next(n for n in reversed(before) if not details()[n].meaning.startswith("of th"))


def _official(one: Indicator) -> dict[str, Any] | None:
    """Return years and regions of the official figures of the packaged region."""
    from ydsim.store.contents import official_rows
    from ydsim.world.loader import load_world

    if not one.official:
        return None
    world = load_world("yrd")
    rows = official_rows(world, {one.name: one}, world.total)
    years = rows["year"].tolist()
    return {
        "first": min(years),
        "last": max(years),
        "regions": list(dict.fromkeys(rows["region"].tolist())),
    }


def _table(name: str) -> dict[str, Any]:
    card = described()[name]
    found: dict[str, Any] = {"name": name, "meaning": card.line}
    if card.needs:
        found["made_from"] = list(card.needs)
    found["columns"] = [
        {"column": column, "type": c.type, "unit": c.unit, "meaning": c.meaning}
        for column, c in card.columns.items()
    ]
    return found


def _columns(name: str) -> list[dict[str, str]]:
    """Return the tables that have a column of this name, with what it means there."""
    of, _, column = name.rpartition(".")
    return [
        {"table": table, "column": column, "type": c.type, "unit": c.unit, "meaning": c.meaning}
        for table, card in described().items()
        for c in [card.columns.get(column)]
        if c is not None and (not of or of == table)
    ]


# -- texts ----------------------------------------------------------------------------------------


def _text_of_policy(card: Card) -> Iterator[str]:
    yield from (f"{card.name}: {card.title}", f"({card.home})")
    if card.summary:
        yield from ("", card.summary)
    for heading, text in card.sections.items():
        yield from ("", heading, textwrap.indent(text, "  "))
    yield from ("", "Writes")
    for item in card.writes:
        yield from _entry(item.field, f"{item.meaning}; {COMBINED[item.rule]}")
    if card.scheme:
        yield from _entry(
            "a scheme", "rules or money under conditions of its own, see its mechanism"
        )
    yield from ("", "Target")
    for key, meaning in card.target_keys.items():
        yield from _entry(key, meaning)
    yield from ("", "Parameters", *_text_of_keys(card.parameters))
    yield from ("", "As all policies", *_text_of_keys(shared_keys()))
    yield from ("", "Example", textwrap.indent(card.example, "  "))


def _text_of_keys(keys: Sequence[Key]) -> Iterator[str]:
    for key in keys:
        facts = [
            "required" if key.required else f"default {written(key.default)}",
            "" if key.unit == "-" else f"unit {key.unit}",
            key.kind if key.bounds == Bounds() else str(key.bounds),
            key.mark,
        ]
        source = "" if key.source in ("", "assumed") else f": {key.source}"
        yield from _entry(dotted(key.path), ", ".join(filter(None, facts)) + source)
        yield from _entry("", key.meaning)


def _text_of_indicator(one: dict[str, Any]) -> Iterator[str]:
    official = one["official"]
    figures = "none of the same name and unit"
    if official is not None:
        figures = f"{official['first']}-{official['last']}: {', '.join(official['regions'])}"
    prior = ", for single cities on a prior" if one["prior"] else ""
    prior = ", for single cities fitted to official figures" if one["fitted"] else prior
    yield from (f"{one['name']}: an indicator, unit {one['unit']}", "")
    yield from (*_wrapped(one["meaning"]), "")
    yield from _entry("these or this", one["follows"]) if one["follows"] else ()
    yield from _entry("formula", one["formula"]) if one["formula"] else ()
    yield from _entry("of a year", f"{one['kind']}: {one['year']}")
    yield from _entry("levels", ", ".join(one["levels"]) + prior)
    yield from _entry("official", figures)
    yield from _entry("tables", ", ".join(one["tables"]))


def _text_of_table(one: dict[str, Any]) -> Iterator[str]:
    made = f", made on demand from {', '.join(one['made_from'])}" if "made_from" in one else ""
    yield from (f"{one['name']}: a table{made}", "", *_wrapped(one["meaning"]), "", "Columns")
    for column in one["columns"]:
        facts = column["type"] if column["unit"] == "-" else f"{column['type']}, {column['unit']}"
        yield from _entry(column["column"], f"{column['meaning']} ({facts})")


def _text_of_columns(found: list[dict[str, str]]) -> Iterator[str]:
    yield f"{found[0]['column']}: a column of"
    for one in found:
        facts = "" if one["unit"] == "-" else f", unit {one['unit']}"
        yield from _entry(one["table"], f"{one['meaning']} ({one['type']}{facts})")


_TEXTS: dict[str, Callable[[Any], Iterator[str]]] = {
    "indicator": _text_of_indicator,
    "table": _text_of_table,
    "columns": _text_of_columns,
}


def _without_marks(lines: Iterable[str]) -> str:
    """Return lines of a page without the marks of its links and code."""
    return re.sub(r"\[([^]]+)\]\([^)]+\)|`", lambda m: m[1] or "", "\n".join(lines))


def _wrapped(text: str, width: int = _WIDTH) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False)


def _entry(name: str, text: str) -> Iterator[str]:
    """Yield a name with text beside it, or below it when the name is long."""
    lines = _wrapped(text, _WIDTH - _COLUMN) or [""]
    start = f"  {name:<{_COLUMN - 2}}"
    if len(name) > _COLUMN - 3:
        yield start
        start = " " * _COLUMN
    yield f"{start}{lines[0]}".rstrip()
    yield from (f"{' ' * _COLUMN}{line}" for line in lines[1:])
