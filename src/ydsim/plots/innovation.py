"""Technology contracts and invention patents by province, held against the official figures."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.ensemble import Yearly, in_words
from ydsim.plots.findings import change_over, leader_of, name_of
from ydsim.plots.levels import draw_levels, official_in_words, place_panels
from ydsim.plots.messages import say
from ydsim.plots.policy_dates import listed, policy_dates
from ydsim.plots.scenarios import require_years
from ydsim.results.results import Results

PANELS = (
    "tech_market_contract_value_output",
    "tech_market_contract_value_inflow",
    "invention_patent_applications",
    "invention_patents_granted",
)
"""The indicator of each panel; messages ``innovation.INDICATOR_unit`` give its unit."""

SOLD, GRANTED = PANELS[0], PANELS[3]
_PANEL = 1.75
_STEP = page.HEAD + _PANEL + page.TICKS + 0.12


def draw_innovation(results: Results) -> Figure:
    """Return value of contracts sold and bought (top), applications and grants (bottom).

    Raises
    ------
    NothingToDrawError
        When none of them was recorded, or there is only one year.
    """
    years = require_years(results, say("innovation.name"))
    yearly = Yearly(results)
    yearly.require(list(PANELS))
    dates = policy_dates([results], int(years[0]), int(years[-1]))
    points = official_in_words(yearly, list(PANELS))
    words = page.sentences(in_words(yearly.n), points, say("innovation.explanation"), listed(dates))
    figure, top = page.new_page(_finding(yearly), words, 2 * _STEP - 0.12)
    panels = place_panels(figure, top + page.HEAD, _PANEL, 2, _STEP)
    for axes, letter, indicator in zip(panels, "abcd", PANELS, strict=True):
        draw_levels(axes, yearly, indicator, _PANEL, dates=dates)
        page.head(axes, letter, name_of(indicator), say(f"innovation.{indicator}_unit"))
    page.add_footer(figure, results)
    return figure


def _finding(yearly: Yearly) -> str:
    """Return the title."""
    seller = leader_of(yearly, SOLD)
    parts = []
    if seller is not None:
        facts = {"change": change_over(yearly, SOLD), "leader": seller.name}
        facts |= {"first": str(yearly.years[0]), "last": str(yearly.years[-1])}
        parts.append(say("innovation.sold", **facts, share=f"{100.0 * seller.share:.0f}"))
    if leader_of(yearly, GRANTED) is not None:
        parts.append(say("innovation.granted", change=change_over(yearly, GRANTED)))
    return "; ".join(parts) or say("innovation.nothing")
