"""Pictures as SVG text: lines over years, bars, a table of shades, and a map.

They are drawn anew several times a second while models run, so that they are written as text
instead of by Matplotlib. Colours, numbers and units are those of `ydsim.plots`. Every picture is a
whole: it has its own font and ground, so that it can be saved as it is, and a title for readers of
screens.

A map has a ground, that of `ydsim.plots.maps`, which is drawn once for a world; cities as bubbles,
whose areas are amounts, and links between them lie on it and are drawn anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np
from matplotlib.colors import to_hex

from ydsim.fmt import columns_of, fixed, number
from ydsim.plots import maps
from ydsim.plots.canvas import INK, MUTED, RULE, look
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.world.world import World

WIDTH: Final = 420
"""Units across; text of 11 units is some 11 pixels on a card of usual width."""

FONT: Final = "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif"
TEXT: Final = 11
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 18, 12, 20  # room at the sides
_LETTER: Final = 0.56
"""Width of a letter over its size, on the average."""

A_COLOUR, B_COLOUR = "#0072b2", "#d55e00"
"""Colours of the two scenarios, of the first two of `ydsim.plots.canvas.look`."""

SHADE: Final = (0, 114, 178)


@dataclass(frozen=True)
class Line:
    """One line: values by quarter, NaN for none, and optionally a range."""

    name: str
    values: Floats
    colour: str
    dash: str = ""
    width: float = 1.8
    named: bool = True  # whether the key has it
    band: tuple[Floats, Floats] | None = None  # least and largest values
    dots: tuple[tuple[float, float], ...] = ()  # official figures: year and value


@dataclass(frozen=True)
class Plot:
    """Lines on one axis; ``from_zero`` draws the axis from zero on where nothing is below it."""

    title: str
    unit: str
    years: Floats
    lines: Sequence[Line]
    span: tuple[float, float]  # first and last year of the axis
    height: int = 170
    from_zero: bool = True
    zero_line: bool = False
    label: str = ""  # written above


def svg(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """Return a picture of its parts."""
    words = escape(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{words}" font-family="{escape(FONT)}" font-size="{TEXT}" fill="{INK}">'
        f"<title>{words}</title>{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, **style: Any) -> str:
    """Return a text; underscores of attributes stand for hyphens."""
    return _tag("text", escape(words), x=float(x), y=float(y), **style)


def _tag(tag: str, inside: str = "", /, **attributes: Any) -> str:
    """Return an element; numbers have a decimal, and what is empty is left out."""
    parts = [f"<{tag}"]
    for name, value in attributes.items():
        if value != "":
            words = f"{value:.1f}" if isinstance(value, float) else value
            parts.append(f' {name.replace("_", "-")}="{words}"')
    return "".join([*parts, f">{inside}</{tag}>" if inside else "/>"])


def _pairs(points: Floats) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def wide(words: str, size: float = TEXT) -> float:
    """Return about how wide a text is, a Chinese character like two letters."""
    return _LETTER * size * columns_of(words)


# -- lines -----------------------------------------------------------------------------------------


def draw_lines(plot: Plot) -> str:
    """Return a picture of lines with its axis, key and official figures."""
    key, rows = _key([line for line in plot.lines if line.named])
    top = _TOP + 15 * rows
    height = plot.height + 15 * rows
    low, high = _ends(plot)
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    decimals = max((_decimals(tick) for tick in ticks), default=0)
    labels = [fixed(tick, decimals, sign=plot.zero_line and tick > 0.0) for tick in ticks]
    left = max(_LEFT, 10.0 + max(wide(label) for label in labels))
    first, last = plot.span
    inner_w, inner_h = WIDTH - left - _RIGHT, height - top - _BOTTOM

    def at(years: Floats, values: Floats) -> Floats:
        x = left + inner_w * (years - first) / max(last - first, 1e-9)
        y = top + inner_h * (1.0 - (values - low) / (high - low))
        return np.column_stack([x, y])

    parts = [key, text(left, 9, plot.label)] if plot.label else [key]
    for tick, label in zip(ticks, labels, strict=True):
        (_, y), _ = at(np.array([first, last]), np.array([tick, tick]))
        strong = plot.zero_line and tick == 0.0
        colour, thick = (MUTED, "1") if strong else (RULE, "0.8")
        ends = {"x1": float(left), "x2": WIDTH - _RIGHT, "y1": y, "y2": y}
        parts.append(_tag("line", **ends, stroke=colour, stroke_width=thick))
        parts.append(text(left - 5, y + 4, label, text_anchor="end", fill=MUTED))
    for year in _years(first, last):
        ((x, _),) = at(np.array([year]), np.array([low]))
        parts.append(text(x, height - 6, f"{year:.0f}", text_anchor="middle", fill=MUTED))
        mark = f"M{x:.1f} {height - _BOTTOM}v3"
        parts.append(_tag("path", d=mark, stroke=MUTED, stroke_width="0.8"))
    for line in plot.lines:
        if line.band is not None:
            low_end, high_end = (at(plot.years, each) for each in line.band)
            edge = np.vstack([high_end, low_end[::-1]])
            if len(edge := edge[np.isfinite(edge).all(axis=1)]):
                style = {"fill": line.colour, "fill_opacity": "0.16"}
                parts.append(_tag("polygon", points=_pairs(edge), **style))
    for line in plot.lines:
        parts += _paths(at(plot.years[: len(line.values)], line.values), line)
        for year, value in line.dots:
            if first <= year <= last:
                ((x, y),) = at(np.array([year]), np.array([value]))
                style = {"fill": "white", "stroke": line.colour, "stroke_width": "1.1"}
                parts.append(_tag("circle", cx=x, cy=y, r="2.2", **style))
    return svg(WIDTH, height, f"{plot.title}, {plot.unit}", parts)


def _paths(points: Floats, line: Line) -> list[str]:
    """Return a line, in parts where values are missing; a single point as a dot."""
    good = np.isfinite(points).all(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]]).astype(int)))
    found = []
    for begin, end in edges.reshape(-1, 2):
        part = points[begin:end]
        if len(part) == 1:
            (x, y) = part[0]
            found.append(_tag("circle", cx=x, cy=y, r=2, fill=line.colour))
            continue
        style = {"fill": "none", **_stroke(line, line.width, stroke_linejoin="round")}
        found.append(_tag("polyline", points=_pairs(part), **style))
    return found


def _stroke(line: Line, width: float, **more: Any) -> dict[str, Any]:
    thick = f"{width:g}"
    return {"stroke": line.colour, "stroke_width": thick, **more, "stroke_dasharray": line.dash}


def _key(lines: Sequence[Line]) -> tuple[str, int]:
    """Return the key above a picture, and how many rows it takes."""
    parts, x, row = [], 4.0, 0
    if len(lines) < 2 and not any(line.dots for line in lines):
        return "", 0
    entries = [
        (_tag("line", x1=0, x2=16, y1=-4, y2=-4, **_stroke(line, max(line.width, 2))), line.name)
        for line in lines
    ]
    if any(line.dots for line in lines):
        style = {"fill": "white", "stroke": MUTED, "stroke_width": 1.2}
        entries.append((_tag("circle", cx=8, cy=-4, r=2.6, **style), _t("official")))
    for sign, name in entries:
        needs = 22.0 + wide(name) + 12.0
        if x + needs > WIDTH and x > 4.0:
            x, row = 4.0, row + 1
        place = f"translate({x:.1f},{11 + 15 * row})"
        parts.append(_tag("g", sign + text(21, 0, name), transform=place))
        x += needs
    return "".join(parts), row + 1


def _ends(plot: Plot) -> tuple[float, float]:
    """Return the least and the largest value of the axis."""
    every = [line.values for line in plot.lines]
    every += [end for line in plot.lines for end in line.band or ()]
    first, last = plot.span
    every += [
        np.array([v for y, v in line.dots if first <= y <= last] or [np.nan]) for line in plot.lines
    ]
    values = np.concatenate([np.asarray(one, dtype=float) for one in every] or [np.array([np.nan])])
    values = values[np.isfinite(values)]
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if plot.zero_line:
        most = max(abs(low), abs(high), 1e-12)
        low, high = min(low, -0.15 * most), max(high, 0.15 * most)
    elif plot.from_zero and low >= 0.0:
        low = 0.0
    if high - low < 1e-9 * max(abs(high), 1.0):
        low, high = low - 0.5 * abs(low or 1.0), high + 0.5 * abs(high or 1.0)
    return low, high


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers that hold a range, at most six."""
    step = maps.nice((high - low) / 3.0)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    while last - first > 5:
        step *= 2.0
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def _decimals(value: float) -> int:
    written = f"{value:.6g}"
    if "e" in written:
        return 0 if abs(value) >= 1.0 else 6
    return len(written.partition(".")[2])


