"""Tables that are made on demand: cities and provinces, networks, the funnel, specialisation.

A pair of cities is linked where a link of the year is more likely than not by the expected links
(1 - exp(-expected) > 1/2): what a sample realised would thin the network with the scale. Weights
are expected links, both directions together. Channels of money link all pairs with any.

Ties are exact, all of those between organisations of the sample; clustering and path length come
from a sample of them with standard errors (`ydsim.measures.large_network`). Draws belong to
replicate and year, so that equal results give equal tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ydsim.errors import ResultsError
from ydsim.measures import convergence as converge
from ydsim.measures import coupling, inequality, network, spatial
from ydsim.measures.funnel import CAUSES, EXITS, funnel, slowest, valley_of_death
from ydsim.measures.gravity import fit_gravity
from ydsim.measures.groups import sums
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
from ydsim.record.coupling import residents
from ydsim.results import diffusion
from ydsim.results.rows import Place, Rows, groups, number_of, runs_of
from ydsim.typing import Columns, Floats, Ints
from ydsim.world.world import World

if TYPE_CHECKING:
    from ydsim.results.results import Results


# -- coupling, inequality, neighbours and convergence ----------------------------------------------


FLOWS: Final = ("rd_expenditure", "value_added_secondary", "inventions", "launches")
"""Compared for each resident."""

DEGREE: Final = "coupling"
QUANTITIES: Final = (*FLOWS, DEGREE)
DEGREES: Final = (
    DEGREE, "coupling_degree", "coupling_development", "technology_score", "industry_score",
)  # fmt: skip
"""Shown with their words."""

LAST: Final = 4
"""Quarter in which measures of a year are recorded."""


def coupling_table(tables: dict[str, Columns], _: Place) -> Columns:
    """Return class of D, stage of C and lagging side by year and region, province or city."""
    rows = Rows(
        region="text", level="text", coupling="float", coupling_class="text", degree="float",
        stage="text", development="float", technology="float", industry="float", lags="text",
    )  # fmt: skip
    for run, series in runs_of(tables["series"]):
        _add_coupling(rows, run, series, series["region"], series["level"])
    for run, series in runs_of(tables.get("city_series", {})):
        city = np.full(len(series["city"]), "city", dtype=object)
        _add_coupling(rows, run, series, series["city"], city)
    return rows.columns()


def _add_coupling(
    rows: Rows,
    run: tuple[int, int],
    series: Columns,
    region: NDArray[np.generic],
    level: NDArray[np.generic],
) -> None:
    at = np.flatnonzero((series["quarter"] == LAST) & np.isfinite(series[DEGREE]))
    at = at[np.argsort(series["year"][at], kind="stable")]
    d, c, t, technology, industry = (series[name][at].astype(np.float64) for name in DEGREES)
    words = coupling.class_of(d), coupling.stage_of(c)
    lagging = coupling.lagging_side(
        np.stack([technology, industry], axis=-1), ("technology", "industry")
    )
    for k, row in enumerate(at.tolist()):
        rows.add(
            run,
            int(series["year"][row]),
            region=region[row],
            level=level[row],
            coupling=d[k],
            coupling_class=str(words[0][k]),
            degree=c[k],
            stage=str(words[1][k]),
            development=t[k],
            technology=technology[k],
            industry=industry[k],
            lags=str(lagging[k]),
        )


def city_panel(series: Columns, world: World) -> tuple[Ints, dict[str, Floats]]:
    """Return years (Y,) and quantities (Y, C) of one run, in the order of the world's cities.

    Flows are yearly sums for each resident, in their unit for 10k persons; coupling is as recorded.

    Raises
    ------
    ValueError
        When a city or a quarter is missing.
    """
    city = number_of(world.city_names, series["city"].tolist(), "city in the world")
    order = np.lexsort((series["quarter"], city, series["year"]))
    years = np.unique(series["year"]).astype(np.int64)
    shape = (len(years), world.n_cities, 4)
    if len(order) != years.size * world.n_cities * 4:
        raise ValueError("a city lacks a quarter, or one is there twice")
    people = np.array([residents(world, year) for year in years.tolist()])
    found = {}
    for name in QUANTITIES:
        by_quarter = series[name][order].astype(np.float64).reshape(shape)
        flow = by_quarter.sum(axis=2) / people if name in FLOWS else by_quarter[:, :, -1]
        found[name] = flow
    return years, found


def _panels(
    tables: dict[str, Columns], world: World
) -> Iterator[tuple[tuple[int, int], Ints, str, Floats]]:
    """Yield run, years, and each quantity of which all cities are known."""
    for run, series in runs_of(tables["city_series"]):
        years, found = city_panel(series, world)
        for name, values in found.items():
            if np.isfinite(values).all():
                yield run, years, name, values


def inequality_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return Theil's index, weighted by residents, and Dagum's Gini of cities with their parts."""
    world = place.world
    rows = Rows(
        indicator="text", variation="float", theil="float", theil_within="float",
        theil_between="float", gini="float", gini_within="float", gini_between="float",
        gini_overlap="float",
    )  # fmt: skip
    group, n = world.city_province, world.n_provinces
    for run, years, name, values in _panels(tables, world):
        for year, value in zip(years.tolist(), values, strict=True):
            theil = inequality.theil(value, group, n, residents(world, year))
            gini = inequality.dagum(value, group, n)
            rows.add(
                run,
                year,
                indicator=name,
                variation=inequality.coefficient_of_variation(value),
                theil=theil.total,
                theil_within=theil.within,
                theil_between=theil.between,
                gini=gini.total,
                gini_within=gini.within,
                gini_between=gini.between,
                gini_overlap=gini.overlap,
            )
    return rows.columns()


