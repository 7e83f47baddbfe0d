"""Certified high-technology enterprises by province, held against the official figures."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots.levels import draw_single
from ydsim.results.results import Results

INDICATOR = "hitech_enterprises_valid_stock_derived"


def draw_certified(results: Results) -> Figure:
    """Return firms with a valid certificate at the end of each year.

    Raises
    ------
    NothingToDrawError
        When they were not recorded.
    """
    return draw_single(
        results,
        INDICATOR,
        "Certified high-technology enterprises by province",
        "firms with a valid certificate at the end of the year",
        "Official stocks are derived from recognitions of three years.",
    )
