"""Networks of organisations by year, from the table ``organisation_ties``.

Ties are exact, all of those between organisations of the sample; clustering and path length come
from a sample of them with standard errors (`ydsim.measures.large_network`). Draws belong to
replicate and year, so that equal results give equal tables.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.measures.large_network import (
    Estimate,
    Graph,
    graph,
    parted,
    sampled_clustering,
    sampled_path,
    small_world,
)
from ydsim.noise import Noise, identity
from ydsim.results.derived.place import Place
from ydsim.results.derived.rows import Rows, number_of, runs_of
from ydsim.typing import Columns, Ints

ALL: Final = "all"
BETWEEN: Final = (ALL, "firms")
PAIRS, SOURCES = 20_000, 100
"""Draws of clustering, and organisations from which paths are walked."""


def organisation_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return measures of the network of organisations by year, of all and of firms alone."""
    rows = Rows(
        between="text", organisations="integer", linked="float", ties="integer", degree="float",
        density="float", clustering="float", clustering_error="float", path_length="float",
        path_length_error="float", small_world="float", modularity="float", e_i="float",
    )  # fmt: skip
    world = place.world
    firms, agents = (dict(runs_of(tables[name])) for name in ("firms", "agents"))
    for run, table in runs_of(tables["organisation_ties"]):
        science = int((agents[run]["kind"] != "firm").sum())
        lives = firms[run]["year"][firms[run]["alive"].astype(np.bool_)]
        ends = [
            number_of(world.city_names, table[name].tolist(), "city in the world")
            for name in ("city", "other_city")
        ]
        only = (table["kind"] == "firm") & (table["other_kind"] == "firm")
        for year in np.unique(firms[run]["year"]).tolist():
            for between in BETWEEN:
                at = np.flatnonzero((table["year"] == year) & (only | (between == ALL)))
                n = int((lives == year).sum()) + (science if between == ALL else 0)
                keys = np.concatenate([table["organisation"][at], table["other"][at]])
                _, first, end = np.unique(keys, return_index=True, return_inverse=True)
                city = np.concatenate([ends[0][at], ends[1][at]])[first]
                of = graph(end[: len(at)], end[len(at) :], max(n, len(first)))
                part = np.zeros(len(of.degree), dtype=np.int64)
                part[: len(city)] = world.city_province[city]
                key = identity("organisation_networks", run[1], int(year), between)[0]
                found = _measures(of, part, world.n_provinces, Noise(key))
                rows.add(run, int(year), between=between, **found)
    return rows.columns()


def _measures(of: Graph, part: Ints, n_parts: int, noise: Noise) -> dict[str, float]:
    """Return the columns of one network."""
    n, ends = len(of.degree), len(of.neighbour)
    clustering = path = Estimate(float("nan"), float("nan"))
    if ends:
        pairs, sources = np.arange(PAIRS, dtype=np.uint64), np.arange(SOURCES, dtype=np.uint64)
        draws = np.stack([noise.uniform(pairs, k) for k in range(3)], axis=1)
        clustering = sampled_clustering(of, draws)
        path = sampled_path(of, noise.uniform(sources, 3))
    modularity, e_i = parted(of, part, n_parts)
    return {
        "organisations": n,
        "linked": float((of.degree > 0).mean()) if n else float("nan"),
        "ties": ends // 2,
        "degree": ends / n if n else float("nan"),
        "density": ends / (n * (n - 1)) if n > 1 else float("nan"),
        "clustering": clustering.value,
        "clustering_error": clustering.error,
        "path_length": path.value,
        "path_length_error": path.error,
        "small_world": small_world(of, clustering.value, path.value),
        "modularity": modularity,
        "e_i": e_i,
    }
