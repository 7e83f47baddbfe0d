"""Any yearly indicator over time: provinces of one scenario, or several scenarios on one axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.errors import UsageError
from ydsim.plots import lines, overview, page, policy_dates
from ydsim.plots.ensemble import NothingToDrawError, band, in_words
from ydsim.plots.findings import facts_of, interval_in_words, name_of
from ydsim.plots.indicator_finding import finding
from ydsim.plots.messages import say, unit_beside
from ydsim.plots.scenarios import MOST_BANDS, Together, scenario_look, together
from ydsim.plots.series import Series, read_series
from ydsim.plots.style import INK, WIDTH, Look, look, shown
from ydsim.results.results import Results
from ydsim.typing import Floats
from ydsim.wording import suggestion

WHOLE = Look(INK, "o", "-")
"""How the whole region is drawn where provinces have colours."""

MOST_DATES = 10
"""Dates of policies that are drawn in small panels at most."""

_ROOM = {False: overview.RIGHT, True: 1.4}


def draw_lines(
    *results: Results, indicator: str = "rd_expenditure", region: str | None = None
) -> Figure:
    """Return a yearly indicator of one scenario or of several on one axis.

    Of one scenario the lines are the provinces. Of several they are scenarios: in the large panel
    for the whole region, in the small ones for its provinces.

    Parameters
    ----------
    results
        Of one run each.
    indicator
        One of those recorded.
    region
        A province, or the name of the whole region, to be drawn alone.

    Raises
    ------
    UsageError
        When the indicator or the region is not known, or provinces of results differ.
    NothingToDrawError
        When the indicator was not recorded, or there are fewer than two years.
    """
    drawn = together(results, say("lines.name"))
    for each in results:
        known = sorted(each.manifest["indicators"])
        if indicator not in known:
            near = suggestion(indicator, known, say("lines.known"))
            raise UsageError(say("lines.no_indicator", name=indicator, near=near))
    if region is not None and region not in (*drawn.provinces, drawn.whole):
        near = suggestion(region, [*drawn.provinces, drawn.whole], say("lines.known"))
        raise UsageError(say("lines.no_region", name=region, near=near))
    return draw_indicator(drawn, indicator, region)


def draw_indicator(
    drawn: Together, indicator: str, region: str | None = None, remark: str = ""
) -> Figure:
    """Return the figure of checked results.

    Parameters
    ----------
    remark
        What is to be known of the official figures, where there are any.

    Raises
    ------
    NothingToDrawError
        When the indicator was not recorded.
    """
    found = [read_series(each, indicator, drawn) for each in drawn.results]
    if not any(np.isfinite(values).any() for each in found for values in each.values.values()):
        raise NothingToDrawError(say("lines.not_recorded", name=indicator))
    has_provinces = any(np.isfinite(found[0].values[name]).any() for name in drawn.provinces)
    large = region or (drawn.whole if drawn.several or not has_provinces else None)
    small = drawn.provinces if drawn.several and has_provinces and region is None else ()
    dates = policy_dates.policy_dates(drawn.results, int(drawn.years[0]), int(drawn.years[-1]))
    width = WIDTH - overview.LEFT - _ROOM[drawn.several] - page.MARGIN
    limits = lines.limits_of_years(int(drawn.years[0]), int(drawn.years[-1]))
    figure = overview.lay_out(
        finding(drawn, found, indicator, large),
        _explain(drawn, found, large, remark, policy_dates.explain(dates, limits, width)),
        _unit(drawn, indicator, large),
        small,
        strip=policy_dates.ROW * policy_dates.rows_needed(dates, limits, width),
        right=_ROOM[drawn.several],
        foot=page.foot_height(*drawn.results),
        large=overview.LARGE if small else 3.0,
    )
    names = drawn.provinces if large is None else (large,)
    ends = _draw(figure.large, drawn, found, names)
    from_zero = facts_of(drawn.results[0], indicator)["unit"] not in ("log", "index")
    _scale(figure.large, drawn, [_held(found, name) for name in names], from_zero)
    policy_dates.draw_dates(figure.large, dates, several=drawn.several)
    policy_dates.name_dates(figure.large, dates, width, several=drawn.several)
    last = max((each.last_official(names) or 0 for each in found), default=0)
    lines.mark_end_of_official(figure.large, last or None, int(drawn.years[-1]))
    height = overview.LARGE if small else 3.0
    lines.name_ends(figure.large, ends, height, room=_ROOM[drawn.several])
    held = [_held(found, name) for name in small]
    for p, axes in enumerate(figure.small):
        _draw(axes, drawn, found, (drawn.provinces[p],))
        _scale(axes, drawn, held, from_zero, labels=3)
        if len(dates) <= MOST_DATES:
            policy_dates.draw_dates(axes, dates, several=True)
        axes.tick_params(labelleft=figure.first[p], labelbottom=figure.lowest[p])
        if not np.isfinite(held[p]).any():
            page.say_no_data(axes)
    page.add_footer(figure.figure, drawn.results)
    return figure.figure


def _draw(
    axes: Axes, drawn: Together, found: Sequence[Series], names: Sequence[str]
) -> list[tuple[str, float, Look]]:
    """Draw places of one scenario, or one place of several; return names and ends of lines."""
    ends = []
    for number, each in enumerate(found):
        for name in names:
            mean = band(each.values[name])
            if drawn.several:
                looks, title = scenario_look(number), drawn.names[number]
            else:
                looks, title = _look_of(drawn, name), name
            values = mean if len(found) <= MOST_BANDS else mean.without_spread()
            lines.draw_band(axes, drawn.years, values, looks, title)
            ends.append((title, float(mean.mean[-1]), looks))
            if number == 0:
                points = Look(INK, "o", "-") if drawn.several else looks
                lines.draw_official(axes, drawn.years, each.official[name], points)
    return ends


def _look_of(drawn: Together, name: str) -> Look:
    return look(drawn.provinces.index(name)) if name in drawn.provinces else WHOLE


def _scale(
    axes: Axes, drawn: Together, held: Sequence[Floats], from_zero: bool, labels: int = 6
) -> None:
    lines.set_years(axes, int(drawn.years[0]), int(drawn.years[-1]), labels=labels)
    lines.set_amounts(axes, *held, from_zero=from_zero)
    if axes.get_ylim()[0] < 0.0:
        lines.mark_zero(axes)


def _held(found: Sequence[Series], name: str) -> Floats:
    """Return all values of a place that an axis has to hold."""
    held = [found[0].official[name]]
    for each in found:
        mean = band(each.values[name])
        values = mean if len(found) <= MOST_BANDS else mean.without_spread()
        held += [values.mean, values.low, values.high]
    return np.concatenate(held)


def _unit(drawn: Together, indicator: str, large: str | None) -> str:
    facts = facts_of(drawn.results[0], indicator)
    name = name_of(indicator)
    unit = shown(unit_beside(name, str(facts["unit"]), str(facts["kind"])))
    if large is None:
        return say("lines.unit", name=name, unit=unit)
    place = say("lines.whole") if large == drawn.whole else shown(large, 30)
    return say("lines.unit_of", name=name, unit=unit, place=place)


def _explain(
    drawn: Together, found: Sequence[Series], large: str | None, remark: str, dates: str
) -> str:
    """Say what lines, bands and points are, and the interval of the title."""
    points = any(np.isfinite(values).any() for values in found[0].official.values())
    n = drawn.replicates
    if set(n) != {1} and (len(found) > MOST_BANDS or len(n) > 1):
        counts = "\u2013".join(str(each) for each in dict.fromkeys((n[0], n[-1])))
        key = "lines.no_bands" if len(found) > MOST_BANDS else "lines.means"
        lines_are = say(key, n=counts, most=MOST_BANDS)
    else:
        lines_are = in_words(n[0])
    finals = [each.final(large or drawn.whole) for each in found]
    return page.sentences(
        lines_are,
        say("lines.points") if points else "",
        remark if points else "",
        interval_in_words(drawn, *finals),
        dates,
    )
