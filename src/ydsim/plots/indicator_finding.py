"""What lines of an indicator show, in words computed from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ydsim.plots.findings import LEVELS, amount, change, compared, facts_of, name_of
from ydsim.plots.messages import say
from ydsim.plots.scenarios import Together
from ydsim.plots.series import Series
from ydsim.plots.style import shown


def finding(drawn: Together, found: Sequence[Series], indicator: str, large: str | None) -> str:
    """Return the title; ``large`` is the place of the large panel, None for all provinces."""
    unit = str(facts_of(drawn.results[0], indicator)["unit"])
    what = name_of(indicator)
    if large is not None and large != drawn.whole:
        what = say("lines.what_of", what=what, place=shown(large, 30))
    if drawn.several:
        return _of_scenarios(drawn, found, what, unit, large or drawn.whole)
    return _over_time(drawn, found[0], what, unit, large)


def _over_time(drawn: Together, series: Series, what: str, unit: str, large: str | None) -> str:
    """Say how the indicator changes, and which province leads."""
    facts = {"what": what, "first": int(drawn.years[0]), "last": int(drawn.years[-1])}
    begin, end = (_whole(drawn, series, large, at) for at in (0, -1))
    if unit in LEVELS or not np.isfinite([begin, end]).all():
        ends = {"begin": amount(begin, unit), "end": amount(end, unit)}
        text = say("lines.title_level", **facts, **ends)
    else:
        text = say("lines.title_change", **facts, change=change(begin, end, "plain"))
    if large is not None or len(drawn.provinces) == 1:
        return text
    last = np.array([series.mean(name, -1) for name in drawn.provinces])
    if not np.isfinite(last).any():
        return text
    best = int(np.nanargmax(last))
    leader, total = shown(drawn.provinces[best], 30), float(np.nansum(last))
    if unit in LEVELS:
        highest = amount(float(last[best]), unit)
        return text + say("lines.highest", leader=leader, value=highest)
    if total <= 0.0 or (last < 0.0).any():
        return text
    return text + say("lines.leader", leader=leader, share=f"{100.0 * last[best] / total:.0f}")


def _whole(drawn: Together, series: Series, large: str | None, at: int) -> float:
    """Return the value of the place that a title is about: the region unless one is drawn alone."""
    return series.mean(large or drawn.whole, at)


def _of_scenarios(
    drawn: Together, found: Sequence[Series], what: str, unit: str, place: str
) -> str:
    """Say how the scenarios end, and whether two of them differ."""
    last = np.array([each.mean(place, -1) for each in found])
    facts = {"what": what, "last": int(drawn.years[-1])}
    known = np.flatnonzero(np.isfinite(last))
    if len(found) == 2 and len(known) == 2:
        text = say(
            "lines.title_two",
            **facts,
            a=shown(drawn.names[0], 30),
            b=shown(drawn.names[1], 30),
            value_a=amount(last[0], unit),
            value_b=amount(last[1], unit),
        )
        return f"{text}: {compared(drawn, found[0].final(place), found[1].final(place), unit)}"
    if len(known) == 0:
        return say("lines.title_unknown", **facts)
    low, high = known[np.argmin(last[known])], known[np.argmax(last[known])]
    if amount(last[low], unit) == amount(last[high], unit):
        return say("lines.title_alike", **facts, value=amount(last[high], unit))
    return say(
        "lines.title_several",
        **facts,
        low=amount(last[low], unit),
        high=amount(last[high], unit),
        lowest=shown(drawn.names[low], 30),
        highest=shown(drawn.names[high], 30),
    )
