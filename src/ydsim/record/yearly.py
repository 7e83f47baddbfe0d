"""Funnel, contracts and ties: arrays of quarters added up by year, and their tables.

The channel of goods is not tallied but follows from the market of the quarter. City c sells

    G_cd = sum_j s_jcq D_jq (w_d / W_q)                                    100m_rmb

to city d of province q: s market shares, D demand, w value added of d and W of its province. The
rest of the nation is one more place, bought from and sold to; what it sells to itself is left out.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Final, TypeVar

import numpy as np

from ydsim.agents.projects import STAGES
from ydsim.agents.state import State
from ydsim.agents.tally import (
    LINKS,
    ContractCounts,
    ContractPairCounts,
    Counts,
    FunnelCounts,
    LinkCounts,
)
from ydsim.measures.groups import sums
from ydsim.typing import Columns, Floats, Ints

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
    demand = world.industry_share[:, None] * state.inputs.secondary[:, state.input_column]
    value = market.share * demand[:, None, :]
    made = market.output[:, :-1].sum(axis=0)
    buyer = np.append(_parts(made, world.city_province, world.n_provinces), 1.0)
    place = np.append(world.city_province, world.n_provinces)
    flow: Floats = value.sum(axis=0)[:, place] * buyer
    flow[-1, -1] = 0.0
    return flow


def _parts(values: Floats, province_of: Ints, n_provinces: int) -> Floats:
    """Return the part of each city in the values of its province, (C,); even where these are 0."""
    whole = sums(province_of, values, n_provinces)[province_of]
    even = 1.0 / np.bincount(province_of, minlength=n_provinces)[province_of]
    return np.where(whole > 0.0, values / np.where(whole > 0.0, whole, 1.0), even)


def funnel_table(years: Years, n_years: int, start: int) -> Columns:
    """Return one row for each year, stage, kind of the first owner and partnership."""
    shape = (len(STAGES), len(KIND_NAMES), len(PARTNERSHIP))
    year, stage, lead, partnership = (i.ravel() for i in np.indices((n_years, *shape)))
    values = {
        name: _read(years.funnel, name, n_years, *shape).ravel() for name in FunnelCounts.names()
    }
    return {
        "year": (start + year).astype(np.int32),
        "stage": _words(STAGES)[stage],
        "lead": _words(KIND_NAMES)[lead],
        "partnership": _words(PARTNERSHIP)[partnership],
        **values,
    }


def contract_table(years: Years, n_years: int, start: int, provinces: tuple[str, ...]) -> Columns:
    """Return one row for each year, seller and buyer; the rest of the nation comes last."""
    n = len(provinces) + 1
    year, seller, buyer = (i.ravel() for i in np.indices((n_years, n, n)))
    known = (seller < n - 1) | (buyer < n - 1)
    places = _words((*provinces, OUTSIDE))
    values = {
        name: _read(years.contracts, name, n_years, n, n).ravel()[known]
        for name in ContractCounts.names()
    }
    return {
        "year": (start + year[known]).astype(np.int32),
        "seller": places[seller[known]],
        "buyer": places[buyer[known]],
        **values,
    }


def city_contract_table(years: Years, n_years: int, start: int, cities: tuple[str, ...]) -> Columns:
    """Return one row for each year and pair of places with contracts, seller and buyer."""
    n = len(cities) + 1
    names = ContractPairCounts.names()
    found = np.stack([_read(years.contract_pairs, name, n_years, n, n) for name in names])
    found = np.round(found, DIGITS)
    year, seller, buyer = np.nonzero(found.any(axis=0))
    places = _words((*cities, OUTSIDE))
    return {
        "year": (start + year).astype(np.int32),
        "from_city": places[seller],
        "to_city": places[buyer],
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
    places = _words((*cities, OUTSIDE))
    return {
        "year": (start + year).astype(np.int32),
        "channel": _words(LINKS)[channel],
        "from_city": places[a],
        "to_city": places[b],
        "realised": found[year, channel, 0, a, b],
        "expected": found[year, channel, 1, a, b],
    }


def _folded(links: Floats) -> Floats:
    """Return links (..., n, n) with both directions of each pair in its upper triangle."""
    both = links + links.swapaxes(-1, -2)
    return np.triu(both, 1) + np.triu(np.tril(links))


def _words(names: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array(names, dtype=np.object_)
