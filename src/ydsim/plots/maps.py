"""Maps of cities: amounts, strongest links, and differences between two results."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.errors import NothingToDrawError, UsageError
from ydsim.fmt import number
from ydsim.measures.effects import LEAST, effect, without_rounding
from ydsim.plots import canvas
from ydsim.plots.cities import (
    USUAL,
    channels_in_words,
    few_firms,
    means_of,
    read_cities,
    read_links,
    strongest,
    unit_of_links,
)
from ydsim.plots.ground import (
    EDGE,
    Marks,
    bubble_radii,
    dot,
    draw_cities,
    few_sign,
    ground_of,
    largest_bubble,
    map_page,
    nice,
    province_signs,
    size_sign,
)
from ydsim.plots.style import MUTED, shown
from ydsim.plots.values import mean_in_words, names_of, quantity, year_of
from ydsim.results.cube import outcomes_at
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.typing import Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

# -- map -------------------------------------------------------------------------------------------


MOST_YEARS = 6
"""Small maps of a page."""


def draw_map(
    results: Results,
    *,
    indicator: str = "rd_expenditure",
    year: int | None = None,
    years: tuple[int, int] | None = None,
) -> Figure:
    """Return the map of an indicator by city: areas are amounts, colours are provinces.

    Parameters
    ----------
    indicator
        What areas of bubbles show.
    year
        By default the last one.
    years
        First and last of up to `MOST_YEARS` small maps on one scale, evenly spread.

    Raises
    ------
    UsageError
        When both year and years are given, or the year was not run.
    NothingToDrawError
        When cities were not recorded or have a negative value, or there is no geography.
    """
    if year is not None and years is not None:
        raise UsageError(_t("give a year or years, not both"))
    last = year_of(results, year)
    values = read_cities(results, indicator, years or (last, last))
    ground, what = ground_of(results), quantity(results, indicator)
    means = means_of(values[indicator], ground.world).fillna(0.0)
    if (means < 0.0).any(axis=None):
        raise NothingToDrawError(_t("{what} is negative: no area").format(what=what.name))
    drawn = _spread_evenly(means.index.to_numpy(), MOST_YEARS)
    means = means.loc[drawn]
    few = few_firms(results, values, ground.world).loc[drawn]
    most, several = float(means.to_numpy().max()), len(drawn) > 1
    largest = largest_bubble(len(drawn))
    edge, named = (0.18, 8) if several else (EDGE, 60)
    figure, panels = map_page(
        _t("{what} by city, {years}: {name}").format(
            what=what.head,
            years=f"{drawn[0]}\u2013{drawn[-1]}" if several else drawn[0],
            name=shown(results.name, 30),
        ),
        _t("Area of a bubble: {what}, {unit}.").format(what=what.name, unit=what.unit),
        _t("All maps have one scale.") if several else "",
        mean_in_words(results),
        what.remark,
        foot=canvas.origin(results),
        ground=ground,
        key=[
            *province_signs(ground.world),
            *size_sign(most, largest),
            *few_sign(few.to_numpy()),
        ],
        panels=len(drawn),
    )
    for axes, each in zip(panels, drawn.tolist(), strict=True):
        radii = bubble_radii(means.loc[each].to_numpy(), most, largest)
        marks = Marks(radii, ground.colours, few.loc[each].to_numpy(), named, edge)
        draw_cities(axes, ground, marks)
        if several:
            canvas.head(axes, str(each))
    return figure


def _spread_evenly(years: Ints, most: int) -> Ints:
    """Return at most so many of the years, evenly spread, first and last among them."""
    n = min(most, len(years))
    steps = np.arange(n) * (len(years) - 1)
    at = (2 * steps + n - 1) // max(2 * (n - 1), 1)
    found: Ints = years[at]
    return found


# -- link_map --------------------------------------------------------------------------------------


MOST_LINKS = 80
"""Links that are drawn at most."""

INSIDE, CROSSING = "#9d9d9d", "#5e3c99"
WIDEST = 5.5
"""Width of the strongest link in points."""

BEND = 0.12
"""How far the middle of a link is off the straight line, as a share of its length."""


def draw_link_map(
    results: Results, *, channel: str | None = None, year: int | None = None
) -> Figure:
    """Return the map of the strongest links between cities.

    Parameters
    ----------
    channel
        A channel of the table ``ties``; by default contracts and co-inventions together.
    year
        By default the last one.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, no link is expected, or there is no geography.
    UsageError
        When there is no such channel or year.
    """
    channels, when = USUAL if channel is None else (channel,), year_of(results, year)
    ground = ground_of(results)
    links = read_links(results, channels, (when, when), ground.world)
    found, what = strongest(links), channels_in_words(channels)
    if not len(found):
        raise NothingToDrawError(
            _t("{what} join no two cities in {year}").format(what=what, year=when)
        )
    most, drawn = float(found.iloc[0]), found[:MOST_LINKS]
    signs = [
        (Line2D([], [], color=INSIDE, linewidth=3.0), _t("link in a province")),
        (Line2D([], [], color=CROSSING, linewidth=3.0), _t("across provinces")),
        (Line2D([], [], color=MUTED, linewidth=WIDEST * nice(most) / most), number(nice(most))),
    ]
    figure, (axes,) = map_page(
        _t("The strongest links between cities by {what}, {year}: {name}").format(
            what=what, year=when, name=shown(results.name, 30)
        ),
        _t("Lines: the {n} strongest of {pairs} links; width: {unit}.").format(
            n=len(drawn), pairs=len(found), unit=unit_of_links(channels)
        ),
        _t("Area of a city: its links with other cities."),
        mean_in_words(results),
        foot=canvas.origin(results),
        ground=ground,
        key=[*province_signs(ground.world), *signs],
    )
    a, b = (links.index.get_indexer(drawn.index.get_level_values(k)) for k in (0, 1))
    curves, province = curved(ground.cities[a], ground.cities[b]), ground.world.city_province
    strength = WIDEST * drawn.to_numpy() / most
    lines = LineCollection(
        list(curves[::-1]),  # the strongest last, above the others
        linewidths=strength[::-1],
        colors=np.where(province[a] != province[b], CROSSING, INSIDE)[::-1].tolist(),
        alpha=0.75,
        capstyle="round",
        zorder=2,
    )
    lines.set_gid("links")
    axes.add_collection(lines, autolim=False)
    between = links.sum(axis=1).to_numpy() - np.diag(links)
    radii = bubble_radii(between, float(between.max()), 0.1)
    along = curves[strength >= 1.0].reshape(-1, 2)
    draw_cities(axes, ground, Marks(radii, ground.colours, along=along))
    return figure


def curved(start: Floats, end: Floats) -> Floats:
    """Return quadratic curves between places, (n, 25, 2), all bent to the same side."""
    along = end - start
    middle = (start + end) / 2.0 + 2.0 * BEND * np.column_stack([-along[:, 1], along[:, 0]])
    t = np.linspace(0.0, 1.0, 25)[:, None]
    a, m, b = (each[:, None] for each in (start, middle, end))
    curves: Floats = (1.0 - t) ** 2 * a + 2.0 * t * (1.0 - t) * m + t**2 * b
    return curves


# -- difference_map --------------------------------------------------------------------------------


UNSURE = "#c9c9c9"
"""Colour of cities whose interval includes zero."""

_LESS_MORE = LinearSegmentedColormap.from_list("less_more", ["#b2182b", "#f7f5f0", "#2166ac"])


def draw_difference_map(
    *results: Results, indicator: str = "rd_expenditure", year: int | None = None
) -> Figure:
    """Return the map of what the second of two results has more or less than the first.

    Differences are paired by replicate; a city has a colour only where the 95 % interval excludes
    zero. Amounts are compared in per cent of the first, others in their own unit.

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
        When a year was not run.
    """
    if len(results) != 2:
        raise NothingToDrawError(
            _t("a difference needs two results, not {n}").format(n=len(results))
        )
    first, second = results
    require_pair(first, second)
    when = min(year_of(each, year) for each in results)
    ground, what = ground_of(first), quantity(first, indicator)
    values = [read_cities(each, indicator, (when, when)) for each in results]
    few = few_firms(first, values[0], ground.world).loc[when].to_numpy()
    found = city_effects(first, indicator, values[0], values[1])
    n = int(found["n"].max())
    found = found.reindex(list(ground.world.city_names))
    sure = (found["low"] > 0.0) | (found["high"] < 0.0)
    extreme = max(float(found["change"].abs()[sure].max()), 1e-9) if sure.any() else 1.0
    scale = ScalarMappable(Normalize(-extreme, extreme), _LESS_MORE)
    colours = np.where(
        sure, [to_hex(tuple(c)) for c in scale.to_rgba(found["change"].to_numpy())], UNSURE
    )
    names = dict(zip(("first", "second"), (shown(x, 24) for x in names_of(results)), strict=True))
    unit = _t("per cent of {first}").format(**names) if what.amount else what.unit
    steps = extreme * np.array([1.0, 0.5, 0.0, -0.5, -1.0]) if sure.any() else np.empty(0)
    signs = [
        (dot(to_hex(tuple(scale.to_rgba(x))), marker="s"), number(x, 2, sign=True)) for x in steps
    ]
    signs.append((dot(UNSURE), _t("interval includes zero") if n >= LEAST else _t("no interval")))
    largest = largest_bubble()
    most = float(found["base"].max()) if what.amount else 0.0
    radii = bubble_radii(found["base"].to_numpy(), most, largest)
    if not what.amount:
        radii = np.full(len(radii), largest / 3.0)
    figure, (axes,) = map_page(
        _t("{what} by city, {year}: {second} compared with {first}").format(
            what=what.head, year=when, **names
        ),
        _t("Colour: {second} less {first}, {unit}.").format(unit=unit, **names),
        _t("Area: {what} of {first}.").format(what=what.name, **names) if what.amount else "",
        _t(
            "{n} paired replicates; grey: the 95\u00a0% interval of the difference includes zero. "
            "By chance alone about {chance} of {cities} cities would have a colour."
        ).format(n=n, chance=number(0.05 * len(found), 1), cities=len(found))
        if n >= LEAST
        else _t("Fewer than three replicates: no interval, no difference is claimed, all is grey."),
        what.remark,
        foot=canvas.origin(*results),
        ground=ground,
        key=[*signs, *size_sign(most, largest), *few_sign(few)],
    )
    draw_cities(axes, ground, Marks(radii, colours.tolist(), few))
    return figure


def city_effects(
    first: Results, indicator: str, before: pd.DataFrame, after: pd.DataFrame
) -> pd.DataFrame:
    """Return paired differences of cities, of the replicates that both results have.

    Parameters
    ----------
    before, after
        Values of one year, as of `read_cities`.

    Returns
    -------
    DataFrame
        Index city; ``n``, ``base`` (mean of the first), ``change`` (of amounts in per cent of the
        base, else in its unit, NaN where the base is zero), and ``low`` and ``high`` (the 95 %
        interval of the difference in the unit of the indicator, NaN below three replicates).

    Raises
    ------
    NothingToDrawError
        When no replicate is common.
    """
    import pandas as pd

    outcome = outcomes_at("city", first.manifest["indicators"])[indicator]
    plain, changed = (
        each[indicator].droplevel("year").unstack("place") for each in (before, after)
    )
    plain, changed = plain.align(changed, join="inner")
    if not len(plain):
        raise NothingToDrawError(_t("the two results have no replicate in common"))
    rows, amount = {}, quantity(first, indicator).amount
    for city in plain:
        x, y = (each[city].to_numpy(dtype=np.float64) for each in (plain, changed))
        one = effect(x, without_rounding(x, y), counted=outcome.counted)
        gap = one.difference
        change = 100.0 * one.ratio.estimate if amount else gap.estimate
        ends = (gap.low, gap.high) if np.isfinite(change) else (np.nan, np.nan)
        rows[city] = (one.n, one.plain, change, *ends)
    columns = ["n", "base", "change", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def require_pair(first: Results, second: Results) -> None:
    """Refuse two results that do not share their draws or their model.

    Raises
    ------
    NothingToDrawError
        Says what differs.
    """
    manifests = first.manifest, second.manifest
    for name, values in (
        (_t("seed"), [each["seed"] for each in manifests]),
        (_t("scale"), [each["scenario"]["scale"] for each in manifests]),
        (_t("world"), [each["scenario"]["world"] for each in manifests]),
        (_t("content of the world"), [sorted(each["worlds"].values()) for each in manifests]),
        (_t("the first year"), [each["scenario"]["start"] for each in manifests]),
        (_t("the version of ydsim"), [each["ydsim"] for each in manifests]),
    ):
        if values[0] != values[1]:
            a, b = (str(value)[:14] for value in values)
            raise NothingToDrawError(
                _t("{first} and {second} do not share their draws: {what} is {a} and {b}").format(
                    first=first.name, second=second.name, what=name, a=a, b=b
                )
            )
