"""Settings made by formula, for tests of comparisons: equal luck, planted effects."""

from functools import cache

import numpy as np

from tests.support.made import FOUR, make_results
from ydsim.studies.alternatives import alternative_of


def none(name, place, replicate):
    """Plant nothing: the factor on an indicator (name) at a place (4 is the region)."""
    return 1.0


@cache
def luck(name, place, replicate, who):
    """Return what a place gains by luck in a replicate; all of it is shared but a little."""
    words = [sum(map(ord, name)), place, replicate]
    common, own = np.random.default_rng(words), np.random.default_rng([*words, who])
    return float(1.0 + 0.2 * common.random() + 0.002 * own.standard_normal())


def setting(plant=none, *, who=1, replicates=5, name="made", costs=None, **options):
    """Return a setting whose values are 1000 by luck and what is planted.

    Parameters
    ----------
    who
        Two settings of one number have all of their luck in common.
    costs
        Makes rows of ``policy_costs`` of a replicate.
    """

    def value(indicator, place, replicate, quarters):
        size = 1000.0 * luck(indicator, place, replicate, who) * plant(indicator, place, replicate)
        return np.full(len(quarters), size)

    results = make_results(provinces=FOUR, replicates=replicates, value=value, name=name, **options)
    if costs is not None:
        for number in range(replicates):
            results.receipts[number]["tables"]["policy_costs"] = costs(number)
        results.manifest["tables"] = [*results.manifest["tables"], "policy_costs"]
    return alternative_of(results)
