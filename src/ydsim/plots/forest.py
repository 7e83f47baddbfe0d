"""The forest plot of all studies: a panel an outcome, a row a label, a mark with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from ydsim.plots import canvas
from ydsim.plots.style import BODY, INK, MUTED, RULE, SMALL, Look, look, shown
from ydsim.translation import gettext as _t

if TYPE_CHECKING:
    import pandas as pd

_USUAL: dict[str, Any] = {"series": "", "block": 0, "beside": ""}
_ROW, _LONGEST, _LEAST = 0.175, 2.3, 2.2
"""Inches: the height of a row, the widest name of a row, the least width of a panel."""

_ROUNDING = 1e-12
"""What is closer to zero is an error of rounding, drawn as zero and never as sure."""

_REACH = 4.0
"""Times the largest estimate that an axis reaches at most, whatever the intervals."""


@canvas.finished
def draw_forest(
    table: pd.DataFrame,
    heads: Mapping[str, tuple[str, str]],
    *,
    title: str,
    note: str,
    foot: str,
    columns: int = 3,
) -> canvas.Canvas:
    """Return the figure of a table of estimates.

    Parameters
    ----------
    table
        One row a mark: ``outcome``; ``label`` of its row; ``estimate, low, high``, where NaN is not
        drawn; ``sure``, whether it is filled. And if it has them: ``series``, which has a colour
        and an entry of the key; ``block``, a number of rows that a rule parts from others;
        ``beside``, a text at the right.
    heads
        Title and unit of each panel by outcome, in their order.
    title, note, foot
        What is drawn, how to read it, and what was run.
    columns
        Most panels side by side.
    """
    table = table.assign(**{name: usual for name, usual in _USUAL.items() if name not in table})
    ends = ["estimate", "low", "high"]
    table[ends] = table[ends].mask(table[ends].abs() < _ROUNDING, 0.0)
    table["sure"] &= table["estimate"] != 0.0
    panels = [table[table["outcome"] == name] for name in heads]
    names = {tuple(own["label"].unique()) for own in panels}
    looks = {name: look(at) for at, name in enumerate(table["series"].unique())}
    step = _ROW * max(1.0, 0.55 * len(looks))
    lines = max(len(canvas.wrapped(name, BODY + 0.5, 1.6, "bold")) for name, _ in heads.values())
    figure, axes = canvas.new_page(
        title,
        note,
        _t("Bars are cut where they leave the panel.") if any(map(_is_cut, panels)) else "",
        foot=foot,
        panels=len(panels),
        columns=columns,
        height=[step * (_places(own).iloc[-1] + 1.6) + 0.15 * lines + 0.4 for own in panels],
        least=_LEAST,
        key=[
            (
                Line2D([], [], linestyle="", marker=each.marker, markersize=4.5, color=each.colour),
                name,
            )
            for name, each in looks.items()
            if name
        ],
    )
    wide = canvas.panel_width(axes[0])
    side_by_side = round(figure.inside / wide)
    longest = max(canvas.text_width(shown(name), BODY) for each in names for name in each)
    shared = side_by_side > 1 and len(names) == 1
    side = min(longest + 0.02, _LONGEST, 0.25 * figure.inside if shared else 0.42 * wide)
    room = wide - 0.2 - side / (side_by_side if shared else 1)
    for at, (own, (name, unit), panel) in enumerate(zip(panels, heads.values(), axes, strict=True)):
        draw_rows(panel, own, looks, 0.0 if shared and at % side_by_side else side, 0.25 * wide)
        canvas.head(panel, name, unit, letter=chr(97 + at) if len(panels) > 1 else "", room=room)
    return figure


def _places(own: pd.DataFrame) -> pd.Series[float]:
    """Return where the row of each label is, with gaps between blocks."""
    first = own.drop_duplicates("label").set_index("label")["block"]
    return 0.6 * (first.rank(method="dense") - 1.0) + np.arange(len(first))


def draw_rows(
    axes: Axes, own: pd.DataFrame, looks: Mapping[str, Look], side: float, beside: float
) -> None:
    """Draw one outcome; without room at its side no row is named."""
    places, low, high = _places(own), *_range(own)
    several = list(looks) if own["label"].duplicated().any() else [""]
    shift = {name: 0.8 * ((at + 0.5) / len(several) - 0.5) for at, name in enumerate(several)}
    own = own.assign(y=own["label"].map(places) + own["series"].map(shift).fillna(0.0))
    for (series, sure), marks in own.groupby(["series", "sure"], sort=False):
        style = looks[str(series)]
        below, above = marks["estimate"] - marks["low"], marks["high"] - marks["estimate"]
        axes.errorbar(
            marks["estimate"],
            marks["y"],
            xerr=[below.clip(lower=0.0), above.clip(lower=0.0)],
            fmt=style.marker,
            color=style.colour,
            markerfacecolor=style.colour if sure else "white",
            markersize=4.4,
            markeredgewidth=0.9,
            elinewidth=0.9,
            capsize=1.8,
        )
    said = own.loc[own["beside"] != "", ["beside", "y", "sure"]]
    for text, y, sure in said.to_numpy().tolist():
        canvas.beside(axes, y, canvas.fitting(text, beside), color=INK if sure else MUTED)
    canvas.name_rows(axes, places.tolist(), places.index.tolist(), side)
    at = places.to_numpy()
    for gap in np.flatnonzero(np.diff(at) > 1.3):
        axes.axhline((at[gap] + at[gap + 1]) / 2.0, color=RULE, linewidth=0.8).set_gid("rule")
    canvas.mark_zero(axes, upright=True)
    axes.set_xlim(low, high)
    axes.tick_params(axis="x", labelsize=SMALL)
    canvas.number_axis(axes.xaxis, low, high, max(2, int(canvas.panel_width(axes) / 0.8)))


def _range(own: pd.DataFrame) -> tuple[float, float]:
    """Return the range: zero, all marks, and intervals as far as they do not hide the marks."""
    ends = own[["low", "estimate", "high"]].fillna(0.0)
    reach = _REACH * float(ends["estimate"].abs().max()) or math.inf
    within = ends.clip(-reach, reach).to_numpy()
    low, high = min(0.0, float(within.min())), max(0.0, float(within.max()))
    pad = 0.06 * ((high - low) or 1.0)
    return low - pad, high + pad


def _is_cut(own: pd.DataFrame) -> bool:
    """Tell whether an interval leaves its panel."""
    low, high = _range(own)
    return bool((own["low"] < low).any() or (own["high"] > high).any())
