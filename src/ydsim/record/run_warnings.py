"""Remarks on a run that a reader of its results should know.

They are stored in English; `in_language` translates them where they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from ydsim.fmt import number
from ydsim.translation import gettext as _t
from ydsim.translation import mark
from ydsim.typing import Floats
from ydsim.world.base_run import STALE_FIT, BaseRun, stale_fit
from ydsim.world.world import World

SHORTEST_BURN_IN: Final = 24
"""Quarters after which the burn-in's own launches are a reference."""

LEAST_TAKEN: Final = 0.5
"""Share of offered money below which a run says that little of it is paid."""

SHORT_BURN_IN: Final = mark(
    "a burn-in of {quarters} quarters is shorter than the chain from idea to launch, so that too "
    "few launches set its scale; use {least} or more"
)
MISSED: Final = mark(
    "some technologies could not start (foundings_missed): no simulated firm had a suitable "
    "launch; {cure}"
)
MISSED_OFTEN: Final = mark(
    "some technologies could not start, {n} in {some} of {all} quarters (foundings_missed): no "
    "simulated firm had a suitable launch; {cure}"
)
LARGER_SCALE: Final = mark("use a larger scale")
FEWER_FOUNDINGS: Final = mark("lower generations.foundings")
LITTLE_TAKEN: Final = mark(
    "{policy}: {taken} of {offered} (100m_rmb) offered was paid (budget used {share} %); {asked} "
    "was claimed"
)
LITTLE_TAKEN_IN: Final = mark(
    "{policy}: replicate {n}: {taken} of {offered} (100m_rmb) offered was paid (budget used "
    "{share} %); {asked} was claimed"
)
ALL_ALONE: Final = mark(
    "coordination would have paid less than it costs in {years}: all decided alone"
)
NUMERIC: Final = mark("numeric warning at {place}: {message}")

SENTENCES: Final = (
    *(STALE_FIT, SHORT_BURN_IN, MISSED, MISSED_OFTEN, LITTLE_TAKEN_IN, LITTLE_TAKEN, ALL_ALONE),
    NUMERIC,
)
"""The remarks; of two that fit a stored one the first counts."""


def in_language(remark: str) -> str:
    """Return a stored remark in the language in use; as it is where it is none of `SENTENCES`."""
    for sentence in SENTENCES:
        facts = _facts(sentence, remark)
        if facts is not None:
            if "cure" in facts:  # is a sentence itself
                facts["cure"] = _t(facts["cure"])
            return _t(sentence).format(**facts)
    return remark


def _facts(sentence: str, remark: str) -> dict[str, str] | None:
    """Return what a remark has in the fields of a sentence, each up to the words after it.

    In one pass, as the remark may be from the folder of a stranger; None where it does not fit.
    """
    begin, *rest = re.split(r"\{(\w+)\}", sentence)
    if not remark.startswith(begin):
        return None
    facts, left = {}, remark.removeprefix(begin)
    *inner, last, end = rest
    for name, words in zip(inner[::2], inner[1::2], strict=True):
        facts[name], separator, left = left.partition(words)
        if not separator:
            return None
    facts[last] = left.removesuffix(end)
    return facts if left.endswith(end) and all(facts.values()) else None


def reference_remarks(base: BaseRun, world: World, burn_in: int) -> list[str]:
    """Return lines on what a run refers to: its own burn-in, and the shifts of ``base``."""
    stale = base.market_shift is None and world.stale
    remarks = [f"world: {stale_fit(world)}"] if stale else []
    if burn_in < SHORTEST_BURN_IN:
        remarks.append(SHORT_BURN_IN.format(quarters=burn_in, least=SHORTEST_BURN_IN))
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
    cure = FEWER_FOUNDINGS if listed else LARGER_SCALE
    among = MISSED.format(cure=cure)
    total, quarters = number(float(missed.sum()), 3), int((missed > 0.0).sum())
    figures = MISSED_OFTEN.format(n=total, some=quarters, all=len(missed), cure=cure)
    return [OfOneRun(figures, among)] if alone else [among]


def take_up_remark(
    offers: Mapping[str, tuple[float, float, float]], replicate: int | None = None
) -> list[str]:
    """Return a line for each policy of whose offer less than `LEAST_TAKEN` was paid.

    ``offers`` is claimed, offered and paid by policy, 100m_rmb; ``replicate`` is named if given.
    """
    sentence = LITTLE_TAKEN if replicate is None else LITTLE_TAKEN_IN
    return [
        OfOneRun(
            sentence.format(
                policy=name,
                n=replicate,
                taken=number(taken),
                offered=number(offered),
                share=number(100.0 * (taken / offered), 2),
                asked=number(asked),
            )
        )
        for name, (asked, offered, taken) in sorted(offers.items())
        if taken < LEAST_TAKEN * offered
    ]


def coordination_remark(years: Iterable[int]) -> list[str]:
    """Return a line where a body for coordination left provinces alone, in these years."""
    text = ", ".join(map(str, years))
    return [ALL_ALONE.format(years=text)] if text else []
