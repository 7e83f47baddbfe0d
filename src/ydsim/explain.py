"""What a name means: a policy, keys of scenarios, an indicator, a table, a column of tables."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from itertools import chain
from typing import Any, NamedTuple

from pydantic import ValidationError

from ydsim.errors import UsageError
from ydsim.fmt import columns_of, wrapped
from ydsim.policies.base import Policy, Target
from ydsim.policies.environment import CHANNELS, PolicyEnvironment
from ydsim.policies.library import find_policy, policies, policy_called, policy_names, title_of
from ydsim.record.indicators import (
    INDICATORS,
    OF_A_YEAR,
    ROWS,
    Indicator,
    indicator_called,
    name_in_words,
    unit_in_words,
)
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.key_index import Bounds, Key, keys_of, scenario_keys, written
from ydsim.scenario.schema.shocks import KINDS
from ydsim.store.contents import official_rows
from ydsim.store.layout import RUNS
from ydsim.store.tables import described
from ydsim.translation import gettext as _t
from ydsim.translation import is_english
from ydsim.wording import has_word, nearest, shorten
from ydsim.world.loader import load_world

COMBINED = {
    "add": "values of several policies add up",
    "multiply": "factors of several policies multiply",
    "max": "the largest change of several policies counts",
    "exclusive": "one policy at a time",
}
"""The combination rules of fields in words."""

_YEAR = 2021
_PROVINCES = ["Jiangsu", "Anhui"]
_COLUMN = 20

_SERIES = {"region": ("province_year", "series"), "province": ("province_year", "series"),
           "city": ("city_year", "city_series")}  # fmt: skip


class Meaning(NamedTuple):
    """What a name means."""

    # As plain data: the card of a policy; a list of keys; or, where they apply, ``indicator``,
    # ``table``, ``columns`` and ``keys``.
    content: Any
    text: str  # the same in words


def explained(name: str, *, allow_code: bool = False) -> Meaning:
    """Return what a name means in scenarios and in results.

    It is a policy, or with ``allow_code`` the import path of its class; a key, a section of keys or
    the end of a key; an indicator, a table, or a column, maybe with its table, as
    ``funnel.waited``. `UsageError` when it means nothing, with the nearest name that does, or a
    class cannot be imported.
    """
    if not name.strip():
        raise UsageError(_t("give the name of a policy, key, indicator, table or column"))
    name = policy_called(indicator_called(name.strip()))
    keys = [] if name in policy_names() else keys_called(name)
    content: dict[str, Any] = {}
    texts: list[Iterator[str]] = []
    if name in INDICATORS:
        content["indicator"] = _indicator(INDICATORS[name])
        texts.append(_text_of_indicator(content["indicator"]))
    if name in described():
        content["table"] = _table(name)
        texts.append(_text_of_table(content["table"]))
    if columns := _columns(name):
        content["columns"] = columns
        texts.append(_text_of_columns(columns))
    if keys:
        head = [_t("as a key of scenarios")] if content else []
        content["keys"] = [plain_key(key) for key in keys]
        texts.append(chain(head, text_of_keys(keys)))
    # links and code of pages have marks
    told = "\n\n".join("\n".join(lines) for lines in texts)
    text = re.sub(r"\[([^]]+)\]\([^)]+\)|`", lambda m: m[1] or "", told)
    first = {*policy_names(), *INDICATORS}
    ends = [*content] == ["keys"] and all(k.path[-1] == name and len(k.path) > 1 for k in keys)
    hits = [] if name in first or (content and not ends) else found_by_word(name)
    if hits and (not content or hits[0][0] in first):
        lines = [_t("Names and meanings that contain {word!r}:").format(word=shorten(name))]
        for hit, _, words in hits:
            lines += entry(hit, words)
        listing = {"found": [{"name": hit, "meaning": line} for hit, line, _ in hits]}
        return Meaning(listing, "\n".join(lines))
    if not content or name in policy_names():
        cls = _policy(name, allow_code)
        card = card_of(name, cls)
        of_card = "\n".join(_text_of_card(card, cls))
        return Meaning(card, "\n\n".join(filter(None, [of_card, text])))
    return Meaning(content["keys"] if [*content] == ["keys"] else content, text)


MOST_HITS = 24


def found_by_word(word: str) -> list[tuple[str, str, str]]:
    """Return names with a word in name, words or unit, policies first.

    Each has its line in English and in the language in use.
    """
    units = {n: unit_in_words(one.unit, one.kind, n) for n, one in INDICATORS.items()}
    lines = [
        *((name, card.line) for name, card in described().items()),
        *dict.fromkeys((_of_all(key), key.meaning) for key in scenario_keys()),
    ]
    every = [
        *((name, title_of(cls), _t(title_of(cls))) for name, cls in policies().items()),
        *(
            (n, f"{ROWS[n]['name']}, {unit}", _t(", ").join([name_in_words(n), unit]))
            for n, unit in units.items()
        ),
        *((name, line, _t(line) if line else "") for name, line in lines),
    ]
    return [one for one in every if has_word(" ".join(one), word)][:MOST_HITS]


def _of_all(key: Key) -> str:
    """Return a key with its section, ``policies.*`` of one that all policies have."""
    section, *rest = key.path
    shared = section == "policies" and len(rest) > 1 and rest[1] in Policy.model_fields
    return dotted(("policies", "*", *rest[1:]) if shared else key.path)


def _policy(name: str, allow_code: bool) -> type[Policy]:
    try:
        return find_policy(name, allow_code)
    except ValueError as error:
        if name in policy_names():
            raise UsageError(str(error)) from error
        is_path = all(part.isidentifier() for part in name.split(".")) and "." in name
        hint = str(error) if is_path else _t("see `ydsim list policies` and `ydsim show baseline`")
    paths = [dotted(key.path) for key in scenario_keys()]
    columns = [column for table in described().values() for column in table.columns]
    known = [*policy_names(), *paths, *INDICATORS, *described(), *columns, *KINDS]
    if many := [path for path in paths if path.endswith(f".{name}")]:
        names = f"{', '.join(many[:4])}{', ...' * (len(many) > 4)}"
        hint = _t("several keys end with this name: {names}").format(names=names)
    elif not name.rpartition(".")[2][:1].isupper() and (close := nearest(name, known)):
        hint = _t("did you mean {name!r}?").format(name=close)
    message = _t("no policy, key, indicator, table or column is called {name!r}; {hint}")
    raise UsageError(message.format(name=shorten(name), hint=hint))


# -- a policy, drawn from its class ------------------------------------------------------------


def card_of(name: str, cls: type[Policy]) -> dict[str, Any]:
    """Return all that is said of a policy that scenarios know as ``name``, as plain data.

    ``sections`` has mechanism, evidence and what else its text has, by heading; ``scheme`` says
    that it hands over rules or money under conditions of its own; ``target`` has the keys of a
    target that make a difference; ``bases`` what passes each border without it.
    """
    sections = _sections(cls)
    known = {field.name: field.metadata for field in fields(PolicyEnvironment) if field.metadata}
    return {
        "name": name,
        "title": title_of(cls),
        "class": f"{cls.__module__}.{cls.__qualname__}",
        "summary": sections.pop(""),
        "sections": sections,
        "writes": [
            {"field": one, "rule": known[one]["rule"], "meaning": known[one]["meaning"]}
            for one in cls.writes
        ],
        "scheme": cls.has_schemes(),
        "target": {key: Target.model_fields[key].description or "" for key in cls.target_keys},
        "parameters": [plain_key(key) for key in own_keys(cls)],
        "shared": [plain_key(key) for key in shared_keys()],
        "example": example_of(name, cls),
        "bases": _bases(cls),
    }


def own_keys(cls: type[Policy]) -> list[Key]:
    """Return the keys that a policy has beside those of all policies."""
    return [key for key in keys_of(cls) if key.path[0] not in Policy.model_fields]


def _bases(cls: type[Policy]) -> dict[str, str]:
    keys = {key.path: key for key in scenario_keys()}
    own = [keys["parameters", "border", channel] for channel in CHANNELS if channel in cls.writes]
    return {key.path[-1]: f"{written(key.default)} ({dotted(key.path)})" for key in own}


def shared_keys() -> tuple[Key, ...]:
    """Return the keys that all policies have, without those of ``target``."""
    return tuple(key for key in keys_of(Policy) if key.path[0] != "target")


def _sections(cls: type[Policy]) -> dict[str, str]:
    """Return the sections of a text by heading, a line with indented ones below; "" leads."""
    text = inspect.cleandoc(cls.__doc__ or "").replace("``", "`")
    first, *others = re.split(r"^(?! )(.+?):*(?<! )\n(?= )", f"\n{text}", flags=re.MULTILINE)
    named = {"": first} | dict(zip(others[::2], others[1::2], strict=True))
    return {heading: textwrap.dedent(part).strip("\n") for heading, part in named.items()}


def example_of(name: str, cls: type[Policy]) -> str:
    """Return a piece of a scenario in which the policy is in force and every own key is set.

    A key without a default, or with none that does anything, is at the middle of its bounds;
    it is left out where the class refuses that.
    """
    known = "." not in name
    settings: dict[str, Any] = {} if known else {"policy": name}
    own = {key.path[0]: _value(key) for key in own_keys(cls) if len(key.path) == 1}
    values = {"start": _YEAR} | {key: value for key, value in own.items() if value is not None}
    target = {"target": {"provinces": _PROVINCES}} if "provinces" in cls.target_keys else {}
    while not _accepts(cls, values | target) and len(values) > 1:
        values.popitem()
    lines = ["policies:", f"  {name if known else name.rpartition('.')[2].lower()}:"]
    return "\n".join([*lines, *_lines(settings | values | target, 4)])


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


def _text_of_card(card: dict[str, Any], cls: type[Policy]) -> Iterator[str]:
    title = _t("{name}: {text}").format(name=card["name"], text=_t(card["title"]))
    yield from (title, f"({card['class']})")
    yield from ("", card["summary"]) if card["summary"] else ()
    for heading, text in card["sections"].items():
        yield from ("", heading, textwrap.indent(text, "  "))
    moved = {one["field"]: f"{one['meaning']}; {COMBINED[one['rule']]}" for one in card["writes"]}
    if card["scheme"]:
        moved[_t("a scheme")] = _t("rules or payments with their own conditions, see Mechanism")
    parts = {_t("Writes"): moved}
    if card["target"]:
        parts[_t("Target")] = card["target"]
    if card["bases"]:
        parts[_t("Share that passes without it")] = card["bases"]
    for heading, entries in parts.items():
        yield from ("", heading)
        for name, text in entries.items():
            yield from entry(name, text)
    yield from ("", _t("Parameters"), *text_of_keys(own_keys(cls)))
    yield from ("", _t("Keys of all policies"), *text_of_keys(shared_keys()))
    yield from ("", _t("Example"), textwrap.indent(card["example"], "  "))


def text_of_keys(keys: Sequence[Key]) -> Iterator[str]:
    """Yield the lines of keys."""
    for key in keys:
        default = written(key.default)
        facts = [
            _t("required") if key.required else _t("default {value}").format(value=default),
            "" if key.unit == "-" else _t("unit {unit}").format(unit=key.unit),
            key.kind if key.bounds == Bounds() else str(key.bounds),
            _t(key.mark),
        ]
        text = (", " if is_english() else "，").join(filter(None, facts))
        if key.source not in ("", "assumed"):
            text = _t("{name}: {text}").format(name=text, text=key.source)
        yield from entry(dotted(key.path), text)
        yield from entry("", _t(key.meaning) if key.meaning else "")


def entry(name: str, text: str) -> Iterator[str]:
    """Yield a name with text beside it, or below it when the name is long."""
    head = f"  {name}".ljust(_COLUMN - columns_of(name) + len(name))
    if columns_of(name) > _COLUMN - 3:
        yield head
        head = " " * _COLUMN
    yield from wrapped(text, head, " " * _COLUMN) or [head.rstrip()]


# -- plain data of results, and in words -----------------------------------------------------------


def _indicator(one: Indicator) -> dict[str, Any]:
    row = ROWS[one.name]
    tables = list(dict.fromkeys(table for level in one.levels for table in _SERIES[level]))
    if one.kind == "ratio":
        tables = [table for table in tables if table != "city_series"]
    tables += [RUNS] * ("region" in one.levels) + ["official"] * one.official
    return {
        "name": one.name,
        "unit": one.unit,
        "meaning": row["detail"],
        "follows": _follows(one.name),
        "formula": row["formula"],
        "kind": one.kind,
        "year": OF_A_YEAR[one.kind],
        "levels": list(one.levels),
        "prior": one.prior,
        "fitted": one.fitted,
        "official": _official(one) if one.official else None,
        "tables": tables,
    }


def _follows(name: str) -> str:
    """Return the indicator that "of these", "of this" or "their" speaks of; empty without one."""
    before = list(INDICATORS)[: list(INDICATORS).index(name)]
    if ROWS[name]["detail"].startswith("their "):
        return before[-1]
    if not ROWS[name]["detail"].startswith(("of these", "of this")):
        return ""
    return next(n for n in reversed(before) if not ROWS[n]["detail"].startswith("of th"))


def _official(one: Indicator) -> dict[str, Any]:
    """Return years and regions of the official figures of the packaged region."""
    world = load_world("yrd")
    rows = official_rows(world, {one.name: one}, world.total)
    years, regions = rows["year"].tolist(), rows["region"].tolist()
    return {"first": min(years), "last": max(years), "regions": list(dict.fromkeys(regions))}


def _text_of_indicator(one: dict[str, Any]) -> Iterator[str]:
    figures = _t("none of the same name and unit")
    if official := one["official"]:
        figures = f"{official['first']}-{official['last']}: {', '.join(official['regions'])}"
    prior = _t(" (values of single cities rest on a prior)") if one["prior"] else ""
    if one["fitted"]:
        prior = _t(" (values of single cities are fitted to official figures)")
    yield _t("{name}: an indicator, unit {unit}").format(name=one["name"], unit=one["unit"])
    words = one["meaning"] if is_english() else name_in_words(one["name"])
    yield from ("", *wrapped(words), "")
    for name, text in {
        _t("refers to"): one["follows"] if is_english() else "",
        _t("formula"): one["formula"],
        _t("yearly value"): _t("{name}: {text}").format(name=one["kind"], text=_t(one["year"])),
        _t("levels"): ", ".join(one["levels"]) + prior,
        _t("official"): figures,
        _t("tables"): ", ".join(one["tables"]),
    }.items():
        yield from entry(name, text) if text else ()


def _columns(name: str) -> list[dict[str, str]]:
    """Return the columns of this name, each with its table, which may stand before the name."""
    of, _, column = name.rpartition(".")
    return [
        {"table": table, "column": column, **asdict(card.columns[column])}
        for table, card in described().items()
        if column in card.columns and of in ("", table)
    ]


def _table(name: str) -> dict[str, Any]:
    card = described()[name]
    made = {"made_from": list(card.needs)} if card.needs else {}
    columns = [{"column": column, **asdict(one)} for column, one in card.columns.items()]
    return {"name": name, "meaning": card.line, **made, "columns": columns}


def _text_of_table(one: dict[str, Any]) -> Iterator[str]:
    head = _t("{name}: a table, computed on demand from {tables}")
    if "made_from" not in one:
        head = _t("{name}: a table")
    yield head.format(name=one["name"], tables=", ".join(one.get("made_from", ())))
    yield from ("", *wrapped(_t(one["meaning"])), "", _t("Columns"))
    for column in one["columns"]:
        yield from entry(column["column"], _said(column))


def _text_of_columns(found: list[dict[str, str]]) -> Iterator[str]:
    yield _t("{name}: a column of").format(name=found[0]["column"])
    for one in found:
        yield from entry(one["table"], _said(one))


def _said(column: dict[str, str]) -> str:
    unit = "" if column["unit"] == "-" else f", {column['unit']}"
    return f"{column['meaning']} ({column['type']}{unit})"
