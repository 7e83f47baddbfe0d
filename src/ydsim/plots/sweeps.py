"""An outcome at the points of a sweep: by two factors, along one, by level, or in a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator

from ydsim.errors import NothingToDrawError
from ydsim.fmt import fixed, number
from ydsim.measures.effects import holm
from ydsim.measures.rank import NONE, RankCorrelation, rank_correlation
from ydsim.plots import canvas
from ydsim.plots.factors import Design, Factor, Outcome, drawn_points, pick, read_outcome, spare
from ydsim.plots.style import BODY, FAINT, INK, MUTED, SMALL, look, shown
from ydsim.plots.values import MOST_BANDS
from ydsim.results.compare import SIGNIFICANCE
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Bools, Floats
from ydsim.wording import capital

if TYPE_CHECKING:
    import pandas as pd

# -- words -----------------------------------------------------------------------------------------

_MARKS = {
    "bands": mark("Points: mean of {n} replicates; bands: their range."),
    "bars": mark("Points: mean of {n} replicates; bars: 95 % interval of the mean."),
    "points": mark(
        "Points: mean of {n} replicates; bands of so many colours would hide each other."
    ),
    "cells": mark("Cells: mean of {n} replicates."),
    "changes": mark("Points: mean change over {n} pairs of replicates; bars: its 95 % interval."),
    "cell changes": mark("Cells: mean change over {n} pairs of replicates."),
    "sample": mark("Each point is one of the sample, the mean of {n} replicates."),
}


def _page(
    outcome: Outcome, rows: pd.DataFrame, free: Mapping[str, str], kind: str, **size: Any
) -> tuple[canvas.Canvas, list[Axes]]:
    """Return the page of a grid of points, with what is drawn in words."""
    design, names, cells = outcome.design, list(free.values()), kind.startswith("cell")
    held = design.held(names)
    notes = [_what_marks_are(outcome, rows.index, kind)]
    if cells and rows["differs"].any():
        notes.append(
            _t("Dots: the 95 % interval of the paired change from the base point excludes zero.")
        )
    elif not cells and rows["tested"].any():
        notes.append(
            _t(
                "Filled: the 95 % interval of the paired change from the base point excludes "
                "zero; hollow: it includes zero."
            )
        )
    said = _t("{sign}: base point ({where}), the scenario as it is.")
    if not design.is_base:
        said = _t("{sign}: base point ({where}), the first of the sweep.")
    sign = _t("Dashed frame") if cells else _t("Ring and thin line")
    notes.append(said.format(sign=sign, where=design.where(names)))
    if held:
        notes.append(_t("Held: {where}.").format(where=design.where(held)))
    for factor in (design.factors[name] for name in names):
        if factor.meaning:
            notes.append(f"{capital(shown(factor.words))}: {factor.meaning}.")
    lost = _t("Hatched") if cells else _t("Crosses")
    return canvas.new_page(
        outcome.title(_t("by {factors}").format(factors=design.words(names))),
        *notes,
        *_what_is_missing(outcome, rows["value"].notna(), lost),
        foot=canvas.origin(outcome.results),
        **size,
    )


def _what_marks_are(outcome: Outcome, points: pd.Index[Any], kind: str) -> str:
    """Say what marks are, and of how many replicates."""
    values = outcome.values.notna()
    if "changes" in kind:
        values = values & values.loc[outcome.design.base]
    counts = values.loc[points].sum(axis=1)
    fewest, most = int(counts[counts > 0].min()), int(counts.max())
    if most == 1 and kind == "sample":
        return _t("Each point is one of the sample, with one replicate.")
    if most == 1:
        return _t("One simulated replicate, so that chance cannot be seen.")
    n = str(most) if fewest == most else _t("{a} to {b}").format(a=fewest, b=most)
    return _t(_MARKS[kind]).format(n=n)


def _what_is_missing(outcome: Outcome, known: pd.Series[Any], sign: str) -> list[str]:
    """Say how many points have no value, and how far the sweep is."""
    results, runs, notes = outcome.results, len(outcome.results.contents.plan), []
    if not known.all():
        failed = {point for failure in results.failures for point in failure["points"]}
        notes.append(
            _t("{sign}: {n} of {all} points without a finished run ({failed} failed).").format(
                sign=sign,
                n=int((~known).sum()),
                all=len(known),
                failed=len(failed & set(known.index[~known])),
            )
        )
    if results.failures:
        notes.append(_t("{n} of {all} runs failed.").format(n=len(results.failures), all=runs))
    if results.left:
        notes.append(_t("{n} of {all} runs are to be done.").format(n=results.left, all=runs))
    return notes


# -- marks and axes --------------------------------------------------------------------------------


def _draw_marks(axes: Axes, rows: pd.DataFrame, x: Floats, y: Floats, number: int) -> None:
    """Draw points, filled where they differ from the base, which has a ring around it."""
    style = look(number)
    filled, base = rows["filled"].to_numpy(), rows["base"].to_numpy()
    dots: dict[str, Any] = {"linestyle": "none", "zorder": 4, "markeredgecolor": style.colour}
    for mine, face in ((filled, style.colour), (~filled, "white")):
        axes.plot(
            x[mine], y[mine], marker=style.marker, markersize=4.2, markerfacecolor=face, **dots
        )
    dots |= {"markeredgecolor": INK, "markerfacecolor": "none", "gid": "base"}
    axes.plot(x[base], y[base], marker="o", markersize=8.5, **dots)


def _draw_intervals(
    axes: Axes, rows: pd.DataFrame, x: Floats, y: Floats, number: int, *, upright: bool
) -> None:
    """Draw 95 % intervals as bars with caps, upright where the vertical axis has the values."""
    reach = rows[["low", "high"]].sub(rows["value"], axis=0).abs().to_numpy().T
    bars: dict[str, Any] = {"yerr" if upright else "xerr": reach}
    axes.errorbar(
        x, y, **bars, fmt="none", ecolor=look(number).colour, elinewidth=0.9, capsize=1.8, zorder=3
    )


def _draw_missing(axes: Axes, x: Floats, y: Floats, number: int, **place: Any) -> None:
    """Draw crosses at the axis where a point has no value."""
    if len(x):
        colour = look(number).colour
        (crosses,) = axes.plot(x, y, "x", markersize=4.0, color=colour, clip_on=False, **place)
        crosses.set_gid("missing")


def _place_levels(axes: Axes, factor: Factor) -> Floats:
    """Let the horizontal axis hold the levels of a factor, and return their places."""
    places: Floats = np.array(factor.levels, dtype=np.float64)
    low, high = places[0], places[-1]
    if factor.logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
        room = (high / low) ** 0.05
        axes.set_xlim(low / room, high * room)
    else:
        room = 0.05 * (high - low)
        axes.set_xlim(low - room, high + room)
    return places


def _name_levels(axes: Axes, places: Floats, texts: Sequence[str]) -> None:
    """Name as many levels below the horizontal axis as there is room for."""
    figure = axes.figure
    assert isinstance(figure, canvas.Canvas)

    def name(width: float) -> None:
        to_axes = axes.transScale + axes.transLimits
        shares = to_axes.transform(np.column_stack([places, np.ones(len(places))]))[:, 0]
        labels, end = [], -np.inf
        for text, middle in zip(texts, (width * shares).tolist(), strict=True):
            label = canvas.fitting(text, max(width / len(texts) - 0.05, 0.4), SMALL)
            half = canvas.text_width(label, SMALL) / 2.0
            free = middle - half > end + 0.06
            labels.append(label if free else "")
            end = middle + half if free else end
        axes.set_xticks(places, labels, size=SMALL)

    name(0.8 * canvas.panel_width(axes))
    figure.afterwards(lambda: name(axes.get_position().width * figure.get_figwidth()))


def _mark_base(draw: Callable[..., Line2D], rows: pd.DataFrame) -> None:
    """Draw a thin line through the value of the base point."""
    for value in rows.loc[rows["base"], "value"].dropna():
        draw(value, color=MUTED, linewidth=0.6, zorder=1.5, gid="base")


def _key(design: Design, name: str | None) -> list[tuple[Artist, str]]:
    """Return the key of the levels that colours show."""
    entries: list[tuple[Artist, str]] = []
    for level in range(len(design.factors[name].levels) if name else 0):
        style = look(level)
        sign = Line2D(
            [], [], color=style.colour, linestyle=style.dash, marker=style.marker, markersize=4.2
        )
        entries.append((sign, design.at(str(name), level)))
    return entries


def _groups(rows: pd.DataFrame, by: str) -> list[tuple[int, pd.DataFrame]]:
    """Return the points of each colour or panel by its number; all where no factor is shown so."""
    if by not in rows:
        return [(0, rows)]
    return [(int(level), own) for level, own in rows.groupby(by)]  # type: ignore[arg-type]


# -- two factors -----------------------------------------------------------------------------------

MOST_LEVELS = 60
"""Levels of a factor that a heat map shows, at most."""


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
        As of `read_outcome`.
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
    first = pick(design, x, [y] if y else ())
    second = pick(design, y, [first])
    if x is None and y is None:
        first, second = sorted((first, second), key=list(design.factors).index)
    free = {"x": first, "y": second}
    across, up = (design.factors[name] for name in free.values())
    for factor in (across, up):
        if len(factor.levels) > MOST_LEVELS:
            raise NothingToDrawError(
                _t("{factor} has {n} levels, more than the {most} that fit").format(
                    factor=factor.name, n=len(factor.levels), most=MOST_LEVELS
                )
            )
    rows = drawn_points(outcome, free, show, 4)
    kind = "cell changes" if show == "change" else "cells"
    high = float(np.clip(0.3 * len(up.levels), 1.3, 4.6))
    figure, (axes,) = _page(outcome, rows, free, kind, height=high + 1.6)
    canvas.head(axes, "", outcome.label(show))
    values = rows.pivot(index="y", columns="x", values="value")
    values = values.reindex(index=range(len(up.levels)), columns=range(len(across.levels)))
    scale = _scale(rows["value"], show)
    image = axes.imshow(values, cmap=scale.cmap, origin="lower", aspect="auto")
    image.set_norm(scale.norm)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0.0)
    _name_cells(axes, across, up, high)
    bar = figure.colorbar(scale, ax=axes, pad=0.02, aspect=high / 0.12)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL)
    canvas.number_axis(bar.ax.yaxis, *scale.get_clim(), 5)
    for i, j in rows.loc[rows["value"].isna(), ["x", "y"]].to_numpy():
        hatched = Rectangle((i - 0.5, j - 0.5), 1.0, 1.0, facecolor="white", hatch="//////")
        axes.add_patch(hatched).set(edgecolor=FAINT, linewidth=0.0)
    for i, j in rows.loc[rows["base"], ["x", "y"]].to_numpy():
        for colour, width, dash in (("white", 2.2, "-"), (INK, 1.0, (0, (3, 1.5)))):
            frame = Rectangle((i - 0.42, j - 0.42), 0.84, 0.84, fill=False, linestyle=dash)
            axes.add_patch(frame).set(edgecolor=colour, linewidth=width, zorder=4)
    cells = rows.loc[rows["value"].notna(), ["x", "y", "value", "differs"]]
    figure.afterwards(lambda: _write_cells(axes, cells, scale, show))
    return figure


def _scale(values: pd.Series[Any], show: str) -> ScalarMappable:
    """Return the scale of colours, centred on zero for changes."""
    low, high = float(values.min()), float(values.max())
    if show == "change":
        most = max(abs(low), abs(high)) or 1.0
        return ScalarMappable(Normalize(-most, most), "PuOr_r")
    if high - low <= 1e-12 * max(abs(high), 1.0):
        low, high = low - 0.5, high + 0.5
    return ScalarMappable(Normalize(low, high), "cividis")


def _name_cells(axes: Axes, across: Factor, up: Factor, high: float) -> None:
    """Name the levels of both factors; long names below stand upright."""
    figure = axes.figure
    assert isinstance(figure, canvas.Canvas)
    beside = [canvas.fitting(text, min(0.3 * figure.inside, 1.8), SMALL) for text in up.texts]
    step = -(-len(beside) // int(high / 0.13))
    axes.set_yticks(range(0, len(beside), step), beside[::step], size=SMALL)
    left = max(canvas.text_width(text, SMALL) for text in beside)
    cell = (figure.inside - left - 1.0) / len(across.levels)
    below = [canvas.fitting(text, 1.1, SMALL) for text in across.texts]
    if not across.numeric and max(canvas.text_width(text, SMALL) for text in below) > cell - 0.05:
        step = int(np.ceil(0.13 / cell))
        axes.set_xticks(range(0, len(below), step), below[::step], size=SMALL, rotation=90)
    else:
        _name_levels(axes, np.arange(len(below), dtype=np.float64), below)
    axes.set_xlabel(canvas.fitting(capital(across.words), 0.7 * figure.inside))
    axes.set_ylabel(canvas.fitting(capital(up.words), high))


def _write_cells(axes: Axes, cells: pd.DataFrame, scale: ScalarMappable, show: str) -> None:
    """Write the value of each cell where there is room, and dots where changes differ from zero."""
    box = axes.get_window_extent()
    wide = box.width / axes.figure.dpi / np.ptp(axes.get_xlim())
    high = box.height / axes.figure.dpi / np.ptp(axes.get_ylim())
    texts = [number(value, 3, sign=show == "change") for value in cells["value"]]
    room = max(canvas.text_width(text, SMALL) for text in texts) + 0.2 < wide and high > 0.19
    for text, (i, j, value, differs) in zip(texts, cells.to_numpy(), strict=True):
        red, green, blue, _ = np.asarray(scale.to_rgba(value)).tolist()
        ink = "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5 else INK
        if room:
            axes.text(i, j, text, size=SMALL, color=ink, ha="center", va="center", zorder=3)
        if differs:
            size = min(2.6, 20.0 * min(wide, high))
            axes.plot(i, j + 0.3 * room, "o", markersize=size, color=ink, gid="differs")


# -- along a factor --------------------------------------------------------------------------------

MOST_COLOURS, MOST_PANELS = 7, 9
"""Levels of factors that colours and panels show unasked."""


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
        As of `read_outcome`.
    x, colour, panels
        Factors; by default the one with most numbers, and then the others in their order.
    show
        ``"value"``, with the range of replicates as a band, or ``"change"`` from the base point,
        with its interval.

    Raises
    ------
    NothingToDrawError
        When no factor has numbers, or the points lie on no grid of these factors.
    """
    outcome = read_outcome(results, indicator, region, year)
    design = outcome.design
    along = pick(design, x, [name for name in (colour, panels) if name], numeric=True)
    hue = spare(design, colour, [along, *([panels] if panels and not colour else [])], MOST_COLOURS)
    sheet = spare(design, panels, [along, *([hue] if hue else [])], MOST_PANELS)
    axes_of = {"x": along, "colour": hue, "panel": sheet}
    free = {shows: name for shows, name in axes_of.items() if name}
    rows, factor = drawn_points(outcome, free, show), design.factors[along]
    key, sheets = _key(design, hue), _groups(rows, "panel")
    bands = show == "value" and len(key) <= MOST_BANDS
    kind = "changes" if show == "change" else "bands" if bands else "points"
    figure, every = _page(
        outcome,
        rows,
        free,
        kind,
        panels=len(sheets),
        columns=3 if len(sheets) == 3 or len(sheets) > 4 else 2,
        height=3.0 if len(sheets) == 1 else 2.2,
        least=2.1,
        key=key,
    )
    drawn = {"bands": ["least", "most"], "changes": ["low", "high"], "points": []}[kind]
    for axes, (level, own) in zip(every, sheets, strict=True):
        places = _place_levels(axes, factor)
        for number_of, line in _groups(own, "colour"):
            _draw_line(axes, places, line.sort_values("x", kind="stable"), number_of, kind)
        _mark_base(axes.axhline, rows)
        canvas.set_amounts(axes, rows[["value", *drawn]].to_numpy(), from_zero=False)
        _name_levels(axes, places, factor.texts)
        canvas.head(axes, design.at(sheet, level) if sheet else "", outcome.label(show))
        width = 0.8 * canvas.panel_width(axes)
        axes.set_xlabel(canvas.fitting(capital(factor.words), width), labelpad=2.0)
    return figure


