"""The front of a search of policies: every pair of objectives."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.bars import draw_key
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.style import FAINT, INK, SMALL, WIDTH, house_style, shown
from ydsim.typing import Bools, Floats

if TYPE_CHECKING:
    import pandas as pd

_CLEAR = 12
"""Trials on a front up to which each has its whiskers; otherwise the knee alone."""

FRONT, KNEE = "#0072b2", "#d55e00"

_COLUMNS, _HIGH, _SIDE, _BELOW, _KEY = 2, 1.95, 0.62, 0.5, 0.26


@dataclass(frozen=True)
class _Search:
    """The table of a search as arrays.

    ``score`` and ``half`` (of the interval of the mean gain, 0 without) are (trials, objectives);
    of each trial, whether it is on the front and the knee.
    """

    names: list[str]
    units: list[str]
    rising: list[bool]
    score: Floats
    half: Floats
    front: Bools
    knee: int
    cases: int

    @staticmethod
    def of(table: pd.DataFrame) -> _Search:
        objectives = table.drop_duplicates("outcome")
        number = len(objectives)
        trials = table.iloc[::number]
        half = ((table["high"] - table["low"]) / 2.0).fillna(0.0).to_numpy(float)
        return _Search(
            objectives["outcome"].tolist(),
            objectives["unit"].tolist(),
            (objectives["better"] == "more").tolist(),
            table["score"].to_numpy(float).reshape(-1, number),
            half.reshape(-1, number),
            trials["on_front"].to_numpy(bool),
            int(trials["knee"].to_numpy().argmax()),
            int(table["n"].iloc[0]),
        )


def draw_pareto(
    table: pd.DataFrame, *, scenario: str, sampler: str, risk: str, made: str
) -> Figure:
    """Return the front of a search, a panel for each pair of objectives.

    Parameters
    ----------
    table
        As of `ydsim.studies.optimise`: a row a trial and objective.
    scenario, sampler, risk
        What was searched and how.
    made
        Line at the foot: what was run.
    """
    with house_style():
        search = _Search.of(table)
        pairs = list(itertools.combinations(range(len(search.names)), 2))
        rows = -(-len(pairs) // _COLUMNS)
        body = _KEY + rows * (page.HEAD + _HIGH + _BELOW)
        about = say(
            "pareto.about",
            scenario=shown(scenario),
            trials=len(search.score),
            sampler=sampler,
            cases=search.cases,
            risk=risk,
        ) + (say("pareto.whiskers") if search.cases > 1 else "")
        foot = page.foot_height(made)
        figure, top = page.new_page(_title(search), about.strip(), body, foot=foot)
        draw_key(figure, top, _key(search.knee))
        width = (WIDTH - 2 * page.MARGIN - _COLUMNS * _SIDE) / _COLUMNS
        for at, pair in enumerate(pairs):
            row, column = divmod(at, _COLUMNS)
            left = page.MARGIN + _SIDE + column * (width + _SIDE)
            down = top + _KEY + page.HEAD - 0.1 + row * (page.HEAD + _HIGH + _BELOW)
            axes = page.add_panel(figure, left, down, width, _HIGH)
            _plane(axes, search, *pair)
            head = " / ".join(search.names[j] for j in reversed(pair))
            page.head(axes, "abcdefghijklmnopq"[at], head)
        page.add_footer(figure, made)
    return figure


def _plane(axes: Axes, search: _Search, i: int, j: int) -> None:
    """Draw all trials, the front, the knee and the scenario as it is over two objectives."""
    x, y = search.score[:, i], search.score[:, j]
    front, knee = np.flatnonzero(search.front), search.knee
    front = front[np.argsort(-x[front], kind="stable")]
    axes.plot(x[~search.front], y[~search.front], "o", color=FAINT, markersize=2.6, alpha=0.7)
    if len(search.names) == 2:
        axes.plot(x[front], y[front], color=FRONT, linewidth=0.8, zorder=2)
    axes.plot(x[front], y[front], "s", color=FRONT, markersize=3.8, zorder=3)
    axes.plot(0.0, 0.0, "X", color=INK, markersize=5.5, zorder=5)
    axes.plot(x[knee], y[knee], "D", color=KNEE, markersize=5.5, zorder=6)
    for at in front if len(front) <= _CLEAR else [knee]:
        wide, tall = search.half[at, [i, j]]
        colour = KNEE if at == knee else FRONT
        across, up = (x[at] - wide, x[at] + wide), (y[at] - tall, y[at] + tall)
        axes.hlines(y[at], *across, color=colour, linewidth=0.5, alpha=0.7, zorder=2)
        axes.vlines(x[at], *up, color=colour, linewidth=0.5, alpha=0.7, zorder=2)
    axes.margins(0.08)
    axes.grid(True, axis="both")
    for k, axis, named in ((i, axes.xaxis, axes.set_xlabel), (j, axes.yaxis, axes.set_ylabel)):
        low, high = axes.get_xlim() if axis is axes.xaxis else axes.get_ylim()
        number_axis(axis, low, high, 4)
        arrow = "\u2192" if search.rising[k] else "\u2190"  # turned with the text of the other axis
        text = say("pareto.axis", name=search.names[k], unit=search.units[k], arrow=arrow)
        named(text, size=SMALL)


def _key(knee: int) -> list[tuple[Line2D, str]]:
    def mark(sign: str, colour: str, size: float) -> Line2D:
        return Line2D([], [], linestyle="", marker=sign, color=colour, markersize=size)

    return [
        (mark("s", FRONT, 3.8), say("pareto.front")),
        (mark("D", KNEE, 5.0), say("pareto.knee", trial=knee)),
        (mark("X", INK, 5.0), say("pareto.base")),
        (mark("o", FAINT, 2.6), say("pareto.trials")),
    ]


def _title(search: _Search) -> str:
    front = np.flatnonzero(search.front)
    if len(front) == 1:
        return say("pareto.title.one", trial=int(front[0]))
    if len(search.names) > 2:
        return say("pareto.title.many", front=len(front), trials=len(search.score))
    gap = np.ptp(search.score[front], axis=0).tolist()
    high, cost = (f"{number(g, 3)} {unit}" for g, unit in zip(gap, search.units, strict=True))
    first, second = search.names
    return say("pareto.title.two", high=high, first=first, cost=cost, second=second)
