"""The front of a search of policies: every pair of objectives, and how the search converged."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.analysis.optimise.space import hash_of
from ydsim.analysis.optimise.study import Study
from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.bars import draw_key
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.render import save_bytes
from ydsim.plots.style import FAINT, INK, MUTED, SMALL, WIDTH, house_style, shown
from ydsim.results.interval import interval
from ydsim.store.files import refuse_irregular, write_atomic
from ydsim.store.manifest import ydsim_version
from ydsim.typing import Floats

_CLEAR = 12
"""Trials on a front up to which each has its whiskers; otherwise the knee alone."""

FRONT, KNEE = "#0072b2", "#d55e00"

_COLUMNS, _HIGH, _SIDE, _BELOW, _KEY = 2, 1.95, 0.62, 0.5, 0.26


def draw_pareto(study: Study) -> Figure:
    """Return the front of a search, a panel for each pair of objectives."""
    with house_style():
        return _draw(study)


def write_pareto(study: Study, folder: Path) -> list[Path]:
    """Draw the front of a search and return the file."""
    path = folder / "pareto.png"
    refuse_irregular(path)
    write_atomic(path, save_bytes(draw_pareto(study)))
    return [path]


def _draw(study: Study) -> Figure:
    pairs = list(itertools.combinations(range(len(study.objectives)), 2))
    rows = -(-(len(pairs) + 1) // _COLUMNS)
    body = _KEY + rows * (page.HEAD + _HIGH + _BELOW)
    several = len(study.base) > 1
    about = say(
        "pareto.about",
        scenario=shown(study.space.sweep.base.name),
        trials=len(study.trials),
        sampler=study.sampler,
        cases=len(study.base),
        risk=study.risk,
    ) + (say("pareto.whiskers") if several else "")
    figure, top = page.new_page(_title(study), about.strip(), body)
    draw_key(figure, top, _key(study))
    width = (WIDTH - 2 * page.MARGIN - _COLUMNS * _SIDE) / _COLUMNS
    for at in range(len(pairs) + 1):
        row, column = divmod(at, _COLUMNS)
        left = page.MARGIN + _SIDE + column * (width + _SIDE)
        down = top + _KEY + page.HEAD - 0.1 + row * (page.HEAD + _HIGH + _BELOW)
        axes = page.add_panel(figure, left, down, width, _HIGH)
        if at < len(pairs):
            _plane(axes, study, *pairs[at])
            page.head(axes, "abcdefghijklmnopq"[at], " / ".join(
                study.objectives[j].name for j in reversed(pairs[at])))  # fmt: skip
        else:
            _growth(axes, study)
            page.head(axes, "abcdefghijklmnopq"[at], say("pareto.growth"))
    base = study.space.sweep.base
    foot = say(
        "pareto.footer",
        scenario=shown(base.name, 36),
        cases=len(study.base),
        seed=base.seed,
        scale=base.scale,
        hash=hash_of(study.space)[:10],
        version=ydsim_version(),
    )
    bottom = figure.get_figheight() - 0.09
    page.put(figure, page.MARGIN, bottom, foot, size=SMALL, color=FAINT, va="bottom")
    return figure


def _plane(axes: Axes, study: Study, i: int, j: int) -> None:
    """Draw all trials, the front, the knee and the scenario as it is over two objectives."""
    scores, front, knee = study.scores, study.front, study.knee
    rest = np.setdiff1d(np.arange(len(scores)), front)
    axes.plot(scores[rest, i], scores[rest, j], "o", color=FAINT, markersize=2.6, alpha=0.7)
    if len(study.objectives) == 2:
        axes.plot(scores[front, i], scores[front, j], color=FRONT, linewidth=0.8, zorder=2)
    axes.plot(scores[front, i], scores[front, j], "s", color=FRONT, markersize=3.8, zorder=3)
    axes.plot(0.0, 0.0, "X", color=INK, markersize=5.5, zorder=5)
    axes.plot(scores[knee, i], scores[knee, j], "D", color=KNEE, markersize=5.5, zorder=6)
    if len(study.base) > 1:
        for at in front if len(front) <= _CLEAR else [knee]:
            x, y, found = scores[at, i], scores[at, j], study.trials[at].found
            wide, tall = _half(found[:, i]), _half(found[:, j])
            colour = KNEE if at == knee else FRONT
            axes.hlines(y, x - wide, x + wide, color=colour, linewidth=0.5, alpha=0.7, zorder=2)
            axes.vlines(x, y - tall, y + tall, color=colour, linewidth=0.5, alpha=0.7, zorder=2)
    axes.margins(0.08)
    axes.grid(True, axis="both")
    for k, axis, named in ((i, axes.xaxis, axes.set_xlabel), (j, axes.yaxis, axes.set_ylabel)):
        one = study.objectives[k]
        low, high = axes.get_xlim() if axis is axes.xaxis else axes.get_ylim()
        number_axis(axis, low, high, 4)
        arrow = "\u2192" if one.maximise else "\u2190"  # turned with the text of the other axis
        named(say("pareto.axis", name=one.name, unit=one.unit, arrow=arrow), size=SMALL)


def _growth(axes: Axes, study: Study) -> None:
    growth = study.growth
    axes.step(np.arange(1, len(growth) + 1), growth, where="post", color=FRONT, linewidth=1.2)
    axes.set_ylim(0.0, max(1.08 * float(growth.max()), 0.05))
    axes.set_xlim(0.0, len(growth) + 0.5)
    axes.set_xlabel(say("pareto.growth.x"), size=SMALL)
    number_axis(axes.xaxis, 0.0, float(len(growth)), 5)
    for start in range(study.batch, len(growth), study.batch):
        axes.axvline(start, color=MUTED, linewidth=0.3, alpha=0.4, zorder=1)


def _key(study: Study) -> list[tuple[Line2D, str]]:
    def mark(sign: str, colour: str, size: float) -> Line2D:
        return Line2D([], [], linestyle="", marker=sign, color=colour, markersize=size)

    return [
        (mark("s", FRONT, 3.8), say("pareto.front")),
        (mark("D", KNEE, 5.0), say("pareto.knee", trial=study.knee)),
        (mark("X", INK, 5.0), say("pareto.base")),
        (mark("o", FAINT, 2.6), say("pareto.trials")),
    ]


def _title(study: Study) -> str:
    front, scores = study.front, study.scores
    if len(front) == 1:
        return say("pareto.title.one", trial=int(front[0]))
    if len(study.objectives) > 2:
        return say("pareto.title.many", front=len(front), trials=len(study.trials))
    first, second = study.objectives
    gap = np.ptp(scores[front], axis=0)
    amounts = [number(float(gap[k]), 3) + f" {one.unit}" for k, one in enumerate((first, second))]
    return say(
        "pareto.title.two",
        high=amounts[0],
        first=first.name,
        cost=amounts[1],
        second=second.name,
    )


def _half(values: Floats) -> float:
    """Return half of the interval of a mean."""
    _, _, low, high = interval(values)
    return 0.0 if low is None or high is None else (high - low) / 2.0
