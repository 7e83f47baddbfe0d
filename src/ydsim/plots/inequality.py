"""Inequality between cities by year: Theil's index and the Gini coefficient, with their parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.fmt import fixed, number
from ydsim.measures.effects import interval
from ydsim.measures.inequality import dagum, theil
from ydsim.plots import page
from ydsim.plots.cities import CityYears, how_many, mean
from ydsim.plots.counts import span
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.lines import set_amounts, set_years, spread
from ydsim.plots.messages import say
from ydsim.plots.quantity import quantity
from ydsim.plots.style import BODY, INK, MUTED, WIDTH
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints
from ydsim.world.world import World

THEIL = ("within", "between")
GINI = ("within", "between", "overlap")
COLOURS = {"within": "#56b4e9", "between": "#d55e00", "overlap": "#d9d2c5"}

_HIGH, _BETWEEN, _LABELS = 2.5, 0.5, 0.72


@dataclass(frozen=True)
class Inequality:
    """Inequality of an amount per resident between the cities of a region.

    Attributes
    ----------
    years
        Shape (T,).
    theil
        Shape (R, T, 2): parts of Theil's index, `THEIL`.
    gini
        Shape (R, T, 3): parts of the Gini coefficient, `GINI`.
    """

    years: Ints
    theil: Floats
    gini: Floats


def read_inequality(
    results: Results, indicator: str, years: tuple[int, int] | None = None
) -> Inequality:
    """Return inequality by replicate and year.

    Raises
    ------
    NothingToDrawError
        When the indicator of cities was not recorded, is negative or zero in all cities, or there
        is one year only.
    """
    cities = CityYears(results)
    first, last = (0, len(cities.years) - 1) if years is None else map(cities.at, years)
    values = np.nan_to_num(cities.values(indicator))[:, first : last + 1]
    shown = cities.years[first : last + 1]
    if len(shown) < 2:
        raise NothingToDrawError(f"one year, {int(shown[0])}: no path of inequality to show")
    if (values < 0.0).any() or not values.any(axis=2).all():
        raise NothingToDrawError(f"{indicator} is negative, or zero in all cities")
    heads = residents(cities.world, shown)
    group, n = cities.world.city_province, cities.world.n_provinces
    found = Inequality(shown, np.empty((*values.shape[:2], 2)), np.empty((*values.shape[:2], 3)))
    for r, t in np.ndindex(values.shape[:2]):
        each = values[r, t] / heads[t]
        entropy, gini = theil(each, group, n, heads[t]), dagum(each, group, n)
        found.theil[r, t] = entropy.within, entropy.between
        found.gini[r, t] = gini.within, gini.between, gini.overlap
    return found


def residents(world: World, years: Ints) -> Floats:
    """Return residents of cities, (T, C), 10,000 persons; beyond known years those of the nearest.

    Raises
    ------
    NothingToDrawError
        When residents of a city are not known.
    """
    at = np.clip(years - int(world.years[0]), 0, len(world.years) - 1)
    heads: Floats = world.city_population[:, at].T
    if not (heads > 0.0).all():
        raise NothingToDrawError("residents of some cities are not known")
    return heads


def draw_inequality(
    results: Results,
    *,
    indicator: str = "rd_expenditure",
    years: tuple[int, int] | None = None,
) -> Figure:
    """Return Theil's index (left) and the Gini coefficient (right) with their parts.

    Raises
    ------
    NothingToDrawError
        As `read_inequality`.
    """
    found = read_inequality(results, indicator, years)
    what = quantity(results, indicator)
    last_known = int(CityYears(results).world.years[-1])
    text = say(
        "inequality.explanation",
        what=what.name,
        change=_change(found.theil.sum(axis=2)),
        how=how_many(results),
    )
    if len(found.theil) > 1:
        text += " " + say("inequality.bars")
    if found.years[-1] > last_known:
        text += " " + say("inequality.residents", year=last_known)
    if what.prior or what.fitted:
        text += " " + say("citymap.fitted" if what.fitted else "citymap.prior")
    body = page.HEAD + _HIGH + page.TICKS
    figure, top = page.new_page(title_of(found, what.name), text, body)
    width = (WIDTH - 2 * page.MARGIN - _BETWEEN - 2 * _LABELS - 0.35) / 2.0
    left = page.MARGIN + 0.35
    panels = (("a", "theil", THEIL, found.theil), ("b", "gini", GINI, found.gini))
    for letter, name, parts, values in panels:
        axes = page.add_panel(figure, left, top + page.HEAD, width, _HIGH)
        draw_parts(axes, found.years, values, parts)
        page.head(axes, letter, say(f"inequality.head.{name}"), say(f"inequality.unit.{name}"))
        left += width + _LABELS + _BETWEEN
    page.add_footer(figure, results)
    return figure


def title_of(found: Inequality, what: str) -> str:
    """Say how Theil's index moved, and which part lies between provinces."""
    parts = found.theil.mean(axis=0)
    total = parts.sum(axis=1)
    first, last = float(total[0]), float(total[-1])
    every = found.theil.sum(axis=2)
    _, moved, low, high = interval(every[:, -1] - every[:, 0])
    if low is not None and high is not None and low <= 0.0 <= high:
        key = "unsure"
    elif abs(moved) < 0.05 * first:
        key = "same"
    else:
        key = "falls" if moved < 0.0 else "rises"
    share = 100.0 * float(parts[-1, THEIL.index("between")]) / last if last > 0.0 else 0.0
    return say(
        "inequality.title",
        moves=say(f"inequality.moves.{key}", what=what, first=_index(first), last=_index(last)),
        years=span(found.years[[0, -1]]),
        share=f"{share:.0f}",
    )


