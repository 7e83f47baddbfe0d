"""Shifts of markets: what meets official value added of cities, year by year.

v_c(t)    fitted shift of log market shares, zero at the start, piecewise linear between the
middles of years, frozen from the last fitted one on
"""

from __future__ import annotations

import numpy as np

from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun
from ydsim.world.world import World


def market_shifts(base: BaseRun, start: int, world: World) -> Floats:
    """Return v by quarter of a run that starts in ``start``, shape (T, C); the last one is held.

    Row 0 holds at the end of the burn-in, row t + 1 in quarter t. Zeros where nothing is stored.

    Raises
    ------
    ValueError
        When the stored shift is not one by city.
    """
    if base.market_shift is None:
        return np.zeros((1, world.n_cities))
    if len(base.market_shift) != world.n_cities:
        raise ValueError(
            f"base run of world {world.name!r}: market_shift has {len(base.market_shift)} rows, "
            f"the world {world.n_cities} cities; refit it"
        )
    path = shift_path(base.market_shift)
    path = path[min(4 * (start - base.first_year), len(path) - 1) :]
    result: Floats = path - path[0]
    return result


def shift_path(knots: Floats) -> Floats:
    """Return v by quarter, shape (4 Y + 1, C), from its values in mid-year, shape (C, Y).

    Row 0 holds at the end of the burn-in, row t + 1 in the middle of quarter t.
    """
    n_years = knots.shape[1]
    middles = np.concatenate([[0.0], np.arange(n_years) + 0.5])
    values = np.hstack([np.zeros((len(knots), 1)), knots])
    midpoints = np.concatenate([[0.0], (np.arange(4 * n_years) + 0.5) / 4.0])
    return np.stack([np.interp(midpoints, middles, row) for row in values], axis=1)
