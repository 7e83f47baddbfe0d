"""Pages of results that are made by formula."""

from functools import cache

from tests.support.compared import setting
from ydsim.report import Gathered, page_of
from ydsim.studies.alternatives import with_distinct_names
from ydsim.studies.comparison import comparison_of


def gathered(*sides):
    """Return settings as `ydsim.report` has them."""
    apart = with_distinct_names(sides)
    compared = comparison_of(apart) if len(apart) > 1 else None
    return Gathered(tuple(apart), compared, (), tuple(side.run for side in apart))


def planted(name, place, replicate):
    """Plant 30 % more launches in Shanghai and a tenth fewer in Anhui."""
    effect = {0: 1.3, 3: 0.9}.get(place, 1.0)
    return effect if name == "launches" else 1.0


@cache
def page_of_two():
    """Return the page of a setting with planted effects beside a base."""
    return page_of(two())


def two():
    """Return a base, and a setting with planted effects."""
    return gathered(setting(name="base"), setting(planted, who=2, name="other"))


def one(replicates=3, **options):
    """Return one setting."""
    return gathered(setting(replicates=replicates, **options))
