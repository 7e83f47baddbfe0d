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

from ydsim.analysis.sensitivity.discovery import Discovery, Limit
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
from ydsim.plots.wording import indicator_in_words, unit_in_words
from ydsim.results.results import Results

MOST = 16
"""Factors that a page has room for."""

UP, DOWN, PLAIN = "#d55e00", "#0072b2", "#6e6e6e"
"""What raises, what lowers, and what has no sign."""

_ROW, _KEY, _AXIS = 0.23, 0.24, 0.42
_NAMES = 2.2
"""Widest column of names in inches."""


def tornado_page(finding: Finding, results: Results) -> Figure:
    """Return a row for each factor with a bar for each of its values."""
    bars: tuple[Bar, ...] = finding.detail
    drivers = finding.drivers[:MOST]
    rows = [[bar for bar in bars if bar.factor == one.factor] for one in drivers]
    n = min(bar.n for bar in bars)
    about = say("sensitivity.tornado.about" if n > 1 else "sensitivity.tornado.about_one", n=n)
    thick = [max(1, len(own)) for own in rows]
    height = _ROW * sum(max(1.0, 0.62 * k) for k in thick)
    figure, top = page.new_page(_title(finding), _about(finding, about), height + _AXIS)
    names = [
        say("sensitivity.tornado.row", factor=short(one.factor), base=_value(own[0].base))
        for one, own in zip(drivers, rows, strict=True)
    ]
    axes, left = _rows_panel(figure, top, height, names)
    edges = np.cumsum([0.0, *(max(1.0, 0.62 * k) for k in thick)])
    _name(axes, [(a + b) / 2 for a, b in itertools.pairwise(edges.tolist())], names, left)
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
    said = [page.fitting(text, 0.18 * width, SMALL - 0.5) for text in values]
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
            unit=unit_in_words(finding.unit),
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
    figure, top = page.new_page(_title(finding), _about(finding, about), height + _KEY + _AXIS)
    names = [_signed(one) for one in drivers]
    axes, left = _rows_panel(figure, top + _KEY, height, names)
    y = np.arange(len(drivers), dtype=np.float64)
    _name(axes, y.tolist(), names, left)
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
    body = page.HEAD - 0.2 + height + _AXIS
    figure, top = page.new_page(_title(finding), _about(finding, about), body)
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
                ha="center", color=colour, weight="bold",
            ).set_gid("rank")  # fmt: skip
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


