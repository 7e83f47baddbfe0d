"""From recorded arrays to tables of equal columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.generations import OUTSIDE, REGION
from ydsim.agents.projects import NOT_YET, STAGES
from ydsim.agents.state import CHANNELS, State
from ydsim.record.indicators import INDICATORS
from ydsim.record.long_table import Block, LongTable, Shelf
from ydsim.record.yearly import KIND_NAMES
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
        "partners": generations.partners[rows].astype(np.int32),
        "public_share": generations.public[rows].copy(),
    }


def passport_table(state: State, start: int) -> Columns:
    """Return one row for each known stage of the generations founded in the region since then."""
    generations, world = state.generations, state.world
    ours = np.flatnonzero((generations.origin == REGION) & (generations.founded >= 0))
    index, stage = np.nonzero(generations.stage_end[ours] != NOT_YET)
    rows = ours[index]
    city = generations.stage_city[rows, stage]
    year, quarter = _years(generations.stage_end[rows, stage].astype(np.int64), start)
    return {
        "generation": rows.astype(np.int32),
        "stage": np.array(STAGES, dtype=Text)[stage],
        "city": np.array(world.city_names, dtype=Text)[city],
        "province": np.array(world.provinces, dtype=Text)[world.city_province[city]],
        "kind": np.array(KIND_NAMES, dtype=Text)[generations.stage_kind[rows, stage]],
        "year": year,
        "quarter": quarter,
    }


@dataclass(frozen=True)
class Curve:
    """Living generations (G,) of a quarter: adopters and eligible firms by province, (G, P)."""

    quarter: int
    generation: Ints
    adopters: Floats
    eligible: Floats
    outside_share: Floats


def curve_of(state: State, quarter: int) -> Curve:
    """Return the adopters of the living generations, at scale 1."""
    world, generations, table, firms = (
        state.world,
        state.generations,
        state.organisations,
        state.firms,
    )
    n_j, n_p = len(world.industries), world.n_provinces
    live = generations.living()
    by_city = generations.adopters[live]
    adopters = [by_city[:, world.city_province == p].sum(axis=1) for p in range(n_p)]
    cell = table.industry[firms] * n_p + table.province[firms]
    eligible = np.bincount(cell, minlength=n_j * n_p).reshape(n_j, n_p)
    return Curve(
        quarter,
        live,
        np.stack(adopters, axis=1) / state.scale,
        eligible[generations.industry[live]] / state.scale,
        generations.outside_share[live].copy(),
    )


def curve_table(curves: list[Curve], provinces: tuple[str, ...], start: int) -> Columns:
    """Return adopters and eligible firms of every living generation by quarter and province."""
    none = np.empty((0, len(provinces)))
    lengths = [len(c.generation) for c in curves]
    quarter = np.repeat(np.array([c.quarter for c in curves], dtype=np.int64), lengths)
    generation = np.concatenate([np.empty(0, dtype=np.int64), *(c.generation for c in curves)])
    adopters = np.concatenate([none, *(c.adopters for c in curves)])
    eligible = np.concatenate([none, *(c.eligible for c in curves)])
    year, of_year = _years(quarter, start)
    order = np.lexsort((quarter, generation))
    table: Columns = {
        "generation": generation.astype(np.int32),
        "year": year,
        "quarter": of_year,
        "adopters": adopters.sum(axis=1),
        **{f"adopters_{name}": adopters[:, p] for p, name in enumerate(provinces)},
        "eligible": eligible.sum(axis=1),
        **{f"eligible_{name}": eligible[:, p] for p, name in enumerate(provinces)},
        "outside_share": np.concatenate([np.empty(0), *(c.outside_share for c in curves)]),
    }
    return {name: column[order] for name, column in table.items()}


EVENT: Final[Block] = {
    "generation": np.empty(0, np.int32), "firm": np.empty(0, np.uint64),
    "city": np.empty(0, np.int16), "channel": np.empty(0, np.int8),
    "quarter": np.empty(0, np.int16),
}  # fmt: skip
"""What is kept of each adoption."""


def events_of(state: State, quarter: int) -> Block:
    """Return the adoptions of the present quarter: generation, firm and its city, channel."""
    events = state.adoptions
    return {
        "generation": events.generation,
        "firm": state.organisations.key[events.firm],
        "city": state.organisations.city[events.firm],
        "channel": events.channel,
        "quarter": np.full(len(events.firm), quarter),
    }


def event_table(events: Shelf, state: State, start: int) -> LongTable:
    """Return one row for each adoption by a firm of the sample."""
    # nothing else of the state, which may go before the table
    channels = np.array(CHANNELS, dtype=Text)
    cities = np.array(state.world.city_names, dtype=Text)

    def made(found: Block) -> Columns:
        year, of_year = _years(found["quarter"].astype(np.int64), start)
        return {
            "generation": found["generation"],
            "firm": found["firm"],
            "city": cities[found["city"]],
            "year": year,
            "quarter": of_year,
            "channel": channels[found["channel"]],
        }

    return events.table(made)


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
