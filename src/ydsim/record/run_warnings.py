"""Remarks on a run that a reader of its results should know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ydsim.fmt import number, percent
from ydsim.typing import Floats
from ydsim.world.base_run import BaseRun, stale_fit
from ydsim.world.world import World

SHORTEST_BURN_IN: Final = 24
"""Quarters after which the burn-in's own launches are a reference."""

LEAST_TAKEN: Final = 0.5
"""Share of offered money below which a run says that little of it is paid."""


def reference_remarks(base: BaseRun, world: World, burn_in: int) -> list[str]:
    """Return lines on what a run refers to: its own burn-in, and the shifts of ``base``."""
    stale = base.market_shift is None and world.stale
    remarks = [f"world: {stale_fit(world)}"] if stale else []
    if burn_in < SHORTEST_BURN_IN:
        remarks.append(
            f"a burn-in of {burn_in} quarters is shorter than the chain from idea to launch, so "
            f"that too few launches set its scale; use {SHORTEST_BURN_IN} or more"
        )
    return remarks


class OfOneRun(str):
    """A remark with figures of one run."""

    among: str  # what it says among the remarks of many runs; empty where it has to name its run

    def __new__(cls, remark: str, among: str = "") -> OfOneRun:
        """Return the remark as text."""
        made = super().__new__(cls, remark)
        made.among = among
        return made


def named(remarks: Iterable[str], run: str) -> list[str]:
    """Return the remarks of a run as they stand among those of many."""
    return [one.among or f"{run}: {one}" if isinstance(one, OfOneRun) else one for one in remarks]


def foundings_remark(missed: Floats, *, listed: bool, alone: bool) -> list[str]:
    """Return a line where foundings fell out, from the numbers that did in each quarter.

    ``listed`` says that the world lists its firms, so that the scale does not change their number;
    ``alone`` that there is one replicate: the line then has its figures.
    """
    if missed.sum() < 0.5:
        return []
    cure = "lower generations.foundings" if listed else "use a larger scale"
    why = f"no simulated firm had a suitable launch; {cure}"
    among = f"some technologies could not start (foundings_missed): {why}"
    figures = (
        f"some technologies could not start, {number(float(missed.sum()), 3)} in "
        f"{(missed > 0.0).sum()} of {len(missed)} quarters (foundings_missed): {why}"
    )
    return [OfOneRun(figures, among)] if alone else [among]


def take_up_remark(
    offers: Mapping[str, tuple[float, float, float]], replicate: int | None = None
) -> list[str]:
    """Return a line for each policy of whose offer less than `LEAST_TAKEN` was paid.

    ``offers`` is claimed, offered and paid by policy, 100m_rmb; ``replicate`` is named if given.
    """
    which = "" if replicate is None else f"replicate {replicate}: "
    return [
        OfOneRun(
            f"{name}: {which}{number(taken)} of {number(offered)} (100m_rmb) offered was paid "
            f"(budget used {percent(taken / offered)}); {number(asked)} was claimed"
        )
        for name, (asked, offered, taken) in sorted(offers.items())
        if taken < LEAST_TAKEN * offered
    ]
