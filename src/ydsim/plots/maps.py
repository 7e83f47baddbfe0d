"""Maps of cities: amounts, strongest links, and differences between two results.

The projection is equirectangular, true to scale along its middle parallel. Places are kilometres,
sizes of bubbles inches: names are put in place when the panels have theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from ydsim.errors import NothingToDrawError, UsageError
from ydsim.fmt import listed, number
from ydsim.measures.effects import MIN_REPLICATES
from ydsim.plots import canvas
from ydsim.plots.canvas import MUTED, RULE, SMALL, look, shown
from ydsim.plots.values import (
    NATION,
    mean_in_words,
    nothing_where,
    quantity,
    read_rows,
    world_of,
    year_in_words,
    year_of,
)
from ydsim.results.compare import Compared
from ydsim.results.cube import outcomes_at
from ydsim.results.results import CITY_YEAR, Results
from ydsim.translation import gettext as _t
from ydsim.typing import Bools, Floats
from ydsim.wording import shorten
from ydsim.world.folders import read_outline
from ydsim.world.world import World

KM_PER_DEGREE = 6371.0 * np.pi / 180.0  # kilometres of a degree of latitude

# -- map -------------------------------------------------------------------------------------------


MOST_YEARS = 6  # small maps of a page

FEW = 20
"""Simulated firms of a city below which its bubble is hollow: a count of 20 firms that come by
chance has a standard error of 22 per cent."""


def draw_map(
    results: Results,
    *,
    indicator: str = "rd_expenditure",
    year: int | None = None,
    years: tuple[int, int] | None = None,
) -> Figure:
    """Return the map of an indicator by city: areas are amounts, colours are provinces.

    Of years there are up to `MOST_YEARS` small maps on one scale, evenly spread.

    UsageError when both year and years are given. NothingToDrawError when cities were not recorded
    or have a negative value, or there is no geography.
    """
    if year is not None and years is not None:
        raise UsageError(_t("give a year or years, not both"))
    last, what, ground = year_of(results, year), quantity(results, indicator), ground_of(results)
    amounts, few = _amounts(results, indicator, years or (last, last), ground.world)
    if (amounts < 0.0).any(axis=None):
        raise NothingToDrawError(_t("{what} is negative: no area").format(what=what.name))
    n = min(MOST_YEARS, len(amounts))
    at = np.linspace(0.0, len(amounts) - 1.0, n).round().astype(int)
    amounts, few = amounts.iloc[at], few.iloc[at]
    most = float(amounts.to_numpy().max())
    rim = _dot("white", markeredgecolor=MUTED, markeredgewidth=0.9)
    hollow = [(rim, _t("under {n} simulated firms").format(n=FEW))]
    message = [year_in_words(results, when, indicator) for when in amounts.index]
    figure, panels = _map(
        _t("{what} by city, {years}: {name}").format(
            what=what.head,
            years="\u2013".join(dict.fromkeys([message[0], message[-1]])),
            name=shown(results.label, 30),
        ),
        _t("Area of a bubble: {what}, {unit}.").format(what=what.name, unit=what.unit),
        _t("All maps have one scale.") if n > 1 else "",
        mean_in_words(results),
        what.remark,
        foot=canvas.origin(results),
        ground=ground,
        key=hollow if few.any(axis=None) else [],
        shares=amounts.to_numpy() / (most or 1.0),
        whole=most,
        few=few.to_numpy(),
    )
    for axes, year_said in zip(panels, message if n > 1 else (), strict=False):
        canvas.head(axes, year_said)
    return figure


def _amounts(
    results: Results, indicator: str, years: tuple[int, int], world: World
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return means over replicates, and where few firms are simulated, years by cities."""
    name = quantity(results, indicator).name
    there = outcomes_at("city", results.manifest["indicators"])
    if CITY_YEAR not in results.tables or indicator not in there:
        raise NothingToDrawError(_t("{what} of cities was not recorded").format(what=name))
    names = dict.fromkeys([indicator, *(["firms"] if "firms" in there else [])])
    found = results.cube([*names], "city", points=[0], years=years)
    if not found[indicator].notna().any():
        raise NothingToDrawError(_t("{what} of cities has no value").format(what=name))
    _require_cities(world, [*found.index.unique("place")])
    means = found.groupby(["year", "place"]).mean().reindex(columns=[indicator, "firms"])
    values, firms = (
        means[each].unstack("place").reindex(columns=list(world.city_names)) for each in means
    )
    # firms that a world lists one by one are all simulated
    scale = 1.0 if world.listed is not None else float(results.manifest["scenario"]["scale"])
    return values.fillna(0.0), (firms * scale).round(6) < FEW


