"""The border game: payoffs in every set of closed provinces, and what closing pays each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.patches import Rectangle

from ydsim.fmt import fixed
from ydsim.measures.effects import LEAST
from ydsim.measures.game import closed_in
from ydsim.plots import canvas
from ydsim.plots.canvas import panel_width
from ydsim.plots.style import INK, SMALL, look
from ydsim.translation import gettext as _t
from ydsim.typing import Bools

if TYPE_CHECKING:
    import pandas as pd

COLOURS = LinearSegmentedColormap.from_list("gain", ["#d55e00", "#f7f5f0", "#0072b2"])
"""Loss, nothing, gain."""

_MARKS = 0.45
"""Inches at the right of the matrix for the names of marked rows."""


@canvas.finished
def draw_game(
    table: pd.DataFrame, closing: pd.DataFrame, *, title: str, note: str, foot: str
) -> canvas.Canvas:
    """Return the matrix of a game, and what closing pays by the number of others that are closed.

    Parameters
    ----------
    table, closing
        As of `ydsim.studies.border_game.BorderGame`: rows are cells of `ydsim.measures.game`, each
        with its provinces and the region; changes are against all open.
    title, note, foot
        What was played, what a payoff is, and what was run.
    """
    *provinces, region = table["place"].unique()
    closed = closed_in(len(provinces))
    at_first = table.groupby("place", sort=False)["mean"].first()
    scale = 100.0 / table["place"].map(at_first)
    cells = table.assign(
        cell=np.repeat(np.arange(len(closed)), len(provinces) + 1),
        change=scale * table["estimate"],
        sure=(table["low"] > 0.0) | (table["high"] < 0.0) | (table["n"] < LEAST),
    )
    ends = ["estimate", "low", "high"]
    gains = closing.assign(
        others=closed.sum(axis=1)[np.argwhere(~closed.T)[:, 1]],
        sure=closing["significant"],
        **closing[ends].mul(100.0 / closing["place"].map(at_first), axis=0),
    )
    reading = _t("In brackets, and hollow: the 95 % interval of paired differences includes zero.")
    if int(table["n"].iloc[0]) < LEAST:
        reading = _t("Fewer than three replicates: no intervals.")
    figure, (matrix, lines) = canvas.new_page(
        title,
        note,
        _t(
            "a: change of each payoff against all open, in per cent; a bar at the left of a cell: "
            "this province is closed. Framed: an equilibrium, in which no province gains by acting "
            "otherwise alone; best: the largest regional output. b: a mark for each set of closed "
            "others, lines: their mean."
        ),
        reading,
        foot=foot,
        panels=2,
        height=[_height(closed), 2.9],
        least=4.2,
        key=[(canvas.sign(look(p), line=True), name) for p, name in enumerate(provinces)],
    )
    _draw_matrix(matrix, cells, closed, region)
    _draw_gains(lines, gains, provinces)
    return figure


def _draw_matrix(axes: Axes, cells: pd.DataFrame, closed: Bools, region: str) -> None:
    """Draw changes of provinces and region, a row a set of closed provinces, fewest first."""
    order = np.argsort(closed.sum(axis=1), kind="stable")
    change, sure, mean = (
        cells.pivot(index="cell", columns="place", values=name)[cells["place"].unique()].loc[order]
        for name in ("change", "sure", "mean")
    )
    rows, columns = change.shape
    room, side = panel_width(axes), min(1.6, 0.3 * panel_width(axes))
    cell = (room - side - _MARKS) / columns, (_height(closed) - 0.9) / rows
    most = max(float(np.abs(change.to_numpy()).max()), 1e-9)
    texts = change.map(lambda value: fixed(value, 1 if most >= 1.0 else 2, sign=True))
    texts = texts.where(sure, "(" + texts + ")")
    texts.loc[0] = "0"
    who = cells.groupby("cell")["closed"].first()[order]
    named = change.set_axis([canvas.fitting(name, side - 0.05, SMALL) for name in who])
    short = [canvas.fitting(str(name), max(1.0, cell[0]), SMALL) for name in change]
    scale = ScalarMappable(Normalize(-most, most), COLOURS)
    canvas.draw_cells(axes, named.set_axis(short, axis=1), texts, scale, cell)
    for row, p in np.argwhere(closed[order]):
        bar = Rectangle((p - 0.5, row - 0.45), 0.08, 0.9, color=look(p).colour, gid="closed")
        axes.add_patch(bar)
    rest = cells.groupby("cell")["equilibrium"].first()[order].to_numpy()
    best = int(mean[region].to_numpy().argmax())
    for row in np.flatnonzero(rest):
        frame = Rectangle((-0.5, row - 0.5), columns, 1.0, fill=False, linewidth=1.5, zorder=4)
        frame.set(edgecolor=INK, clip_on=False, gid="equilibrium")
        axes.add_patch(frame)
    for row in {best, *np.flatnonzero(rest).tolist()}:
        words = [_t("rest")] * bool(rest[row]) + [_t("best")] * (row == best)
        canvas.beside(axes, row, ", ".join(words), size=SMALL, gid="mark")
    canvas.head(axes, _t("Payoffs by who is closed"), letter="a", room=columns * cell[0])


def _height(closed: Bools) -> float:
    """Return the height of the matrix with its title and names, in inches."""
    return max(0.14, 0.2 - 0.001 * len(closed)) * len(closed) + 0.9


def _draw_gains(axes: Axes, gains: pd.DataFrame, provinces: list[str]) -> None:
    """Draw what closing pays each province, a mark a set of closed others, beside one another."""
    wide = 0.8 / len(provinces)
    for p, (_, own) in enumerate(gains.groupby("place", sort=False)):
        style, by = look(p), own.groupby("others")
        middle = (p + 0.5) * wide - 0.4
        number, of = by.cumcount() + 0.5, by["others"].transform("size")
        at = own["others"] + middle + 0.7 * wide * (number / of - 0.5)
        canvas.draw_marks(axes, own.assign(at=at), style, upright=True, size=3.6)
        mean = by["estimate"].mean()
        axes.plot(mean.index + middle, mean, color=style.colour, linewidth=0.8, alpha=0.6)
    canvas.mark_zero(axes)
    canvas.number_axis(axes.yaxis, *axes.get_ylim())
    axes.set_xticks(range(len(provinces)))
    axes.set_xlabel(_t("other provinces that are closed"), size=SMALL)
    unit = _t("per cent of its payoff with all open")
    canvas.head(axes, _t("What closing pays a province"), unit, letter="b")
