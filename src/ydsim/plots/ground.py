"""The page of a map: outlines and scale bar, cities with their names, and a key.

The projection is equirectangular, true to scale along its middle parallel. Places are kilometres,
sizes of bubbles inches: names and the scale bar are put in place when the panels have theirs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from ydsim.errors import NothingToDrawError, YdsimError
from ydsim.fmt import number
from ydsim.plots import canvas
from ydsim.plots.cities import FEW
from ydsim.plots.style import MUTED, RULE, SMALL, look
from ydsim.plots.values import world_of
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.typing import Bools, Floats
from ydsim.wording import shorten
from ydsim.world.outline import Shape, read_outline
from ydsim.world.world import World

KM_PER_DEGREE = 6371.0 * np.pi / 180.0
"""Kilometres of a degree of latitude."""

_LEAST, _RING = 0.02, 0.035
"""Radius of the least bubble, and distance from a bubble to the ring of few firms, in inches."""

EDGE = 0.3
"""Room between the outermost cities and the frame in inches."""

_LAND, _WATER, _BORDER, _SHORE = "#fbfaf7", "#e3edf3", "#bdb6aa", "#a9c3d3"


# -- the ground ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ground:
    """What a map lies on.

    Attributes
    ----------
    world
        Whose cities are drawn.
    middle
        Longitude and latitude of the middle of the map.
    shapes
        Outlines; none where the world has none.
    credit
        Whom the geography is from.
    """

    world: World
    middle: tuple[float, float]
    shapes: tuple[Shape, ...] = ()
    credit: str = ""

    def km(self, longitude: Floats, latitude: Floats) -> Floats:
        """Return kilometres east and north of the middle, shape (n, 2).

        Longitudes are differences from the middle, so that a region may lie across 180 degrees.
        """
        east = (longitude - self.middle[0] + 180.0) % 360.0 - 180.0
        x = east * KM_PER_DEGREE * np.cos(np.deg2rad(self.middle[1]))
        return np.column_stack([x, (latitude - self.middle[1]) * KM_PER_DEGREE])

    @cached_property
    def cities(self) -> Floats:
        """Places of cities in the world's order, in km, (C, 2)."""
        return self.km(self.world.longitude, self.world.latitude)

    @property
    def colours(self) -> list[str]:
        """Colours of the cities' provinces."""
        return [look(int(p)).colour for p in self.world.city_province]


