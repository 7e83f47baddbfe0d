"""A dot plot of a sweep: an outcome of each policy, scenario or other level, with intervals."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.plots import lines, page, sweep_axes, sweep_page
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, WIDTH, look
from ydsim.plots.sweep_finding import along, by_group, sentence
from ydsim.plots.sweep_marks import colour_entries, draw_marks, further_entries
from ydsim.plots.sweep_outcome import SweepOutcome, read_outcome
from ydsim.plots.sweep_values import axis_label, changes_surely, values_of
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

MOST_ROWS, MOST_COLOURS = 40, 7
_ROW, _EXTRA, _WIDEST = 0.2, 0.11, 2.4


def draw_dots(
    results: Results,
    *,
    indicator: str | None = None,
    region: str | None = None,
    year: int | None = None,
    y: str | None = None,
    colour: str | None = None,
    show: str = "value",
) -> Figure:
    """Return an outcome of each level of a factor, one row a level.

    Levels that are no numbers come from the highest to the lowest value, where there is one colour.

    Parameters
    ----------
    indicator, region, year
        As of `ydsim.plots.sweep_outcome.read_outcome`.
    y, colour
        Factors of rows and colours; by default the one with most levels, and another one.
    show
        ``"value"``, or ``"change"`` from the base point.

    Raises
    ------
    NothingToDrawError
        When there are too many levels, or the points lie on no grid of these factors.
    """
    outcome = read_outcome(results, indicator, region, year)
    design = outcome.design
    rows = design.factors[sweep_axes.pick(design, y, [colour] if colour else ())]
    if len(rows.levels) > MOST_ROWS:
        sweep_axes.refuse_many(rows, MOST_ROWS)
    other = sweep_axes.spare(design, colour, [rows.name], MOST_COLOURS)
    group = None if other is None else design.factors[other]
    if group is not None and len(group.levels) > MOST_COLOURS:
        sweep_axes.refuse_many(group, MOST_COLOURS)
    used = [rows.name] if group is None else [rows.name, group.name]
    cells = sweep_axes.require_grid(design, used)
    cells = cells.reshape(len(rows.levels), -1)
    shown_points = cells[cells >= 0]
    order = _order(outcome, cells, rows)
    entries = [*colour_entries(group, line=False), *further_entries(outcome, shown_points)]
    names = [page.fitting(rows.texts[level], _WIDEST, BODY) for level in order]
    left = page.MARGIN + 0.1 + max(page.text_width(name, BODY) for name in names)
    high = len(order) * (_ROW + _EXTRA * (cells.shape[1] - 1)) + 0.1
    key, head = sweep_page.key_height(entries), sweep_page.SHORT_HEAD
    values = values_of(outcome, shown_points, show)
    said = [sweep_page.explain(results, outcome, shown_points, "sweeps.dots", used)]
    if changes_surely(outcome, shown_points) is not None:
        said.append(say("sweeps.pairs"))
    title, body = _title(outcome, cells, rows, group), key + head + high + page.TICKS
    figure, top = page.new_page(title, " ".join(said), body)
    sweep_page.draw_key(figure, top, entries)
    top += key + head
    axes = page.add_panel(figure, left, top, WIDTH - left - page.MARGIN - 0.1, high)
    _set_length(axes, values)
    _draw_rows(axes, outcome, cells[order], show)
    axes.set_yticks(range(len(order)), names)
    page.head(axes, "", "", say("sweeps.by", label=axis_label(outcome, show), factor=rows.words))
    sweep_page.add_footer(figure, results)
    return figure


def _draw_rows(axes: Axes, outcome: SweepOutcome, cells: Ints, show: str) -> None:
    rows, groups = cells.shape
    axes.set_ylim(rows - 0.5, -0.5)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    base = outcome.design.base
    gap = 0.7 / max(groups, 2)
    for group in range(groups):
        mean, low, high = values_of(outcome, cells[:, group], show).T
        at = np.arange(rows) + gap * (group - (groups - 1) / 2.0)
        axes.hlines(at, low, high, color=look(group).colour, linewidth=1.1, zorder=2)
        draw_marks(axes, outcome, cells[:, group], mean, at, group)
    sweep_page.reference_line(axes, values_of(outcome, np.array([base]), show)[0, 0], upright=True)
    for row, group in np.argwhere(cells >= 0):
        if not outcome.known()[cells[row, group]]:
            middle = row + gap * (group - (groups - 1) / 2.0)
            half = 0.35 if groups == 1 else gap / 2.5
            place = {"transform": axes.get_yaxis_transform()}
            sweep_page.hatch(axes, 0.0, middle - half, 1.0, 2 * half, **place)


def _set_length(axes: Axes, held: Floats) -> None:
    """Let the axis hold all values."""
    finite = held[np.isfinite(held)]
    low, high = float(finite.min()), float(finite.max())
    if high <= low:
        low, high = low - 0.5, high + 0.5
    room = 0.05 * (high - low)
    axes.set_xlim(low - room, high + room)
    lines.number_axis(axes.xaxis, low, high, 6)


def _order(outcome: SweepOutcome, cells: Ints, rows: Factor) -> list[int]:
    """Return the levels from top to bottom; those without any point are left out."""
    there = [level for level in range(len(rows.levels)) if (cells[level] >= 0).any()]
    if rows.numeric or cells.shape[1] > 1:
        return there
    means = {level: outcome.mean(int(cells[level, 0])).estimate for level in there}
    return sorted(there, key=lambda level: (not np.isfinite(means[level]), -means[level]))


def _title(outcome: SweepOutcome, cells: Ints, rows: Factor, group: Factor | None) -> str:
    table = np.where((cells >= 0)[..., None], outcome.values[cells], np.nan)
    reference = int(rows.at[outcome.design.base])
    if group is None:
        return sentence(outcome, along(outcome, table[:, 0], rows, reference), rows)
    drawn = [g for g in range(cells.shape[1]) if (cells[:, g] >= 0).any()]
    return by_group(outcome, table, rows, group, reference, drawn)