def box_page(finding: Finding, results: Results) -> Figure:
    """Return the limits of PRIM's box and the way that led to it."""
    found: Discovery = finding.detail
    box = found.box
    limits = box.limits[:MOST]
    about = say(
        "sensitivity.box.about",
        rule=found.rule,
        count=int(found.chosen.sum()),
        points=len(found.chosen),
    )
    height = max(2.3, 0.36 * len(limits))
    body = _KEY + page.HEAD + height + _AXIS
    figure, top = page.new_page(_box_title(finding), _about(finding, about), body)
    draw_key(figure, top, _box_key())
    top += _KEY
    names = [short(limit.factor) for limit in limits]
    name_room = min(_NAMES, _room(names))
    width = 0.5 * WIDTH - page.MARGIN - name_room
    axes = page.add_panel(figure, page.MARGIN + name_room, top + page.HEAD, width, height)
    page.head(axes, "a", say("sensitivity.box.limits"))
    for row, limit in enumerate(limits):
        _limit(axes, row, limit, finding)
    if not limits:
        page.say_no_data(axes, say("sensitivity.box.none"))
    _name(axes, list(range(len(limits))), names, name_room)
    axes.set_xlim(0.0, 1.0)
    axes.set_ylim(max(len(limits), 1) - 0.4, -0.6)
    axes.set_xticks([])
    axes.grid(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    left = 0.5 * WIDTH + 0.62
    path = page.add_panel(figure, left, top + page.HEAD, WIDTH - page.MARGIN - left, height)
    page.head(path, "b", say("sensitivity.box.path"))
    order = np.argsort(-box.path["coverage"].astype(np.float64), kind="stable")
    path.plot(box.path["coverage"][order], box.path["density"][order], "o-", color=FAINT,
              markersize=2.4, linewidth=0.7)  # fmt: skip
    path.axhline(box.share, color=MUTED, linewidth=0.7, linestyle=(0, (4, 2)))
    path.plot(box.coverage, box.density, "o", color=UP, markersize=6.0)
    path.plot(box.tried_coverage, box.tried_density, "D", color=UP, markerfacecolor="white",
              markersize=5.0)  # fmt: skip
    path.set_xlim(-0.03, 1.05)
    path.set_ylim(-0.03, 1.05)
    path.set_xlabel(say("sensitivity.box.coverage"), size=SMALL)
    path.set_ylabel(say("sensitivity.box.density"), size=SMALL)
    page.add_footer(figure, results)
    return figure


def _box_key() -> list[tuple[Artist, str]]:
    taken = Line2D([], [], color=UP, linestyle="", marker="o", markersize=5.5)
    tried = Line2D([], [], color=UP, linestyle="", marker="D", markersize=4.5)
    tried.set_markerfacecolor("white")
    every = Line2D([], [], color=MUTED, linewidth=0.7, linestyle=(0, (4, 2)))
    return [
        (Patch(color=UP), say("sensitivity.box.part")),
        (taken, say("sensitivity.box.taken")),
        (tried, say("sensitivity.box.tried")),
        (every, say("sensitivity.box.all")),
    ]


def _limit(axes: Axes, row: int, limit: Limit, finding: Finding) -> None:
    """Draw the range of a factor and the part of it that is in the box."""
    colour = UP
    axes.hlines(row, 0.0, 1.0, color=RULE, linewidth=5.0, zorder=1)
    column = finding.sample.columns[limit.factor]
    if limit.values:
        text = page.fitting(" | ".join(map(_value, limit.values)), 2.0, SMALL)
        axes.text(0.0, row - 0.2, text, size=SMALL, color=colour, va="bottom")
        known = sorted({str(value) for value in column.tolist()})
        for value in limit.values:
            at = known.index(value) / len(known)
            axes.hlines(row, at, at + 1.0 / len(known), color=colour, linewidth=5.0, zorder=2)
        return
    number = column.astype(np.float64)
    low, high = float(number.min()), float(number.max())
    span = (high - low) or 1.0
    a = 0.0 if math.isnan(limit.low) else (limit.low - low) / span
    b = 1.0 if math.isnan(limit.high) else (limit.high - low) / span
    axes.hlines(row, a, b, color=colour, linewidth=5.0, zorder=2)
    for at, end, side in ((a, limit.low, "left"), (b, limit.high, "right")):
        if not math.isnan(end):
            axes.text(
                min(max(at, 0.0), 1.0),
                row - 0.2,
                f"{end:.3g}",
                size=SMALL,
                color=colour,
                ha=side,
                va="bottom",
            )
    axes.text(0.0, row + 0.17, f"{low:.3g}", size=SMALL - 1, color=FAINT, va="top")
    axes.text(1.0, row + 0.17, f"{high:.3g}", size=SMALL - 1, color=FAINT, va="top", ha="right")


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


def _box_title(finding: Finding) -> str:
    found: Discovery = finding.detail
    sure = found.box.limits
    if not sure:
        return say("sensitivity.title.no_box")
    texts = [page.fitting(short(str(limit)), 2.1, TITLE, "bold") for limit in sure]
    if len(texts) == 1:
        said = texts[0]
    elif len(texts) == 2:
        said = say("sensitivity.pair", one=texts[0], other=texts[1])
    else:
        said = say("sensitivity.and_more", names=texts[0], count=len(texts) - 1)
    return say("sensitivity.title.box", limits=said)


def _about(finding: Finding, more: str) -> str:
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
    left = min(_NAMES, _room(names))
    width = WIDTH - 2 * page.MARGIN - left
    return page.add_panel(figure, page.MARGIN + left, top, width, height), left


def _room(names: Sequence[str]) -> float:
    return max((page.text_width(shown(name), BODY) for name in names), default=0.0) + 0.12


def _name(axes: Axes, places: Sequence[float], names: Sequence[str], room: float) -> None:
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
        return [_value(value) for value in values]
    if len(settings) < 2 or not all(isinstance(one, dict) for one in settings):
        return [_value(value) for value in values]
    keys = list(dict.fromkeys(key for one in settings for key in one))
    differing = [
        key for key in keys if any(one.get(key) != settings[0].get(key) for one in settings)
    ]
    return [
        _value(json.dumps({key: one[key] for key in differing if key in one})) for one in settings
    ]


def _value(text: str) -> str:
    """Return the value of a factor without the marks of JSON."""
    return text.translate(str.maketrans("", "", '{}"')).strip() or "{}"