def ground_of(results: Results) -> Ground:
    """Return the ground of the world of a run.

    Raises
    ------
    NothingToDrawError
        When the world cannot be loaded, all its cities lie at one place, or its outlines cannot be
        read.
    """
    world = world_of(results)
    try:
        shapes = read_outline(str(results.manifest["scenario"]["world"]))
    except (YdsimError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise NothingToDrawError(
            _t("the outlines cannot be read: {reason}").format(reason=reason)
        ) from error
    first, latitude = float(world.longitude[0]), world.latitude
    east = (world.longitude - first + 180.0) % 360.0 - 180.0 + first
    middle = (float(east.min() + east.max()) / 2.0, float(latitude.min() + latitude.max()) / 2.0)
    credit = _t("City coordinates: GeoNames \u00b7 outlines: Natural Earth")
    found = Ground(world, middle, shapes, credit if "yrd" in results.manifest["worlds"] else "")
    if not float(np.ptp(found.cities, axis=0).max()) >= 1.0:
        raise NothingToDrawError(_t("all cities lie at one place"))
    return found


def draw_outlines(axes: Axes, ground: Ground) -> None:
    """Draw provinces, coast, rivers and lakes softly, under all else."""
    lines: dict[str, list[Floats]] = {"province": [], "lake": [], "river": [], "coast": []}
    for shape in ground.shapes:
        lines[shape.kind] += [ground.km(*line.T) for line in shape.lines]
    coast = LineCollection(lines["coast"], colors=_SHORE, linewidths=0.6, zorder=0.1)
    land = PolyCollection(lines["province"], facecolors=_LAND, edgecolors=_BORDER, linewidths=0.7)
    lakes = PolyCollection(lines["lake"], facecolors=_WATER, edgecolors=_SHORE, linewidths=0.4)
    rivers = LineCollection(lines["river"], colors=_SHORE, linewidths=1.1, zorder=0.4)
    land.set(zorder=0.2, gid="provinces")
    lakes.set(zorder=0.3)
    for collection in (coast, land, lakes, rivers):
        axes.add_collection(collection, autolim=False)


def _frame(axes: Axes, km: Floats, edge: float) -> tuple[float, Floats]:
    """Set limits of a panel so that a kilometre is as long east as north.

    Returns kilometres an inch, and width and height of the panel in inches.
    """
    figure = axes.figure
    assert isinstance(figure, canvas.Canvas)
    size = np.array(axes.get_position().size) * figure.get_size_inches()
    low, high = km.min(axis=0), km.max(axis=0)
    scale = float(((high - low) / np.maximum(size - 2.0 * edge, 0.2)).max())
    left, down = (low + high - scale * size) / 2.0
    axes.set(xlim=(left, left + scale * size[0]), ylim=(down, down + scale * size[1]))
    return scale, size


def _draw_scale_bar(axes: Axes, km_per_inch: float, width: float) -> tuple[float, float]:
    """Draw a round number of kilometres in the lower right corner; return the room it takes."""
    length = nice(km_per_inch * min(0.8, 0.3 * width))
    right, y = (
        limit + inches * km_per_inch
        for limit, inches in ((axes.get_xlim()[1], -0.12), (axes.get_ylim()[0], 0.1))
    )
    axes.plot([right - length, right], [y, y], color=MUTED, linewidth=1.2, solid_capstyle="butt")
    words = _t("{length} km").format(length=f"{length:g}")
    axes.annotate(
        words,
        (right, y),
        xytext=(0.0, 2.5),
        textcoords="offset points",
        ha="right",
        size=SMALL,
        color=MUTED,
    ).set_gid("scale")
    taken = max(length / km_per_inch, canvas.text_width(words, SMALL)) + 0.2
    return taken, 0.32


def nice(value: float) -> float:
    """Return the largest of 1, 2, 5 times a power of ten that is not above ``value``."""
    power = 10.0 ** math.floor(math.log10(value))
    return max(m * power for m in (1.0, 2.0, 5.0) if m * power <= value * (1.0 + 1e-9))


# -- bubbles and names -----------------------------------------------------------------------------


def bubble_radii(amounts: Floats, most: float, largest: float) -> Floats:
    """Return radii in inches, areas in proportion to amounts; a dot for none."""
    shares = np.nan_to_num(amounts) / most if most > 0.0 else np.zeros(len(amounts))
    return np.asarray(np.maximum(largest * np.sqrt(shares), _LEAST))


def marker_size(radii: Any) -> Any:
    """Return the size that `Axes.scatter` wants: the square of the diameter in points."""
    return (144.0 * radii) ** 2


@dataclass(frozen=True)
class Marks:
    """How the cities of a map are drawn, in the world's order.

    Attributes
    ----------
    radii
        Shape (C,), in inches.
    colours
        C colours of bubbles.
    few
        Shape (C,): few firms are simulated; None where that does not matter.
    named
        Cities that may be named, the largest.
    edge
        Room in inches between the outermost cities and the frame.
    along
        Shape (m, 2): points in km that names keep off, where another side is free.
    """

    radii: Floats
    colours: Sequence[str]
    few: Bools | None = None
    named: int = 60
    edge: float = EDGE
    along: Floats | None = None


def draw_cities(axes: Axes, ground: Ground, marks: Marks) -> None:
    """Draw the ground, the cities, the largest first, and as many names as find room."""
    figure = axes.figure
    assert isinstance(figure, canvas.Canvas)
    km, radii = ground.cities, marks.radii
    few = np.zeros(len(km), dtype=np.bool_) if marks.few is None else marks.few
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set(visible=True, color=RULE)
    draw_outlines(axes, ground)
    order = np.argsort(-radii, kind="stable")
    x, y = km[order].T
    colours = [marks.colours[c] for c in order.tolist()]
    rims: dict[str, Any] = {"edgecolors": "white", "linewidths": 0.6, "zorder": 3}
    axes.scatter(x, y, s=marker_size(radii[order]), c=colours, **rims).set_gid("cities")
    x, y = km[few].T
    axes.scatter(x, y, s=marker_size(radii[few] + _RING), **_FEW_RING).set_gid("few")

    def place() -> None:
        scale, size = _frame(axes, km, marks.edge)
        taken = _draw_scale_bar(axes, scale, float(size[0]))
        low = np.array([axes.get_xlim()[0], axes.get_ylim()[0]])
        first = order[: marks.named].tolist()
        names = [canvas.fitting(ground.world.city_names[c], 1.2, SMALL) for c in first]
        centres = place_names(
            (km[order] - low) / scale,
            (radii + _RING * few)[order],
            [canvas.text_width(name, SMALL) + 0.02 for name in names],
            size,
            (size[0] - taken[0], 0.0, size[0], taken[1]),
            np.empty((0, 2)) if marks.along is None else (marks.along - low) / scale,
        )
        for name, centre in zip(names, centres, strict=True):
            if np.isfinite(centre).all():
                x, y = low + scale * centre
                text = axes.text(x, y, name, size=SMALL, ha="center")
                text.set(va="center_baseline", zorder=5, gid="name")
                text.set_path_effects([withStroke(linewidth=1.8, foreground="white")])

    figure.afterwards(place)


_FEW_RING: dict[str, Any] = {
    "facecolors": "none",
    "edgecolors": MUTED,
    "linestyles": [(0, (1.0, 1.2))],
    "linewidths": 0.9,
    "zorder": 3.2,
}

_ANGLES = np.deg2rad([0.0, 180.0, 90.0, 270.0, 35.0, -35.0, 145.0, 215.0])
_SIDES = np.round(np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)]), 6)
_HIGH, _GAP, _CLEAR = 0.11, 0.025, 0.09
"""Height of a name, its distance from its bubble, and one at which no other is meant, inches."""


