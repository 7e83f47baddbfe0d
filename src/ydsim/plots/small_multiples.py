"""An outcome over the years, a panel for each point of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.plots import lines, page, sweep_axes, sweep_page
from ydsim.plots.ensemble import MANY, Band, band
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, MUTED, OUTSIDE, WIDTH, look
from ydsim.plots.sweep_finding import across, along, sentence
from ydsim.plots.sweep_outcome import SweepOutcome, read_outcome, read_paths
from ydsim.results.results import Results
from ydsim.typing import Ints

MOST = 6
"""Levels of a factor that are drawn, evenly picked with both ends and the base point."""

_LEFT, _HIGH, _GAP, _HEAD, _OWN_HEAD = 0.5, 0.95, 0.14, 0.36, 0.3


@dataclass(frozen=True)
class _Panels:
    """Points by row and column, and their heads: of each column and row, or of every panel.

    ``rows`` is empty where each panel has a head of its own, in ``columns``.
    """

    points: Ints
    columns: list[str]
    rows: list[str]


def draw_small_multiples(
    results: Results,
    *,
    indicator: str | None = None,
    region: str | None = None,
    years: tuple[int, int] | None = None,
    x: str | None = None,
    y: str | None = None,
) -> Figure:
    """Return the path of an outcome over the years at the points of one or two factors.

    Parameters
    ----------
    indicator, region
        As of `ydsim.plots.sweep_outcome.read_outcome`.
    years
        First and last year that are drawn.
    x, y
        Factors of columns and rows; by default the two with most levels.

    Raises
    ------
    NothingToDrawError
        When the yearly series were not kept, there are fewer than two years, or the points lie on
        no grid of these factors.
    """
    first, paths = read_paths(results, indicator, region, years)
    last = first + paths.shape[2] - 1
    if last == first:
        raise NothingToDrawError(say("sweeps.one_year", year=first))
    outcome = read_outcome(results, indicator, region, last)
    design = outcome.design
    across_x = design.factors[sweep_axes.pick(design, x, [y] if y else ())]
    used = [across_x.name]
    if y is not None or len(design.factors) > 1:
        used.append(sweep_axes.pick(design, y, used))
    cells = sweep_axes.require_grid(design, used)
    panels = _panels(outcome, cells, [design.factors[name] for name in used])
    shown = panels.points[panels.points >= 0]
    how = "sweeps.paths_many" if paths.shape[1] >= MANY else "sweeps.paths"
    said = [sweep_page.explain(results, outcome, shown, how, used)]
    if len(shown) < int((cells >= 0).sum()):
        said.append(say("sweeps.picked", shown=len(shown), all=int((cells >= 0).sum())))
    factors = [design.factors[name] for name in used]
    rows, columns = panels.points.shape
    step = _HIGH + (_GAP if panels.rows else _OWN_HEAD)
    body = _HEAD + rows * step + page.TICKS
    figure, top = page.new_page(_title(outcome, cells, factors), " ".join(said), body)
    words = {"x": factors[0].words, "y": factors[-1].words, "outcome": outcome.label}
    text = say("sweeps.columns_rows" if panels.rows else "sweeps.columns", **words)
    page.put(figure, page.MARGIN, top + 0.02, text, size=BODY - 0.5, color=MUTED, va="top")
    width = (WIDTH - _LEFT - page.MARGIN - 0.15 - (columns - 1) * _GAP) / columns
    years_drawn = np.arange(first, last + 1)
    bands = {int(point): band(paths[point]) for point in (*shown, design.base)}
    there = panels.points >= 0
    for row, column in np.argwhere(there).tolist():
        point = int(panels.points[row, column])
        place = (_LEFT + column * (width + _GAP), top + _HEAD + row * step)
        axes = page.add_panel(figure, *place, width, _HIGH)
        same = point == design.base
        _draw_path(axes, years_drawn, bands[point], None if same else bands[design.base])
        if not outcome.known()[point]:
            sweep_page.hatch(axes, 0.0, 0.0, 1.0, 1.0, transform=axes.transAxes)
        sweep_page.hold(axes, *(line for each in bands.values() for line in each.lines))
        lines.set_years(axes, first, last)
        _label_years(axes, first, last, width)
        below = row + 1 < rows and bool(there[row + 1, column])
        axes.tick_params(labelleft=column == 0, labelbottom=not below, labelsize=BODY - 1.0)
        if row == 0 or not panels.rows:
            sweep_page.write_above(
                axes, panels.columns[column if panels.rows else row * columns + column]
            )
        if panels.rows and not there[row, column + 1 :].any():
            _write_beside(axes, panels.rows[row])
    sweep_page.add_footer(figure, results)
    return figure


def _panels(outcome: SweepOutcome, cells: Ints, factors: list[Factor]) -> _Panels:
    base = outcome.design.base
    kept = [_evenly(len(f.levels), int(f.at[base])) for f in factors]
    if len(factors) == 2:
        across_x, down = factors
        return _Panels(
            cells[np.ix_(*kept)].T,
            [across_x.texts[level] for level in kept[0]],
            [down.texts[level] for level in kept[1]],
        )
    (factor,) = factors
    levels = [level for level in range(len(factor.levels)) if cells[level] >= 0]
    if len(levels) > MOST * MOST:
        levels = [level for level in kept[0] if cells[level] >= 0]
    columns = min(len(levels), 4)
    points = np.full(-(-len(levels) // columns) * columns, -1, dtype=np.int64)
    points[: len(levels)] = cells[levels]
    return _Panels(points.reshape(-1, columns), [factor.texts[level] for level in levels], [])


def _evenly(count: int, base: int) -> list[int]:
    """Return at most `MOST` levels: both ends, the base, and others evenly between them."""
    if count <= MOST:
        return list(range(count))
    picked = np.linspace(0, count - 1, MOST).round().astype(int)
    nearest = int(np.argmin(np.abs(picked[1:-1] - base))) + 1
    if base not in picked:
        picked[nearest] = base
    return sorted(set(picked.tolist()))


def _draw_path(axes: Axes, years: Ints, path: Band, base: Band | None) -> None:
    """Draw the path of a point and, thin, that of the base point."""
    style = look(0)
    if path.has_spread:
        axes.fill_between(
            years, path.low, path.high, color=style.colour, alpha=0.25, linewidth=0, zorder=2
        )
    axes.plot(years, path.mean, color=style.colour, linewidth=1.4, zorder=4)
    if base is not None:
        axes.plot(years, base.mean, color=OUTSIDE, linewidth=0.9, linestyle=(0, (3, 1.2)), zorder=3)


def _label_years(axes: Axes, first: int, last: int, width: float) -> None:
    """Name the first and the last year inside a narrow panel, where more would collide."""
    if width > 1.6:
        return
    axes.set_xticks([first, last], [str(first), str(last)])
    left, right = axes.get_xticklabels()
    left.set_horizontalalignment("left")
    right.set_horizontalalignment("right")


def _write_beside(axes: Axes, text: str) -> None:
    axes.annotate(
        page.fitting(text, _HIGH, BODY - 0.5, "bold"), (1.0, 0.5), xytext=(3.0, 0.0),
        xycoords="axes fraction", textcoords="offset points", size=BODY - 0.5, weight="bold",
        rotation=-90, va="center", ha="left",
    )  # fmt: skip


def _title(outcome: SweepOutcome, cells: Ints, factors: list[Factor]) -> str:
    table = np.where((cells >= 0)[..., None], outcome.values[cells], np.nan)
    base = outcome.design.base
    if len(factors) == 1:
        found = along(outcome, table, factors[0], int(factors[0].at[base]))
        return sentence(outcome, found, factors[0])
    pair = (factors[0], factors[1])
    return across(outcome, table, pair, (int(pair[0].at[base]), int(pair[1].at[base])))
