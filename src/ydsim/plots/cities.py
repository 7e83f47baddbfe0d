"""Cities: their yearly values and links, the matrix of pairs, inequality, lags by distance.

A link between two cities has no direction: what goes from a to b and from b to a is added up,

    W_ab = w_ab + w_ba  for a != b,   W_aa = w_aa

where w are expected links (table ``ties``), which do not depend on the scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ydsim.errors import NothingToDrawError, UsageError
from ydsim.fmt import listed, number
from ydsim.measures.effects import LEAST, interval
from ydsim.plots import canvas
from ydsim.plots.style import BODY, FAINT, INK, MUTED, SMALL, Look, look, shown
from ydsim.plots.values import (
    NATION,
    mean_in_words,
    quantity,
    read_rows,
    world_of,
    years_of,
)
from ydsim.results.cube import outcomes_at
from ydsim.results.diffusion import CLASSES
from ydsim.results.results import CITY_YEAR, Results
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Ints
from ydsim.wording import capital, suggestion
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd

FEW = 20
"""Simulated firms of a city below which its values are marked: a count of 20 firms that come by
chance has a standard error of 22 per cent."""


# -- yearly values ---------------------------------------------------------------------------------


def read_cities(
    results: Results, indicator: str, years: tuple[int | None, int | None] = (None, None)
) -> pd.DataFrame:
    """Return an indicator, and ``firms`` where they were recorded, by replicate, place and year.

    Raises
    ------
    UsageError
        When the indicator is not known.
    NothingToDrawError
        When it was not recorded of cities, or the world has other cities.
    """
    what = quantity(results, indicator)
    there = outcomes_at("city", results.manifest["indicators"])
    if CITY_YEAR not in results.tables or indicator not in there:
        raise NothingToDrawError(_t("{what} of cities was not recorded").format(what=what.name))
    names = dict.fromkeys([indicator, *(["firms"] if "firms" in there else [])])
    found = results.cube([*names], "city", points=[0], years=years).droplevel("point")
    if not found[indicator].notna().any():
        raise NothingToDrawError(_t("{what} of cities has no value").format(what=what.name))
    require_cities(world_of(results), list(found.index.unique("place")))
    return found


def require_cities(world: World, names: Sequence[str]) -> None:
    """Refuse cities that a world lacks.

    Raises
    ------
    NothingToDrawError
        Names the first.
    """
    for name in names:
        if name not in world.city_names:
            raise NothingToDrawError(
                _t("world {world} has no city {city}").format(world=world.name, city=name)
            )


def means_of(values: pd.Series, world: World) -> pd.DataFrame:
    """Return means over replicates, years by cities in the world's order."""
    means = values.groupby(["year", "place"]).mean().unstack("place")
    return means.reindex(columns=list(world.city_names))


def few_firms(results: Results, values: pd.DataFrame, world: World) -> pd.DataFrame:
    """Return where fewer than `FEW` firms are simulated in a replicate, years by cities."""
    # firms that a world lists one by one are all simulated
    scale = 1.0 if world.listed is not None else float(results.manifest["scenario"]["scale"])
    firms = values["firms"] if "firms" in values else values.iloc[:, 0] * np.nan
    return (means_of(firms, world) * scale).round(6) < FEW


# -- links -----------------------------------------------------------------------------------------


USUAL = ("contract", "co-invention")
"""Channels whose links are shown unless another is asked for."""

SUPPLY = "supply"
"""The channel that is measured in money."""

_CHANNELS = {
    "contract": mark("contracts"),
    "co-invention": mark("co-inventions"),
    "patent transfer": mark("patent transfers"),
    "co-publication": mark("co-publications"),
    "shared facility": mark("uses of shared facilities"),
    SUPPLY: mark("goods supplied"),
}


def channels_in_words(channels: Sequence[str]) -> str:
    """Return what channels are called in a figure; an unknown one keeps its name."""
    return listed(_t(_CHANNELS[c]) if c in _CHANNELS else shown(c, 22) for c in channels)


def unit_of_links(channels: Sequence[str]) -> str:
    """Return the unit of a link in words; channels that are added up have one unit."""
    return _t("100 million RMB a year") if SUPPLY in channels else _t("number a year, expected")