def _years(first: float, last: float) -> list[float]:
    span = max(last - first, 1.0)
    step = next((s for s in (1, 2, 5, 10, 20, 50) if span / s <= 6), math.ceil(span / 6))
    begin = math.ceil(first / step) * step
    return [float(y) for y in range(begin, math.floor(last) + 1, step)]


# -- bars ------------------------------------------------------------------------------------------


def draw_stacks(
    title: str,
    rows: Sequence[tuple[str, Sequence[float], str]],
    colours: Sequence[str],
    names: Sequence[str],
) -> str:
    """Return stacked bars: a row has its name, parts of its bar of 100, and words at its end."""
    key, lines = _key(
        [Line(n, np.empty(0), c, width=7) for n, c in zip(names, colours, strict=True)]
    )
    top, row, left, right = 8 + 15 * lines, 24, 118, 92
    parts = [key]
    for at, (name, values, words) in enumerate(rows):
        y = top + at * row
        parts.append(text(left - 6, y + 15, name, text_anchor="end"))
        x = float(left)
        for value, colour in zip(values, colours, strict=True):
            length = max(0.0, value) / 100.0 * (WIDTH - left - right)
            if length > 0.05:
                parts.append(_tag("rect", x=x, y=y + 3, width=length, height=17, fill=colour))
            x += length
        parts.append(text(WIDTH - right + 6, y + 15, words, fill=MUTED))
    return svg(WIDTH, top + row * len(rows) + 6, title, parts)


