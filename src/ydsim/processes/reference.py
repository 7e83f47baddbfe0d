"""What a run is measured against: the base run's constants, or the run's own burn-in.

    x_bar                 mean of the base run in 2011-13
    A_outside,j(t)        grows like the region's mean A of the base run
    v_c(t)                fitted shift of log market shares, zero at the start, piecewise linear
                          between the middles of years, frozen from the last fitted one on

A world without a stored base run uses the values of its own burn-in, a constant growth of A
outside, and no shift. During the burn-in there is nothing to refer to: `BURN_IN`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun
from ydsim.world.world import World


@dataclass(frozen=True)
class Reference:
    """Constants of a run; None means the run's own value of the quarter.

    Attributes
    ----------
    innovative_share
        x_bar.
    outside
        (T, J) log A of the rest of the nation; row 0 holds at the end of the burn-in, row t + 1
        in quarter t; the last row goes on growing like the last ten years.
    shift
        (T, C) v of cities, aligned like ``outside``; the last row is held.
    """

    innovative_share: float | None
    outside: Floats
    shift: Floats

    def outside_at(self, quarter: int) -> Floats:
        """Return log A outside in a quarter, shape (J,); -1 is the end of the burn-in."""
        row = quarter + 1
        last = len(self.outside) - 1
        if row <= last:
            result: Floats = self.outside[row]
            return result
        quarters_back = min(40, last)
        growth = (self.outside[last] - self.outside[last - quarters_back]) / quarters_back
        continued: Floats = self.outside[last] + growth * (row - last)
        return continued

    def shift_at(self, quarter: int) -> Floats:
        """Return v in a quarter, shape (C,)."""
        shift: Floats = self.shift[min(quarter + 1, len(self.shift) - 1)]
        return shift


def own_reference(
    base: BaseRun,
    start: int,
    quarters: int,
    growth: float,
    world: World,
    own: float,
) -> Reference:
    """Return the reference of a run that starts in ``start``.

    Parameters
    ----------
    base
        Stored constants, possibly empty.
    start, quarters
        First year and length of the run.
    growth
        Growth of A outside a year where nothing is stored.
    world
        For the widths of the arrays.
    own
        Innovative share at the end of the burn-in.

    Raises
    ------
    ValueError
        When the stored shift is not one by city.
    """
    if base.outside_log_productivity is None or base.market_shift is None:
        path = np.arange(quarters + 1)[:, None] * (growth / 4.0)
        return Reference(
            own, np.repeat(path, len(world.industries), axis=1), np.zeros((1, world.n_cities))
        )
    if len(base.market_shift) != world.n_cities:
        raise ValueError(
            f"base run of world {world.name!r}: market_shift has {len(base.market_shift)} rows, "
            f"the world {world.n_cities} cities; refit it"
        )
    skipped = 4 * (start - base.first_year)
    outside = base.outside_log_productivity[skipped:]
    if len(outside) < 2:
        outside = base.outside_log_productivity[-2:]
    shift = shift_path(base.market_shift)
    shift = shift[min(skipped, len(shift) - 1) :]
    return Reference(
        base.innovative_share,
        outside - outside[0],
        shift - shift[0],
    )


def shift_path(knots: Floats) -> Floats:
    """Return v by quarter, shape (4 Y + 1, C), from its values in mid-year, shape (C, Y).

    Row 0 holds at the end of the burn-in, row t + 1 in the middle of quarter t.
    """
    n_years = knots.shape[1]
    middles = np.concatenate([[0.0], np.arange(n_years) + 0.5])
    values = np.hstack([np.zeros((len(knots), 1)), knots])
    midpoints = np.concatenate([[0.0], (np.arange(4 * n_years) + 0.5) / 4.0])
    return np.stack([np.interp(midpoints, middles, row) for row in values], axis=1)
