"""An outcome at the points of a sweep: by two factors, along one, by level, or in a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from ydsim.errors import NothingToDrawError
from ydsim.fmt import interval, listed, number
from ydsim.measures.designs import NONE, RankCorrelation, rank_correlation
from ydsim.measures.effects import ENOUGH_REPLICATES, MIN_REPLICATES, holm
from ydsim.plots import canvas
from ydsim.plots.canvas import FAINT, INK, MUTED, SMALL, look
from ydsim.plots.effects import draw_forest
from ydsim.plots.factors import (
    Outcome,
    base_of,
    design_of,
    levels_of,
    meaning_of,
    numbers_of,
    read_outcome,
    texts_of,
)
from ydsim.plots.values import MOST_BANDS, from_to
from ydsim.results.compare import SIGNIFICANCE
from ydsim.results.results import Results
from ydsim.translation import gettext as _t
from ydsim.typing import Floats
from ydsim.wording import capital, key_in_words

ONE_BY_ONE, LIST = "one_at_a_time", "list"

FITTING = {
    ONE_BY_ONE: "tornado, or sweep_lines or dot_plot of one factor (--x, --y)",
    "morris": "morris",
    "saltelli": "sobol, scatter",
    "latin_hypercube": "scatter",
    "sobol": "scatter",
}
"""Designs whose points lie on no grid, with the kinds of figures that show all of them."""

AXES = {
    "heat_map": ("x", "y"),
    "sweep_lines": ("x", "colour", "panel"),
    "dot_plot": ("y", "colour"),
}
"""Axes of the kinds that show a grid of points."""

MOST = {"colour": 7, "panel": 9}  # levels of a factor that colours and panels show unasked

MOST_POINTS = {"heat_map": 3_600, "sweep_lines": 3_600, "dot_plot": 400}
"""Points of a figure; the page of a dot plot is as high as they need."""

DENSE = 0.25  # share of the combinations of levels that there must be for points to lie on a grid


# -- which factor goes on which axis, and the points that are drawn --------------------------------


def _axes(
    kind: str, design: str, levels: pd.DataFrame, asked: Mapping[str, str | None]
) -> dict[str, str]:
    """Return the factor of each axis: as asked, else the one with most levels, or with few."""
    given = [name for name in asked.values() if name]
    alone = kind != "heat_map" and (asked[AXES[kind][0]] or len(levels.columns) == 1)
    if design in FITTING and not (alone and design == ONE_BY_ONE):
        message = _t("points of a design of kind {design} lie on no grid of factors; draw {kinds}")
        raise NothingToDrawError(message.format(design=design, kinds=FITTING[design]))
    for one in given:
        if one not in levels:
            raise NothingToDrawError(_t("{factor} is the same at every point").format(factor=one))
        if given.count(one) > 1:
            raise NothingToDrawError(_t("{factor} cannot be on two axes").format(factor=one))
    sizes = {str(name): size for name, size in levels.nunique().items()}
    found: dict[str, str] = {}
    for axis, name in asked.items():
        fits = [name] if name else [one for one in sizes if one not in (*given, *found.values())]
        if axis in MOST and not name:
            few = [one for one in fits if sizes[one] <= MOST[axis] and design != ONE_BY_ONE]
            fits = few[:1]
        if (kind, axis) == ("sweep_lines", "x"):
            fits = [one for one in fits if numbers_of(levels[one])]
        if fits:
            found[axis] = max(fits, key=lambda one: sizes[one])
        elif axis not in MOST:
            message = _t("the axis needs a factor with numbers; draw dot_plot")
            if kind == "heat_map":
                message = _t("a heat map needs two factors, {factors} alone varies; draw dot_plot")
            raise NothingToDrawError(message.format(factors=listed(sizes)))
    return found


def _points(kind: str, levels: pd.DataFrame, base: int, free: Mapping[str, str]) -> pd.DataFrame:
    """Return levels by axis where other factors are held; of equal points the first counts."""
    names = list(free.values())
    codes: pd.DataFrame = levels.apply(lambda column: column.cat.codes)
    held = codes.drop(columns=names)
    rows = codes.loc[(held == held.loc[base]).all(axis=1), names].drop_duplicates()
    size, most = prod(levels[names].nunique()), MOST_POINTS[kind]
    if len(rows) < max(2, DENSE * size):
        message = _t(
            "the points lie on no grid of {factors}: only {n} of {all} combinations exist "
            "where all other factors are held"
        )
        factors = listed(map(key_in_words, names))
        raise NothingToDrawError(message.format(factors=factors, n=len(rows), all=size))
    if len(rows) > most:
        message = _t("there are {n} points, more than the {most} that fit")
        raise NothingToDrawError(message.format(n=len(rows), most=most))
    return rows.set_axis(list(free), axis=1)


def grid_kinds(results: Results) -> list[str]:
    """Return which of the kinds of a grid can be drawn of a sweep where no axis is named."""
    design, levels, base = design_of(results), levels_of(results), base_of(results)[0]
    found = []
    for kind, axes in AXES.items() if len(levels.columns) else ():
        if kind == "dot_plot" and design == LIST:  # a row for each alternative
            found += [kind] if 1 < len(levels) <= MOST_POINTS[kind] else []
            continue
        with suppress(NothingToDrawError):
            _points(kind, levels, base, _axes(kind, design, levels, dict.fromkeys(axes)))
            found.append(kind)
    return found


def kind_for(results: Results) -> str:
    """Return the kind of figure that suits a grid of points; empty where there is no grid.

    Two factors with three numbers each make a map; one with numbers lines; none with numbers dots.
    """
    found, levels = grid_kinds(results), levels_of(results)
    sizes = [column.nunique() for _, column in levels.items() if numbers_of(column)]
    if "heat_map" in found and sum(size > 2 for size in sizes) > 1:
        return "heat_map"
    if "sweep_lines" in found:
        return "sweep_lines"
    return "dot_plot" if "dot_plot" in found and not sizes else ""


def drawn_points(
    kind: str, outcome: Outcome, free: Mapping[str, str], show: str = "value"
) -> pd.DataFrame:
    """Return the points of a figure, those where factors without an axis are as at the base point.

    ``kind``: one of `AXES`. ``free``: names of the factors that are not held, by axis, as in
    ``{"x": name}``. ``show``: ``"value"``, or ``"change"`` from the base point. Returned: by axis
    the number of the level, 0 for colours and panels without a factor; ``estimate, low, high``:
    mean or change with its 95 % interval over ``n`` replicates or pairs; ``least, most`` of the
    replicates; ``tested``: the paired change from the base point has an interval, and ``differs``:
    it excludes zero; ``base``: it is the base point; ``sure``: its mark is filled, as all are where
    none is tested. NothingToDrawError when too few or too many points share the levels of all other
    factors, or none has a value.
    """
    rows, values = _points(kind, outcome.levels, outcome.base, free), outcome.values
    changes = pd.DataFrame([outcome.change(point) for point in rows.index], rows.index)
    means = pd.DataFrame([outcome.mean(point) for point in rows.index], rows.index)
    if not (drawn := changes if show == "change" else means)["estimate"].notna().any():
        raise NothingToDrawError(_t("none of the points has a finished run to compare"))
    paired = values.loc[:, values.loc[outcome.base].notna()] if show == "change" else values
    tested, differs = changes["low"].notna(), (changes["low"] > 0.0) | (changes["high"] < 0.0)
    return rows.join(drawn).assign(
        **dict.fromkeys(MOST.keys() - free.keys(), 0),
        n=paired.notna().sum(axis=1),
        least=values.min(axis=1),
        most=values.max(axis=1),
        tested=tested,
        differs=differs,
        base=rows.index == outcome.base,
        sure=differs | (not tested.any()),
    )


def _read(
    kind: str, results: Results, asked: Mapping[str, str | None], show: str, **options: Any
) -> tuple[Outcome, dict[str, str], pd.DataFrame]:
    """Return an outcome, the factor of each axis, and the points of a figure of a grid."""
    found, design = read_outcome(results, **options), design_of(results)
    if kind == "dot_plot" and design == LIST and not any(asked.values()):
        found = found.by_alternative()
    free = _axes(kind, design, found.levels, asked)
    if kind == "heat_map" and not any(asked.values()):  # the two factors in their order
        both = [name for name in found.levels.columns.tolist() if name in free.values()]
        free = dict(zip(AXES[kind], both, strict=True))
    return found, free, drawn_points(kind, found, free, show)


# -- words -----------------------------------------------------------------------------------------


def _words(
    outcome: Outcome, names: Sequence[str], values: pd.Series[float], *notes: str, title: str = ""
) -> tuple[str, str]:
    """Return title and note of an outcome by factors; the note ends with what is missing."""
    results, lost = outcome.results, int(values.isna().sum())
    missing, failed = len(results.contents.plan) - results.done, len(results.failures)
    points = _t("{n} of {all} points have no finished run.").format(n=lost, all=len(values))
    runs = _t("{n} of {all} runs are not finished, {failed} of them failed.").format(
        n=missing, all=len(results.contents.plan), failed=failed
    )
    message = [*notes, points if lost else "", runs if missing else ""]
    heading = outcome.title(title or _t("{what} by {factors}: {place}, {year}"), names)
    return heading, " ".join(filter(None, message))


def _of_replicates(counts: pd.Series[int], marks: str, bars: str | None = None) -> str:
    """Say what marks are, of as many replicates as points with a value have, and what bars are."""
    fewest, most = int(counts[counts > 0].min()), int(counts.max())
    if most == 1:
        return _t("One replicate: run-to-run variation is not shown.")
    message = [marks.format(n=from_to([fewest, most]))]
    if bars is not None:
        few = _t("Intervals of so few replicates are wide.") if fewest < ENOUGH_REPLICATES else ""
        message += [
            bars,
            _t("Fewer than three replicates have no interval.") if most < MIN_REPLICATES else few,
        ]
    return " ".join(filter(None, message))


def _of_grid(
    outcome: Outcome, free: Mapping[str, str], rows: pd.DataFrame, show: str, signs: Sequence[str]
) -> tuple[str, str]:
    """Return title and note; ``signs`` are of a mean, its interval, a change, the base point."""
    mark, bars, filled, base = signs
    names = list(free.values())
    held = [name for name in outcome.levels.columns.tolist() if name not in names]
    marks = _t("{mark}: mean of {n} replicates.")
    if show == "change":
        marks = _t("{mark}: mean change over {n} pairs of replicates.")
    here = _t("{sign}: base point ({where}), the scenario as it is.")
    if not outcome.is_base:
        here = _t("{sign}: base point ({where}), the first of the sweep.")
    differs = _t(
        "{sign}: the 95 % interval of its paired change from the base point excludes zero."
    )
    return _words(
        outcome,
        names,
        rows["estimate"],
        _of_replicates(rows["n"], marks.replace("{mark}", mark), bars),
        differs.format(sign=filled) if rows["tested"].any() else "",
        here.format(sign=base, where=listed(map(outcome.at, names))),
        _t("Held: {where}.").format(where=listed(map(outcome.at, held))) if held else "",
        *(
            f"{capital(outcome.words(name))}: {meaning}."
            for name in names
            if (meaning := meaning_of(name))
        ),
    )


def _key(outcome: Outcome, free: Mapping[str, str]) -> canvas.Key:
    """Return the key of the levels that colours show."""
    name = free.get("colour", "")
    levels = range(outcome.levels[name].nunique()) if name else ()
    return [(canvas.sign(look(level), line=True), outcome.at(name, level)) for level in levels]


def _name_axis(axes: Axes, levels: Floats, name: str) -> None:
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
    x: str | None = None,
    y: str | None = None,
    show: str = "value",
    **options: Any,
) -> Figure:
    """Return an outcome at every pair of levels of two factors.

    ``x`` and ``y``: factors of the axes; by default the two with most levels, in their order.
    ``show``: ``"value"``, or ``"change"`` from the base point. ``options``: indicator, region and
    year, as of `read_outcome`. NothingToDrawError when the sweep has one factor, or its points lie
    on no grid of the two.
    """
    asked = {"x": x, "y": y}
    outcome, free, rows = _read("heat_map", results, asked, show, **options)
    inside, (across, up) = canvas.page_width(), map(outcome.texts, free.values())
    beside = [canvas.fitting(text, min(0.3 * inside, 1.8), SMALL) for text in up]
    below = [canvas.fitting(text, 1.1, SMALL) for text in across]
    left = max(canvas.text_width(text, SMALL) for text in beside)
    high = float(np.clip(0.3 * len(up), 1.3, 4.6))
    cell = (inside - left - 1.0) / len(below), high / len(beside)
    signs = _t("Cells"), "", _t("Dots"), _t("Dashed frame")
    figure, (axes,) = canvas.new_page(
        *_of_grid(outcome, free, rows, show, signs), foot=canvas.origin(results), height=high + 1.6
    )
    canvas.head(axes, "", outcome.label(show))
    values = rows.pivot(index="y", columns="x", values="estimate")
    values = values.reindex(index=range(len(up)), columns=range(len(across)))
    texts = values.map(lambda value: number(value, 3, sign=show == "change"))
    scale = _scale(rows["estimate"], show)
    named = values.set_axis(beside).set_axis(below, axis=1)
    written = canvas.draw_cells(axes, named, texts, scale, cell, least=SMALL)
    axes.invert_yaxis()
    axes.set_xlabel(canvas.fitting(capital(outcome.words(free["x"])), 0.7 * inside))
    axes.set_ylabel(canvas.fitting(capital(outcome.words(free["y"])), high))
    bar = figure.colorbar(scale, ax=axes, pad=0.02, aspect=high / 0.12)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=SMALL)
    canvas.number_axis(bar.ax.yaxis, *scale.get_clim(), 5)
    _mark_cells(axes, rows, min(2.6, 20.0 * min(cell)), 0.3 * written)
    return figure


def _mark_cells(axes: Axes, rows: pd.DataFrame, size: float, up: float) -> None:
    """Hatch cells without a value, frame the base point, and put dots where changes differ."""
    for i, j in rows.loc[rows["estimate"].isna(), ["x", "y"]].to_numpy():
        cell = axes.add_patch(Rectangle((i - 0.5, j - 0.5), 1.0, 1.0, linewidth=0.0))
        cell.set(facecolor="white", hatch="//////", edgecolor=FAINT)
    for i, j in rows.loc[rows["base"], ["x", "y"]].to_numpy():
        for colour, dash in (("white", "-"), (INK, (0, (3, 1.5)))):
            frame = Rectangle((i - 0.42, j - 0.42), 0.84, 0.84, fill=False, gid="base", zorder=4)
            axes.add_patch(frame).set(edgecolor=colour, linestyle=dash, linewidth=1.2)
    for i, j in rows.loc[rows["differs"], ["x", "y"]].to_numpy():
        dot: dict[str, Any] = {"markersize": size, "color": "white", "markeredgecolor": INK}
        axes.plot(i, j + up, "o", markeredgewidth=0.6, gid="differs", **dot)


def _scale(values: pd.Series[Any], show: str) -> ScalarMappable:
    """Return the scale of colours, centred on zero for changes."""
    low, high = float(values.min()), float(values.max())
    if show == "change":
        most = max(abs(low), abs(high)) or 1.0
        return ScalarMappable(Normalize(-most, most), "PuOr_r")
    if high - low <= 1e-12 * max(abs(high), 1.0):
        low, high = low - 0.5, high + 0.5
    return ScalarMappable(Normalize(low, high), "cividis")


# -- along a factor, and by level ------------------------------------------------------------------


def draw_sweep_lines(
    results: Results,
    *,
    x: str | None = None,
    colour: str | None = None,
    panels: str | None = None,
    show: str = "value",
    **options: Any,
) -> Figure:
    """Return an outcome along a factor with numbers for levels.

    ``x``, ``colour`` and ``panels``: factors; by default the one with most numbers, and then the
    others in their order. ``show``: ``"value"``, with the range of replicates as a band, or
    ``"change"`` from the base point, with its interval. ``options``: as of `draw_heat_map`.
    NothingToDrawError when no factor has numbers, or the points lie on no grid of these factors.
    """
    asked, change = {"x": x, "colour": colour, "panel": panels}, show == "change"
    outcome, free, rows = _read("sweep_lines", results, asked, show, **options)
    levels = np.array(numbers_of(outcome.levels[free["x"]]))
    rows = rows.assign(at=levels[rows["x"]]).sort_values("x", kind="stable")
    key, sheets = _key(outcome, free), [*rows.groupby("panel")]
    bands = not change and len(key) <= MOST_BANDS
    ends = ["low", "high"] if change else ["least", "most"] if bands else []
    bars = _t("Bars: its 95 % interval.") if change else _t("Bands: their range.") if bands else ""
    signs = _t("Points"), bars, _t("Filled"), _t("Ring and thin line")
    figure, every = canvas.new_page(
        *_of_grid(outcome, free, rows, show, signs),
        foot=canvas.origin(results),
        panels=len(sheets),
        columns=3 if len(sheets) == 3 or len(sheets) > 4 else 2,
        height=3.0 if len(sheets) == 1 else 2.2,
        least=2.1,
        key=key,
    )
    for axes, (level, sheet) in zip(every, sheets, strict=True):
        _name_axis(axes, levels, free["x"])
        for at, own in sheet.groupby("colour"):
            style, line = look(int(at)), own.dropna(subset="estimate")
            axes.plot(line["at"], line["estimate"], color=style.colour, linestyle=style.dash)
            if bands and (own["most"] > own["least"]).any():
                span = own["at"], own["least"], own["most"]
                axes.fill_between(*span, color=style.colour, alpha=0.2, linewidth=0)
            marks = line if change else line.assign(low=np.nan, high=np.nan)
            canvas.draw_marks(axes, marks, style, upright=True)
            for place, value in line.loc[line["base"], ["at", "estimate"]].to_numpy():
                axes.plot(place, value, "o", color=INK, markersize=8.5, mfc="none", gid="base")
                axes.axhline(value, color=MUTED, linewidth=0.6, zorder=1.5, gid="base")
        canvas.set_amounts(axes, rows[["estimate", *ends]].to_numpy(), from_zero=False)
        title = outcome.at(free["panel"], level) if "panel" in free else ""
        canvas.head(axes, title, outcome.label(show))
        width = 0.8 * canvas.panel_width(axes)
        axes.set_xlabel(canvas.fitting(capital(outcome.words(free["x"])), width), labelpad=2.0)
    return figure


def draw_dots(
    results: Results,
    *,
    y: str | None = None,
    colour: str | None = None,
    show: str = "value",
    **options: Any,
) -> Figure:
    """Return an outcome of each level of a factor, one row a level, with 95 % intervals.

    Points of a list are alternatives, each with its row. Levels that are no numbers come from the
    highest to the lowest value, where there is one colour.

    ``y`` and ``colour``: factors of rows and colours; by default the one with most levels, and
    another one. ``show``: ``"value"``, or ``"change"`` from the base point. ``options``: as of
    `draw_heat_map`. NothingToDrawError when there are too many levels, or points lie on no grid of
    these factors.
    """
    asked = {"y": y, "colour": colour}
    outcome, free, rows = _read("dot_plot", results, asked, show, **options)
    by_value = "colour" not in free and not numbers_of(outcome.levels[free["y"]])
    by = "estimate" if by_value else "y"
    rows = rows.sort_values(by, ascending=not by_value, kind="stable")
    names, key = outcome.texts(free["y"]), [words for _, words in _key(outcome, free)]
    table = rows.assign(
        outcome="",
        label=[names[level] for level in rows["y"]],
        series=[key[level] for level in rows["colour"]] if key else "",
    )
    signs = _t("Points"), _t("Bars: its 95 % interval."), _t("Filled"), _t("Thin line")
    title, note = _of_grid(outcome, free, rows, show, signs)
    head = capital(outcome.words(free["y"])), outcome.label(show)
    figure = draw_forest(
        table,
        {"": head},
        title=title,
        note=note,
        foot=canvas.origin(results),
        from_zero=show == "change",
    )
    for value in rows.loc[rows["base"], "estimate"].dropna():
        figure.axes[0].axvline(value, color=MUTED, linewidth=0.6, zorder=1.5, gid="base")
    return figure


# -- a sample --------------------------------------------------------------------------------------

MOST_PANELS, FEWEST = 12, 6
"""Panels of a scatter plot at most, and points below which nothing is drawn."""

BINS, IN_A_BIN = 8, 6  # most means along a factor, and fewest points in each


def has_sample(results: Results) -> bool:
    """Tell whether a sweep has the design and the points that a scatter plot needs."""
    enough = len(results.contents.points) >= FEWEST
    return enough and "scatter" in FITTING.get(design_of(results), "")


def draw_scatter(results: Results, *, x: str | None = None, **options: Any) -> Figure:
    """Return an outcome against each factor, those first that go with it most clearly.

    ``x``: one factor alone. ``options``: as of `draw_heat_map`. NothingToDrawError when too few
    points have a finished run.
    """
    outcome = read_outcome(results, **options)
    means = outcome.values.mean(axis=1)
    y, levels = means.dropna(), outcome.levels.loc[means.notna()]
    if len(y) < FEWEST:
        message = _t("a scatter plot needs {least} points with a finished run, there are {n}")
        raise NothingToDrawError(message.format(least=FEWEST, n=len(y)))
    if x is not None and x not in levels:
        raise NothingToDrawError(_t("{factor} is the same at every point").format(factor=x))
    found = {name: _correlation(levels[name], y) for name in levels.columns.tolist()}
    sure = np.nan_to_num(holm([one.p for one in found.values()]), nan=1.0) < SIGNIFICANCE
    colours = dict(zip(found, np.where(sure, look(0).colour, FAINT).tolist(), strict=True))
    order = sorted(found, key=lambda name: -np.nan_to_num(abs(found[name].value), nan=-1.0))
    drawn = [x] if x else order[:MOST_PANELS]
    title = _t("{what} against each factor: {place}, {year}")
    if len(drawn) == 1:
        title = _t("{what} against {factors}: {place}, {year}")
    others = _t("In each panel all other factors vary, too.")
    shown_are = _t("{n} of {all} factors are shown, those with the largest \u03c1.")
    counts = outcome.values.notna().sum(axis=1)
    title, note = _words(
        outcome,
        drawn,
        means,
        _of_replicates(counts, _t("Each point is the mean of {n} replicates.")),
        _t("Lines: mean of equal numbers of points along the factor."),
        _t(
            "\u03c1: Spearman's rank correlation with its 95 % interval; blue where it differs "
            "from zero when all factors are counted (Holm, 5 %)."
        ),
        _t("Vertical axes: {unit}.").format(unit=outcome.label("value")),
        others if len(found) > 1 else "",
        shown_are.format(n=len(drawn), all=len(found)) if len(drawn) < len(found) else "",
        title=title,
    )
    figure, every = canvas.new_page(
        title,
        note,
        foot=canvas.origin(results),
        panels=len(drawn),
        columns=3 if len(drawn) < 9 else 4,
        height=3.0 if len(drawn) == 1 else 1.9,
        least=1.6,
    )
    for axes, name in zip(every, drawn, strict=True):
        _draw_factor(axes, levels[name], y, colours[name])
        rho = found[name].value, found[name].low, found[name].high
        message = f"\u03c1 {interval(*rho, sign=True)}"
        nothing = _t("no order or no difference: no \u03c1")
        title = capital(outcome.words(name))
        canvas.head(axes, title, nothing if np.isnan(rho[0]) else message)
    return figure


def _correlation(column: pd.Series[Any], y: pd.Series[Any]) -> RankCorrelation:
    """Return the rank correlation; only numbers and two values have an order."""
    ordered = numbers_of(column) or len(column.cat.categories) == 2
    return rank_correlation(_places(column), y) if ordered else NONE


def _places(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return the numbers of a factor at each point; of one without numbers those of its levels."""
    codes = column.cat.codes
    numbers = numbers_of(column)
    return codes.map(dict(enumerate(numbers))) if numbers else codes.astype(float)


def _draw_factor(axes: Axes, column: pd.Series[Any], y: pd.Series[Any], colour: str) -> None:
    """Draw the points of the sample along a factor, and means of equal numbers of them."""
    x, levels = _places(column), column.cat.categories
    axes.plot(x, y, "o", markersize=2.6, markeredgewidth=0.0, alpha=0.6, color=colour)
    groups = [np.flatnonzero(x == level) for level in np.unique(x)]
    if numbers_of(column):
        order = np.argsort(x.to_numpy(), kind="stable")
        groups = np.array_split(order, max(1, min(BINS, len(y) // IN_A_BIN)))
        _name_axis(axes, np.array(numbers_of(column)), str(column.name))
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
