"""What outcomes gain from each capacity of the chain and from less of each friction."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.bars import draw_key, room_for
from ydsim.plots.foot import add_line, foot_height
from ydsim.plots.messages import say
from ydsim.plots.style import MUTED, RULE, SMALL, WIDTH, house_style
from ydsim.plots.wording import indicator_in_words
from ydsim.typing import Floats
from ydsim.wording import capital

if TYPE_CHECKING:
    import pandas as pd

_ROW, _GAP, _KEY, _AXIS, _BETWEEN = 0.155, 0.13, 0.22, 0.2, 0.18
_COLOUR = {"stage": "#0072b2", "friction": "#d55e00"}
_MARKER = {"stage": "o", "friction": "D"}
_MOST = 3
"""Outcomes that are drawn side by side."""


def draw_bottleneck(table: pd.DataFrame, years: tuple[int, int], made: str) -> Figure:
    """Return the figure of a table.

    Parameters
    ----------
    table
        As of `ydsim.studies.bottleneck.Bottleneck`; its first outcomes are drawn.
    years
        First and last year that count.
    made
        Line at the foot: what was run.
    """
    with house_style():
        outcomes = list(dict.fromkeys(table["outcome"]))[:_MOST]
        lead = table[table["outcome"] == outcomes[0]]
        blocks = [lead[lead["kind"] == kind] for kind in ("stage", "friction")]
        blocks = [block for block in blocks if len(block)]
        names = [str(name) for block in blocks for name in block["capacity"]]
        titles = [str(title) for block in blocks for title in block["title"]]
        block = np.repeat(np.arange(len(blocks)), [len(b) for b in blocks])
        y = (np.arange(len(names)) + block).astype(np.float64)
        high = _ROW * (len(names) + len(blocks) - 1) + _GAP
        has = bool(table["low"].notna().any())
        n = int(table["n"].iloc[0])
        explanation = say(
            "bottleneck.explanation",
            first=years[0],
            last=years[1],
            step=number(
                100.0 * (float(max(table["up"].max(), 1.0 / table["down"].min())) - 1.0), 3
            ),
            whiskers=say("bottleneck.interval", n=n) if has else say("bottleneck.no_interval"),
        )
        side = room_for(titles)
        width = (WIDTH - 2 * page.MARGIN - side - _BETWEEN * (len(outcomes) - 1)) / len(outcomes)
        heads, more = page.heads([capital(indicator_in_words(name)) for name in outcomes], width)
        head = page.HEAD + more
        body = _KEY + head + high + _AXIS
        title = _title(blocks, outcomes[0])
        figure, top = page.new_page(title, explanation, body, foot=foot_height(made))
        _key(figure, top, [str(block["kind"].iloc[0]) for block in blocks])
        for column, outcome in enumerate(outcomes):
            left = page.MARGIN + side + column * (width + _BETWEEN)
            axes = page.add_panel(figure, left, top + _KEY + head, width, high)
            own = table[table["outcome"] == outcome].set_index("capacity").loc[names]
            _draw(axes, own, y)
            axes.set_yticks(y, titles if column == 0 else [""] * len(titles))
            page.head(axes, chr(97 + column), heads[column], say("bottleneck.unit"))
        add_line(figure, made)
    return figure


def _title(blocks: list[pd.DataFrame], outcome: str) -> str:
    words = indicator_in_words(outcome)
    said = capital(words)
    firsts = [block.iloc[0] for block in blocks]
    if not any(math.isfinite(one["estimate"]) for one in firsts):
        return say("bottleneck.undefined", outcome=words)
    if not any(math.isfinite(one["low"]) for one in firsts):
        return say("bottleneck.untold", outcome=words)
    return _gain(blocks, said, words)


def _gain(blocks: list[pd.DataFrame], said: str, words: str) -> str:
    """Say from what an outcome gains most, and what cannot be told apart from it."""
    every = [row for block in blocks for _, row in block.iterrows()]
    every.sort(key=lambda row: int(row["rank"]))
    told = [row for row in every if row["low"] > 0.0]
    if not told:
        return say("bottleneck.includes_zero", outcome=words)
    leading = [str(row["title"]) for row in told if row["best_rank"] == 1]
    if len(leading) > 2:
        more = len(leading) - 1
        return say("bottleneck.many", outcome=said, first=leading[0], number=more)
    if len(leading) == 2:
        return say("bottleneck.two", outcome=said, first=leading[0], second=leading[1])
    frictions = [str(row["title"]) for row in told if row["kind"] == "friction"]
    if told[0]["kind"] == "stage" and frictions:
        return say("bottleneck.both", outcome=said, stage=leading[0], friction=frictions[0])
    return say("bottleneck.one", outcome=said, first=leading[0])


def _key(figure: Figure, top: float, kinds: list[str]) -> None:
    words = {"stage": say("bottleneck.stages"), "friction": say("bottleneck.frictions")}
    entries = [
        (
            Line2D([], [], linestyle="none", marker=_MARKER[kind], markersize=4.5,
                   color=_COLOUR[kind]),
            words[kind],
        )
        for kind in kinds
    ]  # fmt: skip
    draw_key(figure, top, entries)


def _draw(axes: Axes, rows: pd.DataFrame, y: Floats) -> None:
    """Draw one outcome: a point and an interval a row."""
    value, low, high = (rows[c].to_numpy(dtype=np.float64) for c in ("estimate", "low", "high"))
    kinds = rows["kind"].to_list()
    for at, kind in enumerate(kinds):
        colour, there = _COLOUR[kind], math.isfinite(low[at])
        if there:
            axes.hlines(y[at], low[at], high[at], color=colour, linewidth=1.0, zorder=3)
        told = there and (low[at] > 0.0 or high[at] < 0.0)
        axes.plot(
            value[at], y[at], marker=_MARKER[kind], markersize=4.2, color=colour,
            markerfacecolor=colour if told else "white", markeredgewidth=0.9, zorder=4,
        )  # fmt: skip
    for gap in np.flatnonzero(np.diff(y) > 1.5):
        axes.axhline(float(y[gap]) + 1.0, color=RULE, linewidth=0.8, zorder=1)
    axes.axvline(0.0, color=MUTED, linewidth=0.7, zorder=1)
    axes.set_ylim(float(y.max()) + 0.8, -0.8)
    axes.grid(True, axis="x")
    axes.grid(False, axis="y")
    axes.tick_params(axis="x", labelsize=SMALL, pad=1.5)
    axes.locator_params(axis="x", nbins=5)
