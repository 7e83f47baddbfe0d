"""Payoffs of opening and closing: a panel for each province."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ydsim.measures.game import closed_in, dominant
from ydsim.plots import page
from ydsim.plots.messages import say
from ydsim.plots.style import FAINT, MUTED, SMALL, WIDTH, house_style, look, shown
from ydsim.plots.wording import listed
from ydsim.typing import Floats

_HIGH, _BETWEEN, _COLUMNS, _SIDE = 1.5, 0.45, 2, 0.42


def draw_payoffs(provinces: Sequence[str], payoff: Floats, explanation: str, footer: str) -> Figure:
    """Return the payoff of each province, relative to all open, by the number of closed others.

    Parameters
    ----------
    payoff
        (replicates, cells, provinces).
    explanation, footer
        Text under the title and at the bottom.
    """
    with house_style():
        n = len(provinces)
        rows = -(-n // _COLUMNS)
        body = rows * (page.HEAD + _HIGH + _BETWEEN)
        figure, top = page.new_page(title_of(provinces, payoff), explanation, body)
        width = (WIDTH - 2 * page.MARGIN - _COLUMNS * _SIDE) / _COLUMNS
        for p, name in enumerate(provinces):
            row, column = divmod(p, _COLUMNS)
            left = page.MARGIN + _SIDE + column * (width + _SIDE)
            down = top + page.HEAD + row * (page.HEAD + _HIGH + _BETWEEN)
            axes = page.add_panel(figure, left, down, width, _HIGH)
            _panel(axes, payoff, p, key=p == 0)
            page.head(axes, "abcdef"[p], shown(name), say("payoffs.unit"))
        page.put(
            figure, page.MARGIN, figure.get_figheight() - 0.09, shown(footer, 200), size=SMALL,
            color=FAINT, va="bottom",
        )  # fmt: skip
    return figure


def title_of(provinces: Sequence[str], payoff: Floats) -> str:
    """Say for whom closing or opening is better whatever the others do, by the means."""
    found = dominant(payoff.mean(axis=0))
    closing = [name for name, action in zip(provinces, found, strict=True) if action == "closed"]
    opening = [name for name, action in zip(provinces, found, strict=True) if action == "open"]
    if not closing and not opening:
        return say("payoffs.depends")
    if not opening or not closing:
        key = "payoffs.closing" if closing else "payoffs.opening"
        everyone = len(closing or opening) == len(provinces)
        names = say("payoffs.everyone") if everyone else listed(closing or opening, 14)
        return say(key, names=names)
    return say("payoffs.both", closing=listed(closing, 14), opening=listed(opening, 14))


def _panel(axes, payoff: Floats, p: int, *, key: bool) -> None:  # type: ignore[no-untyped-def]
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
    for shut, name, fill in (
        (False, "payoffs.open", "white"),
        (True, "payoffs.closed", style.colour),
    ):
        at = np.flatnonzero(closed[:, p] == shut)
        side = 0.12 if shut else -0.12
        number = np.arange(n)
        mean = [change[:, at[others[at] == k]].mean() for k in number]
        axes.plot(number + side, mean, color=style.colour, linewidth=0.8, alpha=0.6, zorder=2)
        axes.errorbar(
            others[at] + side, change[:, at].mean(axis=0), half[at], fmt=style.marker,
            color=style.colour, markerfacecolor=fill, markersize=4.0, elinewidth=0.7,
            label=say(name), zorder=3,
        )  # fmt: skip
    axes.axhline(0.0, color=MUTED, linewidth=0.6, zorder=1)
    axes.set_xticks(range(n))
    axes.set_xlabel(say("payoffs.axis"), size=SMALL, labelpad=1.5)
    if key:
        axes.legend(fontsize=SMALL, loc="best", borderpad=0.0)