def _require_cities(world: World, names: Sequence[str]) -> None:
    """Refuse cities that a world lacks."""
    for name in (each for each in names if each not in world.city_names):
        message = _t("world {world} has no city {city}")
        raise NothingToDrawError(message.format(world=world.name, city=name))


# -- link_map --------------------------------------------------------------------------------------


USUAL = ("contract", "co-invention")  # channels whose links are shown unless another is asked for

MOST_LINKS = 80  # links that are drawn at most

INSIDE, CROSSING = "#9d9d9d", "#5e3c99"
WIDEST = 5.5  # width of the strongest link in points

BEND = 0.24  # how far the control point of a curve is off the middle, as a share of its length


def draw_link_map(
    results: Results, *, channel: str | None = None, year: int | None = None
) -> Figure:
    """Return the map of the strongest links between cities.

    Unless a channel is given, contracts and co-inventions are counted together.

    NothingToDrawError when ties were not recorded, no link is expected, or there is no geography.
    """
    channels, when = USUAL if channel is None else (channel,), year_of(results, year)
    ground = ground_of(results)
    what = listed(shown(_t(each), 22) for each in channels)
    found = _links(results, channels, when, ground.world)
    if not len(found):
        raise NothingToDrawError(
            _t("{what} join no two cities in {year}").format(what=what, year=when)
        )
    most, drawn = float(found.iloc[0]), found[:MOST_LINKS][::-1]  # the strongest above the others
    signs = [
        (Line2D([], [], color=INSIDE, linewidth=3.0), _t("link in a province")),
        (Line2D([], [], color=CROSSING, linewidth=3.0), _t("across provinces")),
        (Line2D([], [], color=MUTED, linewidth=WIDEST * nice(most) / most), number(nice(most))),
    ]
    unit = _t("100 million RMB a year") if "supply" in channels else _t("number a year, expected")
    ends = pd.concat([found.droplevel(1), found.droplevel(0)]).groupby(level=0).sum()
    every = ends.reindex(range(ground.world.n_cities), fill_value=0.0).to_numpy()
    figure, (axes,) = _map(
        _t("The strongest links between cities by {what}, {year}: {name}").format(
            what=what, year=year_in_words(results, when), name=shown(results.label, 30)
        ),
        _t("Lines: the {n} strongest of {pairs} links; width: {unit}.").format(
            n=len(drawn), pairs=len(found), unit=unit
        ),
        _t("Area of a city: its links with other cities."),
        _alone(ground.world),
        mean_in_words(results),
        foot=canvas.origin(results),
        ground=ground,
        key=signs,
        shares=0.2 * every[None] / every.max(),
    )
    a, b = (drawn.index.get_level_values(k) for k in (0, 1))
    start, along = ground.cities[a], ground.cities[b] - ground.cities[a]
    bent = start + along / 2.0 + BEND * np.column_stack([-along[:, 1], along[:, 0]])
    corners = np.stack([start, bent, start + along], axis=1)
    province = ground.world.city_province
    curve = [Path.MOVETO, Path.CURVE3, Path.CURVE3]
    lines = PathCollection([Path(each, curve) for each in corners], facecolors="none", gid="links")
    lines.set(linewidths=WIDEST * drawn.to_numpy() / most, capstyle="round", alpha=0.75, zorder=2)
    lines.set_edgecolor(np.where(province[a] != province[b], CROSSING, INSIDE).tolist())
    axes.add_collection(lines, autolim=False)
    return figure


