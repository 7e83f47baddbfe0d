"""Map of the cities: bubbles for R&D, shades for the speed of adoption."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from ydsim.plots import page
from ydsim.plots.bubbles import RIM, bubble_radii, marker_size, nice, shade
from ydsim.plots.cities import KM_PER_DEGREE, read_cities
from ydsim.plots.mapkey import draw_key
from ydsim.plots.place import place_labels
from ydsim.plots.style import FAINT, MUTED, RULE, SMALL, WIDTH, look, shown
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

NAMED = 60
"""Cities that may be named."""

_PANEL, _SIDE = 5.3, 1.6
_EDGE = 0.35
"""Room in inches between the outermost cities and the frame."""


def draw_map(results: Results) -> Figure:
    """Return the map.

    Raises
    ------
    NothingToDrawError
        When there are no cities, no world, or no geography.
    """
    cities = read_cities(results)
    provinces = [str(name) for name in results.manifest["regions"][:-1]]
    how = "One replicate." if len(results.replicates) == 1 else "Mean of the replicates."
    figure, top = page.new_page(
        f"Simulated R&D and adoption in the cities, {cities.year}",
        "Area of a bubble: R&D expenditure. Shade: generations adopted per firm in the year. "
        f"Rim: province. {how}"
        + (" Figures of single cities rest on a prior, not on data." if cities.prior else ""),
        _PANEL,
    )
    left, width, height = page.MARGIN, WIDTH - _SIDE - 2 * page.MARGIN, _PANEL
    axes = page.add_panel(figure, left, top, width, height)
    scale = frame(axes, cities.km, width, height)
    draw_graticule(axes, cities.degrees)
    draw_scale_bar(axes, scale)
    radii = bubble_radii(cities.research)
    shades, colours = shade(cities.adoptions)
    axes.scatter(
        cities.km[:, 0],
        cities.km[:, 1],
        s=marker_size(radii),
        c=colours,
        edgecolors=[look(int(p)).colour for p in cities.province],
        linewidths=RIM,
        zorder=3,
    ).set_gid("cities")
    draw_names(axes, cities.names, cities.km, cities.province, radii, (width, height))
    draw_key(figure, left + width + 0.18, top, cities.research, provinces, shades)
    credit = "City coordinates: GeoNames" if "yrd" in results.manifest["worlds"] else ""
    page.add_footer(figure, results, credit)
    return figure


def frame(axes: Axes, km: Floats, width: float, height: float) -> float:
    """Set limits so that a kilometre is as long east as north; return kilometres an inch."""
    low, high = km.min(axis=0), km.max(axis=0)
    room = np.array([width - 2 * _EDGE, height - 2 * _EDGE])
    scale = float(((high - low) / room).max())
    middle = (low + high) / 2
    axes.set_xlim(middle[0] - scale * width / 2, middle[0] + scale * width / 2)
    axes.set_ylim(middle[1] - scale * height / 2, middle[1] + scale * height / 2)
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(RULE)
    return scale


def draw_graticule(axes: Axes, middle: tuple[float, float]) -> None:
    """Draw meridians and parallels with their degrees, at steps that give a handful of each."""
    per_degree = (KM_PER_DEGREE * math.cos(math.radians(middle[1])), KM_PER_DEGREE)
    limits = (axes.get_xlim(), axes.get_ylim())
    span = [(high - low) / each for (low, high), each in zip(limits, per_degree, strict=True)]
    step = nice(max(span) / 5.0)
    for k, ((low, high), each) in enumerate(zip(limits, per_degree, strict=True)):
        first = math.ceil((middle[k] + low / each) / step)
        last = math.floor((middle[k] + high / each) / step)
        for number in range(first, last + 1):
            degrees = number * step
            place = (degrees - middle[k]) * each
            if place > high - 0.08 * (high - low):
                continue
            draw = axes.axvline if k == 0 else axes.axhline
            draw(place, color=RULE, linewidth=0.5, zorder=1)
            text = bearing(degrees, "EW" if k == 0 else "NS")
            at = (place, 0.0) if k == 0 else (0.0, place)
            axes.annotate(
                text,
                at,
                xycoords=("data", "axes fraction") if k == 0 else ("axes fraction", "data"),
                xytext=(2.0, 2.0),
                textcoords="offset points",
                size=SMALL - 0.5,
                color=FAINT,
            )


def bearing(degrees: float, signs: str) -> str:
    """Return degrees as on a map: 118° E, 33.5° S."""
    if signs == "EW":
        degrees = (degrees + 180.0) % 360.0 - 180.0
    sign = signs[0] if degrees >= 0 else signs[1]
    return f"{abs(degrees):g}\u00b0" + (f" {sign}" if degrees else "")


def draw_scale_bar(axes: Axes, km_per_inch: float) -> None:
    """Draw a bar of a round number of kilometres in the lower right corner."""
    length = nice(km_per_inch * 0.8)
    bottom = axes.get_ylim()[0]
    right, y = axes.get_xlim()[1] - 0.15 * km_per_inch, bottom + 0.12 * km_per_inch
    axes.plot([right - length, right], [y, y], color=MUTED, linewidth=1.2, solid_capstyle="butt")
    axes.annotate(
        f"{length:g} km",
        (right - length / 2, y),
        xytext=(0.0, 2.5),
        textcoords="offset points",
        ha="center",
        size=SMALL,
        color=MUTED,
    )


def draw_names(
    axes: Axes,
    cities: Sequence[str],
    km: Floats,
    province: Ints,
    radii: Floats,
    size: tuple[float, float],
) -> list[Text]:
    """Name the first cities, as far as names find room; ``size`` is that of the panel in inches."""
    names = [shown(name, 24) for name in cities[:NAMED]]
    low = np.array([axes.get_xlim()[0], axes.get_ylim()[0]])
    scale = (axes.get_xlim()[1] - low[0]) / size[0]
    points = (km - low) / scale
    boxes = [(page.text_width(name, SMALL) + 0.01, SMALL / 72.0) for name in names]
    bar = (size[0] - 1.3, 0.0, size[0], 0.36)
    rim = RIM / 144.0
    written = []
    for label in place_labels(points, radii + rim, boxes, size, [bar], gap=0.025, clear=0.09):
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
        written.append(text)
    return written
