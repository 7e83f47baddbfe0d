"""A panel of a yearly indicator by province: simulated lines and official points."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from ydsim.plots import lines, page
from ydsim.plots.ensemble import Yearly, band
from ydsim.plots.style import look


def draw_levels(
    axes: Axes, yearly: Yearly, indicator: str, height: float, *, from_zero: bool = True
) -> None:
    """Draw every province, named at the end of its line.

    Parameters
    ----------
    height
        Height of the panel in inches.
    from_zero
        Whether the axis begins at zero, as it must for amounts.
    """
    first, last = int(yearly.years[0]), int(yearly.years[-1])
    held, ends = [], []
    for p, name in enumerate(yearly.provinces):
        values = band(yearly.values(indicator, name))
        official = yearly.official(indicator, name)
        lines.draw_band(axes, yearly.years, values, look(p), name)
        lines.draw_official(axes, yearly.years, official, look(p))
        held += [values.mean, values.low, values.high, official]
        ends.append((name, float(values.mean[-1]), look(p)))
    lines.set_years(axes, first, last)
    if not np.isfinite(np.concatenate(held or [np.empty(0)])).any():
        page.say_no_data(axes)
        return
    lines.set_amounts(axes, *held, from_zero=from_zero)
    lines.mark_end_of_official(axes, yearly.last_official(indicator), last)
    lines.name_ends(axes, ends, height)
