"""Findings in words: changes over time, and how one scenario differs from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ydsim.fmt import interval, number
from ydsim.plots import messages
from ydsim.plots.ensemble import Yearly
from ydsim.plots.messages import say
from ydsim.plots.scenarios import Together, difference
from ydsim.plots.style import shown
from ydsim.results.results import Results
from ydsim.typing import Floats
from ydsim.wording import capital

LEVELS = ("log", "index", "1", "share", "pct")
"""Units of which differences and not ratios are told."""

AS_PERCENT = ("share",)


def change(first: float, last: float, form: str = "verb") -> str:
    """Say how an amount changes.

    Parameters
    ----------
    form
        ``"verb"`` behind a noun in the singular, as in "grows 4.7-fold", or ``"plain"`` behind a
        colon, as in "up 4.7-fold".
    """
    if not (np.isfinite(first) and np.isfinite(last)) or first <= 0.0 or last < 0.0:
        return say(f"findings.from_to_{form}", first=amount(first), last=amount(last))
    ratio = last / first
    if ratio >= 2.0:
        return say(f"findings.fold_{form}", times=number(ratio, 2))
    percent = abs(100.0 * (ratio - 1.0))
    if percent < 0.5:
        return say(f"findings.same_{form}")
    way = "grows" if ratio > 1.0 else "falls"
    return say(f"findings.{way}_{form}", percent=f"{percent:.0f}")


def amount(value: float, unit: str = "") -> str:
    """Return a number of about three digits, a whole one as it is; shares in per cent."""
    if unit in AS_PERCENT:
        return say("findings.as_percent", value=amount(100.0 * value))
    if unit == "pct":
        return say("findings.as_percent", value=amount(value))
    return number(value, 3)


def compared(
    drawn: Together, a: Mapping[int, float], b: Mapping[int, float], unit: str = ""
) -> str:
    """Say how the second of two scenarios differs from the first, paired by replicate.

    Parameters
    ----------
    a, b
        A value of every replicate, by its number.
    unit
        Of the values; of amounts (none of `LEVELS`) the difference is told in per cent.
    """
    if not drawn.paired:
        return say("findings.unpaired")
    level = unit in LEVELS
    if not level:
        both = {r for r in set(a) & set(b) if a[r] > 0.0}
        a, b = dict.fromkeys(both, 0.0), {r: 100.0 * (b[r] / a[r] - 1.0) for r in both}
    scale = 100.0 if unit in AS_PERCENT else 1.0
    n, mean, low, high = difference(a, b)
    if n == 0:
        return say("findings.no_pairs")
    unit = "points" if unit in ("share", "pct") else "" if level else "%"
    if low is None or high is None:
        value = f"{number(scale * mean, 2, sign=True)} {unit}".rstrip()
        text = say("findings.same_one") if mean == 0.0 else say("findings.one", value=value)
    elif low <= 0.0 <= high:
        text = say("findings.no_difference", n=n)
    else:
        text = interval(scale * mean, scale * low, scale * high, unit, sign=True)
    return text.replace(", ", ",\u00a0").replace(" %", "\u00a0%")


def interval_in_words(drawn: Together, *values: Mapping[int, float]) -> str:
    """Say what the title that compares two scenarios rests on; empty for others."""
    if len(values) != 2 or not drawn.paired:
        return ""
    n = len(set(values[0]) & set(values[1]))
    return say("findings.interval", n=n) if n > 1 else ""


@dataclass(frozen=True)
class Leader:
    """The province with the highest value in the last year, and its share of all."""

    name: str
    value: float
    share: float


def leader_of(yearly: Yearly, indicator: str) -> Leader | None:
    """Return the leading province of the last year; None without any value."""
    last = np.array([_mean(yearly.values(indicator, name)[:, -1]) for name in yearly.provinces])
    if not np.isfinite(last).any():
        return None
    best, total = int(np.nanargmax(last)), float(np.nansum(last))
    share = float(last[best]) / total if total > 0.0 else float("nan")
    return Leader(shown(yearly.provinces[best], 30), float(last[best]), share)


def change_over(yearly: Yearly, indicator: str) -> str:
    """Say how the region's amount changes from the first to the last year."""
    values = yearly.values(indicator, yearly.whole)
    return change(_mean(values[:, 0]), _mean(values[:, -1]))


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.sum() / len(known)) if len(known) else float("nan")


def unit_in_words(results: Results, indicator: str) -> str:
    """Return the unit of an indicator in plain words, with "a year" for flows."""
    facts = facts_of(results, indicator)
    return shown(messages.unit_in_words(str(facts["unit"]), str(facts["kind"])))


def facts_of(results: Results, indicator: str) -> Mapping[str, Any]:
    """Return unit, kind, meaning and more of an indicator."""
    found: Mapping[str, Any] = results.manifest["indicators"][indicator]
    return found


def name_of(indicator: str) -> str:
    """Return what an indicator is called at the beginning of a title or over a panel."""
    return shown(capital(messages.indicator_in_words(indicator)), 70)
