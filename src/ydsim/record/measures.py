"""Measures of a year: coupling of technology and industry, and the collaboration index.

Coupling of technology and industry by place and year, on a scale fixed from official figures:

    x_j = min(v_j / b_j, 1.5)
    U_k = sum_j w_j x_j                                 over the indicators of system k
    C   = 2 sqrt(U_1 U_2) / (U_1 + U_2)                 standard
    C   = sqrt((1 - |U_1 - U_2|) U_min / U_max)         modified
    T   = (U_1 + U_2) / 2,   D = sqrt(C T)

Symbols: v_j indicator of the place, b_j the largest official value of it, in its unit; w_j weight,
a sum of one in each system; U_k score, C coupling, T development and D coordination, without unit.
C is NaN and D zero where both scores are zero. Source: Wang Shujia et al. (2021, Journal of Natural
Resources 36(3): 793-810) for both forms of C, of which the standard one crowds near 1. Assumed: the
top of 1.5 of scaled values, and the factor of zero where scores above one differ by more than one.

Technology innovation, all for each resident: R&D, its personnel, applications for invention
patents, papers, and value of technology contracts sold. Industrial innovation: value added of
industry for each resident, and the share of new products in sales.

The scale: b_j is the largest value of the four provinces in official
figures of 2011-2020, w_j are entropy weights over provinces and years in which all are known
(2012-2020). The low end is zero and not the smallest value, at which the score of the weakest
province, and so its C and D, would be zero whatever it did. For new products official figures are
sales over value added, the model's are a share of sales: one constant, the official ratio of 2012
over the share of the base run, turns one into the other. The share of high-technology firms is
left out, of which official figures of one year are known.

Collaboration is flows across the borders of provinces:

    K_c = (100 / n_c) sum_{k in c} (y_k / s_k) / b_k,      I = (K_1 + K_2 + K_3 + K_4) / 4

Symbols: y_k flow k of a year, each in its unit; s_k what it is taken per, of the same place, 1 for
some; b_k the same quotient of 2011 in stored runs of ``baseline``; n_c
number of flows in component c; K_c and I index points, 2011 = 100 on average over replicates, NaN
where a flow was zero in 2011:

| component | flows | per |
| --- | --- | --- |
| resources | moves of researchers; uses of shared facilities | researcher; - |
| cooperation | co-inventions; co-publications | invention; invention |
| results | value of registered technology contracts | R&D |
| industry | value added that is sold | - |

What grows only because the region does is no collaboration. Which flows are taken per unit of
size is assumed, with the printed components of 2018 in view.

All are between provinces of the region: for a province both what it gives and what it gets, for
the region each flow once. Money is at current prices. Transfers of patents between provinces are
left out: the model has a few a year. The components are those of the collaborative innovation index
of the Yangtze River Delta. Neither its flows nor its weights are printed: equal weights are assumed
(they give 168.2 for 2018 from the printed components, the printed total is 171.9).

Scales, weights and flows of 2011 come from official figures of 2011-2020 and from stored runs,
never from the run that is measured, so that runs can be compared. ``python -m tools.fit_defaults
measures --write`` makes the file ``measures.json`` again. One scale serves all worlds, as a
thermometer does; flows of the base year are known for the packaged region alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np

from ydsim.agents.state import State
from ydsim.agents.tally import EXPECTED, REALISED
from ydsim.measures.groups import parts_or_even, quotient, sums
from ydsim.packaged import rows_of
from ydsim.record.indicators import INDICATORS
from ydsim.typing import Floats
from ydsim.world.loader import load_observations
from ydsim.world.tables import nearest
from ydsim.world.world import World

# -- what measures are held against ----------------------------------------------------------------

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


# -- coupling of technology and industry by place and year -----------------------------------------

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
TOP: Final = 1.5
"""Largest scaled value."""


def residents(world: World, year: int) -> Floats:
    """Return residents (C,) of a year, 10k persons; outside the known years those of the nearest.

    Assumed: after the last known year nobody is born, dies or moves.
    """
    return nearest(world.city_population, world.years, year)


def scores(values: Mapping[str, Floats], people: Floats, base: MeasureBase) -> Floats:
    """Return the scores (..., 2) of technology and industry, both NaN where a value is not known.

    ``values``: yearly values of `TECHNOLOGY` and `INDUSTRY`, in their units. ``people``: residents,
    10k persons. ``base``: the scale.
    """
    found = []
    for names in SYSTEMS.values():
        v = np.stack([values[n] / (people if n in PER_RESIDENT else 1.0) for n in names], axis=-1)
        best, weight = (np.array([of[n] for n in names]) for of in (base.best, base.weight))
        found.append((np.clip(v / best, 0.0, TOP) * weight).sum(axis=-1))
    u = np.stack(found, axis=-1)
    return np.where(np.isnan(u).any(axis=-1, keepdims=True), np.nan, u)


def degrees(u: Floats) -> dict[str, Floats]:
    """Return what is recorded of scores (..., 2), by name of the indicator; NaN where they are."""
    low, high, development = u.min(axis=-1), u.max(axis=-1), (0.5 * u).sum(axis=-1)
    part = quotient(low, high, np.nan)
    standard = np.sqrt(part) / ((part + 1.0) / 2.0)
    modified = np.sqrt(np.maximum(1.0 - (high - low), 0.0) * part)
    forms = {"": np.minimum(standard, 1.0), "_modified": np.minimum(modified, 1.0)}
    nothing = development == 0.0
    return {
        **{
            f"coupling{f}": np.where(nothing, 0.0, np.sqrt(c * development))
            for f, c in forms.items()
        },
        **{f"coupling_degree{form}": c for form, c in forms.items()},
        "coupling_development": development,
        "technology_score": u[..., 0],
        "industry_score": u[..., 1],
    }


COUPLING: Final = tuple(degrees(np.ones((1, 2))))
"""Indicators of coupling."""


def official_panel(world: World, new_products: float, until: int) -> dict[str, Floats]:
    """Return official values (P + 1, Y) of the indicators and of ``residents``, the region last.

    Years run from `BASE_YEAR` to ``until``; NaN where a figure of a place is not known.
    """
    years, n = range(BASE_YEAR, until + 1), world.n_provinces
    found = {
        name: _with_region(np.stack([world.series[name].at(y)[:n] for y in years], axis=1))
        for name in PER_RESIDENT
    }
    people = [sums(world.city_province, residents(world, y), n) for y in years]
    found["residents"] = _with_region(np.stack(people, axis=1))
    sold = _with_region(new_product_sales(world.provinces, years))
    found[NEW] = sold / found[MADE] / new_products
    return found


def _with_region(values: Floats) -> Floats:
    return np.vstack([values, values.sum(axis=0)])


# -- flows across the borders of provinces ---------------------------------------------------------

FLOWS: Final = {
    "talent_moves": "resources",
    "shared_facilities": "resources",
    "co_inventions": "cooperation",
    "co_publications": "cooperation",
    "contract_value": "results",
    "supply": "industry",
}
"""Component of each flow."""

COMPONENTS: Final = tuple(dict.fromkeys(FLOWS.values()))
COLLABORATION: Final = ("collaboration_index", *(f"collaboration_{c}" for c in COMPONENTS))
"""Indicators of collaboration."""


SIZES: Final = {
    "talent_moves": "rd_personnel_fte",
    "co_inventions": "inventions",
    "co_publications": "inventions",
    "contract_value": "rd_expenditure",
}
"""Indicator of which a flow is a part; of the others the flow itself counts."""


def per_size(flows: Mapping[str, Floats], sizes: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return yearly flows (P + 1,) over the sizes (P + 1,) of the places, by name.

    NaN where there is nothing of which a flow could be a part.
    """
    return {
        name: quotient(flow, sizes[SIZES[name]], np.nan) if name in SIZES else flow
        for name, flow in flows.items()
    }


