"""Technology contracts and invention patents by province, held against the official figures."""

from __future__ import annotations

from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.ensemble import Yearly, in_words
from ydsim.plots.levels import draw_levels, official_in_words, place_panels
from ydsim.results.results import Results

MONEY = "100 million RMB a year, registered contracts"
PANELS = {
    "tech_market_contract_value_output": ("Technology sold", MONEY),
    "tech_market_contract_value_inflow": ("Technology bought", MONEY),
    "invention_patent_applications": ("Invention patents applied for", "applications a year"),
    "invention_patents_granted": ("Invention patents granted", "grants a year"),
}
"""Title and unit of each panel, by indicator."""

_PANEL = 1.75
_STEP = page.HEAD + _PANEL + page.TICKS + 0.12


def draw_innovation(results: Results) -> Figure:
    """Return value of contracts sold and bought (top), applications and grants (bottom).

    Raises
    ------
    NothingToDrawError
        When none of them was recorded.
    """
    yearly = Yearly(results)
    yearly.require(list(PANELS))
    figure, top = page.new_page(
        "Technology contracts and invention patents by province",
        f"{in_words(yearly.n)}{official_in_words(yearly, list(PANELS))}. Contracts of the year "
        "by province of the seller (a) and of the buyer (b), partners outside the region included. "
        "Grants of the first three years follow from applications filed before the run.",
        2 * _STEP - 0.12,
    )
    panels = place_panels(figure, top + page.HEAD, _PANEL, 2, _STEP)
    for axes, letter, (indicator, (title, unit)) in zip(
        panels, "abcd", PANELS.items(), strict=True
    ):
        draw_levels(axes, yearly, indicator, _PANEL)
        page.head(axes, letter, title, unit)
    page.add_footer(figure, results)
    return figure
