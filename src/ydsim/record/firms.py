"""Firms by year: one row for each firm that lived in a recorded year, made at its end.

    flow_iy      = sum over the quarters of y at whose end i lives of what i has in the quarter
    researchers  = the same of researchers / 4
    inventions   = number of inventions that i holds when they are made,   quality: sum of their q
    part         = number of inventions of others in which i is a partner
    launches     = number of launches that i holds
    knowledge    = mean of k_if over fields
    effort_f     = phi_if of the last quarter, zero where it did not explore

Flows are own R&D, grants, sales and value added. Stocks are as of the end of the year, and those of
a firm that left in the year as it was last, with no partners, consortia or certificate. The
quarter in which a firm leaves adds no flow: its rows are emptied before the record. A firm that
moves keeps its identity and its row, and is in the city in which it ends the year. Size is that of
certificates (`ydsim.agents.organisations`) by the sales of the year.

The log reads the state at the end of the quarter and never changes it. Sums of a year are kept by
row of the table of organisations; what is recorded is kept by year on shelves, in columns of 32
bits and less, some 120 bytes a firm and year, and the tables are made of them block by block.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.organisations import FIRM, MEMORY, size_class
from ydsim.agents.projects import INVENTION
from ydsim.agents.state import State, rows_now
from ydsim.measures.groups import row_sums, sums
from ydsim.policies.base import SIZES
from ydsim.record.long_table import Block, LongTable, SpillBuffer
from ydsim.record.observe import living_ties
from ydsim.record.yearly import KIND_NAMES, words
from ydsim.scenario.schema.parameters import CertifyParameters
from ydsim.typing import Columns, Floats, Ints
from ydsim.world.world import World

FLOWS: Final = ("rd", "grants", "sales", "value_added")
"""Money of a year, 100m_rmb."""

COUNTS: Final = ("inventions", "inventions_quality", "inventions_part", "launches")
"""Items of a year."""


class FirmLog:
    """The record of firms of one run.

    ``certify``: bounds of the classes of size. ``fields``: number of fields of technology.
    ``keeps``: whether anything is kept at all; without it nothing is done.
    """

    def __init__(self, certify: CertifyParameters, fields: int, *, keeps: bool) -> None:
        self.keeps = keeps
        self._certify = certify
        self._sums = {name: np.zeros(0) for name in ("researchers", *FLOWS, *COUNTS)}
        self._years = SpillBuffer(_YEAR | {"effort": (np.float32, fields)})
        self._ties, self._all = SpillBuffer(_TIE), SpillBuffer(_ALL)

    def observe(self, state: State) -> None:
        """Add the quarter that has just ended; at the end of a year make its rows."""
        if not self.keeps:
            return
        rows, here = len(state.organisations), rows_now(state)
        for name, values in self._quarter(state, here).items():
            grown = np.zeros(rows)
            grown[: len(self._sums[name])] = self._sums[name]
            self._sums[name] = grown + values
        if state.quarter % 4 == 3:
            self._years.append(self._close(state, here))
            every = _ties(state)
            firms = (every["kind"] == FIRM) & (every["other_kind"] == FIRM)
            self._all.append(every)
            of_firms = {name: column[firms] for name, column in every.items()}
            self._ties.append(of_firms | {"firm": of_firms["organisation"]})

    def _quarter(self, state: State, here: Ints) -> dict[str, Floats]:
        """Return what the quarter adds by row of the table of organisations."""
        table, n = state.organisations, len(state.organisations)
        lives = table.alive & (table.kind == FIRM)
        found = {name: np.where(lives, getattr(table, name), 0.0) for name in FLOWS}
        found["researchers"] = np.where(lives, table.researchers, 0.0) / 4.0
        holder, quality = _invented(state)
        holder = here[holder]
        owned = np.bincount(holder, minlength=n).astype(np.float64)
        own_or_part = table.inventions[:, state.quarter % MEMORY].astype(np.float64)
        launched = here[state.launches.owner]
        return found | {
            "inventions": owned,
            "inventions_quality": sums(holder, quality, n),
            "inventions_part": np.where(lives, np.maximum(own_or_part - owned, 0.0), 0.0),
            "launches": np.bincount(launched, minlength=n).astype(np.float64),
        }

    def _close(self, state: State, here: Ints) -> Block:
        """Return the rows of the year that ends, and begin another one."""
        table, quarter = state.organisations, state.quarter
        there = (table.kind == FIRM) & (table.alive | (table.died > quarter - 4))
        # one who moved has several rows of one identity, of which the last one counts
        rows = np.flatnonzero(there)
        key, group = np.unique(table.key[rows], return_inverse=True)
        last = np.zeros(len(key), dtype=np.int64)
        np.maximum.at(last, group, rows)
        year = {name: sums(group, values[rows], len(key)) for name, values in self._sums.items()}
        self._sums = {name: np.zeros(0) for name in self._sums}
        keys = self._certify
        size = size_class(keys.sales_basis * year["sales"], keys.small_sales, keys.large_sales)
        partners = np.bincount(np.concatenate(living_ties(state)), minlength=len(table))
        joined = state.consortia.members
        consortia = np.bincount(joined[joined >= 0], minlength=len(table))
        effort = np.zeros((len(table), len(state.world.fields)))
        effort[here[state.active]] = state.field_share.T
        return {
            "firm": key,
            "year": np.full(len(key), quarter // 4),
            "city": table.city[last],
            "industry": table.industry[last],
            "size": size,
            "born": table.born[last],
            "alive": table.alive[last],
            "certified": table.certified_until[last] >= quarter,
            "partners": np.where(table.alive[last], partners[last], 0),
            "consortia": consortia[last],
            **year,
            "log_productivity": table.log_productivity[last],
            "knowledge": row_sums(table.knowledge, last) / table.knowledge.shape[1],
            "effort": effort[last],
        }

    def ties(self, start: int) -> LongTable:
        """Return one row for each tie between firms at the end of each recorded year."""
        return self._ties.table(lambda found: found | {"year": start + found["year"]})

    def all_ties(self, state: State, start: int) -> LongTable:
        """Return one row for each tie between organisations at the end of each recorded year."""
        cities = state.world.city_names  # and nothing else of the state
        return self._all.table(
            lambda found: (
                found
                | {"year": start + found["year"]}
                | {name: words(KIND_NAMES, found[name]) for name in ("kind", "other_kind")}
                | {name: words(cities, found[name]) for name in ("city", "other_city")}
            )
        )

    def table(self, state: State, start: int) -> LongTable:
        """Return one row for each firm and recorded year, by year and identity."""
        world = state.world  # and nothing else of the state, which may go before the table
        return self._years.table(lambda found: _columns(world, found, start))


_YEAR = {
    "firm": np.uint64, "year": np.int16, "city": np.int16, "industry": np.int16, "size": np.int8,
    "born": np.int16, "alive": np.bool_, "certified": np.bool_, "partners": np.int32,
    "consortia": np.int16, **dict.fromkeys(("researchers", *FLOWS, *COUNTS), np.float32),
    "log_productivity": np.float32, "knowledge": np.float32,
}  # fmt: skip

_TIE = {"year": np.int16, "firm": np.uint64, "other": np.uint64, "strength": np.float32}

_ALL = {
    "year": np.int16, "organisation": np.uint64, "other": np.uint64, "kind": np.int8,
    "other_kind": np.int8, "city": np.int16, "other_city": np.int16, "strength": np.float32,
}  # fmt: skip


def _ties(state: State) -> Block:
    """Return the ties between living organisations, each pair once, the lower identity first."""
    table, ties = state.organisations, state.ties
    kept = np.flatnonzero(table.alive[ties.a] & table.alive[ties.b])
    a, b = ties.a[kept], ties.b[kept]
    turned = table.key[a] > table.key[b]
    one, other = np.where(turned, b, a), np.where(turned, a, b)
    order = np.lexsort((table.key[other], table.key[one]))
    one, other = one[order], other[order]
    return {
        "year": np.full(len(kept), state.quarter // 4),
        "organisation": table.key[one],
        "other": table.key[other],
        "kind": table.kind[one],
        "other_kind": table.kind[other],
        "city": table.city[one],
        "other_city": table.city[other],
        "strength": ties.strength[kept][order],
    }


def _invented(state: State) -> tuple[Ints, Floats]:
    """Return the firms that hold the inventions of the quarter, and their quality."""
    names = ("owner", "quality", "stage_end", "stage_kind")
    live = {name: getattr(state.projects, name) for name in names}
    blocks = (live, *state.ended.blocks)
    every = {name: np.concatenate([block[name] for block in blocks]) for name in names}
    # a firm to which one was handed over has not invented it
    now = (every["stage_end"][:, INVENTION] == state.quarter) & (
        every["stage_kind"][:, INVENTION] == FIRM
    )
    return every["owner"][now].astype(np.int64), every["quality"][now]


def _columns(world: World, found: Block, start: int) -> Columns:
    """Return the columns of the table from those of blocks."""
    real = ("rd", "grants", "researchers", "sales", "value_added", *COUNTS, "log_productivity")
    return {
        "firm": found["firm"],
        "year": start + found["year"],
        "city": words(world.city_names, found["city"]),
        "province": words(world.provinces, world.city_province[found["city"]]),
        "industry": words(world.industries, found["industry"]),
        "size": words(SIZES, found["size"]),
        "born_year": start + found["born"] // 4,
        **{name: found[name] for name in ("alive", "certified", "partners", "consortia")},
        **{name: found[name] for name in (*real, "knowledge")},
        **{f"effort_{name}": found["effort"][:, k] for k, name in enumerate(world.fields)},
    }
