"""Effects of policies by place, with intervals: the figure of a comparison, and its finding.

A point is the mean change in pairs of the same draws and a bar its 95 % interval. It is filled
where the effect is beyond zero when all tests are counted, and hollow where it may be chance.
A row is a place, in which each policy has a point; of more than `POLICIES` policies it is a policy,
in the whole region.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict

from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.fmt import number
from ydsim.plots.forest import draw_forest
from ydsim.plots.messages import indicator_in_words, say, unit_in_words
from ydsim.plots.style import shown
from ydsim.results.compare import Compared, Row, finding, leading
from ydsim.results.cube import Outcome
from ydsim.wording import capital

PANELS, POLICIES, PLACES = 4, 4, 12
"""Most outcomes, policies of a place, and rows that are drawn."""


def draw_effects(found: Compared) -> Figure:
    """Return effects by place, a panel an outcome, the one of the finding first.

    Raises
    ------
    NothingToDrawError
        When no outcome has a value.
    """
    import pandas as pd

    outcomes = _drawn(found)
    if not outcomes:
        raise NothingToDrawError(say("effects.empty"))
    several = len(found.others) > 1
    panels = {one.name: _rows(found, one) for one in outcomes}
    marks = [
        {
            "outcome": name,
            "label": _label(found, row),
            "block": row.level != "region",
            **asdict(row.shown[0]),
            "sure": row.significant,
            "series": in_words(row.alternative) if several and not _many(found) else "",
            "beside": "" if several else _beside(row),
        }
        for name, rows in panels.items()
        for row in rows
    ]
    drawn = [row for rows in panels.values() for row in rows]
    return draw_forest(
        pd.DataFrame(marks),
        {
            one.name: (capital(indicator_in_words(one.name)), _unit(one, panels[one.name]))
            for one in outcomes
        },
        title=finding(found),
        note=_explanation(found, drawn),
        foot=_footer(found),
        columns=2,
    )


def _many(found: Compared) -> bool:
    """Tell whether rows are policies."""
    return len(found.others) > POLICIES


def _drawn(found: Compared) -> list[Outcome]:
    """Return the outcomes that are drawn."""
    there = {row.outcome.name for row in found.rows}
    known = [one for one in found.outcomes if one.name in there]
    lead = leading(found)
    first = [one for one in known if lead is not None and one == lead.outcome]
    return (first + [one for one in known if one not in first])[:PANELS]


def _rows(found: Compared, outcome: Outcome) -> list[Row]:
    """Return what is in a panel from the top; of too many places or policies the clearest."""
    rows = [row for side in found.others for row in found.of(side.name, outcome.name)]
    if _many(found):
        whole = next((r for r in rows if r.level == "region"), rows[0])
        rows = [row for row in rows if (row.place, row.level) == (whole.place, whole.level)]
    of: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        of.setdefault(_slot(found, row), []).append(row)
    if len(of) > PLACES:
        clear = sorted(of, key=lambda slot: min(map(_doubt, of[slot])))[:PLACES]
        clear.sort(key=lambda slot: -of[slot][0].shown[0].estimate)
        of = {slot: of[slot] for slot in clear}
    return [row for each in of.values() for row in each]


def _slot(found: Compared, row: Row) -> tuple[str, str]:
    """Return name and level of the row of the figure in which an effect is."""
    return (row.alternative, "policy") if _many(found) else (row.place, row.level)


def _doubt(row: Row) -> float:
    """Return the p of a row; that of one without a test is above all others."""
    return 2.0 if math.isnan(row.effect.p) else row.effect.p


def _label(found: Compared, row: Row) -> str:
    if _many(found):
        return in_words(row.alternative)
    words = place_in_words(row.place, row.level)
    return capital(words.removeprefix("the ") if row.level == "region" else words)


def _unit(outcome: Outcome, rows: Sequence[Row]) -> str:
    if outcome.said == "points":
        return say("effects.unit_points")
    if all(math.isnan(row.per_cent.estimate) for row in rows):
        return say("effects.unit_other", unit=unit_in_words(outcome.unit))
    return say("effects.unit_per_cent")


def _explanation(found: Compared, drawn: Sequence[Row]) -> str:
    lead = leading(found)
    said = [
        say("effects.policy", policy=quoted(side.name), title=side.title.rstrip(". "))
        for side in found.others
        if side.title and (not _many(found) or (lead is not None and side.name == lead.alternative))
    ]
    if found.base.title:
        title = found.base.title.rstrip(". ")
        said.append(say("effects.against", base=quoted(found.base.name), title=title))
    first, last = found.years
    key = "effects.window" if first < last else "effects.window_one"
    window = say(key, first=first, last=last)
    if found.most_replicates == 1:
        said.append(say("effects.reading_one", window=window))
    else:
        n = found.pairs_in_words
        said.append(say("effects.reading", window=window, n=n, tests=found.tests))
    if any(row.outcome.prior for row in drawn):
        said.append(say("effects.prior"))
    number = len({_slot(found, row) for row in found.rows})
    if number > PLACES:
        said.append(say("effects.policies" if _many(found) else "effects.places", all=number))
    if _many(found):
        said.append(say("effects.few", most=POLICIES))
    return shown(" ".join(said), 900)


def _footer(found: Compared) -> str:
    every = (found.base, *found.others)
    names = ", ".join(shown(one.name, 24) for one in every)
    facts = {**found.made, "scale": f"{found.made['scale']:g}"}
    return say("effects.footer", names=names, n=found.pairs_in_words, **facts)


def _beside(row: Row) -> str:
    """Return what stands beside a row: points and other units are in the head of the panel."""
    change, unit = row.shown
    return size_in_words(row) if unit == "%" else number(change.estimate, 2, sign=True)


# -- the finding in one sentence, and its words ----------------------------------------------------


def quoted(name: str) -> str:
    """Return the name of a setting as words in quotes."""
    return say("effects.quoted", name=in_words(name))


def in_words(name: str) -> str:
    """Return the name of a setting as words."""
    return shown(capital(name.replace("_", " ")), 48)


def place_in_words(place: str, level: str) -> str:
    """Return a place as a sentence names it."""
    if level == "region":
        return say("effects.region")
    return say(f"effects.kind.{place}") if level == "kind" else place


def size_in_words(row: Row, *, sign: bool = True) -> str:
    """Return a change as the figure says it."""
    change, unit = row.shown
    text = number(change.estimate if sign else abs(change.estimate), 2, sign=sign)
    keys = {"%": "effects.per_cent", "points": "effects.points"}
    if unit in keys:
        return say(keys[unit], value=text)
    return say("effects.in_unit", value=text, unit=unit_in_words(unit))