def _draw_line(axes: Axes, places: Floats, line: pd.DataFrame, number_of: int, kind: str) -> None:
    """Draw the points of one colour in a panel: range of replicates or interval, line and marks."""
    style, known = look(number_of), line[line["value"].notna()]
    at, mean = places[known["x"]], known["value"].to_numpy()
    lost = places[line.loc[line["value"].isna(), "x"]]
    if kind == "bands" and (known["most"] > known["least"]).any():
        axes.fill_between(
            at, known["least"], known["most"], color=style.colour, alpha=0.2, linewidth=0, zorder=2
        )
    if kind == "changes":
        _draw_intervals(axes, known, at, mean, number_of, upright=True)
    axes.plot(at, mean, color=style.colour, linestyle=style.dash, linewidth=1.4, zorder=3)
    _draw_marks(axes, known, at, mean, number_of)
    below = axes.get_xaxis_transform()
    _draw_missing(axes, lost, np.zeros(len(lost)), number_of, transform=below)


# -- by level --------------------------------------------------------------------------------------

MOST_DOTS = 400
"""Points of a dot plot, whose page is as high as they need."""


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
    """Return an outcome of each level of a factor, one row a level, with 95 % intervals.

    Levels that are no numbers come from the highest to the lowest value, where there is one colour.

    Parameters
    ----------
    indicator, region, year
        As of `read_outcome`.
    y, colour
        Factors of rows and colours; by default the one with most levels, and another one.
    show
        ``"value"``, or ``"change"`` from the base point.

    Raises
    ------
    NothingToDrawError
        When there are too many points, or they lie on no grid of these factors.
    """
    outcome = read_outcome(results, indicator, region, year)
    design = outcome.design
    name = pick(design, y, [colour] if colour else ())
    hue = spare(design, colour, [name], MOST_COLOURS)
    free = {"y": name, "colour": hue} if hue else {"y": name}
    rows, factor = drawn_points(outcome, free, show), design.factors[name]
    if len(rows) > MOST_DOTS:
        raise NothingToDrawError(
            _t("there are {n} points, more than the {most} that fit").format(
                n=len(rows), most=MOST_DOTS
            )
        )
    by_value = not factor.numeric and hue is None
    by = "value" if by_value else "y"
    order = rows.sort_values(by, ascending=not by_value, kind="stable")["y"].unique()
    room = min(0.38 * canvas.page_width(), 2.6)
    names = [
        "\n".join(canvas.wrapped(shown(factor.texts[level], 120), BODY, room)) for level in order
    ]
    key = _key(design, hue)
    colours = max(len(key), 1)
    step = max(0.2 + 0.11 * (colours - 1), 0.06 + 0.135 * max(1 + one.count("\n") for one in names))
    kind = "changes" if show == "change" else "bars"
    figure, (axes,) = _page(outcome, rows, free, kind, height=step * len(order) + 0.6, key=key)
    widest = max(canvas.text_width(line, BODY) for name in names for line in name.split("\n"))
    canvas.head(axes, "", outcome.label(show), room=figure.inside - widest - 0.4)
    axes.set_yticks(range(len(order)), names)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.set_ylabel(canvas.fitting(capital(factor.words), step * len(order)))
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    for number_of, own in _groups(rows, "colour"):
        shift = 0.7 / max(colours, 2) * (number_of - (colours - 1) / 2.0)
        at = own["y"].map({level: row + shift for row, level in enumerate(order)}).to_numpy()
        mean, known = own["value"].to_numpy(), own["value"].notna().to_numpy()
        _draw_intervals(axes, own[known], mean[known], at[known], number_of, upright=False)
        _draw_marks(axes, own[known], mean[known], at[known], number_of)
        beside = axes.get_yaxis_transform()
        _draw_missing(axes, np.zeros(sum(~known)), at[~known], number_of, transform=beside)
    _mark_base(axes.axvline, rows)
    ends = rows[["value", "low", "high"]].to_numpy()
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    room = 0.05 * (high - low) or 0.5
    axes.set_xlim(low - room, high + room)
    canvas.number_axis(axes.xaxis, low - room, high + room, int(max(2, (figure.inside - widest))))
    return figure


