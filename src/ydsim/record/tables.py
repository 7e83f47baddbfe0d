"""From recorded arrays to tables of equal columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.generations import OUTSIDE
from ydsim.agents.state import State
from ydsim.record.indicators import INDICATORS
from ydsim.typing import Columns, Floats, Ints

Text = np.object_


def series_table(
    series: dict[str, dict[str, Floats]],
    names: dict[str, tuple[str, ...]],
    start: int,
    quarters: int,
    provinces: tuple[str, ...] = (),
) -> Columns:
    """Return one row per quarter and place: region first, then each place, by time.

    Parameters
    ----------
    series
        By level, then indicator: shape (T, n).
    names
        Names of the places of each level.
    start, quarters
        First year and number of quarters recorded.
    provinces
        Province of each city; empty for the other levels.
    """
    blocks: list[Columns] = []
    columns = [name for name in INDICATORS if any(name in level for level in series.values())]
    for level, values in series.items():
        for i, place in enumerate(names[level]):
            t = np.arange(quarters)
            block: Columns = {}
            if level == "city":
                block["city"] = np.full(quarters, place, dtype=Text)
                block["province"] = np.full(quarters, provinces[i], dtype=Text)
            else:
                block["level"] = np.full(quarters, level, dtype=Text)
                block["region"] = np.full(quarters, place, dtype=Text)
            block["year"] = (start + t // 4).astype(np.int32)
            block["quarter"] = (1 + t % 4).astype(np.int32)
            for name in columns:
                missing = np.full(quarters, np.nan)
                block[name] = values[name][:quarters, i] if name in values else missing
            blocks.append(block)
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _years(quarter: Ints, start: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return (start + quarter // 4).astype(np.int32), (1 + quarter % 4).astype(np.int32)


def generation_table(state: State, start: int) -> Columns:
    """Return one row per generation alive in a recorded quarter."""
    generations, world = state.generations, state.world
    rows = np.flatnonzero(generations.live | (generations.retired >= 0))
    founded = generations.founded[rows]
    year, quarter = _years(founded, start)
    retired = generations.retired[rows]
    gone = retired >= 0
    retired_year, retired_quarter = _years(retired, start)
    city = generations.city[rows]
    city_names = np.array([*world.city_names, ""], dtype=Text)
    return {
        "generation": rows.astype(np.int32),
        "industry": np.array(world.industries, dtype=Text)[generations.industry[rows]],
        "field": np.array(world.fields, dtype=Text)[generations.field[rows]],
        "origin": np.where(generations.origin[rows] == OUTSIDE, "outside", "region").astype(Text),
        "founded_year": year,
        "founded_quarter": quarter,
        "founder_city": city_names[city],
        "retired_year": np.where(gone, retired_year, -1).astype(np.int32),
        "retired_quarter": np.where(gone, retired_quarter, -1).astype(np.int32),
        "log_quality_founded": generations.quality0[rows].copy(),
        "log_quality": generations.log_quality[rows].copy(),
        "appeal": generations.appeal[rows].copy(),
        "launches_joined": generations.launches[rows].copy(),
        "eligible_founded": generations.eligible0[rows] / state.scale,
    }


def curve_table(
    curves: list[tuple[int, Ints, Floats, Floats, Floats]], provinces: tuple[str, ...], start: int
) -> Columns:
    """Return living adopters of every living generation by quarter and province, at scale 1."""
    n = len(provinces)
    quarter = np.repeat(
        np.array([c[0] for c in curves], dtype=np.int64), [len(c[1]) for c in curves]
    )
    generation = np.concatenate([np.empty(0, dtype=np.int64), *(c[1] for c in curves)])
    adopters = np.concatenate([np.empty((0, n)), *(c[2] for c in curves)])
    year, of_year = _years(quarter, start)
    order = np.lexsort((quarter, generation))
    table: Columns = {
        "generation": generation.astype(np.int32),
        "year": year,
        "quarter": of_year,
        "adopters": adopters.sum(axis=1),
    }
    for p, name in enumerate(provinces):
        table[f"adopters_{name}"] = adopters[:, p]
    table["eligible"] = np.concatenate([np.empty(0), *(c[3] for c in curves)])
    table["outside_share"] = np.concatenate([np.empty(0), *(c[4] for c in curves)])
    return {name: column[order] for name, column in table.items()}


def ledger_table(state: State, start: int) -> Columns:
    """Return the flows of every recorded year by payer, receiver and province, at scale 1."""
    totals: dict[tuple[int, str, str, str], Floats] = {}
    for entry in state.ledger.entries:
        year = start + entry.quarter // 4
        key = (year, entry.payer, entry.receiver, entry.flow)
        totals[key] = totals.get(key, np.zeros(state.world.n_provinces)) + entry.amount
    keys = sorted(totals)
    provinces = state.world.provinces
    amounts = [totals[key] / state.scale for key in keys]
    n = len(provinces)
    return {
        "year": np.repeat(np.array([k[0] for k in keys], dtype=np.int32), n),
        "payer": np.repeat(np.array([k[1] for k in keys], dtype=Text), n),
        "receiver": np.repeat(np.array([k[2] for k in keys], dtype=Text), n),
        "flow": np.repeat(np.array([k[3] for k in keys], dtype=Text), n),
        "province": np.array(list(provinces) * len(keys), dtype=Text),
        "amount": np.concatenate([np.empty(0), *amounts]),
    }
