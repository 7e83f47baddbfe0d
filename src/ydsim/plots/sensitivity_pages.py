"""Figures of what moves an outcome of a sweep: tornado, Sobol indices, Morris plane."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from ydsim import fmt
from ydsim.plots import page
from ydsim.plots.bars import draw_key
from ydsim.plots.lines import number_axis
from ydsim.plots.messages import indicator_in_words, say, unit_beside, unit_in_words
from ydsim.plots.style import (
    BODY,
    FAINT,
    INK,
    MUTED,
    RULE,
    SMALL,
    TITLE,
    WIDTH,
    house_style,
    shown,
)
from ydsim.record.details import short
from ydsim.results.sample import Sample

if TYPE_CHECKING:
    import pandas as pd

MOST = 16
"""Factors that a page has room for."""

UP, DOWN, PLAIN, PALE = "#d55e00", "#0072b2", "#6e6e6e", "#9ec5e4"
"""What raises, what lowers, what has no sign, and a second shade of blue."""

_COLOURS = {"raises": UP, "lowers": DOWN}
_MARKERS = {"raises": "^", "lowers": "v"}

_ROW, KEY_HEIGHT, AXIS_HEIGHT = 0.23, 0.24, 0.42
NAMES_WIDTH = 2.2
"""Widest column of names in inches."""

_VALUES = 0.28
"""Share of a panel that the value of a bar may take."""

_NAMED = 12
"""Factors that the plane of Morris names."""


@dataclass(frozen=True)
class About:
    """What a page says beside its table.

    Attributes
    ----------
    sample
        What was analysed.
    leaders
        Factors that may be first, and whether no others may.
    made
        Line at the foot: what was run.
    """

    sample: Sample
    leaders: tuple[list[str], bool]
    made: str


def draw_tornado(table: pd.DataFrame, steps: pd.DataFrame, about: About) -> Figure:
    """Return a row for each factor with a bar for each of its values.

    Parameters
    ----------
    table
        Factors as of `ydsim.studies.sensitivity`, the largest first.
    steps
        Every value of every factor: ``factor, base, value, effect, low, high, n``.
    """
    with house_style():
        named = table["factor"].tolist()[:MOST]
        rows = [steps[steps["factor"] == name] for name in named]
        n = int(steps["n"].min())
        said = say("sensitivity.tornado.about" if n > 1 else "sensitivity.tornado.about_one", n=n)
        thick = [max(1.0, 0.62 * len(own)) for own in rows]
        height = _ROW * sum(thick)
        figure, top = _page(table, about, said, height + AXIS_HEIGHT)
        names = [
            say(
                "sensitivity.tornado.row", factor=short(name), base=plain_value(own["base"].iloc[0])
            )
            for name, own in zip(named, rows, strict=True)
        ]
        axes, left = _rows_panel(figure, top, height, names)
        edges = np.cumsum([0.0, *thick]).tolist()
        name_rows(axes, [(a + b) / 2 for a, b in itertools.pairwise(edges)], names, left)
        bars = [
            {**bar, "y": edge + 0.08 + step * (at + 0.5), "thick": 0.86 * step}
            for edge, after, own in zip(edges[:-1], edges[1:], rows, strict=True)
            for step in [(after - edge - 0.16) / len(own)]
            for at, bar in enumerate(own.to_dict(orient="records"))
        ]
        texts = [text for own in rows for text in _apart(own["value"].tolist())]
        _draw_bars(axes, bars, texts, WIDTH - 2 * page.MARGIN - left)
        axes.set_ylim(edges[-1], 0.0)
        outcome = indicator_in_words(about.sample.outcome)
        unit = unit_beside(outcome, about.sample.unit)
        _axis(axes, say("sensitivity.tornado.axis", outcome=outcome, unit=unit))
        page.add_footer(figure, about.made)
    return figure


def _draw_bars(
    axes: Axes, bars: Sequence[dict[Any, Any]], texts: Sequence[str], width: float
) -> None:
    """Draw effects with intervals, and the value that each is of beyond its end."""
    ends = [0.0]
    for bar in bars:
        effect, low, high = bar["effect"], bar["low"], bar["high"]
        pale = effect == 0.0 if math.isnan(low) else low <= 0.0 <= high
        colour = UP if effect > 0.0 else DOWN
        axes.barh(bar["y"], effect, bar["thick"], color=colour, alpha=0.35 if pale else 0.9)
        if not math.isnan(low):
            axes.hlines(bar["y"], low, high, color=INK, linewidth=0.9, zorder=5)
            ends += [low, high]
        ends.append(effect)
    span = max(ends) - min(ends) or 1.0
    said = [page.fitting(text, _VALUES * width, SMALL - 0.5) for text in texts]
    room = max(page.text_width(text, SMALL - 0.5) for text in said) + 0.08
    beyond = span * room / (width - 2.0 * room)
    axes.set_xlim(min(ends) - beyond, max(ends) + beyond)
    for text, bar in zip(said, bars, strict=True):
        sign = 1.0 if bar["effect"] >= 0.0 else -1.0
        farthest = max(0.0, *(sign * bar[key] for key in ("high", "low", "effect")))
        axes.annotate(
            text,
            (sign * farthest, bar["y"]),
            xytext=(3.0 * sign, 0.0),
            textcoords="offset points",
            ha="left" if sign > 0.0 else "right",
            va="center_baseline",
            size=SMALL - 0.5,
        )
    axes.axvline(0.0, color=MUTED, linewidth=0.6)


def draw_sobol(table: pd.DataFrame, about: About) -> Figure:
    """Return a row for each factor with its first and total index."""
    with house_style():
        rows = table.head(MOST)
        said = say("sensitivity.sobol.about", n=int(table["n"].iloc[0]))
        height = _ROW * 1.3 * len(rows)
        figure, top = _page(table, about, said, height + KEY_HEIGHT + AXIS_HEIGHT)
        names = [
            f"{short(name)}, {say(f'sensitivity.{direction}')}"
            for name, direction in zip(rows["factor"], rows["direction"], strict=True)
        ]
        axes, left = _rows_panel(figure, top + KEY_HEIGHT, height, names)
        y = np.arange(len(rows), dtype=np.float64)
        name_rows(axes, y.tolist(), names, left)
        for shift, of, colour in (
            (0.19, ("estimate", "low", "high"), PALE),
            (-0.19, ("first", "first_low", "first_high"), DOWN),
        ):
            value, low, high = (rows[name].to_numpy(float) for name in of)
            axes.barh(y + shift, value, 0.36, color=colour)
            axes.hlines(y + shift, low, high, color=INK, linewidth=0.9, zorder=5)
        axes.axvline(0.0, color=MUTED, linewidth=0.6)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(min(axes.get_xlim()[0], 0.0), max(axes.get_xlim()[1], 0.1))
        _axis(axes, say("sensitivity.sobol.axis", outcome=indicator_in_words(about.sample.outcome)))
        key = [
            (Patch(color=DOWN), say("sensitivity.sobol.first")),
            (Patch(color=PALE), say("sensitivity.sobol.total")),
        ]
        draw_key(figure, top, key)
        page.add_footer(figure, about.made)
    return figure


def draw_morris(table: pd.DataFrame, about: About) -> Figure:
    """Return the plane of mu* and sigma, the first factors numbered and named at its right."""
    with house_style():
        said = say("sensitivity.morris.about", n=int(table["n"].iloc[0]))
        height, side, room = 3.1, 0.55, 2.35
        body = page.HEAD - 0.2 + height + AXIS_HEIGHT
        figure, top = _page(table, about, said, body, everything=True)
        width = WIDTH - 2 * page.MARGIN - side - room
        axes = page.add_panel(figure, page.MARGIN + side, top + page.HEAD - 0.2, width, height)
        reach = float(table["high"].max()) or 1.0
        tall = float(table["sigma"].max()) or 1.0
        axes.set_xlim(0.0, 1.06 * reach)
        axes.set_ylim(0.0, 1.12 * tall)
        end = min(1.06 * reach, 1.12 * tall)
        axes.plot([0.0, end], [0.0, end], color=FAINT, linewidth=0.7, linestyle=(0, (4, 2)))
        floor = float(table["noise_floor"].iloc[0])
        if not math.isnan(floor):
            axes.axvspan(0.0, min(floor, 1.06 * reach), color=RULE, alpha=0.6, linewidth=0)
        _draw_factors(axes, table, (width / 1.06 / reach, height / 1.12 / tall))
        number_axis(axes.xaxis, 0.0, reach, 5)
        number_axis(axes.yaxis, 0.0, tall, 5)
        axes.grid(True, axis="both")
        axes.set_xlabel(
            say("sensitivity.morris.x", unit=unit_in_words(about.sample.unit)), size=SMALL
        )
        axes.set_ylabel(
            say("sensitivity.morris.y", unit=unit_in_words(about.sample.unit)), size=SMALL
        )
        _morris_key(figure, top, page.MARGIN + side + width + 0.15, table)
        page.add_footer(figure, about.made)
    return figure


def _draw_factors(axes: Axes, table: pd.DataFrame, inches: tuple[float, float]) -> None:
    """Draw factors in the plane, and the rank of the first where there is room for it."""
    taken: list[tuple[float, float]] = []
    for row in table.to_dict(orient="records"):
        x, y, colour = row["estimate"], row["sigma"], _colour(row)
        axes.hlines(y, row["low"], row["high"], color=colour, linewidth=0.7, alpha=0.7, zorder=2)
        marker = _MARKERS.get(row["direction"], "o")
        axes.plot(x, y, marker, color=colour, markersize=4.0 if row["shown"] else 2.6, zorder=3)
        spot = x * inches[0] * 72.0, y * inches[1] * 72.0
        free = all(abs(spot[0] - a) > 13.0 or abs(spot[1] - b) > 9.0 for a, b in taken)
        if row["rank"] <= _NAMED and free:
            taken.append(spot)
            axes.annotate(
                str(row["rank"]), (x, y), xytext=(0.0, 4.0), textcoords="offset points",
                size=SMALL, ha="center", color=colour, weight="bold", gid="rank",
                path_effects=[withStroke(linewidth=2.0, foreground="white")],
            )  # fmt: skip


def _morris_key(figure: Figure, top: float, left: float, table: pd.DataFrame) -> None:
    down = top + 0.2
    page.put(figure, left, down, say("sensitivity.morris.key"), size=BODY, weight="bold", va="top")
    for row in table.head(_NAMED).to_dict(orient="records"):
        down += 0.185
        sign = say(f"sensitivity.{row['direction'] if row['shown'] else 'not_shown'}")
        room = WIDTH - page.MARGIN - left - page.text_width(f"10  , {sign}", SMALL)
        name = page.fitting(short(row["factor"]), room, SMALL)
        text = f"{row['rank']}  {name}, {sign}"
        page.put(figure, left, down, text, size=SMALL, color=_colour(row), va="top")
    down += 0.3
    entries: list[tuple[Artist, str]] = [
        (Line2D([], [], color=FAINT, linewidth=0.7, linestyle=(0, (4, 2))), "diagonal")
    ]
    if table["noise_floor"].notna().iloc[0]:
        entries.append((Patch(color=RULE), "floor"))
    rest = len(table) - _NAMED
    if rest > 0:
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


def _page(
    table: pd.DataFrame, about: About, said: str, body: float, *, everything: bool = False
) -> tuple[Figure, float]:
    """Return a page with title, explanation and room for a foot, and where its body begins."""
    rest = 0 if everything else len(table) - MOST
    more = say("sensitivity.more", count=rest) if rest > 0 else ""
    text = page.sentences(about_runs(about, said), more)
    return page.new_page(_title(table, about), text, body, foot=page.foot_height(about.made))


def _title(table: pd.DataFrame, about: About) -> str:
    """Return who moves the outcome most, in the room of a title."""
    names, known = about.leaders
    outcome = shown(indicator_in_words(about.sample.outcome))
    if not names:
        return say("sensitivity.title.none", outcome=outcome)
    fitted = [page.fitting(name, 2.4, TITLE, "bold") for name in names[:2]]
    if len(names) == 1:
        key = "sensitivity.title.one" if known else "sensitivity.title.first"
        if table["low"].isna().iloc[0]:
            key = "sensitivity.title.single"
        return say(key, factor=fitted[0], outcome=outcome)
    if len(names) == 2:
        pair = say("sensitivity.pair", one=fitted[0], other=fitted[1])
        return say("sensitivity.title.some", factors=pair, outcome=outcome)
    return say("sensitivity.title.many", count=len(names), outcome=outcome)


def about_runs(about: About, more: str) -> str:
    """Return the line below a title: outcome, design, runs, and what ``more`` adds."""
    sample = about.sample
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
    noise = "" if math.isnan(share) else say("sensitivity.noise", share=fmt.percent(share, 3))
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


def _colour(row: dict[Any, Any]) -> str:
    return _COLOURS.get(row["direction"], PLAIN) if row["shown"] else FAINT


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
