"""Knowledge of the provinces, one panel a field."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ydsim.plots import bars, lines, page
from ydsim.plots.counts import cube, provinces_of, read_rows, years_of
from ydsim.plots.ensemble import NothingToDrawError, band, in_words
from ydsim.plots.findings import amount
from ydsim.plots.messages import say
from ydsim.plots.policy_dates import draw_dates, listed, policy_dates
from ydsim.plots.scenarios import require_years
from ydsim.plots.style import BODY, WIDTH, look, shown
from ydsim.results.results import Results
from ydsim.typing import Floats, Ints

MOST = 20
"""Fields that are drawn at most, in order of the table."""

_COLUMNS, _PANEL, _HEAD = 5, 1.1, 0.3
_LEFT, _RIGHT, _GAP = 0.42, 0.2, 0.17
_STEP = _HEAD + _PANEL + 0.1


def draw_knowledge(results: Results) -> Figure:
    """Return knowledge by field, province and year, all fields on one scale.

    Raises
    ------
    NothingToDrawError
        When it was not recorded, or there is only one year.
    """
    years = require_years(results, say("knowledge.name"))
    fields, values = read_knowledge(results)
    provinces = provinces_of(results)
    columns = min(_COLUMNS, len(fields))
    rows = -(-len(fields) // columns)
    dates = policy_dates([results], int(years[0]), int(years[-1]))
    n = len(results.replicates)
    key = bars.key_height(provinces) + 0.09
    words = page.sentences(in_words(n), say("knowledge.explanation"), listed(dates))
    figure, top = page.new_page(
        _finding(values, years, provinces),
        words,
        key + rows * _STEP + page.TICKS - 0.1,
    )
    entries = [
        (Line2D([], [], color=look(p).colour, linestyle=look(p).dash, linewidth=1.8), name)
        for p, name in enumerate(provinces)
    ]
    bars.draw_key(figure, top, entries)
    top += key + _HEAD
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
        lines.keep_inside(axes.xaxis, width)
        lines.set_amounts(axes, *held)
        draw_dates(axes, dates)
        axes.tick_params(labelleft=column == 0, labelbottom=f + columns >= len(fields))
        title = "\n".join(page.wrapped(field, BODY, 0.92 * width)[:2])
        axes.set_title(title, size=BODY, weight="bold", loc="left", pad=3.0)
    page.add_footer(figure, results)
    return figure


def _finding(values: Floats, years: Ints, provinces: tuple[str, ...]) -> str:
    """Return the title: who leads in how many fields, and how the gap between provinces moves."""
    mean = values.mean(axis=0)
    leads = np.bincount(mean[-1].argmax(axis=1), minlength=len(provinces))
    best = int(leads.argmax())
    gaps = (mean.max(axis=2) - mean.min(axis=2)).mean(axis=1)
    facts = {"first": int(years[0]), "last": int(years[-1]), "n": mean.shape[1]}
    if len(provinces) == 1:
        return say(
            "knowledge.title_one", **facts, change=amount(float((mean[-1] - mean[0]).mean()))
        )
    return say(
        "knowledge.title",
        **facts,
        leader=shown(provinces[best], 30),
        leads=int(leads[best]),
        begin=amount(float(gaps[0])),
        end=amount(float(gaps[-1])),
    )


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
        raise NothingToDrawError(say("ensemble.table_empty", table="knowledge"))
    labels = {
        "year": years_of(results).tolist(),
        "field": fields,
        "province": provinces_of(results),
    }
    return fields, cube(rows, "knowledge", results, labels)