def spatial_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return Moran's I of cities by inverse distance; no rows for fewer than four cities."""
    world = place.world
    rows = Rows(indicator="text", moran="float", expected="float", z="float", p="float")
    if world.n_cities >= 4:
        weights = spatial.inverse_distance(world.distance_km)
        for run, years, name, values in _panels(tables, world):
            for year, value in zip(years.tolist(), values, strict=True):
                i = spatial.moran(value, weights)
                rows.add(
                    run, year, indicator=name, moran=i.value, expected=i.expected, z=i.z, p=i.p
                )
    return rows.columns()


def convergence_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return sigma of a year, and beta from the first year to it, over all and inside provinces.

    A quantity that is zero in a city has no logs: its row is empty.
    """
    world = place.world
    rows = Rows(
        indicator="text", sigma="float", sigma_within="float", beta="float", beta_error="float",
        speed="float", beta_within="float", beta_within_error="float",
    )  # fmt: skip
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
            rows.add(
                run,
                year,
                indicator=name,
                sigma=sigma,
                sigma_within=within,
                beta=whole.slope,
                beta_error=whole.error,
                speed=whole.speed,
                beta_within=inside.slope,
                beta_within_error=inside.error,
            )
    return rows.columns()


# -- networks of cities, and gravity ---------------------------------------------------------------


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


# -- networks of organisations ---------------------------------------------------------------------


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


# -- stages of the funnel, and specialisation ------------------------------------------------------


LEADS: Final = (ALL, "firm", "university", "institute")
STAGES: Final = ("applied research", "invention", "pilot", "industrialisation", "launch")
QUARTERS: Final = 4


def funnel_stage_table(tables: dict[str, Columns], _: Place) -> Columns:
    """Return what becomes of projects by year, kind of the first owner and stage.

    Projects in a stage are the mean of the ends of this year and the one before, of the first
    year its end.
    """
    rows = Rows(
        lead="text", stage="text", left="float", lost="float", passed="float", reached="float",
        stay="float", wait="float", **dict.fromkeys(CAUSES, "float"),
        valley_of_death="boolean", slowest="boolean",
    )  # fmt: skip
    names = (*EXITS, "shelved", "waited", "live")
    for run, table in runs_of(tables["funnel"]):
        stage = number_of(STAGES, table["stage"].tolist(), "stage")
        before: dict[str, Floats] = {}
        for (year,), at in groups(table, "year"):
            for lead in LEADS:
                mine = at if lead == ALL else at[table["lead"][at] == lead]
                counts = {
                    name: sums(stage[mine], table[name][mine].astype(np.float64), len(STAGES))
                    for name in names
                }
                live = counts["live"]
                counts["live"] = (live + before.get(lead, live)) / 2.0
                before[lead] = live
                # in quarters, as the wait is
                found = funnel(counts)
                valley, slow = valley_of_death(found), slowest(found)
                for s, name in enumerate(STAGES):
                    rows.add(
                        run,
                        year,
                        lead=lead,
                        stage=name,
                        left=found.left[s],
                        lost=found.lost[s],
                        passed=found.passed[s],
                        reached=found.reached[s],
                        stay=QUARTERS * found.stay[s],
                        wait=found.wait[s],
                        **dict(zip(CAUSES, found.cause[s].tolist(), strict=True)),
                        valley_of_death=s == valley,
                        slowest=s == slow,
                    )
    return rows.columns()


def specialisation_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return Krugman's index of research effort by field, and the leading field, of each province.

    The quotient of the leading field is its share in the province over that in the region.
    """
    rows = Rows(region="text", krugman="float", field="text", quotient="float")
    for run, table in runs_of(tables["knowledge"]):
        fields = list(dict.fromkeys(table["field"].tolist()))
        field = number_of(fields, table["field"].tolist(), "field")
        province = number_of(place.provinces, table["province"].tolist(), "province in the world")
        for (year,), at in groups(table, "year"):
            sizes = np.zeros((len(place.provinces), len(fields)))
            np.add.at(sizes, (province[at], field[at]), table["effort"][at].astype(np.float64))
            apart, quotients = krugman(sizes), location_quotients(sizes)
            for p, region in enumerate(place.provinces):
                known = np.where(np.isnan(quotients[p]), -1.0, quotients[p])
                top = int(known.argmax())
                rows.add(
                    run,
                    year,
                    region=region,
                    krugman=apart[p],
                    field=fields[top] if known[top] >= 0.0 else "",
                    quotient=quotients[p, top],
                )
    return rows.columns()


# -- all of them -----------------------------------------------------------------------------------


Make = Callable[[dict[str, Columns], Place], Columns]


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
    make: Make
    indicators: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


DERIVED: Final[dict[str, Derived]] = {
    "coupling": Derived(("series",), coupling_table, DEGREES, also=("city_series",)),
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
        return table.make(recorded, Place(results.manifest, results.contents.points.worlds, name))
    except ValueError as error:
        raise ResultsError(f"{results.path}: table {name}: {error}") from error
