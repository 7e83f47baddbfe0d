"""Coupling of technology and industry by place and year, on a scale fixed from official figures.

    x_j = v_j / b_j                  v_j indicator of the place, b_j the largest official value
    U_k = sum_j w_j x_j              over the indicators of system k, up to `coupling.TOP` each

Technology innovation, all for each resident: R&D, its personnel, applications for invention
patents, papers, and value of technology contracts sold. Industrial innovation: value added of
industry for each resident, and the share of new products in sales. C, T and D follow from the
scores as in `ydsim.measures.coupling`.

The scale (`ydsim.world.measure_base`): b_j is the largest value of the four provinces in official
figures of 2011-2020, w_j are entropy weights over provinces and years in which all are known
(2012-2020). The low end is zero and not the smallest value, at which the score of the weakest
province, and so its C and D, would be zero whatever it did. For new products official figures are
sales over value added, the model's are a share of sales: one constant, the official ratio of 2012
over the share of the base run, turns one into the other. The share of high-technology firms is
left out, of which official figures of one year are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ydsim.measures import coupling
from ydsim.measures.bottleneck import obstacle_degrees
from ydsim.measures.groups import sums
from ydsim.typing import Bools, Floats
from ydsim.world.measure_base import BASE_YEAR, MeasureBase, new_product_sales
from ydsim.world.world import World

TECHNOLOGY: Final = (
    "rd_expenditure",
    "rd_personnel_fte",
    "invention_patent_applications",
    "sci_papers",
    "tech_market_contract_value_output",
)
"""Indicators of technology innovation, for each resident."""

MADE: Final = "value_added_secondary"
NEW: Final = "innovative_sales_share"
INDUSTRY: Final = (MADE, NEW)
"""Indicators of industrial innovation: the first for each resident, the second a share."""

SYSTEMS: Final = {"technology": TECHNOLOGY, "industry": INDUSTRY}
PER_RESIDENT: Final = (*TECHNOLOGY, MADE)
LAST_OFFICIAL: Final = 2020


def residents(world: World, year: int) -> Floats:
    """Return residents (C,) of a year, 10k persons; outside the known years those of the nearest.

    Assumed: after the last known year nobody is born, dies or moves.
    """
    known = ~np.isnan(world.city_population)
    column = np.where(known, np.abs(world.years - year), np.iinfo(np.int64).max).argmin(axis=1)
    found: Floats = world.city_population[np.arange(world.n_cities), column]
    return found


def scores(values: Mapping[str, Floats], people: Floats, base: MeasureBase) -> Floats:
    """Return the scores (n, 2) of technology and industry.

    Parameters
    ----------
    values
        (n,) yearly values of `TECHNOLOGY` and `INDUSTRY`, in their units; NaN is passed on.
    people
        (n,) residents, 10k persons.
    base
        The scale.
    """
    found = []
    for names in SYSTEMS.values():
        v = np.stack([values[n] / (people if n in PER_RESIDENT else 1.0) for n in names], axis=-1)
        known: Bools = np.asarray(np.isfinite(v).all(axis=-1))
        best = np.array([base.best[n] for n in names])
        scaled = coupling.scale(np.where(known[:, None], v, 0.0), np.zeros(len(names)), best)
        score = coupling.score(scaled.x, [base.weight[n] for n in names])
        found.append(np.where(known, score, np.nan))
    return np.stack(found, axis=-1)


def degrees(u: Floats) -> dict[str, Floats]:
    """Return what is recorded of scores (n, 2), by name of the indicator; NaN where one is."""
    known: Bools = np.asarray(np.isfinite(u).all(axis=-1))
    safe = np.where(known[:, None], u, 0.0)
    found = {
        "coupling": coupling.coordination(safe),
        "coupling_modified": coupling.coordination(safe, modified=True),
        "coupling_degree": coupling.coupling(safe),
        "coupling_degree_modified": coupling.coupling(safe, modified=True),
        "coupling_development": coupling.development(safe),
        "technology_score": safe[:, 0],
        "industry_score": safe[:, 1],
    }
    return {name: np.where(known, values, np.nan) for name, values in found.items()}


def obstacles(values: Mapping[str, Floats], people: float, base: MeasureBase) -> dict[str, Floats]:
    """Return the share (n,) of each indicator in what a place lacks to the best official figure.

    Each of the two systems has half of the weight. NaN where no indicator is an obstacle
    (`ydsim.measures.bottleneck.obstacle_degrees`).

    Parameters
    ----------
    values, people, base
        As for `scores`, with the same residents in all rows.
    """
    names = (*TECHNOLOGY, *INDUSTRY)
    v = np.stack([values[n] / (people if n in PER_RESIDENT else 1.0) for n in names], axis=-1)
    best = np.array([base.best[n] for n in names])
    weight = [base.weight[n] / len(SYSTEMS) for n in names]
    x = coupling.scale(v, np.zeros(len(names)), best).x
    return dict(zip(names, obstacle_degrees(x, weight).T, strict=True))


NAMES: Final = tuple(degrees(np.ones((1, 2))))
"""Indicators of coupling."""


def official_panel(world: World, new_products: float, until: int) -> dict[str, Floats]:
    """Return official values (P + 1, Y) of the indicators and of ``residents``, the region last.

    Years run from `BASE_YEAR` to ``until``; NaN where a figure of a place is not known.
    """
    years = range(BASE_YEAR, until + 1)
    n = world.n_provinces
    found = {}
    for name in PER_RESIDENT:
        series = world.series[name]
        found[name] = _with_region(np.stack([series.at(y)[:n] for y in years], axis=1))
    people = [sums(world.city_province, residents(world, y), n) for y in years]
    found["residents"] = _with_region(np.stack(people, axis=1))
    sold = _with_region(new_product_sales(world.provinces, years))
    found[NEW] = sold / found[MADE] / new_products
    return found


def _with_region(values: Floats) -> Floats:
    return np.vstack([values, values.sum(axis=0)])


def official_degrees(world: World, base: MeasureBase) -> dict[str, Floats]:
    """Return official figures (P + 1, Y) of the recorded measures, from `BASE_YEAR` on."""
    until = min(world.until, LAST_OFFICIAL)
    panel = official_panel(world, base.new_products, until)
    shape = panel["residents"].shape
    flat = {name: values.ravel() for name, values in panel.items()}
    found = degrees(scores(flat, flat["residents"], base))
    return {name: values.reshape(shape) for name, values in found.items()}