def place_names(
    points: Floats,
    radii: Floats,
    widths: Sequence[float],
    size: Floats,
    blocked: tuple[float, float, float, float],
    along: Floats,
) -> Floats:
    """Return centres of names, (n, 2), NaN where there is no room: first come, first served.

    A name lies in the panel and covers no other name and no bubble. Of free sides it takes that
    with fewest points ``along`` lines, then the first that is clear of other bubbles; where none is
    free, a name that fits stands in its own bubble. All lengths are inches from the lower left.

    Parameters
    ----------
    points, radii
        Shapes (n, 2) and (n,): bubbles in the order of names.
    widths
        Of names.
    size
        Width and height of the panel.
    blocked
        A box ``x0, y0, x1, y1`` that names keep out of.
    along
        Shape (m, 2).
    """
    boxes = [blocked]
    centres = np.full((len(widths), 2), np.nan)
    for i, width in enumerate(widths):
        half = np.array([width, _HIGH]) / 2.0
        around = points[i] + (radii[i] + _GAP) * _SIDES + np.sign(_SIDES) * half
        inside = [points[i]] if width <= 1.8 * radii[i] else []
        others, rims = np.delete(points, i, axis=0), np.delete(radii, i)
        best: tuple[float, float, float] | None = None
        for number_, centre in enumerate([*around, *inside]):
            low, high = centre - half, centre + half
            box = (*low.tolist(), *high.tolist())
            if (low < 0.0).any() or (high > size).any() or any(_overlap(box, b) for b in boxes):
                continue
            apart = np.hypot(*(others - np.clip(others, low, high)).T) - rims
            free = min(float(apart.min(initial=np.inf)), _CLEAR)
            crossed = float(((along > low) & (along < high)).all(axis=1).sum())
            rank = (-float(number_ >= len(_SIDES)), -crossed, free)
            if free > 0.0 and (best is None or rank > best):
                best, centres[i] = rank, centre
        if best is not None:
            boxes.append((*(centres[i] - half).tolist(), *(centres[i] + half).tolist()))
    return centres


def _overlap(box: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


# -- key and page ----------------------------------------------------------------------------------


_SIGN = 0.05
"""Radius of round signs of a key in inches."""


def dot(colour: str, radius: float = _SIGN, **look: Any) -> Line2D:
    """Return a round sign of a key."""
    style = {"marker": "o", "markeredgewidth": 0.0, **look}
    return Line2D([], [], color=colour, linestyle="none", markersize=144.0 * radius, **style)


def province_signs(world: World) -> canvas.Key:
    """Return the colours of provinces."""
    return [(dot(look(p).colour), shorten(name, 30)) for p, name in enumerate(world.provinces)]


def size_sign(most: float, largest: float) -> canvas.Key:
    """Return a small bubble of a round amount, where there are any amounts."""
    if most <= 0.0:
        return []
    amount = nice(most * min(1.0, (1.4 * _SIGN / largest) ** 2))
    radius = float(bubble_radii(np.array([amount]), most, largest)[0])
    return [(dot("white", radius, markeredgecolor=MUTED, markeredgewidth=0.9), number(amount))]


def few_sign(few: Bools) -> canvas.Key:
    """Return the ring of cities with few simulated firms, where there are such."""
    words = _t("under {n} simulated firms").format(n=FEW)
    ring = dot(MUTED, 1.4 * _SIGN, marker="$\u25cc$")
    return [(ring, words)] if few.any() else []


def _columns(panels: int) -> tuple[int, float]:
    """Return how many maps stand side by side, and about their width in inches."""
    most = 2 if panels == 4 else 3
    columns = min(panels, most, max(1, int(canvas.page_width() / 1.5)))
    return columns, canvas.page_width() / columns


def largest_bubble(panels: int = 1) -> float:
    """Return the radius of the largest bubble in inches, smaller on smaller maps."""
    return float(np.clip(0.045 * _columns(panels)[1], 0.1, 0.24))


def map_page(
    title: str, *notes: str, foot: str, ground: Ground, key: canvas.Key, panels: int = 1
) -> tuple[canvas.Canvas, list[Axes]]:
    """Return a page of maps, as high as their places are apart."""
    columns, width = _columns(panels)
    east, north = np.maximum(np.ptp(ground.cities, axis=0), 1.0)
    shape = float(np.clip(north / east, 0.5, 1.2))
    return canvas.new_page(
        title,
        *notes,
        foot=" \u00b7 ".join(filter(None, (foot, ground.credit))),
        panels=panels,
        columns=columns,
        height=min(width * shape, 5.8) + (0.2 if panels > 1 else 0.0),
        least=1.5,
        key=key,
    )
