"""Constants that come from runs of the model itself: the base run and the fit of markets.

They are fitted once, under the parameters of one scenario, and stored beside the tables of a world
as ``base_run.json``, together with hashes of these tables and parameters: of the packaged region by
``python -m tools.fit_defaults base_run``, of a folder by ``ydsim world fit``. A world without such
a file, or whose tables have changed since, refers to its own burn-in instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ydsim.typing import Floats

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ydsim.world.world import World

FILE = "base_run.json"
WHEN = ("before", "after", "other_draws")
"""Runs of which a misfit is given: without the fit, with it, with it under other draws."""
WHAT = ("cities", "provinces")

Misfit = dict[str, dict[str, dict[str, tuple[float | None, ...]]]]
"""By `WHEN`, `WHAT` and name of a province or the whole: one number a year, None where no official
figure is known. Of cities the root mean square of ln(simulated / official value added) over the
cities of the place, of provinces ln(simulated / official) of the place."""


@dataclass(frozen=True)
class Made:
    """Where a fit comes from.

    Attributes
    ----------
    ydsim, scenario
        Version, and name of the scenario that was run.
    replicates, passes, scale, seed
        How it was run.
    first_year, last_year
        Years in which value added of cities was met; ``last_year`` lies before where none was.
    not_fitted
        What could not be fitted and why, a line each.
    misfit
        See `Misfit`.
    """

    ydsim: str
    scenario: str
    replicates: int
    passes: int
    scale: float
    seed: int
    first_year: int
    last_year: int
    not_fitted: tuple[str, ...]
    misfit: Mapping[str, Mapping[str, Mapping[str, tuple[float | None, ...]]]]


@dataclass(frozen=True)
class BaseRun:
    """What scenarios are measured against.

    Attributes
    ----------
    parameters
        Hash of the parameters and the world under which the values were made; empty for a world
        without stored values.
    innovative_share
        Mean of x over firms, weighted by sales, in the first three years.
    outside_log_productivity
        (T + 1, J) log A of the rest of the nation; row 0 at the end of the burn-in before
        ``first_year``, then by quarter; the last growth goes on.
    market_shift
        (C, Y) v by city in the middle of each year from ``first_year`` on; the last one is held.
    first_year
        Year of the first columns.
    world
        Hash of the tables that it was fitted to.
    made
        Where it comes from; None where the file does not say.
    """

    parameters: str = ""
    innovative_share: float | None = None
    outside_log_productivity: Floats | None = None
    market_shift: Floats | None = None
    first_year: int = 2011
    world: str = ""
    made: Made | None = None


def load_base_run(world: World) -> BaseRun:
    """Return the stored base run of a world, an empty one where there is none for its tables."""
    stored = world.base_run
    return BaseRun() if stored is None or world.stale else stored


def stale_fit(world: World) -> str:
    """Return what is to be said of a world whose fit is stale."""
    return (
        f"{FILE} was fitted to other tables than those of {world.name!r} now and is not used; fit "
        "it again with `ydsim world fit`"
    )