# -- a table of shades -----------------------------------------------------------------------------


def draw_matrix(
    title: str,
    names: Sequence[str],
    values: Floats,
    across: str,
    down: str,
    *,
    signed: bool = False,
) -> str:
    """Return a square of numbers, the more the darker; of signed ones in two colours."""
    n, left, top = len(names), 86, 40
    cell_w, cell_h = (WIDTH - left - 6) / n, 26
    most = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
    parts = [
        text(left - 6, 12, down, text_anchor="end", fill=MUTED),
        text(left + n * cell_w / 2, 12, across, text_anchor="middle", fill=MUTED),
    ]
    for j, name in enumerate(names):
        parts.append(text(left + (j + 0.5) * cell_w, 30, name, text_anchor="middle"))
        parts.append(text(left - 6, top + j * cell_h + 17, name, text_anchor="end"))
    for i in range(n):
        for j in range(n):
            value = float(values[i, j])
            if not math.isfinite(value):
                continue
            share = math.sqrt(abs(value) / most) if most > 0.0 else 0.0
            colour = (213, 94, 0) if signed and value < 0.0 else SHADE
            shade = tuple(round(255 - (255 - c) * 0.85 * share) for c in colour)
            dark = 0.3 * shade[0] + 0.59 * shade[1] + 0.11 * shade[2] < 140
            x, y = left + j * cell_w, top + i * cell_h
            size = {"width": cell_w - 2, "height": cell_h - 2}
            parts.append(_tag("rect", x=x + 1, y=float(y + 1), **size, fill=f"rgb{shade}"))
            words = number(value, 3, sign=signed)
            style = {"text_anchor": "middle", "fill": "white" if dark else INK}
            parts.append(text(x + cell_w / 2, y + 17, words, **style))
    return svg(WIDTH, top + n * cell_h + 6, title, parts)


# -- the map ---------------------------------------------------------------------------------------


