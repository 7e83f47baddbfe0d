"""The network of cities: who lies near whom by links, communities, hubs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ydsim.measures.network import density
from ydsim.plots import page
from ydsim.plots.bubbles import marker_size
from ydsim.plots.cities import how_many
from ydsim.plots.communities import Network, hubs, layout, read_network
from ydsim.plots.counts import span
from ydsim.plots.linkage import USUAL, read_linkage, strongest, year_of
from ydsim.plots.mapkey import ROW, SIDE, key_panel, key_title
from ydsim.plots.messages import say
from ydsim.plots.place import place_labels
from ydsim.plots.style import BODY, INK, MUTED, RULE, SMALL, WIDTH, look, shown
from ydsim.results.results import Results
from ydsim.typing import Floats
from ydsim.wording import capital

SHOWN = 120
"""Links that are drawn at most."""

WIDEST, LARGEST, LEAST = 4.5, 0.15, 0.045
"""Width of the strongest link in points; radii of the largest and the least city in inches."""

_PANEL, _EDGE = 5.0, 0.3


def draw_network(
    results: Results, *, channel: str | None = None, year: int | None = None
) -> Figure:
    """Return the network.

    Parameters
    ----------
    channel
        A channel of the table ``ties``; by default contracts and co-inventions together.
    year
        By default the last one.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, fewer than two pairs are linked, or there is no geography.
    UsageError
        When there is no such channel or year.
    """
    channels = USUAL if channel is None else [channel]
    linkage = read_linkage(results, channels, year_of(results, year))
    network = read_network(linkage)
    figure, top = page.new_page(title_of(network), _explanation(results, network), _PANEL)
    left, width = page.MARGIN, WIDTH - SIDE - 2 * page.MARGIN
    axes = page.add_panel(figure, left, top, width, _PANEL)
    axes.set_axis_off()
    axes.set_xlim(0.0, width)
    axes.set_ylim(0.0, _PANEL)
    room = np.array([width - 2 * _EDGE - 0.5, _PANEL - 2 * _EDGE])
    places = _EDGE + np.array([0.25, 0.0]) + layout(linkage) * room
    _draw_links(axes, network, places)
    _draw_cities(axes, network, places, (width, _PANEL))
    _draw_key(figure, network, (left + width + 0.18, top))
    page.add_footer(figure, results)
    return figure


def title_of(network: Network) -> str:
    """Say how many communities there are, and whether they are those of the provinces."""
    facts = {
        "what": capital(network.linkage.what),
        "years": span(network.linkage.years),
        "cities": network.linkage.world.n_cities,
    }
    if len(network.home) == 1:
        return say("citynetwork.title_one", **facts)
    return say("citynetwork.title", n=len(network.home), home=network.at_home, **facts)


def _explanation(results: Results, network: Network) -> str:
    linkage = network.linkage
    weights = linkage.links - np.diag(np.diag(linkage.links))
    return say(
        "citynetwork.explanation",
        shown=len(strongest(linkage, SHOWN)[2]),
        what=linkage.what,
        density=f"{100.0 * density(weights):.0f}",
        communities=f"{network.modularity[0]:.2f}",
        provinces=f"{network.modularity[1]:.2f}",
        how=how_many(results),
    )


def _draw_links(axes: Axes, network: Network, places: Floats) -> None:
    """Draw the strongest links, in the colour of a community inside it, else grey."""
    a, b, strength = strongest(network.linkage, SHOWN)
    inside = network.community[a] == network.community[b]
    colours = [
        network.colour(int(network.community[i])) if same else "#9d9d9d"
        for i, same in zip(a.tolist(), inside.tolist(), strict=True)
    ]
    lines = LineCollection(
        [places[[i, j]] for i, j in zip(a.tolist(), b.tolist(), strict=True)],
        linewidths=np.maximum(WIDEST * strength / strength.max(initial=1e-300), 0.35),
        colors=colours,
        alpha=0.45,
        zorder=2,
    )
    lines.set_gid("links")
    axes.add_collection(lines, autolim=False)


def _draw_cities(axes: Axes, network: Network, places: Floats, size: tuple[float, float]) -> None:
    """Draw and name cities; the marker is that of the province."""
    linkage = network.linkage
    world, total = linkage.world, linkage.between
    radii = np.maximum(LARGEST * np.sqrt(total / total.max(initial=1e-300)), LEAST)
    for p in range(world.n_provinces):
        mine = np.flatnonzero(world.city_province == p)
        axes.scatter(
            places[mine, 0],
            places[mine, 1],
            s=marker_size(radii[mine]),
            c=[network.colour(int(c)) for c in network.community[mine]],
            marker=look(p).marker,
            edgecolors="white",
            linewidths=0.6,
            zorder=3,
        ).set_gid("cities")
    order = np.lexsort((np.arange(len(total)), -total))
    bold = set(hubs(linkage))
    names = [shown(world.city_names[c], 24) for c in order.tolist()]
    weights = ["bold" if c in bold else "normal" for c in order.tolist()]
    boxes = [
        (page.text_width(name, SMALL, weight) + 0.01, SMALL / 72.0)
        for name, weight in zip(names, weights, strict=True)
    ]
    for label in place_labels(places[order], radii[order], boxes, size, gap=0.02, clear=0.08):
        text = axes.text(
            label.x,
            label.y,
            names[label.point],
            size=SMALL,
            weight=weights[label.point],
            ha="center",
            va="center_baseline",
            zorder=5,
            color=INK,
        )
        text.set_gid("name")
        text.set_path_effects([withStroke(linewidth=1.8, foreground="white")])


def _draw_key(figure: Figure, network: Network, place: tuple[float, float]) -> None:
    """Draw communities, the markers of provinces, and the shares of the hubs."""
    axes, width = key_panel(figure, place)
    world = network.linkage.world
    down = key_title(
        axes, 0.0, say("citynetwork.key.communities"), say("citynetwork.key.communities_unit")
    )
    counts = np.bincount(network.community)
    for number, n in enumerate(counts.tolist()[:8]):
        name = world.provinces[int(network.home[number])]
        text = say("citynetwork.key.community", province=page.fitting(name, 0.9, BODY), n=n)
        axes.plot([0.0, 0.18], [down + 0.07] * 2, color=network.colour(number), linewidth=5.0)
        axes.text(0.28, down + 0.07, text, va="center_baseline")
        down += ROW
    if len(counts) > 8:
        axes.text(0.28, down, say("words.more", n=len(counts) - 8), color=MUTED, va="top")
        down += ROW
    down = key_title(axes, down + 0.14, say("citymap.key.province"), say("citynetwork.key.marker"))
    for p, name in enumerate(world.provinces[:8]):
        axes.scatter([0.08], [down + 0.07], s=38.0, marker=look(p).marker, c=MUTED, linewidths=0)
        axes.text(0.28, down + 0.07, page.fitting(name, 1.2, BODY), va="center_baseline")
        down += ROW
    down = key_title(
        axes, down + 0.14, say("citynetwork.key.hubs"), say("citynetwork.key.hubs_unit")
    )
    total = network.linkage.between
    for city in hubs(network.linkage):
        share = 100.0 * 2.0 * float(total[city]) / float(total.sum())
        axes.plot([0.0, width], [down + 0.16] * 2, color=RULE, linewidth=0.5)
        axes.text(0.0, down, page.fitting(world.city_names[city], 1.05, BODY, "bold"), va="top",
                  weight="bold")  # fmt: skip
        axes.text(width, down, say("citynetwork.key.share", share=f"{share:.0f}"), ha="right",
                  va="top")  # fmt: skip
        down += 0.18
