"""Map of the strongest links between cities; those across a provincial border in another colour."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.bubbles import marker_size, nice
from ydsim.plots.cities import how_many
from ydsim.plots.citymap import PANEL, draw_names
from ydsim.plots.counts import span
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.ground import credit, draw_ground, ground_of
from ydsim.plots.linkage import (
    USUAL,
    Linkage,
    crossing_share,
    read_linkage,
    say_crossing,
    strongest,
    year_of,
)
from ydsim.plots.mapkey import ROW, SIDE, draw_provinces, key_panel, key_title
from ydsim.plots.messages import say
from ydsim.plots.policy_dates import in_force_in_words
from ydsim.plots.style import MUTED, WIDTH, look, shown
from ydsim.results.results import Results
from ydsim.typing import Floats
from ydsim.wording import capital

SHOWN = 80
"""Links that are drawn at most."""

INSIDE, CROSSING = "#9d9d9d", "#5e3c99"
WIDEST, LARGEST = 5.5, 0.1
"""Width of the strongest link in points; radius of the largest city in inches."""

WIDE = 1.0
"""Width in points from which on names keep off a link."""

BEND = 0.12
"""How far the middle of a link is off the straight line, as a share of its length."""

_STEPS = np.linspace(0.0, 1.0, 25)


def draw_link_map(
    results: Results, *, channel: str | None = None, year: int | None = None
) -> Figure:
    """Return the map.

    Parameters
    ----------
    channel
        A channel of the table ``ties``; by default contracts and co-inventions together.
    year
        By default the last one.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, none is expected, or there is no geography.
    UsageError
        When there is no such channel or year.
    """
    linkage = read_linkage(results, USUAL if channel is None else [channel], year_of(results, year))
    ground = ground_of(results, linkage.world)
    a, b, strength = strongest(linkage, SHOWN)
    if len(a) == 0:
        raise NothingToDrawError(
            say("linkmap.nothing", what=linkage.what, years=span(linkage.years))
        )
    text = _explanation(results, linkage, (int(a[-1]), int(b[-1])), strength)
    text = page.sentences(text, in_force_in_words(results, int(linkage.years[-1])))
    figure, top = page.new_page(title_of(linkage), text, PANEL)
    left, width = page.MARGIN, WIDTH - SIDE - 2 * page.MARGIN
    axes = page.add_panel(figure, left, top, width, PANEL)
    draw_ground(axes, ground, (width, PANEL))
    lines = LineCollection(
        curves(ground.km[a], ground.km[b]),
        linewidths=line_widths(strength),
        colors=[CROSSING if across else INSIDE for across in linkage.crossing[a, b].tolist()],
        alpha=0.75,
        capstyle="round",
        zorder=2,
    )
    lines.set_gid("links")
    axes.add_collection(lines, autolim=False)
    wide = line_widths(strength) >= WIDE
    along = np.concatenate([np.empty((0, 2)), *curves(ground.km[a[wide]], ground.km[b[wide]])])
    draw_cities(axes, linkage, ground.km, (width, PANEL), along)
    _draw_key(figure, (left + width + 0.18, top), linkage, strength)
    page.add_footer(figure, results, credit(results))
    return figure


def title_of(linkage: Linkage) -> str:
    """Say how much crosses provincial borders."""
    share = f"{100.0 * crossing_share(linkage):.0f}"
    return say("linkmap.title", what=linkage.what, years=span(linkage.years), share=share)


def curves(start: Floats, end: Floats) -> list[Floats]:
    """Return quadratic curves between places, (n, 2) each, all bent to the same side."""
    along = end - start
    middle = (start + end) / 2.0 + 2.0 * BEND * np.column_stack([-along[:, 1], along[:, 0]])
    t = _STEPS[:, None]
    return [
        (1.0 - t) ** 2 * a + 2.0 * t * (1.0 - t) * m + t**2 * b
        for a, m, b in zip(start, middle, end, strict=True)
    ]


def line_widths(strength: Floats) -> Floats:
    """Return widths in points, in proportion to the strength."""
    widths: Floats = WIDEST * strength / strength.max(initial=1e-300)
    return widths


def draw_cities(
    axes: Axes, linkage: Linkage, km: Floats, size: tuple[float, float], along: Floats
) -> None:
    """Draw and name the cities, areas in proportion to links with other cities.

    Names keep off points ``along`` wide links, where another side is free.
    """
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
    for text in draw_names(axes, names, km[order], province, radii, size, along):
        text.set_path_effects([withStroke(linewidth=1.8, foreground="white")])


def _explanation(
    results: Results, linkage: Linkage, first: tuple[int, int], strength: Floats
) -> str:
    names = [shown(linkage.world.city_names[city], 22) for city in first]
    n_pairs = int((np.triu(linkage.links, 1) > 0.0).sum())
    total = float(np.triu(linkage.links, 1).sum())
    share = 100.0 * float(strength.sum()) / total
    money = "linkmap.money" if linkage.unit == say("linkage.money") else "linkmap.number"
    return say(
        "linkmap.explanation",
        n=len(strength),
        pairs=number(n_pairs),
        a=names[0],
        b=names[1],
        what=linkage.what,
        share=f"{share:.0f}",
        counted=say(money),
        e_i=say_crossing(linkage),
        how=how_many(results),
    )


def _draw_key(
    figure: Figure, place: tuple[float, float], linkage: Linkage, strength: Floats
) -> None:
    """Draw widths of round amounts, the two colours, and the provinces."""
    axes, _ = key_panel(figure, place)
    down = key_title(axes, 0.0, capital(linkage.what), linkage.unit) + 0.08
    most = float(strength.max(initial=0.0))
    for amount in (nice(most) * np.array([1.0, 0.5, 0.1])).tolist() if most > 0.0 else []:
        axes.plot([0.05, 0.35], [down] * 2, color=MUTED, linewidth=WIDEST * amount / most)
        axes.text(0.48, down, number(amount), va="center_baseline")
        down += 0.22
    down = key_title(axes, down + 0.1, say("linkmap.key.link"), say("linkmap.key.between"))
    for colour, name in ((INSIDE, "linkmap.key.one"), (CROSSING, "linkmap.key.two")):
        axes.plot([0.05, 0.35], [down + 0.06] * 2, color=colour, linewidth=3.0)
        axes.text(0.48, down + 0.06, say(name), va="center_baseline")
        down += ROW
    down += 0.15
    draw_provinces(axes, down, linkage.world.provinces, say("linkmap.key.area"), filled=True)
