"""The forest plot of all studies: a panel an outcome, a row a label, a mark with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from ydsim.plots import canvas
from ydsim.plots.style import BODY, RULE, SMALL, Look, look, shown
from ydsim.translation import gettext as _t

if TYPE_CHECKING:
    import pandas as pd

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
    from_zero: bool = True,
) -> canvas.Canvas:
    """Return the figure of a table of estimates.

    Parameters
    ----------
    table
        One row a mark: ``outcome``; ``label`` of its row; ``estimate, low, high``, where NaN is not
        drawn; ``sure``, whether it is filled. And if it has them: ``series``, which has a colour
        and an entry of the key; ``block``, a number of rows that a rule parts from others.
    heads
        Title and unit of each panel by outcome, in their order.
    title, note, foot
        What is drawn, how to read it, and what was run.
    columns
        Most panels side by side.
    from_zero
        Whether axes hold zero, as those of changes.
    """
    table = table.assign(series=table.get("series", ""), block=table.get("block", 0))
    ends = ["estimate", "low", "high"]
    table[ends] = table[ends].mask(table[ends].abs() < _ROUNDING, 0.0)
    table["sure"] &= table["estimate"] != 0.0
    panels = [table[table["outcome"] == name] for name in heads]
    names = {tuple(own["label"].unique()) for own in panels}
    looks = {name: look(at) for at, name in enumerate(table["series"].unique())}
    step = _ROW * max(1.0, 0.55 * len(looks))
    lines = max(len(canvas.wrapped(name, BODY + 0.5, 1.6, "bold")) for name, _ in heads.values())
    ranges = [_range(own, from_zero) for own in panels]
    cut = [
        own["low"].min() < low or own["high"].max() > high
        for own, (low, high) in zip(panels, ranges, strict=True)
    ]
    figure, axes = canvas.new_page(
        title,
        note,
        _t("Bars are cut where they leave the panel.") if any(cut) else "",
        foot=foot,
        panels=len(panels),
        columns=columns,
        height=[step * (_places(own).iloc[-1] + 1.6) + 0.15 * lines + 0.4 for own in panels],
        least=_LEAST,
        key=[(canvas.sign(each), name) for name, each in looks.items() if name],
    )
    wide = canvas.panel_width(axes[0])
    side_by_side = round(figure.inside / wide)
    longest = max(canvas.text_width(shown(name), BODY) for each in names for name in each)
    shared = side_by_side > 1 and len(names) == 1
    side = min(longest + 0.02, _LONGEST, 0.25 * figure.inside if shared else 0.42 * wide)
    room = wide - 0.2 - side / (side_by_side if shared else 1)
    for at, (name, unit) in enumerate(heads.values()):
        panel, named = axes[at], not shared or at % side_by_side == 0
        _draw_rows(panel, panels[at], looks, ranges[at], side if named else 0.0)
        canvas.head(panel, name, unit, letter=chr(97 + at) if len(panels) > 1 else "", room=room)
    return figure


def _places(own: pd.DataFrame) -> pd.Series[float]:
    """Return where the row of each label is, with gaps between blocks."""
    first = own.drop_duplicates("label").set_index("label")["block"]
    return 0.6 * (first.rank(method="dense") - 1.0) + np.arange(len(first))


def _draw_rows(
    axes: Axes,
    own: pd.DataFrame,
    looks: Mapping[str, Look],
    ends: tuple[float, float],
    side: float,
) -> None:
    """Draw one outcome; without room at its side no row is named."""
    places = _places(own)
    several = list(looks) if own["label"].duplicated().any() else [""]
    shift = {name: 0.8 * ((at + 0.5) / len(several) - 0.5) for at, name in enumerate(several)}
    own = own.assign(at=own["label"].map(places) + own["series"].map(shift).fillna(0.0))
    for series, marks in own.groupby("series", sort=False):
        canvas.draw_marks(axes, marks, looks[str(series)], size=4.4)
    canvas.name_rows(axes, places.tolist(), places.index.tolist(), side)
    at = places.to_numpy()
    for gap in np.flatnonzero(np.diff(at) > 1.3):
        axes.axhline((at[gap] + at[gap + 1]) / 2.0, color=RULE, linewidth=0.8).set_gid("rule")
    if ends[0] < 0.0 < ends[1]:
        canvas.mark_zero(axes, upright=True)
    axes.set_xlim(*ends)
    axes.tick_params(axis="x", labelsize=SMALL)
    canvas.number_axis(axes.xaxis, *ends, max(2, int(canvas.panel_width(axes) / 0.8)))


def _range(own: pd.DataFrame, from_zero: bool) -> tuple[float, float]:
    """Return the range: all marks, and intervals; with zero, as far as they do not hide marks."""
    ends = own[["low", "estimate", "high"]]
    if from_zero:
        reach = _REACH * float(ends["estimate"].abs().max()) or math.inf
        ends = ends.clip(-reach, reach).fillna(0.0).assign(zero=0.0)
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    pad = 0.06 * ((high - low) or 1.0)
    return low - pad, high + pad
