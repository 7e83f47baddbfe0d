"""The network of cities: who lies near whom by links, communities, hubs.

Communities are those of Louvain's method on expected links, with a fixed seed. Cities start at
their places on the map and are drawn together by links (Fruchterman and Reingold's springs, a fixed
number of steps), so that the picture is the same every time.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ydsim.measures.network import density, modularity
from ydsim.plots import page
from ydsim.plots.bubbles import marker_size
from ydsim.plots.cities import how_many
from ydsim.plots.counts import span
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.ground import project
from ydsim.plots.linkage import USUAL, Linkage, read_linkage, strongest, year_of
from ydsim.plots.mapkey import ROW, SIDE, key_panel, key_title
from ydsim.plots.messages import say
from ydsim.plots.place import place_labels
from ydsim.plots.style import BODY, INK, MUTED, RULE, SMALL, WIDTH, look, shown
from ydsim.plots.wording import capital
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints
from ydsim.wording import counted

SHOWN = 120
"""Links that are drawn at most."""

HUBS = 5
"""Cities with most links, which are named in bold."""

SEED, STEPS = 1, 60
SPREAD = 1.9
"""Wished distance of cities that are linked, against that of even places."""

WIDEST, LARGEST, LEAST = 4.5, 0.15, 0.045
"""Width of the strongest link in points; radii of the largest and the least city in inches."""

_PANEL, _EDGE = 5.0, 0.3


@dataclass(frozen=True)
class Network:
    """Cities by links.

    Attributes
    ----------
    linkage
        The links.
    community
        Shape (C,): number of the community, those with most links first.
    home
        For each community, the province of most of its cities.
    modularity
        Of communities, and of provinces.
    """

    linkage: Linkage
    community: Ints
    home: Ints
    modularity: tuple[float, float]

    @property
    def at_home(self) -> int:
        """Number of cities in a community most of whose cities are of their province."""
        return int((self.home[self.community] == self.linkage.world.city_province).sum())

    def colour(self, number: int) -> str:
        """Return the colour of a community: its province's, where no larger one has it."""
        home = self.home.tolist()
        first = home.index(home[number])
        if first == number:
            return look(int(home[number])).colour
        spare = number - len(set(home[:number]))
        return look(self.linkage.world.n_provinces + spare).colour


def read_network(linkage: Linkage) -> Network:
    """Return the communities of links between cities.

    Raises
    ------
    NothingToDrawError
        When fewer than two pairs of cities are linked.
    """
    weights = linkage.links - np.diag(np.diag(linkage.links))
    pairs = int(np.triu(weights > 0.0).sum())
    if pairs < 2:
        raise NothingToDrawError(
            f"{linkage.what} join {counted(pairs, 'pair')} of cities: no network"
        )
    graph = _graph(weights)
    found = nx.community.louvain_communities(graph, weight="weight", seed=SEED)
    strength = weights.sum(axis=1)
    parts = [sorted(part) for part in found]
    parts.sort(key=lambda part: (-float(strength[part].sum()), part))
    province = linkage.world.city_province
    community = np.empty(len(weights), dtype=np.int64)
    for number, part in enumerate(parts):
        community[part] = number
    n = linkage.world.n_provinces
    home = np.array([np.bincount(province[part], minlength=n).argmax() for part in parts])
    shares = modularity(weights, community, len(parts)), modularity(weights, province, n)
    return Network(linkage, community, home, shares)


def _graph(weights: Floats) -> nx.Graph[int]:
    """Return the weighted graph; nodes and edges in the order of cities."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(weights)))
    a, b = np.nonzero(np.triu(weights))
    amounts = weights[a, b].tolist()
    graph.add_weighted_edges_from(zip(a.tolist(), b.tolist(), amounts, strict=True))
    return graph


def layout(linkage: Linkage) -> Floats:
    """Return places of the cities, shape (C, 2), from 0 to 1 in both directions."""
    weights = linkage.links - np.diag(np.diag(linkage.links))
    world = linkage.world
    km = project(world.longitude, world.latitude).km(world.longitude, world.latitude)
    start = km / float(np.abs(km).max())
    # roots: a few very strong pairs would pull all others out of sight
    pull = np.sqrt(weights / float(weights.max()))
    places = nx.spring_layout(
        _graph(pull),
        k=SPREAD / np.sqrt(len(weights)),
        pos=dict(enumerate(start)),
        iterations=STEPS,
        weight="weight",
        seed=SEED,
    )
    found = np.array([places[city] for city in range(len(weights))])
    low, high = found.min(axis=0), found.max(axis=0)
    even: Floats = (found - low) / np.maximum(high - low, 1e-12)
    return even


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
    return say(
        "citynetwork.title",
        what=capital(network.linkage.what),
        years=span(network.linkage.years),
        n=len(network.home),
        home=network.at_home,
        cities=network.linkage.world.n_cities,
    )


def hubs(linkage: Linkage) -> list[int]:
    """Return the cities with most links with other cities, the first of them first."""
    total = linkage.between
    order = np.lexsort((np.arange(len(total)), -total))[:HUBS]
    return [city for city in order.tolist() if total[city] > 0.0]


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
