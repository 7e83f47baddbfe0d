"""The funnel from idea to launch: how many pass each stage, how long they stay, what ends them.

    left_s  = completed_s + failed_s + died_s + owner_left_s + sold_s
    pass_s  = (completed_s - shelved_s) / left_s,      reach_s = prod_{r <= s} pass_r
    lost_s  = failed_s + died_s + owner_left_s + shelved_s
    stay_s  = live_s / left_s,                         wait_s  = waited_s / left_s

Symbols: what leaves stage s in a period, in projects: completed ones, of these shelved ones, failed
ones, those that died while they waited, those whose owner left, those sold to the outside; pass_s
and reach_s shares of the projects that leave a stage, and of those that began; live_s projects in
the stage, mean of the period; stay_s mean stay in periods, by Little's law (1961, Operations
Research 9(3): 383-387), exact where the number in the stage does not change; waited_s periods that
those who left had waited, wait_s their mean. The valley of death is the stage with the largest
lost_s / left_s, a share since early stages have more projects to lose; the slowest stage is the one
with the longest stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ydsim.measures.checks import numbers
from ydsim.measures.groups import quotient
from ydsim.typing import Floats

CAUSES = ("failed", "died_waiting", "owner_left", "shelved")
"""What ends a project."""

EXITS = ("completed", "failed", "died_waiting", "owner_left", "sold_outside")
"""How a project leaves a stage; a shelved one has completed it."""


@dataclass(frozen=True)
class Funnel:
    """Stages of a funnel, (S,) each."""

    # Projects that left the stage, and those that ended in it.
    left: Floats
    lost: Floats
    # Share of those that left which go on, and share of the beginners that get through; NaN where
    # nothing left.
    passed: Floats
    reached: Floats
    # Mean stay and mean wait in periods; NaN where nothing left.
    stay: Floats
    wait: Floats
    cause: Floats  # (S, 4) share of each of `CAUSES` in what was lost; NaN where nothing was


def funnel(counts: Mapping[str, ArrayLike]) -> Funnel:
    """Return the funnel of the counts of a period: `EXITS`, ``shelved``, ``live`` and ``waited``.

    They are (S,) each, not negative. ValueError when one is missing, or more were shelved than
    completed.
    """
    names = (*EXITS, "shelved", "live", "waited")
    missing = [name for name in names if name not in counts]
    if missing:
        raise ValueError(f"counts lack {missing[0]}")
    found = {name: numbers(name, counts[name], low=0.0) for name in names}
    if len({values.shape for values in found.values()}) > 1:
        raise ValueError("counts must have the same stages")
    if (found["shelved"] > found["completed"] * (1.0 + 1e-9)).any():
        raise ValueError("more are shelved than completed")
    left = np.sum([found[name] for name in EXITS], axis=0)
    lost = np.sum([found[name] for name in CAUSES], axis=0)
    passed: Floats = quotient(np.maximum(found["completed"] - found["shelved"], 0.0), left, np.nan)
    return Funnel(
        left,
        lost,
        passed,
        np.asarray(np.cumprod(passed), dtype=np.float64),
        quotient(found["live"], left, np.nan),
        quotient(found["waited"], left, np.nan),
        quotient(np.stack([found[name] for name in CAUSES], axis=-1), lost[:, None], np.nan),
    )


def valley_of_death(of: Funnel) -> int | None:
    """Return the stage that loses the largest share, the first of equals; None without a loss."""
    return int(np.nanargmax(quotient(of.lost, of.left, np.nan))) if of.lost.any() else None


def slowest(of: Funnel) -> int | None:
    """Return the stage with the longest mean stay, the first of equals; None without any."""
    return None if np.isnan(of.stay).all() else int(np.nanargmax(of.stay))
