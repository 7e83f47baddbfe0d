"""A scatter plot of a sampled sweep: an outcome against each factor, a mark for each point."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.errors import NothingToDrawError
from ydsim.fmt import fixed
from ydsim.measures.effects import holm
from ydsim.measures.rank import NONE, RankCorrelation, rank_correlation
from ydsim.plots import lines, page, sweep_axes, sweep_page
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, INK, MUTED, SMALL, TITLE, WIDTH
from ydsim.plots.sweep_outcome import LEVEL, SweepOutcome, read_outcome
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints
from ydsim.wording import capital

MOST = 12
"""Panels on a page."""

FEWEST = 6
"""Points below which nothing is drawn."""

BINS, IN_A_BIN = 8, 6
"""Most means along a factor, and fewest points in each."""

SURE, UNSURE = "#0072b2", "#9a9a9a"
"""Colours of factors that go with the outcome beyond chance, and of others."""

_LEFT, _GAP, _HIGH, _ALONE, _HEAD, _LABEL = 0.62, 0.2, 1.3, 2.7, 0.36, 0.04


@dataclass(frozen=True)
class _Panel:
    """A factor, its places on the axis, and how the outcome goes with it."""

    factor: Factor
    x: Floats
    found: RankCorrelation
    sure: bool


def draw_scatter(
    results: Results,
    *,
    indicator: str | None = None,
    region: str | None = None,
    year: int | None = None,
    x: str | None = None,
) -> Figure:
    """Return an outcome against each factor, those first that go with it most clearly.

    Parameters
    ----------
    indicator, region, year
        As of `ydsim.plots.sweep_outcome.read_outcome`.
    x
        One factor alone.

    Raises
    ------
    NothingToDrawError
        When too few points have a finished run.
    """
    outcome = read_outcome(results, indicator, region, year)
    design, every = outcome.design, np.arange(len(outcome.values))
    there = np.flatnonzero(outcome.known())
    if len(there) < FEWEST:
        raise NothingToDrawError(say("scatter.few", n=len(there), least=FEWEST))
    y = np.array([outcome.mean(int(point)).estimate for point in there])
    panels = _panels(outcome, there, y)
    if x is not None:
        name = sweep_axes.pick(design, x, ())
        panels = [panel for panel in panels if panel.factor.name == name]
    drawn = panels[:MOST]
    columns = min(len(drawn), 3 if len(drawn) < 9 else 4)
    rows, high = -(-len(drawn) // columns), _ALONE if len(drawn) == 1 else _HIGH
    step = _HEAD + high + page.TICKS + _LABEL
    entries = _key(drawn)
    key = sweep_page.key_height(entries)
    said = [
        sweep_page.what(outcome),
        *sweep_page.replicates(outcome, every, "scatter.points", "scatter.one"),
        say("scatter.others") if len(outcome.design.factors) > 1 else "",
        say("scatter.rho"),
    ]
    if len(drawn) < len(panels):
        said.append(say("scatter.more", shown=len(drawn), all=len(panels)))
    if len(there) < len(every):
        said.append(say("scatter.missing", n=len(every) - len(there), all=len(every)))
    said += sweep_page.missing(results, outcome, there)
    body = key + 0.2 + rows * step
    figure, top = page.new_page(_title(outcome, panels), page.sentences(*said), body)
    sweep_page.draw_key(figure, top, entries)
    page.put(figure, page.MARGIN, top + key, outcome.label, size=BODY - 0.5, color=MUTED, va="top")
    width = (WIDTH - _LEFT - page.MARGIN - (columns - 1) * _GAP) / columns
    for place, panel in enumerate(drawn):
        row, column = divmod(place, columns)
        left, down = _LEFT + column * (width + _GAP), top + key + 0.2 + row * step + _HEAD
        axes = page.add_panel(figure, left, down, width, high)
        _draw_panel(axes, panel, y)
        lines.set_amounts(axes, y, from_zero=False)
        axes.tick_params(labelleft=column == 0, labelsize=SMALL + 0.5)
    sweep_page.add_footer(figure, results)
    return figure


def _panels(outcome: SweepOutcome, there: Ints, y: Floats) -> list[_Panel]:
    """Return the factors, those first that go most with the outcome."""
    factors = list(outcome.design.factors.values())
    x = [_places(factor, there) for factor in factors]
    # values without order have no ranks, two of them have
    found = [
        rank_correlation(places, y) if f.numeric or len(f.levels) == 2 else NONE
        for f, places in zip(factors, x, strict=True)
    ]
    sure = np.nan_to_num(holm([one.p for one in found]), nan=1.0) < LEVEL
    panels = [_Panel(*each) for each in zip(factors, x, found, sure.tolist(), strict=True)]
    return sorted(panels, key=lambda panel: -np.nan_to_num(abs(panel.found.value), nan=-1.0))


def _places(factor: Factor, points: Ints) -> Floats:
    """Return the values of a factor at points, or the numbers of its levels."""
    levels = factor.levels if factor.numeric else range(len(factor.levels))
    places: Floats = np.array(levels, dtype=np.float64)[factor.at[points]]
    return places


def _draw_panel(axes: Axes, panel: _Panel, y: Floats) -> None:
    factor, colour = panel.factor, SURE if panel.sure else UNSURE
    axes.plot(
        panel.x, y, linestyle="none", marker="o", markersize=2.6, markeredgewidth=0.0,
        color=colour, alpha=0.6, zorder=2,
    )  # fmt: skip
    middle, mean = _means(panel, y)
    axes.plot(middle, mean, color=INK, linewidth=1.2, marker="_", markersize=5.0, zorder=3)
    width = axes.get_position().width * WIDTH
    words = page.fitting(capital(factor.words), width, BODY, "bold")
    for text, up, size, ink, weight in (
        (words, 12.5, BODY, INK, "bold"),
        (_said(panel), 3.5, SMALL, MUTED, "normal"),
    ):
        axes.annotate(
            text, (0.0, 1.0), xytext=(0.0, up), xycoords="axes fraction",
            textcoords="offset points", size=size, color=ink, weight=weight,
        )  # fmt: skip
    if factor.numeric:
        if factor.logarithmic:
            axes.set_xscale("log")
        else:
            lines.number_axis(axes.xaxis, float(panel.x.min()), float(panel.x.max()), 5)
    else:
        levels = range(len(factor.levels))
        room = width / max(len(factor.levels), 1)
        axes.set_xticks(levels, [page.fitting(text, room, SMALL) for text in factor.texts])
        axes.set_xlim(-0.5, len(factor.levels) - 0.5)
    axes.tick_params(axis="x", labelsize=SMALL + 0.5)


def _means(panel: _Panel, y: Floats) -> tuple[Floats, Floats]:
    """Return the middle and the mean of the outcome of equal numbers of points along a factor."""
    if not panel.factor.numeric:
        groups = [np.flatnonzero(panel.x == level) for level in np.unique(panel.x)]
    else:
        order = np.argsort(panel.x, kind="stable")
        groups = np.array_split(order, max(1, min(BINS, len(y) // IN_A_BIN)))
    middle, mean = (np.array([v[g].mean() for g in groups]) for v in (panel.x, y))
    return middle, mean


def _said(panel: _Panel) -> str:
    found = panel.found
    if not np.isfinite(found.value):
        ordered = panel.factor.numeric or len(panel.factor.levels) == 2
        return say("scatter.same" if ordered else "scatter.no_order")
    key = "scatter.value" if np.isfinite(found.low) else "scatter.alone"
    facts = {end: fixed(getattr(found, end), 2, sign=True) for end in ("value", "low", "high")}
    return say(key, **facts)


def _key(panels: list[_Panel]) -> list[tuple[Artist, str]]:
    """Return what marks and lines are, of those that are there."""
    dots = [
        (Line2D([], [], linestyle="none", marker="o", markersize=4.0, color=colour), say(key))
        for sure, colour, key in (
            (True, SURE, "scatter.key_sure"),
            (False, UNSURE, "scatter.key_unsure"),
        )
        if any(panel.sure is sure for panel in panels)
    ]
    return [*dots, (Line2D([], [], color=INK, linewidth=1.2), say("scatter.key_mean"))]


def _title(outcome: SweepOutcome, panels: list[_Panel]) -> str:
    """Return which factor the outcome goes with most clearly, as far as that is beyond chance."""
    sure = [panel for panel in panels if panel.sure]
    subject = capital(outcome.subject)
    if not sure:
        return say("scatter.title.none", outcome=subject)
    first = sure[0]
    word = "up" if first.found.value > 0.0 else "down"
    name = page.fitting(first.factor.words, 2.6, TITLE, "bold")
    word = word if len(panels) > 1 else f"only_{word}"
    return say(f"scatter.title.{word}", outcome=subject, factor=name, n=len(sure), all=len(panels))
