"""Replicates: Student's interval by hand, pairs, what has no estimate."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from ydsim.analysis.estimators.estimate import Estimate
from ydsim.analysis.estimators.replicates import combine, paired


def estimates(values):
    return [Estimate(v, 0.1, v - 0.2, v + 0.2, 100, 10, ("x",)) for v in values]


def test_by_hand():
    found = combine(estimates([1.0, 2.0, 6.0]))
    theirs = ttest_1samp([1.0, 2.0, 6.0], 0.0).confidence_interval(0.95)
    assert found.estimate == pytest.approx(3.0)
    assert found.se == pytest.approx(np.sqrt(7.0 / 3.0))
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert (found.n, found.clusters, found.dropped) == (3, 3, ())


def test_pairs_take_out_what_they_share():
    draw = np.random.default_rng(1)
    shared = draw.normal(0, 10, 20)
    plain, changed = shared, shared + 0.5 + draw.normal(0, 0.1, 20)
    found = paired(estimates(plain), estimates(changed))
    assert found.holds(0.5)
    assert found.se < 0.05
    assert found.estimate == pytest.approx(changed.mean() - plain.mean())
    same = paired(estimates(plain), estimates(plain))
    assert (same.estimate, same.se, same.low, same.high) == (0.0, 0.0, 0.0, 0.0)


def test_replicates_without_an_estimate_are_said():
    found = combine(estimates([1.0, np.nan, 3.0]))
    assert (found.estimate, found.n) == (2.0, 2)
    assert found.dropped == ("1 replicate without an estimate",)
    pair = paired(estimates([1.0, np.nan, 2.0]), estimates([2.0, 5.0, 4.0]))
    assert (pair.estimate, pair.n) == (1.5, 2)
    one = combine(estimates([2.0]))
    assert one.estimate == 2.0
    assert np.isnan([one.se, one.low, one.high]).all()


def test_bad_input():
    with pytest.raises(ValueError, match="no replicate has an estimate"):
        combine([])
    with pytest.raises(ValueError, match="no replicate has an estimate"):
        combine(estimates([np.nan]))
    with pytest.raises(ValueError, match="2 plain replicates and 1 changed ones"):
        paired(estimates([1.0, 2.0]), estimates([1.0]))


def test_coverage():
    draw = np.random.default_rng(2)
    hits = [combine(estimates(draw.normal(0.3, 1.0, 5))).holds(0.3) for _ in range(300)]
    assert np.mean(hits) == pytest.approx(0.95, abs=0.035)
