"""Effects of policies by place, with intervals: the figure of a comparison, and its finding.

A point is the mean change in pairs of the same draws and a bar its 95 % interval. It is filled
where the effect is beyond zero when all tests are counted, and hollow where it may be chance.
A row is a place, in which each policy has a point; of more than `POLICIES` policies it is a policy,
in the whole region.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.fmt import number
from ydsim.plots import page
from ydsim.plots.effect_words import (
    change_of,
    finding,
    in_words,
    leading,
    pairs_in_words,
    place_in_words,
    quoted,
    size_in_words,
)
from ydsim.plots.foot import add_line, foot_height
from ydsim.plots.messages import say
from ydsim.plots.style import BODY, FAINT, INK, MUTED, WIDTH, house_style, look, shown
from ydsim.plots.wording import indicator_in_words, unit_in_words
from ydsim.results.compare import Compared, Row, grouped
from ydsim.results.cube import Outcome
from ydsim.wording import capital

PANELS, POLICIES, PLACES = 4, 4, 12
"""Most outcomes, policies of a place, and rows that are drawn."""

_POLICY = "policy"
"""Level of a row that is a policy."""

_COLUMNS, _NAMES, _LONG_NAMES, _VALUES, _GAP = 2, 1.1, 1.28, 0.62, 0.1
_ROW, _BETWEEN, _LEAST = 0.19, 0.16, 0.62
_RISE, _FALL = "#0072b2", "#d55e00"


def draw_effects(found: Compared) -> Figure:
    """Return effects by place, a panel an outcome, the one of the finding first.

    Raises
    ------
    NothingToDrawError
        When no outcome has a value.
    """
    outcomes = _drawn(found)
    if not outcomes:
        raise NothingToDrawError(say("effects.empty"))
    many = len(found.others) > POLICIES
    names = [] if many else [side.name for side in found.others]
    panels = [_rows(found, outcome, many=many) for outcome in outcomes]
    with house_style():
        heights = [
            max(_LEAST, _ROW * max(1.0, 0.55 * len(names)) * len(places)) for places, _ in panels
        ]
        lines = [max(heights[at : at + _COLUMNS]) for at in range(0, len(panels), _COLUMNS)]
        band = page.HEAD + page.TICKS + _BETWEEN
        key = 0.2 if len(names) > 1 else 0.0
        body = key + sum(lines) + band * len(lines)
        figure, top = page.new_page(
            finding(found), _explanation(found, panels, names), body,
            foot=foot_height(_footer(found)),
        )  # fmt: skip
        if key:
            _key(figure, top, names)
        before = _LONG_NAMES if many else _NAMES
        width = (WIDTH - 2 * page.MARGIN - _GAP) / _COLUMNS - before - _VALUES
        down = top + key
        for at, (outcome, (places, rows)) in enumerate(zip(outcomes, panels, strict=True)):
            line, column = divmod(at, _COLUMNS)
            left = page.MARGIN + column * (before + width + _VALUES + _GAP) + before
            below = down + sum(lines[:line]) + band * line + page.HEAD
            axes = page.add_panel(figure, left, below, width, heights[at])
            _panel(axes, places, rows, names)
            _head(axes, "abcd"[at], outcome, rows, width + _VALUES)
        add_line(figure, _footer(found))
    return figure


def _drawn(found: Compared) -> list[Outcome]:
    """Return the outcomes that are drawn."""
    there = {row.outcome.name for row in found.rows}
    known = [one for one in found.outcomes if one.name in there]
    lead = leading(found)
    first = [one for one in known if lead is not None and one == lead.outcome]
    return (first + [one for one in known if one not in first])[:PANELS]


def _rows(
    found: Compared, outcome: Outcome, *, many: bool
) -> tuple[list[tuple[str, str]], list[Row]]:
    """Return what the rows of a panel are, as name and level from the top, and what is in them."""
    rows = [row for side in found.others for row in found.of(side.name, outcome.name)]
    if many:
        whole = next((r for r in rows if r.level == "region"), rows[0])
        rows = [row for row in rows if (row.place, row.level) == (whole.place, whole.level)]
    slots = list(dict.fromkeys(_slot(row, many=many) for row in rows))
    if len(slots) > PLACES:
        clear = {slot: min(_doubt(row) for row in rows if _slot(row, many=many) == slot)
                 for slot in slots}  # fmt: skip
        order = sorted(slots, key=lambda slot: clear[slot])[:PLACES]
        rows = [row for row in rows if _slot(row, many=many) in order]
        size = {_slot(row, many=many): change_of(row)[0] for row in reversed(rows)}
        slots = sorted(order, key=lambda slot: -size[slot])
    return slots, rows


def _slot(row: Row, *, many: bool) -> tuple[str, str]:
    """Return name and level of the row of a figure in which an effect is."""
    return (row.alternative, _POLICY) if many else (row.place, row.level)


def _doubt(row: Row) -> float:
    """Return the p of a row; that of one without a test is above all others."""
    return 2.0 if math.isnan(row.effect.p) else row.effect.p


def _panel(
    axes: Axes, places: Sequence[tuple[str, str]], rows: Sequence[Row], names: Sequence[str]
) -> None:
    several = len(names) > 1
    for row in rows:
        slot = places.index(_slot(row, many=not names))
        number = names.index(row.alternative) if several else 0
        y = slot + (number - (len(names) - 1) / 2.0) * 0.8 / len(names) if several else slot
        gap, low, high = change_of(row)
        sure = row.significant
        style = look(number)
        colour = style.colour if several else _RISE if gap > 0.0 else _FALL
        if gap == 0.0 and not several:
            colour = MUTED
        if not math.isnan(low):
            axes.plot([low, high], [y, y], color=colour, linewidth=1.4 if sure else 0.9, zorder=2)
        axes.plot(
            [gap], [y], marker=style.marker if several else "o", markersize=5.0, color=colour,
            markerfacecolor=colour if sure else "white", markeredgewidth=1.1, zorder=3,
        )  # fmt: skip
        if not several:
            axes.annotate(
                _beside(row), (1.0, y), xytext=(6.0, 0.0), xycoords=("axes fraction", "data"),
                textcoords="offset points", va="center", size=BODY,
                color=INK if sure else MUTED, weight="bold" if sure else "normal",
            )  # fmt: skip
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    _limits(axes, rows)
    axes.set_ylim(len(places) - 0.5, -0.5)
    axes.set_yticks(range(len(places)))
    axes.set_yticklabels([_fitting(*place) for place in places])
    for label, (_, level) in zip(axes.get_yticklabels(), places, strict=True):
        label.set_fontweight("bold" if level == "region" else "normal")
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", visible=True)
    axes.spines["left"].set_visible(False)
    if places[0][1] == "region" and len(places) > 1:
        axes.axhline(0.5, color=FAINT, linewidth=0.5, zorder=0)


def _cut(rows: Sequence[Row]) -> bool:
    """Return whether a bar goes beyond its panel."""
    left, right = _range(rows)
    return any(low < left or high > right for _, low, high in map(change_of, rows))


def _limits(axes: Axes, rows: Sequence[Row]) -> None:
    axes.set_xlim(*_range(rows))
    axes.locator_params(axis="x", nbins=5)


def _range(rows: Sequence[Row]) -> tuple[float, float]:
    """Return the range: zero, all points, and bars as far as they do not hide the points."""
    points = [change_of(row) for row in rows]
    reach = max((abs(gap) for gap, _, _ in points), default=0.0)
    ends = [end for _, low, high in points for end in (low, high) if not math.isnan(end)]
    reach = max(reach * 1.15, min(max(map(abs, ends), default=0.0) * 1.05, 4.0 * reach)) or 1.0
    low = min(0.0, *(max(-reach, min(p[0], p[0] if math.isnan(p[1]) else p[1])) for p in points))
    high = max(0.0, *(min(reach, max(p[0], p[0] if math.isnan(p[2]) else p[2])) for p in points))
    pad = 0.08 * ((high - low) or 1.0)
    return low - pad, high + pad


def _head(axes: Axes, letter: str, outcome: Outcome, rows: Sequence[Row], room: float) -> None:
    if outcome.said == "points":
        unit = say("effects.unit_points")
    elif all(math.isnan(row.per_cent.estimate) for row in rows):
        unit = say("effects.unit_other", unit=unit_in_words(outcome.unit))
    else:
        unit = say("effects.unit_per_cent")
    label = capital(indicator_in_words(outcome.name))
    page.head(axes, letter, page.fitting(label, room - 0.14, BODY + 0.5, "bold"), unit)


def _key(figure: Figure, top: float, names: Sequence[str]) -> None:
    """Write which look each policy has."""
    room = (WIDTH - 2 * page.MARGIN) / len(names)
    for k, name in enumerate(names):
        style, left = look(k), page.MARGIN + k * room
        mark = figure.add_axes((left / WIDTH, 1.0 - (top + 0.12) / figure.get_figheight(),
                                0.14 / WIDTH, 0.12 / figure.get_figheight()))  # fmt: skip
        mark.plot([0.0], [0.0], marker=style.marker, color=style.colour, markersize=5.0)
        mark.axis("off")
        words = page.fitting(in_words(name), room - 0.3, BODY)
        page.put(figure, left + 0.2, top + 0.06, words, size=BODY, va="center", color=style.ink)


def _explanation(
    found: Compared, panels: Sequence[tuple[list[tuple[str, str]], list[Row]]], names: Sequence[str]
) -> str:
    lead = leading(found)
    said = [
        say("effects.policy", policy=quoted(side.name), title=_title(side.title))
        for side in found.others
        if side.title and (names or (lead is not None and side.name == lead.alternative))
    ]
    if found.base.title:
        said.append(
            say("effects.against", base=quoted(found.base.name), title=_title(found.base.title))
        )
    if len(found.pairs) == 1 and found.pairs[0].changes:
        parts = [
            say(f"effects.{verb}", what=", ".join(titles))
            for verb, titles in grouped(found.pairs[0].changes)
        ]
        policy = quoted(found.others[0].name)
        said.append(say("effects.differs", policy=policy, changes="; ".join(parts)))
    first, last = found.years
    window = (
        say("effects.window", first=first, last=last)
        if first < last
        else say("effects.window_one", first=first)
    )
    if found.most_replicates == 1:
        said.append(say("effects.reading_one", window=window))
    else:
        n = pairs_in_words(found)
        said.append(say("effects.reading", window=window, n=n, tests=found.tests))
    if any(_cut(rows) for _, rows in panels):
        said.append(say("effects.cut"))
    if any(row.outcome.prior for _, rows in panels for row in rows):
        said.append(say("effects.prior"))
    number = len({_slot(row, many=not names) for row in found.rows})
    if number > PLACES:
        said.append(say("effects.policies" if not names else "effects.places", all=number))
    if not names:
        said.append(say("effects.few", most=POLICIES))
    return shown(" ".join(said), 900)


def _footer(found: Compared) -> str:
    every = (found.base, *found.others)
    names = ", ".join(shown(one.name, 24) for one in every)
    facts = {**found.made, "scale": f"{found.made['scale']:g}"}
    return say("effects.footer", names=names, n=pairs_in_words(found), **facts)


def _title(text: str) -> str:
    return text.rstrip(". ")


def _fitting(place: str, level: str) -> str:
    if level == _POLICY:
        return page.fitting(in_words(place), _LONG_NAMES - 0.08, BODY)
    words = place_in_words(place, level)
    words = words.removeprefix("the ") if level == "region" else words
    return page.fitting(capital(words), _NAMES - 0.08, BODY)


def _beside(row: Row) -> str:
    """Return what stands beside a row: points and other units are in the head of the panel."""
    if row.outcome.said == "points" or math.isnan(row.change.estimate):
        return number(change_of(row)[0], 2, sign=True)
    return size_in_words(row)
