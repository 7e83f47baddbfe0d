"""When policies of the drawn scenarios begin and end, as thin lines over an axis of years.

A yearly value of year Y is drawn at Y, so that the year reaches from Y - 1/2 to Y + 1/2: a date d,
in decimal years, is drawn at d - 1/2, and so is the value of a quarter that ends then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from ydsim.plots.messages import key_in_words, say
from ydsim.plots.page import fitting, text_width
from ydsim.plots.style import MUTED, shown
from ydsim.plots.values import scenario_look
from ydsim.results.results import Results

ROW, MOST_ROWS = 0.1, 5
"""Height of a row of names in inches, and rows at most."""

SIZE, WIDEST = 5.5, 1.75
"""Size of names in points, and their width in inches at most."""

MOST_IN_WORDS = 14
"""Dates that are listed in a text at most."""

_LINE: dict[str, Any] = {
    "color": "#9a9a9a",
    "linewidth": 0.5,
    "linestyle": (0, (1, 1.5)),
    "zorder": 1.2,
}


@dataclass(frozen=True)
class PolicyDate:
    """A date at which policies begin or end.

    Attributes
    ----------
    year
        Decimal: 2012.25 is the beginning of the second quarter of 2012.
    name
        Of the policies that begin or end.
    scenarios
        Positions of the scenarios that have it.
    """

    year: float
    name: str
    scenarios: tuple[int, ...]


def policy_dates(results: Sequence[Results], first: int, last: int) -> list[PolicyDate]:
    """Return the dates inside the years drawn, in order of time.

    What begins before the middle of the first year is in force all along, and what begins after
    the middle of the last one comes too late to be seen: neither has a date. The end of a policy
    after which another of its kind begins at once is not listed either.
    """
    found: dict[tuple[float, str], list[int]] = {}
    for number, each in enumerate(results):
        for year, name in _events(each.manifest["scenario"]):
            if first + 0.5 <= year <= last + 0.5:
                found.setdefault((year, name), []).append(number)
    merged: dict[tuple[float, tuple[int, ...]], list[str]] = {}
    for (year, name), mine in sorted(found.items()):
        merged.setdefault((year, tuple(mine)), []).append(name)
    return [PolicyDate(year, ", ".join(names), mine) for (year, mine), names in merged.items()]


def in_force(results: Results, year: int) -> list[str]:
    """Return the names of the policies that are in force at the end of a year, sorted."""
    names = []
    for name, keys in _policies(results.manifest["scenario"]).items():
        begin, end = _number(keys.get("start")), _number(keys.get("end"))
        if (begin is None or begin < year + 1) and (end is None or end >= year + 1):
            names.append(_plain(name))
    return sorted(names, key=str.casefold)


def in_force_in_words(results: Results, year: int) -> str:
    """Say which policies are in force at the end of a year, for figures of one year."""
    names = in_force(results, year)
    if not names:
        return say("policy_dates.none_in_force", year=year)
    shorter = names[:MOST_IN_WORDS]
    if len(names) > MOST_IN_WORDS:
        shorter.append(say("policy_dates.more", n=len(names) - MOST_IN_WORDS))
    return say("policy_dates.in_force", year=year, names=shown(", ".join(shorter), 400))


def draw_dates(axes: Axes, dates: Sequence[PolicyDate], *, several: bool = False) -> None:
    """Draw a thin line for each date; those of a part of several scenarios in their colour."""
    for date in dates:
        line = axes.axvline(place(date), **(_LINE | _colour(date, several)))
        line.set_gid("policy")


def rows_needed(dates: Sequence[PolicyDate], limits: tuple[float, float], width: float) -> int:
    """Return how many rows `name_dates` needs over a panel of ``width`` inches."""
    rows = assign_rows(dates, limits, width)
    return max((row + 1 for row in rows if row is not None), default=0)


def assign_rows(
    dates: Sequence[PolicyDate], limits: tuple[float, float], width: float
) -> list[int | None]:
    """Return the row of each name, the lowest where it is free; None where all are taken.

    Parameters
    ----------
    limits
        First and last place of the axis, in years.
    width
        Width of the panel in inches.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in range(MOST_ROWS)]
    found: list[int | None] = []
    for date in dates:
        begin, end = _extent(date, limits, width)
        free = (
            row
            for row, boxes in enumerate(taken)
            if all(end < left or begin > right for left, right in boxes)
        )
        row = next(free, None)
        if row is not None:
            taken[row].append((begin, end))
        found.append(row)
    return found


