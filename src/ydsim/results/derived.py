"""Tables that are made on demand: inequality and networks of cities, diffusion, the funnel.

A pair of cities is linked where a link of the year is more likely than not by the expected links
(1 - exp(-expected) > 1/2): what a sample realised would thin the network with the scale. Weights
are expected links, both directions together. Channels of money link all pairs with any.

Columns of the tables, with types, units and meanings, and what they are made from, are in
``store/tables.csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ydsim.errors import ResultsError
from ydsim.measures import convergence as converge
from ydsim.measures import inequality, network
from ydsim.measures.funnel import EXITS, funnel, slowest, valley_of_death
from ydsim.record.measures import residents
from ydsim.results import diffusion
from ydsim.results.rows import Place, Rows, Run, Tables, cities_of, number_of, runs_of
from ydsim.store.tables import described, normalise
from ydsim.typing import Columns, Floats, Ints
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.results.results import Results


# -- inequality and convergence of cities ---------------------------------------------


FLOWS: Final = ("rd_expenditure", "value_added_secondary", "inventions", "launches")
"""Compared for each resident."""

QUANTITIES: Final = (*FLOWS, "coupling")


def _panels(series: pd.DataFrame, world: World) -> Iterator[tuple[Run, Ints, str, Floats]]:
    """Yield run, years (Y,), and each quantity (Y, C) of which all cities are known.

    Flows are yearly sums for each resident, in their unit for 10k persons; coupling is as recorded.
    """
    series = series.assign(city=cities_of(world, series["city"]))
    for run, table in runs_of(series.sort_values(["year", "city", "quarter"], kind="stable")):
        years = np.unique(table["year"]).astype(np.int64)
        shape = (len(years), world.n_cities, 4)
        if len(table) != np.prod(shape):
            raise ValueError("a city lacks a quarter, or one is there twice")
        people = np.array([residents(world, year) for year in years.tolist()])
        for name in QUANTITIES:
            by_quarter = table[name].to_numpy(dtype=np.float64).reshape(shape)
            flow = by_quarter.sum(axis=2) / people if name in FLOWS else by_quarter[:, :, -1]
            if np.isfinite(flow).all():
                yield run, years, name, flow


def _by_year(
    measure: Callable[[World, Ints, Floats, int], tuple[float, ...]],
) -> Callable[[Tables, Place], Rows]:
    """Return the table of a measure of cities: of world, years, values (Y, C), which year."""

    def rows(tables: Tables, place: Place) -> Rows:
        for run, years, name, values in _panels(tables["city_series"], place.world):
            for k, year in enumerate(years.tolist()):
                if found := measure(place.world, years, values, k):
                    yield *run, year, name, *found

    return rows


def unequal(world: World, years: Ints, values: Floats, k: int) -> tuple[float, ...]:
    """Return variation, Theil's index by residents, and Dagum's Gini, with their parts."""
    group, n = world.city_province, world.n_provinces
    theil = inequality.theil(values[k], group, n, residents(world, int(years[k])))
    gini = inequality.dagum(values[k], group, n)
    spread = inequality.coefficient_of_variation(values[k])
    parts = (gini.total, gini.within, gini.between, gini.overlap)
    return spread, theil.total, theil.within, theil.between, *parts


def converging(world: World, years: Ints, values: Floats, k: int) -> tuple[float, ...]:
    """Return sigma, and beta from the first year on, over all cities and inside provinces.

    A quantity that is zero in a city has no logs: it has no sigma, and no beta.
    """
    parts = (world.city_province, world.n_provinces)
    first, now = (bool((values[at] > 0.0).all()) for at in (0, k))
    sigmas, slopes = [float("nan")] * 2, [float("nan")] * 5
    if now:
        sigmas = [float(converge.sigma(values[k : k + 1], *of)[0]) for of in ((), parts)]
    if k and now and first:
        span = float(years[k] - years[0])
        whole, inside = (converge.beta(values[0], values[k], span, *of) for of in ((), parts))
        slopes = [whole.slope, whole.error, whole.speed, inside.slope, inside.error]
    return *sigmas, *slopes


# -- networks of cities ----------------------------------------------------------------------------


LIKELY: Final = float(np.log(2.0))
"""Expected links above which one is more likely than not."""

OF_MONEY: Final = ("supply",)
OUTSIDE: Final = "outside"


def network_table(tables: Tables, place: Place) -> Rows:
    """Yield exact measures of the network of cities by year and channel, without the outside."""
    world = place.world
    n, group = world.n_cities, world.city_province
    pairs = np.triu_indices(n, 1)
    for run, table in runs_of(tables["ties"].sort_values("year", kind="stable")):
        for (year, channel), rows in table.groupby(["year", "channel"], sort=False):
            inside = rows[(rows["from_city"] != OUTSIDE) & (rows["to_city"] != OUTSIDE)]
            ends = cities_of(world, inside["from_city"]), cities_of(world, inside["to_city"])
            weights = np.zeros((n, n))
            np.add.at(weights, ends, inside["expected"].to_numpy(dtype=np.float64))
            weights += weights.T.copy()
            money = channel in OF_MONEY
            w = weights if money else np.where(weights > LIKELY, weights, 0.0)
            tie = w[pairs] > 0.0
            between = network.betweenness(w)
            likely = tie if money else -np.expm1(-weights[pairs])
            yield (
                *(*run, year, channel, n),
                int(tie.sum()),
                network.density(w),
                float(likely.mean()),
                float(network.clustering(w).mean()),
                float(network.weighted_clustering(w).mean()),
                network.mean_path(w),
                network.small_world_quotient(w),
                float(between.max()),
                world.city_names[int(between.argmax())] if between.any() else "",
                network.modularity(w, group, world.n_provinces),
                network.functional_polycentricity(w),
                network.e_i_index(w, group, world.n_provinces),
            )


# -- stages of the funnel ------------------------------------------------------


LEADS: Final = ("all", "firm", "university", "institute")
STAGES: Final = ("applied research", "invention", "pilot", "industrialisation", "launch")


def funnel_stage_table(tables: Tables, _: Place) -> Rows:
    """Yield what becomes of projects by year, kind of the first owner and stage.

    Projects in a stage are the mean of the ends of this year and the one before, of the first
    year its end.
    """
    import pandas as pd

    names = [*EXITS, "shelved", "waited", "live"]
    for run, table in runs_of(tables["funnel"]):
        number_of(STAGES, table["stage"], "stage")
        cells = pd.MultiIndex.from_product([np.unique(table["year"]), LEADS, STAGES])
        both = pd.concat([table.assign(lead="all"), table])
        counts = both.groupby(["year", "lead", "stage"])[names].sum()
        counts = counts.reindex(cells, fill_value=0.0)
        before = counts["live"].groupby(level=[1, 2]).shift().fillna(counts["live"])
        counts["live"] = (counts["live"] + before) / 2.0
        for (year, lead), stages in counts.groupby(level=[0, 1], sort=False):
            found = funnel({name: stages[name].to_numpy() for name in names})
            valley, slow = valley_of_death(found), slowest(found)
            for s, name in enumerate(STAGES):
                counted = found.left[s], found.lost[s], found.passed[s], found.reached[s]
                quarters = 4 * found.stay[s], found.wait[s]
                ends = *found.cause[s], s == valley, s == slow
                yield *run, year, lead, name, *counted, *quarters, *ends


# -- all of them -----------------------------------------------------------------------------------


DERIVED: Final[dict[str, Callable[[Tables, Place], Rows]]] = {
    "inequality": _by_year(unequal),
    "convergence": _by_year(converging),
    "networks": network_table,
    "diffusion": diffusion.diffusion_table,
    "diffusion_distance": diffusion.distance_table,
    "pioneer": diffusion.pioneer_table,
    "funnel_stages": funnel_stage_table,
}
"""What makes each derived table, in the order in which they are listed."""

WHOLE_YEARS: Final = {
    **dict.fromkeys(("inequality", "convergence"), QUANTITIES),
    "pioneer": diffusion.QUOTIENT,
}
"""Those that need all four quarters of a year, and the indicators that they are made from."""


_TYPES: Final = {"integer": np.int64, "float": np.float64, "boolean": np.bool_, "text": object}


def made(name: str, tables: Mapping[str, Columns], place: Any) -> Columns:
    """Return a derived table of recorded ones, with ``point, replicate, year`` in front."""
    import pandas as pd

    frames = {table: pd.DataFrame(columns) for table, columns in tables.items()}
    rows = DERIVED[name](frames, place) if all(tables.values()) else iter(())
    columns = described()[name].columns
    found = pd.DataFrame(rows, columns=list(columns))
    return normalise({c: found[c].to_numpy(_TYPES[columns[c].type]) for c in columns})


def make(results: Results, name: str) -> Columns:
    """Return the same of results.

    Raises
    ------
    ResultsError
        When recorded tables do not fit together, or the world is not there any more, or is another.
    """
    tables = {need: results.raw(need) for need in described()[name].needs}
    try:
        return made(name, tables, Place(results, name))
    except ValueError as error:
        raise ResultsError(f"{results.path}: table {name}: {error}") from error
