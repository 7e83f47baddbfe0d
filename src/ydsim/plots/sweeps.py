"""An outcome at the points of a sweep: by two factors, along one, by level, or in a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ydsim.errors import NothingToDrawError
from ydsim.fmt import fixed, listed, number
from ydsim.measures.effects import FEW, LEAST, holm
from ydsim.measures.rank import NONE, RankCorrelation, rank_correlation
from ydsim.plots import canvas
from ydsim.plots.factors import (
    FITTING,
    LIST,
    ONE_BY_ONE,
    Outcome,
    base_of,
    design_of,
    has_numbers,
    levels_of,
    meaning_of,
    on_axes,
    read_outcome,
    texts_of,
)
from ydsim.plots.style import BODY, FAINT, INK, MUTED, SMALL, look, shown
from ydsim.plots.values import MOST_BANDS, key_in_words
from ydsim.results.compare import SIGNIFICANCE
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import capital

if TYPE_CHECKING:
    import pandas as pd

MOST = {"colour": 7, "panel": 9}
"""Levels of a factor that colours and panels show unasked."""

MOST_POINTS, MOST_DOTS = 3_600, 400
"""Points of a figure, and of a dot plot, whose page is as high as they need."""

DENSE = 0.25
"""Share of the combinations of levels that there must be for points to lie on a grid."""

# -- which factor goes on which axis, and the points that are drawn --------------------------------


def axes_of(
    design: str,
    levels: pd.DataFrame,
    asked: Mapping[str, str | None],
    must: int = 1,
    *,
    numbers: bool = False,
) -> dict[str, str]:
    """Return the factor of each axis: that which is asked for, else one of those that are left.

    The first ``must`` axes take those with most levels, the first of all one with numbers if that
    is asked; others stay without a factor where none has as few levels as `MOST`.

    Raises
    ------
    NothingToDrawError
        When the design has no grid, or an axis has no factor that fits.
    """
    given, first = [name for name in asked.values() if name], next(iter(asked.values()))
    one_line = design == ONE_BY_ONE and must == 1 and (first or len(levels.columns) == 1)
    if design in FITTING and not one_line:
        said = _t("points of a design of kind {design} lie on no grid of factors; draw {kinds}")
        raise NothingToDrawError(said.format(design=design, kinds=FITTING[design]))
    for one in given:
        if one not in levels:
            raise NothingToDrawError(_t("{factor} is the same at every point").format(factor=one))
        if given.count(one) > 1:
            raise NothingToDrawError(_t("{factor} cannot be on two axes").format(factor=one))
    sizes = {str(name): size for name, size in levels.nunique().items()}
    found: dict[str, str] = {}
    for at, (axis, name) in enumerate(asked.items()):
        used = (*given, *found.values())
        left = [name] if name else [factor for factor in sizes if factor not in used]
        if numbers and at == 0 and not (left := [one for one in left if has_numbers(levels[one])]):
            raise NothingToDrawError(_t("the axis needs a factor with numbers; draw dot_plot"))
        if at < must and not left:
            said = _t("a heat map needs two factors, and {factor} alone varies; draw {kinds}")
            factor, kinds = next(iter(sizes)), "sweep_lines, dot_plot"
            raise NothingToDrawError(said.format(factor=factor, kinds=kinds))
        if at >= must and not name:
            left = [one for one in left if sizes[one] <= MOST[axis] and not one_line][:1]
        if left:
            found[axis] = max(left, key=lambda one: sizes[one])
    return found


def grid_kinds(results: Results) -> list[str]:
    """Return which of the three kinds of a grid can be drawn of a sweep where no axis is named."""
    design, levels, base = design_of(results), levels_of(results), base_of(results)[0]
    found = []
    for kind, axes, must, most in (
        ("heat_map", ("x", "y"), 2, MOST_POINTS),
        ("sweep_lines", ("x", "colour", "panel"), 1, MOST_POINTS),
        ("dot_plot", ("y", "colour"), 1, MOST_DOTS),
    ):
        if kind == "dot_plot" and design == LIST:  # a row for each alternative
            found += [kind] if 1 < len(levels) <= most else []
            continue
        with suppress(NothingToDrawError):
            numbers = kind == "sweep_lines"
            free = axes_of(design, levels, dict.fromkeys(axes), must, numbers=numbers)
            _on_grid(levels, base, free, most)
            found.append(kind)
    return found


def _on_grid(levels: pd.DataFrame, base: int, free: Mapping[str, str], most: int) -> pd.DataFrame:
    """Return the numbers of levels by axis at the points of a figure; refuse what is no grid."""
    names = list(free.values())
    rows = on_axes(levels, base, names).set_axis(list(free), axis=1)
    size = prod(levels[names].nunique())
    if len(rows) < max(2, DENSE * size):
        raise NothingToDrawError(
            _t(
                "the points lie on no grid of {factors}: only {n} of {all} combinations exist "
                "where all other factors are held"
            ).format(factors=listed(map(key_in_words, names)), n=len(rows), all=size)
        )
    if len(rows) > most:
        said = _t("there are {n} points, more than the {most} that fit")
        raise NothingToDrawError(said.format(n=len(rows), most=most))
    return rows


def drawn_points(
    outcome: Outcome, free: Mapping[str, str], show: str = "value", most: int = MOST_POINTS
) -> pd.DataFrame:
    """Return the points of a figure, those where factors without an axis are as at the base point.

    Parameters
    ----------
    free
        Names of the factors that are not held, by axis, as in ``{"x": name}``.
    show
        ``"value"``, or ``"change"`` from the base point.
    most
        Points that fit.

    Returns
    -------
    DataFrame
        By axis the number of the level; ``value, low, high``: mean or change with its 95 % interval
        over ``n`` replicates or pairs; ``least, most`` of the replicates; ``tested``: the paired
        change from the base point has an interval, and ``differs``: it excludes zero; ``base``: it
        is the base point; ``filled``: its mark is, as all are where none is tested.

    Raises
    ------
    NothingToDrawError
        When too few or too many points share the levels of all other factors, or none has a value.
    """
    rows = _on_grid(outcome.levels, outcome.base, free, most)
    paired = outcome.values
    if show == "change":
        paired = paired.loc[:, paired.loc[outcome.base].notna()]
    changes = [outcome.change(point) for point in rows.index]
    values = [outcome.mean(point) for point in rows.index] if show == "value" else changes
    rows = rows.assign(
        value=[one.estimate for one in values],
        low=[one.low for one in values],
        high=[one.high for one in values],
        n=paired.notna().sum(axis=1),
        least=outcome.values.min(axis=1),
        most=outcome.values.max(axis=1),
        tested=[np.isfinite(one.low) for one in changes],
        differs=[one.low > 0.0 or one.high < 0.0 for one in changes],
        base=rows.index == outcome.base,
    )
    rows["filled"] = rows["differs"] | (not rows["tested"].any())
    if not rows["value"].notna().any():
        raise NothingToDrawError(_t("none of the points has a finished run to compare"))
    return rows


# -- the page --------------------------------------------------------------------------------------


def _page(
    outcome: Outcome, rows: pd.DataFrame, free: Mapping[str, str], marks: str, **size: Any
) -> tuple[canvas.Canvas, list[Axes]]:
    """Return the page of a grid of points; ``marks`` says what these are of ``{n}`` replicates."""
    names, cells = list(free.values()), "y" in free and "x" in free
    held = [name for name in outcome.levels.columns.tolist() if name not in names]
    differs = _t("Dots: the 95 % interval of the paired change from the base point excludes zero.")
    if not cells:
        differs = _t(
            "Filled: the 95 % interval of the paired change from the base point excludes "
            "zero; hollow: it includes zero."
        )
    base = _t("{sign}: base point ({where}), the scenario as it is.")
    if not outcome.is_base:
        base = _t("{sign}: base point ({where}), the first of the sweep.")
    sign = _t("Dashed frame") if cells else _t("Ring and thin line")
    return canvas.new_page(
        outcome.title(_t("{what} by {factors}: {place}, {year}"), names),
        _of_replicates(rows["n"], marks, intervals=not cells or bool(rows["differs"].any())),
        differs if rows["differs" if cells else "tested"].any() else "",
        base.format(sign=sign, where=listed(map(outcome.at, names))),
        _t("Held: {where}.").format(where=listed(map(outcome.at, held))) if held else "",
        *(
            f"{capital(shown(key_in_words(name)))}: {meaning}."
            for name in names
            if (meaning := meaning_of(name))
        ),
        _what_is_missing(outcome, rows["value"].notna(), _t("Hatched") if cells else _t("Crosses")),
        foot=canvas.origin(outcome.results),
        **size,
    )


def _of_replicates(counts: pd.Series[int], marks: str, *, intervals: bool = False) -> str:
    """Say what marks are, of as many replicates as points with a value have."""
    fewest, most = int(counts[counts > 0].min()), int(counts.max())
    if most == 1:
        return _t("One simulated replicate, so that chance cannot be seen.")
    said = marks.format(n=most if fewest == most else f"{fewest}\u2013{most}")
    if intervals and most < LEAST:
        said += " " + _t("Fewer than three replicates have no interval.")
    elif intervals and fewest < FEW:
        said += " " + _t("Intervals of so few replicates are wide.")
    return said


def _what_is_missing(outcome: Outcome, known: pd.Series[Any], sign: str) -> str:
    """Say how many points have no value, and how many runs are not finished."""
    results, notes = outcome.results, []
    if not known.all():
        said = _t("{sign}: {n} of {all} points without a finished run.")
        notes.append(said.format(sign=sign, n=int((~known).sum()), all=len(known)))
    if lost := len(results.contents.plan) - results.done:
        said = _t("{n} of {all} runs are not finished, {failed} of them failed.")
        every, failed = len(results.contents.plan), len(results.failures)
        notes.append(said.format(n=lost, all=every, failed=failed))
    return " ".join(notes)


def _key(outcome: Outcome, name: str | None) -> list[tuple[Artist, str]]:
    """Return the key of the levels that colours show."""
    entries: list[tuple[Artist, str]] = []
    for level in range(outcome.levels[name].nunique() if name else 0):
        style: dict[str, Any] = {"color": look(level).colour, "linestyle": look(level).dash}
        sign = Line2D([], [], marker=look(level).marker, markersize=4.2, **style)
        entries.append((sign, outcome.at(str(name), level)))
    return entries


def _draw_points(
    axes: Axes, rows: pd.DataFrame, along: Floats, colour: int, *, upright: bool, bars: bool
) -> None:
    """Draw points with their intervals, upright where the vertical axis has the values.

    They are filled where they differ from the base, which has a ring; a point without a value is a
    cross at the axis.
    """
    style, rows = look(colour), rows.assign(along=along)
    x, y = ("along", "value") if upright else ("value", "along")
    known, lost = rows[rows["value"].notna()], rows[rows["value"].isna()].assign(value=0.0)
    for filled, own in known.groupby("filled"):
        reach = own[["low", "high"]].sub(own["value"], axis=0).abs().to_numpy().T
        lengths: dict[str, Any] = {"yerr" if upright else "xerr": reach} if bars else {}
        axes.errorbar(
            own[x],
            own[y],
            fmt=style.marker,
            color=style.colour,
            markerfacecolor=style.colour if filled else "white",
            markersize=4.2,
            elinewidth=0.9,
            capsize=1.8,
            zorder=4,
            **lengths,
        )
    base = known[known["base"]]
    axes.plot(base[x], base[y], "o", color=INK, markersize=8.5, markerfacecolor="none", gid="base")
    for value in base["value"]:
        line = axes.axhline if upright else axes.axvline
        line(value, color=MUTED, linewidth=0.6, zorder=1.5, gid="base")
    if len(lost):
        place = axes.get_xaxis_transform() if upright else axes.get_yaxis_transform()
        cross = {"color": style.colour, "markersize": 4.0, "clip_on": False, "gid": "missing"}
        axes.plot(lost[x], lost[y], "x", transform=place, **cross)  # type: ignore[arg-type]


def _groups(rows: pd.DataFrame, by: str) -> list[tuple[Any, pd.DataFrame]]:
    """Return the points of each colour or panel by its number; all where no factor is shown so."""
    return [*rows.groupby(by)] if by in rows else [(0, rows)]


def _number_axis(axes: Axes, levels: Floats, name: str) -> None:
    """Let the horizontal axis hold the numbers of a factor, logs where their ratios are alike."""
    low, high = float(levels[0]), float(levels[-1])
    bins = max(2, int(canvas.panel_width(axes) / 0.6))
    steps = np.diff(np.log(levels)) if low > 0.0 else np.array([0.0, 1.0])
    if name.rpartition(".")[2] in ("start", "end", "year"):
        canvas.set_years(axes, int(low), int(high))
    elif len(levels) > 2 and high > 10.0 * low and steps.max() < 3.0 * steps.min():
        axes.set_xscale("log")
        axes.set_xlim(low * (low / high) ** 0.05, high * (high / low) ** 0.05)
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0,), numticks=bins))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    else:
        room = 0.05 * (high - low)
        axes.set_xlim(low - room, high + room)
        canvas.number_axis(axes.xaxis, low, high, bins)


# -- two factors -----------------------------------------------------------------------------------


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
    free = axes_of(design_of(results), outcome.levels, {"x": x, "y": y}, 2)
    if not (x or y):
        both = [name for name in outcome.levels.columns.tolist() if name in free.values()]
        free = dict(zip("xy", both, strict=True))
    rows = drawn_points(outcome, free, show)
    across, up = map(outcome.texts, free.values())
    marks = _t("Cells: mean of {n} replicates.")
    if show == "change":
        marks = _t("Cells: mean change over {n} pairs of replicates.")
    high = float(np.clip(0.3 * len(up), 1.3, 4.6))
    figure, (axes,) = _page(outcome, rows, free, marks, height=high + 1.6)
    canvas.head(axes, "", outcome.label(show))
    values = rows.pivot(index="y", columns="x", values="value")
    values = values.reindex(index=range(len(up)), columns=range(len(across)))
    scale = _scale(rows["value"], show)
    image = axes.imshow(values, cmap=scale.cmap, origin="lower", aspect="auto")
    image.set_norm(scale.norm)
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0.0)
    cell = _name_cells(axes, across, up, high)
    axes.set_xlabel(canvas.fitting(capital(key_in_words(free["x"])), 0.7 * figure.inside))
    axes.set_ylabel(canvas.fitting(capital(key_in_words(free["y"])), high))
    bar = figure.colorbar(scale, ax=axes, pad=0.02, aspect=high / 0.12)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL)
    canvas.number_axis(bar.ax.yaxis, *scale.get_clim(), 5)
    for i, j in rows.loc[rows["value"].isna(), ["x", "y"]].to_numpy():
        hatched = Rectangle((i - 0.5, j - 0.5), 1.0, 1.0, facecolor="white", hatch="//////")
        axes.add_patch(hatched).set(edgecolor=FAINT, linewidth=0.0)
    for i, j in rows.loc[rows["base"], ["x", "y"]].to_numpy():
        for colour, dash in (("white", "-"), (INK, (0, (3, 1.5)))):
            frame = Rectangle((i - 0.42, j - 0.42), 0.84, 0.84, fill=False, gid="base")
            axes.add_patch(frame).set(edgecolor=colour, linestyle=dash, linewidth=1.2, zorder=4)
    _write_cells(axes, rows[rows["value"].notna()], scale, cell, show)
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


def _name_cells(
    axes: Axes, across: Sequence[str], up: Sequence[str], high: float
) -> tuple[float, float]:
    """Name the levels of both factors, and return width and height of a cell in inches."""
    inside = canvas.page_width()
    beside = [canvas.fitting(text, min(0.3 * inside, 1.8), SMALL) for text in up]
    below = [canvas.fitting(text, 1.1, SMALL) for text in across]
    left, widest = (max(canvas.text_width(one, SMALL) for one in each) for each in (beside, below))
    cell = (inside - left - 1.0) / len(below), high / len(beside)
    turned = widest > cell[0] - 0.05
    step = max(1, int(np.ceil(0.13 / cell[0]))) if turned else 1
    axes.set_xticks(range(0, len(below), step), below[::step], size=SMALL, rotation=90 * turned)
    step = int(np.ceil(0.13 / cell[1]))
    axes.set_yticks(range(0, len(beside), step), beside[::step], size=SMALL)
    return cell


def _write_cells(
    axes: Axes, rows: pd.DataFrame, scale: ScalarMappable, cell: tuple[float, float], show: str
) -> None:
    """Write the value of each cell where there is room, and dots where changes differ from zero."""
    texts = [number(value, 3, sign=show == "change") for value in rows["value"]]
    room = max(canvas.text_width(text, SMALL) for text in texts) + 0.2 < cell[0] and cell[1] > 0.19
    cells = rows[["x", "y", "value", "differs"]].to_numpy()
    for text, (i, j, value, differs) in zip(texts, cells, strict=True):
        red, green, blue, _ = np.asarray(scale.to_rgba(value)).tolist()
        ink = "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5 else INK
        if room:
            axes.text(i, j, text, size=SMALL, color=ink, ha="center", va="center", zorder=3)
        if differs:
            size = min(2.6, 20.0 * min(cell))
            axes.plot(i, j + 0.3 * room, "o", markersize=size, color=ink, gid="differs")


# -- along a factor --------------------------------------------------------------------------------


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
    asked = {"x": x, "colour": colour, "panel": panels}
    free = axes_of(design_of(results), outcome.levels, asked, numbers=True)
    rows, key = drawn_points(outcome, free, show), _key(outcome, free.get("colour"))
    levels = outcome.levels[free["x"]].cat.categories.to_numpy(np.float64)
    bands, sheets = show == "value" and len(key) <= MOST_BANDS, _groups(rows, "panel")
    marks = _t("Points: mean of {n} replicates; bands: their range.")
    if show == "change":
        marks = _t("Points: mean change over {n} pairs of replicates; bars: its 95 % interval.")
    elif not bands:
        marks = _t(
            "Points: mean of {n} replicates; bands of so many colours would hide each other."
        )
    figure, every = _page(
        outcome,
        rows,
        free,
        marks,
        panels=len(sheets),
        columns=3 if len(sheets) == 3 or len(sheets) > 4 else 2,
        height=3.0 if len(sheets) == 1 else 2.2,
        least=2.1,
        key=key,
    )
    ends = ["low", "high"] if show == "change" else ["least", "most"] if bands else []
    for axes, (level, own) in zip(every, sheets, strict=True):
        _number_axis(axes, levels, free["x"])
        for at, line in _groups(own.sort_values("x", kind="stable"), "colour"):
            style, places = look(at), levels[line["x"]]
            known = line["value"].notna()
            x_y = places[known], line.loc[known, "value"]
            axes.plot(*x_y, color=style.colour, linestyle=style.dash, linewidth=1.4, zorder=3)
            if bands and (line["most"] > line["least"]).any():
                span = places, line["least"], line["most"]
                axes.fill_between(*span, color=style.colour, alpha=0.2, linewidth=0, zorder=2)
            _draw_points(axes, line, places, at, upright=True, bars=show == "change")
        canvas.set_amounts(axes, rows[["value", *ends]].to_numpy(), from_zero=False)
        title = outcome.at(free["panel"], level) if "panel" in free else ""
        canvas.head(axes, title, outcome.label(show))
        width = 0.8 * canvas.panel_width(axes)
        axes.set_xlabel(canvas.fitting(capital(key_in_words(free["x"])), width), labelpad=2.0)
    return figure


# -- by level --------------------------------------------------------------------------------------


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

    Points of a list are alternatives, each with its row. Levels that are no numbers come from the
    highest to the lowest value, where there is one colour.

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
        When there are too many levels, or points lie on no grid of these factors.
    """
    outcome = read_outcome(results, indicator, region, year)
    if design_of(results) == LIST and not (y or colour):
        outcome = outcome.by_alternative()
    free = axes_of(design_of(results), outcome.levels, {"y": y, "colour": colour})
    rows, key = drawn_points(outcome, free, show, MOST_DOTS), _key(outcome, free.get("colour"))
    column, colours = outcome.levels[free["y"]], max(len(key), 1)
    by_value = not has_numbers(column) and not key
    by = "value" if by_value else "y"
    order = rows.sort_values(by, ascending=not by_value, kind="stable")["y"].unique()
    room, texts = min(0.38 * canvas.page_width(), 2.6), outcome.texts(free["y"])
    lines = [canvas.wrapped(shown(texts[level], 120), BODY, room) for level in order]
    step = max(0.2 + 0.11 * (colours - 1), 0.06 + 0.135 * max(map(len, lines)))
    marks = _t("Points: mean of {n} replicates; bars: 95 % interval of the mean.")
    if show == "change":
        marks = _t("Points: mean change over {n} pairs of replicates; bars: its 95 % interval.")
    figure, (axes,) = _page(outcome, rows, free, marks, height=step * len(order) + 0.6, key=key)
    beside = figure.inside - max(canvas.text_width(line, BODY) for each in lines for line in each)
    canvas.head(axes, "", outcome.label(show), room=beside - 0.4)
    axes.set_yticks(range(len(order)), ["\n".join(each) for each in lines])
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.set_ylabel(canvas.fitting(capital(key_in_words(free["y"])), step * len(order)))
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    for at, own in _groups(rows, "colour"):
        shift = 0.7 / max(colours, 2) * (at - (colours - 1) / 2.0)
        places = own["y"].map({level: row + shift for row, level in enumerate(order)}).to_numpy()
        _draw_points(axes, own, places, at, upright=False, bars=True)
    ends = rows[["value", "low", "high"]].to_numpy()
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    pad = 0.05 * (high - low) or 0.5
    axes.set_xlim(low - pad, high + pad)
    canvas.number_axis(axes.xaxis, low - pad, high + pad, max(2, int(beside)))
    return figure


