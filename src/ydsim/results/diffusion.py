"""Diffusion of technology generations: over time, by place of founding, and by distance from it.

Time counts in years from the beginning of the quarter of founding; curves have a point at the end
of each quarter. A generation that is retired keeps its last value.

How much later a generation is adopted far from where it was founded rests on

    share_gd(t) = sum_c adopters_gp(t) v_gc(t) / sum_c able_gp(t) w_gc

over the cities c of class d, with p their province. Symbols: adopters_gp, able_gp firms of the
province that live and have adopted generation g, and that can adopt it (``adoption_curves``);
v_gc share of the city in the adoptions in its province until t (``adoption``); w_gc share of the
city in the province's firms of the industry of g, as they are at the end of the run (``agents``):
curves are kept by province. Times are medians over the generations that are founded in the region
in a year and have firms in the class; lags are behind the class that comes first.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ydsim.measures.diffusion import SHARES, UNKNOWN, BassFit, bass_interval, fit_bass, time_to
from ydsim.measures.groups import parts_within
from ydsim.measures.order import positions_of
from ydsim.measures.pioneer import lead_time
from ydsim.results.rows import Place, Rows, Run, Tables, cities_of, number_of, runs_of
from ydsim.typing import Floats, Ints
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

FEWEST: Final = 8
"""Quarters below which no Bass curve is fitted."""

QUOTIENT: Final = ("launches", "value_added_secondary")
"""Indicators of the launch quotient: shares in the first over shares in the second."""

EARLY: Final = 0.1
"""Share of adopters of which the lead is taken."""


@dataclass(frozen=True)
class Cohort:
    """Generations of one run founded in one year.

    Attributes
    ----------
    run, year
        Point and replicate; year of founding.
    time
        (A,) years since the founding.
    adopters, able
        (G, P + 1, A) adopters and eligible firms by province and in the region.
    outside
        (G, A) share of adopters in the rest of the nation.
    length
        (G,) quarters until the end of the run.
    number
        (G,) numbers of the generations.
    """

    run: Run
    year: int
    time: Floats
    adopters: Floats
    able: Floats
    outside: Floats
    length: Ints
    number: Ints

    @property
    def share(self) -> Floats:
        """Adopters over eligible firms, (G, P + 1, A); zero where nobody is eligible."""
        return _share(self.adopters, self.able)


def _quarters(table: pd.DataFrame, word: str = "") -> Ints:
    """Return a date of each row in quarters since the year 0."""
    found: Ints = (4 * table[f"{word}year"] + table[f"{word}quarter"] - 1).to_numpy(np.int64)
    return found


def cohorts(tables: Tables, provinces: Sequence[str]) -> Iterator[Cohort]:
    """Yield the generations of each run by year of founding, those of recorded years."""
    founding = dict(runs_of(tables["generations"]))
    for run, curves in runs_of(tables["adoption_curves"]):
        generations = founding[run].sort_values("generation", kind="stable")
        when, born = _quarters(curves), _quarters(generations, "founded_")
        first, last = int(when.min()), int(when.max())
        number = generations["generation"].to_numpy(np.int64)
        for year in range(first // 4, last // 4 + 1):
            mine = (born // 4 == year) & (born >= first)
            if mine.any():
                yield _cohort(run, year, number[mine], born[mine], last, curves, when, provinces)


def _cohort(
    run: Run,
    year: int,
    number: Ints,
    born: Ints,
    last: int,
    curves: pd.DataFrame,
    when: Ints,
    provinces: Sequence[str],
) -> Cohort:
    """Return the cohort of generations ``number``, ascending, born in quarters ``born``."""
    length = last - born + 1
    place = positions_of(curves["generation"].to_numpy(np.int64), number)
    rows = np.flatnonzero(place >= 0)
    place = place[rows]
    age = when[rows] - born[place]
    suffixes = [f"_{name}" for name in provinces] + [""]
    shape = len(number), len(suffixes), int(length.max())
    adopters, able, outside = np.zeros(shape), np.zeros(shape), np.zeros((shape[0], shape[2]))
    lived = np.zeros(len(number), dtype=np.int64)
    np.maximum.at(lived, place, age + 1)
    mine = curves.iloc[rows]
    for p, suffix in enumerate(suffixes):
        adopters[place, p, age] = mine[f"adopters{suffix}"]
        able[place, p, age] = mine[f"eligible{suffix}"]
    outside[place, age] = mine["outside_share"]
    for g, end in enumerate(lived.tolist()):
        if end:
            for values in (adopters[g], able[g], outside[g : g + 1]):
                values[:, end:] = values[:, end - 1 : end]
    time = np.arange(1, shape[2] + 1, dtype=np.float64) / 4.0
    return Cohort(run, year, time, adopters, able, outside, length, number)


def diffusion_table(tables: Tables, place: Place) -> Rows:
    """Yield Bass curve, times to shares of adopters and lag, by year of founding and place."""
    for cohort in cohorts(tables, place.provinces):
        shares = cohort.share
        together = int(cohort.length.min())
        times = np.array(
            [
                [median_time(cohort.time, shares[:, p], cohort.length, share) for share in SHARES]
                for p in range(len(place.provinces) + 1)
            ]
        )
        lags = _behind_first(times[:-1, :2])
        for p, region in enumerate((*place.provinces, place.whole)):
            time, curves = cohort.time[:together], shares[:, p, :together]
            fit, ends = BassFit(*(float("nan"),) * 4), UNKNOWN
            if together >= FEWEST and curves.max() > 0.0:
                fit = fit_bass(time, curves.mean(axis=0))
                ends = bass_interval(time, curves, fit)
            curve = (fit.p, *ends.p, fit.q, *ends.q, fit.m, fit.r2)
            lag = lags[p] if p < len(lags) else (float("nan"), float("nan"))
            yield *cohort.run, cohort.year, region, len(cohort.number), *curve, *times[p], *lag


def _behind_first(times: Floats) -> Floats:
    """Return times (places, shares) after the place that comes first."""
    behind: Floats = times - np.fmin.reduce(times, axis=0, initial=np.nan)
    return behind


def median_time(time: Floats, curves: Floats, length: Ints, share: float) -> float:
    """Return the median time to a share; NaN where half of the generations have not reached it.

    Parameters
    ----------
    time
        (A,) years since the founding.
    curves
        (G, A) share of adopters of each generation.
    length
        (G,) quarters of each curve.
    share
        The share.
    """
    times = [
        time_to(time[:end], curve[:end], share)
        for curve, end in zip(curves, length.tolist(), strict=True)
    ]
    middle = float(np.median(np.where(np.isnan(times), np.inf, times)))
    return middle if np.isfinite(middle) else float("nan")


def pioneer_table(tables: Tables, place: Place) -> Rows:
    """Yield who founds and who adopts first, by year of founding and place.

    The lead of a province is over the rest of the region, that of the region over the rest of the
    nation.
    """
    world = place.world
    generations = dict(runs_of(tables["generations"]))
    quotients = {run: _launch_quotients(table, place) for run, table in runs_of(tables["series"])}
    for cohort in cohorts(tables, place.provinces):
        table = generations[cohort.run]
        mine = table["founder_city"][table["founded_year"] == cohort.year]
        home = world.city_province[cities_of(world, mine[mine != ""])]
        founded = np.bincount(home, minlength=len(place.provinces))
        founded = np.append(founded, founded.sum())
        shares = founded / len(mine), _first_shares(cohort), _leads(cohort)
        for p, region in enumerate((*place.provinces, place.whole)):
            quotient = quotients[cohort.run].get((region, cohort.year), float("nan"))
            each = (of[p] for of in shares)
            yield *cohort.run, cohort.year, region, founded[p], *each, quotient


def _first_shares(cohort: Cohort) -> Floats:
    """Return shares (P + 1,) in first adoptions, mean over generations; the region has all.

    First adopters are those at the end of the first quarter that has any.
    """
    whole = cohort.adopters[:, -1]
    some = np.flatnonzero((whole > 0.0).any(axis=1))
    if not len(some):
        return np.full(cohort.adopters.shape[1], np.nan)
    at = (whole[some] > 0.0).argmax(axis=1)
    first = cohort.adopters[some, :, at]
    share: Floats = (first / first[:, -1:]).mean(axis=0)
    return share


def _leads(cohort: Cohort) -> Floats:
    """Return median leads (P + 1,) in years; NaN where it is infinite or most have none."""
    share, n = cohort.share, cohort.adopters.shape[1] - 1
    adopters, able = (v[:, -1:] - v[:, :n] for v in (cohort.adopters, cohort.able))
    rest = np.concatenate([_share(adopters, able), cohort.outside[:, None]], axis=1)
    found = np.full(n + 1, np.nan)
    for p in range(n + 1):
        leads = np.array(
            [
                lead_time(cohort.time[:length], share[g, p, :length], rest[g, p, :length], EARLY)
                for g, length in enumerate(cohort.length.tolist())
            ]
        )
        known = leads[~np.isnan(leads)]
        if 2 * len(known) > len(leads):
            # of an even number the lower middle: infinite leads of both signs have no mean
            middle = float(np.sort(known)[(len(known) - 1) // 2])
            found[p] = middle if np.isfinite(middle) else np.nan
    return found


def _share(adopters: Floats, able: Floats) -> Floats:
    return np.divide(adopters, able, out=np.zeros_like(adopters), where=able > 0.0)


def _launch_quotients(series: pd.DataFrame, place: Place) -> dict[Hashable, float]:
    """Return share in launches over share in value added, by region and year."""
    sums = series.groupby(["year", "region"])[[*QUOTIENT]].sum()
    launches, added = (sums[name].unstack() for name in QUOTIENT)
    above, below = (
        one.mul(other[place.whole], axis=0) for one, other in ((launches, added), (added, launches))
    )
    return (above / below.where(below > 0.0)).unstack().to_dict()


# -- by distance from the city of founding ---------------------------------------------------------


ENDS: Final = (0.0, 100.0, 200.0, 300.0)
"""Upper ends of the classes in km; the last one has none."""

CLASSES: Final = ("own city", "to 100 km", "100 to 200 km", "200 to 300 km", "above 300 km")
"""Classes of distance from the city of founding; two cities are never one."""

TIMES: Final = (0.1, 0.5)
"""Shares of which times and lags are given."""


def distance_table(tables: Tables, place: Place) -> Rows:
    """Yield times and lags by year of founding and class of distance."""
    world = place.world
    events, agents, founded = (
        dict(runs_of(tables[name])) for name in ("adoption", "agents", "generations")
    )
    for cohort in cohorts(tables, place.provinces):
        own = founded[cohort.run].set_index("generation").loc[cohort.number]
        at = np.flatnonzero(own["origin"] == "region")
        own = own.iloc[at]
        origin = cities_of(world, own["founder_city"])
        km = world.distance_km[origin]
        other = np.arange(world.n_cities) != origin[:, None]
        classes = np.where(other, np.maximum(np.searchsorted(ENDS, km), 1), 0)
        shares, able = _shares(
            cohort, at, own, classes, events.get(cohort.run), agents.get(cohort.run), world
        )
        reached = able.max(axis=2, initial=0.0) > 0.0
        times = np.full((len(CLASSES), len(TIMES)), np.nan)
        for d, k in np.ndindex(times.shape):
            if (some := np.flatnonzero(reached[:, d])).size:
                length = cohort.length[at][some]
                times[d, k] = median_time(cohort.time, shares[some, d], length, TIMES[k])
        lags, number = _behind_first(times), reached.sum(axis=0)
        for d, name in enumerate(CLASSES):
            mine = classes == d
            mean = float(km[mine].mean()) if mine.any() else float("nan")
            yield *cohort.run, cohort.year, name, mean, number[d], *times[d], *lags[d]


def _shares(
    cohort: Cohort,
    at: Ints,
    own: pd.DataFrame,
    classes: Ints,
    events: pd.DataFrame | None,
    agents: pd.DataFrame | None,
    world: World,
) -> tuple[Floats, Floats]:
    """Return the share of adopters and the firms that can adopt, both (G, D, A)."""
    home, n = world.city_province, world.n_provinces
    able, adopters = (values[at][:, home] for values in (cohort.able, cohort.adopters))
    firms = _firms(agents, world)
    industry = number_of(world.industries, own["industry"], "industry in the world")
    with np.errstate(divide="ignore", invalid="ignore"):
        able *= np.nan_to_num(parts_within(firms, home, n))[industry][:, :, None]
        seen = _adoptions(cohort, at, own, events, world)
        by_time = seen.transpose(0, 2, 1)
        part = parts_within(by_time.reshape(-1, world.n_cities), home, n)
        adopters *= np.nan_to_num(part).reshape(by_time.shape).transpose(0, 2, 1)
    of_class = (classes[:, None] == np.arange(len(CLASSES))[:, None])[..., None]
    sums, able = ((values[:, None] * of_class).sum(axis=2) for values in (adopters, able))
    return _share(sums, able), able


def _firms(agents: pd.DataFrame | None, world: World) -> Floats:
    """Return firms at the end of the run by industry and city."""
    found = np.zeros((len(world.industries), world.n_cities))
    if agents is not None:
        firms = agents[agents["kind"] == "firm"]
        industry = number_of(world.industries, firms["industry"], "industry")
        np.add.at(found, (industry, cities_of(world, firms["city"])), 1.0)
    return found


def _adoptions(
    cohort: Cohort, at: Ints, own: pd.DataFrame, events: pd.DataFrame | None, world: World
) -> Floats:
    """Return adoptions so far by generation, city and quarter since the founding, (G, C, A)."""
    found = np.zeros((len(at), world.n_cities, len(cohort.time)))
    if events is not None and len(at):
        g = positions_of(events["generation"].to_numpy(np.int64), cohort.number[at])
        events, g = events[g >= 0], g[g >= 0]
        since = _quarters(events) - _quarters(own, "founded_")[g]
        np.add.at(found, (g, cities_of(world, events["city"]), since), 1.0)
    return found.cumsum(axis=2)