def _alone(world: World) -> str:
    """Return which cities have no other one in their province, empty where none or all are so."""
    sizes = np.bincount(world.city_province)[world.city_province]
    if (sizes == 1).all() or not (sizes == 1).any():
        return ""
    cities = listed(_t(world.city_names[c]) for c in np.flatnonzero(sizes == 1))
    return _t("All links of {cities} cross a border: no other city is in the province.").format(
        cities=cities
    )


def _links(results: Results, channels: Sequence[str], year: int, world: World) -> pd.Series[float]:
    """Return expected links of a year, both ways, by numbers of cities, the strongest first."""
    rows = read_rows(results, "ties", ["year", "channel", "from_city", "to_city", "expected"])
    rows = rows[(rows["year"] == year) & rows["channel"].isin(channels)]
    _require_cities(world, sorted({*rows["from_city"], *rows["to_city"]} - {NATION}))
    number_of = pd.Series(range(world.n_cities), world.city_names)
    ends = pd.DataFrame({k: rows[k].map(number_of) for k in ("from_city", "to_city")})
    ends = ends.dropna().astype(int)
    pairs = [ends.min(axis=1), ends.max(axis=1)]
    links = rows.loc[ends.index, "expected"].groupby(pairs).sum() / len(results.replicates)
    apart = links.index.get_level_values(0) != links.index.get_level_values(1)
    found: pd.Series[float] = links[apart & (links > 0.0)]
    return found.sort_values(ascending=False, kind="stable")


# -- difference_map --------------------------------------------------------------------------------


UNSURE = "#c9c9c9"
"""Colour of cities whose interval includes zero."""

_LESS_MORE = LinearSegmentedColormap.from_list("less_more", ["#b2182b", "#f7f5f0", "#2166ac"])


def draw_differences(found: Compared) -> Figure:
    """Return the map of what an alternative changes in one outcome by city, of one year.

    A city has a colour only where the 95 % interval of the paired difference excludes zero.

    NothingToDrawError when there is no geography, or it has other cities.
    """
    (pair,), (outcome,), base = found.pairs, found.outcomes, found.base.run
    what = quantity(base, outcome.name)
    ground, n = ground_of(base), len(pair.replicates)
    rows = {
        row.place: {
            "change": (row.change if what.amount else row.effect.difference).estimate,
            "excludes_zero": row.excludes_zero,
            "base": row.effect.plain,
        }
        for row in found.rows
    }
    table = pd.DataFrame.from_dict(rows, orient="index").reindex(list(ground.world.city_names))
    _require_cities(ground.world, list(rows))
    change = table["change"].where(table["excludes_zero"].eq(True))
    extreme = max(float(change.abs().max()), 1e-9) if change.notna().any() else 1.0

    def colour(value: float) -> str:
        return to_hex(_LESS_MORE(0.5 + 0.5 * value / extreme)) if value == value else UNSURE

    steps = [extreme * share for share in (1.0, 0.5, 0.0, -0.5, -1.0) if change.notna().any()]
    signs = [(_dot(colour(x), marker="s"), number(x, 2, sign=True)) for x in steps]
    signs.append(
        (_dot(UNSURE), _t("interval includes zero") if n >= MIN_REPLICATES else _t("no interval"))
    )
    names = {"second": shown(pair.alternative.name, 24), "first": shown(found.base.name, 24)}
    unit = _t("percentage points") if outcome.change_in == "points" else what.unit
    unit = _t("per cent of {first}").format(**names) if what.amount else unit
    figure, _ = _map(
        _t("{what} by city, {year}: {second} compared with {first}").format(
            what=what.head, year=year_in_words(base, found.years[1], outcome.name), **names
        ),
        _t("Colour: {second} less {first}, {unit}.").format(unit=unit, **names)
        if steps
        else _t("All cities are grey."),
        _t(
            "{n} paired replicates; grey: the 95\u00a0% interval of the difference includes zero. "
            "By chance alone about {chance} of {cities} cities would have a colour."
        ).format(n=n, chance=number(0.05 * len(table), 1), cities=len(table))
        if n >= MIN_REPLICATES
        else _t("Fewer than three replicates: no interval and no test."),
        what.remark,
        foot=canvas.origin(base, pair.alternative.run, pairs=n),
        ground=ground,
        key=signs,
        shares=np.full((1, len(table)), 0.16),
        colours=change.map(colour).tolist(),
        matter=table["base"].fillna(0.0).to_numpy(),
    )
    return figure


