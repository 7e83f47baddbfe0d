"""Over time: yearly indicators of provinces or of scenarios, and inequality between cities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.markers import CARETUP

from ydsim.errors import NothingToDrawError
from ydsim.fmt import listed
from ydsim.plots import canvas
from ydsim.plots.canvas import MUTED, SMALL, Look, look, shown
from ydsim.plots.values import (
    MOST_BANDS,
    Drawn,
    drawn,
    last_official,
    official_of,
    quantity,
    read_rows,
    read_yearly,
    scenario_look,
    shaded_in_words,
    spread_in_words,
    spread_of,
)
from ydsim.results.results import Results
from ydsim.results.summary import HEADLINES, forecasts
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints

# -- a panel ---------------------------------------------------------------------------------------

REACH = 0.3
"""How far the axis goes beyond lines for the sake of forecasts, as a share of their height."""


@dataclass(frozen=True)
class Line:
    """A line of a panel.

    Its name at the end; median and range by time, as of `spread_of` (without a range there is no
    band); its look; official figures by year, drawn as hollow points, and low and high end of
    forecasts from the last of them on, drawn as a lighter band, None for none.
    """

    name: str
    values: pd.DataFrame
    look: Look
    official: pd.Series[Any] | None = None
    ahead: pd.DataFrame | None = None


def draw_panel(axes: Axes, lines: Sequence[Line], *, from_zero: bool = True, last: int = 0) -> None:
    """Draw lines with their bands, official points, and names at their ends.

    ``from_zero``: whether the axis begins at zero, as it must for amounts. ``last``: year of the
    last official figure, after which years are shaded; 0 for that of the lines.
    """
    times = lines[0].values.index.to_numpy()
    for line in lines:
        _draw_line(axes, times, line)
        if line.official is not None and len(known := line.official.dropna()):
            last = max(last, int(known.index[-1]))
            (points,) = axes.plot(known.index, known, line.look.marker, gid="official", zorder=4)
            points.set(markersize=3.6, markerfacecolor="white", markeredgewidth=0.8)
            points.set_markeredgecolor(line.look.colour)
    canvas.set_years(axes, int(times[0]), int(times[-1]))
    drawn = [each for line in lines for each in (line.values, line.official)]
    held = [each.to_numpy(np.float64) for each in drawn if each is not None]
    if not any(np.isfinite(each).any() for each in held):
        middle: dict[str, Any] = {"transform": axes.transAxes, "ha": "center", "va": "center"}
        axes.text(0.5, 0.5, _t("no data"), color=MUTED, **middle)
        axes.set_yticks([])
        return
    canvas.set_amounts(axes, *_within_reach(lines, held), from_zero=from_zero)
    _mark_leaving(axes, lines)
    ends = [(line.name, float(line.values["middle"].iloc[-1]), line.look) for line in lines]
    canvas.name_ends(axes, ends)
    if last and last < times[-1]:
        _mark_projection(axes, last)


def _within_reach(lines: Sequence[Line], held: Sequence[Floats]) -> Iterator[Floats]:
    """Yield what the axis holds: lines, and ends of forecasts that would not squash them."""
    yield from held
    finite = np.concatenate([each[np.isfinite(each)] for each in map(np.ravel, held)])
    low, high = float(finite.min()), float(finite.max())
    reach = REACH * (high - min(low, 0.0))
    for ends in (line.ahead for line in lines if line.ahead is not None):
        yield ends.to_numpy(np.float64).clip(low - reach, high + reach)


def _mark_leaving(axes: Axes, lines: Sequence[Line]) -> None:
    """Mark where forecasts leave the axis at its top, with a small triangle each."""
    top = axes.get_ylim()[1]
    for line in lines:
        high = pd.Series() if line.ahead is None else line.ahead["high"].dropna()
        if not (high > top).any():
            continue
        year = high.index[high > top][0]
        before = high.get(year - 1, top)
        at = year - (high[year] - top) / (high[year] - before)
        style: dict[str, Any] = {"marker": CARETUP, "markersize": 5.0, "gid": "leaves"}
        axes.plot([at], [top], color=line.look.colour, linestyle="", zorder=5, **style)


def _draw_line(axes: Axes, times: Ints, line: Line) -> None:
    """Draw the median as a line and the range as a band; of a single time as marks."""
    middle, low, high = (line.values[each] for each in ("middle", "low", "high"))
    single, colour = middle.count() == 1, line.look.colour
    if low.notna().any():
        axes.fill_between(times, low, high, color=colour, alpha=0.2, linewidth=0, zorder=2)
        if single:
            axes.vlines(times, low, high, color=colour, linewidth=1.0)
    if line.ahead is not None:
        ends = line.ahead.index, line.ahead["low"], line.ahead["high"]
        band = axes.fill_between(*ends, color=colour, alpha=0.08, linewidth=0, zorder=1)
        band.set_gid("forecast")
    axes.plot(
        times,
        middle,
        color=colour,
        linestyle=line.look.dash,
        linewidth=1.5,
        marker="_" if single else "",
        markersize=9.0,
        markeredgewidth=1.5,
        label=shown(line.name),
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

    UsageError when provinces of results differ. NothingToDrawError when none of them was recorded,
    or there are fewer than two years.
    """
    found = drawn(results)
    series = [read_yearly(each, HEADLINES) for each in results]
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

    UsageError when the indicator is not known, or provinces of results differ. NothingToDrawError
    when the indicator was not recorded, or there are fewer than two years.
    """
    found = drawn(results)
    if years is not None:
        within = np.isin(found.years, range(years[0], years[1] + 1))
        found = replace(found, years=found.years[within])
    what, *_ = [quantity(each, indicator) for each in results]
    series = [read_yearly(each, [indicator]) for each in results]
    places: list[str | None] = [region]
    if region is None and found.several:
        places = [found.whole, *(found.provinces if len(found.provinces) > 1 else ())]
    elif region is None and not {*series[0].dropna().index.unique("place")} & {*found.provinces}:
        places = [found.whole]
    where = _where(found, region if len(places) > 1 else places[0])
    title = _t("{what}: {where}").format(what=what.head, where=where)
    heads = [found.name_of(place) if place and len(places) > 1 else "" for place in places]
    panels = [(head, indicator, place) for head, place in zip(heads, places, strict=True)]
    return _draw_panels(found, series, panels, title)


def _draw_panels(
    found: Drawn,
    series: Sequence[pd.DataFrame],
    panels: Sequence[tuple[str, str, str | None]],
    title: str,
    letters: str = "",
) -> Figure:
    """Draw panels, each with a head, an indicator, and a place or None for all provinces."""
    lines = [_lines(found, series, indicator, place) for _, indicator, place in panels]
    points = ""
    if any(
        line.official is not None and line.official.notna().any() for each in lines for line in each
    ):
        points = _t("Hollow points: official figures; shaded: years after the last of them.")
        if found.made_up:
            points = _t("Hollow points: figures of the made-up world, no observations.")
    if any(line.ahead is not None for each in lines for line in each):
        points += " " + _t(
            "Light bands: forecasts, of 80 %, from the last figure on, with the growth of the runs "
            "and the errors that forecasts of past years made, where these are known; a triangle "
            "marks where one leaves the panel."
        )
    figure, axes = canvas.new_page(
        title,
        spread_in_words(*(len(each.replicates) for each in found.results)),
        points,
        foot=canvas.origin(*found.results),
        panels=len(panels),
        height=max(3.2 if len(panels) == 1 else 2.2, 0.14 * len(lines[0]) + 0.9),
    )
    for at, (panel, own, (head, name, _)) in enumerate(zip(axes, lines, panels, strict=True)):
        what = quantity(found.results[0], name)
        draw_panel(panel, own, from_zero=not what.level)
        canvas.head(panel, head, what.unit, letter=letters[at : at + 1])
    return figure


def _lines(
    found: Drawn, series: Sequence[pd.DataFrame], indicator: str, place: str | None
) -> list[Line]:
    """Return lines of an indicator: provinces where no place is given, else scenarios."""
    if place is None:
        of = [(_t(name), 0, name, look(p)) for p, name in enumerate(found.provinces)]
    else:
        names = found.names if found.several else (found.name_of(place),)
        of = [(name, n, place, scenario_look(n)) for n, name in enumerate(names)]
    rows = official_of(found.results[0])
    figures = rows[rows["indicator"] == indicator].groupby(["region", "year"])["value"].last()
    official = figures.unstack().reindex([*found.provinces, found.whole], columns=found.years).T
    ahead = forecasts(found.results[0], series[0][[] if found.several else [indicator]])
    lines = []
    for name, n, where, style in of:
        runs = series[n][indicator].xs(where, level="place").unstack("year")
        runs = runs.reindex(found.results[n].replicates, columns=found.years)
        values = spread_of(runs, band=len(series) <= MOST_BANDS)
        known = None if n else official[where]
        lines.append(Line(name, values, style, known, _fan(ahead, where, known, found.years)))
    return lines


def _fan(
    ahead: pd.DataFrame, place: str, official: pd.Series[Any] | None, years: Ints
) -> pd.DataFrame | None:
    """Return ends of forecasts of a place from the last official figure on, None for none."""
    if official is None or place not in ahead.index.unique("region"):
        return None
    ends = ahead[ahead.index.get_level_values("region") == place]
    ends = ends.droplevel(["indicator", "region"])
    ends = ends[["forecast_low", "forecast_high"]].set_axis(["low", "high"], axis=1)
    ends.loc[ends.index[0] - 1] = official.get(ends.index[0] - 1, np.nan)
    fan = ends.sort_index()
    return fan[fan.index.isin(years)]


def _where(found: Drawn, place: str | None) -> str:
    """Say which places and scenarios are drawn."""
    words = found.name_of(place) if place else _t("provinces")
    if found.several and place is None:
        words = _t("region and provinces")
    return _t("{place}, {scenarios}").format(place=words, scenarios=found.in_words)


# -- inequality ------------------------------------------------------------------------------------


def draw_inequality(
    results: Results, *, indicator: str = "rd_expenditure", years: tuple[int, int] | None = None
) -> Figure:
    """Return Theil's index and the Gini coefficient of cities by year, with their parts.

    NothingToDrawError when the table ``inequality`` cannot be made of these results, or lacks the
    indicator.
    """
    indices = {"theil": ("within", "between"), "gini": ("within", "between", "overlap")}
    columns = [f"{name}_{part}" for name, parts in indices.items() for part in parts]
    rows = read_rows(results, "inequality", ["year", "indicator", *indices, *columns])
    known = rows["indicator"].unique().tolist()
    first, last = years or (rows["year"].min(), rows["year"].max())
    rows = rows[(rows["indicator"] == indicator) & rows["year"].between(first, last)]
    if not len(rows):
        raise NothingToDrawError(
            _t("no inequality of {name} in {first}\u2013{last}; the table has {known}").format(
                name=indicator, first=first, last=last, known=listed(known)
            )
        )
    what, official = quantity(results, indicator), last_official(results, indicator)
    figure, panels = canvas.new_page(
        _t("Inequality of {what} between cities: {name}").format(
            what=what.name, name=shown(results.label, 30)
        ),
        _t(
            "The whole index and its parts within and between provinces; zero: all cities alike. "
            "Theil's index weights cities by residents; the Gini coefficient does not, and has a "
            "part from the overlap of provinces."
        ),
        "" if indicator == "coupling" else _t("Values are those for each resident."),
        spread_in_words(len(results.replicates)),
        shaded_in_words(np.sort(rows["year"].unique()), official),
        what.remark,
        foot=canvas.origin(results),
        panels=2,
        height=2.6,
    )
    heads = (_t("Theil's index"), _t("Gini coefficient"))
    words = (_t("whole"), _t("within"), _t("between"), _t("overlap"))
    for axes, head, (index, parts) in zip(panels, heads, indices.items(), strict=True):
        names = [index, *(f"{index}_{part}" for part in parts)]
        lines = []
        for k, (word, name) in enumerate(zip(words, names, strict=False)):
            runs = rows.pivot(index="replicate", columns="year", values=name)
            lines.append(Line(word, spread_of(runs), scenario_look(k)))
        draw_panel(axes, lines, last=official)
        canvas.head(axes, head)
    return figure
