"""Yearly indicators over time: provinces of one scenario, or several scenarios on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.plots import canvas
from ydsim.plots.style import MUTED, SMALL, Look, look, shown
from ydsim.plots.values import (
    MOST_BANDS,
    Drawn,
    Spread,
    Yearly,
    drawn,
    quantity,
    scenario_look,
    spread_in_words,
    spread_of,
)
from ydsim.results.results import Results
from ydsim.results.summary import HEADLINES
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints

# -- a panel ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of a panel.

    Attributes
    ----------
    name
        At its end.
    runs
        Shape (replicates, years), NaN where there is no value.
    look
        Its colour and dash.
    official
        Shape (years,): drawn as hollow points; None for none.
    """

    name: str
    runs: Floats
    look: Look
    official: Floats | None = None


def draw_panel(
    axes: Axes,
    years: Ints,
    lines: Sequence[Line],
    *,
    from_zero: bool = True,
    bands: bool = True,
    last: int = 0,
) -> None:
    """Draw lines with their bands, official points, and names at their ends.

    Parameters
    ----------
    from_zero
        Whether the axis begins at zero, as it must for amounts.
    bands
        Whether the range of replicates is drawn.
    last
        Year of the last official figure, after which years are shaded; 0 for that of the lines.
    """
    held, ends = [np.empty(0)], []
    for line in lines:
        values = spread_of(line.runs)
        draw_line(axes, years, values, line.look, line.name, band=bands)
        held += [values.middle, *((values.low, values.high) if bands else ())]
        ends.append((line.name, float(values.middle[-1]), line.look))
        if line.official is not None and (known := np.isfinite(line.official)).any():
            last = max(last, int(years[known][-1]))
            held.append(line.official)
            axes.plot(
                years[known],
                line.official[known],
                linestyle="none",
                marker=line.look.marker,
                markersize=3.6,
                markerfacecolor="white",
                markeredgecolor=line.look.colour,
                markeredgewidth=0.8,
                zorder=4,
                gid="official",
            )
    canvas.set_years(axes, int(years[0]), int(years[-1]))
    if not np.isfinite(np.concatenate(held)).any():
        canvas.say_no_data(axes)
        return
    canvas.set_amounts(axes, *held, from_zero=from_zero)
    canvas.name_ends(axes, ends)
    if last and last < years[-1]:
        _mark_projection(axes, last)


def draw_line(
    axes: Axes, times: Floats | Ints, values: Spread, look: Look, name: str, *, band: bool = True
) -> None:
    """Draw the median as a line and the range as a band; a single time becomes a mark."""
    single = int(np.isfinite(values.middle).sum()) == 1
    if band and np.isfinite(values.low).any():
        axes.fill_between(
            times, values.low, values.high, color=look.colour, alpha=0.2, linewidth=0, zorder=2
        )
        if single:
            axes.vlines(times, values.low, values.high, color=look.colour, linewidth=1.0)
    axes.plot(
        times,
        values.middle,
        color=look.colour,
        linestyle=look.dash,
        linewidth=1.5,
        marker="_" if single else "",
        markersize=9.0,
        markeredgewidth=1.5,
        label=shown(name),
        zorder=3,
    )


def _mark_projection(axes: Axes, last: int) -> None:
    """Shade the years after the last official figure."""
    end = axes.get_xlim()[1]
    axes.axvspan(last + 0.5, end, color=MUTED, alpha=0.07, linewidth=0, zorder=0)
    share = (end - last - 0.5) / float(np.ptp(axes.get_xlim()))
    words = _t("projection")
    if canvas.text_width(words, SMALL) < 0.8 * share * (canvas.panel_width(axes) - 1.2):
        canvas.at_top(axes, last + 0.5, words).set_gid("projection")


# -- kinds of figures ------------------------------------------------------------------------------


def draw_overview(*results: Results, region: str | None = None) -> Figure:
    """Return the indicators that a run is compared with official figures by, a panel each.

    Of one scenario the lines are the provinces, of several they are scenarios.

    Parameters
    ----------
    region
        A province, or the name of the whole region, to be drawn alone.

    Raises
    ------
    UsageError
        When provinces of results differ.
    NothingToDrawError
        When none of them was recorded, or there are fewer than two years.
    """
    found = drawn(results)
    series = [Yearly(each, HEADLINES) for each in results]
    place = region or (found.whole if found.several else None)
    title = _t("Simulated and official figures: {where}")
    if found.made_up:
        title = _t("Simulated figures: {where}")
    panels = [
        (quantity(results[0], name).head, name, place)
        for name in HEADLINES
        if all(name in each for each in series)
    ]
    return _draw_panels(found, series, panels, title.format(where=_where(found, place)), "abcdef")


