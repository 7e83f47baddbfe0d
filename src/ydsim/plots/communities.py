"""Communities of cities by their links, and places near those they are linked with.

Communities are those of Louvain's method (Blondel et al. 2008) on expected links, with a fixed
seed. Cities start at their places on the map and are drawn together by links, as by springs
(Fruchterman and Reingold 1991), in a fixed number of steps: the picture is the same every time.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np

from ydsim.fmt import counted
from ydsim.measures.network import modularity
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.ground import project
from ydsim.plots.linkage import Linkage
from ydsim.plots.style import look
from ydsim.typing import Floats, Ints

HUBS = 5
"""Cities with most links, which are named in bold."""

SEED, STEPS = 1, 60
SPREAD = 1.9
"""Wished distance of cities that are linked, against that of even places."""


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


def hubs(linkage: Linkage) -> list[int]:
    """Return the cities with most links with other cities, the first of them first."""
    total = linkage.between
    order = np.lexsort((np.arange(len(total)), -total))[:HUBS]
    return [city for city in order.tolist() if total[city] > 0.0]
