"""Channels of a policy: a panel an outcome, a bar a channel, then all together and what is left."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.plots import page
from ydsim.plots.bars import room_for
from ydsim.plots.effect_words import change_of
from ydsim.plots.foot import add_line, foot_height
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, INK, MUTED, SMALL, WIDTH, house_style
from ydsim.plots.wording import indicator_in_words, unit_in_words
from ydsim.results.compare import Row
from ydsim.wording import capital

PANELS = 12
"""Most outcomes that are drawn."""

_COLUMNS, _ROW, _GAP, _BELOW, _BETWEEN, _LONGEST = 3, 0.15, 0.14, 0.24, 0.16, 1.2
_PART, _ALL, _REST = "#56b4e9", "#0072b2", "#d55e00"


TOGETHER, SUM, INTERACTION = "together", "sum", "interaction"
"""Rows beside those of the parts."""


@dataclass(frozen=True)
class Parts:
    """What is drawn: the rows of `ydsim.studies.channels.Channels`, and what they are of."""

    policy: str
    scenario: str
    place: str
    years: tuple[int, int]
    replicates: int
    tests: int
    made_by: str
    parts: tuple[str, ...]
    outcomes: Sequence[str]
    rows: Sequence[Row]

    def of(self, outcome: str) -> list[Row]:
        """Return the rows of an outcome."""
        return [row for row in self.rows if row.outcome.name == outcome]


def draw_parts(found: Parts) -> Figure:
    """Return the figure of what was found."""
    outcomes = found.outcomes[:PANELS]
    names = [part_in_words(part) for part in (*found.parts, TOGETHER, SUM, INTERACTION)]
    with house_style():
        high = (len(names) + 0.6) * _ROW + _GAP
        lines = -(-len(outcomes) // _COLUMNS)
        side = min(room_for(names), _LONGEST)
        room = WIDTH - 2 * page.MARGIN - side
        width = (room - (_COLUMNS - 1) * _BETWEEN) / _COLUMNS
        heads, more = page.heads([capital(indicator_in_words(name)) for name in outcomes], width)
        head = page.HEAD + more
        band = head + high + _BELOW
        foot = foot_height(found.made_by)
        figure, top = page.new_page(_title(found), _explained(found), lines * band + 0.1, foot=foot)
        for at, outcome in enumerate(outcomes):
            line, column = divmod(at, _COLUMNS)
            left = page.MARGIN + side + column * (width + _BETWEEN)
            axes = page.add_panel(figure, left, top + head + line * band, width, high)
            rows = found.of(outcome)
            _draw(axes, rows, names if column == 0 else [""] * len(names), side)
            page.head(axes, chr(97 + at), heads[at], _unit(rows[0]))
        add_line(figure, found.made_by)
    return figure


def part_in_words(part: str) -> str:
    """Return a part as a figure names it; one of a policy of the user's own as it is called."""
    try:
        return say(f"decomposition.{part}")
    except KeyError:
        return part.replace("_", " ")


def _draw(axes: Axes, rows: list[Row], names: list[str], side: float) -> None:
    last = len(rows) - 3
    y = np.arange(len(rows)) + np.where(np.arange(len(rows)) >= last, 0.5, 0.0)
    ends = np.array([change_of(row) for row in rows])
    for at, (place, row) in enumerate(zip(y.tolist(), rows, strict=True)):
        colour = _REST if row.alternative == INTERACTION else _ALL if at >= last else _PART
        face = "white" if row.alternative == SUM else colour
        bar = axes.barh([place], [ends[at, 0]], 0.66, color=face, edgecolor=colour, linewidth=0.7,
                        zorder=2)  # fmt: skip
        if row.alternative != SUM and not row.significant:
            bar.patches[0].set_alpha(0.4)
        if math.isfinite(ends[at, 1]):
            axes.hlines([place], ends[at, 1], ends[at, 2], color=INK, linewidth=0.8, zorder=5)
    axes.axvline(0.0, color=MUTED, linewidth=0.6, zorder=1)
    axes.axhline(last - 0.25, color=MUTED, linewidth=0.5)
    axes.set_ylim(len(rows) + 0.1, -0.6)
    axes.set_yticks(y.tolist(), [page.fitting(name, side - 0.08, BODY) if name else ""
                                 for name in names])  # fmt: skip
    axes.tick_params(axis="x", labelsize=SMALL, pad=1.5)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    _limits(axes, ends)


def _limits(axes: Axes, ends: np.ndarray) -> None:
    """Set the range: zero, all bars, and whiskers as far as they do not hide the bars."""
    reach = float(np.abs(ends[:, 0]).max())
    spread = ends[np.isfinite(ends)]
    reach = max(1.1 * reach, min(float(np.abs(spread).max()), 3.0 * reach)) or 1.0
    low = min(0.0, float(spread.min()))
    high = max(0.0, float(spread.max()))
    low, high = max(low, -reach), min(high, reach)
    pad = 0.06 * ((high - low) or 1.0)
    axes.set_xlim(low - pad, high + pad)
    axes.locator_params(axis="x", nbins=4)


def _unit(row: Row) -> str:
    if row.outcome.said == "points":
        return say("decomposition.points")
    if math.isnan(row.per_cent.estimate):
        return say("decomposition.other", unit=unit_in_words(row.outcome.unit))
    return say("decomposition.per_cent")


def _title(found: Parts) -> str:
    policy = found.policy.replace("_", " ")
    if found.replicates == 1:
        return say("decomposition.one", policy=policy)
    sure = [row for row in found.rows if row.alternative == INTERACTION and row.significant]
    more, less = (
        ", ".join(indicator_in_words(row.outcome.name) for row in sure if row.rises is way)
        for way in (True, False)
    )
    if more and less:
        return say("decomposition.both", policy=policy, more=more, less=less)
    if more or less:
        key = "decomposition.more" if more else "decomposition.less"
        return say(key, policy=policy, outcomes=more or less)
    parts = [row for row in found.rows if row.alternative in found.parts and row.significant]
    if not parts:
        return say("decomposition.includes_zero", policy=policy)
    lead = max(parts, key=lambda row: abs(change_of(row)[0]))
    return say("decomposition.adds_up", policy=policy, part=part_in_words(lead.alternative),
               outcome=indicator_in_words(lead.outcome.name))  # fmt: skip


def _explained(found: Parts) -> str:
    first, last = found.years
    n = found.replicates
    whiskers = "decomposition.interval" if n > 1 else "decomposition.one_replicate"
    return say(
        "decomposition.explanation",
        policy=found.policy,
        scenario=found.scenario,
        place=say("decomposition.region") if found.place == "region" else found.place,
        first=first,
        last=last,
        whiskers=say(whiskers, n=n),
        tests=found.tests,
    )