def read_links(
    results: Results, channels: Sequence[str], years: tuple[int, int], world: World
) -> pd.DataFrame:
    """Return expected links of cities at scale 1, a year, mean over years and replicates.

    Parameters
    ----------
    channels
        Added up.
    years
        First and last.

    Returns
    -------
    DataFrame
        Symmetric, cities by cities in the world's order; links inside a city on the diagonal.

    Raises
    ------
    NothingToDrawError
        When no link is expected, or the world has other cities.
    UsageError
        When a channel was not recorded.
    """
    rows = read_rows(results, "ties", ["year", "channel", "from_city", "to_city", "expected"])
    known = sorted(rows["channel"].unique())
    for channel in channels:
        if channel not in (*known, *USUAL):  # of the usual ones there may have been no link at all
            near = suggestion(channel, known, _t("recorded"))
            raise UsageError(
                _t("channel {name} was not recorded{near}").format(name=channel, near=near)
            )
    rows = rows[rows["year"].between(*years) & rows["channel"].isin(channels)]
    if not rows["expected"].any():
        raise NothingToDrawError(
            _t("no {what} between cities are expected").format(what=channels_in_words(channels))
        )
    ends = {*rows["from_city"], *rows["to_city"]} - {NATION}
    require_cities(world, sorted(ends))
    cities = list(world.city_names)
    flow = rows.pivot_table("expected", "from_city", "to_city", aggfunc="sum")
    flow = flow.reindex(index=cities, columns=cities).fillna(0.0)
    flow /= (years[1] - years[0] + 1) * len(results.replicates)
    return flow + flow.T * (1.0 - np.eye(len(cities)))


def strongest(links: pd.DataFrame) -> pd.Series:
    """Return links by pairs of different cities, the strongest first."""
    upper = links.where(np.triu(links > 0.0, 1))
    pairs = cast("pd.Series", upper.stack()).dropna()
    return pairs.sort_values(ascending=False, kind="stable")


# -- city_pairs ------------------------------------------------------------------------------------


LAST_YEARS = 5
"""Years that are averaged."""

DECADES = 4.0
"""Powers of ten that colours span at most; weaker pairs have the palest one."""

_LEAST_NAME = 4.0
"""Points below which names of cities are left out."""


def draw_pairs(
    results: Results, *, channel: str = "co-invention", years: tuple[int, int] | None = None
) -> Figure:
    """Return the matrix of links between cities, ordered by province, mean of some years.

    Parameters
    ----------
    channel
        A channel of the table ``ties``.
    years
        First and last year, by default the last `LAST_YEARS`.

    Raises
    ------
    NothingToDrawError
        When ties were not recorded, or no link is expected.
    UsageError
        When there is no such channel.
    """
    ran = years_of(results)
    first, last = years or (int(ran[-LAST_YEARS:][0]), int(ran[-1]))
    world = world_of(results)
    links = read_links(results, [channel], (first, last), world)
    order = np.lexsort((-links.sum(axis=1).to_numpy(), world.city_province))
    links, province = links.iloc[order, order], world.city_province[order]
    what = capital(channels_in_words([channel]))
    figure, (axes,) = canvas.new_page(
        _t("{what} by pair of cities, {years}: {name}").format(
            what=what,
            years=f"{first}\u2013{last}" if first < last else first,
            name=shown(results.name, 30),
        ),
        _t("Colour: expected links a year at scale 1, on the diagonal inside a city."),
        _t("White: none. Frames: pairs inside a province, cities with most links first."),
        mean_in_words(results),
        foot=canvas.origin(results),
        height=max(canvas.page_width() - 0.35, 2.6),
    )
    _draw_matrix(figure, axes, links, f"{what}, {unit_of_links([channel])}")
    _name_cities(axes, list(links.columns), province)
    _draw_blocks(axes, province, world.provinces)
    return figure


