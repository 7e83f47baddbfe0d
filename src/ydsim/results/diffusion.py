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
from typing import Final

import numpy as np

from ydsim.measures.diffusion import SHARES, UNKNOWN, BassFit, bass_interval, fit_bass, time_to
from ydsim.measures.groups import parts_within
from ydsim.measures.order import positions_of, rows_of
from ydsim.measures.pioneer import lead_time
from ydsim.results.rows import Place, Rows, number_of, runs_of
from ydsim.typing import Columns, Floats, Ints
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

    run: tuple[int, int]
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


def cohorts(tables: dict[str, Columns], provinces: Sequence[str]) -> Iterator[Cohort]:
    """Yield the generations of each run by year of founding, those of recorded years."""
    founding = dict(runs_of(tables["generations"]))
    for run, curves in runs_of(tables["adoption_curves"]):
        when = 4 * curves["year"].astype(np.int64) + curves["quarter"].astype(np.int64) - 1
        first, last = int(when.min()), int(when.max())
        generations = founding[run]
        born = 4 * generations["founded_year"].astype(np.int64)
        born = born + generations["founded_quarter"].astype(np.int64) - 1
        for year in range(first // 4, last // 4 + 1):
            mine = np.flatnonzero((born // 4 == year) & (born >= first))
            if len(mine):
                number = generations["generation"][mine].astype(np.int64)
                yield _cohort(run, year, number, born[mine], last, curves, when, provinces)


def _cohort(
    run: tuple[int, int],
    year: int,
    number: Ints,
    born: Ints,
    last: int,
    curves: Columns,
    when: Ints,
    provinces: Sequence[str],
) -> Cohort:
    """Return the cohort of generations ``number`` born in quarters ``born``."""
    order = np.argsort(number, kind="stable")
    number, born = number[order], born[order]
    length = last - born + 1
    of = curves["generation"].astype(np.int64)
    place = positions_of(of, number)
    rows = np.flatnonzero(place >= 0)
    place = place[rows]
    age = when[rows] - born[place]
    suffixes = [f"_{name}" for name in provinces] + [""]
    shape = len(number), len(suffixes), int(length.max())
    adopters, able = np.zeros(shape), np.zeros(shape)
    outside = np.zeros((shape[0], shape[2]))
    lived = np.zeros(len(number), dtype=np.int64)
    np.maximum.at(lived, place, age + 1)
    for p, suffix in enumerate(suffixes):
        adopters[place, p, age] = curves[f"adopters{suffix}"][rows].astype(np.float64)
        able[place, p, age] = curves[f"eligible{suffix}"][rows].astype(np.float64)
    outside[place, age] = curves["outside_share"][rows].astype(np.float64)
    for g, end in enumerate(lived.tolist()):
        if end:
            for values in (adopters[g], able[g], outside[g : g + 1]):
                values[:, end:] = values[:, end - 1 : end]
    time = np.arange(1, shape[2] + 1, dtype=np.float64) / 4.0
    return Cohort(run, year, time, adopters, able, outside, length, number)


def diffusion_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return Bass curve, times to shares of adopters and lag, by year of founding and place."""
    rows = Rows(
        region="text", generations="integer", p="float", p_low="float", p_high="float",
        q="float", q_low="float", q_high="float", m="float", r2="float",
        t10="float", t50="float", t90="float", lag10="float", lag50="float",
    )  # fmt: skip
    n = len(place.provinces)
    for cohort in cohorts(tables, place.provinces):
        shares = cohort.share
        together = int(cohort.length.min())
        times = np.array(
            [
                [median_time(cohort.time, shares[:, p], cohort.length, share) for share in SHARES]
                for p in range(n + 1)
            ]
        )
        for p, region in enumerate((*place.provinces, place.whole)):
            time, curves = cohort.time[:together], shares[:, p, :together]
            fit, ends = BassFit(*(float("nan"),) * 4), UNKNOWN
            if together >= FEWEST and curves.max() > 0.0:
                fit = fit_bass(time, curves.mean(axis=0))
                ends = bass_interval(time, curves, fit)
            lag = [float("nan")] * 2
            if p < n:
                for k in range(2):
                    reached = times[:-1, k][~np.isnan(times[:-1, k])]
                    lag[k] = float(times[p, k] - reached.min()) if len(reached) else float("nan")
            rows.add(
                cohort.run,
                cohort.year,
                region=region,
                generations=len(cohort.number),
                p=fit.p,
                p_low=ends.p[0],
                p_high=ends.p[1],
                q=fit.q,
                q_low=ends.q[0],
                q_high=ends.q[1],
                m=fit.m,
                r2=fit.r2,
                t10=times[p, 0],
                t50=times[p, 1],
                t90=times[p, 2],
                lag10=lag[0],
                lag50=lag[1],
            )
    return rows.columns()


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


def pioneer_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return who founds and who adopts first, by year of founding and place.

    The lead of a province is over the rest of the region, that of the region over the rest of the
    nation.
    """
    rows = Rows(
        region="text", founded="integer", founded_share="float", first_share="float",
        lead="float", launch_quotient="float",
    )  # fmt: skip
    world = place.world
    home = dict(zip(world.city_names, world.city_province.tolist(), strict=True))
    n = len(place.provinces)
    generations = dict(runs_of(tables["generations"]))
    quotients = {run: _launch_quotients(table, place) for run, table in runs_of(tables["series"])}
    for cohort in cohorts(tables, place.provinces):
        table = generations[cohort.run]
        mine = table["founded_year"] == cohort.year
        cities = [name for name in table["founder_city"][mine].tolist() if name]
        number_of(world.city_names, cities, "city in the world")
        founded = np.bincount([home[name] for name in cities], minlength=n).astype(np.float64)
        whole = np.append(founded, founded.sum())
        first, leads = _first_shares(cohort), _leads(cohort)
        for p, region in enumerate((*place.provinces, place.whole)):
            rows.add(
                cohort.run,
                cohort.year,
                region=region,
                founded=int(whole[p]),
                founded_share=float(whole[p] / mine.sum()),
                first_share=float(first[p]),
                lead=float(leads[p]),
                launch_quotient=quotients[cohort.run].get((cohort.year, region), float("nan")),
            )
    return rows.columns()


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


def _launch_quotients(series: Columns, place: Place) -> dict[tuple[int, str], float]:
    """Return share in launches over share in value added, by year and region."""
    found = {}
    years = np.unique(series["year"])
    regions = (*place.provinces, place.whole)
    for year in years.tolist():
        amounts = []
        for name in QUOTIENT:
            value = series[name].astype(np.float64)
            at = [(series["year"] == year) & (series["region"] == region) for region in regions]
            amounts.append(np.array([value[rows].sum() for rows in at]))
        launches, made = amounts
        for p, region in enumerate(regions):
            parts = launches[p] * made[-1], launches[-1] * made[p]
            found[int(year), region] = float(parts[0] / parts[1]) if parts[1] > 0 else float("nan")
    return found


# -- by distance from the city of founding ---------------------------------------------------------


ENDS: Final = (0.0, 100.0, 200.0, 300.0)
"""Upper ends of the classes in km; the last one has none."""

CLASSES: Final = ("own city", "to 100 km", "100 to 200 km", "200 to 300 km", "above 300 km")
"""Classes of distance from the city of founding; two cities are never one."""

TIMES: Final = (0.1, 0.5)
"""Shares of which times and lags are given."""


def distance_table(tables: dict[str, Columns], place: Place) -> Columns:
    """Return times and lags by year of founding and class of distance."""
    rows = Rows(
        distance="text", km="float", generations="integer", t10="float", t50="float",
        lag10="float", lag50="float",
    )  # fmt: skip
    world = place.world
    events, agents, founded = (
        dict(runs_of(tables[name])) for name in ("adoption", "agents", "generations")
    )
    for cohort in cohorts(tables, place.provinces):
        at, own = _founded_here(cohort, founded[cohort.run])
        origin = number_of(world.city_names, own["founder_city"].tolist(), "city in the world")
        km = world.distance_km[origin]
        other = np.arange(world.n_cities) != origin[:, None]
        classes = np.where(other, np.maximum(np.searchsorted(ENDS, km), 1), 0)
        shares, able = _shares(cohort, at, own, classes, events, agents, world)
        times = np.full((len(TIMES), len(CLASSES)), np.nan)
        for d in range(len(CLASSES)):
            some = np.flatnonzero(able[:, d].max(axis=1, initial=0.0) > 0.0)
            for k, share in enumerate(TIMES if len(some) else ()):
                curves, length = shares[some, d], cohort.length[at][some]
                times[k, d] = median_time(cohort.time, curves, length, share)
        behind = times - np.fmin.reduce(times, axis=1, initial=np.nan)[:, None]
        for d, name in enumerate(CLASSES):
            mine = classes == d
            rows.add(
                cohort.run,
                cohort.year,
                distance=name,
                km=float(km[mine].mean()) if mine.any() else float("nan"),
                generations=int((able[:, d].max(axis=1, initial=0.0) > 0.0).sum()),
                t10=times[0, d],
                t50=times[1, d],
                lag10=behind[0, d],
                lag50=behind[1, d],
            )
    return rows.columns()


def _founded_here(cohort: Cohort, founded: Columns) -> tuple[Ints, Columns]:
    """Return which generations of a cohort the region founded, and their rows, in that order."""
    number = founded["generation"].astype(np.int64)
    row = rows_of(cohort.number, number)
    at = np.flatnonzero(founded["origin"][row] == "region")
    return at, {name: column[row[at]] for name, column in founded.items()}


def _shares(
    cohort: Cohort,
    at: Ints,
    own: Columns,
    classes: Ints,
    events: dict[tuple[int, int], Columns],
    agents: dict[tuple[int, int], Columns],
    world: World,
) -> tuple[Floats, Floats]:
    """Return the share of adopters and the firms that can adopt, both (G, D, A)."""
    home, n = world.city_province, world.n_provinces
    able, adopters = (values[at][:, home] for values in (cohort.able, cohort.adopters))
    firms = _firms(agents.get(cohort.run, {}), world)
    industry = number_of(world.industries, own["industry"].tolist(), "industry in the world")
    with np.errstate(divide="ignore", invalid="ignore"):
        able *= np.nan_to_num(parts_within(firms, home, n))[industry][:, :, None]
        seen = _adoptions(cohort, at, own, events.get(cohort.run, {}), world)
        by_time = seen.transpose(0, 2, 1)
        part = parts_within(by_time.reshape(-1, world.n_cities), home, n)
        adopters *= np.nan_to_num(part).reshape(by_time.shape).transpose(0, 2, 1)
    both = [
        np.stack(
            [(v * (classes == d)[:, :, None]).sum(axis=1) for d in range(len(CLASSES))], axis=1
        )
        for v in (adopters, able)
    ]
    return np.divide(both[0], both[1], out=np.zeros_like(both[0]), where=both[1] > 0.0), both[1]


def _firms(agents: Columns, world: World) -> Floats:
    """Return firms at the end of the run by industry and city."""
    found = np.zeros((len(world.industries), world.n_cities))
    if agents:
        firm = agents["kind"] == "firm"
        industry = number_of(world.industries, agents["industry"][firm].tolist(), "industry")
        city = number_of(world.city_names, agents["city"][firm].tolist(), "city in the world")
        np.add.at(found, (industry, city), 1.0)
    return found


def _adoptions(cohort: Cohort, at: Ints, own: Columns, events: Columns, world: World) -> Floats:
    """Return adoptions so far by generation, city and quarter since the founding, (G, C, A)."""
    found = np.zeros((len(at), world.n_cities, len(cohort.time)))
    if not events or not len(at):
        return found
    number = cohort.number[at]
    of = events["generation"].astype(np.int64)
    g = positions_of(of, number)
    mine = np.flatnonzero(g >= 0)
    g = g[mine]
    born, when = (
        4 * table[f"{word}year"].astype(np.int64) + table[f"{word}quarter"].astype(np.int64)
        for table, word in ((own, "founded_"), (events, ""))
    )
    city = number_of(world.city_names, events["city"][mine].tolist(), "city in the world")
    np.add.at(found, (g, city, when[mine] - born[g]), 1.0)
    so_far: Floats = found.cumsum(axis=2)
    return so_far
