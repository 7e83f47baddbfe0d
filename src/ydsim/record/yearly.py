"""Arrays of quarters added up by year, organisations at the end of a run, and their tables.

The channel of goods is not tallied but follows from the market of the quarter. City c sells

    G_cd = sum_j s_jcq D_jq (w_d / W_q)                                    100m_rmb

to city d of province q: s market shares, D demand, w value added of d and W of its province. The
rest of the nation is one more place, bought from and sold to; what it sells to itself is left out.

Knowledge of province p in field f is the mean over its organisations, weighted by their
researchers, universities and institutes times s; effort is their researchers at work in the
field, firms divided by s.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from ydsim.agents.organisations import FIRM, UNIVERSITY
from ydsim.agents.projects import STAGES
from ydsim.agents.state import State, rows_now
from ydsim.agents.tally import (
    LINKS,
    ContractCounts,
    ContractPairCounts,
    Counts,
    FunnelCounts,
    LinkCounts,
)
from ydsim.measures.groups import parts_or_even, row_sums, rows_of
from ydsim.record.observe import living_ties
from ydsim.typing import Columns, Floats, Ints

# -- funnel ----------------------------------------------------------------------------------------

KIND_NAMES: Final = ("firm", "university", "institute")
"""Names of the kinds of organisations in tables."""

PARTNERSHIP: Final = ("alone", "partnered")
OUTSIDE: Final = "outside"
UNDIRECTED: Final = ("co-invention", "co-publication")

DIGITS: Final = 6
"""Decimals of what is kept as sums of many small numbers."""


C = TypeVar("C", bound=Counts)


class Years:
    """Tallies by year, counted from 0: sums of its quarters, and stocks at the end of the last."""

    def __init__(self) -> None:
        self.funnel: dict[int, FunnelCounts] = {}
        self.contracts: dict[int, ContractCounts] = {}
        self.contract_pairs: dict[int, ContractPairCounts] = {}
        self.links: dict[int, LinkCounts] = {}


def add_quarter(years: Years, year: int, state: State, sold: Floats | None) -> None:
    """Add what the state has tallied in its quarter to a year, counted from 0.

    ``sold`` is what each place sells to each place, as `supply`; without it no ties are kept.
    """
    tally = state.tally
    funnel = _add(years.funnel, year, tally.funnel)
    funnel.live, funnel.waiting = tally.funnel.live.copy(), tally.funnel.waiting.copy()
    _add(years.contracts, year, tally.contracts)
    _add(years.contract_pairs, year, tally.contract_pairs)
    if sold is not None:
        _add(years.links, year, tally.links).supply += sold


def _add(years: dict[int, C], year: int, quarter: C) -> C:
    """Add a quarter to its year and return the year."""
    if year not in years:
        years[year] = copy.deepcopy(quarter)
    else:
        years[year].add(quarter)
    return years[year]


def _read(years: Mapping[int, Counts], name: str, n_years: int, *shape: int) -> Floats:
    """Return a field of the first years, (n_years, *shape); zero where none was kept."""
    found = np.zeros((n_years, *shape))
    for year, counts in years.items():
        found[year] = getattr(counts, name)
    return found


def supply(state: State) -> Floats:
    """Return value added that each place sells to each place in the quarter, (C + 1, C + 1)."""
    world, market = state.world, state.market
    demand = world.industry_share[:, None] * state.spending
    value = market.share * demand[:, None, :]
    made = market.output[:, :-1].sum(axis=0)
    buyer = np.append(parts_or_even(made, world.city_province, world.n_provinces), 1.0)
    place = np.append(world.city_province, world.n_provinces)
    flow: Floats = value.sum(axis=0)[:, place] * buyer
    flow[-1, -1] = 0.0
    return flow


def by_year(n_years: int, start: int, **axes: Sequence[str]) -> Columns:
    """Return the first columns of a table with one row for each year and place along each axis."""
    index = np.indices((n_years, *map(len, axes.values()))).reshape(1 + len(axes), -1)
    named = {
        name: words(names, k) for (name, names), k in zip(axes.items(), index[1:], strict=True)
    }
    return {"year": start + index[0], **named}


def funnel_table(years: Years, n_years: int, start: int) -> Columns:
    """Return one row for each year, stage, kind of the first owner and partnership."""
    shape = (len(STAGES), len(KIND_NAMES), len(PARTNERSHIP))
    keys = by_year(n_years, start, stage=STAGES, lead=KIND_NAMES, partnership=PARTNERSHIP)
    counts = FunnelCounts.names()
    return keys | {n: _read(years.funnel, n, n_years, *shape).ravel() for n in counts}


def contract_table(years: Years, n_years: int, start: int, provinces: tuple[str, ...]) -> Columns:
    """Return one row for each year, seller and buyer; the rest of the nation comes last."""
    places = (*provinces, OUTSIDE)
    n = len(places)
    table = by_year(n_years, start, seller=places, buyer=places)
    for name in ContractCounts.names():
        table[name] = _read(years.contracts, name, n_years, n, n).ravel()
    known = np.arange(n_years * n * n) % (n * n) < n * n - 1  # not within the rest of the nation
    return {name: column[known] for name, column in table.items()}


def city_contract_table(years: Years, n_years: int, start: int, cities: tuple[str, ...]) -> Columns:
    """Return one row for each year and pair of places with contracts, seller and buyer."""
    n = len(cities) + 1
    names = ContractPairCounts.names()
    found = np.stack([_read(years.contract_pairs, name, n_years, n, n) for name in names])
    found = np.round(found, DIGITS)
    year, seller, buyer = np.nonzero(found.any(axis=0))
    places = (*cities, OUTSIDE)
    return {
        "year": start + year,
        "from_city": words(places, seller),
        "to_city": words(places, buyer),
        **{name: values[year, seller, buyer] for name, values in zip(names, found, strict=True)},
    }


def tie_table(years: Years, n_years: int, start: int, cities: tuple[str, ...]) -> Columns:
    """Return one row for each year, channel and pair of places that is or may be linked."""
    n = len(cities) + 1
    names = LinkCounts.names()
    found = np.stack([_read(years.links, name, n_years, 2, n, n) for name in names], axis=1)
    for c in (LINKS.index(channel) for channel in UNDIRECTED):
        found[:, c] = _folded(found[:, c])
    found = np.round(found, DIGITS)
    year, channel, a, b = np.nonzero(found.any(axis=2))
    places = (*cities, OUTSIDE)
    return {
        "year": start + year,
        "channel": words(LINKS, channel),
        "from_city": words(places, a),
        "to_city": words(places, b),
        "realised": found[year, channel, 0, a, b],
        "expected": found[year, channel, 1, a, b],
    }


def _folded(links: Floats) -> Floats:
    """Return links (..., n, n) with both directions of each pair in its upper triangle."""
    both = links + links.swapaxes(-1, -2)
    return np.triu(both, 1) + np.triu(np.tril(links))


def words(names: Sequence[str], index: NDArray[Any]) -> NDArray[np.object_]:
    """Return names by their numbers, as tables have them."""
    return np.array(names, dtype=np.object_)[index]


# -- organisations at the end of a run -------------------------------------------------------------

NO_NAME: Final = ""
UNKNOWN: Final = -1


def agent_table(state: State, start: int, quarter: int) -> Columns:
    """Return one row for each living organisation at the end of ``quarter``, counted from 0.

    Counts and money that universities and institutes share with the sample are divided by s.
    """
    table, world = state.organisations, state.world
    rows = np.flatnonzero(table.alive)
    firm = table.kind[rows] == FIRM
    at_one = 1.0 / state.sample_exposure[rows]
    born = np.where(firm, start + table.born[rows] // 4, UNKNOWN)
    partners = np.bincount(np.concatenate(living_ties(state)), minlength=len(table))
    inventions = row_sums(table.inventions, rows)
    values: dict[str, Floats] = {
        "researchers": table.researchers[rows],
        "rd": table.rd[rows] + table.grants_spent[rows],
        "sales": table.sales[rows],
        "value_added": table.value_added[rows],
        "log_productivity": table.log_productivity[rows],
    }
    others: dict[str, Floats] = {
        "partners": partners[rows] * at_one,
        "inventions_3y": inventions * at_one,
        "contract_net": table.contract_net[rows] * at_one,
    }
    return {
        "kind": words(KIND_NAMES, table.kind[rows]),
        "key": table.key[rows],
        "name": _names(state, rows),
        "city": words(world.city_names, table.city[rows]),
        "province": words(world.provinces, table.province[rows]),
        "industry": words((*world.industries, NO_NAME), table.industry[rows]),
        "born_year": born,
        **{name: np.round(column, DIGITS) for name, column in values.items()},
        "technology": table.technology[rows],
        "certified": table.certified_until[rows] >= quarter,
        **{name: np.round(column, DIGITS) for name, column in others.items()},
    }


def _names(state: State, rows: Ints) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return the names of universities and of listed firms, empty for the others."""
    table, world = state.organisations, state.world
    names = np.full(len(rows), NO_NAME, dtype=np.object_)
    known = {UNIVERSITY: (world.university_keys, world.university_names)}
    if world.listed is not None:
        known[FIRM] = (world.listed.keys, world.listed.names)
    for kind, (keys, called) in known.items():
        mine = np.flatnonzero(table.kind[rows] == kind)
        position = rows_of(table.key[rows[mine]], keys)  # no firm that came later is listed
        names[mine] = words((*called, NO_NAME), position)
    return names