def cross_flows(state: State, sold: Floats, recorded: Floats) -> dict[str, Floats]:
    """Return the flows of the quarter (P + 1,) by name: of each province, then of the region.

    ``sold`` is what each place sells to each place, as `ydsim.record.yearly.supply`, ``recorded``
    the factor on contracts by province of the seller (P,), as `ydsim.world.inputs`.
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
    between["contract_value"] = recorded[:, None] * state.tally.contracts.value[:n, :n]
    return {name: _across(between[name]) for name in FLOWS}


def _across(between: Floats) -> Floats:
    """Return what leaves and enters each place, and last all of it once."""
    away = np.where(np.eye(len(between), dtype=np.bool_), 0.0, between)
    return np.append(away.sum(axis=0) + away.sum(axis=1), away.sum())


def indices(flows: Mapping[str, Floats], base: Mapping[str, Floats] | None) -> dict[str, Floats]:
    """Return index and components (P + 1,) of yearly flows, NaN where no base is known."""
    n = len(next(iter(flows.values())))
    if base is None:
        return {name: np.full(n, np.nan) for name in COLLABORATION}
    points = {name: 100.0 * quotient(flows[name], base[name], np.nan) for name in FLOWS}
    parts = [
        np.mean([points[name] for name, of in FLOWS.items() if of == component], axis=0)
        for component in COMPONENTS
    ]
    index = np.sum([0.25 * part for part in parts], axis=0)
    return dict(zip(COLLABORATION, [index, *parts], strict=True))


# -- official counterparts of the measures ---------------------------------------------------------

# The index is the printed one of the region: its total of 2011-2020, and its components of 2018,
# which are of an earlier edition where the later one has none.

_DIMENSIONS: Final = (
    "total",
    "resource_sharing",
    "innovation_cooperation",
    "results_sharing",
    "industry_linkage",
)
"""Of ``collab_index.csv``, in the order of the indicators of collaboration."""


def official_measures(world: World) -> dict[str, Floats]:
    """Return official figures (P + 1, Y) by indicator, the region last, from `BASE_YEAR` on.

    NaN where there is none; nothing for any world but the packaged region.
    """
    base = load_measure_base()
    if base.flows_of(world) is None or world.until < BASE_YEAR:
        return {}
    until = min(world.until, LAST_OFFICIAL)
    panel, years = official_panel(world, base.new_products, until), range(BASE_YEAR, until + 1)
    values = {n: np.full((world.n_provinces + 1, len(years)), np.nan) for n in COLLABORATION}
    named = dict(zip(_DIMENSIONS, COLLABORATION, strict=True))
    # by edition, so that the latest one stays
    printed = sorted(
        (o for o in load_observations(YRD, until=world.until) if o.file == "collab_index.csv"),
        key=lambda o: o.note,
    )
    for one in printed:
        if one.name in named and one.year in years:
            values[named[one.name]][-1, one.year - BASE_YEAR] = one.value
    return degrees(scores(panel, panel["residents"], base)) | values


# -- measures of a year ----------------------------------------------------------------------------

# What the contract market sells is known by city; the rest of what a province sells is shared over
# its cities in proportion to the contracts that their organisations could have sold (expected
# links), since a sample has few of them.

NAMES: Final = (*COUPLING, *COLLABORATION)
"""Indicators that are formed once a year."""

SOLD: Final = "tech_market_contract_value_output"
Series = Mapping[str, Mapping[str, Floats]]
"""Recorded quarters (T, n) by level and name of the indicator."""


class YearMeasures:
    """Sums of the quarters of a year, and its measures.

    ``anchors``: factors on what is recorded by year and province (Y, P), by indicator.
    """

    def __init__(self, world: World, anchors: Mapping[str, Floats]) -> None:
        self._world = world
        self._anchors, self._years = anchors.get(SOLD), 0
        self._base = load_measure_base()
        self._flows_2011 = self._base.flows_of(world)
        self._clear()

    def _clear(self) -> None:
        n = self._world.n_provinces + 1
        self._flows = {name: np.zeros(n) for name in FLOWS}
        self._sellers = np.zeros(self._world.n_cities)
        self._market = np.zeros(self._world.n_cities)

    def add(self, state: State, sold: Floats) -> None:
        """Add a quarter; ``sold`` is what each place sells to each place in it."""
        n = self._world.n_provinces
        recorded = np.ones(n) if self._anchors is None else self._anchors[self._years]
        for name, flow in cross_flows(state, sold, recorded).items():
            self._flows[name] += flow
        self._sellers += state.tally.links.contract[EXPECTED, :-1].sum(axis=1)
        market = state.tally.contract_pairs.value_market[:-1].sum(axis=1)
        self._market += recorded[self._world.city_province] * market

    def close(self, series: Series, t: int, year: int) -> dict[str, dict[str, Floats]]:
        """Return the measures of the year that ends with quarter ``t``, by level and name."""
        world = self._world
        people = residents(world, year)
        by_province = sums(world.city_province, people, world.n_provinces)
        heads = {"city": people, "province": by_province, "region": by_province.sum(keepdims=True)}
        found = {}
        for level, by_place in heads.items():
            values = self._yearly(series, level, t)
            found[level] = degrees(scores(values, by_place, self._base))
        sizes = {name: self._sizes(series, name, t) for name in SIZES.values()}
        of_size = per_size(self._flows, sizes)
        for name, points in indices(of_size, self._flows_2011).items():
            found["province"][name], found["region"][name] = points[:-1], points[-1:]
        self._clear()
        self._years += 1
        return found

    def _sizes(self, series: Series, name: str, t: int) -> Floats:
        return np.concatenate([_year(series[at], name, t) for at in ("province", "region")])

    def _yearly(self, series: Series, level: str, t: int) -> dict[str, Floats]:
        names = [name for name in (*TECHNOLOGY, *INDUSTRY) if name in series[level]]
        found = {name: _year(series[level], name, t) for name in names}
        if level == "city":
            found[SOLD] = self._by_city(_year(series["province"], SOLD, t))
        return found

    def _by_city(self, total: Floats) -> Floats:
        """Return a provincial total (P,) by city: what the market sold, and the rest shared."""
        of, n = self._world.city_province, self._world.n_provinces
        rest = total - sums(of, self._market, n)
        return self._market + rest[of] * parts_or_even(self._sellers, of, n)


def _year(series: Mapping[str, Floats], name: str, t: int) -> Floats:
    """Return an indicator of the year that ends with quarter ``t``, as a tidy table has it."""
    quarters = series[name][t - 3 : t + 1]
    kind = INDICATORS[name].kind
    of_year: Floats = quarters[-1] if kind == "stock" else quarters.sum(axis=0)
    return of_year / 4.0 if kind == "mean" else of_year
