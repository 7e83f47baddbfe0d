"""Tables that are made on demand: cities and provinces, networks, the funnel, specialisation.

A pair of cities is linked where a link of the year is more likely than not by the expected links
(1 - exp(-expected) > 1/2): what a sample realised would thin the network with the scale. Weights
are expected links, both directions together. Channels of money link all pairs with any.

Ties are exact, all of those between organisations of the sample; clustering and path length come
from a sample of them with standard errors (`ydsim.measures.large_network`). Draws belong to
replicate and year, so that equal results give equal tables.

Columns of the tables, with types, units and meanings, are in ``store/tables.csv``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np

from ydsim.errors import ResultsError
from ydsim.measures import convergence as converge
from ydsim.measures import coupling, inequality, network, spatial
from ydsim.measures.funnel import EXITS, funnel, slowest, valley_of_death
from ydsim.measures.gravity import fit_gravity
from ydsim.measures.large_network import (
    Estimate,
    Graph,
    graph,
    parted,
    sampled_clustering,
    sampled_path,
    small_world,
)
from ydsim.measures.specialisation import krugman, location_quotients
from ydsim.noise import Noise, identity
from ydsim.record.measures import residents
from ydsim.results import diffusion
from ydsim.results.rows import Place, Rows, Run, Tables, cities_of, number_of, runs_of
from ydsim.store.tables import described, normalise
from ydsim.typing import Columns, Floats, Ints
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.results.results import Results


# -- coupling, inequality, neighbours and convergence ----------------------------------------------


FLOWS: Final = ("rd_expenditure", "value_added_secondary", "inventions", "launches")
"""Compared for each resident."""

QUANTITIES: Final = (*FLOWS, "coupling")
DEGREES: Final = {
    "coupling": "coupling",
    "coupling_degree": "degree",
    "coupling_development": "development",
    "technology_score": "technology",
    "industry_score": "industry",
}
"""Indicators that are shown with their words, and what they are called beside these."""


def coupling_table(tables: Tables, _: Place) -> pd.DataFrame:
    """Return class of D, stage of C and lagging side by year and region, province or city."""
    import pandas as pd

    places = [tables["series"]]
    if "city_series" in tables:
        places.append(tables["city_series"].rename(columns={"city": "region"}).assign(level="city"))
    by_run = [table.sort_values(["point", "replicate", "year"], kind="stable") for table in places]
    found = pd.concat(by_run).rename(columns=DEGREES)
    # measures of a year are recorded in its last quarter
    known: pd.DataFrame = found[(found["quarter"] == 4) & np.isfinite(found["coupling"])]
    sides = ["technology", "industry"]
    return known.assign(
        coupling_class=coupling.class_of(known["coupling"]),
        stage=coupling.stage_of(known["degree"]),
        lags=coupling.lagging_side(known[sides].to_numpy(), sides),
    )


def city_panel(series: pd.DataFrame, world: World) -> tuple[Ints, dict[str, Floats]]:
    """Return years (Y,) and quantities (Y, C) of one run, in the order of the world's cities.

    Flows are yearly sums for each resident, in their unit for 10k persons; coupling is as recorded.

    Raises
    ------
    ValueError
        When a city or a quarter is missing.
    """
    series = series.assign(city=cities_of(world, series["city"]))
    series = series.sort_values(["year", "city", "quarter"], kind="stable")
    years = np.unique(series["year"]).astype(np.int64)
    shape = (len(years), world.n_cities, 4)
    if len(series) != np.prod(shape):
        raise ValueError("a city lacks a quarter, or one is there twice")
    people = np.array([residents(world, year) for year in years.tolist()])
    found = {}
    for name in QUANTITIES:
        by_quarter = series[name].to_numpy(dtype=np.float64).reshape(shape)
        flow = by_quarter.sum(axis=2) / people if name in FLOWS else by_quarter[:, :, -1]
        found[name] = flow
    return years, found


def _panels(tables: Tables, world: World) -> Iterator[tuple[Run, Ints, str, Floats]]:
    """Yield run, years, and each quantity of which all cities are known."""
    for run, series in runs_of(tables["city_series"]):
        years, found = city_panel(series, world)
        for name, values in found.items():
            if np.isfinite(values).all():
                yield run, years, name, values


def inequality_table(tables: Tables, place: Place) -> Rows:
    """Yield Theil's index, weighted by residents, and Dagum's Gini of cities with their parts."""
    world = place.world
    group, n = world.city_province, world.n_provinces
    for run, years, name, values in _panels(tables, world):
        for year, value in zip(years.tolist(), values, strict=True):
            spread = inequality.coefficient_of_variation(value)
            theil = inequality.theil(value, group, n, residents(world, year))
            gini = inequality.dagum(value, group, n)
            parts = (gini.total, gini.within, gini.between, gini.overlap)
            yield *run, year, name, spread, theil.total, theil.within, theil.between, *parts


def spatial_table(tables: Tables, place: Place) -> Rows:
    """Yield Moran's I of cities by inverse distance; no rows for fewer than four cities."""
    world = place.world
    if world.n_cities >= 4:
        weights = spatial.inverse_distance(world.distance_km)
        for run, years, name, values in _panels(tables, world):
            for year, value in zip(years.tolist(), values, strict=True):
                i = spatial.moran(value, weights)
                yield *run, year, name, i.value, i.expected, i.z, i.p