def name_dates(
    axes: Axes, dates: Sequence[PolicyDate], width: float, *, several: bool = False
) -> None:
    """Write the names of dates in rows above a panel of yearly values, ``width`` inches wide."""
    limits = axes.get_xlim()
    for date, row in zip(dates, assign_rows(dates, limits, width), strict=True):
        if row is None:
            continue
        up = 72.0 * ROW * row + 2.0
        left, _ = _extent(date, limits, width)
        middle = width * (place(date) - limits[0]) / (limits[1] - limits[0])
        colour = _colour(date, several)
        axes.annotate(
            "",
            (place(date), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0.0, up + 5.0),
            textcoords="offset points",
            arrowprops={"arrowstyle": "-", "shrinkA": 0.0, "shrinkB": 0.0, **(_LINE | colour)},
        )
        axes.annotate(
            _shown(date),
            (place(date), 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(72.0 * (left - middle) + 2.0, up),
            textcoords="offset points",
            size=SIZE,
            color=colour.get("color", MUTED),
            va="bottom",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3},
            zorder=5,
        ).set_gid("policy name")


def place(date: PolicyDate) -> float:
    """Return where a date lies on an axis of years."""
    return date.year - 0.5


def listed(dates: Sequence[PolicyDate]) -> str:
    """List dates in a sentence, for panels that are too small for names; empty without any."""
    if not dates:
        return ""
    items = [_item(shown(date.name, 48), date) for date in dates[:MOST_IN_WORDS]]
    if len(dates) > MOST_IN_WORDS:
        items.append(say("policy_dates.more", n=len(dates) - MOST_IN_WORDS))
    return say("policy_dates.listed", items=", ".join(items))


def explain(dates: Sequence[PolicyDate], limits: tuple[float, float], width: float) -> str:
    """Say what lines with names above a panel are, and how many have no name."""
    if not dates:
        return ""
    nameless = sum(row is None for row in assign_rows(dates, limits, width))
    if nameless:
        return say("policy_dates.nameless", n=nameless)
    return say("policy_dates.named")


def _extent(date: PolicyDate, limits: tuple[float, float], width: float) -> tuple[float, float]:
    """Return left and right end of a name in inches; it begins at its line where it has room."""
    size = text_width(_shown(date), SIZE) + 0.08
    begin = width * (place(date) - limits[0]) / (limits[1] - limits[0])
    begin = min(begin, width - size)
    return begin, begin + size


def _shown(date: PolicyDate) -> str:
    """Return name and year as they are written above a panel, cut to the widest."""
    text = _item(date.name, date)
    if text_width(text, SIZE) <= WIDEST:
        return shown(text)
    room = WIDEST - text_width(_item("", date), SIZE)
    return _item(fitting(date.name, room, SIZE), date)


def _item(name: str, date: PolicyDate) -> str:
    year = str(int(date.year))
    return name if name.endswith(year) else say("policy_dates.item", name=name, year=year)


def _colour(date: PolicyDate, several: bool) -> dict[str, Any]:
    """Return the colour of a date that one of several scenarios has alone."""
    if several and len(date.scenarios) == 1:
        return {"color": scenario_look(date.scenarios[0]).ink}
    return {}


def _events(scenario: Mapping[str, Any]) -> list[tuple[float, str]]:
    """Return date and name of all that begins or ends."""
    policies = _policies(scenario)
    begun = {
        (keys.get("policy", name), _number(keys.get("start"))) for name, keys in policies.items()
    }
    events = []
    for name, keys in policies.items():
        begin, end = _number(keys.get("start")), _number(keys.get("end"))
        if begin is not None:
            events.append((begin, _plain(name)))
        if end is not None and (keys.get("policy", name), end) not in begun:
            events.append((end, say("policy_dates.end", name=_plain(name))))
    governance = scenario.get("governance")
    if isinstance(governance, Mapping) and governance.get("mode", "fixed") != "fixed":
        begin = _number(governance.get("start"))
        if begin is not None:
            mode = _plain(str(governance["mode"]))
            events.append((begin, say("policy_dates.governance", mode=mode)))
    return events


def _policies(scenario: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the policies that have any strength, by name."""
    found = scenario.get("policies")
    if not isinstance(found, Mapping):
        return {}
    return {
        str(name): keys
        for name, keys in found.items()
        if isinstance(keys, Mapping) and keys.get("strength", 1.0) != 0.0
    }


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if np.isfinite(value) else None


def _plain(name: str) -> str:
    return key_in_words(name)
