"""R&D expenditure by province, held against the official figures."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.experiment.results import Results
from ydsim.plots import lines, page
from ydsim.plots.ensemble import Yearly, in_words
from ydsim.plots.levels import draw_levels
from ydsim.plots.style import WIDTH

INDICATOR = "rd_expenditure"
_PANEL = 3.0
_HEAD = 0.22


def draw_research(results: Results) -> Figure:
    """Return R&D expenditure of every province by year.

    Raises
    ------
    NothingToDrawError
        When it was not recorded.
    """
    yearly = Yearly(results)
    yearly.require([INDICATOR])
    last = yearly.last_official(INDICATOR)
    points = "" if last is None else "; points: official figures"
    figure, top = page.new_page(
        "R&D expenditure by province",
        f"{in_words(yearly.n)}{points}.",
        _HEAD + _PANEL + page.TICKS,
    )
    left = 0.6
    width = WIDTH - left - lines.LABEL_ROOM - page.MARGIN
    axes = page.add_panel(figure, left, top + _HEAD, width, _PANEL)
    draw_levels(axes, yearly, INDICATOR, _PANEL)
    page.head(axes, "", "", "100 million RMB a year, all funds, current prices")
    page.add_footer(figure, results)
    return figure
