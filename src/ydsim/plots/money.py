"""Who pays whom: the books of the last year by sector, and the largest flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from ydsim.fmt import money, number
from ydsim.plots import bars, page
from ydsim.plots.counts import cube, read_rows, select, years_of
from ydsim.plots.ensemble import NothingToDrawError, band
from ydsim.plots.messages import message_or, say
from ydsim.plots.policy_dates import in_force_in_words
from ydsim.plots.style import BODY, INK, MUTED, SMALL, WIDTH, shown
from ydsim.results.results import Results
from ydsim.typing import Floats

LARGEST = 10
"""Flows that are drawn as bars."""

_SHADES = LinearSegmentedColormap.from_list("money", ["#eef4f8", "#0072b2"])
_BAR_COLOUR = "#0072b2"
_SIDE, _TICK = 0.6, 0.13
"""Room in inches for the bar of colours, and between its numbers at least."""

_ROW, _COLUMNS_HEAD, _BETWEEN = 0.24, 0.34, 0.22


@dataclass(frozen=True)
class Payments:
    """Money of one year in 100 million RMB at scale 1.

    Attributes
    ----------
    sectors
        Names of those that pay or receive anything, those that pay most first.
    matrix
        Shape (sectors, sectors): payer, receiver; mean over replicates.
    flows
        Payer, receiver and purpose of every flow, the largest first.
    amounts
        Shape (replicates, flows).
    """

    sectors: tuple[str, ...]
    matrix: Floats
    flows: tuple[tuple[str, str, str], ...]
    amounts: Floats


def read_payments(results: Results) -> Payments:
    """Return the payments of the last year.

    Raises
    ------
    NothingToDrawError
        When the ledger was not recorded or nothing was paid.
    """
    rows = read_rows(results, "ledger", ["year", "payer", "receiver", "flow", "amount"])
    rows = select(rows, "year", years_of(results)[-1:].tolist())
    triples = list(
        zip(*(rows[name].tolist() for name in ("payer", "receiver", "flow")), strict=True)
    )
    kinds = sorted(set(triples))
    named = np.empty(len(triples), dtype=object)
    named[:] = triples
    amounts = cube({**rows, "kind": named}, "amount", results, {"kind": kinds})
    mean = amounts.mean(axis=0)
    paid = np.flatnonzero(mean > 0.0)
    if len(paid) == 0:
        raise NothingToDrawError(say("money.nothing"))
    order = paid[np.argsort(-mean[paid], kind="stable")]
    flows = tuple(kinds[i] for i in order.tolist())
    total: dict[str, float] = {}
    for (payer, receiver, _), paid_out in zip(flows, mean[order].tolist(), strict=True):
        total[payer] = total.get(payer, 0.0) + paid_out
        total.setdefault(receiver, 0.0)
    sectors = tuple(sorted(total, key=lambda name: (-total[name], name)))
    matrix = np.zeros((len(sectors), len(sectors)))
    for (payer, receiver, _), paid_out in zip(flows, mean[order].tolist(), strict=True):
        matrix[sectors.index(payer), sectors.index(receiver)] += paid_out
    return Payments(sectors, matrix, flows, amounts[:, order])


def draw_money(results: Results) -> Figure:
    """Return who pays whom (top) and the largest flows (bottom).

    Raises
    ------
    NothingToDrawError
        When the ledger was not recorded or nothing was paid.
    """
    payments = read_payments(results)
    n, most = len(payments.sectors), min(LARGEST, len(payments.flows))
    high, low = _ROW * n, 0.21 * most
    year = int(years_of(results)[-1])
    words = page.sentences(
        say("money.explanation"),
        bars.in_words(len(results.replicates)),
        in_force_in_words(results, year),
    )
    figure, top = page.new_page(
        _finding(payments, year),
        words,
        page.HEAD + _COLUMNS_HEAD + high + _BETWEEN + page.HEAD + low + page.TICKS,
    )
    left = page.MARGIN + page.room_for(payments.sectors) + 0.1
    top += page.HEAD + _COLUMNS_HEAD - 0.1
    wide = WIDTH - left - page.MARGIN - _SIDE
    axes = page.add_panel(figure, left, top, wide, high)
    shades = draw_matrix(axes, payments, wide / n)
    draw_bar(figure, (left + wide + 0.12, top), high, shades)
    title = "a  " + say("money.all")
    page.put(figure, page.MARGIN, top - 0.42, title, weight="bold", size=BODY + 0.5)
    words = say("money.matrix")
    page.put(figure, page.MARGIN, top - 0.2, words, size=BODY - 0.5, color=MUTED)
    top += high + _BETWEEN + page.HEAD - 0.1
    names = [flow_in_words(flow) for flow in payments.flows[:most]]
    left = page.MARGIN + page.room_for(names)
    axes = page.add_panel(figure, left, top, WIDTH - left - page.MARGIN - 0.15, low)
    draw_flows(axes, payments.amounts[:, :most], names)
    page.head(axes, "b", say("money.largest", n=most), say("money.unit"))
    page.add_footer(figure, results)
    return figure


def _finding(payments: Payments, year: int) -> str:
    """Return the title: who pays most, and the largest flow."""
    paid = payments.matrix.sum(axis=1)
    best = int(paid.argmax())
    return say(
        "money.title",
        year=year,
        payer=_in_sentence(payments.sectors[best]),
        share=f"{100.0 * paid[best] / paid.sum():.0f}",
        flow=shown(flow_in_words(payments.flows[0]), 80),
        amount=money(float(payments.amounts[:, 0].mean())),
    )


def _in_sentence(sector: str) -> str:
    """Return the name of a sector inside a sentence, with its article where it needs one."""
    return message_or(f"money.payer.{sector}", shown(sector, 30))


def draw_matrix(axes: Axes, payments: Payments, width: float) -> AxesImage:
    """Write and shade the amount of every pair of sectors; return the shades.

    Parameters
    ----------
    width
        Of a column in inches.
    """
    matrix, n = payments.matrix, len(payments.sectors)
    known = matrix[matrix > 0.0]
    high = float(known.max())
    low = max(float(known.min()), high * 1e-5)
    shades = np.where(matrix > 0.0, np.maximum(matrix, low), np.nan)
    norm = LogNorm(min(low, high / 10.0), high)
    image = axes.imshow(shades, norm=norm, cmap=_SHADES, aspect="auto")
    image.set_gid("payments")
    for i, j in zip(*(at.tolist() for at in np.nonzero(matrix)), strict=True):
        value = float(matrix[i, j])
        ink = "white" if float(norm(max(value, low))) > 0.62 else INK
        text = number(value, 2) if value >= 0.05 else say("money.small")
        place: dict[str, Any] = {"ha": "center", "va": "center_baseline"}
        axes.text(j, i, text, place, gid="amount", size=SMALL + 0.5, color=ink)
    axes.grid(False)
    names = [shown(name) for name in payments.sectors]
    axes.xaxis.tick_top()
    widest = max(page.text_width(name, SMALL) for name in names)
    axes.set_xticks(range(n), names, size=SMALL * min(1.0, (width - 0.05) / widest))
    axes.set_yticks(range(n), names)
    axes.tick_params(size=0.0, pad=3.0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return image


def draw_bar(figure: Figure, corner: tuple[float, float], high: float, shades: AxesImage) -> None:
    """Draw the bar of colours, upright, with round amounts."""
    bar = page.add_panel(figure, *corner, 0.12, high)
    figure.colorbar(shades, cax=bar)
    bar.grid(False)
    low, most = shades.get_clim()
    decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(most)) + 1.0)
    ticks = [tick for tick in decades.tolist() if low <= tick <= most]
    if len(ticks) < 3:
        ticks = [m * d for d in decades.tolist() for m in (1, 2, 5) if low <= m * d <= most]
    ticks = ticks[:: -(-len(ticks) // max(int(high / _TICK), 1))]
    bar.set_yticks(ticks, [number(tick) for tick in ticks], size=SMALL)
    bar.set_yticks([], minor=True)
    bar.tick_params(size=2.0, pad=1.5)


def draw_flows(axes: Axes, amounts: Floats, names: list[str]) -> None:
    """Draw the flows as bars, (replicates, flows)."""
    values = band(amounts)
    bars.draw_stack(axes, values.mean[None, :], [_BAR_COLOUR])
    bars.draw_whiskers(axes, values)
    bars.name_rows(axes, names)
    ends = np.fmax(values.mean, values.high)
    bars.set_length(axes, float(ends.max()), beyond=0.14)
    bars.write_ends(axes, ends, [number(v, 2) for v in values.mean.tolist()])


def flow_in_words(flow: tuple[str, str, str]) -> str:
    """Say who pays whom and what for."""
    payer, receiver, purpose = flow
    return say("money.flow", payer=payer, receiver=receiver, purpose=purpose)