# -- a sample --------------------------------------------------------------------------------------

MOST = 12
"""Panels of a scatter plot, at most."""

FEWEST = 6
"""Points below which nothing is drawn."""

BINS, IN_A_BIN = 8, 6
"""Most means along a factor, and fewest points in each."""

SURE, UNSURE = "#0072b2", "#9a9a9a"
"""Colours of factors whose correlation differs from zero, and of others."""


@dataclass(frozen=True)
class _Panel:
    """A factor, its places on the axis by point, and how the outcome goes with it."""

    factor: Factor
    x: pd.Series[Any]
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
        As of `read_outcome`.
    x
        One factor alone.

    Raises
    ------
    NothingToDrawError
        When too few points have a finished run.
    """
    outcome = read_outcome(results, indicator, region, year)
    means = outcome.values.mean(axis=1)
    y = means.dropna()
    if len(y) < FEWEST:
        raise NothingToDrawError(
            _t("a scatter plot needs {least} points with a finished run, there are {n}").format(
                least=FEWEST, n=len(y)
            )
        )
    panels = _panels(outcome.design, y)
    if x is not None:
        name = pick(outcome.design, x, ())
        panels = [panel for panel in panels if panel.factor.name == name]
    drawn = panels[:MOST]
    by = _t("against each factor")
    if len(panels) == 1:
        by = _t("against {factor}").format(factor=shown(panels[0].factor.words))
    notes = [
        _what_marks_are(outcome, y.index, "sample"),
        _t("Lines: mean of equal numbers of points along the factor."),
        _t(
            "\u03c1: Spearman's rank correlation with its 95 % interval; blue where it differs "
            "from zero when all factors are counted (Holm, 5 %)."
        ),
        _t("Vertical axes: {unit}.").format(unit=outcome.label("value")),
    ]
    if len(outcome.design.factors) > 1:
        notes.append(_t("In each panel all other factors vary, too."))
    if len(drawn) < len(panels):
        notes.append(
            _t("{n} of {all} factors are shown, those with the largest \u03c1.").format(
                n=len(drawn), all=len(panels)
            )
        )
    notes += _what_is_missing(outcome, means.notna(), _t("Left out"))
    figure, every = canvas.new_page(
        outcome.title(by),
        *notes,
        foot=canvas.origin(results),
        panels=len(drawn),
        columns=3 if len(drawn) < 9 else 4,
        height=3.0 if len(drawn) == 1 else 1.9,
        least=1.6,
    )
    for axes, panel in zip(every, drawn, strict=True):
        _draw_factor(axes, panel, y)
    return figure


def _panels(design: Design, y: pd.Series[Any]) -> list[_Panel]:
    """Return the factors, those first that go most with the outcome."""
    factors = list(design.factors.values())
    x, found = [], []
    for factor in factors:
        codes = design.codes.loc[y.index, factor.name]
        x.append(codes.map(dict(enumerate(factor.levels))) if factor.numeric else codes)
        # values without order have no ranks, two of them have
        ordered = factor.numeric or len(factor.levels) == 2
        found.append(rank_correlation(x[-1].to_numpy(np.float64), y) if ordered else NONE)
    sure: Bools = np.nan_to_num(holm([one.p for one in found]), nan=1.0) < SIGNIFICANCE
    panels = [_Panel(*each) for each in zip(factors, x, found, sure.tolist(), strict=True)]
    return sorted(panels, key=lambda panel: -np.nan_to_num(abs(panel.found.value), nan=-1.0))


def _draw_factor(axes: Axes, panel: _Panel, y: pd.Series[Any]) -> None:
    """Draw the points of the sample along a factor, and means of equal numbers of them."""
    factor, x = panel.factor, panel.x
    axes.plot(
        x, y, linestyle="none", marker="o", markersize=2.6, markeredgewidth=0.0, alpha=0.6,
        color=SURE if panel.sure else UNSURE,
    )  # fmt: skip
    groups = [np.flatnonzero(x == level) for level in np.unique(x)]
    if factor.numeric:
        order = np.argsort(x.to_numpy(), kind="stable")
        groups = np.array_split(order, max(1, min(BINS, len(y) // IN_A_BIN)))
    means = [[values.iloc[rows].mean() for rows in groups] for values in (x, y)]
    axes.plot(*means, color=INK, linewidth=1.2, marker="_", markersize=5.0, gid="mean")
    canvas.set_amounts(axes, y.to_numpy(), from_zero=False)
    canvas.head(axes, shown(capital(factor.words)), _correlation_in_words(panel))
    grid = axes.get_subplotspec()
    axes.tick_params(labelleft=grid is None or grid.is_first_col(), labelsize=SMALL)
    if not factor.numeric:
        axes.set_xlim(-0.5, len(factor.levels) - 0.5)
        _name_levels(axes, np.arange(len(factor.levels), dtype=np.float64), factor.texts)
    elif factor.logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    else:
        bins_of_axis = max(2, int(canvas.panel_width(axes) / 0.6))
        canvas.number_axis(axes.xaxis, float(x.min()), float(x.max()), bins_of_axis)


def _correlation_in_words(panel: _Panel) -> str:
    found = panel.found
    if np.isnan(found.value):
        ordered = panel.factor.numeric or len(panel.factor.levels) == 2
        return _t("no \u03c1: all values are equal") if ordered else _t("values without order")
    value, low, high = (fixed(end, 2, sign=True) for end in (found.value, found.low, found.high))
    if np.isnan(found.low):
        return f"\u03c1 {value}"
    return _t("\u03c1 {value} ({low} to {high})").format(value=value, low=low, high=high)
