"""Coupling in words, inequality, spatial autocorrelation and convergence of cities by year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ydsim.measures import convergence as converge
from ydsim.measures import coupling, inequality, spatial
from ydsim.record.coupling import residents
from ydsim.results.derived.place import Place
from ydsim.results.derived.rows import Rows, number_of, runs_of
from ydsim.typing import Columns, Floats, Ints
from ydsim.world.world import World

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
