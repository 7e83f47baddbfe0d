"""How generations of technology spread: adopters in per cent of the firms that can use them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ydsim.plots import bars, lines, overview, page
from ydsim.plots.adoption_finding import explain, finding
from ydsim.plots.curves import HALF, Curves, read_curves
from ydsim.plots.messages import say
from ydsim.plots.scenarios import MOST_BANDS, Together, scenario_look, together
from ydsim.plots.style import INK, MUTED, OUTSIDE, SMALL, WIDTH, Look, look
from ydsim.results.results import Results
from ydsim.typing import Floats

ORIGIN = Look(OUTSIDE, "s", (0, (4, 1.5)))
"""How generations founded outside the region are drawn."""

_KEY, _AXIS = 0.2, 0.16
_ROOM = {False: 1.1, True: 1.4}
"""Room for the names of lines in inches, by whether they are scenarios."""


_EARLY = 0.5
"""Share of the axis before which a curve that reaches half leaves no room above the line."""


def draw_adoption(*results: Results) -> Figure:
    """Return adoption curves of one scenario, or of several on one axis.

    Of one scenario the large panel shows the medians of the provinces, of several those of the
    region; a small panel for each province shows its quartiles.

    Parameters
    ----------
    results
        Of one run each.

    Raises
    ------
    UsageError
        When the provinces of the results differ.
    NothingToDrawError
        When adoption curves were not recorded, or there are fewer than two years.
    """
    drawn = together(results, say("adoption.name"))
    curves = [read_curves(each, drawn.years) for each in drawn.results]
    small = drawn.provinces if len(drawn.provinces) > 1 else ()
    figure = overview.lay_out(
        finding(drawn, curves),
        explain(drawn, curves),
        say("adoption.unit"),
        small,
        [] if drawn.several else [look(p).ink for p in range(len(small))],
        key=_KEY,
        right=_ROOM[drawn.several],
        below=page.TICKS + _AXIS,
        foot=page.foot_height(*results),
    )
    ceiling = np.concatenate([[HALF], *_held(drawn, curves)])
    ends = _draw_large(figure.large, drawn, curves)
    for axes in (figure.large, *figure.small):
        lines.set_amounts(axes, np.minimum(ceiling * 1.05, 100.0 / 1.1))
        _set_ages(axes, curves[0], labels=10 if axes is figure.large else 5)
        half = axes.axhline(HALF, color=MUTED, linewidth=0.6, zorder=1.6)
        half.set_gid("half")
    lines.name_ends(figure.large, ends, overview.LARGE, room=_ROOM[drawn.several])
    _say_half(figure.large, say("adoption.half"))
    figure.large.set_xlabel(say("adoption.age"), labelpad=2.0)
    _draw_small(figure, drawn, curves)
    panels = (figure.large, *figure.small)
    halves = any(line.get_gid() == "t50" for axes in panels for line in axes.lines)
    bars.draw_key(figure.figure, figure.key, _key(drawn, halves))
    page.add_footer(figure.figure, results)
    return figure.figure


def draw_curve(
    axes: Axes, curves: Curves, place: int, each: Look, *, band: bool, name: str = ""
) -> None:
    """Draw the median of the generations founded in the region, with their quartiles and t50."""
    low, median, high = curves.quartiles(True, place)
    if band:
        axes.fill_between(curves.ages, low, high, color=each.colour, alpha=0.2, linewidth=0)
    dash, width = each.dash, 1.8
    (line,) = axes.plot(
        curves.ages, median, color=each.colour, linestyle=dash, linewidth=width, zorder=4
    )
    line.set(label=name, gid="median")
    half = curves.half_time(True, place)
    if np.isfinite(half):
        axes.plot(
            [half],
            [HALF],
            marker=each.marker,
            markersize=5.0,
            color=each.colour,
            markeredgecolor="white",
            linestyle="none",
            zorder=6,
        )[0].set_gid("t50")


def _draw_large(
    axes: Axes, drawn: Together, curves: Sequence[Curves]
) -> list[tuple[str, float, Look]]:
    """Draw the large panel; return the names, last values and looks of its lines."""
    ends = []
    whole = len(drawn.provinces)
    if drawn.several:
        band = len(curves) <= MOST_BANDS
        for number, (name, each) in enumerate(zip(drawn.names, curves, strict=True)):
            draw_curve(axes, each, whole, scenario_look(number), band=band, name=name)
            ends.append((name, _last(each, whole), scenario_look(number)))
        return ends
    (only,) = curves
    low, _, high = only.quartiles(True, whole)
    axes.fill_between(only.ages, low, high, color=MUTED, alpha=0.15, linewidth=0)
    outside = only.quartiles(False, whole)[1]
    (line,) = axes.plot(
        only.ages, outside, color=ORIGIN.colour, linestyle=ORIGIN.dash, linewidth=1.2, zorder=3
    )
    line.set_gid("outside")
    for p, name in enumerate(drawn.provinces):
        draw_curve(axes, only, p, look(p), band=False, name=name)
        text = say("adoption.end", name=name, share=f"{_last(only, p):.0f}")
        ends.append((text, _last(only, p), look(p)))
    return ends


def _draw_small(figure: overview.Overview, drawn: Together, curves: Sequence[Curves]) -> None:
    """Draw the panels of the provinces."""
    for p, axes in enumerate(figure.small):
        for number, each in enumerate(curves):
            shade = scenario_look(number) if drawn.several else look(p)
            draw_curve(axes, each, p, shade, band=len(curves) <= MOST_BANDS)
        axes.tick_params(labelleft=figure.first[p], labelbottom=figure.lowest[p])
        if figure.lowest[p]:
            axes.set_xlabel(say("adoption.age"), labelpad=2.0, size=SMALL)
        if not any(np.isfinite(each.share[each.home, p]).any() for each in curves):
            page.say_no_data(axes)
        elif not drawn.several:
            width = axes.get_position().width * WIDTH - 0.08
            early = curves[0].half_time(True, p) < _EARLY * float(curves[0].ages[-1])
            _say_half(axes, _half_in_words(curves[0], p, width), right=early)


def _half_in_words(curves: Curves, place: int, width: float) -> str:
    """Say t50 and how many generations reach half, as far as there are inches for it."""
    share = f"{100.0 * curves.reach_half(True, place):.0f}"
    half = curves.half_time(True, place)
    if np.isfinite(half):
        text = say("adoption.half_time", years=f"{half:.1f}", share=share)
        fits = page.text_width(text, SMALL - 0.5) <= width
        return text if fits else say("adoption.t50", years=f"{half:.1f}")
    return say("adoption.reach_half", share=share)


def _say_half(axes: Axes, text: str, *, right: bool = False) -> None:
    """Write above the line of half, or right below it where the curve crosses it early."""
    axes.annotate(
        text,
        (1.0 if right else 0.0, HALF),
        xycoords=("axes fraction", "data"),
        xytext=(-3.0, -2.0) if right else (3.0, 2.0),
        textcoords="offset points",
        size=SMALL - 0.5,
        color=MUTED,
        ha="right" if right else "left",
        va="top" if right else "bottom",
    ).set_gid("half in words")


def _set_ages(axes: Axes, curves: Curves, labels: int) -> None:
    end = max(float(curves.ages[-1]), 0.25)
    axes.set_xlim(0.0, end)
    lines.number_axis(axes.xaxis, 0.0, end, bins=labels)


def _last(curves: Curves, place: int) -> float:
    return float(curves.quartiles(True, place)[1][-1])


def _held(drawn: Together, curves: Sequence[Curves]) -> list[Floats]:
    """Return all values that the axes have to hold."""
    places = range(len(drawn.provinces) + 1)
    shown = slice(None) if len(curves) <= MOST_BANDS else slice(1, 2)
    held = [np.ravel(each.quartiles(True, p)[shown]) for each in curves for p in places]
    return [values[np.isfinite(values)] for values in held]


def _key(drawn: Together, halves: bool) -> list[tuple[Artist, str]]:
    """Return the entries of the key; that of the dot where any curve reaches half."""
    median = Line2D([], [], color=INK, linewidth=1.8)
    dot = Line2D([], [], color=INK, marker="o", markersize=5.0, linestyle="none")
    dot.set(markeredgecolor="white")
    entries: list[tuple[Artist, str]] = [(median, say("adoption.key_median"))]
    if len(drawn.results) <= MOST_BANDS:
        band = Patch(color=MUTED, alpha=0.25, linewidth=0)
        entries.append((band, say("adoption.key_quartiles")))
    if halves:
        entries.append((dot, say("adoption.key_half")))
    if not drawn.several:
        dashed = Line2D([], [], color=ORIGIN.colour, linewidth=1.2, linestyle=ORIGIN.dash)
        entries.append((dashed, say("adoption.key_outside")))
    return entries
