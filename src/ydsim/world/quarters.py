"""Yearly inputs spread over quarters, with the sum of each year kept.

Within year y a flow follows its own growth:

    x_yk = X_y exp(g_y (k - 2.5) / 4) / sum_k exp(g_y (k - 2.5) / 4),    k = 1..4
    g_y  = log(X_{y+1} / X_{y-1}) / 2, one-sided at the ends, between -1 and 1

A level (a wage) is interpolated in logs between the middles of years; numbers of personnel go on by
their first growth in the half year before the first middle. As a year needs the next,
yearly inputs are made `MARGIN` years beyond the last and cut, so that no year depends on the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ydsim.typing import Floats, Ints
from ydsim.world.inputs import Inputs

MARGIN = 2
"""Years beyond the last that inputs are made for."""


@dataclass(frozen=True)
class QuarterInputs:
    """Inputs by quarter, T = 4 Y columns; flows are per quarter, 100m_rmb, nominal."""

    years: Ints  # (Y,) the years
    # (P + 1, T), the rest of the nation last.
    gdp: Floats
    secondary: Floats
    # (P, T) R&D funded by the central government, by all governments, from abroad.
    central: Floats
    government: Floats
    foreign: Floats
    wage: Floats  # (P, T) R&D per researcher and year, 100m_rmb per FTE-year
    personnel: Floats  # (P, T) R&D personnel, FTE
    students: Floats  # (C, T) share of each city in those who study
    # (P, T) anchor chi of R&D of firms, in log units (`ydsim.world.research`).
    rd_shift: Floats
    firm_growth: Floats  # (P, T) growth of the number of firms, 1/year


def spread(yearly: Floats) -> Floats:
    """Return shape (n, 4 Y) of flows by quarter from shape (n, Y) of yearly ones."""
    safe = np.maximum(yearly, 1e-300)
    log = np.log(safe)
    growth = np.gradient(log, axis=1) if yearly.shape[1] > 1 else np.zeros_like(yearly)
    growth = np.where(yearly > 0.0, np.clip(growth, -1.0, 1.0), 0.0)
    step = (np.arange(4) - 1.5) / 4.0
    profile = np.exp(growth[:, :, None] * step)
    profile /= profile.sum(axis=2, keepdims=True)
    return (yearly[:, :, None] * profile).reshape(len(yearly), -1)


def interpolate(yearly: Floats) -> Floats:
    """Return shape (n, 4 Y) of levels, log-linear between middles of years, flat at the ends."""
    n_years = yearly.shape[1]
    middle = np.arange(n_years) + 0.5
    midpoints = (np.arange(4 * n_years) + 0.5) / 4.0
    return np.array([np.exp(np.interp(midpoints, middle, np.log(row))) for row in yearly])


def from_the_start(levels: Floats) -> Floats:
    """Return levels (n, 4 Y) by quarter with the growth of the third quarter before it too."""
    if levels.shape[1] < 8:
        return levels
    growth = levels[:, 3:4] / levels[:, 2:3]
    early = levels[:, 2:3] * growth ** np.array([-2.0, -1.0])
    return np.hstack([early, levels[:, 2:]])


def growth(levels: Floats) -> Floats:
    """Return the growth (n, T) of levels (n, T) by quarter, 1/year; before the first one none."""
    return 4.0 * np.diff(np.log(levels), axis=1, prepend=np.log(levels[:, :1]))


def by_quarter(inputs: Inputs, margin: int = 0) -> QuarterInputs:
    """Spread all yearly inputs of a scenario; the last ``margin`` years are read and left out."""
    years = len(inputs.years) - margin
    quarters = slice(4 * years)
    return QuarterInputs(
        years=inputs.years[:years],
        gdp=spread(inputs.gdp)[:, quarters],
        secondary=spread(inputs.secondary)[:, quarters],
        central=spread(inputs.central)[:, quarters],
        government=spread(inputs.rd_government)[:, quarters],
        foreign=spread(inputs.rd_foreign)[:, quarters],
        wage=interpolate(inputs.wage)[:, quarters],
        personnel=from_the_start(interpolate(inputs.personnel))[:, quarters],
        students=np.repeat(inputs.students, 4, axis=1)[:, quarters],
        rd_shift=np.zeros((len(inputs.wage), 4 * years)),
        firm_growth=growth(interpolate(inputs.firms))[:, quarters],
    )
