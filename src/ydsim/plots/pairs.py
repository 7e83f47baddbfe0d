"""Matrix of expected co-inventions between cities, ordered by province."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from ydsim.plots import page
from ydsim.plots.counts import span, years_of
from ydsim.plots.linkage import Linkage, crossing_share, read_linkage
from ydsim.plots.style import BODY, INK, MUTED, SMALL, WIDTH, look
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

CHANNEL = "co-invention"
YEARS = 5
"""Last years that are averaged."""

DECADES = 4.0
"""Powers of ten that the colours span at most; weaker pairs have the palest one."""

COLOURS, EMPTY = "viridis_r", "#ffffff"
_NAMES, _BLOCKS, _BAR, _PROVINCE = 1.0, 0.68, 0.13, 0.35
_LEAST_TEXT = 3.5


def draw_pairs(results: Results) -> Figure:
    """Return the matrix, mean of the last years.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, or no co-invention is expected.
    """
    years = years_of(results)[-YEARS:]
    linkage = read_linkage(results, [CHANNEL], years)
    order = city_order(linkage)
    values = linkage.links[order][:, order]
    side = WIDTH - 2 * page.MARGIN - _NAMES - _BLOCKS - _BAR - _PROVINCE
    how = "one replicate" if len(results.replicates) == 1 else "mean of the replicates"
    share = crossing_share(linkage)
    figure, top = page.new_page(
        "Expected co-inventions between cities",
        f"Inventions a year that a pair of cities is expected to make together, {how}, "
        f"{span(years)}; on the diagonal inside a city. White: none expected; pairs below the "
        "scale have its palest colour. Cities by province (outlined), those with most "
        "co-inventions first. Of co-inventions between two cities "
        f"{100.0 * np.nan_to_num(share):.0f}\u00a0% cross a provincial border.",
        side + _NAMES,
    )
    axes = page.add_panel(figure, page.MARGIN + _NAMES, top, side, side)
    colours = draw_matrix(axes, values)
    names = [linkage.world.city_names[c] for c in order.tolist()]
    name_cities(axes, names, linkage.world.city_province[order], side)
    draw_blocks(axes, linkage.world.city_province[order], linkage.world.provinces, side)
    place = page.MARGIN + _NAMES + side + _BLOCKS
    bar = page.add_panel(figure, place, top + 0.15, _BAR, min(2.4, side - 0.15))
    figure.colorbar(colours, cax=bar)
    bar.grid(False)
    bar.minorticks_off()
    bar.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    bar.tick_params(size=2.5)
    page.put(figure, WIDTH - page.MARGIN, top + 0.05, "a year", size=SMALL, color=MUTED, ha="right")
    page.add_footer(figure, results)
    return figure


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
            page.fitting(name, _BLOCKS - 0.08, BODY, "bold"),
            (1.0, first + (n - 1) / 2.0),
            xycoords=("axes fraction", "data"),
            xytext=(4.0, 0.0),
            textcoords="offset points",
            color=look(p).ink,
            weight="bold",
            va="center_baseline",
        )
    for spine in axes.spines.values():
        spine.set(visible=True, color=INK)
