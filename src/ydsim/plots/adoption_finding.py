"""What adoption curves show, in words computed from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ydsim.fmt import number
from ydsim.plots.counts import span
from ydsim.plots.curves import Curves
from ydsim.plots.findings import compared, interval_in_words
from ydsim.plots.messages import say
from ydsim.plots.page import sentences
from ydsim.plots.scenarios import MOST_BANDS, Together
from ydsim.plots.style import shown

LEAST_LAG = 0.5
"""Years between provinces below which a title calls them alike."""


def finding(drawn: Together, curves: Sequence[Curves]) -> str:
    """Return the title."""
    if drawn.several:
        return _of_scenarios(drawn, curves)
    return _of_provinces(drawn, curves[0])


def explain(drawn: Together, curves: Sequence[Curves]) -> str:
    """Say what is drawn, of how many generations and replicates."""
    first = curves[0]
    home = [int(each.home.sum()) for each in curves]
    counted = f"{home[0]:,}" if len(set(home)) == 1 else f"{min(home):,}\u2013{max(home):,}"
    facts = {"years": span(np.array([first.first, first.last])), "n": counted}
    n = drawn.replicates
    facts["replicates"] = "\u2013".join(str(each) for each in dict.fromkeys((n[0], n[-1])))
    parts = [
        say("adoption.scenarios" if drawn.several else "adoption.explanation", **facts),
        say("adoption.one_replicate" if n == (1,) else "adoption.replicates", **facts),
        say("adoption.retired"),
    ]
    whole = len(drawn.provinces)
    if drawn.several:
        finals = [each.final_medians(True, whole) for each in curves]
        parts.append(interval_in_words(drawn, *finals))
    if len(curves) > MOST_BANDS:
        parts.append(say("adoption.no_bands", most=MOST_BANDS))
    return sentences(*parts)


def _of_provinces(drawn: Together, curves: Curves) -> str:
    """Say how far a typical generation comes in the provinces, or how long it takes to half."""
    places = range(len(drawn.provinces))
    last = np.array([curves.quartiles(True, p)[1][-1] for p in places])
    times = np.array([curves.half_time(True, p) for p in places])
    known = np.flatnonzero(np.isfinite(last))
    age = _years(curves)
    if len(known) == 0:
        return say("adoption.title_none")
    reached = np.flatnonzero(np.isfinite(times))
    if len(reached) == len(known) > 1:
        if float(np.ptp(times[reached])) < LEAST_LAG:
            return say("adoption.title_half_same", years=_in_years(float(times[reached].mean())))
        fast, slow = reached[np.argmin(times[reached])], reached[np.argmax(times[reached])]
        return say(
            "adoption.title_half",
            fast=shown(drawn.provinces[fast], 30),
            years=_in_years(times[fast]),
            slow=shown(drawn.provinces[slow], 30),
            longer=number(round(times[slow], 1)),
        )
    high, low = known[np.argmax(last[known])], known[np.argmin(last[known])]
    if round(last[high]) == round(last[low]):
        same = "adoption.title_one" if len(known) == 1 else "adoption.title_same"
        return say(same, age=age, share=f"{last[high]:.0f}")
    return say(
        "adoption.title_range",
        age=age,
        low=f"{last[low]:.0f}",
        high=f"{last[high]:.0f}",
        lagging=shown(drawn.provinces[low], 30),
        leading=shown(drawn.provinces[high], 30),
    )


def _of_scenarios(drawn: Together, curves: Sequence[Curves]) -> str:
    """Say how far a typical generation comes in the region under the scenarios."""
    whole = len(drawn.provinces)
    last = np.array([each.quartiles(True, whole)[1][-1] for each in curves])
    known = np.flatnonzero(np.isfinite(last))
    age = _years(curves[0])
    if len(known) < 2:
        return say("adoption.title_none")
    if len(curves) == 2:
        facts = {"age": age, "a": shown(drawn.names[0], 30), "b": shown(drawn.names[1], 30)}
        facts |= {"share_a": f"{last[0]:.0f}", "share_b": f"{last[1]:.0f}"}
        text = say("adoption.title_two", **facts)
        return f"{text}: {_compared(drawn, curves)}"
    high, low = known[np.argmax(last[known])], known[np.argmin(last[known])]
    if round(last[high]) == round(last[low]):
        return say("adoption.title_alike", age=age, share=f"{last[high]:.0f}")
    return say(
        "adoption.title_range",
        age=age,
        low=f"{last[low]:.0f}",
        high=f"{last[high]:.0f}",
        lagging=shown(drawn.names[low], 30),
        leading=shown(drawn.names[high], 30),
    )


def _compared(drawn: Together, curves: Sequence[Curves]) -> str:
    """Say by how much the second scenario is beyond the first, paired by replicate."""
    whole = len(drawn.provinces)
    a, b = (each.final_medians(True, whole) for each in curves)
    return compared(drawn, a, b, "pct")


def _years(curves: Curves) -> str:
    """Return a time behind "in its first"."""
    text = number(len(curves.ages) / 4.0)
    return say("adoption.first_year") if text == "1" else say("adoption.years", n=text)


def _in_years(value: float) -> str:
    """Return a time with its unit, as in "1 year" and "1.5 years"."""
    text = number(round(value, 1))
    return say("adoption.one_year" if text == "1" else "adoption.years", n=text)
