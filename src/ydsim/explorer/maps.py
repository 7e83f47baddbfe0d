"""The map of a page: outlines, cities as bubbles, and links between cities, as SVG text.

The ground is that of `ydsim.plots.maps`, drawn once for a world; marks lie on it and are drawn
anew. Areas of bubbles are amounts, so that a city with twice the R&D has twice the area.
"""

from __future__ import annotations

import math
from html import escape
from typing import Final

import numpy as np
from matplotlib.colors import to_hex

from ydsim.explorer.charts import text, wide
from ydsim.fmt import number
from ydsim.plots.canvas import INK, MUTED, look
from ydsim.plots.maps import (
    BEND,
    CROSSING,
    INSIDE,
    OUTLINES,
    Ground,
    ground_under,
    nice,
    place_names,
)
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.world.world import World

WIDTH: Final = 420
"""Units across a map."""

MOST_LINKS: Final = 40
NAMED: Final = 15
_TEXT: Final = 10.5
_LARGEST, _LEAST = 21.0, 1.5  # radii of bubbles
_MARGIN: Final = 30.0  # around the outermost cities
_FINEST: Final = 0.9  # units between two corners of an outline at least
_WIDEST: Final = 6.0  # of a link
_AROUND: Final = "#f3f5f6"
_ROUND: Final = (1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0)
_INCH: Final = 72.0
"""Units of an inch, as names are placed in inches."""


def whole_of(*amounts: Floats) -> float:
    """Return the amount of a bubble of full size: a round number that holds all, to keep still."""
    most = max((float(np.nanmax(each)) for each in amounts if len(each)), default=0.0)
    if not most > 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in _ROUND if step * power >= most)


