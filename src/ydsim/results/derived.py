"""Tables that are made on demand: inequality and networks of cities, diffusion, the funnel.

A pair of cities is linked where a link of the year is more likely than not by the expected links
(1 - exp(-expected) > 1/2): what a sample realised would thin the network with the scale. Weights
are expected links, both directions together. Channels of money link all pairs with any.

The funnel from idea to launch, by kind of the first owner and stage s, over a year:

    left_s  = completed_s + failed_s + died_s + owner_left_s + sold_s
    pass_s  = (completed_s - shelved_s) / left_s,      reach_s = prod_{r <= s} pass_r
    lost_s  = failed_s + died_s + owner_left_s + shelved_s
    stay_s  = live_s / left_s,                         wait_s  = waited_s / left_s

Symbols: what leaves stage s, in projects: completed ones, of these shelved ones, failed ones, those
that died while they waited, those whose owner left, those sold to the outside; pass_s and reach_s
shares of the projects that leave a stage, and of those that began; live_s projects in the stage,
mean of both ends of the year; stay_s mean stay, by Little's law (1961, Operations Research 9(3):
383-387), exact where the number in the stage does not change; waited_s quarters that those who left
had waited, wait_s their mean. The valley of death is the stage with the largest lost_s / left_s, a
share since early stages have more projects to lose; the slowest stage is the one with the longest
stay; of equal ones the first.

Diffusion: time counts in years from the beginning of the quarter of founding; curves have a point
at the end of each quarter. A generation that is retired keeps its last value. How much later a
generation is adopted far from where it was founded rests on

    share_gd(t) = sum_c adopters_gp(t) v_gc(t) / sum_c able_gp(t) w_gc

over the cities c of class d, with p their province. Symbols: adopters_gp, able_gp firms of the
province that live and have adopted generation g, and that can adopt it (``adoption_curves``);
v_gc share of the city in the adoptions in its province until t (``adoption``); w_gc share of the
city in the province's firms of the industry of g, as they are at the end of the run (``agents``):
curves are kept by province. Times are medians over the generations that are founded in the region
in a year and have firms in the class; lags are behind the class that comes first.

Columns of the tables, with types, units and meanings, and what they are made from, are in
``store/tables.csv``. One more, ``summary``, is of all replicates of a point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from ydsim.agents.projects import STAGES
from ydsim.errors import ResultsError, YdsimError
from ydsim.measures import places
from ydsim.measures.diffusion import (
    SHARES,
    UNKNOWN,
    BassFit,
    bass_interval,
    fit_bass,
    lead_time,
    time_to,
)
from ydsim.measures.groups import numbers, parts_within, positions_of, quotient
from ydsim.measures.places import Network
from ydsim.record.indicators import INDICATORS
from ydsim.record.measures import residents
from ydsim.store.tables import described, normalise
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Columns, Floats, Ints
from ydsim.world.loader import load_world
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.results.results import Results

# -- what they share: runs of recorded tables, the world of results --------------------------------

NOTHING: Final = float("nan")

Run: TypeAlias = tuple[int, int]
"""Point and replicate."""

Tables: TypeAlias = "Mapping[str, pd.DataFrame]"
"""Recorded tables by name."""

Rows: TypeAlias = Iterator[tuple[Any, ...]]
"""Rows of a table, values in the order of its columns in ``store/tables.csv``."""


def runs_of(table: pd.DataFrame) -> Iterator[tuple[Run, pd.DataFrame]]:
    """Yield each point and replicate of a recorded table with its rows, in their order."""
    if len(table):
        by_run: Any = table.groupby(["point", "replicate"])
        for (point, replicate), rows in by_run:
            yield (int(point), int(replicate)), rows


def number_of(names: Sequence[str], words: Iterable[str], message: str) -> Ints:
    """Return the place of each word among names.

    ValueError when a word is none of them, with what is said of its ``name``.
    """
    import pandas as pd

    column = words if isinstance(words, pd.Series) else pd.Series([*words], dtype=object)
    codes, asked = pd.factorize(column, use_na_sentinel=False)  # a name may stand in a million rows
    found = pd.Index([*names], dtype=object).get_indexer(pd.Index([*asked], dtype=object))
    if (found < 0).any():
        raise ValueError(_t(message).format(name=asked[int(found.argmin())]))
    return found[codes]


def cities_of(world: World, words: Iterable[str]) -> Ints:
    """Return the place of each city in the world."""
    return number_of(world.city_names, words, mark("there is no city in the world {name!r}"))


class Place:
    """The region of results, for a table that is made: provinces, name of the whole, world."""

    def __init__(self, results: Results, table: str) -> None:
        *provinces, self.whole = results.manifest["regions"]
        self.provinces = tuple(provinces)
        self._of = results, table

    @cached_property
    def world(self) -> World:
        """The world, read when it is asked for."""
        return world_of(*self._of)


def world_of(results: Results, table: str) -> World:
    """Return the world of results, of which a table is made.

    ResultsError when there are several, or it is not there any more, or its files have changed.
    """
    worlds, until = results.contents.points.worlds, results.manifest.get("until")
    if len(worlds) != 1:
        message = _t("table {table} needs one world, and these results are of {n}")
        raise ResultsError(message.format(table=table, n=len(worlds)))
    ((name, digest),) = worlds.items()
    try:
        world = load_world(name) if until is None else load_world(name, until=until)
    except (YdsimError, ValueError) as error:
        message = _t("table {table} needs the world, which cannot be loaded: {error}")
        reason = str(error).splitlines()[0]
        raise ResultsError(message.format(table=table, error=reason)) from error
    if digest not in (world.digest, world.tables):  # the latter: fitted since
        message = _t("table {table} needs world {name} as it was: its files have changed since")
        raise ResultsError(message.format(table=table, name=name))
    return world


# -- inequality and convergence of cities ----------------------------------------------------------

FLOWS: Final = ("rd_expenditure", "value_added_secondary", "inventions", "launches")
"""Compared for each resident, in their unit for 10k persons."""

QUANTITIES: Final = (*FLOWS, "coupling")


def _panels(series: pd.DataFrame, world: World) -> Iterator[tuple[Run, Ints, str, Floats]]:
    """Yield run, years (Y,), and each quantity (Y, C) that all cities have: flows a resident."""
    series = series.assign(city=cities_of(world, series["city"]))
    for run, table in runs_of(series.sort_values(["year", "city", "quarter"], kind="stable")):
        years = np.unique(table["year"]).astype(np.int64)
        shape = (len(years), world.n_cities, 4)
        if len(table) != np.prod(shape):
            raise ValueError(_t("a city lacks a quarter, or one is there twice"))
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
    theil = places.theil(values[k], group, n, residents(world, int(years[k])))
    gini = places.dagum(values[k], group, n)
    spread = places.coefficient_of_variation(values[k])
    parts = (gini.total, gini.within, gini.between, gini.overlap)
    return spread, theil.total, theil.within, theil.between, *parts


def converging(world: World, years: Ints, values: Floats, k: int) -> tuple[float, ...]:
    """Return sigma, and beta from the first year on, over all cities and inside provinces.

    A quantity that is zero in a city has no logs: it has no sigma, and no beta.
    """
    parts = (world.city_province, world.n_provinces)
    first, now = (bool((values[at] > 0.0).all()) for at in (0, k))
    sigmas, slopes = [NOTHING] * 2, [NOTHING] * 5
    if now:
        sigmas = [places.sigma(values[k], *of) for of in ((), parts)]
    if k and now and first:
        span = float(years[k] - years[0])
        whole, inside = (places.beta(values[0], values[k], span, *of) for of in ((), parts))
        slopes = [whole.slope, whole.error, whole.speed, inside.slope, inside.error]
    return *sigmas, *slopes


# -- networks of cities ----------------------------------------------------------------------------

LIKELY: Final = float(np.log(2.0))
"""Expected links above which one is more likely than not."""

OF_MONEY: Final = ("supply",)
NO_NETWORK: Final = ("knowledge", "talent", "graduate")
"""Channels in which something passes between all cities, so that they are no network of links."""

OUTSIDE: Final = "outside"


def links_inside(ties: pd.DataFrame, world: World) -> tuple[pd.DataFrame, Ints, Ints]:
    """Return links that do not lead outside, and the places of both cities in the world."""
    inside = ties[(ties["from_city"] != OUTSIDE) & (ties["to_city"] != OUTSIDE)]
    return inside, cities_of(world, inside["from_city"]), cities_of(world, inside["to_city"])


def network_table(tables: Tables, place: Place) -> Rows:
    """Yield exact measures of the network of cities by year and channel, without the outside."""
    world = place.world
    n, group = world.n_cities, world.city_province
    pairs = np.triu_indices(n, 1)
    for run, table in runs_of(tables["ties"].sort_values("year", kind="stable")):
        table = table[~table["channel"].isin(NO_NETWORK)]
        for (year, channel), rows in table.groupby(["year", "channel"], sort=False):
            inside, *ends = links_inside(rows, world)
            weights = np.zeros((n, n))
            np.add.at(weights, tuple(ends), inside["expected"].to_numpy(dtype=np.float64))
            weights += weights.T.copy()
            money = channel in OF_MONEY
            net = Network(weights if money else np.where(weights > LIKELY, weights, 0.0))
            tie, between = net.weights[pairs] > 0.0, net.betweenness
            likely = tie if money else -np.expm1(-weights[pairs])
            yield (
                *(*run, year, channel, n),
                int(tie.sum()),
                net.density,
                float(likely.mean()),
                float(net.clustering.mean()),
                float(net.weighted_clustering.mean()),
                net.mean_path,
                net.small_world_quotient,
                float(between.max()),
                world.city_names[int(between.argmax())] if between.any() else "",
                net.modularity(group, world.n_provinces),
                net.functional_polycentricity,
                net.e_i_index(group, world.n_provinces),
            )


# -- stages of the funnel --------------------------------------------------------------------------

LEADS: Final = ("all", "firm", "university", "institute")

CAUSES: Final = ["failed", "died_waiting", "owner_left", "shelved"]
"""What ends a project."""

EXITS: Final = ["completed", "failed", "died_waiting", "owner_left", "sold_outside"]
"""How a project leaves a stage; a shelved one has completed it."""


def funnel_stage_table(tables: Tables, _: Place) -> Rows:
    """Yield what becomes of projects; of the first year those in a stage are as of its end."""
    import pandas as pd

    names, cell = [*EXITS, "shelved", "waited", "live"], ["year", "lead"]
    for run, table in runs_of(tables["funnel"]):
        number_of(STAGES, table["stage"], mark("there is no stage {name!r}"))
        cells = pd.MultiIndex.from_product(
            [np.unique(table["year"]), LEADS, STAGES], names=[*cell, "stage"]
        )
        both = pd.concat([table.assign(lead="all"), table])
        n = both.groupby([*cell, "stage"])[names].sum().reindex(cells, fill_value=0.0)
        before = n["live"].groupby(["lead", "stage"]).shift().fillna(n["live"])
        n["live"] = (n["live"] + before) / 2.0
        for name in names:
            numbers(name, n[name], low=0.0)
        if (n["shelved"] > n["completed"] * (1.0 + 1e-9)).any():
            raise ValueError(_t("more are shelved than completed"))
        left, lost = (n[which].sum(axis=1) for which in (EXITS, CAUSES))
        some = left.where(left > 0.0)
        passed = (n["completed"] - n["shelved"]).clip(lower=0.0) / some
        reached, stay = passed.groupby(cell).cumprod(skipna=False), n["live"] / some
        worst, slowest = (
            share.groupby(cell).rank(method="first", ascending=False) == 1.0
            for share in (lost / some, stay)
        )
        causes = n[CAUSES].div(lost.where(lost > 0.0), axis=0)
        columns = [left, lost, passed, reached, 4.0 * stay, n["waited"] / some]
        found = pd.concat([*columns, causes, worst & (lost > 0.0), slowest], axis=1)
        for keys, *values in found.itertuples(name=None):
            yield *run, *keys, *values


# -- diffusion of technology generations -----------------------------------------------------------

FEWEST: Final = 8
"""Quarters below which no Bass curve is fitted."""

QUOTIENT: Final = ("launches", "value_added_secondary")
"""Indicators of the launch quotient: shares in the first over shares in the second."""

EARLY: Final = 0.1
"""Share of adopters of which the lead is taken."""


@dataclass(frozen=True)
class Cohort:
    """Generations of one run founded in one year, G of them.

    Their rows of the table ``generations`` by number; adopters and eligible firms by province and
    in the region, (G, P + 1, A); the share of adopters in the rest of the nation, (G, A); and the
    quarters until the end of the run, (G,).
    """

    run: Run
    year: int
    generations: pd.DataFrame
    adopters: Floats
    able: Floats
    outside: Floats
    length: Ints

    @property
    def time(self) -> Floats:
        """(A,) years since the founding."""
        return np.arange(1, self.outside.shape[1] + 1, dtype=np.float64) / 4.0

    @property
    def share(self) -> Floats:
        """Adopters over eligible firms, (G, P + 1, A); zero where nobody is eligible."""
        return quotient(self.adopters, self.able)


def _quarters(table: pd.DataFrame, word: str = "") -> pd.Series:
    """Return a date of each row in quarters since the year 0."""
    return 4 * table[f"{word}year"] + table[f"{word}quarter"] - 1


def cohorts(tables: Tables, provinces: Sequence[str]) -> Iterator[Cohort]:
    """Yield the generations of each run by year of founding, those of recorded years."""
    import pandas as pd

    suffixes = [*(f"_{name}" for name in provinces), ""]
    founding = dict(runs_of(tables["generations"]))
    for run, curves in runs_of(tables["adoption_curves"]):
        founded = founding[run].set_index("generation").sort_index(kind="stable")
        born, when = _quarters(founded, "founded_"), _quarters(curves)
        ages = curves.assign(age=when - curves["generation"].map(born))
        for year, mine in born[born >= when.min()].groupby(born // 4):
            length = (when.max() + 1 - mine).to_numpy(np.int64)
            own = ages[ages["generation"].isin(mine.index)]
            like = pd.DataFrame(index=mine.index, columns=range(int(length.max())))
            adopters, able = (
                np.stack([_wide(own, f"{what}{suffix}", like) for suffix in suffixes], axis=1)
                for what in ("adopters", "eligible")
            )
            outside = _wide(own, "outside_share", like)
            yield Cohort(run, int(year), founded.loc[mine.index], adopters, able, outside, length)


def _wide(curves: pd.DataFrame, name: str, like: pd.DataFrame) -> Floats:
    """Return a column by generation and age, (G, A); behind its end its last value."""
    wide = curves.pivot(index="generation", columns="age", values=name)
    return np.ascontiguousarray(wide.reindex_like(like).ffill(axis=1).fillna(0.0), dtype=float)


def diffusion_table(tables: Tables, place: Place) -> Rows:
    """Yield Bass curve, times to shares of adopters and lag, by year of founding and place."""
    for cohort in cohorts(tables, place.provinces):
        shares, together = cohort.share, int(cohort.length.min())
        time = cohort.time[:together]
        times = np.array([[median_time(of, cohort.length, share) for share in SHARES]
                          for of in shares.swapaxes(0, 1)])  # fmt: skip
        lags = [*_behind_first(times[:-1, :2]), (NOTHING, NOTHING)]
        for p, region in enumerate((*place.provinces, place.whole)):
            curves, fit, ends = shares[:, p, :together], BassFit(*[NOTHING] * 4), UNKNOWN
            if together >= FEWEST and curves.max() > 0.0:
                fit = fit_bass(time, curves.mean(axis=0))
                ends = bass_interval(time, curves, fit)
            curve = (fit.p, *ends.p, fit.q, *ends.q, fit.m, fit.r2)
            yield *cohort.run, cohort.year, region, len(curves), *curve, *times[p], *lags[p]


def _behind_first(times: Floats) -> Floats:
    """Return times (places, shares) after the place that comes first."""
    return times - np.fmin.reduce(times, axis=0, initial=np.nan)


def median_time(curves: Floats, length: Ints, share: float) -> float:
    """Return the median time to a share of curves (G, A); NaN where half have not reached it."""
    time = np.arange(1, curves.shape[1] + 1) / 4.0
    times = [time_to(time[:n], curve[:n], share) for curve, n in zip(curves, length, strict=True)]
    middle = float(np.median(np.where(np.isnan(times), np.inf, times)))
    return middle if np.isfinite(middle) else NOTHING


def pioneer_table(tables: Tables, place: Place) -> Rows:
    """Yield who founds and who adopts first, by year of founding and place.

    The lead of a province is over the rest of the region, that of the region over the rest of the
    nation.
    """
    world, n = place.world, len(place.provinces)
    series = dict(runs_of(tables["series"]))
    for cohort in cohorts(tables, place.provinces):
        cities = cohort.generations["founder_city"]
        home = world.city_province[cities_of(world, cities[cities != ""])]
        founded = np.bincount(home, minlength=n)
        founded = np.append(founded, founded.sum())
        quotients = _launch_quotients(series[cohort.run], cohort.year, place)
        parts = (founded / len(cities), _first_shares(cohort), _leads(cohort), quotients)
        for p, region in enumerate((*place.provinces, place.whole)):
            yield *cohort.run, cohort.year, region, founded[p], *(part[p] for part in parts)


def _first_shares(cohort: Cohort) -> Floats:
    """Return shares (P + 1,) of those who adopt in the first quarter, mean over generations."""
    whole = cohort.adopters[:, -1]
    some = np.flatnonzero((whole > 0.0).any(axis=1))
    if not len(some):
        return np.full(cohort.adopters.shape[1], np.nan)
    first = cohort.adopters[some, :, (whole[some] > 0.0).argmax(axis=1)]
    return (first / first[:, -1:]).mean(axis=0)


def _leads(cohort: Cohort) -> Floats:
    """Return median leads (P + 1,) in years; NaN where it is infinite or most have none."""
    share, n = cohort.share, cohort.adopters.shape[1] - 1
    adopters, able = (v[:, -1:] - v[:, :n] for v in (cohort.adopters, cohort.able))
    rest = np.concatenate([quotient(adopters, able), cohort.outside[:, None]], axis=1)
    found = np.full(n + 1, np.nan)
    for p in range(n + 1):
        each = zip(share[:, p], rest[:, p], cohort.length, strict=True)
        leads = np.array([lead_time(cohort.time[:m], a[:m], b[:m], EARLY) for a, b, m in each])
        known = np.sort(leads[~np.isnan(leads)])
        if 2 * len(known) > len(leads):
            # of an even number the lower middle: infinite leads of both signs have no mean
            middle = known[(len(known) - 1) // 2]
            found[p] = middle if np.isfinite(middle) else np.nan
    return found


def _launch_quotients(series: pd.DataFrame, year: int, place: Place) -> Floats:
    """Return share in launches over share in value added of each province and the region."""
    sums = series[series["year"] == year].groupby("region")[[*QUOTIENT]].sum()
    launches, added = (sums[name].reindex([*place.provinces, place.whole]) for name in QUOTIENT)
    above, below = launches * added.iloc[-1], added * launches.iloc[-1]
    return (above / below.where(below > 0.0)).to_numpy(dtype=np.float64)


# -- by distance from the city of founding ---------------------------------------------------------

ENDS: Final = (0.0, 100.0, 200.0, 300.0)
"""Upper ends of the classes in km; the last one has none."""

CLASSES: Final = (
    mark("own city"),
    mark("to 100 km"),
    mark("100 to 200 km"),
    mark("200 to 300 km"),
    mark("above 300 km"),
)
"""Classes of distance from the city of founding; two cities are never one."""

TIMES: Final = (0.1, 0.5)
"""Shares of which times and lags are given."""


def distance_table(tables: Tables, place: Place) -> Rows:
    """Yield times and lags by year of founding and class of distance."""
    world = place.world
    home = world.city_province
    events, agents = (dict(runs_of(tables[name])) for name in ("adoption", "agents"))
    cities = {run: cities_of(world, rows["city"]) for run, rows in events.items()}
    parts = {run: _parts_of_firms(rows, world) for run, rows in agents.items()}
    for cohort in cohorts(tables, place.provinces):
        at = np.flatnonzero(cohort.generations["origin"] == "region")
        own = cohort.generations.iloc[at]
        origin = cities_of(world, own["founder_city"])
        km = world.distance_km[origin]
        other = np.arange(world.n_cities) != origin[:, None]
        classes = np.where(other, np.maximum(np.searchsorted(ENDS, km), 1), 0)
        message = mark("there is no industry in the world {name!r}")
        industry = number_of(world.industries, own["industry"], message)
        seen = np.zeros((len(own), cohort.adopters.shape[2], world.n_cities))
        if cohort.run in events:
            _add_adoptions(seen, own, events[cohort.run], cities[cohort.run])
        of_adopters = _in_province(seen.reshape(-1, world.n_cities), world)
        able = cohort.able[at][:, home] * parts[cohort.run][industry][:, :, None]
        adopters = cohort.adopters[at][:, home]
        adopters *= of_adopters.reshape(seen.shape).transpose(0, 2, 1)
        of_class = (classes[:, None] == np.arange(len(CLASSES))[:, None])[..., None]
        adopters, able = ((v[:, None] * of_class).sum(axis=2) for v in (adopters, able))
        shares, reached = quotient(adopters, able), able.max(axis=2, initial=0.0) > 0.0
        times = np.full((len(CLASSES), len(TIMES)), np.nan)
        for d, k in np.ndindex(times.shape):
            if (some := np.flatnonzero(reached[:, d])).size:
                times[d, k] = median_time(shares[some, d], cohort.length[at][some], TIMES[k])
        lags, number = _behind_first(times), reached.sum(axis=0)
        for d, name in enumerate(CLASSES):
            mine = classes == d
            mean = float(km[mine].mean()) if mine.any() else NOTHING
            yield *cohort.run, cohort.year, name, mean, number[d], *times[d], *lags[d]


def _parts_of_firms(agents: pd.DataFrame, world: World) -> Floats:
    """Return the share of each city in the firms of its province, by industry, (I, C)."""
    import pandas as pd

    firms = agents[agents["kind"] == "firm"]
    cells = pd.crosstab(firms["industry"], firms["city"]).reindex(
        index=world.industries, columns=world.city_names, fill_value=0
    )
    return _in_province(cells.to_numpy(np.float64), world)


def _in_province(values: Floats, world: World) -> Floats:
    """Return the share of each city in its province, (N, C); zero where the province has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(parts_within(values, world.city_province, world.n_provinces))


