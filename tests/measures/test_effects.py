"""Effects in pairs by hand and against scipy; how often intervals hold the truth."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from ydsim.measures import effects as fx

PAIRS = 400
RANGE = (0.90, 0.98)
"""Share of intervals that may hold the truth, of `PAIRS`."""


def pair(rng, n, shift):
    """Two settings that share most of their luck."""
    common = rng.normal(100.0, 8.0, n)
    return common + rng.normal(0.0, 1.5, n), common + shift + rng.normal(0.0, 1.5, n)


def test_by_hand():
    plain, changed = np.array([10.0, 12.0, 14.0]), np.array([11.0, 14.0, 17.0])
    found = fx.effect(plain, changed)  # differences 1, 2, 3
    half = 4.302653 * 1.0 / math.sqrt(3.0)
    assert found.n == 3
    assert (found.plain, found.changed) == (12.0, 14.0)
    assert found.difference.estimate == 2.0
    assert found.difference.low == pytest.approx(2.0 - half)
    assert found.difference.high == pytest.approx(2.0 + half)
    assert found.ratio == found.difference.times(1.0 / 12.0)
    assert found.removed == pytest.approx(1.0 - 1.0 / (4.0 + 9.0))
    found = fx.effect(plain, changed, amount=True)
    # y - R x with R = 7/6: -2/3, 0, 2/3
    error, ratio = (2.0 / 3.0) / math.sqrt(3.0) / 12.0, 7.0 / 6.0
    reach = math.exp(4.302653 * error / ratio)
    assert found.ratio.low == pytest.approx(ratio / reach - 1.0)
    assert found.ratio.high == pytest.approx(ratio * reach - 1.0)
    assert found.difference.low == pytest.approx(12.0 * found.ratio.low)
    assert found.difference.high == pytest.approx(12.0 * found.ratio.high)
    assert (found.difference.estimate, found.ratio.estimate) == (2.0, pytest.approx(2.0 / 12.0))
    assert found.p == pytest.approx(2.0 * stats.t.sf(math.log(ratio) / (error / ratio), 2))


def test_an_amount_does_not_fall_by_more_than_all():
    plain, changed = np.array([10.0, 12.0, 30.0]), np.array([0.1, 4.0, 1.0])
    forth = fx.effect(plain, changed, amount=True)
    assert -1.0 < forth.ratio.low < forth.ratio.estimate < forth.ratio.high
    # of small errors it is the interval of the linear part, and it turns over with the pair
    near = fx.effect(plain, 1.001 * plain + 1e-4, amount=True).ratio
    _, error = fx.ratio(plain, 1.001 * plain + 1e-4)
    assert near.high - near.low == pytest.approx(2.0 * 4.302653 * error, rel=1e-4)
    back = fx.effect(changed, plain, amount=True)
    assert 1.0 + back.ratio.estimate == pytest.approx(1.0 / (1.0 + forth.ratio.estimate))
    assert 1.0 + back.ratio.low == pytest.approx(1.0 / (1.0 + forth.ratio.high))
    assert back.p == pytest.approx(forth.p)


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_a_pair_that_is_not_above_zero_has_differences_throughout(low):
    plain, changed = np.array([low, 2.0, 6.0]), np.array([1.0, 2.0, 4.0])
    for one, other in ((plain, changed), (changed, plain)):
        assert fx.effect(one, other, amount=True) == fx.effect(one, other)


SIDES = st.integers(3, 6).flatmap(
    lambda n: st.lists(
        st.tuples(*[st.integers(0, 400).map(lambda k: k / 8.0)] * 2), min_size=n, max_size=n
    )
)
"""Pairs of replicates, of which a value may be zero."""


@given(SIDES, st.booleans(), st.booleans())
def test_interval_and_p_say_the_same(pairs, amount, counted):
    found = fx.effect(*np.array(pairs).T, counted=counted, amount=amount)
    assume(not abs(found.p - 0.05) < 1e-9)
    assert found.difference.excludes_zero == (found.p < 0.05)
    assert found.ratio.excludes_zero == (found.p < 0.05 and found.plain > 0.0)
    assert found.difference.includes_zero == (found.p >= 0.05)


@pytest.mark.parametrize("n", [3, 5, 30])
def test_p_and_interval_are_those_of_the_paired_t_test(n):
    plain, changed = pair(np.random.default_rng(n), n, 2.0)
    found, other = fx.effect(plain, changed), stats.ttest_rel(changed, plain)
    ends = other.confidence_interval(0.95)
    assert found.p == pytest.approx(other.pvalue)
    assert (found.difference.low, found.difference.high) == pytest.approx((ends.low, ends.high))


def test_a_setting_against_itself_is_exactly_nothing():
    values = np.random.default_rng(1).normal(3.0, 1.0, 7)
    found = fx.effect(values, values.copy())
    assert found.difference == fx.Interval(0.0, 0.0, 0.0)
    assert found.ratio == fx.Interval(0.0, 0.0, 0.0)
    assert (found.p, found.removed) == (1.0, 1.0)


@pytest.mark.parametrize(("n", "none"), [(1, True), (2, True), (3, False)])
def test_fewer_than_three_pairs_have_no_interval_and_no_test(n, none):
    plain, changed = np.array([110.0, 130.0, 120.0])[:n], np.array([111.0, 132.0, 121.0])[:n]
    found, money = fx.effect(plain, changed), fx.fieller(plain, changed)
    assert found.difference.estimate == pytest.approx((changed - plain).mean())
    assert found.ratio.estimate == pytest.approx(changed.sum() / plain.sum() - 1.0)
    assert money.estimate == pytest.approx(plain.sum() / changed.sum())
    ends = [found.difference.low, found.difference.high, found.ratio.low, found.p, found.removed]
    ends += [money.low, fx.mean_of(plain).low]
    assert [math.isnan(end) for end in ends] == [none] * len(ends)
    assert fx.interval(plain)[:2] == (n, plain.mean())
    assert [math.isnan(end) for end in fx.interval(plain)[2:]] == [none] * 2
    assert math.isnan(fx.holm([found.p, 0.5])[0]) == none


def test_equal_differences_of_coarse_counts_prove_nothing():
    plain, changed = np.array([100.0, 150.0, 50.0]), np.array([150.0, 200.0, 100.0])
    found = fx.effect(plain, changed, counted=True)
    assert found.difference.estimate == 50.0
    assert math.isnan(found.difference.low)
    assert math.isnan(found.p)
    for twice in (plain, 2.0 * plain), (3.0 * plain, plain):  # in one proportion
        assert math.isnan(fx.effect(*twice, counted=True, amount=True).p)
    exact = fx.effect(plain, changed)  # of money it is the same in each replicate, and known
    assert exact.difference == fx.Interval(50.0, 50.0, 50.0)
    assert exact.p == 0.0


def test_no_ratio_over_nothing():
    assert math.isnan(fx.effect(np.zeros(3), np.array([1.0, 2.0, 4.0])).ratio.estimate)
    assert math.isnan(fx.effect(np.zeros(1), np.ones(1)).ratio.estimate)
    gone = fx.effect(np.array([1.0, 2.0, 4.0]), np.zeros(3), amount=True)
    assert gone.ratio.estimate == -1.0
    assert gone.ratio.low == pytest.approx(gone.difference.low / (7.0 / 3.0))


@pytest.mark.parametrize("changed", [np.ones(2), np.ones(0)])
def test_unequal_or_empty_pairs_are_refused(changed):
    with pytest.raises(ValueError, match="the same replicates"):
        fx.effect(np.ones(3) if len(changed) else np.ones(0), changed)


def test_rounding_is_no_effect():
    plain = np.array([1234567890.0, 0.0, 2.0])
    changed = np.array([1234567890.9, 0.0, 2.1])
    assert fx.without_rounding(plain, changed).tolist() == [1234567890.0, 0.0, 2.1]


def held(interval, truth):
    return interval.low <= truth <= interval.high


@pytest.mark.quick(1)
@pytest.mark.parametrize("n", [3, 5, 20])
def test_intervals_hold_the_truth(n):
    """Of a difference, of a ratio, and of a difference of logs."""
    rng = np.random.default_rng(20 + n)
    found = [fx.effect(*pair(rng, n, 3.0), amount=True) for _ in range(PAIRS)]
    logs = [fx.effect(*(np.log(side) for side in pair(rng, n, 0.0))) for _ in range(PAIRS)]
    shares = (
        np.mean([held(one.difference, 3.0) for one in found]),
        np.mean([held(one.ratio, 0.03) for one in found]),
        np.mean([held(one.difference.in_per_cent, 0.0) for one in logs]),
    )
    for share in shares:
        assert RANGE[0] <= share <= RANGE[1]


def test_logs_in_per_cent():
    found = fx.Interval(math.log(1.1), math.log(0.9), math.log(1.3)).in_per_cent
    assert (found.estimate, found.low, found.high) == pytest.approx((10.0, -10.0, 30.0))


def test_holm_by_hand():
    # sorted: .01 x 4 = .04, .02 x 3 = .06, .03 x 2 = .06, .3
    assert fx.holm([0.3, 0.02, 0.01, 0.03]).tolist() == pytest.approx([0.3, 0.06, 0.04, 0.06])
    # .03 x 2 stays above .04 x 1, which is lifted
    assert fx.holm([0.04, 0.03]).tolist() == pytest.approx([0.06, 0.06])
    assert fx.holm([0.9, 0.8]).tolist() == [1.0, 1.0]


def test_false_discovery_by_hand():
    # .01 x 4/1, .02 x 4/2, .03 x 4/3, .3 x 4/4, each no more than the next
    found = fx.false_discovery([0.3, 0.02, 0.01, 0.03]).tolist()
    assert found == pytest.approx([0.3, 0.04, 0.04, 0.04])


@pytest.mark.parametrize("correct", [fx.holm, fx.false_discovery])
def test_what_was_not_tested_does_not_count(correct):
    found = correct([0.01, np.nan, 0.04])
    assert found[[0, 2]] == pytest.approx(correct([0.01, 0.04]))
    assert math.isnan(found[1])
    assert np.isnan(correct([np.nan])).all()
    assert len(correct([])) == 0


def test_ends_of_fieller_are_where_the_test_turns():
    rng = np.random.default_rng(4)
    a, b = rng.normal(30.0, 3.0, 8), rng.normal(10.0, 1.0, 8)
    found = fx.fieller(a, b)
    assert found.estimate == pytest.approx(a.mean() / b.mean())
    assert found.low < found.estimate < found.high
    for end in (found.low, found.high):
        assert stats.ttest_1samp(a - end * b, 0.0).pvalue == pytest.approx(0.05)


def test_fieller_has_no_ends_where_the_mean_below_may_be_zero():
    found = fx.fieller(np.array([1.0, 2.0, 3.0]), np.array([-1.0, 1.0, 2.0]))
    assert found.estimate == pytest.approx(3.0)
    assert math.isnan(found.low)
    assert math.isnan(fx.fieller(np.ones(2), np.array([1.0, -1.0])).estimate)
