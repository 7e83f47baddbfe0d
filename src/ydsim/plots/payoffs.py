"""Payoffs of opening and closing: a panel for each province."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.fmt import listed
from ydsim.measures.game import Action, closed_in, dominant, gains
from ydsim.plots import bars, page
from ydsim.plots.counts import span
from ydsim.plots.messages import say
from ydsim.plots.style import MUTED, SMALL, WIDTH, house_style, look, shown
from ydsim.results.game import PlayedGame
from ydsim.results.interval import interval
from ydsim.typing import Floats

_HIGH, _BETWEEN, _COLUMNS, _SIDE, _KEY = 1.5, 0.45, 2, 0.42, 0.24


def draw_payoffs(played: PlayedGame) -> Figure:
    """Return the payoff of each province, relative to all open, by the number of closed others."""
    provinces, payoff = played.provinces, played.payoff
    with house_style():
        n = len(provinces)
        rows = -(-n // _COLUMNS)
        body = _KEY + rows * (page.HEAD + _HIGH + _BETWEEN)
        figure, top = page.new_page(title_of(provinces, payoff), _explanation(played), body)
        bars.draw_key(figure, top, _entries())
        top += _KEY
        width = (WIDTH - 2 * page.MARGIN - _COLUMNS * _SIDE) / _COLUMNS
        for p, name in enumerate(provinces):
            row, column = divmod(p, _COLUMNS)
            left = page.MARGIN + _SIDE + column * (width + _SIDE)
            down = top + page.HEAD + row * (page.HEAD + _HIGH + _BETWEEN)
            axes = page.add_panel(figure, left, down, width, _HIGH)
            _panel(axes, payoff, p)
            page.head(axes, "abcdef"[p], shown(name), say("payoffs.unit"))
        page.add_footer(figure, played)
    return figure


def _explanation(played: PlayedGame) -> str:
    n = len(played.payoff)
    spread = say("payoffs.bars", n=n) if n > 1 else say("words.one_replicate")
    years = span(played.years)
    return say("payoffs.explanation", years=years, first=played.years[0], spread=spread)


def _entries() -> list[tuple[Artist, str]]:
    """Return the entries of the key."""
    sign: dict[str, Any] = {"marker": "o", "color": MUTED, "markersize": 4.0, "linestyle": "none"}
    return [
        (Line2D([], [], markerfacecolor="white", **sign), say("payoffs.open")),
        (Line2D([], [], **sign), say("payoffs.closed")),
    ]


def title_of(provinces: Sequence[str], payoff: Floats) -> str:
    """Say for whom closing or opening is better whatever the others do, by the means.

    With several replicates it says so where an interval of what acting so gains holds zero.
    """
    found = dominant(payoff.mean(axis=0))
    gain = np.array([gains(one) for one in payoff])
    closed = closed_in(len(provinces))
    ends = [
        interval(gain[:, cell, p])
        for p, action in enumerate(found)
        for cell in np.flatnonzero(~closed[:, p]).tolist()
        if action is not None
    ]
    unsure = any(
        low is not None and high is not None and low <= 0.0 <= high for _, _, low, high in ends
    )
    title = _told(provinces, found)
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


def _panel(axes: Axes, payoff: Floats, p: int) -> None:
    """Draw the cells of one province: filled where it is closed, hollow where it is open."""
    replicates, _, n = payoff.shape
    closed = closed_in(n)
    plain = payoff[:, 0, p]
    change = 100.0 * (payoff[:, :, p] - plain[:, None]) / plain.mean()
    others = closed.sum(axis=1) - closed[:, p]
    style = look(p)
    half = np.zeros(len(closed))
    if replicates > 1:
        from scipy.stats import t

        error = change.std(axis=0, ddof=1) / np.sqrt(replicates)
        half = float(t.ppf(0.975, replicates - 1)) * error
    for shut, fill in ((False, "white"), (True, style.colour)):
        at = np.flatnonzero(closed[:, p] == shut)
        side = 0.12 if shut else -0.12
        number = np.arange(n)
        mean = [change[:, at[others[at] == k]].mean() for k in number]
        axes.plot(number + side, mean, color=style.colour, linewidth=0.8, alpha=0.6, zorder=2)
        axes.errorbar(
            others[at] + side, change[:, at].mean(axis=0), half[at], fmt=style.marker,
            color=style.colour, markerfacecolor=fill, markersize=4.0, elinewidth=0.7,
            zorder=3,
        )  # fmt: skip
    axes.axhline(0.0, color=MUTED, linewidth=0.6, zorder=1)
    axes.set_xticks(range(n))
    axes.set_xlabel(say("payoffs.axis"), size=SMALL, labelpad=1.5)
