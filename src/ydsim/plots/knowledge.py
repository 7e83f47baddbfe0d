"""Knowledge of the provinces, one panel a field."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.plots import bars, lines, page
from ydsim.plots.counts import cube, provinces_of, read_rows, years_of
from ydsim.plots.ensemble import NothingToDrawError, band, in_words
from ydsim.plots.style import BODY, WIDTH, look
from ydsim.results.results import Results
from ydsim.typing import Floats

MOST = 20
"""Fields that are drawn at most, in order of the table."""

MEANING = (
    "Knowledge is a logarithm, zero for the mean organisation of the region in a field; shown is "
    "the mean of the organisations of a province at the end of the year, weighted by researchers."
)

_COLUMNS, _PANEL, _HEAD, _KEY = 5, 1.1, 0.3, 0.24
_LEFT, _RIGHT, _GAP = 0.42, 0.2, 0.17
_STEP = _HEAD + _PANEL + 0.1


def draw_knowledge(results: Results) -> Figure:
    """Return knowledge by field, province and year, all fields on one scale.

    Raises
    ------
    NothingToDrawError
        When it was not recorded.
    """
    fields, values = read_knowledge(results)
    years, provinces = years_of(results), provinces_of(results)
    columns = min(_COLUMNS, len(fields))
    rows = -(-len(fields) // columns)
    figure, top = page.new_page(
        "Knowledge of the provinces by field",
        f"{in_words(len(results.replicates))}. {MEANING}",
        _KEY + rows * _STEP + page.TICKS - 0.1,
    )
    entries = [
        (Line2D([], [], color=look(p).colour, linestyle=look(p).dash, linewidth=1.8), name)
        for p, name in enumerate(provinces[:8])
    ]
    bars.draw_key(figure, top, entries)
    top += _KEY + _HEAD
    width = (WIDTH - _LEFT - _RIGHT - (columns - 1) * _GAP) / columns
    drawn = [[band(values[:, :, f, p]) for p in range(len(provinces))] for f in range(len(fields))]
    held = [np.concatenate([each.mean, each.low, each.high]) for row in drawn for each in row]
    for f, field in enumerate(fields):
        row, column = divmod(f, columns)
        place = (_LEFT + column * (width + _GAP), top + row * _STEP)
        axes = page.add_panel(figure, *place, width, _PANEL)
        for p, name in enumerate(provinces):
            lines.draw_band(axes, years, drawn[f][p], look(p), name)
        lines.set_years(axes, int(years[0]), int(years[-1]), labels=2)
        lines.set_amounts(axes, *held)
        axes.tick_params(labelleft=column == 0, labelbottom=f + columns >= len(fields))
        title = "\n".join(page.wrapped(field, BODY, 0.92 * width)[:2])
        axes.set_title(title, size=BODY, weight="bold", loc="left", pad=3.0)
    page.add_footer(figure, results)
    return figure


def read_knowledge(results: Results) -> tuple[tuple[str, ...], Floats]:
    """Return fields, and knowledge of shape (replicates, years, fields, provinces).

    Raises
    ------
    NothingToDrawError
        When it was not recorded.
    """
    rows = read_rows(results, "knowledge", ["year", "province", "field", "knowledge"])
    fields = tuple(str(name) for name in dict.fromkeys(rows["field"].tolist()))[:MOST]
    if not fields:
        raise NothingToDrawError("the table knowledge is empty")
    labels = {
        "year": years_of(results).tolist(),
        "field": fields,
        "province": provinces_of(results),
    }
    return fields, cube(rows, "knowledge", results, labels)