# -- the ground ------------------------------------------------------------------------------------


_LAND, _WATER, _BORDER, _SHORE = "#fbfaf7", "#e3edf3", "#bdb6aa", "#a9c3d3"

OUTLINES = {
    "coast": ("none", _SHORE, 0.6),
    "province": (_LAND, _BORDER, 0.7),
    "lake": (_WATER, _SHORE, 0.4),
    "river": ("none", _SHORE, 1.1),
}
"""Fill, line and its width of the kinds of outlines, softly under all else, the lowest first."""


@dataclass(frozen=True)
class Ground:
    """What a map lies on.

    The world whose cities are drawn; their places in its order, (C, 2), kilometres east and north
    of the middle; lines by kind of outline, each (n, 2) in kilometres, none where the world has
    none; and whom the geography is from.
    """

    world: World
    cities: Floats
    outlines: dict[str, list[Floats]]
    credit: str = ""


def ground_of(results: Results) -> Ground:
    """Return the ground of the world of a run.

    NothingToDrawError when the world cannot be loaded, all its cities lie at one place, or its
    outlines cannot be read.
    """
    world = world_of(results)
    found = ground_under(world, str(results.manifest["scenario"]["world"]))
    credit = _t("City coordinates: GeoNames \u00b7 outlines: Natural Earth")
    drawn = {"yrd", "jjj"} & {*results.manifest["worlds"]}
    return replace(found, credit=credit if drawn else "")


def ground_under(world: World, name: str) -> Ground:
    """Return the ground of a world by the name or folder under which its outlines are.

    NothingToDrawError as of `ground_of`.
    """
    with nothing_where(_t("the outlines cannot be read: {reason}")):
        shapes = read_outline(name)
    # longitudes are differences from the first, so that a region may lie across 180 degrees
    first, latitude = float(world.longitude[0]), world.latitude
    away = (world.longitude - first + 180.0) % 360.0 - 180.0
    middle = first + float(away.min() + away.max()) / 2.0
    height = float(latitude.min() + latitude.max()) / 2.0

    def km(east: Floats, north: Floats) -> Floats:
        x = ((east - middle + 180.0) % 360.0 - 180.0) * np.cos(np.deg2rad(height))
        return KM_PER_DEGREE * np.column_stack([x, north - height])

    outlines: dict[str, list[Floats]] = {kind: [] for kind in OUTLINES}
    for shape in shapes:
        outlines[shape.kind] += [km(*line.T) for line in shape.lines]
    cities = km(world.longitude, latitude)
    if not float(np.ptp(cities, axis=0).max()) >= 1.0:
        raise NothingToDrawError(_t("all cities lie at one place"))
    return Ground(world, cities, outlines)


def nice(value: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above ``value``."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(m * power for m in (1.0, 2.0, 5.0) if m * power <= value * (1.0 + 1e-9))


# -- bubbles and names -----------------------------------------------------------------------------


NAMED = 15  # cities that are named at most: the largest
LED = 6  # of these, those whose name may stand away from the bubble, at the end of a line

_LEAST, _SIGN = 0.02, 0.05  # radius of the least bubble, and of signs of a key, in inches

_ANGLES = np.deg2rad([0, 180, 90, 270, 35, -35, 145, 215, 65, 115, 245, 295])
_SIDES = np.round(np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)]), 6)
_HIGH, _GAP, _CLEAR = 0.1, 0.02, 0.01
"""Height of a name, its distance from its bubble, and that from all others, in inches."""
_AWAY = (0.12, 0.25, 0.4, 0.55)
"""Distances from its bubble of a name at the end of a line, in inches."""


