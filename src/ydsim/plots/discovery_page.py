"""The page of scenario discovery: the limits of PRIM's box and the way that led to it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.bars import draw_key
from ydsim.plots.messages import say
from ydsim.plots.sensitivity_pages import (
    AXIS_HEIGHT,
    KEY_HEIGHT,
    MOST,
    NAMES_WIDTH,
    UP,
    About,
    about_runs,
    name_rows,
    plain_value,
    room_of,
)
from ydsim.plots.style import FAINT, MUTED, RULE, SMALL, TITLE, WIDTH, house_style
from ydsim.record.details import short
from ydsim.typing import Bools

if TYPE_CHECKING:
    import pandas as pd


class Box(Protocol):
    """What is drawn of a box: `ydsim.studies.discovery.Box`."""

    @property
    def rule(self) -> str:
        """What makes a point of interest, in words."""

    @property
    def chosen(self) -> Bools:
        """Which points are of interest."""

    @property
    def table(self) -> pd.DataFrame:
        """Limits: ``factor, low, high, values, limit`` (in words)."""

    @property
    def path(self) -> pd.DataFrame:
        """Boxes on the way: ``coverage, density``."""

    @property
    def coverage(self) -> float:
        """Share of the points of interest that are in the box."""

    @property
    def density(self) -> float:
        """Share of points of interest among those in the box."""

    @property
    def tried_coverage(self) -> float:
        """Coverage on points that did not make the box."""

    @property
    def tried_density(self) -> float:
        """Density on points that did not make the box."""

    @property
    def share(self) -> float:
        """Share of points of interest among all points."""


def draw_box(box: Box, inputs: pd.DataFrame, about: About) -> Figure:
    """Return the limits of PRIM's box and the way that led to it; ``inputs`` has all points."""
    with house_style():
        limits = box.table.head(MOST)
        count, points = int(box.chosen.sum()), len(inputs)
        said = say("sensitivity.box.about", rule=box.rule, count=count, points=points)
        height = max(2.3, 0.36 * len(limits))
        body = KEY_HEIGHT + page.HEAD + height + AXIS_HEIGHT
        figure, top = page.new_page(
            _title(box.table), about_runs(about, said), body, foot=page.foot_height(about.made)
        )
        draw_key(figure, top, _key())
        _limits_panel(figure, top + KEY_HEIGHT, height, limits, inputs)
        _path_panel(figure, top + KEY_HEIGHT, height, box)
        page.add_footer(figure, about.made)
    return figure


def _limits_panel(
    figure: Figure, top: float, height: float, limits: pd.DataFrame, inputs: pd.DataFrame
) -> None:
    names = [short(name) for name in limits["factor"]]
    name_room = min(NAMES_WIDTH, room_of(names))
    width = 0.5 * WIDTH - page.MARGIN - name_room
    axes = page.add_panel(figure, page.MARGIN + name_room, top + page.HEAD, width, height)
    page.head(axes, "a", say("sensitivity.box.limits"))
    for row, limit in enumerate(limits.to_dict(orient="records")):
        axes.hlines(row, 0.0, 1.0, color=RULE, linewidth=5.0, zorder=1)
        draw = _draw_values if limit["values"] else _draw_range
        draw(axes, row, limit, inputs[limit["factor"]])
    if not len(limits):
        page.say_no_data(axes, say("sensitivity.box.none"))
    name_rows(axes, list(range(len(limits))), names, name_room)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(max(len(limits), 1) - 0.4, -0.6)
    axes.set_xticks([])
    axes.grid(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _path_panel(figure: Figure, top: float, height: float, box: Box) -> None:
    left = 0.5 * WIDTH + 0.62
    axes = page.add_panel(figure, left, top + page.HEAD, WIDTH - page.MARGIN - left, height)
    page.head(axes, "b", say("sensitivity.box.path"))
    way = box.path.sort_values("coverage", ascending=False, kind="stable")
    axes.plot(way["coverage"], way["density"], "o-", color=FAINT, markersize=2.4, linewidth=0.7)
    axes.axhline(box.share, color=MUTED, linewidth=0.7, linestyle=(0, (4, 2)))
    axes.plot(box.coverage, box.density, "o", color=UP, markersize=6.0)
    look = {"color": UP, "markerfacecolor": "white", "markersize": 5.0}
    axes.plot(box.tried_coverage, box.tried_density, "D", **look)  # type: ignore[arg-type]
    axes.set_xlim(-0.03, 1.05)
    axes.set_ylim(-0.03, 1.05)
    axes.set_xlabel(say("sensitivity.box.coverage"), size=SMALL)
    axes.set_ylabel(say("sensitivity.box.density"), size=SMALL)


def _key() -> list[tuple[Artist, str]]:
    taken = Line2D([], [], color=UP, linestyle="", marker="o", markersize=5.5)
    tried = Line2D([], [], color=UP, linestyle="", marker="D", markersize=4.5)
    tried.set_markerfacecolor("white")
    every = Line2D([], [], color=MUTED, linewidth=0.7, linestyle=(0, (4, 2)))
    return [
        (Patch(color=UP), say("sensitivity.box.part")),
        (taken, say("sensitivity.box.taken")),
        (tried, say("sensitivity.box.tried")),
        (every, say("sensitivity.box.all")),
    ]


def _draw_values(axes: Axes, row: int, limit: dict[Any, Any], column: pd.Series) -> None:
    """Draw which of the values of a factor without order are in the box."""
    text = page.fitting(" | ".join(map(plain_value, limit["values"])), 2.0, SMALL)
    axes.text(0.0, row - 0.2, text, size=SMALL, color=UP, va="bottom")
    known = sorted({str(value) for value in column})
    for value in limit["values"]:
        at = known.index(value) / len(known)
        axes.hlines(row, at, at + 1.0 / len(known), color=UP, linewidth=5.0, zorder=2)


def _draw_range(axes: Axes, row: int, limit: dict[Any, Any], column: pd.Series) -> None:
    """Draw the part of the range of a factor that is in the box."""
    low, high = float(column.min()), float(column.max())
    span = (high - low) or 1.0
    a = 0.0 if math.isnan(limit["low"]) else (limit["low"] - low) / span
    b = 1.0 if math.isnan(limit["high"]) else (limit["high"] - low) / span
    axes.hlines(row, a, b, color=UP, linewidth=5.0, zorder=2)
    for at, end, side in ((a, limit["low"], "left"), (b, limit["high"], "right")):
        if not math.isnan(end):
            place = float(np.clip(at, 0.0, 1.0))
            look = {"size": SMALL, "color": UP, "va": "bottom"}
            axes.text(place, row - 0.2, number(end, 3), ha=side, **look)  # type: ignore[arg-type]
    axes.text(0.0, row + 0.17, number(low, 3), size=SMALL - 1, color=FAINT, va="top")
    axes.text(1.0, row + 0.17, number(high, 3), size=SMALL - 1, color=FAINT, va="top", ha="right")


def _title(limits: pd.DataFrame) -> str:
    texts = [page.fitting(short(text), 2.1, TITLE, "bold") for text in limits["limit"]]
    if not texts:
        return say("sensitivity.title.no_box")
    if len(texts) == 1:
        said = texts[0]
    elif len(texts) == 2:
        said = say("sensitivity.pair", one=texts[0], other=texts[1])
    else:
        said = say("sensitivity.and_more", names=texts[0], count=len(texts) - 1)
    return say("sensitivity.title.box", limits=said)
