"""Groups of actors: what each does alone and its part in what all do together, by outcome."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ydsim.fmt import interval
from ydsim.plots import page
from ydsim.plots.bars import draw_key, room_for
from ydsim.plots.foot import add_line, foot_height
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, INK, MUTED, SMALL, WIDTH, house_style
from ydsim.plots.wording import indicator_in_words
from ydsim.typing import Floats
from ydsim.wording import capital

if TYPE_CHECKING:
    import pandas as pd

_ROW, _GAP, _BELOW, _COLUMNS, _KEY = 0.155, 0.16, 0.22, 2, 0.22
_PART, _TOGETHER, _SUM = "#56b4e9", "#0072b2", "white"
_LONGEST = 1.75
"""Room in inches for the names of groups."""


def draw_interactions(table: pd.DataFrame, made: str) -> Figure:
    """Return the figure of a table.

    Parameters
    ----------
    table
        As of `ydsim.studies.interactions.Interactions.table`.
    made
        Line at the foot: what was run.
    """
    with house_style():
        outcomes = list(dict.fromkeys(table.loc[table["quantity"] == "none", "outcome"]))
        raw = table[table["scale"] == "raw"]
        cells = "run" if (raw["quantity"] == "single").any() and (
            raw.loc[raw["quantity"] == "single", "cells"] == "run"
        ).any() else "pairs"  # fmt: skip
        groups = list(dict.fromkeys(raw.loc[raw["quantity"] == "part", "group"]))
        panels = {name: _Panel(raw[raw["outcome"] == name], cells, groups) for name in outcomes}
        high = (len(groups) + 2) * _ROW + _GAP
        rows = -(-len(outcomes) // _COLUMNS)
        body = _KEY + rows * (page.HEAD + high + _BELOW) + 0.12
        figure, top = page.new_page(_title(panels), _explained(table, groups, cells), body,
                                    foot=foot_height(made))  # fmt: skip
        names = [*groups, say("interactions.sum"), say("interactions.all")]
        side = min(room_for(names), _LONGEST)
        _key(figure, top)
        width = (WIDTH - 2 * page.MARGIN - (_COLUMNS - 1) * 0.15) / _COLUMNS
        for at, (name, panel) in enumerate(panels.items()):
            line, column = divmod(at, _COLUMNS)
            left = page.MARGIN + column * (width + 0.15) + side
            down = top + _KEY + page.HEAD + line * (page.HEAD + high + _BELOW)
            axes = page.add_panel(figure, left, down, width - side, high)
            _draw(axes, panel, [page.fitting(n, side - 0.08, BODY) for n in names])
            title = page.fitting(capital(indicator_in_words(name)), width - 0.2, BODY + 0.5, "bold")
            over = left - side
            page.put(figure, over, down - 0.19, f"{chr(97 + at % 26)}  {title}",
                     size=BODY + 0.5, weight="bold", color=INK, va="bottom")  # fmt: skip
            page.put(figure, over, down - 0.06, panel.said(), size=BODY - 0.5, color=MUTED,
                     va="bottom")  # fmt: skip
        add_line(figure, made)
    return figure


class _Panel:
    """The rows of one outcome, in per cent of it with no group on."""

    def __init__(self, table: pd.DataFrame, cells: str, groups: list[str]) -> None:
        none = float(table.loc[table["quantity"] == "none", "estimate"].iloc[0])
        self.scale = 100.0 / abs(none) if none else 1.0
        self._table = table[table["cells"] == cells]
        self.parts = [self._of("part", name) for name in groups]
        self.single = [self._of("single", name) for name in groups]
        self.alone, self.together = self._of("alone"), self._of("together")
        self.excess, self.s = self._of("excess"), self._of("s") / self.scale

    def _of(self, quantity: str, group: str = "") -> Floats:
        """Return value, low and high."""
        rows = self._table[self._table["quantity"] == quantity]
        rows = rows[rows["group"] == group]
        found = rows[["estimate", "low", "high"]].to_numpy(dtype=np.float64)[0]
        return np.asarray(found * self.scale, dtype=np.float64)

    @property
    def verdict(self) -> int:
        """1 where all do more than the sum, -1 for less, 0 where it is not told."""
        _, low, high = self.excess.tolist()
        if not math.isfinite(low):
            return 0
        return 1 if low > 0.0 else -1 if high < 0.0 else 0

    def said(self) -> str:
        """Return S and the excess, for the head of the panel."""
        excess = interval(*self.excess.tolist(), sign=True)
        if math.isfinite(float(self.s[0])):
            return say("interactions.unit", s=interval(*self.s.tolist(), sign=True), excess=excess)
        return say("interactions.undefined", excess=excess)


def _title(panels: dict[str, _Panel]) -> str:
    if not any(math.isfinite(float(one.excess[1])) for one in panels.values()):
        return say("interactions.untold")
    more, less = (
        ", ".join(indicator_in_words(n) for n, one in panels.items() if one.verdict == way)
        for way in (1, -1)
    )
    if more and less:
        return say("interactions.both", more=more, less=less)
    if more or less:
        return say("interactions.more" if more else "interactions.less", outcomes=more or less)
    return say("interactions.null")


def _explained(table: pd.DataFrame, groups: list[str], cells: str) -> str:
    has = table.loc[table["quantity"] == "together", "low"].notna().any()
    n = int(table["n"].iloc[0])
    return say(
        "interactions.explanation",
        groups=len(groups),
        cells=say("interactions.run" if cells == "run" else "interactions.half"),
        whiskers=say("interactions.interval", n=n) if has else say("interactions.one"),
    )


def _key(figure: Figure, top: float) -> None:
    ring = Line2D([], [], linestyle="none", marker="o", markersize=4.5,
                  markerfacecolor="white", markeredgecolor=INK)  # fmt: skip
    entries = [
        (Patch(facecolor=_PART, edgecolor="none"), say("interactions.key_part")),
        (ring, say("interactions.key_alone")),
        (Patch(facecolor=_SUM, edgecolor=INK), say("interactions.sum")),
        (Patch(facecolor=_TOGETHER, edgecolor="none"), say("interactions.all")),
    ]
    draw_key(figure, top, entries)


def _draw(axes: Axes, panel: _Panel, names: list[str]) -> None:
    n = len(panel.parts)
    y = np.arange(n, dtype=np.float64)
    parts, single = np.array(panel.parts), np.array(panel.single)
    axes.barh(y, parts[:, 0], 0.62, color=_PART, zorder=2)
    _whiskers(axes, y, parts, INK)
    axes.plot(
        single[:, 0], y, linestyle="none", marker="o", markersize=4.0, markerfacecolor="white",
        markeredgecolor=INK, markeredgewidth=0.8, zorder=6,
    )  # fmt: skip
    ends = np.array([n + 0.5, n + 1.5])
    sums = np.array([panel.alone, panel.together])
    axes.barh(
        ends, sums[:, 0], 0.62, color=[_SUM, _TOGETHER], edgecolor=INK, linewidth=0.6, zorder=2
    )
    _whiskers(axes, ends, sums, INK)
    axes.axhline(n - 0.1, color=MUTED, linewidth=0.5)
    axes.axvline(0.0, color=MUTED, linewidth=0.6, zorder=1)
    axes.set_ylim(n + 2.05, -0.55)
    axes.set_yticks([*y.tolist(), *ends.tolist()], names)
    axes.tick_params(axis="x", labelsize=SMALL, pad=1.5)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    shown = np.concatenate([parts.ravel(), single[:, 0], sums.ravel(), [0.0]])
    shown = shown[np.isfinite(shown)]
    reach = float(shown.max() - shown.min())
    reach = reach if reach > 1e-6 else 10.0
    axes.set_xlim(float(shown.min()) - 0.05 * reach, float(shown.max()) + 0.05 * reach)
    axes.locator_params(axis="x", nbins=5)


def _whiskers(
    axes: Axes,
    y: Floats,
    found: Floats,
    colour: str,
) -> None:
    there = np.isfinite(found[:, 1])
    if there.any():
        axes.hlines(
            y[there], found[there, 1], found[there, 2], color=colour, linewidth=0.9, zorder=5
        )
