"""R&D expenditure by province, held against the official figures."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots.indicator import draw_indicator
from ydsim.plots.messages import say
from ydsim.plots.scenarios import together
from ydsim.results.results import Results

INDICATOR = "rd_expenditure"


def draw_research(results: Results) -> Figure:
    """Return R&D expenditure of every province by year.

    Raises
    ------
    NothingToDrawError
        When it was not recorded, or there is only one year.
    """
    return draw_indicator(together([results], say("research.name")), INDICATOR)
