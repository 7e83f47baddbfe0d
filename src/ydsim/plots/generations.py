"""Living technology generations and their foundings, in the region and outside."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ydsim.plots import lines, page
from ydsim.plots.ensemble import Band, NothingToDrawError, Yearly, band, in_words, regional_quarters
from ydsim.plots.findings import amount
from ydsim.plots.messages import say
from ydsim.plots.policy_dates import draw_dates, listed, policy_dates
from ydsim.plots.scenarios import require_years
from ydsim.plots.style import INK, OUTSIDE, WIDTH, Look
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

LIVE = ("generations_live", "generations_live_outside")
FOUNDED = ("generations_founded", "generations_founded_outside")
LOOKS = (Look(INK, "o", "-"), Look(OUTSIDE, "s", (0, (4, 1.5))))
_PANEL = 1.8


def draw_generations(results: Results) -> Figure:
    """Return living generations by quarter (left) and foundings by year (right).

    Raises
    ------
    NothingToDrawError
        When they were not recorded, or there is only one year.
    """
    years = require_years(results, say("generations.name"))
    yearly = Yearly(results)
    times, living = regional_quarters(results, LIVE)
    founded = [yearly.values(name, yearly.whole) for name in FOUNDED]
    if not any(np.isfinite(values).any() for values in (*living, *founded)):
        raise NothingToDrawError(say("ensemble.not_recorded", names=" and ".join(LIVE)))
    dates = policy_dates([results], int(years[0]), int(years[-1]))
    alive, begun = ([band(value) for value in values] for values in (living, founded))
    middle = times - 0.5  # the label of a year stands in its middle, as that of its yearly value
    figure, top = page.new_page(
        _finding(yearly, alive, begun),
        page.sentences(in_words(yearly.n), say("generations.explanation"), listed(dates)),
        page.HEAD + _PANEL + page.TICKS,
    )
    left, room = 0.6, 0.62
    width = (WIDTH - page.MARGIN - 2 * (left + room)) / 2.0
    first, last = int(yearly.years[0]), int(yearly.years[-1])
    panels: tuple[tuple[str, str, Floats | Ints, list[Band]], ...] = (
        ("a", "living", middle, alive),
        ("b", "founded", yearly.years, begun),
    )
    names = (say("generations.region"), say("generations.outside"))
    for i, (letter, what, when, bands) in enumerate(panels):
        place = (left + i * (width + left + room), top + page.HEAD)
        axes = page.add_panel(figure, *place, width, _PANEL)
        for each, look, name in zip(bands, LOOKS, names, strict=True):
            lines.draw_band(axes, when, each, look, name)
        held = [part for each in bands for part in (each.mean, each.low, each.high)]
        lines.set_years(axes, first, last)
        axes.set_xlim(first - 0.5, last + 0.5)
        page.head(axes, letter, say(f"generations.{what}"), say(f"generations.{what}_unit"))
        if not np.isfinite(np.concatenate(held)).any():
            page.say_no_data(axes)
            continue
        lines.set_amounts(axes, *held)
        draw_dates(axes, dates)
        ends = zip(names, (float(each.mean[-1]) for each in bands), LOOKS, strict=True)
        lines.name_ends(axes, list(ends), _PANEL)
    page.add_footer(figure, results)
    return figure


def _finding(yearly: Yearly, alive: list[Band], begun: list[Band]) -> str:
    """Return the title."""
    facts = {"first": int(yearly.years[0]), "last": int(yearly.years[-1])}
    return say(
        "generations.title",
        **facts,
        begin=amount(float(begun[0].mean[0])),
        end=amount(float(begun[0].mean[-1])),
        home=amount(float(alive[0].mean[-1])),
        outside=amount(float(alive[1].mean[-1])),
    )