def _draw_matrix(figure: canvas.Canvas, axes: Axes, links: pd.DataFrame, label: str) -> None:
    """Draw the cells on a logarithmic scale of colours, the first row at the top."""
    values = links.to_numpy()
    some = values[values > 1e-300]
    if not len(some):
        raise NothingToDrawError(_t("no pair of cities has a link"))
    low, high = max(some.min(), some.max() * 10.0**-DECADES), some.max()
    cells = np.where(values > 0.0, np.maximum(values, low), np.nan)
    least = min(low, high / 10.0)
    norm = LogNorm(least, high)
    image = axes.imshow(cells, norm=norm, cmap="viridis_r", interpolation="nearest")
    image.set_gid("pairs")
    axes.grid(False)
    bar = figure.colorbar(image, ax=axes, location="bottom", aspect=40, shrink=0.8, pad=0.02)
    bar.set_label("\n".join(canvas.wrapped(label, BODY, figure.inside - 0.6)), size=BODY)
    subs = (1.0,) if high >= 50.0 * least else (1.0, 2.0, 5.0)
    bar.ax.xaxis.set_major_locator(LogLocator(subs=subs, numticks=8))
    bar.ax.xaxis.set_minor_locator(NullLocator())
    bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))


def _name_cities(axes: Axes, names: Sequence[str], province: Ints) -> None:
    """Name rows and columns, as large as rows allow."""
    room = canvas.panel_width(axes)
    size = min(SMALL, 0.92 * 72.0 * (room - 2.0) / len(names))
    axes.tick_params(size=0.0, pad=2.0)
    if size < _LEAST_NAME:
        axes.set(xticks=[], yticks=[])
        return
    written = [canvas.fitting(name, 0.95, size) for name in names]
    axes.set_xticks(range(len(names)), written, rotation=90, size=size)
    axes.set_yticks(range(len(names)), written, size=size)
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        for label, p in zip(labels, province.tolist(), strict=True):
            label.set_color(look(p).ink)


def _draw_blocks(axes: Axes, province: Ints, names: Sequence[str]) -> None:
    """Frame pairs inside one province, part provinces by lines, and name them at the right."""
    ends = []
    for p in np.unique(province).tolist():
        first, n = int((province < p).sum()), int((province == p).sum())
        if first:
            for draw in (axes.axhline, axes.axvline):
                draw(first - 0.5, color=MUTED, linewidth=0.4)
        block = Rectangle((first - 0.5, first - 0.5), n, n, fill=False, clip_on=False, zorder=4)
        block.set(edgecolor=INK, linewidth=1.2, gid="block")
        axes.add_patch(block)
        ends.append((names[p], first + (n - 1) / 2.0, look(p)))
    canvas.name_ends(axes, ends)
    for spine in axes.spines.values():
        spine.set(visible=True, color=INK)


# -- inequality ------------------------------------------------------------------------------------


_PARTS = {
    "within": (mark("within"), Look("#56b4e9", "o", "-")),
    "between": (mark("between"), Look("#d55e00", "o", "-")),
    "overlap": (mark("overlap"), Look("#b5ab98", "o", "-")),
}
"""Parts of an index: inside provinces, between them, and from their overlap."""


