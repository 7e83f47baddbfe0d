"""A panel of a yearly amount by province: simulated lines and official points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.plots import lines, page
from ydsim.plots.ensemble import Yearly, band
from ydsim.plots.messages import say
from ydsim.plots.policy_dates import PolicyDate, draw_dates
from ydsim.plots.style import WIDTH, look
from ydsim.typing import Floats, Ints

_LEFT = 0.6


def draw_levels(
    axes: Axes,
    yearly: Yearly,
    indicator: str,
    height: float,
    *,
    dates: Sequence[PolicyDate] = (),
    from_zero: bool = True,
) -> None:
    """Draw an indicator of every province, named at the end of its line.

    Parameters
    ----------
    height
        Height of the panel in inches.
    dates
        Dates of policies, drawn as thin lines.
    from_zero
        Whether the axis begins at zero, as it must for amounts.
    """
    values = [yearly.values(indicator, name) for name in yearly.provinces]
    official = [yearly.official(indicator, name) for name in yearly.provinces]
    if draw_provinces(
        axes, yearly.years, yearly.provinces, values, height, official=official, from_zero=from_zero
    ):
        last = int(yearly.years[-1])
        lines.mark_end_of_official(axes, yearly.last_official(indicator), last)
        draw_dates(axes, dates)


def draw_provinces(
    axes: Axes,
    years: Ints,
    names: Sequence[str],
    values: Sequence[Floats],
    height: float,
    *,
    official: Sequence[Floats] = (),
    from_zero: bool = True,
) -> bool:
    """Draw lines of provinces, named at their ends; return whether there was anything to draw.

    Parameters
    ----------
    values
        By province, shape (replicates, years).
    official
        By province, shape (years,); nothing where there are no official figures.
    """
    held, ends = [], []
    for p, (name, runs) in enumerate(zip(names, values, strict=True)):
        mean = band(runs)
        lines.draw_band(axes, years, mean, look(p), name)
        held += [mean.mean, mean.low, mean.high]
        ends.append((name, float(mean.mean[-1]), look(p)))
    for p, points in enumerate(official):
        lines.draw_official(axes, years, points, look(p))
        held.append(points)
    lines.set_years(axes, int(years[0]), int(years[-1]))
    if not np.isfinite(np.concatenate(held or [np.empty(0)])).any():
        page.say_no_data(axes)
        return False
    lines.set_amounts(axes, *held, from_zero=from_zero)
    if axes.get_ylim()[0] < 0.0:
        lines.mark_zero(axes)
    lines.name_ends(axes, ends, height)
    return True


def official_in_words(yearly: Yearly, indicators: Sequence[str]) -> str:
    """Say what points are, where there are any."""
    known = any(yearly.last_official(indicator) is not None for indicator in indicators)
    return say("lines.points") if known else ""


def place_panels(figure: Figure, top: float, height: float, rows: int, step: float) -> list[Axes]:
    """Return panels in two columns, row by row, with room for names at the ends of lines."""
    width = (WIDTH - page.MARGIN - 2 * (_LEFT + lines.LABEL_ROOM)) / 2.0
    across = width + _LEFT + lines.LABEL_ROOM - 0.05
    return [
        page.add_panel(figure, _LEFT + column * across, top + row * step, width, height)
        for row in range(rows)
        for column in range(2)
    ]
