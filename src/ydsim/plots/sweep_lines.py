"""An outcome along a factor of a sweep: lines with bands, other factors as colours and panels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.plots import page, sweep_axes, sweep_page
from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, MUTED, WIDTH, look
from ydsim.plots.sweep_finding import along, by_group, sentence
from ydsim.plots.sweep_marks import colour_entries, draw_marks, further_entries
from ydsim.plots.sweep_outcome import SweepOutcome, read_outcome
from ydsim.plots.sweep_values import axis_label, changes_surely, values_of
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints
from ydsim.wording import capital

MOST_COLOURS, MOST_PANELS = 7, 9
"""Levels of the factors that colours and panels show."""

BANDS = 2
"""Colours up to which intervals are bands; of more they are bars."""

_LEFT, _ALONE, _HIGH, _LABEL, _UNIT = 0.62, 2.7, 1.75, 0.2, 0.2
_SHIFT, _STRIP = 0.008, 0.02
"""Shares of the axis: distance of the bars of two colours, and width of the mark of a missing
point."""


@dataclass(frozen=True)
class _Lines:
    """What is drawn where.

    Attributes
    ----------
    cells
        Points by level of the horizontal axis, colour and panel; -1 where there is none.
    x, colours, panels
        The factors; None where all points share the level.
    """

    outcome: SweepOutcome
    cells: Ints
    x: Factor
    colours: Factor | None
    panels: Factor | None
    show: str

    @property
    def points(self) -> Ints:
        """All points that are drawn."""
        return self.cells[self.cells >= 0]


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
    drawn = _lines(outcome, x, colour, panels, show)
    n, unit = drawn.cells.shape[2], axis_label(outcome, show)
    columns = 1 if n == 1 else 3 if n == 3 or n > 4 else 2
    rows, high = -(-n // columns), _ALONE if n == 1 else _HIGH
    step = sweep_page.SHORT_HEAD + high + page.TICKS + _LABEL
    entries = [*colour_entries(drawn.colours, line=True), *further_entries(outcome, drawn.points)]
    key = sweep_page.key_height(entries)
    explanation, ends = _explanation(results, drawn)
    above = key + (0.0 if n == 1 else _UNIT)
    figure, top = page.new_page(_title(drawn), explanation, above + rows * step)
    sweep_page.draw_key(figure, top, entries)
    if n > 1:
        page.put(figure, page.MARGIN, top + key, unit, size=BODY - 0.5, color=MUTED, va="top")
    width = (WIDTH - page.MARGIN - columns * _LEFT) / columns
    for sheet in range(n):
        row, column = divmod(sheet, columns)
        place = (_LEFT + column * (width + _LEFT), top + above + sweep_page.SHORT_HEAD + row * step)
        axes = page.add_panel(figure, *place, width, high)
        sweep_page.number_levels(axes, drawn.x)
        sweep_page.hold(axes, ends)
        _draw_panel(axes, drawn, sheet)
        if drawn.panels is None:
            page.head(axes, "", "", unit)
        else:
            level = drawn.panels.texts[sheet]
            sweep_page.write_above(
                axes, say("sweeps.level", factor=drawn.panels.words, level=level)
            )
        axes.set_xlabel(capital(drawn.x.words), labelpad=2.0)
    sweep_page.add_footer(figure, results)
    return figure


def _lines(
    outcome: SweepOutcome, x: str | None, colour: str | None, panels: str | None, show: str
) -> _Lines:
    """Choose the factors and place the points."""
    design = outcome.design
    used = [sweep_axes.pick(design, x, [c for c in (colour, panels) if c], numeric=True)]
    further: list[Factor | None] = []
    for given, most in ((colour, MOST_COLOURS), (panels, MOST_PANELS)):
        reserved = [panels] if given is None and panels else []
        name = sweep_axes.spare(design, given, [*used, *reserved], most)
        further.append(None if name is None else design.factors[name])
        used += [] if name is None else [name]
    cells = sweep_axes.require_grid(design, used)
    first, (colours, sheets) = design.factors[used[0]], further
    shape = [len(f.levels) if f else 1 for f in (first, colours, sheets)]
    return _Lines(outcome, cells.reshape(shape), first, colours, sheets, show)


def _explanation(results: Results, drawn: _Lines) -> tuple[str, Floats]:
    """Return what is said under the title, and the values that the axes hold."""
    outcome = drawn.outcome
    values = values_of(outcome, drawn.points, drawn.show)
    free = [f.name for f in (drawn.x, drawn.colours, drawn.panels) if f is not None]
    how = "sweeps.lines" if drawn.cells.shape[1] <= BANDS else "sweeps.dots"
    said = [sweep_page.explain(results, outcome, drawn.points, how, free)]
    if changes_surely(outcome, drawn.points) is not None:
        said.append(say("sweeps.pairs"))
    return " ".join(said), values


def _draw_panel(axes: Axes, drawn: _Lines, sheet: int) -> None:
    """Draw the lines of one panel: bands where there are one or two, bars where there are more."""
    outcome, cells = drawn.outcome, drawn.cells[:, :, sheet]
    groups = cells.shape[1]
    places = np.array(drawn.x.levels, dtype=np.float64)
    base = values_of(outcome, np.array([outcome.design.base]), drawn.show)[0, 0]
    sweep_page.reference_line(axes, base)
    for group in range(groups):
        mean, low, high = values_of(outcome, cells[:, group], drawn.show).T
        style, known = look(group), np.isfinite(mean)
        at = _shifted(axes, places, _SHIFT * (group - (groups - 1) / 2.0))
        if groups <= BANDS and np.isfinite(low).any():
            axes.fill_between(at, low, high, color=style.colour, alpha=0.18, linewidth=0, zorder=2)
        axes.vlines(at, low, high, color=style.colour, linewidth=0.7, zorder=2.5)
        axes.plot(
            at[known], mean[known], color=style.colour, linestyle=style.dash, linewidth=1.4,
            zorder=3,
        )  # fmt: skip
        draw_marks(axes, outcome, cells[:, group], at, mean, group)
        for level in np.flatnonzero((cells[:, group] >= 0) & ~known):
            place = axes.transData.transform((at[level], 0.0))
            middle = float(axes.transAxes.inverted().transform(place)[0])
            box = (middle - _STRIP / 2.0, 0.0, _STRIP, 1.0 if groups == 1 else 0.1)
            sweep_page.hatch(axes, *box, transform=axes.transAxes, edgecolor=style.colour)


def _shifted(axes: Axes, places: Floats, share: float) -> Floats:
    """Return places moved by a share of the axis, so that bars do not cover each other."""
    low, high = axes.get_xlim()
    if axes.get_xscale() == "log":
        moved: Floats = places * (high / low) ** share
        return moved
    return places + share * (high - low)


def _title(drawn: _Lines) -> str:
    """Return the finding: in the panel of the base point, where there are several."""
    outcome, base = drawn.outcome, drawn.outcome.design.base
    cells = drawn.cells[:, :, 0 if drawn.panels is None else int(drawn.panels.at[base])]
    table = np.where((cells >= 0)[..., None], outcome.values[cells], np.nan)
    reference = int(drawn.x.at[base])
    if drawn.colours is None:
        return sentence(outcome, along(outcome, table[:, 0], drawn.x, reference), drawn.x)
    groups = [g for g in range(cells.shape[1]) if (cells[:, g] >= 0).any()]
    return by_group(outcome, table, drawn.x, drawn.colours, reference, groups)
