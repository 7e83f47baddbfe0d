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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ydsim.measures.diffusion import SHARES, UNKNOWN, BassFit, bass_interval, fit_bass, time_to
from ydsim.measures.groups import parts_within
from ydsim.measures.order import positions_of
from ydsim.measures.pioneer import lead_time
from ydsim.results.rows import Place, Rows, Run, Tables, cities_of, number_of, runs_of
from ydsim.typing import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

    from ydsim.world.world import World

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
    generations
        Their rows of the table ``generations``, G of them, by number.
    adopters, able
        (G, P + 1, A) adopters and eligible firms by province and in the region.
    outside
        (G, A) share of adopters in the rest of the nation.
    length
        (G,) quarters until the end of the run.
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
        return _share(self.adopters, self.able)


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
    nothing = float("nan")
    for cohort in cohorts(tables, place.provinces):
        shares, together = cohort.share, int(cohort.length.min())
        time = cohort.time[:together]
        times = np.array([[median_time(of, cohort.length, share) for share in SHARES]
                          for of in shares.swapaxes(0, 1)])  # fmt: skip
        lags = [*_behind_first(times[:-1, :2]), (nothing, nothing)]
        for p, region in enumerate((*place.provinces, place.whole)):
            curves, fit, ends = shares[:, p, :together], BassFit(*[nothing] * 4), UNKNOWN
            if together >= FEWEST and curves.max() > 0.0:
                fit = fit_bass(time, curves.mean(axis=0))
                ends = bass_interval(time, curves, fit)
            curve = (fit.p, *ends.p, fit.q, *ends.q, fit.m, fit.r2)
            yield *cohort.run, cohort.year, region, len(curves), *curve, *times[p], *lags[p]


def _behind_first(times: Floats) -> Floats:
    """Return times (places, shares) after the place that comes first."""
    behind: Floats = times - np.fmin.reduce(times, axis=0, initial=np.nan)
    return behind


def median_time(curves: Floats, length: Ints, share: float) -> float:
    """Return the median time to a share of curves (G, A); NaN where half have not reached it."""
    time = np.arange(1, curves.shape[1] + 1) / 4.0
    times = [time_to(time[:n], curve[:n], share) for curve, n in zip(curves, length, strict=True)]
    middle = float(np.median(np.where(np.isnan(times), np.inf, times)))
    return middle if np.isfinite(middle) else float("nan")


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
    """Return shares (P + 1,) in first adoptions, mean over generations; the region has all.

    First adopters are those at the end of the first quarter that has any.
    """
    whole = cohort.adopters[:, -1]
    some = np.flatnonzero((whole > 0.0).any(axis=1))
    if not len(some):
        return np.full(cohort.adopters.shape[1], np.nan)
    first = cohort.adopters[some, :, (whole[some] > 0.0).argmax(axis=1)]
    share: Floats = (first / first[:, -1:]).mean(axis=0)
    return share


def _leads(cohort: Cohort) -> Floats:
    """Return median leads (P + 1,) in years; NaN where it is infinite or most have none."""
    share, n = cohort.share, cohort.adopters.shape[1] - 1
    adopters, able = (v[:, -1:] - v[:, :n] for v in (cohort.adopters, cohort.able))
    rest = np.concatenate([_share(adopters, able), cohort.outside[:, None]], axis=1)
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


def _share(adopters: Floats, able: Floats) -> Floats:
    return np.divide(adopters, able, out=np.zeros_like(adopters), where=able > 0.0)


def _launch_quotients(series: pd.DataFrame, year: int, place: Place) -> Floats:
    """Return share in launches over share in value added of each province and the region."""
    sums = series[series["year"] == year].groupby("region")[[*QUOTIENT]].sum()
    launches, added = (sums[name].reindex([*place.provinces, place.whole]) for name in QUOTIENT)
    above, below = launches * added.iloc[-1], added * launches.iloc[-1]
    quotients: Floats = (above / below.where(below > 0.0)).to_numpy(dtype=np.float64)
    return quotients


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
    home, n = world.city_province, world.n_provinces
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
        industry = number_of(world.industries, own["industry"], "industry in the world")
        seen = np.zeros((len(own), cohort.adopters.shape[2], world.n_cities))
        if cohort.run in events:
            _add_adoptions(seen, own, events[cohort.run], cities[cohort.run])
        with np.errstate(divide="ignore", invalid="ignore"):
            of_adopters = np.nan_to_num(parts_within(seen.reshape(-1, world.n_cities), home, n))
        able = cohort.able[at][:, home] * parts[cohort.run][industry][:, :, None]
        adopters = cohort.adopters[at][:, home]
        adopters *= of_adopters.reshape(seen.shape).transpose(0, 2, 1)
        of_class = (classes[:, None] == np.arange(len(CLASSES))[:, None])[..., None]
        adopters, able = ((v[:, None] * of_class).sum(axis=2) for v in (adopters, able))
        shares, reached = _share(adopters, able), able.max(axis=2, initial=0.0) > 0.0
        times = np.full((len(CLASSES), len(TIMES)), np.nan)
        for d, k in np.ndindex(times.shape):
            if (some := np.flatnonzero(reached[:, d])).size:
                times[d, k] = median_time(shares[some, d], cohort.length[at][some], TIMES[k])
        lags, number = _behind_first(times), reached.sum(axis=0)
        for d, name in enumerate(CLASSES):
            mine = classes == d
            mean = float(km[mine].mean()) if mine.any() else float("nan")
            yield *cohort.run, cohort.year, name, mean, number[d], *times[d], *lags[d]


def _parts_of_firms(agents: pd.DataFrame, world: World) -> Floats:
    """Return the share of each city in the firms of its province, by industry, (I, C)."""
    import pandas as pd

    firms = agents[agents["kind"] == "firm"]
    cells = pd.crosstab(firms["industry"], firms["city"]).reindex(
        index=world.industries, columns=world.city_names, fill_value=0
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = parts_within(cells.to_numpy(np.float64), world.city_province, world.n_provinces)
    return np.nan_to_num(parts)


def _add_adoptions(seen: Floats, own: pd.DataFrame, events: pd.DataFrame, cities: Ints) -> None:
    """Add adoptions so far to generations, quarters since the founding and cities, (G, A, C)."""
    g = positions_of(events["generation"].to_numpy(np.int64), own.index.to_numpy(np.int64))
    since = _quarters(events).to_numpy()[g >= 0] - _quarters(own, "founded_").to_numpy()[g[g >= 0]]
    np.add.at(seen, (g[g >= 0], since, cities[g >= 0]), 1.0)
    seen.cumsum(axis=1, out=seen)