def province_knowledge(state: State) -> tuple[Floats, Floats]:
    """Return knowledge and effort by province and field, (P, F) each."""
    table, n = state.organisations, state.world.n_provinces
    knowledge, effort = (np.zeros((n, len(state.world.fields))) for _ in range(2))
    weight = table.researchers * state.sample_exposure
    row = rows_now(state)[state.active]
    at_work, province = weight[row], table.province[row]
    for p in range(n):
        mine = np.flatnonzero((table.province == p) & (weight > 0.0))
        total = max(float(weight[mine].sum()), 1e-300)
        knowledge[p] = np.einsum("nf,n->f", table.knowledge[mine], weight[mine]) / total
        effort[p] = np.einsum("fn,n->f", state.field_share, at_work * (province == p))
    return knowledge, effort / state.scale


def knowledge_table(
    listed: list[tuple[Floats, Floats]],
    start: int,
    provinces: tuple[str, ...],
    fields: tuple[str, ...],
) -> Columns:
    """Return one row for each year, province and field."""
    size = len(provinces) * len(fields)
    knowledge, effort = np.array(listed).reshape(-1, 2, size).swapaxes(0, 1).reshape(2, -1)
    return {
        **by_year(len(listed), start, province=provinces, field=fields),
        "knowledge": np.round(knowledge, DIGITS),
        "effort": np.round(effort, DIGITS),
    }
