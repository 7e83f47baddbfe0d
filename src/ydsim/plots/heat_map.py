"""A heat map of a sweep: an outcome at every pair of levels of two factors."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from ydsim.fmt import number
from ydsim.plots import lines, page, sweep_axes, sweep_page
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import INK, MUTED, SMALL, WIDTH, shown
from ydsim.plots.sweep_finding import across
from ydsim.plots.sweep_outcome import SweepOutcome, read_outcome
from ydsim.plots.sweep_values import axis_label, changes_surely, values_of
from ydsim.results.results import Results
from ydsim.typing import Bools, Floats, Ints
from ydsim.wording import capital

MOST = 60
"""Levels of a factor that are drawn, at most."""

_VALUES, _CHANGES = "cividis", "PuOr_r"
_BAR, _GAP, _BAR_ROOM = 0.14, 0.14, 0.62
_ONE_COLOUR = 1e-12


def draw_heat_map(
    results: Results,
    *,
    indicator: str | None = None,
    region: str | None = None,
    year: int | None = None,
    x: str | None = None,
    y: str | None = None,
    show: str = "value",
) -> Figure:
    """Return an outcome at every pair of levels of two factors.

    Parameters
    ----------
    indicator, region, year
        As of `ydsim.plots.sweep_outcome.read_outcome`.
    x, y
        Factors of the axes; by default the two with most levels, in their order.
    show
        ``"value"``, or ``"change"`` from the base point.

    Raises
    ------
    NothingToDrawError
        When the sweep has one factor, or its points lie on no grid of the two.
    """
    outcome = read_outcome(results, indicator, region, year)
    design = outcome.design
    first = sweep_axes.pick(design, x, [y] if y else ())
    second = sweep_axes.pick(design, y, [first])
    if x is None and y is None:
        first, second = sorted((first, second), key=list(design.factors).index)
    factors = (design.factors[first], design.factors[second])
    for factor in factors:
        if len(factor.levels) > MOST:
            sweep_axes.refuse_many(factor, MOST)
    cells = sweep_axes.require_grid(design, (first, second), 4)
    points = cells[cells >= 0]
    how = "sweeps.cells" if show == "value" else "sweeps.cells_change"
    explanation = sweep_page.explain(results, outcome, points, how, (first, second))
    sure = changes_surely(outcome, cells.ravel())
    significant = np.zeros(cells.shape, np.bool_) if sure is None else sure.reshape(cells.shape)
    if significant.any():
        explanation += " " + say("sweeps.significant")
    base = design.base
    table = np.where((cells >= 0)[..., None], outcome.values[cells], np.nan)
    title = across(outcome, table, factors, (int(factors[0].at[base]), int(factors[1].at[base])))
    return _draw(results, outcome, cells, factors, significant, show, (title, explanation))


def _draw(
    results: Results,
    outcome: SweepOutcome,
    cells: Ints,
    factors: tuple[Factor, Factor],
    significant: Bools,
    show: str,
    words: tuple[str, str],
) -> Figure:
    values = values_of(outcome, cells.ravel(), show)[:, 0].reshape(cells.shape)
    across_x, across_y = factors
    left = _room(across_y)
    width = WIDTH - left - _GAP - _BAR - _BAR_ROOM
    rows = cells.shape[1]
    high = float(np.clip(0.46 * rows, 1.3, 4.6))
    differ = len(np.unique(values[np.isfinite(values)])) > 1
    entries = _entries(outcome, cells, significant, differ)
    key = sweep_page.key_height(entries)
    figure, top = page.new_page(*words, key + sweep_page.SHORT_HEAD + high + page.TICKS + 0.2)
    sweep_page.draw_key(figure, top, entries)
    top += key + sweep_page.SHORT_HEAD
    axes = page.add_panel(figure, left, top, width, high)
    scale, norm = _scale(values, show)
    axes.set_xlim(-0.5, cells.shape[0] - 0.5)
    axes.set_ylim(-0.5, rows - 0.5)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    known = np.isfinite(values)
    axes.imshow(
        np.ma.masked_invalid(values.T), cmap=scale.cmap, norm=norm, origin="lower",
        aspect="auto", interpolation="nearest", zorder=1,
    )  # fmt: skip
    for i, j in np.argwhere((cells >= 0) & ~known):
        sweep_page.hatch(axes, i - 0.5, j - 0.5, 1.0, 1.0)
    _write(axes, values, scale, significant, width / cells.shape[0], high / rows, show)
    _frame(axes, outcome, cells, values, differ)
    for factor, axis in zip(factors, (axes.xaxis, axes.yaxis), strict=True):
        kept = sweep_page.named_levels(len(factor.levels))
        axis.set_ticks(kept, [shown(factor.texts[level], 28) for level in kept])
        axis.set_tick_params(length=0.0, labelsize=SMALL + 0.5)
    axes.set_xlabel(capital(across_x.words), labelpad=2.0)
    axes.set_ylabel(capital(across_y.words), labelpad=3.0)
    bar = page.add_panel(figure, left + width + _GAP, top, _BAR, high)
    figure.colorbar(scale, cax=bar)
    bar.grid(False)
    bar.tick_params(labelsize=SMALL, length=2.0)
    low, above = scale.get_clim()
    lines.number_axis(bar.yaxis, low, above, 5)
    page.put(
        figure, WIDTH - page.MARGIN, top - 0.06, axis_label(outcome, show), size=SMALL, color=MUTED,
        ha="right", va="bottom",
    )  # fmt: skip
    sweep_page.add_footer(figure, results)
    return figure


def _scale(values: Floats, show: str) -> tuple[ScalarMappable, Normalize]:
    """Return the scale of colours, centred on zero for changes, and its ends."""
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    if show == "change":
        most = max(abs(low), abs(high)) or 1.0
        norm: Normalize = TwoSlopeNorm(0.0, -most, most)
        return ScalarMappable(norm, _CHANGES), norm
    if high - low <= _ONE_COLOUR * max(abs(high), 1.0):
        low, high = low - 0.5, high + 0.5
    norm = Normalize(low, high)
    return ScalarMappable(norm, _VALUES), norm


def _write(
    axes: Axes,
    values: Floats,
    scale: ScalarMappable,
    significant: Bools,
    wide: float,
    high: float,
    show: str,
) -> None:
    """Write the value of each cell where there is room, and dots where changes are significant."""
    texts = {
        (i, j): number(values[i, j], 3, sign=show == "change")
        for i, j in np.argwhere(np.isfinite(values))
    }
    widest = max((page.text_width(text, SMALL) for text in texts.values()), default=0.0)
    room = widest + 0.22 < wide and high > 0.19
    for (i, j), text in texts.items():
        red, green, blue = np.asarray(scale.to_rgba(values[i, j]))[:3].tolist()
        dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5
        ink = "white" if dark else INK
        if room:
            axes.text(i, j, text, size=SMALL, color=ink, ha="center", va="center", zorder=3)
        if significant[i, j]:
            at = (i + 0.5 - 0.07 / wide, j + 0.5 - 0.07 / high) if room else (i, j)
            size = 2.6 if room else float(np.clip(20.0 * min(wide, high), 1.0, 2.6))
            axes.plot(*at, marker="o", markersize=size, color=ink, linestyle="none", zorder=3)


def _frame(axes: Axes, outcome: SweepOutcome, cells: Ints, values: Floats, differ: bool) -> None:
    """Frame the base point, and the highest cells, in two colours that show on any other."""
    for i, j in np.argwhere(cells == outcome.design.base):
        axes.add_patch(_box(i, j, 0.42, "white", 2.2))
        axes.add_patch(_box(i, j, 0.42, INK, 1.0, (0, (3, 1.5))))
    if differ:
        for i, j in np.argwhere(values == np.nanmax(values)):
            axes.add_patch(_box(int(i), int(j), 0.5, "white", 3.4))
            axes.add_patch(_box(int(i), int(j), 0.5, INK, 1.6))


def _box(i: int, j: int, half: float, colour: str, width: float, dash: Any = "-") -> Rectangle:
    return Rectangle(
        (i - half, j - half), 2 * half, 2 * half, fill=False, edgecolor=colour, linewidth=width,
        linestyle=dash, zorder=4, clip_on=False,
    )  # fmt: skip


def _room(factor: Factor) -> float:
    """Return the room that the names of the vertical levels need."""
    kept = sweep_page.named_levels(len(factor.levels))
    widest = max(page.text_width(shown(factor.texts[k], 28), SMALL + 0.5) for k in kept)
    return page.MARGIN + 0.24 + widest


def _entries(
    outcome: SweepOutcome, cells: Ints, significant: Bools, differ: bool
) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = []
    if differ:
        frame = Patch(facecolor="none", edgecolor=INK, linewidth=1.6)
        entries.append((frame, say("sweeps.key_highest")))
    if outcome.design.base in cells:
        frame = Patch(facecolor="none", edgecolor=INK, linewidth=1.0, linestyle=(0, (3, 1.5)))
        entries.append((frame, say("sweeps.key_base")))
    if significant.any():
        dot = Line2D([], [], color=INK, marker="o", markersize=2.6, linestyle="none")
        entries.append((dot, say("sweeps.key_significant")))
    if not outcome.known()[cells[cells >= 0]].all():
        entries.append((sweep_page.missing_patch(), say("sweeps.key_missing")))
    return entries
