"""The plane of coupling and development: where provinces are, and where they go.

Lines of equal coordination D are hyperbolas in it, since D = sqrt(C T).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ydsim.measures.coupling import CLASS_EDGES, CLASSES, class_of
from ydsim.measures.effects import interval
from ydsim.plots import page
from ydsim.plots.cities import how_many, mean
from ydsim.plots.counts import span
from ydsim.plots.ensemble import NothingToDrawError, Yearly
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.place import covered, place_labels
from ydsim.plots.style import BODY, INK, MUTED, RULE, SMALL, WIDTH, look
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

COUPLING, DEVELOPMENT = "coupling_degree_modified", "coupling_development"
"""C in the modified form, as the standard one crowds near one, and T."""

_HIGH, _LEFT, _SIDE = 4.3, 0.5, 1.55
_DATES = 4
"""Years that are written at a path."""

_FINE = 40
"""Points along a path for each of its years, to keep words off it."""

_Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Plane:
    """Paths of provinces.

    Attributes
    ----------
    provinces
        P names.
    years
        Shape (T,).
    coupling, development
        Shape (R, T, P): C and T.
    official
        Shape (2, T, P): official C and T, NaN where there is none.
    """

    provinces: tuple[str, ...]
    years: Ints
    coupling: Floats
    development: Floats
    official: Floats

    @property
    def coordination(self) -> Floats:
        """D by replicate, (R, T, P)."""
        return np.sqrt(self.coupling * self.development)


def read_plane(results: Results, years: tuple[int, int] | None = None) -> Plane:
    """Return the paths of the provinces.

    Raises
    ------
    NothingToDrawError
        When coupling was not recorded, has no value, or there is one year only.
    """
    yearly = Yearly(results)
    for name in (COUPLING, DEVELOPMENT):
        yearly.require([name])
    first, last = years or (int(yearly.years[0]), int(yearly.years[-1]))
    there = (yearly.years >= first) & (yearly.years <= last)

    def of(name: str) -> Floats:
        found = [yearly.values(name, province)[:, there] for province in yearly.provinces]
        return np.stack(found, axis=-1)

    def official(name: str) -> Floats:
        found = [yearly.official(name, province)[there] for province in yearly.provinces]
        return np.stack(found, axis=-1)

    plane = Plane(
        provinces=yearly.provinces,
        years=yearly.years[there],
        coupling=of(COUPLING),
        development=of(DEVELOPMENT),
        official=np.stack([official(COUPLING), official(DEVELOPMENT)]),
    )
    known = np.isfinite(plane.coordination).any(axis=(0, 2))
    if not known.any():
        raise NothingToDrawError("coupling of provinces has no value")
    if known.sum() < 2:
        raise NothingToDrawError(f"one year, {int(plane.years[known][0])}: no path to show")
    return plane


def draw_coupling_plane(results: Results, *, years: tuple[int, int] | None = None) -> Figure:
    """Return the plane.

    Raises
    ------
    NothingToDrawError
        As `read_plane`.
    """
    plane = read_plane(results, years)
    official = np.isfinite(plane.official).all(axis=0).any()
    text = say("couplingplane.explanation", how=how_many(results))
    if official:
        text += " " + say("couplingplane.official")
    figure, top = page.new_page(title_of(plane), text, _HIGH + 0.5)
    left, width = page.MARGIN + _LEFT, WIDTH - 2 * page.MARGIN - _LEFT - _SIDE
    axes = page.add_panel(figure, left, top + 0.1, width, _HIGH)
    _frame(axes, plane)
    inches = _Inches(axes, (width, _HIGH))
    paths = inches.along_paths(plane)
    levels = _draw_levels(axes, inches, paths)
    for p in range(len(plane.provinces)):
        _draw_path(axes, plane, p)
    _write_dates(axes, plane, inches, paths, levels)
    _draw_table(figure, plane, (left + width + 0.15, top + 0.1))
    page.add_footer(figure, results)
    return figure


def title_of(plane: Plane) -> str:
    """Say who is first and last in coordination at the end, and whether the gap closes."""
    d = mean(plane.coordination)
    known = np.flatnonzero(np.isfinite(d).all(axis=1))
    if len(known) < 2 or len(plane.provinces) < 2:
        return say("couplingplane.plain", years=span(plane.years[[0, -1]]))
    last = d[known[-1]]
    gaps = np.ptp(plane.coordination[:, known[[0, -1]]], axis=2)
    key = _gap_in_words(gaps[:, 0], gaps[:, 1])
    best, worst = int(np.argmax(last)), int(np.argmin(last))
    return say(
        "couplingplane.title",
        best=plane.provinces[best],
        high=f"{last[best]:.2f}",
        worst=plane.provinces[worst],
        low=f"{last[worst]:.2f}",
        year=int(plane.years[known[-1]]),
        gap=say(f"couplingplane.gap.{key}", since=int(plane.years[known[0]])),
    )


def _gap_in_words(first: Floats, last: Floats) -> str:
    """Return whether the gap narrows, widens or stays, beyond doubt where there are replicates."""
    _, moved, low, high = interval(last - first)
    if low is not None and high is not None and low <= 0.0 <= high:
        return "unsure"
    if abs(moved) < 0.05 * float(first.mean()):
        return "stays"
    return "narrows" if moved < 0.0 else "widens"


def _frame(axes: Axes, plane: Plane) -> None:
    """Let the axes hold all paths with some room."""
    for k, values in enumerate((mean(plane.coupling), mean(plane.development))):
        every = np.concatenate([values.ravel(), plane.official[k].ravel()])
        every = every[np.isfinite(every)]
        low, high = float(every.min()), float(every.max())
        room = 0.1 * max(high - low, 0.05)
        limits = max(low - room, 0.0), high + room
        if k == 0:
            limits = limits[0], min(limits[1], 1.02)
        (axes.set_xlim, axes.set_ylim)[k](*limits)
        number_axis((axes.xaxis, axes.yaxis)[k], *limits)
    axes.grid(False)
    axes.set_xlabel(say("couplingplane.x"))
    axes.set_ylabel(say("couplingplane.y"))


def _draw_levels(axes: Axes, inches: _Inches, paths: Floats) -> list[_Box]:
    """Draw lines of equal coordination; return the boxes of their degrees, off paths if they can.

    A degree stands on its line, as far right as no path runs through it.
    """
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x = np.linspace(max(left, 1e-6), right, 100)
    boxes = []
    for level in (*CLASS_EDGES, 1.0, 1.1):
        y = level**2 / x
        inside = (y >= bottom) & (y <= top)
        if not inside.any():
            continue
        axes.plot(x[inside], y[inside], color=RULE, linewidth=0.9, zorder=1, gid="level")
        words = say("couplingplane.level", level=f"{level:.1f}")
        wide = page.text_width(words, SMALL)
        ends = inches.of(x[inside], y[inside])[::-1].tolist()
        places = [(u - wide, v, u, v + SMALL / 72.0) for u, v in ends]
        on_page = [box for box in places if box[0] >= 0.0 and box[3] <= inches.size[1]]
        free = [box for box in on_page if not covered(box, paths)]
        if not on_page:
            continue  # a corner of the plane
        box = (free or on_page)[0]
        text = axes.text(
            *inches.back(box[2], box[1]), words, size=SMALL, color=MUTED, ha="right",
            va="bottom", zorder=1.5,
        )  # fmt: skip
        text.set_path_effects([withStroke(linewidth=2.0, foreground="white")])
        boxes.append(box)
    return boxes


def _draw_path(axes: Axes, plane: Plane, p: int) -> None:
    """Draw the path of a province, and its official path dotted."""
    style = look(p)
    x, y = mean(plane.coupling)[:, p], mean(plane.development)[:, p]
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if len(known) == 0:
        return
    axes.plot(x[known], y[known], color=style.colour, linewidth=1.6, zorder=3, gid="path")
    first, last = known[0], known[-1]
    signs: dict[str, Any] = {
        "marker": style.marker,
        "color": style.colour,
        "linestyle": "none",
        "zorder": 4,
    }
    axes.plot(x[first], y[first], markerfacecolor="white", markersize=5.0, **signs)
    axes.plot(x[last], y[last], markersize=6.5, **signs)
    a, b = plane.official[:, :, p]
    both = np.isfinite(a) & np.isfinite(b)
    if both.any():
        axes.plot(
            a[both], b[both], color=style.colour, linewidth=1.0, linestyle=(0, (1.0, 1.5)),
            marker=style.marker, markersize=2.6, markerfacecolor="white", zorder=2.5,
            markeredgewidth=0.6, gid="official",
        )  # fmt: skip


def _write_dates(
    axes: Axes, plane: Plane, inches: _Inches, paths: Floats, blocked: Sequence[_Box]
) -> None:
    """Write the last year and the name of each province, then a few years, where there is room."""
    dates = sorted(
        (date for p in range(len(plane.provinces)) for date in _dates(plane, p)),
        key=lambda date: not date.name,
    )
    size = [BODY if date.name else SMALL - 0.5 for date in dates]
    weight = ["bold" if date.name else "normal" for date in dates]
    texts = [say("couplingplane.date", year=d.year, name=d.name).strip() for d in dates]
    boxes = [
        (page.text_width(text, points, bold) + 0.01, points / 72.0)
        for text, points, bold in zip(texts, size, weight, strict=True)
    ]
    at = inches.of(np.array([d.x for d in dates]), np.array([d.y for d in dates]))
    radii = np.array([0.05 if date.name else 0.03 for date in dates])
    for label in place_labels(
        at, radii, boxes, inches.size, blocked, gap=0.02, clear=0.06, lines=paths
    ):
        i = label.point
        words = axes.text(
            *inches.back(label.x, label.y), texts[i], size=size[i], weight=weight[i],
            color=look(dates[i].province).ink, ha="center", va="center_baseline", zorder=5,
            gid="date",
        )  # fmt: skip
        words.set_path_effects([withStroke(linewidth=2.0, foreground="white")])


@dataclass(frozen=True)
class _Date:
    """A year that is written at a path; the last one with the name of the province."""

    province: int
    year: int
    name: str
    x: float
    y: float


def _dates(plane: Plane, p: int) -> list[_Date]:
    x, y = mean(plane.coupling)[:, p], mean(plane.development)[:, p]
    known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    picked = known[np.unique(np.linspace(0, len(known) - 1, _DATES).round().astype(int))]
    return [
        _Date(p, int(plane.years[t]), plane.provinces[p] if t == known[-1] else "", x[t], y[t])
        for t in picked.tolist()
    ]


@dataclass(frozen=True)
class _Inches:
    """Places in the plane as inches from the lower left corner of its panel."""

    axes: Axes
    size: tuple[float, float]

    def of(self, x: Floats, y: Floats) -> Floats:
        """Return places, shape (n, 2)."""
        (left, right), (bottom, top) = self.axes.get_xlim(), self.axes.get_ylim()
        share = np.column_stack([(x - left) / (right - left), (y - bottom) / (top - bottom)])
        places: Floats = share * np.array(self.size)
        return places

    def back(self, across: float, up: float) -> tuple[float, float]:
        """Return the place in the plane of a place in inches."""
        (left, right), (bottom, top) = self.axes.get_xlim(), self.axes.get_ylim()
        wide, high = self.size
        return left + across / wide * (right - left), bottom + up / high * (top - bottom)

    def along_paths(self, plane: Plane) -> Floats:
        """Return points along all paths, official ones too, close to one another, (n, 2)."""
        every = [np.empty((0, 2))]
        for c, t in ((mean(plane.coupling), mean(plane.development)), plane.official):
            for x, y in zip(c.T, t.T, strict=True):
                known = np.isfinite(x) & np.isfinite(y)
                at = np.arange(int(known.sum()))
                if len(at):
                    fine = np.linspace(0.0, at[-1], _FINE * len(at))
                    ends = self.of(x[known], y[known]).T
                    every.append(np.column_stack([np.interp(fine, at, end) for end in ends]))
        return np.concatenate(every)


def _draw_table(figure: Figure, plane: Plane, place: tuple[float, float]) -> None:
    """Write coordination of the last year with interval and class, and what signs mean."""
    left, down = place
    d = plane.coordination[:, -1]
    head = say("couplingplane.table", year=int(plane.years[-1]))
    page.put(figure, left, down, head, weight="bold", size=BODY, va="top")
    down += 0.24
    for p, name in enumerate(plane.provinces[:8]):
        values = d[np.isfinite(d[:, p]), p]
        if len(values) == 0:
            continue
        _, value, low, high = interval(values)
        words = f"{value:.2f}"
        if low is not None and high is not None:
            words = say("couplingplane.range", value=words, low=f"{low:.2f}", high=f"{high:.2f}")
        text = page.fitting(name, 1.4, BODY, "bold")
        page.put(figure, left, down, text, size=BODY, color=look(p).ink, va="top", weight="bold")
        page.put(figure, left, down + 0.14, words, size=BODY, color=INK, va="top")
        kind = say(f"couplingplane.class.{CLASSES.index(str(class_of([value])[0]))}")
        page.put(figure, left, down + 0.27, kind, size=SMALL, color=MUTED, va="top")
        down += 0.47
    down += 0.1
    for key in ("couplingplane.key.first", "couplingplane.key.last", "couplingplane.key.official"):
        for line in page.wrapped(say(key), SMALL, 1.4):
            page.put(figure, left, down, line, size=SMALL, color=MUTED, va="top")
            down += 0.12
