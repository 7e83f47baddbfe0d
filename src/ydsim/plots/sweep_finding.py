"""What a sweep shows, in words: how an outcome changes along a factor.

The reference is the level of the base point. The level that is named is the one with the largest
change among those that are beyond chance when all levels are counted (Holm).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ydsim.plots.factors import Factor
from ydsim.plots.messages import say
from ydsim.plots.sweep_outcome import SweepOutcome, beyond_chance
from ydsim.typing import Floats
from ydsim.wording import capital

PLATEAU = 0.2
"""Share of the levels on the way that a plateau has at least; a shorter one is not named."""

Kind = Literal["up", "down", "chance", "same", "one_up", "one_down", "none"]


@dataclass(frozen=True)
class Finding:
    """How an outcome changes along the levels of a factor.

    Attributes
    ----------
    kind
        ``up`` or ``down`` beyond chance, ``chance`` where no change is, ``same`` where all values
        are equal, ``one_up`` or ``one_down`` of one replicate, ``none`` with fewer than two levels.
    change
        From the reference to the level that is named, as `SweepOutcome.change` gives it.
    a, b
        Numbers of these two levels.
    tail
        What else is seen on the way, as the end of a sentence; empty where nothing is.
    """

    kind: Kind
    change: float = 0.0
    a: int = 0
    b: int = 0
    tail: str = ""


def along(outcome: SweepOutcome, rows: Floats, factor: Factor, reference: int) -> Finding:
    """Return how an outcome changes along a factor.

    Parameters
    ----------
    rows
        (levels, replicates) values, NaN where there are none.
    reference
        Number of the level that the others are compared with; the first known one if it has none.
    """
    known = np.flatnonzero(np.isfinite(rows).any(axis=1))
    if len(known) < 2:
        return Finding("none")
    a = reference if reference in known else int(known[0])
    others = known[known != a]
    changes = np.array([outcome.change(rows[level], rows[a]).estimate for level in others])
    if not np.nan_to_num(changes).any():
        return Finding("same", a=a)
    if int(np.isfinite(rows).sum(axis=1).max()) == 1:
        b = int(np.nanargmax(np.abs(changes)))
        kind: Kind = "one_up" if changes[b] > 0.0 else "one_down"
        return Finding(kind, float(changes[b]), a, int(others[b]))
    sure = beyond_chance(rows[others], rows[a])
    if not sure.any():
        return Finding("chance", a=a)
    b = int(np.argmax(np.where(sure, np.abs(changes), -1.0)))
    level, change = int(others[b]), float(changes[b])
    tail = _tail(rows, factor, a, level, change) if factor.numeric else ""
    return Finding("up" if change > 0.0 else "down", change, a, level, tail)


def sentence(outcome: SweepOutcome, finding: Finding, factor: Factor) -> str:
    """Return a finding as a title."""
    return say(
        f"sweeps.title.{finding.kind}",
        outcome=capital(outcome.subject),
        name=outcome.subject,
        size=outcome.size(finding.change),
        factor=factor.words,
        a=factor.texts[finding.a],
        b=factor.texts[finding.b],
        tail=finding.tail,
    )


def clause(outcome: SweepOutcome, finding: Finding, factor: Factor) -> str:
    """Return a finding as a part of a title whose outcome is named already."""
    return say(
        f"sweeps.clause.{finding.kind}",
        size=outcome.size(finding.change),
        factor=factor.words,
        a=factor.texts[finding.a],
        b=factor.texts[finding.b],
    )


def across(
    outcome: SweepOutcome, table: Floats, factors: tuple[Factor, Factor], reference: tuple[int, int]
) -> str:
    """Return how an outcome changes along two factors, the one with the larger change first.

    Along each it is the mean over the levels of the other.

    Parameters
    ----------
    table
        (levels of the first, levels of the second, replicates).
    """
    found = []
    for axis in (0, 1):
        rows = _mean_over(table, 1 - axis)
        found.append((along(outcome, rows, factors[axis], reference[axis]), factors[axis]))
    found.sort(key=lambda one: -abs(one[0].change))
    (first, factor), (second, other) = found
    if first.kind in ("chance", "same", "none"):
        key = "sweeps.title.neither" if first.kind == "chance" else "sweeps.title.same_all"
        return say(
            key, outcome=capital(outcome.subject), factor=factors[0].words, other=factors[1].words
        )
    return say(
        "sweeps.title.both",
        first=sentence(outcome, first, factor),
        second=clause(outcome, second, other),
    )


def by_group(
    outcome: SweepOutcome,
    table: Floats,
    factor: Factor,
    group: Factor,
    reference: int,
    groups: Sequence[int],
) -> str:
    """Return how the change along a factor differs between the levels of another.

    Parameters
    ----------
    table
        (levels of the factor, levels of the group, replicates).
    groups
        Levels of the group that are drawn.
    """
    found = {g: along(outcome, table[:, g], factor, reference) for g in groups}
    shown = {g: one for g, one in found.items() if one.kind != "none"}
    if not shown:
        return say("sweeps.title.none", outcome=capital(outcome.subject), factor=factor.words)
    order = sorted(shown, key=lambda g: -shown[g].change)
    top, low = order[0], order[-1]
    if abs(shown[low].change) > abs(shown[top].change):
        top, low = low, top
    title = sentence(outcome, shown[top], factor)
    if shown[top].kind in ("chance", "same") or top == low:
        return title
    same = (shown[top].kind, shown[top].a, shown[top].b)
    alike = same == (shown[low].kind, shown[low].a, shown[low].b)
    return say(
        "sweeps.title.group_same" if alike else "sweeps.title.group",
        first=title,
        size=outcome.size(shown[low].change),
        second=clause(outcome, shown[low], factor),
        group=group.words,
        top=group.texts[top],
        low=group.texts[low],
    )


def _mean_over(table: Floats, axis: int) -> Floats:
    """Return the mean over one factor, of those of its levels that have no gap.

    Where all have gaps, NaN.
    """
    whole = np.isfinite(table).all(axis=1 - axis).all(axis=-1)
    kept = np.compress(whole, table, axis=axis)
    if kept.shape[axis] == 0:
        return np.full((table.shape[1 - axis], table.shape[2]), np.nan)
    mean: Floats = kept.mean(axis=axis)
    return mean


def _tail(rows: Floats, factor: Factor, a: int, b: int, change: float) -> str:
    """Say where nothing more is gained on the way, or that the outcome turns behind it."""
    step = 1 if b > a else -1
    flat = b
    for level in range(b - step, a, -step):
        if not np.isfinite(rows[level]).any():
            continue
        if beyond_chance(rows[[level]], rows[b])[0]:
            break
        if not beyond_chance(rows[[level]], rows[a])[0]:
            break
        flat = level
    if abs(flat - b) >= max(1.0, PLATEAU * abs(b - a)):
        key = "sweeps.nothing_above" if step > 0 else "sweeps.nothing_below"
        return say(key, level=factor.texts[flat])
    end = len(rows) - 1 if step > 0 else 0
    if end != b and np.isfinite(rows[end]).any() and beyond_chance(rows[[end]], rows[b])[0]:
        back = float(np.nanmean(rows[end]) - np.nanmean(rows[b]))
        if np.sign(back) != np.sign(change):
            return say("sweeps.turns", level=factor.texts[b])
    return ""
