"""What the recorded measures are held against: fixed scales, weights and flows of 2011.

They come from official figures of 2011-2020 and from stored runs, never from the run that is
measured, so that runs can be compared. ``python -m tools.fit_defaults measures --write`` makes
the file ``measures.json`` again. One scale serves all worlds, as a thermometer does; flows of the
base year are known for the packaged region alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np

from ydsim.packaged import rows_of
from ydsim.typing import Floats
from ydsim.world.world import World

YRD = "yrd"
BASE_YEAR = 2011


@dataclass(frozen=True)
class MeasureBase:
    """Constants of the measures."""

    parameters: str  # hash of the parameters and the world of the runs that gave the flows
    # Value at which an indicator of coupling is scaled to 1; it is 0 at 0.
    best: Mapping[str, float]
    # Its weight in the score of its system, a sum of one for each system.
    weight: Mapping[str, float]
    # Official new-product sales over value added for each unit of the model's innovative sales
    # share.
    new_products: float
    provinces: tuple[str, ...]  # of which the flows are known
    # (P + 1,) flow of 2011 across province borders by name, some per unit of size: both ends of
    # each, for each province, then the region, where each counts once.
    flows: Mapping[str, Floats]

    def flows_of(self, world: World) -> Mapping[str, Floats] | None:
        """Return the flows in the order of the world's provinces; None for any other region."""
        if world.name != YRD or sorted(world.provinces) != sorted(self.provinces):
            return None
        rows = [self.provinces.index(name) for name in world.provinces] + [len(self.provinces)]
        return {name: values[rows] for name, values in self.flows.items()}


def measure_file() -> Traversable:
    """Return where the constants are stored."""
    return resources.files("ydsim.world").joinpath("data", YRD, "measures.json")


@cache
def load_measure_base() -> MeasureBase:
    """Return the stored constants."""
    data = json.loads(measure_file().read_text(encoding="utf-8"))
    return MeasureBase(
        parameters=data["parameters"],
        best=data["best"],
        weight=data["weight"],
        new_products=data["new_products"],
        provinces=tuple(data["provinces"]),
        flows={name: np.array(values) for name, values in data["flows"].items()},
    )


def new_product_sales(provinces: tuple[str, ...], years: range) -> Floats:
    """Return official sales of new products (P, Y) in 100m_rmb, NaN where none is known.

    Of industrial firms above the designated size, 2012-2020.
    """
    sales = np.full((len(provinces), len(years)), np.nan)
    for row in rows_of("ydsim.world", f"data/{YRD}/industry_new_products.csv"):
        if row["region"] in provinces and int(row["year"]) in years:
            sales[provinces.index(row["region"]), years.index(int(row["year"]))] = row["value"]
    return sales
