"""Lines over time: mean and band, official points, names at the ends of lines, axes of years."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ydsim.fmt import MOST_DECIMALS, fixed
from ydsim.plots.ensemble import Band
from ydsim.plots.messages import say
from ydsim.plots.page import fitting, text_width
from ydsim.plots.style import BODY, MUTED, SMALL, Look, shown
from ydsim.typing import Floats, Ints

LABEL_ROOM = 0.78
"""Room in inches that the names at the ends of lines need."""

EDGE = 0.015
"""Share of the span of years that is left free at both sides."""


def draw_band(axes: Axes, times: Floats | Ints, values: Band, look: Look, name: str) -> Line2D:
    """Draw the mean as a line and the interval as a band; a single time becomes a dot."""
    if values.has_spread:
        axes.fill_between(
            times, values.low, values.high, color=look.colour, alpha=0.2, linewidth=0, zorder=2
        )
        if np.isfinite(values.mean).sum() == 1:
            axes.vlines(times, values.low, values.high, color=look.colour, linewidth=1.0)
    single = np.isfinite(values.mean).sum() == 1
    (line,) = axes.plot(
        times,
        values.mean,
        color=look.colour,
        linestyle=look.dash,
        linewidth=1.5,
        marker="_" if single else "",
        markersize=9.0,
        markeredgewidth=1.5,
        label=shown(name),
        zorder=3,
    )
    return line


def draw_official(axes: Axes, years: Ints, values: Floats, look: Look) -> None:
    """Draw official figures as hollow points; none when there are none."""
    known = np.isfinite(values)
    if known.any():
        (points,) = axes.plot(
            years[known],
            values[known],
            linestyle="none",
            marker=look.marker,
            markersize=3.6,
            markerfacecolor="white",
            markeredgecolor=look.colour,
            markeredgewidth=0.8,
            zorder=4,
        )
        points.set_gid("official")


def mark_end_of_official(axes: Axes, year: int | None, last: int) -> None:
    """Draw a hairline where official data end, unless the run ends there."""
    if year is None or year >= last:
        return
    line = axes.axvline(year, color=MUTED, linewidth=0.5, zorder=1)
    line.set_gid("hairline")
    axes.annotate(
        say("lines.official_end"),
        (year, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(-3.0, -2.0),
        textcoords="offset points",
        size=SMALL,
        color=MUTED,
        ha="right",
        va="top",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )


def name_ends(
    axes: Axes,
    ends: Sequence[tuple[str, float, Look]],
    height: float,
    *,
    room: float = LABEL_ROOM,
) -> None:
    """Write names right of the ends of lines, moved apart so that none covers another.

    Parameters
    ----------
    ends
        Name, last value and look of each line; lines without a last value get no name.
    height
        Height of the panel in inches.
    room
        Inches right of the panel.
    """
    known = [end for end in ends if np.isfinite(end[1])]
    low, high = axes.get_ylim()
    gap = (BODY + 1.5) / 72.0 / height
    wished = np.array([(value - low) / (high - low) for _, value, _ in known])
    places = spread(wished, gap)
    for (name, _, look), place in zip(known, places.tolist(), strict=True):
        axes.annotate(
            fitting(name, room - 0.06, BODY, "bold"),
            (1.0, place),
            xycoords="axes fraction",
            xytext=(4.0, 0.0),
            textcoords="offset points",
            color=look.ink,
            va="center_baseline",
            weight="bold",
        ).set_gid("end")


def spread(wished: Floats, gap: float) -> Floats:
    """Return places near ``wished``, in the same order, at least ``gap`` apart, from 0 to 1.

    Neighbours that are too close form a block around the mean of their wishes. If not all fit,
    they reach below 0.
    """
    order = np.argsort(wished, kind="stable")
    blocks: list[tuple[float, int]] = []
    for wish in wished[order].tolist():
        blocks.append((wish, 1))
        while len(blocks) > 1:
            (below, n), (above, m) = blocks[-2:]
            if above - below >= gap * (n + m) / 2.0:
                break
            blocks[-2:] = [((below * n + above * m) / (n + m), n + m)]
    places = np.empty(len(wished))
    flat = [centre + gap * (i - (n - 1) / 2.0) for centre, n in blocks for i in range(n)]
    steps = gap * np.arange(len(flat))
    places[order] = np.minimum(np.maximum(flat, steps), 1.0 - steps[::-1])
    return places


def limits_of_years(first: int, last: int) -> tuple[float, float]:
    """Return the ends of an axis of years."""
    if first == last:
        return first - 0.5, last + 0.5
    return first - EDGE * (last - first), last + EDGE * (last - first)


def set_years(axes: Axes, first: int, last: int, labels: int = 6) -> None:
    """Let the axis run over whole years, with a label for a few of them."""
    axes.set_xlim(*limits_of_years(first, last))
    if first == last:
        axes.set_xticks([first])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=labels, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))


def keep_inside(axis: Axis, width: float) -> None:
    """Fix the ticks of a horizontal axis; labels that would leave the panel end at its edge.

    Parameters
    ----------
    width
        Of the panel in inches.
    """
    low, high = axis.get_view_interval()
    ticks = [tick for tick in axis.get_majorticklocs().tolist() if low <= tick <= high]
    axis.set_ticks(ticks)
    for tick, label in zip(ticks, axis.get_ticklabels(), strict=True):
        half = text_width(label.get_text(), label.get_fontsize()) / 2.0
        at = (tick - low) / (high - low) * width
        label.set_horizontalalignment(
            "left" if at < half else "right" if at > width - half else "center"
        )


def mark_zero(axes: Axes) -> None:
    """Draw the line of zero."""
    axes.axhline(0.0, color=MUTED, linewidth=0.6, zorder=1.5).set_gid("zero")


def set_amounts(axes: Axes, *values: Floats, from_zero: bool = True) -> None:
    """Let the axis hold all finite ``values``, from zero on where they are amounts."""
    finite = np.concatenate([np.empty(0), *(np.ravel(each) for each in values)])
    finite = finite[np.isfinite(finite)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    if from_zero:
        low = min(low, 0.0)
    if high <= low:
        low, high = (low, low + 1.0) if from_zero else (low - 0.5, low + 0.5)
    room = 0.1 * (high - low)
    axes.set_ylim(low if from_zero and low == 0.0 else low - room, high + room)
    number_axis(axes.yaxis, *axes.get_ylim())


def number_axis(axis: Axis, low: float, high: float, bins: int = 6) -> None:
    """Put round numbers on an axis from ``low`` to ``high``, all with as many digits."""
    locator = MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10])
    ticks = locator.tick_values(low, high)
    decimals = decimals_of_steps(float(ticks[1] - ticks[0]))

    def label(value: float, _: object) -> str:
        text = fixed(value, decimals)
        return text if text.strip("0.") else "0"

    axis.set_major_locator(locator)
    axis.set_major_formatter(FuncFormatter(label))


def decimals_of_steps(step: float) -> int:
    """Return how many decimals multiples of ``step`` need."""
    for decimals in range(MOST_DECIMALS):
        scaled = step * 10.0**decimals
        if round(scaled) and abs(scaled - round(scaled)) < 1e-6 * scaled:
            return decimals
    return MOST_DECIMALS
