"""What moves an outcome of a sweep, the front of a search, a calibration, the border game, drawn.

Factors stand below each other, each named in words above its rows, so that a narrow page has room.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ydsim import fmt
from ydsim.fmt import fixed
from ydsim.measures.effects import MIN_REPLICATES
from ydsim.measures.game import closed_in
from ydsim.plots import canvas
from ydsim.plots.canvas import BODY, FAINT, INK, MUTED, RULE, SMALL, Look, look, panel_width, shown
from ydsim.plots.factors import meaning_of, texts_of, words_of
from ydsim.policies.environment import multiples_of
from ydsim.record.indicators import name_in_words, unit_in_words
from ydsim.results.sample import Sample
from ydsim.translation import gettext as _t
from ydsim.translation import ngettext
from ydsim.typing import Bools, Floats
from ydsim.wording import capital, key_in_words

_ROW, _LINE, _GAP = 0.165, 0.13, 0.09
"""Inches: the height of a row, of a line of text above it, and the gap below a factor."""

_CLEAR = 12  # trials of a front, up to which each has its whiskers; otherwise the knee alone

_MARK = look(0)
_BLUE, _RED = _MARK.colour, look(1).colour


# -- what moves an outcome -------------------------------------------------------------------------


@canvas.finished
def draw_tornado(
    table: pd.DataFrame, steps: pd.DataFrame, sample: Sample, made: str
) -> canvas.Canvas:
    """Return a bar for each value of each factor, the factor of the largest effect first.

    ``table``: factors as of `ydsim.studies.sensitivity`, the largest first. ``steps``: every value
    of every factor: ``factor, base, value, effect, low, high, n``. ``sample`` and ``made``: what
    was analysed, and what was run.
    """
    steps = steps.set_index("factor").loc[table["factor"]].reset_index()
    n = int(steps["n"].min())
    reading = _t("Fewer than three replicates: no interval.")
    if n >= MIN_REPLICATES:
        reading = _t(
            "Whiskers: 95 % intervals over {n} replicates. Pale: the interval includes zero, or "
            "all replicates give the same value."
        ).format(n=n)
    apart = (steps["low"] > 0.0) | (steps["high"] < 0.0)
    levels = {
        factor: [own["base"].iloc[0], *own["value"]]
        for factor, own in steps.groupby("factor", sort=False)
    }
    plain = {factor: multiples_of(each) or each for factor, each in levels.items()}
    bases = {factor: texts_of(each[:1])[0] for factor, each in plain.items()}
    figure, axes, rows = _factors(
        steps.assign(
            estimate=steps["effect"],
            sure=apart & (steps["high"] > steps["low"]),
            said=[_t("base {value}").format(value=bases[factor]) for factor in steps["factor"]],
            label=[text for each in plain.values() for text in texts_of(each[1:])],
        ),
        sample,
        _t("Change by each factor alone: {outcome}"),
        _t("Each bar: one value of a factor against its base; without a bar nothing changes."),
        reading,
        foot=made,
        head=(_t("Change against the base"), unit_in_words(sample.unit)),
        style=Look(INK, "none", ""),
        levels=levels,
    )
    for sure, bars in rows.groupby("sure"):
        shade = 0.9 if sure else 0.35
        axes.barh(bars["at"], bars["estimate"], 0.8 * _ROW, color=_BLUE, alpha=shade)
    return figure


@canvas.finished
def draw_sobol(table: pd.DataFrame, sample: Sample, made: str) -> canvas.Canvas:
    """Return the first and the total index of each factor; arguments as of `draw_tornado`."""
    first = table[["factor", "direction", "first", "first_low", "first_high"]]
    total = table[["factor", "direction", "estimate", "low", "high"]]
    alone = first.set_axis(total.columns, axis=1).assign(label=_t("alone (S1)"))
    rows = pd.concat([alone, total.assign(label=_t("total (ST)"))]).sort_index(kind="stable")
    figure, _, _ = _factors(
        rows.assign(sure=rows["low"] > 0.0, said=rows["direction"]),
        sample,
        _t("Sobol indices of each factor: {outcome}"),
        _t(
            "Alone: the share of one factor; total: with all its interactions and the noise of "
            "replicates. Whiskers: 95 % intervals, n = {n}. Filled: the interval lies above zero. "
            "In brackets: what a higher value does."
        ).format(n=int(table["n"].iloc[0])),
        foot=made,
        head=(_t("Share of the variance between points"), ""),
    )
    return figure


@canvas.finished
def draw_morris(table: pd.DataFrame, sample: Sample, made: str) -> canvas.Canvas:
    """Return mu* and sigma of each factor; arguments as of `draw_tornado`."""
    floor = float(table["noise_floor"].iloc[0])
    noisy = math.isfinite(floor)
    spread: dict[str, Any] = {"linestyle": "", "marker": "|", "color": _RED, "markeredgewidth": 1.6}
    figure, axes, rows = _factors(
        table.assign(sure=table["shown"], said=table["direction"], label=""),
        sample,
        _t("Elementary effects of each factor: {outcome}"),
        _t(
            "Mean size (mu*): of the change across the range of a factor, over {n} trajectories, "
            "with 95 % intervals. Spread (sigma): its standard deviation, large where the effect "
            "depends on other factors. Filled: the factor is shown to have an effect. In brackets: "
            "what a higher value does."
        ).format(n=int(table["n"].iloc[0])),
        _t("Grey: effect expected from noise alone.") if noisy else "",
        foot=made,
        head=(_t("Effect across the range"), unit_in_words(sample.unit)),
        key=[
            (canvas.sign(_MARK), _t("mean size (mu*)")),
            (Line2D([], [], **spread), _t("spread (sigma)")),
        ],
    )
    axes.plot(rows["sigma"], rows["at"], markersize=7.0, zorder=3, gid="sigma", **spread)
    if noisy:
        axes.axvspan(0.0, floor, color=RULE, alpha=0.6, linewidth=0, zorder=0).set_gid("floor")
    return figure


def _factors(
    rows: pd.DataFrame,
    sample: Sample,
    title: str,
    *notes: str,
    foot: str,
    head: tuple[str, str],
    key: canvas.Key = (),
    style: Look = _MARK,
    levels: Mapping[Any, Sequence[Any]] | None = None,
) -> tuple[canvas.Canvas, Axes, pd.DataFrame]:
    """Draw marks of factors; return page, panel, and rows with their places in inches."""
    room, down = canvas.page_width() - 0.05, _GAP
    beside = [canvas.fitting(label, 0.36 * room, SMALL) for label in rows["label"]]
    indent = max(canvas.text_width(label, SMALL) + 0.05 * bool(label) for label in beside)
    texts: list[tuple[float, str, float, str]] = []
    places: list[float] = []
    for rank, (factor, own) in enumerate(rows.groupby("factor", sort=False), 1):
        words = capital(words_of(str(factor), (levels or {}).get(factor, ())))
        message = shown(own["said"].iloc[0], 80)
        for text, size, ink in (
            (f"{rank}. {words} ({message})", BODY, INK),
            (meaning_of(str(factor)), SMALL, MUTED),
        ):
            for line in canvas.wrapped(text, size, room):
                texts.append((down + 0.5 * _LINE, line, size, ink))
                down += _LINE
        places += [down + _ROW * (at + 0.5) for at in range(len(own))]
        down += _ROW * len(own) + _GAP
    down = max(down, 3.0 * _ROW)
    figure, (axes,) = canvas.new_page(
        title.format(outcome=shown(name_in_words(sample.outcome))),
        _of_sample(sample),
        *notes,
        foot=foot,
        height=down + 0.65,
        key=key,
    )
    canvas.name_rows(axes, places, beside, room)
    axes.tick_params(labelsize=SMALL)
    axes.set_ylim(down, 0.0)
    for y, text, size, ink in texts:
        label = canvas.beside(axes, y, text, side=0.0, away=-72.0 * indent, size=size, color=ink)
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.4})
    canvas.head(axes, *head, room=room, indent=indent)
    ends = rows.filter(["estimate", "low", "high", "sigma"]).to_numpy(float)
    low, high = min(0.0, float(np.nanmin(ends))), max(0.0, float(np.nanmax(ends)))
    pad = 0.04 * ((high - low) or 1.0)
    axes.set_xlim(low - pad, high + pad)
    canvas.number_axis(axes.xaxis, low - pad, high + pad, _bins(axes))
    canvas.mark_zero(axes, upright=True)
    rows = rows.assign(at=places)
    canvas.draw_marks(axes, rows, style)
    return figure, axes, rows


def _of_sample(sample: Sample) -> str:
    """Say of what, when and how often, and how much is noise."""
    least, most = sample.replicates
    times = ngettext("one replicate each", "{n} replicates each", most)
    message = _t("{what}, {place}, {when}; design {kind} of {points:,} points, {times}.").format(
        what=capital(shown(sample.meaning)),
        place=sample.where,
        when=sample.when,
        kind=sample.kind.replace("_", " "),
        points=len(sample.values),
        times=times.format(n=most if least == most else _t("{a} to {b}").format(a=least, b=most)),
    )
    if math.isnan(sample.noise_share):
        return message
    share = fmt.percent(sample.noise_share, 3)
    return f"{message} " + _t("Noise is {share} of the variance between points.").format(
        share=share
    )


def _bins(axes: Axes) -> int:
    return max(2, int(panel_width(axes) / 0.9))


# -- the front of a search -------------------------------------------------------------------------


@canvas.finished
def draw_pareto(table: pd.DataFrame, *, title: str, note: str, foot: str) -> canvas.Canvas:
    """Return the front of a search, a panel for each pair of objectives.

    ``table``: as of `ydsim.studies.optimise`: a row a trial and objective. ``title``, ``note`` and
    ``foot``: what was searched and how, and what was run.
    """
    heads = table.drop_duplicates("outcome").set_index("outcome")[["unit", "better"]]
    pairs = list(itertools.combinations(heads.index, 2))
    table = table.assign(half=(table["high"] - table["low"]) / 2.0)
    score, half = (
        table.pivot(index="trial", columns="outcome", values=name) for name in ("score", "half")
    )
    trials = table.drop_duplicates("trial").set_index("trial")
    front, knee = score[trials["on_front"]], score[trials["knee"]]
    clear = front if len(front) <= _CLEAR else knee
    marks: list[tuple[pd.DataFrame, str, dict[str, Any]]] = [
        (score[~trials["on_front"]], _t("other trials"), _sign("o", FAINT, 2.6)),
        (front, _t("front"), _sign("s", _BLUE, 3.8)),
        (knee, _t("knee, trial {n}").format(n=knee.index[0]), _sign("D", _RED, 5.0)),
        (0.0 * knee, _t("unchanged scenario"), _sign("X", INK, 5.5)),
    ]
    whiskers = _t("Whiskers: width of the 95 % interval of a mean gain.")
    figure, panels = canvas.new_page(
        title,
        note,
        whiskers if half.notna().any(axis=None) else "",
        foot=foot,
        panels=len(pairs),
        height=2.7,
        key=[(Line2D([], [], **sign), words) for _, words, sign in marks],
    )
    for at, (axes, (x, y)) in enumerate(zip(panels, pairs, strict=True)):
        for rows, _, sign in marks:
            axes.plot(rows[x], rows[y], **sign)
        reach: dict[str, Any] = {"xerr": half.loc[clear.index, x], "yerr": half.loc[clear.index, y]}
        axes.errorbar(
            clear[x], clear[y], fmt="none", ecolor=INK, elinewidth=0.7, capsize=1.6, **reach
        )
        axes.margins(0.08)
        axes.grid(True, axis="both")
        canvas.number_axis(axes.xaxis, *axes.get_xlim(), bins=_bins(axes))
        canvas.number_axis(axes.yaxis, *axes.get_ylim(), bins=5)
        across, up = (
            _t("change, {unit}; {better} is better").format(unit=unit_in_words(unit), better=better)
            for unit, better in heads.loc[[x, y]].to_numpy()
        )
        below = canvas.wrapped(f"{name_in_words(x)}: {across}", SMALL, 0.7 * panel_width(axes))
        axes.set_xlabel("\n".join(below), size=SMALL)
        letter = chr(97 + at) if len(pairs) > 1 else ""
        canvas.head(axes, capital(name_in_words(y)), up, letter=letter)
    return figure


def _sign(marker: str, colour: str, size: float) -> dict[str, Any]:
    return {"linestyle": "", "marker": marker, "color": colour, "markersize": size}


# -- what a calibration leaves of the ranges of parameters -----------------------------------------

_BINS = 20


@canvas.finished
def draw_marginals(
    table: pd.DataFrame,
    draws: pd.DataFrame,
    weights: Floats,
    members: Floats,
    *,
    title: str,
    foot: str,
) -> canvas.Canvas:
    """Return a panel for each parameter.

    ``table``: as of `ydsim.studies.calibration`, with ``place``, that of the default in the range.
    ``draws`` and ``members``: shares of the ranges, (n, d). ``weights`` (n,): of the draws. All
    shares are of logarithms where a range is one of logarithms.
    """
    figure, panels = canvas.new_page(
        title,
        _t(
            "Bars: posterior density over the range of the prior, which is one everywhere (line). "
            "Dashed: the scenario as it is, where it lies in the range. Ticks below: members. "
            "ratio: posterior over prior variance."
        ),
        foot=foot,
        panels=len(table),
        columns=3,
        height=1.7,
        least=1.9,
    )
    colour = look(0).colour
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    for axes, row, (key, drawn), own in zip(
        panels, table.to_dict("records"), draws.items(), members.T, strict=True
    ):
        density, _ = np.histogram(drawn, edges, weights=weights, density=True)
        axes.bar(edges[:-1], density, 1.0 / _BINS, align="edge", color=colour, alpha=0.7)
        axes.axhline(1.0, color=MUTED, linewidth=0.9)
        if 0.0 <= row["place"] <= 1.0:
            axes.axvline(row["place"], color=INK, linewidth=0.9, linestyle="--", gid="default")
        axes.plot(own, np.full(len(own), -0.06 * density.max()), "|", color=INK, markersize=3.5)
        low, high = row["from"], row["to"]
        middle = (low * high) ** 0.5 if row["log"] else (low + high) / 2.0
        axes.set_xticks([0.0, 0.5, 1.0], [fmt.number(each) for each in (low, middle, high)])
        axes.tick_params(labelsize=SMALL)
        axes.set_xlim(-0.02, 1.02)
        axes.set_yticks([])
        message = _t("ratio {ratio}, {state}").format(
            ratio=fmt.number(row["ratio"], 2), state=row["state"]
        )
        canvas.head(axes, capital(key_in_words(str(key))), message)
    return figure


@canvas.finished
def draw_ranks(
    ranks: pd.DataFrame, limit: float, *, title: str, note: str, foot: str
) -> canvas.Canvas:
    """Return how far the shares of known truths below each rank are from uniform ones.

    ``ranks``: shares of the posterior below each truth, a column a parameter, the last of the
    likelihood. ``limit``: where all columns but the last stay together.
    """
    figure, (axes,) = canvas.new_page(title, note, foot=foot, panels=1, height=3.0)
    names = [str(name) for name in ranks]
    at = np.concatenate([[0.0], (np.arange(len(ranks)) + 1.0) / len(ranks)])
    for name in names[:-1]:
        axes.plot(*_gap(ranks[name], at), color=look(0).colour, alpha=0.5, linewidth=0.9)
    axes.plot(*_gap(ranks[names[-1]], at), color=INK, linewidth=1.4, linestyle="--", gid="last")
    for end in (-limit, limit):
        axes.axhline(end, color=MUTED, linewidth=0.9, gid="limit")
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel(_t("Share of the posterior below the truth"), labelpad=2.0)
    canvas.head(axes, _t("Share of truths less that share"), "")
    return figure


def _gap(ranks: pd.Series[float], at: Floats) -> tuple[Floats, Floats]:
    """Return the steps of a distribution of ranks, less the uniform one, at both of their ends."""
    x: Floats = np.repeat(np.sort(ranks.to_numpy(dtype=np.float64)), 2)
    return x, np.ravel(np.column_stack([at[:-1], at[1:]])) - x


# -- the border game -------------------------------------------------------------------------------

COLOURS = LinearSegmentedColormap.from_list("gain", ["#d55e00", "#f7f5f0", "#0072b2"])
"""Loss, nothing, gain."""

_MARKS = 0.45  # inches at the right of the matrix for the names of marked rows


@canvas.finished
def draw_game(
    table: pd.DataFrame, closing: pd.DataFrame, *, title: str, note: str, foot: str
) -> canvas.Canvas:
    """Return the matrix of a game, and what closing pays by the number of others that are closed.

    ``table`` and ``closing``: as of `ydsim.studies.border_game.BorderGame`: rows are cells of
    `ydsim.measures.game`, each with its provinces and the region; changes are against all open.
    ``title``, ``note`` and ``foot``: what was played, what a payoff is, and what was run.
    """
    *provinces, region = table["place"].unique()
    closed = closed_in(len(provinces))
    at_first = table.groupby("place", sort=False)["mean"].first()
    scale = 100.0 / table["place"].map(at_first)
    cells = table.assign(
        cell=np.repeat(np.arange(len(closed)), len(provinces) + 1),
        change=scale * table["estimate"],
        sure=(table["low"] > 0.0) | (table["high"] < 0.0) | (table["n"] < MIN_REPLICATES),
    )
    ends = ["estimate", "low", "high"]
    gains = closing.assign(
        others=closed.sum(axis=1)[np.argwhere(~closed.T)[:, 1]],
        sure=closing["significant"],
        **closing[ends].mul(100.0 / closing["place"].map(at_first), axis=0),
    )
    reading = _t("In brackets, and hollow: the 95 % interval of paired differences includes zero.")
    if int(table["n"].iloc[0]) < MIN_REPLICATES:
        reading = _t("Fewer than three replicates: no intervals.")
    figure, (matrix, lines) = canvas.new_page(
        title,
        note,
        _t(
            "a: change of each payoff against all open, in per cent; a bar at the left of a cell: "
            "this province is closed. Framed: an equilibrium, in which no province gains by acting "
            "otherwise alone; best: the largest regional output. b: a mark for each set of closed "
            "others, lines: their mean."
        ),
        reading,
        foot=foot,
        panels=2,
        height=[_height(closed), 2.9],
        least=4.2,
        key=[(canvas.sign(look(p), line=True), name) for p, name in enumerate(provinces)],
    )
    _draw_matrix(matrix, cells, closed, region)
    _draw_gains(lines, gains, provinces)
    return figure


def _draw_matrix(axes: Axes, cells: pd.DataFrame, closed: Bools, region: str) -> None:
    """Draw changes of provinces and region, a row a set of closed provinces, fewest first."""
    order = np.argsort(closed.sum(axis=1), kind="stable")
    change, sure, mean = (
        cells.pivot(index="cell", columns="place", values=name)[cells["place"].unique()].loc[order]
        for name in ("change", "sure", "mean")
    )
    rows, columns = change.shape
    room, side = panel_width(axes), min(1.6, 0.3 * panel_width(axes))
    cell = (room - side - _MARKS) / columns, (_height(closed) - 0.9) / rows
    most = max(float(np.abs(change.to_numpy()).max()), 1e-9)
    texts = change.map(lambda value: fixed(value, 1 if most >= 1.0 else 2, sign=True))
    texts = texts.where(sure, "(" + texts + ")")
    texts.loc[0] = "0"
    who = cells.groupby("cell")["closed"].first()[order]
    named = change.set_axis([canvas.fitting(name, side - 0.05, SMALL) for name in who])
    short = [canvas.fitting(str(name), max(1.0, cell[0]), SMALL) for name in change]
    scale = ScalarMappable(Normalize(-most, most), COLOURS)
    canvas.draw_cells(axes, named.set_axis(short, axis=1), texts, scale, cell)
    for row, p in np.argwhere(closed[order]):
        bar = Rectangle((p - 0.5, row - 0.45), 0.08, 0.9, color=look(p).colour, gid="closed")
        axes.add_patch(bar)
    rest = cells.groupby("cell")["equilibrium"].first()[order].to_numpy()
    best = int(mean[region].to_numpy().argmax())
    for row in np.flatnonzero(rest):
        frame = Rectangle((-0.5, row - 0.5), columns, 1.0, fill=False, linewidth=1.5, zorder=4)
        frame.set(edgecolor=INK, clip_on=False, gid="equilibrium")
        axes.add_patch(frame)
    canvas.beside(axes, best, _t("best"), size=SMALL, gid="mark")
    canvas.head(axes, _t("Payoffs by set of closed provinces"), letter="a", room=columns * cell[0])


def _height(closed: Bools) -> float:
    """Return the height of the matrix with its title and names, in inches."""
    return max(0.14, 0.2 - 0.001 * len(closed)) * len(closed) + 0.9


def _draw_gains(axes: Axes, gains: pd.DataFrame, provinces: list[str]) -> None:
    """Draw what closing pays each province, a mark a set of closed others, beside one another."""
    wide = 0.8 / len(provinces)
    for p, (_, own) in enumerate(gains.groupby("place", sort=False)):
        style, by = look(p), own.groupby("others")
        middle = (p + 0.5) * wide - 0.4
        number, of = by.cumcount() + 0.5, by["others"].transform("size")
        at = own["others"] + middle + 0.7 * wide * (number / of - 0.5)
        canvas.draw_marks(axes, own.assign(at=at), style, upright=True, size=3.6)
        mean = by["estimate"].mean()
        axes.plot(mean.index + middle, mean, color=style.colour, linewidth=0.8, alpha=0.6)
    canvas.mark_zero(axes)
    canvas.number_axis(axes.yaxis, *axes.get_ylim())
    axes.set_xticks(range(len(provinces)))
    axes.set_xlabel(_t("number of other provinces closed"), size=SMALL)
    unit = _t("per cent of its payoff when all are open")
    canvas.head(axes, _t("Gain of a province from closing"), unit, letter="b")
