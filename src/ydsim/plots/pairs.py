"""Matrix of links between cities, ordered by province."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.cities import how_many
from ydsim.plots.counts import span, years_of
from ydsim.plots.linkage import Linkage, read_linkage, say_crossing
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, INK, MUTED, SMALL, WIDTH, look
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints
from ydsim.wording import capital

CHANNEL = "co-invention"
YEARS = 5
"""Last years that are averaged."""

DECADES = 4.0
"""Powers of ten that the colours span at most; weaker pairs have the palest one."""

COLOURS, EMPTY = "viridis_r", "#ffffff"
_NAMES, _BLOCKS, _BAR, _PROVINCE = 1.0, 0.68, 0.13, 0.64
_LEAST_TEXT, _LEAST_BLOCK = 3.5, 5.5


def draw_pairs(
    results: Results, *, channel: str = CHANNEL, years: tuple[int, int] | None = None
) -> Figure:
    """Return the matrix, mean of some years.

    Parameters
    ----------
    channel
        A channel of the table ``ties``.
    years
        First and last year, by default the last `YEARS`.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, or no link is expected.
    UsageError
        When there is no such channel.
    """
    ran = years_of(results)
    ran = ran[-YEARS:] if years is None else ran[(ran >= years[0]) & (ran <= years[1])]
    linkage = read_linkage(results, [channel], ran)
    order = city_order(linkage)
    values = linkage.links[order][:, order]
    side = WIDTH - 2 * page.MARGIN - _NAMES - _BLOCKS - _BAR - _PROVINCE
    figure, top = page.new_page(title_of(linkage), _explanation(results, linkage), side + _NAMES)
    axes = page.add_panel(figure, page.MARGIN + _NAMES, top, side, side)
    colours = draw_matrix(axes, values)
    names = [linkage.world.city_names[c] for c in order.tolist()]
    name_cities(axes, names, linkage.world.city_province[order], side)
    draw_blocks(axes, linkage.world.city_province[order], linkage.world.provinces, side)
    _draw_key(figure, colours, linkage, (page.MARGIN + _NAMES + side + _BLOCKS, top), side)
    page.add_footer(figure, results)
    return figure


def title_of(linkage: Linkage) -> str:
    """Say how much stays in a city, in a province, and how much crosses provinces."""
    upper = np.triu(linkage.links)
    inside = float(np.trace(upper))
    crossing = float(upper[linkage.crossing].sum())
    total = float(upper.sum())
    shares = (inside, total - inside - crossing, crossing)
    city, province, across = (f"{100.0 * each / total:.0f}" for each in shares)
    return say(
        "pairs.title",
        what=linkage.what,
        years=span(linkage.years),
        city=city,
        province=province,
        across=across,
    )


def _explanation(results: Results, linkage: Linkage) -> str:
    text = say("pairs.explanation", what=linkage.what, unit=linkage.unit, how=how_many(results))
    if index := say_crossing(linkage):
        text += " " + say("pairs.e_i", e_i=index)
    return text


def _draw_key(
    figure: Figure,
    colours: ScalarMappable,
    linkage: Linkage,
    place: tuple[float, float],
    side: float,
) -> None:
    """Draw the bar of colours, and under it what white and outlines mean."""
    left, top = place
    width = WIDTH - page.MARGIN - left
    down = top
    for line in page.wrapped(capital(linkage.what), SMALL, width + 0.1):
        page.put(figure, left, down, line, size=SMALL, weight="bold", va="top")
        down += 0.12
    for line in page.wrapped(linkage.unit, SMALL, width + 0.1):
        page.put(figure, left, down, line, size=SMALL, color=MUTED, va="top")
        down += 0.12
    high = min(2.2, side - 0.8)
    bar = page.add_panel(figure, left, down + 0.08, _BAR, high)
    figure.colorbar(colours, cax=bar)
    bar.grid(False)
    bar.minorticks_off()
    bar.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    bar.tick_params(size=2.5)
    down += high + 0.2
    for key, edge, line_width in (("pairs.key.none", MUTED, 0.6), ("pairs.key.block", INK, 1.4)):
        box = page.add_panel(figure, left, down, _BAR, _BAR)
        box.set(xticks=[], yticks=[], facecolor=EMPTY)
        box.grid(False)
        for spine in box.spines.values():
            spine.set(visible=True, color=edge, linewidth=line_width)
        text = {"size": SMALL, "color": MUTED, "va": "top"}
        for k, line in enumerate(page.wrapped(say(key), SMALL, width - _BAR - 0.02)):
            page.put(figure, left + _BAR + 0.05, down + 0.015 + 0.11 * k, line, **text)
        down += 0.32


def city_order(linkage: Linkage) -> Ints:
    """Return cities by province, in each those with most links first."""
    total, of = linkage.links.sum(axis=1), linkage.world.city_province
    order: Ints = np.lexsort((np.arange(len(of)), -total, of))
    return order


def draw_matrix(axes: Axes, values: Floats) -> ScalarMappable:
    """Draw the cells on a logarithmic scale of colours, the first row at the top."""
    known = values[values > 0.0]
    high = float(known.max())
    low = max(float(known.min()), high * 10.0**-DECADES)
    image = axes.imshow(
        np.where(values > 0.0, np.maximum(values, low), np.nan),
        norm=LogNorm(min(low, high / 10.0), high),
        cmap=COLOURS,
        interpolation="nearest",
        aspect="auto",
    )
    image.set_gid("pairs")
    axes.set_facecolor(EMPTY)
    axes.grid(False)
    return image


def name_cities(axes: Axes, names: list[str], province: Ints, side: float) -> None:
    """Name rows at the left and columns at the bottom, as large as rows allow."""
    size = min(SMALL, 0.92 * 72.0 * side / len(names))
    if size < _LEAST_TEXT:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    written = [page.fitting(name, _NAMES - 0.08, size) for name in names]
    axes.set_xticks(range(len(names)), written, rotation=90, size=size)
    axes.set_yticks(range(len(names)), written, size=size)
    axes.tick_params(size=0.0, pad=2.0)
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        for label, p in zip(labels, province.tolist(), strict=True):
            label.set_color(look(p).ink)


def draw_blocks(axes: Axes, province: Ints, names: tuple[str, ...], side: float) -> None:
    """Outline pairs inside one province, part provinces by lines, and name them at the right."""
    room = _BLOCKS - 0.08
    widest = max(page.text_width(name, BODY, "bold") for name in names)
    size = min(BODY, max(BODY * room / widest, _LEAST_BLOCK))
    for p, name in enumerate(names):
        at = np.flatnonzero(province == p)
        if len(at) == 0:
            continue
        first, n = int(at[0]), len(at)
        if first > 0:
            for draw in (axes.axhline, axes.axvline):
                draw(first - 0.5, color=MUTED, linewidth=0.4)
        block = Rectangle((first - 0.5, first - 0.5), n, n, fill=False, clip_on=False, zorder=4)
        block.set(edgecolor=INK, linewidth=1.4, gid="block")
        axes.add_patch(block)
        axes.annotate(
            page.fitting(name, room, size, "bold"),
            (1.0, first + (n - 1) / 2.0),
            xycoords=("axes fraction", "data"),
            xytext=(4.0, 0.0),
            textcoords="offset points",
            color=look(p).ink,
            weight="bold",
            size=size,
            va="center_baseline",
        )
    for spine in axes.spines.values():
        spine.set(visible=True, color=INK)
