"""Map of the strongest links between cities; those across a provincial border in another colour."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ydsim.plots import page
from ydsim.plots.bubbles import marker_size, nice
from ydsim.plots.citymap import draw_names
from ydsim.plots.counts import years_of
from ydsim.plots.ground import draw_graticule, draw_scale_bar, frame, project
from ydsim.plots.lines import digits_of, number
from ydsim.plots.linkage import Linkage, crossing_share, read_linkage, strongest
from ydsim.plots.style import BODY, MUTED, SMALL, WIDTH, look
from ydsim.results.results import Results
from ydsim.typing import Floats

CHANNELS = ("contract", "co-invention")
SHOWN = 80
"""Links that are drawn at most."""

INSIDE, CROSSING = "#9d9d9d", "#5e3c99"
WIDEST, LARGEST = 5.5, 0.1
"""Width of the strongest link in points; radius of the largest city in inches."""

_PANEL, _SIDE = 5.3, 1.6


def draw_links(results: Results) -> Figure:
    """Return the map of the last year.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, or there is no geography.
    """
    year = years_of(results)[-1:]
    linkage = read_linkage(results, CHANNELS, year)
    middle = project(linkage.world.longitude, linkage.world.latitude)
    km = middle.km(linkage.world.longitude, linkage.world.latitude)
    a, b, strength = strongest(linkage, SHOWN)
    how = "one replicate" if len(results.replicates) == 1 else "mean of the replicates"
    share = crossing_share(linkage)
    figure, top = page.new_page(
        f"Strongest links between cities, {int(year[0])}",
        f"The {len(a)} pairs of cities with most technology contracts and co-inventions together, "
        "as the model expects them at scale 1 in the year (probabilities of agreeing, summed), "
        f"{how}. Of all such links between two cities of the region "
        f"{100.0 * np.nan_to_num(share):.0f}\u00a0% cross a provincial border.",
        _PANEL,
    )
    left, width = page.MARGIN, WIDTH - _SIDE - 2 * page.MARGIN
    axes = page.add_panel(figure, left, top, width, _PANEL)
    scale = frame(axes, km, (width, _PANEL))
    draw_graticule(axes, middle)
    draw_scale_bar(axes, scale)
    lines = LineCollection(
        [np.array([km[i], km[j]]) for i, j in zip(a.tolist(), b.tolist(), strict=True)],
        linewidths=line_widths(strength),
        colors=[CROSSING if across else INSIDE for across in linkage.crossing[a, b].tolist()],
        alpha=0.8,
        capstyle="round",
        zorder=2,
    )
    lines.set_gid("links")
    axes.add_collection(lines, autolim=False)
    _draw_cities(axes, linkage, km, (width, _PANEL))
    _draw_key(figure, left + width + 0.18, top, linkage, strength)
    credit = "City coordinates: GeoNames" if "yrd" in results.manifest["worlds"] else ""
    page.add_footer(figure, results, credit)
    return figure


def line_widths(strength: Floats) -> Floats:
    """Return widths in points, in proportion to the strength."""
    widths: Floats = WIDEST * strength / strength.max(initial=1e-300)
    return widths


def _draw_cities(axes: Axes, linkage: Linkage, km: Floats, size: tuple[float, float]) -> None:
    """Draw and name the cities, areas in proportion to links with other cities."""
    world, total = linkage.world, linkage.between
    order = np.lexsort((np.arange(len(total)), -total))
    radii = np.maximum(LARGEST * np.sqrt(total / total.max(initial=1e-300)), 0.02)[order]
    province = world.city_province[order]
    axes.scatter(
        km[order, 0],
        km[order, 1],
        s=marker_size(radii),
        c=[look(int(p)).colour for p in province],
        edgecolors="white",
        linewidths=0.6,
        zorder=3,
    ).set_gid("cities")
    names = [world.city_names[c] for c in order.tolist()]
    for text in draw_names(axes, names, km[order], province, radii, size):
        text.set_path_effects([withStroke(linewidth=1.8, foreground="white")])


def _draw_key(figure: Figure, left: float, top: float, linkage: Linkage, strength: Floats) -> None:
    """Draw widths of round amounts, the two colours, and the provinces."""
    axes = page.add_panel(figure, left, top, WIDTH - page.MARGIN - left, _PANEL)
    axes.set_axis_off()
    axes.set_xlim(0.0, WIDTH - page.MARGIN - left)
    axes.set_ylim(_PANEL, 0.0)
    down = _title(axes, 0.0, "Expected links", "contracts and co-inventions")
    axes.text(0.0, down - 0.06, "a year", size=SMALL, color=MUTED, va="top")
    down += 0.18
    most = float(strength.max(initial=0.0))
    for amount in (nice(most) * np.array([1.0, 0.5, 0.1])).tolist() if most > 0.0 else []:
        axes.plot([0.05, 0.35], [down] * 2, color=MUTED, linewidth=WIDEST * amount / most)
        axes.text(0.48, down, number(amount, digits_of(amount)), va="center_baseline")
        down += 0.22
    down = _title(axes, down + 0.15, "Link", "between cities of")
    for colour, name in ((INSIDE, "one province"), (CROSSING, "two provinces")):
        axes.plot([0.05, 0.35], [down + 0.06] * 2, color=colour, linewidth=3.0)
        axes.text(0.48, down + 0.06, name, va="center_baseline")
        down += 0.2
    down = _title(axes, down + 0.15, "City", "area: links with other cities")
    for p, name in enumerate(linkage.world.provinces[:8]):
        axes.scatter([0.08], [down + 0.07], s=40.0, color=look(p).colour, linewidths=0)
        text = page.fitting(name, 1.2, BODY)
        axes.text(0.24, down + 0.07, text, va="center_baseline", color=look(p).ink)
        down += 0.2


def _title(axes: Axes, down: float, title: str, unit: str) -> float:
    axes.text(0.0, down, title, weight="bold", va="top")
    axes.text(0.0, down + 0.14, unit, size=SMALL, color=MUTED, va="top")
    return down + 0.34
