"""What moves an outcome of a sweep, and the front of a search: tables of studies, drawn."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ydsim import fmt
from ydsim.measures.effects import LEAST
from ydsim.plots import canvas
from ydsim.plots.canvas import panel_width
from ydsim.plots.forest import draw_forest, draw_rows
from ydsim.plots.style import BODY, FAINT, INK, MUTED, RULE, SMALL, look, shown
from ydsim.plots.values import key_in_words
from ydsim.record.details import name_in_words, unit_in_words
from ydsim.results.sample import Sample
from ydsim.translation import gettext as _t
from ydsim.translation import ngettext
from ydsim.wording import capital

if TYPE_CHECKING:
    import pandas as pd

_ROW, _LONGEST = 0.175, 2.3
"""Inches: the height of a row, and the widest name of one."""

_CLEAR = 12
"""Trials of a front, up to which each has its whiskers; otherwise the knee alone."""

_WHISKERS: dict[str, Any] = {
    "fmt": "none",
    "ecolor": INK,
    "elinewidth": 0.7,
    "capsize": 1.6,
    "zorder": 2.5,
}

BLUE, RED = look(0).colour, look(1).colour


# -- one factor at a time --------------------------------------------------------------------------


@canvas.finished
def draw_tornado(
    table: pd.DataFrame, steps: pd.DataFrame, sample: Sample, made: str
) -> canvas.Canvas:
    """Return a bar for each value of each factor, the factor of the largest effect first.

    Parameters
    ----------
    table
        Factors as of `ydsim.studies.sensitivity`, the largest first.
    steps
        Every value of every factor: ``factor, base, value, effect, low, high, n``.
    sample, made
        What was analysed, and what was run.
    """
    rank = {name: at for at, name in enumerate(table["factor"])}
    steps = steps.assign(rank=steps["factor"].map(rank)).sort_values("rank", kind="stable")
    steps["y"] = np.arange(len(steps)) + 0.5 * steps["rank"]
    steps["sure"] = ((steps["low"] > 0.0) | (steps["high"] < 0.0)) & (steps["high"] > steps["low"])
    steps["text"] = steps.groupby("rank")["value"].transform(_apart)
    same = (steps["effect"] == 0.0) & (steps["high"] == steps["low"])
    steps.loc[same, "text"] += _t(": no change")
    n = int(steps["n"].min())
    reading = _t("Fewer than three replicates: no interval.")
    if n >= LEAST:
        reading = _t(
            "Whiskers: 95 % intervals over {n} replicates. Pale: the interval includes zero, or "
            "all replicates give the same value."
        ).format(n=n)
    figure, (axes,) = canvas.new_page(
        _t("Change by each factor alone: {outcome}").format(outcome=_outcome(sample)),
        _of_sample(sample),
        _t("Each bar: one value of a factor, at its right, against the base."),
        reading,
        foot=made,
        height=_ROW * (float(steps["y"].max()) + 2.0) + 0.7,
    )
    for sure, bars in steps.groupby("sure"):
        axes.barh(bars["y"], bars["effect"], 0.8, color=BLUE, alpha=0.9 if sure else 0.35)
    below, above = steps["effect"] - steps["low"], steps["high"] - steps["effect"]
    axes.errorbar(steps["effect"], steps["y"], xerr=[below, above], **_WHISKERS)
    _name_factors(
        axes,
        steps.groupby("rank")["y"].mean().tolist(),
        [
            _t("{factor} (base {base})").format(factor=key_in_words(name), base=_plain(base))
            for name, base in steps.drop_duplicates("rank")[["factor", "base"]].to_numpy().tolist()
        ],
    )
    _beside(axes, steps["y"].tolist(), steps["text"].tolist(), 0.26 * panel_width(axes))
    ends = steps[["effect", "low", "high"]].to_numpy()
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    pad = 0.04 * ((high - low) or 1.0)
    axes.set_xlim(low - pad, high + pad)
    canvas.number_axis(axes.xaxis, low - pad, high + pad, _bins(axes))
    canvas.mark_zero(axes, upright=True)
    canvas.head(axes, _t("Change"), unit_in_words(sample.unit), room=panel_width(axes) / 2)
    return figure


# -- indices and elementary effects ----------------------------------------------------------------


def draw_sobol(table: pd.DataFrame, sample: Sample, made: str) -> canvas.Canvas:
    """Return the first and the total index of each factor; arguments as of `draw_tornado`."""
    import pandas as pd

    rows = [
        pd.DataFrame(
            {
                "outcome": sample.outcome,
                "label": _numbered(table),
                "series": series,
                "estimate": table[value],
                "low": table[low],
                "high": table[high],
                "sure": table[low] > 0.0,
                "beside": table["direction"] if value == "estimate" else "",
            }
        )
        for series, value, low, high in (
            (_t("alone (S1)"), "first", "first_low", "first_high"),
            (_t("with interactions (ST)"), "estimate", "low", "high"),
        )
    ]
    return draw_forest(
        pd.concat(rows),
        {sample.outcome: (_t("Share of the variance between points"), "")},
        title=_t("Sobol indices of each factor: {outcome}").format(outcome=_outcome(sample)),
        note=_of_sample(sample)
        + " "
        + _t(
            "Whiskers: 95 % intervals of the indices, n = {n}. Filled: the interval lies above "
            "zero. Noise of the replicates is part of the total index."
        ).format(n=int(table["n"].iloc[0])),
        foot=made,
    )


@canvas.finished
def draw_morris(table: pd.DataFrame, sample: Sample, made: str) -> canvas.Canvas:
    """Return mu* of each factor, and mu* against sigma; arguments as of `draw_tornado`."""
    floor = float(table["noise_floor"].iloc[0])
    noisy = _t("Grey: what noise alone would give.") if math.isfinite(floor) else ""
    figure, (rows, plane) = canvas.new_page(
        _t("Elementary effects of each factor: {outcome}").format(outcome=_outcome(sample)),
        _of_sample(sample),
        _t(
            "mu*: mean size of the change across the range of a factor, over {n} trajectories, "
            "with 95 % intervals; sigma: its standard deviation, large where the effect differs "
            "from place to place (dashed: sigma = mu*). Filled: the factor is shown to have an "
            "effect."
        ).format(n=int(table["n"].iloc[0])),
        noisy,
        foot=made,
        panels=2,
        height=[_ROW * (len(table) + 1.0) + 0.7, 2.8],
    )
    numbered, wide = _numbered(table), panel_width(rows)
    own = table.assign(
        label=numbered,
        series="",
        block=0,
        beside=table["direction"].where(table["shown"], ""),
        sure=table["shown"],
    )
    side = min(0.4 * wide, max(canvas.text_width(each, BODY) for each in numbered) + 0.02)
    draw_rows(rows, own, {"": look(0)}, side, 0.2 * wide)
    unit = unit_in_words(sample.unit)
    canvas.head(rows, "mu*", unit, letter="a", room=0.4 * wide)
    _draw_plane(plane, own)
    canvas.head(plane, "sigma", unit, letter="b")
    for axes in (rows, plane) if noisy else ():
        axes.axvspan(0.0, floor, color=RULE, alpha=0.6, linewidth=0, zorder=0).set_gid("floor")
    return figure


def _draw_plane(axes: Axes, table: pd.DataFrame) -> None:
    """Draw mu* and sigma, with the rank of the first factors where there is room for it."""
    for sure, own in table.groupby("sure"):
        filled = BLUE if sure else "white"
        axes.plot(own["estimate"], own["sigma"], markerfacecolor=filled, **_sign("o", BLUE, 4.4))
    reach, tall = float(table["estimate"].max()) or 1.0, float(table["sigma"].max()) or 1.0
    axes.axline((0.0, 0.0), slope=1.0, color=FAINT, linewidth=0.7, linestyle=(0, (4, 2)))
    axes.set_xlim(-0.06 * reach, 1.1 * reach)
    axes.set_ylim(-0.06 * tall, 1.2 * tall)
    canvas.number_axis(axes.xaxis, *axes.get_xlim(), bins=_bins(axes))
    canvas.number_axis(axes.yaxis, *axes.get_ylim())
    axes.grid(True, axis="both")
    axes.set_xlabel("mu*", size=SMALL)

    def place() -> None:
        taken = [(-math.inf, -math.inf)]
        for rank, x, y in table[["rank", "estimate", "sigma"]].to_numpy().tolist():
            right, up = (axes.transData.transform((x, y)) * 72.0 / axes.figure.dpi).tolist()
            if all(abs(right - a) > 13.0 or abs(up - b) > 9.0 for a, b in taken):
                taken.append((right, up))
                axes.annotate(
                    f"{rank:.0f}",
                    (x, y),
                    xytext=(0.0, 4.0),
                    textcoords="offset points",
                    size=SMALL,
                    ha="center",
                    gid="rank",
                )

    assert isinstance(axes.figure, canvas.Canvas)
    axes.figure.afterwards(place)


# -- scenario discovery ----------------------------------------------------------------------------


@canvas.finished
def draw_prim(
    limits: pd.DataFrame, inputs: pd.DataFrame, sample: Sample, about: str, made: str
) -> canvas.Canvas:
    """Return which part of the range of each factor a box of PRIM holds.

    Parameters
    ----------
    limits
        Restricted factors: ``factor, low, high``, NaN for no limit; ``values`` that are in the box,
        of a factor without order.
    inputs
        All points by factor.
    about
        Which points are of interest, and coverage and density of the box.
    sample, made
        As of `draw_tornado`.
    """
    figure, (axes,) = canvas.new_page(
        _t("Ranges of factors that set points of interest apart: {outcome}").format(
            outcome=_outcome(sample)
        ),
        _of_sample(sample),
        about,
        foot=made,
        height=0.36 * max(len(limits), 2) + 0.4,
        key=[(Patch(color=BLUE), _t("in the box")), (Patch(color=RULE), _t("all points"))],
    )
    width = 0.34 * panel_width(axes)
    for row, limit in enumerate(limits.to_dict(orient="records")):
        parts, held, every = _held(limit, inputs[limit["factor"]])
        axes.broken_barh([(0.0, 1.0)], (row - 0.1, 0.2), color=RULE)
        axes.broken_barh(parts, (row - 0.1, 0.2), color=BLUE, gid="box")
        _beside(axes, [row - 0.19], [held], width, INK)
        _beside(axes, [row + 0.19], [_t("of {range}").format(range=every)], width)
    if not len(limits):
        canvas.say_no_data(axes, _t("no limit that is not as likely by chance"))
    _name_factors(axes, range(len(limits)), [key_in_words(name) for name in limits["factor"]])
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    return figure


def _held(
    limit: Mapping[Any, Any], column: pd.Series[Any]
) -> tuple[list[tuple[float, float]], str, str]:
    """Return start and length of what a box holds of a factor, as shares; both ranges in words."""
    if limit["values"]:
        known = sorted(map(str, column.unique()))
        parts = [(known.index(value) / len(known), 1.0 / len(known)) for value in limit["values"]]
        held = ", ".join(map(_plain, limit["values"]))
        return parts, held, _t("{n} values").format(n=len(known))
    low, high = float(column.min()), float(column.max())
    ends = np.where(np.isnan(limits := [limit["low"], limit["high"]]), [low, high], limits)
    start, end = (ends - low) / ((high - low) or 1.0)
    held, every = (
        _t("{low} to {high}").format(low=fmt.number(a, 3), high=fmt.number(b, 3))
        for a, b in (ends.tolist(), (low, high))
    )
    return [(start, end - start)], held, every


# -- the front of a search -------------------------------------------------------------------------


@canvas.finished
def draw_pareto(table: pd.DataFrame, *, title: str, note: str, foot: str) -> canvas.Canvas:
    """Return the front of a search, a panel for each pair of objectives.

    Parameters
    ----------
    table
        As of `ydsim.studies.optimise`: a row a trial and objective.
    title, note, foot
        What was searched and how, and what was run.
    """
    objectives = table.drop_duplicates("outcome").set_index("outcome")
    pairs = list(itertools.combinations(objectives.index, 2))
    trials = table.drop_duplicates("trial").set_index("trial")
    score, low, high = (
        table.pivot(index="trial", columns="outcome", values=name)
        for name in ("score", "low", "high")
    )
    half = (high - low) / 2.0
    front, knee = score[trials["on_front"]], score[trials["knee"]]
    clear = front if len(front) <= _CLEAR else knee
    marks: list[tuple[pd.DataFrame, str, dict[str, Any]]] = [
        (score[~trials["on_front"]], _t("other trials"), _sign("o", FAINT, 2.6)),
        (front, _t("front"), _sign("s", BLUE, 3.8)),
        (knee, _t("knee, trial {n}").format(n=knee.index[0]), _sign("D", RED, 5.0)),
        (0.0 * knee, _t("scenario as it is"), _sign("X", INK, 5.5)),
    ]
    whiskers = _t("Whiskers: as wide as the 95 % interval of a mean gain.")
    figure, panels = canvas.new_page(
        title,
        note,
        whiskers if half.notna().any(axis=None) else "",
        foot=foot,
        panels=len(pairs),
        height=2.7,
        key=[(Line2D([], [], **look), words) for _, words, look in marks],
    )
    for at, (axes, (x, y)) in enumerate(zip(panels, pairs, strict=True)):
        for rows, _, sign in marks:
            axes.plot(rows[x], rows[y], **sign)
        reach = half.loc[clear.index]
        axes.errorbar(clear[x], clear[y], xerr=reach[x], yerr=reach[y], **_WHISKERS)
        axes.margins(0.08)
        axes.grid(True, axis="both")
        canvas.number_axis(axes.xaxis, *axes.get_xlim(), bins=_bins(axes))
        canvas.number_axis(axes.yaxis, *axes.get_ylim(), bins=5)
        across, up = (
            _t("change, {unit}; {better} is better").format(unit=unit_in_words(unit), better=better)
            for unit, better in objectives.loc[[x, y], ["unit", "better"]].to_numpy()
        )
        below = canvas.wrapped(f"{name_in_words(x)}: {across}", SMALL, 0.7 * panel_width(axes))
        axes.set_xlabel("\n".join(below), size=SMALL)
        letter = chr(97 + at) if len(pairs) > 1 else ""
        canvas.head(axes, capital(name_in_words(y)), up, letter=letter)
    return figure


def _sign(marker: str, colour: str, size: float) -> dict[str, Any]:
    return {"linestyle": "", "marker": marker, "color": colour, "markersize": size}


# -- what they share -------------------------------------------------------------------------------


def _outcome(sample: Sample) -> str:
    return shown(name_in_words(sample.outcome))


def _of_sample(sample: Sample) -> str:
    """Say of what, when and how often, and how much is noise."""
    least, most = sample.replicates
    text = _t("{what}, the whole region, {when}; design {kind} of {points:,} points, {times}.")
    times = ngettext("one replicate each", "{n} replicates each", most)
    said = text.format(
        what=capital(shown(sample.meaning)),
        when=sample.when,
        kind=sample.kind.replace("_", " "),
        points=len(sample.values),
        times=times.format(n=most if least == most else f"{least} to {most}"),
    )
    if math.isnan(sample.noise_share):
        return said
    share = fmt.percent(sample.noise_share, 3)
    return f"{said} " + _t("Noise is {share} of the variance between points.").format(share=share)


def _numbered(table: pd.DataFrame) -> list[str]:
    """Return the factors of a table in words, each with its rank."""
    ranked = zip(table["rank"], table["factor"], strict=True)
    return [f"{rank} {key_in_words(name)}" for rank, name in ranked]


def _bins(axes: Axes) -> int:
    return max(2, int(panel_width(axes) / 0.9))


def _name_factors(axes: Axes, places: Sequence[float], names: Sequence[str]) -> None:
    """Name rows at the left of a page of one panel."""
    canvas.name_rows(axes, places, names, min(_LONGEST, 0.4 * panel_width(axes)))


def _beside(
    axes: Axes, places: Sequence[float], texts: Sequence[str], width: float, ink: str = MUTED
) -> None:
    """Write texts at the right of rows, cut to a width in inches."""
    for y, text in zip(places, texts, strict=True):
        axes.annotate(
            canvas.fitting(text, width, SMALL),
            (1.0, y),
            xytext=(4.0, 0.0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center_baseline",
            size=SMALL,
            color=ink,
        )


def _apart(values: pd.Series[str]) -> list[str]:
    """Return the values of a factor, of settings those that differ between them."""
    try:
        settings = [json.loads(value) for value in values]
    except ValueError:
        settings = []
    if len(settings) < 2 or not all(isinstance(one, dict) for one in settings):
        return [_plain(value) for value in values]
    first = settings[0]
    keys = dict.fromkeys(key for one in settings for key in one)
    differ = [key for key in keys if any(one.get(key) != first.get(key) for one in settings)]
    return [_plain(json.dumps({key: one[key] for key in differ if key in one})) for one in settings]


def _plain(text: str) -> str:
    """Return the value of a factor without the marks of JSON."""
    return text.translate(str.maketrans("", "", '{}"')).strip() or "{}"
