"""Effects of policies by place, with intervals: the figure of a comparison, and its finding.

A point is the mean change in pairs of the same draws and a bar its 95 % interval. It is filled
where the effect is beyond zero when all tests are counted, and hollow where it may be chance.
A row is a place, in which each policy has a point; of more than `POLICIES` policies it is a policy,
in the whole region.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from ydsim.errors import NothingToDrawError
from ydsim.fmt import number
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
from ydsim.plots.forest import draw_forest
from ydsim.plots.messages import say
from ydsim.plots.style import shown
from ydsim.plots.wording import indicator_in_words, unit_in_words
from ydsim.results.compare import Compared, Row, grouped
from ydsim.results.cube import Outcome
from ydsim.wording import capital

PANELS, POLICIES, PLACES = 4, 4, 12
"""Most outcomes, policies of a place, and rows that are drawn."""

_RowOf = tuple[str, str]
"""Name and level of a row: a place, or a policy."""


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
            **dict(zip(("estimate", "low", "high"), change_of(row), strict=True)),
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
        explanation=_explanation(found, drawn),
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
    of: dict[_RowOf, list[Row]] = {}
    for row in rows:
        of.setdefault(_slot(found, row), []).append(row)
    if len(of) > PLACES:
        clear = sorted(of.values(), key=lambda each: min(map(_doubt, each)))[:PLACES]
        return [row for each in sorted(clear, key=lambda each: -change_of(each[0])[0])
                for row in each]  # fmt: skip
    return [row for each in of.values() for row in each]


def _slot(found: Compared, row: Row) -> _RowOf:
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
        say("effects.policy", policy=quoted(side.name), title=_title(side.title))
        for side in found.others
        if side.title and (not _many(found) or (lead is not None and side.name == lead.alternative))
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
    return say("effects.footer", names=names, n=pairs_in_words(found), **facts)


def _title(text: str) -> str:
    return text.rstrip(". ")


def _beside(row: Row) -> str:
    """Return what stands beside a row: points and other units are in the head of the panel."""
    if row.outcome.said == "points" or math.isnan(row.change.estimate):
        return number(change_of(row)[0], 2, sign=True)
    return size_in_words(row)
