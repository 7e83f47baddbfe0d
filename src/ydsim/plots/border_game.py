"""The game of opening and closing: who gains in every set of closed provinces, and what pays.

The matrix has a row a set of closed provinces; the payoffs a panel a province. Both take the table
of `ydsim.studies.border_game.BorderGame`, whose rows are cells of `ydsim.measures.game`, each with
its provinces and the region, and show changes against all open in per cent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ydsim.fmt import fixed, listed, number
from ydsim.measures.game import best_cell, closed_in, dominant, equilibria, worst_equilibrium
from ydsim.plots import bars, page
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
_PANEL, _BETWEEN, _COLUMNS, _LEFT, _PANEL_KEY = 1.5, 0.45, 2, 0.42, 0.24


@dataclass(frozen=True)
class _Game:
    """A game whose cells are in the order of rows, by number of closed provinces.

    ``cells`` has the number of the cell in each row; ``closed`` (N, P); ``change`` (N, P + 1) in
    per cent of all open, the region last; ``sure`` where its interval excludes zero.
    """

    provinces: tuple[str, ...]
    cells: list[int]
    closed: Bools
    change: Floats
    sure: Bools
    payoff: Floats
    n: int

    @staticmethod
    def of(table: pd.DataFrame) -> _Game:
        *provinces, _ = table["place"].drop_duplicates().tolist()
        shape = (2 ** len(provinces), len(provinces) + 1)
        estimate, low, high, mean = (
            table[name].to_numpy().reshape(shape) for name in ("estimate", "low", "high", "mean")
        )
        closed = closed_in(len(provinces))
        order = np.argsort(closed.sum(axis=1), kind="stable")
        return _Game(
            tuple(provinces),
            order.tolist(),
            closed[order],
            (100.0 * estimate / mean[0])[order],
            ((low > 0.0) | (high < 0.0))[order],
            mean[:, :-1],
            int(table["n"].iloc[0]),
        )

    def name(self, cell: int) -> str:
        """Return who is closed in a cell, in words."""
        shut = closed_in(len(self.provinces))[cell]
        if not shut.any() or shut.all():
            return say("gamematrix.all_closed") if shut.any() else say("gamematrix.all_open")
        names = (name for name, each in zip(self.provinces, shut.tolist(), strict=True) if each)
        return say("gamematrix.closed", names=_names(names))


def _names(provinces: Iterable[str]) -> str:
    return listed(shown(name, 14) for name in provinces)


# -- the matrix ------------------------------------------------------------------------------------


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
    game = _Game.of(table)
    how = say("gamematrix.intervals", n=game.n) if game.n > 1 else say("words.one_replicate")
    payoff = say("payoffs.payoff", years=span(years), first=first)
    text = say("gamematrix.explanation", payoff=payoff, how=how)
    with house_style():
        high = min(_ROW * len(game.cells), _TALLEST)
        body = _HEAD + high + _KEY
        figure, top = page.new_page(_rest(game), text, body, foot=page.foot_height(made))
        left, side = page.MARGIN + _NAME, _CLOSED * len(game.provinces)
        _draw_closed(page.add_panel(figure, left, top + _HEAD, side, high), game, high)
        left += side + _GAP
        width = WIDTH - page.MARGIN - left - _SIDE
        matrix = page.add_panel(figure, left, top + _HEAD, width, high)
        colours = _draw_changes(matrix, game, high)
        _draw_marks(matrix, game, high)
        _draw_key(figure, colours, (left, top + _HEAD + high + 0.2), width)
        page.add_footer(figure, made)
    return figure


def _rest(game: _Game) -> str:
    """Say where the game comes to rest, what is best, and what the difference costs."""
    best, worst = best_cell(game.payoff), worst_equilibrium(game.payoff)
    if worst is None:
        return say("gamematrix.no_rest", best=game.name(best))
    if worst == best:
        return say("gamematrix.rest_is_best", rest=game.name(worst))
    at, of = (100.0 + game.change[game.cells.index(cell), -1] for cell in (worst, best))
    more = number(100.0 * (of / at - 1.0), 2)
    return say("gamematrix.rest", rest=game.name(worst), best=game.name(best), more=more)


def _draw_closed(axes: Axes, game: _Game, high: float) -> None:
    """Mark who is closed in every row: a filled sign is closed, a hollow one open."""
    size = min(36.0, (0.55 * 72.0 * high / len(game.cells)) ** 2)
    rows = np.arange(len(game.cells))
    for p, name in enumerate(game.provinces):
        style = look(p)
        axes.scatter(
            np.full(len(rows), p), rows, s=size, marker=style.marker,
            c=np.where(game.closed[:, p], style.colour, "white").tolist(),
            edgecolors=style.colour, linewidths=0.8,
        )  # fmt: skip
        text = page.fitting(name, 0.55, SMALL)
        axes.text(p - 0.1, -0.75, text, rotation=60, size=SMALL, color=style.ink, va="bottom")
    _lay_out(axes, len(game.provinces), len(rows))


def _draw_changes(axes: Axes, game: _Game, high: float) -> ScalarMappable:
    """Write and shade the change of every province and of the region."""
    most = max(float(np.abs(game.change).max()), 1e-9)
    image = axes.imshow(
        game.change, cmap=COLOURS, norm=Normalize(-most, most), aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    image.set_gid("changes")
    rows, columns = game.change.shape
    size = min(BODY - 0.5, 0.7 * 72.0 * high / rows)
    for row, column in np.ndindex(rows, columns):
        value = float(game.change[row, column])
        text = fixed(value, 1 if most >= 1.0 else 2, sign=True) if game.cells[row] else "0"
        told = bool(game.sure[row, column]) or game.n == 1 or not game.cells[row]
        colour = "white" if abs(value) > 0.62 * most else INK if told else MUTED
        axes.text(
            column, row, text if told else f"({text})", size=size, ha="center",
            va="center_baseline", color=colour,
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


def _draw_marks(axes: Axes, game: _Game, high: float) -> None:
    """Frame equilibria, and name equilibria and the best row at the right."""
    rows, columns = game.change.shape
    size = min(BODY, 0.8 * 72.0 * high / rows)
    marks = {cell: [say("gamematrix.equilibrium")] for cell in equilibria(game.payoff)}
    marks.setdefault(best_cell(game.payoff), []).append(say("gamematrix.best"))
    for row, cell in enumerate(game.cells):
        if cell not in marks:
            axes.plot([-0.5, columns - 0.5], [row + 0.5] * 2, color=RULE, linewidth=0.4)
            continue
        if say("gamematrix.equilibrium") in marks[cell]:
            frame = Rectangle((-0.5, row - 0.5), columns, 1.0, fill=False, clip_on=False)
            frame.set(edgecolor=INK, linewidth=1.5, zorder=4, gid="equilibrium")
            axes.add_patch(frame)
        axes.annotate(
            ", ".join(marks[cell]), (columns - 0.5, row), xytext=(5.0, 0.0), size=size,
            textcoords="offset points", va="center_baseline", weight="bold", annotation_clip=False,
        )  # fmt: skip


def _draw_key(
    figure: Figure, colours: ScalarMappable, place: tuple[float, float], width: float
) -> None:
    left, top = place
    long = min(width, 2.4)
    bar = page.add_panel(figure, left, top, long, 0.11)
    figure.colorbar(colours, cax=bar, orientation="horizontal")
    bar.grid(False)
    number_axis(bar.xaxis, *bar.get_xlim(), bins=5)
    page.put(figure, left + long + 0.15, top, say("gamematrix.bar"), va="top", size=BODY)
    key = page.wrapped(say("gamematrix.key"), SMALL, left - page.MARGIN - 0.1)
    for line, words in enumerate(key):
        down = top - 0.05 + 0.12 * line
        page.put(figure, page.MARGIN, down, words, va="top", size=SMALL, color=MUTED)


# -- payoffs ---------------------------------------------------------------------------------------


def draw_payoffs(
    table: pd.DataFrame, closing: pd.DataFrame, years: tuple[int, int], first: int, made: str
) -> Figure:
    """Return the payoff of each province, relative to all open, by the number of closed others.

    Parameters
    ----------
    table, closing
        As of `ydsim.studies.border_game.BorderGame`.
    years, first
        First and last year that count; year in which borders close.
    made
        Line at the foot: what was run.
    """
    game = _Game.of(table)
    spread = say("payoffs.bars", n=game.n) if game.n > 1 else say("words.one_replicate")
    text = say("payoffs.explanation", years=span(years), first=first, spread=spread)
    high = page.HEAD + _PANEL + _BETWEEN
    sign: dict[str, Any] = {"marker": "o", "color": MUTED, "markersize": 4.0, "linestyle": "none"}
    with house_style():
        body = _PANEL_KEY + -(-len(game.provinces) // _COLUMNS) * high
        title = _pays(game, closing)
        figure, top = page.new_page(title, text, body, foot=page.foot_height(made))
        entries = [
            (Line2D([], [], markerfacecolor="white", **sign), say("payoffs.open")),
            (Line2D([], [], **sign), say("payoffs.closed")),
        ]
        bars.draw_key(figure, top, entries)
        top += _PANEL_KEY + page.HEAD
        width = (WIDTH - 2 * page.MARGIN - _COLUMNS * _LEFT) / _COLUMNS
        for p, name in enumerate(game.provinces):
            row, column = divmod(p, _COLUMNS)
            left = page.MARGIN + _LEFT + column * (width + _LEFT)
            axes = page.add_panel(figure, left, top + row * high, width, _PANEL)
            _panel(axes, table[table["place"] == name], p, len(game.provinces))
            page.head(axes, "abcdef"[p], shown(name), say("payoffs.unit"))
        page.add_footer(figure, made)
    return figure


def _pays(game: _Game, closing: pd.DataFrame) -> str:
    """Say for whom closing or opening is better whatever the others do, by the means.

    It says so where an interval of what acting so gains holds zero, or there is none.
    """
    actions = dict(zip(game.provinces, dominant(game.payoff), strict=True))
    acting = [name for name, action in actions.items() if action]
    mine = closing[closing["place"].isin(acting)]
    unsure = not ((mine["low"] > 0.0) | (mine["high"] < 0.0)).all()
    shut = [name for name in acting if actions[name] == "closed"]
    opened = [name for name in acting if actions[name] == "open"]
    if shut and opened:
        title = say("payoffs.both", closing=_names(shut), opening=_names(opened))
    elif acting:
        everyone = len(acting) == len(game.provinces)
        names = say("payoffs.everyone") if everyone else _names(acting)
        title = say("payoffs.closing" if shut else "payoffs.opening", names=names)
    else:
        title = say("payoffs.depends")
    return say("payoffs.unsure", title=title) if unsure else title


def _panel(axes: Axes, rows: pd.DataFrame, p: int, n: int) -> None:
    """Draw the cells of one province: filled where it is closed, hollow where it is open."""
    closed = closed_in(n)
    per_cent = 100.0 / float(rows["mean"].iloc[0])
    change = per_cent * rows["estimate"].to_numpy()
    half = np.nan_to_num(per_cent * (rows["high"] - rows["low"]).to_numpy() / 2.0)
    others = closed.sum(axis=1) - closed[:, p]
    style = look(p)
    for shut, fill in ((False, "white"), (True, style.colour)):
        at = np.flatnonzero(closed[:, p] == shut)
        side = 0.12 if shut else -0.12
        mean = [change[at[others[at] == k]].mean() for k in range(n)]
        axes.plot(np.arange(n) + side, mean, color=style.colour, linewidth=0.8, alpha=0.6, zorder=2)
        axes.errorbar(
            others[at] + side, change[at], half[at], fmt=style.marker, color=style.colour,
            markerfacecolor=fill, markersize=4.0, elinewidth=0.7, zorder=3,
        )  # fmt: skip
    axes.axhline(0.0, color=MUTED, linewidth=0.6, zorder=1)
    axes.set_xticks(range(n))
    axes.set_xlabel(say("payoffs.axis"), size=SMALL, labelpad=1.5)
