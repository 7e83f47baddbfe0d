"""Pages of results that are made by formula."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.support.compared import setting
from ydsim.analysis.alternatives import Side, told_apart
from ydsim.analysis.comparison import compared
from ydsim.report.gather import Gathered, results_of
from ydsim.report.page import page_of


def gathered(*sides: Side) -> Gathered:
    """Return settings as `ydsim.report` has them."""
    apart = told_apart(sides)
    found = compared(apart) if len(apart) > 1 else None
    opened = tuple(results_of(side) for side in apart)
    return Gathered(tuple(apart), found, None, None, opened)


def planted(name: str, place: int, replicate: int) -> float:
    """Plant 30 % more launches in Shanghai and a tenth fewer in Anhui."""
    effect = {0: 1.3, 3: 0.9}.get(place, 1.0)
    return effect if name == "launches" else 1.0


@cache
def page_of_two() -> str:
    """Return the page of a setting with planted effects beside a base."""
    return page_of(two())


def two() -> Gathered:
    """Return a base, and a setting with planted effects."""
    return gathered(setting(name="base"), setting(planted, who=2, name="other"))


def one(replicates: int = 3, **options: Any) -> Gathered:
    """Return one setting."""
    return gathered(setting(replicates=replicates, **options))
