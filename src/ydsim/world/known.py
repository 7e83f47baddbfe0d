"""A world as it was known at the end of a year: nothing later enters a run.

A scenario with ``known_in: L`` is run in its world without what came after L:

- every official series, of inputs and of outcomes, the panel and the known R&D of cities end in L,
- shifts and prices of the base run do, too; the last shift is held, as after any fit,
- inputs go on by the rules that the figures to L chose, and trends end ten years after L
  (`ydsim.world.trends`).

Lines of rail, which have a date when they are begun, and what is assumed of all years alike
(industries, relevance, profiles) stay, as do parameters that were set by hand on later figures.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun
from ydsim.world.world import Series, World, freeze


def as_known(world: World, year: int) -> World:
    """Return the world as it was known at the end of ``year``, see the module docstring."""
    if world.known_in == year:
        return world
    series = {
        name: cut for name, each in world.series.items() if (cut := _cut(each, year)) is not None
    }
    seen = world.years <= year
    breaks = world.city_breaks
    return freeze(
        replace(
            world,
            until=min(world.until, year),
            known_in=year,
            series=series,
            years=world.years[seen],
            city_gdp=world.city_gdp[:, seen],
            city_secondary=world.city_secondary[:, seen],
            city_population=world.city_population[:, seen],
            city_breaks=None if breaks is None else breaks[:, seen],
            known_city_rd=tuple(each for each in world.known_city_rd if each[1] <= year),
            base_run=None if world.base_run is None else _held(world.base_run, year),
        )
    )


def _cut(series: Series, year: int) -> Series | None:
    """Return a series to ``year``, None where nothing of it is left."""
    seen = series.years <= year
    values = series.values[:, seen]
    if np.isnan(values).all():
        return None
    return replace(series, years=series.years[seen], values=values)


def _held(base: BaseRun, year: int) -> BaseRun:
    """Return a base run to ``year``; what comes later holds its last shift and has no price."""
    years = max(year - base.first_year + 1, 1)

    def cut(lines: Floats | None, columns: int = years) -> Floats | None:
        return None if lines is None else lines[:, :columns]

    seen = {name: lines[:, :years] for name, lines in (base.anchors or {}).items()}
    return replace(
        base,
        market_shift=cut(base.market_shift),
        log_price=cut(base.log_price, 4 * years),
        rd_shift=cut(base.rd_shift),
        anchors=None if base.anchors is None else seen,
        city_lean=cut(base.city_lean),
    )
