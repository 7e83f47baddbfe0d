"""What a name in results means: an indicator, a table, or a column of tables."""

from __future__ import annotations

from typing import Any

from ydsim.record.details import OF_A_YEAR, details
from ydsim.record.indicators import INDICATORS, Indicator
from ydsim.results.derived import DERIVED
from ydsim.store.layout import RUNS
from ydsim.store.tables import described

_SERIES = {"region": ("province_year", "series"), "province": ("province_year", "series"),
           "city": ("city_year", "city_series")}  # fmt: skip


def names() -> list[str]:
    """Return all names that can be explained: indicators, tables, columns."""
    columns = [name for table in described().values() for name in table.columns]
    return list(dict.fromkeys([*INDICATORS, *described(), *columns]))


def explained(name: str) -> dict[str, Any]:
    """Return what a name means, as plain data; empty when it is none.

    Keys, where they apply: ``indicator``, ``table``, and ``columns``, a list. A column of one table
    may be named with it, as in ``funnel.waited``.
    """
    found: dict[str, Any] = {}
    if name in INDICATORS:
        found["indicator"] = _indicator(INDICATORS[name])
    if name in described():
        found["table"] = _table(name)
    columns = _columns(name)
    if columns:
        found["columns"] = columns
    return found


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
    if name in DERIVED:
        found["made_from"] = list(DERIVED[name].needs)
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