class Map:
    """The ground of a world, in the units of a picture, with places for the names of its cities.

    NothingToDrawError where the world has no geography.
    """

    def __init__(self, world: World, name: str) -> None:
        ground = ground_under(world, name)
        self.world = world
        self.names = [_t(name) for name in world.city_names]
        low, high = ground.cities.min(axis=0), ground.cities.max(axis=0)
        self._scale = (WIDTH - 2.0 * _MARGIN) / max(float((high - low)[0]), 1.0)
        self._corner = low[0] - _MARGIN / self._scale, high[1] + _MARGIN / self._scale
        self.height = float(math.ceil((high - low)[1] * self._scale + 2.0 * _MARGIN))
        self.cities = self._at(ground.cities)
        self.ground = self._ground(ground)
        self._places: Floats | None = None

    def _at(self, km: Floats) -> Floats:
        east, north = self._corner
        return self._scale * np.column_stack([km[:, 0] - east, north - km[:, 1]])

    def _ground(self, ground: Ground) -> str:
        parts = [f'<rect width="{WIDTH}" height="{self.height:g}" fill="{_AROUND}"/>']
        for kind, (fill, colour, width) in OUTLINES.items():
            ways = [way for line in ground.outlines[kind] if (way := self._way(line))]
            if fill != "none":
                ways = [f"{way}Z" for way in ways]
            if ways:
                parts.append(
                    f'<path d="{"".join(ways)}" fill="{fill}" stroke="{colour}" '
                    f'stroke-width="{width:g}" stroke-linejoin="round"/>'
                )
        return "".join(parts)

    def _way(self, line: Floats) -> str:
        """Return an outline as a path, without corners that nobody sees."""
        points = self._at(line)
        inside = (points > -WIDTH).all(axis=1) & (points < 2.0 * max(WIDTH, self.height)).all(
            axis=1
        )
        if not inside.any():
            return ""
        kept = [points[0]]
        for point in points[1:]:
            if math.hypot(*(point - kept[-1])) >= _FINEST:
                kept.append(point)
        if len(kept) < 2:
            return ""
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept)

    # -- what lies on it ---------------------------------------------------------------------------

    def bubbles(self, amounts: Floats, whole: float, unit: str) -> str:
        """Return cities with an amount as area, largest below, with names and a key."""
        colours = [look(int(p)).colour for p in self.world.city_province]
        return self._marks(amounts, amounts, whole, colours, unit, signed=False)

    def differences(self, change: Floats, most: float, unit: str) -> str:
        """Return cities with a change as area, blue where there is more and orange where less."""
        most = whole_of(np.array([most]))
        colours = np.where(change > 0.0, "#2166ac", np.where(change < 0.0, "#b2182b", "#8a8a8a"))
        return self._marks(np.abs(change), change, most, colours.tolist(), unit, signed=True)

    def _marks(
        self,
        sizes: Floats,
        amounts: Floats,
        most: float,
        colours: list[str],
        unit: str,
        *,
        signed: bool,
    ) -> str:
        """Return bubbles of some sizes, a full one of ``most``, with names and a key."""
        share = np.clip(np.nan_to_num(sizes) / most, 0.0, 1.0)
        radii = np.maximum(_LARGEST * np.sqrt(share), _LEAST)
        parts = []
        for c in np.argsort(-radii, kind="stable").tolist():
            x, y = self.cities[c]
            message = escape(f"{self.names[c]}: {number(float(amounts[c]), 3, sign=signed)}")
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radii[c]:.1f}" fill="{colours[c]}" '
                f'fill-opacity="0.82" stroke="white" stroke-width="0.7">'
                f"<title>{message} {escape(unit)}</title></circle>"
            )
        example = nice(most / 3.0)
        radius = _LARGEST * math.sqrt(example / most)
        return "".join([*parts, self._named(radii), self._key(radius, number(example))])

    def _named(self, radii: Floats) -> str:
        """Return names beside the largest bubbles; they stay where they were first put."""
        if self._places is None:
            order = np.argsort(-radii, kind="stable")
            widths = [wide(self.names[c], _TEXT) / _INCH for c in order[:NAMED]]
            size = np.array([WIDTH, self.height]) / _INCH
            blocked = (0.0, size[1] - 0.55, 2.2, size[1])
            grown = np.maximum(1.15 * radii, 4.0)
            places = place_names(
                self.cities[order] / _INCH, grown[order] / _INCH, widths, size, blocked
            )
            found = np.full((len(radii), 2), np.nan)
            found[order[:NAMED]] = places * _INCH
            if radii.max() <= _LEAST:
                return ""
            self._places = found
        parts = []
        for c, (x, y) in enumerate(self._places):
            if np.isfinite(x):
                parts.append(
                    text(x, y + 3.6, self.names[c], text_anchor="middle",
                         font_size=_TEXT, stroke="white", stroke_width=2.6, paint_order="stroke",
                         stroke_linejoin="round", fill=INK)
                )  # fmt: skip
        return "".join(parts)

    def _key(self, radius: float, words: str) -> str:
        x, y = 12.0 + radius, self.height - 12.0 - radius
        return (
            f'<rect x="4" y="{y - radius - 6:.1f}" width="{2 * radius + 22 + wide(words):.1f}" '
            f'height="{2 * radius + 12:.1f}" rx="3" fill="white" fill-opacity="0.8"/>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" stroke="{MUTED}"/>'
            + text(x + radius + 6, y + 4, words)
        )

    def links(self, strength: Floats) -> str:
        """Return the strongest links between two cities as bent lines, none inside a city."""
        pairs = np.triu(strength, 1)
        a, b = np.nonzero(pairs > 0.0)
        if not len(a):
            return ""
        weight = pairs[a, b]
        order = np.argsort(-weight, kind="stable")[:MOST_LINKS]
        most, province = float(weight[order[0]]), self.world.city_province
        parts = []
        for k in order[::-1].tolist():
            start, end = self.cities[a[k]], self.cities[b[k]]
            along = end - start
            bent = start + along / 2.0 + BEND * np.array([-along[1], along[0]])
            colour = CROSSING if province[a[k]] != province[b[k]] else INSIDE
            parts.append(
                f'<path d="M{start[0]:.1f} {start[1]:.1f}Q{bent[0]:.1f} {bent[1]:.1f} '
                f'{end[0]:.1f} {end[1]:.1f}" fill="none" stroke="{to_hex(colour)}" '
                f'stroke-opacity="0.7" stroke-linecap="round" '
                f'stroke-width="{max(0.5, _WIDEST * weight[k] / most):.2f}"/>'
            )
        return "".join(parts)

    def provinces(self) -> list[tuple[str, str]]:
        """Return the names of the provinces, each with its colour."""
        return [(_t(name), look(p).colour) for p, name in enumerate(self.world.provinces)]
