"""Networks of cities and gravity between them by year and channel, from the table ``ties``.

A pair of cities is linked where a link of the year is more likely than not by the expected links
(1 - exp(-expected) > 1/2): what a sample realised would thin the network with the scale. Weights
are expected links, both directions together. Channels of money link all pairs with any.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ydsim.measures import network
from ydsim.measures.gravity import fit_gravity
from ydsim.results.derived.place import Place
from ydsim.results.derived.rows import Rows, number_of, runs_of
from ydsim.typing import Columns, Floats
from ydsim.world.world import World

LIKELY: Final = float(np.log(2.0))
"""Expected links above which one is more likely than not."""

OF_MONEY: Final = ("supply",)
OUTSIDE: Final = "outside"


def pair_weights(rows: Columns, world: World) -> Floats:
    """Return expected links (C, C) of rows of one channel and year, symmetric, without a diagonal.

    Links with the rest of the nation are left out.
    """
    inside = (rows["from_city"] != OUTSIDE) & (rows["to_city"] != OUTSIDE)
    a, b = (
        number_of(world.city_names, rows[end][inside].tolist(), "city in the world")
        for end in ("from_city", "to_city")
    )
    found = np.zeros((world.n_cities, world.n_cities))
    np.add.at(found, (a, b), rows["expected"][inside].astype(np.float64))
    found = found + found.T
    np.fill_diagonal(found, 0.0)
    return found


def network_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return exact measures of the network of cities by year and channel."""
    world = place.world
    rows = Rows(
        channel="text", places="integer", links="integer", density="float",
        density_expected="float", clustering="float", clustering_weighted="float",
        path_length="float", small_world="float", betweenness="float", broker="text",
        modularity="float", polycentricity="float", e_i="float",
    )  # fmt: skip
    n, group = world.n_cities, world.city_province
    pairs = np.triu_indices(n, 1)
    for run, year, channel, weights in _by_year(tables["ties"], world):
        money = channel in OF_MONEY
        w = weights if money else np.where(weights > LIKELY, weights, 0.0)
        tie = w > 0.0
        between = network.betweenness(w)
        likely = tie[pairs] if money else -np.expm1(-weights[pairs])
        rows.add(
            run,
            year,
            channel=channel,
            places=n,
            links=int(tie[pairs].sum()),
            density=network.density(w),
            density_expected=float(likely.mean()),
            clustering=float(network.clustering(w).mean()),
            clustering_weighted=float(network.weighted_clustering(w).mean()),
            path_length=network.mean_path(w),
            small_world=network.small_world_quotient(w),
            betweenness=float(between.max()),
            broker=world.city_names[int(between.argmax())] if between.any() else "",
            modularity=network.modularity(w, group, world.n_provinces),
            polycentricity=network.functional_polycentricity(w),
            e_i=network.e_i_index(w, group, world.n_provinces),
        )
    return rows.columns()


def gravity_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return elasticity to distance and effect of the border by year and channel, with errors.

    Poisson pseudo-maximum likelihood over pairs with an effect of each city; empty where a year
    has no links or the fit does not settle.
    """
    world = place.world
    rows = Rows(
        channel="text", distance="float", distance_error="float", border="float",
        border_error="float",
    )  # fmt: skip
    a, b = np.triu_indices(world.n_cities, 1)
    with np.errstate(divide="ignore"):
        log_km = np.log(world.distance_km[a, b])
    apart = (world.city_province[a] != world.city_province[b]).astype(np.float64)
    for run, year, channel, weights in _by_year(tables["ties"], world):
        b_, error = np.full(2, np.nan), np.full(2, np.nan)
        try:
            fit = fit_gravity(
                weights[a, b], np.stack([log_km, apart], axis=1), (a, b), undirected=True
            )
            b_, error = fit.coefficient, fit.error
        except (ValueError, ArithmeticError):
            pass
        rows.add(
            run,
            year,
            channel=channel,
            distance=b_[0],
            distance_error=error[0],
            border=b_[1],
            border_error=error[1],
        )
    return rows.columns()


def _by_year(ties: Columns, world: World) -> Iterator[tuple[tuple[int, int], int, str, Floats]]:
    """Yield run, year, channel and weights."""
    for run, table in runs_of(ties):
        for year in np.unique(table["year"]).tolist():
            for channel in dict.fromkeys(table["channel"].tolist()):
                at = (table["year"] == year) & (table["channel"] == channel)
                if at.any():
                    part = {name: column[at] for name, column in table.items()}
                    yield run, int(year), channel, pair_weights(part, world)
