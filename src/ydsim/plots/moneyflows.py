"""Who pays whom in which province: payments between sectors as flows.

Wages, profits and public spending go to and from the economy, that is households and product
markets. They are left out here, because they are many times what sectors pay one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ydsim.fmt import decimals_of, fixed
from ydsim.measures.effects import interval
from ydsim.plots import page
from ydsim.plots.counts import cube, positions, provinces_of, read_rows, select
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.lines import spread
from ydsim.plots.messages import message_or, say
from ydsim.plots.ribbons import Column, draw_blocks, draw_ribbons, scale_of, stack
from ydsim.plots.style import BODY, INK, MUTED, WIDTH
from ydsim.plots.values import year_of
from ydsim.results.results import Results
from ydsim.typing import Floats
from ydsim.wording import capital

LEFT_OUT = "economy"
"""The sector whose payments are left out."""

LEAST = 0.002
"""Share of all payments below which a payer or receiver is not drawn."""

COLOURS = {
    "firms": "#0072b2",
    "central": "#d55e00",
    "provinces": "#e69f00",
    "cities": "#cc79a7",
    "universities": "#009e73",
    "institutes": "#56b4e9",
    "outside": "#6e6e6e",
}
OTHER = "#b5aca0"

_HIGH, _GAP, _BLOCK, _HEAD = 4.2, 0.02, 0.12, 0.3
_SIDES = 1.4
"""Room in inches for names left and right of the columns."""


@dataclass(frozen=True)
class Flows:
    """Payments of a year, 100 million RMB at scale 1.

    Attributes
    ----------
    payers, receivers, provinces
        Names, those with most first; provinces in the world's order.
    amounts
        Shape (R, payers, receivers, provinces).
    left_out
        Mean of what is paid to or by the economy.
    total
        Shape (R,): all payments, those too small to be drawn as well.
    year
        The year.
    """

    payers: tuple[str, ...]
    receivers: tuple[str, ...]
    provinces: tuple[str, ...]
    amounts: Floats
    left_out: float
    total: Floats
    year: int

    @property
    def mean(self) -> Floats:
        """Mean over replicates, (payers, receivers, provinces)."""
        found: Floats = self.amounts.mean(axis=0)
        return found

    @property
    def decimals(self) -> int:
        """Decimals of amounts: the total has three digits."""
        return decimals_of(float(self.total.mean()), 3)


def read_flows(results: Results, year: int | None = None) -> Flows:
    """Return the payments of a year, by default the last.

    Raises
    ------
    NothingToDrawError
        When the ledger was not recorded, or sectors pay one another nothing.
    UsageError
        When there is no such year.
    """
    columns = ["year", "payer", "receiver", "province", "amount"]
    years = np.array([year_of(results, year)])
    rows = select(read_rows(results, "ledger", columns), "year", years.tolist())
    provinces = provinces_of(results)
    sectors = tuple(sorted({*rows["payer"].tolist(), *rows["receiver"].tolist()}))
    labels = {"payer": sectors, "receiver": sectors, "province": provinces}
    every = np.maximum(cube(rows, "amount", results, labels), 0.0)
    kept = positions(sectors, [LEFT_OUT]) < 0
    amounts = every[:, kept][:, :, kept]
    if not amounts.any():
        raise NothingToDrawError(f"sectors pay one another nothing in {int(years[0])}")
    total = amounts.sum(axis=(1, 2, 3))
    names = np.array(sectors, dtype=object)[kept]
    left_out = float((every.sum() - amounts.sum()) / len(every))
    amounts, payers = _by_size(amounts, names, 1)
    amounts, receivers = _by_size(amounts, names, 2)
    return Flows(payers, receivers, provinces, amounts, left_out, total, int(years[0]))


def _by_size(amounts: Floats, names: Floats, axis: int) -> tuple[Floats, tuple[str, ...]]:
    """Return amounts with the largest first along an axis, and the names; without small ones."""
    others = tuple(k for k in range(4) if k != axis)
    total = amounts.sum(axis=others)
    order = np.lexsort((np.arange(len(total)), -total))
    large = order[total[order] >= LEAST * float(total.sum())]
    return np.take(amounts, large, axis=axis), tuple(str(names[k]) for k in large.tolist())


def draw_money_flows(results: Results, *, year: int | None = None) -> Figure:
    """Return payers, receivers and provinces with the money that flows between them.

    Parameters
    ----------
    year
        By default the last one.

    Raises
    ------
    NothingToDrawError
        When the ledger was not recorded, or sectors pay one another nothing.
    UsageError
        When there is no such year.
    """
    flows = read_flows(results, year)
    figure, top = page.new_page(title_of(flows), _explanation(flows), _HEAD + _HIGH)
    width = WIDTH - 2 * page.MARGIN - 2 * _SIDES
    axes = page.add_panel(figure, page.MARGIN + _SIDES, top + _HEAD, width, _HIGH)
    axes.set_axis_off()
    axes.set_xlim(0.0, width)
    axes.set_ylim(0.0, 1.0)
    _draw(axes, flows, width)
    for x, key in ((0.0, "payer"), (width / 2.0, "receiver"), (width, "province")):
        align = {0.0: "left", width: "right"}.get(x, "center")
        place = page.MARGIN + _SIDES + x
        page.put(figure, place, top + 0.16, say(f"moneyflows.head.{key}"), weight="bold",
                 size=BODY + 0.5, ha=align)  # fmt: skip
    page.add_footer(figure, results)
    return figure


def title_of(flows: Flows) -> str:
    """Say who pays most and who receives most."""
    mean = flows.mean
    total = float(flows.total.mean())
    return say(
        "moneyflows.title",
        payer=_in_sentence(flows.payers[0]),
        pays=f"{100.0 * float(mean[0].sum()) / total:.0f}",
        receiver=_in_sentence(flows.receivers[0]),
        receives=f"{100.0 * float(mean[:, 0].sum()) / total:.0f}",
        year=flows.year,
    )


def in_words(sector: str) -> str:
    """Return the name of a sector as a reader knows it."""
    return message_or(f"moneyflows.sector.{sector}", sector)


def _in_sentence(sector: str) -> str:
    """Return the name of a sector inside a sentence, with its article where it needs one."""
    return message_or(f"moneyflows.sentence.{sector}", in_words(sector))


def _explanation(flows: Flows) -> str:
    n, total, low, high = interval(flows.total)
    decimals = flows.decimals
    facts = {"total": fixed(total, decimals)}
    if low is None or high is None:
        amount = say("moneyflows.total", **facts)
    else:
        ends = {"low": fixed(low, decimals), "high": fixed(high, decimals)}
        amount = say("moneyflows.total_interval", **facts, **ends)
    return say(
        "moneyflows.explanation",
        amount=amount,
        left_out=fixed(flows.left_out, decimals),
        how=say("words.one_replicate") if n == 1 else say("words.mean_of", n=n),
    )


def _draw(axes: Axes, flows: Flows, width: float) -> None:
    mean = flows.mean
    sums = [mean.sum(axis=(1, 2)), mean.sum(axis=(0, 2)), mean.sum(axis=(0, 1))]
    unit = scale_of(sums, _GAP)
    columns = [stack(each, unit, _GAP) for each in sums]
    payers = [COLOURS.get(name, OTHER) for name in flows.payers]
    receivers = [COLOURS.get(name, OTHER) for name in flows.receivers]
    provinces = [OTHER] * len(flows.provinces)
    places = [0.0, (width - _BLOCK) / 2.0, width - _BLOCK]
    for column, x, colours in zip(columns, places, (payers, receivers, provinces), strict=True):
        draw_blocks(axes, column, x, _BLOCK, colours)
    first = [
        (i, j, float(mean[i, j].sum()), payers[i])
        for i, j in np.ndindex(mean.shape[:2])
        if mean[i, j].sum() > 0.0
    ]
    second = [
        (j, p, float(mean[i, j, p]), payers[i])
        for j, p, i in np.ndindex(mean.shape[1], mean.shape[2], mean.shape[0])
        if mean[i, j, p] > 0.0
    ]
    # ribbons that leave a block lie in the order of where they go, those that reach it by origin
    draw_ribbons(axes, columns[0], columns[1], first, (_BLOCK, places[1]), unit)
    draw_ribbons(axes, columns[1], columns[2], second, (places[1] + _BLOCK, places[2]), unit)
    names = (
        [capital(in_words(name)) for name in flows.payers],
        [capital(in_words(name)) for name in flows.receivers],
        list(flows.provinces),
    )
    sides = ((-0.06, "right"), (places[1] + _BLOCK + 0.06, "left"), (width + 0.06, "left"))
    for column, words, side in zip(columns, names, sides, strict=True):
        amounts = [fixed(amount, flows.decimals) for amount in column.amount.tolist()]
        _label(axes, column, words, amounts, side)


def _label(
    axes: Axes, column: Column, names: list[str], amounts: list[str], side: tuple[float, str]
) -> None:
    """Write the name and amount of every block beside it, moved apart where blocks are thin."""
    middle = column.top - column.height / 2.0
    gap = 2.0 * (BODY + 1.0) / 72.0 / _HIGH
    places = spread(middle, gap)
    halo = withStroke(linewidth=2.0, foreground="white", alpha=0.85)
    x, align = side
    for name, place, amount in zip(names, places.tolist(), amounts, strict=True):
        look: dict[str, Any] = {"ha": align, "zorder": 5, "path_effects": [halo]}
        text = page.fitting(name, _SIDES - 0.1, BODY, "bold")
        axes.text(x, place, text, weight="bold", color=INK, va="bottom", size=BODY, **look)
        axes.text(x, place, amount, color=MUTED, va="top", size=BODY - 0.5, **look)