def _index(value: float) -> str:
    return number(value, 2)


def draw_parts(axes: Axes, years: Ints, values: Floats, parts: Sequence[str]) -> None:
    """Draw parts as areas on top of one another, the total as a line with its interval."""
    means = mean(values)
    tops = np.cumsum(means, axis=1)
    bottoms = tops - means
    for k, part in enumerate(parts):
        axes.fill_between(
            years, bottoms[:, k], tops[:, k], color=COLOURS[part], linewidth=0, zorder=2
        ).set_gid(part)
    total = values.sum(axis=2)
    axes.plot(years, tops[:, -1], color=INK, linewidth=1.4, zorder=4)
    ends = tops[:, -1]
    if len(total) > 1:
        bounds = np.array([interval(column)[2:] for column in total.T], dtype=np.float64)
        axes.errorbar(
            years, tops[:, -1], np.abs(bounds - tops[:, -1:]).T, color=INK, linewidth=0.0,
            elinewidth=0.8, zorder=5,
        )  # fmt: skip
        ends = bounds[:, 1]
    set_years(axes, int(years[0]), int(years[-1]), labels=5)
    set_amounts(axes, ends)
    middles = (bottoms[-1] + tops[-1]) / 2.0
    high = axes.get_ylim()[1]
    places = spread(middles / high, (BODY + 1.5) / 72.0 / _HIGH)
    for part, place in zip(parts, places.tolist(), strict=True):
        axes.annotate(
            say(f"inequality.part.{part}"),
            (1.0, place),
            xycoords="axes fraction",
            xytext=(4.0, 0.0),
            textcoords="offset points",
            va="center_baseline",
            color=MUTED if part == "overlap" else COLOURS[part],
            weight="bold",
        )


def _change(total: Floats) -> str:
    """Say the change of an index from first to last year, with the interval of the mean."""
    _, value, low, high = interval(total[:, -1] - total[:, 0])
    signs = [fixed(x, 3, sign=True) for x in (value, low, high)]
    if low is None:
        return say("inequality.change", value=signs[0])
    return say("inequality.change_interval", value=signs[0], low=signs[1], high=signs[2])
