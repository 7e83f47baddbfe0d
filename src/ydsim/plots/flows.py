"""Money between sectors, and what the provinces supply to the rest of the nation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.fmt import number
from ydsim.plots import canvas
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.stages import draw_range, name_bars
from ydsim.plots.style import BODY, INK, SMALL, look, shown
from ydsim.plots.values import (
    NATION,
    bars_in_words,
    drawn,
    provinces_of,
    read_rows,
    spread_in_words,
    sums_by,
    world_of,
    year_of,
    years_of,
)
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats

if TYPE_CHECKING:
    import pandas as pd

LARGEST = 10
"""Flows that are drawn as bars."""

OUTSIDE = ("economy", NATION)
"""Sectors that are not simulated, last in the matrix."""

SECTORS = {"central": mark("central government"), NATION: mark("nation")}
"""Sectors whose names in the ledger say too little."""

_SHADES = LinearSegmentedColormap.from_list("money", ["#eef4f8", "#74b3d8"])
_UNIT = mark("100 million RMB a year, current prices")
_LEAST_SIZE = 4.0
"""Points below which a number in a cell is left out."""


def draw_supply(results: Results) -> Figure:
    """Return goods and technology that each province sells to and buys from the rest of the nation.

    Raises
    ------
    NothingToDrawError
        When neither ties nor contracts were recorded, or there is only one year.
    """
    years = drawn([results]).years
    found: dict[str, pd.DataFrame] = {}
    reasons = []
    readers: dict[str, Callable[[Results], pd.DataFrame]] = {
        _t("Goods"): read_goods,
        _t("Technology"): read_technology,
    }
    for what, read in readers.items():
        try:
            found[what] = read(results)
        except NothingToDrawError as nothing:
            reasons.append(str(nothing))
    if not found:
        raise NothingToDrawError(_t(" and ").join(reasons))
    titles = [_t("{what} sold"), _t("{what} bought"), _t("{what} sold less bought")]
    figure, panels = canvas.new_page(
        _t("Trade with the rest of the nation: {scenario}").format(
            scenario=shown(results.name, 36)
        ),
        _t("Goods: value added sold. Technology: contracts, registered or not."),
        spread_in_words(len(results.replicates)),
        *(_t("Left out: {reason}.").format(reason=reason) for reason in reasons),
        foot=canvas.origin(results),
        panels=3 * len(found),
        columns=len(found),
        height=max(2.2, 0.14 * len(provinces_of(results)) + 0.9),
    )
    kinds = [(title, column) for column, title in enumerate(titles)]
    for axes, (n, (title, column)) in zip(
        panels, [(n, kind) for kind in kinds for n in range(len(found))], strict=True
    ):
        what, flows = list(found.items())[n]
        values = [flows["sold"], flows["bought"], flows["sold"] - flows["bought"]][column]
        lines = [
            Line(name, values.xs(name, level="province").unstack("year").to_numpy(), look(p))
            for p, name in enumerate(provinces_of(results))
        ]
        draw_panel(axes, years, lines)
        canvas.head(axes, title.format(what=what), _t(_UNIT))
    return figure


def read_technology(results: Results) -> pd.DataFrame:
    """Return the value of contracts with the rest of the nation, as `read_goods` does.

    Raises
    ------
    NothingToDrawError
        When contracts were not recorded.
    """
    rows = read_rows(results, "contracts", ["year", "seller", "buyer", "value"])
    return _both_ways(results, rows, "value")


def read_goods(results: Results) -> pd.DataFrame:
    """Return value added sold to and bought from the rest of the nation.

    Returns
    -------
    pandas.DataFrame
        Columns ``sold`` and ``bought``; index replicate, province, year.

    Raises
    ------
    NothingToDrawError
        When the supply of goods was not recorded, or the world cannot be loaded.
    """
    import pandas as pd

    rows = read_rows(results, "ties", ["year", "channel", "from_city", "to_city", "realised"])
    rows = rows[rows["channel"] == "supply"]
    if rows.empty:
        raise NothingToDrawError(_t("supply of goods was not recorded"))
    world = world_of(results)
    home = pd.Series(provinces_of(results)).reindex(world.city_province)
    home = pd.concat([home.set_axis(world.city_names), pd.Series({NATION: NATION})])
    ends = {"seller": rows["from_city"].map(home), "buyer": rows["to_city"].map(home)}
    return _both_ways(results, rows.assign(**ends), "realised")


def _both_ways(results: Results, rows: pd.DataFrame, amount: str) -> pd.DataFrame:
    """Return what provinces sell to the rest of the nation and what they buy from it."""
    import pandas as pd

    def traded(here: str, there: str) -> pd.Series[float]:
        mine = rows[rows[there] == NATION].rename(columns={here: "province"})
        places = {"province": provinces_of(results), "year": years_of(results).tolist()}
        return sums_by(mine, [amount], {"replicate": results.replicates, **places})[amount]

    return pd.DataFrame({"sold": traded("seller", "buyer"), "bought": traded("buyer", "seller")})


def draw_money(results: Results, *, year: int | None = None) -> Figure:
    """Return who pays whom, and the largest flows.

    Parameters
    ----------
    year
        By default the last one.

    Raises
    ------
    NothingToDrawError
        When the ledger was not recorded or nothing was paid.
    UsageError
        When there is no such year.
    """
    when = year_of(results, year)
    payments = read_payments(results, when)
    matrix = who_pays_whom(payments)
    largest = payments[:LARGEST]
    figure, (above, below) = canvas.new_page(
        _t("Payments between sectors in {year}: {scenario}").format(
            year=when, scenario=shown(results.name, 36)
        ),
        _t(
            "Economy: households, product markets and everything else outside the model; nation: "
            "the rest of the nation in technology trade; lines set both apart from the sectors of "
            "the region. Cells: mean; shades on a logarithmic scale."
        ),
        bars_in_words(len(results.replicates)),
        foot=canvas.origin(results),
        panels=2,
        columns=1,
        height=max(0.22 * len(matrix) + 1.3, 0.2 * len(largest) + 0.8),
    )
    indent = _draw_matrix(above, matrix)
    canvas.head(above, _t("All payments: row pays column"), _t(_UNIT), indent=indent)
    mean, end = largest.mean(axis=1), float(largest.to_numpy().max())
    below.barh(range(len(mean)), mean, 0.68, color=look(0).colour, linewidth=0)
    draw_range(below, largest)
    below.set_xlim(0.0, 1.02 * end)
    canvas.number_axis(below.xaxis, 0.0, end, int(canvas.panel_width(below) / 1.2))
    names = [
        _t("{purpose}: {payer} \u2192 {receiver}").format(
            payer=_sector(payer), receiver=_sector(receiver), purpose=purpose
        )
        for payer, receiver, purpose in largest.index
    ]
    indent = name_bars(below, names, [number(amount, 2) for amount in mean.tolist()])
    canvas.head(below, _t("The largest flows"), _t(_UNIT), indent=indent)
    return figure


def _sector(name: str) -> str:
    return _t(SECTORS[name]) if name in SECTORS else name


def read_payments(results: Results, year: int) -> pd.DataFrame:
    """Return the flows of money in a year at scale 1, the largest first.

    Returns
    -------
    pandas.DataFrame
        A column for each replicate; index payer, receiver, flow.

    Raises
    ------
    NothingToDrawError
        When the ledger was not recorded or nothing was paid.
    """
    kinds = ["payer", "receiver", "flow"]
    rows = read_rows(results, "ledger", ["year", *kinds, "amount"])
    rows = rows[rows["year"] == year]
    paid = rows.groupby([*kinds, "replicate"])["amount"].sum().unstack("replicate", fill_value=0)
    paid = paid.reindex(columns=results.replicates, fill_value=0.0)
    mean = paid.mean(axis=1)
    paid = paid.loc[(-mean[mean > 0.0]).sort_values(kind="stable").index]
    if paid.empty:
        raise NothingToDrawError(_t("the ledger holds no payment of {year}").format(year=year))
    return paid


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


def _draw_matrix(axes: Axes, matrix: pd.DataFrame) -> float:
    """Write and shade the amount of every pair of sectors; return the room in inches of names."""
    amounts: Floats = matrix.to_numpy()
    high = float(amounts.max())
    low = max(float(amounts[amounts > 0.0].min()), high * 1e-5)
    norm = LogNorm(min(low, high / 10.0), high, clip=True)
    shades = np.where(amounts > 0.0, amounts, np.nan)
    axes.imshow(shades, norm=norm, cmap=_SHADES, aspect="auto").set_gid("payments")
    texts = [
        axes.text(
            j,
            i,
            number(amounts[i, j], 2) if amounts[i, j] >= 0.05 else _t("< 0.1"),
            ha="center",
            va="center_baseline",
            size=SMALL,
            gid="amount",
        )
        for i, j in np.argwhere(amounts > 0.0).tolist()
    ]
    n, inside = len(matrix), sum(name not in OUTSIDE for name in matrix.index)
    if 0 < inside < n:
        for draw in (axes.axhline, axes.axvline):
            draw(inside - 0.5, color=INK, linewidth=1.0)
    axes.spines[:].set_visible(False)
    names = [canvas.fitting(_sector(name), 1.1) for name in matrix.index]
    axes.set_yticks(range(n), names)
    axes.set_xticks(range(n), names, rotation=90)
    axes.grid(False)
    axes.tick_params(size=0.0, pad=3.0)
    figure = axes.figure
    assert isinstance(figure, canvas.Canvas)

    def fit() -> None:
        """Shrink numbers to their cells, and leave out those that would be too small."""
        room = axes.get_position().width * float(figure.get_figwidth()) / n - 0.04
        for text in texts:
            size = SMALL * min(1.0, room / canvas.text_width(text.get_text(), SMALL))
            text.set(size=size, visible=size >= _LEAST_SIZE)

    figure.afterwards(fit)
    return 0.05 + max(canvas.text_width(name, BODY) for name in names)
