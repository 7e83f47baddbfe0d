"""Pages of sensitivity: one for each method."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from ydsim.analysis.sensitivity.drivers import LOWERS, RAISES, Driver
from ydsim.analysis.sensitivity.finding import Finding
from ydsim.analysis.sensitivity.morris import Effects
from ydsim.analysis.sensitivity.sobol import Indices
from ydsim.analysis.sensitivity.tornado import Bar
from ydsim.analysis.sensitivity.words import leaders, short
from ydsim.plots import page
from ydsim.plots.bars import draw_key
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, FAINT, INK, MUTED, RULE, SMALL, TITLE, WIDTH, shown
from ydsim.plots.wording import indicator_in_words, unit_beside, unit_in_words
from ydsim.results.results import Results

MOST = 16
"""Factors that a page has room for."""

UP, DOWN, PLAIN = "#d55e00", "#0072b2", "#6e6e6e"
"""What raises, what lowers, and what has no sign."""

_ROW, KEY_HEIGHT, AXIS_HEIGHT = 0.23, 0.24, 0.42
NAMES_WIDTH = 2.2
"""Widest column of names in inches."""

_VALUES = 0.28
"""Share of a panel that the value of a bar may take."""


def tornado_page(finding: Finding, results: Results) -> Figure:
    """Return a row for each factor with a bar for each of its values."""
    bars: tuple[Bar, ...] = finding.detail
    drivers = finding.drivers[:MOST]
    rows = [[bar for bar in bars if bar.factor == one.factor] for one in drivers]
    n = min(bar.n for bar in bars)
    about = say("sensitivity.tornado.about" if n > 1 else "sensitivity.tornado.about_one", n=n)
    thick = [max(1, len(own)) for own in rows]
    height = _ROW * sum(max(1.0, 0.62 * k) for k in thick)
    figure, top = page.new_page(_title(finding), about_runs(finding, about), height + AXIS_HEIGHT)
    names = [
        say("sensitivity.tornado.row", factor=short(one.factor), base=plain_value(own[0].base))
        for one, own in zip(drivers, rows, strict=True)
    ]
    axes, left = _rows_panel(figure, top, height, names)
    edges = np.cumsum([0.0, *(max(1.0, 0.62 * k) for k in thick)])
    name_rows(axes, [(a + b) / 2 for a, b in itertools.pairwise(edges.tolist())], names, left)
    ends = [0.0]
    texts = []
    for edge, after, own in zip(edges[:-1], edges[1:], rows, strict=True):
        step = (after - edge - 0.16) / len(own)
        for at, bar in enumerate(own):
            y = edge + 0.08 + step * (at + 0.5)
            colour = UP if bar.effect > 0.0 else DOWN
            axes.barh(y, bar.effect, 0.86 * step, color=colour, alpha=0.35 if bar.null else 0.9)
            low, high = (0.0, 0.0) if math.isnan(bar.low) else (bar.low, bar.high)
            if not math.isnan(bar.low):
                axes.hlines(y, low, high, color=INK, linewidth=0.9, zorder=5)
            ends += [low, high, bar.effect]
            texts.append((y, bar, max(high, bar.effect, 0.0), min(low, bar.effect, 0.0)))
    span = max(ends) - min(ends) or 1.0
    width = WIDTH - 2 * page.MARGIN - left
    values = [text for own in rows for text in _apart([bar.value for bar in own])]
    said = [page.fitting(text, _VALUES * width, SMALL - 0.5) for text in values]
    room = max(page.text_width(text, SMALL - 0.5) for text in said) + 0.08
    beyond = span * room / (width - 2.0 * room)
    axes.set_xlim(min(ends) - beyond, max(ends) + beyond)
    for text, (y, bar, right, leftmost) in zip(said, texts, strict=True):
        positive = bar.effect >= 0.0
        axes.annotate(
            text,
            (right if positive else leftmost, y),
            xytext=(3.0 if positive else -3.0, 0.0),
            textcoords="offset points",
            ha="left" if positive else "right",
            va="center_baseline",
            size=SMALL - 0.5,
        )
    axes.axvline(0.0, color=MUTED, linewidth=0.6)
    axes.set_ylim(float(edges[-1]), 0.0)
    _axis(
        axes,
        say(
            "sensitivity.tornado.axis",
            outcome=indicator_in_words(finding.sample.outcome),
            unit=unit_beside(indicator_in_words(finding.sample.outcome), finding.unit),
        ),
    )
    page.add_footer(figure, results, _more(finding))
    return figure


def sobol_page(finding: Finding, results: Results) -> Figure:
    """Return a row for each factor with its first and total index."""
    found: Indices = finding.detail
    drivers = finding.drivers[:MOST]
    at = [found.names.index(one.factor) for one in drivers]
    about = say("sensitivity.sobol.about", n=found.base)
    height = _ROW * 1.3 * len(drivers)
    figure, top = page.new_page(
        _title(finding), about_runs(finding, about), height + KEY_HEIGHT + AXIS_HEIGHT
    )
    names = [_signed(one) for one in drivers]
    axes, left = _rows_panel(figure, top + KEY_HEIGHT, height, names)
    y = np.arange(len(drivers), dtype=np.float64)
    name_rows(axes, y.tolist(), names, left)
    for shift, values, half, colour in (
        (0.19, found.total, found.total_half, "#9ec5e4"),
        (-0.19, found.first, found.first_half, DOWN),
    ):
        axes.barh(y + shift, values[at], 0.36, color=colour)
        axes.hlines(
            y + shift, (values - half)[at], (values + half)[at], color=INK, linewidth=0.9, zorder=5
        )
    axes.axvline(0.0, color=MUTED, linewidth=0.6)
    axes.set_ylim(len(drivers) - 0.5, -0.5)
    axes.set_xlim(min(axes.get_xlim()[0], 0.0), max(axes.get_xlim()[1], 0.1))
    _axis(axes, say("sensitivity.sobol.axis", outcome=indicator_in_words(finding.sample.outcome)))
    key = [
        (Patch(color=DOWN), say("sensitivity.sobol.first")),
        (Patch(color="#9ec5e4"), say("sensitivity.sobol.total")),
    ]
    draw_key(figure, top, key)
    page.add_footer(figure, results, _more(finding))
    return figure


def morris_page(finding: Finding, results: Results) -> Figure:
    """Return the plane of mu* and sigma, the first factors numbered and named at its right."""
    found: Effects = finding.detail
    about = say("sensitivity.morris.about", n=found.trajectories)
    height, side, room = 3.1, 0.55, 2.35
    body = page.HEAD - 0.2 + height + AXIS_HEIGHT
    figure, top = page.new_page(_title(finding), about_runs(finding, about), body)
    width = WIDTH - 2 * page.MARGIN - side - room
    axes = page.add_panel(figure, page.MARGIN + side, top + page.HEAD - 0.2, width, height)
    named = finding.drivers[:12]
    place = {name: j for j, name in enumerate(found.names)}
    reach = float((found.mu_star + found.mu_star_half).max()) or 1.0
    tall = float(found.sigma.max()) or 1.0
    axes.set_xlim(0.0, 1.06 * reach)
    axes.set_ylim(0.0, 1.12 * tall)
    end = min(1.06 * reach, 1.12 * tall)
    axes.plot([0.0, end], [0.0, end], color=FAINT, linewidth=0.7, linestyle=(0, (4, 2)), zorder=1)
    if not math.isnan(found.floor):
        axes.axvspan(0.0, min(found.floor, 1.06 * reach), color=RULE, alpha=0.6, linewidth=0)
    taken: list[tuple[float, float]] = []
    for one in finding.drivers:
        j = place[one.factor]
        colour = _colour(one)
        x, y = float(found.mu_star[j]), float(found.sigma[j])
        axes.hlines(y, one.low, one.high, color=colour, linewidth=0.7, alpha=0.7, zorder=2)
        marker = _MARKERS.get(one.direction, "o")
        axes.plot(x, y, marker, color=colour, markersize=2.6 if one.null else 4.0, zorder=3)
        spot = (x / (1.06 * reach) * width * 72.0, y / (1.12 * tall) * height * 72.0)
        free = all(abs(spot[0] - a) > 13.0 or abs(spot[1] - b) > 9.0 for a, b in taken)
        if one in named and free:
            taken.append(spot)
            axes.annotate(
                str(one.rank), (x, y), xytext=(0.0, 4.0), textcoords="offset points", size=SMALL,
                ha="center", color=colour, weight="bold", gid="rank",
                path_effects=[withStroke(linewidth=2.0, foreground="white")],
            )  # fmt: skip
    number_axis(axes.xaxis, 0.0, reach, 5)
    number_axis(axes.yaxis, 0.0, tall, 5)
    axes.grid(True, axis="both")
    axes.set_xlabel(say("sensitivity.morris.x", unit=unit_in_words(finding.unit)), size=SMALL)
    axes.set_ylabel(say("sensitivity.morris.y", unit=unit_in_words(finding.unit)), size=SMALL)
    _morris_key(figure, top, page.MARGIN + side + width + 0.15, finding, named)
    page.add_footer(figure, results)
    return figure


_MARKERS = {RAISES: "^", LOWERS: "v"}


def _morris_key(
    figure: Figure, top: float, left: float, finding: Finding, named: Sequence[Driver]
) -> None:
    down = top + 0.2
    page.put(figure, left, down, say("sensitivity.morris.key"), size=BODY, weight="bold", va="top")
    for one in named:
        down += 0.185
        sign = say("sensitivity.not_shown" if one.null else f"sensitivity.{one.direction}")
        room = WIDTH - page.MARGIN - left - page.text_width(f"10  , {sign}", SMALL)
        name = page.fitting(short(one.factor), room, SMALL)
        page.put(
            figure, left, down, f"{one.rank}  {name}, {sign}", size=SMALL, color=_colour(one),
            va="top",
        )  # fmt: skip
    down += 0.3
    found: Effects = finding.detail
    entries: list[tuple[Artist, str]] = [
        (Line2D([], [], color=FAINT, linewidth=0.7, linestyle=(0, (4, 2))), "diagonal")
    ]
    if not math.isnan(found.floor):
        entries.append((Patch(color=RULE), "floor"))
    rest = len(finding.drivers) - len(named)
    if rest:
        entries.append(
            (Line2D([], [], color=FAINT, marker="o", markersize=2.6, linestyle=""), "rest")
        )
    figure.legend(
        [handle for handle, _ in entries],
        [say(f"sensitivity.morris.{name}", count=rest) for _, name in entries],
        loc="upper left",
        bbox_to_anchor=(left / WIDTH, 1.0 - down / figure.get_figheight()),
        fontsize=SMALL,
        borderpad=0.0,
        borderaxespad=0.0,
        handlelength=1.6,
    )


def _title(finding: Finding) -> str:
    """Return who moves the outcome most, in the room of a title."""
    names, known = leaders(finding)
    outcome = shown(indicator_in_words(finding.sample.outcome))
    if not names:
        return say("sensitivity.title.none", outcome=outcome)
    fitted = [page.fitting(name, 2.4, TITLE, "bold") for name in names[:2]]
    if len(names) == 1:
        key = "sensitivity.title.one" if known else "sensitivity.title.first"
        if math.isnan(finding.drivers[0].low):
            key = "sensitivity.title.single"
        return say(key, factor=fitted[0], outcome=outcome)
    if len(names) == 2:
        pair = say("sensitivity.pair", one=fitted[0], other=fitted[1])
        return say("sensitivity.title.some", factors=pair, outcome=outcome)
    return say("sensitivity.title.many", count=len(names), outcome=outcome)


def about_runs(finding: Finding, more: str) -> str:
    """Return the line below a title: outcome, design, runs, and what ``more`` adds."""
    sample = finding.sample
    least, most = sample.replicates
    text = say(
        "sensitivity.about",
        meaning=shown(sample.meaning),
        outcome=shown(sample.outcome),
        when=sample.when,
        kind=sample.kind,
        points=len(sample.values),
        replicates=say(
            "sensitivity.replicate" if most == 1 else "sensitivity.replicates",
            count=most if least == most else f"{least}-{most}",
        ),
    )
    share = sample.noise_share
    noise = "" if math.isnan(share) else say("sensitivity.noise", share=share)
    return (text + more + noise).strip()


def _rows_panel(
    figure: Figure, top: float, height: float, names: Sequence[str]
) -> tuple[Axes, float]:
    left = min(NAMES_WIDTH, room_of(names))
    width = WIDTH - 2 * page.MARGIN - left
    return page.add_panel(figure, page.MARGIN + left, top, width, height), left


def room_of(names: Sequence[str]) -> float:
    """Return how wide the column of names is, in inches."""
    return max((page.text_width(shown(name), BODY) for name in names), default=0.0) + 0.12


def name_rows(axes: Axes, places: Sequence[float], names: Sequence[str], room: float) -> None:
    """Write names at the left of rows."""
    axes.set_yticks(places, [page.fitting(name, room - 0.08, BODY) for name in names])


def _axis(axes: Axes, label: str) -> None:
    low, high = axes.get_xlim()
    number_axis(axes.xaxis, low, high, 6)
    axes.grid(False, axis="y")
    axes.grid(True, axis="x")
    axes.set_xlabel(label, size=SMALL)


def _more(finding: Finding) -> str:
    rest = len(finding.drivers) - MOST
    return say("sensitivity.more", count=rest) if rest > 0 else ""


def _signed(one: Driver) -> str:
    return f"{short(one.factor)}, {say(f'sensitivity.{one.direction}')}"


def _colour(one: Driver) -> str:
    return FAINT if one.null else {RAISES: UP, LOWERS: DOWN}.get(one.direction, PLAIN)


def _apart(values: Sequence[str]) -> list[str]:
    """Return the values of a factor, of settings those that differ between them."""
    try:
        settings = [json.loads(value) for value in values]
    except ValueError:
        return [plain_value(value) for value in values]
    if len(settings) < 2 or not all(isinstance(one, dict) for one in settings):
        return [plain_value(value) for value in values]
    keys = list(dict.fromkeys(key for one in settings for key in one))
    differing = [
        key for key in keys if any(one.get(key) != settings[0].get(key) for one in settings)
    ]
    return [
        plain_value(json.dumps({key: one[key] for key in differing if key in one}))
        for one in settings
    ]


def plain_value(text: str) -> str:
    """Return the value of a factor without the marks of JSON."""
    return text.translate(str.maketrans("", "", '{}"')).strip() or "{}"
