"""Diffusion by distance: how much later a generation is adopted far from where it was founded.

    share_gd(t) = sum_c adopters_gp(t) v_gc(t) / sum_c able_gp(t) w_gc

over the cities c of class d, with p their province. Symbols: adopters_gp, able_gp firms of the
province that live and have adopted generation g, and that can adopt it (``adoption_curves``);
v_gc share of the city in the adoptions in its province until t (``adoption``); w_gc share of the
city in the province's firms of the industry of g, as they are at the end of the run (``agents``):
curves are kept by province. Times are medians over the generations that are founded in the region
in a year and have firms in the class; lags are behind the class that comes first.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ydsim.measures.groups import parts_within
from ydsim.measures.order import positions_of, rows_of
from ydsim.results.derived.adoption import Cohort, cohorts, median_time
from ydsim.results.derived.place import Place
from ydsim.results.derived.rows import Rows, number_of, runs_of
from ydsim.typing import Columns, Floats, Ints
from ydsim.world.world import World

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
