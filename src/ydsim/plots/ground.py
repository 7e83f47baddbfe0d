"""The ground of every map: projection, frame, outlines, meridians and a scale bar.

An equirectangular projection that is true to scale along its middle parallel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from ydsim.errors import YdsimError
from ydsim.plots.bubbles import nice
from ydsim.plots.ensemble import NothingToDrawError
from ydsim.plots.messages import say
from ydsim.plots.style import FAINT, MUTED, RULE, SMALL
from ydsim.results.results import Results
from ydsim.typing import Floats
from ydsim.world.outline import Shape, read_outline
from ydsim.world.world import World

KM_PER_DEGREE = 6371.0 * np.pi / 180.0
"""Kilometres of a degree of latitude."""

EDGE = 0.35
"""Room in inches between the outermost cities and the frame."""

LAND, WATER, BORDER, SHORE = "#fbfaf7", "#e3edf3", "#bdb6aa", "#a9c3d3"

_GRATICULE = 0.0
_WATER, _LAND, _LAKES, _LINES = 0.1, 0.2, 0.3, 0.4
"""Levels: all below 1, where grids and cities begin."""


@dataclass(frozen=True)
class Projection:
    """From degrees to kilometres.

    Attributes
    ----------
    longitude, latitude
        The middle of the map in degrees.
    """

    longitude: float
    latitude: float

    def km(self, longitude: Floats, latitude: Floats) -> Floats:
        """Return kilometres east and north of the middle, shape (n, 2).

        Longitudes are taken as differences from the middle, so that a region may lie across 180
        degrees.
        """
        east = (longitude - self.longitude + 180.0) % 360.0 - 180.0
        x = east * KM_PER_DEGREE * np.cos(np.deg2rad(self.latitude))
        return np.column_stack([x, (latitude - self.latitude) * KM_PER_DEGREE])


@dataclass(frozen=True)
class Ground:
    """What a map lies on.

    Attributes
    ----------
    projection
        From degrees to kilometres.
    km
        Shape (C, 2): the cities in the world's order.
    shapes
        Outlines; none where the world has none.
    """

    projection: Projection
    km: Floats
    shapes: tuple[Shape, ...]


def project(longitude: Floats, latitude: Floats) -> Projection:
    """Return the projection in whose middle places lie.

    Raises
    ------
    NothingToDrawError
        When all places lie at one place.
    """
    east = (longitude - longitude[0] + 180.0) % 360.0 - 180.0 + longitude[0]
    found = Projection(
        float(east.min() + east.max()) / 2.0, float(latitude.min() + latitude.max()) / 2.0
    )
    km = found.km(longitude, latitude)
    if not np.isfinite(km).all() or float(np.ptp(km, axis=0).max()) < 1.0:
        raise NothingToDrawError("all cities lie at one place")
    return found


def ground_of(results: Results, world: World) -> Ground:
    """Return the ground of the world of a run.

    Raises
    ------
    NothingToDrawError
        When all cities lie at one place, or the outlines of the world cannot be read.
    """
    projection = project(world.longitude, world.latitude)
    try:
        shapes = read_outline(str(results.manifest["scenario"]["world"]))
    except (YdsimError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise NothingToDrawError(f"the outlines cannot be read: {reason}") from error
    return Ground(projection, projection.km(world.longitude, world.latitude), shapes)


def draw_ground(
    axes: Axes,
    ground: Ground,
    size: tuple[float, float],
    *,
    edge: float = EDGE,
    plain: bool = False,
) -> float:
    """Frame the cities and draw all that lies under them; return kilometres an inch.

    Parameters
    ----------
    size
        Width and height of the panel in inches.
    edge
        Room in inches between the outermost cities and the frame.
    plain
        Without meridians, parallels and scale bar, for small panels.
    """
    scale = frame(axes, ground.km, size, edge)
    draw_outlines(axes, ground)
    if not plain:
        draw_graticule(axes, ground.projection)
        draw_scale_bar(axes, scale)
    return scale


def frame(axes: Axes, km: Floats, size: tuple[float, float], edge: float = EDGE) -> float:
    """Set limits so that a kilometre is as long east as north; return kilometres an inch."""
    low, high = km.min(axis=0), km.max(axis=0)
    room = np.array(size) - 2.0 * edge
    scale = float(((high - low) / room).max())
    middle = (low + high) / 2.0
    axes.set_xlim(middle[0] - scale * size[0] / 2.0, middle[0] + scale * size[0] / 2.0)
    axes.set_ylim(middle[1] - scale * size[1] / 2.0, middle[1] + scale * size[1] / 2.0)
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(RULE)
    return scale


def draw_outlines(axes: Axes, ground: Ground) -> None:
    """Draw provinces, coast, rivers and lakes softly."""
    if not ground.shapes:
        return
    lines: dict[str, list[Floats]] = {}
    for shape in ground.shapes:
        found = [ground.projection.km(line[:, 0], line[:, 1]) for line in shape.lines]
        lines.setdefault(shape.kind, []).extend(found)
    land = PolyCollection(lines.get("province", []), facecolors=LAND, edgecolors=BORDER)
    land.set(linewidth=0.7, zorder=_LAND, gid="provinces")
    lakes = PolyCollection(lines.get("lake", []), facecolors=WATER, edgecolors=SHORE)
    lakes.set(linewidth=0.4, zorder=_LAKES, gid="lakes")
    water = LineCollection(lines.get("river", []), colors=SHORE, linewidths=1.1)
    water.set(zorder=_LINES, gid="rivers")
    coast = LineCollection(lines.get("coast", []), colors=SHORE, linewidths=0.6)
    coast.set(zorder=_WATER, gid="coast")
    for collection in (coast, land, lakes, water):
        axes.add_collection(collection, autolim=False)


def draw_graticule(axes: Axes, middle: Projection) -> None:
    """Draw meridians and parallels with their degrees, at steps that give a handful of each."""
    per_degree = (KM_PER_DEGREE * math.cos(math.radians(middle.latitude)), KM_PER_DEGREE)
    centre = (middle.longitude, middle.latitude)
    limits = (axes.get_xlim(), axes.get_ylim())
    span = [(high - low) / each for (low, high), each in zip(limits, per_degree, strict=True)]
    step = nice(max(span) / 5.0)
    for k, ((low, high), each) in enumerate(zip(limits, per_degree, strict=True)):
        first = math.ceil((centre[k] + low / each) / step)
        last = math.floor((centre[k] + high / each) / step)
        for number in range(first, last + 1):
            degrees = number * step
            place = (degrees - centre[k]) * each
            if place > high - 0.08 * (high - low):
                continue
            draw = axes.axvline if k == 0 else axes.axhline
            draw(place, color=RULE, linewidth=0.5, zorder=_GRATICULE)
            at = (place, 0.0) if k == 0 else (0.0, place)
            axes.annotate(
                bearing(degrees, east=k == 0),
                at,
                xycoords=("data", "axes fraction") if k == 0 else ("axes fraction", "data"),
                xytext=(2.0, 2.0),
                textcoords="offset points",
                size=SMALL - 0.5,
                color=FAINT,
            )


def bearing(degrees: float, *, east: bool) -> str:
    """Return degrees as on a map: 118° E, 33.5° S."""
    if east:
        degrees = (degrees + 180.0) % 360.0 - 180.0
    number = f"{abs(degrees):g}"
    if not degrees:
        return say("ground.zero", degrees=number)
    side = ("east" if degrees > 0 else "west") if east else ("north" if degrees > 0 else "south")
    return say(f"ground.{side}", degrees=number)


def draw_scale_bar(axes: Axes, km_per_inch: float) -> None:
    """Draw a bar of a round number of kilometres in the lower right corner."""
    length = nice(km_per_inch * 0.8)
    bottom = axes.get_ylim()[0]
    right, y = axes.get_xlim()[1] - 0.15 * km_per_inch, bottom + 0.12 * km_per_inch
    axes.plot([right - length, right], [y, y], color=MUTED, linewidth=1.2, solid_capstyle="butt")
    axes.annotate(
        say("ground.km", length=f"{length:g}"),
        (right - length / 2, y),
        xytext=(0.0, 2.5),
        textcoords="offset points",
        ha="center",
        size=SMALL,
        color=MUTED,
    )


def credit(results: Results) -> str:
    """Return who is to be credited for the geography."""
    return say("ground.credit") if "yrd" in results.manifest["worlds"] else ""