def convergence_table(tables: Tables, place: Place) -> Rows:
    """Yield sigma of a year, and beta from the first year to it, over all and inside provinces.

    A quantity that is zero in a city has no logs: its row is empty.
    """
    world = place.world
    group, n, nothing = world.city_province, world.n_provinces, float("nan")
    for run, years, name, values in _panels(tables, world):
        positive = [bool((value > 0.0).all()) for value in values]
        for k, year in enumerate(years.tolist()):
            sigma = within = nothing
            whole = inside = converge.Beta(nothing, nothing, nothing)
            if positive[k]:
                sigma = float(converge.sigma(values[k : k + 1])[0])
                within = float(converge.sigma(values[k : k + 1], group, n)[0])
            if k and positive[k] and positive[0]:
                span = float(years[k] - years[0])
                whole = converge.beta(values[0], values[k], span)
                inside = converge.beta(values[0], values[k], span, group, n)
            slopes = (whole.slope, whole.error, whole.speed, inside.slope, inside.error)
            yield *run, year, name, sigma, within, *slopes


# -- networks of cities, and gravity ---------------------------------------------------------------


LIKELY: Final = float(np.log(2.0))
"""Expected links above which one is more likely than not."""

OF_MONEY: Final = ("supply",)
OUTSIDE: Final = "outside"


def pair_weights(rows: pd.DataFrame, world: World) -> Floats:
    """Return expected links (C, C) of rows of one channel and year, symmetric.

    Links with the rest of the nation are left out.
    """
    rows = rows[(rows["from_city"] != OUTSIDE) & (rows["to_city"] != OUTSIDE)]
    ends = cities_of(world, rows["from_city"]), cities_of(world, rows["to_city"])
    found = np.zeros((world.n_cities, world.n_cities))
    np.add.at(found, ends, rows["expected"].to_numpy(dtype=np.float64))
    both: Floats = found + found.T
    return both


