"""Flows across the borders of provinces, and the collaboration index that they make.

Each component of the index is the mean of its flows against the same flows of 2011 in stored runs
of ``baseline`` (`ydsim.world.measure_base`), 2011 = 100 on average over replicates:

| component | flows |
| --- | --- |
| resources | moves of researchers; uses of shared facilities |
| cooperation | co-inventions; co-publications |
| results | value of registered technology contracts |
| industry | value added that is sold |

All are between provinces of the region: for a province both what it gives and what it gets, for
the region each flow once. Money is at current prices. Transfers of patents between provinces are
left out: the model has a few a year.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ydsim.agents.state import State
from ydsim.agents.tally import REALISED
from ydsim.measures.collaboration import COMPONENTS, collaboration_index
from ydsim.measures.groups import sums
from ydsim.typing import Floats

FLOWS: Final = {
    "talent_moves": "resources",
    "shared_facilities": "resources",
    "co_inventions": "cooperation",
    "co_publications": "cooperation",
    "contract_value": "results",
    "supply": "industry",
}
"""Component of each flow."""

NAMES: Final = ("collaboration_index", *(f"collaboration_{c}" for c in COMPONENTS))
"""Indicators of collaboration."""


def cross_flows(state: State, sold: Floats) -> dict[str, Floats]:
    """Return the flows of the quarter (P + 1,) by name: of each province, then of the region.

    ``sold`` is what each place sells to each place, as `ydsim.record.yearly.supply`.
    """
    links, n = state.tally.links, state.world.n_provinces
    places = {
        "talent_moves": state.talent.moves.astype(np.float64),
        "shared_facilities": links.shared_facility[REALISED],
        "co_inventions": links.co_invention[REALISED],
        "co_publications": links.co_publication[REALISED],
        "supply": sold,
    }
    home = state.world.city_province
    cell = (home[:, None] * n + home).ravel()
    between = {
        name: sums(cell, matrix[:-1, :-1].ravel(), n * n).reshape(n, n)
        for name, matrix in places.items()
    }
    between["contract_value"] = state.tally.contracts.value_registered[:n, :n]
    return {name: _across(between[name]) for name in FLOWS}


def _across(between: Floats) -> Floats:
    """Return what leaves and enters each place, and last all of it once."""
    away = np.where(np.eye(len(between), dtype=np.bool_), 0.0, between)
    return np.append(away.sum(axis=0) + away.sum(axis=1), away.sum())


def indices(flows: Mapping[str, Floats], base: Mapping[str, Floats] | None) -> dict[str, Floats]:
    """Return index and components (P + 1,) of yearly flows, NaN where no base is known."""
    n = len(next(iter(flows.values())))
    if base is None:
        return {name: np.full(n, np.nan) for name in NAMES}
    found = collaboration_index(
        np.stack([flows[name] for name in FLOWS], axis=-1),
        np.stack([base[name] for name in FLOWS], axis=-1),
        [COMPONENTS.index(component) for component in FLOWS.values()],
    )
    return dict(zip(NAMES, [found.total, *found.components.T], strict=True))
