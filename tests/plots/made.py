"""Small results made by formula, for tests of figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ydsim.experiment.manifest import make_plan, manifest_of
from ydsim.experiment.results import Results, results_in_memory
from ydsim.record.indicators import INDICATORS
from ydsim.scenario.schema import Scenario
from ydsim.typing import Columns, Floats
from ydsim.world.loader import load_world

FOUR = ("Shanghai", "Jiangsu", "Zhejiang", "Anhui")
WORLD = load_world("synthetic")
PER_YEAR = 2
"""Generations founded in each quarter: one in the region, one outside."""

Value = Callable[[str, int, int, Floats], Floats]
"""Values of an indicator: (name, place, replicate, quarters from 0) -> one for each quarter."""


def plain(name: str, place: int, replicate: int, quarters: Floats) -> Floats:
    """Return values that differ by indicator, place, replicate and quarter."""
    if name == "firms":
        return np.full(len(quarters), 1000.0 * (place + 1))
    return (1.0 + len(name) + place) * (1.0 + 0.1 * quarters) * (1.0 + 0.1 * replicate)


def make_results(
    *,
    provinces: tuple[str, ...] = FOUR,
    start: int = 2018,
    end: int = 2023,
    replicates: int = 3,
    value: Value = plain,
    official_until: int = 2020,
    leave_out: tuple[str, ...] = (),
    world: str = "synthetic",
    name: str = "made",
) -> Results:
    """Return results with tables of every kind that the figures read."""
    scenario = Scenario(name=name, world=world, start=start, end=end, replicates=replicates)
    plan = make_plan(scenario, WORLD, INDICATORS)
    manifest = manifest_of(plan, complete=True, tables=[], notes=[], files={}, made={})
    manifest["regions"] = [*provinces, "yrd"]
    parts: dict[str, list[Columns]] = {
        "series": [_series(provinces, scenario, r, value) for r in range(replicates)],
        "city_series": [_cities(scenario, r, value) for r in range(replicates)],
        "generations": [_generations(scenario, r) for r in range(replicates)],
        "adoption_curves": [_curves(provinces, scenario, r) for r in range(replicates)],
    }
    parts = {table: part for table, part in parts.items() if table not in leave_out}
    manifest["tables"] = sorted(parts)
    parts["official"] = [official(provinces, start - 3, official_until)]
    return results_in_memory(manifest, parts, tuple(range(replicates)), ())


def official(provinces: tuple[str, ...], first: int, last: int) -> Columns:
    """Return official R&D and value added: 100 times the place's number, plus the year's."""
    rows = [
        (name, year, indicator, 100.0 * (p + 1) + year - 2000)
        for indicator in ("rd_expenditure", "value_added_secondary")
        for p, name in enumerate(provinces)
        for year in range(first, last + 1)
    ]
    region, year, indicator, value = zip(*rows, strict=True) if rows else ((), (), (), ())
    return {
        "region": np.array(region, dtype=object),
        "year": np.array(year, dtype=np.int64),
        "indicator": np.array(indicator, dtype=object),
        "value": np.array(value, dtype=np.float64),
        "unit": np.array(["100m_rmb"] * len(region), dtype=object),
    }


def _keys(replicate: int, n: int) -> Columns:
    return {"point": np.zeros(n, dtype=np.int64), "replicate": np.full(n, replicate)}


def _wide(
    names: tuple[str, ...], column: str, level: str, scenario: Scenario, r: int, value: Value
) -> Columns:
    t = np.arange(scenario.quarters)
    n = len(names) * len(t)
    table: Columns = {
        **_keys(r, n),
        column: np.repeat(np.array(names, dtype=object), len(t)),
        "year": np.tile(scenario.start + t // 4, len(names)),
        "quarter": np.tile(1 + t % 4, len(names)),
    }
    for name, indicator in INDICATORS.items():
        if level in indicator.levels:
            table[name] = np.concatenate(
                [value(name, place, r, t.astype(float)) for place in range(len(names))]
            )
    return table


def _series(provinces: tuple[str, ...], scenario: Scenario, r: int, value: Value) -> Columns:
    table = _wide((*provinces, "yrd"), "region", "region", scenario, r, value)
    table["level"] = np.where(table["region"] == "yrd", "region", "province").astype(object)
    return table


def _cities(scenario: Scenario, r: int, value: Value) -> Columns:
    table = _wide(WORLD.city_names, "city", "city", scenario, r, value)
    home = np.array(WORLD.provinces, dtype=object)[WORLD.city_province]
    table["province"] = np.repeat(home, scenario.quarters)
    return table


def _generations(scenario: Scenario, r: int) -> Columns:
    t = np.repeat(np.arange(scenario.quarters), PER_YEAR)
    return {
        **_keys(r, len(t)),
        "generation": np.arange(len(t)),
        "origin": np.tile(np.array(["region", "outside"], dtype=object), scenario.quarters),
        "founded_year": scenario.start + t // 4,
        "founded_quarter": 1 + t % 4,
    }


def _curves(provinces: tuple[str, ...], scenario: Scenario, r: int) -> Columns:
    """Return curves that grow by 10 firms a quarter and province; generation 0 lives 2 quarters."""
    rows: list[tuple[int, int, int]] = []
    for g in range(PER_YEAR * scenario.quarters):
        founded = g // PER_YEAR
        last = founded + 2 if g == 0 else scenario.quarters
        rows += [(g, t, t - founded) for t in range(founded, last)]
    g, t, age = np.array(rows).T
    table: Columns = {
        **_keys(r, len(g)),
        "generation": g,
        "year": scenario.start + t // 4,
        "quarter": 1 + t % 4,
        "adopters": 10.0 * (age + 1) * len(provinces),
    }
    for name in provinces:
        table[f"adopters_{name}"] = 10.0 * (age + 1)
    table["eligible"] = np.full(len(g), 10_000.0)
    return table


def nothing(*_: Any) -> Floats:
    """Return NaN for every quarter; the last argument is the quarters."""
    return np.full(len(_[-1]), np.nan)


def zeros(*_: Any) -> Floats:
    """Return zero for every quarter."""
    return np.zeros(len(_[-1]))
