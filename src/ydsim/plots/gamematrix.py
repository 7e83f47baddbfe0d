"""The game of opening and closing as a matrix: who gains in every set of closed provinces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ydsim.fmt import fixed, listed, number
from ydsim.measures.game import best_cell, closed_in, equilibria, worst_equilibrium
from ydsim.plots import page
from ydsim.plots.counts import span
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, INK, MUTED, RULE, SMALL, WIDTH, house_style, look, shown
from ydsim.typing import Bools, Floats

if TYPE_CHECKING:
    import pandas as pd

COLOURS = LinearSegmentedColormap.from_list("gain", ["#d55e00", "#f7f5f0", "#0072b2"])
"""Loss, nothing, gain."""

_ROW, _HEAD, _KEY = 0.235, 0.62, 0.62
_CLOSED, _NAME, _GAP, _SIDE = 0.27, 0.1, 0.25, 1.25
_TALLEST = 8.0


@dataclass(frozen=True)
class Game:
    """Payoffs against all open, in per cent; rows by number of closed provinces.

    Attributes
    ----------
    provinces
        P names.
    cells
        Shape (N,): number of the cell in each row.
    closed
        Shape (N, P).
    change
        Shape (N, P + 1): mean change against all open, the region last.
    sure
        Shape (N, P + 1): the 95 % interval of the change excludes zero.
    equilibria
        Cells of pure equilibria of the means.
    best, worst
        Best cell, and worst equilibrium or None.
    n
        Number of replicates.
    """

    provinces: tuple[str, ...]
    cells: list[int]
    closed: Bools
    change: Floats
    sure: Bools
    equilibria: list[int]
    best: int
    worst: int | None
    n: int

    def name(self, cell: int) -> str:
        """Return who is closed in a cell, in words."""
        shut = closed_in(len(self.provinces))[cell]
        if not shut.any() or shut.all():
            return say("gamematrix.all_closed") if shut.any() else say("gamematrix.all_open")
        names = [name for name, each in zip(self.provinces, shut.tolist(), strict=True) if each]
        return say("gamematrix.closed", names=listed(shown(name, 14) for name in names))


def read_game(table: pd.DataFrame) -> Game:
    """Return the matrix of the table of a game (`ydsim.studies.border_game.BorderGame.table`)."""
    *provinces, _ = table["place"].drop_duplicates().tolist()
    shape = (2 ** len(provinces), len(provinces) + 1)
    estimate, low, high, mean = (
        table[name].to_numpy().reshape(shape) for name in ("estimate", "low", "high", "mean")
    )
    closed, payoff = closed_in(len(provinces)), mean[:, :-1]
    order = np.lexsort((np.arange(len(closed)), closed.sum(axis=1)))
    return Game(
        provinces=tuple(provinces),
        cells=order.tolist(),
        closed=closed[order],
        change=(100.0 * estimate / mean[0])[order],
        sure=((low > 0.0) | (high < 0.0))[order],
        equilibria=equilibria(payoff),
        best=best_cell(payoff),
        worst=worst_equilibrium(payoff),
        n=int(table["n"].iloc[0]),
    )


def draw_game_matrix(table: pd.DataFrame, years: tuple[int, int], first: int, made: str) -> Figure:
    """Return the matrix of a game.

    Parameters
    ----------
    table
        As of `ydsim.studies.border_game.BorderGame`.
    years, first
        First and last year that count; year in which borders close.
    made
        Line at the foot: what was run.
    """
    game = read_game(table)
    explanation = say("payoffs.payoff", years=span(years), first=first)
    with house_style():
        rows = len(game.cells)
        high = min(_ROW * rows, _TALLEST)
        text = say("gamematrix.explanation", payoff=explanation, how=_how(game))
        body, foot = _HEAD + high + _KEY, page.foot_height(made)
        figure, top = page.new_page(title_of(game), text, body, foot=foot)
        n = len(game.provinces)
        left = page.MARGIN + _NAME
        side = _CLOSED * n
        marks = page.add_panel(figure, left, top + _HEAD, side, high)
        _draw_closed(marks, game, high)
        left += side + _GAP
        width = WIDTH - page.MARGIN - left - _SIDE
        matrix = page.add_panel(figure, left, top + _HEAD, width, high)
        colours = _draw_changes(matrix, game, high)
        _draw_marks(matrix, game, high)
        _draw_key(figure, colours, (left, top + _HEAD + high + 0.2), width)
        page.add_footer(figure, made)
    return figure


def title_of(game: Game) -> str:
    """Say where the game comes to rest, what is best, and what the difference costs."""
    best = game.name(game.best)
    if game.worst is None:
        return say("gamematrix.no_rest", best=best)
    if game.worst == game.best:
        return say("gamematrix.rest_is_best", rest=game.name(game.worst))
    at, of = game.cells.index(game.worst), game.cells.index(game.best)
    more = 100.0 * ((100.0 + game.change[of, -1]) / (100.0 + game.change[at, -1]) - 1.0)
    return say("gamematrix.rest", rest=game.name(game.worst), best=best, more=number(more, 2))


def _how(game: Game) -> str:
    if game.n == 1:
        return say("words.one_replicate")
    return say("gamematrix.intervals", n=game.n)


def _draw_closed(axes: Axes, game: Game, high: float) -> None:
    """Mark who is closed in every row: a filled sign is closed, a hollow one open."""
    size = min(36.0, (0.55 * 72.0 * high / len(game.cells)) ** 2)
    rows = np.arange(len(game.cells))
    for p in range(len(game.provinces)):
        style = look(p)
        faces = [style.colour if shut else "white" for shut in game.closed[:, p].tolist()]
        axes.scatter(
            np.full(len(rows), p), rows, s=size, marker=style.marker, c=faces,
            edgecolors=style.colour, linewidths=0.8,
        )  # fmt: skip
    _lay_out(axes, len(game.provinces), len(rows))
    for p, name in enumerate(game.provinces):
        text = page.fitting(name, 0.55, SMALL)
        axes.text(p - 0.1, -0.75, text, rotation=60, size=SMALL, color=look(p).ink, va="bottom")


def _draw_changes(axes: Axes, game: Game, high: float) -> ScalarMappable:
    """Write and shade the change of every province and of the region."""
    most = max(float(np.abs(game.change).max()), 1e-9)
    image = axes.imshow(
        game.change, cmap=COLOURS, norm=Normalize(-most, most), aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    image.set_gid("changes")
    rows, columns = game.change.shape
    digits = 1 if most >= 1.0 else 2
    size = min(BODY - 0.5, 0.7 * 72.0 * high / rows)
    for row, column in np.ndindex(rows, columns):
        value = float(game.change[row, column])
        text = fixed(value, digits, sign=True) if game.cells[row] else "0"
        told = bool(game.sure[row, column]) or game.n == 1 or not game.cells[row]
        dark = abs(value) > 0.62 * most
        axes.text(
            column, row, text if told else f"({text})", size=size, ha="center",
            va="center_baseline", color="white" if dark else INK if told else MUTED,
        )  # fmt: skip
    _lay_out(axes, columns, rows)
    axes.axvline(columns - 1.5, color="white", linewidth=3.0)
    for p, name in enumerate(game.provinces):
        axes.text(p, -0.75, page.fitting(name, 0.8, BODY), ha="center", color=look(p).ink)
    axes.text(columns - 1, -0.75, say("gamematrix.region"), ha="center", weight="bold")
    return image


def _lay_out(axes: Axes, columns: int, rows: int) -> None:
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.grid(False)
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_marks(axes: Axes, game: Game, high: float) -> None:
    """Frame equilibria, and name equilibria and the best row at the right."""
    rows, columns = game.change.shape
    size = min(BODY, 0.8 * 72.0 * high / rows)
    for row, cell in enumerate(game.cells):
        words = []
        if cell in game.equilibria:
            frame = Rectangle((-0.5, row - 0.5), columns, 1.0, fill=False, clip_on=False)
            frame.set(edgecolor=INK, linewidth=1.5, zorder=4, gid="equilibrium")
            axes.add_patch(frame)
            words.append(say("gamematrix.equilibrium"))
        if cell == game.best:
            words.append(say("gamematrix.best"))
        if words:
            axes.annotate(
                ", ".join(words), (columns - 0.5, row), xytext=(5.0, 0.0), size=size,
                textcoords="offset points", va="center_baseline", weight="bold",
                annotation_clip=False,
            )  # fmt: skip
        else:
            axes.plot([-0.5, columns - 0.5], [row + 0.5] * 2, color=RULE, linewidth=0.4)


def _draw_key(
    figure: Figure, colours: ScalarMappable, place: tuple[float, float], width: float
) -> None:
    left, top = place
    bar = page.add_panel(figure, left, top, min(width, 2.4), 0.11)
    figure.colorbar(colours, cax=bar, orientation="horizontal")
    bar.grid(False)
    number_axis(bar.xaxis, *bar.get_xlim(), bins=5)
    page.put(figure, left + min(width, 2.4) + 0.15, top, say("gamematrix.bar"), va="top", size=BODY)
    text = say("gamematrix.key")
    for line, words in enumerate(page.wrapped(text, SMALL, left - page.MARGIN - 0.1)):
        page.put(
            figure, page.MARGIN, top - 0.05 + 0.12 * line, words, va="top", size=SMALL, color=MUTED
        )
