"""The map of the cities in several years on one scale, side by side or as an animation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ydsim.fmt import listed, number
from ydsim.plots import page
from ydsim.plots.bubbles import marker_size
from ydsim.plots.cities import FEW, CityYears, how_many, mean
from ydsim.plots.counts import span
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.ground import Ground, credit, draw_ground, ground_of
from ydsim.plots.mapkey import key_panel, key_title
from ydsim.plots.messages import say
from ydsim.plots.quantity import Quantity, quantity
from ydsim.plots.style import BODY, INK, MUTED, WIDTH, look, shown
from ydsim.results.results import Results
from ydsim.typing import Bools, Floats, Ints

PANELS = 6
"""Years of small multiples at most."""

COLOURS = "viridis_r"
DECADES = 3.0
"""Powers of ten that colours span at most; smaller amounts have the palest one."""

_COLUMNS, _GAP, _HEAD, _BAR = 3, 0.1, 0.22, 0.62
_EDGE = 0.2
_LARGEST = {"small": 0.2, "large": 0.27}
"""Radius of the largest bubble in inches, in small panels and in frames."""


@dataclass(frozen=True)
class Years:
    """An amount of cities in some years.

    Attributes
    ----------
    results, what, cities, ground
        What is shown, and where.
    years
        Shape (T,).
    amount
        Shape (T, C), mean over replicates, zero where there is none.
    few
        Shape (T, C): few firms are simulated.
    low, norm
        The least amount that the one scale of colours tells apart, and that scale.
    """

    results: Results
    what: Quantity
    cities: CityYears
    ground: Ground
    years: Ints
    amount: Floats
    few: Bools
    low: float
    norm: LogNorm

    def radii(self, t: int, largest: float) -> Floats:
        """Return radii of bubbles in inches, areas in proportion to amounts in all years."""
        radii = largest * np.sqrt(self.amount[t] / float(self.amount.max()))
        return np.asarray(np.maximum(radii, 0.018))


def read_years(results: Results, indicator: str, years: tuple[int, int] | None, most: int) -> Years:
    """Return an amount of cities in at most ``most`` years.

    Raises
    ------
    NothingToDrawError
        When it is no amount, has no value, or there are fewer than two years.
    """
    cities = CityYears(results)
    at = cities.pick(years, most)
    what = quantity(results, indicator) if indicator in results.manifest["indicators"] else None
    amount = np.nan_to_num(mean(cities.values(indicator)))[at]
    if what is None or not what.amount or amount.min() < 0.0:
        raise NothingToDrawError(f"{indicator} is no amount of which areas could be in proportion")
    if len(at) < 2:
        raise NothingToDrawError(f"one year, {int(cities.years[at[0]])}: no change to show")
    if not amount.any():
        raise NothingToDrawError(f"{what.name} of cities has no value")
    high = float(amount.max())
    low = max(float(amount[amount > 0.0].min()), high * 10.0**-DECADES)
    low = min(low, high / 10.0)
    ground = ground_of(results, cities.world)
    few, norm = cities.few()[at], LogNorm(low, high)
    return Years(results, what, cities, ground, cities.years[at], amount, few, low, norm)


def draw_map_years(
    results: Results,
    *,
    indicator: str = "rd_expenditure",
    years: tuple[int, int] | None = None,
) -> Figure:
    """Return small maps of up to `PANELS` years, first and last among them.

    Raises
    ------
    NothingToDrawError
        When there is one year only, no value, no world, or no geography.
    """
    found = read_years(results, indicator, years, PANELS)
    n = len(found.years)
    columns = n if n <= _COLUMNS else (2 if n == 4 else _COLUMNS)
    rows = -(-n // columns)
    width = (WIDTH - 2 * page.MARGIN - (columns - 1) * _GAP) / columns
    low, high = found.ground.km.min(axis=0), found.ground.km.max(axis=0)
    shape = float(np.clip((high - low)[1] / max((high - low)[0], 1.0), 0.6, 1.25))
    height = min(width * shape, 3.0)
    body = rows * (_HEAD + height + _GAP) + _BAR
    figure, top = page.new_page(title_of(found), explanation(found), body)
    for t, year in enumerate(found.years.tolist()):
        row, column = divmod(t, columns)
        left = page.MARGIN + column * (width + _GAP)
        down = top + row * (_HEAD + height + _GAP) + _HEAD
        axes = page.add_panel(figure, left, down, width, height)
        draw_ground(axes, found.ground, (width, height), edge=_EDGE, plain=True)
        draw_bubbles(axes, found, t, _LARGEST["small"])
        total = float(found.amount[t].sum())
        text = say("mapyears.panel", year=year, total=number(total, 3))
        page.put(figure, left, down - 0.06, text, size=BODY + 0.5, weight="bold", va="bottom")
    _draw_bar(figure, found, top + rows * (_HEAD + height + _GAP) + 0.12)
    page.add_footer(figure, results, credit(results))
    return figure


def draw_bubbles(axes: Axes, found: Years, t: int, largest: float) -> None:
    """Draw the cities of a year: area and shade tell the amount, the rim few firms."""
    amount, km = found.amount[t], found.ground.km
    order = np.argsort(-amount, kind="stable")
    shades = ScalarMappable(found.norm, COLOURS)
    faces = shades.to_rgba(np.maximum(amount, found.low))
    axes.scatter(
        km[order, 0],
        km[order, 1],
        s=marker_size(found.radii(t, largest))[order],
        c=faces[order],
        edgecolors="white",
        linewidths=0.4,
        zorder=3,
    ).set_gid("cities")
    few = found.few[t]
    axes.scatter(
        km[few, 0], km[few, 1], s=7.0, marker="x", c=MUTED, linewidths=0.6, zorder=3.2
    ).set_gid("few")


def title_of(found: Years) -> str:
    """Say how the total and the share of the first cities changed."""
    total = found.amount.sum(axis=1)
    first, last = float(total[0]), float(total[-1])
    when = span(found.years[[0, -1]])
    if first <= 0.0:
        return say("mapyears.plain", what=found.what.head, years=when)
    growth = last / first
    share = [100.0 * np.sort(row)[::-1][:5].sum() / row.sum() for row in found.amount[[0, -1]]]
    if growth >= 2.0:
        key, change = "mapyears.multiplies", f"{growth:.1f}"
    elif abs(growth - 1.0) < 0.005:
        key, change = "mapyears.stays", ""
    else:
        key = "mapyears.grows" if growth > 1.0 else "mapyears.falls"
        change = f"{100.0 * abs(growth - 1.0):.0f}"
    n = found.cities.world.n_cities
    words = say(key, what=found.what.head, change=change, years=when)
    if n <= 5 or last <= 0.0:
        return words
    return say(
        "mapyears.title", words=words, before=f"{share[0]:.0f}", after=f"{share[1]:.0f}", n=n
    )


def explanation(found: Years) -> str:
    """Say what areas and shades mean."""
    last = found.amount[-1]
    leaders = np.lexsort((np.arange(len(last)), -last))[:3]
    names = listed(shown(found.cities.world.city_names[c], 22) for c in leaders.tolist())
    text = say(
        "mapyears.explanation",
        what=found.what.name,
        unit=found.what.unit,
        names=names,
        last=int(found.years[-1]),
        how=how_many(found.results),
    )
    if found.few.any():
        text += " " + say("mapyears.crosses", few=FEW)
    if found.what.prior or found.what.fitted:
        text += " " + say("citymap.fitted" if found.what.fitted else "citymap.prior")
    return text


def _draw_bar(figure: Figure, found: Years, top: float) -> None:
    width = 3.2
    bar = page.add_panel(figure, page.MARGIN, top, width, 0.12)
    figure.colorbar(ScalarMappable(found.norm, COLOURS), cax=bar, orientation="horizontal")
    _ticks(bar.xaxis)
    bar.grid(False)
    left = page.MARGIN + width + 0.25
    text = say("mapyears.bar", what=found.what.head, unit=found.what.unit)
    lines = page.wrapped(text, BODY, WIDTH - page.MARGIN - left)
    few = [say("mapyears.few", few=FEW)] if found.few.any() else []
    for number_, line in enumerate([*lines, *few]):
        look_ = {"size": BODY, "color": MUTED if number_ == len(lines) else INK}
        page.put(figure, left, top - 0.06 + 0.15 * number_, line, va="top", **look_)


def _draw_side(figure: Figure, found: Years, t: int, place: tuple[float, float]) -> None:
    """Draw the year in large figures, the totals of provinces and the bar of colours."""
    axes, _ = key_panel(figure, place)
    axes.text(0.0, 0.0, str(int(found.years[t])), size=22.0, weight="bold", va="top")
    down = key_title(axes, 0.55, say("mapyears.totals"), found.what.unit)
    world = found.cities.world
    for p, name in enumerate(world.provinces[:8]):
        total = float(found.amount[t][world.city_province == p].sum())
        text = page.fitting(name, 0.75, BODY)
        axes.text(0.0, down, text, color=look(p).ink, va="top")
        axes.text(1.35, down, number(total, 3), ha="right", va="top")
        down += 0.17
    down = key_title(axes, down + 0.2, found.what.head, found.what.unit)
    bar = page.add_panel(figure, place[0], place[1] + down, 0.14, 1.4)
    figure.colorbar(ScalarMappable(found.norm, COLOURS), cax=bar)
    _ticks(bar.yaxis)
    bar.grid(False)
    if found.few.any():
        axes.scatter([0.06], [down + 1.72], s=7.0, marker="x", c=MUTED, linewidths=0.7)
        axes.text(
            0.18,
            down + 1.72,
            say("mapyears.few_short", few=FEW),
            va="center_baseline",
            size=BODY - 1.0,
        )


def _ticks(axis: Axis) -> None:
    low, high = axis.get_view_interval()
    subs = (1.0,) if high >= 50.0 * low else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=subs, numticks=8))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