def draw_lines(
    *results: Results,
    indicator: str = "rd_expenditure",
    region: str | None = None,
    years: tuple[int, int] | None = None,
) -> Figure:
    """Return a yearly indicator of one scenario or of several on one axis.

    Of one scenario the lines are the provinces. Of several they are scenarios: a panel for the
    whole region, and one for each province.

    Parameters
    ----------
    results
        Of one run each.
    indicator
        One of those recorded.
    region
        A province, or the name of the whole region, to be drawn alone.
    years
        First and last; by default all that the results have in common.

    Raises
    ------
    UsageError
        When the indicator is not known, or provinces of results differ.
    NothingToDrawError
        When the indicator was not recorded, or there are fewer than two years.
    """
    found = drawn(results)
    if years is not None:
        within = np.isin(found.years, range(years[0], years[1] + 1))
        found = replace(found, years=found.years[within])
    what, *_ = [quantity(each, indicator) for each in results]
    series = [Yearly(each, [indicator]) for each in results]
    places: list[str | None] = [region]
    if region is None and found.several:
        places = [found.whole, *(found.provinces if len(found.provinces) > 1 else ())]
    elif region is None and not series[0].has_provinces(indicator):
        places = [found.whole]
    where = _where(found, region if len(places) > 1 else places[0])
    title = _t("{what}: {where}").format(what=what.head, where=where)
    heads = [found.name_of(place) if place and len(places) > 1 else "" for place in places]
    panels = [(head, indicator, place) for head, place in zip(heads, places, strict=True)]
    return _draw_panels(found, series, panels, title)


def _draw_panels(
    found: Drawn,
    series: Sequence[Yearly],
    panels: Sequence[tuple[str, str, str | None]],
    title: str,
    letters: str = "",
) -> Figure:
    """Draw panels, each with a head, an indicator, and a place or None for all provinces."""
    points = ""
    if any(
        np.isfinite(each.official(name, place, found.years)).any()
        for each in series
        for name in {indicator for _, indicator, _ in panels}
        for place in (*found.provinces, found.whole)
    ):
        points = _t("Hollow points: official figures; shaded: years after the last of them.")
        if found.made_up:
            points = _t("Hollow points: figures of the made-up world, no observations.")
    lines = len(found.results) if found.several else len(found.provinces)
    figure, axes = canvas.new_page(
        title,
        spread_in_words(*(len(each.replicates) for each in series)),
        points,
        foot=canvas.origin(*found.results),
        panels=len(panels),
        height=max(3.2 if len(panels) == 1 else 2.2, 0.14 * lines + 0.9),
    )
    for at, (panel, (head, indicator, place)) in enumerate(zip(axes, panels, strict=True)):
        what = quantity(found.results[0], indicator)
        draw_panel(
            panel,
            found.years,
            _lines(found, series, indicator, place),
            from_zero=not what.level,
            bands=len(found.results) <= MOST_BANDS,
        )
        canvas.head(panel, head, what.unit, letter=letters[at : at + 1])
    return figure


def _lines(found: Drawn, series: Sequence[Yearly], indicator: str, place: str | None) -> list[Line]:
    """Return lines of an indicator: provinces where no place is given, else scenarios."""
    if place is None:
        of = [(name, series[0], name, look(p)) for p, name in enumerate(found.provinces)]
    else:
        names = found.names if found.several else (found.name_of(place),)
        pairs = enumerate(zip(names, series, strict=True))
        of = [(name, each, place, scenario_look(n)) for n, (name, each) in pairs]
    return [
        Line(
            name,
            each.runs(indicator, where, found.years),
            style,
            each.official(indicator, where, found.years) if each is series[0] else None,
        )
        for name, each, where, style in of
    ]


def _where(found: Drawn, place: str | None) -> str:
    """Say which places and scenarios are drawn."""
    words = found.name_of(place) if place else _t("provinces")
    if found.several and place is None:
        words = _t("region and provinces")
    return _t("{place}, {scenarios}").format(place=words, scenarios=found.in_words)
