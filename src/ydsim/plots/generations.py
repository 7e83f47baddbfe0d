"""Living technology generations and their foundings, in the region and outside."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ydsim.plots import lines, page
from ydsim.plots.ensemble import Yearly, band, in_words, regional_quarters
from ydsim.plots.style import INK, OUTSIDE, WIDTH, Look
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

LIVE = ("generations_live", "generations_live_outside")
FOUNDED = ("generations_founded", "generations_founded_outside")
LOOKS = (Look(INK, "o", "-"), Look(OUTSIDE, "s", (0, (4, 1.5))))
NAMES = ("Region", "Outside")
_PANEL = 1.8


def draw_generations(results: Results) -> Figure:
    """Return living generations by quarter (left) and foundings by year (right).

    Raises
    ------
    NothingToDrawError
        When they were not recorded.
    """
    yearly = Yearly(results)
    times, living = regional_quarters(results, LIVE)
    figure, top = page.new_page(
        "Technology generations in the region and in the rest of the nation",
        f"{in_words(yearly.n)}. A generation is a technology of one field in one industry; it "
        "lives until nearly all firms have adopted it or it is too old.",
        page.HEAD + _PANEL + page.TICKS,
    )
    top += page.HEAD
    left, room = 0.6, 0.62
    width = (WIDTH - page.MARGIN - 2 * (left + room)) / 2.0
    first, last = int(yearly.years[0]), int(yearly.years[-1])
    founded = [yearly.values(name, yearly.whole) for name in FOUNDED]
    panels: tuple[tuple[str, str, str, Floats | Ints, list[Floats]], ...] = (
        ("a", "Living generations", "at the end of each quarter", times, living),
        ("b", "Foundings", "generations a year", yearly.years, founded),
    )
    for i, (letter, title, unit, when, values) in enumerate(panels):
        axes = page.add_panel(figure, left + i * (width + left + room), top, width, _PANEL)
        bands = [band(value) for value in values]
        for each, look, name in zip(bands, LOOKS, NAMES, strict=True):
            lines.draw_band(axes, when, each, look, name)
        held = [part for each in bands for part in (each.mean, each.low, each.high)]
        lines.set_years(axes, first, last)
        if i == 0:
            axes.set_xlim(first, last + 1)
        page.head(axes, letter, title, unit)
        if not np.isfinite(np.concatenate(held)).any():
            page.say_no_data(axes)
            continue
        lines.set_amounts(axes, *held)
        ends = zip(NAMES, (float(each.mean[-1]) for each in bands), LOOKS, strict=True)
        lines.name_ends(axes, list(ends), _PANEL)
    page.add_footer(figure, results)
    return figure
