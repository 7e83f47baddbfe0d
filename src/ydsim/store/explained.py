"""What a name means: a policy, keys of scenarios, an indicator, a table, a column of tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ydsim.errors import UsageError
from ydsim.policies.library import policies, policy_names, title_of
from ydsim.policies.plain import find_policy
from ydsim.record.details import OF_A_YEAR, details, names, unit_in_words
from ydsim.record.indicators import INDICATORS, Indicator
from ydsim.scenario.read.node import dotted
from ydsim.scenario.schema.describe import (
    Card,
    card_of,
    entry,
    keys_called,
    plain_card,
    plain_key,
    text_of_card,
    text_of_keys,
    wrapped,
)
from ydsim.scenario.schema.key_index import Key, scenario_keys
from ydsim.scenario.schema.sections.shocks import KINDS
from ydsim.store.contents import official_rows
from ydsim.store.layout import RUNS
from ydsim.store.tables import described
from ydsim.translation import gettext as _t
from ydsim.wording import nearest, shorten
from ydsim.world.loader import load_world

_SERIES = {"region": ("province_year", "series"), "province": ("province_year", "series"),
           "city": ("city_year", "city_series")}  # fmt: skip


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
    keys = [] if name in policy_names() else keys_called(name)
    parts: dict[str, tuple[Any, Iterator[str]]] = {}
    if name in INDICATORS:
        one = _indicator(INDICATORS[name])
        parts["indicator"] = one, _text_of_indicator(one)
    if name in described():
        table = _table(name)
        parts["table"] = table, _text_of_table(table)
    if columns := _columns(name):
        parts["columns"] = columns, _text_of_columns(columns)
    if keys:
        head = ["as a key of scenarios"] if parts else []
        parts["keys"] = [plain_key(key) for key in keys], iter([*head, *text_of_keys(keys)])
    texts = ["\n".join(lines) for _, lines in parts.values()]
    # links and code of pages have marks
    text = re.sub(r"\[([^]]+)\]\([^)]+\)|`", lambda m: m[1] or "", "\n\n".join(texts))
    first = {*policy_names(), *INDICATORS}
    known = name in first or (parts and not _is_end(name, keys, parts))
    hits = [] if known else found_by_word(name)
    if hits and (not parts or hits[0][0] in first):
        lines = [_t("names that have {word!r} in them:").format(word=shorten(name))]
        for hit, line in hits:
            lines += entry(hit, line)
        listing = {"found": [{"name": hit, "meaning": line} for hit, line in hits]}
        return Meaning(listing, "\n".join(lines))
    content: Any = {part: found for part, (found, _) in parts.items()}
    if not parts or name in policy_names():
        card = _card(name, allow_code)
        of_card = "\n".join(text_of_card(card))
        return Meaning(plain_card(card), "\n\n".join(filter(None, [of_card, text])))
    return Meaning(content["keys"] if [*parts] == ["keys"] else content, text)


MOST_HITS = 24


def _is_end(name: str, keys: Sequence[Key], parts: Mapping[str, Any]) -> bool:
    """Tell whether a name is known only as the end of keys."""
    return [*parts] == ["keys"] and all(k.path[-1] == name and len(k.path) > 1 for k in keys)


def found_by_word(word: str) -> list[tuple[str, str]]:
    """Return names with a word in name, words or unit, each with a line: policies first."""
    whole = re.compile(rf"(?<![a-z0-9]){re.escape(word.lower())}")
    every = [
        *((name, title_of(cls)) for name, cls in policies().items()),
        *((n, f"{names()[n]}, {unit_in_words(i.unit, i.kind)}") for n, i in INDICATORS.items()),
        *((name, card.line) for name, card in described().items()),
        *((dotted(key.path), key.meaning) for key in scenario_keys()),
    ]
    found = [one for one in every if whole.search(" ".join(one).replace("_", " ").lower())]
    return found[:MOST_HITS]


def _card(name: str, allow_code: bool) -> Card:
    try:
        return card_of(name, find_policy(name, allow_code))
    except ValueError as error:
        if name in policy_names():
            raise UsageError(str(error)) from error
        said = str(error) if "." in name else "see `ydsim list policies` and `ydsim show baseline`"
    paths = [dotted(key.path) for key in scenario_keys()]
    columns = [column for table in described().values() for column in table.columns]
    known = [*policy_names(), *paths, *INDICATORS, *described(), *columns, *KINDS]
    hint = said
    if many := [path for path in paths if path.endswith(f".{name}")]:
        hint = f"several keys end so: {', '.join(many[:4])}{', ...' * (len(many) > 4)}"
    elif not name.rpartition(".")[2][:1].isupper() and (close := nearest(name, known)):
        hint = f"did you mean {close!r}?"
    what = "policy, key, indicator, table or column"
    raise UsageError(f"no {what} is called {shorten(name)!r}; {hint}")


# -- plain data of results, and in words -----------------------------------------------------------


def _indicator(one: Indicator) -> dict[str, Any]:
    detail = details()[one.name]
    tables = list(dict.fromkeys(table for level in one.levels for table in _SERIES[level]))
    if one.kind == "ratio":
        tables = [table for table in tables if table != "city_series"]
    tables += [RUNS] * ("region" in one.levels) + ["official"] * one.official
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
        "official": _official(one) if one.official else None,
        "tables": tables,
    }


def _follows(name: str) -> str:
    """Return the indicator that "of these", "of this" or "their" speaks of; empty without one."""
    before = list(INDICATORS)[: list(INDICATORS).index(name)]
    if details()[name].meaning.startswith("their "):
        return before[-1]
    if not details()[name].meaning.startswith(("of these", "of this")):
        return ""
    return next(n for n in reversed(before) if not details()[n].meaning.startswith("of th"))


def _official(one: Indicator) -> dict[str, Any]:
    """Return years and regions of the official figures of the packaged region."""
    world = load_world("yrd")
    rows = official_rows(world, {one.name: one}, world.total)
    years, regions = rows["year"].tolist(), rows["region"].tolist()
    return {"first": min(years), "last": max(years), "regions": list(dict.fromkeys(regions))}


def _text_of_indicator(one: dict[str, Any]) -> Iterator[str]:
    figures, prior = "none of the same name and unit", ""
    if official := one["official"]:
        figures = f"{official['first']}-{official['last']}: {', '.join(official['regions'])}"
    if one["prior"] or one["fitted"]:
        how = "fitted to official figures" if one["fitted"] else "on a prior"
        prior = f", for single cities {how}"
    yield from (f"{one['name']}: an indicator, unit {one['unit']}", "")
    yield from (*wrapped(one["meaning"]), "")
    for name, text in {
        "these or this": one["follows"],
        "formula": one["formula"],
        "of a year": f"{one['kind']}: {one['year']}",
        "levels": ", ".join(one["levels"]) + prior,
        "official": figures,
        "tables": ", ".join(one["tables"]),
    }.items():
        yield from entry(name, text) if text else ()


def _columns(name: str, *tables: str) -> list[dict[str, str]]:
    """Return the tables that have a column of this name, or all columns of a table."""
    of, _, column = name.rpartition(".")
    return [
        {"table": table, "column": found, "type": c.type, "unit": c.unit, "meaning": c.meaning}
        for table in tables or described()
        for found, c in described()[table].columns.items()
        if tables or (found == column and of in ("", table))
    ]


def _table(name: str) -> dict[str, Any]:
    card = described()[name]
    made = {"made_from": list(card.needs)} if card.needs else {}
    columns = [{k: v for k, v in one.items() if k != "table"} for one in _columns("", name)]
    return {"name": name, "meaning": card.line, **made, "columns": columns}


def _text_of_table(one: dict[str, Any]) -> Iterator[str]:
    made = f", made on demand from {', '.join(one['made_from'])}" if "made_from" in one else ""
    yield from (f"{one['name']}: a table{made}", "", *wrapped(one["meaning"]), "", "Columns")
    for column in one["columns"]:
        yield from entry(column["column"], _said(column))


def _text_of_columns(found: list[dict[str, str]]) -> Iterator[str]:
    yield f"{found[0]['column']}: a column of"
    for one in found:
        yield from entry(one["table"], _said(one))


def _said(column: dict[str, str]) -> str:
    unit = "" if column["unit"] == "-" else f", {column['unit']}"
    return f"{column['meaning']} ({column['type']}{unit})"
