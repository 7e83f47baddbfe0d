"""Yearly indicators over time: provinces of one scenario, or several scenarios on one axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.errors import UsageError
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
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints
from ydsim.wording import suggestion


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
    axes: Axes, years: Ints, lines: Sequence[Line], *, from_zero: bool = True, bands: bool = True
) -> None:
    """Draw lines with their bands, official points, and names at their ends.

    Parameters
    ----------
    from_zero
        Whether the axis begins at zero, as it must for amounts.
    bands
        Whether the range of replicates is drawn.
    """
    held, ends, last = [np.empty(0)], [], 0
    for line in lines:
        values = spread_of(line.runs)
        draw_line(axes, years, values, line.look, line.name, band=bands)
        held += [values.middle, *((values.low, values.high) if bands else ())]
        ends.append((line.name, float(values.middle[-1]), line.look))
        if line.official is not None:
            known = np.isfinite(line.official)
            last = max(last, *years[known].tolist()) if known.any() else last
            held.append(line.official)
            _draw_official(axes, years[known], line.official[known], line.look)
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


def _draw_official(axes: Axes, years: Ints, values: Floats, look: Look) -> None:
    if len(years):
        (points,) = axes.plot(
            years,
            values,
            linestyle="none",
            marker=look.marker,
            markersize=3.6,
            markerfacecolor="white",
            markeredgecolor=look.colour,
            markeredgewidth=0.8,
            zorder=4,
        )
        points.set_gid("official")


def _mark_projection(axes: Axes, last: int) -> None:
    """Shade the years after the last official figure."""
    axes.axvspan(last + 0.5, axes.get_xlim()[1], color=MUTED, alpha=0.07, linewidth=0, zorder=0)
    width = canvas.text_width(_t("projection"), SMALL)
    share = (axes.get_xlim()[1] - last - 0.5) / float(np.ptp(axes.get_xlim()))
    if width < 0.8 * share * (canvas.panel_width(axes) - 1.2):
        axes.annotate(
            _t("projection"),
            (last + 0.5, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(3.0, -2.0),
            textcoords="offset points",
            size=SMALL,
            color=MUTED,
            va="top",
        ).set_gid("projection")


OVERVIEW = (
    "rd_expenditure",
    "value_added_secondary",
    "rd_personnel_fte",
    "hitech_enterprises_valid_stock_derived",
    "invention_patents_granted",
    "tech_market_contract_value_output",
)
"""What a run is compared with official figures by, a panel each."""


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
        When the region is not known, or provinces of results differ.
    NothingToDrawError
        When none of them was recorded, or there are fewer than two years.
    """
    found = drawn(results)
    series = [Yearly(each, OVERVIEW) for each in results]
    names = [name for name in OVERVIEW if all(name in each for each in series)]
    place = region or (found.whole if found.several else None)
    _require_place(found, place)
    title = _t("Simulated and official figures: {where}")
    if found.made_up:
        title = _t("Simulated figures: {where}")
    title = title.format(where=_where(found, place))
    figure, panels = _page(found, title, series, names, len(names))
    for axes, letter, name in zip(panels, "abcdef", names, strict=False):
        _draw(axes, found, series, name, place)
        what = quantity(results[0], name)
        canvas.head(axes, what.head, what.unit, letter=letter)
    return figure


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
        When the indicator or the region is not known, or provinces of results differ.
    NothingToDrawError
        When the indicator was not recorded, or there are fewer than two years.
    """
    found = drawn(results)
    if years is not None:
        found = replace(
            found, years=found.years[np.isin(found.years, range(years[0], years[1] + 1))]
        )
    what, *_ = [quantity(each, indicator) for each in results]
    _require_place(found, region)
    series = [Yearly(each, [indicator]) for each in results]
    places: list[str | None] = [region]
    if region is None and found.several:
        places = [found.whole, *(found.provinces if len(found.provinces) > 1 else ())]
    elif region is None and not series[0].has_provinces(indicator):
        places = [found.whole]
    title = _t("{what}: {where}").format(
        what=what.head, where=_where(found, region if len(places) > 1 else places[0])
    )
    figure, panels = _page(found, title, series, [indicator], len(places))
    for axes, place in zip(panels, places, strict=True):
        _draw(axes, found, series, indicator, place)
        title = shown(_name(found, place), 30) if place and len(places) > 1 else ""
        canvas.head(axes, title, what.unit)
    return figure


def _draw(
    axes: Axes, found: Drawn, series: Sequence[Yearly], indicator: str, place: str | None
) -> None:
    """Draw an indicator: lines are provinces where no place is given, else scenarios."""
    if place is None:
        lines = [
            Line(
                name,
                series[0].runs(indicator, name, found.years),
                look(p),
                series[0].official(indicator, name, found.years),
            )
            for p, name in enumerate(found.provinces)
        ]
    else:
        lines = [
            Line(
                found.names[n] if found.several else _name(found, place),
                each.runs(indicator, place, found.years),
                scenario_look(n),
                each.official(indicator, place, found.years) if n == 0 else None,
            )
            for n, each in enumerate(series)
        ]
    from_zero = not quantity(found.results[0], indicator).level
    bands = len(found.results) <= MOST_BANDS
    draw_panel(axes, found.years, lines, from_zero=from_zero, bands=bands)


def _require_place(found: Drawn, place: str | None) -> None:
    places = [*found.provinces, found.whole]
    if place is not None and place not in places:
        near = suggestion(place, places, _t("known"))
        raise UsageError(
            _t("there is no region {name!r} in these results{near}").format(name=place, near=near)
        )


def _page(
    found: Drawn,
    title: str,
    series: Sequence[Yearly],
    indicators: Sequence[str],
    panels: int,
) -> tuple[canvas.Canvas, list[Axes]]:
    """Return the page of lines over time, with what is drawn in words."""
    notes = [spread_in_words(*(len(each.replicates) for each in series))]
    if len(found.results) > MOST_BANDS:
        notes.append(_t("With more than {n} scenarios no bands are drawn.").format(n=MOST_BANDS))
    if any(
        np.isfinite(each.official(name, place, found.years)).any()
        for each in series
        for name in indicators
        for place in (*found.provinces, found.whole)
    ):
        points = _t("Hollow points: official figures; shaded: years after the last of them.")
        if found.made_up:
            points = _t("Hollow points: figures of the made-up world, no observations.")
        notes.append(points)
    lines = len(found.results) if found.several else len(found.provinces)
    return canvas.new_page(
        title,
        *notes,
        foot=canvas.origin(*found.results),
        panels=panels,
        height=max(3.2 if panels == 1 else 2.2, 0.14 * lines + 0.9),
    )


def _name(found: Drawn, place: str | None) -> str:
    return _t("whole region") if place == found.whole else str(place)


def _where(found: Drawn, place: str | None) -> str:
    """Say which places and scenarios are drawn."""
    if place is None:
        place_words = _t("provinces") if not found.several else _t("region and provinces")
    else:
        place_words = shown(_name(found, place), 30)
    return _t("{place}, {scenarios}").format(place=place_words, scenarios=found.in_words)