MAX_LINKS: Final = 40
MAX_NAMES: Final = 15
_NAME_TEXT: Final = 10.5
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
        ground = maps.ground_under(world, name)
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

    def _ground(self, ground: maps.Ground) -> str:
        parts = [_tag("rect", width=WIDTH, height=f"{self.height:g}", fill=_AROUND)]
        for kind, (fill, colour, width) in maps.OUTLINES.items():
            ways = [way for line in ground.outlines[kind] if (way := self._way(line))]
            if fill != "none":
                ways = [f"{way}Z" for way in ways]
            if ways:
                style = {"stroke_width": f"{width:g}", "stroke_linejoin": "round"}
                parts.append(_tag("path", d="".join(ways), fill=fill, stroke=colour, **style))
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
            title = _tag("title", f"{message} {escape(unit)}")
            style = {"fill_opacity": "0.82", "stroke": "white", "stroke_width": 0.7}
            parts.append(_tag("circle", title, cx=x, cy=y, r=radii[c], fill=colours[c], **style))
        example = maps.nice(most / 3.0)
        radius = _LARGEST * math.sqrt(example / most)
        return "".join([*parts, self._named(radii), self._key(radius, number(example))])

    def _named(self, radii: Floats) -> str:
        """Return names beside the largest bubbles; they stay where they were first put."""
        if self._places is None:
            order = np.argsort(-radii, kind="stable")
            widths = [wide(self.names[c], _NAME_TEXT) / _INCH for c in order[:MAX_NAMES]]
            size = np.array([WIDTH, self.height]) / _INCH
            blocked = (0.0, size[1] - 0.55, 2.2, size[1])
            grown = np.maximum(1.15 * radii, 4.0)
            places = maps.place_names(
                self.cities[order] / _INCH, grown[order] / _INCH, widths, size, blocked
            )
            points = np.full((len(radii), 2), np.nan)
            points[order[:MAX_NAMES]] = places * _INCH
            if radii.max() <= _LEAST:
                return ""
            self._places = points
        parts = []
        for c, (x, y) in enumerate(self._places):
            if np.isfinite(x):
                parts.append(
                    text(x, y + 3.6, self.names[c], text_anchor="middle", font_size=_NAME_TEXT,
                         stroke="white", stroke_width=2.6, paint_order="stroke",
                         stroke_linejoin="round", fill=INK)
                )  # fmt: skip
        return "".join(parts)

    def _key(self, radius: float, words: str) -> str:
        x, y = 12.0 + radius, self.height - 12.0 - radius
        size = {"width": 2 * radius + 22 + wide(words), "height": 2 * radius + 12, "rx": 3}
        ground = _tag("rect", x=4, y=y - radius - 6, **size, fill="white", fill_opacity=0.8)
        circle = _tag("circle", cx=x, cy=y, r=radius, fill="none", stroke=MUTED)
        return ground + circle + text(x + radius + 6, y + 4, words)

    def links(self, strength: Floats) -> str:
        """Return the strongest links between two cities as bent lines, none inside a city."""
        pairs = np.triu(strength, 1)
        a, b = np.nonzero(pairs > 0.0)
        if not len(a):
            return ""
        weight = pairs[a, b]
        order = np.argsort(-weight, kind="stable")[:MAX_LINKS]
        most, province = float(weight[order[0]]), self.world.city_province
        parts = []
        for k in order[::-1].tolist():
            start, end = self.cities[a[k]], self.cities[b[k]]
            along = end - start
            bent = start + along / 2.0 + maps.BEND * np.array([-along[1], along[0]])
            colour = maps.CROSSING if province[a[k]] != province[b[k]] else maps.INSIDE
            first, middle, last = (f"{x:.1f} {y:.1f}" for x, y in (start, bent, end))
            width = f"{max(0.5, _WIDEST * weight[k] / most):.2f}"
            style = {"stroke": to_hex(colour), "stroke_opacity": 0.7, "stroke_linecap": "round"}
            way = f"M{first}Q{middle} {last}"
            parts.append(_tag("path", d=way, fill="none", **style, stroke_width=width))
        return "".join(parts)

    def provinces(self) -> list[tuple[str, str]]:
        """Return the names of the provinces, each with its colour."""
        return [(_t(name), look(p).colour) for p, name in enumerate(self.world.provinces)]
