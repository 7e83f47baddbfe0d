"""The forest plot of all studies: a panel an outcome, a row a label, a mark with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.plots import page
from ydsim.plots.bars import draw_key, key_height
from ydsim.plots.lines import number_axis
from ydsim.plots.style import BODY, INK, MUTED, RULE, SMALL, WIDTH, house_style, look

if TYPE_CHECKING:
    import pandas as pd

_USUAL: dict[str, Any] = {"series": "", "block": 0, "beside": ""}
_ROW, _LEAST, _LONGEST, _BETWEEN, _TEXT = 0.165, 0.5, 2.3, 0.16, 0.08
CUT = "Bars are cut where they leave the panel."


def draw_forest(
    table: pd.DataFrame,
    heads: Mapping[str, tuple[str, str]],
    *,
    title: str,
    explanation: str,
    foot: str,
    columns: int = 3,
) -> Figure:
    """Return the figure of a table.

    Parameters
    ----------
    table
        One row a mark: ``outcome``; ``label`` of its row; ``estimate, low, high``, where NaN is not
        drawn; ``sure``, whether it is filled. And if it has them: ``series``, which has a colour
        and an entry of the key; ``block``, a number of rows that a rule parts from others;
        ``beside``, a text at the right.
    heads
        Title and unit of each panel by outcome, in their order.
    title, explanation, foot
        The finding, how to read the figure, and what was run.
    columns
        Most panels side by side.
    """
    table = table.assign(**{name: usual for name, usual in _USUAL.items() if name not in table})
    panels = {name: table[table["outcome"] == name] for name in heads}
    labels = {name: list(dict.fromkeys(own["label"])) for name, own in panels.items()}
    looks = {name: look(at) for at, name in enumerate(dict.fromkeys(table["series"]))}
    columns = min(columns, len(panels))
    # panels side by side with the same rows share their names
    shared = columns > 1 and len({tuple(each) for each in labels.values()}) == 1
    with house_style():
        side = min(page.room_for([name for each in labels.values() for name in each]), _LONGEST)
        after = max((page.text_width(text, BODY) for text in table["beside"]), default=0.0) + _TEXT
        room = WIDTH - 2 * page.MARGIN - side * (1 if shared else columns)
        width = (room - columns * after - (columns - 1) * _BETWEEN) / columns
        titles, more = page.heads([name for name, _ in heads.values()], width + after)
        step = _ROW * max(1.0, 0.55 * len(looks))
        heights = [max(_LEAST, step * (_rows_of(own)[1] + 0.6)) for own in panels.values()]
        lines = [max(heights[at : at + columns]) for at in range(0, len(heights), columns)]
        key = [name for name in looks if name]
        above = key_height(key) + 0.06 if key else 0.0
        band = page.HEAD + more + page.TICKS + 0.04
        if any(_cut(own) for own in panels.values()):
            explanation = page.sentences(explanation, CUT)
        body = above + sum(lines) + band * len(lines)
        figure, top = page.new_page(title, explanation, body, foot=page.foot_height(foot))
        if key:
            draw_key(figure, top, [(_mark(looks[name]), name) for name in key])
        for at, (name, own) in enumerate(panels.items()):
            line, column = divmod(at, columns)
            left = page.MARGIN + side + column * (width + after + _BETWEEN)
            left += 0.0 if shared else column * side
            down = top + above + sum(lines[:line]) + band * line + page.HEAD + more
            axes = page.add_panel(figure, left, down, width, heights[at])
            named = not shared or column == 0
            _draw(axes, own, looks, side if named else 0.0)
            page.head(axes, chr(97 + at % 26), titles[at], heads[name][1])
        page.add_footer(figure, foot)
    return figure


def _mark(style: Any) -> Line2D:
    return Line2D([], [], linestyle="none", marker=style.marker, markersize=4.5, color=style.colour)


def _rows_of(own: pd.DataFrame) -> tuple[dict[str, float], float]:
    """Return where the row of each label is, and how many rows there are with the gaps."""
    first = own.drop_duplicates("label")
    places = np.arange(len(first)) + 0.6 * first["block"].rank(method="dense").sub(1).to_numpy()
    return dict(zip(first["label"], places.tolist(), strict=True)), float(places[-1]) + 1.0


def _draw(axes: Axes, own: pd.DataFrame, looks: Mapping[str, Any], side: float) -> None:
    """Draw one outcome; without room at its side no row is named."""
    places, rows = _rows_of(own)
    names = list(looks) if own["label"].duplicated().any() else [""]
    marks: list[Any] = own.to_dict("records")
    for mark in marks:
        style = looks[mark["series"]]
        number = names.index(mark["series"]) if len(names) > 1 else 0
        y = places[mark["label"]] + (number - (len(names) - 1) / 2.0) * 0.8 / len(names)
        if np.isfinite(mark["low"]):
            width = 1.3 if mark["sure"] else 0.9
            axes.hlines(y, mark["low"], mark["high"], color=style.colour, linewidth=width, zorder=2)
        axes.plot(
            [mark["estimate"]], [y], marker=style.marker, markersize=4.4, color=style.colour,
            markerfacecolor=style.colour if mark["sure"] else "white", markeredgewidth=0.9,
            zorder=3,
        )  # fmt: skip
        if mark["beside"]:
            axes.annotate(
                mark["beside"], (1.0, y), xytext=(4.0, 0.0), va="center", size=BODY,
                xycoords=("axes fraction", "data"), textcoords="offset points",
                color=INK if mark["sure"] else MUTED,
            )  # fmt: skip
    at = np.array(list(places.values()))
    for gap in np.flatnonzero(np.diff(at) > 1.0):
        axes.axhline((at[gap] + at[gap + 1]) / 2.0, color=RULE, linewidth=0.8, zorder=1)
    axes.axvline(0.0, color=MUTED, linewidth=0.7, zorder=1)
    low, high = _range(own)
    axes.set_xlim(low, high)
    axes.set_ylim(rows - 0.2, -0.8)
    axes.set_yticks(at, [page.fitting(name, side - _TEXT, BODY) if side else "" for name in places])
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="x", labelsize=SMALL, pad=1.5)
    number_axis(axes.xaxis, low, high, 4)
    axes.set_xticks([tick for tick in axes.get_xticks() if low <= tick <= high])


def _range(own: pd.DataFrame) -> tuple[float, float]:
    """Return the range: zero, all marks, and intervals as far as they do not hide the marks."""
    ends = own[["low", "estimate", "high"]].fillna(0.0)
    reach = 4.0 * float(ends["estimate"].abs().max()) or math.inf
    within = ends.clip(-reach, reach).to_numpy()
    low, high = min(0.0, float(within.min())), max(0.0, float(within.max()))
    pad = 0.06 * ((high - low) or 1.0)
    return low - pad, high + pad


def _cut(own: pd.DataFrame) -> bool:
    """Return whether an interval leaves its panel."""
    low, high = _range(own)
    return bool((own["low"] < low).any() or (own["high"] > high).any())
