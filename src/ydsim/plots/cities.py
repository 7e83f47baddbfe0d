"""Cities: their links, the matrix of pairs, inequality, lags by distance.

A link between two cities has no direction: what goes from a to b and from b to a is added up,

    W_ab = w_ab + w_ba  for a != b,   W_aa = w_aa

where w are expected links (table ``ties``), which do not depend on the scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ydsim.errors import NothingToDrawError, UsageError
from ydsim.fmt import listed, number
from ydsim.measures.effects import LEAST, mean_of
from ydsim.plots import canvas
from ydsim.plots.forest import draw_forest
from ydsim.plots.over_time import Line, draw_panel
from ydsim.plots.style import BODY, INK, MUTED, SMALL, look, shown
from ydsim.plots.values import (
    NATION,
    mean_in_words,
    period,
    quantity,
    read_rows,
    scenario_look,
    spread_in_words,
    world_of,
    years_of,
)
from ydsim.results.diffusion import CLASSES
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.wording import capital, suggestion
from ydsim.world.world import World

if TYPE_CHECKING:
    import pandas as pd


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
    """Return expected links of channels, added up, a year at scale 1, mean over years, replicates.

    They are symmetric, cities by cities in the world's order, on the diagonal inside a city.

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
    require_cities(world, sorted({*rows["from_city"], *rows["to_city"]} - {NATION}))
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
    ran = years_of(results)[-LAST_YEARS:]
    first, last = years or (int(ran[0]), int(ran[-1]))
    world = world_of(results)
    links = read_links(results, [channel], (first, last), world)
    order = np.lexsort((-links.sum(axis=1).to_numpy(), world.city_province))
    links, province = links.iloc[order, order], world.city_province[order]
    what = capital(channels_in_words([channel]))
    figure, (axes,) = canvas.new_page(
        _t("{what} by pair of cities, {years}: {name}").format(
            what=what, years=period(np.array([first, last])), name=shown(results.name, 30)
        ),
        _t("Colour: expected links a year at scale 1, on the diagonal inside a city."),
        _t("White: none. Frames: pairs inside a province, cities with most links first."),
        mean_in_words(results),
        foot=canvas.origin(results),
        height=max(canvas.page_width() - 0.35, 2.6),
    )
    some = links.where(links > 0.0)
    low, high = float(np.nanmin(some)), float(np.nanmax(some))
    low = min(max(low, high * 10.0**-DECADES), high / 10.0)
    norm = LogNorm(low, high, clip=True)
    image = axes.imshow(some, norm=norm, cmap="viridis_r", interpolation="nearest")
    image.set_gid("pairs")
    bar = figure.colorbar(image, ax=axes, location="bottom", aspect=40, shrink=0.8, pad=0.02)
    label = f"{what}, {unit_of_links([channel])}"
    bar.set_label("\n".join(canvas.wrapped(label, BODY, figure.inside - 0.6)), size=BODY)
    subs = (1.0,) if high >= 50.0 * low else (1.0, 2.0, 5.0)
    bar.ax.xaxis.set_major_locator(LogLocator(subs=subs, numticks=8))
    bar.ax.xaxis.set_minor_locator(NullLocator())
    bar.ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    axes.grid(False)
    axes.tick_params(size=0.0, pad=2.0)
    axes.spines[:].set(visible=True, color=INK)
    size = min(SMALL, 0.92 * 72.0 * (canvas.panel_width(axes) - 2.0) / len(links))
    places = range(len(links)) if size >= _LEAST_NAME else ()
    names = [canvas.fitting(links.columns[c], 0.95, size) for c in places]
    axes.set_xticks(places, names, rotation=90, size=size)
    axes.set_yticks(places, names, size=size)
    for labels in (axes.get_xticklabels(), axes.get_yticklabels()):
        for c, text in enumerate(labels):
            text.set_color(look(int(province[c])).ink)
    ends = []
    for p in np.unique(province).tolist():
        start, n = int((province < p).sum()), int((province == p).sum())
        for draw in (axes.axhline, axes.axvline) if start else ():
            draw(start - 0.5, color=MUTED, linewidth=0.4)
        block = Rectangle((start - 0.5, start - 0.5), n, n, fill=False, clip_on=False, zorder=4)
        axes.add_patch(block).set(edgecolor=INK, linewidth=1.2, gid="block")
        ends.append((world.provinces[p], start + (n - 1) / 2.0, look(p)))
    canvas.name_ends(axes, ends)
    return figure


# -- inequality ------------------------------------------------------------------------------------


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
    figure, panels = canvas.new_page(
        _t("Inequality of {what} between cities: {name}").format(
            what=what.name, name=shown(results.name, 30)
        ),
        _t(
            "The whole index and its parts within and between provinces; zero: all cities alike. "
            "Theil's index weights cities by residents; the Gini coefficient does not, and has a "
            "part from the overlap of provinces."
        ),
        "" if indicator == "coupling" else _t("Values are those for each resident."),
        spread_in_words(len(results.replicates)),
        what.remark,
        foot=canvas.origin(results),
        panels=2,
        height=2.6,
    )
    heads = (_t("Theil's index"), _t("Gini coefficient"))
    words = (_t("whole"), _t("within"), _t("between"), _t("overlap"))
    for axes, head, (index, parts) in zip(panels, heads, indices.items(), strict=True):
        runs = [
            rows.pivot(index="replicate", columns="year", values=column)
            for column in (index, *(f"{index}_{part}" for part in parts))
        ]
        lines = [
            Line(word, each.to_numpy(), scenario_look(k))
            for k, (word, each) in enumerate(zip(words, runs, strict=False))
        ]
        draw_panel(axes, runs[0].columns.to_numpy(), lines)
        canvas.head(axes, head)
    return figure


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
    import pandas as pd

    rows = read_rows(results, "diffusion_distance", columns)
    times = rows.pivot(index=["replicate", "year"], columns="distance", values="t10")
    firms = rows.groupby("distance")["generations"].max() > 0
    times = times[[name for name in CLASSES if firms.get(name, False)]]
    whole = times.notna().all(axis=1).groupby("year").transform("all")
    times = times[whole]
    if times.shape[1] < 2 or CLASSES[0] not in times or not len(times):
        raise NothingToDrawError(_t("no year of founding has a time in every class of distance"))
    years = times.index.unique("year")
    by_replicate = times.groupby("replicate").mean()
    found = [mean_of(by_replicate[name].to_numpy()) for name in times]
    words = [_t(_CLASSES[CLASSES.index(name)]) for name in times]
    table = pd.DataFrame([asdict(each) for each in found]).assign(
        outcome="t10", label=words, sure=True
    )
    n = len(results.replicates)
    return draw_forest(
        table,
        {
            "t10": (
                _t("Time until a tenth of the firms that can use it has adopted it"),
                _t("years"),
            )
        },
        title=_t("Adoption of a technology by distance from its founding city: {name}").format(
            name=shown(results.name, 30)
        ),
        note=_t(
            "Technologies that the region founded in {first}\u2013{last}. Mean over the years, of "
            "each the median technology. {spread}"
        ).format(
            first=years.min(),
            last=years.max(),
            spread=_t("Bars: 95 % interval over {n} replicates.").format(n=n)
            if n >= LEAST
            else _t("Fewer than three replicates: no interval."),
        ),
        foot=canvas.origin(results),
        columns=1,
    )
