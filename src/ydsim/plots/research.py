"""R&D expenditure by province, held against the official figures."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots.levels import draw_single
from ydsim.results.results import Results

INDICATOR = "rd_expenditure"


def draw_research(results: Results) -> Figure:
    """Return R&D expenditure of every province by year.

    Raises
    ------
    NothingToDrawError
        When it was not recorded.
    """
    unit = "100 million RMB a year, all funds, current prices"
    return draw_single(results, INDICATOR, "R&D expenditure by province", unit)