def _dot(colour: str, radius: float = _SIGN, **style: Any) -> Line2D:
    """Return a round sign of a key."""
    style = {"marker": "o", "markeredgewidth": 0.0, **style}
    return Line2D([], [], color=colour, linestyle="none", markersize=144.0 * radius, **style)


def _map(
    title: str,
    *notes: str,
    foot: str,
    ground: Ground,
    key: canvas.Key,
    shares: Floats,
    whole: float = 0.0,
    colours: Sequence[str] = (),
    few: Bools | None = None,
    matter: Floats | None = None,
) -> tuple[canvas.Canvas, list[Axes]]:
    """Return a page of maps; areas are ``shares`` (panels, cities) of ``whole``, ``few`` hollow."""
    panels, world, km = len(shares), ground.world, ground.cities
    columns = min(panels, 3, max(1, int(canvas.page_width() / 1.5)))
    width = canvas.page_width() / columns
    largest = float(np.clip(0.045 * width, 0.1, 0.24))
    radii = np.maximum(largest * np.sqrt(shares), _LEAST)
    if not colours:
        names = [(look(p).colour, shorten(_t(name), 30)) for p, name in enumerate(world.provinces)]
        key = [*((_dot(colour), name) for colour, name in names), *key]
    if whole > 0.0:
        amount = nice(whole * min(1.0, (1.4 * _SIGN / largest) ** 2))
        key = [*key, (_dot(MUTED, largest * math.sqrt(amount / whole)), number(amount))]
    east, north = np.maximum(np.ptp(km, axis=0), 1.0)
    shape = float(np.clip(0.8 * north / east, 0.5, 1.1))  # names need room at the sides
    figure, maps = canvas.new_page(
        title,
        *notes,
        foot=" \u00b7 ".join(filter(None, (foot, ground.credit))),
        panels=panels,
        columns=columns,
        height=min(width * shape, 5.8) + (0.2 if panels > 1 else 0.0),
        least=1.5,
        key=key,
    )
    tint = np.array(colours or [look(int(p)).colour for p in world.city_province])
    hollow = np.zeros(radii.shape, dtype=np.bool_) if few is None else few
    for axes, own, empty in zip(maps, radii, hollow, strict=True):
        for at, (kind, (fill, line, thick)) in enumerate(OUTLINES.items()):
            shapes = PolyCollection(ground.outlines[kind], closed=fill != "none", gid=kind)
            shapes.set(facecolor=fill, edgecolor=line, linewidth=thick, zorder=0.1 * at)
            axes.add_collection(shapes, autolim=False)
        order = np.argsort(-own, kind="stable")  # the largest first, under the others
        axes.scatter(
            km[order, 0],
            km[order, 1],
            s=(144.0 * own[order]) ** 2,
            facecolors=np.where(empty, "white", tint)[order].tolist(),
            edgecolors=np.where(empty, tint, "white")[order].tolist(),
            linewidths=0.6 + 0.3 * empty[order],
            zorder=3,
            gid="cities",
        )
        axes.margins(x=0.24, y=0.08)
        axes.set(xticks=[], yticks=[], aspect="equal", adjustable="datalim")
        axes.grid(False)
        axes.spines[:].set(visible=True, color=RULE)
    widest = radii.max(axis=0)
    order = np.argsort(-(widest if matter is None else matter), kind="stable")

    def place() -> None:
        for axes in maps:
            axes.apply_aspect()
            axes.autoscale(False)
        corner = np.array([maps[0].get_xlim()[0], maps[0].get_ylim()[0]])
        size = np.array(maps[0].get_position().size) * figure.get_size_inches()
        scale = float(np.ptp(maps[0].get_xlim()) / size[0])
        blocked = _draw_scale(maps[-1], scale, float(size[0]))
        names = [canvas.fitting(_t(world.city_names[c]), 1.2, SMALL) for c in order[:NAMED]]
        widths = [canvas.text_width(name, SMALL) + 0.02 for name in names]
        centres = place_names(
            (km[order] - corner) / scale, widest[order], widths, size, blocked, LED
        )
        halves = np.column_stack([widths, np.full(len(widths), _HIGH)]) / 2.0
        for axes in maps:
            for city, name, centre, half in zip(order, names, centres, halves, strict=False):
                if not np.isfinite(centre[0]):
                    continue
                x, y = corner + scale * centre
                text = axes.text(x, y, name, size=SMALL, ha="center")
                text.set(va="center_baseline", zorder=5, gid="name")
                text.set_path_effects([withStroke(linewidth=1.8, foreground="white")])
                at = (km[city] - corner) / scale
                end = np.clip(at, centre - half, centre + half)
                if np.hypot(*(end - at)) > widest[city] + 2.0 * _GAP:
                    line = np.array([at, end]) * scale + corner
                    axes.plot(*line.T, color=MUTED, linewidth=0.6, zorder=2.5, gid="leader")

    figure.afterwards(place)
    return figure, maps


