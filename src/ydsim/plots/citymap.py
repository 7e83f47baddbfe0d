"""Map of the cities: bubbles for an amount, shades for the speed of adoption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from ydsim.fmt import listed
from ydsim.measures.effects import interval
from ydsim.plots import page
from ydsim.plots.bubbles import RIM, bubble_radii, marker_size, shade
from ydsim.plots.cities import CityYears, how_many, mean
from ydsim.plots.counts import provinces_of, ratio
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.ground import credit, draw_ground, ground_of
from ydsim.plots.mapkey import SIDE, draw_key
from ydsim.plots.messages import say
from ydsim.plots.place import place_labels
from ydsim.plots.quantity import Quantity, quantity
from ydsim.plots.style import MUTED, SMALL, WIDTH, look, shown
from ydsim.results.results import Results
from ydsim.typing import Bools, Floats, Ints
from ydsim.world.world import World

NAMED = 60
"""Cities that may be named."""

LEADERS = 5
"""Cities whose share of the total is told."""

PANEL = 5.3
"""Height of the map in inches."""

RING = 0.035
"""Distance in inches from a bubble to the ring that marks few simulated firms."""


@dataclass(frozen=True)
class Cities:
    """What the map shows, cities with the largest amount first.

    Attributes
    ----------
    names
        C names.
    order
        Shape (C,): position in the world's order.
    province
        Shape (C,): position in the manifest's regions.
    amount
        Shape (C,): of the year, mean of replicates.
    adoptions
        Shape (C,): generations adopted in the year per firm at its end; NaN without firms.
    few
        Shape (C,): fewer than `FEW` firms are simulated.
    shares
        Shape (R,): what the first `LEADERS` cities hold of the total, in per cent, by replicate.
    year
        The year shown.
    world
        The world of the run.
    """

    names: tuple[str, ...]
    order: Ints
    province: Ints
    amount: Floats
    adoptions: Floats
    few: Bools
    shares: Floats
    year: int
    world: World


def read_cities(
    results: Results, indicator: str = "rd_expenditure", year: int | None = None
) -> Cities:
    """Return the cities of a run in a year, by default the last.

    Raises
    ------
    NothingToDrawError
        When the series of cities were not recorded or have no value, or there is no world.
    """
    cities = CityYears(results)
    t = cities.at(year)
    runs = cities.values(indicator)[:, t]
    amount = mean(runs)
    what = quantity(results, indicator)
    if not np.isfinite(amount).any():
        raise NothingToDrawError(f"{what.name} of cities has no value in {int(cities.years[t])}")
    amount = np.maximum(np.nan_to_num(amount), 0.0)
    if {"adoptions", "firms"} <= set(cities.indicators):
        adoptions = ratio(mean(cities.values("adoptions"))[t], mean(cities.values("firms"))[t])
    else:
        adoptions = np.full(len(amount), np.nan)
    order = np.lexsort((np.arange(len(amount)), -amount))
    return Cities(
        names=tuple(cities.world.city_names[i] for i in order),
        order=order,
        province=cities.world.city_province[order],
        amount=amount[order],
        adoptions=adoptions[order],
        few=cities.few()[t][order],
        shares=100.0 * ratio(runs[:, order[:LEADERS]].sum(axis=1), runs.sum(axis=1)),
        year=int(cities.years[t]),
        world=cities.world,
    )


def draw_map(
    results: Results, *, indicator: str = "rd_expenditure", year: int | None = None
) -> Figure:
    """Return the map.

    Parameters
    ----------
    indicator
        What areas of bubbles show.
    year
        By default the last one.

    Raises
    ------
    NothingToDrawError
        When there are no cities, no world, or no geography.
    """
    cities = read_cities(results, indicator, year)
    what = quantity(results, indicator)
    ground = ground_of(results, cities.world)
    text = say("citymap.explanation", what=what.name, unit=what.unit, how=how_many(results))
    _, _, low, high = interval(cities.shares)
    if low is not None and high is not None and what.amount and np.isfinite(low):
        text += " " + say("citymap.interval", n=LEADERS, low=f"{low:.1f}", high=f"{high:.1f}")
    if what.prior or what.fitted:
        text += " " + say("citymap.fitted" if what.fitted else "citymap.prior")
    figure, top = page.new_page(title_of(cities, what), text, PANEL)
    left, width = page.MARGIN, WIDTH - SIDE - 2 * page.MARGIN
    axes = page.add_panel(figure, left, top, width, PANEL)
    draw_ground(axes, ground, (width, PANEL))
    km, radii = ground.km[cities.order], bubble_radii(cities.amount)
    shades, colours = shade(cities.adoptions)
    axes.scatter(
        km[:, 0],
        km[:, 1],
        s=marker_size(radii),
        c=colours,
        edgecolors=[look(int(p)).colour for p in cities.province],
        linewidths=RIM,
        zorder=3,
    ).set_gid("cities")
    draw_rings(axes, km[cities.few], radii[cities.few])
    room = radii + np.where(cities.few, RING, 0.0)
    draw_names(axes, cities.names, km, cities.province, room, (width, PANEL))
    few = bool(cities.few.any())
    place = (left + width + 0.18, top)
    draw_key(figure, place, cities.amount, provinces_of(results), shades, what, few=few)
    page.add_footer(figure, results, credit(results))
    return figure


def title_of(cities: Cities, what: Quantity) -> str:
    """Say which cities lead and how much the first of them have together."""
    total, n = float(cities.amount.sum()), len(cities.names)
    if total <= 0.0:
        return say("citymap.nothing", what=what.head, year=cities.year)
    first = listed(shown(name, 22) for name in cities.names[: min(3, n)])
    if n <= LEADERS or not what.amount:
        return say("citymap.lead", what=what.head, year=cities.year, first=first)
    share = 100.0 * float(cities.amount[:LEADERS].sum()) / total
    return say(
        "citymap.title",
        what=what.head,
        year=cities.year,
        first=first,
        leaders=LEADERS,
        n=n,
        share=f"{share:.0f}",
    )


def draw_rings(axes: Axes, km: Floats, radii: Floats) -> None:
    """Draw a dotted ring around cities with few simulated firms."""
    axes.scatter(
        km[:, 0],
        km[:, 1],
        s=marker_size(radii + RING),
        facecolors="none",
        edgecolors=MUTED,
        linestyles=[(0, (1.0, 1.2))],
        linewidths=0.9,
        zorder=3.2,
    ).set_gid("few")


def draw_names(
    axes: Axes,
    cities: Sequence[str],
    km: Floats,
    province: Ints,
    radii: Floats,
    size: tuple[float, float],
    lines: Floats | None = None,
) -> list[Text]:
    """Name the first cities, as far as names find room; ``size`` is that of the panel in inches.

    Names keep off ``lines``, points along lines in km, where another side is free.
    """
    names = [shown(name, 24) for name in cities[:NAMED]]
    low = np.array([axes.get_xlim()[0], axes.get_ylim()[0]])
    scale = (axes.get_xlim()[1] - low[0]) / size[0]
    points = (km - low) / scale
    boxes = [(page.text_width(name, SMALL) + 0.01, SMALL / 72.0) for name in names]
    bar = (size[0] - 1.3, 0.0, size[0], 0.36)
    rim = RIM / 144.0
    written = []
    labels = place_labels(
        points,
        radii + rim,
        boxes,
        size,
        [bar],
        gap=0.025,
        clear=0.09,
        inside=True,
        lines=None if lines is None else (lines - low) / scale,
    )
    for label in labels:
        x, y = low + scale * np.array([label.x, label.y])
        text = axes.text(
            x,
            y,
            names[label.point],
            size=SMALL,
            ha="center",
            va="center_baseline",
            zorder=5,
            color=look(int(province[label.point])).ink,
        )
        text.set_gid("name")
        if (np.array([label.x, label.y]) == points[label.point]).all():
            text.set_path_effects([withStroke(linewidth=2.2, foreground="white")])
        written.append(text)
    return written