def _add_adoptions(seen: Floats, own: pd.DataFrame, events: pd.DataFrame, cities: Ints) -> None:
    """Add adoptions so far to generations, quarters since the founding and cities, (G, A, C)."""
    g = positions_of(events["generation"].to_numpy(np.int64), own.index.to_numpy(np.int64))
    since = _quarters(events).to_numpy()[g >= 0] - _quarters(own, "founded_").to_numpy()[g[g >= 0]]
    np.add.at(seen, (g[g >= 0], since, cities[g >= 0]), 1.0)
    seen.cumsum(axis=1, out=seen)


# -- all of them -----------------------------------------------------------------------------------

DERIVED: Final[dict[str, Callable[[Tables, Place], Rows]]] = {
    "inequality": _by_year(unequal),
    "convergence": _by_year(converging),
    "networks": network_table,
    "diffusion": diffusion_table,
    "diffusion_distance": distance_table,
    "pioneer": pioneer_table,
    "funnel_stages": funnel_stage_table,
}
"""What makes each derived table, in the order in which they are listed."""

WHOLE_YEARS: Final = {
    **dict.fromkeys(("inequality", "convergence"), QUANTITIES),
    "pioneer": QUOTIENT,
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


SUMMARY: Final = "summary"


def medians(results: Results) -> Columns:
    """Return the table ``summary``: a row a year and place, columns for each indicator."""
    cards = results.manifest["indicators"]
    known = [*(name for name in INDICATORS if name in cards), *sorted(cards)]
    names = [name for name in dict.fromkeys(known) if "province" in cards[name]["levels"]]
    values = results.cube(names).rename_axis(index={"place": "region"})
    by_place = values.groupby(["point", "region", "year"], sort=False)
    found = by_place.size().rename("replicates").reset_index()
    middle, low, high = by_place.median(), by_place.min(), by_place.max()
    one = (found["replicates"] == 1).to_numpy()
    columns: Columns = {str(name): column.to_numpy() for name, column in found.items()}
    for name in names:
        ends = {f"{name}_low": low[name], f"{name}_high": high[name]}
        columns[name] = middle[name].to_numpy()
        columns |= {end: np.where(one, NOTHING, each) for end, each in ends.items()}
    return normalise(columns)


def make(results: Results, name: str) -> Columns:
    """Return the same of results.

    ResultsError when recorded tables do not fit together, or the world is not there any more, or is
    another.
    """
    from pandas.errors import InvalidIndexError

    tables = {need: results.raw(need) for need in described()[name].needs}
    try:
        return made(name, tables, Place(results, name))
    except (ValueError, LookupError, InvalidIndexError) as error:
        message = _t("{path}: table {table}: {error}")
        raise ResultsError(message.format(path=results.path, table=name, error=error)) from error