# -- a sample --------------------------------------------------------------------------------------

MOST_PANELS, FEWEST = 12, 6
"""Panels of a scatter plot at most, and points below which nothing is drawn."""

BINS, IN_A_BIN = 8, 6
"""Most means along a factor, and fewest points in each."""

SURE, UNSURE = "#0072b2", "#9a9a9a"
"""Colours of factors whose correlation differs from zero, and of others."""


def has_sample(results: Results) -> bool:
    """Tell whether a sweep has the design and the points that a scatter plot needs."""
    enough = len(results.contents.points) >= FEWEST
    return enough and "scatter" in FITTING.get(design_of(results), "")


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
    y, levels = means.dropna(), outcome.levels.loc[means.notna()]
    if len(y) < FEWEST:
        raise NothingToDrawError(
            _t("a scatter plot needs {least} points with a finished run, there are {n}").format(
                least=FEWEST, n=len(y)
            )
        )
    if x is not None and x not in levels:
        raise NothingToDrawError(_t("{factor} is the same at every point").format(factor=x))
    found = {name: _correlation(levels[name], y) for name in levels.columns.tolist()}
    sure = np.nan_to_num(holm([one.p for one in found.values()]), nan=1.0) < SIGNIFICANCE
    colours = dict(zip(found, np.where(sure, SURE, UNSURE).tolist(), strict=True))
    order = sorted(found, key=lambda name: -np.nan_to_num(abs(found[name].value), nan=-1.0))
    drawn = [x] if x else order[:MOST_PANELS]
    title = _t("{what} against each factor: {place}, {year}")
    if len(drawn) == 1:
        title = _t("{what} against {factors}: {place}, {year}")
    others = _t("In each panel all other factors vary, too.")
    shown_are = _t("{n} of {all} factors are shown, those with the largest \u03c1.")
    figure, every = canvas.new_page(
        outcome.title(title, drawn),
        _of_replicates(
            outcome.values.notna().sum(axis=1), _t("Each point is the mean of {n} replicates.")
        ),
        _t("Lines: mean of equal numbers of points along the factor."),
        _t(
            "\u03c1: Spearman's rank correlation with its 95 % interval; blue where it differs "
            "from zero when all factors are counted (Holm, 5 %)."
        ),
        _t("Vertical axes: {unit}.").format(unit=outcome.label("value")),
        others if len(found) > 1 else "",
        shown_are.format(n=len(drawn), all=len(found)) if len(drawn) < len(found) else "",
        _what_is_missing(outcome, means.notna(), _t("Left out")),
        foot=canvas.origin(results),
        panels=len(drawn),
        columns=3 if len(drawn) < 9 else 4,
        height=3.0 if len(drawn) == 1 else 1.9,
        least=1.6,
    )
    for axes, name in zip(every, drawn, strict=True):
        _draw_factor(axes, levels[name], y, colours[name])
        said = _correlation_in_words(found[name])
        canvas.head(axes, shown(capital(key_in_words(name))), said)
    return figure


