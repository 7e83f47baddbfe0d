"""Secondary value added and productivity by province."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots import lines, page
from ydsim.plots.ensemble import Yearly, in_words
from ydsim.plots.levels import draw_levels
from ydsim.plots.style import WIDTH
from ydsim.results.results import Results

OUTPUT, PRODUCTIVITY = "value_added_secondary", "productivity_log"
_PANEL = 2.2


def draw_output(results: Results) -> Figure:
    """Return secondary value added (left) and log productivity (right) by year.

    Raises
    ------
    NothingToDrawError
        When neither was recorded.
    """
    yearly = Yearly(results)
    yearly.require([OUTPUT, PRODUCTIVITY])
    last = yearly.last_official(OUTPUT)
    points = "" if last is None else "; points: official figures"
    figure, top = page.new_page(
        "Output and productivity by province",
        f"{in_words(yearly.n)}{points}.",
        page.HEAD + _PANEL + page.TICKS,
    )
    top += page.HEAD
    left, room = 0.6, lines.LABEL_ROOM
    width = (WIDTH - page.MARGIN - 2 * (left + room)) / 2.0
    panels = (
        (OUTPUT, "a", "Secondary value added", "100 million RMB a year, current prices"),
        (PRODUCTIVITY, "b", "Mean log productivity of firms", "log units, weighted by value added"),
    )
    for i, (indicator, letter, title, unit) in enumerate(panels):
        axes = page.add_panel(figure, left + i * (width + left + room - 0.05), top, width, _PANEL)
        draw_levels(axes, yearly, indicator, _PANEL, from_zero=indicator == OUTPUT)
        page.head(axes, letter, title, unit)
    page.add_footer(figure, results)
    return figure
