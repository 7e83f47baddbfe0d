"""An outcome over the years, a panel for each point of a sweep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.errors import NothingToDrawError
from ydsim.plots import lines, page, sweep_page
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, OUTSIDE, WIDTH, look
from ydsim.plots.sweep_finding import across, along, sentence
from ydsim.plots.sweep_outcome import SweepOutcome, read_outcome, read_paths
from ydsim.results.interval import interval
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

MOST = 6
"""Levels of a factor that are drawn, evenly picked with both ends and the base point."""

_LEFT, _HIGH, _GAP = 0.5, 1.05, 0.16


@dataclass(frozen=True)
class _Panels:
    """Points by row and column, and how each row and column is headed."""

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
    across_x = design.factors[sweep_page.pick(design, x, [y] if y else ())]
    used = [across_x.name]
    if y is not None or len(design.factors) > 1:
        used.append(sweep_page.pick(design, y, used))
    cells = sweep_page.require_grid(design, used)
    panels = _panels(outcome, cells, [design.factors[name] for name in used])
    shown = panels.points[panels.points >= 0]
    said = [sweep_page.explain(results, outcome, shown, "sweeps.paths", used)]
    if len(shown) < int((cells >= 0).sum()):
        said.append(say("sweeps.picked", shown=len(shown), all=int((cells >= 0).sum())))
    title = _title(outcome, cells, [design.factors[name] for name in used])
    rows, columns = panels.points.shape
    by_row = any(panels.rows)
    step = _HIGH + (_GAP if by_row else 0.3)
    head, side = 0.44, _LEFT
    figure, top = page.new_page(title, " ".join(said), head + rows * step + page.TICKS + 0.05)
    width = (WIDTH - side - page.MARGIN - 0.15 - (columns - 1) * _GAP) / columns
    axes_of = {}
    held = [_band(paths[point]) for point in shown]
    base = _band(paths[design.base])
    for row, column in np.ndindex(rows, columns):
        point = int(panels.points[row, column])
        if point < 0:
            continue
        place = (side + column * (width + _GAP), top + head + row * step)
        axes = page.add_panel(figure, *place, width, _HIGH)
        _draw_path(axes, outcome, paths, point, np.arange(first, last + 1), base[0])
        text = panels.columns[row * columns + column] if not by_row else panels.columns[column]
        if row == 0 or not by_row:
            _write_above(axes, text, width)
        axes_of[row, column] = axes
    for (row, column), axes in axes_of.items():
        sweep_page.hold(axes, *(line for band in held for line in band), base[0])
        lines.set_years(axes, first, last, max(2, int(width / 0.45)))
        below = (row + 1, column) in axes_of
        axes.tick_params(labelleft=column == 0, labelbottom=not below, labelsize=BODY - 1.0)
        if (by_row and column == columns - 1) or ((row, column + 1) not in axes_of and by_row):
            _write_beside(axes, panels.rows[row])
    page.put(
        figure, page.MARGIN, top + 0.02, outcome.label, size=BODY - 0.5, color=OUTSIDE, va="top"
    )
    sweep_page.add_footer(figure, results)
    return figure


def _panels(outcome: SweepOutcome, cells: Ints, factors: list[Factor]) -> _Panels:
    base = outcome.design.base
    kept = [_evenly(len(f.levels), int(f.at[base])) for f in factors]
    texts = [
        [say("sweeps.level", factor=f.words, level=f.texts[level]) for level in levels]
        for f, levels in zip(factors, kept, strict=True)
    ]
    if len(factors) == 2:
        return _Panels(cells[np.ix_(*kept)].T, texts[0], texts[1])
    everything = [level for level in range(len(factors[0].levels)) if cells[level] >= 0]
    if len(everything) <= MOST * MOST:
        kept[0] = everything
        f = factors[0]
        texts[0] = [say("sweeps.level", factor=f.words, level=f.texts[k]) for k in everything]
    points = cells[kept[0]]
    columns = min(len(points), 4)
    rows = -(-len(points) // columns)
    filled = np.full(rows * columns, -1, dtype=np.int64)
    filled[: len(points)] = points
    return _Panels(filled.reshape(rows, columns), texts[0], [""] * rows)


def _evenly(count: int, base: int) -> list[int]:
    """Return at most `MOST` levels: both ends, the base, and others evenly between them."""
    if count <= MOST:
        return list(range(count))
    picked = np.linspace(0, count - 1, MOST).round().astype(int)
    nearest = int(np.argmin(np.abs(picked[1:-1] - base))) + 1
    if base not in picked:
        picked[nearest] = base
    return sorted(set(picked.tolist()))


def _band(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, low and high end of its interval by year, from (replicates, years)."""
    mean, low, high = np.full((3, values.shape[1]), np.nan)
    for t in range(values.shape[1]):
        there = values[np.isfinite(values[:, t]), t]
        if len(there):
            _, mean[t], below, above = interval(there)
            low[t] = np.nan if below is None else below
            high[t] = np.nan if above is None else above
    return mean, low, high


def _draw_path(
    axes: Axes, outcome: SweepOutcome, paths: Floats, point: int, years: Ints, base: Floats
) -> None:
    if not outcome.known()[point]:
        axes.set_facecolor("white")
        axes.patch.set(hatch=sweep_page.HATCH["hatch"], edgecolor=sweep_page.HATCH["edgecolor"])
    mean, low, high = _band(paths[point])
    style = look(0)
    if np.isfinite(low).any():
        axes.fill_between(years, low, high, color=style.colour, alpha=0.25, linewidth=0, zorder=2)
    axes.plot(years, mean, color=style.colour, linewidth=1.4, zorder=4)
    if point != outcome.design.base:
        axes.plot(years, base, color=OUTSIDE, linewidth=0.9, linestyle=(0, (3, 1.2)), zorder=3)
    axes.add_line(Line2D([], []))


def _write_above(axes: Axes, text: str, width: float) -> None:
    axes.annotate(
        page.fitting(text, width, BODY - 0.5, "bold"), (0.0, 1.0), xytext=(0.0, 4.0),
        xycoords="axes fraction", textcoords="offset points", size=BODY - 0.5, weight="bold",
    )  # fmt: skip


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
