"""The page of scenario discovery: the limits of PRIM's box and the way that led to it."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ydsim.analysis.sensitivity.discovery import Discovery, Limit
from ydsim.analysis.sensitivity.finding import Finding
from ydsim.analysis.sensitivity.words import short
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
    about_runs,
    name_rows,
    plain_value,
    room_of,
)
from ydsim.plots.style import FAINT, MUTED, RULE, SMALL, TITLE, WIDTH
from ydsim.results.results import Results


def box_page(finding: Finding, results: Results) -> Figure:
    """Return the limits of PRIM's box and the way that led to it."""
    found: Discovery = finding.detail
    box = found.box
    limits = box.limits[:MOST]
    about = say(
        "sensitivity.box.about",
        rule=found.rule,
        count=int(found.chosen.sum()),
        points=len(found.chosen),
    )
    height = max(2.3, 0.36 * len(limits))
    body = KEY_HEIGHT + page.HEAD + height + AXIS_HEIGHT
    figure, top = page.new_page(_box_title(finding), about_runs(finding, about), body)
    draw_key(figure, top, _box_key())
    top += KEY_HEIGHT
    names = [short(limit.factor) for limit in limits]
    name_room = min(NAMES_WIDTH, room_of(names))
    width = 0.5 * WIDTH - page.MARGIN - name_room
    axes = page.add_panel(figure, page.MARGIN + name_room, top + page.HEAD, width, height)
    page.head(axes, "a", say("sensitivity.box.limits"))
    for row, limit in enumerate(limits):
        _limit(axes, row, limit, finding)
    if not limits:
        page.say_no_data(axes, say("sensitivity.box.none"))
    name_rows(axes, list(range(len(limits))), names, name_room)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(max(len(limits), 1) - 0.4, -0.6)
    axes.set_xticks([])
    axes.grid(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    left = 0.5 * WIDTH + 0.62
    path = page.add_panel(figure, left, top + page.HEAD, WIDTH - page.MARGIN - left, height)
    page.head(path, "b", say("sensitivity.box.path"))
    order = np.argsort(-box.path["coverage"].astype(np.float64), kind="stable")
    path.plot(box.path["coverage"][order], box.path["density"][order], "o-", color=FAINT,
              markersize=2.4, linewidth=0.7)  # fmt: skip
    path.axhline(box.share, color=MUTED, linewidth=0.7, linestyle=(0, (4, 2)))
    path.plot(box.coverage, box.density, "o", color=UP, markersize=6.0)
    path.plot(box.tried_coverage, box.tried_density, "D", color=UP, markerfacecolor="white",
              markersize=5.0)  # fmt: skip
    path.set_xlim(-0.03, 1.05)
    path.set_ylim(-0.03, 1.05)
    path.set_xlabel(say("sensitivity.box.coverage"), size=SMALL)
    path.set_ylabel(say("sensitivity.box.density"), size=SMALL)
    page.add_footer(figure, results)
    return figure


def _box_key() -> list[tuple[Artist, str]]:
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


def _limit(axes: Axes, row: int, limit: Limit, finding: Finding) -> None:
    """Draw the range of a factor and the part of it that is in the box."""
    colour = UP
    axes.hlines(row, 0.0, 1.0, color=RULE, linewidth=5.0, zorder=1)
    column = finding.sample.columns[limit.factor]
    if limit.values:
        text = page.fitting(" | ".join(map(plain_value, limit.values)), 2.0, SMALL)
        axes.text(0.0, row - 0.2, text, size=SMALL, color=colour, va="bottom")
        known = sorted({str(value) for value in column.tolist()})
        for value in limit.values:
            at = known.index(value) / len(known)
            axes.hlines(row, at, at + 1.0 / len(known), color=colour, linewidth=5.0, zorder=2)
        return
    values = column.astype(np.float64)
    low, high = float(values.min()), float(values.max())
    span = (high - low) or 1.0
    a = 0.0 if math.isnan(limit.low) else (limit.low - low) / span
    b = 1.0 if math.isnan(limit.high) else (limit.high - low) / span
    axes.hlines(row, a, b, color=colour, linewidth=5.0, zorder=2)
    for at, end, side in ((a, limit.low, "left"), (b, limit.high, "right")):
        if not math.isnan(end):
            axes.text(
                min(max(at, 0.0), 1.0),
                row - 0.2,
                number(end, 3),
                size=SMALL,
                color=colour,
                ha=side,
                va="bottom",
            )
    axes.text(0.0, row + 0.17, number(low, 3), size=SMALL - 1, color=FAINT, va="top")
    axes.text(1.0, row + 0.17, number(high, 3), size=SMALL - 1, color=FAINT, va="top", ha="right")


def _box_title(finding: Finding) -> str:
    found: Discovery = finding.detail
    sure = found.box.limits
    if not sure:
        return say("sensitivity.title.no_box")
    texts = [page.fitting(short(str(limit)), 2.1, TITLE, "bold") for limit in sure]
    if len(texts) == 1:
        said = texts[0]
    elif len(texts) == 2:
        said = say("sensitivity.pair", one=texts[0], other=texts[1])
    else:
        said = say("sensitivity.and_more", names=texts[0], count=len(texts) - 1)
    return say("sensitivity.title.box", limits=said)
