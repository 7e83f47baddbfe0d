"""What the provinces supply to the rest of the nation: goods and technology, and the balance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure

from ydsim.measures.effects import interval
from ydsim.plots import lines, page
from ydsim.plots.counts import NATION, cube, provinces_of, read_rows, select, years_of
from ydsim.plots.ensemble import NothingToDrawError, in_words
from ydsim.plots.findings import amount
from ydsim.plots.levels import draw_provinces, place_panels
from ydsim.plots.messages import say
from ydsim.plots.policy_dates import draw_dates, listed, policy_dates
from ydsim.plots.scenarios import require_years
from ydsim.plots.values import world_of
from ydsim.results.results import Results
from ydsim.typing import Columns, Floats

Flows = tuple[Floats, Floats]
"""Sold to and bought from the rest of the nation, (replicates, years, provinces) each."""

CHANNEL = "supply"
"""Channel of goods in the table of ties."""

ROWS, COLUMNS = ("sold", "bought", "balance"), ("goods", "technology")
_PANEL = 1.3
_STEP = page.HEAD + _PANEL + page.TICKS + 0.12


def draw_supply(results: Results) -> Figure:
    """Return goods (left) and technology (right): sold, bought, and the balance.

    Raises
    ------
    NothingToDrawError
        When neither ties nor contracts were recorded, or there is only one year.
    """
    years = require_years(results, say("supply.name"))
    found = [_or_reason(read, results) for read in (read_goods, read_technology)]
    reasons = [each for each in found if isinstance(each, str)]
    if len(reasons) == len(found):
        raise NothingToDrawError(" and ".join(reasons))
    dates = policy_dates([results], int(years[0]), int(years[-1]))
    n = len(results.replicates)
    words = page.sentences(in_words(n), say("supply.explanation"), listed(dates))
    figure, top = page.new_page(
        _finding(found, int(years[-1])),
        words,
        3 * _STEP - 0.12,
    )
    panels = place_panels(figure, top + page.HEAD, _PANEL, 3, _STEP)
    provinces = provinces_of(results)
    for i, (axes, letter) in enumerate(zip(panels, "abcdef", strict=True)):
        row, column = divmod(i, 2)
        flows = found[column]
        title = say(f"supply.{COLUMNS[column]}_{ROWS[row]}")
        page.head(axes, letter, title, say("supply.unit"))
        if isinstance(flows, str):
            page.say_no_data(axes, say("supply.not_recorded"))
            lines.set_years(axes, int(years[0]), int(years[-1]))
            continue
        sold, bought = flows
        values = (sold, bought, sold - bought)[row]
        by_province = [values[:, :, p] for p in range(len(provinces))]
        draw_provinces(axes, years, provinces, by_province, _PANEL)
        draw_dates(axes, dates)
    page.add_footer(figure, results)
    return figure


def _finding(found: Sequence[Flows | str], year: int) -> str:
    """Return the title: the balance of the region in the last year."""
    parts = []
    for column, flows in zip(COLUMNS, found, strict=True):
        if not isinstance(flows, str):
            net = (flows[0] - flows[1])[:, -1].sum(axis=1)
            parts.append(_balance(net, say(f"supply.{column}")))
    return say("supply.title", year=year, balances=", ".join(parts))


def _balance(net: Floats, what: str) -> str:
    """Say whether the region sells more than it buys; of several replicates beyond chance only."""
    _, mean, low, high = interval(net)
    if low is not None and high is not None and low <= 0.0 <= high:
        return say("supply.even", what=what)
    return say(
        "supply.deficit" if mean < 0.0 else "supply.surplus", amount=amount(abs(mean)), what=what
    )


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
    columns = ["year", "channel", "from_city", "to_city", "realised"]
    rows = select(read_rows(results, "ties", columns), "channel", [CHANNEL])
    if len(rows["channel"]) == 0:
        raise NothingToDrawError(say("supply.no_goods"))
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
