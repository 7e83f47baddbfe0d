"""Map of the difference between two results, city by city, paired on the same draws."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_hex
from matplotlib.figure import Figure

from ydsim.fmt import decimals_of, fixed, number
from ydsim.plots import page
from ydsim.plots.bubbles import RIM, bubble_radii, marker_size
from ydsim.plots.citymap import PANEL, RING, draw_names, draw_rings
from ydsim.plots.differences import Change, Differences, read_differences
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.ground import credit, draw_ground, ground_of
from ydsim.plots.mapkey import SIDE, draw_bar, draw_few, key_panel, key_title
from ydsim.plots.messages import say
from ydsim.plots.quantity import Quantity, quantity
from ydsim.plots.style import BODY, MUTED, SMALL, WIDTH, look, shown
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

COLOURS = LinearSegmentedColormap.from_list("less_more", ["#b2182b", "#f7f5f0", "#2166ac"])
"""Less, as much, more."""

UNSURE = "#c9c9c9"
"""Colour of cities whose interval holds zero."""


def draw_difference_map(
    *results: Results, indicator: str = "rd_expenditure", year: int | None = None
) -> Figure:
    """Return the map of what the second of two results has more or less than the first.

    Parameters
    ----------
    indicator
        What is compared.
    year
        By default the last that both have.

    Raises
    ------
    NothingToDrawError
        When there are not two results, they do not share their draws, or cities were not recorded.
    UsageError
        When a year was not recorded.
    """
    if len(results) != 2:
        raise NothingToDrawError(f"a difference needs two results, here are {len(results)}")
    first, second = results
    found = read_differences(first, second, indicator, year)
    what = quantity(first, indicator)
    names = shown(first.name, 24), shown(second.name, 24)
    if not np.isfinite(found.values).any():
        raise NothingToDrawError(f"{what.name} of cities has no value in {found.year}")
    ground = ground_of(first, found.world)
    text = _explanation(found, what, names)
    title, foot = title_of(found, what, names), page.foot_height(first, second)
    figure, top = page.new_page(title, text, PANEL, foot=foot)
    left, width = page.MARGIN, WIDTH - SIDE - 2 * page.MARGIN
    axes = page.add_panel(figure, left, top, width, PANEL)
    draw_ground(axes, ground, (width, PANEL))
    scale = _draw_cities(axes, found, ground.km, what, (width, PANEL))
    _draw_key(figure, found, what, scale, (left + width + 0.18, top))
    page.add_footer(figure, results, credit(first))
    return figure


def title_of(found: Differences, what: Quantity, names: tuple[str, str]) -> str:
    """Say the change of the region, and in how many cities it is more or less beyond doubt."""
    values, told = found.values, found.told
    facts: dict[str, object] = {
        "what": what.name,
        "year": found.year,
        "first": names[0],
        "second": names[1],
        "more": int((told & (values > 0.0)).sum()),
        "less": int((told & (values < 0.0)).sum()),
        "n": len(values),
    }
    if found.region is None:
        return say("differencemap.title_cities", **facts | {"what": what.head})
    value = abs(found.region.value)
    size = number(value, 2)
    if found.n > 1 and not found.region.sure:
        return say("differencemap.title_same", **facts | {"what": what.head})
    key = "differencemap.title_more" if found.region.value >= 0.0 else "differencemap.title_less"
    return say(key, size=size, **facts)


def in_words(one: Change, *, short: bool = False) -> str:
    """Say a change with its interval."""
    if not np.isfinite(one.value):
        return say("differencemap.none")
    if one.low is None or one.high is None:
        return number(one.value, 2, sign=True)
    decimals = decimals_of(max(abs(one.low), abs(one.high)), 2)
    value, low, high = (fixed(x, decimals, sign=True) for x in (one.value, one.low, one.high))
    key = "differencemap.range" if short else "differencemap.interval"
    return say(key, value=value, low=low, high=high)


def _explanation(found: Differences, what: Quantity, names: tuple[str, str]) -> str:
    how = say("words.one_replicate")
    if found.n > 1:
        chance = 0.05 * len(found.cities)
        how = say("differencemap.paired", n=found.n, chance=f"{chance:.0f}")
    unit = "differencemap.relative" if what.amount else "differencemap.absolute"
    region = "" if found.region is None else say("differencemap.region", all=in_words(found.region))
    return say(
        "differencemap.explanation",
        unit=say(unit, what=what.name, first=names[0], second=names[1]),
        first=names[0],
        region=region,
        how=how,
    )


def _draw_cities(
    axes: Axes, found: Differences, km: Floats, what: Quantity, size: tuple[float, float]
) -> ScalarMappable:
    """Draw and name the cities; return the scale of colours."""
    values, told = found.values, found.told
    amount = np.nan_to_num(found.base) if what.amount else np.full(len(values), 0.2)
    radii = bubble_radii(np.maximum(amount, 0.0)) if what.amount else np.full(len(values), 0.08)
    most = float(np.abs(values[told]).max()) if told.any() else 1.0
    scale = ScalarMappable(Normalize(-max(most, 1e-9), max(most, 1e-9)), COLOURS)
    colours = [
        to_hex(tuple(scale.to_rgba(value))) if sure else UNSURE
        for value, sure in zip(values.tolist(), told.tolist(), strict=True)
    ]
    order: Ints = np.lexsort((np.arange(len(values)), -amount))
    province = found.world.city_province
    axes.scatter(
        km[order, 0],
        km[order, 1],
        s=marker_size(radii[order]),
        c=[colours[c] for c in order.tolist()],
        edgecolors=[look(int(p)).colour for p in province[order]],
        linewidths=RIM,
        zorder=3,
    ).set_gid("cities")
    draw_rings(axes, km[found.few], radii[found.few])
    names = [found.world.city_names[c] for c in order.tolist()]
    room = radii + np.where(found.few, RING, 0.0)
    draw_names(axes, names, km[order], province[order], room[order], size)
    return scale


def _draw_key(
    figure: Figure,
    found: Differences,
    what: Quantity,
    scale: ScalarMappable,
    place: tuple[float, float],
) -> None:
    """Draw the bar of colours, what grey means, and the changes of provinces."""
    axes, _ = key_panel(figure, place)
    unit = say("differencemap.key.unit") if what.amount else what.unit
    down = key_title(axes, 0.0, say("differencemap.key.change"), unit)
    if found.told.any():
        draw_bar(figure, (place[0], place[1] + down), scale)
        down += 1.2
    else:
        down += 0.06
    if found.n > 1:
        axes.scatter([0.08], [down], s=[50.0], c=UNSURE, edgecolors=MUTED, linewidths=0.8)
        text = say("differencemap.key.unsure")
        for number, line in enumerate(page.wrapped(text, SMALL, 1.3)):
            axes.text(0.24, down + 0.11 * number, line, size=SMALL, va="center_baseline")
        down += 0.36
    if found.few.any():
        down = draw_few(axes, down)
    rim = say("citymap.key.rim")
    down = key_title(axes, down + 0.05, say("citymap.key.province"), rim)
    for p, name in enumerate(found.world.provinces[:8]):
        style = look(p)
        axes.scatter([0.08], [down + 0.07], s=[50.0], c="white", edgecolors=style.colour, lw=1.6)
        text = page.fitting(name, 1.2, BODY)
        axes.text(0.24, down + 0.07, text, va="center_baseline", color=style.ink)
        if found.provinces:
            words = in_words(found.provinces[p], short=True)
            axes.text(0.24, down + 0.15, words, va="top", size=SMALL, color=MUTED)
            down += 0.14
        down += 0.21
