"""Pages of results that are made by formula."""

from functools import cache
from typing import Any

from tests.support.compared import setting
from ydsim.report.report import Gathered, page_of
from ydsim.results.compare import Alternative
from ydsim.studies.alternatives import with_distinct_names
from ydsim.studies.comparison import comparison_of


def gathered(*sides: Alternative) -> Gathered:
    """Return settings as `ydsim.report` has them."""
    apart = with_distinct_names(sides)
    compared = comparison_of(apart) if len(apart) > 1 else None
    return Gathered(tuple(apart), compared, (), tuple(side.run for side in apart))


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