def _draw_scale(axes: Axes, km_per_inch: float, width: float) -> tuple[float, ...]:
    """Draw a round number of kilometres in the lower right corner; return its box in inches."""
    length = nice(km_per_inch * min(0.8, 0.3 * width))
    right, y = axes.get_xlim()[1] - 0.12 * km_per_inch, axes.get_ylim()[0] + 0.1 * km_per_inch
    axes.plot([right - length, right], [y, y], color=MUTED, linewidth=1.2, solid_capstyle="butt")
    words = _t("{length} km").format(length=f"{length:g}")
    text = axes.annotate(words, (right, y), (0.0, 2.5), textcoords="offset points", ha="right")
    text.set(size=SMALL, color=MUTED, gid="scale")
    taken = max(length / km_per_inch, canvas.text_width(words, SMALL)) + 0.2
    return width - taken, 0.0, width, 0.32


def place_names(
    points: Floats,
    radii: Floats,
    widths: Sequence[float],
    size: Floats,
    blocked: Sequence[float],
    led: int = 0,
) -> Floats:
    """Return centres of names, (n, 2), NaN where there is no room: first come, first served.

    A name stands beside its bubble, in the panel, and covers no other name, no bubble and not the
    box ``blocked`` (x0, y0, x1, y1). Those of the ``led`` first bubbles may stand away from theirs
    where a line between both meets no other. ``points`` (m, 2) and ``radii`` are of all bubbles,
    named ones first; ``size`` is that of the panel. All lengths are inches from the lower left.
    """
    boxes: list[Floats] = [np.array(blocked)]
    centres = np.full((len(widths), 2), np.nan)
    for i, width in enumerate(widths):
        half = np.array([width, _HIGH]) / 2.0
        others = np.arange(len(points)) != i
        clear = radii + np.where(others, _CLEAR, 0.0)
        for gap, side in product((_GAP, *(_AWAY if i < led else ())), _SIDES):
            centre = points[i] + (radii[i] + gap) * side + np.sign(side) * half
            low, high = centre - half, centre + half
            taken = any((low < box[2:]).all() and (high > box[:2]).all() for box in boxes)
            apart = np.hypot(*(points - np.clip(points, low, high)).T) - clear
            if gap > _GAP:  # a line leads to it
                end = np.clip(points[i], low, high)
                along = np.linspace(points[i], end, 24)[:, None] - points[others]
                taken |= bool((np.hypot(*along.T) < clear[others, None]).any())
            if not taken and (low >= 0.0).all() and (high <= size).all() and apart.min() > 0.0:
                boxes.append(np.concatenate([low, high]))
                centres[i] = centre
                break
    return centres
