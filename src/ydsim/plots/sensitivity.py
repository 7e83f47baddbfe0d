"""What moves an outcome of a sweep, and the front of a search: tables of studies, drawn.

Factors stand below each other, each named in words above its rows, so that a narrow page has room.
"""

from __future__ import annotations

import itertools
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
from ydsim.plots.factors import meaning_of, texts_of
from ydsim.plots.style import BODY, FAINT, INK, MUTED, RULE, SMALL, look, shown
from ydsim.plots.values import key_in_words
from ydsim.record.details import name_in_words, unit_in_words
from ydsim.results.sample import Sample
from ydsim.translation import gettext as _t
from ydsim.translation import ngettext
from ydsim.wording import capital

if TYPE_CHECKING:
    import pandas as pd

_ROW, _LINE, _GAP = 0.165, 0.13, 0.09
"""Inches: the height of a row, of a line of text above it, and the gap below a factor."""

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
    steps = steps.set_index("factor").loc[table["factor"]].reset_index()
    steps["sure"] = ((steps["low"] > 0.0) | (steps["high"] < 0.0)) & (steps["high"] > steps["low"])
    n = int(steps["n"].min())
    reading = _t("Fewer than three replicates: no interval.")
    if n >= LEAST:
        reading = _t(
            "Whiskers: 95 % intervals over {n} replicates. Pale: the interval includes zero, or "
            "all replicates give the same value."
        ).format(n=n)
    factors = []
    for name, own in steps.groupby("factor", sort=False):
        base = _t("base {value}").format(value=texts_of(own["base"].head(1))[0])
        factors.append(_factor(str(name), base, texts_of(own["value"])))
    figure, (axes,), steps["y"] = _rows(
        _t("Change by each factor alone: {outcome}").format(outcome=_outcome(sample)),
        _of_sample(sample),
        _t("Each bar: one value of a factor against its base; without a bar nothing changes."),
        reading,
        foot=made,
        factors=factors,
        head=(_t("Change against the base"), unit_in_words(sample.unit)),
    )
    for sure, bars in steps.groupby("sure"):
        axes.barh(bars["y"], bars["effect"], 0.8 * _ROW, color=BLUE, alpha=0.9 if sure else 0.35)
    below, above = steps["effect"] - steps["low"], steps["high"] - steps["effect"]
    axes.errorbar(steps["effect"], steps["y"], xerr=[below, above], **_WHISKERS)
    _set_range(axes, steps[["effect", "low", "high"]])
    return figure


# -- indices and elementary effects ----------------------------------------------------------------


@canvas.finished
def draw_sobol(table: pd.DataFrame, sample: Sample, made: str) -> canvas.Canvas:
    """Return the first and the total index of each factor; arguments as of `draw_tornado`."""
    import pandas as pd

    ends = ["estimate", "low", "high"]
    first = table[["first", "first_low", "first_high"]].set_axis(ends, axis=1)
    rows = pd.concat([first, table[ends]]).sort_index(kind="stable")
    figure, (axes,), places = _rows(
        _t("Sobol indices of each factor: {outcome}").format(outcome=_outcome(sample)),
        _of_sample(sample),
        _t(
            "Alone: the part of one factor; total: with all its interactions and the noise of "
            "replicates. Whiskers: 95 % intervals, n = {n}. Filled: the interval lies above zero. "
            "In brackets: what a higher value does."
        ).format(n=int(table["n"].iloc[0])),
        foot=made,
        factors=_ranked(table, [_t("alone (S1)"), _t("total (ST)")]),
        head=(_t("Share of the variance between points"), ""),
    )
    _draw_marks(axes, rows.assign(y=places, sure=rows["low"] > 0.0))
    return figure


@canvas.finished
def draw_morris(table: pd.DataFrame, sample: Sample, made: str) -> canvas.Canvas:
    """Return mu* of each factor, and mu* against sigma; arguments as of `draw_tornado`."""
    floor = float(table["noise_floor"].iloc[0])
    noisy = _t("Grey: what noise alone would give.") if math.isfinite(floor) else ""
    figure, (rows, plane), places = _rows(
        _t("Elementary effects of each factor: {outcome}").format(outcome=_outcome(sample)),
        _of_sample(sample),
        _t(
            "Mean size (mu*): of the change across the range of a factor, over {n} trajectories, "
            "with 95 % intervals. Spread (sigma): its standard deviation, large where the effect "
            "depends on other factors (dashed: sigma = mu*). Filled: the factor is shown to have "
            "an effect. In brackets: what a higher value does."
        ).format(n=int(table["n"].iloc[0])),
        noisy,
        foot=made,
        factors=_ranked(table),
        head=(_t("Mean size of the effect (mu*)"), unit_in_words(sample.unit)),
        more=1,
    )
    table = table.assign(y=places, sure=table["shown"])
    _draw_marks(rows, table)
    _draw_plane(plane, table)
    canvas.head(plane, _t("Spread of the effect (sigma)"), unit_in_words(sample.unit), letter="b")
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
    axes.set_xlabel(_t("Mean size of the effect (mu*)"), size=SMALL)

    def place() -> None:
        taken: list[tuple[float, float]] = []
        look: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "size": SMALL}
        for rank, x, y in table[["rank", "estimate", "sigma"]].to_numpy().tolist():
            right, up = (axes.transData.transform((x, y)) * 72.0 / axes.figure.dpi).tolist()
            if all(abs(right - a) > 13.0 or abs(up - b) > 9.0 for a, b in taken):
                taken.append((right, up))
                axes.annotate(f"{rank:.0f}", (x, y), (0.0, 4.0), gid="rank", **look)

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
    held = [_held(limit, inputs[limit["factor"]]) for limit in limits.to_dict(orient="records")]
    title = _t("Ranges of factors that set points of interest apart: {outcome}")
    figure, (axes,), places = _rows(
        title.format(outcome=_outcome(sample)),
        _of_sample(sample),
        about,
        foot=made,
        factors=[
            _factor(name, said) for name, (_, said) in zip(limits["factor"], held, strict=True)
        ],
        key=[(Patch(color=BLUE), _t("in the box")), (Patch(color=RULE), _t("all points"))],
    )
    for y, (parts, _) in zip(places, held, strict=True):
        axes.broken_barh([(0.0, 1.0)], (y - 0.03, 0.06), color=RULE)
        axes.broken_barh(parts, (y - 0.03, 0.06), color=BLUE, gid="box")
    if not len(limits):
        canvas.say_no_data(axes, _t("no limit that is not as likely by chance"))
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    return figure


