"""An outcome along a factor of a sweep: lines with bands, other factors as colours and panels."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ydsim.plots import page, sweep_page
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import INK, MUTED, WIDTH, look
from ydsim.plots.sweep_finding import along, by_group, sentence
from ydsim.plots.sweep_outcome import SweepOutcome, read_outcome
from ydsim.plots.sweep_values import axis_label, values_of
from ydsim.plots.wording import capital
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

MOST_COLOURS, MOST_PANELS = 8, 9
"""Levels of the factors that colours and panels show."""

_LEFT, _ALONE, _HIGH, _LABEL = 0.62, 2.7, 1.75, 0.2


def draw_sweep_lines(
    results: Results,
    *,
    indicator: str | None = None,
    region: str | None = None,
    year: int | None = None,
    x: str | None = None,
    colour: str | None = None,
    panels: str | None = None,
    show: str = "value",
) -> Figure:
    """Return an outcome along a factor with numbers for levels.

    Parameters
    ----------
    indicator, region, year
        As of `ydsim.plots.sweep_outcome.read_outcome`.
    x, colour, panels
        Factors; by default the one with most numbers, and then the others in their order.
    show
        ``"value"``, or ``"change"`` from the base point.

    Raises
    ------
    NothingToDrawError
        When no factor has numbers, or the points lie on no grid of these factors.
    """
    outcome = read_outcome(results, indicator, region, year)
    design = outcome.design
    along_x = design.factors[sweep_page.pick(design, x, (), numeric=True)]
    used = [along_x.name]
    for given, most in ((colour, MOST_COLOURS), (panels, MOST_PANELS)):
        more = sweep_page.spare(design, given, used, most)
        if more is None:
            break
        used.append(more)
    groups, sheets = ([design.factors[name] for name in used[1:]] + [None, None])[:2]
    cells = sweep_page.require_grid(design, used)
    cells = cells.reshape(*cells.shape, *[1] * (3 - cells.ndim))
    shown = cells[cells >= 0]
    title = _title(outcome, cells, along_x, groups, sheets)
    explanation = sweep_page.explain(results, outcome, shown, "sweeps.lines", used)
    entries = _entries(outcome, groups, shown)
    n = cells.shape[2]
    columns = 1 if n == 1 else min(n, 3 if n > 4 or n == 3 else 2)
    rows, high = -(-n // columns), _ALONE if n == 1 else _HIGH
    step = page.HEAD + high + page.TICKS + _LABEL
    key = sweep_page.key_rows([name for _, name in entries])[1] * sweep_page.KEY_ROW
    figure, top = page.new_page(title, explanation, key + 0.06 + rows * step)
    sweep_page.draw_key(figure, top, entries)
    top += key + 0.06 + page.HEAD
    width = (WIDTH - page.MARGIN - columns * _LEFT) / columns
    drawn, held = [], []
    for sheet in range(n):
        row, column = divmod(sheet, columns)
        place = (_LEFT + column * (width + _LEFT), top + row * step)
        axes = page.add_panel(figure, *place, width, high)
        held += _draw_panel(axes, outcome, cells[:, :, sheet], along_x, show)
        level = "" if sheets is None else say(
            "sweeps.level", factor=sheets.words, level=sheets.texts[sheet]
        )  # fmt: skip
        page.head(axes, "", page.fitting(level, width, 8.0, "bold"), axis_label(outcome, show))
        axes.set_xlabel(capital(along_x.words), labelpad=2.0)
        drawn.append(axes)
    for axes in drawn:
        sweep_page.hold(axes, *held)
        _mark_missing(axes, outcome, along_x)
    sweep_page.add_footer(figure, results)
    return figure


def _draw_panel(
    axes: Axes, outcome: SweepOutcome, cells: Ints, along_x: Factor, show: str
) -> list[Floats]:
    """Draw the lines of one panel and return what the axis must hold."""
    design, held = outcome.design, []
    places = np.array(along_x.levels, dtype=np.float64)
    sweep_page.number_levels(axes, along_x)
    shift = 0.0 if cells.shape[1] == 1 else 0.006
    for group in range(cells.shape[1]):
        mean, low, high = values_of(outcome, cells[:, group], show).T
        style = look(group)
        known = np.isfinite(mean)
        where = _shifted(axes, places, shift * (group - (cells.shape[1] - 1) / 2.0))
        if np.isfinite(low).any():
            axes.fill_between(
                where, low, high, color=style.colour, alpha=0.18, linewidth=0, zorder=2
            )
            axes.vlines(where, low, high, color=style.colour, linewidth=0.7, zorder=2.5)
        axes.plot(
            where[known], mean[known], color=style.colour, linestyle=style.dash, linewidth=1.4,
            marker=style.marker, markersize=4.0, zorder=3,
        )  # fmt: skip
        held += [mean, low, high]
    base = float(values_of(outcome, np.array([design.base]), show)[0, 0])
    sweep_page.reference_line(axes, base)
    for group in range(cells.shape[1]):
        if design.base in cells[:, group]:
            at = _shifted(axes, places, shift * (group - (cells.shape[1] - 1) / 2.0))
            spot = at[int(np.flatnonzero(cells[:, group] == design.base)[0])]
            axes.plot(
                spot, base, marker="o", markersize=8.5, markerfacecolor="none",
                markeredgecolor=INK, markeredgewidth=0.9, linestyle="none", zorder=4,
            )  # fmt: skip
    absent = [
        level
        for level in range(len(places))
        if any(p >= 0 and not outcome.known()[p] for p in cells[level])
    ]
    axes.set_label(",".join(map(str, absent)))
    return held


def _mark_missing(axes: Axes, outcome: SweepOutcome, along_x: Factor) -> None:
    """Hatch the places on the axis where points have no finished run."""
    text = axes.get_label()
    for level in map(int, filter(None, str(text).split(","))):
        place = axes.transData.transform((float(along_x.levels[level]), 0.0))
        middle = float(axes.transAxes.inverted().transform(place)[0])
        place = {"transform": axes.transAxes}
        sweep_page.hatch(axes, middle - 0.015, 0.0, 0.03, 1.0, **place)
    axes.set_label("")


def _shifted(axes: Axes, places: Floats, share: float) -> Floats:
    """Return places on the axis moved by a share of its width, so that intervals do not overlap."""
    if share == 0.0:
        return places
    if axes.get_xscale() == "log":
        low, high = np.log(axes.get_xlim())
        moved: Floats = np.exp(np.log(places) + share * (high - low))
        return moved
    low, high = axes.get_xlim()
    return places + share * (high - low)


def _title(
    outcome: SweepOutcome,
    cells: Ints,
    along_x: Factor,
    groups: Factor | None,
    sheets: Factor | None,
) -> str:
    """Return the finding: in the panel of the base point, where there are several."""
    base = outcome.design.base
    sheet = 0 if sheets is None else int(sheets.at[base])
    table = np.where(
        (cells[:, :, sheet] >= 0)[..., None], outcome.values[cells[:, :, sheet]], np.nan
    )
    reference = int(along_x.at[base])
    if groups is None:
        return sentence(outcome, along(outcome, table[:, 0], along_x, reference), along_x)
    drawn = [g for g in range(cells.shape[1]) if (cells[:, g, sheet] >= 0).any()]
    return by_group(outcome, table, along_x, groups, reference, drawn)


def _entries(
    outcome: SweepOutcome, groups: Factor | None, points: Ints
) -> list[tuple[Line2D | Patch, str]]:
    entries: list[tuple[Line2D | Patch, str]] = []
    if groups is not None:
        for number, text in enumerate(groups.texts):
            style = look(number)
            line = Line2D(
                [], [], color=style.colour, linestyle=style.dash, linewidth=1.4,
                marker=style.marker, markersize=4.0,
            )  # fmt: skip
            entries.append((line, say("sweeps.level", factor=groups.words, level=text)))
    ring = Line2D(
        [], [], color=MUTED, linewidth=0.6, marker="o", markersize=7.0, markerfacecolor="none",
        markeredgecolor=INK, markeredgewidth=0.9,
    )  # fmt: skip
    if outcome.design.base in points:
        entries.append((ring, say("sweeps.key_base")))
    if not outcome.known()[points].all():
        entries.append((sweep_page.missing_patch(), say("sweeps.key_missing")))
    return entries