def draw_inequality(
    results: Results,
    *,
    indicator: str = "rd_expenditure",
    years: tuple[int, int] | None = None,
) -> Figure:
    """Return Theil's index and the Gini coefficient of cities by year, with their parts.

    Raises
    ------
    NothingToDrawError
        When the table ``inequality`` cannot be made of these results, or lacks the indicator.
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
    what = quantity(results, indicator)
    resident = "" if indicator == "coupling" else _t("Values are those for each resident.")
    figure, panels = canvas.new_page(
        _t("Inequality of {what} between cities: {name}").format(
            what=what.name, name=shown(results.name, 30)
        ),
        _t("Bars: parts of the index within and between provinces; zero: all cities alike."),
        _t(
            "Theil's index weights cities by residents; the Gini coefficient does not, and has a "
            "part from the overlap of provinces."
        ),
        resident,
        _t("Whiskers: 95\u00a0% interval of the whole index.")
        if len(results.replicates) >= LEAST
        else "",
        mean_in_words(results),
        what.remark,
        foot=canvas.origin(results),
        panels=2,
        height=2.6,
    )
    heads = (_t("Theil's index"), _t("Gini coefficient"))
    for axes, head, (name, parts) in zip(panels, heads, indices.items(), strict=True):
        _draw_parts(axes, rows, name, parts)
        canvas.head(axes, head)
    return figure


def _draw_parts(axes: Axes, rows: pd.DataFrame, index: str, parts: Sequence[str]) -> None:
    """Draw parts as bars on top of one another, the whole with its interval."""
    means = rows.groupby("year")[[f"{index}_{part}" for part in parts]].mean()
    tops = means.cumsum(axis=1)
    years, ends = means.index.to_numpy(), []
    for part, column in zip(parts, means, strict=True):
        words, style = _PARTS[part]
        bottoms = tops[column] - means[column]
        bars = axes.bar(years, means[column], bottom=bottoms, color=style.colour, width=0.8)
        bars[0].set_gid(part)
        ends.append((_t(words), float((tops[column] - means[column] / 2.0).iloc[-1]), style))
    whole = rows.groupby("year")[index]
    bounds = np.array([interval(values.to_numpy())[1:] for _, values in whole], dtype=np.float64)
    middle, low, high = bounds.T
    if np.isfinite(low).any():
        axes.errorbar(
            years,
            middle,
            (middle - low, high - middle),
            linestyle="none",
            color=INK,
            elinewidth=0.8,
            capsize=1.5,
        )
    canvas.set_years(axes, int(years[0]), int(years[-1]))
    axes.set_xlim(years[0] - 0.6, years[-1] + 0.6)
    canvas.set_amounts(axes, tops.to_numpy(), high)
    canvas.name_ends(axes, ends)


# -- lag_by_distance -------------------------------------------------------------------------------


_CLASSES = (
    mark("own city"),
    mark("up to 100 km"),
    mark("100 to 200 km"),
    mark("200 to 300 km"),
    mark("over 300 km"),
)
"""The classes of distance `CLASSES` in words."""


def draw_distance(results: Results) -> Figure:
    """Return the time until a tenth of the firms has adopted, by distance from the founding city.

    Years of founding count in which every class of distance that has firms has a time.

    Raises
    ------
    NothingToDrawError
        When adoptions or organisations were not recorded, or there is no such year.
    """
    columns = ["year", "distance", "generations", "t10"]
    rows = read_rows(results, "diffusion_distance", columns)
    times = rows.pivot(index=["replicate", "year"], columns="distance", values="t10")
    firms = rows.groupby("distance")["generations"].max() > 0
    times = times[[name for name in CLASSES if firms.get(name, False)]]
    whole = times.notna().all(axis=1).groupby("year").transform("all")
    times = times[whole]
    if times.shape[1] < 2 or CLASSES[0] not in times or not len(times):
        raise NothingToDrawError(_t("no year of founding has a time in every class of distance"))
    years = times.index.unique("year")
    n = len(results.replicates)
    figure, (axes,) = canvas.new_page(
        _t("Adoption of a technology by distance from its founding city: {name}").format(
            name=shown(results.name, 30)
        ),
        _t("Technologies that the region founded in {first}\u2013{last}.").format(
            first=years.min(), last=years.max()
        ),
        _t("Large dots: mean over these years, in each of which the median technology counts."),
        _t("Small dots: single years."),
        _t("Whiskers: 95\u00a0% interval, cut at zero.") if n >= LEAST else "",
        mean_in_words(results),
        foot=canvas.origin(results),
        height=0.3 * times.shape[1] + 0.7,
    )
    _draw_times(axes, times)
    canvas.head(axes, "", _t("Years until a tenth of the firms that can use it has adopted it"))
    return figure


def _draw_times(axes: Axes, times: pd.DataFrame) -> None:
    """Draw a row for each class of distance."""
    places = np.arange(times.shape[1], dtype=np.float64)
    by_year = times.groupby("year").mean()
    for _, own in by_year.iterrows():
        axes.plot(own, places, linestyle="none", marker="o", markersize=2.4, color=FAINT, alpha=0.6)
    by_replicate = times.groupby("replicate").mean()
    found = [interval(by_replicate[name].to_numpy())[1:] for name in times]
    mean, low, high = np.array(found, dtype=np.float64).T
    axes.errorbar(
        mean,
        places,
        xerr=(mean - low, high - mean),
        linestyle="none",
        marker="o",
        markersize=6.0,
        color=look(0).colour,
        capsize=3.0,
        zorder=3,
    )
    axes.set_ylim(len(places) - 0.5, -0.5)
    words = [_t(_CLASSES[CLASSES.index(name)]) for name in times]
    axes.set_yticks(places, words)
    top = 1.05 * float(np.nanmax([by_year.max().max(), *high, *mean]))
    axes.set_xlim(0.0, top)
    canvas.number_axis(axes.xaxis, 0.0, top)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