def _held(
    limit: Mapping[Any, Any], column: pd.Series[Any]
) -> tuple[list[tuple[float, float]], str]:
    """Return start and length of what a box holds of a factor, as shares, and both in words."""
    if limit["values"]:
        known = sorted(map(str, column.unique()))
        parts = [(known.index(value) / len(known), 1.0 / len(known)) for value in limit["values"]]
        said = _t("{values}: {k} of {n} values").format(
            values=", ".join(texts_of(limit["values"])), k=len(parts), n=len(known)
        )
        return parts, said
    low, high = float(column.min()), float(column.max())
    ends = np.where(np.isnan(limits := [limit["low"], limit["high"]]), [low, high], limits)
    start, end = (ends - low) / ((high - low) or 1.0)
    numbers = (fmt.number(value, 3) for value in (*ends.tolist(), low, high))
    said = _t("{} to {} of {} to {}").format(*numbers)
    return [(start, end - start)], said


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


def _rows(
    title: str,
    *notes: str,
    foot: str,
    factors: Sequence[tuple[str, str, Sequence[str]]],
    head: tuple[str, str] = ("", ""),
    more: int = 0,
    key: canvas.Key = (),
) -> tuple[canvas.Canvas, list[Axes], list[float]]:
    """Return a page with factors below each other, its panels, and places of all rows.

    Name and meaning of a factor stand above its rows, each of which has a label at its left. Places
    are inches from the top; ``more`` panels stand below.
    """
    room, down = canvas.page_width() - 0.05, _GAP
    beside = [canvas.fitting(label, 0.36 * room, SMALL) for *_, rows in factors for label in rows]
    widest = max((canvas.text_width(label, SMALL) for label in beside), default=0.0)
    indent = widest + 0.05 if widest else 0.0
    texts: list[tuple[float, str, float, str]] = []
    places: list[float] = []
    for name, meaning, rows in factors:
        lines = [(line, BODY, INK) for line in canvas.wrapped(name, BODY, room)]
        lines += [(line, SMALL, MUTED) for line in canvas.wrapped(meaning, SMALL, room)]
        texts += [(down + _LINE * (at + 0.5), *line) for at, line in enumerate(lines)]
        down += _LINE * len(lines)
        places += [down + _ROW * (at + 0.5) for at in range(len(rows))]
        down += _ROW * len(rows) + _GAP
    down = max(down, 3.0 * _ROW)
    height = [down + 0.65, *[2.8] * more]
    figure, panels = canvas.new_page(
        title, *notes, foot=foot, key=key, panels=1 + more, columns=1, height=height
    )
    axes = panels[0]
    axes.set_yticks(places, beside, size=SMALL)
    axes.set_ylim(down, 0.0)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    axes.spines["left"].set_visible(False)
    for y, text, size, ink in texts:
        axes.annotate(
            text,
            (0.0, y),
            xytext=(-72.0 * indent, 0.0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center_baseline",
            size=size,
            color=ink,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
        )
    canvas.head(axes, *head, letter="a" if more else "", room=room, indent=indent)
    return figure, panels, places


def _draw_marks(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw estimates with their intervals, filled where they are sure."""
    for sure, own in rows.groupby("sure"):
        reach = own[["low", "high"]].sub(own["estimate"], axis=0).abs().to_numpy().T
        filled = BLUE if sure else "white"
        axes.errorbar(
            own["estimate"], own["y"], xerr=reach, fmt="o", color=BLUE, markerfacecolor=filled,
            markersize=4.4, elinewidth=0.9, capsize=1.8,
        )  # fmt: skip
    _set_range(axes, rows[["estimate", "low", "high"]])


def _set_range(axes: Axes, ends: pd.DataFrame) -> None:
    """Let the horizontal axis hold all values and zero, which has a line."""
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    pad = 0.04 * ((high - low) or 1.0)
    axes.set_xlim(low - pad, high + pad)
    axes.tick_params(axis="x", labelsize=SMALL)
    canvas.number_axis(axes.xaxis, low - pad, high + pad, _bins(axes))
    canvas.mark_zero(axes, upright=True)


def _factor(
    name: str, said: str, rows: Sequence[str] = ("",), rank: str = ""
) -> tuple[str, str, Sequence[str]]:
    """Return a factor in words with what is said of it in brackets, its meaning, and its rows."""
    words = shown(capital(key_in_words(name)))
    return f"{rank}{words} ({shown(said, 80)})", meaning_of(name), rows


def _ranked(
    table: pd.DataFrame, rows: Sequence[str] = ("",)
) -> list[tuple[str, str, Sequence[str]]]:
    """Return the factors of a table in words, each with its rank and direction."""
    facts = table[["factor", "direction"]].to_numpy().tolist()
    return [_factor(name, said, rows, f"{rank}. ") for rank, (name, said) in enumerate(facts, 1)]


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


def _bins(axes: Axes) -> int:
    return max(2, int(panel_width(axes) / 0.9))
