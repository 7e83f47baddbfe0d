"""Payoffs of opening and closing: a panel for each province."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.fmt import listed
from ydsim.measures.game import Action, closed_in, dominant
from ydsim.plots import bars, page
from ydsim.plots.counts import span
from ydsim.plots.messages import say
from ydsim.plots.style import MUTED, SMALL, WIDTH, house_style, look, shown

if TYPE_CHECKING:
    import pandas as pd

_HIGH, _BETWEEN, _COLUMNS, _SIDE, _KEY = 1.5, 0.45, 2, 0.42, 0.24


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
    provinces = list(dict.fromkeys(closing["place"]))
    with house_style():
        rows = -(-len(provinces) // _COLUMNS)
        body = _KEY + rows * (page.HEAD + _HIGH + _BETWEEN)
        text = _explanation(int(table["n"].iloc[0]), years, first)
        title = title_of(table, closing)
        figure, top = page.new_page(title, text, body, foot=page.foot_height(made))
        bars.draw_key(figure, top, _entries())
        top += _KEY
        width = (WIDTH - 2 * page.MARGIN - _COLUMNS * _SIDE) / _COLUMNS
        for p, name in enumerate(provinces):
            row, column = divmod(p, _COLUMNS)
            left = page.MARGIN + _SIDE + column * (width + _SIDE)
            down = top + page.HEAD + row * (page.HEAD + _HIGH + _BETWEEN)
            axes = page.add_panel(figure, left, down, width, _HIGH)
            _panel(axes, table[table["place"] == name], p, len(provinces))
            page.head(axes, "abcdef"[p], shown(name), say("payoffs.unit"))
        page.add_footer(figure, made)
    return figure


def _explanation(n: int, years: tuple[int, int], first: int) -> str:
    spread = say("payoffs.bars", n=n) if n > 1 else say("words.one_replicate")
    return say("payoffs.explanation", years=span(years), first=first, spread=spread)


def _entries() -> list[tuple[Artist, str]]:
    """Return the entries of the key."""
    sign: dict[str, Any] = {"marker": "o", "color": MUTED, "markersize": 4.0, "linestyle": "none"}
    return [
        (Line2D([], [], markerfacecolor="white", **sign), say("payoffs.open")),
        (Line2D([], [], **sign), say("payoffs.closed")),
    ]


def title_of(table: pd.DataFrame, closing: pd.DataFrame) -> str:
    """Say for whom closing or opening is better whatever the others do, by the means.

    With several replicates it says so where an interval of what acting so gains holds zero.
    """
    provinces = list(dict.fromkeys(closing["place"]))
    mean = table["mean"].to_numpy().reshape(-1, len(provinces) + 1)[:, :-1]
    found = dominant(mean)
    acting = [name for name, action in zip(provinces, found, strict=True) if action is not None]
    mine = closing[closing["place"].isin(acting)]
    title = _told(provinces, found)
    unsure = ((mine["low"] <= 0.0) & (mine["high"] >= 0.0)).any()
    return say("payoffs.unsure", title=title) if unsure else title


def _told(provinces: Sequence[str], found: Sequence[Action | None]) -> str:
    closing = [name for name, action in zip(provinces, found, strict=True) if action == "closed"]
    opening = [name for name, action in zip(provinces, found, strict=True) if action == "open"]
    if not closing and not opening:
        return say("payoffs.depends")
    if not opening or not closing:
        key = "payoffs.closing" if closing else "payoffs.opening"
        everyone = len(closing or opening) == len(provinces)
        names = say("payoffs.everyone") if everyone else _listed(closing or opening)
        return say(key, names=names)
    return say("payoffs.both", closing=_listed(closing), opening=_listed(opening))


def _listed(names: Sequence[str]) -> str:
    return listed(shown(name, 14) for name in names)


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
        number = np.arange(n)
        mean = [change[at[others[at] == k]].mean() for k in number]
        axes.plot(number + side, mean, color=style.colour, linewidth=0.8, alpha=0.6, zorder=2)
        axes.errorbar(
            others[at] + side, change[at], half[at], fmt=style.marker,
            color=style.colour, markerfacecolor=fill, markersize=4.0, elinewidth=0.7,
            zorder=3,
        )  # fmt: skip
    axes.axhline(0.0, color=MUTED, linewidth=0.6, zorder=1)
    axes.set_xticks(range(n))
    axes.set_xlabel(say("payoffs.axis"), size=SMALL, labelpad=1.5)
