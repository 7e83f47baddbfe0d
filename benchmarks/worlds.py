"""Synthetic worlds of any size, and ties and projects filled in by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ydsim.agents.state import State
from ydsim.agents.ties import pair_key
from ydsim.noise import identity
from ydsim.scenario.schema.scenario import Scenario
from ydsim.world.loader import synthetic_world
from ydsim.world.world import World, freeze

PROVINCES, CITIES = 4, 10
SCIENCE = 7 * PROVINCES * CITIES
"""Universities and institutes of a synthetic world."""

USUAL = 300_000
"""Organisations for which the money of the synthetic world makes firms like those of the region:
some two live projects for each."""

STAGES = (0.46, 0.28, 0.15, 0.10, 0.01)
"""Share of live projects in each stage, as runs of the region have them."""


def world_of(organisations: int) -> World:
    """Return a synthetic world of about that many organisations, all as rich, at scale 1."""
    firms = max(1, (organisations - SCIENCE) // PROVINCES)
    world = synthetic_world(PROVINCES, CITIES, firms=firms)
    factor = organisations / USUAL
    amounts = {
        name: replace(series, values=series.values * factor)
        for name, series in world.series.items()
        if name != "rd_intensity"
    }
    return freeze(
        replace(
            world,
            series=world.series | amounts,
            city_gdp=world.city_gdp * factor,
            city_secondary=world.city_secondary * factor,
            city_population=world.city_population * factor,
        )
    )


def scenario_of(quarters: int, burn_in: int) -> Scenario:
    """Return a scenario at scale 1 with defaults but for its length and its burn-in."""
    return Scenario.model_validate(
        {
            "name": "benchmark",
            "world": "synthetic",
            "start": 2011,
            "end": 2010 + max(1, (quarters + 3) // 4),
            "scale": 1.0,
            "parameters": {"population": {"burn_in": burn_in}},
        }
    )


def fill_ties(state: State, number: int, seed: int) -> None:
    """Add random ties until there are ``number``; half of them inside a city."""
    table, rng = state.organisations, np.random.default_rng(seed)
    rows = np.flatnonzero(table.alive)
    rows = rows[np.argsort(table.city[rows], kind="stable")]
    size = np.bincount(table.city[rows], minlength=state.world.n_cities)
    begin = np.cumsum(size) - size
    while len(state.ties) < number:
        missing = number - len(state.ties)
        a = rows[rng.integers(len(rows), size=missing)]
        near = rows[begin[table.city[a]] + rng.integers(size[table.city[a]])]
        far = rows[rng.integers(len(rows), size=missing)]
        b = np.where(rng.random(missing) < 0.5, near, far)
        new = np.setdiff1d(pair_key(a, b)[a != b], state.ties.key)
        state.ties.strengthen(new >> 32, new & 0xFFFFFFFF, state.quarter - 1)


def fill_projects(state: State, number: int, shared: float, seed: int) -> None:
    """Keep or add projects until there are ``number``; a part of all is shared along ties.

    Owners of new ones are drawn in proportion to their researchers.
    """
    table, projects, rng = state.organisations, state.projects, np.random.default_rng(seed)
    if len(projects) > number:
        kept = rng.choice(len(projects), number, replace=False)
        projects.keep(np.sort(kept, kind="stable"))
    n = number - len(projects)
    weight = np.where(table.alive, table.researchers, 0.0)
    owner = rng.choice(len(table), n, p=weight / weight.sum())
    projects.append(
        n,
        key=identity("filled in", state.quarter, np.arange(n))[:n],
        owner=owner,
        field=rng.integers(len(state.world.fields), size=n),
        quality=np.exp(0.5 * rng.standard_normal(n)),
        stage=rng.choice(len(STAGES), n, p=STAGES),
        born=state.quarter - 1,
        origin=table.kind[owner],
        origin_city=table.city[owner],
    )
    _share(state, shared, rng)


def _share(state: State, shared: float, rng: np.random.Generator) -> None:
    """Give a share of the projects a partner, one to which the owner has a tie."""
    projects, ties = state.projects, state.ties
    ends, others = np.concatenate([ties.a, ties.b]), np.concatenate([ties.b, ties.a])
    order = np.argsort(ends, kind="stable")
    degree = np.bincount(ends, minlength=len(state.organisations))
    begin = np.cumsum(degree) - degree
    able = np.flatnonzero(~projects.shared & (degree[projects.owner] > 0))
    missing = int(shared * len(projects)) - int(projects.shared.sum())
    at = rng.choice(able, min(max(missing, 0), len(able)), replace=False)
    owner = projects.owner[at]
    pick = begin[owner] + (rng.random(len(at)) * degree[owner]).astype(np.int64)
    projects.members[at, 0] = others[order[pick]]
