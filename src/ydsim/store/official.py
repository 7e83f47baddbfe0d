"""Official figures beside the simulated ones, as far as the world may see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ydsim.record.official import official_measures
from ydsim.store.columns import normalise
from ydsim.typing import Columns, Floats
from ydsim.world.measure_base import BASE_YEAR

if TYPE_CHECKING:
    from ydsim.record.indicators import Indicator
    from ydsim.world.world import World

NATION = "nation"
"""Name of the whole nation in the table of official figures."""


def official_rows(world: World, indicators: Mapping[str, Indicator], region: str) -> Columns:
    """Return the official series of every exported indicator, as a long table.

    Columns ``region, year, indicator, value, unit``; rows by indicator, then region (provinces,
    ``region`` as their sum where all are known and the unit adds up, nation), then year up to
    ``world.until``. Measures follow from other official figures
    (`ydsim.record.official`). Series that stand in for official ones are left out.
    """
    known = {name: one for name, one in world.series.items() if name not in world.assumed}
    world = replace(world, series=known)
    measures = official_measures(world)
    names: list[str] = []
    years: list[int] = []
    labels: list[str] = []
    values: list[float] = []
    units: list[str] = []
    for label in indicators:
        if label in world.series:
            series = world.series[label]
            found = _with_sum(series.values, series.unit)
            unit, first = series.unit, int(series.years[0])
        elif label in measures:
            found = measures[label]
            unit, first = indicators[label].unit, BASE_YEAR
        else:
            continue
        places = (*world.provinces, region, NATION)[: len(found)]
        for place, row in zip(places, found, strict=True):
            for year, value in enumerate(row.tolist(), first):
                if year <= world.until and not np.isnan(value):
                    names.append(place)
                    years.append(year)
                    labels.append(label)
                    values.append(value)
                    units.append(unit)
    return normalise(
        {
            "region": np.array(names, dtype=object),
            "year": np.array(years, dtype=np.int64),
            "indicator": np.array(labels, dtype=object),
            "value": np.array(values, dtype=np.float64),
            "unit": np.array(units, dtype=object),
        }
    )


def adds_up(unit: str) -> bool:
    """Return whether figures in ``unit`` may be summed over provinces (shares may not)."""
    return unit not in {"1", "-", "ratio", "index", "share", "log"} and not unit.startswith(
        ("pct", "per_")
    )


def _with_sum(values: Floats, unit: str) -> Floats:
    """Return rows for provinces, their sum, and the nation, from rows without the sum."""
    provinces, nation = values[:-1], values[-1:]
    total = np.zeros(values.shape[1])
    for row in provinces:
        total = total + row
    if not adds_up(unit):
        total = np.full_like(total, np.nan)
    return np.concatenate([provinces, total[None, :], nation])
