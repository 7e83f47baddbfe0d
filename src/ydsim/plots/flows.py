"""Money between sectors, and what the provinces supply to the rest of the nation."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.fmt import number
from ydsim.plots import canvas
from ydsim.plots.canvas import BODY, INK, SMALL, look, shown
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.stages import draw_bars
from ydsim.plots.values import (
    NATION,
    bars_in_words,
    drawn,
    last_official,
    provinces_of,
    read_rows,
    shaded_in_words,
    spread_in_words,
    spread_of,
    world_of,
    year_in_words,
    year_of,
)
from ydsim.record.indicators import unit_in_words
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.translation import mark

# -- trade with the nation -------------------------------------------------------------------------


def draw_supply(results: Results) -> Figure:
    """Return goods and technology that each province sells to and buys from the rest of the nation.

    NothingToDrawError when neither ties nor contracts were recorded, or there is only one year.
    """
    years, last, provinces = drawn([results]).years, last_official(results), provinces_of(results)
    found: dict[str, pd.DataFrame] = {}
    reasons = []
    for what, read in ((_t("Goods"), _goods), (_t("Technology"), _technology)):
        try:
            found[what] = read(results)
        except NothingToDrawError as nothing:
            reasons.append(str(nothing))
    if not found:
        raise NothingToDrawError(_t(" and ").join(reasons))
    titles = (_t("{what} sold"), _t("{what} bought"), _t("{what} sold less bought"))
    figure, panels = canvas.new_page(
        _t("Trade with the rest of the nation: {scenario}").format(
            scenario=shown(results.label, 36)
        ),
        _t("Goods: value added sold. Technology: contracts, registered or not."),
        spread_in_words(len(results.replicates)),
        shaded_in_words(years, last),
        *(_t("Left out: {reason}.").format(reason=reason) for reason in reasons),
        foot=canvas.origin(results),
        panels=3 * len(found),
        columns=len(found),
        height=max(2.2, 0.14 * len(provinces) + 0.9),
    )
    every = pd.MultiIndex.from_product([results.replicates, provinces, years])
    for at, (what, rows) in enumerate(found.items()):
        sold, bought = (
            rows[rows[there] == NATION].groupby(["replicate", here, "year"])["amount"].sum()
            for here, there in (("seller", "buyer"), ("buyer", "seller"))
        )
        out, into = (each.reindex(every, fill_value=0.0) for each in (sold, bought))
        own = panels[at :: len(found)]
        for axes, title, values in zip(own, titles, (out, into, out - into), strict=True):
            lines = [
                Line(_t(name), spread_of(values.xs(name, level=1).unstack()), look(p))
                for p, name in enumerate(provinces)
            ]
            draw_panel(axes, lines, last=last)
            canvas.head(axes, title.format(what=what), unit_in_words("100m_rmb", "flow"))
    return figure


def _technology(results: Results) -> pd.DataFrame:
    """Return the value of contracts between provinces."""
    rows = read_rows(results, "contracts", ["year", "seller", "buyer", "value"])
    return rows.rename(columns={"value": "amount"})


def _goods(results: Results) -> pd.DataFrame:
    """Return value added that provinces sell to one another."""
    rows = read_rows(results, "ties", ["year", "channel", "from_city", "to_city", "realised"])
    rows = rows[rows["channel"] == "supply"]
    if rows.empty:
        raise NothingToDrawError(_t("supply of goods was not recorded"))
    world, provinces = world_of(results), provinces_of(results)
    if len(provinces) < len(world.provinces):
        raise NothingToDrawError(_t("these results lack provinces of their world"))
    homes = [provinces[p] for p in world.city_province.tolist()]
    home = {**dict(zip(world.city_names, homes, strict=True)), NATION: NATION}
    ends = {"seller": rows["from_city"].map(home), "buyer": rows["to_city"].map(home)}
    return rows.assign(**ends, amount=rows["realised"])


# -- money -----------------------------------------------------------------------------------------


LARGEST = 10  # flows that are drawn as bars

OUTSIDE = ("economy", NATION)  # sectors that are not simulated, last in the matrix

SECTORS = {
    "central": mark("central government"),
    "cities": mark("cities"),
    "economy": mark("economy"),
    NATION: mark("nation"),
}
"""Sectors of the ledger in words, where they have no other ones."""

_SHADES = LinearSegmentedColormap.from_list("money", ["#eef4f8", "#74b3d8"])
_ROW, _LEAST_CELL = 0.22, 0.25
"""Height of a cell of the matrix, and width that its numbers need, in inches."""


def draw_money(results: Results, *, year: int | None = None) -> Figure:
    """Return who pays whom, and the largest flows.

    NothingToDrawError when the ledger was not recorded or nothing was paid.
    """
    when = year_of(results, year)
    payments = read_payments(results, when)
    matrix, largest = who_pays_whom(payments), payments[:LARGEST]
    names = [
        _t("{purpose}: {payer} \u2192 {receiver}").format(
            payer=_sector(payer), receiver=_sector(receiver), purpose=_t(purpose)
        )
        for payer, receiver, purpose in largest.index
    ]
    lines = [canvas.wrapped(shown(name, 120), BODY, 0.42 * canvas.page_width()) for name in names]
    row = 0.07 + 0.13 * max(map(len, lines))
    side = max(canvas.text_width(line, BODY) for each in lines for line in each)
    cell = (canvas.page_width() - max(side, 1.1) - 0.5) / len(matrix)
    wide = cell >= _LEAST_CELL
    figure, panels = canvas.new_page(
        _t("Payments between sectors in {year}: {scenario}").format(
            year=year_in_words(results, when), scenario=shown(results.label, 36)
        ),
        _t(
            "Economy: households, product markets and everything else outside the model; nation: "
            "the rest of the nation in technology trade."
        ),
        _t("Lines set both apart. Cells: mean; shades on a logarithmic scale.")
        if wide
        else _t("Omitted: the matrix of all payments, which needs a wider page."),
        bars_in_words(len(results.replicates)),
        foot=canvas.origin(results),
        panels=1 + wide,
        columns=1,
        height=[_ROW * len(matrix) + 1.3] * wide + [row * len(largest) + 0.8],
    )
    for above in panels[:-1]:
        indent = _draw_matrix(above, matrix, cell)
        canvas.head(
            above,
            _t("All payments: row pays column"),
            unit_in_words("100m_rmb", "flow"),
            indent=indent,
        )
    bars = largest.mean(axis=1).to_frame().set_axis(["\n".join(each) for each in lines])
    beside = [number(amount, 2) for amount in bars[0].tolist()]
    most = 1.02 * float(largest.to_numpy().max())
    indent = draw_bars(panels[-1], bars, [look(0).colour], largest, beside, most)
    canvas.head(
        panels[-1], _t("The largest flows"), unit_in_words("100m_rmb", "flow"), indent=indent
    )
    return figure


def _sector(name: str) -> str:
    return canvas.fitting(_t(SECTORS.get(name, name)), 1.1)


def read_payments(results: Results, year: int) -> pd.DataFrame:
    """Return payments of a year at scale 1, the largest first, a column for each replicate.

    The index is payer, receiver, flow.

    NothingToDrawError when the ledger was not recorded or nothing was paid.
    """
    kinds = ["payer", "receiver", "flow"]
    rows = read_rows(results, "ledger", ["year", *kinds, "amount"])
    rows = rows[rows["year"] == year]
    paid = rows.groupby([*kinds, "replicate"])["amount"].sum().unstack("replicate", fill_value=0)
    paid = paid.reindex(columns=results.replicates, fill_value=0.0)
    mean = paid.mean(axis=1)
    if not (mean > 0.0).any():
        raise NothingToDrawError(_t("the ledger holds no payment of {year}").format(year=year))
    return paid.loc[(-mean[mean > 0.0]).sort_values(kind="stable").index]


def who_pays_whom(payments: pd.DataFrame) -> pd.DataFrame:
    """Return mean payments, a row for each payer and a column for each receiver.

    Sectors that pay most come first, those outside the region last.
    """
    matrix = payments.mean(axis=1).groupby(["payer", "receiver"]).sum().unstack(fill_value=0)
    sectors = sorted({*matrix.index, *matrix.columns})
    matrix = matrix.reindex(index=sectors, columns=sectors, fill_value=0.0)
    paid = matrix.sum(axis=1)
    order = sorted(sectors, key=lambda name: (name in OUTSIDE, -paid[name]))
    return matrix.loc[order, order]


def _draw_matrix(axes: Axes, matrix: pd.DataFrame, cell: float) -> float:
    """Draw the amount of every pair of sectors in cells so wide; return the room of names."""
    amounts = matrix.where(matrix > 0.0).to_numpy()
    high = float(np.nanmax(amounts))
    low = max(float(np.nanmin(amounts)), high * 1e-5)
    scale = ScalarMappable(LogNorm(min(low, high / 10.0), high, clip=True), _SHADES)
    names = [_sector(name) for name in matrix.index]
    texts = matrix.map(lambda value: number(value, 2) if value >= 0.05 else _t("< 0.1"))
    canvas.draw_cells(axes, pd.DataFrame(amounts, names, names), texts, scale, (cell, _ROW))
    inside = sum(name not in OUTSIDE for name in matrix.index)
    for draw in (axes.axhline, axes.axvline) if 0 < inside < len(matrix) else ():
        draw(inside - 0.5, color=INK, linewidth=1.0)
    return 0.05 + max(canvas.text_width(name, SMALL) for name in names)