def network_table(tables: Tables, place: Place) -> Rows:
    """Yield exact measures of the network of cities by year and channel."""
    world = place.world
    n, group = world.n_cities, world.city_province
    pairs = np.triu_indices(n, 1)
    for run, year, channel, weights in _by_year(tables["ties"], world):
        money = channel in OF_MONEY
        w = weights if money else np.where(weights > LIKELY, weights, 0.0)
        tie = w > 0.0
        between = network.betweenness(w)
        likely = tie[pairs] if money else -np.expm1(-weights[pairs])
        yield (
            *(*run, year, channel, n),
            int(tie[pairs].sum()),
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


def gravity_table(tables: Tables, place: Place) -> Rows:
    """Yield elasticity to distance and effect of the border by year and channel, with errors.

    Poisson pseudo-maximum likelihood over pairs with an effect of each city; empty where a year
    has no links or the fit does not settle.
    """
    world = place.world
    a, b = np.triu_indices(world.n_cities, 1)
    with np.errstate(divide="ignore"):
        log_km = np.log(world.distance_km[a, b])
    apart = (world.city_province[a] != world.city_province[b]).astype(np.float64)
    for run, year, channel, weights in _by_year(tables["ties"], world):
        by = np.stack([log_km, apart], axis=1)
        try:
            fit = fit_gravity(weights[a, b], by, (a, b), undirected=True)
            slope, error = fit.coefficient, fit.error
        except (ValueError, ArithmeticError):
            slope = error = np.full(2, np.nan)
        yield *run, year, channel, slope[0], error[0], slope[1], error[1]


def _by_year(ties: pd.DataFrame, world: World) -> Iterator[tuple[Run, int, str, Floats]]:
    """Yield run, year, channel and weights."""
    for run, table in runs_of(ties):
        channels = table["channel"].unique()
        for year, channel in product(np.unique(table["year"]).tolist(), channels):
            part = table[(table["year"] == year) & (table["channel"] == channel)]
            if len(part):
                yield run, year, channel, pair_weights(part, world)


# -- networks of organisations ---------------------------------------------------------------------


ALL: Final = "all"
BETWEEN: Final = (ALL, "firms")
PAIRS, SOURCES = 20_000, 100
"""Draws of clustering, and organisations from which paths are walked."""


def organisation_table(tables: Tables, place: Place) -> Rows:
    """Yield measures of the network of organisations by year, of all and of firms alone."""
    world = place.world
    firms, agents = (dict(runs_of(tables[name])) for name in ("firms", "agents"))
    for run, table in runs_of(tables["organisation_ties"]):
        science = int((agents[run]["kind"] != "firm").sum())
        lives = firms[run]["year"][firms[run]["alive"].astype(bool)]
        table = table.assign(city=cities_of(world, table["city"]))
        table = table.assign(other_city=cities_of(world, table["other_city"]))
        only = (table["kind"] == "firm") & (table["other_kind"] == "firm")
        years = np.unique(firms[run]["year"]).tolist()
        for year, between in product(years, BETWEEN):
            ties = table[(table["year"] == year) & (only | (between == ALL))]
            n = int((lives == year).sum()) + (science if between == ALL else 0)
            keys = np.concatenate([ties["organisation"], ties["other"]])
            _, first, end = np.unique(keys, return_index=True, return_inverse=True)
            city = np.concatenate([ties["city"], ties["other_city"]])[first]
            of = graph(end[: len(ties)], end[len(ties) :], max(n, len(first)))
            part = np.zeros(len(of.degree), dtype=np.int64)
            part[: len(city)] = world.city_province[city]
            key = identity("organisation_networks", run[1], year, between)[0]
            yield *run, year, between, *_measures(of, part, world.n_provinces, Noise(key))


def _measures(of: Graph, part: Ints, n_parts: int, noise: Noise) -> tuple[float, ...]:
    """Return the columns of one network."""
    n, ends, nothing = len(of.degree), len(of.neighbour), float("nan")
    clustering = path = Estimate(nothing, nothing)
    if ends:
        pairs, sources = np.arange(PAIRS, dtype=np.uint64), np.arange(SOURCES, dtype=np.uint64)
        draws = np.stack([noise.uniform(pairs, k) for k in range(3)], axis=1)
        clustering = sampled_clustering(of, draws)
        path = sampled_path(of, noise.uniform(sources, 3))
    return (
        n,
        float((of.degree > 0).mean()) if n else nothing,
        ends // 2,
        ends / n if n else nothing,
        ends / (n * (n - 1)) if n > 1 else nothing,
        *(clustering.value, clustering.error, path.value, path.error),
        small_world(of, clustering.value, path.value),
        *parted(of, part, n_parts),
    )


# -- stages of the funnel, and specialisation ------------------------------------------------------


LEADS: Final = (ALL, "firm", "university", "institute")
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
        both = pd.concat([table.assign(lead=ALL), table])
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


def specialisation_table(tables: Tables, place: Place) -> Rows:
    """Yield Krugman's index of research effort by field, and the leading field, of each province.

    The quotient of the leading field is its share in the province over that in the region.
    """
    for run, table in runs_of(tables["knowledge"]):
        fields = list(table["field"].unique())
        number_of(place.provinces, table["province"], "province in the world")
        for year, rows in table.groupby("year"):
            sizes = rows.pivot_table("effort", "province", "field", aggfunc="sum")
            sizes = sizes.reindex(index=list(place.provinces), columns=fields).fillna(0.0)
            apart, quotients = (f(sizes.to_numpy()) for f in (krugman, location_quotients))
            known = np.where(np.isnan(quotients), -1.0, quotients)
            for p, region in enumerate(place.provinces):
                top = int(known[p].argmax())
                field = fields[top] if known[p, top] >= 0.0 else ""
                yield *run, year, region, apart[p], field, quotients[p, top]


# -- all of them -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Derived:
    """A table that is made from others.

    Attributes
    ----------
    needs
        Recorded tables that it is made from.
    make
        Makes it from them and the place.
    indicators
        Indicators that it is made from, of which an earlier version did not know all.
    also
        Tables that are read too where they were recorded.
    """

    needs: tuple[str, ...]
    make: Callable[[Tables, Place], Rows | pd.DataFrame]
    indicators: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


DERIVED: Final[dict[str, Derived]] = {
    "coupling": Derived(("series",), coupling_table, (*DEGREES,), also=("city_series",)),
    "inequality": Derived(("city_series",), inequality_table, QUANTITIES),
    "spatial": Derived(("city_series",), spatial_table, QUANTITIES),
    "convergence": Derived(("city_series",), convergence_table, QUANTITIES),
    "networks": Derived(("ties",), network_table),
    "organisation_networks": Derived(("organisation_ties", "firms", "agents"), organisation_table),
    "gravity": Derived(("ties",), gravity_table),
    "specialisation": Derived(("knowledge",), specialisation_table),
    "diffusion": Derived(("adoption_curves", "generations"), diffusion.diffusion_table),
    "diffusion_distance": Derived(
        ("adoption_curves", "generations", "adoption", "agents"), diffusion.distance_table
    ),
    "pioneer": Derived(
        ("adoption_curves", "generations", "series"), diffusion.pioneer_table, diffusion.QUOTIENT
    ),
    "funnel_stages": Derived(("funnel",), funnel_stage_table),
}
"""Every derived table, in the order in which they are listed."""

WHOLE_YEARS: Final = ("pioneer", "inequality", "spatial", "convergence")
"""Those that need all four quarters of a year."""


_TYPES: Final = {"integer": np.int64, "float": np.float64, "boolean": np.bool_, "text": object}


def made(name: str, tables: Mapping[str, Columns], place: Place) -> Columns:
    """Return a derived table of recorded ones, with ``point, replicate, year`` in front."""
    import pandas as pd

    frames = {table: pd.DataFrame(columns) for table, columns in tables.items()}
    rows = DERIVED[name].make(frames, place) if all(tables.values()) else iter(())
    columns = described()[name].columns
    found = pd.DataFrame(rows, columns=list(columns))
    return normalise({c: found[c].to_numpy(_TYPES[columns[c].type]) for c in columns})


def make(results: Results, name: str) -> Columns:
    """Return a derived table, with ``point, replicate, year`` in front.

    Raises
    ------
    UsageError
        When the world is not there any more, or is another one.
    ResultsError
        When recorded tables do not fit together.
    """
    table = DERIVED[name]
    recorded = {need: results.raw(need) for need in table.needs}
    recorded |= {a: results.raw(a) for a in table.also if a in results.manifest["tables"]}
    try:
        return made(name, recorded, Place(results.manifest, results.contents.points.worlds, name))
    except ValueError as error:
        raise ResultsError(f"{results.path}: table {name}: {error}") from error
