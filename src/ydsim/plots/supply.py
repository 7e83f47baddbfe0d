"""What the provinces supply to the rest of the nation: goods and technology, and the balance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.cities import world_of
from ydsim.plots.counts import NATION, cube, provinces_of, read_rows, select, years_of
from ydsim.plots.ensemble import NothingToDrawError, in_words
from ydsim.plots.levels import draw_provinces, place_panels
from ydsim.plots.linkage import read_ties
from ydsim.results.results import Results
from ydsim.typing import Columns, Floats

Flows = tuple[Floats, Floats]
"""Sold to and bought from the rest of the nation, (replicates, years, provinces) each."""

CHANNEL = "supply"
"""Channel of goods in the table of ties."""

ROWS = ("sold to the nation", "bought from the nation", "sold less bought")
_PANEL = 1.3
_STEP = page.HEAD + _PANEL + page.TICKS + 0.12


def draw_supply(results: Results) -> Figure:
    """Return goods (left) and technology (right): sold, bought, and the balance.

    Raises
    ------
    NothingToDrawError
        When neither ties nor contracts were recorded.
    """
    found = [_or_reason(read, results) for read in (read_goods, read_technology)]
    reasons = [each for each in found if isinstance(each, str)]
    if len(reasons) == len(found):
        raise NothingToDrawError(" and ".join(reasons))
    figure, top = page.new_page(
        "What the provinces supply to the rest of the nation",
        f"{in_words(len(results.replicates))}. Goods: value added sold through product markets. "
        "Technology: contracts, registered or not. The balance is positive where a province "
        "supplies more than it takes.",
        3 * _STEP - 0.12,
    )
    panels = place_panels(figure, top + page.HEAD, _PANEL, 3, _STEP)
    years, provinces = years_of(results), provinces_of(results)
    for i, (axes, letter) in enumerate(zip(panels, "abcdef", strict=True)):
        row, column = divmod(i, 2)
        flows = found[column]
        title = f"{('Goods', 'Technology')[column]} {ROWS[row]}"
        page.head(axes, letter, title, "100 million RMB a year, current prices")
        if isinstance(flows, str):
            page.say_no_data(axes, "not recorded")
            continue
        sold, bought = flows
        values = (sold, bought, sold - bought)[row]
        by_province = [values[:, :, p] for p in range(len(provinces))]
        draw_provinces(axes, years, provinces, by_province, _PANEL)
    page.add_footer(figure, results)
    return figure


def read_technology(results: Results) -> Flows:
    """Return the value of contracts with the rest of the nation.

    Raises
    ------
    NothingToDrawError
        When contracts were not recorded.
    """
    rows = read_rows(results, "contracts", ["year", "seller", "buyer", "value"])
    return _both_ways(results, rows, ("seller", "buyer"), "value", provinces_of(results))


def read_goods(results: Results) -> Flows:
    """Return value added sold to and bought from the rest of the nation.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, or the world lacks a city of them.
    """
    rows = read_ties(results, [CHANNEL], years_of(results))
    if len(rows["channel"]) == 0:
        raise NothingToDrawError("supply of goods was not recorded")
    world = world_of(results)
    ends = ("from_city", "to_city")
    sold, bought = _both_ways(results, rows, ends, "realised", world.city_names)
    groups = [world.city_province == p for p in range(len(provinces_of(results)))]
    return (
        np.stack([sold[:, :, mine].sum(axis=2) for mine in groups], axis=2),
        np.stack([bought[:, :, mine].sum(axis=2) for mine in groups], axis=2),
    )


def _both_ways(
    results: Results, rows: Columns, ends: tuple[str, str], amount: str, places: tuple[str, ...]
) -> Flows:
    """Return what places sell to the rest of the nation, the second end, and buy from it."""
    years, (seller, buyer) = years_of(results).tolist(), ends
    sold = cube(select(rows, buyer, [NATION]), amount, results, {"year": years, seller: places})
    bought = cube(select(rows, seller, [NATION]), amount, results, {"year": years, buyer: places})
    return sold, bought


def _or_reason(read: Callable[[Results], Flows], results: Results) -> Flows | str:
    try:
        return read(results)
    except NothingToDrawError as nothing:
        return str(nothing)
