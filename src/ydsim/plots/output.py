"""Industrial value added and productivity by province."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.ensemble import Yearly, in_words
from ydsim.plots.findings import change_over, leader_of, name_of, unit_in_words
from ydsim.plots.levels import draw_levels, official_in_words, place_panels
from ydsim.plots.messages import say
from ydsim.plots.policy_dates import listed, policy_dates
from ydsim.plots.scenarios import require_years
from ydsim.results.results import Results

OUTPUT, PRODUCTIVITY = "value_added_secondary", "productivity_log"
_PANEL = 2.2


def draw_output(results: Results) -> Figure:
    """Return industrial value added (left) and log productivity (right) by year.

    Raises
    ------
    NothingToDrawError
        When neither was recorded, or there is only one year.
    """
    years = require_years(results, say("output.name"))
    yearly = Yearly(results)
    yearly.require([OUTPUT, PRODUCTIVITY])
    dates = policy_dates([results], int(years[0]), int(years[-1]))
    points = official_in_words(yearly, [OUTPUT])
    words = page.sentences(in_words(yearly.n), points, listed(dates))
    height = page.HEAD + _PANEL + page.TICKS
    figure, top = page.new_page(_finding(yearly), words, height)
    panels = place_panels(figure, top + page.HEAD, _PANEL, 1, 0.0)
    for axes, letter, indicator in zip(panels, "ab", (OUTPUT, PRODUCTIVITY), strict=True):
        from_zero = indicator == OUTPUT
        draw_levels(axes, yearly, indicator, _PANEL, dates=dates, from_zero=from_zero)
        unit = unit_in_words(results, indicator) if from_zero else say("output.productivity_unit")
        page.head(axes, letter, name_of(indicator), unit)
    page.add_footer(figure, results)
    return figure


def _finding(yearly: Yearly) -> str:
    """Return the title."""
    productive = leader_of(yearly, PRODUCTIVITY)
    leader = leader_of(yearly, OUTPUT)
    parts = []
    if leader is not None:
        facts = {"change": change_over(yearly, OUTPUT), "leader": leader.name}
        facts |= {"first": str(yearly.years[0]), "last": str(yearly.years[-1])}
        parts.append(say("output.title", **facts, share=f"{100.0 * leader.share:.0f}"))
    if productive is not None:
        parts.append(say("output.productive", leader=productive.name))
    return "; ".join(parts) or say("output.nothing")
