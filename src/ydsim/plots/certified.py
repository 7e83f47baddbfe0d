"""Certified high-technology enterprises by province, held against the official figures."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots.indicator import draw_indicator
from ydsim.plots.messages import say
from ydsim.plots.scenarios import together
from ydsim.results.results import Results

INDICATOR = "hitech_enterprises_valid_stock_derived"


def draw_certified(results: Results) -> Figure:
    """Return firms with a valid certificate at the end of each year.

    Raises
    ------
    NothingToDrawError
        When they were not recorded, or there is only one year.
    """
    drawn = together([results], say("certified.name"))
    return draw_indicator(drawn, INDICATOR, remark=say("certified.remark"))
