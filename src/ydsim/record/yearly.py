"""Funnel, contracts and ties: arrays of quarters added up by year, and their tables.

The channel of goods is not tallied but follows from the market of the quarter. City c sells

    G_cd = sum_j (v_jc / V_jp) s_jpq D_jq (w_d / W_q)                      100m_rmb

to city d, in provinces p and q: v value added of the living firms of industry j in c and V that of
the province, s market shares, D demand, w value added of d and W of its province. The rest of the
nation is one more place, bought from and sold to; what it sells to itself is left out.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.agents.funnel import OUTCOMES, SUMS
from ydsim.agents.projects import STAGES
from ydsim.agents.state import LINKS, State
from ydsim.measures.groups import sums
from ydsim.typing import Columns, Floats, Ints

KIND_NAMES: Final = ("firm", "university", "institute")
"""Names of the kinds of organisations in tables."""

PARTNERSHIP: Final = ("alone", "partnered")
OUTSIDE: Final = "outside"

STOCKS: Final = ("waiting", "live")
SUPPLY: Final = "supply"
UNDIRECTED: Final = ("co-invention", "co-publication")

FUNNEL: Final = (*OUTCOMES[:-2], "live", "waiting", *SUMS)
CONTRACTS: Final = {
    "number": "number",
    "value": "value",
    "number registered": "number_registered",
    "value registered": "value_registered",
    "value from science": "value_from_science",
    "value of hand-overs": "value_handed_over",
}
"""Names of the tally, and of the columns."""

DIGITS: Final = 6
"""Decimals of what is kept as sums of many small numbers."""


class Years:
    """Arrays by name and year: sums of the quarters, or what the last quarter showed."""

    def __init__(self) -> None:
        self._found: dict[str, dict[int, Floats]] = {}

    def add(self, name: str, year: int, values: Floats) -> None:
        """Add a quarter to a year."""
        found = self._found.setdefault(name, {})
        found[year] = found.get(year, 0.0) + values

    def keep(self, name: str, year: int, values: Floats) -> None:
        """Put a quarter in the place of the earlier ones of its year."""
        self._found.setdefault(name, {})[year] = values.copy()

    def read(self, name: str, years: int, *shape: int) -> Floats:
        """Return the first years, (years, *shape); zero where nothing was added."""
        found = self._found.get(name, {})
        nothing = np.zeros(shape)
        return np.array([found.get(year, nothing) for year in range(years)]).reshape(years, *shape)


def add_quarter(years: Years, year: int, state: State, *, ties: bool) -> None:
    """Add what the state has tallied in its quarter to a year, counted from 0."""
    for name, found in state.tally.funnel.items():
        (years.keep if name in STOCKS else years.add)(f"funnel {name}", year, found)
    for name, found in state.tally.contracts.items():
        years.add(f"contracts {name}", year, found)
    if ties:
        for name, found in state.tally.links.items():
            years.add(f"ties {name}", year, found)
        goods = supply(state)
        years.add(f"ties {SUPPLY}", year, np.stack([goods, goods]))


def supply(state: State) -> Floats:
    """Return value added that each place sells to each place in the quarter, (C + 1, C + 1)."""
    world, market, table, firms = state.world, state.market, state.organisations, state.firms
    n_j, n_c, of = len(world.industries), world.n_cities, world.city_province
    demand = world.industry_share[:, None] * state.inputs.secondary[:, state.now]
    value = market.share * demand[:, None, :]
    cell = table.industry[firms] * n_c + table.city[firms]
    made = sums(cell, table.value_added[firms], n_j * n_c).reshape(n_j, n_c)
    seller = np.hstack([_parts(made, of, world.n_provinces), np.ones((n_j, 1))])
    sold = state.tally.city["value_added_secondary"]
    buyer = np.append(_parts(sold[None, :], of, world.n_provinces)[0], 1.0)
    place = np.append(of, world.n_provinces)
    flow: Floats = np.einsum("jc,jcd->cd", seller, value[:, place[:, None], place]) * buyer
    flow[-1, -1] = 0.0
    return flow


def _parts(values: Floats, of: Ints, n_provinces: int) -> Floats:
    """Return the part of each city in the values of its province, (n, C); even where these are 0.

    A row without a value in a province takes the parts of all rows together.
    """
    total = values.sum(axis=0)
    whole = sums(of, total, n_provinces)[of]
    even = 1.0 / np.bincount(of, minlength=n_provinces)[of]
    overall = np.where(whole > 0.0, total / np.where(whole > 0.0, whole, 1.0), even)
    within = np.stack([sums(of, row, n_provinces) for row in values])[:, of]
    return np.where(within > 0.0, values / np.where(within > 0.0, within, 1.0), overall)


def funnel_table(years: Years, n_years: int, start: int) -> Columns:
    """Return one row for each year, stage, kind of the first owner and partnership."""
    shape = (len(STAGES), len(KIND_NAMES), len(PARTNERSHIP))
    year, stage, lead, partnership = (i.ravel() for i in np.indices((n_years, *shape)))
    values = {
        name.replace(" ", "_"): years.read(f"funnel {name}", n_years, *shape).ravel()
        for name in FUNNEL
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
        column: years.read(f"contracts {name}", n_years, n, n).ravel()[known]
        for name, column in CONTRACTS.items()
    }
    return {
        "year": (start + year[known]).astype(np.int32),
        "seller": places[seller[known]],
        "buyer": places[buyer[known]],
        **values,
    }


def tie_table(years: Years, n_years: int, start: int, cities: tuple[str, ...]) -> Columns:
    """Return one row for each year, channel and pair of places that is or may be linked."""
    n = len(cities) + 1
    found = np.stack([years.read(f"ties {name}", n_years, 2, n, n) for name in LINKS], axis=1)
    for c in (LINKS.index(name) for name in UNDIRECTED):
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