def _correlation(column: pd.Series[Any], y: pd.Series[Any]) -> RankCorrelation:
    """Return the rank correlation; only numbers and two values have an order."""
    ordered = has_numbers(column) or len(column.cat.categories) == 2
    return rank_correlation(_places(column), y) if ordered else NONE


def _places(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return the numbers of a factor at each point; of one without numbers those of its levels."""
    return column.astype(float) if has_numbers(column) else column.cat.codes.astype(float)


def _draw_factor(axes: Axes, column: pd.Series[Any], y: pd.Series[Any], colour: str) -> None:
    """Draw the points of the sample along a factor, and means of equal numbers of them."""
    x, levels = _places(column), column.cat.categories
    axes.plot(x, y, "o", markersize=2.6, markeredgewidth=0.0, alpha=0.6, color=colour)
    groups = [np.flatnonzero(x == level) for level in np.unique(x)]
    if has_numbers(column):
        order = np.argsort(x.to_numpy(), kind="stable")
        groups = np.array_split(order, max(1, min(BINS, len(y) // IN_A_BIN)))
        _number_axis(axes, levels.to_numpy(np.float64), str(column.name))
    else:
        width = canvas.panel_width(axes) / len(levels) - 0.15
        names = [canvas.fitting(text, width, SMALL) for text in texts_of(levels)]
        axes.set_xticks(range(len(names)), names)
        axes.set_xlim(-0.5, len(names) - 0.5)
    means = [[values.iloc[rows].mean() for rows in groups] for values in (x, y)]
    axes.plot(*means, color=INK, linewidth=1.2, marker="_", markersize=5.0, gid="mean")
    canvas.set_amounts(axes, y.to_numpy(), from_zero=False)
    grid = axes.get_subplotspec()
    axes.tick_params(labelleft=grid is None or grid.is_first_col(), labelsize=SMALL)


def _correlation_in_words(found: RankCorrelation) -> str:
    if np.isnan(found.value):
        return _t("no order or no difference: no \u03c1")
    value, low, high = (fixed(end, 2, sign=True) for end in (found.value, found.low, found.high))
    if np.isnan(found.low):
        return f"\u03c1 {value}"
    return _t("\u03c1 {value} ({low} to {high})").format(value=value, low=low, high=high)
