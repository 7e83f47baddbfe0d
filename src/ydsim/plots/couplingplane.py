"""The plane of coupling and development: where provinces are, and where they go.

Lines of equal coordination D are hyperbolas in it, since D = sqrt(C T).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from ydsim.measures.coupling import CLASS_EDGES, CLASSES, class_of
from ydsim.plots import page
from ydsim.plots.cities import how_many, mean
from ydsim.plots.counts import span
from ydsim.plots.ensemble import NothingToDrawError, Yearly
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, INK, MUTED, RULE, SMALL, WIDTH, look
from ydsim.results.interval import interval
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

COUPLING, DEVELOPMENT = "coupling_degree_modified", "coupling_development"
"""C in the modified form, as the standard one crowds near one, and T."""

_HIGH, _LEFT, _SIDE = 4.3, 0.5, 1.55
_DATES = 4
"""Years that are written at a path."""


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
    _draw_levels(axes)
    for p in range(len(plane.provinces)):
        _draw_path(axes, plane, p)
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


def _draw_levels(axes: Axes) -> None:
    """Draw lines of equal coordination with their degree."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x = np.linspace(max(left, 1e-6), right, 100)
    for level in (*CLASS_EDGES, 1.0, 1.1):
        y = level**2 / x
        inside = (y >= bottom) & (y <= top)
        if not inside.any():
            continue
        axes.plot(x[inside], y[inside], color=RULE, linewidth=0.9, zorder=1, gid="level")
        at = int(np.flatnonzero(inside)[-1])
        text = axes.text(
            x[at], y[at], say("couplingplane.level", level=f"{level:.1f}"), size=SMALL,
            color=MUTED, ha="right", va="bottom", zorder=1.5,
        )  # fmt: skip
        text.set_path_effects([withStroke(linewidth=2.0, foreground="white")])


def _draw_path(axes: Axes, plane: Plane, p: int) -> None:
    """Draw the path of a province, its official path dotted, and a few years."""
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
    picked = known[np.unique(np.linspace(0, len(known) - 1, _DATES).round().astype(int))]
    for number, t in enumerate(picked.tolist()):
        name = plane.provinces[p] if number == len(picked) - 1 else ""
        text = say("couplingplane.date", year=int(plane.years[t]), name=name).strip()
        words = axes.annotate(
            text, (x[t], y[t]), xytext=(5.0, -6.5), textcoords="offset points",
            size=BODY if name else SMALL - 0.5, weight="bold" if name else "normal",
            color=style.ink, zorder=5,
        )  # fmt: skip
        words.set_path_effects([withStroke(linewidth=2.0, foreground="white")])


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
