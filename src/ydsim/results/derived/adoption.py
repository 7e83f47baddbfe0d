"""Diffusion and pioneers by year of founding, from the curves of technology generations.

Time counts in years from the beginning of the quarter of founding; curves have a point at the end
of each quarter. A generation that is retired keeps its last value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ydsim.measures.diffusion import SHARES, UNKNOWN, BassFit, bass_interval, fit_bass, time_to
from ydsim.measures.order import positions_of
from ydsim.measures.pioneer import lead_time
from ydsim.results.derived.place import Place
from ydsim.results.derived.rows import Rows, number_of, runs_of
from ydsim.typing import Columns, Floats, Ints

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
